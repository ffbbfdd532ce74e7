//! A shop's folder as a whole.

#![allow(clippy::unwrap_used, reason = "a failed set-up is a failed test")]

use std::fs;
use std::io::Write;
use std::path::Path;

use aisle_trainer::read::{Shop, read_examples, read_shop, read_texts};
use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::TempDir;

const SHOP: &str = "name = \"Shop\"\ncurrency = \"GBP\"\n";
const PRODUCTS: &str = "Handle,Title,Variant SKU,Variant Price\nmug,Mug,m1,4.25\nmug,,M2,5\n";
const SALES: &str = "InvoiceNo,StockCode,Quantity,InvoiceDate,UnitPrice,CustomerID\n\
    1,M1,1,2011-01-01,4.25,7\n2,m2,1,2011-01-02,5,\n3,POST,1,2011-01-02,18,7\n";

/// Writes a shop's files into a new folder.
fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let dir = TempDir::new().unwrap();
    for (name, bytes) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    dir
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn warnings(shop: &Shop) -> Vec<String> {
    shop.warnings.iter().map(ToString::to_string).collect()
}

#[test]
fn everything_in_the_folder_is_read() {
    let dir = folder(&[
        ("shop.toml", SHOP.as_bytes()),
        ("products.csv", PRODUCTS.as_bytes()),
        ("sales.csv.gz", &gzip(SALES.as_bytes())),
        ("examples.tsv", b"text\tintent\nhi\tgreeting\nho\tsanta\n"),
        ("documents/b.md", b"---\nslug: a\n---\nSecond."),
        ("documents/a.md", b"First."),
        ("documents/notes.txt", b"\xff"),
    ]);
    let shop = read_shop(dir.path()).unwrap();
    assert_eq!(shop.profile.name, "Shop");
    assert_eq!((shop.products.len(), shop.documents.len(), shop.examples.len()), (1, 1, 1));
    assert_eq!(shop.documents[0].sections[0].text, "First.");
    let sales: Vec<(&str, Option<&str>)> =
        shop.sales.iter().map(|s| (&*s.sku, s.customer.as_deref())).collect();
    assert_eq!(sales, [("m1", Some("7")), ("m1", None)]);
    assert_eq!(
        warnings(&shop),
        [
            "documents/b.md: slug: \"a\" is the slug of documents/a.md; document left out",
            "examples.tsv:3: intent: \"santa\" is not an intent; row left out",
            "sales.csv.gz: StockCode: 1 row of 1 code not in the catalogue (\"POST\"); left out",
        ]
    );
}

#[test]
fn a_catalogue_alone_is_a_shop() {
    let dir =
        folder(&[("shop.toml", SHOP.as_bytes()), ("products.csv.gz", &gzip(PRODUCTS.as_bytes()))]);
    let shop = read_shop(dir.path()).unwrap();
    assert_eq!((shop.products.len(), shop.sales.len(), shop.documents.len()), (1, 0, 0));
    assert_eq!(warnings(&shop), Vec::<String>::new());
}

#[test]
fn files_that_cannot_be_used_are_named() {
    let check = |files: &[(&str, &[u8])], expected: &str| {
        let error = read_shop(folder(files).path()).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    };
    let shop = ("shop.toml", SHOP.as_bytes());
    let products = ("products.csv", PRODUCTS.as_bytes());
    check(&[], "shop.toml: not found; expected TOML");
    check(&[shop], "products.csv: not found; expected a product CSV in Shopify's format");
    check(
        &[shop, ("products.csv", b"")],
        "products.csv: the file is empty; expected a product CSV",
    );
    check(&[shop, ("products.csv.gz", b"\x1f\x8b\x08")], "products.csv.gz: cannot be read");
    check(&[shop, products, ("documents/a.md", b"\xff")], "documents/a.md:1: not UTF-8");
    check(&[shop, products, ("sales.csv", b"a,b\n")], "sales.csv: no column \"InvoiceNo\"");
    check(
        &[shop, products, ("examples.tsv", b"text\tintent\n")],
        "examples.tsv: none of its 0 rows",
    );
    let nowhere = read_shop(Path::new("no/such/shop")).unwrap_err().to_string();
    assert_eq!(nowhere, "no/such/shop: not found; expected a folder with a shop's data");
    assert!(read_examples(Path::new("none.tsv")).is_err());
}

#[test]
fn texts_are_read_line_by_line() {
    let dir = folder(&[("texts.gz", &gzip("one\r\n\n two?\n".as_bytes()))]);
    assert_eq!(read_texts(&dir.path().join("texts.gz")).unwrap(), ["one", " two?"]);
}

/// The public sets are not part of the project; where they are, they must be readable.
#[test]
fn public_sets_are_read_whole() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/intents");
    if !shared.exists() {
        return;
    }
    for (file, rows) in [("train.tsv.gz", 60_882), ("dev.tsv.gz", 5_279), ("shopper_dev.tsv", 302)]
    {
        let (examples, warnings) = read_examples(&shared.join(file)).unwrap();
        assert_eq!((examples.len(), warnings.len()), (rows, 0), "{file}: {:?}", warnings.first());
    }
}
