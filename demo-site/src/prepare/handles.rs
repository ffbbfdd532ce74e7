//! The part of a web address that names a product.

use std::collections::HashSet;

/// Longest handle, in bytes; a number that makes it unique comes on top.
const MAX_BYTES: usize = 80;

/// Gives out handles, each once.
#[derive(Debug, Default)]
pub(super) struct Handles {
    taken: HashSet<String>,
}

impl Handles {
    /// A handle of lower-case letters, digits and single hyphens for this title. Where it is
    /// taken, the SKU follows, and after that a number.
    pub(super) fn give(&mut self, title: &str, sku: &str) -> String {
        let stem = slug(title);
        let with_sku = slug(&format!("{stem} {sku}"));
        let numbered = (2_u32..).map(|n| format!("{with_sku}-{n}"));
        let mut candidates = [stem.clone(), with_sku.clone()].into_iter().chain(numbered);
        let is_free = |handle: &String| !handle.is_empty() && !self.taken.contains(handle);
        let handle = candidates.find(is_free).unwrap_or_default();
        self.taken.insert(handle.clone());
        handle
    }
}

/// Lower-case letters and digits of ASCII, everything else as single hyphens between them.
fn slug(text: &str) -> String {
    let mut slug = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if c != '\'' && !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(MAX_BYTES);
    slug.truncate(slug.trim_end_matches('-').len());
    slug
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn handles_are_given_once() {
        let mut handles = Handles::default();
        for (title, sku, expected) in [
            ("Red & White Mug", "A1", "red-white-mug"),
            ("Red, White Mug!", "A2", "red-white-mug-a2"),
            ("Red White Mug", "A2", "red-white-mug-a2-2"),
            ("Child's T-Light", "B", "childs-t-light"),
            ("£", "9", "9"),
            ("£", "€", "-2"),
        ] {
            assert_eq!(handles.give(title, sku), expected);
        }
    }

    proptest! {
        #[test]
        fn no_handle_is_given_twice(titles in prop::collection::vec("[a-c !é]{0,4}", 0..40)) {
            let mut handles = Handles::default();
            let given: Vec<String> = titles.iter().map(|t| handles.give(t, "1")).collect();
            let distinct: HashSet<&String> = given.iter().collect();
            prop_assert_eq!(distinct.len(), given.len());
            prop_assert!(given.iter().all(|h| !h.is_empty()));
        }
    }
}
