//! `waterlog intake trace`: how a report came to say what it says, step by step, from the private file and the log.

use std::fmt::Write as _;
use std::path::Path;

use serde::Serialize;
use serde_json::Value;

use super::print;
use crate::error::{Error, Result};
use crate::hazard::event::Event;
use crate::hazard::photo::Photo;
use crate::hazard::time;
use crate::intake::arrival::Arrival;
use crate::store::Store;

/// Prints how a report came in, what was understood of it from which words, every position that it may have and which one
/// decided, its photos, what was merged into it, and what the log has of it. What was erased is left out.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The report's id.
    id: String,
    /// As one JSON object.
    #[arg(long)]
    json: bool,
}

/// Every step of a report.
#[derive(Serialize)]
struct Trace {
    id: String,
    /// How it came in, and what was said further of it.
    arrivals: Vec<Step>,
    /// Its sender's words, as they are kept.
    text: Option<String>,
    place: Option<String>,
    /// Every position it may have, in the order in which they decide.
    positions: Vec<Value>,
    /// The source of the first, and why that one.
    decided: Option<Decided>,
    /// Where it was given in another datum.
    original: Option<Value>,
    photos: Vec<Photo>,
    /// What the log has of it, by its place there.
    log: Vec<Entry>,
}

#[derive(Serialize)]
struct Step {
    seq: u64,
    /// It was added to a report that was there.
    merged: bool,
    #[serde(flatten)]
    arrival: Arrival,
}

#[derive(Serialize)]
struct Decided {
    source: String,
    why: &'static str,
}

#[derive(Serialize)]
struct Entry {
    seq: u64,
    event: Event,
}

pub fn run(data: &Path, args: &Args) -> Result<()> {
    let trace = Trace::of(&Store::open_existing(data)?, &args.id)?;
    if args.json {
        let json = serde_json::to_string(&trace).map_err(|e| Error::Store(e.to_string()))?;
        return print(format_args!("{json}"));
    }
    print(format_args!("{}", trace.text().trim_end()))
}

impl Trace {
    fn of(store: &Store, id: &str) -> Result<Trace> {
        let log: Vec<Entry> = store.events_about(id)?.into_iter().map(|(seq, event)| Entry { seq, event }).collect();
        let report = log.iter().find_map(|entry| match &entry.event {
            Event::Report(report) => Some(report),
            _ => None,
        });
        let Some(report) = report else { return Err(Error::NotFound { what: "report", id: id.to_owned() }) };
        let ids = [id.to_owned()];
        let said = store.said(id)?.unwrap_or_default();
        let positions = store.positions(id)?.map(|text| serde_json::from_str::<Vec<Value>>(&text)).transpose();
        let positions = positions.map_err(|e| Error::Store(format!("positions: {e}")))?.unwrap_or_default();
        let original = serde_json::to_value(&report.original).map_err(|e| Error::Store(e.to_string()))?;
        let is_merged = |seq: u64| log.iter().any(|e| e.seq == seq && matches!(e.event, Event::Addition(_)));
        let step =
            |(seq, text): (u64, String)| Ok(Step { seq, merged: is_merged(seq), arrival: Arrival::read(&text)? });
        Ok(Trace {
            id: id.to_owned(),
            arrivals: store.arrivals(id)?.into_iter().map(step).collect::<Result<_>>()?,
            text: said.text,
            place: said.place,
            decided: positions.first().map(Decided::of),
            positions,
            original: Some(original).filter(|original| !original.is_null()),
            photos: store.photos_shown(&ids)?,
            log,
        })
    }

    /// For a person to read.
    fn text(&self) -> String {
        let mut out = format!("report {}\n", self.id);
        self.arrivals.iter().for_each(|step| step.write(&mut out));
        if self.arrivals.is_empty() {
            out.push_str("received: how it came in was not kept, or was erased\n");
        }
        for (what, said) in [("words", &self.text), ("place", &self.place)] {
            said.iter().for_each(|said| line(&mut out, what, &format!("{said:?}")));
        }
        for (i, at) in self.positions.iter().enumerate() {
            let which = if i == 0 { "decides" } else { "kept" };
            line(&mut out, "position", &format!("{which}: {at}"));
        }
        if let Some(Decided { source, why }) = &self.decided {
            line(&mut out, "decided", &format!("{source}: {why}"));
        }
        self.original.iter().for_each(|given| line(&mut out, "datum", &format!("given as {given}, converted once")));
        for Photo { id, width_px, height_px, exif, notes, .. } in &self.photos {
            let exif = exif.as_ref().and_then(|exif| serde_json::to_string(exif).ok()).unwrap_or_default();
            line(&mut out, "photo", &format!("{id}, {width_px} × {height_px} px {exif} {}", notes.join("; ")));
        }
        for Entry { seq, event } in &self.log {
            let event = serde_json::to_string(event).unwrap_or_default();
            line(&mut out, "log", &format!("{seq}: {event}"));
        }
        out
    }
}

impl Step {
    fn write(&self, out: &mut String) {
        let Arrival { door, received_at, raw, understood, matter, added } = &self.arrival;
        let merged = if self.merged { ", more of a report that was there" } else { "" };
        let door = serde_json::to_value(door).ok().and_then(|d| d.as_str().map(str::to_owned)).unwrap_or_default();
        line(out, "received", &format!("{} as {door}{merged} (log {})", time::format(*received_at), self.seq));
        line(out, "raw", &raw.to_string());
        let matters = understood.as_ref().and_then(|reading| reading["matters"].as_array());
        let chosen = matters.and_then(|matters| matters.get((*matter)?));
        for (field, words) in chosen.and_then(|m| m["words"].as_object()).into_iter().flatten() {
            let (value, sure) = chosen.map_or((&Value::Null, &Value::Null), |m| (&m[field], &m["confidence"][field]));
            line(out, "understood", &format!("{field} = {value} from {words}, sure to {sure}"));
        }
        let questions = understood.as_ref().and_then(|reading| reading["questions"].as_array());
        for question in questions.into_iter().flatten().filter(|q| q["matter"].as_u64() == matter.map(|m| m as u64)) {
            line(out, "open", &format!("{}: {}", question["field"], question["en"]));
        }
        for (field, value) in added.iter().flatten() {
            line(out, "by hand", &format!("{field} = {value}"));
        }
    }
}

impl Decided {
    fn of(position: &Value) -> Decided {
        let source = position["source"].as_str().unwrap_or_default().to_owned();
        let why = match source.as_str() {
            "pin" => "somebody set it, which goes before all others",
            "device" if position["accuracy_m"].as_u64().is_some_and(|m| m <= 100) => {
                "no pin was set, and the device knows the spot to 100 m"
            }
            "exif" => "there is no pin and no exact device; the camera noted it",
            "text" => "there is no pin, no exact device and no camera's note; the words name it",
            _ => "nothing else says where it is",
        };
        Decided { source, why }
    }
}

fn line(out: &mut String, what: &str, text: &str) {
    // A String takes everything.
    let _ = writeln!(out, "  {what:<10} {text}");
}
