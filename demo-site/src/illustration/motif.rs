//! Small pictures that products bear, around the origin, reaching 20 units to each side.

use crate::attributes::Motif;

/// The drawing of a motif. Its colour is inherited; details are cut out in white or ink.
pub(super) fn motif_drawing(motif: Motif) -> &'static str {
    match motif {
        Motif::Heart => {
            "<path d=\"M0 18C-20 4-20-6-16-11-11-18-2-15 0-7c2-8 11-11 16-4 4 5 4 15-16 29z\"/>"
        }
        Motif::Star => "<path d=\"M0-19l6 12 13 2-10 9 3 14-12-7-12 7 3-14-10-9 13-2z\"/>",
        Motif::Flower => {
            "<circle cy=\"-11\" r=\"8\"/><circle cx=\"10\" cy=\"-3\" r=\"8\"/><circle cx=\"7\" cy=\"9\" \
             r=\"8\"/><circle cx=\"-7\" cy=\"9\" r=\"8\"/><circle cx=\"-10\" cy=\"-3\" r=\"8\"/>\
             <circle r=\"6\" fill=\"#f2cf74\"/>"
        }
        Motif::Leaf => {
            "<path d=\"M0 19C-20 8-18-12 0-19 18-12 20 8 0 19z\"/><path d=\"M0 18V-8M0 6l8-6M0 6l-8-6\" \
             fill=\"none\" stroke=\"#fff\" stroke-width=\"2\"/>"
        }
        Motif::Bird => {
            "<path d=\"M-19-4l7-4c2-8 14-10 18 0 6 0 10-2 14-6 0 18-8 27-20 27S-13 6-12-2z\"/><circle \
             cx=\"-4\" cy=\"-6\" r=\"2\" fill=\"#fff\"/><path d=\"M-3 13v6M4 13v6\" stroke=\"#8f6743\" \
             stroke-width=\"2\"/>"
        }
        Motif::Butterfly => {
            "<path d=\"M-1 0C-6-20-20-18-18-6-17 1-8 2-1 2-14 3-16 14-9 17-3 18-1 8 0 4 1 8 3 18 9 17 16 \
             14 14 3 1 2 8 2 17 1 18-6 20-18 6-20 1 0z\"/><path d=\"M0-8v20\" stroke=\"#3c3a44\" \
             stroke-width=\"3\" stroke-linecap=\"round\"/>"
        }
        Motif::Cat => {
            "<path d=\"M-16-18l8 7h16l8-7v22c0 10-8 15-16 15S-16 14-16 4z\"/><circle cx=\"-6\" cy=\"1\" \
             r=\"2.5\" fill=\"#fff\"/><circle cx=\"6\" cy=\"1\" r=\"2.5\" fill=\"#fff\"/><path \
             d=\"M-2 8h4l-2 3z\" fill=\"#fff\"/>"
        }
        Motif::Dog => {
            "<path d=\"M-12-14h24c6 0 8 6 6 14l-5 1c2 12-5 18-13 18S-15 13-13 1l-5-1c-2-8 0-14 \
             6-14z\"/><circle cx=\"-5\" cy=\"-1\" r=\"2.5\" fill=\"#fff\"/><circle cx=\"5\" cy=\"-1\" \
             r=\"2.5\" fill=\"#fff\"/><ellipse cy=\"8\" rx=\"4\" ry=\"3\" fill=\"#fff\"/>"
        }
        Motif::Owl => {
            "<path d=\"M-15-18q6 5 15 4 9 1 15-4c3 18 3 37-15 37S-18 0-15-18z\"/><circle cx=\"-6\" \
             cy=\"-4\" r=\"6\" fill=\"#fff\"/><circle cx=\"6\" cy=\"-4\" r=\"6\" fill=\"#fff\"/><circle \
             cx=\"-6\" cy=\"-4\" r=\"2.5\" fill=\"#3c3a44\"/><circle cx=\"6\" cy=\"-4\" r=\"2.5\" \
             fill=\"#3c3a44\"/><path d=\"M-2 1h4L0 6z\" fill=\"#e8a33d\"/>"
        }
        Motif::Rabbit => {
            "<ellipse cx=\"-6\" cy=\"-10\" rx=\"4\" ry=\"10\"/><ellipse cx=\"6\" cy=\"-10\" rx=\"4\" \
             ry=\"10\"/><circle cy=\"7\" r=\"12\"/><circle cx=\"-4\" cy=\"5\" r=\"2\" fill=\"#fff\"/>\
             <circle cx=\"4\" cy=\"5\" r=\"2\" fill=\"#fff\"/><path d=\"M-2 10h4l-2 3z\" fill=\"#fff\"/>"
        }
        Motif::FirTree => "<path d=\"M0-20L11-5H6l9 11H9l8 10H3v4h-6v-4h-14l8-10h-6l9-11h-5z\"/>",
        Motif::Snowflake => {
            "<path d=\"M0-18v36M-16-9L16 9M16-9L-16 9M-5-15l5 5 5-5M-5 15l5-5 5 5\" fill=\"none\" \
             stroke=\"#fff\" stroke-width=\"4\" stroke-linecap=\"round\"/>"
        }
        Motif::Apple => {
            "<path d=\"M0-8c-9-6-18 0-17 11C-16 13-9 19-4 19c2 0 2-1 4-1s2 1 4 1c5 0 12-6 13-16 \
             1-11-8-17-17-11z\"/><path d=\"M0-8q0-6 5-10\" fill=\"none\" stroke=\"#8f6743\" \
             stroke-width=\"3\"/><path d=\"M1-11q6-6 11-2-4 5-11 2z\" fill=\"#6f9a6b\"/>"
        }
        Motif::Strawberry => {
            "<path d=\"M0 19C-14 12-18-2-14-8c6-6 22-6 28 0 4 6 0 20-14 27z\"/><path d=\"M-12-10q12-4 24 \
             0l-6 5-6-3-6 3z\" fill=\"#6f9a6b\"/><path d=\"M-6 0h.1M6 0h.1M0 6h.1M-4 11h.1M5 10h.1\" \
             stroke=\"#fff\" stroke-width=\"3\" stroke-linecap=\"round\"/>"
        }
        Motif::Toadstool => {
            "<path d=\"M-6 2H6l3 17H-9z\" fill=\"#fdf9f1\"/><path d=\"M-19 4c0-14 8-22 19-22S19-10 19 4c-8 \
             3-30 3-38 0z\"/><circle cx=\"-8\" cy=\"-4\" r=\"3.5\" fill=\"#fff\"/><circle cx=\"3\" \
             cy=\"-10\" r=\"3\" fill=\"#fff\"/><circle cx=\"10\" cy=\"-2\" r=\"3\" fill=\"#fff\"/>"
        }
        Motif::Skull => {
            "<path d=\"M0-19c12 0 18 8 18 17 0 6-4 9-8 10v10h-20V8c-4-1-8-4-8-10 0-9 6-17 18-17z\"/>\
             <circle cx=\"-7\" cy=\"-2\" r=\"4.5\" fill=\"#fff\"/><circle cx=\"7\" cy=\"-2\" r=\"4.5\" \
             fill=\"#fff\"/><path d=\"M-3 18v-5M3 18v-5\" stroke=\"#fff\" stroke-width=\"2.5\"/>"
        }
        Motif::Crown => {
            "<path d=\"M-17 14l-3-24 11 9 9-16 9 16 11-9-3 24z\"/><circle cx=\"0\" cy=\"-17\" r=\"3\"/>\
             <circle cx=\"-19\" cy=\"-12\" r=\"3\"/><circle cx=\"19\" cy=\"-12\" r=\"3\"/>"
        }
        Motif::Rocket => {
            "<path d=\"M0-20c8 6 10 16 8 26H-8c-2-10 0-20 8-26zM-8-2l-7 12h7zM8-2l7 12H8z\"/><circle \
             cy=\"-7\" r=\"4\" fill=\"#fff\"/><path d=\"M-5 8H5L0 20z\" fill=\"#f0a040\"/>"
        }
        Motif::Cake => {
            "<path d=\"M-14 2h28l-4 17h-20z\"/><path d=\"M-15 2c-2-10 6-10 7-12 2-8 14-8 16 0 1 2 9 2 7 \
             12z\" fill=\"#fdf9f1\"/><circle cy=\"-16\" r=\"4\" fill=\"#c8433e\"/>"
        }
        Motif::Babushka => {
            "<path d=\"M0-20c-12 0-14 10-11 18-4 4-5 8-5 11 0 8 7 10 16 10s16-2 16-10c0-3-1-7-5-11 3-8 \
             1-18-11-18z\"/><circle cy=\"-8\" r=\"7\" fill=\"#f8e0c9\"/><circle cy=\"10\" r=\"4\" \
             fill=\"#f2cf74\"/>"
        }
    }
}
