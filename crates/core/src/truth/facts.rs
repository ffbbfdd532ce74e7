//! What is known to be true in a turn.

use std::collections::{BTreeMap, BTreeSet};

use super::claim::{Claim, Money, When, claim_at};
use super::lexeme::{Kind, Lexeme, lexemes};
use super::lexicon::{Class, State};
use super::link;
use super::money::UNKNOWN;
use super::reader::Reader;
use super::said::Said;
use crate::money::format_price;
use crate::protocol::ProductCard;

/// Products that are known at most.
const MAX_PRODUCTS: usize = 64;

#[derive(Clone, Debug)]
pub(super) struct Product {
    words: Vec<String>,
    /// Prices in hundredths: what it costs, and what it did.
    prices: Vec<u64>,
    pub(super) currency: [u8; 3],
    pub(super) shown_price: String,
    pub(super) is_available: bool,
}

/// What a turn rests on. Everything that a model says is held against it.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    pub(super) products: Vec<Product>,
    /// Products by the first word of their titles.
    by_word: BTreeMap<String, Vec<usize>>,
    claims: BTreeSet<Claim>,
    times: BTreeSet<When>,
    states: BTreeSet<State>,
    phrases: BTreeSet<String>,
    links: BTreeSet<String>,
    codes: BTreeSet<String>,
    digits: String,
    origins: Vec<String>,
    /// Hosts whose addresses may be shown where a text has them.
    hosts: Vec<String>,
    /// All words of the texts, each between spaces.
    words: String,
}

impl Facts {
    /// Nothing is known but the shop's name and where its pages are, each an origin such as
    /// `https://shop.example`.
    pub fn new(shop: &str, origins: &[String]) -> Self {
        let mut facts =
            Self { origins: origins.to_vec(), words: " ".to_owned(), ..Self::default() };
        facts.links.insert("/".to_owned());
        for origin in origins {
            let host = origin.split_once("://").map_or(origin.as_str(), |(_, host)| host);
            facts.allow_host(host.strip_prefix("www.").unwrap_or(host));
        }
        facts.hear(shop);
        facts
    }

    /// A product of the catalogue.
    pub fn product(&mut self, card: &ProductCard) {
        if self.products.len() >= MAX_PRODUCTS {
            return;
        }
        let words = words(&card.title);
        let zero_decimal = !format_price(100, &card.currency).contains('.');
        let hundredths = |minor: u32| u64::from(minor) * if zero_decimal { 100 } else { 1 };
        let prices = std::iter::once(card.price_minor).chain(card.compare_at_minor);
        if let Some(first) = words.first() {
            self.by_word.entry(singular(first).to_owned()).or_default().push(self.products.len());
        }
        let mut currency = UNKNOWN;
        for (to, from) in currency.iter_mut().zip(card.currency.bytes()) {
            *to = from.to_ascii_uppercase();
        }
        self.products.push(Product {
            words,
            prices: prices.map(hundredths).collect(),
            currency,
            shown_price: format_price(card.price_minor, &card.currency),
            is_available: card.available,
        });
        self.collect(&card.title, Voice::Shop);
        self.link(&card.url);
    }

    /// A host whose addresses, and those of its subdomains, may be shown where a text has them. The
    /// shop's own are known.
    pub fn allow_host(&mut self, host: &str) {
        self.hosts.push(host.to_ascii_lowercase());
    }

    /// A text that is true: a section of the shop's documents, a description, what was checked
    /// before. Addresses in it are known only if they are of a host that is allowed.
    pub fn text(&mut self, text: &str) {
        self.collect(text, Voice::Shop);
    }

    /// A text that someone else wrote, such as a review: it may be quoted, but no price, bargain,
    /// code, address or order's state is known by it.
    pub fn quote(&mut self, text: &str) {
        self.collect(text, Voice::Customer);
    }

    /// What the shopper wrote: saying it again is no claim, but for what the shop would be held to:
    /// bargains, codes, addresses and what happened to an order.
    pub fn hear(&mut self, text: &str) {
        self.collect(text, Voice::Shopper);
    }

    /// A page of the shop, or another address that may be shown.
    pub fn link(&mut self, url: &str) {
        self.links.extend(link::canonical(url, &self.origins));
    }

    /// A discount code that the shop gives out.
    pub fn code(&mut self, code: &str) {
        self.codes.insert(
            code.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect(),
        );
    }

    /// What is known of the shopper's order, in words: its state, dates, sums and numbers.
    pub fn order(&mut self, text: &str) {
        self.collect(text, Voice::Shop);
        self.states.extend(lexemes(text).iter().filter_map(|lexeme| match lexeme.class {
            Class::State(state) => Some(state),
            _ => None,
        }));
    }

    fn collect(&mut self, text: &str, voice: Voice) {
        let all = lexemes(text);
        let mut said = Said::default();
        for (at, lexeme) in all.iter().enumerate() {
            let mut reader = Reader::new(all.get(at..).unwrap_or_default(), true);
            let claim = claim_at(&mut reader, &said).map(|(claim, _)| claim);
            if let Some(claim) = claim.filter(|claim| voice.may_say(claim)) {
                self.know(claim);
            }
            match lexeme.kind {
                Kind::Word | Kind::Number => {
                    self.words.push_str(&lexeme.text);
                    self.words.push(' ');
                    let has_digit = lexeme.text.contains(|c: char| c.is_ascii_digit());
                    let is_known = match voice {
                        Voice::Shop => has_digit,
                        Voice::Shopper => lexeme.kind == Kind::Number,
                        Voice::Customer => false,
                    };
                    if is_known {
                        self.codes.insert(lexeme.text.to_uppercase());
                    }
                }
                Kind::Link => {
                    self.words.push_str(&lexeme.text);
                    self.words.push(' ');
                }
                _ => {}
            }
            said.note(lexeme);
        }
        self.words.push_str("| ");
    }

    fn know(&mut self, claim: Claim) {
        match claim {
            Claim::When(times) => self.times.extend(times),
            Claim::State(_, phrase) => {
                self.phrases.insert(phrase);
            }
            Claim::Link(raw) => {
                let link = link::canonical(&raw, &self.origins);
                self.links.extend(link.filter(|link| link::is_of(link, &self.hosts)));
            }
            Claim::Code(code) => {
                self.codes.insert(code);
            }
            Claim::Digits(digits) => {
                self.digits.push_str(&digits);
                self.digits.push(' ');
            }
            Claim::Stock { .. } => {}
            claim => {
                self.claims.insert(claim);
            }
        }
    }

    /// Whether the texts say this.
    pub(super) fn has(&self, claim: &Claim) -> bool {
        match claim {
            Claim::Money(money) => self.has_money(*money),
            Claim::When(times) => times.iter().all(|time| self.times.contains(time)),
            Claim::State(state, phrase) => {
                self.states.contains(state) || self.phrases.contains(phrase)
            }
            Claim::Link(raw) => {
                link::canonical(raw, &self.origins).is_some_and(|link| self.links.contains(&link))
            }
            Claim::Code(code) => self.codes.contains(code),
            Claim::Digits(digits) => self.digits.contains(digits.as_str()),
            Claim::Stock { .. } => false,
            claim => self.claims.contains(claim),
        }
    }

    fn has_money(&self, money: Money) -> bool {
        money.minor.is_some()
            && self.claims.iter().any(|known| match known {
                Claim::Money(known) => {
                    known.minor == money.minor
                        && (known.currency == money.currency
                            || money.currency.is_none()
                            || known.currency.is_none())
                }
                _ => false,
            })
    }

    /// Whether a product costs, or did cost, this.
    pub(super) fn costs(&self, product: usize, money: Money) -> bool {
        self.products.get(product).is_some_and(|product| {
            money.minor.is_some_and(|minor| product.prices.contains(&minor))
                && money.currency.is_none_or(|currency| currency == product.currency)
        })
    }

    /// Whether a product costs at most this.
    pub(super) fn costs_at_most(&self, product: usize, money: Money) -> bool {
        self.products.get(product).is_some_and(|product| {
            money.minor.is_some_and(|minor| product.prices.first().is_some_and(|p| *p <= minor))
        })
    }

    /// Whether these words follow one another in a text.
    pub(super) fn says(&self, words: &[&str]) -> bool {
        self.words.contains(&format!(" {} ", words.join(" ")))
    }

    /// Whether the title of a product has a word.
    pub(super) fn title_has(&self, product: usize, word: &str) -> bool {
        self.products.get(product).is_some_and(|product| {
            product.words.iter().any(|known| known.len() > 2 && singular(known) == singular(word))
        })
    }

    /// The products that are named here: the longest title that begins here, or else all whose
    /// titles have the capitalised words that do.
    pub(super) fn named_at(&self, reader: &mut Reader<'_>) -> Option<(Vec<usize>, usize)> {
        let first = reader.peek().filter(|l| matches!(l.kind, Kind::Word | Kind::Number))?;
        let mut best: (Vec<usize>, usize) = (Vec::new(), 0);
        for product in self.by_word.get(singular(&first.text)).into_iter().flatten() {
            let mut ahead = reader.rest();
            let Some(known) = self.products.get(*product) else { continue };
            let is_whole = (known.words.len() > 1 || first.is_capital)
                && known.words.iter().all(|word| pass(&mut ahead, word));
            reader.absorb(&ahead);
            if is_whole && ahead.at() > best.1 {
                best = (vec![*product], ahead.at());
            } else if is_whole && ahead.at() == best.1 {
                best.0.push(*product);
            }
        }
        if best.0.is_empty() && first.is_capital {
            best = self.partly_named_at(reader);
        }
        (!best.0.is_empty()).then_some(best)
    }

    /// The products that are named where the reader stands.
    pub(super) fn named_from(&self, reader: &mut Reader<'_>) -> Option<Vec<usize>> {
        self.named_at(reader).map(|(products, _)| products)
    }

    fn partly_named_at(&self, reader: &mut Reader<'_>) -> (Vec<usize>, usize) {
        let mut best: (Vec<usize>, usize, usize) = (Vec::new(), 0, 0);
        let first = reader.peek();
        for (at, known) in self.products.iter().enumerate() {
            for start in 0..known.words.len() {
                let tail = known.words.get(start..).unwrap_or_default();
                let begins = tail.first().zip(first);
                if begins.is_none_or(|(word, l)| singular(word) != singular(&l.text)) {
                    continue;
                }
                let mut ahead = reader.rest();
                let count = tail.iter().take_while(|word| pass(&mut ahead, word)).count();
                reader.absorb(&ahead);
                match count.cmp(&best.1) {
                    _ if count < 2 => {}
                    std::cmp::Ordering::Greater => best = (vec![at], count, ahead.at()),
                    std::cmp::Ordering::Equal if !best.0.contains(&at) => best.0.push(at),
                    _ => {}
                }
            }
        }
        // A name with more capitalised words after it is another one.
        let mut ahead = reader.rest();
        ahead.back_to(best.2);
        let goes_on = !best.0.is_empty()
            && ahead.read().is_some_and(|l: &Lexeme| l.is_capital && l.kind == Kind::Word);
        reader.absorb(&ahead);
        if goes_on { (Vec::new(), 0) } else { (best.0, best.2) }
    }
}

/// Who wrote a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Voice {
    Shop,
    /// Somebody who reviewed a product.
    Customer,
    /// Who is spoken to.
    Shopper,
}

impl Voice {
    /// Whether a statement is known to hold because this voice made it.
    fn may_say(self, claim: &Claim) -> bool {
        match claim {
            Claim::Percent(_)
            | Claim::Deal(_)
            | Claim::Code(_)
            | Claim::Link(_)
            | Claim::State(..) => self == Self::Shop,
            Claim::Money(_) | Claim::Digits(_) => self != Self::Customer,
            Claim::When(_) | Claim::Stock { .. } | Claim::Count(_) => true,
        }
    }
}

/// Passes a word of a title, whatever signs and spaces are before it.
fn pass(reader: &mut Reader<'_>, word: &str) -> bool {
    for _ in 0..3 {
        if reader.accept(|l| singular(&l.text) == singular(word)).is_some() {
            return true;
        }
        if reader.accept(|l| l.is_one_of(&["-", "&", "(", ")", "'", "/", ",", "+", "."])).is_none()
        {
            return false;
        }
    }
    false
}

fn words(title: &str) -> Vec<String> {
    let is_word = |l: &Lexeme| matches!(l.kind, Kind::Word | Kind::Number);
    lexemes(title).into_iter().filter(is_word).map(|l| l.text).take(24).collect()
}

/// A word without the ending of its plural.
fn singular(word: &str) -> &str {
    word.strip_suffix("'s")
        .or_else(|| word.strip_suffix('s'))
        .filter(|w| w.len() > 2)
        .unwrap_or(word)
}
