//! The forms of the abstract tests of CQL2 (OGC 21-065r2, annex A) on reports, each as text and as JSON, against an
//! evaluation by hand of the same features, as they are published. Here those of comparisons and of what joins them.

use serde_json::Value;

use crate::ogc_filter::{everything, found, golden, number, position, text, time};
use crate::server::Server;

/// A filter in both encodings, and what it means.
pub type Form = (&'static str, &'static str, fn(&Value) -> bool);

/// The box of 0.25, 50.25, 0.5, 50.5.
pub fn lies_in_the_box(f: &Value) -> bool {
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

/// Each form finds what is found by hand, in both encodings; most find some and leave some.
pub fn each(tables: &[&[Form]]) {
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
