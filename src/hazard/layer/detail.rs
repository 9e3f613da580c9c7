//! One hotspot, or one incident, with all that it rests on.

use std::collections::BTreeSet;

use serde::Serialize;
use utoipa::ToSchema;

use super::super::analysis::rank::RankTerms;
use super::super::analysis::share::Share;
use super::super::analysis::storms::{StormsSince, of_one};
use super::super::analysis::trend::TrendTerms;
use super::super::category::Category;
use super::super::gauge::StormAt;
use super::super::incident::Incident;
use super::super::map::HazardMap;
use super::super::occasion::occasions;
use super::super::settings::{RainRule, Rule};
use super::super::slot::Slot;
use super::super::storm::Weather;
use super::feature::{Feature, Time};
use super::history::{Standing, StepTaken, steps};
use super::hotspots::{self, HotspotProperties};
use super::incidents::{self, IncidentProperties};
use super::lookup::{IncidentId, Lookup, hotspot_id, site_name};
use super::measured::Measured;
use super::reports::{ReportProperties, report};
use super::storms;

/// What became of a search by id.
#[derive(Debug)]
pub enum Found<T> {
    Here(Box<T>),
    /// It is part of the one with this id.
    At(String),
    Nowhere,
}

impl<T> Found<T> {
    pub fn map<U>(self, here: impl FnOnce(T) -> U) -> Found<U> {
        match self {
            Found::Here(found) => Found::Here(Box::new(here(*found))),
            Found::At(id) => Found::At(id),
            Found::Nowhere => Found::Nowhere,
        }
    }
}

/// A hotspot's feature, its member sites, its occasions one by one, and the rule it was found by.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HotspotDetail {
    #[serde(flatten)]
    pub feature: Feature<HotspotProperties>,
    /// Each with the occasions within its own reach: a neighbour that shares the hotspot is not hidden.
    pub sites: Vec<SiteDetail>,
    /// In order of time.
    pub occasions_list: Vec<OccasionDetail>,
    /// The rain that counts at its peak.
    #[serde(flatten)]
    pub measured: Measured,
    /// Is it worse: what its trend follows from.
    pub trend_terms: TrendTerms,
    /// Which first: what its rank follows from.
    pub rank_terms: RankTerms,
    /// How often it floods when it storms.
    pub in_storms: Share,
    /// The storms since it last flooded. Null where no rain is measured.
    pub storms_since: Option<StormsSince>,
    /// Incidents whose last observation lies in it count.
    pub window: Window,
    pub parameters: Parameters,
    /// The time the map stands for.
    pub as_of: Time,
    /// Position in the log.
    pub position: u64,
}

/// An incident's feature, its reports, and the rule it was made by.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct IncidentDetail {
    #[serde(flatten)]
    pub feature: Feature<IncidentProperties>,
    /// The site it counts at, or would.
    pub site_id: String,
    pub acknowledged: bool,
    /// Staff found it.
    pub found: bool,
    /// Staff looked and found nothing.
    pub not_found: bool,
    /// The rain that its weather is judged by.
    #[serde(flatten)]
    pub measured: Measured,
    /// The storm it fell in.
    pub storm_id: Option<String>,
    /// In order of observation.
    pub reports_list: Vec<Feature<ReportProperties>>,
    /// What is not published of these reports, in the same order; given to those who may read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<PrivateReport>, required = false)]
    pub reports_private: Option<Vec<PrivateReport>>,
    /// How it stands, and what may follow.
    pub workflow: Standing,
    /// Every step on it, in log order.
    pub history: Vec<StepTaken>,
    pub parameters: Parameters,
    /// The time the map stands for.
    pub as_of: Time,
    /// Position in the log.
    pub position: u64,
}

/// What is not published of a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PrivateReport {
    /// The report's.
    pub id: String,
    pub text: Option<String>,
    /// The place as it was written.
    pub place: Option<String>,
    /// The link by which its reporter followed it was revoked.
    pub link_revoked: bool,
}

/// From and to, both included.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Window {
    pub start: Time,
    pub end: Time,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SiteDetail {
    pub id: String,
    /// As its incidents are called, or their reports name it.
    pub name: Option<String>,
    /// WGS 84 degrees, longitude first.
    pub coordinates: [f64; 2],
    pub occasions: u32,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OccasionDetail {
    pub start: Time,
    pub end: Time,
    pub weather: Weather,
    pub evidence: bool,
    pub not_found: bool,
    pub incident_ids: Vec<IncidentId>,
    /// The storms they fell in; of neighbouring gauges there may be two for one rain.
    pub storm_ids: Vec<String>,
}

/// The rule in force for a category.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Parameters {
    #[serde(flatten)]
    pub rule: Rule,
    #[serde(flatten)]
    pub rain: RainRule,
}

/// The hotspot of an id, which is `{category}:{site}`; any site of a hotspot leads to it.
pub fn hotspot(map: &HazardMap, id: &str) -> Found<HotspotDetail> {
    peak(map, id).map(|peak| detail(map, peak))
}

/// The peak of the hotspot of an id.
pub fn peak(map: &HazardMap, id: &str) -> Found<Slot> {
    let Some(peak) = site(map, id).and_then(|s| map.sites().peak(s, map.rule(map.sites().get(s).category))) else {
        return Found::Nowhere;
    };
    let own = hotspot_id(map, peak);
    if own == id { Found::Here(Box::new(peak)) } else { Found::At(own) }
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
        let own = hotspot.incidents.iter().map(|&i| &map.incidents()[i as usize]).filter(|i| i.site == Some(slot));
        let reports = own.flat_map(|i| i.reports.iter().copied());
        let position = map.places().position(site.key);
        SiteDetail {
            id: map.places().id(site.key).into_owned(),
            name: site_name(map, site.key, site.at, reports),
            coordinates: [position.lon(), position.lat()],
            occasions: site.tally.occasions(),
        }
    });
    let mut touching = Vec::new();
    map.sites().touching(peak, rule, &mut touching);
    let mut occasions_list = Vec::new();
    occasions(&mut touching, rule.occasion_gap_s, |o, run| {
        let storms: BTreeSet<StormAt> =
            run.iter().filter_map(|touch| map.weather(&map.incidents()[touch.span.incident as usize]).0).collect();
        let ids = run.iter().map(|touch| IncidentId(map.incidents()[touch.span.incident as usize].opened()));
        occasions_list.push(OccasionDetail {
            start: Time(o.start),
            end: Time(o.end),
            weather: o.weather,
            evidence: o.evidence,
            not_found: o.not_found,
            incident_ids: ids.collect(),
            storm_ids: storms.into_iter().map(|at| storms::id(map, at)).collect(),
        });
    });
    let last = occasions_list.iter().map(|occasion| occasion.end.0).max();
    let (in_storms, storms_since) = of_one(map, peak, last.unwrap_or(i64::MAX));
    HotspotDetail {
        feature: hotspots::feature(map, peak),
        sites: sites.collect(),
        occasions_list,
        in_storms,
        storms_since,
        measured: Measured::at(map, map.sites().get(peak).at),
        trend_terms: map.city().trend_terms(map, peak),
        rank_terms: map.city().rank_terms(map, peak),
        window: Window { start: Time(map.as_of() - rule.window_s), end: Time(map.as_of()) },
        parameters: Parameters::of(map, map.sites().get(peak).category),
        as_of: Time(map.as_of()),
        position: map.position(),
    }
}

impl Parameters {
    pub fn of(map: &HazardMap, category: Category) -> Parameters {
        Parameters { rule: map.rule(category).clone(), rain: map.settings().rain_rule() }
    }
}

/// The index of the incident of an id, if it is published; one that was merged leads to the one it went into.
pub fn standing(map: &HazardMap, id: &str) -> Found<usize> {
    match case(map, id) {
        Found::Here(i) if map.incidents()[*i].category.is_alone() => Found::Nowhere,
        found => found,
    }
}

/// The index of the incident of an id; an opinion's too, which only the desk sees.
pub fn case(map: &HazardMap, id: &str) -> Found<usize> {
    let all = map.incidents();
    let opened = id.strip_prefix('i').and_then(|seq| seq.parse().ok());
    let Some(mut i) = opened.and_then(|seq: u64| all.binary_search_by_key(&seq, Incident::opened).ok()) else {
        return Found::Nowhere;
    };
    let asked = i;
    while let Some(into) = map.merged_into(i) {
        i = into;
    }
    if all[i].is_void() {
        return Found::Nowhere;
    }
    if i != asked {
        return Found::At(IncidentId(all[i].opened()).to_string());
    }
    Found::Here(Box::new(i))
}

impl IncidentDetail {
    /// Of an incident, by index. `now`: the time by which it is overdue or not; unix seconds.
    pub fn of(map: &HazardMap, i: usize, now: i64) -> IncidentDetail {
        let incident = &map.incidents()[i];
        let mut lookup = Lookup::new(map);
        let mut feature = incidents::feature(&mut lookup, i);
        feature.properties.overdue = Some(incidents::is_overdue(&feature.properties, now));
        let mut reports: Vec<usize> = incident.reports.iter().map(|&r| r as usize).collect();
        reports.sort_unstable_by_key(|&r| (map.reports().rows()[r].observed_at, r));
        IncidentDetail {
            feature,
            site_id: map.places().id(incidents::site_key(map, incident)).into_owned(),
            acknowledged: incident.acknowledged,
            found: incident.found,
            not_found: incident.not_found,
            measured: Measured::when(map, incident.anchor.ecef(), incident.facts.first),
            storm_id: map.weather(incident).0.map(|at| storms::id(map, at)),
            reports_list: reports.into_iter().map(|r| report(&mut lookup, r)).collect(),
            reports_private: None,
            workflow: Standing::of(map, i, now),
            history: steps(map, i),
            parameters: Parameters::of(map, incident.category),
            as_of: Time(map.as_of()),
            position: map.position(),
        }
    }
}
