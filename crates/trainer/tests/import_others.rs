//! Orders, reviews and conversations, good and bad, as they come to lie in the shop's folder.

#![allow(clippy::unwrap_used, reason = "a failed set-up is a failed test")]

mod importing;

use std::path::Path;

use aisle_trainer::import::{
    DateOrder, ImportError, NewShop, ensure_shop, import_chats, import_orders, import_reviews,
};
use importing::{Folders, Import, gzip};

/// Imports a file into a shop with a small catalogue; what is in the shop's file then, and what
/// was told. With an error there is no file, and the error is the only message.
fn check(
    import: &Import,
    target: &str,
    (name, bytes, map): (&str, &[u8], &[&str]),
    expected: &[&str],
    messages: &[&str],
) {
    let folders = with_catalogue();
    folders.write(name, bytes);
    let told = match folders.import(import, name, map) {
        Ok(summary) => folders.warnings(&summary),
        Err(error) => vec![error],
    };
    let written = folders.read(&format!("shop/{target}"));
    let lines: Vec<&str> = written.lines().collect();
    assert_eq!(lines, expected, "{name}");
    assert_eq!(told, messages.iter().map(|m| (*m).to_owned()).collect::<Vec<_>>(), "{name}");
}

fn with_catalogue() -> Folders {
    let folders = Folders::new();
    let products = b"Handle,Title,Variant SKU,Variant Price\ntea,Black tea,T1,4\ncup,Cup,,3\n";
    folders.write("shop/products.csv", products);
    folders
}

const SALES: &str = "InvoiceNo,StockCode,Quantity,InvoiceDate,UnitPrice,CustomerID";

#[test]
fn shopify_orders_in_any_order() {
    check(
        &import_orders,
        "sales.csv",
        (
            "orders.csv",
            "Name,Email,Financial Status,Paid at,Currency,Created at,Lineitem quantity,\
             Lineitem name,Lineitem price,Lineitem sku,Cancelled at\n\
             #2,,,,,,2,Cup - Blue,3.00,,\n\
             #1,Ann@Shop.example,paid,,GBP,2026-01-05 10:00:00 +0000,1,Black tea,4.00,T1,\n\
             #2,ann@shop.example,paid,,GBP,2026-01-06 11:30:00 +0000,1,Black tea,4.00,T1,\n\
             #3,b@c.example,refunded,,GBP,2026-01-06 11:30:00 +0000,1,Black tea,4.00,T1,\n\
             #4,b@c.example,paid,,GBP,2026-01-06 11:30:00 +0000,1,Black tea,4.00,T1,2026-01-07\n\
             #5,b@c.example,paid,,EUR,2026-01-06 11:30:00 +0000,1,Black tea,4.00,T1,\n\
             #6,b@c.example,paid,,GBP,2026-01-06 11:30:00 +0000,1,Unknown,4.00,,\n\
             #7,,paid,,GBP,,1,Black tea,4.00,T1,\n"
                .as_bytes(),
            &[],
        ),
        &[
            SALES,
            "#1,T1,1,2026-01-05 10:00,4.00,c6a0bf011a1fc1e9a",
            "#2,cup,2,2026-01-06 11:30,3.00,c6a0bf011a1fc1e9a",
            "#2,T1,1,2026-01-06 11:30,4.00,c6a0bf011a1fc1e9a",
        ],
        &[
            "orders.csv:8: sku: is empty, and \"Unknown\" is no title of the catalogue; row left out",
            "orders.csv:7: order: \"#5\" is in another currency than the shop's; left out",
            "orders.csv:9: order: \"#7\" has no date; say one for all such with --placed; left out",
            "orders.csv: 3 orders are cancelled, paid back or a correction; left out",
        ],
    );
}

#[test]
fn invoice_lines_and_tills() {
    check(
        &import_orders,
        "sales.csv",
        (
            "sales.csv.gz",
            &gzip(
                format!(
                    "{SALES}\n2,T1,6,2010-12-01 08:26:00,2.55,17850\nC3,T1,-1,2010-12-01,2.55,1\n\
                     1,T1,1,2010-12-02,2.55,\n2,cup,-5,2010-12-01,3,1\n2,cup,5,2010-12-01,0,1\n\
                     4,T1,1.5,2010-12-02,2,\n5,T1,1,02/03/2010,2,\n6,T1,9e99,2010-12-02,2,\n\
                     7,T1,1,2010-12-02,-11062.06,\n8,T1,1,2010-12-02,,\n"
                )
                .as_bytes(),
            ),
            &[],
        ),
        &[SALES, "1,T1,1,2010-12-02 00:00,2.55,", "2,T1,6,2010-12-01 08:26,2.55,17850"],
        &[
            "sales.csv.gz:7: quantity: \"1.5\" is not a whole number; row left out",
            "sales.csv.gz:8: date: \"02/03/2010\" may be day or month first; say which with --dates; \
             row left out",
            "sales.csv.gz:9: quantity: \"9e99\" is not a sensible number of pieces; row left out",
            "sales.csv.gz:11: price: is empty; row left out",
            "sales.csv.gz: 5 orders are cancelled, paid back or a correction; left out",
        ],
    );
    check(
        &import_orders,
        "sales.csv",
        (
            "till.csv",
            b"Beleg;Artikel;Menge;Datum;Preis\n7;T1;1;31.12.2025 14:05;1.234,50\n",
            &["order=Beleg", "sku=Artikel", "quantity=Menge", "date=Datum", "price=Preis"],
        ),
        &[SALES, "7,T1,1,2025-12-31 14:05,1234.50,"],
        &[],
    );
}

#[test]
fn orders_that_come_again_are_not_doubled() {
    let folders = with_catalogue();
    let head = "order,sku,quantity,date,price\n";
    folders.write("a.csv", format!("{head}1,T1,1,1/2/2026,4\n2,T1,1,2/2/2026,4\n").as_bytes());
    let first = folders.import_with(&import_orders, "a.csv", &[], |options| {
        options.dates = Some(DateOrder::DayFirst);
    });
    assert_eq!(first.unwrap().counts.added, 2);
    folders.write("b.csv", format!("{head}1,T1,3,2026-02-01,4\n3,T1,1,2026-02-03,4\n").as_bytes());
    let second = folders.import(&import_orders, "b.csv", &[]).unwrap();
    let counts = second.counts;
    assert_eq!((counts.added, counts.updated, counts.kept, second.total), (1, 1, 1, 3));
    let expected = format!(
        "{SALES}\n1,T1,3,2026-02-01 00:00,4.00,\n2,T1,1,2026-02-02 00:00,4.00,\n\
         3,T1,1,2026-02-03 00:00,4.00,\n"
    );
    assert_eq!(folders.read("shop/sales.csv"), expected);
    folders.write(
        "c.csv",
        b"order,sku,quantity,date,price,status\n2,T1,1,2026-02-02,4,refunded\n\
        3,T1,1,2026-02-03,4,paid\n",
    );
    folders.import(&import_orders, "c.csv", &[]).unwrap();
    assert!(!folders.read("shop/sales.csv").contains("\n2,T1"), "a refunded order is taken out");
    assert_eq!(folders.shop().sales.len(), 2);
}

#[test]
fn files_without_orders_say_what_was_expected() {
    for (bytes, expected) in [
        (&b""[..], "o.csv: the file is empty; expected orders as Shopify's CSV"),
        (b"InvoiceNo,StockCode,Quantity,InvoiceDate,UnitPrice\n", "o.csv: none of its 0 rows"),
        (
            b"a,b\n1,2\n",
            "o.csv: no column for order; found \"a\", \"b\"; name it with --map order=COLUMN",
        ),
        (b"order,qty,date,price\n1,1,2026-01-01,2\n", "o.csv: no column for sku"),
    ] {
        let folders = with_catalogue();
        folders.write("o.csv", bytes);
        let error = folders.import(&import_orders, "o.csv", &[]).unwrap_err();
        assert!(error.starts_with(expected), "{error}");
        assert!(!folders.path("shop/sales.csv").exists());
    }
}

#[test]
fn reviews_of_any_columns() {
    check(
        &import_reviews,
        "reviews.csv",
        (
            "r.csv",
            "review_id;Product SKU;Rating;Title;Review Text;Email;Status\n\
             9;T1;5;\"Lovely &amp; strong\";\"<p>Holds\n a lot</p>\";a@b.example;published\n\
             8;tea;8/10;;Fine;x;published\n7;T1;11;;Bad;x;published\n6;;5;;No product;x;\n\
             5;T1;1;;Spam;x;spam\n9;T1;1;;Again;x;\n4;T1;2;;;x;\n"
                .as_bytes(),
            &[],
        ),
        &["id,sku,rating,title,text", "8,tea,4,,Fine", "9,T1,5,Lovely & strong,Holds a lot"],
        &[
            "r.csv:5: rating: \"11\" is not a rating of 1 to 5; review left out",
            "r.csv:6: sku: is empty; review left out",
            "r.csv:7: status: is not published; review left out",
            "r.csv:9: text: is empty; review left out",
            "r.csv:8: id: \"9\" is there twice; the first one is used",
        ],
    );
    let folders = with_catalogue();
    folders.write("r.csv", b"sku,stars,body\nT1,4,5 < 6 cups & more\nT1,4,5 < 6 cups & more\n");
    folders.import(&import_reviews, "r.csv", &[]).unwrap();
    let written = folders.read("shop/reviews.csv");
    let again = folders.import(&import_reviews, "r.csv", &[]).unwrap();
    assert_eq!((again.counts.unchanged, again.total), (1, 1));
    assert_eq!(folders.read("shop/reviews.csv"), written);
    let reviews = folders.shop().reviews;
    assert_eq!((reviews.len(), reviews[0].text.as_str()), (1, "5 < 6 cups & more"));
}

#[test]
fn conversations_are_merged_by_id() {
    let folders = with_catalogue();
    let line = |id: &str, text: &str| {
        format!("{{\"id\":\"{id}\",\"messages\":[{{\"role\":\"shopper\",\"text\":\"{text}\"}}]}}\n")
    };
    folders.write("a.jsonl.gz", &gzip((line("b", "two") + &line("a", "one")).as_bytes()));
    let first = folders.import(&import_chats, "a.jsonl.gz", &[]).unwrap();
    assert_eq!((first.counts.added, first.records), (2, 2));
    let more = line("b", "two more, from a@b.example") + "not json\n" + &line("c", "three");
    folders.write("b.jsonl", more.as_bytes());
    let second = folders.import(&import_chats, "b.jsonl", &[]).unwrap();
    assert_eq!((second.counts.added, second.counts.updated, second.counts.kept), (1, 1, 1));
    assert_eq!(folders.warnings(&second), ["b.jsonl:2: column 2: not JSON; conversation left out"]);
    let texts: Vec<String> =
        folders.shop().chats.iter().map(|c| c.messages[0].text.clone()).collect();
    assert_eq!(texts, ["one", "two more, from [e-mail]", "three"]);
    folders.write("bad.jsonl", b"{\n}\n");
    let error = folders.import(&import_chats, "bad.jsonl", &[]).unwrap_err();
    assert!(error.starts_with("bad.jsonl: none of its 2 rows can be used; expected JSON lines"));
}

#[test]
fn a_new_shop_needs_its_currency() {
    let dir = tempfile::TempDir::new().unwrap();
    let folder = dir.path().join("new/shop");
    let new = |currency: Option<&str>| NewShop {
        currency: currency.map(str::to_owned),
        name: Some("My \"shop\"".to_owned()),
    };
    let tell = |folder: &Path, currency| {
        ensure_shop(folder, &new(currency), false).map_err(|error: ImportError| error.to_string())
    };
    assert!(tell(&folder, None).unwrap_err().contains("there is no shop.toml yet"));
    assert!(tell(&folder, Some("pounds")).unwrap_err().contains("is not a code of three letters"));
    assert!(!folder.exists());
    assert_eq!(ensure_shop(&folder, &new(Some("EUR")), true).unwrap(), "EUR");
    assert!(!folder.exists(), "a trial writes nothing");
    assert_eq!(tell(&folder, Some("EUR")), Ok("EUR".to_owned()));
    assert_eq!(tell(&folder, None), Ok("EUR".to_owned()));
    assert_eq!(
        tell(&folder, Some("GBP")).unwrap_err(),
        "--currency GBP: the shop's prices are in EUR, says its shop.toml"
    );
    let written = std::fs::read_to_string(folder.join("shop.toml")).unwrap();
    assert!(written.contains("name = 'My \"shop\"'"), "{written}");
}
