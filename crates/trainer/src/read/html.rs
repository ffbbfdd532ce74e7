//! The text of a product description that is written in HTML.

use super::input::plain;

/// Elements whose content is not text.
const NOT_TEXT: [&str; 4] = ["script", "style", "template", "head"];
/// Elements inside a line; any other tag divides words.
const INLINE: [&str; 12] =
    ["a", "abbr", "b", "em", "font", "i", "s", "span", "strong", "sub", "sup", "u"];
/// Longest character reference that is looked for, in bytes.
const MAX_REFERENCE: usize = 10;

/// Takes the tags, comments, scripts and styles out and resolves character references. Any input
/// gives some text; what is left is plain text and must still be shown as such.
pub(crate) fn html_to_text(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find(['<', '&']) {
        let (text, from) = rest.split_at(at);
        out.push_str(text);
        rest = if from.starts_with('<') {
            skip_tag(from, &mut out)
        } else {
            reference(from, &mut out)
        };
    }
    out.push_str(rest);
    plain(&out)
}

/// Skips what begins with `<` and returns what follows it.
fn skip_tag<'a>(from: &'a str, out: &mut String) -> &'a str {
    if let Some(comment) = from.strip_prefix("<!--") {
        return comment.split_once("-->").map_or("", |(_, rest)| rest);
    }
    let inside = from.get(1..).unwrap_or("");
    let name_from = inside.strip_prefix('/').unwrap_or(inside);
    if !name_from.starts_with(|c: char| c.is_ascii_alphabetic() || c == '!' || c == '?') {
        out.push('<');
        return inside;
    }
    let name: String = name_from
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .collect::<String>()
        .to_lowercase();
    if !INLINE.contains(&name.as_str()) {
        out.push(' ');
    }
    let after = end_of_tag(inside);
    if inside.starts_with('/') || !NOT_TEXT.contains(&name.as_str()) {
        return after;
    }
    // Up to the end tag, which is then skipped as a tag.
    let close = format!("</{name}");
    let at = after
        .as_bytes()
        .windows(close.len())
        .position(|w| w.eq_ignore_ascii_case(close.as_bytes()));
    at.and_then(|at| after.get(at..)).unwrap_or("")
}

/// What follows the `>` that ends a tag; one within a quoted attribute does not.
fn end_of_tag(inside: &str) -> &str {
    let mut quote = None;
    for (at, c) in inside.char_indices() {
        match (quote, c) {
            (None, '>') => return inside.get(at + 1..).unwrap_or(""),
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            _ => {}
        }
    }
    ""
}

/// Resolves a character reference and returns what follows it.
fn reference<'a>(from: &'a str, out: &mut String) -> &'a str {
    let found = from
        .bytes()
        .take(MAX_REFERENCE)
        .position(|b| b == b';')
        .and_then(|end| Some((from.get(1..end)?, from.get(end + 1..)?)))
        .and_then(|(name, rest)| Some((resolve(name)?, rest)));
    match found {
        Some((c, rest)) => {
            out.push(c);
            rest
        }
        None => {
            out.push('&');
            from.get(1..).unwrap_or("")
        }
    }
}

fn resolve(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code);
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        "pound" => '£',
        "euro" => '€',
        "deg" => '°',
        "times" => '×',
        "frac12" => '½',
        "frac14" => '¼',
        "frac34" => '¾',
        "ndash" => '–',
        "mdash" => '—',
        "hellip" => '…',
        "bull" => '•',
        "lsquo" => '‘',
        "rsquo" => '’',
        "ldquo" => '“',
        "rdquo" => '”',
        "reg" => '®',
        "trade" => '™',
        "eacute" => 'é',
        "egrave" => 'è',
        "uuml" => 'ü',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_the_text_is_left() {
        for (html, expected) in [
            ("", ""),
            ("A mug.", "A mug."),
            ("<p>A <b>red</b> mug</p><p>Holds 300&nbsp;ml</p>", "A red mug Holds 300 ml"),
            ("<ul><li>one<li>two</ul>", "one two"),
            ("S<b>al</b>e<br>now", "Sale now"),
            ("a<script>alert('<b>')</script>b", "a b"),
            ("a<STYLE>p{}</Style >b", "a b"),
            ("a<script>never ends", "a"),
            ("<a title=\"5 > 4\" href='x'>link</a>", "link"),
            ("<!-- hidden <b> -->shown", "shown"),
            ("5 < 6 & 7 > 6", "5 < 6 & 7 > 6"),
            ("Tom &amp; Jerry&#39;s &#x1F600; &bogus; &", "Tom & Jerry's 😀 &bogus; &"),
            ("&amp;lt;b&amp;gt;", "&lt;b&gt;"),
            ("cut <b", "cut"),
            ("<é>", "<é>"),
        ] {
            assert_eq!(html_to_text(html), expected, "{html:?}");
        }
    }

    proptest! {
        #[test]
        fn no_html_panics(html in "(<|>|/|&|;|!|-|\"|#|x|script|style|b|é| |\\PC){0,40}") {
            let _ = html_to_text(&html);
        }
    }
}
