//! The number of hotspots expected by chance, held against cities whose truth is known.
//!
//! `WATERLOG_RANDOM_CITIES` is for soaking; `WATERLOG_SEED` gives other cities.

use fastrand::Rng;
use waterlog::hazard::analysis::Analysis;
use waterlog::hazard::analysis::chance::{Asked, Chance, ChanceRow};
use waterlog::hazard::category::Category;
use waterlog::hazard::event::{Event, Place, Report};
use waterlog::hazard::map::HazardMap;
use waterlog::hazard::position::Position;
use waterlog::hazard::settings::Settings;

use crate::worlds::number;

const DAY_S: i64 = 86_400;
const CITIES: u64 = 40;
/// A spot that floods beyond chance does so this often.
const PLANTED_FLOODS: usize = 4;

/// A city: crossings 150 m apart of which some see many more riders than others, floods on a few dozen days of rain, and
/// other reports on any day. Where `planted` crossings flood again and again, the floods are not at random.
struct City {
    draw: Rng,
    /// Each crossing as often as riders pass.
    riders: Vec<u32>,
    side: u32,
    events: Vec<Event>,
}

impl City {
    /// `planted`: large, and the same riders everywhere. In a small city, or where all pass the same few crossings, chance
    /// alone makes most of these recur, and their number tells nothing.
    fn new(seed: u64, planted: bool) -> City {
        let mut draw = Rng::with_seed(seed);
        let side = if planted { 18 } else { draw.u32(6..18) };
        // Between one rider and fifty.
        let most: f64 = if planted { 1.0 } else { 50.0 };
        let riders = (0..side * side).flat_map(|c| std::iter::repeat_n(c, most.powf(draw.f64()) as usize)).collect();
        let mut city = City { draw, riders, side, events: Vec::new() };
        if seed.is_multiple_of(2) {
            let place =
                |c| Place { id: format!("x{c}"), position: city.at(c, (0, 0)), name: None, aliases: Vec::new() };
            city.events.push(Event::Places((0..side * side).map(place).collect()));
        }
        city
    }

    fn at(&self, crossing: u32, (east, north): (i32, i32)) -> Position {
        let degrees = |n: u32, off: i32| f64::from(n) * 0.00135 + f64::from(off) * 1e-5;
        let (x, y) = (crossing % self.side, crossing / self.side);
        Position::new(110.0 + degrees(x, east), degrees(y, north)).unwrap()
    }

    fn report(&mut self, category: &str, crossing: u32, at: i64) {
        // A few metres off.
        let off = (self.draw.i32(-1..=1), self.draw.i32(-1..=1));
        let id = format!("r{}", self.events.len());
        let report = Report::new(id, Category::named(category).unwrap(), self.at(crossing, off), at);
        self.events.push(Event::Report(report));
    }

    fn rider(&mut self) -> u32 {
        self.riders[self.draw.usize(0..self.riders.len())]
    }

    fn build(mut self, planted: usize) -> HazardMap {
        let days: Vec<i64> = (0..self.draw.usize(20..60)).map(|_| self.draw.i64(0..900)).collect();
        let floods = self.side as usize * if planted > 0 { 2 } else { self.draw.usize(8..25) };
        for _ in 0..floods {
            let (crossing, day) = (self.rider(), days[self.draw.usize(0..days.len())]);
            let at = day * DAY_S + self.draw.i64(0..4 * 3_600);
            self.report("waterlogging", crossing, at);
        }
        for _ in 0..planted {
            let crossing = self.draw.u32(0..self.side * self.side);
            (0..PLANTED_FLOODS).for_each(|n| self.report("waterlogging", crossing, days[n] * DAY_S));
        }
        for _ in 0..floods * self.draw.usize(1..5) + planted * PLANTED_FLOODS {
            let (crossing, at) = (self.rider(), self.draw.i64(0..900 * DAY_S));
            self.report("manhole", crossing, at);
        }
        HazardMap::build(Settings::default(), (1..).zip(&self.events))
    }
}

fn chance(map: &HazardMap) -> ChanceRow {
    let said = Chance::answer(map, Category::named("waterlogging").unwrap(), &Asked::default()).unwrap();
    let [row] = said.rows;
    assert!(row.p.is_some(), "{:?}", said.missing);
    row
}

/// The rows of so many cities; every core takes its share.
fn cities(planted: fn(u64) -> usize) -> Vec<ChanceRow> {
    let (cities, seed) = (number("WATERLOG_RANDOM_CITIES", CITIES), number("WATERLOG_SEED", 0));
    let cores = std::thread::available_parallelism().map_or(1, |n| n.get() as u64);
    let one = |n: u64| chance(&City::new(seed * 1_000_000 + n, planted(n) > 0).build(planted(n)));
    std::thread::scope(|scope| {
        let share = |core| scope.spawn(move || (core..cities).step_by(cores as usize).map(one).collect::<Vec<_>>());
        let shares: Vec<_> = (0..cores).map(share).collect();
        shares.into_iter().flat_map(|share| share.join().unwrap()).collect()
    })
}

#[test]
fn where_incidents_fall_at_random_over_the_reporting_sites_the_number_expected_is_that_found() {
    let rows = cities(|_| 0);
    let found: usize = rows.iter().map(|row| row.found).sum();
    let expected: f64 = rows.iter().filter_map(|row| row.expected).sum();
    let share = |of: &dyn Fn(&ChanceRow) -> bool| rows.iter().filter(|row| of(row)).count() as f64 / rows.len() as f64;
    let outside = share(&|row| !(row.expected_low..=row.expected_high).contains(&Some(row.found)));
    let declared = share(&|row| row.p.is_some_and(|p| p <= 0.05));
    told!(
        "chance: {} cities at random: {found} found, {expected:.1} expected, ratio {:.3}; p ≤ 0.05 in {:.1} %; outside \
         the 95 % range {:.1} %",
        rows.len(),
        expected / found as f64,
        declared * 100.0,
        outside * 100.0
    );
    assert!(found > 300, "too few hotspots to compare: {found}");
    assert!((0.8..=1.2).contains(&(expected / found as f64)), "{expected} expected, {found} found");
    assert!(declared <= 0.1 && outside <= 0.12, "{declared} declared, {outside} outside");
}

#[test]
fn spots_that_flood_again_and_again_are_found_beyond_chance() {
    let rows = cities(|n| 10 + n as usize % 10);
    let declared = rows.iter().filter(|row| row.p.is_some_and(|p| p <= 0.05)).count();
    told!("chance: {} cities with planted spots: p ≤ 0.05 in {declared}", rows.len());
    assert!(declared * 10 >= rows.len() * 7, "{declared} of {}", rows.len());
}
