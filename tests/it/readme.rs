//! Every command that the README marks as runnable runs, in the order it is read.

use std::fs;
use std::process::Command;

use crate::program::{TREE, folder_with_demo, waterlog};
use crate::server::Server;

#[test]
fn every_runnable_command_of_the_readme_runs_in_order() {
    let readme = fs::read_to_string(format!("{TREE}/README.md")).expect("there is a README");
    let folder = folder_with_demo();
    let city = folder.path().join("data/nyc-2024");
    fs::create_dir_all(&city).unwrap();
    for name in ["reports.csv", "rain.csv"] {
        fs::rename(folder.path().join(name), city.join(name)).unwrap();
    }
    let town = folder.path().join("data/town");
    fs::create_dir_all(&town).unwrap();
    for file in fs::read_dir(format!("{TREE}/data/town")).expect("the town is committed") {
        let file = file.unwrap();
        fs::copy(file.path(), town.join(file.file_name())).unwrap();
    }
    let mut ran = 0;
    // Blocks that begin with ```sh are runnable; what a service or make does stands in plain ones.
    for block in readme.split("```sh\n").skip(1) {
        let block = block.split("```").next().unwrap_or_default();
        for line in block.lines().filter_map(|line| line.strip_prefix("waterlog ")) {
            let arguments: Vec<&str> = line.split(" #").next().unwrap_or_default().split_whitespace().collect();
            waterlog(folder.path(), &arguments).expect_success();
            ran += 1;
        }
    }
    assert!(ran >= 6, "only {ran} commands found");
}

#[test]
fn the_guide_to_open311_runs_against_the_service() {
    let readme = fs::read_to_string(format!("{TREE}/README.md")).expect("there is a README");
    let server = Server::start();
    let host = server.address.trim_start_matches("http://");
    let lines: Vec<&str> = readme.lines().filter(|line| line.contains("localhost:8080/open311/v2")).collect();
    assert_eq!(lines.len(), 5);
    for line in lines {
        let command = line.replace("localhost:8080", host);
        let out = Command::new("sh").args(["-c", &command]).output().expect("there is a shell");
        assert!(out.status.success() && !out.stdout.is_empty(), "{command}: {}", String::from_utf8_lossy(&out.stderr));
    }
    assert_eq!(server.features("/api/v1/reports").len(), 1);
}

#[test]
fn the_readme_shows_what_the_demo_prints() {
    let readme = fs::read_to_string(format!("{TREE}/README.md")).expect("there is a README");
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--data", folder.path().to_str().unwrap(), "demo", "--no-serve"];
    let said = waterlog(TREE.as_ref(), &arguments).expect_success();
    let table: Vec<&str> = said.lines().skip_while(|line| !line.contains("confirmed ·")).collect();
    assert_eq!(table.len(), 14, "{said}");
    assert!(readme.contains(&table.join("\n")), "the README shows another table than:\n{}", table.join("\n"));
}
