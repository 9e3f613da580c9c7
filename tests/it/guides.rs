//! The guides in `docs/guides`: every block of code runs as it stands, against the demo city.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::clients::{of_python, run};
use crate::openapi::{DescribedCity, described_city};
use crate::program::TREE;

/// The blocks of a guide in a language, as one program that asks the service of the test.
fn program(guide: &str, language: &str, host: &str) -> String {
    let text = fs::read_to_string(Path::new(TREE).join("docs/guides").join(guide)).unwrap();
    let begins = format!("\n```{language}\n");
    let blocks = text.split(&begins).skip(1).map(|rest| rest.split("\n```").next().unwrap());
    let program = blocks.collect::<Vec<_>>().join("\n");
    assert!(program.contains("localhost:8080"), "{guide} has no {language}");
    program.replace("localhost:8080", host)
}

/// What a guide prints, which is at least so many lines.
fn printed(guide: &str, command: &mut Command, folder: &Path, least: usize) -> String {
    let said = run(command.current_dir(folder));
    assert!(said.lines().count() >= least, "{guide}: {said}");
    said
}

#[test]
fn every_guide_runs_as_it_stands() {
    let city = described_city();
    let DescribedCity { server, .. } = &city;
    let (host, folder) = (server.address.trim_start_matches("http://"), tempfile::tempdir().unwrap());
    let folder = folder.path();
    let shell = |guide: &str, least: usize| {
        let script = format!("set -euo pipefail\n{}", program(guide, "sh", host));
        printed(guide, Command::new("bash").args(["-c", &script]), folder, least)
    };
    let said = shell("curl.md", 20);
    assert!(said.contains("\n304\n") && said.to_lowercase().contains("location: http"), "{said}");
    let said = shell("navigation.md", 7);
    for part in ["expires_at", "ROAD_CLOSED", "<msgType>Alert</msgType>", "<polygon>", "304"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let said = shell("qgis.md", 3);
    assert_eq!(said.matches("Feature Count: ").count(), 2, "{said}");
    let script = folder.join("guide.mjs");
    fs::write(&script, program("javascript.md", "js", host)).unwrap();
    if Command::new("node").arg("--version").output().is_ok() {
        let said = printed("javascript.md", Command::new("node").arg(&script), folder, 5);
        assert!(said.contains("reports of waterlogging") && said.contains("text/event-stream"), "{said}");
    } else {
        told!("guides: javascript.md was not run: there is no Node");
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "CI must not skip a guide");
    }
    let Some(python) = of_python("python") else { return };
    let said =
        printed("python.md", Command::new(python).args(["-c", &program("python.md", "python", host)]), folder, 4);
    assert!(said.contains("confirmed hotspots; the worst: ") && said.contains("incidents in the box"), "{said}");
}
