//! Programs that others have written, as they come: they find what is here without being told anything but where.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::ogc_filter::{encoded, golden};
use crate::program::TREE;
use crate::server::Server;

/// A program of the Python for clients that `make test` makes; nothing where there is none, which CI must not accept.
pub fn of_python(program: &str) -> Option<PathBuf> {
    let found = Path::new(TREE).join("target/clients-venv/bin").join(program);
    if !found.exists() {
        told!("clients: {program} was not run: `make test` makes a Python with it");
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "CI must not skip the clients");
        return None;
    }
    Some(found)
}

/// Runs a program to its good end; what it says.
pub fn run(command: &mut Command) -> String {
    let out = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let (said, complained) = (String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    assert!(out.status.success(), "{command:?} failed:\n{said}{complained}");
    said.into_owned()
}

#[test]
fn owslib_pages_through_a_collection_and_filters_it() {
    let Some(python) = of_python("python") else { return };
    let server = Server::seeded(&golden());
    let script = Path::new(TREE).join("tests/clients/owslib_client.py");
    let said = run(Command::new(python).arg(script).args([format!("{}/ogc", server.address).as_str(), "reports"]));
    print!("clients: {said}");
    assert!(said.starts_with("owslib: "), "{said}");
}

/// So long each description is tried out.
const TRIED_S: &str = "20";

#[test]
fn schemathesis_finds_no_answer_that_is_a_fault_or_is_not_described() {
    let Some(schemathesis) = of_python("schemathesis") else { return };
    let server = Server::seeded(&golden());
    for (at, base) in [("/ogc/api", "/ogc"), ("/api/docs/openapi.json", "")] {
        let mut command = Command::new(&schemathesis);
        command.current_dir(std::env::temp_dir()).arg("run").arg(format!("{}{at}", server.address));
        command.args(["--url", &format!("{}{base}", server.address), "--seed", "1", "--max-time", TRIED_S]);
        command.args(["--phases", "fuzzing", "--max-examples", "2", "--request-timeout", "60", "--no-color"]);
        // An answer that goes on for ever is never read to its end.
        command.args(["--exclude-path", "/api/v1/live"]);
        command.args(["--checks", CHECKS]);
        let said = run(&mut command);
        let tried = said.lines().find(|line| line.contains("generated")).unwrap_or_default().trim();
        println!("clients: schemathesis {at}: {tried}");
        assert!(said.contains("passed") && !said.contains("errored"), "{said}");
    }
}

const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,\
                      unsupported_method";

fn features(file: &Path) -> usize {
    let said = run(Command::new("ogrinfo").args(["-ro", "-so", "-al"]).arg(file));
    let count = said.lines().find_map(|line| line.strip_prefix("Feature Count: ")).unwrap_or_else(|| panic!("{said}"));
    count.parse().unwrap()
}

#[test]
fn gdal_reads_a_filtered_collection_page_after_page_into_a_geopackage() {
    let server = Server::seeded(&golden());
    let folder = tempfile::tempdir().unwrap();
    let matched = |query: &str| {
        let page = server.get(&format!("/ogc/collections/reports/items?limit=1&{query}")).json();
        page["numberMatched"].as_u64().unwrap() as usize
    };
    let all = matched("");
    let spot = server.get("/ogc/collections/reports/items?limit=1").json()["features"][0]["geometry"].clone();
    let [lon, lat] = [0, 1].map(|axis| spot["coordinates"][axis].as_f64().unwrap());
    let sides = [lon - 0.002, lat - 0.002, lon + 0.002, lat + 0.002].map(|side| side.to_string());
    let within = matched(&format!("bbox={}", sides.join(",")));
    let wanted = "category = 'waterlogging'";
    let filtered = matched(&format!("filter={}", encoded(wanted)));
    assert!(0 < within && within < all && 0 < filtered && filtered < all, "{within} and {filtered} of {all}");
    let spat: Vec<&str> = std::iter::once("-spat").chain(sides.iter().map(String::as_str)).collect();
    let cases: [(&str, &[&str], usize); 3] =
        [("all", &[], all), ("within", &spat, within), ("filtered", &["-where", wanted], filtered)];
    for (name, more, expected) in cases {
        let file = folder.path().join(format!("{name}.gpkg"));
        let mut command = Command::new("ogr2ogr");
        command.args(["-f", "GPKG"]).arg(&file).arg(format!("OAPIF:{}/ogc", server.address)).arg("reports");
        run(command.args(["-oo", "PAGE_SIZE=7"]).args(more));
        assert_eq!(features(&file), expected, "{name}");
    }
    println!("clients: GDAL read {all} reports, {within} in a box, {filtered} by a filter");
}
