//! Where a flood would probably not be reported: cells from which less is reported than from all around them.
//!
//! A cell is compared with its neighbours where at least 4 of them reported something: else the edge of
//! the city would be taken for a hole in it. Were the reports spread evenly over a cell and its six neighbours, its own
//! would be binomial among them all, with a probability of one seventh, or, where outlines of the land are known, of its
//! share of their land; a cell is silent where so few, or fewer, then have a chance of at most 0.05. What is mostly water
//! is not compared: whether anybody lives on the rest nobody can tell from it. Reports of every category count, dry ones too. Parks and rail yards are silent as well: who lives there
//! is not known here.

use std::cmp::Reverse;
use std::sync::Arc;

use h3o::{CellIndex, Resolution};
use hashbrown::HashMap;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::category::Category;
use super::super::cell;
use super::super::layer::{Bbox, Feature, Interval};
use super::super::map::HazardMap;
use super::apart::{self, Apart, Hand};
use super::binomial::at_most;
use super::ground::Count;
use super::land::Land;
use super::local_g::with_neighbours;
use super::named::{Names, Nearest};
use super::significance::BBOX;
use super::{Analysis, Basis, Constant, Ground, Kind, Method, Takes};
use crate::error::Result;

/// So many neighbours of a cell have to report something.
const LEAST_NEIGHBOURS: usize = 4;
/// The chance of so few reports, were they spread evenly: up to it a cell is silent.
const SILENT_P: f64 = 0.05;
/// With fewer reports around it no cell can be silent: (6/7)²⁰ is the first below 0.05.
const LEAST_AROUND: f64 = 20.0;
/// A cell of which less is land is not compared.
const LEAST_LAND: f64 = 0.5;
/// Of a neighbour that reports something so much is land at least, whatever outlines that were drawn more roughly say.
const LEAST_LAND_REPORTED: f64 = 1.0 / 49.0;
/// A name is looked for as far as the neighbours of a cell reach.
const NAMED_WITHIN_EDGES: f64 = 3.0;

const METHOD: Method = Method {
    name: "reports of an H3 cell among those of it and its neighbours, one-sided exact binomial test",
    reference: "Przyborowski & Wilenski 1940, Biometrika 31: 313 (two Poisson counts compared by their binomial)",
};
const CONSTANTS: [Constant; 4] = [
    Constant { name: "silent_p", value: SILENT_P, meaning: "silent up to this p" },
    Constant {
        name: "least_neighbours",
        value: LEAST_NEIGHBOURS as f64,
        meaning: "with fewer neighbours that reported something a cell is not compared",
    },
    Constant { name: "least_around", value: LEAST_AROUND, meaning: "fewer reports around a cell: none can be silent" },
    Constant {
        name: "least_land",
        value: LEAST_LAND,
        meaning: "where outlines are known: with less land it is not compared",
    },
];

/// Cells from which fewer reports of any category came than their neighbours would make one expect; the least likely
/// first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Silence {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(flatten)]
    pub basis: Basis,
    /// Of the H3 cells.
    pub resolution: u8,
    /// How many of the cells compared are silent, whether or not they are given here.
    pub silent: usize,
    /// How many would be, did as much come from every cell as from around it.
    pub by_chance: f64,
    /// What is missing for an answer, or for a better one.
    pub missing: Vec<String>,
    pub features: Vec<Feature<SilentCell>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SilentCell {
    /// What lies nearest to its middle and has a name: a place, a crossing or street that a report names, or a corner of a
    /// street's line; null where nothing does within three edges.
    pub near: Option<String>,
    /// How far that is from its middle, in metres.
    pub near_m: Option<u32>,
    /// Where its middle lies seen from there: N, NE, E, SE, S, SW, W or NW.
    pub near_direction: Option<&'static str>,
    /// Of its middle, in degrees WGS 84.
    pub lon: f64,
    pub lat: f64,
    /// Of any category, in the cell.
    pub reports: u32,
    /// Of any category, in its neighbours together.
    pub reports_around: u32,
    /// What its neighbours would make one expect of it: their mean, or by its land and theirs.
    pub expected: f64,
    /// The share of it that is land, from 0 to 1; null where no outlines of the land are known.
    pub land: Option<f64>,
    /// The chance of so few or fewer.
    pub p: f64,
    /// Of the category, in the cell.
    pub occasions: u32,
    /// Of the category, in its neighbours: the sum of what each counts.
    pub occasions_around: u32,
}

/// What is asked besides the category.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// By default the finest, up to the usual one, at which enough is reported around a cell.
    pub resolution: Option<Resolution>,
    /// Only cells that touch it are given; all are compared.
    pub bbox: Option<Bbox>,
    /// Reports observed in it count, and incidents that touch it.
    pub datetime: Option<Interval>,
    /// Where people can be; nothing: anywhere.
    pub land: Option<Arc<Land>>,
}

impl Analysis for Silence {
    const NAME: &'static str = "silence";
    const TITLE: &'static str = "Where a flood would go unreported: cells with fewer reports than their neighbours";
    const TAKES: &'static [Takes] = &[
        Takes {
            name: "resolution",
            meaning: "H3 resolution of the cells, 6 to 12; default: the finest up to 9, whose edges have 201 m, at which 20 \
                      reports come from around a cell on average",
            kind: Kind::Whole,
            required: false,
            example: "8",
        },
        BBOX,
        Takes {
            name: "datetime",
            meaning: "Only what was observed then counts: RFC 3339, a time or an interval, as in the layers",
            kind: Kind::Text,
            required: false,
            example: "2024-03-01T00:00:00Z/..",
        },
    ];
    type Asked = Asked;

    fn set(asked: &mut Asked, name: &str, value: &str) -> Result<()> {
        match name {
            "bbox" => asked.bbox = Some(value.parse()?),
            "datetime" => asked.datetime = Some(value.parse()?),
            _ => asked.resolution = Some(cell::resolution(value)?),
        }
        Ok(())
    }

    fn answer(map: &HazardMap, category: Category, asked: &Asked) -> Result<Silence> {
        Ok(apart::answer(map, category, asked))
    }
}

/// What is copied out of the map.
pub struct Source {
    basis: Basis,
    ground: Ground,
    names: Names,
}

impl Apart for Silence {
    const MEDIA_TYPE: &'static str = "application/geo+json";
    type Source = Source;

    fn source(map: &HazardMap, category: Category, asked: &Asked) -> Source {
        let mut ground = Ground::of(map, category);
        if let Some(Interval { from, to }) = asked.datetime {
            ground.reports.retain(|seen| (from..=to).contains(&seen.observed_at));
            ground.incidents.retain(|(_, span)| span.start <= to && span.end >= from);
        }
        let basis = Basis::of(map, category, METHOD, &CONSTANTS, (0, "cells"));
        Source { basis, ground, names: Names::of(map) }
    }

    fn work(Source { mut basis, ground, names }: Source, asked: &Asked, hand: &Hand) -> Option<Silence> {
        let (resolution, compared) = area(&ground, asked, hand.go_on)?;
        basis.n = compared.len();
        let mut silent: Vec<&Compared> = compared.iter().filter(|c| c.p <= SILENT_P).collect();
        silent.sort_by(|a, b| a.p.total_cmp(&b.p).then_with(|| a.order().cmp(&b.order())));
        let wanted = |c: &&&Compared| asked.bbox.is_none_or(|bbox| bbox.meets_cell(c.own.cell));
        let given: Vec<&Compared> = silent.iter().filter(wanted).copied().collect();
        let middles = given.iter().map(|c| cell::centre(c.own.cell).ecef());
        let nearest = names.nearest(middles, resolution.edge_length_m() * NAMED_WITHIN_EDGES);
        let features = given.iter().zip(nearest).map(|(c, near)| Feature::over(c.own.cell, c.properties(near)));
        Some(Silence {
            kind: "FeatureCollection",
            basis,
            resolution: resolution.into(),
            silent: silent.len(),
            by_chance: compared.iter().map(Compared::chance_of_silence).fold(0.0, |sum, chance| sum + chance),
            // Of a time that was chosen nobody wonders what lies outside of it.
            missing: missing(&compared)
                .into_iter()
                .chain(if asked.datetime.is_none() { ground.silences() } else { Vec::new() })
                .collect(),
            features: features.collect(),
        })
    }
}

/// A cell beside its neighbours.
#[derive(Clone, Copy, Debug)]
struct Compared {
    own: Count,
    reports_around: u32,
    occasions_around: u32,
    /// Of it and of its neighbours: cells, or as much of them as is land.
    land: f64,
    land_around: f64,
    is_land_known: bool,
    p: f64,
}

impl Compared {
    /// Nothing where too few neighbours reported anything, or where it is mostly water.
    fn of(cell: CellIndex, counts: &HashMap<CellIndex, Count>, land: Option<&Shares>) -> Option<Compared> {
        let around: Vec<CellIndex> = cell.grid_disk::<Vec<_>>(1).into_iter().filter(|near| *near != cell).collect();
        let known = around.iter().filter_map(|near| counts.get(near)).filter(|count| count.reports > 0);
        if known.clone().count() < LEAST_NEIGHBOURS {
            return None;
        }
        let own = counts.get(&cell).copied().unwrap_or(Count { cell, occasions: 0, reports: 0 });
        let share = |cell: &CellIndex| match (land, counts.get(cell).is_some_and(|count| count.reports > 0)) {
            (None, _) => 1.0,
            (Some(land), true) => land[cell].max(LEAST_LAND_REPORTED),
            (Some(land), false) => land[cell],
        };
        let own_share = share(&cell);
        if own_share < LEAST_LAND {
            return None;
        }
        let made = Compared {
            own,
            land: own_share,
            land_around: around.iter().map(share).sum(),
            is_land_known: land.is_some(),
            reports_around: known.map(|count| count.reports).sum(),
            occasions_around: around.iter().filter_map(|near| counts.get(near)).map(|count| count.occasions).sum(),
            p: 1.0,
        };
        Some(Compared { p: made.at_most(own.reports), ..made })
    }

    fn all(&self) -> u32 {
        self.own.reports + self.reports_around
    }

    /// The chance of at most so many of all reports, were they spread evenly.
    fn at_most(&self, reports: u32) -> f64 {
        at_most(reports, self.all(), self.land / (self.land + self.land_around))
    }

    /// The chance that it were silent, were they spread evenly: p has steps, so it is less than the limit.
    fn chance_of_silence(&self) -> f64 {
        let (mut most, mut least) = (0, self.all());
        // Of so many or more the chance is above the limit.
        while most < least {
            let middle = most + (least - most) / 2;
            if self.at_most(middle) <= SILENT_P { most = middle + 1 } else { least = middle }
        }
        if most == 0 { 0.0 } else { self.at_most(most - 1) }
    }

    /// Of equal p: where it floods more around it, then the smaller id.
    fn order(&self) -> (Reverse<u32>, CellIndex) {
        (Reverse(self.occasions_around), self.own.cell)
    }

    fn properties(&self, near: Option<Nearest>) -> SilentCell {
        let middle = cell::centre(self.own.cell);
        SilentCell {
            near_m: near.as_ref().map(|near| near.m),
            near_direction: near.as_ref().and_then(|near| near.direction),
            near: near.map(|near| near.name),
            lon: middle.lon(),
            lat: middle.lat(),
            reports: self.own.reports,
            reports_around: self.reports_around,
            expected: f64::from(self.reports_around) * self.land / self.land_around,
            land: self.is_land_known.then_some(self.land),
            p: self.p,
            occasions: self.own.occasions,
            occasions_around: self.occasions_around,
        }
    }
}

/// What is compared at the resolution asked for, else at the one that suits; nothing when told not to go on.
fn area(ground: &Ground, asked: &Asked, go_on: &dyn Fn() -> bool) -> Option<(Resolution, Vec<Compared>)> {
    let at = |resolution| go_on().then(|| ground.counts(resolution));
    // Whether enough is reported around a cell shows without the land, too.
    let suits = |counts: &[Count]| around(&compared(counts, None)) >= LEAST_AROUND;
    let given = |resolution, counts: &[Count]| Some((resolution, compared(counts, asked.land.as_deref())));
    let usual = asked.resolution.unwrap_or(cell::DEFAULT);
    let counts = at(usual)?;
    if asked.resolution.is_some() || suits(&counts) {
        return given(usual, &counts);
    }
    let mut coarser = cell::DEFAULT.pred();
    while let Some(resolution) = coarser.filter(|r| *r >= cell::COARSEST) {
        let counts = at(resolution)?;
        if suits(&counts) {
            return given(resolution, &counts);
        }
        coarser = resolution.pred();
    }
    given(usual, &counts)
}

/// By cell, the share that is land.
type Shares = HashMap<CellIndex, f64>;

/// In the order of the cells.
fn compared(counts: &[Count], land: Option<&Land>) -> Vec<Compared> {
    let by_cell: HashMap<CellIndex, Count> = counts.iter().map(|count| (count.cell, *count)).collect();
    let reporting = counts.iter().filter(|count| count.reports > 0).map(|count| count.cell);
    let cells = with_neighbours(reporting);
    let shares = land.map(|land| -> Shares {
        with_neighbours(cells.iter().copied()).into_iter().map(|cell| (cell, land.share(cell))).collect()
    });
    cells.into_iter().filter_map(|cell| Compared::of(cell, &by_cell, shares.as_ref())).collect()
}

/// Reports around a cell, on average.
fn around(compared: &[Compared]) -> f64 {
    compared.iter().map(|c| f64::from(c.reports_around)).sum::<f64>() / compared.len().max(1) as f64
}

fn missing(compared: &[Compared]) -> Option<String> {
    let around = around(compared);
    if compared.is_empty() {
        return Some(format!(
            "no cell has {LEAST_NEIGHBOURS} neighbours that reported anything: there is nothing to compare with"
        ));
    }
    (around < LEAST_AROUND).then(|| {
        format!(
            "{around:.1} reports come from around a cell on average, and {LEAST_AROUND} are needed to tell silence from \
             chance: most that are silent cannot be found"
        )
    })
}
