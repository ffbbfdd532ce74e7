//! What is found and what is left, case by case, and what holds for any text.

use proptest::prelude::*;

use super::{Redacted, proof, redact};

/// Texts and what becomes of them; written for Aisle.
const CASES: &[(&str, &str)] = &[
    ("card 4111 1111 1111 1111 please", "card [card number] please"),
    ("4111-1111-1111-1111", "[card number]"),
    ("4111111111111112 is no card", "4111111111111112 is no card"),
    ("\u{ff14}111 1111 1111 1111", "[card number]"),
    ("4111\u{200b}1111\u{200b}1111\u{200b}1111", "[card number]"),
    ("write to jo.bloggs+shop@mail.example, thanks", "write to [e-mail], thanks"),
    ("price @ 5 each", "price @ 5 each"),
    ("refund to GB82 WEST 1234 5698 7654 32", "refund to [IBAN]"),
    ("DE89370400440532013000", "[IBAN]"),
    ("call me on 07700 900123", "call me on [phone number]"),
    ("+44 7700 900123 or +1 (202) 555-0143", "[phone number] or [phone number]"),
    ("where is order 536365", "where is order 536365"),
    ("order #1042 and INV-536365", "order #1042 and INV-536365"),
    ("set of 6 mugs for 12.50, 30 x 40 cm", "set of 6 mugs for 12.50, 30 x 40 cm"),
    ("delivered on 2026-11-24 at 10:30", "delivered on 2026-11-24 at 10:30"),
    ("send it to 12 Mill Lane instead", "send it to [address] instead"),
    ("two cakestands and 3 jars", "two cakestands and 3 jars"),
    ("", ""),
];

#[test]
fn personal_data_goes_and_the_rest_stays() {
    for (text, expected) in CASES {
        assert_eq!(redact(text).text, *expected, "{text}");
    }
}

proptest! {
    #[test]
    fn what_was_redacted_stays_as_it_is(
        text in "(\\PC|[0-9@. +-]|4111 1111 1111 1111|jo@mail.example|12 Mill Lane|order ){0,30}",
    ) {
        let once = redact(&text);
        let again = redact(&once.text);
        prop_assert!(again.found.is_empty(), "{:?}", again);
        prop_assert_eq!(again.text, once.text);
    }

    #[test]
    fn findings_are_in_order_and_whole_characters(text in "(\\PC|[0-9@. +-]){0,60}") {
        let mut end = 0;
        for finding in redact(&text).found {
            prop_assert!(end <= finding.range.start && finding.range.start < finding.range.end);
            prop_assert!(text.get(finding.range.clone()).is_some());
            end = finding.range.end;
        }
    }
}

#[test]
fn an_address_beside_a_number_proves_an_order() {
    for (text, expected) in [
        ("where is #1042? ann@shop.example", Some("ann@shop.example")),
        ("order W2611340, I am ann@shop.example.", Some("ann@shop.example")),
        ("order #7 ann@shop.example", Some("ann@shop.example")),
        ("write to ann@shop.example", None),
        ("2 mugs for ann@shop.example", None),
        ("where is #1042?", None),
    ] {
        let Redacted { text: left, found } = redact(text);
        assert_eq!(proof(text, &left, &found).as_deref(), expected, "{text}");
    }
}
