//! As [`crate::ogc_filter_forms`]: values and properties on either side, numbers that are reckoned, and how text is quoted.

use waterlog::hazard::event::{Event, Report};

use crate::layers::seen;
use crate::ogc_filter::{found, number, text};
use crate::ogc_filter_forms::{Form, each, lies_in_the_box};
use crate::server::Server;

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
