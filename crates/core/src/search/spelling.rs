//! Words that are one: British and American spellings, and a material as a noun and as an adjective.

/// Endings that are spelt in two ways; a word changes at its first that fits.
const ENDINGS: &[(&str, &str)] = &[
    ("our", "or"),
    ("oured", "ored"),
    ("ours", "ors"),
    ("ouring", "oring"),
    ("ourful", "orful"),
    ("ourite", "orite"),
    ("ise", "ize"),
    ("ised", "ized"),
    ("iser", "izer"),
    ("isers", "izers"),
    ("ising", "izing"),
    ("tre", "ter"),
    ("tres", "ters"),
    ("ogue", "og"),
    ("lled", "led"),
    ("lling", "ling"),
    ("ellery", "elry"),
    ("ence", "ense"),
];

/// Words that are spelt in two ways by no rule.
const PAIRS: &[(&str, &str)] = &[
    ("grey", "gray"),
    ("cosy", "cozy"),
    ("cosies", "cozies"),
    ("doughnut", "donut"),
    ("doughnuts", "donuts"),
    ("mould", "mold"),
    ("moulds", "molds"),
    ("pyjamas", "pajamas"),
    ("pyjama", "pajama"),
    ("aluminium", "aluminum"),
    ("aeroplane", "airplane"),
    ("tyre", "tire"),
    ("moustache", "mustache"),
    ("chequered", "checkered"),
    ("cheque", "check"),
    ("draught", "draft"),
    ("plough", "plow"),
    ("sceptical", "skeptical"),
    ("yoghurt", "yogurt"),
    ("woollen", "woolen"),
    ("chilli", "chili"),
    ("mum", "mom"),
    ("mums", "moms"),
    ("mummy", "mommy"),
    ("maths", "math"),
    ("omelette", "omelet"),
    ("fibre", "fiber"),
    ("christmas", "xmas"),
    ("kerb", "curb"),
    ("whisky", "whiskey"),
];

/// What a thing of a material is, and the material.
const MATERIALS: &[(&str, &str)] =
    &[("wooden", "wood"), ("woollen", "wool"), ("woolen", "wool"), ("golden", "gold")];

/// Letters that a word needs for its ending to be taken for a spelling: "four" is no "for".
const MIN_LETTERS: usize = 5;

/// The other forms of a normalised word; they need not exist.
pub(super) fn variants(word: &str) -> impl Iterator<Item = String> {
    let pairs = PAIRS.iter().chain(MATERIALS).filter_map(move |(one, other)| match word {
        w if w == *one => Some((*other).to_owned()),
        w if w == *other => Some((*one).to_owned()),
        _ => None,
    });
    let changed = |from: &str, to: &str| {
        let stem = word.strip_suffix(from).filter(|_| word.len() >= MIN_LETTERS)?;
        Some(format!("{stem}{to}"))
    };
    let endings = ENDINGS
        .iter()
        .flat_map(move |(one, other)| [changed(one, other), changed(other, one)])
        .flatten();
    pairs.chain(endings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_of_a_word_are_known() {
        for (one, other) in [
            ("colour", "color"),
            ("multicolour", "multicolor"),
            ("favourite", "favorite"),
            ("organiser", "organizer"),
            ("centre", "center"),
            ("jewellery", "jewelry"),
            ("jewelled", "jeweled"),
            ("grey", "gray"),
            ("catalogue", "catalog"),
            ("wooden", "wood"),
        ] {
            assert!(variants(one).any(|v| v == other), "{one}");
            assert!(variants(other).any(|v| v == one), "{other}");
        }
        for word in ["four", "mug", "or", "", "hour"] {
            assert_eq!(variants(word).count(), 0, "{word}");
        }
    }
}
