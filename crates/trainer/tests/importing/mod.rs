//! A shop's folder to import into.

#![allow(clippy::unwrap_used, dead_code, reason = "a failed set-up is a failed test")]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use aisle_trainer::import::{ImportError, Mapping, Options, Summary};
use aisle_trainer::read::{Shop, read_shop};
use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::TempDir;

/// An importer.
pub(crate) type Import = dyn Fn(&Path, &Options<'_>) -> Result<Summary, ImportError>;

/// A folder with a shop, and one beside it for outside files.
pub(crate) struct Folders {
    dir: TempDir,
}

impl Folders {
    pub(crate) fn new() -> Self {
        let dir = TempDir::new().unwrap();
        fs::create_dir(dir.path().join("shop")).unwrap();
        let folders = Self { dir };
        folders.write("shop/shop.toml", b"name = \"Shop\"\ncurrency = \"GBP\"\n");
        folders
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    pub(crate) fn shop(&self) -> Shop {
        read_shop(&self.path("shop")).unwrap()
    }

    /// Imports a file; what is told, without the folder's own name.
    pub(crate) fn import(
        &self,
        import: &Import,
        file: &str,
        map: &[&str],
    ) -> Result<Summary, String> {
        self.import_with(import, file, map, |_| {})
    }

    pub(crate) fn import_with(
        &self,
        import: &Import,
        file: &str,
        map: &[&str],
        change: impl FnOnce(&mut Options<'_>),
    ) -> Result<Summary, String> {
        let shop = self.path("shop");
        let pairs: Vec<String> = map.iter().map(|pair| (*pair).to_owned()).collect();
        let mut options = Options {
            shop: &shop,
            currency: "GBP",
            mapping: Mapping::parse(&pairs).unwrap(),
            dates: None,
            placed_at_ms: None,
            replace: false,
            dry_run: false,
            on_bytes: Rc::new(|_| {}),
        };
        change(&mut options);
        let done = import(&self.path(file), &options);
        done.map_err(|error| self.without_folder(&error.to_string()))
    }

    /// The warnings of an import.
    pub(crate) fn warnings(&self, summary: &Summary) -> Vec<String> {
        summary.warnings.iter().map(|w| self.without_folder(&w.to_string())).collect()
    }

    fn without_folder(&self, text: &str) -> String {
        text.replace(&format!("{}/", self.dir.path().display()), "")
    }
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
