//! Patterns that cover a surface.

use super::palette::{Palette, blend};
use crate::attributes::Pattern;

/// Name of the pattern inside a picture.
pub(super) const PATTERN_ID: &str = "p";

/// The definition of a pattern in a product's colours.
pub(super) fn pattern_definition(pattern: Pattern, palette: &Palette) -> String {
    let (main, on) = (&palette.main, &palette.on_main);
    let (width, height, drawing) = match pattern {
        Pattern::Spots => (
            26,
            26,
            format!(
                "<g fill=\"{on}\"><circle cx=\"7\" cy=\"7\" r=\"5\"/><circle cx=\"20\" cy=\"20\" r=\"5\"/></g>"
            ),
        ),
        Pattern::Stripes => (20, 20, format!("<path fill=\"{on}\" d=\"M0 0h9v20H0z\"/>")),
        Pattern::Gingham => {
            let woven = blend(main, "#ffffff", 0.45);
            let pale = blend(main, "#ffffff", 0.8);
            (
                20,
                20,
                format!(
                    "<path fill=\"{woven}\" d=\"M0 0h20v20H0z\"/><path fill=\"{main}\" \
                     d=\"M0 0h10v10H0z\"/><path fill=\"{pale}\" d=\"M10 10h10v10H10z\"/>"
                ),
            )
        }
        Pattern::Floral => {
            let petal = "<circle cy=\"-5\" r=\"4\"/><circle cx=\"5\" cy=\"-1\" r=\"4\"/>\
                 <circle cx=\"3\" cy=\"5\" r=\"4\"/><circle cx=\"-3\" cy=\"5\" r=\"4\"/>\
                 <circle cx=\"-5\" cy=\"-1\" r=\"4\"/><circle r=\"3\" fill=\"#e8bb55\"/>";
            let leaf = &palette.leaf;
            (
                42,
                42,
                format!(
                    "<g fill=\"{on}\"><g transform=\"translate(12 12)\">{petal}</g>\
                     <g transform=\"translate(33 32) scale(.8)\">{petal}</g></g>\
                     <path fill=\"{leaf}\" d=\"M26 14q8-8 12 0-8 6-12 0zM6 34q6-7 11 0-7 6-11 0z\"/>"
                ),
            )
        }
        Pattern::Paisley => (
            40,
            40,
            format!(
                "<g fill=\"none\" stroke=\"{on}\" stroke-width=\"3\"><path d=\"M10 26c-10-10 \
                 0-24 12-20-6 2-4 8-2 12 2 6-4 12-10 8z\"/><path d=\"M30 44c-10-10 0-24 \
                 12-20-6 2-4 8-2 12 2 6-4 12-10 8zM-10 44c-10-10 0-24 12-20-6 2-4 8-2 12 2 6-4 12-10 \
                 8z\"/></g><circle cx=\"14\" cy=\"17\" r=\"2\" fill=\"{on}\"/>"
            ),
        ),
        Pattern::UnionJack => (
            72,
            48,
            "<path fill=\"#35507c\" d=\"M0 0h72v48H0z\"/><path stroke=\"#fff\" stroke-width=\"9\" \
             d=\"M0 0l72 48M72 0L0 48\"/><path stroke=\"#c8433e\" stroke-width=\"3.5\" d=\"M0 0l72 \
             48M72 0L0 48\"/><path fill=\"#fff\" d=\"M28 0h16v48H28zM0 16h72v16H0z\"/><path \
             fill=\"#c8433e\" d=\"M31 0h10v48H31zM0 19h72v10H0z\"/>"
                .to_owned(),
        ),
        Pattern::Baroque => (
            44,
            52,
            format!(
                "<g fill=\"none\" stroke=\"{on}\" stroke-width=\"3\" stroke-linecap=\"round\"><path \
                 d=\"M22 8c-14 4-14 18 0 22 14-4 14-18 0-22zM22 30c-12 2-16 12-8 16M22 30c12 2 16 12 \
                 8 16M22 12v16\"/></g>"
            ),
        ),
        Pattern::Hearts => (
            30,
            30,
            format!(
                "<path fill=\"{on}\" d=\"M9 15C0 8 2 4 5 3c2 0 4 1 4 3 0-2 2-3 4-3 3 1 5 5-4 12zM24 \
                 29c-9-7-7-11-4-12 2 0 4 1 4 3 0-2 2-3 4-3 3 1 5 5-4 12z\"/>"
            ),
        ),
        Pattern::Stars => (
            36,
            36,
            format!(
                "<path fill=\"{on}\" d=\"M10 3l2 5 5 .5-4 3.5 1.2 5-4.2-3-4.2 3 1.2-5-4-3.5 \
                 5-.5zM28 21l2 5 5 .5-4 3.5 1.2 5-4.2-3-4.2 3 1.2-5-4-3.5 5-.5z\"/>"
            ),
        ),
    };
    format!(
        "<pattern id=\"{PATTERN_ID}\" width=\"{width}\" height=\"{height}\" \
         patternUnits=\"userSpaceOnUse\"><path fill=\"{main}\" d=\"M0 0h{width}v{height}H0z\"/>\
         {drawing}</pattern>"
    )
}
