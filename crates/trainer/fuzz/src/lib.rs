//! What is done with a merchant's files, and the laws that hold whatever is in them. Each function
//! is one fuzz target.
//!
//! The laws: nothing panics or hangs; what was imported can be read by the trainer; importing the
//! same file again changes nothing.

use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use aisle_trainer::import::{
    ImportError, Mapping, Options, ProductFormat, Summary, export_orders, import_chats,
    import_orders, import_products, import_reviews,
};
use aisle_trainer::read::{Shop, read_shop};
use tempfile::TempDir;

/// A catalogue for what needs one.
const PRODUCTS: &str = "Handle,Title,Variant SKU,Variant Price\nmug,Mug,M1,4\ncup,Cup,C1,3\n";

/// Shopify's product CSV.
pub fn shopify_csv(bytes: &[u8]) {
    products(bytes, Some(ProductFormat::ShopifyCsv));
}

/// Shopify's `products.json`.
pub fn shopify_json(bytes: &[u8]) {
    products(bytes, Some(ProductFormat::ShopifyJson));
}

/// WooCommerce's product CSV.
pub fn woocommerce_csv(bytes: &[u8]) {
    products(bytes, Some(ProductFormat::WoocommerceCsv));
}

/// A table with guessed columns.
pub fn plain_csv(bytes: &[u8]) {
    products(bytes, Some(ProductFormat::Csv));
}

/// Objects, one a line or in a list.
pub fn ndjson(bytes: &[u8]) {
    products(bytes, Some(ProductFormat::Ndjson));
}

/// Google Merchant's feed.
pub fn google_xml(bytes: &[u8]) {
    products(bytes, Some(ProductFormat::GoogleXml));
}

/// A web page.
pub fn json_ld(bytes: &[u8]) {
    products(bytes, Some(ProductFormat::JsonLd));
}

/// An object of products by id.
pub fn store_json(bytes: &[u8]) {
    products(bytes, Some(ProductFormat::StoreJson));
}

/// Products in whatever form the bytes seem to have.
pub fn any_products(bytes: &[u8]) {
    products(bytes, None);
}

fn products(bytes: &[u8], format: Option<ProductFormat>) {
    let import = |from: &Path, options: &Options<'_>| import_products(from, format, options);
    with_folder(bytes, |folder| {
        let _ = fs::remove_file(folder.shop.join("products.csv"));
        let Some((summary, shop)) = folder.import("products.csv", &import) else { return };
        // Hidden products are in the file and not in the shop.
        assert!(shop.is_none_or(|shop| shop.products.len() as u64 <= summary.total));
    });
}

/// Orders of either form.
pub fn orders(bytes: &[u8]) {
    with_folder(bytes, |folder| {
        let _ = folder.import("sales.csv", &import_orders);
    });
}

/// Orders for the worker's table: what was written is written the same again.
pub fn order_table(bytes: &[u8]) {
    with_folder(bytes, |folder| {
        let (from, to) = (folder.dir.path().join("outside"), folder.dir.path().join("table"));
        let again = folder.dir.path().join("again");
        let Ok(first) = export_orders(&from, &to, &folder.options()) else { return };
        let second = match export_orders(&to, &again, &folder.options()) {
            Ok(summary) => summary,
            Err(error) => panic!("what was written cannot be read: {error}"),
        };
        assert_eq!((first.total, 0), (second.total, second.warning_count));
        assert_eq!(fs::read(to).ok(), fs::read(again).ok());
    });
}

/// A folder of orders and users, divided at the first line that is empty: into the sales and into
/// the table.
pub fn order_folder(bytes: &[u8]) {
    let at = bytes.windows(2).position(|two| two == b"\n\n").unwrap_or(bytes.len());
    let (orders, users) = bytes.split_at(at);
    with_folder(bytes, |folder| {
        let from = folder.dir.path().join("store");
        let ready = fs::create_dir_all(&from)
            .and_then(|()| fs::write(from.join("orders.json"), orders))
            .and_then(|()| fs::write(from.join("users.json"), users));
        if ready.is_ok() {
            let _ = folder.import_from(&from, "sales.csv", &import_orders);
            let _ = export_orders(&from, &folder.dir.path().join("table"), &folder.options());
        }
    });
}

/// A table of reviews.
pub fn reviews(bytes: &[u8]) {
    with_folder(bytes, |folder| {
        let _ = folder.import("reviews.csv", &import_reviews);
    });
}

/// Exported conversations.
pub fn chats(bytes: &[u8]) {
    with_folder(bytes, |folder| {
        let imported = folder.import("chats.jsonl", &import_chats);
        if let Some((summary, Some(shop))) = imported {
            assert_eq!(shop.chats.len() as u64, summary.total);
        }
    });
}

/// What the trainer itself reads: sales, reviews and conversations as they lie in the folder.
pub fn sales(bytes: &[u8]) {
    with_folder(bytes, |folder| {
        for name in ["sales.csv", "reviews.csv", "chats.jsonl", "examples.tsv"] {
            let path = folder.shop.join(name);
            let written = fs::write(&path, bytes);
            if written.is_ok() {
                let _ = read_shop(&folder.shop);
            }
            let _ = fs::remove_file(path);
        }
    });
}

/// A shop's folder with an outside file beside it; one for all runs of a thread.
struct Folder {
    dir: TempDir,
    shop: PathBuf,
}

type Import<'a> = dyn Fn(&Path, &Options<'_>) -> Result<Summary, ImportError> + 'a;

impl Folder {
    fn new() -> std::io::Result<Self> {
        let dir = TempDir::new()?;
        let shop = dir.path().join("shop");
        fs::create_dir(&shop)?;
        fs::write(shop.join("shop.toml"), "name = \"Shop\"\ncurrency = \"GBP\"\n")?;
        Ok(Self { dir, shop })
    }

    fn options(&self) -> Options<'_> {
        Options {
            shop: &self.shop,
            currency: "GBP",
            mapping: Mapping::default(),
            dates: None,
            placed_at_ms: Some(1_772_000_000_000),
            replace: false,
            dry_run: false,
            on_bytes: Rc::new(|_| {}),
        }
    }

    /// Imports the outside file twice and checks the laws. Nothing when it cannot be used.
    fn import(&self, target: &str, import: &Import<'_>) -> Option<(Summary, Option<Shop>)> {
        self.import_from(&self.dir.path().join("outside"), target, import)
    }

    fn import_from(
        &self,
        from: &Path,
        target: &str,
        import: &Import<'_>,
    ) -> Option<(Summary, Option<Shop>)> {
        let options = self.options();
        let path = self.shop.join(target);
        let before = fs::read(&path).ok();
        let first = match import(from, &options) {
            Ok(summary) => summary,
            Err(_) => {
                assert_eq!(fs::read(&path).ok(), before, "a failure writes nothing");
                return None;
            }
        };
        let written = fs::read(&path).ok();
        let again = match import(from, &options) {
            Ok(summary) => summary,
            Err(error) => panic!("what was imported once cannot be again: {error}"),
        };
        assert_eq!(written, fs::read(&path).ok(), "importing again changes nothing");
        let (once, twice) = (first.counts, again.counts);
        assert_eq!((twice.added, twice.updated), (0, 0), "{twice:?} after {once:?}");
        assert_eq!(first.total, again.total);
        // A catalogue of hidden products alone is none.
        let shop = read_shop(&self.shop);
        assert!(shop.is_ok() || target == "products.csv", "{:?}", shop.err());
        Some((first, shop.ok()))
    }
}

fn with_folder(bytes: &[u8], run: impl FnOnce(&Folder)) {
    thread_local! {
        static FOLDER: RefCell<Option<Folder>> = const { RefCell::new(None) };
    }
    FOLDER.with_borrow_mut(|kept| {
        if kept.is_none() {
            *kept = Folder::new().ok();
        }
        let Some(folder) = kept else { return };
        let ready = fs::write(folder.shop.join("products.csv"), PRODUCTS)
            .and_then(|()| fs::write(folder.dir.path().join("outside"), bytes));
        for name in ["sales.csv", "reviews.csv", "chats.jsonl"] {
            let _ = fs::remove_file(folder.shop.join(name));
        }
        if ready.is_ok() {
            run(folder);
        }
    });
}
