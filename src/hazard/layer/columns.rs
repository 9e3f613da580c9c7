//! A layer as a table, for formats that are one: its columns with their types, and its features as rows. The columns are
//! the published properties in their order, so a file holds what a page holds, and nothing else.

use std::borrow::Cow;
use std::sync::Arc;

use super::super::analysis::trend::Trend;
use super::super::category::Category;
use super::super::event::{AreaLevel, Passability};
use super::super::storm::Weather;
use super::super::workflow::State;
use super::feature::{Feature, FeatureCollection, Shape, Time};
use super::incidents::IncidentStatus;
use super::lookup::IncidentId;
use super::text::{Kept, Text};
use super::{
    AreaProperties, ClosureProperties, CoverageProperties, HotspotProperties, IncidentProperties, Layer, Page,
    PlaceProperties, ReportProperties, StormProperties, StreetProperties, WorksProperties,
};
use crate::error::Result;

/// What the values of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    Integer,
    Real,
    Boolean,
    DateTime,
}

/// One property of the features of a layer; any of its values may be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    pub name: &'static str,
    pub kind: Kind,
}

/// One value of a feature.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'f> {
    Missing,
    Text(Cow<'f, str>),
    Integer(i64),
    Real(f64),
    Boolean(bool),
    DateTime(Time),
}

/// One feature: as many values as its layer has columns.
#[derive(Clone, Debug)]
pub struct Row<'f> {
    pub id: &'f str,
    pub shape: Option<&'f Shape>,
    pub values: Vec<Value<'f>>,
}

/// What the features of a layer lie on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Geometry {
    Points,
    Lines,
    /// Polygons, some in several parts.
    Areas,
    /// Points and lines.
    Mixed,
}

impl Column {
    /// The unit that its name gives, as `cm` in `depth_cm_max`; none for what has no unit.
    pub fn unit(&self) -> Option<&'static str> {
        const UNITS: [(&str, &str); 5] = [("_mm_h", "mm/h"), ("_mm", "mm"), ("_cm", "cm"), ("_m", "m"), ("_s", "s")];
        let holds = |part: &str| {
            let mut found = self.name.match_indices(part);
            found.any(|(at, _)| matches!(self.name.as_bytes().get(at + part.len()), None | Some(b'_')))
        };
        let numeric = matches!(self.kind, Kind::Integer | Kind::Real);
        UNITS.iter().find(|(part, _)| numeric && holds(part)).map(|(_, unit)| *unit)
    }
}

/// A type of property: what its column is, and its value.
trait Cell {
    const KIND: Kind;

    fn value(&self) -> Value<'_>;

    fn write(&self, text: &mut Text) -> Result<()> {
        text.cell(&self.value())
    }
}

macro_rules! cells {
    ($($kind:ident: $($type:ty => |$one:ident| $value:expr),+;)+) => {$($(
        impl Cell for $type {
            const KIND: Kind = Kind::$kind;

            fn value(&self) -> Value<'_> {
                let $one = self;
                Value::$kind($value)
            }
        }
    )+)+};
}

cells! {
    Text: String => |text| text.as_str().into(), Arc<str> => |text| (&**text).into(), &'static str => |text| (*text).into(),
        Category => |one| one.name().into(), IncidentStatus => |one| one.name().into(), State => |one| one.name().into(),
        Passability => |one| one.name().into(), Weather => |one| one.name().into(), Trend => |one| one.name().into(),
        AreaLevel => |one| one.name().into();
    Integer: u8 => |n| (*n).into(), u16 => |n| (*n).into(), u32 => |n| (*n).into(), i64 => |n| *n,
        usize => |n| *n as i64;
    Real: f64 => |v| *v;
    Boolean: bool => |flag| *flag;
    DateTime: Time => |at| *at;
}

impl Cell for IncidentId {
    const KIND: Kind = Kind::Text;

    fn value(&self) -> Value<'_> {
        Value::Text(self.to_string().into())
    }

    fn write(&self, text: &mut Text) -> Result<()> {
        text.incident_id(*self)
    }
}

impl<T: Cell> Cell for Option<T> {
    const KIND: Kind = T::KIND;

    fn value(&self) -> Value<'_> {
        self.as_ref().map_or(Value::Missing, Cell::value)
    }

    fn write(&self, text: &mut Text) -> Result<()> {
        match self {
            Some(one) => one.write(text),
            None => text.cell(&Value::Missing),
        }
    }
}

/// The properties of a layer as columns.
pub trait Record {
    fn columns() -> Vec<Column>;

    fn values(&self) -> Vec<Value<'_>>;

    /// As members of a JSON object, each with a comma after it.
    ///
    /// # Errors
    /// `Store` for a value that JSON cannot hold.
    fn write(&self, kept: Kept, text: &mut Text) -> Result<()>;
}

fn column<P, T: Cell>(name: &'static str, _of: fn(&P) -> &T) -> Column {
    Column { name, kind: T::KIND }
}

/// Every property of a struct by name, in its order: one that is forgotten does not compile. What stands after `without`
/// depends on who asks and when, and is in no file; a page has it, at the end, where there is a value.
macro_rules! record {
    ($properties:ident { $($name:ident),+ } $(without { $($left_out:ident),+ })?) => {
        impl Record for $properties {
            fn columns() -> Vec<Column> {
                vec![$(column(stringify!($name), |p: &$properties| &p.$name)),+]
            }

            fn values(&self) -> Vec<Value<'_>> {
                let $properties { $($name,)+ $($($left_out: _,)+)? } = self;
                vec![$($name.value()),+]
            }

            fn write(&self, kept: Kept, text: &mut Text) -> Result<()> {
                let $properties { $($name,)+ $($($left_out,)+)? } = self;
                let mut columns = 0..;
                $(if columns.next().is_some_and(|n| kept.has(n)) {
                    text.raw(concat!("\"", stringify!($name), "\":"));
                    $name.write(text)?;
                    text.raw(",");
                })+
                $($(if let Some(value) = $left_out.as_ref().filter(|_| kept.has_others()) {
                    text.raw(concat!("\"", stringify!($left_out), "\":"));
                    value.write(text)?;
                    text.raw(",");
                })+)?
                Ok(())
            }
        }
    };
}

record!(ReportProperties {
    category,
    observed_at,
    received_at,
    status,
    incident_id,
    hotspot_id,
    depth_cm,
    passability,
    dry,
    accuracy_m,
    channel
});
record!(IncidentProperties {
    category, place, area_id, status, state, deadline, first_observed_at, last_observed_at, resolved_at,
    time_to_acknowledge_s, time_to_close_s, time_to_drain_s, reports, reporters, evidence, depth_cm_max, passability,
    weather, hotspot_id, recurred_after_s
} without { overdue });
record!(HotspotProperties {
    category,
    name,
    status,
    occasions,
    occasions_storm,
    occasions_small_rain,
    occasions_dry_weather,
    occasions_unknown,
    occasions_not_found,
    occasions_storm_contradicted,
    occasions_small_rain_contradicted,
    occasions_dry_weather_contradicted,
    occasions_unknown_contradicted,
    occasions_evidence,
    occasions_unchecked,
    occasions_per_year,
    occasions_per_year_low,
    occasions_per_year_high,
    incidents,
    reports,
    reporters,
    first_seen,
    last_seen,
    last_flooded,
    depth_cm_median,
    depth_cm_max,
    impassable_share,
    time_to_close_s_median,
    time_to_drain_s_median,
    trend,
    rank,
    rank_score,
    width_m
});
record!(StormProperties {
    gauge,
    start,
    end,
    duration_s,
    depth_mm,
    peak_10min_mm_h,
    peak_1h_mm_h,
    peak_3h_mm_h,
    incidents,
    hotspots
});
record!(PlaceProperties { name });
record!(StreetProperties { name });
record!(WorksProperties { name, kind, reference, start, end });
record!(AreaProperties { name, level, parent_id });
record!(ClosureProperties {
    incident_id,
    category,
    passability,
    vehicles,
    since,
    last_observed_at,
    expires_at,
    place,
    depth_cm_max,
    reports,
    reporters,
    evidence
});
record!(CoverageProperties { resolution, reports, dry_reports, reporters, first_observed_at, last_observed_at });

impl Layer {
    /// The columns of its table, beside id and geometry.
    pub fn columns(self) -> Vec<Column> {
        match self {
            Layer::Reports => ReportProperties::columns(),
            Layer::Incidents => IncidentProperties::columns(),
            Layer::Hotspots => HotspotProperties::columns(),
            Layer::Storms => StormProperties::columns(),
            Layer::Places => PlaceProperties::columns(),
            Layer::Streets => StreetProperties::columns(),
            Layer::Works => WorksProperties::columns(),
            Layer::Areas => AreaProperties::columns(),
            Layer::Coverage => CoverageProperties::columns(),
            Layer::Closures => ClosureProperties::columns(),
        }
    }

    pub fn geometry(self) -> Geometry {
        match self {
            Layer::Reports | Layer::Incidents | Layer::Hotspots | Layer::Storms | Layer::Places | Layer::Closures => {
                Geometry::Points
            }
            Layer::Streets => Geometry::Lines,
            Layer::Works => Geometry::Mixed,
            Layer::Areas | Layer::Coverage => Geometry::Areas,
        }
    }

    /// May a feature lie nowhere? Rain without a gauge stands for the whole city.
    pub fn may_lie_nowhere(self) -> bool {
        self == Layer::Storms
    }
}

impl Page {
    /// Visits every feature in its order, until a visit fails.
    pub fn each_row<E>(&self, visit: &mut dyn FnMut(Row) -> Result<(), E>) -> Result<(), E> {
        fn each<P: Record, E>(of: &FeatureCollection<P>, visit: &mut dyn FnMut(Row) -> Result<(), E>) -> Result<(), E> {
            of.features.iter().try_for_each(|Feature { id, geometry, properties, .. }| {
                visit(Row { id, shape: geometry.as_ref(), values: properties.values() })
            })
        }
        match self {
            Page::Reports(c) => each(c, visit),
            Page::Incidents(c) => each(c, visit),
            Page::Hotspots(c) => each(c, visit),
            Page::Storms(c) => each(c, visit),
            Page::Places(c) => each(c, visit),
            Page::Streets(c) => each(c, visit),
            Page::Works(c) => each(c, visit),
            Page::Areas(c) => each(c, visit),
            Page::Coverage(c) => each(c, visit),
            Page::Closures(c) => each(c, visit),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_is_read_from_a_name_and_only_of_what_is_measured() {
        let unit = |name: &'static str, kind| Column { name, kind }.unit();
        assert_eq!(unit("depth_cm_max", Kind::Integer), Some("cm"));
        assert_eq!(unit("peak_10min_mm_h", Kind::Real), Some("mm/h"));
        assert_eq!(unit("depth_mm", Kind::Real), Some("mm"));
        assert_eq!(unit("time_to_close_s_median", Kind::Real), Some("s"));
        assert_eq!(unit("width_m", Kind::Real), Some("m"));
        assert_eq!((unit("rank_score", Kind::Real), unit("first_seen", Kind::DateTime)), (None, None));
    }

    #[test]
    fn the_columns_of_a_layer_are_the_properties_that_its_pages_give() {
        for layer in Layer::ALL {
            let names: Vec<_> = layer.columns().iter().map(|column| column.name).collect();
            let mut once = names.clone();
            once.sort_unstable();
            once.dedup();
            assert_eq!(once.len(), names.len(), "{}", layer.name());
        }
        let kind = |layer: Layer, name| layer.columns().iter().find(|column| column.name == name).map(|c| c.kind);
        assert_eq!(kind(Layer::Reports, "dry"), Some(Kind::Boolean));
        assert_eq!(kind(Layer::Reports, "depth_cm"), Some(Kind::Integer));
        assert_eq!(kind(Layer::Incidents, "resolved_at"), Some(Kind::DateTime));
        assert_eq!(kind(Layer::Incidents, "overdue"), None, "it depends on who asks and when");
        assert_eq!(kind(Layer::Hotspots, "rank_score"), Some(Kind::Real));
    }
}
