//! Silence: what is found in cities made for it.

use std::sync::Arc;

use h3o::{CellIndex, Resolution};

use super::super::category::Category;
use super::super::cell;
use super::super::event::{Event, Place, Report};
use super::super::map::HazardMap;
use super::super::position::Position;
use super::super::settings::Settings;
use super::Analysis;
use super::land::Land;
use super::silence::{Asked, Silence};

const EIGHT: Asked = Asked { resolution: Some(Resolution::Eight), bbox: None, datetime: None, land: None };

fn waterlogging() -> Category {
    Category::named("waterlogging").unwrap()
}

fn middle() -> CellIndex {
    cell::of(Position::new(110.33, 20.01).unwrap(), Resolution::Eight)
}

/// So many reports from each cell up to `rings` from the middle, an hour apart, as `reports` says by distance and
/// number; floods where the second number says so.
fn city(rings: u32, reports: impl Fn(u32, usize) -> (u32, u32)) -> HazardMap {
    let middle = middle();
    let mut events = Vec::new();
    let mut cells: Vec<CellIndex> = middle.grid_disk(rings);
    cells.sort_unstable();
    for (n, cell) in cells.into_iter().enumerate() {
        let far = u32::try_from(middle.grid_distance(cell).unwrap()).unwrap();
        let (others, floods) = reports(far, n);
        for i in 0..others + floods {
            let name = if i < others { "manhole" } else { "waterlogging" };
            let id = format!("{cell}.{i}");
            // A day apart, so that each flood is an occasion.
            let at = i64::from(i) * 86_400;
            let report = Report::new(id, Category::named(name).unwrap(), cell::centre(cell), at);
            events.push(Event::Report(Report { names: vec![format!("Cell {n}")], ..report }));
        }
    }
    events.push(Event::Places(vec![Place {
        id: "p".into(),
        position: cell::centre(middle),
        name: Some("Silent Square".into()),
        aliases: Vec::new(),
    }]));
    HazardMap::build(Settings::default(), (1..).zip(&events))
}

fn answer(map: &HazardMap, asked: Asked) -> Silence {
    Silence::answer(map, waterlogging(), &asked).unwrap()
}

#[test]
fn a_hole_among_cells_that_report_is_silent_with_the_p_worked_by_hand_and_named_by_what_is_nearest() {
    let map = city(3, |far, _| if far == 0 { (0, 0) } else { (3, 1) });
    let said = answer(&map, EIGHT);
    let [hole] = &said.features[..] else { panic!("{:?}", said.features) };
    assert_eq!(hole.id, middle().to_string());
    let found = &hole.properties;
    // Six neighbours of four reports each, one of them a flood: (6/7)²⁴.
    assert_eq!((found.reports, found.reports_around, found.expected), (0, 24, 4.0));
    assert_eq!((found.occasions, found.occasions_around), (0, 6));
    assert!((found.p - (6.0_f64 / 7.0).powi(24)).abs() < 1e-12, "{}", found.p);
    assert_eq!((found.near.as_deref(), found.near_m, found.near_direction), (Some("Silent Square"), Some(0), None));
    let at = cell::centre(middle());
    assert_eq!((found.lon, found.lat), (at.lon(), at.lat()));
    // Of 37 cells the six at the corners have three neighbours.
    assert_eq!((said.silent, said.basis.n), (1, 31));
}

#[test]
fn a_few_silent_cells_are_due_to_chance_alone_and_it_says_how_many() {
    // Evenly spread: numbers of a Poisson distribution with mean 5, drawn by its inverse.
    let mut draw = fastrand::Rng::with_seed(7);
    let mut poisson = || {
        let (mut n, mut product) = (0, draw.f64());
        while product > (-5.0_f64).exp() {
            n += 1;
            product *= draw.f64();
        }
        n
    };
    let numbers: Vec<u32> = (0..3 * 20 * 21 + 1).map(|_| poisson()).collect();
    let said = answer(&city(20, |_, n| (numbers[n], 0)), EIGHT);
    assert!(said.by_chance > 10.0 && said.by_chance < 0.05 * said.basis.n as f64, "{}", said.by_chance);
    let apart = (said.silent as f64 - said.by_chance).abs();
    assert!(apart < 3.0 * said.by_chance.sqrt(), "{} silent, {} by chance", said.silent, said.by_chance);
    assert!(said.features.array_windows().all(|[a, b]| a.properties.p <= b.properties.p));
}

#[test]
fn the_edge_of_the_city_is_no_hole_in_it_and_an_empty_city_says_what_is_missing() {
    let said = answer(&city(4, |_, _| (30, 0)), EIGHT);
    assert_eq!((said.silent, said.missing.len()), (0, 0));
    let nothing = answer(&city(2, |_, _| (0, 0)), Asked::default());
    assert!(nothing.missing[0].contains("there is nothing to compare with"), "{:?}", nothing.missing);
    // Zero, and not the negative one that a sum of nothing is.
    assert_eq!((nothing.features.len(), nothing.by_chance.to_bits()), (0, 0));
}

#[test]
fn cells_are_made_larger_until_enough_is_reported_around_them_and_time_restricts_what_counts() {
    let map = city(6, |far, _| if far == 0 { (0, 0) } else { (4, 0) });
    let said = answer(&map, Asked::default());
    assert_eq!((said.resolution, said.silent, said.missing.len()), (8, 1, 0));
    let first_day = Asked { datetime: Some("1970-01-01T00:00:00Z".parse().unwrap()), ..EIGHT };
    let said = answer(&map, first_day);
    // One report of each of six neighbours.
    assert_eq!((said.silent, said.missing.len()), (0, 1), "{:?}", said.missing);
    assert!(said.missing[0].contains("reports come from around a cell on average"), "{:?}", said.missing);
}

#[test]
fn a_box_restricts_what_is_given_and_not_what_is_compared() {
    let map = city(3, |far, _| if far == 0 { (0, 0) } else { (4, 0) });
    let far = Asked { bbox: Some("111,21,111.1,21.1".parse().unwrap()), ..EIGHT };
    let (all, none) = (answer(&map, EIGHT), answer(&map, far));
    assert_eq!((none.features.len(), none.silent, none.basis.n), (0, 1, all.basis.n));
}

/// Everything south of a parallel.
fn land_to(north: f64) -> Option<Arc<Land>> {
    let corners = [(110.0, 19.0), (111.0, 19.0), (111.0, north), (110.0, north), (110.0, 19.0)];
    let ring = corners.map(|(lon, lat)| Position::new(lon, lat).unwrap()).to_vec();
    Land::of(vec![vec![ring]], "south".into()).map(Arc::new)
}

#[test]
fn of_water_nothing_is_expected_and_of_a_shore_as_much_as_its_share_of_the_land() {
    // Somewhat more than half of the middle is land, and nothing north of it.
    let shore = cell::centre(middle()).lat() + 0.0005;
    let map = city(3, |far, _| if far == 0 { (0, 0) } else { (4, 0) });
    let said = answer(&map, Asked { land: land_to(shore), ..EIGHT });
    let [hole] = &said.features[..] else { panic!("{:?}", said.features) };
    let land = hole.properties.land.unwrap();
    assert!((0.5..0.65).contains(&land), "{land}");
    // Its neighbours report from both sides; those on water, or nearly, weigh next to nothing.
    let around: f64 = middle()
        .grid_disk::<Vec<_>>(1)
        .into_iter()
        .filter(|near| *near != middle())
        .map(|near| land_to(shore).unwrap().share(near).max(1.0 / 49.0))
        .sum();
    assert!((2.0..4.0).contains(&around), "{around}");
    assert!((hole.properties.expected - 24.0 * land / around).abs() < 1e-12, "{:?}", hole.properties);
    assert!((hole.properties.p - (around / (land + around)).powi(24)).abs() < 1e-12, "{:?}", hole.properties);
    // With the shore a little further south it is mostly water, and not compared.
    let fewer = answer(&map, Asked { land: land_to(shore - 0.001), ..EIGHT });
    assert_eq!((fewer.features.len(), fewer.silent, said.basis.n - fewer.basis.n), (0, 0, 1));
    assert_eq!(answer(&map, EIGHT).features[0].properties.land, None);
}
