//! As [`crate::ogc_filter_forms`]: times and intervals.

use crate::ogc_filter::time;
use crate::ogc_filter_forms::{Form, each};

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

/// Requirement: cql2/1.0/req/temporal-functions/temporal-functions
/// Requirement: cql2/1.0/req/temporal-functions/temporal-predicates
/// Requirement: cql2/1.0/req/cql2-text/temporal-functions
/// Requirement: cql2/1.0/req/cql2-json/temporal-functions
#[test]
fn times_and_intervals_are_related_as_allen_has_it() {
    each(&[&TIMES]);
}
