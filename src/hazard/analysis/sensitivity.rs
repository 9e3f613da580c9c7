//! What if the rule were another? One hotspot under other radii, another spacing, gap and window: how often it floods and
//! how it ranks then. A figure that hangs on one of these choices shows itself.

use serde::Serialize;
use utoipa::ToSchema;

use super::super::category::Category;
use super::super::layer::{Found, hotspot_id, hotspot_name, hotspot_peak};
use super::super::map::HazardMap;
use super::super::settings::Settings;
use super::super::slot::Slot;
use super::{Analysis, Basis, Constant, Kind, Method, Takes};
use crate::error::{Error, Result, invalid};

/// What is changed one at a time, to how many times what is in force.
const VARIED: [(&str, [f64; 2]); 5] = [
    ("join_radius", [0.5, 1.5]),
    ("hotspot_radius", [0.5, 1.5]),
    ("spacing", [0.5, 1.5]),
    ("occasion_gap", [0.5, 2.0]),
    ("window", [0.5, 2.0]),
];

const METHOD: Method = Method {
    name: "one setting at a time, everything else as it is in force",
    reference: "Saltelli et al. 2008, Global Sensitivity Analysis: The Primer, 1.2: one at a time",
};
const CONSTANTS: [Constant; 3] = [
    Constant { name: "less", value: 0.5, meaning: "times what is in force" },
    Constant { name: "more", value: 1.5, meaning: "times what is in force, of radii and spacing" },
    Constant { name: "more_time", value: 2.0, meaning: "times what is in force, of gap and window" },
];

/// A hotspot under the rule in force and under others.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Sensitivity {
    #[serde(flatten)]
    pub basis: Basis,
    pub hotspot_id: String,
    pub name: Option<String>,
    /// The first is the rule in force.
    pub rows: Vec<SensitivityRow>,
}

/// How the spot stands under one rule.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SensitivityRow {
    /// What is other than in force; null in the first row.
    pub setting: Option<&'static str>,
    /// Its value: metres or seconds.
    pub value: Option<f64>,
    /// That many times what is in force.
    pub times: Option<f64>,
    /// The hotspot that holds the spot then; null: it is in none.
    pub hotspot_id: Option<String>,
    /// Of that hotspot.
    pub occasions: Option<u32>,
    pub rank: Option<u32>,
    /// How many others share the rank.
    pub ties: Option<u32>,
    /// Hotspots of the category.
    pub hotspots: usize,
}

/// One setting, and what it is changed to.
#[derive(Clone, Debug)]
pub struct Variant {
    setting: &'static str,
    value: f64,
    times: f64,
}

impl Variant {
    /// Every variant of a rule for a category, with the settings that make it. One whose value would be out of bounds, or
    /// the same, is left out.
    pub fn of(settings: &Settings, category: Category) -> Vec<(Variant, Settings)> {
        let in_force = settings.of(category);
        let mut all = Vec::new();
        for (setting, times) in VARIED {
            let own = format!("{setting}.{}", category.name());
            let value = in_force.iter().find(|(name, _)| *name == own).and_then(|(_, value)| value.parse::<f64>().ok());
            let Some(before) = value else { continue };
            for times in times {
                let value = (before * times).round();
                let mut settings = settings.clone();
                if value != before && settings.set(&format!("{own}={value}")).is_ok() {
                    all.push((Variant { setting, value, times }, settings));
                }
            }
        }
        all
    }
}

impl Sensitivity {
    /// Adds the spot as it stands on the map of a variant.
    pub fn add(&mut self, variant: &Variant, map: &HazardMap) {
        let peak = holding(map, &self.hotspot_id);
        self.rows.push(row(map, self.basis.category, peak, Some(variant)));
        self.basis.n = self.rows.len();
    }
}

/// The peak of the hotspot that holds a site, by an id that leads there.
pub fn holding(map: &HazardMap, id: &str) -> Option<Slot> {
    match hotspot_peak(map, id) {
        Found::Here(peak) => Some(*peak),
        Found::At(own) => holding(map, &own),
        Found::Nowhere => None,
    }
}

fn row(map: &HazardMap, category: Category, peak: Option<Slot>, variant: Option<&Variant>) -> SensitivityRow {
    let place = peak.and_then(|peak| map.city().place(map, peak));
    SensitivityRow {
        setting: variant.map(|v| v.setting),
        value: variant.map(|v| v.value),
        times: variant.map(|v| v.times),
        hotspot_id: peak.map(|peak| hotspot_id(map, peak)),
        occasions: peak.map(|peak| map.sites().get(peak).tally.occasions()),
        rank: place.map(|place| place.rank),
        ties: place.map(|place| place.ties),
        hotspots: map.sites().peaks().filter(|&peak| map.sites().get(peak).category == category).count(),
    }
}

/// Which hotspot; its id names the category, too.
#[derive(Clone, Debug, Default)]
pub struct Which {
    pub hotspot: Option<String>,
}

impl Analysis for Sensitivity {
    const NAME: &'static str = "sensitivity";
    const TITLE: &'static str = "What if the rule were another: one hotspot under other radii, spacing, gap and window";
    const BY_CATEGORY: bool = false;
    const TAKES: &'static [Takes] = &[Takes {
        name: "hotspot",
        meaning: "The id of a hotspot, or of any of its sites",
        kind: Kind::Text,
        required: true,
        example: "waterlogging:8c2a1077128d1ff",
    }];
    type Asked = Which;

    fn set(asked: &mut Which, _: &str, value: &str) -> Result<()> {
        asked.hotspot = Some(value.to_owned());
        Ok(())
    }

    /// The first row alone; whoever can make the maps of the variants adds theirs. The hotspot's id says of which category
    /// it is.
    fn answer(map: &HazardMap, _: Category, asked: &Which) -> Result<Sensitivity> {
        let id = asked.hotspot.as_deref().ok_or_else(|| invalid("hotspot", "", "say which, by its id"))?;
        let peak = holding(map, id).ok_or_else(|| Error::NotFound { what: "hotspot", id: id.to_owned() })?;
        let category = map.sites().get(peak).category;
        let hotspot = map.sites().hotspot(peak, map.rule(category), map.places());
        Ok(Sensitivity {
            basis: Basis::of(map, category, METHOD, &CONSTANTS, (1, "rules")),
            hotspot_id: hotspot_id(map, peak),
            name: hotspot_name(map, &hotspot),
            rows: vec![row(map, category, Some(peak), None)],
        })
    }
}
