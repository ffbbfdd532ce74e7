//! Catalogues of every form, good and bad, as they come to lie in the shop's folder.

#![allow(clippy::unwrap_used, reason = "a failed set-up is a failed test")]

mod importing;

use std::path::Path;

use aisle_trainer::import::{ImportError, Options, ProductFormat, Summary, import_products};
use importing::{Folders, gzip};

fn auto(from: &Path, options: &Options<'_>) -> Result<Summary, ImportError> {
    import_products(from, None, options)
}

/// The products as the trainer reads them: "handle|title|SKUs|price|former price|stock".
fn products(folders: &Folders) -> Vec<String> {
    let shop = folders.shop();
    let line = |p: &aisle_trainer::read::Product| {
        let skus = [std::slice::from_ref(&p.sku), &p.variant_skus].concat().join("+");
        let former = p.compare_at_minor.map_or_else(|| "-".to_owned(), |p| p.to_string());
        let stock = if p.available { "in" } else { "out" };
        format!("{}|{}|{skus}|{}|{former}|{stock}", p.handle, p.title, p.price_minor)
    };
    shop.products.iter().map(line).collect()
}

/// Imports a file into a new shop and compares what came of it; with an error there are no
/// products, and the error is the only message.
fn check(name: &str, bytes: &[u8], map: &[&str], expected: &[&str], messages: &[&str]) {
    let folders = Folders::new();
    folders.write(name, bytes);
    let (found, told) = match folders.import(&auto, name, map) {
        Ok(summary) => (products(&folders), folders.warnings(&summary)),
        Err(error) => (vec![], vec![error]),
    };
    assert_eq!((found, told), (strings(expected), strings(messages)), "{name}");
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

const SHOPIFY: &str = "Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,\
    Option1 Value,Variant SKU,Variant Price,Variant Compare At Price,Image Src,Status\n\
    tea,Tea,<p>Loose <b>leaf</b></p>,Leafy,Drinks,\"black, leaf\",true,Size,100 g,T1,4.50,5,\
    https://img.example/t.jpg,active\n\
    tea,,,,,,,,250 g,T2,9.00,,,\n\
    cup,Cup,,,Kitchen,,true,Title,Default Title,C1,3,,,active\n\
    tea,,,,,,,,,,,,https://img.example/t2.jpg,\n\
    gone,Gone,,,,,false,Title,Default Title,G1,3,,,active\n";

#[test]
fn shopify_csv_in_both_spellings_and_in_any_order() {
    check(
        "p.csv",
        SHOPIFY.as_bytes(),
        &[],
        &["cup|Cup|C1|300|-|in", "tea|Tea|T1+T2|450|500|in"],
        &[],
    );
    check(
        "p.csv",
        "Title,URL handle,Description,SKU,Price,Compare-at price,Inventory quantity,\
         Inventory tracker,Option1 name,Option1 value\n\
         ,tea,,T2,9,,5,shopify,Size,250 g\nTea,tea,Loose,T1,4.50,,0,shopify,Size,100 g\n"
            .as_bytes(),
        &[],
        &["tea|Tea|T2+T1|450|-|in"],
        &[],
    );
}

#[test]
fn what_is_written_is_shopify_csv_without_markup() {
    let folders = Folders::new();
    folders.write("p.csv", SHOPIFY.as_bytes());
    folders.import(&auto, "p.csv", &[]).unwrap();
    assert_eq!(
        folders.read("shop/products.csv"),
        "Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,\
         Option2 Name,Option2 Value,Option3 Name,Option3 Value,Variant SKU,Variant Price,\
         Variant Compare At Price,Variant Inventory Tracker,Variant Inventory Qty,\
         Variant Inventory Policy,Image Src\n\
         cup,Cup,,,Kitchen,,TRUE,,,,,,,C1,3.00,,,,,\n\
         gone,Gone,,,,,FALSE,,,,,,,G1,3.00,,,,,\n\
         tea,Tea,Loose leaf,Leafy,Drinks,\"black, leaf\",TRUE,Size,100 g,,,,,T1,4.50,5.00,,,,\
         https://img.example/t.jpg\n\
         tea,,,,,,,Size,250 g,,,,,T2,9.00,,,,,\n"
    );
}

#[test]
fn importing_again_updates_by_id() {
    let folders = Folders::new();
    folders.write("p.csv", SHOPIFY.as_bytes());
    let first = folders.import(&auto, "p.csv", &[]).unwrap();
    assert_eq!((first.counts.added, first.total, first.records), (3, 3, 5));
    let written = folders.read("shop/products.csv");
    let again = folders.import(&auto, "p.csv", &[]).unwrap();
    assert_eq!((again.counts.unchanged, again.total), (3, 3));
    assert_eq!(folders.read("shop/products.csv"), written);

    folders.write("q.csv", b"handle,title,price,sku\ncup,Cup,2.50,C1\nnew,New,1,N\n");
    let update = folders.import(&auto, "q.csv", &[]).unwrap();
    let counts = update.counts;
    assert_eq!((counts.added, counts.updated, counts.kept, update.total), (1, 1, 2, 4));
    assert_eq!(
        products(&folders),
        ["cup|Cup|C1|250|-|in", "new|New|N|100|-|in", "tea|Tea|T1+T2|450|500|in"]
    );
    assert!(folders.read("shop/products.csv").contains("cup,Cup,,,Kitchen,"), "the type is kept");

    folders.import_with(&auto, "q.csv", &[], |options| options.replace = true).unwrap();
    assert_eq!(products(&folders), ["cup|Cup|C1|250|-|in", "new|New|N|100|-|in"]);
}

#[test]
fn options_that_are_searched_for_become_tags() {
    let folders = Folders::new();
    let file = "Handle,Title,Tags,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Variant SKU,\
        Variant Price\nshirt,Shirt,linen,Color,Sea Blue,Size,M,S1,4\nshirt,,,,Red,,L,S2,4\n";
    folders.write("p.csv", file.as_bytes());
    folders.import(&auto, "p.csv", &[]).unwrap();
    assert_eq!(folders.shop().products[0].tags, ["linen", "Sea Blue", "Red"]);
    let again = folders.import(&auto, "p.csv", &[]).unwrap();
    assert_eq!(again.counts.unchanged, 1);
}

#[test]
fn a_trial_and_a_failure_write_nothing() {
    let folders = Folders::new();
    folders.write("p.csv", SHOPIFY.as_bytes());
    let trial = folders.import_with(&auto, "p.csv", &[], |options| options.dry_run = true);
    assert_eq!(trial.unwrap().counts.added, 3);
    folders.write("bad.csv", b"name,price\nMug,free\n");
    let error = folders.import(&auto, "bad.csv", &[]).unwrap_err();
    assert_eq!(
        error,
        "bad.csv: none of its 1 rows can be used; expected products as a CSV, JSON or XML file, or \
         a folder of saved pages; first: bad.csv:2: price: \"free\" is not a price; not used"
    );
    let left: Vec<_> = std::fs::read_dir(folders.path("shop")).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

#[test]
fn a_gzipped_catalogue_stays_gzipped() {
    let folders = Folders::new();
    folders.write("shop/products.csv.gz", &gzip(SHOPIFY.as_bytes()));
    folders.write("q.csv.gz", &gzip(b"handle,title,price\nnew,New,1\n"));
    let summary = folders.import(&auto, "q.csv.gz", &[]).unwrap();
    assert_eq!((summary.counts.added, summary.counts.kept), (1, 3));
    assert!(!folders.path("shop/products.csv").exists());
    assert_eq!(products(&folders).len(), 3);
}

#[test]
fn shopify_json() {
    check(
        "products.json",
        br#"{"products": [
 {"id": 1, "handle": "tea", "title": "Tea", "body_html": "<p>Loose</p>", "vendor": "Leafy",
  "product_type": "Drinks", "tags": ["black", "leaf"], "options": [{"name": "Size"}],
  "variants": [
   {"sku": "T1", "price": "4.50", "compare_at_price": "5.00", "option1": "100 g", "available": false},
   {"sku": "T2", "price": 9, "compare_at_price": null, "option1": "250 g", "available": true}],
  "images": [{"src": "https://img.example/t.jpg"}]},
 {"handle": "", "title": "No handle"},
 3,
 {"handle": "cup", "title": "Cup", "tags": "a, b", "variants": [{"sku": "C1", "price": "x"}]},
 {"handle": "pot", "title": "Pot", "status": "draft", "variants": [{"sku": "P1", "price": "1"}]}
], "extra": 1}"#,
        &[],
        &["tea|Tea|T1+T2|450|500|in"],
        &[
            "products.json:8: handle: is empty; product left out",
            "products.json:9: handle: is empty; product left out",
            "products.json:10: price: \"x\" is not a price; not used",
            "products.json:10: Price: no price that can be used; \"cup\" is left out",
        ],
    );
}

#[test]
fn woocommerce_with_variations_before_their_product() {
    check(
        "wc.csv",
        "ID,Type,SKU,Name,Published,Short description,Description,In stock?,Regular price,\
         Sale price,Categories,Tags,Images,Parent,Attribute 1 name,Attribute 1 value(s)\n\
         12,variation,S-M,Shirt - M,1,,,1,20,15,,,,S,Size,M\n\
         11,variable,S,Shirt,1,Soft,<p>Cotton</p>,1,,,\"Clothes > Shirts, Sale\",blue,\
         \"https://img.example/s.jpg, https://img.example/2.jpg\",,Size,\"M, L\"\n\
         13,variation,S-L,Shirt - L,1,,,0,22,,,,,id:11,Size,L\n\
         14,simple,M,Mug,1,,,1,4,,Kitchen,,,,,\n\
         15,simple,M2,Mug,1,,,0,5,,Kitchen,,,,,\n\
         16,simple,D,Draft,-1,,,1,5,,,,,,,\n\
         17,variation,X,Lost,1,,,1,5,,,,,id:99,,\n"
            .as_bytes(),
        &[],
        &["mug|Mug|M|400|-|in", "mug-2|Mug|M2|500|-|out", "shirt|Shirt|S-M+S-L|1500|2000|in"],
        &["wc.csv:8: Parent: \"id:99\" is no product of this file; variation left out"],
    );
}

fn without_currency(name: &str, line: usize) -> String {
    format!("{name}:{line}: price: has no currency; all such are taken for GBP")
}

#[test]
fn prices_that_may_be_meant_otherwise_are_told() {
    check(
        "feed.xml",
        b"<rss><channel>\n<item><id>1</id><title>Mug</title><price>4.00</price></item>\n\
          <item><id>2</id><title>Cup</title><price>5</price></item></channel></rss>",
        &[],
        &["cup-2|Cup|2|500|-|in", "mug-1|Mug|1|400|-|in"],
        &[&without_currency("feed.xml", 2)],
    );
    check(
        "p.csv",
        b"name,price,currency\nTable,1.234,GBP\nRug,\"1,234\",GBP\nPin,0.125,GBP\n",
        &[],
        &["pin|Pin|pin|13|-|in", "rug|Rug|rug|123400|-|in", "table|Table|table|123|-|in"],
        &["p.csv:2: price: \"1.234\" is read as 1.23; thousands have no point"],
    );
}

#[test]
fn tables_of_any_columns() {
    for (name, bytes, map, expected, bare) in [
        (
            "a.csv",
            &b"Product Name;Unit Price;Article number;In stock\nRed mug;4,50;M1;yes\n"[..],
            &[][..],
            &["red-mug-m1|Red mug|M1|450|-|in"][..],
            Some(2),
        ),
        (
            "b.tsv",
            b"Bezeichnung\tPreis\tNummer\tAlt\nTasse\t1.234,50\t7\t2.000,00\n",
            &["title=Bezeichnung", "price=preis", "sku=NUMMER", "compare_at_price=Alt"],
            &["tasse-7|Tasse|7|123450|200000|in"],
            Some(2),
        ),
        (
            "c.csv",
            b"name|price|sale price|link|qty\nMug|\xc2\xa35|4|https://s.example/p/red-mug?x|0\n",
            &[],
            &["red-mug|Mug|red-mug|400|500|out"],
            None,
        ),
        (
            "d.ndjson",
            b"{\"title\":\"Mug\",\"price\":4.5,\"sku\":7,\"tags\":[\"a\",\"b\"]}\n\
              {\"Title\":\"Cup\",\"Unit_Price\":\"\xc2\xa33.00\",\"inStock\":false}\n",
            &[],
            &["cup|Cup|cup|300|-|out", "mug-7|Mug|7|450|-|in"],
            Some(1),
        ),
        (
            "e.json",
            b"[{\"name\":\"Mug\",\"cost\":\"4\"}]",
            &["price=cost"],
            &["mug|Mug|mug|400|-|in"],
            Some(1),
        ),
    ] {
        let told = bare.map(|line| without_currency(name, line));
        let messages: Vec<&str> = told.iter().map(String::as_str).collect();
        check(name, bytes, map, expected, &messages);
    }
}

#[test]
fn google_feeds() {
    check(
        "feed.xml",
        "<?xml version=\"1.0\"?>\n<rss version=\"2.0\" xmlns:g=\"http://base.google.com/ns/1.0\">\
         <channel><title>Shop</title>\n\
         <item><g:id>S-R</g:id><title>Shirt &amp; tie &#8211; red</title>\
         <g:description><![CDATA[<b>Soft</b>]]></g:description>\
         <link>https://s.example/products/shirt?v=1</link><g:price>20.00 GBP</g:price>\
         <g:sale_price>15 GBP</g:sale_price><g:availability>in_stock</g:availability>\
         <g:item_group_id>S</g:item_group_id><g:color>Red</g:color>\
         <g:shipping><g:price>3 GBP</g:price></g:shipping>\
         <g:product_type>Clothes &gt; Shirts</g:product_type></item>\n\
         <item><g:id>S-B</g:id><title>Shirt, blue</title>\
         <link>https://s.example/products/shirt?v=2</link><g:price>20.00 GBP</g:price>\
         <g:availability>out of stock</g:availability><g:item_group_id>S</g:item_group_id></item>\n\
         <item><g:id>D</g:id><title>Dollar mug</title><g:price>4 USD</g:price></item>\n\
         </channel></rss>"
            .as_bytes(),
        &[],
        &["shirt|Shirt & tie – red|S-R+S-B|1500|2000|in"],
        &[
            "feed.xml:5: price: \"4 USD\" is not in the shop's currency, GBP; not used",
            "feed.xml:5: Price: no price that can be used; \"dollar-mug-d\" is left out",
        ],
    );
    check(
        "atom.xml",
        b"<feed xmlns=\"http://www.w3.org/2005/Atom\" xmlns:g=\"http://base.google.com/ns/1.0\">\
          <entry><g:id>M</g:id><title>Mug</title><link href=\"https://s.example/p/mug.html\"/>\
          <g:price>4.00 GBP</g:price></entry></feed>",
        &[],
        &["mug|Mug|M|400|-|in"],
        &[],
    );
}

#[test]
fn hostile_xml_is_inert() {
    let bomb: String = (1..10)
        .map(|at| format!("<!ENTITY a{at} \"{}\">", format!("&a{};", at - 1).repeat(10)))
        .collect();
    let feed = format!(
        "<?xml version=\"1.0\"?>\n<!DOCTYPE rss [<!ENTITY a0 \"boom\">{bomb}\n\
         <!ENTITY file SYSTEM \"file:///etc/passwd\">]>\n<rss><channel><item><id>1</id>\
         <title>Mug&a9;&file;</title><price>4 GBP</price></item></channel></rss>"
    );
    check("feed.xml", feed.as_bytes(), &[], &["mug-1|Mug|1|400|-|in"], &[]);
    let deep = format!("<rss><item>{}</item></rss>", "<x>".repeat(5_000));
    let folders = Folders::new();
    folders.write("deep.xml", deep.as_bytes());
    let error = folders.import(&auto, "deep.xml", &[]).unwrap_err();
    assert!(error.contains("more than 32 elements within one another"), "{error}");
    check(
        "cut.xml",
        b"<rss><item><id>1</id><title>Mug</title><price>4 GBP</price></item>\n<item><id>2</i",
        &[],
        &["mug-1|Mug|1|400|-|in"],
        &[
            "cut.xml:2: not XML from here on: syntax error: tag not closed: `>` not found before end \
           of input; what follows is not read",
        ],
    );
}

#[test]
fn saved_pages() {
    let folders = Folders::new();
    let page = |block: &str| {
        format!(
            "<!doctype html><html><head><script>var a = '<script type=\"application/ld+json\">';\
             </script>\n<script type='application/LD+JSON'>{block}</script></head><body>\n\
             <!-- <script type=\"application/ld+json\">{{\"@type\":\"Product\"}}</script> --></body>"
        )
    };
    let pages = [
        (
            "a.html",
            r#"{"@context":"https://schema.org","@type":"Product","name":"Mug &amp; lid",
             "sku":"M1","image":["https://img.example/m.jpg"],"brand":{"@type":"Brand","name":"Potter"},
             "url":"https://s.example/products/mug","offers":{"@type":"Offer","price":"4.50",
             "priceCurrency":"GBP","availability":"https://schema.org/OutOfStock"}}"#,
        ),
        (
            "b.html",
            r#"{"@graph":[{"@type":"WebPage"},{"@type":["Thing","http://schema.org/Product"],
             "name":"Cup","mpn":7,"offers":{"@type":"AggregateOffer","lowPrice":3,"highPrice":9,
             "priceCurrency":"GBP"}}]}"#,
        ),
        (
            "sub/c.htm",
            r#"{"@type":"ProductGroup","name":"Shirt","url":"/products/shirt","hasVariant":[
             {"@type":"Product","sku":"S-R","color":"Red","offers":[{"price":"21"},{"price":"20"}]},
             {"@type":"Product","sku":"S-B","color":"Blue","offers":{"priceSpecification":{"price":19,
              "priceCurrency":"GBP"}}}]}"#,
        ),
        (
            "d.html",
            r#"{"@type":"ItemList","itemListElement":[{"@type":"ListItem","item":{"@type":"Product",
             "name":"Pot","offers":{"price":"5","priceCurrency":"GBP"}}},
             {"@type":"ListItem","url":"/products/elsewhere"}]}"#,
        ),
        ("e.html", "{\"@type\":"),
        ("f.html", r#"{"@type":"Organization","name":"Shop"}"#),
    ];
    for (name, block) in pages {
        folders.write(&format!("pages/{name}"), page(block).as_bytes());
    }
    folders.write("pages/notes.txt", b"{\"@type\":\"Product\"}");
    folders.write("pages/g.html", b"");
    let summary = folders.import(&auto, "pages", &[]).unwrap();
    assert_eq!(
        products(&folders),
        [
            "cup-7|Cup|7|300|-|in",
            "mug|Mug & lid|M1|450|-|out",
            "pot|Pot|pot|500|-|in",
            "shirt|Shirt|S-R+S-B|1900|-|in",
        ]
    );
    assert_eq!(
        folders.warnings(&summary),
        [
            "pages/e.html:2: column 9: the page's JSON-LD is not JSON: EOF while parsing a value at \
             line 1 column 9; left out",
            "pages/g.html: the page is empty; left out",
            "pages/sub/c.htm:2: priceCurrency: is missing; taken for GBP, the shop's currency",
            "pages/sub/c.htm:2: priceCurrency: is missing; taken for GBP, the shop's currency",
        ]
    );
    let error = folders.import(
        &|from, options| import_products(from, Some(ProductFormat::Csv), options),
        "pages",
        &[],
    );
    assert!(error.unwrap_err().contains("only pages with JSON-LD are read from a folder"));
}

#[test]
fn encodings_and_line_ends() {
    let text = "name;price\r\nCafé–Becher;4,50 GBP\r\n";
    let utf16: Vec<u8> =
        format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let expected = &["café-becher|Café–Becher|café-becher|450|-|in"];
    check("a.csv", text.as_bytes(), &[], expected, &[]);
    check("a.csv", format!("\u{feff}{text}").as_bytes(), &[], expected, &[]);
    check("a.csv", &utf16, &[], expected, &[]);
    check("a.csv", &gzip(&utf16), &[], expected, &[]);
    check(
        "a.csv",
        b"name;price\r\nCaf\xe9\x96Becher;4,50 GBP\r\n",
        &[],
        expected,
        &["a.csv:2: 2 bytes are not UTF-8, the first one here; read as Windows-1252"],
    );
}

#[test]
fn bad_rows_are_told_and_the_good_ones_used() {
    let with = |rows: &str| format!("sku,name,price,stock,image\nok,Ok,1,5,\n{rows}").into_bytes();
    let cases: &[(&str, &[&str], &[&str])] = &[
        (
            "a,A,-4,,\n",
            &[],
            &[
                "p.csv:3: price: \"-4\" is negative; not used",
                "p.csv:3: Price: no price that can be used; \"a-a\" is left out",
            ],
        ),
        (
            "a,A,1e999,,\n",
            &[],
            &[
                "p.csv:3: price: \"1e999\" is not a price; not used",
                "p.csv:3: Price: no price that can be used; \"a-a\" is left out",
            ],
        ),
        (
            "a,A,99999999999,,\n",
            &[],
            &[
                "p.csv:3: price: \"99999999999\" is too large; not used",
                "p.csv:3: Price: no price that can be used; \"a-a\" is left out",
            ],
        ),
        (
            "a,A,$4,,\n",
            &[],
            &[
                "p.csv:3: price: \"$4\" is not in the shop's currency, GBP; not used",
                "p.csv:3: Price: no price that can be used; \"a-a\" is left out",
            ],
        ),
        ("a,A,,,\n", &[], &["p.csv:3: price: is empty; row left out"]),
        ("a,,4,,\n", &[], &["p.csv:3: title: is empty; row left out"]),
        (
            "a,A,4,many,\n",
            &["a-a|A|a|400|-|in"],
            &["p.csv:3: stock: \"many\" is not a number; not used"],
        ),
        (
            "a,A,4,1e308,javascript:x\n",
            &["a-a|A|a|400|-|in"],
            &["p.csv:3: image: \"javascript:x\" is not an image's address; not used"],
        ),
        ("a,<b>A &amp; B</b>,£12,,\n", &["a-b-a|A & B|a|1200|-|in"], &[]),
        ("a,A,4\n", &[], &["p.csv:3: the row has 3 cells, the header has 5; row left out"]),
        (
            "a,\"A,4,,\nb,B,5,,\n",
            &[],
            &["p.csv:3: a quote is opened and never closed; row left out"],
        ),
        ("ok,Ok,1,5,\n", &[], &["p.csv:3: SKU: \"ok\" is there twice; the first one is used"]),
        (
            "ok,Other,2,,\n",
            &["other-ok|Other|other-ok|200|-|in"],
            &[
                "p.csv:3: SKU: \"ok\" is another product's SKU as well; that of \"other-ok\" is taken away",
            ],
        ),
    ];
    for (rows, expected, messages) in cases {
        let mut all = vec!["ok-ok|Ok|ok|100|-|in"];
        all.extend_from_slice(expected);
        all.sort_unstable();
        let bare = without_currency("p.csv", 2);
        let told = [&[bare.as_str()], *messages].concat();
        check("p.csv", &with(rows), &[], &all, &told);
    }
}

#[test]
fn warnings_of_a_kind_are_counted() {
    let rows: String = (0..1_000).map(|at| format!("{at},Mug {at},free\n")).collect();
    let folders = Folders::new();
    folders.write("p.csv", format!("sku,name,price\nok,Ok,1\n{rows}").as_bytes());
    let summary = folders.import(&auto, "p.csv", &[]).unwrap();
    assert_eq!((summary.warning_count, summary.counts.left_out), (2_001, 1_000));
    let told = folders.warnings(&summary);
    assert_eq!(told.len(), 43, "{told:?}");
    assert_eq!(told[42], "p.csv: 980 more like \"price: _ is not a price; not used\", 1000 in all");
}

#[test]
fn files_that_cannot_be_used_say_what_was_expected() {
    let cut = gzip(SHOPIFY.repeat(200).as_bytes());
    let cases: &[(&str, &[u8], &str)] = &[
        ("none.csv", b"", "none.csv: the file is empty; expected products as a CSV"),
        ("words.txt", b"just words", "words.txt: this is none of the formats"),
        (
            "a.csv",
            b"colour,weight\nred,3\n",
            "a.csv: no column for title; found \"colour\", \"weight\"; name it with --map \
             title=COLUMN",
        ),
        ("a.csv", b"name,weight\nred,3\n", "a.csv: no column for price; found"),
        ("a.csv", b"name,price\n", "a.csv: none of its 0 rows can be used; expected products"),
        (
            "cut.csv.gz",
            &cut[..cut.len() - 20],
            "cut.csv.gz: the gzip file ends too early; fetch it again, nothing was imported",
        ),
        ("bad.csv.gz", b"\x1f\x8b\x08garbage that is no deflate", "bad.csv.gz: cannot be read"),
        (
            "deep.json",
            &[b"{\"products\":".as_slice(), &b"[".repeat(100_000)].concat(),
            "deep.json: none of its 0 rows can be used; expected",
        ),
        ("page.html", b"<html>no data</html>", "page.html: none of its 0 rows can be used"),
    ];
    for (name, bytes, expected) in cases {
        let folders = Folders::new();
        folders.write(name, bytes);
        let error = folders.import(&auto, name, &[]).unwrap_err();
        assert!(error.starts_with(expected), "{error}");
        assert!(!folders.path("shop/products.csv").exists());
    }
    let folders = Folders::new();
    let error = folders.import(&auto, "nowhere.csv", &[]).unwrap_err();
    assert!(error.starts_with("nowhere.csv: not found; expected products"), "{error}");
    folders.write("a.csv", b"name,price\nA,1\n");
    let error = folders.import(&auto, "a.csv", &["titel=name"]).unwrap_err();
    assert!(error.starts_with("--map titel=name: the fields are handle, url, sku"), "{error}");
}
