//! Getis–Ord Gi*: is a value high, or low, in a cell and around it, more than the whole area would have it?

use h3o::CellIndex;
use hashbrown::HashMap;
use libm::erfc;

/// A cell's Gi* (Getis & Ord 1992) as the standard deviate of Ord & Getis (1995).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LocalG {
    /// (Σⱼ wᵢⱼ xⱼ − wᵢ x̄) ⁄ (s √((n wᵢ − wᵢ²) ⁄ (n − 1))), with x̄ and s² = Σ xⱼ² ⁄ n − x̄² over all n cells.
    pub z: f64,
    /// Two-sided, from the normal distribution.
    pub p: f64,
    /// wᵢ: how many cells were summed, itself included.
    pub weight: u32,
}

/// These cells and their neighbours, in order, each once.
pub fn with_neighbours(cells: impl Iterator<Item = CellIndex>) -> Vec<CellIndex> {
    let mut all: Vec<CellIndex> = cells.flat_map(|cell| cell.grid_disk::<Vec<_>>(1)).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Gi* with binary weights: 1 for the cell itself and each neighbour among `cells`, else 0. `cells` in order, each once,
/// with one value each. Nothing where all values are the same; then no cell stands out.
pub fn local_g(cells: &[CellIndex], values: &[f64]) -> Option<Vec<LocalG>> {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|x| x * x).sum::<f64>() / n - mean * mean;
    // Not compared with zero: what rounding leaves of equal values is no variance.
    if variance.is_nan() || variance <= f64::EPSILON * mean * mean {
        return None;
    }
    let index: HashMap<CellIndex, u32> = cells.iter().zip(0..).map(|(&cell, i)| (cell, i)).collect();
    let one = |cell: &CellIndex| {
        let around: Vec<CellIndex> = cell.grid_disk(1);
        let found = around.iter().filter_map(|near| index.get(near));
        let (sum, weight) = found.fold((0.0, 0), |(sum, weight), &i| (sum + values[i as usize], weight + 1));
        let w = f64::from(weight);
        let z = (sum - w * mean) / (variance * (n * w - w * w) / (n - 1.0)).sqrt();
        // Where the whole area is its neighbourhood, it cannot stand out.
        let z = if z.is_finite() { z } else { 0.0 };
        LocalG { z, p: two_sided(z), weight }
    };
    Some(cells.iter().map(one).collect())
}

/// The chance of a standard normal deviate at least so far from zero.
fn two_sided(z: f64) -> f64 {
    erfc(z.abs() / std::f64::consts::SQRT_2)
}

#[cfg(test)]
mod tests {
    use h3o::Resolution;

    use super::super::super::cell;
    use super::super::super::position::Position;
    use super::*;

    fn area(rings: u32) -> (CellIndex, Vec<CellIndex>) {
        let middle = cell::of(Position::new(110.33, 20.01).unwrap(), Resolution::Nine);
        let mut cells: Vec<CellIndex> = middle.grid_disk(rings);
        cells.sort_unstable();
        (middle, cells)
    }

    #[test]
    fn one_high_cell_stands_out_as_the_formula_worked_by_hand_says() {
        let (middle, cells) = area(3);
        assert_eq!(cells.len(), 37);
        let values: Vec<f64> = cells.iter().map(|&c| if c == middle { 10.0 } else { 0.0 }).collect();
        let found = local_g(&cells, &values).unwrap();
        // x̄ = 10/37, s² = 100/37 − (10/37)², w = 7.
        let (mean, s): (f64, f64) = (10.0 / 37.0, (100.0 / 37.0 - 100.0 / 37.0_f64.powi(2)).sqrt());
        let z = (10.0 - 7.0 * mean) / (s * ((37.0 * 7.0 - 49.0_f64) / 36.0).sqrt());
        let at = cells.binary_search(&middle).unwrap();
        assert!((found[at].z - z).abs() < 1e-12 && found[at].weight == 7, "{:?} {z}", found[at]);
        assert_eq!(found.iter().filter(|g| g.z > 0.0).count(), 7);
        // A corner of the area has itself and three neighbours in it.
        assert_eq!(found.iter().map(|g| g.weight).min(), Some(4));
    }

    #[test]
    fn equal_values_and_no_values_have_no_answer() {
        let (_, cells) = area(2);
        assert_eq!(local_g(&cells, &vec![0.1; cells.len()]), None);
        assert_eq!(local_g(&[], &[]), None);
        let (_, alone) = area(0);
        assert_eq!(local_g(&alone, &[3.0]), None);
        // Everything is everybody's neighbour: nothing stands out.
        let (_, seven) = area(1);
        let values: Vec<f64> = (0..7).map(f64::from).collect();
        let middle = local_g(&seven, &values).unwrap().into_iter().find(|g| g.weight == 7).unwrap();
        assert_eq!((middle.z, middle.p), (0.0, 1.0));
    }

    #[test]
    fn the_study_area_is_the_cells_and_their_neighbours_once_each() {
        let (middle, ring) = area(1);
        assert_eq!(with_neighbours([middle, middle].into_iter()), ring);
    }

    #[test]
    fn the_two_sided_chance_is_the_normals() {
        for (z, p) in [(0.0, 1.0), (1.959_963_984_540_054, 0.05), (-2.575_829_303_548_901, 0.01)] {
            assert!((two_sided(z) - p).abs() < 1e-15, "{z}: {}", two_sided(z));
        }
        assert!(two_sided(30.0) > 0.0 && two_sided(30.0) < 1e-190);
    }
}
