//! Remembers what a result was made of, so that it is made again only when that has changed.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

/// A file with the hash of a result's inputs.
pub(crate) struct Stamp {
    path: PathBuf,
    hash: String,
}

impl Stamp {
    /// The stamp at `path` for these inputs.
    pub(crate) fn new<'a>(path: PathBuf, inputs: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut hasher = Sha256::new();
        for input in inputs {
            hasher.update((input.len() as u64).to_le_bytes());
            hasher.update(input);
        }
        Self { path, hash: hex(&hasher.finalize()) }
    }

    /// Whether the result of just these inputs is there.
    pub(crate) fn is_current(&self) -> bool {
        fs::read_to_string(&self.path).is_ok_and(|old| old == self.hash)
    }

    /// Says that the result is there. To be called last.
    pub(crate) fn set(&self) -> Result<()> {
        write_if_changed(&self.path, self.hash.as_bytes())
    }
}

/// The first 12 hexadecimal digits of the SHA-256.
pub(crate) fn short_hash(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes)).chars().take(12).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Writes a file, and its folder, unless it already has just this content.
pub(crate) fn write_if_changed(path: &Path, content: &[u8]) -> Result<()> {
    let name = || path.display().to_string();
    if fs::read(path).is_ok_and(|old| old == content) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(name)?;
    }
    fs::write(path, content).with_context(name)
}

/// Reads a file; the error names it.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_current_for_the_same_inputs_only() {
        let folder = tempfile::tempdir().unwrap();
        let stamp = |inputs: [&'static [u8]; 2]| Stamp::new(folder.path().join("stamp"), inputs);
        let first = stamp([b"ab", b"c"]);
        assert!(!first.is_current());
        first.set().unwrap();
        assert!(stamp([b"ab", b"c"]).is_current());
        assert!(!stamp([b"a", b"bc"]).is_current());
    }

    #[test]
    fn a_short_hash_is_the_start_of_the_known_one() {
        assert_eq!(short_hash(b"abc"), "ba7816bf8f01");
    }
}
