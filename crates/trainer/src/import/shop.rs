//! The shop that is imported into: its currency, or a new shop's file.

use std::io::Write;
use std::path::Path;

use super::error::ImportError;
use super::output::{Output, make_folder, unwritable};
use crate::read::{Input, ReadError, read_shop_file};

/// The shop's own file.
const SHOP_FILE: &str = "shop.toml";

/// What a shop's file is begun with.
#[derive(Clone, Debug, Default)]
pub struct NewShop {
    /// ISO 4217 code.
    pub currency: Option<String>,
    /// Name as shown.
    pub name: Option<String>,
}

/// The currency of the shop in this folder. A folder without `shop.toml` gets one, where the
/// currency is given and this is no trial.
pub fn ensure_shop(folder: &Path, new: &NewShop, dry_run: bool) -> Result<String, ImportError> {
    let path = folder.join(SHOP_FILE);
    let read = |bytes: Box<dyn std::io::Read>, name: String| read_shop_file(Input { name, bytes });
    if path.exists() {
        let file = std::fs::File::open(&path)
            .map_err(|source| ReadError::Io { file: path.display().to_string(), source })?;
        let (shop, _) = read(Box::new(file), path.display().to_string())?;
        return match &new.currency {
            Some(given) if *given != shop.currency => {
                Err(ImportError::OtherCurrency { given: given.clone(), currency: shop.currency })
            }
            _ => Ok(shop.currency),
        };
    }
    let Some(currency) = &new.currency else {
        return Err(ImportError::NoShop { folder: folder.display().to_string() });
    };
    let name = new.name.as_deref().unwrap_or("My shop");
    let text = format!(
        "# What the chat needs to know of the shop beside its catalogue and documents.\n\
         name = {}\ncurrency = {}\n",
        toml::Value::from(name),
        toml::Value::from(currency.as_str()),
    );
    // So that a wrong currency is told now, in the words of the reader.
    let source = std::io::Cursor::new(text.clone().into_bytes());
    let (shop, _) = read(Box::new(source), "--currency".to_owned())?;
    if !dry_run {
        make_folder(folder)?;
        let mut output = Output::create(&path)?;
        output.write_all(text.as_bytes()).map_err(|e| unwritable(&path, e))?;
        output.finish()?;
    }
    Ok(shop.currency)
}
