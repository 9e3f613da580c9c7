//! As [`crate::ogc_filter_forms`]: geometries.

use crate::ogc_filter::position;
use crate::ogc_filter_forms::{Form, each, lies_in_the_box};

/// Geometries that meet a point or a box.
const MET: [Form; 3] = [
    (
        "S_INTERSECTS(geometry, POINT(0.5 50.25))",
        r#"{"op":"s_intersects","args":[{"property":"geometry"},{"type":"Point","coordinates":[0.5,50.25]}]}"#,
        |f| position(f) == (0.5, 50.25),
    ),
    (
        "S_INTERSECTS(geometry, BBOX(0.25, 50.25, 0.5, 50.5))",
        r#"{"op":"s_intersects","args":[{"property":"geometry"},{"bbox":[0.25,50.25,0.5,50.5]}]}"#,
        lies_in_the_box,
    ),
    (
        "S_INTERSECTS(geometry, BBOX(179, -10, -179, 10))",
        r#"{"op":"s_intersects","args":[{"property":"geometry"},{"bbox":[179,-10,-179,10]}]}"#,
        |f| position(f).0.abs() > 179.0,
    ),
];

/// Geometries that meet every other kind of geometry.
const SHAPES: [Form; 6] = [
    (
        "S_INTERSECTS(geometry, POLYGON((0 50, 1 50, 1 51, 0 50)))",
        r#"{"op":"s_intersects","args":[{"property":"geometry"},{"type":"Polygon","coordinates":[[[0,50],[1,50],[1,51],[0,50]]]}]}"#,
        |f| {
            let (lon, lat) = position(f);
            (0.0..=1.0).contains(&lon) && lat >= 50.0 && lat - 50.0 <= lon
        },
    ),
    (
        "S_INTERSECTS(geometry, LINESTRING(0 50, 2 52))",
        r#"{"op":"s_intersects","args":[{"property":"geometry"},{"type":"LineString","coordinates":[[0,50],[2,52]]}]}"#,
        |f| {
            let (lon, lat) = position(f);
            (0.0..=2.0).contains(&lon) && lat - 50.0 == lon
        },
    ),
    (
        "S_INTERSECTS(geometry, POLYGON((0 50,1 50,1 51,0 51,0 50),(0.2 50.2,0.2 50.8,0.8 50.8,0.8 50.2,0.2 50.2)))",
        r#"{"op":"s_intersects","args":[{"property":"geometry"},{"type":"Polygon","coordinates":[[[0,50],[1,50],[1,51],[0,51],[0,50]],[[0.2,50.2],[0.2,50.8],[0.8,50.8],[0.8,50.2],[0.2,50.2]]]}]}"#,
        |f| {
            let (lon, lat) = position(f);
            let inside = |low: f64, high: f64| lon > low && lon < high && lat - 50.0 > low && lat - 50.0 < high;
            (0.0..=1.0).contains(&lon) && (50.0..=51.0).contains(&lat) && !inside(0.2, 0.8)
        },
    ),
    (
        "S_INTERSECTS(geometry, MULTIPOINT((0 50), (0.5 50.25), (7 7)))",
        r#"{"op":"s_intersects","args":[{"property":"geometry"},{"type":"MultiPoint","coordinates":[[0,50],[0.5,50.25],[7,7]]}]}"#,
        |f| matches!(position(f), (0.0, 50.0) | (0.5, 50.25)),
    ),
    (
        "S_INTERSECTS(geometry, MULTILINESTRING((0 50, 2 52), (0 50, 0 51)))",
        r#"{"op":"s_intersects","args":[{"property":"geometry"},{"type":"MultiLineString","coordinates":[[[0,50],[2,52]],[[0,50],[0,51]]]}]}"#,
        |f| {
            let (lon, lat) = position(f);
            (50.0..=51.0).contains(&lat) && (lon == 0.0 || lat - 50.0 == lon)
        },
    ),
    (
        "S_INTERSECTS(geometry, GEOMETRYCOLLECTION(POINT(0.5 50.25), LINESTRING(0 50, 0 51)))",
        r#"{"op":"s_intersects","args":[{"property":"geometry"},{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[0.5,50.25]},{"type":"LineString","coordinates":[[0,50],[0,51]]}]}]}"#,
        |f| {
            let (lon, lat) = position(f);
            (lon, lat) == (0.5, 50.25) || lon == 0.0 && (50.0..=51.0).contains(&lat)
        },
    ),
];

/// The other relations of simple features.
const RELATED: [Form; 6] = [
    (
        "S_WITHIN(geometry, POLYGON((0 50, 1 50, 1 51, 0 50)))",
        r#"{"op":"s_within","args":[{"property":"geometry"},{"type":"Polygon","coordinates":[[[0,50],[1,50],[1,51],[0,50]]]}]}"#,
        |f| {
            let (lon, lat) = position(f);
            lon > 0.0 && lon < 1.0 && lat > 50.0 && lat - 50.0 < lon
        },
    ),
    (
        "S_TOUCHES(geometry, POLYGON((0 50, 1 50, 1 51, 0 50)))",
        r#"{"op":"s_touches","args":[{"property":"geometry"},{"type":"Polygon","coordinates":[[[0,50],[1,50],[1,51],[0,50]]]}]}"#,
        |f| {
            let (lon, lat) = position(f);
            (0.0..=1.0).contains(&lon) && (lat == 50.0 || lat - 50.0 == lon)
        },
    ),
    (
        "S_DISJOINT(geometry, POLYGON((0 50, 1 50, 1 51, 0 50)))",
        r#"{"op":"s_disjoint","args":[{"property":"geometry"},{"type":"Polygon","coordinates":[[[0,50],[1,50],[1,51],[0,50]]]}]}"#,
        |f| {
            let (lon, lat) = position(f);
            !((0.0..=1.0).contains(&lon) && lat >= 50.0 && lat - 50.0 <= lon)
        },
    ),
    (
        "S_CONTAINS(MULTIPOLYGON(((0 50,0.3 50,0.3 50.3,0 50.3,0 50)),((5 5,6 5,6 6,5 5))), geometry)",
        r#"{"op":"s_contains","args":[{"type":"MultiPolygon","coordinates":[[[[0,50],[0.3,50],[0.3,50.3],[0,50.3],[0,50]]],[[[5,5],[6,5],[6,6],[5,5]]]]},{"property":"geometry"}]}"#,
        |f| {
            let (lon, lat) = position(f);
            lon > 0.0 && lon < 0.3 && lat > 50.0 && lat < 50.3
        },
    ),
    (
        "S_EQUALS(geometry, POINT Z (0.5 50.25 12))",
        r#"{"op":"s_equals","args":[{"property":"geometry"},{"type":"Point","coordinates":[0.5,50.25,12]}]}"#,
        |f| position(f) == (0.5, 50.25),
    ),
    (
        "S_CROSSES(geometry, LINESTRING(0 50, 2 52))",
        r#"{"op":"s_crosses","args":[{"property":"geometry"},{"type":"LineString","coordinates":[[0,50],[2,52]]}]}"#,
        |_| false,
    ),
];

/// Requirement: cql2/1.0/req/basic-spatial-functions/spatial-functions
/// Requirement: cql2/1.0/req/basic-spatial-functions/spatial-predicate
/// Requirement: cql2/1.0/req/cql2-text/basic-spatial-functions
/// Requirement: cql2/1.0/req/cql2-json/basic-spatial-functions
#[test]
fn geometries_meet_points_and_boxes_across_180_degrees_too() {
    each(&[&MET]);
}

/// Requirement: cql2/1.0/req/basic-spatial-functions-plus/spatial-data-types
/// Requirement: cql2/1.0/req/cql2-text/basic-spatial-functions-plus
/// Requirement: cql2/1.0/req/cql2-json/basic-spatial-functions-plus
#[test]
fn geometries_meet_every_kind_of_geometry() {
    each(&[&SHAPES]);
}

/// Requirement: cql2/1.0/req/spatial-functions/spatial-functions
/// Requirement: cql2/1.0/req/cql2-text/spatial-functions
/// Requirement: cql2/1.0/req/cql2-json/spatial-functions
#[test]
fn geometries_are_related_as_simple_features_are() {
    each(&[&RELATED]);
}
