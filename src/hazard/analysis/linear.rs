//! Linear equations of two or three unknowns.

/// The step that brings a score to zero where it falls so fast; none where it does not fall.
pub fn step<const P: usize>(falls: &[[f64; P]; P], score: &[f64; P], held: Option<usize>) -> Option<[f64; P]> {
    let (mut falls, mut score) = (*falls, *score);
    if let Some(held) = held {
        falls[held] = [0.0; P];
        falls.iter_mut().for_each(|row| row[held] = 0.0);
        (falls[held][held], score[held]) = (1.0, 0.0);
    }
    let root = cholesky(&falls)?;
    Some(backward(&root, forward(&root, &score)))
}

/// The largest of these without their signs.
pub fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |most, v| most.max(v.abs()))
}

/// The lower triangle whose product with its transpose is the matrix; none for one that is singular.
pub fn cholesky<const P: usize>(matrix: &[[f64; P]; P]) -> Option<[[f64; P]; P]> {
    let mut root = [[0.0; P]; P];
    for r in 0..P {
        for c in 0..=r {
            let rest = matrix[r][c] - (0..c).map(|k| root[r][k] * root[c][k]).sum::<f64>();
            if r == c {
                // What rounding leaves of a zero counts as one.
                if rest.is_nan() || rest <= 1e-14 * matrix[r][r] {
                    return None;
                }
                root[r][r] = rest.sqrt();
            } else {
                root[r][c] = rest / root[c][c];
            }
        }
    }
    Some(root)
}

/// Solves the lower triangle.
pub fn forward<const P: usize>(root: &[[f64; P]; P], right: &[f64; P]) -> [f64; P] {
    let mut out = *right;
    for r in 0..P {
        out[r] = (out[r] - (0..r).map(|k| root[r][k] * out[k]).sum::<f64>()) / root[r][r];
    }
    out
}

/// Solves the transpose of the lower triangle.
pub fn backward<const P: usize>(root: &[[f64; P]; P], right: [f64; P]) -> [f64; P] {
    let mut out = right;
    for r in (0..P).rev() {
        out[r] = (out[r] - (r + 1..P).map(|k| root[k][r] * out[k]).sum::<f64>()) / root[r][r];
    }
    out
}
