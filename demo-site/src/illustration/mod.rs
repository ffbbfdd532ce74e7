//! A picture for each product: the shape of its kind, in its colours, with its pattern and motif.
//!
//! Drawings are fragments of SVG with slots in braces. The same title gives the same picture.

mod motif;
mod palette;
mod pattern;
mod shape;

pub use shape::Shape;

use std::fmt::Write as _;

use crate::attributes::{Motif, Pattern, attributes_of};
use crate::kind::kind_of;
use motif::motif_drawing;
use palette::{Palette, palette_of};
use pattern::{PATTERN_ID, pattern_definition};

/// Motifs for what always bears one, such as a card, where the title names none.
const COMMON_MOTIFS: [Motif; 6] =
    [Motif::Flower, Motif::Heart, Motif::Bird, Motif::Star, Motif::Leaf, Motif::Butterfly];

/// Half the side of a motif's drawing.
const MOTIF_REACH: f64 = 20.0;

/// Smallest place, in units, that is filled although the title says of nothing on it.
const MIN_ORNAMENT: f64 = 38.0;

/// Draws a product of this readable title as a standalone SVG image of 200 by 200 units.
pub fn illustrate(title: &str) -> String {
    let shape = kind_of(title).shape;
    let attributes = attributes_of(title);
    let seed = seed_of(title);
    let palette = palette_of(&attributes, seed);
    let pattern = attributes.pattern;
    let motif = attributes.motif.filter(|motif| !is_shown_already(*motif, pattern, shape));
    let mut svg = String::with_capacity(3000);
    svg.push_str("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 200 200\">");
    if let Some(pattern) = pattern {
        svg.push_str(&pattern_definition(pattern, &palette));
    }
    // Writing to a string cannot fail.
    let _ = write!(
        svg,
        "<path fill=\"{}\" d=\"M0 0h200v200H0z\"/><circle cx=\"100\" cy=\"100\" r=\"86\" \
         fill=\"#fff\" fill-opacity=\".38\"/><g transform=\"translate(4 4) scale(.96)\">",
        palette.background
    );
    let slots = Slots { palette: &palette, pattern, motif, title, seed };
    fill(shape.drawing().trim_end(), &slots, &mut svg);
    svg.push_str("</g></svg>");
    svg
}

/// What the slots of a drawing are filled from.
struct Slots<'a> {
    palette: &'a Palette,
    pattern: Option<Pattern>,
    motif: Option<Motif>,
    title: &'a str,
    seed: u32,
}

/// Copies a drawing and fills its slots.
fn fill(drawing: &str, slots: &Slots<'_>, svg: &mut String) {
    let mut rest = drawing;
    while let Some((before, after)) = rest.split_once('{') {
        svg.push_str(before);
        let Some((slot, after)) = after.split_once('}') else { break };
        fill_slot(slot, slots, svg);
        rest = after;
    }
    svg.push_str(rest);
}

fn fill_slot(slot: &str, slots: &Slots<'_>, svg: &mut String) {
    let palette = slots.palette;
    let mut words = slot.split(' ');
    let name = words.next().unwrap_or("");
    let mut number = || words.next().and_then(|word| word.parse::<f64>().ok()).unwrap_or(0.0);
    match name {
        "cover" if slots.pattern.is_some() => {
            let _ = write!(svg, "url(#{PATTERN_ID})");
        }
        "treecover" if slots.pattern.is_none() && !palette.is_named => svg.push_str(&palette.leaf),
        "treecover" => fill_slot("cover", slots, svg),
        "cover" | "main" => svg.push_str(&palette.main),
        "letter" => svg.push(letter_of(slots.title)),
        "motif" | "inner" | "badge" => {
            let (x, y, size) = (number(), number(), number());
            let common = COMMON_MOTIFS.get(slots.seed as usize % COMMON_MOTIFS.len()).copied();
            match slots.motif.or(common.filter(|_| name == "badge")) {
                Some(motif) => place_motif(motif, (x, y, size), name == "motif", slots, svg),
                None if name == "motif" && slots.pattern.is_none() => {
                    svg.push_str(&ornament((x, y, size), slots));
                }
                None => {}
            }
        }
        "monogram" if slots.title.starts_with("Letter ") => {
            let (x, y, size) = (number(), number(), number());
            let _ = write!(
                svg,
                "<text x=\"{x}\" y=\"{}\" font-family=\"Georgia,serif\" font-size=\"{size}\" \
                 font-weight=\"700\" text-anchor=\"middle\" fill=\"{}\">{}</text>",
                y + size * 0.34,
                palette.on_main,
                letter_of(slots.title)
            );
        }
        "monogram" => {
            let place = slot.replacen("monogram", "badge", 1);
            fill_slot(&place, slots, svg);
        }
        // Translucent colours bring their opacity along, inside the same attribute's quotes.
        "shade" => svg.push_str("#2b2a33\" fill-opacity=\".13\" stroke-opacity=\".13"),
        "shadow" => svg.push_str("#2b2a33\" fill-opacity=\".1"),
        "gleam" => svg.push_str("#fff\" fill-opacity=\".45\" stroke-opacity=\".45"),
        _ => svg.push_str(palette.named(name)),
    }
}

/// Draws a motif around a point; on a pattern it gets a plain ground.
fn place_motif(
    motif: Motif,
    (x, y, size): (f64, f64, f64),
    on_cover: bool,
    slots: &Slots<'_>,
    svg: &mut String,
) {
    let palette = slots.palette;
    let scale = size / (2.0 * MOTIF_REACH);
    let has_ground = on_cover && slots.pattern.is_some();
    if has_ground {
        let radius = size * 0.66;
        let _ = write!(
            svg,
            "<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius:.1}\" fill=\"{}\"/>",
            palette.paper
        );
    }
    let colour = if has_ground || !on_cover { &palette.on_paper } else { &palette.on_main };
    let _ = write!(
        svg,
        "<g transform=\"translate({x} {y}) scale({scale:.2})\" fill=\"{colour}\">{}</g>",
        motif_drawing(motif)
    );
}

/// What keeps a large plain surface from being bare: a sprig, diamonds, a ring, or nothing.
fn ornament((x, y, size): (f64, f64, f64), slots: &Slots<'_>) -> String {
    if size < MIN_ORNAMENT {
        return String::new();
    }
    let colour = &slots.palette.on_main;
    // Other digits of the seed than the palette takes, so that both vary.
    let drawing = match slots.seed / 64 % 5 {
        0 => {
            "<path d=\"M0 19C1 8-1-4 0-18M0 12q11-1 12-10-11 0-12 10zM0 12q-11-1-12-10 11 0 12 10zM0 \
             0q10-1 11-9-10 0-11 9zM0 0q-10-1-11-9 10 0 11 9zM0-10q7-2 6-9-6 3-6 9zM0-10q-7-2-6-9 6 3 \
             6 9z\" stroke-width=\"2\" stroke-linejoin=\"round\"/>"
        }
        1 => "<path d=\"M0-8l6 8-6 8-6-8zM-16-6l4 6-4 6-4-6zM16-6l4 6-4 6-4-6z\" stroke=\"none\"/>",
        2 => "<circle r=\"15\" fill=\"none\" stroke-width=\"3\"/><circle r=\"5\" stroke=\"none\"/>",
        _ => return String::new(),
    };
    let scale = size / (2.0 * MOTIF_REACH);
    format!(
        "<g transform=\"translate({x} {y}) scale({scale:.2})\" fill=\"{colour}\" \
         stroke=\"{colour}\">{drawing}</g>"
    )
}

/// A pattern of hearts needs no heart in the middle, and a heart none on itself.
fn is_shown_already(motif: Motif, pattern: Option<Pattern>, shape: Shape) -> bool {
    let by_pattern = matches!(
        (motif, pattern),
        (Motif::Heart, Some(Pattern::Hearts))
            | (Motif::Star, Some(Pattern::Stars))
            | (Motif::Flower | Motif::Leaf, Some(Pattern::Floral))
    );
    let by_shape = matches!(
        (motif, shape),
        (Motif::Heart, Shape::Heart | Shape::CookieCutter)
            | (Motif::Star, Shape::Star)
            | (Motif::FirTree, Shape::ChristmasTree | Shape::Stocking)
            | (Motif::Toadstool, Shape::Toadstool)
            | (Motif::Babushka, Shape::Doll)
            | (Motif::Bird, Shape::BirdFigure | Shape::Birdhouse)
            | (Motif::Rabbit, Shape::Rabbit)
            | (Motif::Cake, Shape::CakeStand | Shape::CakeCase)
            | (Motif::Flower, Shape::Flower)
    );
    by_pattern || by_shape
}

/// The letter that a title names ("Letter C ..."), or else the first one of it.
fn letter_of(title: &str) -> char {
    let named = title.split(' ').find(|word| word.len() == 1 && *word != "&");
    let letter = named.unwrap_or(title).chars().find(|c| c.is_ascii_alphanumeric());
    letter.unwrap_or('A').to_ascii_uppercase()
}

/// A number that is always the same for a title (FNV-1a, 32 bits).
fn seed_of(title: &str) -> u32 {
    title.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;
    use crate::kind::Kind;

    /// Checks tags and quotes the way an XML parser would, as far as drawings use XML.
    fn check_well_formed(svg: &str) {
        let mut open = Vec::new();
        let mut rest = svg;
        while let Some((text, after)) = rest.split_once('<') {
            assert!(!text.contains(['>', '&', '{', '}']), "{text:?}");
            let (tag, after) = after.split_once('>').unwrap();
            rest = after;
            assert_eq!(tag.matches('"').count() % 2, 0, "{tag:?}");
            assert!(!tag.contains(['<', '{', '}']), "{tag:?}");
            let names: Vec<&str> = tag
                .split('"')
                .step_by(2)
                .flat_map(str::split_whitespace)
                .filter(|word| word.ends_with('='))
                .collect();
            let distinct: HashSet<&&str> = names.iter().collect();
            assert_eq!(distinct.len(), names.len(), "an attribute is there twice: {tag:?}");
            if let Some(name) = tag.strip_prefix('/') {
                assert_eq!(open.pop(), Some(name));
            } else if !tag.ends_with('/') {
                open.push(tag.split(' ').next().unwrap());
            }
        }
        assert_eq!(open, Vec::<&str>::new());
    }

    #[test]
    fn every_shape_is_well_formed_with_and_without_pattern() {
        for shape in Shape::ALL {
            for title in ["Red Owl Union Jack", "White", "Blue Rose Heart", "Plain"] {
                let attributes = attributes_of(title);
                let palette = palette_of(&attributes, 7);
                let (pattern, motif) = (attributes.pattern, attributes.motif);
                let slots = Slots { palette: &palette, pattern, motif, title, seed: 7 };
                let mut svg = String::new();
                fill(shape.drawing(), &slots, &mut svg);
                check_well_formed(&svg);
                assert!(svg.len() > 150, "{shape:?} is hardly drawn");
            }
        }
    }

    #[test]
    fn pictures_are_small_and_show_kind_colour_and_pattern() {
        let red = illustrate("Red Mug");
        check_well_formed(&red);
        assert!(red.contains("#c8433e") && !red.contains("<pattern"));
        assert_eq!(red, illustrate("Red Mug"));
        assert_ne!(red, illustrate("Blue Mug"));
        assert_ne!(red, illustrate("Red Bowl"));
        let spotted = illustrate("Red Retrospot Mug");
        check_well_formed(&spotted);
        assert!(spotted.contains("url(#p)") && spotted.contains("<pattern"));
        assert!(illustrate("Letter C Block Letters").contains(">C</text>"));
        assert!(illustrate("Letter D Bling Key Ring").contains(">D</text>"));
        assert!(!illustrate("Dinosaur Key Ring").contains("<text"));
        for title in ["Union Jack Owl Cake Stand", "Christmas Paper Chain Garland Hearts"] {
            let svg = illustrate(title);
            check_well_formed(&svg);
            assert!(svg.len() < 4096, "{} bytes", svg.len());
        }
    }

    #[test]
    fn kinds_are_told_apart() {
        let titles = ["Mug", "Candle", "Doormat", "Bunting", "Wall Clock", "Cushion Cover"];
        let kinds: Vec<Kind> = titles.iter().map(|t| kind_of(t)).collect();
        let shapes: HashSet<Shape> = kinds.iter().map(|k| k.shape).collect();
        assert_eq!(shapes.len(), titles.len());
    }

    proptest! {
        #[test]
        fn any_title_gives_a_well_formed_picture(title in "\\PC{0,60}") {
            check_well_formed(&illustrate(&title));
        }
    }
}
