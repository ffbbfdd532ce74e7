//! Orders on their way to the worker's table: from Shopify's export, from JSON and from a folder.

#![allow(clippy::unwrap_used, reason = "a failed set-up is a failed test")]

mod importing;

use std::path::Path;

use aisle_core::date::{DAY_MS, Date};
use aisle_core::orders::check;
use aisle_core::protocol::{Order, OrderState};
use aisle_trainer::generate::{StoreSize, generate_store};
use aisle_trainer::import::{Options, export_orders, import_orders, import_products};
use importing::Folders;
use serde_json::json;

/// Writes what a file gives for the table; the orders, and what was told.
fn export(folders: &Folders, name: &str) -> (Vec<Order>, Vec<String>) {
    let to = folders.path("table.ndjson");
    let export = move |from: &Path, options: &Options<'_>| export_orders(from, &to, options);
    let told = match folders.import(&export, name, &[]) {
        Ok(summary) => folders.warnings(&summary),
        Err(error) => vec![error],
    };
    let written = folders.read("table.ndjson");
    (written.lines().map(|line| serde_json::from_str(line).unwrap()).collect(), told)
}

#[test]
fn shopifys_export_with_states_days_and_sums() {
    let folders = Folders::new();
    folders.write(
        "orders.csv",
        b"Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Currency,Subtotal,\
          Shipping,Total,Discount Amount,Created at,Lineitem quantity,Lineitem name,Lineitem price,\
          Lineitem sku,Cancelled at\n\
          #1,Ann@Shop.example,paid,,fulfilled,2026-01-06 08:00:00 -0500,GBP,11,3.95,14.95,0,\
          2026-01-05 10:00:00 +0100,2,Black tea,4.00,T1,\n\
          #1,Ann@Shop.example,,,,,,,,,,,1,Cup - Blue,3.00,,\n\
          #2,b@c.example,refunded,,,,GBP,4,0,4,0,2026-01-06 11:30:00 +0000,1,Black tea,4.00,T1,\n\
          #3,b@c.example,paid,,,,GBP,4,0,4,0,2026-01-06 11:30:00 +0000,1,Black tea,4.00,T1,\
          2026-01-07\n\
          #4,b@c.example,pending,,,,GBP,,,,,2026-01-06 11:30:00 +0000,1,Black tea,4.00,T1,\n\
          #5,b@c.example,paid,,,,EUR,4,0,4,0,2026-01-06 11:30:00 +0000,1,Black tea,4.00,T1,\n\
          #6,,paid,,,,GBP,4,0,4,0,2026-01-06 11:30:00 +0000,1,Black tea,4.00,T1,\n\
          #7,b@c.example,odd,,,,GBP,4,0,4,0,2026-01-06 11:30:00 +0000,x,Black tea,4.00,T1,\n",
    );
    let (orders, told) = export(&folders, "orders.csv");
    let states: Vec<(&str, OrderState)> =
        orders.iter().map(|order| (order.number.as_str(), order.state)).collect();
    assert_eq!(
        states,
        [
            ("#1", OrderState::Shipped),
            ("#2", OrderState::Refunded),
            ("#3", OrderState::Cancelled),
            ("#4", OrderState::Placed),
        ]
    );
    let first = serde_json::to_value(&orders[0]).unwrap();
    assert_eq!(
        first,
        json!({
            "number": "#1", "email": "Ann@Shop.example", "state": "shipped",
            "placed_at_ms": 1_767_603_600_000_u64, "shipped_at_ms": 1_767_704_400_000_u64,
            "currency": "GBP", "shipping_minor": 395, "discount_minor": 0, "total_minor": 1495,
            "tracking": [],
            "lines": [
                {"sku": "T1", "title": "Black tea", "quantity": 2, "price_minor": 400},
                {"sku": "-", "title": "Cup - Blue", "quantity": 1, "price_minor": 300},
            ],
        })
    );
    assert_eq!(
        told,
        [
            "orders.csv:9: quantity: \"x\" is not a number of pieces; line left out",
            "orders.csv:7: order: \"#5\" is in another currency than the shop's; left out",
            "orders.csv:8: order: \"#6\": has neither email nor customer; left out",
            "orders.csv:9: order: \"#7\" has no status that is known; left out",
        ]
    );
}

#[test]
fn lines_of_json_good_and_bad() {
    let folders = Folders::new();
    let good = r##"{"number":"#7","email":"a@b.example","state":"delivered","currency":"GBP","total_minor":4,"lines":[{"sku":"T1","title":"Tea","quantity":1,"price_minor":4}]}"##;
    let later = good.replace("delivered", "returned");
    folders.write(
        "orders.ndjson",
        format!("{good}\n{{\"number\":\"#8\"}}\nnot json\n\n{later}\n").as_bytes(),
    );
    let (orders, told) = export(&folders, "orders.ndjson");
    assert_eq!(orders.len(), 1);
    assert_eq!((orders[0].state, orders[0].placed_at_ms), (OrderState::Returned, None));
    assert_eq!(
        told,
        [
            "orders.ndjson:2: number: \"#8\" is no order: missing field `state`; line left out",
            "orders.ndjson:3: column 2: not JSON: expected ident; line left out",
            "orders.ndjson:5: order: \"7\" is there twice; the last one is used",
        ]
    );
}

#[test]
fn what_holds_no_order_says_what_was_expected() {
    for (name, bytes, expected) in [
        ("empty.csv", &b""[..], "empty.csv: the file is empty; expected orders as"),
        ("list.csv", b"Name,Price\n1,2\n", "list.csv: no column for quantity"),
        (
            "sales.csv",
            b"InvoiceNo,StockCode,Quantity,InvoiceDate,UnitPrice\n1,T1,1,2026-01-01,4\n",
            "sales.csv: no column for status",
        ),
        ("bad.ndjson", b"{\"number\":1}\n", "bad.ndjson: none of"),
    ] {
        let folders = Folders::new();
        folders.write(name, bytes);
        let (orders, told) = export(&folders, name);
        assert!(orders.is_empty() && told[0].starts_with(expected), "{name}: {told:?}");
    }
    let folders = Folders::new();
    folders.write("folder/readme.txt", b"nothing");
    let (_, told) = export(&folders, "folder");
    assert!(told[0].contains("a folder with orders.json and users.json"), "{told:?}");
}

#[test]
fn a_folder_of_orders_and_users() {
    let folders = Folders::new();
    let item = |id: &str, price: f64| {
        json!({"name": "Mug", "item_id": id, "price": price,
        "options": {"color": "blue", "size": "L"}})
    };
    let order = |number: &str, user: &str, status: &str, items: &[serde_json::Value], paid: f64| {
        json!({"order_id": number, "user_id": user, "status": status, "items": items,
            "fulfillments": [{"tracking_id": ["77"], "item_ids": []}],
            "payment_history": [{"transaction_type": "payment", "amount": paid}]})
    };
    let orders = json!({
        "#1": order("#1", "ann_li_1", "delivered", &[item("M1", 4.5), item("M1", 4.5)], 9.0),
        "#2": order("#2", "bob_2", "pending (item modified)", &[item("M2", 3.0)], 3.0),
        "#3": order("#3", "bob_2", "pending", &[item("M2", 3.0)], 0.0),
        "#4": order("#4", "nobody", "cancelled", &[item("M2", 3.0)], 3.0),
        "#5": order("#5", "bob_2", "eaten", &[item("M2", 3.0)], 3.0),
        "#6": order("#6", "bob_2", "delivered", &[], 3.0),
    });
    let users =
        json!({"ann_li_1": {"email": "ann@example.com"}, "bob_2": {"email": "b@example.org"}});
    folders.write("store/orders.json", orders.to_string().as_bytes());
    folders.write("store/users.json", users.to_string().as_bytes());
    let (written, told) = export(&folders, "store");
    let shown: Vec<String> = written
        .iter()
        .map(|o| {
            let line = &o.lines[0];
            let who = (o.email.as_deref(), o.customer.as_deref());
            format!(
                "{} {:?} {who:?} {}x{} {}",
                o.number, o.state, line.quantity, line.title, o.total_minor
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            "#1 Delivered (Some(\"ann@example.com\"), Some(\"ann_li_1\")) 2xMug - blue / L 900",
            "#2 Paid (Some(\"b@example.org\"), Some(\"bob_2\")) 1xMug - blue / L 300",
            "#3 Placed (Some(\"b@example.org\"), Some(\"bob_2\")) 1xMug - blue / L 300",
            "#4 Cancelled (None, Some(\"nobody\")) 1xMug - blue / L 300",
        ]
    );
    assert_eq!(
        told,
        [
            "store/orders.json:1: status: \"eaten\" is not known; order left out",
            "store/orders.json:1: order: \"#6\": has no lines, or more than 200; left out",
        ]
    );
    // The sales never have a name; and they need a day.
    let placed = u64::try_from(Date::new(2026, 3, 1).unwrap().days()).unwrap() * DAY_MS;
    folders
        .import_with(&import_orders, "store", &[], |options| options.placed_at_ms = Some(placed))
        .unwrap();
    let sales = folders.read("shop/sales.csv");
    assert_eq!(sales.lines().count(), 4);
    assert!(sales.contains("#1,M1,2,2026-03-01 00:00,4.50,c"), "{sales}");
    assert!(!sales.contains("ann") && !sales.contains("#4"), "{sales}");
    let only = json!({"#2": order("#2", "bob_2", "processed", &[item("M2", 3.0)], 3.0)});
    folders.write("store/orders.json", only.to_string().as_bytes());
    let refused = folders.import(&import_orders, "store", &[]).unwrap_err();
    assert!(refused.ends_with("say one for all such with --placed; left out"), "{refused}");
}

#[test]
fn a_generated_shop_goes_all_the_way() {
    let folders = Folders::new();
    let size = StoreSize { products: 20, customers: 10, orders: 60 };
    let store = generate_store(size, Date::new(2026, 6, 15).unwrap(), 5);
    store.write(&folders.path("made")).unwrap();
    let to = folders.path("table.ndjson");
    let in_euro = |options: &mut Options<'_>| options.currency = "EUR";
    let export = move |from: &Path, options: &Options<'_>| export_orders(from, &to, options);
    let exported = folders.import_with(&export, "made/orders.ndjson", &[], in_euro).unwrap();
    assert_eq!((exported.total, exported.warning_count), (60, 0));
    let made: Vec<String> =
        store.orders.iter().map(|order| serde_json::to_string(order).unwrap()).collect();
    assert_eq!(folders.read("table.ndjson").lines().collect::<Vec<_>>(), made);
    folders.import_with(&import_orders, "made/orders.ndjson", &[], in_euro).unwrap();
    let rows = folders.read("shop/sales.csv").lines().count();
    assert!(rows > 60, "{rows}");
}

/// The folder is another hand's and not in the repository.
#[test]
fn the_shared_store_imports_whole() {
    let shared =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/store_with_orders");
    if !shared.is_dir() {
        eprintln!("skipped: {} is not there", shared.display());
        return;
    }
    let folders = Folders::new();
    let dollars = |options: &mut Options<'_>| options.currency = "USD";
    folders.write("shop/shop.toml", b"name = \"Shared\"\ncurrency = \"USD\"\n");
    let (store, file) = (shared.to_str().unwrap(), shared.join("products.json"));
    let import = |from: &Path, options: &Options<'_>| import_products(from, None, options);
    let products = folders.import_with(&import, store, &[], dollars).unwrap();
    assert_eq!(products.format, "store-json");
    assert_eq!((products.total, products.warning_count), (50, 0), "{:?}", products.warnings);
    let to = folders.path("table.ndjson");
    let export = move |from: &Path, options: &Options<'_>| export_orders(from, &to, options);
    let table = folders.import_with(&export, store, &[], dollars).unwrap();
    assert_eq!((table.total, table.warning_count), (1_000, 0), "{:?}", table.warnings);
    for line in folders.read("table.ndjson").lines() {
        let order: Order = serde_json::from_str(line).unwrap();
        assert!(check(&order).is_ok() && order.email.is_some(), "{line}");
    }
    let sold = folders.import_with(&import_orders, store, &[], |options| {
        options.currency = "USD";
        options.placed_at_ms = Some(1_772_323_200_000);
    });
    // 102 of the orders are cancelled.
    assert_eq!(sold.unwrap().total, 898);
    let shop = folders.shop();
    assert_eq!(shop.products.len(), 50);
    assert!(shop.warnings.is_empty(), "{:?}", shop.warnings);
    assert!(shop.sales.len() > 898);
    let again = folders.import_with(&import, file.to_str().unwrap(), &[], dollars).unwrap();
    assert_eq!((again.counts.unchanged, again.counts.updated), (50, 0));
}
