//! Which addresses from data become links, and where they lead.

/// Address of a page of the shop or of the web, or `None` for anything that is neither: such an
/// address is shown as text, if at all. `shop_root` is what the shop's paths start with.
pub(crate) fn page(url: &str, shop_root: &str) -> Option<String> {
    let path = match safe(url)? {
        Safe::Web(url) => return Some(url.to_owned()),
        Safe::Path(path) => path,
    };
    let root = shop_root.trim_end_matches('/');
    let is_under_root = path.strip_prefix(root).is_some_and(|rest| rest.starts_with('/'));
    Some(if is_under_root { path.to_owned() } else { [root, path].concat() })
}

/// Address of an image; those of the shop do not lie under the root of a language.
pub(crate) fn image(url: &str) -> Option<&str> {
    safe(url).map(|(Safe::Web(url) | Safe::Path(url))| url)
}

enum Safe<'a> {
    Web(&'a str),
    Path(&'a str),
}

fn safe(url: &str) -> Option<Safe<'_>> {
    // Browsers drop control characters and read a backslash as a slash.
    if url.chars().any(|c| c.is_control() || c == '\\') {
        return None;
    }
    let has_scheme = |scheme: &str| {
        url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    if has_scheme("https://") || has_scheme("http://") {
        return Some(Safe::Web(url));
    }
    (url.starts_with('/') && !url.starts_with("//")).then_some(Safe::Path(url))
}

#[cfg(test)]
mod tests {
    use super::{image, page};

    #[test]
    fn only_web_pages_and_pages_of_the_shop_are_links() {
        for (url, root, expected) in [
            ("/products/mug", "/", Some("/products/mug")),
            ("/products/mug", "/fr/", Some("/fr/products/mug")),
            ("/fr/products/mug", "/fr/", Some("/fr/products/mug")),
            ("/french-press", "/fr/", Some("/fr/french-press")),
            ("/", "/", Some("/")),
            ("https://a.example/b", "/fr/", Some("https://a.example/b")),
            ("HTTP://a.example/", "/", Some("HTTP://a.example/")),
            ("//evil.example", "/", None),
            ("/\\evil.example", "/", None),
            ("/\t/evil.example", "/", None),
            ("javascript:alert(1)", "/", None),
            (" javascript:alert(1)", "/", None),
            ("java\nscript:alert(1)", "/", None),
            ("data:text/html,x", "/", None),
            ("products/mug", "/", None),
            ("", "/", None),
            ("é", "/", None),
        ] {
            assert_eq!(page(url, root).as_deref(), expected, "{url:?}");
        }
    }

    #[test]
    fn images_keep_their_path() {
        assert_eq!(image("/images/mug.svg"), Some("/images/mug.svg"));
        assert_eq!(image("data:image/svg+xml,x"), None);
        assert_eq!(image(""), None);
    }
}
