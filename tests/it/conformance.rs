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

/// Every requirement of the standards by the last part of its identifier, claimed or not.
const ALL: &str = include_str!("../reference/ogc_requirements.txt");

/// Standards whose every requirement has a test of its own, which names no other; those of Part 3 and of CQL2 share some.
const EACH_ALONE: [&str; 6] = ["common-1/", "common-2/", "features-1/", "features-2/", "features-4/", "tiles-1/"];

/// Every class that is claimed, and its requirements by their last names.
const CLAIMED: [(&str, &str); 38] = [
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
    (
        "features-4/1.0/conf/create-replace-delete",
        "methods post-op post-body post-content-type post-response post-response-rid put-op put-body put-content-type \
         put-response put-rid-exception put-rid delete-op delete-response options-op options-response",
    ),
    ("features-4/1.0/conf/update", "methods update-patch-op update-patch-body update-patch-response rid"),
    (
        "features-4/1.0/conf/optimistic-locking-etags",
        "get-etag-response put-etag-response patch-etag-response ifmatch-put-op ifmatch-put-eval ifmatch-patch-op \
         ifmatch-patch-eval",
    ),
    (
        "features-4/1.0/conf/features",
        "resources-endpoint resource-endpoint collection-endpoint content-crs-header default-crs crs-other-crs",
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

/// Requirements of classes that are claimed which hold on a condition that is not given here, and the condition.
const NOT_APPLICABLE: [(&str, &str); 15] = [
    ("features-3/1.0/req/filter/get-functions-operation", FUNCTIONS),
    ("features-3/1.0/req/filter/get-functions-response-json", FUNCTIONS),
    ("features-4/1.0/req/features/geojson-create-replace", SCHEMAS),
    ("features-4/1.0/req/features/representation-geojson-replace", SCHEMAS),
    ("features-4/1.0/req/features/schema", SCHEMAS),
    ("features-4/1.0/req/features/update-json-merge-patch", SCHEMAS),
    ("features-4/1.0/req/features/gml-create-replace", "GML is taken"),
    ("features-4/1.0/req/features/gml-srsname", "GML is taken"),
    ("features-4/1.0/req/features/crs-crs84", "Part 2 is not claimed"),
    ("cql2/1.0/req/cql2-text/accent-insensitive-comparison", "accent-insensitive-comparison is claimed"),
    ("cql2/1.0/req/cql2-json/accent-insensitive-comparison", "accent-insensitive-comparison is claimed"),
    ("cql2/1.0/req/cql2-text/arrays", "array-functions are claimed"),
    ("cql2/1.0/req/cql2-json/arrays", "array-functions are claimed"),
    ("cql2/1.0/req/cql2-text/functions", FUNCTIONS),
    ("cql2/1.0/req/cql2-json/functions", FUNCTIONS),
];
const FUNCTIONS: &str = "there are functions beside those of the standard";
const SCHEMAS: &str = "Part 5 (schemas) is claimed";

/// Classes of the same standards that are not claimed, and why.
const NOT_CLAIMED: [(&str, &str); 17] = [
    ("features-3/1.0/conf/queryables-query-parameters", "what a layer is usually asked for has parameters of its own"),
    (
        "features-4/1.0/conf/optimistic-locking-timestamps",
        "much happens in a second; an ETag says what is known exactly",
    ),
    ("cql2/1.0/conf/accent-insensitive-comparison", "names here are mostly Chinese"),
    ("cql2/1.0/conf/array-functions", "no property is an array"),
    ("cql2/1.0/conf/functions", "there are none but those of the standard"),
    ("features-1/1.0/conf/gmlsf0", "no GML is written: GeoJSON is what clients of today read"),
    ("features-1/1.0/conf/gmlsf2", "as gmlsf0"),
    ("common-2/1.0/conf/hierarchical-collections", "the layers stand side by side"),
    ("tiles-1/1.0/conf/collections-selection", "tiles have one layer, or all: a client draws those it wants"),
    ("tiles-1/1.0/conf/datetime", "tiles take `datetime`, but what has no time is not restricted by it"),
    ("common-2/1.0/conf/uad-collections", "no layer is a grid, or has further dimensions"),
    ("tiles-1/1.0/conf/geojson", "tiles are Mapbox Vector Tiles alone"),
    ("tiles-1/1.0/conf/jpeg", "as geojson"),
    ("tiles-1/1.0/conf/png", "as geojson"),
    ("tiles-1/1.0/conf/tiff", "as geojson"),
    ("tiles-1/1.0/conf/netcdf", "as geojson"),
    ("tiles-1/1.0/conf/xml", "metadata is JSON and HTML"),
];

/// The tests that name each requirement in their documentation.
fn tests() -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let folder = Path::new(TREE).join("tests/it");
    for file in sources(&folder).into_iter().chain(sources(&folder.join("requirements"))) {
        let text = fs::read_to_string(&file).unwrap();
        let within = file.strip_prefix(&folder).unwrap().with_extension("");
        let module = within.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("::");
        let mut named = Vec::new();
        for line in text.lines().map(str::trim) {
            if let Some(requirement) = line.strip_prefix("/// Requirement: ") {
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
    let of = if class.starts_with("cql2/") { "" } else { "ogcapi-" };
    format!("{SPEC}{of}{class}")
}

fn claimed() -> impl Iterator<Item = (&'static str, Vec<String>)> {
    CLAIMED.into_iter().map(|(class, names)| (class, requirements(class, names)))
}

/// The identifiers of all classes that are claimed.
pub fn declared() -> BTreeSet<String> {
    claimed().map(|(class, _)| uri(class)).collect()
}

/// Every requirement of the standards.
fn all() -> BTreeSet<String> {
    ALL.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
}

/// The class of a requirement.
fn class_of(requirement: &str) -> String {
    requirement.rsplit_once('/').unwrap().0.replace("/req/", "/conf/")
}

fn short(requirement: &str) -> &str {
    requirement.split_once("/req/").map_or(requirement, |(_, short)| short)
}

fn table() -> String {
    let tests = tests();
    let requirements: Vec<_> = claimed().flat_map(|(_, requirements)| requirements).collect();
    let unclaimed = all().len() - requirements.len() - NOT_APPLICABLE.len();
    let mut out = format!(
        "# OGC API: what is claimed, and the tests that prove it\n\nOf {} requirements {} are claimed and pass, 0 fail, {} of \
         claimed classes apply to what is not there, and {unclaimed} are of classes that are not claimed. A requirement passes \
         if every test beside it does; those of Common, Features 1, 2 and 4 and Tiles have a test each that names no other. \
         This page is written from the tests and compared with them by a test, which fails where a requirement of a claimed \
         class has none. `{SPEC}ogcapi-` stands before every name, but for those of CQL2, which have only `{SPEC}`. The names \
         are those of the published standards, Features 1 and 2 (1.0.1), 3 and CQL2 (1.0.0); of Features 4, Common and Tiles \
         as they stand in OGC's repositories. CQL2's [samples](cql2-samples.md) and [abstract tests](cql2-abstract-tests.md) \
         on OGC's data; OGC's own suites: [Features](cite-features.md), [Tiles](cite-tiles.md).\n",
        all().len(),
        requirements.len(),
        NOT_APPLICABLE.len(),
    );
    for (class, requirements) in claimed() {
        write!(out, "\n## {class}\n\n| requirement | result | test |\n|---|---|---|\n").unwrap();
        for requirement in requirements {
            let proofs = tests.get(&requirement).unwrap_or_else(|| panic!("no test names {requirement}"));
            let proofs: Vec<_> = proofs.iter().map(|test| format!("`{test}`")).collect();
            writeln!(out, "| /req/{} | pass | {} |", short(&requirement), proofs.join(", ")).unwrap();
        }
        for (requirement, unless) in NOT_APPLICABLE.iter().filter(|(requirement, _)| class_of(requirement) == class) {
            writeln!(out, "| /req/{} | does not apply | it would if {unless} |", short(requirement)).unwrap();
        }
    }
    out.push_str("\n## Not claimed\n\n| class | requirements | why |\n|---|---|---|\n");
    for (class, why) in NOT_CLAIMED {
        let of: Vec<_> = all().into_iter().filter(|requirement| class_of(requirement) == class).collect();
        writeln!(out, "| {class} | {} | {why} |", of.len()).unwrap();
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
    let known: BTreeSet<_> = claimed().flat_map(|(_, requirements)| requirements).collect();
    let unknown: Vec<_> = tests().into_keys().filter(|requirement| !known.contains(requirement)).collect();
    assert!(unknown.is_empty(), "tests name requirements of no class that is claimed: {unknown:?}");
}

#[test]
fn every_requirement_of_the_standards_is_in_the_table_and_those_of_claimed_classes_are_claimed() {
    let claimed_now: BTreeSet<_> = claimed().flat_map(|(_, requirements)| requirements).collect();
    let elsewhere: BTreeSet<_> = NOT_APPLICABLE.iter().map(|(requirement, _)| (*requirement).to_owned()).collect();
    let all = all();
    let unknown: Vec<_> = claimed_now.union(&elsewhere).filter(|requirement| !all.contains(*requirement)).collect();
    assert!(unknown.is_empty(), "no standard has {unknown:?}");
    assert!(claimed_now.is_disjoint(&elsewhere));
    let classes: BTreeSet<_> = claimed().map(|(class, _)| class.to_owned()).collect();
    let others: BTreeSet<_> = NOT_CLAIMED.iter().map(|(class, _)| (*class).to_owned()).collect();
    for requirement in &all {
        let class = class_of(requirement);
        let is_proved = claimed_now.contains(requirement) || elsewhere.contains(requirement);
        assert_eq!(is_proved, classes.contains(&class), "{requirement}");
        assert!(is_proved || others.contains(&class), "{requirement} is neither claimed nor not");
    }
}

#[test]
fn every_requirement_but_of_filters_has_a_test_that_names_it_alone() {
    let tests = tests();
    let mut named: BTreeMap<&String, usize> = BTreeMap::new();
    tests.values().flatten().for_each(|test| *named.entry(test).or_default() += 1);
    let mut alone = 0;
    for (_, requirements) in claimed().filter(|(class, _)| EACH_ALONE.iter().any(|of| class.starts_with(of))) {
        for requirement in requirements {
            let own = tests[&requirement].iter().filter(|test| named[test] == 1).count();
            assert!(own > 0, "{requirement} shares its test with others");
            alone += 1;
        }
    }
    assert!(alone > 150, "{alone}");
}

#[test]
fn a_class_is_declared_if_and_only_if_all_its_requirements_have_tests() {
    let said = Server::start().get("/ogc/conformance").json()["conformsTo"].clone();
    let said: BTreeSet<_> = said.as_array().unwrap().iter().map(|class| class.as_str().unwrap().to_owned()).collect();
    assert_eq!(said, declared());
    assert!(NOT_CLAIMED.iter().all(|(class, _)| !said.contains(&uri(class))));
}
