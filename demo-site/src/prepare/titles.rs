//! Titles as a stock list has them, in capitals and cut short, made readable.

/// Words that stay small unless they come first.
const SMALL_WORDS: &[&str] = &[
    "a", "an", "and", "at", "by", "de", "des", "du", "for", "from", "in", "is", "it", "la", "le",
    "les", "of", "on", "or", "the", "to", "with",
];

/// Words in lower case that are written otherwise: abbreviations, slips of the pen, glued words.
const REWRITTEN: &[(&str, &str)] = &[
    ("20light", "20 Light"),
    ("25w", "25 W"),
    ("3.5g", "3.5 g"),
    ("42neckl.", "42-Inch Necklace"),
    ("50's", "50s"),
    ("70's", "70s"),
    ("abc", "ABC"),
    ("ant", "Antique"),
    ("artiifcial", "Artificial"),
    ("ass", "Assorted"),
    ("asst", "Assorted"),
    ("asstd", "Assorted"),
    ("b'draw", "Bedroom Drawer"),
    ("b'fly", "Butterfly"),
    ("baroquecandlestick", "Baroque Candlestick"),
    ("blackblue", "Black & Blue"),
    ("blackchristmas", "Black Christmas"),
    ("blk", "Black"),
    ("bookcover", "Book Cover"),
    ("braclet", "Bracelet"),
    ("budah", "Buddha"),
    ("butterfiles", "Butterflies"),
    ("butterfl", "Butterfly"),
    ("c/cover", "Cushion Cover"),
    ("cakestand", "Cake Stand"),
    ("candl", "Candle"),
    ("cand", "Candle"),
    ("candleholder", "Candle Holder"),
    ("candlepot", "Candle Pot"),
    ("candlestand", "Candle Stand"),
    ("cannister", "Canister"),
    ("cd", "CD"),
    ("ceature", "Creature"),
    ("char", "Charm"),
    ("charlie+lola", "Charlie & Lola"),
    ("charlie+lolaextremely", "Charlie & Lola Extremely"),
    ("childrens", "Children's"),
    ("childs", "Child's"),
    ("choc", "Chocolate"),
    ("chocolatecandle", "Chocolate Candle"),
    ("cinammon", "Cinnamon"),
    ("coathanger", "Coat Hanger"),
    ("col", "Colour"),
    ("cutglass", "Cut Glass"),
    ("d'azure", "d'Azure"),
    ("d.o.f.", "Double Old-Fashioned Glass"),
    ("dec", "Decoration"),
    ("deco.white", "Deco White"),
    ("dia", "Diameter"),
    ("diamon", "Diamond"),
    ("doiley", "Doily"),
    ("doorsign", "Door Sign"),
    ("drawerknob", "Drawer Knob"),
    ("flowe", "Flower"),
    ("flowr", "Flower"),
    ("folkart", "Folk Art"),
    ("fruitbowl", "Fruit Bowl"),
    ("fuschia", "Fuchsia"),
    ("gardeners", "Gardener's"),
    ("garld", "Garland"),
    ("hairclip", "Hair Clip"),
    ("hairclips", "Hair Clips"),
    ("hairslide", "Hair Slide"),
    ("hairslides", "Hair Slides"),
    ("hlder", "Holder"),
    ("hldr", "Holder"),
    ("hydranga", "Hydrangea"),
    ("ii", "II"),
    ("ipod", "iPod"),
    ("knickerbockerglory", "Knickerbocker Glory"),
    ("knif", "Knife"),
    ("laquered", "Lacquered"),
    ("lazer", "Laser"),
    ("led", "LED"),
    ("livingroom", "Living Room"),
    ("lt", "Light"),
    ("lt.blue", "Light Blue"),
    ("m.o.p", "Mother-of-Pearl"),
    ("m/colour", "Multicolour"),
    ("med", "Medium"),
    ("memoboard", "Memo Board"),
    ("metalic", "Metallic"),
    ("minicards", "Mini Cards"),
    ("montan", "Montana"),
    ("mop", "Mother-of-Pearl"),
    ("multicol", "Multicolour"),
    ("'n'", "'n'"),
    ("nat", "Natural"),
    ("naughts", "Noughts"),
    ("neckl", "Necklace"),
    ("necklac", "Necklace"),
    ("neckl.36", "Necklace 36-Inch"),
    ("neckl.36black", "Necklace 36-Inch Black"),
    ("neckl.36blue", "Necklace 36-Inch Blue"),
    ("neckl.36green", "Necklace 36-Inch Green"),
    ("neckl36", "Necklace 36-Inch"),
    ("neckl36amethyst", "Necklace 36-Inch Amethyst"),
    ("neckl36turquois", "Necklace 36-Inch Turquoise"),
    ("ol", "Olive"),
    ("p'weight", "Paperweight"),
    ("paisely", "Paisley"),
    ("paperweigh", "Paperweight"),
    ("pannetone", "Panettone"),
    ("pc", "Piece"),
    ("photoframe", "Photo Frame"),
    ("pinkwhite", "Pink & White"),
    ("popart", "Pop Art"),
    ("raspberr", "Raspberry"),
    ("rect", "Rectangular"),
    ("rnd", "Round"),
    ("roccoco", "Rococo"),
    ("sandlewood", "Sandalwood"),
    ("silicon", "Silicone"),
    ("silouette", "Silhouette"),
    ("sil't", "Silhouette"),
    ("skippping", "Skipping"),
    ("smallfolkart", "Small Folk Art"),
    ("squ", "Square"),
    ("squarecushion", "Square Cushion"),
    ("stopmetal", "Stop Metal"),
    ("str", "Strand"),
    ("strawbery", "Strawberry"),
    ("strawbry", "Strawberry"),
    ("swirlglass", "Swirl Glass"),
    ("tassle", "Tassel"),
    ("tealight", "T-Light"),
    ("toastrack", "Toast Rack"),
    ("tradtional", "Traditional"),
    ("turq", "Turquoise"),
    ("turquois", "Turquoise"),
    ("tv", "TV"),
    ("usb", "USB"),
    ("utilty", "Utility"),
    ("vint", "Vintage"),
    ("vip", "VIP"),
    ("vippassport", "VIP Passport"),
    ("w", "with"),
    ("wallhanging", "Wall Hanging"),
    ("wastepaper", "Waste Paper"),
    ("wc", "WC"),
    ("whit", "White"),
    ("wht", "White"),
    ("windchime", "Wind Chime"),
    ("xmas", "Christmas"),
];

/// Words in lower case that say nothing of the product.
const DROPPED: &[&str] = &["dotcomgiftshop", "dotcomgiftshop.com"];

/// Words that count what follows: "S/4", "SET 6", "PACK/2".
const COUNTING: &[(&str, &str)] = &[
    ("s", "Set of"),
    ("set", "Set of"),
    ("pack", "Pack of"),
    ("box", "Box of"),
    ("card,pack", "Card Pack of"),
];

/// Makes a title readable: "S/4 PINK FLOWER CANDLES W BOWL" becomes "Set of 4 Pink Flower Candles
/// with Bowl". A title without any letter or digit becomes empty.
pub fn readable_title(raw: &str) -> String {
    let spaced = space_out(raw);
    let tokens: Vec<&str> = spaced.split_whitespace().collect();
    let mut words: Vec<String> = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        at += 1;
        // "BAKING SET 9 PIECE" is one set.
        let is_piece = tokens.get(at + 1).is_some_and(|t| t.eq_ignore_ascii_case("piece"));
        let next = tokens.get(at).copied().filter(|_| !is_piece);
        if let Some((counted, used)) = counted(token, next) {
            words.push(counted);
            at += used;
            continue;
        }
        if token.eq_ignore_ascii_case("dec") && words.last().is_some_and(|word| word == "Art") {
            words.push("Deco".to_owned());
            continue;
        }
        let is_letter = token.len() == 1 && words.last().is_some_and(|word| word == "Letter");
        words.extend(if is_letter { vec![token.to_uppercase()] } else { readable_token(token) });
    }
    drop_design_number(&mut words);
    let text = words.join(" ").replace(" ,", ",").replace(",,", ",");
    let is_edge = |c: char| !c.is_alphanumeric() && !matches!(c, '!' | ')' | '?' | '\'');
    let text = text.trim_end_matches(is_edge).trim_start_matches(is_edge);
    capital_first(text)
}

/// Puts spaces where words are glued by punctuation, and drops quotes.
fn space_out(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len() + 8);
    for c in raw.chars() {
        match c {
            '"' | '*' => text.push(' '),
            ',' => text.push_str(", "),
            '(' => text.push_str(" ("),
            c if c.is_control() => text.push(' '),
            c => text.push(c),
        }
    }
    text
}

/// "S/4", "SET/6", "SET3", "OF4", or "SET" before a number, with the tokens used beyond the first.
fn counted(token: &str, next: Option<&str>) -> Option<(String, usize)> {
    let lower = token.to_lowercase();
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    for (word, shown) in COUNTING {
        let Some(rest) = lower.strip_prefix(word) else { continue };
        let number = rest.strip_prefix('/').unwrap_or(rest);
        if is_number(number) {
            return Some((format!("{shown} {number}"), 0));
        }
        if rest.is_empty() && *word != "s" {
            let number = next.filter(|next| is_number(next) && next.len() < 4)?;
            return Some((format!("{shown} {number}"), 1));
        }
    }
    let number = lower.strip_prefix("of").filter(|number| is_number(number))?;
    Some((format!("of {number}"), 0))
}

/// The words of a token; none where it is noise.
fn readable_token(token: &str) -> Vec<String> {
    let lower = token.to_lowercase();
    if let Some(word) = rewritten(&lower) {
        return vec![word];
    }
    if let Some(rest) = lower.strip_prefix("w/").filter(|rest| !rest.is_empty()) {
        return [vec!["with".to_owned()], readable_token(rest)].concat();
    }
    let parts: Vec<&str> =
        token.split(['/', '+']).map(str::trim).filter(|part| !part.is_empty()).collect();
    if token.contains(['/', '+']) && !parts.is_empty() {
        return joined(&parts, token);
    }
    if token == "+" {
        return vec!["&".to_owned()];
    }
    if !token.contains(|c: char| c.is_alphanumeric() || c == '&' || c == ',') {
        return vec![];
    }
    // "GLASS. STAR": a stop inside a title is a slip, except in "Dr.".
    let word = if lower == "dr." { token } else { token.trim_end_matches('.') };
    vec![cased(word)]
}

/// "RED/CREAM/BLUE" as "Red, Cream & Blue".
fn joined(parts: &[&str], token: &str) -> Vec<String> {
    let starts = token.starts_with(['/', '+']);
    let ends = token.ends_with(['/', '+']);
    let mut words = Vec::new();
    if starts {
        words.push("&".to_owned());
    }
    for (i, part) in parts.iter().enumerate() {
        let mut shown = readable_token(part);
        if i + 2 < parts.len()
            && let Some(last) = shown.last_mut()
        {
            last.push(',');
        }
        words.append(&mut shown);
        if i + 2 == parts.len() {
            words.push("&".to_owned());
        }
    }
    if ends {
        words.push("&".to_owned());
    }
    words
}

/// The other spelling of a word, with the punctuation that followed it.
fn rewritten(lower: &str) -> Option<String> {
    let known = |word: &str| {
        if DROPPED.contains(&word) {
            return Some("");
        }
        REWRITTEN.iter().find(|(from, _)| *from == word).map(|(_, to)| *to)
    };
    if let Some(word) = known(lower) {
        return Some(word.to_owned());
    }
    let bare = lower.trim_end_matches([',', '.']);
    let ending = lower.get(bare.len()..).filter(|ending| !ending.is_empty())?;
    known(bare).map(|word| format!("{word}{ending}"))
}

/// A word in the case of a title; measures stay small.
fn cased(word: &str) -> String {
    let lower = word.to_lowercase();
    if let Some(measure) = measure(&lower) {
        return measure;
    }
    if SMALL_WORDS.contains(&lower.as_str()) {
        return lower;
    }
    lower.split('-').map(capital_first).collect::<Vec<_>>().join("-")
}

/// "60cm" as "60 cm", "34x20cm" as "34 × 20 cm", "6pc" as "6-Piece", "a5" as "A5", "3d" as "3D".
fn measure(lower: &str) -> Option<String> {
    let digits = lower.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = lower.split_at(digits);
    if digits == 0 {
        let size = lower.strip_prefix('a')?;
        let is_paper = size.len() == 1 && size.bytes().all(|b| b.is_ascii_digit());
        return is_paper.then(|| format!("A{size}"));
    }
    match unit {
        "cm" | "g" | "mm" | "m" => Some(format!("{number} {unit}")),
        "pc" => Some(format!("{number}-Piece")),
        "d" => Some(format!("{number}D")),
        "c" => Some(format!("{number} cm")),
        _ => {
            let sides: Vec<&str> = lower.split('x').map(|s| s.trim_end_matches("cm")).collect();
            let is_size = sides.len() > 1
                && sides.iter().all(|s| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit()));
            is_size.then(|| format!("{} cm", sides.join(" × ")))
        }
    }
}

fn capital_first(word: &str) -> String {
    let first = word.find(char::is_alphanumeric).unwrap_or(0);
    let (before, rest) = word.split_at(first);
    let mut chars = rest.chars();
    let capital: String = chars.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
    // "iPod" and "d'Azure" are meant so.
    if matches!(word, "iPod" | "d'Azure") {
        return word.to_owned();
    }
    format!("{before}{capital}{}", chars.as_str())
}

/// Drops the five-digit number of a card's design from the end.
fn drop_design_number(words: &mut Vec<String>) {
    let is_number = |word: &String| word.len() == 5 && word.bytes().all(|b| b.is_ascii_digit());
    if words.len() > 1 && words.last().is_some_and(is_number) {
        words.pop();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::readable_title;

    #[test]
    fn titles_become_readable() {
        for (raw, expected) in [
            ("WHITE HANGING HEART T-LIGHT HOLDER", "White Hanging Heart T-Light Holder"),
            ("S/4 PINK FLOWER CANDLES IN BOWL", "Set of 4 Pink Flower Candles in Bowl"),
            ("SET/6 BLACK BIRD T-LIGHT CANDLES", "Set of 6 Black Bird T-Light Candles"),
            ("SET 10 CARDS WISHING TREE 17116", "Set of 10 Cards Wishing Tree"),
            ("SET OF4 NAPKINS", "Set of 4 Napkins"),
            ("SET OF 6 CAKE CHOPSTICKS", "Set of 6 Cake Chopsticks"),
            ("DIAMANTE HAIR GRIP PACK/2 RUBY", "Diamante Hair Grip Pack of 2 Ruby"),
            ("RED/CREAM STRIPE CUSHION COVER", "Red & Cream Stripe Cushion Cover"),
            ("GLASS/SHELL/PEARL NECKLACE", "Glass, Shell & Pearl Necklace"),
            ("COFFEE MUG CAT + BIRD DESIGN", "Coffee Mug Cat & Bird Design"),
            ("PINK EASTER HENS+FLOWER", "Pink Easter Hens & Flower"),
            ("METAL SIGN,CUPCAKE SINGLE HOOK", "Metal Sign, Cupcake Single Hook"),
            ("KEY FOB , FRONT  DOOR", "Key Fob, Front Door"),
            ("GREETING CARD, OVERCROWDED POOL.", "Greeting Card, Overcrowded Pool"),
            ("LETTER \"C\" BLING KEY RING", "Letter C Bling Key Ring"),
            ("LETTER \"A\" BLING KEY RING", "Letter A Bling Key Ring"),
            (
                "FLOWER GLASS GARLD NECKL36\"AMETHYST\"",
                "Flower Glass Garland Necklace 36-Inch Amethyst",
            ),
            ("YELLOW FELT HANGING HEART W FLOWER", "Yellow Felt Hanging Heart with Flower"),
            ("BLUE CHECK BAG W HANDLE 34X20CM", "Blue Check Bag with Handle 34 × 20 cm"),
            ("PINK/WHITE CHRISTMAS TREE 60CM", "Pink & White Christmas Tree 60 cm"),
            ("ROSE FLOWER C/COVER", "Rose Flower Cushion Cover"),
            ("RETRO PLASTIC 70'S TRAY", "Retro Plastic 70s Tray"),
            ("3D DOG PICTURE PLAYING CARDS", "3D Dog Picture Playing Cards"),
            ("FAIRY CAKE NOTEBOOK A5 SIZE", "Fairy Cake Notebook A5 Size"),
            ("SET 10 CARDS 12 DAYS OF XMAS 17059", "Set of 10 Cards 12 Days of Christmas"),
            ("YOU'RE CONFUSING ME METAL SIGN", "You're Confusing Me Metal Sign"),
            ("DOCTOR'S BAG SOFT TOY", "Doctor's Bag Soft Toy"),
            ("THE KING GIFT BAG", "The King Gift Bag"),
            ("SMALL FOLDING SCISSOR(POINTED EDGE)", "Small Folding Scissor (Pointed Edge)"),
            ("Dotcomgiftshop Gift Voucher £100.00", "Gift Voucher £100.00"),
            ("*Boombox Ipod Classic", "Boombox iPod Classic"),
            ("ROSE DU SUD DRAWSTRING BAG", "Rose du Sud Drawstring Bag"),
            ("LIPSTICK PEN FUSCHIA", "Lipstick Pen Fuchsia"),
            ("GOLD/M.O.P PENDANT ORBIT NECKLACE", "Gold & Mother-of-Pearl Pendant Orbit Necklace"),
            ("BAKING SET 9 PIECE RETROSPOT", "Baking Set 9 Piece Retrospot"),
            ("COLOUR GLASS. STAR T-LIGHT HOLDER", "Colour Glass Star T-Light Holder"),
            ("Dr. Jam's Arouzer Stress Ball", "Dr. Jam's Arouzer Stress Ball"),
            ("BAG 500g SWIRLY MARBLES", "Bag 500 g Swirly Marbles"),
            ("", ""),
            (" ,. ", ""),
        ] {
            assert_eq!(readable_title(raw), expected, "{raw}");
        }
    }

    proptest! {
        #[test]
        fn titles_stay_tidy(raw in "\\PC{0,40}") {
            let title = readable_title(&raw);
            prop_assert_eq!(title.trim(), &title);
            prop_assert!(!title.contains("  ") && !title.contains('"'), "{title:?}");
        }

        #[test]
        fn no_letters_of_plain_words_are_lost(raw in "[B-RT-V]{5,9}( [B-RT-V]{5,9}){0,4}") {
            let letters = readable_title(&raw).to_uppercase();
            prop_assume!(raw.split(' ').all(|w| super::rewritten(&w.to_lowercase()).is_none()));
            prop_assert_eq!(letters, raw);
        }
    }
}
