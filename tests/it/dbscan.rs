//! Density clusters, label for label as scikit-learn gives them.

use fastrand::Rng;
use serde_json::json;
use waterlog::hazard::analysis::density::dbscan;
use waterlog::hazard::position::{Ecef, Position};

use crate::analysis::demo;
use crate::server::Server;
use crate::significance::reference;

const EPS_M: [f64; 3] = [15.0, 30.0, 100.0];
const MIN_POINTS: [usize; 4] = [1, 3, 5, 12];

/// Crossings with reports about them, some along the street between, some at the very same spot.
fn town(seed: u64) -> Vec<Ecef> {
    let mut draw = Rng::with_seed(seed);
    let (lon, lat) = [(110.33, 20.01), (180.0, -16.8), (10.0, 69.6)][draw.usize(0..3)];
    let spots: Vec<(f64, f64)> = (0..12).map(|_| (draw.f64() * 0.004, draw.f64() * 0.004)).collect();
    let about = |draw: &mut Rng| {
        let (east, north) = spots[draw.usize(..spots.len())];
        let noise = [0.0, 0.0001, 0.0003, 0.001][draw.usize(0..4)];
        let turned = lon + east + (draw.f64() - 0.5) * noise;
        Position::new(if turned > 180.0 { turned - 360.0 } else { turned }, lat + north + (draw.f64() - 0.5) * noise)
    };
    (0..draw.usize(0..400)).map(|_| about(&mut draw).unwrap().ecef()).collect()
}

#[test]
fn labels_and_cores_are_those_of_scikit_learn() {
    let towns: Vec<Vec<Ecef>> = (0..60).map(town).filter(|town| !town.is_empty()).collect();
    let asked = |n: usize| (EPS_M[n % EPS_M.len()], MIN_POINTS[n % MIN_POINTS.len()]);
    let case = |(n, town): (usize, &Vec<Ecef>)| {
        let points: Vec<[i32; 3]> = town.iter().map(|at| [at.x, at.y, at.z]).collect();
        json!({"points": points, "eps_cm": asked(n).0 * 100.0, "min_points": asked(n).1})
    };
    let answers = reference("dbscan.py", &towns.iter().enumerate().map(case).collect::<Vec<_>>());
    let (mut compared, mut clusters, mut noise) = (0, 0, 0);
    for (n, (town, answer)) in towns.iter().zip(&answers).enumerate() {
        let (eps_m, min_points) = asked(n);
        let ours = dbscan(town, eps_m, min_points, &|| true).expect("nothing stops it");
        let labels: Vec<i64> = ours.iter().map(|item| item.label).collect();
        let cores: Vec<bool> = ours.iter().map(|item| item.core).collect();
        assert_eq!(json!({"labels": labels, "cores": cores}), *answer, "town {n}, eps {eps_m}, {min_points}");
        compared += labels.len();
        clusters += labels.iter().max().map_or(0, |last| last + 1);
        noise += labels.iter().filter(|label| **label < 0).count();
    }
    told!("dbscan: {compared} labels of {} towns, {clusters} clusters, {noise} noise", towns.len());
    assert!(compared > 5_000 && clusters > 300 && noise > 300, "{compared} {clusters} {noise}");
}

#[test]
fn incidents_and_reports_are_labelled_and_what_cannot_be_asked_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let server: Server = demo(folder.path());
    let incidents = server.get("/api/v1/analysis/dbscan?eps=30&min_points=4").json();
    let of = |label: i64| {
        let features = incidents["features"].as_array().unwrap();
        features.iter().filter(|f| f["properties"]["label"] == label).count()
    };
    let clusters = incidents["clusters"].as_i64().unwrap();
    assert!(clusters > 10 && (0..clusters).all(|label| of(label) >= 4));
    assert_eq!((json!(of(-1)), json!(0)), (incidents["noise"].clone(), incidents["left_out"].clone()));
    let reports = server.get("/api/v1/analysis/dbscan?of=reports&bbox=-73.95,40.75,-73.85,40.80").json();
    assert!(reports["n"].as_u64() > Some(20) && reports["n_of"] == "reports");
    for (query, told) in [
        ("eps=0", "metres in [0.01, 1000]"),
        ("eps=NaN", "metres in [0.01, 1000]"),
        ("eps=2000", "metres in [0.01, 1000]"),
        ("min_points=0", "whole number in [1, 10000]"),
        ("of=storms", "not incidents or reports"),
        ("bbox=1,2", "bbox"),
    ] {
        let answer = server.get(&format!("/api/v1/analysis/dbscan?{query}"));
        assert!(answer.status == 400 && answer.text().contains(told), "{query}: {}", answer.text());
    }
}
