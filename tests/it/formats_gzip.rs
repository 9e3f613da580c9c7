//! Files that break off, and a few bytes of gzip that unpack to more than there is room for.

use std::fs;
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use waterlog::intake::import::import;
use waterlog::intake::mapping::Mapping;
use waterlog::intake::source::Source;
use waterlog::intake::{Draft, Receipt};

use crate::formats::{HEADER, collection, events, feature, folder_with, gzip, rejects, row, run};

#[test]
fn a_file_that_breaks_off_gives_the_rows_before_the_break_and_the_whole_one_adds_the_rest() {
    let csv = HEADER.to_owned() + &(1..=900).map(|i| row(i, i * 7_919 % 1_000_003)).collect::<String>();
    let features: Vec<String> = (1..=900).map(|i| feature(i, i * 7_919 % 1_000_003)).collect();
    let lines = features.join("\n");
    let document = collection(&features);
    let cut = |bytes: &[u8]| bytes[..bytes.len() / 2].to_vec();
    let half = |text: &str| text[..text.len() / 2].to_owned().into_bytes();
    for (name, part, whole, reason) in [
        ("a.csv.gz", cut(&gzip(csv.as_bytes())), gzip(csv.as_bytes()), "its gzip breaks off after "),
        ("a.ndjson.gz", cut(&gzip(lines.as_bytes())), gzip(lines.as_bytes()), "its gzip breaks off after "),
        ("a.geojson.gz", cut(&gzip(document.as_bytes())), gzip(document.as_bytes()), "its gzip breaks off after "),
        ("a.geojson", half(&document), document.clone().into_bytes(), "breaks off: "),
    ] {
        let folder = folder_with(name, part);
        let outcome = run(folder.path(), &[name]);
        assert_eq!(outcome.code, Some(1), "{name}: {outcome:?}");
        assert!(outcome.stderr.contains(&format!("{name}:")) && outcome.stderr.contains(reason), "{outcome:?}");
        let before = events(folder.path()).len();
        assert!(
            (100..899).contains(&before) && outcome.stdout.contains(&format!("{before} reports new")),
            "{outcome:?}"
        );
        assert!(outcome.stdout.contains(" 0 rejected"), "half a row is none: {outcome:?}");
        fs::write(folder.path().join(name), whole).unwrap();
        run(folder.path(), &[name]).expect_success();
        assert_eq!(events(folder.path()).len(), 900, "{name}");
    }
}

#[test]
fn a_gzip_bomb_is_rejected_without_filling_the_memory() {
    // Half a gigabyte of one line is a few megabytes of gzip; 160 MB hold what the program keeps, not the line. What the
    // program itself takes is not counted: it grows with what it knows.
    let mut bomb = GzEncoder::new(Vec::new(), Compression::fast());
    let piece = vec![b'x'; 1 << 20];
    bomb.write_all(HEADER.as_bytes()).unwrap();
    (0..512).for_each(|_| bomb.write_all(&piece).unwrap());
    bomb.write_all(format!("\n{}", row(1, 5)).as_bytes()).unwrap();
    let folder = folder_with("bomb.csv.gz", bomb.finish().unwrap());
    let mut json = GzEncoder::new(Vec::new(), Compression::fast());
    json.write_all(b"{\"type\":\"FeatureCollection\",\"features\":[{\"a\":\"").unwrap();
    (0..512).for_each(|_| json.write_all(&piece).unwrap());
    json.write_all(format!("\"}},{}]}}", feature(2, 6)).as_bytes()).unwrap();
    fs::write(folder.path().join("bomb.geojson.gz"), json.finish().unwrap()).unwrap();
    let program = env!("CARGO_BIN_EXE_waterlog");
    for name in ["bomb.csv.gz", "bomb.geojson.gz"] {
        let limited = format!("ulimit -d 160000; exec {program} --data city import {name}");
        let out = std::process::Command::new("sh").args(["-c", &limited]).current_dir(folder.path()).output().unwrap();
        let said = String::from_utf8_lossy(&out.stdout).into_owned();
        assert!(out.status.success(), "{name}: {}", String::from_utf8_lossy(&out.stderr));
        assert!(said.contains("2 rows: 1 reports new, 0 known, 1 rejected"), "{said}");
        assert!(rejects(folder.path(), name).contains("longer than 1048576 bytes"), "{name}");
    }
}

#[test]
fn a_gzip_bomb_of_very_many_rows_streams_by_and_says_how_far_it_is() {
    const MANY: u64 = 1_000_000;
    let bomb = |name: &str, first: String, line: &str| {
        let mut bomb = GzEncoder::new(Vec::new(), Compression::fast());
        bomb.write_all((HEADER.to_owned() + &first).as_bytes()).unwrap();
        let piece = line.repeat(1_000);
        (0..MANY / 1_000).for_each(|_| bomb.write_all(piece.as_bytes()).unwrap());
        let packed = bomb.finish().unwrap();
        assert!(packed.len() < 1_000_000, "{}", packed.len());
        (name.to_owned(), packed)
    };
    let program = env!("CARGO_BIN_EXE_waterlog");
    let bad = "2,nonsense,110.1,20.5,5\n";
    for ((name, packed), expected) in [
        (
            bomb("same.csv.gz", String::new(), &row(1, 5)),
            "1,000,000 rows: 1 reports new, 0 known, 999,999 repeated, 0 rejected",
        ),
        (
            bomb("bad.csv.gz", row(1, 5), bad),
            "1,000,001 rows: 1 reports new, 0 known, 1,000,000 rejected (see bad.csv.gz.rejects.csv), the first 100,000 of them kept",
        ),
    ] {
        let folder = folder_with(&name, packed);
        let limited = format!("ulimit -d 120000; exec {program} --data city import {name}");
        let out = std::process::Command::new("sh").args(["-c", &limited]).current_dir(folder.path()).output().unwrap();
        let said = String::from_utf8_lossy(&out.stdout).into_owned();
        assert!(out.status.success(), "{name}: {}", String::from_utf8_lossy(&out.stderr));
        assert!(said.contains(expected), "{said}");
        let told = std::cell::RefCell::new(Vec::new());
        let source = Source::open(folder.path().join(&name), None).unwrap();
        let mut take = |drafts: Vec<Draft>| {
            Ok(drafts.iter().map(|_| Ok(Receipt { seq: 1, fresh: true, id: String::new(), merged: false })).collect())
        };
        import(source, &Mapping::load("plain").unwrap(), 1_000, &mut take, &|p| told.borrow_mut().push(p)).unwrap();
        let told = told.into_inner();
        assert!(told.len() > 1_000 && told.is_sorted_by_key(|p| (p.rows, p.bytes_read)), "{name}: {}", told.len());
        assert!(told.iter().all(|p| p.bytes_total.is_some_and(|total| p.bytes_read <= total)), "{name}");
    }
}
