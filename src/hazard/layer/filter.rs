//! Which features of a layer are wanted: box, time, category, status, weather, number.

use std::sync::Arc;

use h3o::Resolution;

use super::super::analysis::trend::Trend;
use super::super::category::Category;
use super::super::cell;
use super::super::cql2::Condition;
use super::super::position::Position;
use super::super::storm::Weather;
use super::super::workflow::State;
use super::Layer;
use super::bounds::Bbox;
use super::filtering::Filtering;
use super::interval::Interval;
use super::paging::{Paging, Sort};
use super::status::Status;
use super::weather::InWeather;
use crate::error::{Result, invalid};

/// The largest `limit`; without one, all that match are given.
const LARGEST_LIMIT: usize = 1_000_000;

/// What is wanted of a layer; nothing set: everything.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    pub bbox: Option<Bbox>,
    pub datetime: Option<Interval>,
    /// Any of these; none given: all. So with the next six.
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
    /// Of incidents.
    pub state: Vec<State>,
    /// Of incidents: whose deadline has passed, or has not, at `now`.
    pub overdue: Option<bool>,
    /// The time by which an incident is overdue or not, in unix seconds; without it nothing is said of that.
    pub now: Option<i64>,
    /// Of incidents: areas by their ids, with what lies in them.
    pub area: Vec<String>,
    /// Of the cells of coverage.
    pub resolution: Option<Resolution>,
    /// In CQL2; what else is set holds, too.
    pub condition: Option<Arc<Condition>>,
    /// Which properties are given; without it, all.
    pub properties: Option<Vec<&'static str>>,
    pub paging: Paging,
}

impl Filter {
    /// Which features are wanted: names that [`Filter::set`] knows.
    pub const CONDITIONS: [&str; 6] = ["bbox", "datetime", "category", "status", "weather", "gauge"];
    /// Of incidents alone: which are wanted, too.
    pub const WORKFLOW: [&str; 3] = ["state", "overdue", "area"];
    /// Which of these are given: names that [`Filter::set`] knows, too.
    pub const PAGING: [&str; 4] = ["limit", "sort", "cursor", "offset"];

    /// What a layer can be asked for: all names that [`Filter::set`] and [`Filtering::take`] know.
    pub fn names(layer: Layer) -> Vec<&'static str> {
        let own: &[&str] = match layer {
            Layer::Hotspots => &["trend"],
            Layer::Incidents => &Filter::WORKFLOW,
            Layer::Coverage => &["resolution"],
            _ => &[],
        };
        [&Filter::CONDITIONS[..], own, &Filtering::PARAMETERS, &Filter::PAGING, &["sortby", "properties"]].concat()
    }

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
            "state" if layer == Layer::Incidents => self.state = any_of(value, state)?,
            "overdue" if layer == Layer::Incidents => {
                self.overdue = Some(value.parse().map_err(|_| invalid(name, value, "neither true nor false"))?);
            }
            // As that of a gauge.
            "area" if layer == Layer::Incidents => {
                self.area = value.split(',').chain([value]).map(str::to_owned).collect();
            }
            "resolution" if layer == Layer::Coverage => self.resolution = Some(cell::resolution(value)?),
            "limit" => self.paging.limit = Some(within(name, value, 1, LARGEST_LIMIT)?),
            "offset" => self.paging.offset = within(name, value, 0, Filter::LARGEST_OFFSET)?,
            "sort" => self.paging.sort = vec![Sort::parse(value, layer.sorts())?],
            "sortby" => self.paging.sort = Sort::list(value, layer.sorts())?,
            "properties" => self.properties = Some(published(layer, value)?),
            "cursor" => self.paging.cursor = Some(value.parse()?),
            _ => {
                let known = Filter::names(layer).join(", ");
                return Err(invalid(name, value, format!("unknown query parameter; known are {known}")));
            }
        }
        Ok(())
    }

    /// Is everything wanted?
    pub fn is_open(&self) -> bool {
        let Filter { now, paging, properties, .. } = self.clone();
        *self == Filter { now, paging, properties, ..Filter::default() }
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

    /// A box that holds the positions of all that is wanted, where one is known.
    pub fn around(&self) -> Option<Bbox> {
        let told = self.condition.as_ref().and_then(|condition| condition.bounds());
        let boxes = self.bbox.into_iter().chain(told);
        boxes.min_by(|a, b| a.square_degrees().total_cmp(&b.square_degrees()))
    }

    /// Does something that lasted from `first` to `last` meet the time wanted?
    pub fn takes_time(&self, first: i64, last: i64) -> bool {
        self.datetime.is_none_or(|t| first <= t.to && t.from <= last)
    }
}

/// Properties of a layer's features by their names, with commas between.
fn published(layer: Layer, names: &str) -> Result<Vec<&'static str>> {
    let known = layer.published();
    let named = |name: &str| {
        let found = known.iter().find(|known| **known == name);
        found.copied().ok_or_else(|| invalid("properties", name, format!("unknown; there are {}", known.join(", "))))
    };
    names.split(',').map(named).collect()
}

/// Values with commas between, each of which is wanted (as lists are in OGC 17-069r4 and in RFC 6570, 3.2.8).
fn any_of<T>(values: &str, read: impl Fn(&str) -> Result<T>) -> Result<Vec<T>> {
    values.split(',').map(read).collect()
}

fn state(name: &str) -> Result<State> {
    State::named(name).ok_or_else(|| {
        let known: Vec<_> = State::ALL.iter().map(|state| state.name()).collect();
        invalid("state", name, format!("unknown; known are {}", known.join(", ")))
    })
}

fn within(name: &str, value: &str, least: usize, most: usize) -> Result<usize> {
    let number = value.parse().ok().filter(|n| (least..=most).contains(n));
    number.ok_or_else(|| invalid(name, value, format!("not a whole number in [{least}, {most}]")))
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
