//! Addresses: which run of text is one, and which may be shown.

use super::lexeme::folded;

/// Schemes after which an address needs no slashes.
const SCHEMES: [&str; 10] = [
    "javascript:",
    "data:",
    "mailto:",
    "tel:",
    "sms:",
    "vbscript:",
    "whatsapp:",
    "ftp:",
    "file:",
    "blob:",
];
/// Ends of domains that are told from the end of a sentence even without a space or in capitals.
const TOP_LEVEL: [&str; 48] = [
    "com", "net", "org", "uk", "co", "io", "shop", "store", "de", "fr", "es", "eu", "info", "biz",
    "app", "dev", "xyz", "online", "site", "me", "us", "ie", "it", "nl", "be", "ch", "at", "pl",
    "se", "no", "dk", "fi", "pt", "ru", "cn", "jp", "in", "au", "ca", "nz", "ly", "gg", "tv", "cc",
    "top", "club", "example", "test",
];
const OPENING: [char; 14] = ['(', '[', '{', '<', '"', '\'', '*', '_', '`', '“', '‘', '«', '„', ','];
const CLOSING: [char; 18] =
    [')', ']', '}', '>', '"', '\'', '*', '_', '`', '.', ',', ';', ':', '!', '?', '”', '’', '»'];

/// Whether a word is a well-known end of a domain.
pub(super) fn is_top_level(word: &str) -> bool {
    TOP_LEVEL.contains(&word)
}

/// The address in a run, with what is before and after it.
pub(super) fn find(run: &str) -> Option<(&str, &str, &str)> {
    // Most runs are words, and no address is without one of these.
    if !folded(run).contains(['.', ':', '/', '@']) {
        return None;
    }
    let from = run.rfind("](").map_or(0, |at| at + 2);
    let (before, rest) = run.split_at_checked(from)?;
    let begins = rest.find(|c| !OPENING.contains(&c))?;
    let (opening, rest) = rest.split_at_checked(begins)?;
    let trimmed = rest.trim_end_matches(CLOSING);
    let (address, after) = rest.split_at_checked(trimmed.len())?;
    if is_address(address) {
        let start = before.len() + opening.len();
        return Some((run.get(..start)?, address, after));
    }
    // Words may be glued to it by what is no part of an address.
    is_address(run).then_some(("", run, ""))
}

fn is_address(raw: &str) -> bool {
    let text = folded(raw).replace(['*', '`', '\\'], "");
    if text.contains("://") || text.starts_with("www.") || text.starts_with("//") {
        return true;
    }
    if SCHEMES
        .iter()
        .any(|scheme| text.find(scheme).is_some_and(|at| text.len() > at + scheme.len()))
    {
        return true;
    }
    if let Some((name, host)) = text.split_once('@') {
        return name.ends_with(char::is_alphanumeric) && host.contains(char::is_alphanumeric);
    }
    if let Some(path) = text.strip_prefix('/') {
        return path.starts_with(|c: char| c.is_alphabetic());
    }
    let pieces = text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '-')));
    pieces.into_iter().any(|piece| is_domain(piece, raw)) || is_v4(&text)
}

/// Whether two labels on either side of one of the dots make a domain, whatever is glued to them.
fn is_domain(host: &str, raw: &str) -> bool {
    host.match_indices('.').any(|(at, _)| {
        let name = host.get(..at).unwrap_or_default();
        let end = host.get(at + 1..).and_then(|rest| rest.split(['.', '-']).next());
        has_end(name, end.unwrap_or_default(), host, raw)
    })
}

fn has_end(name: &str, end: &str, host: &str, raw: &str) -> bool {
    let label = name.rsplit('.').next().unwrap_or_default();
    if !name.contains(|c: char| c.is_alphabetic()) || label.is_empty() {
        return false;
    }
    if is_top_level(end) {
        return name.len() >= 2 || raw.contains('/') || end.len() == 3;
    }
    let is_lower = raw.contains(host) || !raw.contains(char::is_uppercase);
    is_lower && label.len() >= 2 && end.len() >= 2 && end.bytes().all(|b| b.is_ascii_alphabetic())
}

fn is_v4(text: &str) -> bool {
    let host = text.split(['/', ':']).next().unwrap_or_default();
    host.split('.').count() == 4 && host.split('.').all(|part| part.parse::<u8>().is_ok())
}

/// An address as it is compared: without scheme and host where they are the shop's. None for one
/// that is not written as honest ones are.
pub(super) fn canonical(raw: &str, origins: &[String]) -> Option<String> {
    let is_plain = raw.bytes().all(|b| b.is_ascii_graphic() && !b"%\\<>\"'`*|^{}[]".contains(&b));
    if !is_plain || raw.contains("..") {
        return None;
    }
    if raw.starts_with('/') {
        return (!raw.contains("//")).then(|| raw.trim_end_matches('/').to_owned());
    }
    let lower = raw.to_ascii_lowercase();
    for origin in origins {
        let host = origin.split_once("://").map_or(origin.as_str(), |(_, host)| host);
        for prefix in [origin.as_str(), host] {
            if let Some(path) = lower.strip_prefix(prefix)
                && (path.is_empty() || path.starts_with('/'))
                && !path.contains("//")
            {
                let path = raw.get(prefix.len()..)?;
                return Some(if path.len() <= 1 {
                    "/".to_owned()
                } else {
                    path.trim_end_matches('/').to_owned()
                });
            }
        }
    }
    let bare = lower.strip_prefix("https://").unwrap_or(&lower);
    let bare = bare.strip_prefix("mailto:").unwrap_or(bare);
    Some(bare.trim_end_matches('/').to_owned())
}

/// Whether an address, as it is compared, is a path of the shop or of one of the hosts.
pub(super) fn is_of(address: &str, hosts: &[String]) -> bool {
    if address.starts_with('/') {
        return true;
    }
    let authority = address.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    hosts.iter().any(|known| {
        let before = host.strip_suffix(known.as_str());
        before.is_some_and(|before| before.is_empty() || before.ends_with('.'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_prose() {
        for (run, expected) in [
            ("https://evil.example/x", Some("https://evil.example/x")),
            ("(evil.com)", Some("evil.com")),
            ("page](https://evil.com).", Some("https://evil.com")),
            ("help@evil.com,", Some("help@evil.com")),
            ("/pages/returns", Some("/pages/returns")),
            ("javascript:alert(1)", Some("javascript:alert(1")),
            ("EVIL.COM", Some("EVIL.COM")),
            ("evil.com-Red", Some("evil.com-Red")),
            ("10.0.0.1", Some("10.0.0.1")),
            ("e.g.", None),
            ("and/or", None),
            ("3.5cm", None),
            ("p.m.", None),
            ("£4.25.", None),
            ("days.You", None),
            ("Note:", None),
        ] {
            assert_eq!(find(run).map(|(_, address, _)| address), expected, "{run}");
        }
    }

    #[test]
    fn an_address_is_of_a_host_or_its_subdomains() {
        let hosts = ["shop.example".to_owned()];
        for (address, expected) in [
            ("/pages/returns", true),
            ("shop.example/a", true),
            ("help@shop.example", true),
            ("help@mail.shop.example", true),
            ("evilshop.example", false),
            ("shop.example.evil.com", false),
            ("evil.com/shop.example", false),
            ("evil.com?a=shop.example", false),
            ("shop.example@evil.com", false),
            ("javascript:alert(1)", false),
            ("http://evil.com", false),
        ] {
            assert_eq!(is_of(address, &hosts), expected, "{address}");
        }
    }

    #[test]
    fn tricks_are_not_honest_addresses() {
        let origins = ["https://shop.example".to_owned()];
        for (raw, expected) in [
            ("https://shop.example/pages/returns", Some("/pages/returns")),
            ("shop.example/pages/returns/", Some("/pages/returns")),
            ("/pages/returns", Some("/pages/returns")),
            ("https://shop.example@evil.com/", Some("shop.example@evil.com")),
            ("https://shop.example.evil.com/a", Some("shop.example.evil.com/a")),
            ("https://shop.example/%2e%2e/a", None),
            ("https://shop.example/../a", None),
            ("https://shоp.example/pages/returns", None),
            ("//evil.com", None),
            ("/pages//evil.com", None),
        ] {
            assert_eq!(canonical(raw, &origins).as_deref(), expected, "{raw}");
        }
    }
}
