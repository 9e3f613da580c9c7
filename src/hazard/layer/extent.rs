//! Where and when the features of a layer lie.

use super::super::map::HazardMap;
use super::super::position::Position;
use super::bounds::Bbox;
use super::filter::Filter;
use super::interval::Interval;
use super::{Layer, closures, coverage, hotspots, incidents, reports, storms};

/// The box and the time that hold all features of a layer; nothing where there are none, or none has a place or a time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Extent {
    /// It never crosses 180°: around the date line it goes all the way round, as many clients need it.
    pub bbox: Option<Bbox>,
    pub interval: Option<Interval>,
}

impl Extent {
    fn hold(&mut self, at: Position) {
        let (lon, lat) = (at.lon(), at.lat());
        let b = self.bbox.get_or_insert(Bbox::new(lon, lat, lon, lat));
        *b = Bbox::new(b.west.min(lon), b.south.min(lat), b.east.max(lon), b.north.max(lat));
    }

    fn last(&mut self, from: i64, to: i64) {
        let i = self.interval.get_or_insert(Interval { from, to });
        *i = Interval { from: i.from.min(from), to: i.to.max(to) };
    }
}

impl Layer {
    /// Walks over all features.
    pub fn extent(self, map: &HazardMap) -> Extent {
        let mut extent = Extent::default();
        let all = Filter::default();
        match self {
            Layer::Reports => {
                for row in reports::matching(map, &all).into_iter().map(|i| &map.reports().rows()[i]) {
                    extent.hold(row.position);
                    extent.last(row.observed_at, row.observed_at);
                }
            }
            Layer::Incidents => {
                for incident in incidents::matching(map, &all).into_iter().map(|i| &map.incidents()[i]) {
                    extent.hold(incident.anchor);
                    extent.last(incident.facts.first, incident.facts.last);
                }
            }
            Layer::Hotspots => {
                for hotspot in map.hotspots() {
                    let (first, last) = hotspots::seen(map, &hotspot);
                    extent.hold(hotspots::position(map, &hotspot));
                    extent.last(first, last);
                }
            }
            Layer::Coverage => {
                let all = reports::matching(map, &all);
                let cells = coverage::cells(map, all.iter().copied());
                cells.into_iter().flat_map(coverage::corners).for_each(|at| extent.hold(at));
                let times = all.into_iter().map(|i| map.reports().rows()[i].observed_at);
                times.for_each(|at| extent.last(at, at));
            }
            // Those at the time of the map: later there are some of them, and in between none elsewhere.
            Layer::Closures => {
                for (i, closed) in closures::standing(map, map.as_of()) {
                    extent.hold(map.incidents()[i].anchor);
                    extent.last(closed.since, closed.expires_at);
                }
            }
            Layer::Storms => {
                for at in storms::all(map) {
                    storms::place(map, at).into_iter().for_each(|place| extent.hold(place));
                    extent.last(map.storm(at).start, map.storm(at).end);
                }
            }
            Layer::Places => map.places().all().iter().for_each(|place| extent.hold(place.position)),
            Layer::Works => {
                for works in map.works().all() {
                    works.line.iter().for_each(|&at| extent.hold(at));
                    extent.last(works.start, works.end.unwrap_or(works.start));
                }
            }
            Layer::Areas => {
                let positions = map.areas().all().iter().flat_map(|area| area.polygons.iter().flatten().flatten());
                positions.for_each(|&at| extent.hold(at));
            }
            Layer::Streets => map.streets().all().iter().flat_map(|s| s.line.iter()).for_each(|&at| extent.hold(at)),
        }
        extent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_extent_holds_what_lies_furthest_apart() {
        let mut extent = Extent::default();
        for (lon, lat, from, to) in [(179.0, 1.0, 5, 9), (-179.0, -2.0, 3, 4), (0.0, 0.0, 6, 12)] {
            extent.hold(Position::new(lon, lat).unwrap());
            extent.last(from, to);
        }
        assert_eq!(extent.bbox, Some(Bbox::new(-179.0, -2.0, 179.0, 1.0)));
        assert_eq!(extent.interval, Some(Interval { from: 3, to: 12 }));
    }
}
