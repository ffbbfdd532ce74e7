//! Writing a file of the shop's folder: whole or not at all, gzipped where it was so before.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::NamedTempFile;

use super::error::ImportError;

/// A file that appears under its name when it is finished.
pub(super) struct Output {
    path: PathBuf,
    file: Encoded,
}

enum Encoded {
    Plain(BufWriter<NamedTempFile>),
    Gzip(GzEncoder<BufWriter<NamedTempFile>>),
}

impl Output {
    /// `path` may end in `.gz`.
    pub(super) fn create(path: &Path) -> Result<Self, ImportError> {
        let folder = path.parent().unwrap_or(Path::new("."));
        let file = BufWriter::new(new_file(folder).map_err(|e| unwritable(path, e))?);
        let is_gzip = path.extension().is_some_and(|ending| ending == "gz");
        let file = if is_gzip {
            Encoded::Gzip(GzEncoder::new(file, Compression::default()))
        } else {
            Encoded::Plain(file)
        };
        Ok(Self { path: path.to_owned(), file })
    }

    /// Puts the file in its place.
    pub(super) fn finish(self) -> Result<(), ImportError> {
        let put = || -> io::Result<()> {
            let buffered = match self.file {
                Encoded::Plain(file) => file,
                Encoded::Gzip(encoder) => encoder.finish()?,
            };
            let file = buffered.into_inner().map_err(io::IntoInnerError::into_error)?;
            file.as_file().sync_all()?;
            file.persist(&self.path)?;
            Ok(())
        };
        put().map_err(|e| unwritable(&self.path, e))
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.file {
            Encoded::Plain(file) => file.write(bytes),
            Encoded::Gzip(encoder) => encoder.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.file {
            Encoded::Plain(file) => file.flush(),
            Encoded::Gzip(encoder) => encoder.flush(),
        }
    }
}

/// A CSV file of a shop's folder; in a mere trial, which has no path, nothing is written.
pub(super) struct Table {
    writer: Option<csv::Writer<Output>>,
    path: PathBuf,
}

impl Table {
    /// Begins the file with the names of its columns.
    pub(super) fn create(path: Option<&Path>, header: &[&str]) -> Result<Self, ImportError> {
        let writer = path.map(Output::create).transpose()?.map(csv::Writer::from_writer);
        let mut table = Self { writer, path: path.unwrap_or(Path::new("")).to_owned() };
        table.write(header)?;
        Ok(table)
    }

    /// Adds a row.
    pub(super) fn write<T: AsRef<[u8]>>(
        &mut self,
        row: impl IntoIterator<Item = T>,
    ) -> Result<(), ImportError> {
        let Some(writer) = &mut self.writer else { return Ok(()) };
        writer.write_record(row).map_err(|e| unwritable(&self.path, io::Error::other(e)))
    }

    /// The file, to be put in its place.
    pub(super) fn finish(self) -> Result<Option<Output>, ImportError> {
        let Some(writer) = self.writer else { return Ok(None) };
        writer.into_inner().map(Some).map_err(|e| unwritable(&self.path, e.into_error()))
    }
}

/// The error of a file that cannot be written.
pub(super) fn unwritable(path: &Path, source: io::Error) -> ImportError {
    ImportError::Write { what: path.display().to_string(), source }
}

/// Temporary files are the user's alone by default; this one is to be like any other file.
fn new_file(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".aisle-import-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666)).tempfile_in(folder)
    }
    #[cfg(not(unix))]
    builder.tempfile_in(folder)
}

/// The file of this name in the folder, where it is gzipped the gzipped one.
pub(super) fn place(folder: &Path, name: &str) -> PathBuf {
    let (plain, gzip) = (folder.join(name), folder.join(format!("{name}.gz")));
    if !plain.exists() && gzip.exists() { gzip } else { plain }
}

/// Makes the folder, where it is missing.
pub(super) fn make_folder(folder: &Path) -> Result<(), ImportError> {
    fs::create_dir_all(folder).map_err(|e| unwritable(folder, e))
}
