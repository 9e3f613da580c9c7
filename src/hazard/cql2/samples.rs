//! The samples that are published with CQL2 (OGC 21-065r2; `cql2/standard/schema/examples` of its repository), which are not
//! ours to carry: where WATERLOG_CQL2_SAMPLES names that folder, each of them is read, as text and as JSON. The forms that
//! they show are tested without them, too (`tests.rs`).

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::*;

const fn property(name: &'static str, kind: Kind) -> Property {
    Property { name, title: "", unit: None, kind, steps: 1 }
}

const GEOMETRY: Kind = Kind::Geometry("any");

/// All that the samples ask for, as they take it.
const PROPERTIES: [Property; 42] = [
    property("city", Kind::Text),
    property("cityName", Kind::Text),
    property("name", Kind::Text),
    property("owner", Kind::Text),
    property("material", Kind::Text),
    property("id", Kind::Text),
    property("road_class", Kind::Text),
    property("etat_vol", Kind::Text),
    property("geophys:SURVEY_NAME", Kind::Text),
    property("landsat:scene_id", Kind::Text),
    property("eo:instrument", Kind::Text),
    property("beamMode", Kind::Text),
    property("swathDirection", Kind::Text),
    property("polarization", Kind::Text),
    property("balance", Kind::Number),
    property("depth", Kind::Number),
    property("category", Kind::Number),
    property("windSpeed", Kind::Number),
    property("vehicle_height", Kind::Number),
    property("bridge_clearance", Kind::Number),
    property("eo:cloud_cover", Kind::Number),
    property("landsat:wrs_row", Kind::Number),
    property("landsat:wrs_path", Kind::Number),
    property("floors", Kind::Number),
    property("taxes", Kind::Number),
    property("value", Kind::Number),
    property("foo", Kind::Number),
    property("bar", Kind::Number),
    property("x", Kind::Number),
    property("swimming_pool", Kind::Flag),
    property("updated", Kind::Time),
    property("updated_at", Kind::Time),
    property("event_time", Kind::Time),
    property("touchdown", Kind::Time),
    property("liftOff", Kind::Time),
    property("built", Kind::Time),
    property("starts_at", Kind::Time),
    property("ends_at", Kind::Time),
    property("geometry", GEOMETRY),
    property("footprint", GEOMETRY),
    property("location", GEOMETRY),
    property("road", GEOMETRY),
];

/// Some take these for texts, others for numbers.
const TEXTS: [&str; 2] = ["value", "landsat:wrs_path"];

fn read(filter: &str, lang: Lang) -> Result<Condition> {
    let as_texts = PROPERTIES.map(|p| if TEXTS.contains(&p.name) { property(p.name, Kind::Text) } else { p });
    Condition::read(filter, lang, &crs84, &PROPERTIES)
        .or_else(|error| Condition::read(filter, lang, &crs84, &as_texts).map_err(|_| error))
}

/// The samples of a folder by their names.
fn samples(folder: &Path, ending: &str) -> BTreeMap<String, String> {
    let files = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let files = files.map(|file| file.unwrap().path()).filter(|file| file.extension().is_some_and(|e| e == ending));
    files
        .map(|file| (file.file_stem().unwrap().to_string_lossy().into_owned(), fs::read_to_string(&file).unwrap()))
        .collect()
}

/// What the samples are of: opengeospatial/ogcapi-features.
const REVISION: &str = "cql2-1.0.0";
const TABLE: &str = "docs/cql2-samples.md";

/// Why a sample is refused: the class that it belongs to and that is not claimed, or what is wrong with its geometry.
fn refusal(reason: &str) -> Option<String> {
    if reason.contains("not a simple geometry") {
        return Some("refused: its polygon is none, by simple features (OGC 06-103r4, 6.1.11)".into());
    }
    let (_, after) = reason.split_once("there is no function ")?;
    let name = after.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).next()?.to_ascii_uppercase();
    let class = match &*name {
        "ACCENTI" => "accent-insensitive-comparison",
        "A_EQUALS" | "A_CONTAINS" | "A_CONTAINEDBY" | "A_OVERLAPS" => "array-functions",
        _ => "functions",
    };
    Some(format!("not claimed: {class} ({name})"))
}

/// What becomes of a sample: the same of both encodings, or a fault of ours.
fn outcome(text: Result<Condition>, json: Result<Condition>) -> std::result::Result<String, String> {
    match (text, json) {
        (Ok(text), Ok(json)) if text == json => Ok("read, as text and as JSON the same".into()),
        (Err(text), Err(json)) => match (refusal(&text.to_string()), refusal(&json.to_string())) {
            (Some(of_text), Some(of_json)) if of_text == of_json => Ok(of_text),
            _ => Err(format!("{text}\n   {json}")),
        },
        (text, json) => Err(format!("{text:?}\n   {json:?}")),
    }
}

#[test]
fn published_samples_are_read_alike_as_text_and_as_json_or_refused_for_what_is_not_claimed() {
    let Some(folder) = std::env::var_os("WATERLOG_CQL2_SAMPLES") else {
        println!("0 of CQL2's samples read: WATERLOG_CQL2_SAMPLES names no folder");
        return;
    };
    let folder = Path::new(&folder);
    let (texts, jsons) = (samples(&folder.join("text"), "txt"), samples(&folder.join("json"), "json"));
    assert!(texts.len() > 100 && jsons.len() > 100, "{} and {} in {}", texts.len(), jsons.len(), folder.display());
    let (mut lines, mut wrong, mut compared) = (String::new(), Vec::new(), BTreeMap::<String, usize>::new());
    for (name, text) in &texts {
        // Another way to write the same.
        let json = name.split("-alt").next().unwrap();
        match outcome(read(text.trim(), Lang::Text), read(&jsons[json], Lang::Json)) {
            Ok(told) => {
                lines += &format!("| {name} | {told} |\n");
                *compared.entry(told.split(" (").next().unwrap().to_owned()).or_default() += 1;
            }
            Err(told) => wrong.push(format!("{name}: {told}")),
        }
    }
    let unread: Vec<_> = jsons.keys().filter(|name| !texts.contains_key(*name)).collect();
    println!("{} of CQL2's samples compared with their JSON: {compared:#?}", texts.len());
    assert!(wrong.is_empty() && unread.is_empty(), "{}\n{unread:?}", wrong.join("\n"));
    let counts: String = compared.iter().map(|(told, n)| format!("| {told} | {n} |\n")).collect();
    let table = format!(
        "# CQL2: the samples of the standard\n\nWhat becomes of each filter that is published with CQL2 (OGC 21-065r2), in \
         `cql2/standard/schema/examples` of opengeospatial/ogcapi-features at `{REVISION}`; what is read is checked and \
         compiled, too. The samples are OGC's and not here; the test that wrote this reads them where they are:\n\n    \
         WATERLOG_CQL2_SAMPLES=…/cql2/standard/schema/examples cargo test --lib published_samples\n\n\
         | outcome | samples |\n|---|---|\n{counts}\n| sample | outcome |\n|---|---|\n{lines}"
    );
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(TABLE);
    // WRITE_TABLES=1 writes it anew.
    if std::env::var_os("WRITE_TABLES").is_some() {
        fs::write(&file, &table).unwrap();
    }
    assert!(fs::read_to_string(&file).unwrap_or_default() == table, "{TABLE} tells another outcome");
}
