//! One hotspot with all that it rests on.

use serde::Serialize;

use super::super::category::Category;
use super::super::map::HazardMap;
use super::super::occasion::occasions;
use super::super::settings::{RainRule, Rule};
use super::super::slot::Slot;
use super::super::storm::Weather;
use super::feature::{Feature, Time};
use super::hotspots::{HotspotProperties, feature};
use super::lookup::{IncidentId, hotspot_id};

/// What became of a search for a hotspot by the id of one of its sites.
#[derive(Debug)]
pub enum Found {
    Here(Box<HotspotDetail>),
    /// The hotspot that holds the site has this id.
    At(String),
    Nowhere,
}

/// A hotspot's feature, its member sites, its occasions one by one, and the rule it was found by.
#[derive(Clone, Debug, Serialize)]
pub struct HotspotDetail {
    #[serde(flatten)]
    pub feature: Feature<HotspotProperties>,
    /// Each with the occasions within its own reach: a neighbour that shares the hotspot is not hidden.
    pub sites: Vec<SiteDetail>,
    /// In order of time.
    pub occasions_list: Vec<OccasionDetail>,
    pub parameters: Parameters,
    /// The time the map stands for.
    pub as_of: Time,
    /// Position in the log.
    pub position: u64,
}

#[derive(Clone, Debug, Serialize)]
pub struct SiteDetail {
    pub id: String,
    pub occasions: u32,
}

#[derive(Clone, Debug, Serialize)]
pub struct OccasionDetail {
    pub start: Time,
    pub stop: Time,
    pub weather: Weather,
    pub evidence: bool,
    pub not_found: bool,
    pub incident_ids: Vec<IncidentId>,
}

/// The rule in force for the hotspot's category.
#[derive(Clone, Debug, Serialize)]
pub struct Parameters {
    #[serde(flatten)]
    pub rule: Rule,
    #[serde(flatten)]
    pub rain: RainRule,
}

/// The hotspot of an id, which is `{category}:{site}`; any site of a hotspot leads to it.
pub fn hotspot(map: &HazardMap, id: &str) -> Found {
    let Some(peak) = site(map, id).and_then(|s| map.sites().peak(s, map.rule(map.sites().get(s).category))) else {
        return Found::Nowhere;
    };
    let own = hotspot_id(map, peak);
    if own == id { Found::Here(Box::new(detail(map, peak))) } else { Found::At(own) }
}

fn site(map: &HazardMap, id: &str) -> Option<Slot> {
    let (category, site) = id.split_once(':')?;
    map.sites().find(Category::named(category).ok()?, map.places().key(site)?)
}

fn detail(map: &HazardMap, peak: Slot) -> HotspotDetail {
    let rule = map.rule(map.sites().get(peak).category);
    let hotspot = map.sites().hotspot(peak, rule, map.places());
    let sites = hotspot.sites.iter().map(|&slot| {
        let site = map.sites().get(slot);
        SiteDetail { id: map.places().id(site.key).into_owned(), occasions: site.tally.occasions() }
    });
    let mut touching = Vec::new();
    map.sites().touching(peak, rule, &mut touching);
    let mut occasions_list = Vec::new();
    occasions(&mut touching, rule.occasion_gap_s, |o, run| {
        let ids = run.iter().map(|touch| IncidentId(map.incidents()[touch.span.incident as usize].opened()));
        occasions_list.push(OccasionDetail {
            start: Time(o.start),
            stop: Time(o.stop),
            weather: o.weather,
            evidence: o.evidence,
            not_found: o.not_found,
            incident_ids: ids.collect(),
        });
    });
    HotspotDetail {
        feature: feature(map, &hotspot),
        sites: sites.collect(),
        occasions_list,
        parameters: Parameters { rule: rule.clone(), rain: map.settings().rain_rule() },
        as_of: Time(map.as_of()),
        position: map.position(),
    }
}
