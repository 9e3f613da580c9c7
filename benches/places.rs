//! How long a search for a place takes among 200,000 names, and how long the index takes to be made.

use std::time::{Duration, Instant};

use waterlog::hazard::event::Place;
use waterlog::hazard::position::Position;
use waterlog::intake::place_index::PlaceIndex;

const NAMES: usize = 200_000;
const ROUNDS: usize = 1_000;

fn main() {
    let places: Vec<Place> = (0..NAMES).map(place).collect();
    let started = Instant::now();
    let index = PlaceIndex::new(places.clone());
    println!("places: an index of {NAMES} names is made in {:.2} s", started.elapsed().as_secs_f64());
    let near = Position::new(110.3, 20.0).ok();
    let name =
        |n: usize| -> Vec<char> { places[n * 7_919 % NAMES].name.as_deref().unwrap_or_default().chars().collect() };
    measure("first two characters", |n| index.find(&text(&name(n)[..2]), near, 10).len());
    measure("one common character", |_| index.find("路", near, 10).len());
    measure("two common characters", |_| index.find("大道", near, 10).len());
    measure("initials", |n| index.find(["hxgc", "rml", "zsl", "nhdd"][n % 4], near, 10).len());
    measure("one wrong character", |n| {
        let mut wrong = name(n);
        wrong[1] = '错';
        index.find(&text(&wrong[..3]), near, 10).len()
    });
    measure("a whole name, two wrong", |n| {
        let mut wrong = name(n);
        (wrong[1], wrong[4]) = ('错', '误');
        index.find(&text(&wrong), near, 10).len()
    });
    measure("nearest", |n| index.nearest(places[n].position, 10).len());
}

/// Prints the median and the 99th percentile of many searches.
fn measure(what: &str, mut search: impl FnMut(usize) -> usize) {
    let mut found = 0;
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|n| {
            let started = Instant::now();
            found += search(n);
            started.elapsed()
        })
        .collect();
    times.sort_unstable();
    let (p50, p99) = (times[ROUNDS / 2], times[ROUNDS * 99 / 100]);
    println!("places: {what}: p50 {p50:.1?}, p99 {p99:.1?} ({} found each)", found / ROUNDS);
}

fn text(chars: &[char]) -> String {
    chars.iter().collect()
}

/// Crossings with names of two and three characters, all different.
fn place(i: usize) -> Place {
    let char = |n: usize| char::from_u32(0x4E00 + n as u32).expect("it lies among the ideographs");
    let name =
        format!("{}{}路与{}{}大道", char(i % 450), char(500 + i / 450), char(1_000 + i % 333), char(1_500 + i / 333));
    let (lon, lat) = (110.0 + (i % 450) as f64 / 1_000.0, 19.8 + (i / 450) as f64 / 1_000.0);
    Place {
        id: format!("p{i}"),
        position: Position::new(lon, lat).expect("it lies on Earth"),
        name: Some(name),
        aliases: Vec::new(),
    }
}
