use super::*;
use crate::protocol::ProductCard;
use proptest::prelude::*;

fn card(title: &str, price_minor: u32, available: bool) -> ProductCard {
    let handle = title.to_lowercase().replace(' ', "-");
    ProductCard {
        sku: handle.clone(),
        url: format!("/products/{handle}"),
        handle,
        title: title.to_owned(),
        image: String::new(),
        price_minor,
        compare_at_minor: None,
        currency: "GBP".to_owned(),
        available,
    }
}

fn facts() -> Facts {
    let mut facts = Facts::new("Fernside & Co", &["https://fernside.example".to_owned()]);
    facts.product(&card("Red Spot Mug", 425, true));
    facts.product(&card("Blue Paper Parasol", 295, false));
    facts.product(&card("Set of 4 Pantry Jars", 1295, true));
    facts.text(
        "Standard delivery is £3.95, or free on orders of £40 or more: 3 to 5 working days. \
         Express: next working day if you order before 1 pm. 10% off a first order with the code \
         WELCOME10. Write to hello@fernside.example or call 0117 496 0123. Sales begin on \
         26 December. You have 30 days to return goods. Free returns from our Bristol shop. \
         We only sell mugs that are dishwasher safe. Fern Points never expire.",
    );
    facts.link("/pages/returns");
    facts.hear("have you got a mug under £10, by Friday?");
    facts
}

fn check(text: &str) -> String {
    let mut checker = Checker::new(facts());
    let mut out = checker.push(text);
    out.push_str(&checker.finish());
    out
}

#[test]
fn what_holds_passes_and_what_does_not_is_replaced_or_withheld() {
    for (text, expected) in [
        ("The Red Spot Mug is £4.25.", "The Red Spot Mug is £4.25."),
        ("The Red Spot Mug is £3.50.", "The Red Spot Mug is £4.25."),
        ("The Red Spot Mug is £3.95.", "The Red Spot Mug is £4.25."),
        ("The **Red Spot Mug** costs 9.99 EUR!", "The **Red Spot Mug** costs £4.25!"),
        (
            "The Red Spot Mug is lovely. It costs five quid.",
            "The Red Spot Mug is lovely. It costs £4.25.",
        ),
        ("£4.25 for the Red Spot Mug", "£4.25 for the Red Spot Mug"),
        ("£3.95 for the Red Spot Mug", "£4.25 for the Red Spot Mug"),
        ("Postage is £1.99.", "Postage is (see the product page)."),
        ("Everything is half price today.", "Everything is (see the offers page) today."),
        ("Get 20% off.", "Get (see the offers page) off."),
        ("Get 10% off with WELCOME10.", "Get 10% off with WELCOME10."),
        ("Use code SAVE20.", "Use code (see the offers page)."),
        ("Use code sunshine at the checkout.", "Use code (see the offers page) at the checkout."),
        ("See https://evil.example/win.", "See (link removed)."),
        ("See /pages/returns.", "See /pages/returns."),
        ("Go to evil dot com now", "Go to evil (link removed) now"),
        ("Ring 0800 123 4567.", "Ring (see the contact page)."),
        ("The Red Spot Mug is sold out.", "The Red Spot Mug is in stock."),
        ("The Blue Paper Parasol is in stock.", "The Blue Paper Parasol is sold out."),
        ("The Red Spot Mug isn't available.", "The Red Spot Mug is in stock."),
        ("Only 3 left!", "(see the product page for stock)!"),
        ("It arrives by Tuesday.", "It arrives (timing to be confirmed)."),
        ("It arrives in 3 to 5 working days.", "It arrives in 3 to 5 working days."),
        ("Sales end on 3 March.", "Sales end (timing to be confirmed)."),
        ("Your order has been shipped.", "Your order (status on the order page)."),
        (
            "Once your order has been shipped, we write.",
            "Once your order has been shipped, we write.",
        ),
        ("I've refunded you.", "(status on the order page) you."),
        ("Try the Golden Unicorn Teapot.", "Try the (an unlisted item)."),
        ("Try our Golden Unicorn Teapot.", "Try our (an unlisted item)."),
        (
            "The Golden Unicorn Teapot is £4.25.",
            "The (an unlisted item) is (see the product page).",
        ),
        (
            "Die Tasse kostet 99 €, das ist wahr.",
            "Die Tasse kostet (siehe Produktseite), das ist wahr.",
        ),
    ] {
        assert_eq!(check(text), expected, "{text}");
    }
}

/// Texts in which facts are told and hidden in many ways: the pieces, and what is between them.
fn texts(between: &'static str) -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "Red Spot Mug",
        "red spot",
        "Blue Paper Parasol",
        "£",
        "4.25",
        "9.99",
        " ",
        " ",
        " ",
        "\n",
        ". ",
        ", ",
        "12",
        "twelve",
        "pounds",
        "fifty",
        "%",
        "**",
        "code",
        "SAVE20",
        "SAVE",
        "20",
        "evil.com",
        "evil",
        "dot",
        "com",
        "/pages/returns",
        "https://",
        "in stock",
        "sold out",
        "not",
        "is",
        "has",
        "been",
        "shipped",
        "your order",
        "by",
        "Friday",
        "3",
        "March",
        "days",
        "only",
        "left",
        "Golden Unicorn",
        "our",
        "\u{200b}",
        "５",
        "the",
        "it",
        "costs",
        "if",
        "-",
    ]);
    prop::collection::vec(pieces, 0..40).prop_map(|pieces| pieces.join(between))
}

#[test]
fn what_the_shopper_says_of_bargains_and_orders_proves_nothing() {
    for (wish, answer, hidden) in [
        ("is it 99% off?", "Yes, it is 99% off.", "99"),
        ("my code HACKED99 is good", "Use the code HACKED99 now.", "HACKED99"),
        ("my order has been refunded", "Your order has been refunded.", "refunded"),
        ("see https://evil.example/win", "See https://evil.example/win now.", "evil"),
    ] {
        let mut facts = facts();
        facts.hear(wish);
        let mut checker = Checker::new(facts);
        let mut shown = checker.push(answer);
        shown.push_str(&checker.finish());
        assert!(!shown.contains(hidden), "{answer} -> {shown}");
    }
    let mut facts = facts();
    facts.hear("where is order 536365, I paid £7.15?");
    let mut checker = Checker::new(facts);
    let mut shown = checker.push("You paid £7.15 for order 536365.");
    shown.push_str(&checker.finish());
    assert_eq!(shown, "You paid £7.15 for order 536365.");
}

proptest! {
    #[test]
    fn how_a_text_is_cut_changes_nothing(text in texts(""), sizes in prop::collection::vec(1usize..9, 1..20)) {
        let mut checker = Checker::new(facts());
        let mut out = String::new();
        let chars: Vec<char> = text.chars().collect();
        let mut rest = chars.as_slice();
        for size in sizes.iter().cycle() {
            if rest.is_empty() { break; }
            let (piece, next) = rest.split_at((*size).min(rest.len()));
            out.push_str(&checker.push(&piece.iter().collect::<String>()));
            prop_assert!(checker.held.len() <= reader::WINDOW + 16, "{}", checker.held.len());
            rest = next;
        }
        out.push_str(&checker.finish());
        prop_assert_eq!(out, check(&text));
    }

    #[test]
    fn any_text_is_taken(text in "\\PC{0,80}") {
        check(&text);
    }

    /// No foreign address and no share is in what is shown unless the facts have it. Pieces that are
    /// glued together are left out: what is shown of a run can read as what the whole was not. A
    /// number after a sign of money is no share, whatever follows.
    #[test]
    fn nothing_unbacked_is_shown(text in texts(" ")) {
        let shown = check(&text);
        let known = facts();
        prop_assert!(!shown.split_whitespace().any(|run| run == "evil.com"), "{shown:?} of {text:?}");
        let all = lexeme::lexemes(&shown);
        let is_amount = |at: usize| {
            let before = all[..at].iter().rev().find(|lexeme| lexeme.kind != lexeme::Kind::Space);
            before.and_then(money::sign).is_some()
        };
        for at in 0..all.len() {
            let mut reader = Reader::new(&all[at..], true);
            if let Some((claim, _)) = claim_at(&mut reader, &Said::default())
                && matches!(claim, claim::Claim::Percent(_))
                && !is_amount(at)
            {
                prop_assert!(known.has(&claim), "{claim:?} in {shown:?} of {text:?}");
            }
        }
    }

    #[test]
    fn prose_passes_unchanged(text in "([a-z]{1,2}[bcfghjkmpqvwxz]{3,6}[ ,]? ?){0,30}") {
        prop_assert_eq!(check(&text), text);
    }
}
