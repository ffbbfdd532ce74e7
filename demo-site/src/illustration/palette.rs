//! The colours of a picture.

use crate::attributes::{Attributes, Colour};

/// Main colour and accent of a product whose title names none.
const PAIRS: [(&str, &str); 10] = [
    ("#6f95b5", "#f2e3bd"),
    ("#8aa98a", "#d9825f"),
    ("#d98a93", "#7c2a3c"),
    ("#d9a441", "#3f5573"),
    ("#4f8f8f", "#e6a28a"),
    ("#a08bb5", "#f0d9a6"),
    ("#c8574d", "#f6ebd8"),
    ("#5d6f8c", "#e8b9a3"),
    ("#b98a62", "#8aa98a"),
    ("#e0a08f", "#5d7f78"),
];
/// Soft grounds for most colours.
const GROUNDS: [&str; 6] = ["#f1e6dc", "#e4ebee", "#e6eee2", "#f5e9d3", "#ece4ee", "#f3e0dd"];
/// Deeper grounds, on which white and cream can be seen.
const DEEP_GROUNDS: [&str; 4] = ["#c9d8d3", "#dccbb9", "#d0cfe0", "#e3c4bc"];

/// Materials and the colour that they have by nature.
const MATERIAL_COLOURS: &[(&str, &str)] = &[
    ("wood", "#c79a6b"),
    ("bamboo", "#d6b071"),
    ("wicker", "#c9a271"),
    ("raffia", "#d8b877"),
    ("zinc", "#a9b2b8"),
    ("metal", "#9aa5ad"),
    ("tin", "#aab3b9"),
    ("steel", "#aab3b9"),
    ("chrome", "#b7bec6"),
    ("iron", "#5a5d63"),
    ("brass", "#c8a24d"),
    ("slate", "#5d666d"),
    ("glass", "#a9cfd4"),
    ("crystal", "#bcd6e2"),
    ("diamante", "#c7d6e4"),
    ("pearl", "#efe6da"),
    ("shell", "#eed9c8"),
    ("porcelain", "#f4f1ec"),
];

const PAPER: &str = "#fdf9f1";
const INK: &str = "#3c3a44";

/// Colours by their part in a picture, each as "#rrggbb".
#[derive(Clone, Debug)]
pub(super) struct Palette {
    pub(super) background: String,
    pub(super) main: String,
    pub(super) dark: String,
    pub(super) light: String,
    pub(super) accent: String,
    pub(super) paper: String,
    pub(super) leaf: String,
    /// Can be seen on the main colour.
    pub(super) on_main: String,
    /// Can be seen on paper.
    pub(super) on_paper: String,
    /// The main colour stands in the title.
    pub(super) is_named: bool,
}

impl Palette {
    /// The colour of a slot of this name.
    pub(super) fn named(&self, slot: &str) -> &str {
        match slot {
            "dark" => &self.dark,
            "light" => &self.light,
            "accent" => &self.accent,
            "paper" => &self.paper,
            "bg" => &self.background,
            "leaf" => &self.leaf,
            "contrast" => &self.on_main,
            "wood" => "#c79a6b",
            "wooddark" => "#8f6743",
            "silver" => "#c3cad0",
            "silverdark" => "#8d979f",
            "gold" => "#d9ae52",
            "glass" => "#dcebec",
            _ => INK,
        }
    }
}

/// The palette of a product; `seed` decides what the title leaves open.
pub(super) fn palette_of(attributes: &Attributes, seed: u32) -> Palette {
    let pick = |list: &[&'static str]| list.get(seed as usize % list.len()).copied();
    let pair = PAIRS.get(seed as usize % PAIRS.len()).copied().unwrap_or((INK, PAPER));
    let colours: Vec<&Colour> = attributes.colours.iter().collect();
    let by_material = MATERIAL_COLOURS
        .iter()
        .find(|(material, _)| attributes.materials.contains(material))
        .map(|(_, hex)| *hex);
    let is_retrospot = attributes.pattern == Some(crate::attributes::Pattern::Spots);
    let is_union_jack = attributes.pattern == Some(crate::attributes::Pattern::UnionJack);
    let named = colours.first().map(|colour| colour.hex);
    let main = match named.or(by_material) {
        Some(hex) => hex,
        None if is_union_jack => "#35507c",
        None if is_retrospot => "#c8433e",
        None => pair.0,
    };
    let accent = match colours.get(1) {
        Some(second) => second.hex,
        None if is_union_jack => "#c8433e",
        None if is_near(pair.1, main) => pair.0,
        None => pair.1,
    };
    let accent = if is_near(accent, main) { PAPER } else { accent };
    let deep = luminance(main) > 205.0;
    let ground = if deep { pick(&DEEP_GROUNDS) } else { pick(&GROUNDS) };
    let on_main = [accent, PAPER, INK].into_iter().find(|c| contrasts(c, main)).unwrap_or(INK);
    let on_paper =
        [main, accent, "#c8574d"].into_iter().find(|c| contrasts(c, PAPER)).unwrap_or(INK);
    Palette {
        background: ground.unwrap_or(PAPER).to_owned(),
        main: main.to_owned(),
        dark: blend(main, "#2b2a33", 0.24),
        light: blend(main, "#ffffff", 0.38),
        accent: accent.to_owned(),
        paper: PAPER.to_owned(),
        leaf: "#6f9a6b".to_owned(),
        on_main: on_main.to_owned(),
        on_paper: on_paper.to_owned(),
        is_named: named.is_some(),
    }
}

/// Red, green and blue of "#rrggbb", each 0 to 255.
fn channels(hex: &str) -> [f64; 3] {
    let part = |from: usize| {
        let digits = hex.get(from..from + 2).unwrap_or("00");
        f64::from(u8::from_str_radix(digits, 16).unwrap_or(0))
    };
    [part(1), part(3), part(5)]
}

/// Perceived lightness, 0 to 255.
fn luminance(hex: &str) -> f64 {
    let [r, g, b] = channels(hex);
    0.299 * r + 0.587 * g + 0.114 * b
}

fn contrasts(one: &str, two: &str) -> bool {
    (luminance(one) - luminance(two)).abs() > 62.0
}

fn is_near(one: &str, two: &str) -> bool {
    let (one, two) = (channels(one), channels(two));
    one.iter().zip(two).map(|(a, b)| (a - b).abs()).sum::<f64>() < 60.0
}

/// A colour with a share (0 to 1) of another in it.
pub(super) fn blend(one: &str, two: &str, share: f64) -> String {
    let [r, g, b] = channels(one);
    let [r2, g2, b2] = channels(two);
    let mix = |a: f64, b: f64| (a + (b - a) * share).round().clamp(0.0, 255.0) as u8;
    format!("#{:02x}{:02x}{:02x}", mix(r, r2), mix(g, g2), mix(b, b2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attributes::attributes_of;

    fn palette(title: &str) -> Palette {
        palette_of(&attributes_of(title), 3)
    }

    #[test]
    fn colours_of_the_title_come_first() {
        let named = palette("Red & Cream Metal Mug");
        assert_eq!((named.main.as_str(), named.accent.as_str()), ("#c8433e", "#f2e3bd"));
        assert!(named.is_named);
        assert_eq!(palette("Metal Mug").main, "#9aa5ad");
        assert!(!palette("Metal Mug").is_named);
    }

    #[test]
    fn everything_can_be_seen() {
        for title in ["White Mug", "Ivory Bowl", "Black Clock", "Yellow Bag", "Plain", "Clear Jar"]
        {
            let palette = palette(title);
            assert!(contrasts(&palette.on_main, &palette.main), "{title}: {palette:?}");
            assert!(contrasts(&palette.on_paper, &palette.paper), "{title}: {palette:?}");
            assert!(!is_near(&palette.background, &palette.main), "{title}: {palette:?}");
        }
    }

    #[test]
    fn blending() {
        assert_eq!(blend("#000000", "#ffffff", 0.5), "#808080");
        assert_eq!(blend("#c8433e", "#ffffff", 0.0), "#c8433e");
        assert_eq!(blend("x", "#ffffff", 1.0), "#ffffff");
    }
}
