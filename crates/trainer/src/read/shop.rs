//! `shop.toml`: what the trainer needs to know of a shop beside its catalogue and documents.

use serde::Deserialize;
use toml::Spanned;

use super::examples::is_intent;
use super::input::{newlines, plain};
use super::warning::{Warnings, quoted};
use super::{Input, ReadError, Warning};

/// What the file is, for errors.
pub(crate) const EXPECTED: &str =
    "TOML with the keys name and currency, tables [[action]] and questions.common";

/// Largest file that is read, in bytes.
const MAX_BYTES: u64 = 1 << 20;

/// The content of `shop.toml`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShopFile {
    /// The shop's name.
    pub name: String,
    /// ISO 4217 code of its prices.
    pub currency: String,
    /// Pages that the chat offers as a button.
    pub actions: Vec<ActionEntry>,
    /// Questions that the chat completes, most asked first.
    pub questions: Vec<String>,
}

/// A page of the shop to go to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActionEntry {
    /// What the button says.
    pub label: String,
    /// Page, relative to the shop; begins with one slash.
    pub url: String,
    /// Further words to be found by.
    pub keywords: String,
    /// Intents that it serves.
    pub intents: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: Spanned<String>,
    currency: Spanned<String>,
    #[serde(default)]
    action: Vec<WrittenAction>,
    #[serde(default)]
    questions: WrittenQuestions,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenAction {
    label: Spanned<String>,
    url: Spanned<String>,
    #[serde(default)]
    keywords: String,
    #[serde(default)]
    intents: Vec<Spanned<String>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenQuestions {
    #[serde(default)]
    common: Vec<String>,
}

/// Reads `shop.toml`. Unknown intents are warnings; everything else that is not as expected is an
/// error, so that a misspelt key is not silently without effect.
pub(crate) fn read_shop_file(input: Input) -> Result<(ShopFile, Vec<Warning>), ReadError> {
    let file = input.name.clone();
    let text = input.text(MAX_BYTES, EXPECTED)?;
    let line_at = |at: usize| 1 + newlines(text.as_bytes().get(..at).unwrap_or_default());
    let refuse = |at: usize, reason: String| ReadError::Toml {
        file: file.clone(),
        line: line_at(at),
        reason,
    };
    let written: Written = toml::from_str(&text)
        .map_err(|e| refuse(e.span().map_or(0, |span| span.start), e.message().to_owned()))?;
    let some = |key: &str, value: &Spanned<String>| match plain(value.get_ref()) {
        text if text.is_empty() => Err(refuse(value.span().start, format!("{key} is empty"))),
        text => Ok(text),
    };
    let mut warnings = Warnings::new(&file);
    let currency = some("currency", &written.currency)?;
    if currency.len() != 3 || !currency.bytes().all(|b| b.is_ascii_uppercase()) {
        let reason =
            format!("currency: {} is not a code of three letters such as GBP", quoted(&currency));
        return Err(refuse(written.currency.span().start, reason));
    }
    let mut actions = Vec::with_capacity(written.action.len());
    for action in &written.action {
        let url = some("url", &action.url)?;
        if !is_page(&url) {
            let reason = format!("url: {} is not a page of the shop such as /cart", quoted(&url));
            return Err(refuse(action.url.span().start, reason));
        }
        let mut intents = Vec::new();
        for intent in &action.intents {
            if is_intent(intent.get_ref()) {
                intents.push(intent.get_ref().clone());
            } else {
                let reason = format!("{} is not an intent; left out", quoted(intent.get_ref()));
                warnings.add(line_at(intent.span().start), Some("intents"), reason);
            }
        }
        let label = some("label", &action.label)?;
        actions.push(ActionEntry { label, url, keywords: plain(&action.keywords), intents });
    }
    let name = some("name", &written.name)?;
    let common = written.questions.common.iter().map(|q| plain(q));
    let questions = common.filter(|q| !q.is_empty()).collect();
    Ok((ShopFile { name, currency, actions, questions }, warnings.finish()))
}

/// A path on the shop's own origin.
fn is_page(url: &str) -> bool {
    url.starts_with('/') && !url.starts_with("//") && !url.contains(['\\', ' '])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(bytes: &[u8]) -> Result<(ShopFile, Vec<Warning>), ReadError> {
        read_shop_file(Input::of_bytes("shop.toml", bytes))
    }

    const GOOD: &str = "\u{feff}name = \"Shop & Co\"\r\ncurrency = \"GBP\"\r\n[[action]]\r\n\
        label = \"Cart\"\r\nurl = \"/cart\"\r\nkeywords = \"buy\"\r\n\
        intents = [\"place_order\",\r\n \"buying\"]\r\n[questions]\r\ncommon = [\"where\", \"\"]\r\n";

    #[test]
    fn a_shop_is_read() {
        let (shop, warnings) = read(GOOD.as_bytes()).unwrap();
        let action = ActionEntry {
            label: "Cart".into(),
            url: "/cart".into(),
            keywords: "buy".into(),
            intents: vec!["place_order".into()],
        };
        let expected = ShopFile {
            name: "Shop & Co".into(),
            currency: "GBP".into(),
            actions: vec![action],
            questions: vec!["where".into()],
        };
        assert_eq!(shop, expected);
        let shown: Vec<String> = warnings.iter().map(Warning::to_string).collect();
        assert_eq!(shown, ["shop.toml:8: intents: \"buying\" is not an intent; left out"]);
    }

    #[test]
    fn errors_name_the_key_and_the_line() {
        let start = "name = \"S\"\ncurrency = \"GBP\"\n";
        let action = "[[action]]\nlabel = \"L\"\n";
        for (text, expected) in [
            (
                format!("{start}colour = 1\n"),
                "shop.toml:3: unknown field `colour`, expected one of `name`, `currency`, `action`, `questions`",
            ),
            (
                format!("{start}{action}url = \"/\"\nurls = 1\n"),
                "shop.toml:6: unknown field `urls`, expected one of `label`, `url`, `keywords`, `intents`",
            ),
            (
                format!("{start}{action}url = \"javascript:x\"\n"),
                "shop.toml:5: url: \"javascript:x\" is not a page of the shop such as /cart",
            ),
            (
                format!("{start}{action}url = \"//evil.example\"\n"),
                "shop.toml:5: url: \"//evil.example\" is not a page of the shop such as /cart",
            ),
            (format!("{start}{action}"), "shop.toml:3: missing field `url`"),
            ("name = \"S\"\n".into(), "shop.toml:1: missing field `currency`"),
            ("name = \"\"\ncurrency = \"GBP\"".into(), "shop.toml:1: name is empty"),
            (
                "name = \"S\"\ncurrency = \"pounds\"".into(),
                "shop.toml:2: currency: \"pounds\" is not a code of three letters such as GBP",
            ),
            (
                "name = 3\ncurrency = \"GBP\"".into(),
                "shop.toml:1: invalid type: integer `3`, expected a string",
            ),
        ] {
            assert_eq!(read(text.as_bytes()).unwrap_err().to_string(), expected, "{text}");
        }
        let empty = format!("shop.toml: the file is empty; expected {EXPECTED}");
        assert_eq!(read(b" \n").unwrap_err().to_string(), empty);
        let latin = "shop.toml:2: not UTF-8; save the file as UTF-8 and try again";
        assert_eq!(read(b"currency = \"GBP\"\nname = \"Caf\xe9\"").unwrap_err().to_string(), latin);
        assert!(matches!(read(b"name = \"S"), Err(ReadError::Toml { line: 1, .. })));
    }

    proptest! {
        #[test]
        fn no_bytes_panic(
            bytes in prop::collection::vec(any::<u8>(), 0..120),
            text in "((name|currency|url|[[]{2}action]]|\\[questions]|common)?( = )?(\"[A-Z/é]{0,3}\"|\\[|\\])?\n){0,8}",
        ) {
            let _ = read(&bytes);
            let _ = read(text.as_bytes());
            let _ = read(&[GOOD.as_bytes(), &bytes].concat());
        }
    }
}
