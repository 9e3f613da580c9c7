//! Is it real: where it floods more often, or less, than in the city as a whole, cell by cell.

use h3o::Resolution;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::category::Category;
use super::super::cell;
use super::super::layer::{Bbox, Feature};
use super::super::map::HazardMap;
use super::apart::{self, Apart, Hand};
use super::fdr::benjamini_hochberg;
use super::ground::Count;
use super::local_g::{LocalG, local_g, with_neighbours};
use super::{Analysis, Basis, Constant, Ground, Kind, Method, Takes};
use crate::error::Result;

/// Of fewer cells or occasions nothing can be said.
const LEAST_CELLS: usize = 30;
const LEAST_OCCASIONS: u32 = 30;
/// With fewer expected in a neighbourhood a sum of counts is far from normal. In cities of 1,600 cells that flood at random
/// one cell or more was declared in 13 of 100 with 21 expected, in 24 with 10, in 31 with 5, in 66 with 2.
const LEAST_EXPECTED: f64 = 10.0;
/// The share of false declarations among those declared.
const DECLARED_Q: f64 = 0.05;

const METHOD: Method = Method {
    name: "Getis–Ord Gi* of occasions in H3 cells and their neighbours, with the false discovery rate",
    reference: "Getis & Ord 1992, Geogr. Anal. 24: 189; Ord & Getis 1995, Geogr. Anal. 27: 286; Benjamini & Hochberg 1995, \
                JRSS B 57: 289",
};
const CONSTANTS: [Constant; 4] = [
    Constant { name: "declared_q", value: DECLARED_Q, meaning: "hot or cold up to this q" },
    Constant { name: "least_cells", value: LEAST_CELLS as f64, meaning: "fewer give no answer" },
    Constant { name: "least_occasions", value: LEAST_OCCASIONS as f64, meaning: "fewer give no answer" },
    Constant { name: "least_expected", value: LEAST_EXPECTED, meaning: "fewer in a neighbourhood: p are too small" },
];

/// How a cell and its neighbours compare with the whole study area: the cells with a report of any category, or an
/// incident that counts, and their neighbours.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Significance {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(flatten)]
    pub basis: Basis,
    /// Of the H3 cells.
    pub resolution: u8,
    /// Cells declared, whether or not they are given here.
    pub hot: usize,
    pub cold: usize,
    /// Sums over all cells.
    pub occasions: u32,
    pub reports: u32,
    /// What is missing for an answer, or for a better one.
    pub missing: Vec<String>,
    pub features: Vec<Feature<SignificanceCell>>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SignificanceCell {
    /// Of the category, in this cell.
    pub occasions: u32,
    /// Of any category, in this cell.
    pub reports: u32,
    /// Cells that were summed: itself and its neighbours in the study area.
    pub cells: u32,
    /// Standard deviate of the sum; null where there is no basis for one.
    pub z: Option<f64>,
    /// Two-sided.
    pub p: Option<f64>,
    /// p adjusted for the number of cells.
    pub q: Option<f64>,
    pub class: Option<Class>,
}

/// What is declared of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    Hot,
    Cold,
    NotSignificant,
}

/// What is asked besides the category.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Asked {
    /// By default the finest, up to the usual one, at which enough occasions are expected in a neighbourhood.
    pub resolution: Option<Resolution>,
    /// Only cells that touch it are given; all are compared.
    pub bbox: Option<Bbox>,
}

/// What is given of all that is compared.
pub(super) const BBOX: Takes = Takes {
    name: "bbox",
    meaning: "Only what touches this box is given, all is compared: west,south,east,north in WGS 84 degrees",
    kind: Kind::Text,
    required: false,
    example: "-73.95,40.75,-73.85,40.80",
};

impl Analysis for Significance {
    const NAME: &'static str = "significance";
    const TITLE: &'static str = "Is it real: where it floods more often than in the city as a whole, by Gi*";
    const TAKES: &'static [Takes] = &[
        Takes {
            name: "resolution",
            meaning: "H3 resolution of the cells, 6 to 12; default: the finest up to 9, whose edges have 201 m, at which ten \
                      occasions are expected in a cell and its neighbours",
            kind: Kind::Whole,
            required: false,
            example: "8",
        },
        BBOX,
    ];
    type Asked = Asked;

    fn set(asked: &mut Asked, name: &str, value: &str) -> Result<()> {
        match name {
            "bbox" => asked.bbox = Some(value.parse()?),
            _ => asked.resolution = Some(cell::resolution(value)?),
        }
        Ok(())
    }

    fn answer(map: &HazardMap, category: Category, asked: &Asked) -> Result<Significance> {
        Ok(apart::answer(map, category, asked))
    }
}

impl Apart for Significance {
    const MEDIA_TYPE: &'static str = "application/geo+json";
    type Source = (Basis, Ground);

    fn source(map: &HazardMap, category: Category, _: &Asked) -> (Basis, Ground) {
        (Basis::of(map, category, METHOD, &CONSTANTS, (0, "cells")), Ground::of(map, category))
    }

    fn work((mut basis, ground): (Basis, Ground), asked: &Asked, hand: &Hand) -> Option<Significance> {
        let (resolution, counts) = area(&ground, asked.resolution, hand.go_on)?;
        basis.n = counts.len();
        let mut missing = missing(&counts);
        let found = if missing.is_empty() { compared(&counts) } else { None };
        missing.extend(match &found {
            Some(_) => rough(&counts),
            None => missing.is_empty().then(|| "every cell has as many occasions: none stands out".to_owned()),
        });
        missing.extend(ground.silences());
        let cells = counts.iter().enumerate().map(|(i, count)| (count, found.as_ref().map(|found| found[i])));
        let cells = cells.map(|(count, found)| (count.cell, properties(*count, found)));
        let classes: Vec<_> = cells.clone().filter_map(|(_, properties)| properties.class).collect();
        let declared = |class| classes.iter().filter(|&&c| c == class).count();
        let wanted = |cell| asked.bbox.is_none_or(|bbox| bbox.meets_cell(cell));
        Some(Significance {
            kind: "FeatureCollection",
            basis,
            resolution: resolution.into(),
            hot: declared(Class::Hot),
            cold: declared(Class::Cold),
            occasions: counts.iter().map(|c| c.occasions).sum(),
            reports: counts.iter().map(|c| c.reports).sum(),
            missing,
            features: cells.filter(|(cell, _)| wanted(*cell)).map(|(cell, p)| Feature::over(cell, p)).collect(),
        })
    }
}

/// The study area at the resolution asked for, else at the one that suits it; nothing when told not to go on.
fn area(ground: &Ground, asked: Option<Resolution>, go_on: &dyn Fn() -> bool) -> Option<(Resolution, Vec<Count>)> {
    let at = |resolution| go_on().then(|| (resolution, study_area(&ground.counts(resolution))));
    let usual = at(asked.unwrap_or(cell::DEFAULT))?;
    let suits = |counts: &[Count]| expected(counts) >= LEAST_EXPECTED;
    if asked.is_some() || suits(&usual.1) {
        return Some(usual);
    }
    let mut coarser = cell::DEFAULT.pred();
    while let Some(resolution) = coarser.filter(|r| *r >= cell::COARSEST) {
        let (_, counts) = at(resolution)?;
        if counts.len() < LEAST_CELLS {
            break;
        }
        if suits(&counts) {
            return Some((resolution, counts));
        }
        coarser = resolution.pred();
    }
    Some(usual)
}

/// Occasions in a cell and six neighbours, were they spread evenly.
fn expected(counts: &[Count]) -> f64 {
    7.0 * counts.iter().map(|c| f64::from(c.occasions)).sum::<f64>() / counts.len().max(1) as f64
}

/// The cells where somebody reported anything, and their neighbours, where nobody did: so the edge of what is known
/// counts as dry, and nothing beyond it.
fn study_area(counted: &[Count]) -> Vec<Count> {
    let mut counted = counted.iter().peekable();
    let area = with_neighbours(counted.clone().map(|count| count.cell));
    let count = |cell| {
        let own = counted.next_if(|count| count.cell == cell);
        own.copied().unwrap_or(Count { cell, occasions: 0, reports: 0 })
    };
    area.into_iter().map(count).collect()
}

fn missing(counts: &[Count]) -> Vec<String> {
    let occasions: u32 = counts.iter().map(|c| c.occasions).sum();
    let mut missing = Vec::new();
    if counts.len() < LEAST_CELLS {
        missing.push(format!(
            "reports come from {} cells and their neighbours, and {LEAST_CELLS} are needed: ask for a finer resolution",
            counts.len()
        ));
    }
    if occasions < LEAST_OCCASIONS {
        missing.push(format!(
            "{occasions} occasions in all, and {LEAST_OCCASIONS} are needed to tell a pattern from chance"
        ));
    }
    missing
}

/// z, p and q of each cell; nothing where all cells are alike.
fn compared(counts: &[Count]) -> Option<Vec<(LocalG, f64)>> {
    let cells: Vec<_> = counts.iter().map(|c| c.cell).collect();
    let values: Vec<f64> = counts.iter().map(|c| f64::from(c.occasions)).collect();
    let found = local_g(&cells, &values)?;
    let p: Vec<f64> = found.iter().map(|g| g.p).collect();
    Some(found.into_iter().zip(benjamini_hochberg(&p)).collect())
}

fn rough(counts: &[Count]) -> Option<String> {
    let expected = expected(counts);
    (expected < LEAST_EXPECTED).then(|| {
        format!(
            "{expected:.1} occasions are expected in a cell and its neighbours, and {LEAST_EXPECTED} make a sum nearly \
             normal: p and q are too small, so take z for an order of the cells; a coarser resolution helps"
        )
    })
}

fn properties(Count { occasions, reports, .. }: Count, found: Option<(LocalG, f64)>) -> SignificanceCell {
    let class = found.map(|(g, q)| match q <= DECLARED_Q {
        true if g.z > 0.0 => Class::Hot,
        true => Class::Cold,
        false => Class::NotSignificant,
    });
    let g = found.map(|(g, _)| g);
    SignificanceCell {
        occasions,
        reports,
        cells: g.map_or(0, |g| g.weight),
        z: g.map(|g| g.z),
        p: g.map(|g| g.p),
        q: found.map(|(_, q)| q),
        class,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::event::{Event, Report};
    use super::super::super::position::Position;
    use super::super::super::settings::Settings;
    use super::*;

    const NINE: Asked = Asked { resolution: Some(Resolution::Nine), bbox: None };

    /// A square of other reports, 300 m apart, and `floods` at one corner of it, one every thirteen hours.
    fn answer(side: i32, floods: i32, asked: Asked) -> Significance {
        let report = |id: String, category: &str, (x, y): (i32, i32), hour: i32| {
            let at = Position::new(110.0 + f64::from(x) * 0.003, 20.0 + f64::from(y) * 0.003).unwrap();
            Event::Report(Report::new(id, Category::named(category).unwrap(), at, i64::from(hour) * 3_600))
        };
        let others = (0..side * side).map(|n| report(format!("o{n}"), "manhole", (n % side, n / side), n % 480));
        let corner = |n: i32| (n % 3, n / 3 % 3);
        let floods = (0..floods).map(|n| report(format!("f{n}"), "waterlogging", corner(n), n * 13));
        let events: Vec<_> = others.chain(floods).collect();
        let map = HazardMap::build(Settings::default(), (1..).zip(&events));
        Significance::answer(&map, Category::named("waterlogging").unwrap(), &asked).unwrap()
    }

    #[test]
    fn a_corner_that_floods_is_hot_and_the_rest_is_not() {
        let said = answer(20, 60, NINE);
        assert!(said.hot >= 6 && said.cold == 0, "{} hot, {} cold", said.hot, said.cold);
        assert_eq!((said.occasions, said.reports), (60, 460));
        let hot = said.features.iter().filter(|f| f.properties.class == Some(Class::Hot));
        assert!(hot.clone().all(|f| f.properties.q.unwrap() <= 0.05 && f.properties.cells >= 3));
        assert!(said.features.iter().any(|f| f.properties.reports == 0), "neighbours belong to the area");
        assert_eq!(said.basis.n, said.features.len());
        assert!(said.missing[0].contains("make a sum nearly normal"), "{:?}", said.missing);
    }

    #[test]
    fn a_box_restricts_what_is_given_and_not_what_is_compared() {
        let (all, some) = (answer(20, 60, NINE), Some("110,20,110.01,20.01".parse().unwrap()));
        let some = answer(20, 60, Asked { bbox: some, ..NINE });
        assert!(some.features.len() < all.features.len() / 4 && !some.features.is_empty());
        assert_eq!((some.basis.n, some.hot), (all.basis.n, all.hot));
        let same = |id: &str| all.features.iter().find(|f| f.id == id).unwrap().properties.z;
        assert!(some.features.iter().all(|f| f.properties.z == same(&f.id)));
    }

    #[test]
    fn cells_are_made_larger_until_enough_is_expected_and_not_so_large_that_too_few_are_left() {
        let resolution = |side, floods| answer(side, floods, Asked::default()).resolution;
        assert_eq!([resolution(20, 2_000), resolution(20, 300), resolution(20, 5)], [9, 8, 9]);
        assert!(answer(20, 300, Asked::default()).missing.is_empty());
    }

    #[test]
    fn too_few_cells_or_occasions_have_no_z_and_it_says_what_is_missing() {
        let few = answer(20, 20, NINE);
        assert!(few.missing[0].contains("20 occasions in all, and 30 are needed"), "{:?}", few.missing);
        assert!(few.features.iter().all(|f| f.properties.z.is_none() && f.properties.class.is_none()));
        let coarse = answer(3, 60, Asked { resolution: Some(Resolution::Seven), bbox: None });
        assert!(coarse.missing[0].contains("cells and their neighbours, and 30 are needed"), "{:?}", coarse.missing);
        let nothing = answer(0, 0, Asked::default());
        assert_eq!((nothing.features.len(), nothing.missing.len()), (0, 2));
    }
}
