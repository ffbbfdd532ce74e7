//! The made-up shop's clothes, boots and kit, in sizes and colours.

use std::io::{self, Write};

use rand::Rng;
use rand::seq::IndexedRandom;

use super::STORE_CURRENCY;
use crate::read::write_price;

/// Most products that can be made: each maker's every kind.
pub const MAX_PRODUCTS: usize = MAKERS.len() * KINDS.len();

/// Who makes them.
const MAKERS: [&str; 8] =
    ["Achill", "Burren", "Corrib", "Dursey", "Errigal", "Inagh", "Nephin", "Slieve"];
const COLOURS: [&str; 10] = [
    "Bog Brown",
    "Fern",
    "Foxglove",
    "Gorse",
    "Granite",
    "Heather",
    "Kelp",
    "Night Blue",
    "Rowan",
    "Slate",
];
const CLOTHES: [&str; 4] = ["S", "M", "L", "XL"];
const SHOES: [&str; 6] = ["38", "40", "41", "42", "43", "45"];
const ONE_SIZE: [&str; 0] = [];
/// How often a variant is sold out.
const SOLD_OUT: f64 = 0.12;

/// A kind of thing: name, category, price about which it costs in minor units, sizes, tags, and
/// what is said of it.
struct Kind {
    name: &'static str,
    category: &'static str,
    price_minor: u32,
    sizes: &'static [&'static str],
    tags: &'static str,
    said: &'static str,
}

const KINDS: [Kind; 18] = [
    kind(
        "Rain Jacket",
        "Jackets",
        18_900,
        &CLOTHES,
        "waterproof, hooded",
        "Three layers, taped seams, a hood that turns with the head. It keeps a day's rain out.",
    ),
    kind(
        "Wind Shell",
        "Jackets",
        9_900,
        &CLOTHES,
        "windproof, light",
        "Packs into its own pocket and weighs less than an apple. It stops wind, not rain.",
    ),
    kind(
        "Down Vest",
        "Jackets",
        12_500,
        &CLOTHES,
        "warm, recycled down",
        "Recycled down between two thin layers of nylon, for under a jacket or over a jumper.",
    ),
    kind(
        "Fleece",
        "Fleeces",
        7_900,
        &CLOTHES,
        "warm, recycled",
        "Spun from old bottles, brushed inside, with a chest pocket that closes.",
    ),
    kind(
        "Merino Shirt",
        "Base layers",
        6_500,
        &CLOTHES,
        "wool, breathable",
        "Fine merino that can be worn for days. Flat seams under the straps of a rucksack.",
    ),
    kind(
        "Merino Leggings",
        "Base layers",
        6_900,
        &CLOTHES,
        "wool, warm",
        "Fine merino for cold mornings, with a waistband that does not roll.",
    ),
    kind(
        "Hill Trousers",
        "Trousers",
        9_500,
        &CLOTHES,
        "stretch, quick drying",
        "They stretch at the knee, dry within the hour and turn up a brook's splash.",
    ),
    kind(
        "Rain Trousers",
        "Trousers",
        8_500,
        &CLOTHES,
        "waterproof, full zip",
        "Zips along the whole leg, so that they go on over boots.",
    ),
    kind(
        "Walking Boots",
        "Footwear",
        17_500,
        &SHOES,
        "leather, waterproof, ankle support",
        "Full-grain leather, a lining that keeps water out, and a sole that can be renewed.",
    ),
    kind(
        "Trail Shoes",
        "Footwear",
        12_900,
        &SHOES,
        "light, grip",
        "Deep lugs for mud, a plate against stones, laces that are pulled with one hand.",
    ),
    kind(
        "Wool Socks",
        "Accessories",
        1_850,
        &["S", "M", "L"],
        "wool, cushioned",
        "Cushioned where the boot rubs. Knitted in Donegal.",
    ),
    kind(
        "Beanie",
        "Accessories",
        2_450,
        &ONE_SIZE,
        "wool, warm",
        "Ribbed lambswool that covers the ears.",
    ),
    kind(
        "Gloves",
        "Accessories",
        3_900,
        &["S", "M", "L"],
        "windproof, touchscreen",
        "Windproof outside, fleece inside, with fingertips that a telephone understands.",
    ),
    kind(
        "Day Rucksack 24 l",
        "Packs",
        8_900,
        &ONE_SIZE,
        "rain cover, hip belt",
        "Twenty-four litres, a back that breathes, a rain cover in the bottom pocket.",
    ),
    kind(
        "Dry Bag 12 l",
        "Packs",
        1_950,
        &ONE_SIZE,
        "waterproof, roll top",
        "Roll it three times and close the buckle: what is in it stays dry in a lake.",
    ),
    kind(
        "Two-Person Tent",
        "Camping",
        32_900,
        &ONE_SIZE,
        "three season, light",
        "Stands in five minutes, sleeps two and weighs 1.9 kg with its pegs.",
    ),
    kind(
        "Flask 0.75 l",
        "Camping",
        2_950,
        &ONE_SIZE,
        "steel, insulated",
        "Steel with a vacuum between its walls. Tea is hot after twelve hours.",
    ),
    kind(
        "Walking Poles",
        "Camping",
        6_400,
        &ONE_SIZE,
        "folding, cork grip",
        "A pair that folds in three, with cork grips and tips of tungsten.",
    ),
];

const fn kind(
    name: &'static str,
    category: &'static str,
    price_minor: u32,
    sizes: &'static [&'static str],
    tags: &'static str,
    said: &'static str,
) -> Kind {
    Kind { name, category, price_minor, sizes, tags, said }
}

/// A product of the made-up shop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreProduct {
    /// Its place in the shop, unique.
    pub handle: String,
    /// Title.
    pub title: String,
    /// Who makes it.
    pub maker: String,
    /// Plain text.
    pub description: String,
    /// Category.
    pub category: String,
    /// Tags, divided by commas.
    pub tags: String,
    /// The lowest price of its variants, in minor units.
    pub price_minor: u32,
    /// At least one.
    pub variants: Vec<StoreVariant>,
}

/// A form in which a product is sold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreVariant {
    /// Stock-keeping unit, unique.
    pub sku: String,
    /// Names and values, such as Size and M.
    pub options: Vec<(&'static str, String)>,
    /// Price in minor units.
    pub price_minor: u32,
    /// Pieces that there are.
    pub stock: u32,
}

/// Makes so many products, at most [`MAX_PRODUCTS`].
pub(super) fn products(count: usize, rng: &mut impl Rng) -> Vec<StoreProduct> {
    // Kind by kind, so that a small shop has some of everything.
    let all = (0..MAX_PRODUCTS).map(|at| (at % KINDS.len(), at / KINDS.len()));
    all.take(count)
        .zip(1..)
        .filter_map(|((kind, round), number)| {
            // Each kind begins with another maker.
            let maker = MAKERS.get((kind + round) % MAKERS.len())?;
            Some(product(KINDS.get(kind)?, maker, number, rng))
        })
        .collect()
}

fn product(kind: &Kind, maker: &str, number: usize, rng: &mut impl Rng) -> StoreProduct {
    let title = format!("{maker} {}", kind.name);
    // Up to a fifth above or below, and ending as prices do.
    let step = 50;
    let price_minor = kind.price_minor * rng.random_range(80..=120) / 100 / step * step - 5;
    let colours: Vec<&str> = COLOURS.choose_multiple(rng, 3).copied().collect();
    let sizes: &[&str] = if kind.sizes.is_empty() { &[""] } else { kind.sizes };
    let mut variants = Vec::new();
    for (colour, first) in colours.iter().zip("ABC".chars()) {
        for size in sizes {
            let mut options = vec![("Colour", (*colour).to_owned())];
            if !size.is_empty() {
                options.push(("Size", (*size).to_owned()));
            }
            let more = if *size == "XL" { 500 } else { 0 };
            variants.push(StoreVariant {
                sku: format!("TT{number:03}{first}{size}"),
                options,
                price_minor: price_minor + more,
                stock: if rng.random_bool(SOLD_OUT) { 0 } else { rng.random_range(1..=40) },
            });
        }
    }
    StoreProduct {
        handle: handle(&title),
        title,
        maker: maker.to_owned(),
        description: kind.said.to_owned(),
        category: kind.category.to_owned(),
        tags: kind.tags.to_owned(),
        price_minor,
        variants,
    }
}

fn handle(title: &str) -> String {
    let words = title.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-").to_lowercase()
}

/// Writes the catalogue in the columns of Shopify's export.
pub(super) fn write_products(products: &[StoreProduct], out: impl Write) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(out);
    table.write_record([
        "Handle",
        "Title",
        "Body (HTML)",
        "Vendor",
        "Type",
        "Tags",
        "Published",
        "Option1 Name",
        "Option1 Value",
        "Option2 Name",
        "Option2 Value",
        "Variant SKU",
        "Variant Inventory Tracker",
        "Variant Inventory Qty",
        "Variant Inventory Policy",
        "Variant Price",
        "Image Src",
    ])?;
    for product in products {
        let body = format!("<p>{}</p>", product.description);
        let image = format!("/images/{}.svg", product.handle);
        for (at, variant) in product.variants.iter().enumerate() {
            let first = |text: &str| if at == 0 { text.to_owned() } else { String::new() };
            let option = |at: usize| {
                let (name, value) = variant.options.get(at).cloned().unwrap_or_default();
                [name.to_owned(), value]
            };
            let ([name1, value1], [name2, value2]) = (option(0), option(1));
            table.write_record([
                product.handle.clone(),
                first(&product.title),
                first(&body),
                first(&product.maker),
                first(&product.category),
                first(&product.tags),
                first("TRUE"),
                name1,
                value1,
                name2,
                value2,
                variant.sku.clone(),
                "shopify".to_owned(),
                variant.stock.to_string(),
                "deny".to_owned(),
                write_price(variant.price_minor, STORE_CURRENCY),
                first(&image),
            ])?;
        }
    }
    table.flush()
}
