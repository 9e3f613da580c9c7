//! DBSCAN by cells (Gunawan 2013; Gan & Tao 2015, SIGMOD: 519): all points of one cell are neighbours of each other, so that
//! a crowd is looked at as one, and whoever lies far from it is not looked at at all. The answer is that of Ester, Kriegel,
//! Sander & Xu 1996, not another one near it.

use super::super::cubed::{Cubed, Patience};
use super::super::position::{Ecef, radius2_cm2};
use super::dbscan::Labelled;

const NOISE: i64 = -1;

/// Labels in the order of the points, as scikit-learn gives them: clusters are numbered in the order of their first core
/// point, and a point on the border of several belongs to the first of them; −1 is noise. Neighbours lie at most `eps_m`
/// metres apart along the chord, in whole centimetres; a core has `min_points` of them, itself included. Nothing when told
/// not to go on.
pub fn dbscan(points: &[Ecef], eps_m: f64, min_points: usize, go_on: &dyn Fn() -> bool) -> Option<Vec<Labelled>> {
    let mut patience = Patience::new(go_on);
    let cells = Cells::of(points, eps_m, &mut patience)?;
    let cores = cells.cores(min_points, &mut patience)?;
    let clusters = cells.clusters(&cores, &mut patience)?;
    let mut labelled = vec![Labelled { label: NOISE, core: false }; points.len()];
    for cell in 0..cells.cubed.len() {
        for p in cells.cubed.range(cell) {
            let core = cores.is[p];
            let label = if core { clusters[cell] } else { cells.border(cell, p, &cores, &clusters, &mut patience)? };
            labelled[cells.cubed.of[p] as usize] = Labelled { label: label.map_or(NOISE, i64::from), core };
        }
    }
    Some(labelled)
}

/// Points by cells, and how near neighbours lie.
struct Cells {
    cubed: Cubed,
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
        let side_cm = (limit / 3).isqrt() as i32 + 1;
        Some(Cells { cubed: Cubed::of(points, side_cm, eps_m, patience)?, limit })
    }

    fn are_neighbours(&self, p: usize, q: usize) -> bool {
        self.cubed.at[p].distance2_cm2(self.cubed.at[q]) <= self.limit
    }

    fn cores(&self, min_points: usize, patience: &mut Patience) -> Option<Cores> {
        let mut cores = Cores { is: vec![false; self.cubed.at.len()], within: vec![false; self.cubed.len()] };
        for cell in 0..self.cubed.len() {
            let own = self.cubed.range(cell);
            for p in own.clone() {
                let mut count = own.len();
                for other in self.cubed.near(cell) {
                    if count >= min_points {
                        break;
                    }
                    patience.spend(self.cubed.range(other).len())?;
                    count += self.cubed.range(other).filter(|&q| self.are_neighbours(p, q)).count();
                }
                cores.is[p] = count >= min_points;
                cores.within[cell] |= cores.is[p];
            }
        }
        Some(cores)
    }

    /// The cluster of every cell that has a core: its cores are neighbours, so they are of one.
    fn clusters(&self, cores: &Cores, patience: &mut Patience) -> Option<Vec<Option<u32>>> {
        let mut sets = Sets::new(self.cubed.len());
        // Cells that touch are mostly joined, and what is joined already needs no look at its points.
        for touching in [true, false] {
            for cell in (0..self.cubed.len()).filter(|&cell| cores.within[cell]) {
                for other in
                    self.cubed.near(cell).take_while(|&other| other < cell).filter(|&other| cores.within[other])
                {
                    let touches =
                        (0..3).all(|axis| self.cubed.keys[cell][axis].abs_diff(self.cubed.keys[other][axis]) <= 1);
                    if touches == touching
                        && sets.root(cell) != sets.root(other)
                        && self.have_neighbours(cell, other, cores, patience)?
                    {
                        sets.join(cell, other);
                    }
                }
            }
        }
        let mut first = vec![u32::MAX; self.cubed.len()];
        for cell in (0..self.cubed.len()).filter(|&cell| cores.within[cell]) {
            let of_cell = self.cubed.range(cell).filter(|&p| cores.is[p]).map(|p| self.cubed.of[p]).min();
            let root = sets.root(cell);
            first[root] = first[root].min(of_cell.unwrap_or(u32::MAX));
        }
        let mut roots: Vec<usize> = (0..first.len()).filter(|&root| first[root] < u32::MAX).collect();
        roots.sort_unstable_by_key(|&root| first[root]);
        let mut of_root = vec![None; self.cubed.len()];
        (0..).zip(roots).for_each(|(label, root)| of_root[root] = Some(label));
        Some((0..self.cubed.len()).map(|cell| of_root[sets.root(cell)].filter(|_| cores.within[cell])).collect())
    }

    /// Whether a core of one cell is a neighbour of a core of the other.
    fn have_neighbours(&self, a: usize, b: usize, cores: &Cores, patience: &mut Patience) -> Option<bool> {
        for p in self.cubed.range(a).filter(|&p| cores.is[p]) {
            patience.spend(self.cubed.range(b).len())?;
            if self.cubed.range(b).any(|q| cores.is[q] && self.are_neighbours(p, q)) {
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
        for other in self.cubed.near(cell) {
            let Some(cluster) = clusters[other].filter(|cluster| first.is_none_or(|first| *cluster < first)) else {
                continue;
            };
            patience.spend(self.cubed.range(other).len())?;
            if self.cubed.range(other).any(|q| cores.is[q] && self.are_neighbours(p, q)) {
                first = Some(cluster);
            }
        }
        Some(first)
    }
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
