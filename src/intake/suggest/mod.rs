//! A first mapping for files nobody has mapped yet: every guess says why, every doubt is written down beside it.

mod guess;
mod sample;

use std::fmt::Write;

use guess::{Candidate, Guesses, Times, ours, range};
use sample::Sample;

use super::mapping::FILL_IN;
use super::source::Source;
use crate::error::{Result, invalid};

/// Values of the category that are listed.
const VALUES: usize = 300;
/// Other columns that are named as a doubt.
const DOUBTS: usize = 3;
/// Points from which a guess is called likely, and sure.
const LIKELY: i32 = 15;
const SURE: i32 = 20;
/// Of fewer rows nothing is called sure.
const FEW_ROWS: usize = 20;
const DOUBT: &str = "# DOUBT";

/// A line of the mapping.
macro_rules! line {
    ($out:expr) => { line!($out, "") };
    ($out:expr, $($text:tt)*) => {
        // Writing into a string cannot fail.
        let _ = writeln!($out, $($text)*);
    };
}

/// Writes a mapping for files by their columns and some thousands of their rows: TOML that `--mapping` takes, once the
/// zone is filled in where times are local.
///
/// # Errors
/// `At` a file that cannot be read, or has no rows or no column that a mapping needs.
pub fn suggest(mut sources: Vec<Source>) -> Result<String> {
    let sample = Sample::of(&mut sources)?;
    let files: Vec<&str> = sources.iter().map(Source::file).collect();
    let file = files.first().copied().unwrap_or_default();
    if sample.rows == 0 {
        let nothing = invalid("file", file, "has no rows to look at").at(file, 1, 0);
        return Err(sources.iter().find_map(|s| s.cut().cloned()).unwrap_or(nothing));
    }
    let guesses = Guesses::of(&sample);
    let mut written = String::new();
    let wrote = write_all(&mut written, &files, &sample, &guesses);
    let missing = |what: &str| {
        let has: Vec<_> = sample.columns.iter().map(|c| c.name.as_str()).collect();
        invalid("column", what, format!("no column looks like it; there are {}", has.join(", "))).at(file, 1, 0)
    };
    wrote.map_err(missing)?;
    let mut out = String::new();
    line!(out, "# A first mapping for {}, from {} rows.", files.join(", "), sample.rows);
    let doubts = written.lines().filter(|line| line.starts_with(DOUBT)).count();
    line!(
        out,
        "# Each guess says how sure it is and why, and {doubts} lines begin with DOUBT: read it, correct it, and import"
    );
    line!(out, "# with --mapping THIS_FILE.");
    Ok(out + &written)
}

/// Fails with the name of what no column can be.
fn write_all<'g>(out: &mut String, files: &[&str], sample: &Sample, guesses: &Guesses) -> Result<(), &'g str> {
    if sample.rows < FEW_ROWS {
        let rows = sample.rows;
        line!(out, "# DOUBT: {rows} rows are too few to be sure of anything: give a longer file, or check each line.");
    }
    if sample.bad > 0 {
        line!(out, "# DOUBT: {} rows could not be read at all; the import tells why.", sample.bad);
    }
    line!(out);
    line!(out, "# Where the reports come in; their ids begin with it. Small letters, digits and _.");
    line!(out, "channel = \"{}\"", channel(files));
    line!(out);
    let (observed, times) = guesses.observed.first().ok_or("observed_at")?;
    write_times(out, times, observed);
    write_positions(out, sample, guesses);
    line!(out);
    line!(
        out,
        "# Ours = the file's. Further ones: text, received_at, outcome, place, depth_cm, passability, dry, photo,"
    );
    line!(out, "# accuracy_m, person.");
    line!(out, "[columns]");
    write_column(out, "id", &guesses.id, sample).ok_or("id")?;
    let all: Vec<_> = guesses.observed.iter().map(|(c, _)| c).filter(|c| c.points >= 20).collect();
    write_guess(out, "observed_at", observed, &all[all.len().min(1)..], sample);
    let closed = guesses.closed.first().filter(|(c, t)| c.column.name != observed.column.name && t.read_like(times));
    if let Some((closed, _)) = closed {
        let others: Vec<_> = guesses.closed[1..].iter().map(|(c, _)| c).collect();
        write_guess(out, "closed_at", closed, &others, sample);
    }
    let category = write_column(out, "category", &guesses.category, sample).ok_or("category")?;
    let (lon, lat) = if guesses.swapped { (&guesses.lat, &guesses.lon) } else { (&guesses.lon, &guesses.lat) };
    write_column(out, "lon", lon, sample).ok_or("lon")?;
    write_column(out, "lat", lat, sample).ok_or("lat")?;
    if let Some(text) = guesses.text.first() {
        line!(out, "# What people wrote; kept apart from all that is published. Take it in by taking the # away:");
        line!(out, "# text = {}", quoted(&text.column.name));
    }
    write_categories(out, category);
    if let Some(address) = guesses.address.first() {
        line!(out);
        line!(out, "# DOUBT: {} may hold a house number and its street (the number stays out):", address.column.name);
        line!(out, "# [names]");
        line!(out, "# address = {}", quoted(&address.column.name));
    }
    if closed.is_some() {
        line!(out);
        line!(out, "# What became of it.");
        line!(out, "# DOUBT: does closing a repeated or invalid request end the case? See nyc-2024.toml.");
        line!(out, "[[step]]\naction = \"resolve\"\nat = \"closed_at\"\nafter_observed = true");
    }
    Ok(())
}

fn channel(files: &[&str]) -> String {
    let name = files.first().and_then(|f| f.rsplit('/').next()).unwrap_or_default();
    let stem: String = name.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let channel: String = stem.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    if channel.chars().any(|c| c.is_ascii_alphanumeric()) { channel } else { "import".into() }
}

fn write_times(out: &mut String, times: &Times, observed: &Candidate) {
    let name = one_line(&observed.column.name);
    if *times == Times::Offset {
        let sure = if observed.good < FEW_ROWS { "Likely" } else { "Sure" };
        line!(out, "# {sure}: the times of {name} carry their own offset, or are unix seconds.");
        line!(out, "zone = \"offset\"");
        return;
    }
    line!(out, "# The times of {name} are local and do not say where: write the IANA name of their zone.");
    line!(out, "# DOUBT: some cities publish UTC without saying so; compare a report whose time you know.");
    line!(out, "zone = \"{FILL_IN}\"");
    if let Times::Format { format, or } = times {
        if let Some(or) = or {
            line!(out, "# DOUBT: month and day could be the other way round in every row seen: {}", quoted(or));
        }
        line!(out, "time_format = {}", quoted(format));
    }
}

fn write_positions(out: &mut String, sample: &Sample, guesses: &Guesses) {
    line!(out);
    let of = |axis: &[Candidate]| axis.first().and_then(|c| range(c.column));
    let (mut lon, mut lat) = (of(&guesses.lon), of(&guesses.lat));
    if guesses.swapped {
        std::mem::swap(&mut lon, &mut lat);
    }
    if let (Some((west, east)), Some((south, north))) = (lon, lat) {
        if (73.0..135.0).contains(&west) && (18.0..54.0).contains(&south) {
            line!(
                out,
                "# DOUBT: in China many maps are shifted by hundreds of metres; \"gcj02\" or \"bd09\" if these are."
            );
        }
        line!(out, "datum = \"wgs84\"");
        line!(
            out,
            "# Rows outside are rejected: it finds slips. Nearly all rows seen lie within; put in the city's own borders."
        );
        line!(out, "# extent = [{west:.2}, {south:.2}, {east:.2}, {north:.2}]");
    } else {
        line!(out, "datum = \"wgs84\"");
    }
    if let Some((lon, lat, many)) = guesses.nowhere {
        let (lon, lat) = if guesses.swapped { (lat, lon) } else { (lon, lat) };
        let of = sample.rows;
        line!(
            out,
            "# DOUBT: {many} of {of} rows have this one position: so has what the source knows no position for. The import"
        );
        line!(out, "# rejects them; without this line it would be the worst spot of all.");
        line!(out, "nowhere = [[{}, {}]]", float(lon), float(lat));
    }
    if sample.shapes > 0 {
        let (n, of) = (sample.shapes, sample.features);
        line!(out, "# DOUBT: {n} of {of} features are no points: their centroid may lie far from the spot.");
        line!(out, "geometry = \"centroid\"");
    }
    if guesses.swapped {
        line!(
            out,
            "# DOUBT: the columns called longitude and latitude look swapped by their values; so they are swapped below."
        );
    }
}

/// Writes the likeliest column and names the next as doubts; nothing where there is none.
fn write_column<'c, 's>(
    out: &mut String,
    ours: &str,
    candidates: &'c [Candidate<'s>],
    sample: &Sample,
) -> Option<&'c Candidate<'s>> {
    let (first, others) = candidates.split_first()?;
    let others: Vec<_> = others.iter().filter(|c| c.points + 5 >= first.points).collect();
    write_guess(out, ours, first, &others, sample);
    Some(first)
}

fn write_guess(out: &mut String, ours: &str, guess: &Candidate, others: &[&Candidate], sample: &Sample) {
    let sure = match guess.points {
        SURE.. if sample.rows >= FEW_ROWS => "Sure",
        LIKELY.. => "Likely",
        _ => "DOUBT, a mere guess",
    };
    line!(out, "# {sure}: {}.", one_line(&guess.why));
    write_holes(out, ours, guess, sample.rows);
    for other in others.iter().take(DOUBTS) {
        line!(out, "# DOUBT: it could be {} ({}).", one_line(&other.column.name), one_line(&other.why));
    }
    line!(out, "{ours} = {}", quoted(&guess.column.name));
}

/// Says what becomes of the rows in which a column holds nothing of use, where they are many.
fn write_holes(out: &mut String, ours: &str, guess: &Candidate, rows: usize) {
    let lost = match ours {
        // A case that is not closed, or of no category, is none the less one.
        "closed_at" => guess.column.texts.len().saturating_sub(guess.good),
        "category" => 0,
        _ => rows.saturating_sub(guess.good),
    };
    if 10 * lost > rows {
        line!(out, "# DOUBT: {lost} of {rows} rows hold nothing in it that can be read: the import will reject them.");
    }
}

fn write_categories(out: &mut String, category: &Candidate) {
    line!(out);
    line!(
        out,
        "# The file's value = ours, by words in it. `other` is what every other value becomes; \"reject\" rejects its row."
    );
    line!(out, "[category]\nother = \"other\"\n[category.values]");
    let counts = category.column.counts();
    for (value, count) in counts.iter().take(VALUES) {
        let (value, of) = (quoted(value), ours(value));
        match of {
            Some((ours, word)) => {
                line!(out, "{value} = \"{}\" # {count} rows; for {:?}", ours.name(), one_line(word));
            }
            None => {
                line!(out, "# {value} = \"?\" # {count} rows; no word of ours in it");
            }
        }
    }
    if counts.len() > VALUES {
        line!(out, "# DOUBT: {} more values, each rarer than these.", counts.len() - VALUES);
    }
}

/// A number of TOML that is read as one with a fraction.
fn float(number: &str) -> String {
    number.parse().map_or_else(|_| "nan".into(), |number: f64| format!("{number:?}"))
}

/// A comment ends with its line.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A basic string of TOML.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
