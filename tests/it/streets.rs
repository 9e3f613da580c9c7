//! Streets on the map: a layer of lines, and names for spots that have none; nothing else depends on them.

use serde_json::json;
use waterlog::hazard::event::{Event, Street};
use waterlog::hazard::map::HazardMap;
use waterlog::hazard::position::Position;
use waterlog::hazard::settings::Settings;

use crate::layers::seen;
use crate::server::Server;

const DAY_S: i64 = 86_400;

fn street(id: &str, name: &str, line: &[(f64, f64)]) -> Street {
    let line = line.iter().map(|&(lon, lat)| Position::new(lon, lat).unwrap()).collect();
    Street { id: id.into(), name: name.into(), line }
}

fn streets() -> Event {
    let bend = [(-73.91, 40.7701), (-73.9, 40.7701), (-73.9, 40.78)];
    Event::Streets(vec![street("w1", "Long Bend", &bend), street("w2", "Far St", &[(10.0, 10.0), (10.1, 10.0)])])
}

/// Twice at one spot 11 m from a street, once where a report names its street, once where there is none.
fn reports() -> Vec<Event> {
    let mut named = seen("r3", 0, -73.9, 40.775);
    named.names = vec!["19 Av & 58 St".into()];
    let all =
        [seen("r1", 0, -73.905, 40.77), seen("r2", 9 * DAY_S, -73.905, 40.77), named, seen("r4", 0, -73.905, 40.77055)];
    all.into_iter().map(Event::Report).collect()
}

#[test]
fn a_spot_without_a_name_of_its_own_is_called_by_the_street_within_50_m() {
    let server = Server::seeded(&[&[streets()][..], &reports()].concat());
    let hotspots = server.features("/layers/hotspots.geojson");
    assert_eq!(hotspots[0]["properties"]["name"], "Long Bend");
    let places: Vec<_> =
        server.features("/layers/incidents.geojson").iter().map(|i| i["properties"]["place"].clone()).collect();
    assert_eq!(json!(places), json!(["Long Bend", "Long Bend", "19 Av & 58 St", null]));
}

#[test]
fn streets_are_a_layer_of_lines_that_a_box_meets_anywhere_along_them() {
    let server = Server::seeded(&[streets()]);
    let all = server.features("/layers/streets.geojson?datetime=2030-01-01T00:00:00Z");
    let line = json!({"type": "LineString", "coordinates": [[-73.91, 40.7701], [-73.9, 40.7701], [-73.9, 40.78]]});
    let expected = json!({"type": "Feature", "id": "w1", "geometry": line, "properties": {"name": "Long Bend"}});
    assert_eq!((&all[0], all.len()), (&expected, 2));
    let within = |bbox: &str| server.ids(&format!("/layers/streets.geojson?bbox={bbox}"));
    // Between two of its corners; at its end; inside the bend but on neither side.
    assert_eq!(within("-73.906,40.77,-73.905,40.7702"), ["w1"]);
    assert_eq!(within("-73.9,40.78,-73,41"), ["w1"]);
    assert_eq!(within("-73.909,40.771,-73.901,40.779"), [""; 0]);
    assert_eq!(within("-180,-90,180,90").len(), 2);
    // Across 180°, all the way round.
    assert_eq!(within("10.05,0,-73.905,50"), ["w1", "w2"]);
    assert_eq!(server.ids("/layers/streets.geojson?limit=1"), ["w1"]);
    assert!(server.get("/layers").text().contains("\"Streets: named lines\""));
}

#[test]
fn loading_streets_changes_no_incident_site_or_hotspot() {
    let mut map = HazardMap::build(Settings::default(), (1..).zip(&reports()));
    let derived = |map: &HazardMap| {
        let sites: Vec<_> = map.sites().all().iter().map(|s| (s.key, s.spans.clone(), s.tally, s.up)).collect();
        format!("{:?} {:?} {sites:?} {}", map.incidents(), map.hotspots(), map.as_of())
    };
    let (before, digest) = (derived(&map), map.digest());
    map.admit(&streets()).unwrap();
    map.apply(5, &streets());
    map.settle();
    map.check();
    assert_eq!(derived(&map), before);
    assert_ne!(map.digest(), digest, "streets are part of the map");
}

#[test]
fn a_street_that_cannot_be_shown_is_refused() {
    let map = HazardMap::new(Settings::default());
    let line = [(0.0, 0.0), (0.0, 1.0)];
    for bad in [street("", "A", &line), street("w", "", &line), street("w", "A", &line[..1])] {
        assert!(map.admit(&Event::Streets(vec![street("w0", "Good", &line), bad])).is_err());
    }
}

#[test]
fn a_log_reads_streets_as_it_wrote_them() {
    let written = r#"{"streets":[{"id":"w1","name":"A","line":[[1100000000,200000000],[1100000001,200000000]]}]}"#;
    let event: Event = serde_json::from_str(written).unwrap();
    assert_eq!(serde_json::to_string(&event).unwrap(), written);
}
