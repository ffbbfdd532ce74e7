//! The truth check on 300 invented facts over the demo shop's catalogue, for each of some seeds, and
//! on honest answers. `AISLE_SEED=7` draws those of this seed alone.

use aisle_core::protocol::ProductCard;
use aisle_core::truth::{Checker, Facts};

const CATALOGUE: &str = include_str!("../../../demo-site/data/products.csv");
const DOCUMENTS: [&str; 3] = [
    include_str!("../../../demo-site/data/documents/delivery.md"),
    include_str!("../../../demo-site/data/documents/prices-and-promotions.md"),
    include_str!("../../../demo-site/data/documents/contact-and-complaints.md"),
];

/// Products whose rows have no quoted field, which is most of them.
fn catalogue() -> Vec<ProductCard> {
    let rows = CATALOGUE.lines().skip(1).filter(|row| !row.contains('"'));
    rows.filter_map(|row| {
        let fields: Vec<&str> = row.split(',').collect();
        let price: f64 = fields.get(11)?.parse().ok()?;
        Some(ProductCard {
            sku: (*fields.get(7)?).to_owned(),
            handle: fields[0].to_owned(),
            title: fields[1].to_owned(),
            url: format!("/products/{}", fields[0]),
            image: String::new(),
            price_minor: (price * 100.0).round() as u32,
            compare_at_minor: None,
            currency: "GBP".to_owned(),
            available: *fields.get(9)? != "0",
        })
    })
    .collect()
}

fn facts(products: &[&ProductCard], documents: &[&str]) -> Facts {
    let mut facts = Facts::new("Fernside & Co", &["https://fernside.example".to_owned()]);
    products.iter().for_each(|product| facts.product(product));
    documents.iter().for_each(|document| facts.text(document));
    for page in ["/pages/returns-policy", "/pages/tracking", "/cart"] {
        facts.link(page);
    }
    facts
}

/// Streams a text a few characters at a time.
fn streamed(facts: &Facts, text: &str) -> String {
    let mut checker = Checker::new(facts.clone());
    let chars: Vec<char> = text.chars().collect();
    let mut out: String =
        chars.chunks(3).map(|piece| checker.push(&piece.iter().collect::<String>())).collect();
    out.push_str(&checker.finish());
    out
}

/// Numbers without a pattern from a seed (Knuth's 64-bit linear congruence).
struct Seeded(u64);

impl Seeded {
    fn below(&mut self, end: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }

    fn of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }
}

/// A hostile sentence and what of it must not be seen.
fn hostile(kind: usize, seeded: &mut Seeded, product: &ProductCard) -> (String, Vec<String>) {
    let title = &product.title;
    let fill = |template: &str, value: &str| template.replace("{p}", title).replace("{v}", value);
    match kind {
        0 => {
            let (pounds, pence) = (61 + seeded.below(900), 11 + seeded.below(80));
            let number = format!("{pounds}.{pence}");
            let value = seeded
                .of(&[
                    "£#",
                    "£ #",
                    "# GBP",
                    "GBP #",
                    "#€",
                    "$#",
                    "# pounds",
                    "€ #",
                    "£**#**",
                    "£\u{200b}#",
                    "# quid",
                    "US$#",
                    "#£",
                    "GBP#",
                    "£\u{202f}#",
                    "#\u{a0}GBP",
                ])
                .replace('#', &number);
            let template = seeded.of(&[
                "The {p} costs {v}.",
                "You can have the {p} for just {v} right now!",
                "- **{p}**: {v}",
                "{p} ({v}) would look lovely on a shelf.",
                "I like the {p}. It is priced at {v}, which is fair.",
                "Good choice: {v} for the {p}, and worth it.",
                "At {v} the {p} is hard to beat.",
                "Der {p} kostet {v}.",
                "Le {p} coûte {v}.",
                "El {p} cuesta {v}.",
                "Right now the {p} goes for {v}.",
                "You pay {v} for one {p}.",
                "{p} \u{2013} {v} only",
                "Only {v}! The {p} is a bargain.",
            ]);
            (fill(template, &value), vec![number])
        }
        1 => {
            let word = seeded.of(&["SAVE", "MEGA", "VIP", "FERN", "TREAT", "SPRING"]);
            let value = format!("{word}{}", 21 + seeded.below(70));
            let shown = match seeded.below(5) {
                0 => value.chars().map(|c| format!("{c}\u{200b}")).collect(),
                1 => format!("**{value}**"),
                2 => value.to_lowercase(),
                _ => value.clone(),
            };
            let template = seeded.of(&[
                "Use code {v} when you pay.",
                "Enter the voucher {v} in the basket.",
                "There is a promo code for you: {v}.",
                "With the discount code {v} the {p} is cheaper.",
                "Nutzen Sie den Gutschein {v} an der Kasse.",
                "Utilisez le code {v} pour votre commande.",
                "Your coupon is {v}.",
                "Type {v} at checkout to save on the {p}.",
                "The voucher code of this week is {v}.",
                "Apply the coupon code {v} in the basket.",
            ]);
            (fill(template, &shown), vec![value.clone(), value.to_lowercase(), shown])
        }
        2 => {
            let value = format!(
                "{} {} {}",
                seeded.of(&["Golden", "Velvet", "Imperial", "Moonlit"]),
                seeded.of(&["Unicorn", "Walrus", "Comet", "Pineapple"]),
                seeded.of(&["Teapot", "Lantern", "Hammock", "Gramophone"]),
            );
            let template = seeded.of(&[
                "We also have our {v}.",
                "Have a look at the **{v}**, a favourite.",
                "- {v}: very popular",
                "The {v} is in stock.",
                "I recommend \"{v}\" as a present.",
                "The {v} costs £4.25 and looks great.",
                "Many shoppers love the new {v}.",
                "Our best seller is the {v}.",
                "You might like the {v} at £6.95.",
                "Try the {v} instead.",
                "The {v} is sold out at the moment.",
            ]);
            (fill(template, &value), vec![value])
        }
        3 => {
            let host = format!(
                "{}{}",
                seeded.of(&["fernside-deals", "win", "cheap-mugs"]),
                seeded.below(99)
            );
            let value = seeded
                .of(&[
                    "https://#.example/x",
                    "#.com",
                    "www.#.com",
                    "http://fernside.example@#.com/",
                    "help@#.com",
                    "https://fernside.example.#.net",
                    "//#.com/a",
                    "javascript:go(#)",
                    "# dot com",
                    "https://#.com/%2e",
                    "#\u{200b}.com",
                    "/products/#",
                    "#.shop",
                    "ftp://#.com",
                    "https://#.com:8443/x",
                    "HTTPS://#.COM",
                ])
                .replace('#', &host);
            let value = if value.contains(".COM") { value.to_uppercase() } else { value };
            let template = seeded.of(&[
                "More on this at {v}.",
                "Order the {p} here: {v}",
                "See [our page]({v}) for the {p}.",
                "Write to us through {v} and we help.",
                "Visit {v} for the details.",
                "It is all explained on {v}!",
            ]);
            let host = if value.contains(".COM") { host.to_uppercase() } else { host };
            let hidden = if value.contains(" dot ") { value.clone() } else { host };
            (fill(template, &value), vec![hidden])
        }
        4 => {
            let day = 2 + seeded.below(26);
            let month = seeded.of(&["March", "April", "June", "October", "Oktober", "octobre"]);
            let value = match seeded.below(11) {
                8 => "next Tuesday".to_owned(),
                9 => format!("the {day}th of {month}"),
                10 => format!("{} minutes", 31 + day),
                0 => format!("{day} {month}"),
                1 => format!("{month} {day}th"),
                2 => "Thursday".to_owned(),
                3 => "tomorrow".to_owned(),
                4 => format!("{} hours", 31 + day),
                5 => format!("2031-04-{day:02}"),
                6 => format!("{}:{:02}", 13 + day % 3, 31 + day),
                _ => format!("{} days", 31 + day),
            };
            let template = seeded.of(&[
                "The {p} will be with you by {v}.",
                "You get it within {v}, I promise.",
                "It arrives on {v}.",
                "The offer ends {v}!",
                "Delivery takes until {v} at most.",
                "Expect the {p} {v}.",
                "Your parcel comes {v}, at the door.",
            ]);
            (fill(template, &value), vec![value])
        }
        5 => {
            let right = if product.available { "sold out" } else { "in stock" };
            match seeded.below(3) {
                0 => {
                    let value = format!("{}", 2 + seeded.below(8));
                    let template = seeded.of(&[
                        "Hurry, only {v} left!",
                        "There are just {v} pieces remaining.",
                        "We have {v} in stock at the moment.",
                        "Stock: {v} pieces.",
                        "There are {v} of them left.",
                    ]);
                    (fill(template, &value), vec![value])
                }
                _ => {
                    let template = seeded.of(&[
                        "The {p} is {v}.",
                        "The {p} is currently {v}.",
                        "Good to know: {p} is {v} now.",
                        "You asked about the {p}. It is {v}.",
                        "- {p} ({v})",
                        "At present the {p} is {v}.",
                        "Yes, {p}: {v}.",
                    ]);
                    (fill(template, right), vec![right.to_owned()])
                }
            }
        }
        6 => {
            let value = seeded.of(&[
                "has been shipped",
                "was delivered",
                "is on its way",
                "has already been refunded",
                "has been cancelled",
                "is out for delivery",
                "was dispatched",
                "has now been returned",
            ]);
            let template = seeded.of(&[
                "Your order {v}.",
                "Good news, your parcel {v}!",
                "I checked: it {v}.",
                "Your refund {v} and all is well.",
                "The package {v}.",
                "Your order {v} yesterday evening.",
                "An update on the parcel: it {v}.",
            ]);
            (fill(template, value), vec![value.to_owned()])
        }
        _ => {
            let percent = 21 + seeded.below(30);
            let value = seeded
                .of(&[
                    "#%",
                    "# %",
                    "# percent",
                    "# per cent",
                    "half price",
                    "2 for 1",
                    "buy one get one free",
                    "#\u{ff05}",
                ])
                .replace('#', &percent.to_string());
            let template = seeded.of(&[
                "You save {v} on the {p}.",
                "Everything is {v} this season.",
                "New customers get {v} on all mugs.",
                "The {p} is now {v}!",
                "There is {v} off everything.",
                "Get {v} when you buy the {p} today.",
            ]);
            (fill(template, &value), vec![value])
        }
    }
}

/// Seeds that are drawn where none is told.
const SEEDS: u64 = 20;
/// Invented facts of a seed.
const FACTS: usize = 300;

#[test]
fn no_invented_fact_is_shown() {
    let catalogue = catalogue();
    let one = std::env::var("AISLE_SEED").ok().map(|seed| seed.parse::<u64>().expect("a number"));
    let seeds = one.map_or(0..SEEDS, |seed| seed..seed.saturating_add(1));
    let known = facts(&[], &DOCUMENTS);
    let mut shown = Vec::new();
    for seed in seeds {
        let mut seeded = Seeded(seed);
        for number in 0..FACTS {
            let mut product = &catalogue[seeded.below(catalogue.len())];
            while product.title.contains(|c: char| c.is_ascii_digit()) {
                product = &catalogue[seeded.below(catalogue.len())];
            }
            let (text, hidden) = hostile(number % 8, &mut seeded, product);
            let mut known = known.clone();
            known.product(product);
            let out = streamed(&known, &text);
            if hidden.iter().any(|value| out.contains(value.as_str())) {
                shown.push(format!("AISLE_SEED={seed}: {text:?} -> {out:?}"));
            }
        }
    }
    assert!(shown.is_empty(), "{} shown:\n{}", shown.len(), shown.join("\n"));
}

/// Honest answers: `{p}` is a product at £4.25 in stock, `{q}` one at £2.95 that is sold out.
const HONEST: &[&str] = &[
    "The {p} costs £4.25.",
    "Yes, the {p} is in stock and costs £4.25.",
    "I am afraid the {q} is sold out at the moment.",
    "The {q} is £2.95, but it is currently sold out.",
    "- {p}: £4.25\n- {q}: £2.95",
    "Both would look good together.",
    "Standard delivery costs £3.95 and takes 3 to 5 working days.",
    "Delivery is free on orders of £40 or more.",
    "You can choose Express for £6.95 if you order before 1 pm.",
    "With the code WELCOME10 new customers get 10% off a first order of £20 or more.",
    "We match the price if you send us the link within 7 days.",
    "You will find it at /pages/returns-policy.",
    "See https://fernside.example/pages/tracking for more.",
    "Once your order has been packed we cannot add a code.",
    "I could not find that in our pages. Please ask the team through the contact page.",
    "Hello! How can I help you today?",
    "Would you like me to look for something else?",
    "That is a lovely present for a teacher.",
    "The {p} is made for everyday use, and many people give it as a present.",
    "I can show you other mugs if that one is too big.",
    "We deliver to every EU country, Norway and Switzerland for £12.95.",
    "Click and collect is free from our Bristol or York shop.",
    "Keep the e-mail and your order number with you.",
    "It depends on the size you need. Which one do you have in mind?",
    "The {p} is the cheaper of the two, I think you will like it.",
    "Sale prices apply online and in both shops.",
    "Students have 10% off all year.",
    "Winter sales run from 26 December to the end of January.",
    "One code works on each order.",
    "You may return sale items like any others.",
    "Es tut mir leid, das weiß ich nicht.",
    "Je ne sais pas, mais je peux chercher.",
    "No lo sé, pero puedo buscarlo.",
    "No problem at all.",
    "Gift cards are not discounted by codes.",
    "The clearance corner has up to 60% off.",
    "If the {q} is in stock again, the page says so.",
    "When your parcel has been delivered, check it for damage.",
    "I would pick the {p}; at £4.25 it is good value.",
    "Express is £6.95 and comes the next working day.",
    "Import duty is not included in our prices.",
    "Candles can only be sent to UK addresses.",
    "We do not deliver anywhere else at the moment.",
    "Please tell me a little more about the room.",
    "You pay one delivery charge for the whole order.",
    "The {p} is available, and so is gift wrapping.",
    "Would the {p} be all right for you? It costs £4.25.",
    "Orders of £250 or more before VAT are delivered free to trade customers.",
    "Most products cost less by the dozen: 10% off from 12 of the same item.",
    "Your order is ready within 3 working days.",
    "We keep parcels for 14 days.",
    "It is a good idea to measure the shelf first.",
    "They are sturdy and easy to clean.",
    "Sorry, I cannot see your order from here.",
    "Our team can look that up for you.",
    "A returned item must be unused.",
    "There are two ways to pay for it.",
    "Some of our mugs have spots, others have stripes.",
    "The {p} (£4.25) is what most shoppers choose.",
    "Our best seller is the {p}.",
    "Try the {p} in the kitchen instead.",
    "Enter your postcode in the basket, and the delivery costs are shown.",
    "Type your e-mail address at the checkout.",
    "The voucher code goes into the box on the basket page.",
    "I would use Type C screws with it.",
    "I have two ideas:\n\n- {p}, £4.25\n- something smaller for the table",
];

#[test]
fn honest_answers_pass_unchanged() {
    let mut catalogue = catalogue();
    let find = |catalogue: &[ProductCard], title: &str| {
        catalogue.iter().position(|product| product.title == title).unwrap()
    };
    let (p, q) =
        (find(&catalogue, "Sandalwood Fan"), find(&catalogue, "Edwardian Parasol Natural"));
    (catalogue[p].price_minor, catalogue[p].available) = (425, true);
    (catalogue[q].price_minor, catalogue[q].available) = (295, false);
    let facts = facts(&[&catalogue[p], &catalogue[q]], &DOCUMENTS);
    let changed: Vec<String> = HONEST
        .iter()
        .map(|text| {
            text.replace("{p}", "Sandalwood Fan").replace("{q}", "Edwardian Parasol Natural")
        })
        .filter_map(|text| {
            let out = streamed(&facts, &text);
            (out != text).then(|| format!("{text:?} -> {out:?}"))
        })
        .collect();
    assert!(changed.is_empty(), "{} changed:\n{}", changed.len(), changed.join("\n"));
}
