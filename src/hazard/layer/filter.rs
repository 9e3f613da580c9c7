//! Which features of a layer are wanted: box, time, category, status, weather, number.

use std::str::FromStr;

use h3o::{CellIndex, Resolution};
use jiff::Timestamp;
use jiff::fmt::temporal::Pieces;

use super::super::analysis::trend::Trend;
use super::super::category::Category;
use super::super::cell;
use super::super::position::Position;
use super::super::storm::Weather;
use super::super::time;
use super::Layer;
use super::paging::{Paging, Sort};
use super::status::Status;
use super::weather::InWeather;
use crate::error::{Error, Result, invalid};

/// The largest `limit`; without one, all that match are given.
const LARGEST_LIMIT: usize = 1_000_000;

/// What is wanted of a layer; nothing set: everything.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    pub bbox: Option<Bbox>,
    pub datetime: Option<Interval>,
    /// Any of these; none given: all. So with the next five.
    pub category: Vec<Category>,
    pub status: Vec<Status>,
    /// Of incidents.
    pub weather: Vec<Weather>,
    /// Of the occasions of hotspots.
    pub in_weather: Vec<InWeather>,
    /// Gauges by their ids.
    pub gauge: Vec<String>,
    /// Of hotspots.
    pub trend: Vec<Trend>,
    /// Of the cells of coverage.
    pub resolution: Option<Resolution>,
    pub paging: Paging,
}

/// A box of WGS 84 degrees, sides included; west of its east side lies its west side, unless it crosses 180°.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bbox {
    pub west: f64,
    pub south: f64,
    pub east: f64,
    pub north: f64,
}

/// From and to in unix seconds, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    pub from: i64,
    pub to: i64,
}

impl Filter {
    /// Which features are wanted: names that [`Filter::set`] knows.
    pub const CONDITIONS: [&str; 6] = ["bbox", "datetime", "category", "status", "weather", "gauge"];
    /// Which of these are given: names that [`Filter::set`] knows, too.
    pub const PAGING: [&str; 4] = ["limit", "sort", "cursor", "offset"];

    pub const LARGEST_OFFSET: usize = 1_000_000_000;

    /// Sets one condition, or what concerns the page, from text, as in a query.
    ///
    /// # Errors
    /// `Invalid` for an unknown name, a value that cannot be read, or a condition that the layer cannot have.
    pub fn set(&mut self, layer: Layer, name: &str, value: &str) -> Result<()> {
        match name {
            "bbox" => self.bbox = Some(value.parse()?),
            "datetime" => self.datetime = Some(value.parse()?),
            "category" if !layer.has_category() => {
                return Err(invalid(name, value, format!("{} have no category", layer.name())));
            }
            "category" => self.category = any_of(value, |one| one.parse())?,
            "status" => self.status = any_of(value, |one| Status::named(layer, one))?,
            "weather" if !layer.has_weather() => {
                return Err(invalid(name, value, format!("{} have no weather of their own", layer.name())));
            }
            "weather" if layer == Layer::Hotspots => self.in_weather = any_of(value, |one| one.parse())?,
            "weather" => self.weather = any_of(value, Weather::named)?,
            "gauge" if !layer.has_gauge() => {
                return Err(invalid(name, value, format!("{} have no gauge", layer.name())));
            }
            // The id of a gauge may hold a comma, so the whole is one that is wanted, too.
            "gauge" => self.gauge = value.split(',').chain([value]).map(str::to_owned).collect(),
            "trend" if layer == Layer::Hotspots => self.trend = any_of(value, Trend::named)?,
            "resolution" if layer == Layer::Coverage => self.resolution = Some(cell::resolution(value)?),
            "limit" => self.paging.limit = Some(within(name, value, 1, LARGEST_LIMIT)?),
            "offset" => self.paging.offset = within(name, value, 0, Filter::LARGEST_OFFSET)?,
            "sort" => self.paging.sort = Some(Sort::parse(value, layer.sorts())?),
            "cursor" => self.paging.cursor = Some(value.parse()?),
            _ => {
                let known = [&Filter::CONDITIONS[..], &Filter::PAGING].concat().join(", ");
                return Err(invalid(name, value, format!("unknown query parameter; known are {known}")));
            }
        }
        Ok(())
    }

    pub fn takes_category(&self, category: Category) -> bool {
        self.category.is_empty() || self.category.contains(&category)
    }

    /// Asks for the status only where one is wanted; what has none, such as a dry report, is then left out.
    pub fn takes_status(&self, status: impl FnOnce() -> Option<Status>) -> bool {
        self.status.is_empty() || status().is_some_and(|status| self.status.contains(&status))
    }

    /// Asks for the weather only where one is wanted.
    pub fn takes_weather(&self, weather: impl FnOnce() -> Weather) -> bool {
        self.weather.is_empty() || self.weather.contains(&weather())
    }

    pub fn takes_gauge(&self, id: &str) -> bool {
        self.gauge.is_empty() || self.gauge.iter().any(|wanted| wanted == id)
    }

    /// `occasions`: by weather.
    pub fn takes_occasions(&self, occasions: [u32; 4]) -> bool {
        self.in_weather.is_empty() || self.in_weather.iter().any(|wanted| wanted.holds(occasions))
    }

    pub fn takes_position(&self, at: Position) -> bool {
        self.bbox.is_none_or(|bbox| bbox.contains(at))
    }

    /// Does something that lasted from `first` to `last` meet the time wanted?
    pub fn takes_time(&self, first: i64, last: i64) -> bool {
        self.datetime.is_none_or(|t| first <= t.to && t.from <= last)
    }
}

/// Values with commas between, each of which is wanted (as lists are in OGC 17-069r4 and in RFC 6570, 3.2.8).
fn any_of<T>(values: &str, read: impl Fn(&str) -> Result<T>) -> Result<Vec<T>> {
    values.split(',').map(read).collect()
}

fn within(name: &str, value: &str, least: usize, most: usize) -> Result<usize> {
    let number = value.parse().ok().filter(|n| (least..=most).contains(n));
    number.ok_or_else(|| invalid(name, value, format!("not a whole number in [{least}, {most}]")))
}

impl Bbox {
    /// Compares the degrees as published, so that a box drawn through a feature holds it.
    pub fn contains(&self, at: Position) -> bool {
        self.parts()
            .any(|[west, south, east, north]| (west..=east).contains(&at.lon()) && (south..=north).contains(&at.lat()))
    }

    /// Does a line, straight in degrees between its positions, touch the box?
    pub fn meets(&self, line: &[Position]) -> bool {
        let touched = |b: [f64; 4]| line.windows(2).any(|ends| touches(b, ends[0], ends[1]));
        // Corners by themselves, so that a box drawn through one holds it whatever is rounded.
        line.iter().any(|at| self.contains(*at)) || self.parts().any(touched)
    }

    /// Does it touch an H3 cell?
    pub fn meets_cell(&self, cell: CellIndex) -> bool {
        // A box inside a cell touches none of its sides.
        let holds = |corner: Position| cell::of(corner, cell.resolution()) == cell;
        Position::new(self.west, self.south).is_ok_and(holds) || cell::outline(cell).iter().any(|ring| self.meets(ring))
    }

    /// The same as west, south, east, north; two of them where it crosses 180°.
    pub fn parts(&self) -> impl Iterator<Item = [f64; 4]> {
        let Bbox { west, south, east, north } = *self;
        let (first, second) = if west <= east {
            ([west, south, east, north], None)
        } else {
            ([west, south, 180.0, north], Some([-180.0, south, east, north]))
        };
        std::iter::once(first).chain(second)
    }
}

/// Does a segment touch a box of west, south, east, north? What each side leaves of it is cut (Liang & Barsky 1984).
fn touches([west, south, east, north]: [f64; 4], a: Position, b: Position) -> bool {
    let (mut from, mut to) = (0.0_f64, 1.0_f64);
    for (start, end, low, high) in [(a.lon(), b.lon(), west, east), (a.lat(), b.lat(), south, north)] {
        let along = end - start;
        if along == 0.0 {
            if !(low..=high).contains(&start) {
                return false;
            }
            continue;
        }
        let (enters, leaves) = ((low - start) / along, (high - start) / along);
        (from, to) = (from.max(enters.min(leaves)), to.min(enters.max(leaves)));
    }
    from <= to
}

impl FromStr for Bbox {
    type Err = Error;

    /// `west,south,east,north`, or with heights `west,south,low,east,north,high`, which do not restrict.
    fn from_str(text: &str) -> Result<Bbox> {
        let bad = |reason: String| invalid("bbox", text, reason);
        let number = |part: &str| part.trim().parse().ok().filter(|v: &f64| v.is_finite());
        let numbers: Option<Vec<f64>> = text.split(',').map(number).collect();
        let numbers = numbers.ok_or_else(|| bad("not numbers with commas between: west,south,east,north".into()))?;
        let bbox = match numbers[..] {
            [west, south, east, north] => Bbox { west, south, east, north },
            [west, south, low, east, north, high] if low <= high => Bbox { west, south, east, north },
            [_, _, low, _, _, high] => {
                return Err(bad(format!("its lowest height {low} lies above its highest {high}")));
            }
            _ => return Err(bad(format!("4 or 6 numbers, west,south,east,north; found {}", numbers.len()))),
        };
        for lat in [bbox.south, bbox.north] {
            if !(-90.0..=90.0).contains(&lat) {
                return Err(bad(format!(
                    "{lat} is no latitude in [-90, 90] degrees: the order is west,south,east,north"
                )));
            }
        }
        for lon in [bbox.west, bbox.east] {
            if !(-180.0..=180.0).contains(&lon) {
                return Err(bad(format!("{lon} is no longitude in [-180, 180] degrees")));
            }
        }
        if bbox.south > bbox.north {
            return Err(bad(format!("its south {} lies north of its north {}", bbox.south, bbox.north)));
        }
        Ok(bbox)
    }
}

impl FromStr for Interval {
    type Err = Error;

    /// RFC 3339: `a`, `a/b`, `../b` or `a/..`; both ends included.
    fn from_str(text: &str) -> Result<Interval> {
        let bad = |reason: String| invalid("datetime", text, reason);
        let Some((from, to)) = text.split_once('/') else {
            let (from, to) = (first_second(text).map_err(bad)?, last_second(text).map_err(bad)?);
            return Ok(Interval { from, to });
        };
        let open = |end: &str| matches!(end, "" | "..");
        if open(from) && open(to) {
            return Err(bad("an interval open at both ends restricts nothing: leave it out".into()));
        }
        let from = if open(from) { i64::MIN } else { first_second(from).map_err(bad)? };
        let to = if open(to) { i64::MAX } else { last_second(to).map_err(bad)? };
        if from > to {
            return Err(bad("the interval ends before it begins".into()));
        }
        Ok(Interval { from, to })
    }
}

/// The first whole second that is not before a time.
fn first_second(text: &str) -> Result<i64, String> {
    let t = instant(text)?;
    Ok(last_second(text)? + i64::from(t.subsec_nanosecond() != 0))
}

/// The last whole second that is not after a time.
fn last_second(text: &str) -> Result<i64, String> {
    Ok(instant(text)?.as_nanosecond().div_euclid(1_000_000_000) as i64)
}

fn instant(text: &str) -> Result<Timestamp, String> {
    if beyond_all(text) {
        return Ok(Timestamp::MAX);
    }
    time::rfc3339(text).map_err(|reason| match text.contains(' ') {
        true => "not a time: in an address + is written %2B".into(),
        false => reason,
    })?;
    text.parse().map_err(|_| "not a time".into())
}

/// The last hours of the year 9999 are RFC 3339, but later than any time that is taken, so they end a filter the same.
fn beyond_all(text: &str) -> bool {
    let Ok(pieces) = Pieces::parse(text) else { return false };
    let whole = pieces.date().year() == 9_999 && pieces.time().is_some() && pieces.offset().is_some();
    whole && text.parse::<Timestamp>().is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(lon: f64, lat: f64) -> Position {
        Position::new(lon, lat).unwrap()
    }

    #[test]
    fn a_condition_takes_several_values_and_says_which_of_them_is_wrong() {
        let set = |layer, name: &str, value: &str| {
            let mut filter = Filter::default();
            filter.set(layer, name, value).map(|()| filter).map_err(|e| e.to_string())
        };
        let two = set(Layer::Incidents, "category", "waterlogging,manhole").unwrap();
        let takes = |name| two.takes_category(Category::named(name).unwrap());
        assert!(takes("waterlogging") && takes("manhole") && !takes("other"));
        assert!(Filter::default().takes_category(Category::named("other").unwrap()));
        let weather = set(Layer::Incidents, "weather", "storm,none").unwrap();
        assert!(weather.takes_weather(|| Weather::None) && !weather.takes_weather(|| Weather::SmallRain));
        // A gauge's id may hold a comma.
        let gauges = set(Layer::Storms, "gauge", "a,b").unwrap();
        assert_eq!(["a", "b", "a,b", "c"].map(|id| gauges.takes_gauge(id)), [true, true, true, false]);
        for (layer, name, value, part) in [
            (Layer::Reports, "category", "waterlogging,flood", "category \"flood\": unknown; known are waterlogging"),
            (Layer::Reports, "category", "waterlogging,", "category \"\": unknown"),
            (Layer::Hotspots, "status", "confirmed,reported", "known for hotspots are candidate, recurring, confirmed"),
            (
                Layer::Incidents,
                "weather",
                "storm,sunny",
                "weather \"sunny\": unknown; known are storm, small_rain, none, unknown",
            ),
            (
                Layer::Hotspots,
                "weather",
                "storm,unknown",
                "weather \"unknown\": unknown; known are storm, mostly_storm",
            ),
            (Layer::Reports, "weather", "storm", "reports have no weather of their own"),
        ] {
            let error = set(layer, name, value).unwrap_err();
            assert!(error.contains(part), "{name}={value}: {error}");
        }
    }

    #[test]
    fn a_box_holds_what_lies_on_its_sides() {
        let bbox: Bbox = "110.33,20.03,110.335,20.035".parse().unwrap();
        assert!(bbox.contains(at(110.33, 20.035)) && bbox.contains(at(110.335, 20.03)));
        assert!(!bbox.contains(at(110.3299999, 20.03)) && !bbox.contains(at(110.33, 20.0350001)));
        let point: Bbox = "110.3312,20.0148,0,110.3312,20.0148,9".parse().unwrap();
        assert!(point.contains(at(110.3312, 20.0148)));
    }

    #[test]
    fn a_box_whose_west_is_greater_than_its_east_crosses_180_degrees() {
        let bbox: Bbox = "177,65,-177,70".parse().unwrap();
        let inside = [(177.0, 65.0), (180.0, 66.0), (-180.0, 66.0), (-177.0, 70.0)];
        assert!(inside.iter().all(|&(lon, lat)| bbox.contains(at(lon, lat))));
        assert!(!bbox.contains(at(0.0, 66.0)) && !bbox.contains(at(-176.9, 66.0)));
    }

    #[test]
    fn a_box_that_cannot_be_read_says_why() {
        for (text, part) in [
            ("1,2,3", "found 3"),
            ("1,2,3,x", "not numbers"),
            ("1,2,3,NaN", "not numbers"),
            ("20,110,21,111", "west,south"),
            ("181,0,182,1", "longitude"),
            ("0,2,1,1", "south 2 lies north"),
            ("0,0,5,1,1,4", "height"),
        ] {
            let error = text.parse::<Bbox>().unwrap_err().to_string();
            assert!(error.contains(part), "{text}: {error}");
        }
    }

    #[test]
    fn times_are_closed_intervals_and_parts_of_a_second_are_kept() {
        let interval = |text: &str| text.parse::<Interval>().map(|i| (i.from, i.to)).unwrap();
        assert_eq!(interval("1970-01-01T08:00:10+08:00"), (10, 10));
        assert_eq!(interval("1970-01-01T00:00:10Z/1970-01-01T00:00:20Z"), (10, 20));
        assert_eq!(interval("1970-01-01T00:00:10.5Z/.."), (11, i64::MAX));
        assert_eq!(interval("../1970-01-01T00:00:10.5Z"), (i64::MIN, 10));
        // The latest that offsets can write, and the hours after it.
        let beyond = interval("9999-12-31T23:59:59Z/..");
        assert!(beyond.0 > time::LATEST_S && beyond.1 == i64::MAX);
        assert_eq!(interval("../9999-12-31T23:59:59.9-08:00").1, time::LATEST_S);
        assert!(interval("0000-01-01T00:00:00Z/..").0 < 0);
        assert_eq!(interval("1969-12-31T23:59:58.5Z/1969-12-31T23:59:59.5Z"), (-1, -1));
    }

    #[test]
    fn a_time_that_cannot_be_read_says_why() {
        for (text, part) in [
            ("2023-10-21", "RFC 3339"),
            ("2023-10-21T09:10:00", "without offset"),
            ("9999-12-31T23:59:59", "without offset"),
            ("9999-12-32T23:59:59Z", "not a time"),
            ("2023-10-21T09:10:00 08:00", "%2B"),
            ("../..", "leave it out"),
            ("2023-10-22T00:00:00Z/2023-10-21T00:00:00Z", "ends before"),
        ] {
            let error = text.parse::<Interval>().unwrap_err().to_string();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
