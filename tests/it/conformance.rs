//! What of OGC API is claimed, requirement by requirement, and which test proves it: `docs/conformance.md` is written from
//! this, and `/ogc/conformance` declares what it claims and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::Path;

use crate::program::TREE;
use crate::server::Server;

const SPEC: &str = "http://www.opengis.net/spec/";
const TABLE: &str = "docs/conformance.md";

/// Every class that is claimed, and its requirements by their last names.
const CLAIMED: [(&str, &str); 34] = [
    (
        "common-1/1.0/conf/core",
        "http query-param-name-unknown query-param-value-invalid query-param-capitalization query-param-list-delimiter \
         query-param-list-escape query-param-list-empty query-param-value-boolean query-param-value-integer \
         query-param-value-decimal query-param-value-double",
    ),
    (
        "common-1/1.0/conf/landing-page",
        "root-op root-success api-definition-op api-definition-success conformance-op conformance-success",
    ),
    ("common-1/1.0/conf/json", "definition content"),
    ("common-1/1.0/conf/html", "definition content"),
    ("common-1/1.0/conf/oas30", "oas-definition-1 oas-definition-2 oas-impl completeness exceptions-codes security"),
    (
        "common-2/1.0/conf/collections",
        "collections-list-op collections-list-success collections-list-links collections-list-collections description-op \
         description-success description-links description-extent description-extent-multi",
    ),
    ("common-2/1.0/conf/json", "definition content"),
    ("common-2/1.0/conf/html", "definition content"),
    (
        "features-1/1.0/conf/core",
        "root-op root-success api-definition-op api-definition-success conformance-op conformance-success http \
         query-param-unknown query-param-invalid crs84 fc-md-op fc-md-success fc-md-links fc-md-items fc-md-items-links \
         fc-md-extent fc-md-extent-multi sfc-md-op sfc-md-success fc-op fc-limit-definition fc-limit-response-1 \
         fc-bbox-definition fc-bbox-response fc-time-definition fc-time-response fc-response fc-links fc-rel-type \
         fc-timeStamp fc-numberMatched fc-numberReturned f-op f-success f-links",
    ),
    ("features-1/1.0/conf/oas30", "oas-definition-1 oas-definition-2 oas-impl completeness exceptions-codes security"),
    ("features-1/1.0/conf/geojson", "definition content"),
    ("features-1/1.0/conf/html", "definition content"),
    (
        "features-2/1.0/conf/crs",
        "crs-uri fc-md-crs-list fc-md-crs-list-global fc-md-storageCrs fc-md-storageCrs-valid-value \
         fc-bbox-crs-definition fc-bbox-crs-valid-value fc-bbox-crs-valid-default-value fc-bbox-crs-action \
         fc-crs-definition fc-crs-valid-value fc-crs-default-value fc-crs-action ogc-crs-header ogc-crs-header-value \
         geojson",
    ),
    (
        "features-3/1.0/conf/queryables",
        "get-queryables-op get-queryables-response queryables-link expression-construction",
    ),
    (
        "features-3/1.0/conf/filter",
        "filter-param filter-lang-param filter-crs-param filter-crs-wgs84 mixing-expressions response",
    ),
    (
        "features-3/1.0/conf/features-filter",
        "get-queryables-op queryables-link filter-param filter-lang-param filter-crs-param response",
    ),
    ("cql2/1.0/conf/basic-cql2", "cql2-filter property binary-comparison-predicate null-predicate"),
    ("cql2/1.0/conf/advanced-comparison-operators", "like-predicate between-predicate in-predicate"),
    ("cql2/1.0/conf/case-insensitive-comparison", "casei-function"),
    ("cql2/1.0/conf/basic-spatial-functions", "spatial-functions spatial-predicate"),
    ("cql2/1.0/conf/basic-spatial-functions-plus", "spatial-data-types"),
    ("cql2/1.0/conf/spatial-functions", "spatial-functions"),
    ("cql2/1.0/conf/temporal-functions", "temporal-functions temporal-predicates"),
    ("cql2/1.0/conf/property-property", "withdraw-permissions"),
    ("cql2/1.0/conf/arithmetic", "arithmetic"),
    (
        "cql2/1.0/conf/cql2-text",
        "basic-cql2 escaping advanced-comparison-operators case-insensitive-comparison basic-spatial-functions \
         basic-spatial-functions-plus spatial-functions temporal-functions property-property arithmetic",
    ),
    (
        "cql2/1.0/conf/cql2-json",
        "basic-cql2 advanced-comparison-operators case-insensitive-comparison basic-spatial-functions \
         basic-spatial-functions-plus spatial-functions temporal-functions property-property arithmetic",
    ),
    (
        "tiles-1/1.0/conf/core",
        "tc-op tc-tilematrix-definition tc-tilerow-definition tc-tilecol-definition tc-success tc-error \
         conformance-success",
    ),
    ("tiles-1/1.0/conf/tileset", "description"),
    ("tiles-1/1.0/conf/tilesets-list", "tileset-path tileset-links"),
    ("tiles-1/1.0/conf/dataset-tilesets", "landingpage operation"),
    ("tiles-1/1.0/conf/geodata-tilesets", "desc-links operation"),
    ("tiles-1/1.0/conf/mvt", "content"),
    ("tiles-1/1.0/conf/oas30", "completeness operation-id"),
];

/// Further classes that are claimed, each proved as a whole: Part 4 is a draft, whose requirements still change their names.
const CLAIMED_WHOLE: [&str; 4] = [
    "ogcapi-features-4/1.0/conf/create-replace-delete",
    "ogcapi-features-4/1.0/conf/update",
    "ogcapi-features-4/1.0/conf/optimistic-locking-etags",
    "ogcapi-features-4/1.0/conf/features",
];

/// Classes of the same standards that are not claimed, and why.
const NOT_CLAIMED: [(&str, &str); 12] = [
    ("features-3/1.0/conf/queryables-query-parameters", "what a layer is usually asked for has parameters of its own"),
    (
        "features-4/1.0/conf/optimistic-locking-timestamps",
        "much happens in a second; an ETag says what is known exactly",
    ),
    ("cql2/1.0/conf/accent-insensitive-comparison", "names here are mostly Chinese"),
    ("cql2/1.0/conf/array-functions", "no property is an array"),
    (
        "cql2/1.0/conf/functions",
        "there are none but those of the standard; so get-functions-operation and get-functions-response-json, here and in \
         Part 3, do not apply, nor functions, arrays and accent-insensitive-comparison in cql2-text and cql2-json",
    ),
    ("features-1/1.0/conf/gmlsf0", "no GML is written: GeoJSON is what clients of today read"),
    ("features-1/1.0/conf/gmlsf2", "as gmlsf0"),
    ("common-2/1.0/conf/hierarchical-collections", "the layers stand side by side"),
    ("tiles-1/1.0/conf/collections-selection", "tiles have one layer, or all: a client draws those it wants"),
    ("tiles-1/1.0/conf/datetime", "tiles take `datetime`, but what has no time is not restricted by it"),
    ("tiles-1/1.0/conf/geojson", "tiles are Mapbox Vector Tiles alone; so with jpeg, png, tiff and netcdf"),
    ("tiles-1/1.0/conf/xml", "metadata is JSON and HTML"),
];

/// The tests that name each requirement in their documentation.
fn tests() -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in sources(&Path::new(TREE).join("tests/it")) {
        let text = fs::read_to_string(&file).unwrap();
        let module = file.file_stem().unwrap().to_string_lossy().into_owned();
        let mut named = Vec::new();
        for line in text.lines().map(str::trim) {
            let class = line.strip_prefix("/// Class: ");
            if let Some(requirement) = line.strip_prefix("/// Requirement: ").or(class) {
                named.push(requirement.to_owned());
            } else if let Some(rest) = line.strip_prefix("fn ") {
                let name = rest.split('(').next().unwrap();
                for requirement in named.drain(..) {
                    found.entry(requirement).or_default().insert(format!("{module}::{name}"));
                }
            }
        }
        assert!(named.is_empty(), "{}: requirements of no test", file.display());
    }
    found
}

fn sources(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|end| end == "rs"));
    files.sort();
    files
}

fn requirements(class: &str, names: &str) -> Vec<String> {
    let of = class.replace("/conf/", "/req/");
    names.split_whitespace().map(|name| format!("{of}/{name}")).collect()
}

/// The identifier of a class: only that of CQL2 is of no OGC API.
fn uri(class: &str) -> String {
    let of = if class.starts_with("cql2/") || class.starts_with("ogcapi-") { "" } else { "ogcapi-" };
    format!("{SPEC}{of}{class}")
}

fn claimed() -> impl Iterator<Item = (&'static str, Vec<String>)> {
    CLAIMED.into_iter().map(|(class, names)| (class, requirements(class, names)))
}

fn table() -> String {
    let tests = tests();
    let mut out = format!(
        "# OGC API: what is claimed, and the tests that prove it\n\nWritten from the tests, which name what they prove, and \
         all of which pass: this page is compared with them by a test that runs with them. `{SPEC}ogcapi-` stands before every \
         name, but for those of CQL2 and the classes by themselves below, which have only `{SPEC}`. The names are those of \
         the published standards: Features 1 and 2 (1.0.1), 3 and CQL2 (1.0.0); of Common and Tiles as they stand in OGC's \
         repositories. CQL2's [samples](cql2-samples.md) and [abstract tests](cql2-abstract-tests.md) on OGC's data; OGC's own \
         suites: [Features](cite-features.md), [Tiles](cite-tiles.md).\n"
    );
    for (class, requirements) in claimed() {
        write!(out, "\n## {class}\n\n| requirement | test |\n|---|---|\n").unwrap();
        for requirement in requirements {
            let proofs = tests.get(&requirement).unwrap_or_else(|| panic!("no test names {requirement}"));
            let proofs: Vec<_> = proofs.iter().map(|test| format!("`{test}`")).collect();
            let short = requirement.split_once("/req/").map_or(requirement.as_str(), |(_, short)| short);
            writeln!(out, "| /req/{short} | {} |", proofs.join(", ")).unwrap();
        }
    }
    out.push_str("\n## Class by class\n\n| class | test |\n|---|---|\n");
    for class in CLAIMED_WHOLE {
        let proofs = tests.get(class).unwrap_or_else(|| panic!("no test names {class}"));
        let proofs: Vec<_> = proofs.iter().map(|test| format!("`{test}`")).collect();
        writeln!(out, "| {class} | {} |", proofs.join(", ")).unwrap();
    }
    out.push_str("\n## Not claimed\n\n| class | why |\n|---|---|\n");
    for (class, why) in NOT_CLAIMED {
        writeln!(out, "| {class} | {why} |").unwrap();
    }
    out
}

#[test]
fn the_table_says_what_the_tests_prove() {
    let (file, table) = (Path::new(TREE).join(TABLE), table());
    // WRITE_TABLES=1 writes it anew.
    if std::env::var_os("WRITE_TABLES").is_some() {
        fs::write(&file, &table).unwrap();
    }
    let committed = fs::read_to_string(&file).unwrap_or_default();
    assert!(committed == table, "{TABLE} is not what the tests say: run this test with WRITE_TABLES=1");
    let whole = CLAIMED_WHOLE.map(str::to_owned);
    let known: BTreeSet<_> = claimed().flat_map(|(_, requirements)| requirements).chain(whole).collect();
    let unknown: Vec<_> = tests().into_keys().filter(|requirement| !known.contains(requirement)).collect();
    assert!(unknown.is_empty(), "tests name requirements of no class that is claimed: {unknown:?}");
}

#[test]
fn a_class_is_declared_if_and_only_if_all_its_requirements_have_tests() {
    let declared = Server::start().get("/ogc/conformance").json()["conformsTo"].clone();
    let declared: BTreeSet<_> =
        declared.as_array().unwrap().iter().map(|class| class.as_str().unwrap().to_owned()).collect();
    let expected: BTreeSet<_> = claimed().map(|(class, _)| uri(class)).chain(CLAIMED_WHOLE.map(uri)).collect();
    assert_eq!(declared, expected);
    assert!(NOT_CLAIMED.iter().all(|(class, _)| !declared.contains(&uri(class))));
}
