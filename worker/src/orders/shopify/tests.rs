use aisle_core::orders::Email;
use aisle_core::protocol::OrderState;
use futures_util::FutureExt;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::orders::{HttpReply, ScriptedHttp};
use crate::ports::{Clock, ManualClock};

const FOUND: &str = include_str!("fixtures/found.json");
const THROTTLED: &str = include_str!("fixtures/throttled.json");
const DENIED: &str = include_str!("fixtures/denied.json");

fn shop(bodies: &[&str]) -> Shopify<ScriptedHttp, ManualClock> {
    let reply = |body: &&str| {
        Ok(HttpReply { status: 200, body: body.as_bytes().to_vec(), ..HttpReply::default() })
    };
    Shopify {
        http: ScriptedHttp::new(bodies.iter().map(reply)),
        clock: ManualClock::default(),
        domain: "my-shop.myshopify.com".into(),
        token: "shpat_test".into(),
        shop: "demo".into(),
        secret: OrderSecret::new("0123456789abcdef").unwrap(),
    }
}

fn guest(shop: &Shopify<ScriptedHttp, ManualClock>, email: &str) -> Asker {
    Asker::guest(&shop.secret, "demo", Email::parse(email).unwrap())
}

fn find(bodies: &[&str], number: &str, email: &str) -> Result<Option<Found>, SourceError> {
    let shop = shop(bodies);
    let key = OrderKey::parse(number).unwrap();
    shop.find(&key, &guest(&shop, email)).now_or_never().unwrap()
}

#[test]
fn an_order_is_asked_for_by_number_and_address() {
    let shop = shop(&[FOUND]);
    let key = OrderKey::parse(" #1042").unwrap();
    let found = shop.find(&key, &guest(&shop, "ann@shop.example")).now_or_never().unwrap();
    let Found { order, owner } = found.unwrap().unwrap();
    let requests = shop.http.requests.borrow();
    assert_eq!(requests[0].url, "https://my-shop.myshopify.com/admin/api/2026-10/graphql.json");
    assert_eq!(requests[0].headers, [("x-shopify-access-token", "shpat_test".to_owned())]);
    let body: Value = serde_json::from_str(&requests[0].body).unwrap();
    assert_eq!(
        body["variables"],
        json!({"query": "name:\"1042\" AND email:\"ann@shop.example\"", "first": 25})
    );
    let asked = body["query"].as_str().unwrap();
    assert_eq!(asked.matches('{').count(), asked.matches('}').count());

    assert_eq!((order.number.as_str(), order.email), ("#1042", None));
    assert_eq!((order.state, order.currency.as_str()), (OrderState::Shipped, "GBP"));
    let lines: Vec<_> =
        order.lines.iter().map(|l| (&*l.sku, &*l.title, l.quantity, l.price_minor)).collect();
    assert_eq!(lines, [("L1", "Lamp", 1, 2_500), ("-", "Gift wrap", 2, 50)]);
    assert_eq!((order.total_minor, order.shipping_minor, order.discount_minor), (2_995, 395, 0));
    assert_eq!(order.placed_at_ms, Some(1_772_009_430_000));
    assert_eq!(order.shipped_at_ms, Some(1_772_100_000_000));
    assert_eq!(order.expected_at_ms, Some(1_772_452_800_000));
    assert_eq!(order.tracking[0].url, "https://northmail.example/NM123");
    // What is no link is not shown.
    assert_eq!((order.tracking[1].number.as_str(), order.tracking[1].url.as_str()), ("NM124", ""));
    assert_eq!(owner.customer.as_deref(), Some("70123"));
}

#[test]
fn what_the_search_finds_beside_it_is_nobodys() {
    // The reply holds #1042 of Ann and #10421 of Bob: a search by words finds both.
    assert!(find(&[FOUND], "1042", "ann@shop.example").unwrap().is_some());
    assert!(find(&[FOUND], "10421", "bob@shop.example").unwrap().is_some());
    assert_eq!(find(&[FOUND], "1042", "bob@shop.example"), Ok(None));
    assert_eq!(find(&[FOUND], "1043", "ann@shop.example"), Ok(None));
    let none = r#"{"data":{"orders":{"nodes":[]}}}"#;
    assert_eq!(find(&[none], "1042", "ann@shop.example"), Ok(None));
}

#[test]
fn a_customers_orders_are_asked_for_by_number() {
    for (customer, query) in [
        ("70123", "customer_id:70123"),
        ("gid://shopify/Customer/70123", "customer_id:70123"),
        ("70123 OR name:1", "email:\"ann@shop.example\""),
    ] {
        let shop = shop(&[FOUND]);
        let asker = Asker { customer: Some(customer.into()), ..guest(&shop, "ann@shop.example") };
        let found = shop.of(&asker, 100).now_or_never().unwrap().unwrap();
        assert_eq!(found.len(), 1, "{customer}");
        let body: Value = serde_json::from_str(&shop.http.requests.borrow()[0].body).unwrap();
        assert_eq!(body["variables"], json!({"query": query, "first": 25}));
    }
    let shop = shop(&[]);
    let nobody = shop.of(&Asker::default(), 100).now_or_never().unwrap();
    assert_eq!((nobody, shop.http.requests.borrow().len()), (Ok(vec![]), 0));
}

#[test]
fn a_throttled_question_is_asked_again_when_it_can_be_afforded() {
    let shop = shop(&[THROTTLED, FOUND]);
    let key = OrderKey::parse("1042").unwrap();
    let found = shop.find(&key, &guest(&shop, "ann@shop.example")).now_or_never().unwrap();
    assert!(found.unwrap().is_some());
    // 152 points are wanted, 52 are there, 100 a second come in.
    assert_eq!(shop.clock.now_ms(), 1_000);
    let ever = [THROTTLED; 4];
    assert_eq!(find(&ever, "1042", "ann@shop.example"), Err(SourceError::Throttled));
}

#[test]
fn what_cannot_be_read_is_an_error_and_no_order() {
    let error = |body: &str| find(&[body], "1042", "ann@shop.example").unwrap_err();
    assert_eq!(error(DENIED), SourceError::Protocol("ACCESS_DENIED".into()));
    for body in ["", "{}", "[]", r#"{"data":null}"#, r#"{"data":{"orders":null}}"#, "<html>"] {
        assert!(matches!(error(body), SourceError::Protocol(_)), "{body}");
    }
}

#[test]
fn states_are_told_by_what_happened_last() {
    let state = |changes: Value| {
        let mut reply: Value = serde_json::from_str(FOUND).unwrap();
        let order = reply["data"]["orders"]["nodes"][0].as_object_mut().unwrap();
        order.extend(changes.as_object().unwrap().clone());
        let found = find(&[&reply.to_string()], "1042", "ann@shop.example");
        found.unwrap().unwrap().order.state
    };
    let sent = |status: &str| {
        json!({"fulfillments": [{"createdAt": "2026-02-26T10:00:00Z", "deliveredAt": null,
            "estimatedDeliveryAt": null, "displayStatus": status, "trackingInfo": []}]})
    };
    let open = |fulfillment: &str, financial: &str| {
        json!({"displayFulfillmentStatus": fulfillment, "displayFinancialStatus": financial,
            "fulfillments": []})
    };
    for (changes, expected) in [
        (json!({}), OrderState::Shipped),
        (sent("DELIVERED"), OrderState::Delivered),
        (sent("OUT_FOR_DELIVERY"), OrderState::OutForDelivery),
        (sent("LABEL_PRINTED"), OrderState::Packed),
        (sent("A_STATE_TO_COME"), OrderState::Shipped),
        (open("UNFULFILLED", "PAID"), OrderState::Paid),
        (open("UNFULFILLED", "PENDING"), OrderState::Placed),
        (open("IN_PROGRESS", "PAID"), OrderState::Packed),
        (json!({"returnStatus": "RETURN_REQUESTED"}), OrderState::ReturnRequested),
        (json!({"returnStatus": "RETURNED"}), OrderState::Returned),
        (json!({"displayFinancialStatus": "REFUNDED"}), OrderState::Refunded),
        (
            json!({"cancelledAt": "2026-02-27T10:00:00Z", "displayFinancialStatus": "REFUNDED"}),
            OrderState::Cancelled,
        ),
    ] {
        assert_eq!(state(changes.clone()), expected, "{changes}");
    }
}

proptest! {
    /// Any bytes are an answer or an error, and never somebody else's order.
    #[test]
    fn any_reply_is_read_or_refused(at: prop::sample::Index, to: u8, bytes: Vec<u8>) {
        let mut changed = FOUND.as_bytes().to_vec();
        let at = at.index(changed.len());
        changed[at] = to;
        for body in [changed, bytes] {
            let shop = shop(&[&String::from_utf8_lossy(&body)]);
            let key = OrderKey::parse("1042").unwrap();
            let asker = guest(&shop, "ann@shop.example");
            if let Ok(Some(found)) = shop.find(&key, &asker).now_or_never().unwrap() {
                prop_assert!(asker.owns(&found.owner));
                prop_assert_eq!(OrderKey::parse(&found.order.number), Some(key));
            }
        }
    }
}
