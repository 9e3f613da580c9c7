//! DBSCAN by cells (Gunawan 2013; Gan & Tao 2015, SIGMOD: 519): all points of one cell are neighbours of each other, so that
//! a crowd is looked at as one, and whoever lies far from it is not looked at at all. The answer is that of Ester, Kriegel,
//! Sander & Xu 1996, not another one near it.

use super::super::position::{Ecef, half_up, radius2_cm2};
use super::dbscan::Labelled;

/// Comparisons between two looks at whether to go on.
const BETWEEN_ASKING: usize = 1 << 16;
const NOISE: i64 = -1;

/// Labels in the order of the points, as scikit-learn gives them: clusters are numbered in the order of their first core
/// point, and a point on the border of several belongs to the first of them; −1 is noise. Neighbours lie at most `eps_m`
/// metres apart along the chord, in whole centimetres; a core has `min_points` of them, itself included. Nothing when told
/// not to go on.
pub fn dbscan(points: &[Ecef], eps_m: f64, min_points: usize, go_on: &dyn Fn() -> bool) -> Option<Vec<Labelled>> {
    let mut patience = Patience { go_on, left: 0 };
    let cells = Cells::of(points, eps_m, &mut patience)?;
    let cores = cells.cores(min_points, &mut patience)?;
    let clusters = cells.clusters(&cores, &mut patience)?;
    let mut labelled = vec![Labelled { label: NOISE, core: false }; points.len()];
    for cell in 0..cells.keys.len() {
        for p in cells.range(cell) {
            let core = cores.is[p];
            let label = if core { clusters[cell] } else { cells.border(cell, p, &cores, &clusters, &mut patience)? };
            labelled[cells.of[p] as usize] = Labelled { label: label.map_or(NOISE, i64::from), core };
        }
    }
    Some(labelled)
}

/// Asks now and then whether to go on.
struct Patience<'a> {
    go_on: &'a dyn Fn() -> bool,
    left: usize,
}

impl Patience<'_> {
    /// Before so many comparisons; nothing when told not to go on.
    fn spend(&mut self, comparisons: usize) -> Option<()> {
        if self.left < comparisons.max(1) {
            self.left = BETWEEN_ASKING.max(comparisons);
            (self.go_on)().then_some(())?;
        }
        self.left -= comparisons.max(1);
        Some(())
    }
}

/// Points by cubes of earth-centred space, with the cubes that lie within reach of each.
struct Cells {
    /// The points, cell by cell; what is said of the n-th is said of this one.
    at: Vec<Ecef>,
    /// Which of those asked about it is.
    of: Vec<u32>,
    /// Of every cell with points: where it lies, ascending, and where its points begin; one more for the end.
    keys: Vec<[i32; 3]>,
    from: Vec<u32>,
    /// The cells near each, one cell behind the other, and where those of each begin; one more for the end.
    near: Vec<u32>,
    near_from: Vec<u32>,
    limit: i64,
}

/// Which points are cores, and which cells have one.
struct Cores {
    is: Vec<bool>,
    within: Vec<bool>,
}

impl Cells {
    fn of(points: &[Ecef], eps_m: f64, patience: &mut Patience) -> Option<Cells> {
        let limit = radius2_cm2(eps_m);
        // The largest cube whose corners, in whole centimetres, are neighbours.
        let side = (limit / 3).isqrt() as i32 + 1;
        let key = |at: Ecef| [at.x, at.y, at.z].map(|v| v.div_euclid(side));
        patience.spend(points.len())?;
        let mut sorted: Vec<([i32; 3], u32)> = points.iter().map(|&at| key(at)).zip(0..).collect();
        sorted.sort_unstable();
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
        let (near, near_from) = near(&keys, Reach::new(side, half_up(eps_m * 100.0) as i64, limit), patience)?;
        Some(Cells { at, of, keys, from, near, near_from, limit })
    }

    fn range(&self, cell: usize) -> std::ops::Range<usize> {
        self.from[cell] as usize..self.from[cell + 1] as usize
    }

    fn near(&self, cell: usize) -> impl Iterator<Item = usize> {
        let near = self.near_from[cell] as usize..self.near_from[cell + 1] as usize;
        self.near[near].iter().map(|&other| other as usize)
    }

    fn are_neighbours(&self, p: usize, q: usize) -> bool {
        self.at[p].distance2_cm2(self.at[q]) <= self.limit
    }

    fn cores(&self, min_points: usize, patience: &mut Patience) -> Option<Cores> {
        let mut cores = Cores { is: vec![false; self.at.len()], within: vec![false; self.keys.len()] };
        for cell in 0..self.keys.len() {
            let own = self.range(cell);
            for p in own.clone() {
                let mut count = own.len();
                for other in self.near(cell) {
                    if count >= min_points {
                        break;
                    }
                    patience.spend(self.range(other).len())?;
                    count += self.range(other).filter(|&q| self.are_neighbours(p, q)).count();
                }
                cores.is[p] = count >= min_points;
                cores.within[cell] |= cores.is[p];
            }
        }
        Some(cores)
    }

    /// The cluster of every cell that has a core: its cores are neighbours, so they are of one.
    fn clusters(&self, cores: &Cores, patience: &mut Patience) -> Option<Vec<Option<u32>>> {
        let mut sets = Sets::new(self.keys.len());
        // Cells that touch are mostly joined, and what is joined already needs no look at its points.
        for touching in [true, false] {
            for cell in (0..self.keys.len()).filter(|&cell| cores.within[cell]) {
                for other in self.near(cell).take_while(|&other| other < cell).filter(|&other| cores.within[other]) {
                    let touches = (0..3).all(|axis| self.keys[cell][axis].abs_diff(self.keys[other][axis]) <= 1);
                    if touches == touching
                        && sets.root(cell) != sets.root(other)
                        && self.have_neighbours(cell, other, cores, patience)?
                    {
                        sets.join(cell, other);
                    }
                }
            }
        }
        let mut first = vec![u32::MAX; self.keys.len()];
        for cell in (0..self.keys.len()).filter(|&cell| cores.within[cell]) {
            let of_cell = self.range(cell).filter(|&p| cores.is[p]).map(|p| self.of[p]).min();
            let root = sets.root(cell);
            first[root] = first[root].min(of_cell.unwrap_or(u32::MAX));
        }
        let mut roots: Vec<usize> = (0..first.len()).filter(|&root| first[root] < u32::MAX).collect();
        roots.sort_unstable_by_key(|&root| first[root]);
        let mut of_root = vec![None; self.keys.len()];
        (0..).zip(roots).for_each(|(label, root)| of_root[root] = Some(label));
        Some((0..self.keys.len()).map(|cell| of_root[sets.root(cell)].filter(|_| cores.within[cell])).collect())
    }

    /// Whether a core of one cell is a neighbour of a core of the other.
    fn have_neighbours(&self, a: usize, b: usize, cores: &Cores, patience: &mut Patience) -> Option<bool> {
        for p in self.range(a).filter(|&p| cores.is[p]) {
            patience.spend(self.range(b).len())?;
            if self.range(b).any(|q| cores.is[q] && self.are_neighbours(p, q)) {
                return Some(true);
            }
        }
        Some(false)
    }

    /// The first of the clusters that a point which is no core lies beside.
    fn border(
        &self,
        cell: usize,
        p: usize,
        cores: &Cores,
        clusters: &[Option<u32>],
        patience: &mut Patience,
    ) -> Option<Option<u32>> {
        let mut first = clusters[cell];
        for other in self.near(cell) {
            let Some(cluster) = clusters[other].filter(|cluster| first.is_none_or(|first| *cluster < first)) else {
                continue;
            };
            patience.spend(self.range(other).len())?;
            if self.range(other).any(|q| cores.is[q] && self.are_neighbours(p, q)) {
                first = Some(cluster);
            }
        }
        Some(first)
    }
}

/// Which cells hold points that can be neighbours: rows along z, by their distance in x and y.
struct Reach(Vec<[i32; 3]>);

impl Reach {
    fn new(side: i32, eps_cm: i64, limit: i64) -> Reach {
        // Between two points of cells so far apart lie at least so many centimetres.
        let gap = |cells: i32| i64::from(cells.abs() - 1) * i64::from(side) + 1;
        let gap2 = |cells: i32| if cells == 0 { 0 } else { gap(cells).pow(2) };
        let most = (1..).take_while(|&cells| gap(cells) <= eps_cm).last().unwrap_or(0);
        let rows = (-most..=most).flat_map(|x| (-most..=most).map(move |y| (x, y)));
        let row = |(x, y): (i32, i32)| {
            let z = (0..=most).take_while(|&z| gap2(x) + gap2(y) + gap2(z) <= limit).last()?;
            Some([x, y, z])
        };
        Reach(rows.filter_map(row).collect())
    }
}

/// The cells within reach of each, in order, and where those of each begin.
fn near(keys: &[[i32; 3]], Reach(rows): Reach, patience: &mut Patience) -> Option<(Vec<u32>, Vec<u32>)> {
    let (mut near, mut from) = (Vec::with_capacity(8 * keys.len()), Vec::with_capacity(keys.len() + 1));
    // Cells ascend, and so does where each row begins: nothing is searched for.
    let mut begins = vec![0; rows.len()];
    for (cell, &[x, y, z]) in keys.iter().enumerate() {
        from.push(near.len() as u32);
        for (&[dx, dy, dz], begin) in rows.iter().zip(&mut begins) {
            let [first, last] = [z - dz, z + dz].map(|z| [x + dx, y + dy, z]);
            patience.spend(1)?;
            *begin += keys[*begin..].iter().take_while(|key| **key < first).count();
            let row = keys[*begin..].iter().take_while(|key| **key <= last).count();
            near.extend((*begin..*begin + row).filter(|&other| other != cell).map(|other| other as u32));
        }
    }
    from.push(near.len() as u32);
    Some((near, from))
}

/// Disjoint sets of cells, with path halving (Tarjan & van Leeuwen 1984).
struct Sets(Vec<u32>);

impl Sets {
    fn new(cells: usize) -> Sets {
        Sets((0..cells as u32).collect())
    }

    fn root(&mut self, cell: usize) -> usize {
        let mut at = cell as u32;
        while self.0[at as usize] != at {
            let above = self.0[self.0[at as usize] as usize];
            self.0[at as usize] = above;
            at = above;
        }
        at as usize
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.0[a.max(b)] = a.min(b) as u32;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn east(metres: &[i32]) -> Vec<Ecef> {
        metres.iter().map(|m| Ecef { x: 637_100_880, y: m * 100, z: 0 }).collect()
    }

    fn labels(metres: &[i32], eps_m: f64, min_points: usize) -> Vec<i64> {
        let labelled = dbscan(&east(metres), eps_m, min_points, &|| true).unwrap();
        labelled.into_iter().map(|item| item.label).collect()
    }

    #[test]
    fn clusters_are_numbered_by_their_first_core_and_the_rest_is_noise() {
        assert_eq!(labels(&[500, 0, 10, 20, 510, 520, 900], 10.0, 3), [1, 0, 0, 0, 1, 1, -1]);
        assert_eq!(labels(&[], 10.0, 1), Vec::<i64>::new());
        assert_eq!(labels(&[0, 11], 10.0, 1), [0, 1]);
    }

    #[test]
    fn a_border_of_two_clusters_belongs_to_the_first() {
        // 20 is within reach of one core on each side, and no core itself.
        assert_eq!(labels(&[0, 5, 10, 20, 30, 35, 40], 10.0, 4), [0, 0, 0, 0, 1, 1, 1]);
        assert_eq!(labels(&[30, 35, 40, 38, 20, 10, 5, 0, 2], 10.0, 4), [0, 0, 0, 0, 0, 1, 1, 1, 1]);
    }

    #[test]
    fn who_no_longer_waits_is_not_answered() {
        assert!(dbscan(&east(&[0, 1, 2]), 10.0, 1, &|| false).is_none());
    }

    /// As the paper has it: every point asks every other, and a cluster grows from its first core.
    fn plainly(points: &[Ecef], eps_m: f64, min_points: usize) -> Vec<Labelled> {
        let limit = radius2_cm2(eps_m);
        let neighbours = |i: usize| -> Vec<usize> {
            (0..points.len()).filter(|&j| points[i].distance2_cm2(points[j]) <= limit).collect()
        };
        let core: Vec<bool> = (0..points.len()).map(|i| neighbours(i).len() >= min_points).collect();
        let mut labels = vec![NOISE; points.len()];
        let mut next = 0;
        for first in 0..points.len() {
            if !core[first] || labels[first] != NOISE {
                continue;
            }
            labels[first] = next;
            let mut waiting = vec![first];
            while let Some(i) = waiting.pop() {
                for j in neighbours(i) {
                    if labels[j] == NOISE {
                        labels[j] = next;
                        waiting.extend(core[j].then_some(j));
                    }
                }
            }
            next += 1;
        }
        labels.into_iter().zip(core).map(|(label, core)| Labelled { label, core }).collect()
    }

    /// On a coarse lattice, where distances are often exactly eps, at every corner of the Earth's box.
    fn points() -> impl Strategy<Value = Vec<Ecef>> {
        let step = prop_oneof![Just(1), Just(10), Just(577), Just(1_000)];
        let corner = (0..2, 0..2, 0..2).prop_map(|(x, y, z)| [x, y, z].map(|v| if v == 0 { -637_100_880 } else { 0 }));
        let spots = prop::collection::vec((-8..8_i32, -8..8_i32, -2..3_i32), 0..120);
        (step, corner, spots).prop_map(|(step, [x, y, z], spots)| {
            spots.into_iter().map(|(a, b, c)| Ecef { x: x + a * step, y: y + b * step, z: z + c * step }).collect()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]
        #[test]
        fn labels_are_those_of_looking_at_every_pair(
            points in points(),
            eps_m in prop_oneof![Just(0.01), Just(0.02), Just(0.1), Just(5.77), Just(10.0), Just(17.32), Just(25.0)],
            min_points in 1..9_usize,
        ) {
            let ours = dbscan(&points, eps_m, min_points, &|| true).unwrap();
            prop_assert_eq!(ours, plainly(&points, eps_m, min_points));
        }
    }

    #[test]
    fn it_is_asked_whether_to_go_on_however_few_cells_there_are() {
        // Two crowds that are no neighbours in cells that could hold some.
        let crowd = |x: i32| (0..2_000).map(move |n| Ecef { x, y: n % 7, z: 0 });
        let points: Vec<Ecef> = crowd(0).chain(crowd(1_001)).collect();
        let asked = std::cell::Cell::new(0);
        let counted = || {
            asked.set(asked.get() + 1);
            true
        };
        let labelled = dbscan(&points, 10.0, 5, &counted).unwrap();
        assert_eq!([labelled[0].label, labelled[2_000].label], [0, 1]);
        assert!(asked.get() > 50, "{}", asked.get());
        let stopped = || asked.replace(asked.get() - 1) > 25;
        assert!(dbscan(&points, 10.0, 5, &stopped).is_none());
    }
}
