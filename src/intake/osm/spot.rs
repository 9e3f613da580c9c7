//! One position for several.

use hashbrown::HashMap;

use super::network::{Network, Point};
use crate::hazard::event::Place;
use crate::hazard::position::{Ecef, Position, radius2_cm2};
use crate::intake::osm::choice::CHOICE;

/// Points of the same name no further apart are one: the tubes of a tunnel, a station as a point and as a building.
const SAME_POINT_M: f64 = 100.0;

const TURN_E7: i64 = 3_600_000_000;

/// The mean of some positions near each other, on either side of the date line too.
pub fn middle(positions: &[Position]) -> Option<Position> {
    let first = *positions.first()?;
    let [east, north] = positions.iter().map(|p| offset(first, *p)).fold([0; 2], |a, b| [a[0] + b[0], a[1] + b[1]]);
    let n = positions.len() as i64;
    moved(first, [east.div_euclid(n), north.div_euclid(n)])
}

/// How far one position lies east and north of another, the shorter way round, in 1e-7 degree.
fn offset(from: Position, to: Position) -> [i64; 2] {
    let east = i64::from(to.lon_e7()) - i64::from(from.lon_e7());
    let north = i64::from(to.lat_e7()) - i64::from(from.lat_e7());
    [(east + TURN_E7 / 2).rem_euclid(TURN_E7) - TURN_E7 / 2, north]
}

fn moved(from: Position, [east, north]: [i64; 2]) -> Option<Position> {
    let lon = i64::from(from.lon_e7()) + east;
    let lon = if lon.abs() <= TURN_E7 / 2 { lon } else { lon - lon.signum() * TURN_E7 };
    let lat = i64::from(from.lat_e7()) + north;
    Position::try_from((i32::try_from(lon).ok()?, i32::try_from(lat).ok()?)).ok()
}

/// The named points, those of one name near each other as one.
pub fn points(network: &Network) -> Vec<Place> {
    let mut places: Vec<Place> = Vec::new();
    let mut taken: HashMap<&str, Vec<Ecef>> = HashMap::new();
    let mut points: Vec<&Point> = network.points.iter().collect();
    points.sort_unstable_by_key(|p| (p.is_way, p.id));
    for point in points {
        let Some(position) = spot(network, point) else { continue };
        let same = taken.entry(&point.name).or_default();
        if same.iter().all(|at| at.distance2_cm2(position.ecef()) > radius2_cm2(SAME_POINT_M)) {
            same.push(position.ecef());
            let id = format!("osm:{}{}", if point.is_way { 'w' } else { 'n' }, point.id);
            places.push(Place { id, position, name: Some(point.name.clone()), aliases: point.aliases.clone() });
        }
    }
    places
}

/// The middle of an outline, or of a line along its length; nothing for what is too long to be a spot.
fn spot(network: &Network, point: &Point) -> Option<Position> {
    let mut all: Vec<Position> = point.nodes.iter().filter_map(|&node| network.at(node)).collect();
    let first = all.first()?.ecef();
    if all.iter().any(|p| p.ecef().distance_m(first) > CHOICE.points.longest_m) {
        return None;
    }
    let closed = point.nodes.len() > 1 && point.nodes.first() == point.nodes.last();
    if closed {
        all.pop();
        return middle(&all);
    }
    let lengths: Vec<f64> = all.windows(2).map(|ends| ends[0].ecef().distance_m(ends[1].ecef())).collect();
    let mut left_m = lengths.iter().sum::<f64>() / 2.0;
    for (ends, length_m) in all.windows(2).zip(lengths) {
        if left_m <= length_m && length_m > 0.0 {
            return along(ends[0], ends[1], left_m / length_m);
        }
        left_m -= length_m;
    }
    all.first().copied()
}

/// The position at a part of the way from `a` to `b`.
fn along(a: Position, b: Position, part: f64) -> Option<Position> {
    moved(a, offset(a, b).map(|e7| (e7 as f64 * part).round() as i64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_lies_between_on_either_side_of_the_date_line() {
        let at = |lon: f64, lat: f64| Position::new(lon, lat).unwrap();
        assert_eq!(middle(&[at(1.0, 2.0), at(3.0, 4.0)]), Some(at(2.0, 3.0)));
        assert_eq!(middle(&[at(179.9, 0.0), at(-179.7, 0.0)]), Some(at(-179.9, 0.0)));
        assert_eq!(middle(&[at(-179.7, 0.0), at(179.9, 0.0)]), Some(at(-179.9, 0.0)));
        assert_eq!(middle(&[]), None);
        assert_eq!(along(at(0.0, 0.0), at(0.001, 0.002), 0.25), Some(at(0.00025, 0.0005)));
    }
}
