use super::super::event::AreaLevel::{self, City, District, Grid};
use super::*;

type Ring<'a> = &'a [(f64, f64)];

fn ring(corners: Ring) -> Vec<Position> {
    let at = |&(lon, lat): &(f64, f64)| Position::new(lon, lat).unwrap();
    corners.iter().chain(corners.first()).map(at).collect()
}

fn area(id: &str, level: AreaLevel, parent: Option<&str>, rings: &[Ring]) -> Area {
    let polygons = vec![rings.iter().map(|corners| ring(corners)).collect()];
    Area { id: id.into(), level, parent: parent.map(str::to_owned), name: None, polygons }
}

fn square(west: f64, south: f64, size: f64) -> [(f64, f64); 4] {
    [(west, south), (west + size, south), (west + size, south + size), (west, south + size)]
}

/// A city of 0.4 degree with a west and an east half; in the west two grids below each other, in the east none.
fn city() -> Areas {
    let half = |west: f64| [(west, 0.0), (west + 0.2, 0.0), (west + 0.2, 0.4), (west, 0.4)];
    let set = [
        area("c", City, None, &[&square(0.0, 0.0, 0.4)]),
        area("east", District, Some("c"), &[&half(0.2)]),
        area("west", District, Some("c"), &[&half(0.0)]),
        area("w2", Grid, Some("west"), &[&square(0.0, 0.2, 0.2)]),
        area("w1", Grid, Some("west"), &[&square(0.0, 0.0, 0.2)]),
    ];
    admit(&set).unwrap();
    Areas::new(&set)
}

fn held(areas: &Areas, lon: f64, lat: f64) -> String {
    areas.holding(Position::new(lon, lat).unwrap()).join(" < ")
}

fn located(areas: &Areas, lon: f64, lat: f64) -> Located {
    areas.locate(Position::new(lon, lat).unwrap())
}

#[test]
fn a_position_belongs_to_the_finest_area_that_holds_it_and_to_those_above() {
    let areas = city();
    assert_eq!(held(&areas, 0.1, 0.1), "w1 < west < c");
    assert_eq!(held(&areas, 0.3, 0.1), "east < c");
    assert_eq!(located(&areas, 0.3, 0.1), Located::Inside(areas.find("east").unwrap()));
}

#[test]
fn on_a_border_the_smaller_id_of_the_finest_level_holds_it() {
    let areas = city();
    assert_eq!(held(&areas, 0.1, 0.2), "w1 < west < c");
    assert_eq!(located(&areas, 0.1, 0.2), Located::Border(areas.find("w1").unwrap()));
    // A corner of the city; and the border between a half with grids and one without.
    assert_eq!(held(&areas, 0.0, 0.4), "w2 < west < c");
    assert_eq!(held(&areas, 0.2, 0.3), "w2 < west < c");
    assert_eq!(held(&areas, 0.4, 0.1), "east < c");
}

#[test]
fn the_smallest_step_off_a_slanted_border_decides() {
    let set = [
        area("a", Grid, None, &[&[(0.0, 0.0), (0.3, 0.1), (0.3, -0.1)]]),
        area("b", Grid, None, &[&[(0.0, 0.0), (0.3, 0.1), (0.0, 0.3)]]),
    ];
    let areas = Areas::new(&set);
    assert_eq!(held(&areas, 0.15, 0.05), "a");
    assert_eq!(held(&areas, 0.15, 0.050_000_1), "b");
    assert_eq!(held(&areas, 0.15, 0.049_999_9), "a");
}

#[test]
fn a_hole_is_outside_and_may_be_another_area() {
    let set = [
        area("around", Grid, None, &[&square(0.0, 0.0, 0.4), &square(0.1, 0.1, 0.2)]),
        area("within", Grid, None, &[&square(0.1, 0.1, 0.1)]),
    ];
    let areas = Areas::new(&set);
    assert_eq!(held(&areas, 0.05, 0.2), "around");
    assert_eq!(held(&areas, 0.15, 0.15), "within");
    assert_eq!(held(&areas, 0.1, 0.15), "around");
    assert!(matches!(located(&areas, 0.25, 0.25), Located::Outside { nearest: 0, .. }));
}

#[test]
fn what_lies_outside_belongs_to_the_nearest_close_by_and_is_told_it_further_off() {
    let areas = city();
    // 0.001 degree is 111 m.
    assert_eq!(held(&areas, -0.001, 0.1), "w1 < west < c");
    let Located::Near { distance_m, .. } = located(&areas, -0.001, 0.1) else { panic!("not near") };
    // Distances are to chords: that of an edge of 22 km lies nine metres under ground in its middle, which adds 0.4 m here.
    assert!((distance_m - 111.6).abs() < 0.1, "{distance_m}");
    assert_eq!(held(&areas, -0.002, 0.1), "");
    // A quarter of the Earth away, along the chord: 2 R sin(89.6° / 2).
    for (lon, lat, nearest, metres) in [(-0.01, 0.1, "w1", 1_112.0), (90.0, 0.2, "east", 8_978_400.0)] {
        let Located::Outside { nearest: found, distance_m } = located(&areas, lon, lat) else { panic!("{lon}") };
        assert_eq!(areas.all()[found].id, nearest);
        assert!((distance_m / metres - 1.0).abs() < 0.01, "{distance_m}");
    }
    assert_eq!(located(&Areas::default(), 0.0, 0.0), Located::Nowhere);
}

#[test]
fn of_areas_that_overlap_the_smaller_id_holds_what_lies_in_both() {
    let set = [area("b", Grid, None, &[&square(0.0, 0.0, 0.2)]), area("a", Grid, None, &[&square(0.1, 0.0, 0.2)])];
    let areas = Areas::new(&set);
    assert_eq!((held(&areas, 0.15, 0.1), held(&areas, 0.05, 0.1)), ("a".into(), "b".into()));
    // Inside one comes before on the border of the other, whatever the ids.
    assert_eq!(held(&areas, 0.1, 0.1), "b");
}

#[test]
fn across_180_degrees_the_nearest_is_found_from_the_other_side() {
    let areas = Areas::new(&[area("fiji", City, None, &[&square(179.8, -17.0, 0.2)])]);
    assert_eq!((held(&areas, 180.0, -16.9), held(&areas, -179.999, -16.9)), ("fiji".into(), "fiji".into()));
}

#[test]
fn an_area_and_what_lies_in_it_are_known_by_its_id() {
    let areas = city();
    let within = areas.within(&["west".into(), "nowhere".into()]);
    let ids: Vec<_> = areas.all().iter().zip(&within).filter(|(_, w)| **w).map(|(area, _)| &*area.id).collect();
    assert_eq!(ids, ["w1", "w2", "west"]);
}

#[test]
fn a_set_that_does_not_fit_together_is_refused_by_the_field() {
    let told = |set: &[Area]| admit(set).unwrap_err().to_string();
    let grid = |id: &str, parent: Option<&str>| area(id, Grid, parent, &[&square(0.0, 0.0, 0.1)]);
    assert!(told(&[grid("", None)]).contains("needs an id"));
    assert!(told(&[grid("a", None), grid("a", None)]).contains("two areas with this id"));
    assert!(told(&[grid("a", Some("b"))]).contains("no area with this id"));
    assert!(told(&[grid("a", Some("b")), grid("b", None)]).contains("a grid is not part of a grid"));
    let bare = Area { polygons: Vec::new(), ..grid("a", None) };
    assert!(told(&[bare]).contains("not polygons"));
    let open = Area { polygons: vec![vec![ring(&square(0.0, 0.0, 0.1))[..4].to_vec()]], ..grid("a", None) };
    assert!(told(&[open]).contains("the last like the first"));
    let wide = area("a", City, None, &[&[(-179.0, 0.0), (179.0, 0.0), (179.0, 1.0)]]);
    assert!(told(&[wide]).contains("cut it where it crosses 180"));
    assert_eq!(admit(&[]), Ok(()));
}
