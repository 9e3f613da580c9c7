//! Density clusters of incidents or reports, as a courtesy to those who know DBSCAN: it knows no occasions, and on dense
//! reports it makes a whole city one cluster. Hotspots are what we answer with.

use serde::Serialize;
use utoipa::ToSchema;

use super::super::category::Category;
use super::super::layer::{Bbox, Feature};
use super::super::map::HazardMap;
use super::super::position::{Ecef, Position};
use super::apart::{self, Apart, Hand};
use super::density;
use super::{Analysis, Basis, Constant, Kind, Method, Takes};
use crate::error::{Result, invalid};

const METHOD: Method = Method {
    name: "DBSCAN, labelled as scikit-learn does: clusters in the order of their first core point",
    reference: "Ester, Kriegel, Sander & Xu 1996, KDD-96: 226",
};
/// Beyond, the work and the answer are too large for one request.
const MOST_ITEMS: usize = 200_000;
const LARGEST_EPS_M: f64 = 1_000.0;
const MOST_MIN_POINTS: u32 = 10_000;

/// A label for every item.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Dbscan {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(flatten)]
    pub basis: Basis,
    pub clusters: usize,
    /// Items in no cluster.
    pub noise: usize,
    /// Items beyond the first 200,000, which are not clustered: ask for a box.
    pub left_out: usize,
    pub features: Vec<Feature<Labelled>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Labelled {
    /// From 0; −1 is noise.
    pub label: i64,
    /// As many items as asked for lie within eps, itself included.
    pub core: bool,
}

/// What is clustered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Of {
    /// At their anchors, but for dismissed ones.
    #[default]
    Incidents,
    /// But for dry ones.
    Reports,
}

/// What is asked besides the category.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Asked {
    pub of: Of,
    /// Metres.
    pub eps_m: f64,
    pub min_points: u32,
    pub bbox: Option<Bbox>,
}

impl Default for Asked {
    fn default() -> Asked {
        Asked { of: Of::Incidents, eps_m: 50.0, min_points: 5, bbox: None }
    }
}

impl Analysis for Dbscan {
    const NAME: &'static str = "dbscan";
    const TITLE: &'static str = "Density clusters of incidents or reports, by DBSCAN";
    const TAKES: &'static [Takes] = &[
        Takes {
            name: "of",
            meaning: "What is clustered: incidents, the default, or reports",
            kind: Kind::Text,
            required: false,
            example: "reports",
        },
        Takes {
            name: "eps",
            meaning: "How near neighbours are, in metres, up to 1,000; default 50",
            kind: Kind::Number,
            required: false,
            example: "30",
        },
        Takes {
            name: "min_points",
            meaning: "Items within eps that make a core, itself included; default 5",
            kind: Kind::Whole,
            required: false,
            example: "4",
        },
        Takes {
            name: "bbox",
            meaning: "Only what lies in this box: west,south,east,north in WGS 84 degrees",
            kind: Kind::Text,
            required: false,
            example: "-73.95,40.75,-73.85,40.80",
        },
    ];
    type Asked = Asked;

    fn set(asked: &mut Asked, name: &str, value: &str) -> Result<()> {
        match name {
            "of" => {
                asked.of = match value {
                    "incidents" => Of::Incidents,
                    "reports" => Of::Reports,
                    _ => return Err(invalid("of", value, "not incidents or reports")),
                }
            }
            "eps" => {
                let eps_m = value.parse().ok().filter(|eps_m| (0.01..=LARGEST_EPS_M).contains(eps_m));
                asked.eps_m = eps_m.ok_or_else(|| invalid("eps", value, "not metres in [0.01, 1000]"))?;
            }
            "bbox" => asked.bbox = Some(value.parse()?),
            _ => {
                let min_points = value.parse().ok().filter(|n| (1..=MOST_MIN_POINTS).contains(n));
                asked.min_points =
                    min_points.ok_or_else(|| invalid("min_points", value, "not a whole number in [1, 10000]"))?;
            }
        }
        Ok(())
    }

    fn answer(map: &HazardMap, category: Category, asked: &Asked) -> Result<Dbscan> {
        Ok(apart::answer(map, category, asked))
    }
}

impl Apart for Dbscan {
    const MEDIA_TYPE: &'static str = "application/geo+json";
    type Source = (Basis, Vec<(String, Position)>, usize);

    fn source(map: &HazardMap, category: Category, asked: &Asked) -> Self::Source {
        let mut items = items(map, category, asked);
        let left_out = items.len().saturating_sub(MOST_ITEMS);
        items.truncate(MOST_ITEMS);
        let constants = [
            Constant { name: "eps", value: asked.eps_m, meaning: "how near neighbours are, in metres" },
            Constant { name: "min_points", value: f64::from(asked.min_points), meaning: "items that make a core" },
            Constant { name: "most_items", value: MOST_ITEMS as f64, meaning: "of more only so many are clustered" },
        ];
        let n_of = if asked.of == Of::Reports { "reports" } else { "incidents" };
        (Basis::of(map, category, METHOD, &constants, (items.len(), n_of)), items, left_out)
    }

    fn work((basis, items, left_out): Self::Source, asked: &Asked, hand: &Hand) -> Option<Dbscan> {
        let points: Vec<Ecef> = items.iter().map(|(_, at)| at.ecef()).collect();
        let labelled = density::dbscan(&points, asked.eps_m, asked.min_points as usize, hand.go_on)?;
        let clusters = labelled.iter().map(|item| item.label + 1).max().unwrap_or(0);
        let features = items.into_iter().zip(&labelled).map(|((id, at), item)| Feature::new(id, Some(at), *item));
        Some(Dbscan {
            kind: "FeatureCollection",
            basis,
            clusters: usize::try_from(clusters).unwrap_or(0),
            noise: labelled.iter().filter(|item| item.label < 0).count(),
            left_out,
            features: features.collect(),
        })
    }
}

/// Ids and places, in log order.
fn items(map: &HazardMap, category: Category, asked: &Asked) -> Vec<(String, Position)> {
    let lies_in = |at: Position| asked.bbox.is_none_or(|bbox| bbox.contains(at));
    match asked.of {
        Of::Incidents => {
            let incidents = map.incidents().iter();
            let counted =
                incidents.filter(|i| i.category == category && !i.is_void() && !i.dismissed && lies_in(i.anchor));
            counted.map(|i| (format!("i{}", i.opened()), i.anchor)).collect()
        }
        Of::Reports => {
            let rows = map.reports().rows().iter().enumerate();
            let shown =
                rows.filter(|(_, row)| row.category == category && !row.hidden && !row.dry() && lies_in(row.position));
            shown.map(|(i, row)| (map.reports().id(i).to_owned(), row.position)).collect()
        }
    }
}
