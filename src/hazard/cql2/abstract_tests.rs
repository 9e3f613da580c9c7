//! The abstract tests of CQL2 (OGC 21-065r2, annex A) that say what a filter finds in OGC's own data, which are not ours to
//! carry: where WATERLOG_CQL2_SAMPLES names `cql2/standard/schema/examples` of a copy of opengeospatial/ogcapi-features, the
//! tables of the annex and the data beside it are read, and each filter is evaluated on them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use geo::Geometry;
use rusqlite::types::Value as Sql;
use serde_json::Value;

use super::*;

const TABLE: &str = "docs/cql2-abstract-tests.md";

/// The classes with such tables that are claimed.
const CLASSES: [&str; 9] = [
    "basic-cql2",
    "advanced-comparison-operators",
    "case-insensitive-comparison",
    "basic-spatial-functions",
    "basic-spatial-functions-plus",
    "spatial-functions",
    "temporal-functions",
    "property-property",
    "arithmetic",
];
const COLLECTIONS: [&str; 3] =
    ["ne_110m_admin_0_countries", "ne_110m_populated_places_simple", "ne_110m_rivers_lake_centerlines"];

/// What cannot be asked here, and why.
const EXCEPTIONS: [(&str, &str); 2] = [
    ("t_equals(\"date\",interval('2022-04-16','2022-04-16'))", DATES),
    ("t_equals(interval('2022-04-16','2022-04-16'),\"date\")", DATES),
];
const DATES: &str = "a property that is a whole day equals the interval of it; no property here is one, all are times";

/// A collection of OGC's data: its queryables, and its features.
struct Collection {
    properties: Vec<Property>,
    features: Vec<Feature>,
}

struct Feature {
    /// In the order of the properties.
    data: Vec<Datum<'static>>,
    shape: Geometry,
}

impl Row for Feature {
    fn datum(&self, property: Index) -> Datum<'_> {
        self.data[usize::from(property)].clone()
    }

    fn located(&self) -> Option<Located> {
        Some(match &self.shape {
            Geometry::Point(point) => Located::Point(point.0),
            other => Located::Other(other.clone()),
        })
    }

    fn spend(&self, _: usize) {}
}

impl Collection {
    /// Reads one from the data of the standard, a GeoPackage.
    fn read(data: &Path, name: &str) -> Collection {
        let schema: Value =
            serde_json::from_str(&fs::read_to_string(data.join(format!("{name}.json"))).unwrap()).unwrap();
        let property = |(name, schema): (&String, &Value)| {
            let kind = match (schema["type"].as_str(), schema["format"].as_str()) {
                (None, _) => Kind::Geometry("any"),
                (Some("string"), Some("date" | "date-time")) => Kind::Time,
                (Some("string"), _) => Kind::Text,
                (Some("boolean"), _) => Kind::Flag,
                _ => Kind::Number,
            };
            Property { name: name.clone().leak(), title: "", unit: None, kind, steps: 1 }
        };
        let properties: Vec<Property> = schema["properties"].as_object().unwrap().iter().map(property).collect();
        let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
        let file = rusqlite::Connection::open_with_flags(data.join("ne110m4cql2.gpkg"), flags).unwrap();
        let mut table = file.prepare(&format!("SELECT * FROM {name}")).unwrap();
        let feature = |row: &rusqlite::Row| {
            let blob: Vec<u8> = row.get("geom")?;
            let data = properties.iter().map(|property| Ok(datum(property.kind, row.get(property.name)?)));
            Ok(Feature { data: data.collect::<rusqlite::Result<_>>()?, shape: geometry(&blob) })
        };
        let features = table.query_map([], feature).unwrap().map(rusqlite::Result::unwrap).collect();
        Collection { properties, features }
    }

    fn found(&self, filter: &str) -> Result<usize> {
        let condition = Condition::read(filter, Lang::Text, &crs84, &self.properties)?;
        Ok(self.features.iter().filter(|feature| condition.takes(*feature)).count())
    }
}

fn datum(kind: Kind, value: Sql) -> Datum<'static> {
    match (kind, value) {
        // The data leave out that they are in UTC.
        (Kind::Time, Sql::Text(text)) => {
            let whole =
                if text.len() == 10 { format!("{text}T00:00:00") } else { text.trim_end_matches('Z').to_owned() };
            Datum::Time(format!("{whole}Z").parse::<jiff::Timestamp>().unwrap().as_second())
        }
        (Kind::Flag, Sql::Integer(flag)) => (flag != 0).into(),
        (_, Sql::Text(text)) => text.into(),
        (_, Sql::Integer(number)) => number.into(),
        (_, Sql::Real(number)) => number.into(),
        (_, Sql::Null | Sql::Blob(_)) => Datum::Null,
    }
}

/// A geometry as GeoPackage has it: a head with or without a box, and well-known binary, little-endian.
fn geometry(blob: &[u8]) -> Geometry {
    let box_length = [0, 32, 48, 48, 64][usize::from((blob[3] >> 1) & 7)];
    binary(&mut &blob[8 + box_length..])
}

fn binary(bytes: &mut &[u8]) -> Geometry {
    let order = bytes.split_off(..1).unwrap();
    assert_eq!(order, [1], "little-endian");
    let parts = |bytes: &mut &[u8]| (0..count(bytes)).map(|_| binary(bytes)).collect::<Vec<_>>();
    match count(bytes) {
        1 => Geometry::Point(coord(bytes).into()),
        2 => Geometry::LineString(line(bytes)),
        3 => {
            let mut rings = (0..count(bytes)).map(|_| line(bytes)).collect::<Vec<_>>().into_iter();
            Geometry::Polygon(geo::Polygon::new(rings.next().unwrap(), rings.collect()))
        }
        5 => Geometry::MultiLineString(geo::MultiLineString(
            parts(bytes).into_iter().map(|part| part.try_into().unwrap()).collect(),
        )),
        6 => Geometry::MultiPolygon(geo::MultiPolygon(
            parts(bytes).into_iter().map(|part| part.try_into().unwrap()).collect(),
        )),
        other => panic!("a geometry of kind {other}"),
    }
}

fn count(bytes: &mut &[u8]) -> u32 {
    u32::from_le_bytes(bytes.split_off(..4).unwrap().try_into().unwrap())
}

fn coord(bytes: &mut &[u8]) -> geo::Coord {
    let [x, y] = [0, 1].map(|_| f64::from_le_bytes(bytes.split_off(..8).unwrap().try_into().unwrap()));
    geo::Coord { x, y }
}

fn line(bytes: &mut &[u8]) -> geo::LineString {
    geo::LineString((0..count(bytes)).map(|_| coord(bytes)).collect())
}

/// A line of a table of the annex: the collection, the filter, and how many it finds.
fn expected(line: &str) -> Option<(&'static str, String, usize)> {
    let parts: Vec<&str> = line.strip_prefix('|')?.split('`').collect();
    let count = parts.last()?.trim().strip_prefix('|')?.trim().parse().ok()?;
    // As AsciiDoc needs them.
    let plain = |filter: &str| filter.replace("\\<", "<").replace("\\((", "((");
    match parts.len() {
        3 => {
            let collection = COLLECTIONS.into_iter().find(|name| parts[0].contains(name))?;
            Some((collection, plain(parts[1]), count))
        }
        // The four parts of /conf/basic-cql2/logical.
        9 => {
            let [p1, p2, p3, p4] = [1, 3, 5, 7].map(|n| plain(parts[n]));
            Some((COLLECTIONS[1], format!("(NOT ({p2}) AND {p1}) OR ({p3} and {p4}) or not ({p1} OR {p4})"), count))
        }
        _ => None,
    }
}

#[test]
fn filters_find_in_the_data_of_the_standard_what_its_abstract_tests_say() {
    let Some(folder) = std::env::var_os("WATERLOG_CQL2_SAMPLES") else {
        println!("0 of CQL2's abstract tests run: WATERLOG_CQL2_SAMPLES names no folder");
        return;
    };
    let standard = Path::new(&folder).join("../..");
    let collections: BTreeMap<_, _> =
        COLLECTIONS.map(|name| (name, Collection::read(&standard.join("data"), name))).into();
    let (mut lines, mut wrong, mut all, mut excepted) = (String::new(), Vec::new(), 0, 0);
    for class in CLASSES {
        let annex = fs::read_to_string(standard.join(format!("annex_ats_{class}.adoc"))).unwrap();
        let (mut run, mut not_run) = (0, 0);
        for (collection, filter, count) in annex.lines().filter_map(expected) {
            if EXCEPTIONS.iter().any(|(known, _)| *known == filter) {
                not_run += 1;
                continue;
            }
            run += 1;
            match collections[collection].found(&filter) {
                Ok(found) if found == count => {}
                other => wrong.push(format!("{class}: {collection}: {filter}: {other:?}, not {count}")),
            }
        }
        lines += &format!("| {class} | {run} | {not_run} |\n");
        (all, excepted) = (all + run, excepted + not_run);
    }
    println!("{all} of CQL2's abstract tests run on its data, {} not as expected, {excepted} not run", wrong.len());
    assert!(wrong.is_empty() && all > 200, "{}", wrong.join("\n"));
    assert_eq!(excepted, EXCEPTIONS.len());
    let exceptions: String = EXCEPTIONS.iter().map(|(filter, why)| format!("- `{filter}`: {why}\n")).collect();
    let table = format!(
        "# CQL2: the abstract tests on the data of the standard\n\nAnnex A of CQL2 (OGC 21-065r2) says how many features each \
         of its filters finds in a small data set of OGC. Each filter of a class that is claimed was evaluated on these data, \
         as text, and finds as many. Annex and data are OGC's and not here; the test that wrote this reads them from a copy \
         of opengeospatial/ogcapi-features (at `cql2-1.0.0`):\n\n    \
         WATERLOG_CQL2_SAMPLES=…/cql2/standard/schema/examples cargo test --lib abstract_tests\n\n\
         | class | filters as expected | not run |\n|---|---|---|\n{lines}\nNot run:\n\n{exceptions}"
    );
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(TABLE);
    // WRITE_TABLES=1 writes it anew.
    if std::env::var_os("WRITE_TABLES").is_some() {
        fs::write(&file, &table).unwrap();
    }
    assert!(fs::read_to_string(&file).unwrap_or_default() == table, "{TABLE} tells another outcome");
}
