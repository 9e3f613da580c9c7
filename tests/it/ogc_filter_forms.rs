//! The forms of the abstract tests of CQL2 (OGC 21-065r2, annex A) on reports, each as text and as JSON, against an
//! evaluation by hand of the same features, as they are published.

use serde_json::Value;
use waterlog::hazard::event::{Event, Report};

use crate::layers::seen;
use crate::ogc_filter::{everything, found, golden, number, position, text, time};
use crate::server::Server;

/// A filter in both encodings, and what it means.
type Form = (&'static str, &'static str, fn(&Value) -> bool);

/// The box of 0.25, 50.25, 0.5, 50.5.
fn lies_in_the_box(f: &Value) -> bool {
    let (lon, lat) = position(f);
    (0.25..=0.5).contains(&lon) && (50.25..=50.5).contains(&lat)
}

/// Two values, in every comparison.
const COMPARED: [Form; 17] = [
    ("category = 'manhole'", r#"{"op":"=","args":[{"property":"category"},"manhole"]}"#, |f| {
        text(f, "category") == Some("manhole")
    }),
    ("category <> 'manhole'", r#"{"op":"<>","args":[{"property":"category"},"manhole"]}"#, |f| {
        text(f, "category") != Some("manhole")
    }),
    ("\"category\" > 'manhole'", r#"{"op":">","args":[{"property":"category"},"manhole"]}"#, |f| {
        text(f, "category") > Some("manhole")
    }),
    ("depth_cm = 20", r#"{"op":"=","args":[{"property":"depth_cm"},20]}"#, |f| number(f, "depth_cm") == Some(20.0)),
    ("depth_cm <> 20", r#"{"op":"<>","args":[{"property":"depth_cm"},20]}"#, |f| {
        number(f, "depth_cm").is_some_and(|d| d != 20.0)
    }),
    ("depth_cm < 20", r#"{"op":"<","args":[{"property":"depth_cm"},20]}"#, |f| {
        number(f, "depth_cm").is_some_and(|d| d < 20.0)
    }),
    ("depth_cm <= 20.0", r#"{"op":"<=","args":[{"property":"depth_cm"},20.0]}"#, |f| {
        number(f, "depth_cm").is_some_and(|d| d <= 20.0)
    }),
    ("depth_cm > 2e1", r#"{"op":">","args":[{"property":"depth_cm"},20]}"#, |f| {
        number(f, "depth_cm").is_some_and(|d| d > 20.0)
    }),
    ("depth_cm >= 20", r#"{"op":">=","args":[{"property":"depth_cm"},20]}"#, |f| {
        number(f, "depth_cm").is_some_and(|d| d >= 20.0)
    }),
    ("dry = true", r#"{"op":"=","args":[{"property":"dry"},true]}"#, |f| f["properties"]["dry"] == true),
    ("dry = false", r#"{"op":"=","args":[{"property":"dry"},false]}"#, |f| f["properties"]["dry"] == false),
    (
        "observed_at = TIMESTAMP('2024-01-02T01:00:05Z')",
        r#"{"op":"=","args":[{"property":"observed_at"},{"timestamp":"2024-01-02T01:00:05Z"}]}"#,
        |f| time(f, "observed_at") == Some("2024-01-02T01:00:05Z"),
    ),
    (
        "observed_at < TIMESTAMP('2024-01-05T12:00:00Z')",
        r#"{"op":"<","args":[{"property":"observed_at"},{"timestamp":"2024-01-05T12:00:00Z"}]}"#,
        |f| time(f, "observed_at") < Some("2024-01-05T12:00:00Z"),
    ),
    (
        "observed_at >= TIMESTAMP('2024-01-05T12:00:00Z')",
        r#"{"op":">=","args":[{"property":"observed_at"},{"timestamp":"2024-01-05T12:00:00Z"}]}"#,
        |f| time(f, "observed_at") >= Some("2024-01-05T12:00:00Z"),
    ),
    (
        "observed_at = DATE('2024-01-05')",
        r#"{"op":"=","args":[{"property":"observed_at"},{"date":"2024-01-05"}]}"#,
        |f| time(f, "observed_at").unwrap().starts_with("2024-01-05"),
    ),
    (
        "observed_at <= DATE('2024-01-05')",
        r#"{"op":"<=","args":[{"property":"observed_at"},{"date":"2024-01-05"}]}"#,
        |f| time(f, "observed_at") < Some("2024-01-06"),
    ),
    (
        "observed_at > DATE('2024-01-05')",
        r#"{"op":">","args":[{"property":"observed_at"},{"date":"2024-01-05"}]}"#,
        |f| time(f, "observed_at") >= Some("2024-01-06"),
    ),
];

/// What is missing.
const MISSING: [Form; 3] = [
    ("channel IS NULL", r#"{"op":"isNull","args":[{"property":"channel"}]}"#, |f| f["properties"]["channel"].is_null()),
    ("channel IS NOT NULL", r#"{"op":"not","args":[{"op":"isNull","args":[{"property":"channel"}]}]}"#, |f| {
        !f["properties"]["channel"].is_null()
    }),
    (
        "passability IS NULL AND depth_cm IS NOT NULL",
        r#"{"op":"and","args":[{"op":"isNull","args":[{"property":"passability"}]},{"op":"not","args":[{"op":"isNull","args":[{"property":"depth_cm"}]}]}]}"#,
        |f| f["properties"]["passability"].is_null() && !f["properties"]["depth_cm"].is_null(),
    ),
];

/// AND, OR and NOT, and TRUE and FALSE by themselves.
const JOINED: [Form; 6] = [
    (
        "category = 'manhole' OR depth_cm > 40",
        r#"{"op":"or","args":[{"op":"=","args":[{"property":"category"},"manhole"]},{"op":">","args":[{"property":"depth_cm"},40]}]}"#,
        |f| text(f, "category") == Some("manhole") || number(f, "depth_cm") > Some(40.0),
    ),
    ("NOT (depth_cm > 40)", r#"{"op":"not","args":[{"op":">","args":[{"property":"depth_cm"},40]}]}"#, |f| {
        number(f, "depth_cm").is_some_and(|d| d <= 40.0)
    }),
    (
        "NOT (depth_cm > 40 AND dry = TRUE)",
        r#"{"op":"not","args":[{"op":"and","args":[{"op":">","args":[{"property":"depth_cm"},40]},{"op":"=","args":[{"property":"dry"},true]}]}]}"#,
        |f| f["properties"]["dry"] == false || number(f, "depth_cm").is_some_and(|d| d <= 40.0),
    ),
    (
        "dry = TRUE AND NOT (category = 'manhole' OR category = 'obstruction')",
        r#"{"op":"and","args":[{"op":"=","args":[{"property":"dry"},true]},{"op":"not","args":[{"op":"or","args":[{"op":"=","args":[{"property":"category"},"manhole"]},{"op":"=","args":[{"property":"category"},"obstruction"]}]}]}]}"#,
        |f| f["properties"]["dry"] == true && !matches!(text(f, "category"), Some("manhole" | "obstruction")),
    ),
    ("TRUE", r#"true"#, |_| true),
    ("FALSE", r#"false"#, |_| false),
];

/// Patterns.
const LIKE: [Form; 4] = [
    ("channel LIKE 'a%'", r#"{"op":"like","args":[{"property":"channel"},"a%"]}"#, |f| {
        text(f, "channel").is_some_and(|c| c.starts_with('a'))
    }),
    ("channel NOT LIKE 'a%'", r#"{"op":"not","args":[{"op":"like","args":[{"property":"channel"},"a%"]}]}"#, |f| {
        text(f, "channel").is_some_and(|c| !c.starts_with('a'))
    }),
    ("channel LIKE '_pp'", r#"{"op":"like","args":[{"property":"channel"},"_pp"]}"#, |f| {
        text(f, "channel") == Some("app")
    }),
    ("channel LIKE '%\\%\\_%'", r#"{"op":"like","args":[{"property":"channel"},"%\\%\\_%"]}"#, |f| {
        text(f, "channel").is_some_and(|c| c.contains("%_"))
    }),
];

/// Letters without their case.
const FOLDED: [Form; 3] = [
    (
        "CASEI(channel) LIKE CASEI('aP%')",
        r#"{"op":"like","args":[{"op":"casei","args":[{"property":"channel"}]},{"op":"casei","args":["aP%"]}]}"#,
        |f| text(f, "channel").is_some_and(|c| c.eq_ignore_ascii_case("app")),
    ),
    (
        "CASEI(channel) = casei('STRASSE')",
        r#"{"op":"=","args":[{"op":"casei","args":[{"property":"channel"}]},{"op":"casei","args":["STRASSE"]}]}"#,
        |f| text(f, "channel") == Some("Straße"),
    ),
    (
        "CASEI(channel) IN (CASEI('strasse'), CASEI('APP'))",
        r#"{"op":"in","args":[{"op":"casei","args":[{"property":"channel"}]},[{"op":"casei","args":["strasse"]},{"op":"casei","args":["APP"]}]]}"#,
        |f| matches!(text(f, "channel"), Some("app" | "APP" | "Straße")),
    ),
];

/// Numbers in a range, its ends included.
const BETWEEN: [Form; 2] = [
    ("depth_cm BETWEEN 10 AND 40", r#"{"op":"between","args":[{"property":"depth_cm"},10,40]}"#, |f| {
        number(f, "depth_cm").is_some_and(|d| (10.0..=40.0).contains(&d))
    }),
    (
        "depth_cm NOT BETWEEN 10 AND 40",
        r#"{"op":"not","args":[{"op":"between","args":[{"property":"depth_cm"},10,40]}]}"#,
        |f| number(f, "depth_cm").is_some_and(|d| !(10.0..=40.0).contains(&d)),
    ),
];

/// Values of a list.
const IN: [Form; 3] = [
    (
        "category IN ('manhole', 'obstruction')",
        r#"{"op":"in","args":[{"property":"category"},["manhole","obstruction"]]}"#,
        |f| matches!(text(f, "category"), Some("manhole" | "obstruction")),
    ),
    (
        "category NOT IN ('manhole', 'obstruction')",
        r#"{"op":"not","args":[{"op":"in","args":[{"property":"category"},["manhole","obstruction"]]}]}"#,
        |f| !matches!(text(f, "category"), Some("manhole" | "obstruction")),
    ),
    ("depth_cm IN (7, 14, 20)", r#"{"op":"in","args":[{"property":"depth_cm"},[7,14,20]]}"#, |f| {
        matches!(number(f, "depth_cm"), Some(7.0 | 14.0 | 20.0))
    }),
];

/// Values and properties on either side.
const PROPERTIES: [Form; 9] = [
    ("20 >= depth_cm", r#"{"op":">=","args":[20,{"property":"depth_cm"}]}"#, |f| {
        number(f, "depth_cm").is_some_and(|d| d <= 20.0)
    }),
    ("depth_cm > accuracy_m", r#"{"op":">","args":[{"property":"depth_cm"},{"property":"accuracy_m"}]}"#, |f| {
        number(f, "depth_cm").zip(number(f, "accuracy_m")).is_some_and(|(d, a)| d > a)
    }),
    (
        "received_at > observed_at",
        r#"{"op":">","args":[{"property":"received_at"},{"property":"observed_at"}]}"#,
        |_| true,
    ),
    ("'manhole' = category", r#"{"op":"=","args":["manhole",{"property":"category"}]}"#, |f| {
        text(f, "category") == Some("manhole")
    }),
    ("category <> channel", r#"{"op":"<>","args":[{"property":"category"},{"property":"channel"}]}"#, |f| {
        text(f, "channel").is_some_and(|c| Some(c) != text(f, "category"))
    }),
    ("3 < 2", r#"{"op":"<","args":[3,2]}"#, |_| false),
    (
        "T_AFTER(received_at, observed_at)",
        r#"{"op":"t_after","args":[{"property":"received_at"},{"property":"observed_at"}]}"#,
        |_| true,
    ),
    (
        "S_INTERSECTS(BBOX(0.25, 50.25, 0.5, 50.5), geometry)",
        r#"{"op":"s_intersects","args":[{"bbox":[0.25,50.25,0.5,50.5]},{"property":"geometry"}]}"#,
        lies_in_the_box,
    ),
    (
        "depth_cm IN (accuracy_m, 20)",
        r#"{"op":"in","args":[{"property":"depth_cm"},[{"property":"accuracy_m"},20]]}"#,
        |f| number(f, "depth_cm").is_some_and(|d| d == 20.0 || number(f, "accuracy_m") == Some(d)),
    ),
];

/// Numbers that are reckoned.
const RECKONED: [Form; 4] = [
    (
        "depth_cm BETWEEN accuracy_m AND accuracy_m + 20",
        r#"{"op":"between","args":[{"property":"depth_cm"},{"property":"accuracy_m"},{"op":"+","args":[{"property":"accuracy_m"},20]}]}"#,
        |f| number(f, "depth_cm").zip(number(f, "accuracy_m")).is_some_and(|(d, a)| a <= d && d <= a + 20.0),
    ),
    (
        "depth_cm * 2 - 10 > 3 + accuracy_m ^ 1",
        r#"{"op":">","args":[{"op":"-","args":[{"op":"*","args":[{"property":"depth_cm"},2]},10]},{"op":"+","args":[3,{"op":"^","args":[{"property":"accuracy_m"},1]}]}]}"#,
        |f| number(f, "depth_cm").zip(number(f, "accuracy_m")).is_some_and(|(d, a)| d * 2.0 - 10.0 > 3.0 + a),
    ),
    (
        "depth_cm % 2 = 0 AND depth_cm div 10 = 2",
        r#"{"op":"and","args":[{"op":"=","args":[{"op":"%","args":[{"property":"depth_cm"},2]},0]},{"op":"=","args":[{"op":"div","args":[{"property":"depth_cm"},10]},2]}]}"#,
        |f| number(f, "depth_cm").is_some_and(|d| d % 2.0 == 0.0 && (20.0..30.0).contains(&d)),
    ),
    ("100 / depth_cm >= 2", r#"{"op":">=","args":[{"op":"/","args":[100,{"property":"depth_cm"}]},2]}"#, |f| {
        number(f, "depth_cm").is_some_and(|d| d > 0.0 && d <= 50.0)
    }),
];

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

/// Times and intervals.
const TIMES: [Form; 7] = [
    (
        "T_AFTER(observed_at, DATE('2024-01-05'))",
        r#"{"op":"t_after","args":[{"property":"observed_at"},{"date":"2024-01-05"}]}"#,
        |f| time(f, "observed_at") >= Some("2024-01-06"),
    ),
    (
        "T_BEFORE(observed_at, TIMESTAMP('2024-01-05T12:00:00Z'))",
        r#"{"op":"t_before","args":[{"property":"observed_at"},{"timestamp":"2024-01-05T12:00:00Z"}]}"#,
        |f| time(f, "observed_at") < Some("2024-01-05T12:00:00Z"),
    ),
    (
        "T_INTERSECTS(observed_at, INTERVAL('2024-01-02', '2024-01-05'))",
        r#"{"op":"t_intersects","args":[{"property":"observed_at"},{"interval":["2024-01-02","2024-01-05"]}]}"#,
        |f| time(f, "observed_at") >= Some("2024-01-02") && time(f, "observed_at") < Some("2024-01-06"),
    ),
    (
        "T_DISJOINT(observed_at, INTERVAL('2024-01-02', '..'))",
        r#"{"op":"t_disjoint","args":[{"property":"observed_at"},{"interval":["2024-01-02",".."]}]}"#,
        |f| time(f, "observed_at") < Some("2024-01-02"),
    ),
    (
        "T_EQUALS(observed_at, DATE('2024-01-05'))",
        r#"{"op":"t_equals","args":[{"property":"observed_at"},{"date":"2024-01-05"}]}"#,
        |f| time(f, "observed_at").unwrap().starts_with("2024-01-05"),
    ),
    (
        "T_DURING(INTERVAL(observed_at, received_at), INTERVAL('2024-01-02T01:00:05Z', '2024-01-05'))",
        r#"{"op":"t_during","args":[{"interval":[{"property":"observed_at"},{"property":"received_at"}]},{"interval":["2024-01-02T01:00:05Z","2024-01-05"]}]}"#,
        |f| time(f, "observed_at") > Some("2024-01-02T01:00:05Z") && time(f, "received_at") < Some("2024-01-06"),
    ),
    (
        "T_STARTEDBY(INTERVAL(observed_at, received_at), INTERVAL('2024-01-02T01:00:05Z', '2024-01-02T01:00:30Z'))",
        r#"{"op":"t_startedby","args":[{"interval":[{"property":"observed_at"},{"property":"received_at"}]},{"interval":["2024-01-02T01:00:05Z","2024-01-02T01:00:30Z"]}]}"#,
        |f| time(f, "observed_at") == Some("2024-01-02T01:00:05Z"),
    ),
];

/// Each form finds what is found by hand, in both encodings; most find some and leave some.
fn each(tables: &[&[Form]]) {
    let server = Server::seeded(&golden());
    let all = everything(&server, "reports");
    assert!(all.len() > 65);
    for table in tables {
        let mut telling = 0;
        for (filter, json, wanted) in *table {
            let expected: Vec<&str> = all.iter().filter(|f| wanted(f)).map(|f| f["id"].as_str().unwrap()).collect();
            assert_eq!(found(&server, "reports", filter, "cql2-text"), expected, "{filter}");
            assert_eq!(found(&server, "reports", json, "cql2-json"), expected, "{json}");
            telling += usize::from(!expected.is_empty() && expected.len() < all.len());
        }
        assert!(telling * 2 >= table.len(), "{} of {} find some and leave some", telling, table.len());
    }
}

/// Requirement: cql2/1.0/req/basic-cql2/binary-comparison-predicate
/// Requirement: cql2/1.0/req/basic-cql2/property
/// Requirement: cql2/1.0/req/cql2-text/basic-cql2
/// Requirement: cql2/1.0/req/cql2-json/basic-cql2
#[test]
fn comparisons_take_what_they_are_true_of() {
    each(&[&COMPARED]);
}

/// Requirement: cql2/1.0/req/basic-cql2/null-predicate
/// Requirement: cql2/1.0/req/basic-cql2/property
#[test]
fn what_is_missing_is_null_and_nothing_else_is() {
    each(&[&MISSING]);
}

/// Requirement: cql2/1.0/req/basic-cql2/cql2-filter
#[test]
fn conditions_are_joined_by_and_or_and_not() {
    each(&[&JOINED]);
}

/// Requirement: cql2/1.0/req/advanced-comparison-operators/like-predicate
#[test]
fn patterns_take_any_letter_and_any_letters() {
    each(&[&LIKE]);
}

/// Requirement: cql2/1.0/req/advanced-comparison-operators/between-predicate
#[test]
fn ranges_hold_their_ends() {
    each(&[&BETWEEN]);
}

/// Requirement: cql2/1.0/req/advanced-comparison-operators/in-predicate
#[test]
fn lists_hold_what_is_equal_to_one_of_them() {
    each(&[&IN]);
}

/// Requirement: cql2/1.0/req/cql2-text/advanced-comparison-operators
/// Requirement: cql2/1.0/req/cql2-json/advanced-comparison-operators
#[test]
fn advanced_comparisons_are_read_in_both_encodings() {
    each(&[&LIKE, &BETWEEN, &IN]);
}

/// Requirement: cql2/1.0/req/case-insensitive-comparison/casei-function
/// Requirement: cql2/1.0/req/cql2-text/case-insensitive-comparison
/// Requirement: cql2/1.0/req/cql2-json/case-insensitive-comparison
#[test]
fn letters_are_compared_without_their_case() {
    each(&[&FOLDED]);
}

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

/// Requirement: cql2/1.0/req/temporal-functions/temporal-functions
/// Requirement: cql2/1.0/req/temporal-functions/temporal-predicates
/// Requirement: cql2/1.0/req/cql2-text/temporal-functions
/// Requirement: cql2/1.0/req/cql2-json/temporal-functions
#[test]
fn times_and_intervals_are_related_as_allen_has_it() {
    each(&[&TIMES]);
}

/// Requirement: cql2/1.0/req/property-property/withdraw-permissions
/// Requirement: cql2/1.0/req/cql2-text/property-property
/// Requirement: cql2/1.0/req/cql2-json/property-property
#[test]
fn values_and_properties_stand_on_either_side() {
    each(&[&PROPERTIES]);
}

/// Requirement: cql2/1.0/req/arithmetic/arithmetic
/// Requirement: cql2/1.0/req/cql2-text/arithmetic
/// Requirement: cql2/1.0/req/cql2-json/arithmetic
#[test]
fn numbers_are_reckoned() {
    each(&[&RECKONED]);
}

/// Requirement: cql2/1.0/req/cql2-text/escaping
#[test]
fn quotation_marks_and_control_characters_are_written_with_a_backslash() {
    let named =
        |id: &str, channel: &str| Event::Report(Report { channel: Some(channel.into()), ..seen(id, 0, -73.9, 40.7) });
    let channels = ["it's", "a\u{7}", "b\u{8}", "t\t", "n\n", "v\u{B}", "f\u{C}", "r\r", "back\\slash"];
    let events: Vec<_> = channels.iter().enumerate().map(|(n, channel)| named(&format!("c{n}"), channel)).collect();
    let server = Server::seeded(&events);
    for (written, n) in [
        ("it''s", 0),
        (r"it\'s", 0),
        (r"a\a", 1),
        (r"b\b", 2),
        (r"t\t", 3),
        (r"n\n", 4),
        (r"v\v", 5),
        (r"f\f", 6),
        (r"r\r", 7),
        (r"back\\slash", 8),
    ] {
        let filter = format!("channel = '{written}'");
        assert_eq!(found(&server, "reports", &filter, "cql2-text"), [format!("c{n}")], "{filter}");
    }
}
