//! Points sorted by cubes of earth-centred space, all at once: who lies near whom follows from their order, and nothing is
//! searched for.

use std::ops::Range;

use super::position::{Ecef, half_up, radius2_cm2};

/// Comparisons between two looks at whether to go on.
const BETWEEN_ASKING: usize = 1 << 16;

/// Asks now and then whether to go on.
pub struct Patience<'a> {
    go_on: &'a dyn Fn() -> bool,
    left: usize,
}

impl<'a> Patience<'a> {
    pub fn new(go_on: &'a dyn Fn() -> bool) -> Patience<'a> {
        Patience { go_on, left: 0 }
    }

    /// Before so many comparisons; nothing when told not to go on.
    pub fn spend(&mut self, comparisons: usize) -> Option<()> {
        if self.left < comparisons.max(1) {
            self.left = BETWEEN_ASKING.max(comparisons);
            (self.go_on)().then_some(())?;
        }
        self.left -= comparisons.max(1);
        Some(())
    }
}

/// Points by cubes, with the cubes that lie within reach of each.
pub struct Cubed {
    /// The points, cube by cube; what is said of the n-th is said of this one.
    pub at: Vec<Ecef>,
    /// Which of those that were given it is.
    pub of: Vec<u32>,
    /// Of every cube with points: where it lies, ascending, and where its points begin; one more for the end.
    pub keys: Vec<[i32; 3]>,
    from: Vec<u32>,
    /// The cubes near each, one cube behind the other, and where those of each begin; one more for the end.
    near: Vec<u32>,
    near_from: Vec<u32>,
}

impl Cubed {
    /// Cubes of `side_cm`; near are those whose points can lie at most `reach_m` apart, along the chord in whole centimetres.
    /// Nothing when told not to go on.
    pub fn of(points: &[Ecef], side_cm: i32, reach_m: f64, patience: &mut Patience) -> Option<Cubed> {
        let key = |at: Ecef| [at.x, at.y, at.z].map(|v| v.div_euclid(side_cm));
        patience.spend(points.len())?;
        let mut sorted: Vec<([i32; 3], u32)> = points.iter().map(|&at| key(at)).zip(0..).collect();
        radsort::sort_by_key(&mut sorted, |&([x, y, z], _)| (x, y, z));
        patience.spend(points.len())?;
        let (mut keys, mut from) = (Vec::new(), Vec::new());
        for (n, (key, _)) in (0..).zip(&sorted) {
            if keys.last() != Some(key) {
                keys.push(*key);
                from.push(n);
            }
        }
        from.push(sorted.len() as u32);
        let of: Vec<u32> = sorted.iter().map(|&(_, i)| i).collect();
        let at = of.iter().map(|&i| points[i as usize]).collect();
        let (near, near_from) = near(&keys, Reach::new(side_cm, reach_m), patience)?;
        Some(Cubed { at, of, keys, from, near, near_from })
    }

    /// How many cubes have points.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// The points of a cube.
    pub fn range(&self, cube: usize) -> Range<usize> {
        self.from[cube] as usize..self.from[cube + 1] as usize
    }

    /// The cubes within reach of one, without itself, in order.
    pub fn near(&self, cube: usize) -> impl Iterator<Item = usize> {
        let near = self.near_from[cube] as usize..self.near_from[cube + 1] as usize;
        self.near[near].iter().map(|&other| other as usize)
    }
}

/// Which cubes hold points that can be neighbours: rows along z, by their distance in x and y.
struct Reach(Vec<[i32; 3]>);

impl Reach {
    fn new(side_cm: i32, reach_m: f64) -> Reach {
        let (reach_cm, limit) = (half_up(reach_m * 100.0) as i64, radius2_cm2(reach_m));
        // Between two points of cubes so far apart lie at least so many centimetres.
        let gap = |cubes: i32| i64::from(cubes.abs() - 1) * i64::from(side_cm) + 1;
        let gap2 = |cubes: i32| if cubes == 0 { 0 } else { gap(cubes).pow(2) };
        let most = (1..).take_while(|&cubes| gap(cubes) <= reach_cm).last().unwrap_or(0);
        let rows = (-most..=most).flat_map(|x| (-most..=most).map(move |y| (x, y)));
        let row = |(x, y): (i32, i32)| {
            let z = (0..=most).take_while(|&z| gap2(x) + gap2(y) + gap2(z) <= limit).last()?;
            Some([x, y, z])
        };
        Reach(rows.filter_map(row).collect())
    }
}

/// The cubes within reach of each, in order, and where those of each begin.
fn near(keys: &[[i32; 3]], Reach(rows): Reach, patience: &mut Patience) -> Option<(Vec<u32>, Vec<u32>)> {
    let (mut near, mut from) = (Vec::with_capacity(8 * keys.len()), Vec::with_capacity(keys.len() + 1));
    // Cubes ascend, and so does where each row begins: nothing is searched for.
    let mut begins = vec![0; rows.len()];
    for (cube, &[x, y, z]) in keys.iter().enumerate() {
        from.push(near.len() as u32);
        for (&[dx, dy, dz], begin) in rows.iter().zip(&mut begins) {
            let [first, last] = [z - dz, z + dz].map(|z| [x + dx, y + dy, z]);
            patience.spend(1)?;
            *begin += keys[*begin..].iter().take_while(|key| **key < first).count();
            let row = keys[*begin..].iter().take_while(|key| **key <= last).count();
            near.extend((*begin..*begin + row).filter(|&other| other != cube).map(|other| other as u32));
        }
    }
    from.push(near.len() as u32);
    Some((near, from))
}
