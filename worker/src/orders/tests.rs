//! Loading orders and asking for them, over the built-in table.

use aisle_core::orders::{Email, ReturnPolicy};
use aisle_core::protocol::{ErrorCode, ErrorDetail, OrderFound, OrderLookup, Purchase};
use futures_util::FutureExt;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::lookup::{BY_ADDRESS, BY_CUSTOMER, BY_NUMBER};
use super::*;
use crate::identity::Customer;

const NOW: u64 = 1_773_000_000_000;

fn secret() -> OrderSecret {
    OrderSecret::new("0123456789abcdef").unwrap()
}

fn order(number: &str, email: &str, customer: &str) -> Value {
    json!({
        "number": number, "email": email, "customer": customer, "state": "paid",
        "placed_at_ms": NOW - 1_000, "currency": "GBP", "total_minor": 425,
        "lines": [{"sku": "M1", "title": "Mug", "quantity": 1, "price_minor": 425}],
    })
}

fn batch(orders: &[Value]) -> Vec<u8> {
    orders.iter().map(|order| format!("{order}\n")).collect::<String>().into_bytes()
}

fn loaded() -> MemoryTable {
    let table = MemoryTable::default();
    let orders =
        [order("#1042", "Ann@shop.example", "c-7"), order("#1043", "bob@shop.example", "c-8")];
    load(&table, &secret(), "demo", &batch(&orders)).unwrap();
    table
}

fn ask_from(
    table: &MemoryTable,
    address: &str,
    now_ms: u64,
    number: &str,
    email: &str,
) -> Result<OrderFound, LookupError> {
    let asked = OrderLookup { number: number.into(), email: email.into() };
    let guest = Guest { shop: "demo", address, now_ms };
    let policy = ReturnPolicy { days: Some(30) };
    let source = TableSource(table);
    look_up(table, &source, &secret(), policy, &guest, &asked).now_or_never().unwrap()
}

fn ask(table: &MemoryTable, number: &str, email: &str) -> Result<OrderFound, LookupError> {
    ask_from(table, "198.51.100.7", NOW, number, email)
}

#[test]
fn an_order_is_found_however_its_number_and_address_are_spelt() {
    for (number, email) in [
        ("#1042", "ann@shop.example"),
        ("1042", "ANN@SHOP.EXAMPLE"),
        (" #1042 ", " ann@shop.example "),
    ] {
        let found = ask(&loaded(), number, email).unwrap();
        assert_eq!(found.order.number, "#1042");
        assert!(found.text.starts_with("Order #1042 "));
    }
}

#[test]
fn an_order_of_another_and_none_at_all_have_one_answer() {
    for (number, email) in [
        ("1042", "bob@shop.example"),
        ("1042", "ann@shop.example.evil.example"),
        ("9999", "ann@shop.example"),
        ("", "ann@shop.example"),
        ("1042", ""),
        ("1042", "%"),
        ("1042' OR '1'='1", "ann@shop.example"),
    ] {
        assert_eq!(ask(&loaded(), number, email), Err(LookupError::Unknown), "{number} {email}");
    }
}

#[test]
fn a_batch_is_kept_without_addresses_and_as_it_came_last() {
    let table = loaded();
    let again = load(
        &table,
        &secret(),
        "demo",
        &batch(&[
            order("1042", "Ann@shop.example", "c-7"),
            json!({"number": "#7"}),
            order("#8", "nobody", "c-1"),
            json!(3),
        ]),
    );
    let again = again.unwrap();
    assert_eq!((again.stored, again.refused), (1, 3));
    let lines: Vec<u32> = again.reasons.iter().map(|refused| refused.line).collect();
    assert_eq!(lines, [2, 3, 4]);
    assert_eq!(again.reasons[1].reason, "email is not an address");
    let kept = table.dump().to_lowercase();
    assert!(!kept.contains("ann@") && !kept.contains("shop.example"), "{kept}");
    // The number is that of the order that was there: one order, spelt as it came last.
    assert_eq!(ask(&table, "#1042", "ann@shop.example").unwrap().order.number, "1042");
    assert!(ask(&table, "1043", "bob@shop.example").is_ok());
    assert_eq!(load(&table, &secret(), "demo", b"\n \r\n").unwrap(), Default::default());
}

#[test]
fn visitors_and_numbers_have_their_buckets() {
    let table = loaded();
    let code = |found: Result<OrderFound, LookupError>| {
        found.map(|found| found.order.number).map_err(|error| ErrorDetail::from(&error).code)
    };
    for at in 0..BY_ADDRESS.burst {
        let found = code(ask(&table, &at.to_string(), "ann@shop.example"));
        assert_eq!(found, Err(ErrorCode::UnknownOrder));
    }
    // The right answer, too, and what cannot be a number.
    for number in ["1042", "!"] {
        let found = ask(&table, number, "ann@shop.example");
        assert_eq!(found, Err(LookupError::Limited(BY_ADDRESS.every_ms)));
    }
    let later = NOW + BY_ADDRESS.every_ms;
    assert!(ask_from(&table, "198.51.100.7", later, "1042", "ann@shop.example").is_ok());
    assert!(!table.dump().contains("198.51"));

    // Many addresses against one number, whether there is such an order or not.
    for number in ["1043", "9999"] {
        for at in 0..BY_NUMBER.burst {
            let found = ask_from(&table, &format!("2001:db8::{at}"), NOW, number, "x@shop.example");
            assert_eq!(code(found), Err(ErrorCode::UnknownOrder));
        }
        let found = ask_from(&table, "2001:db8::ffff", NOW, number, "bob@shop.example");
        assert_eq!(code(found), Err(ErrorCode::RateLimited), "{number}");
    }
}

#[test]
fn a_failing_disk_says_nothing_of_itself_to_the_network() {
    let table = loaded();
    table.fail();
    let error = ask(&table, "1042", "ann@shop.example").unwrap_err();
    let detail = ErrorDetail::from(&error);
    assert_eq!(detail.code, ErrorCode::OrdersUnavailable);
    assert!(!detail.message.contains("disk full"));
    assert!(load(&table, &secret(), "demo", b"").is_err());
}

#[test]
fn a_customers_history_is_their_own() {
    let table = loaded();
    let told = Purchase { sku: "T1".into(), at_ms: 3, quantity: 1 };
    let customer = |id: &str, email: Option<&str>| Customer {
        id: id.into(),
        email: email.and_then(Email::parse),
        purchases: vec![told.clone()],
    };
    let skus = |customer: &Customer| -> Vec<String> {
        let source = TableSource(&table);
        let asks = SignedIn { shop: "demo", customer, now_ms: NOW };
        let found = history(&table, &source, &secret(), &asks).now_or_never().unwrap();
        found.unwrap().history.into_iter().map(|bought| bought.sku).collect()
    };
    assert_eq!(skus(&customer("c-7", None)), ["M1"]);
    assert_eq!(skus(&customer("new", Some("ann@shop.example"))), ["M1"]);
    // Without orders, what the merchant's server says.
    assert_eq!(skus(&customer("c-77", None)), ["T1"]);
}

#[test]
fn a_customer_who_asks_too_often_waits_and_another_does_not() {
    let table = loaded();
    let source = TableSource(&table);
    let customer = |id: &str| Customer { id: id.into(), email: None, purchases: vec![] };
    let (ann, bob, policy) = (customer("c-7"), customer("c-8"), ReturnPolicy { days: None });
    let orders = |customer, now_ms, number| {
        let asks = SignedIn { shop: "demo", customer, now_ms };
        own(&table, &source, &secret(), policy, &asks, number).now_or_never().unwrap()
    };
    // One bucket for all that a customer may ask; what is not there counts as well.
    for at in 0..BY_CUSTOMER.burst {
        let asks = SignedIn { shop: "demo", customer: &ann, now_ms: NOW };
        match at % 3 {
            0 => assert_eq!(orders(&ann, NOW, None).unwrap().len(), 1),
            1 => assert_eq!(orders(&ann, NOW, Some("9999")), Err(LookupError::Unknown)),
            _ => {
                let found = history(&table, &source, &secret(), &asks).now_or_never().unwrap();
                assert_eq!(found.unwrap().history.len(), 1);
            }
        }
    }
    let wait = Err(LookupError::Limited(BY_CUSTOMER.every_ms));
    assert_eq!(orders(&ann, NOW, None), wait);
    assert_eq!(orders(&ann, NOW, Some("1042")), wait);
    assert_eq!(orders(&bob, NOW, None).unwrap().len(), 1);
    assert_eq!(orders(&ann, NOW + BY_CUSTOMER.every_ms, None).unwrap().len(), 1);
}

/// A source that answers with somebody else's order.
struct Careless(Found);

impl OrderSource for Careless {
    fn find<'a>(
        &'a self,
        _: &'a aisle_core::orders::OrderKey,
        _: &'a Asker,
    ) -> futures_util::future::LocalBoxFuture<'a, Result<Option<Found>, SourceError>> {
        Box::pin(async { Ok(Some(self.0.clone())) })
    }

    fn of<'a>(
        &'a self,
        _: &'a Asker,
        _: u32,
    ) -> futures_util::future::LocalBoxFuture<'a, Result<Vec<Found>, SourceError>> {
        Box::pin(async { Ok(vec![self.0.clone()]) })
    }
}

#[test]
fn what_a_careless_source_gives_away_is_not_passed_on() {
    let owner = Owner { email: None, customer: Some("c-8".into()) };
    let order = serde_json::from_value(order("#1042", "bob@shop.example", "c-8")).unwrap();
    let source = Careless(Found { order, owner });
    let asked = OrderLookup { number: "1042".into(), email: "ann@shop.example".into() };
    let guest = Guest { shop: "demo", address: "", now_ms: NOW };
    let (table, policy) = (MemoryTable::default(), ReturnPolicy { days: None });
    let found = look_up(&table, &source, &secret(), policy, &guest, &asked).now_or_never().unwrap();
    assert_eq!(found, Err(LookupError::Unknown));
    let ann = Customer { id: "c-7".into(), email: None, purchases: vec![] };
    let asks = SignedIn { shop: "demo", customer: &ann, now_ms: NOW };
    let found = history(&table, &source, &secret(), &asks).now_or_never().unwrap();
    assert!(found.unwrap().history.is_empty());
}

proptest! {
    /// Any bytes are a batch whose lines are kept or refused.
    #[test]
    fn any_batch_is_kept_or_refused(bytes: Vec<u8>, at: prop::sample::Index, to: u8) {
        let mut changed = batch(&[order("#1042", "ann@shop.example", "c-7"), order("#1", "a@b.c", "d")]);
        let at = at.index(changed.len());
        changed[at] = to;
        for body in [bytes, changed] {
            let table = MemoryTable::default();
            let loaded = load(&table, &secret(), "demo", &body).unwrap();
            let lines = body.split(|b| *b == b'\n').count();
            prop_assert!((loaded.stored + loaded.refused) as usize <= lines);
            prop_assert!(!table.dump().contains("ann@shop.example"));
        }
    }
}
