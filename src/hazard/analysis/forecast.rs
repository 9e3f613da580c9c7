//! Which hotspots will flood: rain that is foreseen, against what is known of each hotspot.

use serde::Serialize;
use utoipa::ToSchema;

use super::super::category::Category;
use super::super::gauge::Series;
use super::super::layer::Time;
use super::super::map::HazardMap;
use super::coming::{Coming, ComparedBy, FloodChance, Past, most_likely_first};
use super::matrix::Matrix;
use super::missing::Missing;
use super::storms::{Asked, DRY_EVIDENCE, RECURRING, label};
use super::{Basis, Constant, Kind, Method, Takes};
use crate::error::{Result, invalid};

pub const NAME: &str = "forecast";
/// What it takes besides the category, the view and the rain.
pub const TAKES: [Takes; 3] = [
    RECURRING,
    DRY_EVIDENCE,
    Takes {
        name: "limit",
        meaning: "Hotspots of each storm, most likely first, at most 1000; default: 1000",
        kind: Kind::Whole,
        example: "20",
        required: false,
    },
];
/// Hotspots of each storm, where no limit is given and at most.
const LARGEST_LIMIT: usize = 1_000;

const METHOD: Method = Method {
    name: "each hotspot's trigger, or its share of floods among the ten storms known that are most alike",
    reference: "Firth (1993), Biometrika 80:27; Heinze & Schemper (2002), Statistics in Medicine 21:2409; Wilson (1927)",
};

const CONSTANTS: [Constant; 1] = [Constant { name: "confidence", value: 0.95, meaning: "of every interval" }];

/// What a map knows, made ready for rain to come: all that is left needs the map no more.
#[derive(Debug)]
pub struct Prepared {
    basis: Basis,
    asked: Asked,
    gauge: Option<String>,
    storm_depth_mm: f64,
    matrix: Matrix,
    /// Id and name of each row of the matrix.
    labels: Vec<(String, Option<String>)>,
}

/// Storms to come, and how likely each floods each hotspot.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Forecast {
    #[serde(flatten)]
    pub basis: Basis,
    /// Which reports say that it was dry.
    pub dry_evidence: &'static str,
    /// The gauge that the rain is foreseen for; null: for the whole city.
    pub gauge: Option<String>,
    /// Intervals of the series, and of how many of them no depth is given.
    pub intervals: usize,
    pub intervals_without_depth: usize,
    pub depth_mm: f64,
    /// Cut from the series as from rain that was measured.
    pub storms: Vec<StormToCome>,
    /// What cannot be said, and for want of what.
    pub missing: Vec<Missing>,
    /// How many hotspots take this rain; each storm has at most `limit` of them.
    pub number_matched: usize,
    /// Storm by storm; of each the hotspots it most likely floods first.
    pub rows: Vec<HotspotForecast>,
}

/// A storm that is foreseen.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StormToCome {
    pub id: String,
    pub start: Time,
    pub end: Time,
    pub depth_mm: f64,
    pub peak_1h_mm_h: Option<f64>,
    /// What it is compared with known storms by.
    pub by: ComparedBy,
}

/// How likely a storm to come floods a hotspot.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HotspotForecast {
    pub storm: String,
    pub hotspot_id: String,
    pub name: Option<String>,
    #[serde(flatten)]
    pub chance: FloodChance,
}

impl Prepared {
    /// What the map knows of the hotspots that take the rain of a gauge; without one, of all.
    ///
    /// # Errors
    /// `Invalid` for a gauge that is not there, or a limit that is too large.
    pub fn of(map: &HazardMap, category: Category, asked: &Asked, gauge: Option<String>) -> Result<Prepared> {
        if asked.limit > LARGEST_LIMIT {
            return Err(invalid("limit", asked.limit, format!("not a whole number in [1, {LARGEST_LIMIT}]")));
        }
        let mut matrix = Matrix::of(map, asked.scope(category));
        if let Some(id) = &gauge {
            let series = map.gauges().find(id).ok_or_else(|| {
                let known: Vec<_> = map.gauges().all().iter().map(Series::id).take(20).collect();
                invalid("gauge", id, format!("no such gauge; known are {}", known.join(", ")))
            })?;
            matrix.rows.retain(|row| map.gauges().of(map.sites().get(row.peak).at) as usize == series);
        }
        Ok(Prepared {
            basis: Basis::of(map, category, METHOD, &CONSTANTS, (matrix.rows.len(), "hotspots")),
            asked: *asked,
            gauge,
            storm_depth_mm: map.settings().rain_rule().storm_depth_um as f64 / 1_000.0,
            labels: matrix.rows.iter().map(|row| label(map, row.peak)).collect(),
            matrix,
        })
    }

    /// The answer to a series.
    pub fn answer(self, coming: &Coming) -> Forecast {
        let pasts: Vec<Past> = self.matrix.rows.iter().map(|row| Past::of(self.matrix.seen(row))).collect();
        let mut rows = Vec::new();
        for storm in &coming.storms {
            let mut chances: Vec<(usize, FloodChance)> =
                pasts.iter().map(|past| past.chance(storm)).enumerate().collect();
            // Of equals, the one with more occasions.
            chances.sort_by(|(_, a), (_, b)| most_likely_first(a, b));
            rows.extend(chances.into_iter().take(self.asked.limit).map(|(n, chance)| {
                let (hotspot_id, name) = self.labels[n].clone();
                HotspotForecast { storm: storm.id.clone(), hotspot_id, name, chance }
            }));
        }
        let storm = |of: &super::matrix::Column| StormToCome {
            id: of.id.clone(),
            start: Time(of.storm.start),
            end: Time(of.storm.end),
            depth_mm: of.storm.depth_um as f64 / 1_000.0,
            peak_1h_mm_h: of.peak_1h_mm_h,
            by: ComparedBy::of(of),
        };
        Forecast {
            missing: self.missing(coming),
            storms: coming.storms.iter().map(storm).collect(),
            number_matched: self.matrix.rows.len(),
            basis: self.basis,
            dry_evidence: self.asked.dry_evidence.name(),
            gauge: self.gauge,
            intervals: coming.intervals,
            intervals_without_depth: coming.not_given,
            depth_mm: coming.depth_um as f64 / 1_000.0,
            rows,
        }
    }

    fn missing(&self, coming: &Coming) -> Vec<Missing> {
        let mut all = Vec::new();
        let mm = coming.depth_um as f64 / 1_000.0;
        if coming.storms.is_empty() {
            all.push(Missing::new(
                format!(
                    "no storm in this rain: {mm} mm in all, and a storm takes {} mm without a longer dry gap",
                    self.storm_depth_mm
                ),
                format!("该序列中没有场次：总雨量{mm}毫米，而一场降雨需达到{}毫米", self.storm_depth_mm),
            ));
        }
        if coming.storms.iter().any(|storm| ComparedBy::of(storm) == ComparedBy::DepthMm) {
            all.push(Missing::new(
                "intervals longer than an hour have no peak intensity: storms are compared by depth, and no trigger is used",
                "时段长于1小时无法得出小时雨强：改按总雨量比较，不使用触发雨强",
            ));
        }
        if self.matrix.rows.is_empty() {
            all.push(Missing::new("no hotspot is known that takes this rain", "没有适用该雨量的易涝点"));
        } else if self.matrix.columns.is_empty() {
            all.push(Missing::new(
                "no storm of the past is known: nothing can be said of storms to come",
                "没有已知的历史场次：无法预判",
            ));
        }
        all
    }
}
