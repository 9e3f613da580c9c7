//! Is it real: occasions against those that the reports of every category would make one expect. Where many riders pass
//! much is reported; it floods there more often only if more of it is floods.

use h3o::Resolution;
use hashbrown::HashMap;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::category::Category;
use super::super::cell;
use super::super::grid::Grid;
use super::super::hotspot::Hotspot;
use super::super::layer::rate::poisson_95;
use super::super::layer::{Bbox, Feature, hotspot_id, hotspot_name};
use super::super::map::HazardMap;
use super::super::position::Position;
use super::apart::{self, Apart, Hand};
use super::ground::Count;
use super::significance::BBOX;
use super::smoothing::Prior;
use super::{Analysis, Basis, Constant, Ground, Kind, Method, Takes};
use crate::error::{Result, invalid};

const METHOD: Method = Method {
    name: "relative risk: occasions against their share of all reports, with the exact 95 % interval, and smoothed by \
           empirical Bayes",
    reference: "Garwood 1936, Biometrika 28: 437; Marshall 1991, Appl. Stat. 40: 283 (global; a negative variance is 0)",
};
const CONSTANTS: [Constant; 0] = [];

/// Observed and expected occasions, by cell or by hotspot.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Risk {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(flatten)]
    pub basis: Basis,
    pub unit: Unit,
    /// Of the H3 cells that the city's rate is counted in: an occasion counts once in each.
    pub resolution: u8,
    /// Sums over the cells of the city.
    pub occasions: u32,
    pub reports: u32,
    /// The city's rate: what is expected for one report. Null where there is no basis for one.
    pub occasions_per_report: Option<f64>,
    /// How much the rates of cells differ beyond chance.
    pub variance: Option<f64>,
    /// What is missing for an answer, or for a better one.
    pub missing: Vec<String>,
    pub features: Vec<Feature<RiskProperties>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RiskProperties {
    /// A hotspot's.
    pub name: Option<String>,
    /// Observed.
    pub occasions: u32,
    /// Of any category: in the cell, or within `hotspot_radius` of the hotspot's peak.
    pub reports: u32,
    /// Occasions that these reports would make one expect at the city's rate.
    pub expected: Option<f64>,
    /// Observed by expected; null where nothing is expected.
    pub relative_risk: Option<f64>,
    /// Its exact 95 % interval.
    pub relative_risk_low: Option<f64>,
    pub relative_risk_high: Option<f64>,
    /// Drawn towards 1 where little is known.
    pub relative_risk_smoothed: Option<f64>,
}

/// What is compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    #[default]
    Cell,
    Hotspot,
}

/// What is asked besides the category.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Asked {
    pub unit: Unit,
    /// By default the usual one for cells, and for hotspots the one whose cells are nearest to their circle in area.
    pub resolution: Option<Resolution>,
    pub bbox: Option<Bbox>,
}

impl Analysis for Risk {
    const NAME: &'static str = "risk";
    const TITLE: &'static str =
        "Is it real: occasions against those that reports of every category would make one expect";
    const TAKES: &'static [Takes] = &[
        Takes {
            name: "unit",
            meaning: "What is compared: cell (the default) or hotspot",
            kind: Kind::Text,
            required: false,
            example: "hotspot",
        },
        Takes {
            name: "resolution",
            meaning: "H3 resolution of the cells, 6 to 12; default: 9 for cells; for hotspots, that of cells about as large \
                      as their circle",
            kind: Kind::Whole,
            required: false,
            example: "8",
        },
        BBOX,
    ];
    type Asked = Asked;

    fn set(asked: &mut Asked, name: &str, value: &str) -> Result<()> {
        match (name, value) {
            ("unit", "cell") => asked.unit = Unit::Cell,
            ("unit", "hotspot") => asked.unit = Unit::Hotspot,
            ("unit", _) => return Err(invalid(name, value, "unknown; known are cell, hotspot")),
            ("bbox", _) => asked.bbox = Some(value.parse()?),
            _ => asked.resolution = Some(cell::resolution(value)?),
        }
        Ok(())
    }

    fn answer(map: &HazardMap, category: Category, asked: &Asked) -> Result<Risk> {
        Ok(apart::answer(map, category, asked))
    }
}

/// What is copied out of the map.
pub struct Source {
    basis: Basis,
    ground: Ground,
    hotspots: Vec<Spot>,
}

/// A hotspot.
struct Spot {
    id: String,
    name: Option<String>,
    /// Its peak's.
    at: Position,
    occasions: u32,
}

impl Apart for Risk {
    const MEDIA_TYPE: &'static str = "application/geo+json";
    type Source = Source;

    fn source(map: &HazardMap, category: Category, asked: &Asked) -> Source {
        let wanted = if asked.unit == Unit::Hotspot { map.hotspots_of(category) } else { Vec::new() };
        let spot = |hotspot: Hotspot| {
            let site = map.sites().get(hotspot.peak);
            Spot {
                id: hotspot_id(map, hotspot.peak),
                name: hotspot_name(map, &hotspot),
                at: map.places().position(site.key),
                occasions: site.tally.occasions(),
            }
        };
        let n_of = if asked.unit == Unit::Cell { "cells" } else { "hotspots" };
        Source {
            basis: Basis::of(map, category, METHOD, &CONSTANTS, (0, n_of)),
            ground: Ground::of(map, category),
            hotspots: wanted.into_iter().map(spot).collect(),
        }
    }

    fn work(Source { mut basis, ground, hotspots }: Source, asked: &Asked, hand: &Hand) -> Option<Risk> {
        let usual = if asked.unit == Unit::Cell { cell::DEFAULT } else { nearest(ground.rule.hotspot_radius_m) };
        let resolution = asked.resolution.unwrap_or(usual);
        let counts = ground.counts(resolution);
        if !(hand.go_on)() {
            return None;
        }
        let (occasions, reports) = (counts.iter().map(|c| c.occasions).sum(), counts.iter().map(|c| c.reports).sum());
        let mut missing: Vec<String> = ground.too_few_others(occasions as usize, "occasions").into_iter().collect();
        if occasions == 0 {
            missing.push(format!(
                "no occasion of {} in the window: there is no rate to compare with",
                ground.category.name()
            ));
        }
        let rates = counts.iter().map(|c| (f64::from(c.occasions), f64::from(c.reports)));
        let prior = Prior::of(rates).filter(|_| missing.is_empty());
        missing.extend(ground.silences());
        let features = match asked.unit {
            Unit::Cell => {
                basis.n = counts.len();
                cells(&counts, asked.bbox, prior)
            }
            Unit::Hotspot => {
                basis.n = hotspots.len();
                spots(&ground, hotspots, asked.bbox, prior)
            }
        };
        Some(Risk {
            kind: "FeatureCollection",
            basis,
            unit: asked.unit,
            resolution: resolution.into(),
            occasions,
            reports,
            occasions_per_report: prior.map(|p| p.mean),
            variance: prior.map(|p| p.variance),
            missing,
            features,
        })
    }
}

/// The resolution whose cells come nearest in area to a circle.
fn nearest(radius_m: f64) -> Resolution {
    let area_m2 = std::f64::consts::PI * radius_m * radius_m;
    let apart = |r: &Resolution| (r.area_m2() / area_m2).ln().abs();
    let known = Resolution::range(cell::COARSEST, cell::FINEST);
    known.min_by(|a, b| apart(a).total_cmp(&apart(b))).unwrap_or(cell::DEFAULT)
}

type Features = Vec<Feature<RiskProperties>>;

fn cells(counts: &[Count], bbox: Option<Bbox>, prior: Option<Prior>) -> Features {
    let mut intervals = Intervals::default();
    let given = counts.iter().filter(|count| bbox.is_none_or(|bbox| bbox.meets_cell(count.cell)));
    let mut of = |c: &Count| properties(None, [c.occasions, c.reports], prior, &mut intervals);
    given.map(|count| Feature::over(count.cell, of(count))).collect()
}

fn spots(ground: &Ground, hotspots: Vec<Spot>, bbox: Option<Bbox>, prior: Option<Prior>) -> Features {
    let mut intervals = Intervals::default();
    let near = near(ground, &hotspots);
    let given = hotspots.into_iter().zip(near).filter(|(spot, _)| bbox.is_none_or(|bbox| bbox.contains(spot.at)));
    let mut of = |spot: Spot, reports| {
        let properties = properties(spot.name, [spot.occasions, reports], prior, &mut intervals);
        Feature::new(spot.id, Some(spot.at), properties)
    };
    given.map(|(spot, reports)| of(spot, reports)).collect()
}

/// How many reports of any category lie within `hotspot_radius` of each.
fn near(ground: &Ground, hotspots: &[Spot]) -> Vec<u32> {
    let radius_m = ground.rule.hotspot_radius_m;
    let mut grid = Grid::new(radius_m);
    (0..).zip(hotspots).for_each(|(i, spot)| grid.insert(0, spot.at.ecef(), i));
    let mut near = vec![0; hotspots.len()];
    for seen in &ground.reports {
        grid.within(0, seen.at.ecef(), radius_m, |i, _| near[i as usize] += 1);
    }
    near
}

/// What is known by count: many cells have the same, and the interval takes long.
#[derive(Default)]
struct Intervals(HashMap<u32, (f64, f64)>);

impl Intervals {
    fn of(&mut self, count: u32) -> (f64, f64) {
        *self.0.entry(count).or_insert_with(|| poisson_95(count))
    }
}

fn properties(
    name: Option<String>,
    [occasions, reports]: [u32; 2],
    prior: Option<Prior>,
    intervals: &mut Intervals,
) -> RiskProperties {
    let expected = prior.map(|prior| f64::from(reports) * prior.mean);
    let by_expected = |n: f64| expected.filter(|&e| e > 0.0).map(|e| n / e);
    let (low, high) = intervals.of(occasions);
    let smoothed = |prior: Prior| prior.smoothed(f64::from(occasions), f64::from(reports)) / prior.mean;
    RiskProperties {
        name,
        occasions,
        reports,
        expected,
        relative_risk: by_expected(f64::from(occasions)),
        relative_risk_low: by_expected(low),
        relative_risk_high: by_expected(high),
        relative_risk_smoothed: prior.filter(|_| reports > 0).map(smoothed),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::event::{Event, Report};
    use super::super::super::settings::Settings;
    use super::*;

    /// Spots 1 km apart, each with so many floods, a day apart, and so many other reports.
    fn answer(spots: &[(u32, u32)], asked: Asked) -> Risk {
        let report = |id: String, name: &str, spot: usize, day: u32| {
            let at = Position::new(110.0 + spot as f64 * 0.01, 20.0).unwrap();
            Event::Report(Report::new(id, Category::named(name).unwrap(), at, i64::from(day) * 86_400))
        };
        let mut events = Vec::new();
        for (spot, &(floods, others)) in spots.iter().enumerate() {
            events.extend((0..floods).map(|n| report(format!("f{spot}.{n}"), "waterlogging", spot, n)));
            events.extend((0..others).map(|n| report(format!("o{spot}.{n}"), "manhole", spot, n % 20)));
        }
        let map = HazardMap::build(Settings::default(), (1..).zip(&events));
        Risk::answer(&map, Category::named("waterlogging").unwrap(), &asked).unwrap()
    }

    #[test]
    fn where_many_pass_much_is_expected() {
        let said = answer(&[(10, 90), (10, 10), (0, 80)], Asked::default());
        assert_eq!((said.occasions, said.reports, said.basis.n), (20, 200, 3));
        let of = |reports| said.features.iter().find(|f| f.properties.reports == reports).unwrap().properties.clone();
        let [busy, quiet, none] = [100, 20, 80].map(of);
        assert_eq!((busy.expected, busy.relative_risk), (Some(10.0), Some(1.0)));
        assert_eq!((quiet.expected, quiet.relative_risk), (Some(2.0), Some(5.0)));
        // Garwood for 10: 4.795 to 18.390.
        assert!((quiet.relative_risk_low.unwrap() - 4.795 / 2.0).abs() < 1e-3);
        assert!((quiet.relative_risk_high.unwrap() - 18.390 / 2.0).abs() < 1e-3);
        let smoothed = quiet.relative_risk_smoothed.unwrap();
        assert!(smoothed > 1.0 && smoothed < 5.0, "{smoothed}");
        assert_eq!((none.relative_risk, none.relative_risk_low), (Some(0.0), Some(0.0)));
        assert!(none.relative_risk_smoothed.unwrap() > 0.0);
    }

    #[test]
    fn hotspots_are_compared_with_the_reports_within_their_radius() {
        let said = answer(&[(10, 90), (10, 10), (0, 80)], Asked { unit: Unit::Hotspot, ..Asked::default() });
        assert_eq!((said.resolution, said.basis.n), (10, 2));
        let risks: Vec<_> = said.features.iter().map(|f| (f.properties.reports, f.properties.relative_risk)).collect();
        assert!(risks.contains(&(100, Some(1.0))) && risks.contains(&(20, Some(5.0))), "{risks:?}");
        assert!(said.features.iter().all(|f| f.id.starts_with("waterlogging:")));
    }

    #[test]
    fn without_other_reports_or_floods_there_is_no_ratio_and_it_says_why() {
        for (spots, part) in [
            (&[(10, 1), (10, 2)][..], "3 other reports beside 20 occasions"),
            (&[(0, 50), (0, 60)][..], "no occasion of waterlogging in the window"),
            (&[][..], "0 other reports"),
        ] {
            let said = answer(spots, Asked::default());
            assert!(said.missing[0].contains(part), "{:?}", said.missing);
            assert_eq!(said.occasions_per_report, None);
            let bare =
                |p: &RiskProperties| (p.expected, p.relative_risk, p.relative_risk_smoothed) == (None, None, None);
            assert!(said.features.iter().all(|f| bare(&f.properties)));
        }
    }

    #[test]
    fn the_citys_rate_is_counted_in_cells_of_about_the_circles_size() {
        assert_eq!([20.0, 50.0, 100.0, 1e4].map(nearest).map(u8::from), [11, 10, 10, 6]);
    }
}
