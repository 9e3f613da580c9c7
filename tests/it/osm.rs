//! Extracts of OpenStreetMap: what becomes a place, what a street.

use std::fs;
use std::path::Path;

use tempfile::TempDir;
use waterlog::hazard::event::{Event, Place, Street};
use waterlog::intake::Draft;
use waterlog::intake::osm::{City, read};

use crate::pbf::{PER_M, Pbf, blob, bytes, head, zlib_blob};
use crate::program::{log, waterlog};
use crate::server::Server;

/// A city as it is read from a file with these bytes.
pub fn read_bytes(file: &[u8]) -> waterlog::error::Result<City> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("city.osm.pbf");
    fs::write(&path, file).unwrap();
    read(&path)
}

pub fn places(city: &City) -> Vec<Place> {
    let of = |d: Draft| match d.event {
        Event::Places(places) => places,
        other => panic!("{other:?}"),
    };
    city.places(&[]).drafts.into_iter().flat_map(of).collect()
}

pub fn streets(city: &City) -> Vec<Street> {
    let of = |d: Draft| match d.event {
        Event::Streets(streets) => streets,
        other => panic!("{other:?}"),
    };
    city.streets(|_| false).drafts.into_iter().flat_map(of).collect()
}

/// Id, name and whole metres of every place.
fn found(pbf: &Pbf) -> Vec<(String, String, [i64; 2])> {
    let metres = |e7: i32| (f64::from(e7) / PER_M).round() as i64;
    let of =
        |p: Place| (p.id, p.name.unwrap(), [metres(p.position.lon_e7() - 1_100_000_000), metres(p.position.lat_e7())]);
    places(&read_bytes(&pbf.bytes()).unwrap()).into_iter().map(of).collect()
}

fn names(pbf: &Pbf) -> Vec<String> {
    found(pbf).into_iter().map(|(_, name, _)| name).collect()
}

/// A street from west to east and one from south to north that meet at node 1, in the middle.
fn crossing() -> Pbf {
    Pbf::default()
        .node(1, 0.0, 0.0)
        .node(2, -100.0, 0.0)
        .node(3, 100.0, 0.0)
        .node(4, 0.0, -100.0)
        .node(5, 0.0, 100.0)
        .street(11, "58 St", &[2, 1, 3])
        .street(12, "9 Av", &[4, 1, 5])
}

#[test]
fn two_named_streets_that_share_a_node_cross_there() {
    assert_eq!(found(&crossing()), [("osm:x1".into(), "9 Av & 58 St".into(), [0, 0])]);
    let lines: Vec<_> =
        streets(&read_bytes(&crossing().bytes()).unwrap()).into_iter().map(|s| (s.id, s.name, s.line.len())).collect();
    assert_eq!(lines, [("osm:w11".into(), "58 St".into(), 3), ("osm:w12".into(), "9 Av".into(), 3)]);
    let chinese = Pbf::default().node(1, 0.0, 0.0).node(2, 0.0, 50.0).node(3, 50.0, 0.0);
    let chinese = chinese.street(11, "龙昆南路", &[1, 2]).street(12, "海秀东路", &[3, 1]);
    assert_eq!(names(&chinese), ["海秀东路与龙昆南路"]);
}

#[test]
fn streets_of_one_name_or_none_or_that_only_cross_on_the_map_make_no_crossing() {
    let mut pbf = crossing();
    pbf.ways[1].2 = vec![("highway", "residential"), ("name", " 58  St ")];
    assert_eq!(names(&pbf), [""; 0]);
    for tags in
        [vec![("highway", "residential")], vec![("highway", "footway"), ("name", "9 Av")], vec![("name", "9 Av")]]
    {
        pbf.ways[1].2 = tags;
        assert_eq!(names(&pbf), [""; 0]);
    }
    let mut bridge = crossing();
    bridge.ways[1].1 = vec![4, 5];
    assert_eq!(names(&bridge), [""; 0]);
}

/// Two dual carriageways that cross, the carriageways `apart_m` apart.
fn dual(apart_m: f64, names: [&'static str; 4]) -> Pbf {
    let h = apart_m / 2.0;
    let [west, east, south, north] = names;
    let mut pbf = Pbf::default().node(1, -h, -h).node(2, h, -h).node(3, h, h).node(4, -h, h);
    for (id, at) in [(5, [-200.0, -h]), (6, [200.0, -h]), (7, [200.0, h]), (8, [-200.0, h])] {
        pbf = pbf.node(id, at[0], at[1]);
    }
    for (id, at) in [(9, [-h, -200.0]), (10, [h, -200.0]), (11, [h, 200.0]), (12, [-h, 200.0])] {
        pbf = pbf.node(id, at[0], at[1]);
    }
    // Each carriageway ends at the middle of the junction, as where its name changes.
    let ways: [(&'static str, &[i64]); 8] = [
        (west, &[5, 1]),
        (east, &[1, 2, 6]),
        (east, &[7, 3]),
        (west, &[3, 4, 8]),
        (south, &[10, 2]),
        (north, &[2, 3, 11]),
        (north, &[12, 4]),
        (south, &[4, 1, 9]),
    ];
    ways.iter().zip(21..).fold(pbf, |pbf, ((name, nodes), id)| pbf.one_way(id, name, nodes))
}

#[test]
fn the_four_nodes_of_two_dual_carriageways_are_one_crossing_in_their_middle() {
    let found = found(&dual(24.0, ["A", "A", "B", "B"]));
    assert_eq!(found, [("osm:x1".into(), "A & B".into(), [0, 0])]);
}

#[test]
fn a_crossing_of_dual_carriageways_where_all_streets_change_their_names_is_one_with_four_names() {
    let found = found(&dual(30.0, ["海秀中路", "海秀东路", "龙昆南路", "龙昆北路"]));
    assert_eq!(found, [("osm:x1".into(), "海秀东路与海秀中路与龙昆北路与龙昆南路".into(), [0, 0])]);
}

#[test]
fn streets_that_meet_twice_far_apart_have_two_crossings() {
    let mut pbf = crossing().node(6, 300.0, 0.0).node(7, 300.0, 80.0);
    pbf.ways[0].1 = vec![2, 1, 3, 6];
    pbf.ways[1].1 = vec![4, 1, 5, 7, 6];
    let both = [("osm:x1", [0, 0]), ("osm:x6", [300, 0])].map(|(id, at)| (id.into(), "9 Av & 58 St".into(), at));
    assert_eq!(found(&pbf), both);
    let at = |apart| {
        let mut pbf = pbf.clone();
        pbf.nodes[5].1 = [apart, 0.0];
        found(&pbf).len()
    };
    assert_eq!((at(39.0), at(41.0)), (1, 2));
}

#[test]
fn lanes_on_both_sides_of_a_street_keep_their_own_crossings() {
    let pbf = Pbf::default().node(1, 0.0, 0.0).node(2, 30.0, 0.0).node(3, 0.0, 50.0).node(4, 30.0, -50.0);
    let pbf = pbf.street(11, "Main St", &[1, 2]).street(12, "Left Ln", &[1, 3]).street(13, "Right Ln", &[2, 4]);
    assert_eq!(names(&pbf), ["Left Ln & Main St", "Main St & Right Ln"]);
}

#[test]
fn a_place_names_every_street_that_meets_there_up_to_four() {
    let star = |n: i64| {
        let all = ["A", "B", "C", "D", "E"];
        (0..n).fold(Pbf::default().node(1, 0.0, 0.0), |pbf, i| {
            pbf.node(10 + i, 50.0, i as f64 * 20.0).street(20 + i, all[i as usize], &[1, 10 + i])
        })
    };
    assert_eq!(names(&star(3)), ["A & B & C"]);
    assert_eq!(names(&star(5)), ["A & B & C & D"]);
}

#[test]
fn the_streets_at_a_roundabout_without_a_name_cross_in_its_middle() {
    let ring = |radius: f64| {
        let mut pbf = Pbf::default();
        for (id, [x, y]) in (1..).zip([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]]) {
            pbf = pbf.node(id, x * radius, y * radius).node(id + 10, x * 200.0, y * 200.0);
        }
        let pbf = pbf.way(20, &[1, 2, 3, 4, 1], &[("highway", "primary"), ("junction", "roundabout")]);
        pbf.street(21, "East St", &[1, 11]).street(22, "North St", &[2, 12]).street(23, "West St", &[3, 13])
    };
    assert_eq!(found(&ring(20.0)), [("osm:x1".into(), "East St & North St & West St".into(), [0, 7])]);
    assert_eq!(found(&ring(150.0)), []);
}

#[test]
fn few_kinds_of_named_points_are_taken_and_each_once() {
    let tunnel = [("highway", "secondary"), ("tunnel", "yes"), ("name", "Low St"), ("tunnel:name", "The Dip")];
    let pbf = Pbf::default()
        .spot(1, [0.0, 0.0], &[("railway", "station"), ("name", "Central")])
        .spot(2, [30.0, 0.0], &[("public_transport", "station"), ("name", "Central")])
        .spot(3, [500.0, 0.0], &[("shop", "bakery"), ("name", "Bread")])
        .spot(4, [500.0, 9.0], &[("amenity", "hospital")])
        .node(5, 0.0, 500.0)
        .node(6, 40.0, 500.0)
        .node(7, 60.0, 500.0)
        .node(8, 0.0, 510.0)
        .node(9, 400.0, 510.0)
        .way(21, &[5, 6, 7], &tunnel)
        .way(22, &[8, 9], &[("highway", "motorway"), ("tunnel", "yes"), ("name", "Mountain")])
        .way(23, &[5, 6, 8, 5], &[("amenity", "marketplace"), ("name", "Market")]);
    let expected = [("osm:n1", "Central", [0, 0]), ("osm:w21", "The Dip", [30, 500]), ("osm:w23", "Market", [13, 503])];
    assert_eq!(found(&pbf), expected.map(|(id, name, at)| (id.into(), name.into(), at)));
}

#[test]
fn crossings_and_points_have_their_names_in_every_language_and_of_other_times() {
    let mut pbf = crossing();
    pbf.ways[0].2 =
        vec![("highway", "residential"), ("name", "海秀路"), ("name:en", "Haixiu Road"), ("old_name", "环海路")];
    pbf.ways[1].2 = vec![("highway", "residential"), ("name", "豪苑路"), ("name:en", "Haoyuan Road")];
    let station =
        [("railway", "station"), ("name", "海口站"), ("name:en", "Haikou Station"), ("alt_name", "老站;海口老站")];
    let city = read_bytes(&pbf.spot(6, [0.0, 300.0], &station).bytes()).unwrap();
    let names: Vec<_> = places(&city).into_iter().map(|p| (p.name.unwrap(), p.aliases)).collect();
    let expected = [
        ("海秀路与豪苑路", vec!["Haixiu Road & Haoyuan Road", "环海路与豪苑路"]),
        ("海口站", vec!["Haikou Station", "老站", "海口老站"]),
    ];
    assert_eq!(names, expected.map(|(name, others)| (name.into(), others.into_iter().map(str::to_owned).collect())));
}

#[test]
fn a_file_may_have_its_ways_first_its_nodes_one_by_one_and_its_blobs_unpacked() {
    let raw = |data: &[u8]| blob("OSMData", &bytes(1, data));
    let index = blob("OSMIndex", b"passed over");
    // In units of a thousand nanodegrees.
    let rounded = |places: Vec<Place>| places.into_iter().map(|p| (p.id, p.name)).collect::<Vec<_>>();
    let pbf = crossing().spot(6, [0.0, 300.0], &[("railway", "halt"), ("name", "Halt")]);
    let other = [head(), raw(&pbf.way_block()), index, raw(&pbf.plain_node_block())].concat();
    let (other, usual) = (read_bytes(&other).unwrap(), read_bytes(&pbf.bytes()).unwrap());
    assert_eq!(rounded(places(&other)), rounded(places(&usual)));
    assert_eq!(places(&usual).len(), 2);
    for (a, b) in streets(&other).iter().zip(streets(&usual)) {
        let near = |(p, q): (&waterlog::hazard::position::Position, &_)| {
            p.ecef().distance_m(waterlog::hazard::position::Position::ecef(*q)) < 0.2
        };
        assert!(a.id == b.id && a.line.iter().zip(&b.line).all(near), "{a:?} {b:?}");
    }
}

#[test]
fn a_street_keeps_its_longest_stretch_where_nodes_are_missing_or_lie_nowhere() {
    let mut pbf = crossing().street(13, "Edge", &[90, 91, 1, 92]).street(14, "Cut", &[2, 93, 1, 3, 94, 5]);
    pbf.nodes.push((95, [0.0, 113.6 * 111_195.08], vec![]));
    let city = read_bytes(&pbf.street(15, "North", &[4, 1, 95]).bytes()).unwrap();
    let lines: Vec<_> = streets(&city).into_iter().map(|s| (s.id, s.line.len())).collect();
    assert_eq!(lines, [("osm:w11", 3), ("osm:w12", 3), ("osm:w14", 2), ("osm:w15", 2)].map(|(id, n)| (id.into(), n)));
    assert_eq!(city.cut_short, 2);
    let rejects: Vec<_> = city.streets(|_| false).rejects.into_iter().map(|r| (r.field, r.value, r.reason)).collect();
    let node = rejects.iter().find(|(field, ..)| field == "node 95").unwrap();
    assert!(node.1.starts_with("lat 113.6") && node.2.contains("not a latitude in [-90, 90] degrees"), "{rejects:?}");
    let edge = ("way 13".to_owned(), "Edge".to_owned(), "1 of its 4 nodes are in the file: no line".to_owned());
    assert!(rejects.contains(&edge), "{rejects:?}");
}

fn folder_with(pbf: &Pbf) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("city.osm.pbf"), pbf.bytes()).unwrap();
    folder
}

fn import(folder: &Path) -> String {
    waterlog(folder, &["--data", "city", "import", "--places", "city.osm.pbf"]).expect_success()
}

#[test]
fn an_extract_is_loaded_once_and_what_has_changed_in_it_afterwards() {
    let pbf = dual(24.0, ["A", "A", "B", "B"]).street(41, "Edge", &[1, 90]);
    let folder = folder_with(&pbf);
    let said = import(folder.path());
    assert!(said.contains("city.osm.pbf: 1 places: 1 new, 0 known\n"), "{said}");
    assert!(said.contains("8 streets: 8 new, 0 known, 1 rejected (see city.osm.pbf.rejects.csv)"), "{said}");
    let rejects = fs::read_to_string(folder.path().join("city.osm.pbf.rejects.csv")).unwrap();
    assert!(rejects.contains("way 41,Edge,1 of its 2 nodes are in the file: no line"), "{rejects}");
    let before = log(&folder.path().join("city"));
    assert_eq!(before.len(), 2);
    let said = import(folder.path());
    assert!(said.contains("0 new, 1 known") && said.contains("8 streets: 0 new, 8 known"), "{said}");
    assert_eq!(log(&folder.path().join("city")), before);
    let mut changed = pbf.clone();
    changed.ways[0].2 = vec![("highway", "primary"), ("oneway", "yes"), ("name", "New")];
    fs::write(folder.path().join("city.osm.pbf"), changed.bytes()).unwrap();
    let said = import(folder.path());
    assert!(said.contains("1 places: 1 new, 0 known") && said.contains("8 streets: 1 new, 7 known"), "{said}");

    let server = Server::start_with(&folder.path().join("city"), &[]);
    let names: Vec<_> =
        server.features("/layers/streets.geojson").iter().map(|f| f["properties"]["name"].clone()).collect();
    assert_eq!(names, ["New", "A", "A", "A", "B", "B", "B", "B"]);
    assert_eq!(server.features("/layers/places.geojson")[0]["properties"]["name"], "A & B & Edge & New");
}

#[test]
fn a_file_that_cannot_be_used_leaves_no_database_behind() {
    let folder = folder_with(&crossing());
    let path = folder.path().join("city.osm.pbf");
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let command = ["--data", "city", "import", "--places", "city.osm.pbf"];
    let said = waterlog(folder.path(), &command).expect_failure();
    assert!(
        said.contains("the file ends within it: it was cut off. Fetch it again; nothing of the file was loaded"),
        "{said}"
    );
    fs::remove_file(&path).unwrap();
    assert!(waterlog(folder.path(), &command).expect_failure().contains("cannot be read: No such file"));
    fs::create_dir(&path).unwrap();
    assert!(waterlog(folder.path(), &command).expect_failure().contains("not a pipe or a folder"));
    assert!(!folder.path().join("city").exists());
}

#[test]
fn a_file_without_streets_or_places_is_refused() {
    let mut pbf = crossing();
    pbf.ways.clear();
    let error = read_bytes(&pbf.bytes()).unwrap_err().to_string();
    assert!(error.contains("holds no street with a name, and no named place"), "{error}");
    let halt = pbf.spot(6, [0.0, 0.0], &[("railway", "halt"), ("name", "Halt")]);
    assert_eq!(names(&halt), ["Halt"]);
    let empty = [head(), zlib_blob("OSMData", &[])].concat();
    assert!(read_bytes(&empty).unwrap_err().to_string().contains("holds no street"));
}
