//! The rooms of the sources: who may import whom, and how long a file may be.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Each room with those it may import: main → cli → http → web, live → store, intake, export → hazard. `error` and `config` are
/// leaves that every room may use.
const ROOMS: [(&str, &[&str]); 12] = [
    ("main", &["cli", "http", "web", "live", "store", "intake", "export", "hazard", "config", "error"]),
    ("lib", &["cli", "http", "web", "live", "store", "intake", "export", "hazard", "config", "error"]),
    ("cli", &["http", "live", "store", "intake", "export", "hazard", "config", "error"]),
    ("http", &["web", "live", "store", "intake", "export", "hazard", "config", "error"]),
    ("web", &[]),
    ("live", &["store", "intake", "hazard", "config", "error"]),
    ("store", &["hazard", "config", "error"]),
    ("intake", &["hazard", "config", "error"]),
    ("export", &["hazard", "error"]),
    ("hazard", &["error"]),
    ("config", &["error"]),
    ("error", &[]),
];
const LONGEST_FILE_LINES: usize = 400;

#[test]
fn rooms_import_only_what_stands_to_their_right() {
    let rooms: BTreeMap<_, _> = ROOMS.into_iter().collect();
    let mut wrong = Vec::new();
    let mut imports = 0;
    for (path, text) in sources() {
        let room = room(&path);
        let may = rooms.get(room.as_str()).unwrap_or_else(|| panic!("{}: a room that is not listed", path.display()));
        for (line, text) in text.lines().enumerate().filter(|(_, text)| !text.trim_start().starts_with("//")) {
            for used in ["crate::", "waterlog::"].iter().flat_map(|root| roots(text, root)) {
                imports += 1;
                if used != room && !may.contains(&used.as_str()) {
                    wrong.push(format!("{}:{}: {room} uses {used}", path.display(), line + 1));
                }
            }
        }
    }
    assert!(imports > 100, "only {imports} imports found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// One path into the live map: what is in the log, and in no other way.
#[test]
fn events_are_applied_in_the_heart_and_by_whoever_reads_the_log() {
    let applies = |(path, text): &(PathBuf, String)| {
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let there = code.filter(|line| line.contains("map.apply(")).count();
        let name = path.strip_prefix(src()).expect("it lies in src").display().to_string();
        (room(path) != "hazard" && there > 0).then_some((name, there))
    };
    let mut found: Vec<(String, usize)> = sources().iter().filter_map(applies).collect();
    found.sort();
    // `fold`, which `catch_up`, the start and an import call; and the check that folds the log anew to compare.
    assert_eq!(found, [("cli/verify.rs".to_owned(), 1), ("live/replay.rs".to_owned(), 1)]);
}

#[test]
fn no_source_file_is_longer_than_a_sitting() {
    let long: Vec<_> = sources()
        .into_iter()
        .map(|(path, text)| (path, text.lines().count()))
        .filter(|(_, lines)| *lines > LONGEST_FILE_LINES)
        .collect();
    assert!(long.is_empty(), "longer than {LONGEST_FILE_LINES} lines: {long:?}");
}

/// What follows `root` wherever it begins a path: `crate::{a::b, c}` gives a and c.
fn roots(text: &str, root: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices(root) {
        let inside_a_word = text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let rest = &text[at + root.len()..];
        if inside_a_word {
            continue;
        }
        match rest.strip_prefix('{') {
            Some(list) => {
                let mut depth = 0;
                let top = |c: char| {
                    depth += i32::from(c == '{') - i32::from(c == '}');
                    c == ',' && depth == 0
                };
                found.extend(list.split(top).map(word).filter(|w| !w.is_empty()));
            }
            None => found.push(word(rest)),
        }
    }
    found
}

fn word(text: &str) -> String {
    text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// The first part of a path below src.
fn room(path: &Path) -> String {
    let first = path.strip_prefix(src()).expect("it lies in src").components().next().expect("it has a name");
    first.as_os_str().to_str().expect("names are ASCII").trim_end_matches(".rs").to_owned()
}

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn sources() -> Vec<(PathBuf, String)> {
    let (mut folders, mut found) = (vec![src()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("src is readable") {
            let path = entry.expect("src is readable").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = fs::read_to_string(&path).expect("sources are UTF-8");
                found.push((path, text));
            }
        }
    }
    assert!(found.len() > 30, "only {} sources found", found.len());
    found
}
