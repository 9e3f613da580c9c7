//! The stretch of a line around a spot.

use super::position::Position;

/// Metres by degree of latitude, on a sphere of radius 6 371 008.8 m.
const METRES_PER_DEGREE: f64 = 111_195.08;

/// What of a line lies at most `reach_m` along it from its point nearest to `at`, in the order of the line: two positions
/// or more, and none where the line has no length. In a plane around `at`, for a few hundred metres.
pub fn stretch(line: &[Position], at: Position, reach_m: f64) -> Vec<Position> {
    let plane = Plane::around(at);
    let points: Vec<[f64; 2]> = line.iter().map(|&p| plane.flat(p)).collect();
    let mut along = vec![0.0];
    for pair in points.windows(2) {
        along.push(along[along.len() - 1] + (pair[1][0] - pair[0][0]).hypot(pair[1][1] - pair[0][1]));
    }
    let segments = points.windows(2).zip(along.windows(2));
    let nearest = segments
        .filter(|(_, length)| length[1] > length[0])
        .map(|(ends, length)| {
            let [[ax, ay], [bx, by]] = [ends[0], ends[1]];
            let (dx, dy) = (bx - ax, by - ay);
            // `at` is the origin.
            let part = (-(ax * dx + ay * dy) / (dx * dx + dy * dy)).clamp(0.0, 1.0);
            ((ax + part * dx).hypot(ay + part * dy), length[0] + part * (length[1] - length[0]))
        })
        .min_by(|a, b| a.0.total_cmp(&b.0));
    let Some((_, middle)) = nearest else { return Vec::new() };
    let (from, to) = ((middle - reach_m).max(0.0), (middle + reach_m).min(along[along.len() - 1]));
    let inner = points.iter().zip(&along).filter(|(_, d)| from < **d && **d < to).map(|(point, _)| *point);
    let ends = [from, to].map(|distance| between(&points, &along, distance));
    let all = std::iter::once(ends[0]).chain(inner).chain([ends[1]]);
    all.filter_map(|point| plane.position(point)).collect()
}

/// The point so far along.
fn between(points: &[[f64; 2]], along: &[f64], distance: f64) -> [f64; 2] {
    let n = along.partition_point(|d| *d <= distance).clamp(1, points.len() - 1);
    let part = (distance - along[n - 1]) / (along[n] - along[n - 1]);
    let ([ax, ay], [bx, by]) = (points[n - 1], points[n]);
    [ax + part * (bx - ax), ay + part * (by - ay)]
}

/// Metres east and north of a position.
pub(super) struct Plane {
    origin: Position,
    /// Metres by degree of longitude.
    east: f64,
}

impl Plane {
    pub(super) fn around(origin: Position) -> Plane {
        Plane { origin, east: METRES_PER_DEGREE * origin.lat().to_radians().cos().max(1e-6) }
    }

    pub(super) fn flat(&self, p: Position) -> [f64; 2] {
        let turned = (p.lon() - self.origin.lon() + 540.0).rem_euclid(360.0) - 180.0;
        [turned * self.east, (p.lat() - self.origin.lat()) * METRES_PER_DEGREE]
    }

    pub(super) fn position(&self, [x, y]: [f64; 2]) -> Option<Position> {
        let lon = (self.origin.lon() + x / self.east + 540.0).rem_euclid(360.0) - 180.0;
        Position::new(lon, (self.origin.lat() + y / METRES_PER_DEGREE).clamp(-90.0, 90.0)).ok()
    }
}

/// A circle as a ring of so many sides around a position, closed, anticlockwise.
pub fn circle(at: Position, radius_m: f64, sides: u32) -> Vec<Position> {
    let plane = Plane::around(at);
    let turn = |n: u32| std::f64::consts::TAU * f64::from(n % sides) / f64::from(sides);
    (0..=sides).filter_map(|n| plane.position([radius_m * turn(n).cos(), radius_m * turn(n).sin()])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(lon: f64, lat: f64) -> Position {
        Position::new(lon, lat).unwrap()
    }

    fn distance_m(a: Position, b: Position) -> f64 {
        a.ecef().distance_m(b.ecef())
    }

    #[test]
    fn a_stretch_reaches_as_far_along_both_ways_and_no_further_than_the_line() {
        let line = [at(110.0, 20.0), at(110.001, 20.0), at(110.001, 20.01)];
        let part = stretch(&line, at(110.0011, 20.0003), 100.0);
        assert_eq!(part.len(), 3, "around the corner: {part:?}");
        let length: f64 = part.windows(2).map(|p| distance_m(p[0], p[1])).sum();
        assert!((length - 200.0).abs() < 0.5, "{length}");
        let end = stretch(&line, at(109.9, 20.0), 50.0);
        assert_eq!(end[0], line[0]);
        assert!((distance_m(end[0], end[1]) - 50.0).abs() < 0.2);
        assert!(stretch(&[at(1.0, 1.0); 2], at(1.0, 1.0), 50.0).is_empty());
    }

    #[test]
    fn a_circle_is_closed_and_everywhere_as_far() {
        for centre in [at(110.33, 20.01), at(-179.9999, 66.0)] {
            let ring = circle(centre, 50.0, 24);
            assert_eq!((ring.len(), ring[0]), (25, ring[24]));
            assert!(ring.iter().all(|&p| (distance_m(centre, p) - 50.0).abs() < 0.3));
        }
    }
}
