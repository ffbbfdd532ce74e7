//! Grouping records by a key in bounded memory: an external merge sort.
//!
//! Records are kept until there are [`RUN_BYTES`] of them, then sorted and written to a temporary
//! file (a run). In the end the runs are merged. Records of one key come out together, in the order
//! in which they were put in.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::path::PathBuf;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::ImportError;

/// Bytes of records that are held in memory.
const RUN_BYTES: usize = 48 << 20;
/// Bytes of one group that are given out; what is beyond is left out.
const MAX_GROUP_BYTES: usize = 8 << 20;

/// A key and a record as bytes.
type Entry = (Box<str>, Box<[u8]>);

/// Takes records in.
pub(super) struct Sorter {
    folder: PathBuf,
    entries: Vec<Entry>,
    bytes: usize,
    run_bytes: usize,
    runs: Vec<File>,
}

impl Sorter {
    /// `folder` is where the temporary files go; they have no name in it.
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder, entries: Vec::new(), bytes: 0, run_bytes: RUN_BYTES, runs: Vec::new() }
    }

    /// Adds a record.
    pub(super) fn push(&mut self, key: &str, record: &impl Serialize) -> Result<(), ImportError> {
        let value = postcard::to_allocvec(record)
            .map_err(|e| ImportError::Sort(io::Error::other(e)))?
            .into_boxed_slice();
        // What a record takes beside its bytes, about.
        self.bytes += key.len() + value.len() + 64;
        self.entries.push((key.into(), value));
        if self.bytes >= self.run_bytes { self.write_run() } else { Ok(()) }
    }

    fn write_run(&mut self) -> Result<(), ImportError> {
        self.entries.sort_by(|a, b| a.0.cmp(&b.0));
        let run = || -> io::Result<File> {
            let mut out = BufWriter::new(tempfile::tempfile_in(&self.folder)?);
            for (key, value) in &self.entries {
                for part in [key.as_bytes(), value] {
                    let length = u32::try_from(part.len()).map_err(io::Error::other)?;
                    out.write_all(&length.to_le_bytes())?;
                    out.write_all(part)?;
                }
            }
            let mut file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
            file.rewind()?;
            Ok(file)
        };
        self.runs.push(run().map_err(ImportError::Sort)?);
        self.entries.clear();
        self.bytes = 0;
        Ok(())
    }

    /// Ends the taking in.
    pub(super) fn finish(mut self) -> Result<Sorted, ImportError> {
        self.entries.sort_by(|a, b| a.0.cmp(&b.0));
        let mut sources: Vec<Run> =
            self.runs.into_iter().map(|file| Run::File(BufReader::new(file))).collect();
        sources.push(Run::Memory(self.entries.into_iter()));
        let mut sorted = Sorted { sources, heads: BinaryHeap::new() };
        for at in 0..sorted.sources.len() {
            sorted.refill(at)?;
        }
        Ok(sorted)
    }
}

enum Run {
    File(BufReader<File>),
    Memory(std::vec::IntoIter<Entry>),
}

impl Run {
    fn next(&mut self) -> io::Result<Option<Entry>> {
        match self {
            Self::Memory(entries) => Ok(entries.next()),
            Self::File(file) => {
                let Some(key) = read_part(file)? else { return Ok(None) };
                let key = String::from_utf8(key).map_err(io::Error::other)?;
                let value = read_part(file)?.ok_or(io::ErrorKind::UnexpectedEof)?;
                Ok(Some((key.into(), value.into())))
            }
        }
    }
}

fn read_part(file: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    match file.read_exact(&mut length) {
        Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let mut part = vec![0; u32::from_le_bytes(length) as usize];
    file.read_exact(&mut part)?;
    Ok(Some(part))
}

/// The next entry of a run: key, number of the run, record. The least comes out first.
type Head = Reverse<(Box<str>, usize, Box<[u8]>)>;

/// Gives groups out, in the order of their keys.
pub(super) struct Sorted {
    sources: Vec<Run>,
    /// The next entry of each run, with the run's number: earlier runs come first.
    heads: BinaryHeap<Head>,
}

/// All records of one key.
pub(super) struct Group<T> {
    /// What they have in common.
    pub(super) key: String,
    /// As they were put in.
    pub(super) records: Vec<T>,
    /// How many were left out because there are too many.
    pub(super) surplus: u64,
}

impl Sorted {
    /// The next group, or nothing at the end.
    pub(super) fn next_group<T: DeserializeOwned>(
        &mut self,
    ) -> Result<Option<Group<T>>, ImportError> {
        let Some(Reverse((key, ..))) = self.heads.peek() else { return Ok(None) };
        let key = key.clone();
        let mut group = Group { key: key.clone().into(), records: Vec::new(), surplus: 0 };
        let mut bytes = 0;
        while self.heads.peek().is_some_and(|Reverse((next, ..))| *next == key) {
            let Some(Reverse((_, at, value))) = self.heads.pop() else { break };
            self.refill(at)?;
            bytes += value.len();
            if bytes > MAX_GROUP_BYTES && !group.records.is_empty() {
                group.surplus += 1;
                continue;
            }
            let record =
                postcard::from_bytes(&value).map_err(|e| ImportError::Sort(io::Error::other(e)))?;
            group.records.push(record);
        }
        Ok(Some(group))
    }

    fn refill(&mut self, at: usize) -> Result<(), ImportError> {
        let next = match self.sources.get_mut(at) {
            Some(run) => run.next().map_err(ImportError::Sort)?,
            None => None,
        };
        if let Some((key, value)) = next {
            self.heads.push(Reverse((key, at, value)));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn groups_are_what_a_map_would_have(
            records in prop::collection::vec(("[abc]{0,2}", any::<u32>()), 0..60),
            run_bytes in 1_usize..2_000,
        ) {
            let mut sorter = Sorter::new(std::env::temp_dir());
            sorter.run_bytes = run_bytes;
            let mut expected: std::collections::BTreeMap<String, Vec<u32>> = Default::default();
            for (key, number) in &records {
                sorter.push(key, number).unwrap();
                expected.entry(key.clone()).or_default().push(*number);
            }
            let mut sorted = sorter.finish().unwrap();
            let mut found = vec![];
            while let Some(Group { key, records, surplus: 0 }) = sorted.next_group().unwrap() {
                found.push((key, records));
            }
            prop_assert_eq!(found, expected.into_iter().collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_group_without_end_is_cut() {
        let mut sorter = Sorter::new(std::env::temp_dir());
        let record = "x".repeat(MAX_GROUP_BYTES / 4);
        for _ in 0..10 {
            sorter.push("k", &record).unwrap();
        }
        let group = sorter.finish().unwrap().next_group::<String>().unwrap().unwrap();
        assert_eq!((group.records.len(), group.surplus), (3, 7));
    }
}
