//! Lists of numbers turned round: for each number the lists that have it.

use super::columns::Lists;

/// For each number below a limit the lists that have it, in order, and as often as they have it.
#[derive(Debug, Default)]
pub(super) struct Inverse {
    /// Where the lists of each number end, and those of the next one begin.
    ends: Vec<u32>,
    lists: Vec<u32>,
}

impl Inverse {
    /// Turns lists round (a counting sort); nothing where a number is not below the limit.
    pub(super) fn of(lists: &Lists, limit: usize) -> Option<Self> {
        let mut inverse = Self { ends: vec![0; limit], lists: vec![0; lists.count()] };
        lists.each_number(|number| inverse.count(number))?;
        inverse.begin();
        lists.each_entry(|list, number| inverse.place(list, number));
        Some(inverse)
    }

    /// Turns pairs of a list and a number round, which are in the order of their lists.
    pub(super) fn of_pairs(
        pairs: impl Iterator<Item = (u32, u32)> + Clone,
        limit: usize,
    ) -> Option<Self> {
        let mut inverse = Self { ends: vec![0; limit], lists: Vec::new() };
        let mut all = 0;
        for (_, number) in pairs.clone() {
            inverse.count(number)?;
            all += 1;
        }
        inverse.lists.resize(all, 0);
        inverse.begin();
        pairs.for_each(|(list, number)| inverse.place(list, number));
        Some(inverse)
    }

    #[inline(always)]
    fn count(&mut self, number: u32) -> Option<()> {
        *self.ends.get_mut(number as usize)? += 1;
        Some(())
    }

    /// From how many lists each number has to where they begin. That moves to where they end as
    /// they are placed.
    fn begin(&mut self) {
        let mut all = 0;
        for count in &mut self.ends {
            all += std::mem::replace(count, all);
        }
    }

    #[inline(always)]
    fn place(&mut self, list: u32, number: u32) {
        if let Some(end) = self.ends.get_mut(number as usize)
            && let Some(place) = self.lists.get_mut(*end as usize)
        {
            *place = list;
            *end += 1;
        }
    }

    /// The lists that have a number; none beyond the limit.
    pub(super) fn get(&self, number: usize) -> &[u32] {
        let end = self.ends.get(number).map_or(0, |end| *end as usize);
        let start = number.checked_sub(1).and_then(|before| self.ends.get(before));
        self.lists.get(start.map_or(0, |start| *start as usize)..end).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::super::format::StoredLists;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_number_knows_its_lists(
            lists in prop::collection::vec(prop::collection::vec(0_u32..9, 0..6), 0..9),
        ) {
            let opened = Lists::open(StoredLists::write(&lists), lists.len()).unwrap();
            let mut pairs = Vec::new();
            opened.each_entry(|list, number| pairs.push((list, number)));
            for inverse in [
                Inverse::of(&opened, 9).unwrap(),
                Inverse::of_pairs(pairs.iter().copied(), 9).unwrap(),
            ] {
                for number in 0..9 {
                    let having = pairs.iter().filter(|(_, n)| *n == number);
                    let having: Vec<u32> = having.map(|(list, _)| *list).collect();
                    prop_assert_eq!(inverse.get(number as usize), having);
                }
                prop_assert!(inverse.get(9).is_empty());
            }
            let most = lists.concat().into_iter().max();
            prop_assert_eq!(Inverse::of(&opened, 4).is_some(), most.is_none_or(|most| most < 4));
        }
    }
}
