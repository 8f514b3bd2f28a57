//! Pairs two short sequences in order.

/// Pairs the items of two sequences, keeping their order, so that the sum of the scores of the pairs is the
/// greatest possible. A score of 0 never makes a pair. Everything without a partner stands alone; what was
/// removed stands before what was added at the same place.
///
/// The work grows with `left * right`: callers bound both.
pub(crate) fn align(
    left: usize,
    right: usize,
    mut score: impl FnMut(usize, usize) -> u32,
) -> Vec<(Option<usize>, Option<usize>)> {
    let width = right + 1;
    let mut best = vec![0u64; (left + 1) * width];
    let mut scores = vec![0u32; left * right];
    for i in (0..left).rev() {
        for j in (0..right).rev() {
            let pair = score(i, j);
            scores[i * right + j] = pair;
            let skip = best[(i + 1) * width + j].max(best[i * width + j + 1]);
            let take = if pair > 0 { best[(i + 1) * width + j + 1] + u64::from(pair) } else { 0 };
            best[i * width + j] = skip.max(take);
        }
    }
    let mut rows = Vec::with_capacity(left.max(right));
    let (mut i, mut j) = (0, 0);
    while i < left || j < right {
        if i < left && j < right {
            let pair = scores[i * right + j];
            let here = best[i * width + j];
            if pair > 0 && here == best[(i + 1) * width + j + 1] + u64::from(pair) {
                rows.push((Some(i), Some(j)));
                i += 1;
                j += 1;
                continue;
            }
            if here == best[(i + 1) * width + j] {
                rows.push((Some(i), None));
                i += 1;
            } else {
                rows.push((None, Some(j)));
                j += 1;
            }
        } else if i < left {
            rows.push((Some(i), None));
            i += 1;
        } else {
            rows.push((None, Some(j)));
            j += 1;
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_pairs_win_and_keep_their_order() {
        let (left, right) = (["a", "b", "c"], ["x", "a", "c", "b"]);
        let rows = align(3, 4, |i, j| u32::from(left[i] == right[j]));
        assert_eq!(
            rows,
            [(None, Some(0)), (Some(0), Some(1)), (Some(1), None), (Some(2), Some(2)), (None, Some(3))]
        );
    }

    #[test]
    fn nothing_pairs_with_nothing() {
        assert_eq!(align(0, 0, |_, _| 1), []);
        assert_eq!(align(1, 1, |_, _| 0), [(Some(0), None), (None, Some(0))]);
    }
}
