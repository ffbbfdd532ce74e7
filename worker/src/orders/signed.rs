//! The signed connector: orders behind an HTTP interface of the merchant's own, as docs/orders.md
//! describes it to merchants.

use aisle_core::orders::{Email, OrderKey, check};
use aisle_core::protocol::Order;
use futures_util::future::LocalBoxFuture;
use hmac::{Hmac, Mac};
use serde::Deserialize;
use serde_json::json;
use sha2::Sha256;

use super::http::{Verdict, ask};
use super::{Asker, Found, Http, HttpRequest, OrderSecret, OrderSource, Owner, SourceError};
use crate::admin_key::hex;
use crate::ports::Clock;

/// Version of the connector's protocol.
const VERSION: u16 = 1;

/// A merchant's own interface.
pub struct Signed<H, C> {
    /// The network.
    pub http: H,
    /// The time, which is signed.
    pub clock: C,
    /// Where it is.
    pub url: String,
    /// The secret that is shared with the merchant's server.
    pub key: String,
    /// The shop.
    pub shop: String,
    /// For the hashes of addresses.
    pub secret: OrderSecret,
}

#[derive(Deserialize)]
struct One {
    // Required: a reply without it is no answer, and not one that there is no order.
    #[serde(deserialize_with = "Option::deserialize")]
    order: Option<Order>,
}

#[derive(Deserialize)]
struct Many {
    orders: Vec<Order>,
}

impl<H: Http, C: Clock> Signed<H, C> {
    async fn ask<T: for<'a> Deserialize<'a>>(
        &self,
        question: serde_json::Value,
    ) -> Result<T, SourceError> {
        let body = question.to_string();
        let timestamp = (self.clock.now_ms() / 1_000).to_string();
        let signature = sign(&self.key, &timestamp, &body);
        let headers = vec![("x-aisle-timestamp", timestamp), ("x-aisle-signature", signature)];
        let request = HttpRequest { url: self.url.clone(), headers, body };
        ask(&self.http, &self.clock, request, |body| match serde_json::from_slice(body) {
            Ok(answer) => Verdict::Done(answer),
            // What it says exactly could be of a person.
            Err(_) => Verdict::Failed(SourceError::Protocol("not the expected JSON".to_owned())),
        })
        .await
    }

    fn question(&self, action: &str, asker: &Asker) -> serde_json::Value {
        json!({
            "v": VERSION,
            "action": action,
            "shop": self.shop,
            "email": asker.email.as_ref().map(|(email, _)| email.as_str()),
            "customer": asker.customer,
        })
    }

    /// An order of the merchant's, without its address; nothing where it cannot be shown.
    fn found(&self, mut order: Order) -> Option<Found> {
        check(&order).ok()?;
        let email = order.email.take().and_then(|email| Email::parse(&email));
        let owner = Owner {
            email: email.map(|email| self.secret.email_key(&self.shop, &email)),
            customer: order.customer.clone(),
        };
        Some(Found { order, owner })
    }
}

impl<H: Http, C: Clock> OrderSource for Signed<H, C> {
    fn find<'a>(
        &'a self,
        key: &'a OrderKey,
        asker: &'a Asker,
    ) -> LocalBoxFuture<'a, Result<Option<Found>, SourceError>> {
        let mut question = self.question("find", asker);
        question["number"] = json!(key.as_str());
        Box::pin(async move {
            let One { order } = self.ask(question).await?;
            let is_asked = |order: &Order| OrderKey::parse(&order.number).as_ref() == Some(key);
            let found = order.filter(is_asked).and_then(|order| self.found(order));
            Ok(found.filter(|found| asker.owns(&found.owner)))
        })
    }

    fn of<'a>(
        &'a self,
        asker: &'a Asker,
        limit: u32,
    ) -> LocalBoxFuture<'a, Result<Vec<Found>, SourceError>> {
        let mut question = self.question("list", asker);
        question["limit"] = json!(limit);
        Box::pin(async move {
            let Many { orders } = self.ask(question).await?;
            let found = orders.into_iter().take(limit as usize).filter_map(|o| self.found(o));
            Ok(found.filter(|found| asker.owns(&found.owner)).collect())
        })
    }
}

/// The value of the header `x-aisle-signature`: the HMAC-SHA-256 of the time, a full stop and the
/// body.
fn sign(key: &str, timestamp: &str, body: &str) -> String {
    // A key may have any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.as_bytes()) else { return String::new() };
    for part in [timestamp, ".", body] {
        mac.update(part.as_bytes());
    }
    format!("v1={}", hex(&mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use serde_json::Value;

    use super::*;
    use crate::orders::{HttpReply, ScriptedHttp};
    use crate::ports::ManualClock;

    const ORDER: &str = r##"{"number":"#1042","email":"Ann@shop.example","customer":"c-7",
        "state":"paid","placed_at_ms":5,"currency":"GBP","total_minor":425,
        "lines":[{"sku":"M1","title":"Mug","quantity":1,"price_minor":425}]}"##;

    fn source(body: &str) -> Signed<ScriptedHttp, ManualClock> {
        let reply =
            HttpReply { status: 200, body: body.as_bytes().to_vec(), ..HttpReply::default() };
        Signed {
            http: ScriptedHttp::new([Ok(reply)]),
            clock: ManualClock::default(),
            url: "https://shop.example/aisle".into(),
            key: "a key of the connector".into(),
            shop: "demo".into(),
            secret: OrderSecret::new("0123456789abcdef").unwrap(),
        }
    }

    fn ann(source: &Signed<ScriptedHttp, ManualClock>) -> Asker {
        Asker::guest(&source.secret, "demo", Email::parse("ann@shop.example").unwrap())
    }

    fn find(body: &str, number: &str) -> Result<Option<Found>, SourceError> {
        let source = source(body);
        let key = OrderKey::parse(number).unwrap();
        source.find(&key, &ann(&source)).now_or_never().unwrap()
    }

    #[test]
    fn a_question_is_signed_as_the_documentation_says() {
        let signature = sign("a key of the connector", "1773000000", r#"{"v":1}"#);
        // printf '1773000000.{"v":1}' | openssl dgst -sha256 -hmac 'a key of the connector'
        assert_eq!(
            signature,
            "v1=8a4816cd6add08fb9dc907632c08a928b097b737ab67b1872e102bdd77bc9e03"
        );
        let source = source(r#"{"order":null}"#);
        let key = OrderKey::parse("1042").unwrap();
        assert_eq!(source.find(&key, &ann(&source)).now_or_never().unwrap(), Ok(None));
        let requests = source.http.requests.borrow();
        let asked = &requests[0];
        let body: Value = serde_json::from_str(&asked.body).unwrap();
        assert_eq!(
            body,
            json!({"v": 1, "action": "find", "shop": "demo", "number": "1042",
                "email": "ann@shop.example", "customer": null})
        );
        assert_eq!(
            asked.headers,
            [
                ("x-aisle-timestamp", "0".to_owned()),
                ("x-aisle-signature", sign(&source.key, "0", &asked.body)),
            ]
        );
    }

    #[test]
    fn an_answer_is_believed_only_as_far_as_it_goes() {
        let one = |order: &str| format!(r#"{{"order":{order}}}"#);
        let found = find(&one(ORDER), "1042").unwrap().unwrap();
        assert_eq!((found.order.number.as_str(), found.order.email), ("#1042", None));
        for (what, order) in [
            ("somebody else's", ORDER.replace("Ann@", "Bob@")),
            ("another number", ORDER.replace("#1042", "#1043")),
            ("without an address", ORDER.replace(r#""email":"Ann@shop.example","#, "")),
            ("a bad currency", ORDER.replace("GBP", "pounds")),
            ("none", "null".to_owned()),
        ] {
            assert_eq!(find(&one(&order), "1042"), Ok(None), "{what}");
        }
        for body in ["", "[]", "{}", r#"{"orders":null}"#, r#"{"order":7}"#, "<html>"] {
            assert!(matches!(find(body, "1042"), Err(SourceError::Protocol(_))), "{body}");
        }
    }

    #[test]
    fn a_customers_orders() {
        let bob = ORDER.replace("Ann@", "Bob@").replace("c-7", "c-8");
        let source = source(&format!(r#"{{"orders":[{ORDER},{bob}]}}"#));
        let asker = Asker { email: None, customer: Some("c-7".into()) };
        let found = source.of(&asker, 10).now_or_never().unwrap().unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].owner.customer.as_deref(), Some("c-7"));
    }
}
