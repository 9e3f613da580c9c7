//! Addresses of every kind with parameters of every kind: whatever is asked, the service does not fail.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::ogc::world;
use crate::openapi::{list, object};
use crate::server::Server;

/// Never sensible, or only sometimes.
const JUNK: [&str; 32] = [
    "",
    " ",
    "0",
    "-1",
    "1",
    "00",
    "1.5",
    "NaN",
    "-0",
    "1e400",
    "99999999999999999999",
    "true",
    "null",
    "[]",
    "{}",
    "{\"op\":",
    "..",
    "../../etc/passwd",
    "%00",
    "%FF",
    "%",
    "\u{0}",
    "\u{feff}",
    "'",
    "\" OR 1=1",
    "水浸街",
    "💧",
    "a,b,,c",
    "a=b&c",
    "http://[::1",
    "2024-02-30T25:61:00Z",
    "../..",
];
/// What filters are made of.
const WORDS: [&str; 24] = [
    "dry",
    "depth_cm",
    "category",
    "observed_at",
    "geometry",
    "=",
    "<>",
    "LIKE",
    "IN",
    "(",
    ")",
    ",",
    "'%p_'",
    "12.5",
    "TRUE",
    "AND",
    "OR",
    "NOT",
    "IS NULL",
    "S_INTERSECTS",
    "BBOX(179,-90,-179,90)",
    "POLYGON((0 0,1 1,1 0,0 0))",
    "DATE('2024-01-01')",
    "INTERVAL('..','2024-01-01')",
];
/// Values that are right somewhere.
const RIGHT: [&str; 26] = [
    "json",
    "html",
    "csv",
    "gpkg",
    "fgb",
    "parquet",
    "kml",
    "geojsonseq",
    "geojson",
    "pmtiles",
    "cql2-text",
    "cql2-json",
    "177,65,-177,70",
    "-180,-90,180,90",
    "0,0,1,1,2,2",
    "2024-01-01T00:00:00Z/..",
    "../2026-01-01T00:00:00Z",
    "2024-01-01",
    "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
    "http://www.opengis.net/def/crs/EPSG/0/3857",
    "http://www.opengis.net/def/crs/EPSG/0/4326",
    "waterlogging",
    "-observed_at,depth_cm",
    "10",
    "10000",
    "west0",
];
/// Ids that are in the world, and some that were never anywhere.
const IDS: [&str; 10] = [
    "west0",
    "a/b ü?#&0",
    "i1",
    "i2",
    "at west",
    "storm",
    "waterlogging:8c2a1072b59ffff",
    "reports",
    "WebMercatorQuad",
    "0",
];

/// An address that the descriptions name, and the parameters that it says it takes.
struct Described {
    path: String,
    parameters: Vec<(String, Vec<String>)>,
}

/// What can be got by both descriptions, but for what has no end.
fn described(server: &Server) -> Vec<Described> {
    let mut all = Vec::new();
    for (at, below) in [("/ogc/api", "/ogc"), ("/api/docs/openapi.json", "")] {
        let document = server.get(at).json();
        for (path, operations) in object(&document["paths"]).filter(|(path, _)| *path != "/api/v1/live") {
            let parameters = list(&operations["get"]["parameters"]).iter();
            let parameters = parameters.map(|parameter| match parameter["$ref"].as_str() {
                Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap(),
                None => parameter,
            });
            let parameters = parameters.filter(|parameter| parameter["in"] == "query").map(named).collect();
            all.push(Described { path: format!("{below}{path}"), parameters });
        }
    }
    assert!(all.len() > 120, "{}", all.len());
    all
}

/// A parameter's name, and the values that its description lists.
fn named(parameter: &Value) -> (String, Vec<String>) {
    let schema = &parameter["schema"];
    let listed = list(&schema["enum"]).iter().chain(list(&schema["items"]["enum"])).chain([&schema["default"]]);
    let shown = listed.filter(|value| !value.is_null());
    let shown = shown.map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    (parameter["name"].as_str().unwrap().to_owned(), shown.collect())
}

fn one<'a, T: ?Sized>(rng: &mut fastrand::Rng, of: &[&'a T]) -> &'a T {
    of[rng.usize(0..of.len())]
}

fn value(rng: &mut fastrand::Rng, name: &str, listed: &[String]) -> String {
    if name == "filter" && rng.bool() {
        let words: Vec<_> = (0..rng.usize(1..12)).map(|_| one(rng, &WORDS)).collect();
        return words.join(" ");
    }
    match rng.u32(0..10) {
        0..=3 if !listed.is_empty() => listed[rng.usize(0..listed.len())].clone(),
        0..=5 => one(rng, &RIGHT).to_owned(),
        6 => one(rng, &RIGHT).repeat(rng.usize(2..9)),
        7 => (0..rng.usize(0..40)).map(|_| rng.char('\u{1}'..'\u{3000}')).collect(),
        8 => "(".repeat(rng.usize(0..3_000)),
        _ => one(rng, &JUNK).to_owned(),
    }
}

/// Part of an address; now and then it is not encoded as it should be.
fn encoded(rng: &mut fastrand::Rng, text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    let (raw, broken) = (rng.u8(0..8) == 0, rng.u8(0..40) == 0);
    let each = text.bytes().map(|b| match b {
        b if plain(b) || (raw && b"!$'()*,;:@/=&".contains(&b)) => char::from(b).to_string(),
        b => format!("%{b:02X}"),
    });
    let text: String = each.collect();
    if broken { text + "%C3%28" } else { text }
}

fn address(rng: &mut fastrand::Rng, described: &[Described]) -> String {
    let Described { path, parameters } = &described[rng.usize(0..described.len())];
    let mut at = String::new();
    for part in path.split('/').skip(1) {
        let part = match part.strip_prefix('{') {
            Some(rest) => {
                let id = if rng.bool() { one(rng, &IDS) } else { one(rng, &JUNK) };
                let ending = rest.split_once('}').map_or("", |(_, ending)| ending);
                encoded(rng, id) + ending
            }
            None if rng.u8(0..60) == 0 => {
                let junk = one(rng, &JUNK);
                encoded(rng, junk)
            }
            None => part.to_owned(),
        };
        at += "/";
        at += &part;
    }
    let others = &described[rng.usize(0..described.len())].parameters;
    let mut pairs = Vec::new();
    for _ in 0..rng.usize(0..5) {
        let from = if rng.u8(0..10) == 0 { others } else { parameters };
        let (name, listed) = match from.len() {
            0 => ("f".to_owned(), Vec::new()),
            n => from[rng.usize(0..n)].clone(),
        };
        let value = value(rng, &name, &listed);
        pairs.push(format!("{}={}", encoded(rng, &name), encoded(rng, &value)));
    }
    if pairs.is_empty() { at } else { format!("{at}?{}", pairs.join("&")) }
}

#[test]
fn no_address_and_no_parameter_makes_the_service_fail() {
    let number = |name: &str, usual: u64| std::env::var(name).map_or(usual, |text| text.parse().unwrap());
    let (most, seed) = (number("WATERLOG_URLS", 3_000), number("WATERLOG_SEED", 1));
    let server = Server::seeded(&world());
    let described = described(&server);
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut answered: BTreeMap<u16, u64> = BTreeMap::new();
    for _ in 0..most {
        let at = address(&mut rng, &described);
        let method = if rng.u8(0..20) == 0 { "HEAD" } else { "GET" };
        let answer = server.send(method, &at, &[], b"");
        assert!(answer.status < 500, "seed {seed}: {method} {at}: {} {}", answer.status, answer.text());
        if answer.status >= 400 && method == "GET" && !at.starts_with("/open311") {
            assert_eq!(answer.header("content-type"), "application/problem+json", "{at}: {}", answer.text());
        }
        *answered.entry(answer.status).or_default() += 1;
    }
    println!("fuzzed: {most} addresses with seed {seed}, answered {answered:?}");
    let of = |status: u16| answered.get(&status).copied().unwrap_or_default();
    assert!(of(200) > most / 10 && of(400) > most / 10 && of(404) > most / 50, "{answered:?}");
}
