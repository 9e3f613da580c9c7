//! The analyses: one answer for the API and the command line, and what every one of them says.

use std::path::Path;

use serde_json::{Value, json};

use crate::program::{TREE, waterlog};
use crate::server::Server;

/// Every analysis with what else it has to be asked.
const ALL: [(&str, &[&str]); 4] = [
    ("trend", &[]),
    ("rank", &[]),
    ("sensitivity", &["hotspot=waterlogging:8c2a1077128d1ff"]),
    ("criteria", &["criterion=england_surrey"]),
];

/// The demo city, imported into a folder.
pub fn demo(folder: &Path) -> Server {
    let arguments = ["--data", folder.to_str().unwrap(), "demo", "--no-serve"];
    waterlog(TREE.as_ref(), &arguments).expect_success();
    Server::start_with(folder, &["--clock", "2024-07-01T03:20:00Z"])
}

/// What `waterlog analyse` prints.
fn printed(folder: &Path, arguments: &[&str]) -> String {
    let all = [&["--data", folder.to_str().unwrap(), "analyse"], arguments].concat();
    waterlog(folder, &all).expect_success()
}

#[test]
fn the_command_line_gives_the_very_answer_of_the_api_and_its_rows_as_csv() {
    let folder = tempfile::tempdir().unwrap();
    let server = demo(folder.path());
    for (name, with) in ALL {
        let with_query: String = with.iter().map(|pair| format!("&{pair}")).collect();
        for (query, arguments) in [
            ("category=waterlogging", vec![]),
            ("category=blocked_drain", vec!["--category", "blocked_drain"]),
            ("as_of=2024-04-01T00:00:00Z", vec!["--as-of", "2024-04-01T00:00:00Z"]),
            ("spacing=150&occasion_gap=86400", vec!["--set", "spacing=150", "occasion_gap=86400"]),
        ] {
            // A hotspot is of one category.
            if name == "sensitivity" && query.starts_with("category") {
                continue;
            }
            let answer = server.get(&format!("/api/v1/analysis/{name}?{query}{with_query}"));
            assert_eq!(answer.status, 200, "{name}?{query}: {}", answer.text());
            let mut all = vec![name];
            all.extend(with.iter().flat_map(|pair| ["--with", pair]));
            all.extend(arguments);
            assert_eq!(printed(folder.path(), &all).trim_end(), answer.text(), "{name}?{query}");
            all.push("--csv");
            let csv = printed(folder.path(), &all);
            let rows = answer.json()["rows"].as_array().unwrap().len();
            let mut reader = csv::ReaderBuilder::new().from_reader(csv.as_bytes());
            assert_eq!(reader.headers().unwrap().iter().any(|column| column == "hotspot_id"), rows > 0, "{name}");
            assert_eq!(reader.records().map(Result::unwrap).count(), rows, "{name}?{query}");
        }
    }
}

#[test]
fn every_analysis_says_what_it_rests_on_knows_its_parameters_and_is_not_sent_twice() {
    let folder = tempfile::tempdir().unwrap();
    let server = demo(folder.path());
    for (name, with) in ALL {
        let at = format!("/api/v1/analysis/{name}?{}", with.join("&"));
        let answer = server.get(&at);
        let said = answer.json();
        assert!(said["method"]["name"].is_string() && said["method"]["reference"].is_string(), "{name}");
        assert_eq!((&said["category"], &said["seed"]), (&json!("waterlogging"), &Value::Null), "{name}");
        assert_eq!(said["parameters"]["window_s"], 94_694_400, "{name}");
        assert!(said["n"].as_u64().unwrap() > 0 && said["n_of"].is_string(), "{name}");
        assert!(said["constants"].as_array().unwrap().iter().all(|c| c["meaning"].is_string()), "{name}");
        assert!(said["as_of"].is_string() && said["position"].as_u64().unwrap() > 13_000, "{name}");
        let tag = answer.header("etag");
        assert_eq!(server.get_with(&at, &[("if-none-match", tag)]).status, 304, "{name}");
        assert!(server.get(&format!("{at}&colour=red")).problem(400).contains("unknown query parameter"), "{name}");
        let opinion = server.get(&format!("{at}&category=opinion")).problem(400);
        assert!(opinion.contains("not published") || name == "sensitivity", "{name}: {opinion}");
    }
    let said = waterlog(folder.path(), &["analyse", "weather"]);
    assert!(said.code == Some(2) && said.stderr.contains("known are trend"), "{said:?}");
    let said = waterlog(folder.path(), &["analyse", "trend", "--with", "x=1"]).expect_failure();
    assert!(said.contains("trend takes no such parameter"), "{said}");
}
