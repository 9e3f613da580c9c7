//! Which column is what, by its name and by what stands in it.

use std::collections::BTreeMap;

use jiff::civil::DateTime;

use super::sample::{Column, Sample, mostly};
use crate::hazard::category::Category;
use crate::hazard::time;
use crate::intake::feature::{LAT, LON};

/// More different values are no categories but texts.
const MOST_CATEGORIES: usize = 400;

/// How the times of a column are written.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Times {
    /// Each with its own offset, or unix seconds.
    Offset,
    /// Local, as ISO 8601 has it.
    Iso,
    /// Local, for strptime; perhaps as well readable with day and month the other way round.
    Format { format: String, or: Option<String> },
}

impl Times {
    /// One way to read both: what one column leaves open the other may tell.
    pub fn read_like(&self, other: &Times) -> bool {
        match (self, other) {
            (Times::Format { format: a, .. }, Times::Format { format: b, .. }) => a == b,
            (a, b) => a == b,
        }
    }
}

/// A column that may be meant, with points for its name and its values: the more the likelier.
#[derive(Debug)]
pub(super) struct Candidate<'s> {
    pub column: &'s Column,
    pub points: i32,
    pub why: String,
    /// Its values that can be read as what it is meant to be.
    pub good: usize,
}

/// What the columns seem to be; the likeliest of each first.
pub(super) struct Guesses<'s> {
    pub id: Vec<Candidate<'s>>,
    pub observed: Vec<(Candidate<'s>, Times)>,
    pub closed: Vec<(Candidate<'s>, Times)>,
    pub lon: Vec<Candidate<'s>>,
    pub lat: Vec<Candidate<'s>>,
    /// What is called a longitude is in the range of latitudes, and the other way round.
    pub swapped: bool,
    pub category: Vec<Candidate<'s>>,
    pub text: Vec<Candidate<'s>>,
    pub address: Vec<Candidate<'s>>,
    /// Longitude and latitude at which so many rows lie that the source seems to have none for them, and how many.
    pub nowhere: Option<(&'s str, &'s str, usize)>,
}

impl<'s> Guesses<'s> {
    pub fn of(sample: &'s Sample) -> Guesses<'s> {
        let columns = || sample.columns.iter().filter(|c| !c.texts.is_empty());
        let timed: Vec<_> = columns().filter_map(|c| Some((c, times(c)?))).collect();
        let is_time = |column: &Column| timed.iter().any(|(c, _)| c.name == column.name);
        let dated = |good: &[&str], bad: &[&str]| {
            let one = |(column, (times, read)): &(&'s Column, (Times, usize))| {
                let points = named(column, good) - named(column, bad) + 2 * share(*read, sample.rows);
                let why = format!("{read} of {} rows hold a time", sample.rows);
                (Candidate { good: *read, ..candidate(column, points, why) }, times.clone())
            };
            let mut found: Vec<_> = timed.iter().map(one).collect();
            found.sort_by_key(|(c, _)| std::cmp::Reverse(c.points));
            found
        };
        let observed = dated(OBSERVED, &[CLOSED, NEVER].concat());
        let mut closed = dated(CLOSED, &[OBSERVED, NEVER].concat());
        closed.retain(|(c, _)| named(c.column, CLOSED) > 0);
        let (lon, lat, swapped) = axes(sample);
        let [lon_of, lat_of] = [&lon, &lat].map(|axis| axis.first().map(|c| c.column));
        let plain = |c: &&Column| !is_time(c) && c.name != LON && c.name != LAT;
        let category = columns().filter(plain).filter_map(categories);
        let wordy = |good: &'static [&'static str]| {
            let found = columns().filter(plain).map(|c| candidate(c, named(c, good), "by its name".into()));
            ranked(found.filter(|c| c.points > 0 && c.column.numbers().is_none()))
        };
        Guesses {
            id: ranked(columns().filter(plain).filter_map(|c| id(c, sample.rows))),
            observed,
            closed,
            lon,
            lat,
            swapped,
            category: ranked(category),
            text: wordy(TEXT),
            // What kind of address it is has few values, and places many.
            address: wordy(ADDRESS).into_iter().filter(|c| FEW * c.column.counts().len() > c.good).collect(),
            nowhere: nowhere(lon_of, lat_of, sample.rows),
        }
    }
}

/// Rows for each different value, at the most.
const FEW: usize = 20;
/// So many rows at one spot, and one in so many of all, are no crossing.
const AT_ONE_SPOT: usize = 20;
const OF_ALL: usize = 20;

/// The commonest position, where too many rows have it; of columns of which one alone is empty in some row nothing is said.
fn nowhere<'s>(lon: Option<&'s Column>, lat: Option<&'s Column>, rows: usize) -> Option<(&'s str, &'s str, usize)> {
    let (lon, lat) = lon.zip(lat).filter(|(lon, lat)| lon.texts.len() == lat.texts.len())?;
    let mut counts = BTreeMap::new();
    for at in lon.texts.iter().zip(&lat.texts) {
        *counts.entry(at).or_insert(0) += 1;
    }
    let ((lon, lat), many) = counts.into_iter().max_by_key(|(_, many)| *many)?;
    // Where nearly all lie at one spot, that is what the file is about.
    (many >= AT_ONE_SPOT && many * OF_ALL >= rows && many * 2 <= rows).then_some((lon, lat, many))
}

const OBSERVED: &[&str] = &[
    "observed",
    "reported",
    "created",
    "opened",
    "open",
    "requested",
    "submitted",
    "occurred",
    "received",
    "start",
    "发生",
    "上报",
    "创建",
];
const CLOSED: &[&str] = &["closed", "close", "resolved", "completed", "finished", "end", "结案", "关闭", "完成"];
/// Times that are neither.
const NEVER: &[&str] = &["updated", "modified", "due", "target", "expected", "deadline", "update"];
const CATEGORY: &[&str] = &["category", "type", "descriptor", "kind", "类别", "类型"];
const TOPIC: &[&str] = &["complaint", "problem", "reason", "issue", "service", "subject", "title", "事项"];
const TEXT: &[&str] = &["text", "description", "comment", "comments", "details", "notes", "remarks", "描述", "内容"];
const ADDRESS: &[&str] = &["address", "street"];
const LONGITUDE: &[&str] = &["lon", "lng", "long", "longitude", "x", "经度"];
const LATITUDE: &[&str] = &["lat", "latitude", "y", "纬度"];
const ID: &[&str] = &["id", "number", "key", "no", "nr", "编号", "工单号"];

fn candidate(column: &Column, points: i32, why: String) -> Candidate<'_> {
    Candidate { column, points, why, good: column.texts.len() }
}

fn ranked<'s>(found: impl Iterator<Item = Candidate<'s>>) -> Vec<Candidate<'s>> {
    let mut found: Vec<_> = found.collect();
    // Stable: of equals the one further to the left.
    found.sort_by_key(|c| std::cmp::Reverse(c.points));
    found
}

/// Ten points where the name has such a word; two more where it is nothing else.
fn named(column: &Column, good: &[&str]) -> i32 {
    let words = column.words();
    let is = |w: &String| good.iter().any(|g| w == g || (!g.is_ascii() && w.contains(g)));
    match words.iter().filter(|w| is(w)).count() {
        0 => 0,
        _ if words.len() == 1 => 12,
        _ => 10,
    }
}

/// Zero to ten.
fn share(part: usize, of: usize) -> i32 {
    (10 * part / of.max(1)) as i32
}

fn id<'s>(column: &'s Column, rows: usize) -> Option<Candidate<'s>> {
    let different = column.counts().len();
    let unique = different == column.texts.len() && column.texts.len() == rows;
    let ends_in_id = column.words().last().is_some_and(|w| w.ends_with("id")) as i32;
    let points = named(column, ID).max(8 * ends_in_id) + if unique { 10 } else { 0 };
    let why = if unique { "every row has another".into() } else { format!("{different} different in {rows} rows") };
    (points > 0 && 2 * different > rows).then(|| candidate(column, points, why))
}

/// Longitude and latitude by name and range, and whether they look swapped.
fn axes(sample: &Sample) -> (Vec<Candidate<'_>>, Vec<Candidate<'_>>, bool) {
    let axis = |reserved: &'static str, good: &'static [&'static str]| {
        ranked(sample.columns.iter().filter_map(move |c| {
            let (least, most) = range(c)?;
            let within = least >= -180.0 && most <= 180.0;
            let named = if c.name == reserved { 12 } else { named(c, good) };
            let why = format!("by its name, and from {least} to {most}");
            let good = c.numbers().map_or(0, |numbers| numbers.len());
            (within && named > 0).then(|| Candidate { good, ..candidate(c, named + 10, why) })
        }))
    };
    let (lon, lat) = (axis(LON, LONGITUDE), axis(LAT, LATITUDE));
    let reach = |c: &[Candidate]| c.first().and_then(|c| range(c.column)).map(|(a, b)| a.abs().max(b.abs()));
    let swapped = matches!((reach(&lon), reach(&lat)), (Some(lon), Some(lat)) if lat > 90.0 && lon <= 90.0);
    (lon, lat, swapped)
}

/// The least and the greatest number, but for the outermost of many: a slip is no range.
pub(super) fn range(column: &Column) -> Option<(f64, f64)> {
    let mut numbers = column.numbers()?;
    numbers.sort_by(f64::total_cmp);
    let off = numbers.len() / 100;
    Some((numbers[off], numbers[numbers.len() - 1 - off]))
}

fn categories(column: &Column) -> Option<Candidate<'_>> {
    let counts = column.counts();
    let (different, rows) = (counts.len(), column.texts.len());
    let text = column.numbers().is_none();
    let known = counts.iter().filter(|(v, _)| ours(v).is_some()).map(|(_, n)| n).sum::<usize>();
    let named = named(column, CATEGORY).max(named(column, TOPIC) - 4);
    // A column of one value tells nothing apart.
    let points = named + 2 * share(known, rows) + i32::from(different > 1);
    let why = format!("{different} different values, our words know them in {known} of {rows} rows");
    (text && different <= MOST_CATEGORIES && points > 0).then(|| candidate(column, points, why))
}

/// Our category for a value, and the word that says so.
pub(super) fn ours(value: &str) -> Option<(Category, &str)> {
    match Category::named(value) {
        Ok(category) => Some((category, value)),
        Err(_) => Category::suggested(value),
    }
}

/// How a column's values are written as times, and how many of them are: all but a few, or, where the column's name tells
/// of a time, at least one.
fn times(column: &Column) -> Option<(Times, usize)> {
    let told = [OBSERVED, CLOSED, &["time", "date", "at", "timestamp", "时间"]].iter().any(|w| named(column, w) > 0);
    let mut best = None;
    for (times, read) in ways(column, told) {
        if mostly(read, column.texts.len()) {
            return Some((times, read));
        }
        if told && read > best.as_ref().map_or(0, |(_, most)| *most) {
            best = Some((times, read));
        }
    }
    best
}

/// The ways that times are written, each with how many of a column's values it reads.
fn ways(column: &Column, told: bool) -> impl Iterator<Item = (Times, usize)> {
    let count = |reads: &dyn Fn(&str) -> bool| column.texts.iter().filter(|t| reads(t)).count();
    let seconds = |t: &str| t.parse().is_ok_and(|s: i64| (100_000_000..4_000_000_000).contains(&s));
    let plain = [
        (Times::Offset, count(&|t| time::rfc3339(t).is_ok())),
        // Any number could be one.
        (Times::Offset, if told { count(&seconds) } else { 0 }),
        (Times::Iso, count(&|t| t.contains(':') && t.parse::<DateTime>().is_ok())),
    ];
    let clocks = ["%I:%M:%S %p", "%I:%M %p", "%H:%M:%S", "%H:%M"];
    let written = clocks.into_iter().flat_map(|clock| ["/", "-", "."].map(|by| (clock, by)));
    plain.into_iter().chain(written.filter_map(move |(clock, by)| {
        let format = |order: [&str; 3]| format!("{} {clock}", order.join(by));
        let orders = [["%m", "%d", "%Y"], ["%d", "%m", "%Y"], ["%Y", "%m", "%d"]].map(format);
        let read = orders.map(|format| (count(&|t| DateTime::strptime(&format, t).is_ok()), format));
        let most = read.iter().map(|(n, _)| *n).max()?;
        // Where two read as many, the month comes first.
        let mut best = read.into_iter().filter(|(n, _)| *n == most).map(|(_, format)| format);
        Some((Times::Format { format: best.next()?, or: best.next().filter(|_| most > 0) }, most))
    }))
}
