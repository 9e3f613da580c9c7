//! What can be doubted of a set of areas: rings that cross themselves, siblings that overlap, gaps.

use geo::geometry::{Coord, LineString, MultiPolygon, Polygon};
use geo::{Area as _, BooleanOps, BoundingRect, Intersects, Rect, Validation, unary_union};

use super::Remark;
use super::areas::few;
use crate::hazard::event::Area;
use crate::hazard::position::{EARTH_RADIUS_M, Position};

/// Two borders drawn apart leave slivers: less than this is not told, in m².
const LEAST_M2: f64 = 100.0;

/// One area in the plane, in units of 1e-7 degree.
struct Drawn {
    polygons: MultiPolygon,
    bounds: Option<Rect>,
    /// Square metres in one square unit.
    unit_m2: f64,
    /// What crosses itself has no area to compare.
    valid: bool,
}

impl Drawn {
    fn new(area: &Area) -> Drawn {
        let coord = |at: &Position| Coord { x: f64::from(at.lon_e7()), y: f64::from(at.lat_e7()) };
        let ring = |ring: &Vec<Position>| ring.iter().map(coord).collect::<LineString>();
        let polygon = |rings: &Vec<Vec<Position>>| {
            let mut rings = rings.iter().map(ring);
            Polygon::new(rings.next().unwrap_or_else(|| LineString(Vec::new())), rings.collect())
        };
        let polygons = MultiPolygon(area.polygons.iter().map(polygon).collect());
        let bounds = polygons.bounding_rect();
        let lat = bounds.map_or(0.0, |rect| rect.center().y / 1e7);
        let unit_m = EARTH_RADIUS_M.to_radians() / 1e7;
        Drawn { bounds, unit_m2: unit_m * unit_m * lat.to_radians().cos(), valid: true, polygons }
    }

    fn m2(&self, part: &MultiPolygon) -> f64 {
        part.unsigned_area() * self.unit_m2
    }
}

/// Everything that can be doubted, in the order of the file. `places`: line and column of each area.
pub fn remarks(areas: &[Area], places: &[(u64, u64)]) -> Vec<Remark> {
    let mut drawn: Vec<Drawn> = areas.iter().map(Drawn::new).collect();
    let mut told = Vec::new();
    for (n, one) in drawn.iter_mut().enumerate() {
        if let Err(why) = one.polygons.check_validation() {
            one.valid = false;
            told.push((n, format!("{}: {why}: what lies in it may be decided otherwise than it looks", areas[n].id)));
        }
    }
    for n in 0..areas.len() {
        told.extend(overlaps(areas, &drawn, n).into_iter().map(|text| (n, text)));
        told.extend(gaps(areas, &drawn, n).into_iter().map(|text| (n, text)));
    }
    told.sort_by_key(|(n, _)| *n);
    told.into_iter().map(|(n, text)| Remark { place: Some(places[n]), text }).collect()
}

/// With which later areas of its level it overlaps.
fn overlaps(areas: &[Area], drawn: &[Drawn], n: usize) -> Vec<String> {
    let (own, mine) = (&areas[n], &drawn[n]);
    let others = (n + 1..areas.len()).filter(|&m| {
        let meets = mine.bounds.zip(drawn[m].bounds).is_some_and(|(a, b)| a.intersects(&b));
        areas[m].level == own.level && meets && mine.valid && drawn[m].valid
    });
    let overlap = |m: usize| {
        let m2 = mine.m2(&mine.polygons.intersection(&drawn[m].polygons));
        let first = own.id.as_str().min(&areas[m].id);
        (m2 > LEAST_M2).then(|| {
            format!("{} and {} overlap by {m2:.0} m²: what lies in both belongs to {first}", own.id, areas[m].id)
        })
    };
    others.filter_map(overlap).collect()
}

/// How far the parts of an area leave some of it out, or reach beyond it.
fn gaps(areas: &[Area], drawn: &[Drawn], n: usize) -> Vec<String> {
    let (own, mine) = (&areas[n], &drawn[n]);
    let parts: Vec<usize> = (0..areas.len()).filter(|&m| areas[m].parent.as_ref() == Some(&own.id)).collect();
    if parts.is_empty() || !mine.valid || !parts.iter().all(|&m| drawn[m].valid) {
        return Vec::new();
    }
    let together = unary_union(parts.iter().flat_map(|&m| &drawn[m].polygons.0));
    let (left, beyond) = (mine.m2(&mine.polygons.difference(&together)), mine.m2(&together.difference(&mine.polygons)));
    let mut told = Vec::new();
    if left > LEAST_M2 {
        let percent = 100.0 * left / mine.m2(&mine.polygons);
        told.push(format!(
            "{left:.0} m² ({percent:.2} %) of {} lie in none of its {} parts, and belong to itself",
            own.id,
            parts.len()
        ));
    }
    if beyond > LEAST_M2 {
        let ids: Vec<&str> = parts
            .iter()
            .filter(|&&m| mine.m2(&drawn[m].polygons.difference(&mine.polygons)) > LEAST_M2)
            .map(|&m| areas[m].id.as_str())
            .collect();
        told.push(format!("{beyond:.0} m² of parts of {} lie outside it: of {}", own.id, few(&ids)));
    }
    told
}
