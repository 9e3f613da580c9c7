//! What looks different on each layer since an earlier position in the log.

use serde::{Serialize, Serializer};

use super::super::gauge::StormAt;
use super::super::map::HazardMap;
use super::super::position::Position;
use super::super::slot::Slot;
use super::super::touched::Touched;
use super::coverage::{self, corners};
use super::feature::Time;
use super::lookup::{IncidentId, hotspot_id};
use super::{Layer, storms};

/// What the events after `previous` up to `position` changed.
///
/// It names every feature that is new, gone, or whose published properties are other than before, and may name some
/// that look the same. What is said of a hotspot in view of the whole city and of time is left out, for one event can change
/// it of all of them: rates by year, trend and rank. Answers that hold these have an ETag by log position, so whoever asks
/// again has them; nobody is called for them.
#[derive(Clone, Debug, Serialize)]
pub struct Changes {
    /// Position in the log.
    pub position: u64,
    /// Position in the log before.
    pub previous: u64,
    /// The time the map stands for.
    pub as_of: Time,
    /// The layers with a change.
    pub changed: Vec<LayerChanges>,
}

/// What changed on one layer. Without `ids` there are too many to name; without `bbox` too, the whole layer may differ.
#[derive(Clone, Debug, Serialize)]
pub struct LayerChanges {
    #[serde(serialize_with = "name")]
    pub layer: Layer,
    /// The features, those that are gone too.
    pub ids: Option<Vec<String>>,
    /// How many they are; null when that is not known.
    pub count: Option<usize>,
    /// A box around them, where they are and were: west, south, east, north in degrees WGS 84; west is greater than
    /// east where it crosses 180° (RFC 7946, 5.2).
    pub bbox: Option<[f64; 4]>,
}

fn name<S: Serializer>(layer: &Layer, out: S) -> Result<S::Ok, S::Error> {
    out.serialize_str(layer.name())
}

impl Changes {
    /// Names what was touched up to the map as it stands, at most `most_ids` features of a layer.
    pub fn of(map: &HazardMap, touched: Touched, most_ids: usize) -> Changes {
        let (position, previous, as_of) = (map.position(), touched.since, Time(map.as_of()));
        let all = |layer| LayerChanges { layer, ids: None, count: None, bbox: None };
        let places: Vec<&String> = touched.places.iter().collect();
        let extent = Extent::of(touched.spots.iter().copied());
        let places = list(Layer::Places, places, extent, most_ids, |id| (*id).clone());
        let works: Vec<&String> = touched.works.iter().collect();
        let extent = Extent::of(touched.works_spots.iter().copied());
        let works = list(Layer::Works, works, extent, most_ids, |id| (*id).clone());
        let mut changed: Vec<LayerChanges> = if touched.everything {
            [Layer::Reports, Layer::Incidents, Layer::Hotspots, Layer::Storms, Layer::Coverage].map(all).into()
        } else {
            let listed = [
                storms(map, &touched, most_ids),
                covered(map, &touched.covered, most_ids),
                reports(map, touched.reports, most_ids),
                incidents(map, touched.incidents, most_ids),
                hotspots(map, touched.peaks.into_iter().collect(), most_ids),
            ];
            listed.into_iter().flatten().collect()
        };
        changed.extend(places.into_iter().chain(works));
        changed.extend(touched.streets.then(|| all(Layer::Streets)));
        if touched.areas {
            changed.retain(|changes| changes.layer != Layer::Incidents);
            changed.extend([Layer::Incidents, Layer::Areas].map(all));
        }
        Changes { position, previous, as_of, changed }
    }
}

/// The cells, of the usual size, that reports came from.
fn covered(map: &HazardMap, reports: &[u32], most: usize) -> Option<LayerChanges> {
    let rows = map.reports().rows();
    let published = reports.iter().map(|&i| i as usize).filter(|&i| !rows[i].category.is_alone());
    let cells = coverage::cells(map, published);
    let extent = Extent::of(cells.iter().copied().flat_map(corners));
    list(Layer::Coverage, cells, extent, most, ToString::to_string)
}

fn reports(map: &HazardMap, mut reports: Vec<u32>, most: usize) -> Option<LayerChanges> {
    let row = |i: u32| &map.reports().rows()[i as usize];
    reports.sort_unstable();
    reports.dedup();
    reports.retain(|&i| !row(i).category.is_alone());
    let extent = Extent::of(reports.iter().map(|&i| row(i).position));
    list(Layer::Reports, reports, extent, most, |&i| map.reports().id(i as usize).to_owned())
}

fn incidents(map: &HazardMap, mut incidents: Vec<u32>, most: usize) -> Option<LayerChanges> {
    let incident = |i: u32| &map.incidents()[i as usize];
    incidents.sort_unstable();
    incidents.dedup();
    incidents.retain(|&i| !incident(i).category.is_alone());
    let extent = Extent::of(incidents.iter().map(|&i| incident(i).anchor));
    list(Layer::Incidents, incidents, extent, most, |&i| IncidentId(incident(i).opened()).to_string())
}

fn hotspots(map: &HazardMap, peaks: Vec<Slot>, most: usize) -> Option<LayerChanges> {
    let extent = Extent::of(peaks.iter().map(|&peak| map.places().position(map.sites().get(peak).key)));
    list(Layer::Hotspots, peaks, extent, most, |&peak| hotspot_id(map, peak))
}

/// The storms that have changed themselves, or in which incidents count, or counted, that have changed.
fn storms(map: &HazardMap, touched: &Touched, most: usize) -> Option<LayerChanges> {
    let all = map.gauges().all();
    let incident = |i: u32| &map.incidents()[i as usize];
    let firsts = touched.incidents.iter().filter(|&&i| !incident(i).is_void()).map(|&i| (incident(i).facts.first, i));
    let firsts = firsts.chain(touched.firsts.iter().copied());
    let mut hit: Vec<StormAt> = firsts
        .flat_map(|(first, i)| {
            let series = map.series_of(incident(i));
            all[series as usize].rain.around(first).map(move |n| StormAt { series, storm: n as u32 })
        })
        .collect();
    for &from in &touched.storms_from {
        let end = all[from.series as usize].rain.storms().len() as u32;
        hit.extend((from.storm..end).map(|storm| StormAt { storm, ..from }));
    }
    hit.sort_unstable();
    hit.dedup();
    let extent = Extent::of(hit.iter().filter_map(|at| Some(all[at.series as usize].gauge.as_ref()?.position)));
    // A storm of the whole city lies nowhere, so no box holds it.
    let extent = extent.filter(|_| hit.iter().all(|at| at.series != 0));
    list(Layer::Storms, hit, extent, most, |&at| storms::id(map, at))
}

fn list<T>(
    layer: Layer,
    items: Vec<T>,
    extent: Option<Extent>,
    most: usize,
    id: impl FnMut(&T) -> String,
) -> Option<LayerChanges> {
    let count = items.len();
    let ids = (count <= most).then(|| items.iter().map(id).collect());
    (count > 0).then(|| LayerChanges { layer, ids, count: Some(count), bbox: extent.map(Extent::bbox) })
}

/// The smallest box around positions, in units of 1e-7 degree; it may cross 180°.
#[derive(Clone, Copy, Debug)]
struct Extent {
    south: i32,
    north: i32,
    /// Least and greatest longitude from -180 to 180 degrees.
    plain: [i64; 2],
    /// The same from 0 to 360 degrees.
    turned: [i64; 2],
}

const TURN_E7: i64 = 3_600_000_000;

impl Extent {
    fn of(positions: impl Iterator<Item = Position>) -> Option<Extent> {
        let one = |p: Position| {
            let lon = i64::from(p.lon_e7());
            let turned = lon.rem_euclid(TURN_E7);
            Extent { south: p.lat_e7(), north: p.lat_e7(), plain: [lon; 2], turned: [turned; 2] }
        };
        let both = |a: [i64; 2], b: [i64; 2]| [a[0].min(b[0]), a[1].max(b[1])];
        positions.map(one).reduce(|a, b| Extent {
            south: a.south.min(b.south),
            north: a.north.max(b.north),
            plain: both(a.plain, b.plain),
            turned: both(a.turned, b.turned),
        })
    }

    fn bbox(self) -> [f64; 4] {
        let width = |sides: [i64; 2]| sides[1] - sides[0];
        let across = width(self.turned) < width(self.plain);
        let [west, east] = if across {
            let back = |lon: i64, from: i64| if lon >= from { lon - TURN_E7 } else { lon };
            // 180° is -180° too: a box with a side there holds both.
            [back(self.turned[0], TURN_E7 / 2 + 1), back(self.turned[1], TURN_E7 / 2)]
        } else {
            self.plain
        };
        let degrees = |e7: i64| e7 as f64 / 1e7;
        [degrees(west), degrees(i64::from(self.south)), degrees(east), degrees(i64::from(self.north))]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_around_the_date_line_is_the_narrow_one() {
        let around = |points: &[(f64, f64)]| {
            Extent::of(points.iter().map(|&(lon, lat)| Position::new(lon, lat).unwrap())).unwrap().bbox()
        };
        assert_eq!(around(&[(179.9, 65.0), (-179.9, 66.0)]), [179.9, 65.0, -179.9, 66.0]);
        assert_eq!(around(&[(179.9, 65.0), (-180.0, 65.0)]), [179.9, 65.0, -180.0, 65.0]);
        assert_eq!(around(&[(-179.9, 65.0), (180.0, 65.0)]), [180.0, 65.0, -179.9, 65.0]);
        assert_eq!(around(&[(-1.0, 5.0), (1.0, -5.0)]), [-1.0, -5.0, 1.0, 5.0]);
        assert_eq!(around(&[(7.25, 50.5)]), [7.25, 50.5, 7.25, 50.5]);
        assert!(Extent::of(std::iter::empty()).is_none());
    }
}
