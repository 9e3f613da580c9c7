//! What features can be asked for in a filter: the properties that are published, by the same names and values.

use std::cell::{Cell, OnceCell, RefCell};

use geo::{Coord, LineString, MultiPolygon, Polygon};

use super::super::category::Category;
use super::super::cql2::{Condition, Datum, Index, Kind, Located, MOST_STEPS, Property, Row};
use super::super::map::HazardMap;
use super::super::position::Position;
use super::feature::{Rings, Time};
use super::filter::Filter;
use super::interval::Interval;
use super::lookup::Lookup;
use super::storms::{self, Reach};
use super::{Layer, areas, closures, coverage, hotspots, incidents, places, reports, streets, works};

/// Steps to look through the reports of a hotspot or a cell, which are some hundreds.
pub const MANY: usize = 500;
/// Steps to find what a place is called.
pub const NAMING: usize = 300;

/// A property, and how it is read of an item of a layer.
pub struct Queryable<I> {
    about: Property,
    read: Read<I>,
}

type Read<I> = for<'m> fn(&Reader<'m>, &I) -> Datum<'m>;

/// All that the features of a layer can be asked for.
pub struct Table<I: 'static> {
    pub properties: &'static [Queryable<I>],
    /// Where the feature of an item lies.
    pub located: fn(&HazardMap, &I) -> Option<Located>,
}

impl<I> Queryable<I> {
    pub const fn new(name: &'static str, title: &'static str, kind: Kind, read: Read<I>) -> Queryable<I> {
        Queryable { about: Property { name, title, unit: None, kind, steps: 1 }, read }
    }

    /// A number, with its unit of measurement.
    pub const fn measure(name: &'static str, title: &'static str, unit: &'static str, read: Read<I>) -> Queryable<I> {
        Queryable { about: Property { name, title, unit: Some(unit), kind: Kind::Number, steps: 1 }, read }
    }

    /// The same, whose value takes so many steps as of [`MOST_STEPS`].
    pub const fn taking(self, steps: usize) -> Queryable<I> {
        Queryable { about: Property { steps, ..self.about }, read: self.read }
    }

    /// The geometry, which [`Table::located`] gives.
    pub const fn geometry(kind: &'static str) -> Queryable<I> {
        Queryable::new("geometry", "Where it lies", Kind::Geometry(kind), |_, _| Datum::Null)
    }
}

/// A map, and what is looked up in it once for many features.
pub struct Reader<'m> {
    pub map: &'m HazardMap,
    pub lookup: RefCell<Lookup<'m>>,
    reach: OnceCell<Reach>,
}

impl<'m> Reader<'m> {
    /// What each storm has hit.
    pub fn reach(&self) -> &Reach {
        self.reach.get_or_init(|| storms::reach(self.map))
    }
}

/// Asks the items of a layer what a filter wants of them.
pub struct Asking<'f, 'm, I: 'static> {
    condition: Option<&'f Condition>,
    table: &'static Table<I>,
    reader: Reader<'m>,
    /// How many steps are left.
    left: Cell<u64>,
}

impl<'f, 'm, I> Asking<'f, 'm, I> {
    pub fn new(map: &'m HazardMap, table: &'static Table<I>, filter: &'f Filter) -> Asking<'f, 'm, I> {
        let reader = Reader { map, lookup: RefCell::new(Lookup::new(map)), reach: OnceCell::new() };
        Asking { condition: filter.condition.as_deref(), table, reader, left: Cell::new(MOST_STEPS) }
    }

    /// From when to when a property of all that is taken lies, as far as the filter tells.
    pub fn times(&self, name: &str) -> Interval {
        let index = self.table.properties.iter().position(|queryable| queryable.about.name == name);
        let index = index.and_then(|index| Index::try_from(index).ok());
        self.condition.zip(index).map_or(Interval::ALWAYS, |(condition, index)| condition.times(index))
    }

    /// Is this wanted? When no steps are left, nothing more is, and [`Condition::done`] says so.
    pub fn takes(&self, item: &I) -> bool {
        let Some(condition) = self.condition else { return true };
        if self.left.get() == 0 {
            condition.break_off();
            return false;
        }
        condition.takes(&One { asking: self, item })
    }
}

struct One<'a, 'f, 'm, I: 'static> {
    asking: &'a Asking<'f, 'm, I>,
    item: &'a I,
}

impl<I> Row for One<'_, '_, '_, I> {
    fn datum(&self, property: Index) -> Datum<'_> {
        let queryable = &self.asking.table.properties[usize::from(property)];
        self.spend(queryable.about.steps);
        (queryable.read)(&self.asking.reader, self.item)
    }

    fn located(&self) -> Option<Located> {
        (self.asking.table.located)(self.asking.reader.map, self.item)
    }

    fn spend(&self, steps: usize) {
        self.asking.left.set(self.asking.left.get().saturating_sub(steps as u64));
    }
}

impl Layer {
    /// What its features can be asked for in a filter, in the order that [`Condition`] knows them by.
    pub fn properties(self) -> Vec<Property> {
        fn of<I>(table: &Table<I>) -> Vec<Property> {
            table.properties.iter().map(|queryable| queryable.about).collect()
        }
        match self {
            Layer::Reports => of(&reports::TABLE),
            Layer::Incidents => of(&incidents::TABLE),
            Layer::Hotspots => of(&hotspots::TABLE),
            Layer::Storms => of(&storms::TABLE),
            Layer::Places => of(&places::TABLE),
            Layer::Streets => of(&streets::TABLE),
            Layer::Works => of(&works::TABLE),
            Layer::Areas => of(&areas::TABLE),
            Layer::Coverage => of(&coverage::TABLE),
            Layer::Closures => of(&closures::TABLE),
        }
    }
}

impl Layer {
    /// The properties of its features, as published: all but what GeoJSON has a place of its own for.
    pub fn published(self) -> Vec<&'static str> {
        let names = self.properties().into_iter().map(|property| property.name);
        names.filter(|name| !matches!(*name, "id" | "geometry")).collect()
    }
}

impl From<Time> for Datum<'_> {
    fn from(Time(t): Time) -> Self {
        Datum::Time(t)
    }
}

/// The categories that are published.
pub fn categories() -> Vec<&'static str> {
    Category::all().filter(|category| !category.is_alone()).map(Category::name).collect()
}

fn coord(at: &Position) -> Coord {
    Coord { x: at.lon(), y: at.lat() }
}

pub fn point(at: Position) -> Located {
    Located::Point(coord(&at))
}

pub fn line(of: &[Position]) -> Located {
    Located::Other(LineString(of.iter().map(coord).collect()).into())
}

pub fn polygons<'r>(of: impl Iterator<Item = &'r Rings>) -> Located {
    let ring = |ring: &[Position]| LineString(ring.iter().map(coord).collect());
    let polygon = |rings: &Rings| {
        let mut rings = rings.iter().map(|of| ring(of));
        let outer = rings.next().unwrap_or(LineString(Vec::new()));
        Polygon::new(outer, rings.collect())
    };
    Located::Other(MultiPolygon(of.map(polygon).collect()).into())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::super::cql2::{Lang, crs84};
    use super::super::super::event::{Event, Report};
    use super::super::super::settings::Settings;
    use super::*;

    fn filter(text: &str) -> Filter {
        let condition = Condition::read(text, Lang::Text, &crs84, &Layer::Reports.properties()).unwrap();
        Filter { condition: Some(Arc::new(condition)), ..Filter::default() }
    }

    #[test]
    fn a_filter_that_takes_too_many_steps_is_broken_off_and_says_so() {
        let waterlogging = Category::named("waterlogging").unwrap();
        let report = |i: i64| Report::new(format!("r{i}"), waterlogging, Position::new(110.0, 20.0).unwrap(), i);
        let events: Vec<Event> = (0..100).map(|i| Event::Report(report(i))).collect();
        let map = HazardMap::build(Settings::default(), (1..).zip(&events));
        let spent = |text: &str| {
            let filter = filter(text);
            let asking = Asking::new(&map, &reports::TABLE, &filter);
            assert!(asking.takes(&7), "{text}");
            MOST_STEPS - asking.left.get()
        };
        let cheap = spent("dry = FALSE");
        for dearer in
            ["CASEI(id) LIKE '%7%%'", "id IN ('a', 'b', 'c', 'd', 'r7')", "S_INTERSECTS(geometry, BBOX(110,20,111,21))"]
        {
            assert!(spent(dearer) > 2 * cheap, "{dearer}: {} {cheap}", spent(dearer));
        }
        let filter = filter("dry = FALSE");
        let asking = Asking { left: Cell::new(50 * cheap), ..Asking::new(&map, &reports::TABLE, &filter) };
        assert_eq!((0..100).filter(|i| asking.takes(i)).count(), 50);
        let told = filter.condition.as_ref().unwrap().done().unwrap_err().to_string();
        assert!(told.contains("dry = FALSE") && told.contains("takes too long"), "{told}");
        assert!(Asking::new(&map, &reports::TABLE, &filter).takes(&99));
    }
}
