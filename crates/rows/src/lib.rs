//! Loops over matrices of few and short rows, which the words of a message are.
//!
//! They are a crate of their own because they need the level of optimisation that vectorises them,
//! and nothing else of the engine is to grow by it: `docs/decisions/0019-operators-for-few-rows.md`.

use std::array;

/// Softmax of each row of so many numbers.
pub fn softmax(rows: &mut [f32], length: usize) {
    for row in rows.chunks_mut(length.max(1)) {
        let largest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let mut sum = 0.0;
        for x in &mut *row {
            *x = (*x - largest).exp();
            sum += *x;
        }
        row.iter_mut().for_each(|x| *x /= sum);
    }
}

/// What is negative becomes 0.
pub fn rectify(all: &mut [f32]) {
    for x in all {
        *x = if *x > 0.0 { *x } else { 0.0 };
    }
}

/// The largest number of each column.
pub fn largest(rows: &[f32], columns: &mut [f32]) {
    columns.fill(f32::MIN);
    for row in rows.chunks(columns.len().max(1)) {
        let both = columns.iter_mut().zip(row);
        both.for_each(|(largest, x)| *largest = if x > largest { *x } else { *largest });
    }
}

/// The mean of each column.
pub fn mean(rows: &[f32], columns: &mut [f32]) {
    let share = columns.len() as f32 / rows.len().max(1) as f32;
    columns.fill(0.0);
    for row in rows.chunks(columns.len().max(1)) {
        columns.iter_mut().zip(row).for_each(|(sum, x)| *sum += x * share);
    }
}

/// The most rows whose sums are held at once: with eight columns, as many as registers allow.
const MOST_ROWS: usize = 6;

/// Adds the product of `left`, `[M, inner]`, and `right`, `[inner, columns]`, to `out`,
/// `[M, columns]`. What a side lacks is left out.
pub fn add_product(left: &[f32], right: &[f32], out: &mut [f32], inner: usize, columns: usize) {
    let (inner, columns) = (inner.max(1), columns.max(1));
    let rows = out.len() / columns;
    let at_once = rows.div_ceil(rows.div_ceil(MOST_ROWS).max(1)).max(1);
    for (left, out) in left.chunks(at_once * inner).zip(out.chunks_mut(at_once * columns)) {
        match left.len() / inner {
            1 => some_rows::<1, 32>(left, right, out, columns),
            2 => some_rows::<2, 16>(left, right, out, columns),
            3 => some_rows::<3, 16>(left, right, out, columns),
            4 => some_rows::<4, 8>(left, right, out, columns),
            5 => some_rows::<5, 8>(left, right, out, columns),
            _ => some_rows::<MOST_ROWS, 8>(left, right, out, columns),
        }
    }
}

/// The same for `R` rows, whose sums over `C` columns at a time stay in registers.
fn some_rows<const R: usize, const C: usize>(
    left: &[f32],
    right: &[f32],
    out: &mut [f32],
    columns: usize,
) {
    let inner = left.len() / R;
    let turned: Vec<[f32; R]> = (0..inner)
        .map(|k| array::from_fn(|row| left.get(row * inner + k).copied().unwrap_or(0.0)))
        .collect();
    let whole = columns - columns % C;
    for from in (0..whole).step_by(C) {
        let mut sums = [[0.0; C]; R];
        for (factors, right) in turned.iter().zip(right.chunks_exact(columns)) {
            let Some(right) = right.get(from..).and_then(|right| right.first_chunk::<C>()) else {
                break;
            };
            for (sums, factor) in sums.iter_mut().zip(factors) {
                sums.iter_mut().zip(right).for_each(|(sum, x)| *sum += factor * x);
            }
        }
        for (out, sums) in out.chunks_exact_mut(columns).zip(&sums) {
            out.iter_mut().skip(from).zip(sums).for_each(|(out, sum)| *out += sum);
        }
    }
    for (factors, right) in turned.iter().zip(right.chunks_exact(columns)) {
        for (out, factor) in out.chunks_exact_mut(columns).zip(factors) {
            let rest = out.iter_mut().zip(right).skip(whole);
            rest.for_each(|(out, x)| *out += factor * x);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(count: usize, seed: f32) -> Vec<f32> {
        (0..count).map(|at| (at as f32 * seed).sin()).collect()
    }

    #[test]
    fn a_product_is_the_sum_of_products_at_any_size() {
        for (rows, inner, columns) in [1, 2, 3, 4, 5, 6, 7, 13]
            .into_iter()
            .flat_map(|rows| [(rows, 3, 41), (rows, 17, 7), (rows, 1, 33), (rows, 5, 64)])
        {
            let (left, right) = (numbers(rows * inner, 0.7), numbers(inner * columns, 1.3));
            let mut out = vec![0.0; rows * columns];
            add_product(&left, &right, &mut out, inner, columns);
            for (at, found) in out.iter().enumerate() {
                let (row, column) = (at / columns, at % columns);
                let expected: f32 =
                    (0..inner).map(|k| left[row * inner + k] * right[k * columns + column]).sum();
                let place = (rows, inner, columns, row, column);
                assert!((found - expected).abs() < 1e-5, "{place:?}: {found}, not {expected}");
            }
        }
    }

    #[test]
    fn columns_are_taken_together() {
        let rows = [1.0, -2.0, 3.0, 5.0, -1.0, 0.0];
        let mut columns = [9.0; 3];
        largest(&rows, &mut columns);
        assert_eq!(columns, [5.0, -1.0, 3.0]);
        mean(&rows, &mut columns);
        assert_eq!(columns, [3.0, -1.5, 1.5]);
        largest(&[], &mut []);
        mean(&[], &mut []);
    }

    #[test]
    fn rows_are_changed_one_by_one() {
        let mut rows = [0.0, 3f32.ln(), 100.0, 100.0];
        softmax(&mut rows, 2);
        for (found, expected) in rows.iter().zip([0.25, 0.75, 0.5, 0.5]) {
            assert!((found - expected).abs() < 1e-6, "{rows:?}");
        }
        softmax(&mut [], 0);
        let mut all = [1.5, -0.0, -3.0, f32::NAN];
        rectify(&mut all);
        assert_eq!(all, [1.5, 0.0, 0.0, 0.0]);
    }
}
