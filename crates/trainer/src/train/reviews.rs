//! What reviews add to a shop: words that products are found by, and sections that answer
//! questions about a product in the words of its reviewers.
//!
//! Everything is taken from the reviews as it stands and quoted as such; nothing is written anew.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aisle_core::text::{is_stopword, normalize, tokens};

use crate::read::{Document, Product, Review, Section, Shop};

/// Reviews that a product must have before anything is said of them.
const MIN_REVIEWS: usize = 3;
/// Products, those with the most reviews, that get sections; more would crowd the index.
const MAX_PRODUCTS: usize = 2_000;
/// Sentences that are quoted in a section.
const QUOTES: usize = 3;
/// Characters of a sentence that can be quoted.
const QUOTE_CHARS: std::ops::RangeInclusive<usize> = 15..=220;
/// Words that a product gets from its reviews.
const MAX_WORDS: usize = 8;
/// How many times more often than in all reviews a word must be in those of a product.
const MIN_LIFT: f32 = 1.5;
/// Share of a product's reviews that must have a word.
const MIN_SHARE: f32 = 0.15;
/// Rating from which a review's words speak for the product.
const GOOD: u8 = 3;

/// Something that shoppers ask about a product.
struct Aspect {
    /// The heading, with the product's title for `{}`. It has the words of the question.
    heading: &'static str,
    /// Words, in normal form, of which a sentence on it has one.
    words: &'static [&'static str],
}

const ASPECTS: [Aspect; 5] = [
    Aspect {
        heading: "Size and fit of {}: does it run small or large?",
        words: &[
            "size", "sizes", "sized", "sizing", "fit", "fits", "fitted", "fitting", "small",
            "smaller", "large", "larger", "tight", "loose", "snug", "roomy", "petite", "big",
            "short", "long", "narrow", "wide", "length", "waist",
        ],
    },
    Aspect {
        heading: "Quality of {}: is it well made, does it last?",
        words: &[
            "quality",
            "sturdy",
            "durable",
            "flimsy",
            "cheap",
            "cheaply",
            "lasted",
            "lasts",
            "broke",
            "broken",
            "solid",
            "made",
            "stitching",
            "seams",
            "craftsmanship",
            "robust",
        ],
    },
    Aspect {
        heading: "Colour of {}: is it as in the picture?",
        words: &[
            "color", "colour", "colors", "colours", "shade", "bright", "dark", "darker", "lighter",
            "faded", "fade", "picture", "pictured", "photo", "hue",
        ],
    },
    Aspect {
        heading: "Material of {}: how does it feel?",
        words: &[
            "material",
            "fabric",
            "cotton",
            "wool",
            "linen",
            "silk",
            "polyester",
            "leather",
            "soft",
            "softer",
            "itchy",
            "scratchy",
            "thin",
            "thick",
            "stretchy",
            "wood",
            "metal",
            "glass",
            "plastic",
            "ceramic",
            "texture",
            "sheer",
        ],
    },
    Aspect {
        heading: "Delivery of {}: did it arrive well?",
        words: &[
            "delivery",
            "delivered",
            "shipping",
            "shipped",
            "arrived",
            "packaging",
            "packaged",
            "package",
            "parcel",
            "courier",
        ],
    },
];

/// What the reviews of a shop add to it.
pub(super) struct FromReviews {
    /// Words by product, in the order of the catalogue.
    pub(super) words: Vec<String>,
    /// A document for each product that reviewers say enough about.
    pub(super) documents: Vec<Document>,
}

impl FromReviews {
    /// Goes through all reviews; a shop without any gets nothing.
    pub(super) fn of(shop: &Shop) -> Self {
        let mut of_product: HashMap<&str, Vec<&Review>> = HashMap::new();
        for review in &shop.reviews {
            of_product.entry(&review.sku).or_default().push(review);
        }
        of_product.retain(|_, reviews| reviews.len() >= MIN_REVIEWS);
        let everywhere = word_counts(&shop.reviews.iter().collect::<Vec<_>>());
        let reviews_of = |product: &Product| of_product.get(product.sku.as_str());
        let words = shop
            .products
            .iter()
            .map(|product| match reviews_of(product) {
                Some(reviews) => words_of(product, reviews, &everywhere, shop.reviews.len()),
                None => String::new(),
            })
            .collect();
        let mut reviewed: Vec<(usize, &Product)> = shop
            .products
            .iter()
            .filter_map(|product| Some((reviews_of(product)?.len(), product)))
            .collect();
        // The sort is stable: of equals, the earlier in the catalogue.
        reviewed.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
        let documents = reviewed
            .into_iter()
            .take(MAX_PRODUCTS)
            .filter_map(|(_, product)| document(product, reviews_of(product)?))
            .collect();
        Self { words, documents }
    }
}

/// In how many reviews each word is.
fn word_counts(reviews: &[&Review]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for review in reviews {
        for word in words_in(&format!("{} {}", review.title, review.text)) {
            *counts.entry(word).or_default() += 1;
        }
    }
    counts
}

/// The words of a text that mean something, each once.
fn words_in(text: &str) -> BTreeSet<String> {
    let normal = normalize(text);
    let is_telling = |word: &&str| {
        word.len() > 2 && !is_stopword(word) && word.bytes().all(|b| b.is_ascii_alphabetic())
    };
    tokens(&normal).filter(is_telling).map(str::to_owned).collect()
}

/// The words that are more frequent in good reviews of a product than in all reviews, and not in
/// its title anyway.
fn words_of(
    product: &Product,
    reviews: &[&Review],
    everywhere: &BTreeMap<String, usize>,
    all: usize,
) -> String {
    let good: Vec<&Review> = reviews.iter().copied().filter(|r| r.rating >= GOOD).collect();
    let title = words_in(&product.title);
    let share = |count: usize, of: usize| count as f32 / of.max(1) as f32;
    let mut telling: Vec<(f32, String)> = word_counts(&good)
        .into_iter()
        .filter(|(word, count)| *count >= 2 && !title.contains(word))
        .filter_map(|(word, count)| {
            let here = share(count, good.len());
            let lift = here / share(*everywhere.get(&word)?, all);
            (here >= MIN_SHARE && lift >= MIN_LIFT).then_some((here * lift.ln(), word))
        })
        .collect();
    telling.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    telling.truncate(MAX_WORDS);
    let words: Vec<String> = telling.into_iter().map(|(_, word)| word).collect();
    words.join(" ")
}

/// A sentence of a review.
struct Sentence<'a> {
    text: &'a str,
    rating: u8,
    review: usize,
    words: BTreeSet<String>,
}

/// The sections on what reviewers say of a product; nothing where they say too little.
fn document(product: &Product, reviews: &[&Review]) -> Option<Document> {
    let sentences: Vec<Sentence<'_>> = reviews
        .iter()
        .enumerate()
        .flat_map(|(at, review)| {
            sentences(&review.text).map(move |text| Sentence {
                text,
                rating: review.rating,
                review: at,
                words: words_in(text),
            })
        })
        .collect();
    let sections: Vec<Section> =
        ASPECTS.iter().filter_map(|aspect| section(product, reviews, &sentences, aspect)).collect();
    if sections.is_empty() {
        return None;
    }
    Some(Document {
        title: format!("What reviewers say about {}", product.title),
        slug: format!("reviews-{}", product.handle),
        url: format!("/products/{}", product.handle),
        // A section that serves an intent answers everybody who has it. These answer only who asks
        // for this product, so they are found by its name and by what they say.
        intents: vec![],
        sections,
    })
}

/// The sentences of a text that can be quoted: of sensible length, without a link or an address.
fn sentences(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(['.', '!', '?', '\n', ';'])
        .map(|sentence| sentence.trim().trim_matches(['"', '“', '”']).trim())
        .filter(|sentence| QUOTE_CHARS.contains(&sentence.chars().count()))
        .filter(|sentence| {
            let digits = sentence.bytes().filter(u8::is_ascii_digit).count();
            digits < 5 && !["http", "www.", "@"].iter().any(|mark| sentence.contains(mark))
        })
}

fn section(
    product: &Product,
    reviews: &[&Review],
    sentences: &[Sentence<'_>],
    aspect: &Aspect,
) -> Option<Section> {
    let on_it: Vec<&Sentence<'_>> = sentences
        .iter()
        .filter(|sentence| aspect.words.iter().any(|word| sentence.words.contains(*word)))
        .collect();
    let speaking: BTreeMap<usize, u8> = on_it.iter().map(|s| (s.review, s.rating)).collect();
    if speaking.len() < 2 {
        return None;
    }
    let average = |ratings: &mut dyn Iterator<Item = u8>| {
        let (sum, count) = ratings.fold((0.0, 0.0), |(s, n), r| (s + f64::from(r), n + 1.0_f64));
        sum / count.max(1.0)
    };
    let quotes = most_agreed(&on_it);
    let lines: Vec<String> = quotes
        .iter()
        .map(|quote| format!("- “{}” (rated {} of 5)", quote.text, quote.rating))
        .collect();
    let text = format!(
        "{} of {} reviews speak of it, rated {:.1} of 5 on average. In reviewers' own words:\n\n{}",
        speaking.len(),
        reviews.len(),
        average(&mut speaking.values().copied()),
        lines.join("\n")
    );
    let title = aspect.heading.replace("{}", &product.title);
    Some(Section { title, text, intents: vec![] })
}

/// The sentences that have most in common with the others, each of another review.
fn most_agreed<'a, 'b>(on_it: &[&'b Sentence<'a>]) -> Vec<&'b Sentence<'a>> {
    let mut counts: HashMap<&str, f32> = HashMap::new();
    for word in on_it.iter().flat_map(|sentence| &sentence.words) {
        *counts.entry(word.as_str()).or_default() += 1.0;
    }
    let agreement = |sentence: &Sentence<'_>| {
        let shared: f32 = sentence
            .words
            .iter()
            .filter_map(|word| counts.get(word.as_str()))
            .map(|n| n - 1.0)
            .sum();
        shared / (sentence.words.len().max(4) as f32)
    };
    let mut ranked: Vec<(f32, &Sentence<'_>)> =
        on_it.iter().map(|sentence| (agreement(sentence), *sentence)).collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.review.cmp(&b.1.review)));
    let mut quoted: Vec<&Sentence<'_>> = Vec::new();
    for (_, sentence) in ranked {
        let is_said =
            quoted.iter().any(|q| q.review == sentence.review || q.words == sentence.words);
        if !is_said && quoted.len() < QUOTES {
            quoted.push(sentence);
        }
    }
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shop(reviews: &[(&str, u8, &str)]) -> Shop {
        let product = |sku: &str, title: &str| Product {
            sku: sku.into(),
            handle: title.to_lowercase(),
            title: title.into(),
            ..Product::default()
        };
        Shop {
            products: vec![product("D", "Dress"), product("M", "Mug")],
            reviews: reviews
                .iter()
                .map(|(sku, rating, text)| Review {
                    sku: (*sku).into(),
                    rating: *rating,
                    title: String::new(),
                    text: (*text).into(),
                })
                .collect(),
            ..Shop::default()
        }
    }

    const REVIEWS: [(&str, u8, &str); 7] = [
        ("D", 5, "Runs small, order a size up. I wore it for the wedding."),
        ("D", 2, "It runs small in the waist! Visit www.spam.example for size charts."),
        ("D", 4, "Lovely for a wedding."),
        ("D", 3, "Small."),
        ("M", 5, "Keeps coffee hot."),
        ("M", 5, "My coffee mug."),
        ("M", 4, "Big, and the handle is thin."),
    ];

    #[test]
    fn products_get_the_words_of_their_reviews() {
        let found = FromReviews::of(&shop(&REVIEWS));
        assert_eq!(found.words, ["wedding small", "coffee"]);
        assert_eq!(FromReviews::of(&shop(&REVIEWS[4..6])).words, ["", ""], "too few reviews");
    }

    #[test]
    fn questions_are_answered_in_the_words_of_reviewers() {
        let found = FromReviews::of(&shop(&REVIEWS));
        let [document] = found.documents.as_slice() else { panic!("{:?}", found.documents.len()) };
        assert_eq!(document.title, "What reviewers say about Dress");
        assert_eq!(document.url, "/products/dress");
        let [section] = document.sections.as_slice() else { panic!("{:?}", document.sections) };
        assert_eq!(section.title, "Size and fit of Dress: does it run small or large?");
        assert_eq!(
            section.text,
            "2 of 4 reviews speak of it, rated 3.5 of 5 on average. In reviewers' own words:\n\n\
             - “Runs small, order a size up.” (rated 5 of 5)\n\
             - “It runs small in the waist!” (rated 2 of 5)"
        );
    }

    #[test]
    fn a_shop_without_reviews_gets_nothing() {
        let found = FromReviews::of(&shop(&[]));
        assert_eq!((found.words, found.documents.len()), (vec![String::new(); 2], 0));
    }
}
