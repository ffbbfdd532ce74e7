//! Columns of the file: texts, whole numbers and lists of numbers.
//!
//! Like lies beside like, each value in few bytes but at a byte's boundary, because brotli finds
//! what repeats in such columns and nothing in packed bits. Readers give `None` for bytes that no
//! writer wrote, and never allocate much more than [`MAX_TEXT_BYTES`]. They leave for later what can
//! be read later: a browser opens an index in code that it has not optimised yet.

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

/// Reads a column of so many numbers.
pub(super) fn numbers(bytes: &[u8], count: usize) -> Option<Vec<u32>> {
    if count > bytes.len() {
        return None;
    }
    let mut all = vec![0; count];
    let mut places = all.iter_mut();
    let (mut number, mut shift) = (0, 0);
    for byte in bytes {
        number |= u32::from(byte & 0x7f).checked_shl(shift)?;
        shift += 7;
        if byte & 0x80 == 0 {
            *places.next()? = number;
            (number, shift) = (0, 0);
        }
    }
    (places.next().is_none() && shift == 0).then_some(all)
}

/// Texts with access by position, decoded where they are asked for. In the file: for each text how
/// many bytes it shares with the one before it (a byte each; nothing where a block begins), then the
/// rest of each, ended by a zero byte.
#[derive(Debug, Default)]
pub(super) struct Texts {
    shared: Vec<u8>,
    rests: String,
    /// Where the rests of each block begin.
    blocks: Vec<u32>,
}

/// Texts of a block: what is read to have one of them, half of it on average.
const BLOCK: usize = 32;

impl Texts {
    pub(super) fn open(mut bytes: Vec<u8>, count: usize) -> Option<Self> {
        if count > bytes.len() {
            return None;
        }
        let rests = String::from_utf8(bytes.split_off(count)).ok()?;
        let shared = bytes;
        let mut blocks = Vec::with_capacity(count / BLOCK + 1);
        blocks.push(0);
        let mut ended = 0_usize;
        for (at, byte) in rests.bytes().enumerate() {
            if byte == 0 {
                ended += 1;
                if ended.is_multiple_of(BLOCK) {
                    blocks.push(u32::try_from(at + 1).ok()?);
                }
            }
        }
        let whole = ended == count && rests.bytes().last().is_none_or(|last| last == 0);
        let begins = shared.iter().step_by(BLOCK).all(|shared| *shared == 0);
        (whole && begins).then_some(Self { shared, rests, blocks })
    }

    /// The bytes that [`Texts::open`] reads. A zero byte, which nobody can see, is left out.
    pub(super) fn write<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<u8> {
        let (mut shared, mut rests) = (Vec::new(), Vec::new());
        let mut before = String::new();
        for (at, text) in texts.into_iter().enumerate() {
            let text = text.replace('\0', "");
            if at.is_multiple_of(BLOCK) {
                before.clear();
            }
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

    /// A text; nothing beyond the last one, or where bytes say that it shares half a letter.
    pub(super) fn get(&self, at: usize) -> Option<String> {
        let mut text = String::new();
        self.for_each(at / BLOCK, at % BLOCK + 1, |_, shown| {
            text.clear();
            text.push_str(shown);
            Some(())
        })?;
        Some(text)
    }

    pub(super) fn len(&self) -> usize {
        self.shared.len()
    }

    /// Calls `each` with so many texts from the beginning of a block on, and their positions; ends
    /// with the first `None`, of its own or of a text that is not there.
    pub(super) fn for_each(
        &self,
        block: usize,
        count: usize,
        mut each: impl FnMut(usize, &str) -> Option<()>,
    ) -> Option<()> {
        let mut rests = self.rests.get(*self.blocks.get(block)? as usize..)?;
        let mut text = String::new();
        for at in block * BLOCK..block * BLOCK + count {
            let shared = usize::from(*self.shared.get(at)?);
            let end = rests.bytes().position(|byte| byte == 0)?;
            let rest = rests.get(..end)?;
            rests = rests.get(end + 1..)?;
            if !text.is_char_boundary(shared) {
                return None;
            }
            text.truncate(shared);
            text.push_str(rest);
            each(at, &text)?;
        }
        Some(())
    }
}

/// Texts, all decoded: few, and often asked for.
#[derive(Debug, Default)]
pub(super) struct Words {
    ends: Vec<u32>,
    text: String,
}

impl Words {
    /// Nothing where the texts come to more than [`MAX_TEXT_BYTES`], or one cannot be read.
    pub(super) fn of(texts: &Texts) -> Option<Self> {
        let mut words = Self { ends: Vec::with_capacity(texts.len()), text: String::new() };
        texts.for_each(0, texts.len(), |_, text| {
            words.text.push_str(text);
            words.ends.push(words.text.len() as u32);
            (words.text.len() <= MAX_TEXT_BYTES).then_some(())
        })?;
        Some(words)
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

/// Lists of numbers with access by position. The numbers stay as they are stored.
#[derive(Debug, Default)]
pub(super) struct Lists {
    /// Where each list ends, in numbers.
    ends: Vec<u32>,
    width: usize,
    items: Vec<u8>,
}

impl Lists {
    /// Opens so many lists. How large their numbers are is for those to check who use them.
    pub(super) fn open(stored: StoredLists, count: usize) -> Option<Self> {
        let width = usize::from(stored.width);
        let mut end: u32 = 0;
        let mut ends = numbers(&stored.counts, count)?;
        for count in &mut ends {
            end = end.checked_add(*count)?;
            *count = end;
        }
        let fits = (2..=3).contains(&width) && stored.items.len() == width * end as usize;
        fits.then_some(Self { ends, width, items: stored.items })
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Numbers of all lists together.
    pub(super) fn count(&self) -> usize {
        self.items.len() / self.width.max(1)
    }

    /// The numbers of a list; none beyond the last one.
    pub(super) fn get(&self, at: usize) -> impl Iterator<Item = u32> {
        let end = self.ends.get(at).map_or(0, |end| *end as usize);
        let start = at.checked_sub(1).and_then(|before| self.ends.get(before));
        let start = start.map_or(0, |start| *start as usize);
        let bytes = self.items.get(start * self.width..end * self.width).unwrap_or_default();
        bytes
            .chunks_exact(self.width.max(1))
            .map(|bytes| bytes.iter().fold(0, |number, byte| number << 8 | u32::from(*byte)))
    }

    /// How many numbers each list has.
    pub(super) fn lengths(&self) -> impl Iterator<Item = u32> {
        let mut start = 0;
        self.ends.iter().map(move |end| end - std::mem::replace(&mut start, *end))
    }

    /// Calls `each` with every number, until it gives nothing.
    pub(super) fn each_number(&self, mut each: impl FnMut(u32) -> Option<()>) -> Option<()> {
        if self.width == 2 {
            self.items.as_chunks::<2>().0.iter().try_for_each(|pair| each(narrow(*pair)))
        } else {
            self.items.as_chunks::<3>().0.iter().try_for_each(|three| each(wide(*three)))
        }
    }

    /// Calls `each` with every list and number.
    pub(super) fn each_entry(&self, mut each: impl FnMut(u32, u32)) {
        let mut start = 0;
        for (end, list) in self.ends.iter().zip(0..) {
            let end = *end as usize * self.width;
            let bytes = self.items.get(std::mem::replace(&mut start, end)..end);
            let bytes = bytes.unwrap_or_default();
            if self.width == 2 {
                bytes.as_chunks::<2>().0.iter().for_each(|pair| each(list, narrow(*pair)));
            } else {
                bytes.as_chunks::<3>().0.iter().for_each(|three| each(list, wide(*three)));
            }
        }
    }
}

fn narrow(bytes: [u8; 2]) -> u32 {
    u32::from(u16::from_be_bytes(bytes))
}

fn wide([high, middle, low]: [u8; 3]) -> u32 {
    u32::from_be_bytes([0, high, middle, low])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn texts_come_back_as_they_went(
            texts in prop::collection::vec("[a-cé\u{300}€\n]{0,300}", 0..80),
        ) {
            let bytes = Texts::write(texts.iter().map(String::as_str));
            let read = Texts::open(bytes.clone(), texts.len()).unwrap();
            let all: Vec<String> = (0..read.len()).filter_map(|at| read.get(at)).collect();
            prop_assert_eq!(&all, &texts);
            let words = Words::of(&read).unwrap();
            prop_assert_eq!(words.iter().collect::<Vec<_>>(), texts);
            prop_assert!(read.get(read.len()).is_none() && words.get(read.len()).is_none());
            prop_assert!(Texts::open(bytes, read.len() + 1).is_none());
        }

        #[test]
        fn numbers_and_lists_come_back_as_they_went(
            lists in prop::collection::vec(prop::collection::vec(0u32..1 << 24, 0..5), 0..20),
            some in prop::collection::vec(any::<u32>(), 0..5),
        ) {
            let mut bytes = Vec::new();
            some.iter().for_each(|number| push_number(&mut bytes, *number));
            prop_assert_eq!(numbers(&bytes, some.len()), Some(some));
            let read = Lists::open(StoredLists::write(&lists), lists.len()).unwrap();
            let mut entries = Vec::new();
            read.each_entry(|list, number| entries.push((list, number)));
            let mut all = Vec::new();
            read.each_number(|number| {
                all.push(number);
                Some(())
            });
            for (at, list) in lists.iter().enumerate() {
                prop_assert!(read.get(at).eq(list.iter().copied()));
            }
            let of = |(list, numbers): (&Vec<u32>, u32)| -> Vec<(u32, u32)> {
                list.iter().map(|number| (numbers, *number)).collect()
            };
            prop_assert_eq!(entries, lists.iter().zip(0..).flat_map(of).collect::<Vec<_>>());
            prop_assert_eq!(&all, &lists.concat());
            prop_assert_eq!(read.count(), all.len());
            prop_assert!(read.lengths().eq(lists.iter().map(|list| list.len() as u32)));
            prop_assert_eq!(read.get(lists.len()).count(), 0);
        }

        #[test]
        fn any_bytes_are_survived(
            bytes in prop::collection::vec(any::<u8>(), 0..100),
            texts in prop::collection::vec(0u8..3, 0..100),
            items in prop::collection::vec(any::<u8>(), 0..100),
            count in 0usize..60,
            width in 0u8..5,
        ) {
            for bytes in [&bytes, &texts] {
                if let Some(texts) = Texts::open(bytes.clone(), count) {
                    prop_assert_eq!(texts.len(), count);
                    let read = (0..count).filter_map(|at| texts.get(at)).count();
                    prop_assert!(read <= count);
                    prop_assert_eq!(Words::of(&texts).is_some(), read == count);
                }
            }
            let stored = StoredLists { counts: bytes, width, items };
            if let Some(lists) = Lists::open(stored, count) {
                prop_assert_eq!(lists.len(), count);
                prop_assert_eq!((0..count).flat_map(|at| lists.get(at)).count(), lists.count());
            }
        }
    }

    #[test]
    fn few_bytes_cannot_name_many() {
        let mut bytes = vec![255; 300_000];
        bytes.iter_mut().step_by(BLOCK).for_each(|shared| *shared = 0);
        for at in 0..bytes.len() {
            if at % BLOCK == 0 {
                bytes.extend([b'a'; 255]);
            }
            bytes.push(0);
        }
        let texts = Texts::open(bytes, 300_000).unwrap();
        assert_eq!(texts.get(70).map(|text| text.len()), Some(255));
        assert!(Words::of(&texts).is_none());
    }
}
