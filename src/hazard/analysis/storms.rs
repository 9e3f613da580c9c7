//! Storms by hotspots: the matrix, and how often each hotspot floods when it storms.

use std::cmp::Ordering;

use serde::Serialize;
use utoipa::ToSchema;

use super::super::category::Category;
use super::super::hotspot::Status;
use super::super::layer::{Sort, Time, hotspot_id, hotspot_name};
use super::super::map::HazardMap;
use super::super::slot::Slot;
use super::matrix::{Cell, Column, DryEvidence, Matrix, Row, Scope};
use super::missing::{self, Missing};
use super::model::{LEAST_OF_EACH, known};
use super::proportion::wilson_95;
use super::share::{Counts, Share, share};
use super::{Analysis, Basis, Constant, Kind, Method, Takes};
use crate::error::{Result, invalid};

const METHOD: Method = Method {
    name: "share of flooded among the storms known, by its score",
    reference: "Wilson (1927), Journal of the American Statistical Association 22:209; storms by a dry gap",
};

const CONSTANTS: [Constant; 1] =
    [Constant { name: "confidence", value: 0.95, meaning: "of the interval from low to high" }];

/// Hotspots where no limit is given, and at most.
const USUAL_LIMIT: usize = 1_000;
const LARGEST_LIMIT: usize = 10_000;
const SORTS: [&str; 7] = ["flooded", "dry", "unknown", "p", "low", "high", "at_least"];

/// What every answer about storms takes: which hotspots, and what counts as dry.
pub const RECURRING: Takes = Takes {
    name: "recurring",
    meaning: "`true`: hotspots that recur, without mere candidates; default: false",
    kind: Kind::Text,
    required: false,
    example: "true",
};
pub const DRY_EVIDENCE: Takes = Takes {
    name: "dry_evidence",
    meaning: "Which reports in a storm say that it was dry there: `unrelated` (default): dry reports, and other matters \
              but those of the same department, for a blocked drain is no sign of a dry street; `any_category`: dry \
              reports, and any other matter; `dry_reports`: these alone",
    kind: Kind::Text,
    required: false,
    example: "any_category",
};
const LIMIT: Takes = Takes {
    name: "limit",
    meaning: "Hotspots in the answer, at most 10000; default: 1000",
    kind: Kind::Whole,
    required: false,
    example: "20",
};

/// Which hotspots, by which evidence, and how many of them.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    pub recurring: bool,
    pub dry_evidence: DryEvidence,
    pub limit: usize,
    sort: Option<Sort>,
}

impl Default for Asked {
    fn default() -> Asked {
        Asked { recurring: false, dry_evidence: DryEvidence::default(), limit: USUAL_LIMIT, sort: None }
    }
}

impl Asked {
    /// Sets one parameter from text, as in a query.
    ///
    /// # Errors
    /// `Invalid` for one that is unknown or cannot be read.
    pub fn set(&mut self, name: &str, value: &str) -> Result<()> {
        match name {
            "recurring" => {
                self.recurring = value.parse().map_err(|_| invalid(name, value, "neither true nor false"))?;
            }
            "dry_evidence" => self.dry_evidence = DryEvidence::named(value)?,
            "limit" => {
                let limit = value.parse().ok().filter(|limit| (1..=LARGEST_LIMIT).contains(limit));
                let reason = || invalid(name, value, format!("not a whole number in [1, {LARGEST_LIMIT}]"));
                self.limit = limit.ok_or_else(reason)?;
            }
            "sort" => self.sort = Some(Sort::parse(value, &SORTS)?),
            _ => return Err(invalid(name, value, "this analysis takes no such parameter")),
        }
        Ok(())
    }

    pub fn scope(&self, category: Category) -> Scope {
        let status = if self.recurring { Status::Recurring } else { Status::Candidate };
        Scope { category, status, dry_evidence: self.dry_evidence }
    }
}

/// Storms by hotspots.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Storms {
    #[serde(flatten)]
    pub basis: Basis,
    /// Which reports say that it was dry.
    pub dry_evidence: &'static str,
    /// The storms that count: those whose whole time lies in the window, and that were not over before the first event.
    pub storms: Vec<StormFigures>,
    /// What cannot be said, and for want of what.
    pub missing: Vec<Missing>,
    /// How many hotspots there are, given or not.
    pub number_matched: usize,
    pub rows: Vec<HotspotInStorms>,
}

/// A storm and what it did.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StormFigures {
    pub id: String,
    /// Where it was measured; `city` for rain without a gauge.
    pub gauge: String,
    pub start: Time,
    pub end: Time,
    pub depth_mm: f64,
    /// Largest mean intensity over so long; null where the rain was measured more coarsely.
    pub peak_10min_mm_h: Option<f64>,
    pub peak_1h_mm_h: Option<f64>,
    pub peak_3h_mm_h: Option<f64>,
    /// Reports of any kind, of the whole city, in its time.
    pub reports: u32,
    /// Hotspots it flooded, left dry, and of which nothing is known; of all that take its rain.
    pub flooded: u32,
    pub dry: u32,
    pub unknown: u32,
}

/// A hotspot and what storms did to it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HotspotInStorms {
    pub hotspot_id: String,
    pub name: Option<String>,
    pub status: &'static str,
    #[serde(flatten)]
    pub share: Share,
    /// Are enough storms known for a trigger?
    pub trigger: bool,
    /// Its storms begin here in `storms`, counted from 0.
    pub first_storm: usize,
    /// One letter for each of its storms: F flooded, N flooded by what was reported but not found by staff, D dry, U
    /// unknown.
    #[schema(example = "FUDNU")]
    pub cells: String,
    /// One sign for each of its storms: E where there is evidence that it flooded (staff found it, a photo shows it, or two
    /// people reported it), else a full stop.
    #[schema(example = "E....")]
    pub evidence: String,
}

/// Storms since a hotspot last flooded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct StormsSince {
    /// Those that began after the end of its last occasion.
    pub storms: u32,
    /// Of these, storms in which somebody there reported something else, or that it was dry.
    pub dry: u32,
    /// Storms in which nobody there reported anything.
    pub unknown: u32,
}

impl Analysis for Storms {
    const NAME: &'static str = "storms";
    const TITLE: &'static str = "Which rain floods it: storms by hotspots";
    const TAKES: &'static [Takes] = &[
        RECURRING,
        DRY_EVIDENCE,
        LIMIT,
        Takes {
            name: "sort",
            meaning: "Smallest first; with - before it, largest first: flooded, dry, unknown, p, low, high, at_least. \
                      Default: most occasions first",
            kind: Kind::Text,
            required: false,
            example: "-p",
        },
    ];
    type Asked = Asked;

    fn set(asked: &mut Asked, name: &str, value: &str) -> Result<()> {
        asked.set(name, value)
    }

    fn answer(map: &HazardMap, category: Category, asked: &Asked) -> Result<Storms> {
        let matrix = Matrix::of(map, asked.scope(category));
        let rule = map.rule(category);
        let storms = figures(map, &matrix, &matrix.reports(map, rule));
        let mut rows: Vec<&Row> = matrix.rows.iter().collect();
        if let Some(sort) = asked.sort {
            let mut valued: Vec<_> = rows.iter().map(|row| (value(&matrix, row, sort.by), *row)).collect();
            valued.sort_by(|(a, _), (b, _)| order(sort, *a, *b));
            rows = valued.into_iter().map(|(_, row)| row).collect();
        }
        rows.truncate(asked.limit);
        let measured = matrix.rain_intervals > 0;
        Ok(Storms {
            basis: Basis::of(map, category, METHOD, &CONSTANTS, (storms.len(), "storms")),
            dry_evidence: asked.dry_evidence.name(),
            missing: missing::of(&matrix, &storms, map, category),
            storms,
            number_matched: matrix.rows.len(),
            rows: rows.into_iter().map(|row| in_storms(map, &matrix, row, category, measured)).collect(),
        })
    }
}

/// How often one hotspot floods when it storms, and the storms that began after `last`, where rain is measured.
pub fn of_one(map: &HazardMap, peak: Slot, last: i64) -> (Share, Option<StormsSince>) {
    let category = map.sites().get(peak).category;
    let matrix = Matrix::of_peaks(map, Asked::default().scope(category), &[peak]);
    let measured = matrix.rain_intervals > 0;
    let seen: Vec<(&Column, Cell)> = matrix.rows.iter().flat_map(|row| matrix.seen(row)).collect();
    let since = Counts::of(seen.iter().copied().filter(|(column, _)| column.storm.start > last));
    let since = measured.then_some(StormsSince { storms: since.all(), dry: since.dry, unknown: since.unknown });
    (Share::of(&seen, category, measured), since)
}

/// What a hotspot is called: its id and its name.
pub fn label(map: &HazardMap, peak: Slot) -> (String, Option<String>) {
    let rule = map.rule(map.sites().get(peak).category);
    (hotspot_id(map, peak), hotspot_name(map, &map.sites().hotspot(peak, rule, map.places())))
}

fn in_storms(map: &HazardMap, matrix: &Matrix, row: &Row, category: Category, measured: bool) -> HotspotInStorms {
    let seen: Vec<(&Column, Cell)> = matrix.seen(row).collect();
    let known = known(seen.iter().copied());
    let flooded = known.iter().filter(|storm| storm.flooded).count();
    let (hotspot_id, name) = label(map, row.peak);
    HotspotInStorms {
        hotspot_id,
        name,
        status: map.sites().status(row.peak, map.rule(category)).name(),
        share: Share::of(&seen, category, measured),
        trigger: flooded >= LEAST_OF_EACH && known.len() - flooded >= LEAST_OF_EACH,
        first_storm: row.first,
        cells: row.cells.iter().map(|cell| cell.letter()).collect(),
        evidence: row.evident.iter().map(|&evident| if evident { 'E' } else { '.' }).collect(),
    }
}

fn figures(map: &HazardMap, matrix: &Matrix, reports: &[u32]) -> Vec<StormFigures> {
    let mut counts = vec![[0; 3]; matrix.columns.len()];
    for row in &matrix.rows {
        for (counts, cell) in counts[row.first..].iter_mut().zip(&row.cells) {
            counts[cell.flooded().map_or(2, |flooded| usize::from(!flooded))] += 1;
        }
    }
    let figure = |((column, &reports), [flooded, dry, unknown]): ((&Column, &u32), [u32; 3])| {
        let series = &map.gauges().all()[column.at.series as usize];
        let Column { id, storm, peak_1h_mm_h, .. } = column;
        StormFigures {
            id: id.clone(),
            gauge: series.id().to_owned(),
            start: Time(storm.start),
            end: Time(storm.end),
            depth_mm: storm.depth_um as f64 / 1_000.0,
            peak_10min_mm_h: series.rain.peak_mm_h(storm, 600),
            peak_1h_mm_h: *peak_1h_mm_h,
            peak_3h_mm_h: series.rain.peak_mm_h(storm, 10_800),
            reports,
            flooded,
            dry,
            unknown,
        }
    };
    matrix.columns.iter().zip(reports).zip(counts).map(figure).collect()
}

fn value(matrix: &Matrix, row: &Row, by: &str) -> Option<f64> {
    let counts = Counts::of(matrix.seen(row));
    let interval = wilson_95(counts.flooded, counts.known());
    match by {
        "flooded" => Some(f64::from(counts.flooded)),
        "dry" => Some(f64::from(counts.dry)),
        "unknown" => Some(f64::from(counts.unknown)),
        "p" => share(counts.flooded, counts.known()),
        "low" => interval.map(|(low, _)| low),
        "high" => interval.map(|(_, high)| high),
        _ => share(counts.flooded, counts.all()),
    }
}

/// What has no value comes last.
fn order(sort: Sort, a: Option<f64>, b: Option<f64>) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) if sort.descending => b.total_cmp(&a),
        (Some(a), Some(b)) => a.total_cmp(&b),
        _ => b.is_some().cmp(&a.is_some()),
    }
}
