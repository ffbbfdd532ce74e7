//! Makes one stylesheet of those that `style/index.css` imports. `cargo xtask dist` has done that
//! already, and made it small; it names the result in `AISLE_STYLE`.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-env-changed=AISLE_STYLE");
    let css = match env::var_os("AISLE_STYLE").map(PathBuf::from) {
        Some(path) => read(&path)?,
        None => joined(Path::new("style"))?,
    };
    let folder = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("cargo sets OUT_DIR"))?;
    fs::write(Path::new(&folder).join("style.css"), css)
}

/// The sheets as they are written, in the order of the index.
fn joined(folder: &Path) -> io::Result<String> {
    let index = read(&folder.join("index.css"))?;
    let name =
        |line: &str| Some(line.strip_prefix("@import \"./")?.strip_suffix("\";")?.to_owned());
    index.lines().filter_map(name).map(|name| read(&folder.join(name))).collect()
}

fn read(path: &Path) -> io::Result<String> {
    println!("cargo::rerun-if-changed={}", path.display());
    fs::read_to_string(path)
        .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
}
