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

#[test]
fn published_samples_are_read_alike_as_text_and_as_json_or_refused_for_what_is_not_claimed() {
    let Some(folder) = std::env::var_os("WATERLOG_CQL2_SAMPLES") else {
        println!("0 of CQL2's samples read: WATERLOG_CQL2_SAMPLES names no folder");
        return;
    };
    let folder = Path::new(&folder);
    let (texts, jsons) = (samples(&folder.join("text"), "txt"), samples(&folder.join("json"), "json"));
    assert!(texts.len() > 100 && jsons.len() > 100, "{} and {} in {}", texts.len(), jsons.len(), folder.display());
    let (mut taken, mut refused) = (0, BTreeMap::<_, Vec<&str>>::new());
    let mut wrong = Vec::new();
    for (name, text) in &texts {
        let json = &jsons[name.split("-alt").next().unwrap()];
        match (read(text.trim(), Lang::Text), read(json, Lang::Json)) {
            (Ok(text), Ok(json)) if text == json => taken += 1,
            (Err(text), Err(json)) => {
                let (text, json) = (text.to_string(), json.to_string());
                // Functions that nobody defines, arrays and accents are in classes that are not claimed; what crosses itself
                // has no inside.
                let known = ["there is no function", "not a simple geometry", "expected a condition", "an array"];
                match known.into_iter().find(|part| text.contains(part) || json.contains(part)) {
                    Some(part) => refused.entry(part).or_default().push(name),
                    None => wrong.push(format!("{name}: {text}\n   {json}")),
                }
            }
            (text, json) => wrong.push(format!("{name}: {text:?}\n   {json:?}")),
        }
    }
    println!("{taken} of {} of CQL2's samples read alike as text and as JSON; refused: {refused:#?}", texts.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(taken >= 90, "{taken}");
}
