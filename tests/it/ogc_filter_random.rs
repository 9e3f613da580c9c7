//! Random filters in both encodings find what a naive evaluation of the published features finds.

use serde_json::{Value, json};

use crate::ogc_filter::{found, golden};
use crate::server::Server;

/// A filter as a tree, in no particular encoding.
enum Tree {
    And(Vec<Tree>),
    Or(Vec<Tree>),
    Not(Box<Tree>),
    Number(&'static str, &'static str, f64),
    Text(&'static str, &'static str, &'static str),
    Sum(f64),
    Between(f64, f64),
    In(Vec<&'static str>),
    Like(&'static str, Is),
    IsNull(&'static str),
    Dry(bool),
    Box([f64; 4]),
    Later(&'static str),
}

const COMPARISONS: [&str; 6] = ["=", "<>", "<", "<=", ">", ">="];
type Is = fn(&str) -> bool;

const PATTERNS: [(&str, Is); 4] =
    [("%p", |c| c.ends_with('p')), ("_PP", |c| c == "APP"), ("%", |_| true), ("%\\%%", |c| c.contains('%'))];
const TIMES: [&str; 3] = ["2024-01-02T00:00:04Z", "2024-01-05T00:00:00Z", "2024-01-11T01:10:00Z"];

fn random(rng: &mut fastrand::Rng, depth: u32) -> Tree {
    let comparison = COMPARISONS[rng.usize(0..6)];
    let some = |rng: &mut fastrand::Rng| (0..rng.usize(2..4)).map(|_| random(rng, depth - 1)).collect();
    match rng.u32(0..if depth > 0 { 16 } else { 10 }) {
        0 | 1 => {
            let name = ["depth_cm", "accuracy_m"][rng.usize(0..2)];
            Tree::Number(name, comparison, f64::from(rng.u8(0..50)))
        }
        2 => {
            let name = ["category", "channel", "passability", "id"][rng.usize(0..4)];
            Tree::Text(name, comparison, ["manhole", "app", "slow", "v30"][rng.usize(0..4)])
        }
        3 => Tree::Sum(f64::from(rng.u8(0..80))),
        4 => Tree::Between(f64::from(rng.u8(0..30)), f64::from(rng.u8(0..60))),
        5 => Tree::In(["manhole", "obstruction", "waterlogging"][rng.usize(0..3)..].to_vec()).longer(),
        6 => {
            let (pattern, is) = PATTERNS[rng.usize(0..4)];
            Tree::Like(pattern, is)
        }
        7 => Tree::IsNull(["depth_cm", "channel", "status", "observed_at"][rng.usize(0..4)]),
        8 => Tree::Dry(rng.bool()),
        9 if rng.bool() => Tree::Later(TIMES[rng.usize(0..3)]),
        9 => {
            let (west, south) = (f64::from(rng.u8(0..8)) / 8.0, 50.0 + f64::from(rng.u8(0..8)) / 8.0);
            Tree::Box([west, south, west + 0.5, south + 0.25])
        }
        10 | 11 => Tree::And(some(rng)),
        12 | 13 => Tree::Or(some(rng)),
        _ => Tree::Not(Box::new(random(rng, depth - 1))),
    }
}

fn compare<T: PartialOrd>(a: T, by: &str, b: T) -> bool {
    match by {
        "=" => a == b,
        "<>" => a != b,
        "<" => a < b,
        "<=" => a <= b,
        ">" => a > b,
        _ => a >= b,
    }
}

impl Tree {
    /// A list of one is written with a second that is nothing.
    fn longer(self) -> Tree {
        match self {
            Tree::In(mut list) => {
                list.push("nothing");
                Tree::In(list)
            }
            other => other,
        }
    }

    fn text(&self) -> String {
        let joined = |all: &[Tree], by: &str| format!("({})", all.iter().map(Tree::text).collect::<Vec<_>>().join(by));
        match self {
            Tree::And(all) => joined(all, " AND "),
            Tree::Or(all) => joined(all, " or "),
            Tree::Not(one) => format!("NOT ({})", one.text()),
            Tree::Number(name, by, value) => format!("{name} {by} {value}"),
            Tree::Text(name, by, value) => format!("\"{name}\"{by}'{value}'"),
            Tree::Sum(value) => format!("depth_cm + 2 * accuracy_m > {value}"),
            Tree::Between(low, high) => format!("depth_cm BETWEEN {low} AND {high}"),
            Tree::In(list) => format!("category IN ('{}')", list.join("','")),
            Tree::Like(pattern, _) => format!("channel LIKE '{pattern}'"),
            Tree::IsNull(name) => format!("{name} IS NULL"),
            Tree::Dry(flag) => format!("dry = {flag}"),
            Tree::Box([w, s, e, n]) => {
                format!("S_INTERSECTS(geometry, POLYGON(({w} {s},{e} {s},{e} {n},{w} {n},{w} {s})))")
            }
            Tree::Later(time) => format!("T_AFTER(observed_at, TIMESTAMP('{time}'))"),
        }
    }

    fn json(&self) -> Value {
        let property = |name: &str| json!({"property": name});
        let op = |op: &str, args: Value| json!({"op": op, "args": args});
        let all = |trees: &[Tree]| trees.iter().map(Tree::json).collect::<Value>();
        match self {
            Tree::And(trees) => op("and", all(trees)),
            Tree::Or(trees) => op("or", all(trees)),
            Tree::Not(one) => op("not", json!([one.json()])),
            Tree::Number(name, by, value) => op(by, json!([property(name), value])),
            Tree::Text(name, by, value) => op(by, json!([property(name), value])),
            Tree::Sum(value) => {
                let twice = op("*", json!([2, property("accuracy_m")]));
                op(">", json!([op("+", json!([property("depth_cm"), twice])), value]))
            }
            Tree::Between(low, high) => op("between", json!([property("depth_cm"), low, high])),
            Tree::In(list) => op("in", json!([property("category"), list])),
            Tree::Like(pattern, _) => op("like", json!([property("channel"), pattern])),
            Tree::IsNull(name) => op("isNull", json!([property(name)])),
            Tree::Dry(flag) => op("=", json!([property("dry"), flag])),
            Tree::Box([w, s, e, n]) => {
                let ring = json!([[w, s], [e, s], [e, n], [w, n], [w, s]]);
                op("s_intersects", json!([property("geometry"), {"type": "Polygon", "coordinates": [ring]}]))
            }
            Tree::Later(time) => op("t_after", json!([property("observed_at"), {"timestamp": time}])),
        }
    }

    /// True, false or null of a published report.
    fn of(&self, report: &Value) -> Option<bool> {
        let number = |name: &str| report["properties"][name].as_f64();
        let text = |name: &str| if name == "id" { report["id"].as_str() } else { report["properties"][name].as_str() };
        let held = |all: &[Tree]| all.iter().map(|tree| tree.of(report)).collect::<Vec<_>>();
        match self {
            Tree::And(all) if held(all).contains(&Some(false)) => Some(false),
            Tree::And(all) => (!held(all).contains(&None)).then_some(true),
            Tree::Or(all) if held(all).contains(&Some(true)) => Some(true),
            Tree::Or(all) => (!held(all).contains(&None)).then_some(false),
            Tree::Not(one) => one.of(report).map(|held| !held),
            Tree::Number(name, by, value) => number(name).map(|n| compare(n, by, *value)),
            Tree::Text(name, by, value) => text(name).map(|t| compare(t, by, value)),
            Tree::Sum(value) => Some(number("depth_cm")? + 2.0 * number("accuracy_m")? > *value),
            Tree::Between(low, high) => number("depth_cm").map(|n| (*low <= n) && (n <= *high)),
            Tree::In(list) => text("category").map(|t| list.contains(&t)),
            Tree::Like(_, is) => text("channel").map(is),
            Tree::IsNull(name) => Some(report["properties"][*name].is_null()),
            Tree::Dry(flag) => Some(report["properties"]["dry"] == *flag),
            Tree::Box([w, s, e, n]) => {
                let at = &report["geometry"]["coordinates"];
                let (lon, lat) = (at[0].as_f64()?, at[1].as_f64()?);
                Some((*w..=*e).contains(&lon) && (*s..=*n).contains(&lat))
            }
            Tree::Later(time) => text("observed_at").map(|t| t > *time),
        }
    }
}

/// Requirement: cql2/1.0/req/cql2-text/basic-cql2
/// Requirement: cql2/1.0/req/cql2-json/basic-cql2
/// Requirement: cql2/1.0/req/basic-cql2/cql2-filter
#[test]
fn random_filters_find_what_a_naive_evaluation_finds() {
    let server = Server::seeded(&golden());
    let all = server.features("/ogc/collections/reports/items");
    let mut rng = fastrand::Rng::with_seed(21_065);
    let mut some = 0;
    for _ in 0..250 {
        let tree = random(&mut rng, 3);
        let expected = all.iter().filter(|f| tree.of(f) == Some(true)).map(|f| f["id"].as_str().unwrap().to_owned());
        let expected: Vec<String> = expected.collect();
        assert_eq!(found(&server, "reports", &tree.text(), "cql2-text"), expected, "{}", tree.text());
        assert_eq!(found(&server, "reports", &tree.json().to_string(), "cql2-json"), expected, "{}", tree.json());
        some += usize::from(!expected.is_empty() && expected.len() < all.len());
    }
    assert!(some > 100, "{some} of 250 find some and leave some");
}
