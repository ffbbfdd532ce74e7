//! The few best of many.

/// The best items so far, best first, at most a limit.
#[derive(Debug)]
pub(crate) struct Best<T> {
    limit: usize,
    found: Vec<T>,
}

impl<T> Best<T> {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, found: Vec::with_capacity(limit.saturating_add(1)) }
    }

    /// Takes an item if it is among the best. `is_better` is whether the first of two comes before
    /// the second; of equals the one that came first does.
    pub(crate) fn offer(&mut self, item: T, is_better: impl Fn(&T, &T) -> bool) {
        if self.found.len() >= self.limit
            && self.found.last().is_none_or(|last| !is_better(&item, last))
        {
            return;
        }
        let at = self.found.partition_point(|other| !is_better(&item, other));
        self.found.insert(at, item);
        self.found.truncate(self.limit);
    }

    pub(crate) fn into_vec(self) -> Vec<T> {
        self.found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_best_are_those_of_a_stable_sort(
            items in prop::collection::vec((0u8..9, any::<u8>()), 0..40),
            limit in 0usize..12,
        ) {
            let mut best = Best::new(limit);
            items.iter().for_each(|item| best.offer(*item, |a, b| a.0 > b.0));
            let mut sorted = items;
            sorted.sort_by_key(|item| std::cmp::Reverse(item.0));
            sorted.truncate(limit);
            prop_assert_eq!(best.into_vec(), sorted);
        }
    }
}
