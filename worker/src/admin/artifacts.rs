//! Artifacts that were published: four files, each known by its hash.

use std::collections::BTreeMap;

use aisle_core::artifact::{
    ENCODER_FILE, INDEX_FILE, MANIFEST_FILE, Manifest, ManifestError, RANKER_FILE,
};
use aisle_core::index::{Index, IndexError};
use aisle_core::protocol::FileIntegrity;
use base64ct::{Base64, Encoding};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::admin_key::hex;
use crate::ports::StoreError;
use crate::routing::is_hash;

/// The files of an artifact.
const FILES: [&str; 4] = [MANIFEST_FILE, ENCODER_FILE, RANKER_FILE, INDEX_FILE];

/// An artifact that was published.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publication {
    /// See [`artifact_id`].
    pub id: String,
    /// SHA-256 in hexadecimal digits by the file's name.
    pub files: BTreeMap<String, String>,
    /// When it was published, in milliseconds since the Unix epoch.
    pub at_ms: u64,
}

/// Files by their hash.
pub trait FileStore {
    /// The bytes of a file; `None` where it was not sent.
    fn file(&self, hash: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// Keeps a file. One that is there already is left as it is.
    fn keep(&self, hash: &str, bytes: &[u8]) -> Result<(), StoreError>;
}

/// Why an artifact cannot be published.
#[derive(Debug, Error)]
pub enum PublishError {
    /// Other files than those of an artifact.
    #[error("an artifact has the files {list}, and no others", list = FILES.join(", "))]
    Files,
    /// A file that was not sent before.
    #[error("{file} of hash {hash} was not sent")]
    Missing {
        /// The file.
        file: String,
        /// Its hash.
        hash: String,
    },
    /// The files do not fit their manifest, or not this worker.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// The index cannot be opened.
    #[error("index.bin cannot be opened: {0}")]
    Index(#[from] IndexError),
    /// The storage failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The name of an artifact: the hash of its files' names and hashes.
pub fn artifact_id(files: &BTreeMap<String, String>) -> String {
    let mut all = Sha256::new();
    for (name, hash) in files {
        for part in [name.as_str(), " ", hash, "\n"] {
            all.update(part.as_bytes());
        }
    }
    hex(all.finalize().get(..16).unwrap_or_default())
}

/// The files of an artifact in the form of Subresource Integrity.
pub fn integrity(publication: &Publication) -> Vec<FileIntegrity> {
    let of = |(file, hash): (&String, &String)| FileIntegrity {
        file: file.clone(),
        integrity: format!("sha256-{}", Base64::encode_string(&unhex(hash))),
    };
    publication.files.iter().map(of).collect()
}

/// The bytes of hexadecimal digits, as far as they are some.
fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.chars().filter_map(|c| u8::try_from(c.to_digit(16)?).ok()).collect();
    digits
        .chunks_exact(2)
        .map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit))
        .collect()
}

/// Whether files that were sent make an artifact that this worker can serve.
pub fn check_files(
    store: &impl FileStore,
    files: &BTreeMap<String, String>,
) -> Result<(), PublishError> {
    let are_all = files.len() == FILES.len() && FILES.iter().all(|name| files.contains_key(*name));
    if !are_all || !files.values().all(|hash| is_hash(hash)) {
        return Err(PublishError::Files);
    }
    let read = |name: &str| -> Result<Vec<u8>, PublishError> {
        let hash = files.get(name).cloned().unwrap_or_default();
        let missing = |hash| PublishError::Missing { file: name.to_owned(), hash };
        store.file(&hash)?.ok_or_else(|| missing(hash))
    };
    let manifest = Manifest::parse(&read(MANIFEST_FILE)?)?;
    for name in [ENCODER_FILE, RANKER_FILE] {
        manifest.verify(name, &read(name)?)?;
    }
    let index = read(INDEX_FILE)?;
    manifest.verify(INDEX_FILE, &index)?;
    Index::open(&index)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::path::Path;

    use super::*;

    #[derive(Default)]
    struct MemoryFiles(RefCell<BTreeMap<String, Vec<u8>>>);

    impl FileStore for MemoryFiles {
        fn file(&self, hash: &str) -> Result<Option<Vec<u8>>, StoreError> {
            Ok(self.0.borrow().get(hash).cloned())
        }

        fn keep(&self, hash: &str, bytes: &[u8]) -> Result<(), StoreError> {
            self.0.borrow_mut().entry(hash.to_owned()).or_insert_with(|| bytes.to_vec());
            Ok(())
        }
    }

    fn sent(store: &MemoryFiles, bytes: &[u8]) -> String {
        let hash = hex(&Sha256::digest(bytes));
        store.keep(&hash, bytes).unwrap();
        hash
    }

    fn demo(store: &MemoryFiles) -> BTreeMap<String, String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../demo-site/artifact");
        let read = |name: &&str| {
            let bytes = std::fs::read(folder.join(name)).unwrap();
            ((*name).to_owned(), sent(store, &bytes))
        };
        FILES.iter().map(read).collect()
    }

    #[test]
    fn files_that_were_sent_and_fit_their_manifest_make_an_artifact() {
        let store = MemoryFiles::default();
        let files = demo(&store);
        check_files(&store, &files).unwrap();
        let without = |name: &str| {
            let mut files = files.clone();
            files.remove(name);
            files
        };
        let with = |name: &str, hash: String| {
            let mut files = files.clone();
            files.insert(name.to_owned(), hash);
            files
        };
        let damaged = sent(&store, b"damaged");
        let error = |files| check_files(&store, &files).unwrap_err().to_string();
        assert!(error(without(RANKER_FILE)).contains("has the files"));
        assert!(error(with("more", damaged.clone())).contains("no others"));
        assert!(error(with(INDEX_FILE, "../index".into())).contains("no others"));
        assert!(error(with(INDEX_FILE, "0".repeat(64))).contains("was not sent"));
        assert!(error(with(INDEX_FILE, damaged.clone())).contains("index.bin is damaged"));
        assert!(error(with(ENCODER_FILE, damaged.clone())).contains("encoder.onnx is damaged"));
        assert!(error(with(MANIFEST_FILE, damaged)).contains("manifest.json cannot be read"));
    }

    #[test]
    fn files_have_the_integrity_that_browsers_check() {
        // `printf secret | openssl dgst -sha256 -binary | base64`
        let hash = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";
        let files = BTreeMap::from([(INDEX_FILE.to_owned(), hash.to_owned())]);
        let found = integrity(&Publication { files, ..Publication::default() });
        let expected = "sha256-K7gNU3sdo+OL0wNhqoVWhr3g6s1xYv72ol/pe/Unols=";
        assert_eq!(found.first().map(|one| one.integrity.as_str()), Some(expected));
    }

    #[test]
    fn an_artifact_is_named_by_all_its_files() {
        let files = |hash: &str| BTreeMap::from([(INDEX_FILE.to_owned(), hash.to_owned())]);
        assert_eq!(artifact_id(&files("a")).len(), 32);
        assert_eq!(artifact_id(&files("a")), artifact_id(&files("a")));
        assert_ne!(artifact_id(&files("a")), artifact_id(&files("b")));
    }
}
