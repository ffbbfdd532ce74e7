//! Columns of the file: texts, whole numbers and lists of numbers.
//!
//! Like lies beside like, each value in few bytes but at a byte's boundary, because brotli finds
//! what repeats in such columns and nothing in packed bits. Readers give `None` for bytes that no
//! writer wrote, and never allocate much more than [`MAX_TEXT_BYTES`].

use super::format::StoredLists;

/// Most bytes that the texts of one column may come to: front coding can name many more bytes than
/// it has.
const MAX_TEXT_BYTES: usize = 1 << 26;

/// Appends a number, seven bits a byte, low ones first.
pub(super) fn push_number(out: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        out.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Takes a number from the front.
pub(super) fn take_number(bytes: &mut &[u8]) -> Option<u32> {
    let mut number = 0;
    for shift in (0..32).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u32::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

/// Reads a column of so many numbers.
pub(super) fn numbers(mut bytes: &[u8], count: usize) -> Option<Vec<u32>> {
    if count > bytes.len() {
        return None;
    }
    let mut all = Vec::with_capacity(count);
    for _ in 0..count {
        all.push(take_number(&mut bytes)?);
    }
    bytes.is_empty().then_some(all)
}

/// Texts with access by position. In the file: for each text how many bytes it shares with the one
/// before it (a byte each), then the rest of each, ended by a zero byte.
#[derive(Debug, Default)]
pub(super) struct Texts {
    ends: Vec<u32>,
    text: String,
}

impl Texts {
    pub(super) fn read(bytes: &[u8], count: usize) -> Option<Self> {
        let (shared, mut rests) = bytes.split_at_checked(count)?;
        let mut ends = Vec::with_capacity(count);
        let mut text: Vec<u8> = Vec::with_capacity(rests.len());
        let mut start = 0;
        for shared in shared {
            let end = rests.iter().position(|byte| *byte == 0)?;
            let (rest, after) = rests.split_at_checked(end)?;
            rests = after.get(1..)?;
            let until = start + usize::from(*shared);
            if until > text.len() || text.len() > MAX_TEXT_BYTES {
                return None;
            }
            let next = text.len();
            text.extend_from_within(start..until);
            text.extend_from_slice(rest);
            start = next;
            ends.push(u32::try_from(text.len()).ok()?);
        }
        let text = String::from_utf8(text).ok()?;
        let whole = ends.iter().all(|end| text.is_char_boundary(*end as usize));
        (rests.is_empty() && whole).then_some(Self { ends, text })
    }

    /// The bytes that [`Texts::read`] reads. A zero byte, which nobody can see, is left out.
    pub(super) fn write<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<u8> {
        let (mut shared, mut rests) = (Vec::new(), Vec::new());
        let mut before = String::new();
        for text in texts {
            let text = text.replace('\0', "");
            let same = text.bytes().zip(before.bytes()).take_while(|(a, b)| a == b).count();
            let same = text.floor_char_boundary(same.min(usize::from(u8::MAX)));
            shared.push(same as u8);
            rests.extend_from_slice(text.as_bytes().get(same..).unwrap_or_default());
            rests.push(0);
            before = text;
        }
        shared.append(&mut rests);
        shared
    }

    pub(super) fn get(&self, at: usize) -> Option<&str> {
        let end = *self.ends.get(at)? as usize;
        let start = at.checked_sub(1).and_then(|before| self.ends.get(before));
        self.text.get(start.map_or(0, |start| *start as usize)..end)
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).filter_map(|at| self.get(at))
    }
}

impl StoredLists {
    pub(super) fn write(lists: &[Vec<u32>]) -> Self {
        let narrow = lists.iter().flatten().all(|item| *item <= u32::from(u16::MAX));
        let mut stored = Self { width: if narrow { 2 } else { 3 }, ..Self::default() };
        for list in lists {
            push_number(&mut stored.counts, list.len() as u32);
            for item in list {
                let [_, high, middle, low] = item.to_be_bytes();
                if !narrow {
                    stored.items.push(high);
                }
                stored.items.extend([middle, low]);
            }
        }
        stored
    }
}

/// Lists of numbers with access by position.
#[derive(Debug, Default)]
pub(super) struct Lists {
    ends: Vec<u32>,
    items: Vec<u32>,
}

impl Lists {
    /// Reads so many lists of numbers below `limit`.
    pub(super) fn read(stored: &StoredLists, count: usize, limit: usize) -> Option<Self> {
        let mut end: u32 = 0;
        let mut ends = numbers(&stored.counts, count)?;
        for count in &mut ends {
            end = end.checked_add(*count)?;
            *count = end;
        }
        let (narrow, rest) = stored.items.as_chunks::<2>();
        let (wide, wide_rest) = stored.items.as_chunks::<3>();
        let (items, rest): (Vec<u32>, &[u8]) = match stored.width {
            2 => (narrow.iter().map(|[high, low]| number([0, 0, *high, *low])).collect(), rest),
            3 => (wide.iter().map(|[a, b, c]| number([0, *a, *b, *c])).collect(), wide_rest),
            _ => return None,
        };
        let fits = rest.is_empty() && items.len() == end as usize;
        let known = items.iter().fold(0, |most, item| most.max(*item)) as usize;
        (fits && (known < limit || items.is_empty())).then_some(Self { ends, items })
    }

    pub(super) fn new(lists: impl Iterator<Item = impl Iterator<Item = u32>>) -> Self {
        let mut all = Self::default();
        for list in lists {
            all.items.extend(list);
            all.ends.push(all.items.len() as u32);
        }
        all
    }

    /// No lists yet, with room for so many of so many numbers.
    pub(super) fn with_room(lists: usize, items: usize) -> Self {
        Self { ends: Vec::with_capacity(lists), items: Vec::with_capacity(items) }
    }

    pub(super) fn push(&mut self, list: &[u32]) {
        self.items.extend_from_slice(list);
        self.ends.push(self.items.len() as u32);
    }

    pub(super) fn get(&self, at: usize) -> &[u32] {
        let end = self.ends.get(at).map_or(0, |end| *end as usize);
        let start = at.checked_sub(1).and_then(|before| self.ends.get(before));
        self.items.get(start.map_or(0, |start| *start as usize)..end).unwrap_or_default()
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The lists in their order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[u32]> {
        let mut start = 0;
        self.ends.iter().map(move |end| {
            let end = *end as usize;
            let list = self.items.get(std::mem::replace(&mut start, end)..end);
            list.unwrap_or_default()
        })
    }

    /// The numbers of all lists.
    pub(super) fn items(&self) -> &[u32] {
        &self.items
    }
}

fn number(bytes: [u8; 4]) -> u32 {
    u32::from_be_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn texts_come_back_as_they_went(
            texts in prop::collection::vec("[a-cé\u{300}€\n]{0,300}", 0..20),
        ) {
            let bytes = Texts::write(texts.iter().map(String::as_str));
            let read = Texts::read(&bytes, texts.len()).unwrap();
            prop_assert_eq!(read.iter().collect::<Vec<_>>(), texts);
            prop_assert!(read.get(read.len()).is_none());
            prop_assert!(Texts::read(&bytes, read.len() + 1).is_none());
        }

        #[test]
        fn numbers_and_lists_come_back_as_they_went(
            lists in prop::collection::vec(prop::collection::vec(0u32..1 << 24, 0..5), 0..20),
            count in any::<u32>(),
        ) {
            let mut bytes = Vec::new();
            push_number(&mut bytes, count);
            prop_assert_eq!(numbers(&bytes, 1), Some(vec![count]));
            let stored = StoredLists::write(&lists);
            let read = Lists::read(&stored, lists.len(), 1 << 24).unwrap();
            for (at, list) in lists.iter().enumerate() {
                prop_assert_eq!(read.get(at), list);
            }
            prop_assert!(read.iter().eq(lists.iter()));
            prop_assert!(read.get(lists.len()).is_empty());
            let greatest = read.items().iter().max().copied().unwrap_or(0) as usize;
            prop_assert!(greatest == 0 || Lists::read(&stored, lists.len(), greatest).is_none());
        }

        #[test]
        fn any_bytes_are_survived(
            bytes in prop::collection::vec(any::<u8>(), 0..100),
            items in prop::collection::vec(any::<u8>(), 0..100),
            count in 0usize..60,
            width in 0u8..5,
        ) {
            if let Some(texts) = Texts::read(&bytes, count) {
                prop_assert_eq!(texts.iter().count(), count);
            }
            let stored = StoredLists { counts: bytes, width, items };
            if let Some(lists) = Lists::read(&stored, count, 1 << 16) {
                prop_assert_eq!(lists.iter().count(), count);
                prop_assert_eq!(lists.iter().flatten().count(), lists.items().len());
            }
        }
    }

    #[test]
    fn few_bytes_cannot_name_many() {
        let texts = vec!["a".repeat(255); 300_000];
        let bytes = Texts::write(texts.iter().map(String::as_str));
        assert!(Texts::read(&bytes, texts.len()).is_none());
    }
}
