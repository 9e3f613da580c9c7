//! The layer of coverage: where reports of any kind came from, by H3 cell. Where nobody reports, silence is not dryness.

use h3o::{CellIndex, Resolution};
use serde::Serialize;
use utoipa::ToSchema;

use super::super::cell;
use super::super::cql2::Kind;
use super::super::map::HazardMap;
use super::super::position::Position;
use super::super::report::ReportRow;
use super::bounds::Bbox;
use super::feature::{Feature, FeatureCollection, Rings, Time};
use super::filter::Filter;
use super::incidents::distinct_reporters;
use super::queryable::{Asking, MANY, Queryable, Table, polygons};
use super::reports;

/// A cell is less than so many edges wide, wherever it lies.
const EDGES_WIDE: f64 = 3.0;
/// Metres by degree of latitude, rounded down.
const METRES_PER_DEGREE: f64 = 110_000.0;
/// Beyond, a degree of longitude is so short that all reports are looked at.
const FURTHEST_LAT: f64 = 85.0;

/// What is published of a cell with a report in it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CoverageProperties {
    /// H3 resolution of the cell.
    pub resolution: u8,
    /// Of any category, dry ones too.
    pub reports: usize,
    /// "Passed here, no water."
    pub dry_reports: usize,
    /// Distinct persons; reports without a person count for nobody.
    pub reporters: usize,
    pub first_observed_at: Time,
    pub last_observed_at: Time,
}

/// The reports in one cell.
pub struct Covered {
    cell: CellIndex,
    reports: Vec<u32>,
}

/// What they can be asked for in a filter.
pub static TABLE: Table<Covered> = Table {
    properties: &[
        Queryable::new("id", "The id of the cell", Kind::Text, |_, c| c.cell.to_string().into()),
        Queryable::new("resolution", "H3 resolution of the cell", Kind::Integer, |_, c| {
            u32::from(u8::from(c.cell.resolution())).into()
        }),
        Queryable::new("reports", "How many reports came from it", Kind::Integer, |_, c| c.reports.len().into()),
        Queryable::new("dry_reports", "Passed here, no water", Kind::Integer, |r, c| dry_reports(r.map, c).into())
            .taking(MANY),
        Queryable::new("reporters", "How many people reported from it", Kind::Integer, |r, c| {
            distinct_reporters(rows(r.map, c)).into()
        })
        .taking(MANY),
        Queryable::new("first_observed_at", "When something was first observed", Kind::Time, |r, c| {
            first_and_last(r.map, c).map(|t| Time(t.0)).into()
        })
        .taking(MANY),
        Queryable::new("last_observed_at", "When something was last observed", Kind::Time, |r, c| {
            first_and_last(r.map, c).map(|t| Time(t.1)).into()
        })
        .taking(MANY),
        Queryable::geometry("polygon-or-multipolygon"),
    ],
    located: |_, c| {
        Some(polygons(cell::outline(c.cell).into_iter().map(|ring| Rings::from([ring])).collect::<Vec<_>>().iter()))
    },
};

fn dry_reports(map: &HazardMap, covered: &Covered) -> usize {
    rows(map, covered).filter(|row| row.dry()).count()
}

fn first_and_last(map: &HazardMap, covered: &Covered) -> Option<(i64, i64)> {
    let times = rows(map, covered).map(|row| row.observed_at);
    times.clone().min().zip(times.max())
}

/// What cells can be sorted by; else they come in the order of their ids.
pub const SORTS: [&str; 3] = ["reports", "reporters", "last_observed_at"];

fn rows<'m>(map: &'m HazardMap, covered: &'m Covered) -> impl Iterator<Item = &'m ReportRow> + Clone {
    covered.reports.iter().map(|&i| &map.reports().rows()[i as usize])
}

fn value(map: &HazardMap, covered: &Covered, by: &str) -> i64 {
    match by {
        "reporters" => distinct_reporters(rows(map, covered)) as i64,
        "last_observed_at" => rows(map, covered).map(|row| row.observed_at).max().unwrap_or(i64::MIN),
        _ => covered.reports.len() as i64,
    }
}

/// The cells that match, in the order of their ids. A time restricts which reports are counted, a box which cells are
/// given, each with all its reports.
pub fn collect(map: &HazardMap, filter: &Filter) -> FeatureCollection<CoverageProperties> {
    let keys = |covered: &Covered| filter.paging.keys(|by| Some(value(map, covered, by)));
    let id = |covered: &Covered| covered.cell.to_string();
    let asking = Asking::new(map, &TABLE, filter);
    let matched = covered(map, filter).into_iter().filter(|covered| asking.takes(covered)).collect();
    FeatureCollection::of(map, &filter.paging, matched, (keys, id), |covered| feature(map, &covered))
}

fn feature(map: &HazardMap, covered: &Covered) -> Feature<CoverageProperties> {
    let (first, last) = first_and_last(map, covered).expect("a cell is covered by a report");
    let properties = CoverageProperties {
        resolution: covered.cell.resolution().into(),
        reports: covered.reports.len(),
        dry_reports: dry_reports(map, covered),
        reporters: distinct_reporters(rows(map, covered)),
        first_observed_at: Time(first),
        last_observed_at: Time(last),
    };
    Feature::over(covered.cell, properties)
}

fn covered(map: &HazardMap, filter: &Filter) -> Vec<Covered> {
    let resolution = filter.resolution.unwrap_or(cell::DEFAULT);
    let around = filter.bbox.map(|bbox| grown(bbox, resolution));
    let all = Filter { bbox: around.flatten(), datetime: filter.datetime, ..Filter::default() };
    let mut reports: Vec<(CellIndex, u32)> =
        reports::matching(map, &all).into_iter().map(|i| (cell_of(map, i, resolution), i as u32)).collect();
    reports.sort_unstable();
    let wanted = |cell: CellIndex| filter.bbox.is_none_or(|bbox| bbox.meets_cell(cell));
    let runs = reports.chunk_by(|a, b| a.0 == b.0).filter(|run| wanted(run[0].0));
    runs.map(|run| Covered { cell: run[0].0, reports: run.iter().map(|(_, i)| *i).collect() }).collect()
}

fn cell_of(map: &HazardMap, report: usize, resolution: Resolution) -> CellIndex {
    cell::of(map.reports().rows()[report].position, resolution)
}

/// A box that holds every cell which touches the one given; nothing where that is not worth while.
fn grown(bbox: Bbox, resolution: Resolution) -> Option<Bbox> {
    let furthest = bbox.south.abs().max(bbox.north.abs());
    let north = resolution.edge_length_m() * EDGES_WIDE / METRES_PER_DEGREE;
    let east = north / furthest.min(FURTHEST_LAT).to_radians().cos();
    let grown = Bbox::new(bbox.west - east, bbox.south - north, bbox.east + east, bbox.north + north);
    let plain = furthest < FURTHEST_LAT && bbox.west <= bbox.east && grown.west >= -180.0 && grown.east <= 180.0;
    plain.then_some(grown)
}

/// The cell of this id, if a report came from it.
pub fn find(map: &HazardMap, id: &str) -> Option<Feature<CoverageProperties>> {
    let cell = cell::named(id)?;
    let centre = cell::centre(cell);
    let at = Bbox::new(centre.lon(), centre.lat(), centre.lon(), centre.lat());
    let filter = Filter { bbox: Some(at), resolution: Some(cell.resolution()), ..Filter::default() };
    covered(map, &filter).iter().find(|covered| covered.cell == cell).map(|covered| feature(map, covered))
}

/// How many cells there are.
pub fn count(map: &HazardMap) -> usize {
    cells(map, reports::matching(map, &Filter::default()).into_iter()).len()
}

/// The cells of the usual size that hold these reports, each once.
pub fn cells(map: &HazardMap, reports: impl Iterator<Item = usize>) -> Vec<CellIndex> {
    let mut cells: Vec<CellIndex> = reports.map(|i| cell_of(map, i, cell::DEFAULT)).collect();
    cells.sort_unstable();
    cells.dedup();
    cells
}

/// The corners of a cell.
pub fn corners(cell: CellIndex) -> impl Iterator<Item = Position> {
    cell::outline(cell).into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::super::super::category::Category;
    use super::super::super::event::{Event, Report};
    use super::super::super::settings::Settings;
    use super::super::paging::{Paging, Sort};
    use super::*;

    fn map(spots: &[(f64, f64)]) -> HazardMap {
        let manhole = Category::named("manhole").unwrap();
        let report = |(i, &(lon, lat)): (usize, &(f64, f64))| {
            let at = Position::new(lon, lat).unwrap();
            let person = std::num::NonZeroU64::new(i as u64 % 2 + 1);
            let report = Report::new(format!("r{i}"), manhole, at, i as i64);
            Event::Report(Report { person, dry: i % 3 == 0, ..report })
        };
        let events: Vec<_> = spots.iter().enumerate().map(report).collect();
        HazardMap::build(Settings::default(), (1..).zip(&events))
    }

    /// Spots all about a place, a hundred metres apart.
    fn about(lon: f64, lat: f64) -> Vec<(f64, f64)> {
        let turned = |lon: f64| if lon > 180.0 { lon - 360.0 } else { lon };
        (0..900).map(|n| (turned(lon + f64::from(n % 30 - 15) * 0.001), lat + f64::from(n / 30 - 15) * 0.001)).collect()
    }

    #[test]
    fn a_cell_says_how_many_reported_there_and_when() {
        let map = map(&[(110.0, 20.0); 4]);
        let page = collect(&map, &Filter::default());
        let p = &page.features[0].properties;
        assert_eq!((p.reports, p.dry_reports, p.reporters), (4, 2, 2));
        assert_eq!((p.first_observed_at, p.last_observed_at, p.resolution), (Time(0), Time(3), 9));
        let later = Filter { datetime: Some("1970-01-01T00:00:02Z/..".parse().unwrap()), ..Filter::default() };
        assert_eq!(collect(&map, &later).features[0].properties.reports, 2);
        assert_eq!(count(&map), 1);
    }

    #[test]
    fn a_box_gives_exactly_the_cells_that_touch_it_each_with_all_its_reports() {
        for (lon, lat) in [(110.3, 20.0), (180.0, -16.9), (10.0, 84.99)] {
            let map = map(&about(lon, lat));
            for resolution in [Resolution::Seven, Resolution::Nine, Resolution::Eleven] {
                let filter = Filter { resolution: Some(resolution), ..Filter::default() };
                let all = collect(&map, &filter).features;
                assert_eq!(all.iter().map(|f| f.properties.reports).sum::<usize>(), 900);
                for (west, east) in [(lon - 0.004, lon - 0.001), (lon - 0.0001, lon - 0.0001)] {
                    let bbox = Bbox::new(west, lat, east, lat + 0.002);
                    let some = collect(&map, &Filter { bbox: Some(bbox), ..filter.clone() }).features;
                    let touch = all.iter().filter(|f| bbox.meets_cell(f.id.parse().unwrap()));
                    let brief = |f: &Feature<CoverageProperties>| (f.id.clone(), f.properties.reports);
                    let expected: Vec<_> = touch.map(brief).collect();
                    assert_eq!(some.iter().map(brief).collect::<Vec<_>>(), expected, "{lon} {lat} {resolution}");
                    assert!(!some.is_empty() && some.len() < all.len().max(2));
                }
            }
        }
    }

    #[test]
    fn a_cell_of_any_resolution_is_found_by_its_id() {
        let map = map(&about(180.0, -16.9));
        for resolution in [Resolution::Six, Resolution::Nine, Resolution::Twelve] {
            for feature in collect(&map, &Filter { resolution: Some(resolution), ..Filter::default() }).features {
                let found = find(&map, &feature.id).unwrap();
                assert_eq!((found.properties.reports, found.geometry), (feature.properties.reports, feature.geometry));
            }
        }
        assert!(find(&map, "8928308280fffff").is_none() && find(&map, "nowhere").is_none());
    }

    #[test]
    fn cells_are_sorted_by_what_they_count() {
        let map = map(&[(110.0, 20.0), (110.1, 20.0), (110.1, 20.0), (110.2, 20.0), (110.2, 20.0), (110.2, 20.0)]);
        let paging = Paging { sort: vec![Sort::parse("-reports", &SORTS).unwrap()], ..Paging::default() };
        let page = collect(&map, &Filter { paging, ..Filter::default() });
        assert_eq!(page.features.iter().map(|f| f.properties.reports).collect::<Vec<_>>(), [3, 2, 1]);
    }
}
