//! What else the words of a title tell: colours, materials, pattern, motif, number of pieces.

/// A colour word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour {
    /// Name as shown, in lower case.
    pub name: &'static str,
    /// How it is painted, as "#rrggbb".
    pub hex: &'static str,
}

const fn colour(name: &'static str, hex: &'static str) -> Colour {
    Colour { name, hex }
}

/// Words in lower case and the colours that they mean.
const COLOURS: &[(&str, Colour)] = &[
    ("red", colour("red", "#c8433e")),
    ("reds", colour("red", "#c8433e")),
    ("pink", colour("pink", "#e993a8")),
    ("fuchsia", colour("fuchsia", "#c8447f")),
    ("rose", colour("rose", "#d98a93")),
    ("ruby", colour("ruby", "#a3263f")),
    ("burgundy", colour("burgundy", "#7c2a3c")),
    ("blue", colour("blue", "#4f7fb5")),
    ("navy", colour("navy", "#2d4468")),
    ("sky", colour("sky blue", "#8fbbdc")),
    ("midnight", colour("midnight blue", "#2f3d63")),
    ("aqua", colour("aqua", "#69b5b8")),
    ("turquoise", colour("turquoise", "#43a6a4")),
    ("teal", colour("teal", "#2f7f80")),
    ("mint", colour("mint", "#9fd0b4")),
    ("green", colour("green", "#5f9467")),
    ("lime", colour("lime", "#a6c24d")),
    ("olive", colour("olive", "#7f8548")),
    ("jade", colour("jade", "#4c9a7a")),
    ("pistachio", colour("pistachio", "#b4c987")),
    ("yellow", colour("yellow", "#eac04f")),
    ("amber", colour("amber", "#d1913c")),
    ("orange", colour("orange", "#e08a45")),
    ("peach", colour("peach", "#f0b591")),
    ("coral", colour("coral", "#e6826a")),
    ("purple", colour("purple", "#85619f")),
    ("lilac", colour("lilac", "#b9a0cf")),
    ("amethyst", colour("amethyst", "#8c6bb1")),
    ("lavender", colour("lavender", "#a99ac9")),
    ("brown", colour("brown", "#86603f")),
    ("chocolate", colour("chocolate", "#6b4733")),
    ("black", colour("black", "#3a3b42")),
    ("grey", colour("grey", "#8d9299")),
    ("silver", colour("silver", "#b7bec6")),
    ("white", colour("white", "#fbf9f4")),
    ("ivory", colour("ivory", "#f4ead2")),
    ("cream", colour("cream", "#f2e3bd")),
    ("gold", colour("gold", "#cda349")),
    ("copper", colour("copper", "#b9754a")),
    ("bronze", colour("bronze", "#94713f")),
    ("clear", colour("clear", "#d6e6ea")),
];

/// Words in lower case and the materials that they mean.
const MATERIALS: &[(&str, &str)] = &[
    ("acrylic", "acrylic"),
    ("bamboo", "bamboo"),
    ("brass", "brass"),
    ("canvas", "canvas"),
    ("ceramic", "ceramic"),
    ("chrome", "chrome"),
    ("copper", "copper"),
    ("cotton", "cotton"),
    ("crochet", "crochet"),
    ("crystal", "crystal"),
    ("denim", "denim"),
    ("diamante", "diamante"),
    ("enamel", "enamel"),
    ("fabric", "fabric"),
    ("feather", "feather"),
    ("felt", "felt"),
    ("felted", "felt"),
    ("glass", "glass"),
    ("iron", "iron"),
    ("knitted", "knitted"),
    ("linen", "linen"),
    ("melamine", "melamine"),
    ("metal", "metal"),
    ("paper", "paper"),
    ("pearl", "pearl"),
    ("plastic", "plastic"),
    ("porcelain", "porcelain"),
    ("raffia", "raffia"),
    ("resin", "resin"),
    ("shell", "shell"),
    ("silk", "silk"),
    ("slate", "slate"),
    ("steel", "steel"),
    ("suede", "suede"),
    ("tin", "tin"),
    ("velvet", "velvet"),
    ("wicker", "wicker"),
    ("wood", "wood"),
    ("wooden", "wood"),
    ("wool", "wool"),
    ("zinc", "zinc"),
];

/// What covers a surface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// Round dots.
    Spots,
    /// Even stripes.
    Stripes,
    /// Woven squares.
    Gingham,
    /// Small flowers.
    Floral,
    /// Drops that curl.
    Paisley,
    /// The flag of the United Kingdom.
    UnionJack,
    /// Scrolls and leaves.
    Baroque,
    /// Small hearts.
    Hearts,
    /// Small stars.
    Stars,
}

/// Words in lower case and the patterns that they mean, the most telling first.
const PATTERNS: &[(&str, Pattern)] = &[
    ("union", Pattern::UnionJack),
    ("jack", Pattern::UnionJack),
    ("retrospot", Pattern::Spots),
    ("polkadot", Pattern::Spots),
    ("polkadots", Pattern::Spots),
    ("polka", Pattern::Spots),
    ("spot", Pattern::Spots),
    ("spots", Pattern::Spots),
    ("spotty", Pattern::Spots),
    ("spotted", Pattern::Spots),
    ("dots", Pattern::Spots),
    ("stripe", Pattern::Stripes),
    ("stripes", Pattern::Stripes),
    ("stripey", Pattern::Stripes),
    ("stripy", Pattern::Stripes),
    ("deckchair", Pattern::Stripes),
    ("candy", Pattern::Stripes),
    ("circus", Pattern::Stripes),
    ("gingham", Pattern::Gingham),
    ("check", Pattern::Gingham),
    ("tartan", Pattern::Gingham),
    ("picnic", Pattern::Gingham),
    ("patchwork", Pattern::Gingham),
    ("paisley", Pattern::Paisley),
    ("baroque", Pattern::Baroque),
    ("damask", Pattern::Baroque),
    ("rococo", Pattern::Baroque),
    ("filigree", Pattern::Baroque),
    ("flock", Pattern::Baroque),
    ("regency", Pattern::Floral),
    ("floral", Pattern::Floral),
    ("flowers", Pattern::Floral),
    ("flower", Pattern::Floral),
    ("botanical", Pattern::Floral),
    ("blossom", Pattern::Floral),
    ("roses", Pattern::Floral),
    ("rose", Pattern::Floral),
    ("daisy", Pattern::Floral),
    ("daisies", Pattern::Floral),
    ("garden", Pattern::Floral),
    ("poppies", Pattern::Floral),
    ("spring", Pattern::Floral),
    ("posy", Pattern::Floral),
    ("sud", Pattern::Floral),
    ("hearts", Pattern::Hearts),
    ("sweetheart", Pattern::Hearts),
    ("love", Pattern::Hearts),
    ("stars", Pattern::Stars),
    ("spaceboy", Pattern::Stars),
    ("space", Pattern::Stars),
];

/// A small picture that a product bears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Motif {
    /// An apple.
    Apple,
    /// A bird.
    Bird,
    /// A butterfly.
    Butterfly,
    /// A slice or cup of cake.
    Cake,
    /// A cat's head.
    Cat,
    /// A crown.
    Crown,
    /// A Russian doll.
    Babushka,
    /// A dog's head.
    Dog,
    /// A fir tree.
    FirTree,
    /// A flower.
    Flower,
    /// A heart.
    Heart,
    /// A leaf.
    Leaf,
    /// An owl.
    Owl,
    /// A rabbit's head.
    Rabbit,
    /// A rocket.
    Rocket,
    /// A skull.
    Skull,
    /// A snowflake.
    Snowflake,
    /// A star.
    Star,
    /// A strawberry.
    Strawberry,
    /// A toadstool.
    Toadstool,
}

/// Words in lower case, what they picture and what a shopper calls it.
const MOTIFS: &[(&str, Motif, &str)] = &[
    ("babushka", Motif::Babushka, "babushka"),
    ("owl", Motif::Owl, "owl"),
    ("owls", Motif::Owl, "owl"),
    ("skull", Motif::Skull, "skull"),
    ("skulls", Motif::Skull, "skull"),
    ("cat", Motif::Cat, "cat"),
    ("cats", Motif::Cat, "cat"),
    ("kittens", Motif::Cat, "cat"),
    ("dog", Motif::Dog, "dog"),
    ("dogs", Motif::Dog, "dog"),
    ("scottie", Motif::Dog, "dog"),
    ("scotties", Motif::Dog, "dog"),
    ("puppies", Motif::Dog, "dog"),
    ("rabbit", Motif::Rabbit, "rabbit"),
    ("rabbits", Motif::Rabbit, "rabbit"),
    ("bunny", Motif::Rabbit, "rabbit"),
    ("bunnies", Motif::Rabbit, "rabbit"),
    ("bird", Motif::Bird, "bird"),
    ("birds", Motif::Bird, "bird"),
    ("lovebird", Motif::Bird, "bird"),
    ("robin", Motif::Bird, "robin"),
    ("dove", Motif::Bird, "dove"),
    ("chick", Motif::Bird, "chick"),
    ("chicks", Motif::Bird, "chick"),
    ("hen", Motif::Bird, "hen"),
    ("butterfly", Motif::Butterfly, "butterfly"),
    ("butterflies", Motif::Butterfly, "butterfly"),
    ("toadstool", Motif::Toadstool, "toadstool"),
    ("toadstools", Motif::Toadstool, "toadstool"),
    ("mushroom", Motif::Toadstool, "mushroom"),
    ("woodland", Motif::Toadstool, "woodland"),
    ("strawberry", Motif::Strawberry, "strawberry"),
    ("strawberries", Motif::Strawberry, "strawberry"),
    ("apple", Motif::Apple, "apple"),
    ("apples", Motif::Apple, "apple"),
    ("cherry", Motif::Apple, "cherry"),
    ("spaceboy", Motif::Rocket, "space"),
    ("rocket", Motif::Rocket, "rocket"),
    ("space", Motif::Rocket, "space"),
    ("cupcake", Motif::Cake, "cake"),
    ("cupcakes", Motif::Cake, "cake"),
    ("cakes", Motif::Cake, "cake"),
    ("fairy", Motif::Cake, "fairy"),
    ("queen", Motif::Crown, "crown"),
    ("calm", Motif::Crown, "keep calm"),
    ("crown", Motif::Crown, "crown"),
    ("princess", Motif::Crown, "princess"),
    ("kings", Motif::Crown, "king"),
    ("snowflake", Motif::Snowflake, "snowflake"),
    ("snow", Motif::Snowflake, "snow"),
    ("snowy", Motif::Snowflake, "snow"),
    ("tree", Motif::FirTree, "tree"),
    ("trees", Motif::FirTree, "tree"),
    ("forest", Motif::FirTree, "forest"),
    ("christmas", Motif::FirTree, "Christmas"),
    ("leaf", Motif::Leaf, "leaf"),
    ("leaves", Motif::Leaf, "leaf"),
    ("fern", Motif::Leaf, "fern"),
    ("holly", Motif::Leaf, "holly"),
    ("heart", Motif::Heart, "heart"),
    ("hearts", Motif::Heart, "heart"),
    ("love", Motif::Heart, "love"),
    ("star", Motif::Star, "star"),
    ("stars", Motif::Star, "star"),
    ("flower", Motif::Flower, "flower"),
    ("flowers", Motif::Flower, "flower"),
    ("daisy", Motif::Flower, "daisy"),
    ("rose", Motif::Flower, "rose"),
    ("roses", Motif::Flower, "rose"),
    ("poppy", Motif::Flower, "poppy"),
    ("dolly", Motif::Flower, "dolly girl"),
];

/// What the words of a title tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attributes {
    /// Colours in the order of the words, each once.
    pub colours: Vec<Colour>,
    /// Materials, each once.
    pub materials: Vec<&'static str>,
    /// What covers it.
    pub pattern: Option<Pattern>,
    /// What it shows.
    pub motif: Option<Motif>,
    /// What a shopper calls the motif.
    pub motif_name: Option<&'static str>,
    /// "set of 6", where the title says so.
    pub set: Option<String>,
}

/// Reads a readable title.
pub fn attributes_of(title: &str) -> Attributes {
    let words: Vec<String> = title
        .to_lowercase()
        .split(|c: char| !c.is_alphanumeric() && c != '\'')
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    let mut found = Attributes::default();
    for word in &words {
        let colour = COLOURS.iter().find(|(known, _)| known == word).map(|(_, colour)| *colour);
        if let Some(colour) = colour.filter(|c| !found.colours.contains(c)) {
            found.colours.push(colour);
        }
        let material = MATERIALS.iter().find(|(known, _)| known == word).map(|(_, name)| *name);
        if let Some(material) = material.filter(|m| !found.materials.contains(m)) {
            found.materials.push(material);
        }
    }
    found.pattern = PATTERNS
        .iter()
        .find(|(known, _)| words.iter().any(|word| word == known))
        .map(|(_, pattern)| *pattern);
    if let Some((_, motif, name)) =
        MOTIFS.iter().find(|(known, ..)| words.iter().any(|word| word == known))
    {
        found.motif = Some(*motif);
        found.motif_name = Some(name);
    }
    found.set = words.windows(3).find_map(|three| match three {
        [what, of, count] if of == "of" && count.bytes().all(|b| b.is_ascii_digit()) => {
            ["set", "pack", "box", "bag", "bundle"]
                .contains(&what.as_str())
                .then(|| format!("{what} of {count}"))
        }
        _ => None,
    });
    found
}

/// The names of the colours that titles name, each once.
pub fn colour_names() -> impl Iterator<Item = &'static str> {
    COLOURS
        .iter()
        .map(|(_, colour)| colour.name)
        .scan("", |last, name| {
            let is_new = *last != name;
            *last = name;
            Some(is_new.then_some(name))
        })
        .flatten()
}

/// What a shopper calls the pattern.
pub fn pattern_name(pattern: Pattern) -> &'static str {
    match pattern {
        Pattern::Spots => "spots",
        Pattern::Stripes => "stripes",
        Pattern::Gingham => "gingham",
        Pattern::Floral => "floral",
        Pattern::Paisley => "paisley",
        Pattern::UnionJack => "union jack",
        Pattern::Baroque => "baroque",
        Pattern::Hearts => "hearts",
        Pattern::Stars => "stars",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(title: &str, colours: &[&str], materials: &[&str], set: Option<&str>) {
        let found = attributes_of(title);
        let names: Vec<&str> = found.colours.iter().map(|c| c.name).collect();
        assert_eq!(names, colours, "{title}");
        assert_eq!(found.materials, materials, "{title}");
        assert_eq!(found.set.as_deref(), set, "{title}");
    }

    #[test]
    fn words_become_facts() {
        check("White Hanging Heart T-Light Holder", &["white"], &[], None);
        check(
            "Set of 6 Red & Ivory Glass Beakers",
            &["red", "ivory"],
            &["glass"],
            Some("set of 6"),
        );
        check("Pack of 72 Retrospot Cake Cases", &[], &[], Some("pack of 72"));
        check("Heart of Wicker Small", &[], &["wicker"], None);
        check("Blue & Blue", &["blue"], &[], None);
        check("", &[], &[], None);
    }

    #[test]
    fn the_most_telling_pattern_is_taken() {
        for (title, pattern) in [
            ("Floral Union Jack Doorstop", Some(Pattern::UnionJack)),
            ("Red Retrospot Flower Mug", Some(Pattern::Spots)),
            ("Blue Paisley Journal", Some(Pattern::Paisley)),
            ("Natural Slate Chalkboard", None),
        ] {
            assert_eq!(attributes_of(title).pattern, pattern, "{title}");
        }
    }
}
