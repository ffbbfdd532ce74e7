//! What a product is, told by the words of its title: a mug, a lantern, a doormat.
//!
//! A title names the thing last ("white hanging heart T-light holder") or before a "with", "in" or
//! comma, with the pattern around it ("jumbo bag red retrospot"). So the last phrase of the first
//! part that names a thing decides, and words that are often only a motif (heart, bird, star) count
//! only where nothing else does.

mod table;

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::illustration::Shape;
use table::{KINDS, MOTIF_KINDS};

/// A department of the shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Category {
    /// Handbags, shoppers, lunch bags.
    Bags,
    /// Cake cases, stands, cutters.
    Baking,
    /// Soap, towels, make-up.
    BathAndBeauty,
    /// Candles of all forms.
    Candles,
    /// What holds or shelters a flame.
    CandleHolders,
    /// Greeting cards.
    Cards,
    /// Everything of Christmas.
    Christmas,
    /// Wall and alarm clocks.
    Clocks,
    /// Sewing, knitting, ribbons.
    Craft,
    /// Cushions, throws, rugs.
    Cushions,
    /// What hangs or stands and is pretty.
    Decorations,
    /// Everything of Easter.
    Easter,
    /// Artificial flowers and vases.
    Flowers,
    /// Shelves, cabinets, chairs.
    Furniture,
    /// Tools, birdhouses, planters.
    Garden,
    /// What nothing else describes.
    Gifts,
    /// Wrapping paper, gift bags, tags.
    GiftWrap,
    /// Hair clips, scarves, umbrellas.
    Accessories,
    /// Hooks, knobs, doorstops, doormats.
    Hallway,
    /// Necklaces, earrings, charms.
    Jewellery,
    /// Cooking and aprons.
    Kitchen,
    /// Lamps, shades, strings of lights.
    Lighting,
    /// Mirrors and frames.
    MirrorsAndFrames,
    /// What one drinks from.
    Mugs,
    /// Bunting, balloons, paper plates.
    Party,
    /// Purses and what goes on a journey.
    Travel,
    /// Incense, sachets, oils.
    Scents,
    /// Signs and wall art.
    Signs,
    /// Notebooks, pencils, stickers.
    Stationery,
    /// Boxes, tins, jars, baskets.
    Storage,
    /// Plates, bowls, cutlery.
    Tableware,
    /// Toys, games, dolls.
    Toys,
    /// Hot water bottles and hand warmers.
    Warmers,
}

impl Category {
    /// All of them, as the shop lists them.
    pub const ALL: [Self; 33] = [
        Self::Bags,
        Self::Mugs,
        Self::Tableware,
        Self::Kitchen,
        Self::Baking,
        Self::Storage,
        Self::Candles,
        Self::CandleHolders,
        Self::Lighting,
        Self::Scents,
        Self::Decorations,
        Self::Signs,
        Self::Clocks,
        Self::MirrorsAndFrames,
        Self::Cushions,
        Self::Hallway,
        Self::Furniture,
        Self::Flowers,
        Self::Garden,
        Self::Party,
        Self::Cards,
        Self::GiftWrap,
        Self::Stationery,
        Self::Craft,
        Self::Toys,
        Self::Jewellery,
        Self::Accessories,
        Self::Travel,
        Self::BathAndBeauty,
        Self::Warmers,
        Self::Christmas,
        Self::Easter,
        Self::Gifts,
    ];

    /// Name as shown and as the catalogue has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bags => "Bags",
            Self::Baking => "Baking & Cake",
            Self::BathAndBeauty => "Bath & Beauty",
            Self::Candles => "Candles",
            Self::CandleHolders => "Candle Holders & Lanterns",
            Self::Cards => "Cards",
            Self::Christmas => "Christmas",
            Self::Clocks => "Clocks",
            Self::Craft => "Craft & Sewing",
            Self::Cushions => "Cushions & Textiles",
            Self::Decorations => "Decorations",
            Self::Easter => "Easter",
            Self::Flowers => "Flowers & Vases",
            Self::Furniture => "Furniture & Shelves",
            Self::Garden => "Garden",
            Self::Gifts => "Gifts & Curios",
            Self::GiftWrap => "Gift Wrap",
            Self::Accessories => "Accessories & Umbrellas",
            Self::Hallway => "Hooks, Knobs & Doormats",
            Self::Jewellery => "Jewellery",
            Self::Kitchen => "Kitchen",
            Self::Lighting => "Lighting",
            Self::MirrorsAndFrames => "Mirrors & Frames",
            Self::Mugs => "Mugs, Cups & Tea",
            Self::Party => "Party & Bunting",
            Self::Travel => "Purses & Travel",
            Self::Scents => "Incense & Scents",
            Self::Signs => "Signs & Wall Art",
            Self::Stationery => "Stationery",
            Self::Storage => "Tins, Jars & Storage",
            Self::Tableware => "Tableware",
            Self::Toys => "Toys & Games",
            Self::Warmers => "Hot Water Bottles & Warmers",
        }
    }

    /// The category that the catalogue calls so.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|category| category.name() == name)
    }
}

/// A kind of thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// What a shopper calls it, in the singular and in lower case.
    pub name: &'static str,
    /// Where it is sold, unless its season is stronger.
    pub category: Category,
    /// How it is drawn.
    pub shape: Shape,
}

/// A kind and the phrases that name it, divided by `|`; in the singular unless only the plural
/// does.
struct Entry {
    kind: Kind,
    phrases: &'static str,
}

/// What nothing else describes.
const CURIO: Kind = Kind { name: "gift", category: Category::Gifts, shape: Shape::Parcel };

/// Longest phrase of the table, in words.
const MAX_PHRASE_WORDS: usize = 4;

/// Words that decide where they come first: what follows is what is pictured on it.
const LEADING_WORDS: [&str; 4] = ["card", "cards", "doormat", "wrap"];

/// Words after which a title tells of details.
const DETAIL_WORDS: [&str; 6] = ["with", "in", "for", "on", "from", "and"];

static BY_PHRASE: LazyLock<HashMap<&'static str, Kind>> = LazyLock::new(|| phrases_of(KINDS));
static BY_MOTIF: LazyLock<HashMap<&'static str, Kind>> = LazyLock::new(|| phrases_of(MOTIF_KINDS));

fn phrases_of(entries: &'static [Entry]) -> HashMap<&'static str, Kind> {
    entries.iter().flat_map(|e| e.phrases.split('|').map(|phrase| (phrase, e.kind))).collect()
}

/// The kind of a product by its readable title.
pub fn kind_of(title: &str) -> Kind {
    let parts = parts_of(title);
    if let Some(kind) = parts.first().and_then(|words| first_named(words)) {
        return kind;
    }
    for phrases in [&BY_PHRASE, &BY_MOTIF] {
        if let Some(kind) = parts.iter().find_map(|words| last_named(words, phrases)) {
            return kind;
        }
    }
    CURIO
}

/// The category of a product by its readable title: its season, or else its kind's.
pub fn category_of(title: &str) -> Category {
    let words: Vec<String> = parts_of(title).concat();
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    let kind = kind_of(title);
    if has(&["christmas", "advent", "santa", "reindeer", "bauble", "noel", "yuletide", "nativity"])
        || has(&["snowman", "snowmen", "snowflake", "jingle", "rudolph", "tinsel", "mistletoe"])
    {
        Category::Christmas
    } else if has(&["easter"]) {
        Category::Easter
    } else {
        kind.category
    }
}

/// Lower-case words, in parts that are divided by commas and the words of details.
fn parts_of(title: &str) -> Vec<Vec<String>> {
    let mut parts = vec![vec![]];
    for token in title.split_whitespace() {
        let word: String = token
            .to_lowercase()
            .chars()
            .filter(|c| c.is_alphanumeric() || matches!(c, '-' | '&'))
            .collect();
        let is_detail = DETAIL_WORDS.contains(&word.as_str());
        if let Some(part) = parts.last_mut().filter(|_| !is_detail && !word.is_empty()) {
            part.push(word);
        }
        if is_detail || token.ends_with(',') {
            parts.push(vec![]);
        }
    }
    parts
}

/// The kind that a leading word names, after a "set of 10" where there is one.
fn first_named(words: &[String]) -> Option<Kind> {
    let counts = words.get(1).is_some_and(|word| word == "of");
    let words = if counts { words.get(3..)? } else { words };
    let leads = words.first().is_some_and(|word| LEADING_WORDS.contains(&word.as_str()));
    let mut lengths = (1..=MAX_PHRASE_WORDS.min(words.len())).rev().filter(|_| leads);
    lengths.find_map(|length| named(words.get(..length)?, &BY_PHRASE))
}

/// The longest of the phrases that end last in these words.
fn last_named(words: &[String], phrases: &HashMap<&'static str, Kind>) -> Option<Kind> {
    (1..=words.len()).rev().find_map(|end| {
        (1..=MAX_PHRASE_WORDS.min(end))
            .rev()
            .find_map(|length| named(words.get(end - length..end)?, phrases))
    })
}

fn named(words: &[String], phrases: &HashMap<&'static str, Kind>) -> Option<Kind> {
    singulars(&words.join(" ")).into_iter().find_map(|p| phrases.get(p.as_str()).copied())
}

/// The phrase as it is, and what it may be the plural of.
fn singulars(phrase: &str) -> Vec<String> {
    let mut forms = vec![phrase.to_owned()];
    forms.extend(phrase.strip_suffix("ies").map(|stem| format!("{stem}y")));
    forms.extend(phrase.strip_suffix("es").map(str::to_owned));
    forms.extend(phrase.strip_suffix('s').map(str::to_owned));
    forms
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn kinds_and_categories_of_tricky_titles() {
        for (title, kind, category) in [
            ("White Hanging Heart T-Light Holder", "T-light holder", Category::CandleHolders),
            ("Jumbo Bag Red Retrospot", "jumbo bag", Category::Bags),
            ("Red Retrospot Mini Cases", "suitcase", Category::Travel),
            ("Metal Sign, Cupcake Single Hook", "metal sign", Category::Signs),
            ("Key Fob, Front Door", "key ring", Category::Hallway),
            ("Garland with Stars and Bells", "garland", Category::Party),
            ("Heart of Wicker Small", "heart decoration", Category::Decorations),
            ("Set of 10 Cards Jingle Bells", "greeting card", Category::Christmas),
            ("Card Billboard Font", "greeting card", Category::Cards),
            ("Card Holder Gingham Heart", "card holder", Category::Stationery),
            ("Lunch Bag Dolly Girl Design", "lunch bag", Category::Bags),
            ("Small Red Babushka Notebook", "notebook", Category::Stationery),
            ("Party Invites Balloon Girl", "party set", Category::Party),
            ("Gardener's Kneeling Pad Cup of Tea", "garden tool", Category::Garden),
            ("Doormat Topiary", "doormat", Category::Hallway),
            ("Travel Card Wallet Union Jack", "purse", Category::Travel),
            ("Set of 3 Cake Tins Pantry Design", "cake tin", Category::Baking),
            ("Regency Cake Stand 3 Tier", "cake stand", Category::Baking),
            ("Pack of 72 Retrospot Cake Cases", "cake cases", Category::Baking),
            ("Strawberry Fairy Cake Teapot", "teapot", Category::Mugs),
            ("Egg Frying Pan Mint", "pan", Category::Kitchen),
            ("Set of 6 T-Lights Easter Chicks", "T-lights", Category::Easter),
            ("Pink Flowers Rabbit Easter", "ornament", Category::Easter),
            ("Happy Birthday Card Stripey Teddy", "greeting card", Category::Cards),
            ("Christmas Metal Postcard with Bells", "metal sign", Category::Christmas),
            ("Letter C Bling Key Ring", "key ring", Category::Hallway),
            ("Chilli Lights", "lights", Category::Lighting),
            ("Next Day Carriage", "gift", Category::Gifts),
            ("", "gift", Category::Gifts),
        ] {
            assert_eq!((kind_of(title).name, category_of(title)), (kind, category), "{title}");
        }
    }

    #[test]
    fn every_phrase_names_one_kind_and_can_be_found() {
        for entries in [KINDS, MOTIF_KINDS] {
            let mut seen = HashSet::new();
            for phrase in entries.iter().flat_map(|entry| entry.phrases.split('|')) {
                assert!(seen.insert(phrase), "{phrase:?} is there twice");
                assert!(phrase.split(' ').count() <= MAX_PHRASE_WORDS, "{phrase:?} is too long");
                assert_eq!(phrase.trim(), phrase);
                assert_eq!(phrase.to_lowercase(), phrase);
            }
        }
    }

    #[test]
    fn categories_have_names_of_their_own() {
        let names: HashSet<&str> = Category::ALL.iter().map(|c| c.name()).collect();
        assert_eq!(names.len(), Category::ALL.len());
        for category in Category::ALL {
            assert_eq!(Category::of_name(category.name()), Some(category));
        }
        assert_eq!(Category::of_name("Sofas"), None);
    }
}
