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
const LEGEND: &str = "▮ storm  ▯ small rain  · dry weather  ? unknown   ✓ confirmed: floods with evidence   \
                      ∅ floods where nothing was found";
/// Of more floods the bar shows each weather's share.
const LONGEST_BAR: u32 = 40;
const LONGEST_NAME: usize = 44;

/// The `top` worst hotspots of a category: most occasions first.
pub fn hotspots(map: &HazardMap, category: Category, top: usize) -> String {
    let hotspots: Vec<Hotspot> =
        map.hotspots().into_iter().filter(|h| map.sites().get(h.peak).category == category).collect();
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
    let names = names(map, category);
    let mut rows =
        vec![["#", "Place", "Floods", "Weather", "▮", "▯", "·", "?", "Sure", "∅", "Status"].map(String::from)];
    for (rank, (hotspot, name)) in hotspots.iter().zip(names).take(top).enumerate() {
        rows.push(row(map, rank + 1, hotspot, name));
    }
    write(&rows, &mut out);
    out + LEGEND
}

/// The name of each hotspot of a category, most occasions first.
fn names(map: &HazardMap, category: Category) -> Vec<Option<String>> {
    match Layer::Hotspots.page(map, &Filter { category: Some(category), ..Filter::default() }) {
        Page::Hotspots(page) => page.features.into_iter().map(|f| f.properties.name).collect(),
        _ => Vec::new(),
    }
}

fn row(map: &HazardMap, rank: usize, hotspot: &Hotspot, name: Option<String>) -> [String; 11] {
    let site = map.sites().get(hotspot.peak);
    let tally = &site.tally;
    let name = name.unwrap_or_else(|| map.places().id(site.key).into_owned());
    let sure = match (hotspot.status, tally.evidence) {
        (Status::Confirmed, n) => format!("✓ {n}"),
        (_, 0) => String::new(),
        (_, n) => format!("  {n}"),
    };
    let some = |n: u32| if n == 0 { String::new() } else { n.to_string() };
    let [storm, small_rain, none, unknown] = tally.weather.map(some);
    let bar = bar(tally.weather);
    let (occasions, not_found) = (tally.occasions().to_string(), some(tally.not_found));
    let status = hotspot.status.name().to_owned();
    let name = shortened(name);
    [rank.to_string(), name, occasions, bar, storm, small_rain, none, unknown, sure, not_found, status]
}

/// One sign for each occasion, strongest weather first.
fn bar(by_weather: [u32; Weather::ALL.len()]) -> String {
    let all: u32 = by_weather.iter().sum();
    let signs = |n: u32| if all <= LONGEST_BAR { n } else { (n * LONGEST_BAR).div_ceil(all) };
    by_weather.iter().zip(SIGNS).flat_map(|(&n, sign)| std::iter::repeat_n(sign, signs(n) as usize)).collect()
}

/// Columns that hold numbers end flush, the others begin so.
fn write(rows: &[[String; 11]], out: &mut String) {
    const NUMBERS: [usize; 7] = [0, 2, 4, 5, 6, 7, 9];
    let widths: Vec<usize> = (0..11).map(|c| rows.iter().map(|row| width(&row[c])).max().unwrap_or_default()).collect();
    for row in rows {
        let mut line = String::new();
        for (c, cell) in row.iter().enumerate() {
            let room = " ".repeat(widths[c] - width(cell));
            let (before, after) = if NUMBERS.contains(&c) { (room.as_str(), "") } else { ("", room.as_str()) };
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
        let row = |name: &str| std::array::from_fn(|c| if c == 1 { name.to_owned() } else { "1".to_owned() });
        let mut out = String::new();
        write(&[row("豪苑路路口"), row("W 52 St")], &mut out);
        let [a, b] = out.lines().map(width).collect::<Vec<_>>()[..] else { panic!("{out}") };
        assert_eq!(a, b, "{out}");
        assert_eq!(width(&shortened("豪".repeat(30))), 43);
    }
}
