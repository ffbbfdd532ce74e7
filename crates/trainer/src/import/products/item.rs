//! A product on its way from an outside file into the shop's catalogue.

use serde::{Deserialize, Serialize};

use crate::read::{Warnings, plain, quoted};

/// What one record of a file says of a product, or what several together do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Item {
    pub(super) title: String,
    /// Plain text on one line.
    pub(super) description: String,
    pub(super) vendor: String,
    pub(super) category: String,
    pub(super) tags: Vec<String>,
    /// Address, or empty.
    pub(super) image: String,
    /// Whether it is kept from shoppers; nothing where the record does not say.
    pub(super) hidden: Option<bool>,
    pub(super) variants: Vec<Variant>,
}

/// A form in which a product is sold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Variant {
    pub(super) sku: String,
    /// Names and values, such as Size and M.
    pub(super) options: Vec<(String, String)>,
    /// Nothing where there is none that can be used.
    pub(super) price_minor: Option<u32>,
    /// The former price, where it was higher.
    pub(super) compare_at_minor: Option<u32>,
    pub(super) sold_out: bool,
}

/// A record with its place.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Fragment {
    /// Whether it is of the catalogue that is already in the shop's folder.
    pub(super) is_old: bool,
    /// Whether another record of the same handle is further variants, and not a second product.
    pub(super) continues: bool,
    /// The file, where there are several.
    pub(super) file: Option<String>,
    pub(super) line: u64,
    pub(super) item: Item,
}

/// Takes the records of one handle together, in their order.
pub(super) fn join(handle: &str, fragments: Vec<Fragment>, warnings: &mut Warnings) -> Item {
    let mut all = Item::default();
    let mut first_line = 0;
    for fragment in fragments {
        let Fragment { continues, line, item, file, .. } = fragment;
        if let Some(file) = &file {
            warnings.set_file(file);
        }
        let is_other = !item.title.is_empty() && !all.title.is_empty() && item.title != all.title;
        if is_other && !continues {
            let reason = format!(
                "{} is already that of {} (line {first_line}); left out",
                quoted(handle),
                quoted(&all.title)
            );
            warnings.add(line, Some("Handle"), reason);
            continue;
        }
        if all.title.is_empty() && !item.title.is_empty() {
            first_line = line;
        }
        for variant in item.variants {
            if is_twice(&all.variants, &variant) {
                let reason = match variant.sku.as_str() {
                    "" => format!("a variant of {} is there twice; left out", quoted(handle)),
                    sku => format!("{} is there twice; the first one is used", quoted(sku)),
                };
                warnings.add(line, Some("SKU"), reason);
            } else {
                all.variants.push(variant);
            }
        }
        let rest = Item { variants: vec![], ..item };
        all = over(all, rest);
    }
    all
}

/// Whether a product has this variant: by its SKU, or where there is none by its options.
fn is_twice(variants: &[Variant], new: &Variant) -> bool {
    variants.iter().any(|known| match (known.sku.as_str(), new.sku.as_str()) {
        ("", "") => known.options == new.options,
        (known, new) => known == new,
    })
}

/// `strong` where it says something, else `weak`.
pub(super) fn over(strong: Item, weak: Item) -> Item {
    let text = |strong: String, weak: String| if strong.is_empty() { weak } else { strong };
    let has_price = strong.variants.iter().any(|v| v.price_minor.is_some());
    Item {
        title: text(strong.title, weak.title),
        description: text(strong.description, weak.description),
        vendor: text(strong.vendor, weak.vendor),
        category: text(strong.category, weak.category),
        tags: if strong.tags.is_empty() { weak.tags } else { strong.tags },
        image: text(strong.image, weak.image),
        hidden: strong.hidden.or(weak.hidden),
        variants: if has_price || weak.variants.is_empty() {
            strong.variants
        } else {
            weak.variants
        },
    }
}

/// A handle made of a text: lower-case letters and digits of any script, and single dashes.
pub(super) fn to_handle(text: &str) -> String {
    let mut handle = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_alphanumeric() {
            handle.extend(c.to_lowercase().filter(|c| c.is_alphanumeric()));
        } else if !handle.is_empty() && !handle.ends_with('-') && !matches!(c, '\'' | '’') {
            handle.push('-');
        }
    }
    handle.truncate(handle.trim_end_matches('-').len());
    handle
}

/// The last part of a web address's path, without an ending such as `.html`; nothing where it
/// would not be a handle.
pub(super) fn handle_of_url(url: &str) -> Option<String> {
    let path = url.split(['?', '#']).next()?;
    let path = match path.split_once("://") {
        Some((_, rest)) => rest.split_once('/').map_or("", |(_, path)| path),
        None => path,
    };
    let last = path.trim_end_matches('/').rsplit('/').next()?;
    let last = last.strip_suffix(".html").or(last.strip_suffix(".htm")).unwrap_or(last);
    let is_handle = !last.is_empty() && to_handle(last) == last.to_lowercase().replace('_', "-");
    is_handle.then(|| last.to_owned())
}

/// The handle of a product that comes without one: of its address, else of its title with its SKU,
/// which makes it unique.
pub(super) fn new_handle(url: &str, title: &str, sku: &str) -> String {
    handle_of_url(url).unwrap_or_else(|| to_handle(&format!("{title} {sku}")))
}

/// Tags as a list that is divided by commas; each once.
pub(super) fn add_tags(tags: &mut Vec<String>, list: &str) {
    for tag in list.split(',').map(plain).filter(|tag| !tag.is_empty()) {
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
}

/// The last part of a category such as "Home > Kitchen > Mugs".
pub(super) fn last_category(path: &str) -> String {
    plain(path.rsplit('>').next().unwrap_or(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handles() {
        for (text, expected) in [
            ("Red  Mug, 2nd!", "red-mug-2nd"),
            ("Grandma's Café", "grandmas-café"),
            ("--", ""),
            ("İstanbul", "istanbul"),
        ] {
            assert_eq!(to_handle(text), expected);
        }
        for (url, expected) in [
            ("https://shop.example/products/red-mug?variant=3", Some("red-mug")),
            ("https://shop.example/en/Red_Mug.html#x", Some("Red_Mug")),
            ("/products/red-mug/", Some("red-mug")),
            ("https://shop.example", None),
            ("https://shop.example/p?id=7", Some("p")),
            ("https://shop.example/%20", None),
            ("", None),
        ] {
            assert_eq!(handle_of_url(url).as_deref(), expected, "{url}");
        }
        assert_eq!(new_handle("", "Red mug", "M 1"), "red-mug-m-1");
    }

    #[test]
    fn new_data_goes_over_old_data() {
        let variant =
            |sku: &str, price_minor| Variant { sku: sku.into(), price_minor, ..Variant::default() };
        let old = Item {
            title: "Mug".into(),
            vendor: "Potter".into(),
            variants: vec![variant("1", Some(100)), variant("2", Some(200))],
            ..Item::default()
        };
        let new =
            Item { title: "Red mug".into(), variants: vec![variant("1", Some(90))], ..old.clone() };
        let merged = over(Item { vendor: String::new(), ..new.clone() }, old.clone());
        assert_eq!(merged, new);
        let unpriced = Item { variants: vec![variant("1", None)], ..new };
        assert_eq!(over(unpriced, old.clone()).variants, old.variants);
    }
}
