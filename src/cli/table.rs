//! The worst hotspots as a table for the terminal: what kind of place each is must be plain at a glance.

use std::fmt::Write as _;

use crate::hazard::category::Category;
use crate::hazard::hotspot::{Hotspot, Status};
use crate::hazard::layer::{Filter, Layer, Page};
use crate::hazard::map::HazardMap;
use crate::hazard::storm::Weather;
use crate::hazard::time;

/// One for each of [`Weather::ALL`].
const SIGNS: [char; 4] = ['▮', '▯', '·', '?'];
const LEGEND: &str = "▮ storm  ▯ small rain  · dry weather  ? unknown\n\
                      evidence: floods that staff, a photo or two people bear out   \
                      not found: floods where inspectors found nothing";
const COLUMNS: [&str; 10] =
    ["place", "floods", "weather", "storm", "small rain", "dry", "unknown", "evidence", "not found", "status"];
/// The columns of numbers beside the bar: one for each weather, then what was found.
const NUMBERS: std::ops::Range<usize> = 3..9;
/// Of more floods the bar shows each weather's share.
const LONGEST_BAR: u32 = 40;
const LONGEST_NAME: usize = 44;

/// The `top` worst hotspots of a category: most occasions first.
pub fn hotspots(map: &HazardMap, category: Category, top: usize) -> String {
    let hotspots = map.hotspots_of(category);
    let count = |status| hotspots.iter().filter(|h| h.status == status).count();
    let mut out = format!(
        "{} confirmed · {} recurring · {} candidates   ({}, as of {})\n",
        count(Status::Confirmed),
        count(Status::Recurring),
        count(Status::Candidate),
        category.name(),
        time::format(map.as_of()),
    );
    if top == 0 || hotspots.is_empty() {
        return out.trim_end().to_owned();
    }
    let shown: Vec<_> = hotspots.iter().zip(names(map, category)).take(top).collect();
    let unknown = Weather::Unknown as usize;
    let mut rows = vec![COLUMNS.map(String::from).to_vec()];
    rows.extend(shown.iter().map(|(hotspot, name)| row(map, hotspot, name.clone()).to_vec()));
    if shown.iter().all(|(hotspot, _)| map.sites().get(hotspot.peak).tally.weather[unknown] == 0) {
        rows.iter_mut().for_each(|row| drop(row.remove(NUMBERS.start + unknown)));
    }
    write(&rows, &mut out);
    out + LEGEND
}

/// The name of each hotspot of a category, most occasions first.
fn names(map: &HazardMap, category: Category) -> Vec<Option<String>> {
    match Layer::Hotspots.page(map, &Filter { category: vec![category], ..Filter::default() }) {
        Page::Hotspots(page) => page.features.into_iter().map(|f| f.properties.name).collect(),
        _ => Vec::new(),
    }
}

fn row(map: &HazardMap, hotspot: &Hotspot, name: Option<String>) -> [String; COLUMNS.len()] {
    let site = map.sites().get(hotspot.peak);
    let tally = &site.tally;
    let name = shortened(name.unwrap_or_else(|| map.places().id(site.key).into_owned()));
    let [storm, small_rain, none, unknown] = tally.weather.map(|n| n.to_string());
    let [occasions, evidence, not_found] = [tally.occasions(), tally.evidence, tally.not_found].map(|n| n.to_string());
    let (bar, status) = (bar(tally.weather), hotspot.status.name().to_owned());
    [name, occasions, bar, storm, small_rain, none, unknown, evidence, not_found, status]
}

/// One sign for each occasion, strongest weather first.
fn bar(by_weather: [u32; Weather::ALL.len()]) -> String {
    let all: u32 = by_weather.iter().sum();
    let signs = |n: u32| if all <= LONGEST_BAR { n } else { (n * LONGEST_BAR).div_ceil(all) };
    by_weather.iter().zip(SIGNS).flat_map(|(&n, sign)| std::iter::repeat_n(sign, signs(n) as usize)).collect()
}

/// Cells that hold numbers end flush under their heading, the others begin so.
fn write(rows: &[Vec<String>], out: &mut String) {
    let columns = rows.first().map_or(0, Vec::len);
    let widths: Vec<usize> =
        (0..columns).map(|c| rows.iter().map(|row| width(&row[c])).max().unwrap_or_default()).collect();
    // A place's name may be a number, and is a name all the same.
    let number = |c: usize| c > 0 && rows.iter().skip(1).all(|row| row[c].bytes().all(|b| b.is_ascii_digit()));
    let flush: Vec<bool> = (0..columns).map(number).collect();
    for row in rows {
        let mut line = String::new();
        for (c, cell) in row.iter().enumerate() {
            let room = " ".repeat(widths[c] - width(cell));
            let (before, after) = if flush[c] { (room.as_str(), "") } else { ("", room.as_str()) };
            let _ = write!(line, "{before}{cell}{after}  ");
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
}

fn shortened(name: String) -> String {
    if width(&name) <= LONGEST_NAME {
        return name;
    }
    let mut out = String::new();
    for c in name.chars() {
        if width(&out) + char_width(c) >= LONGEST_NAME {
            break;
        }
        out.push(c);
    }
    out + "…"
}

/// How many columns a terminal gives a text: two for each Chinese, Japanese or Korean character.
fn width(text: &str) -> usize {
    text.chars().map(char_width).sum()
}

/// The wide blocks of Unicode's East Asian Width (UAX 11), and the marks that take no room of their own.
fn char_width(c: char) -> usize {
    match c as u32 {
        0x0300..=0x036F | 0x200B..=0x200F | 0xFE00..=0xFE0F => 0,
        0x1100..=0x115F
        | 0x2E80..=0x303E
        | 0x3041..=0xA4CF
        | 0xAC00..=0xD7A3
        | 0xF900..=0xFAFF
        | 0xFE30..=0xFE6F
        | 0xFF00..=0xFF60
        | 0xFFE0..=0xFFE6
        | 0x1F300..=0x1FAFF
        | 0x20000..=0x3FFFD => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_has_one_sign_for_each_flood_until_it_is_too_long() {
        assert_eq!(bar([5, 5, 7, 0]), "▮▮▮▮▮▯▯▯▯▯·······");
        assert_eq!(bar([0, 0, 1, 2]), "·??");
        let long = bar([100, 1, 0, 0]);
        assert!(long.ends_with("▮▯") && long.chars().count() <= 42, "{long}");
    }

    #[test]
    fn columns_stay_aligned_beside_chinese_names() {
        let row = |name: &str, n: &str| vec![name.to_owned(), n.to_owned(), "1".to_owned()];
        let mut out = String::new();
        write(&[row("place", "floods"), row("豪苑路路口", "17"), row("52", "0")], &mut out);
        let [_, a, b] = out.lines().map(width).collect::<Vec<_>>()[..] else { panic!("{out}") };
        assert_eq!(a, b, "{out}");
        assert_eq!(out.lines().last(), Some("52               0  1"), "names begin flush, numbers end so");
        assert_eq!(width(&shortened("豪".repeat(30))), 43);
    }
}
