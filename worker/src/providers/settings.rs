//! The providers of the configuration.

use std::collections::BTreeSet;
use std::rc::Rc;

use serde::Deserialize;
use thiserror::Error;

use super::format::Format;
use crate::shops::is_name;
use crate::usage::Prices;

/// Providers in one list.
const MAX_PROVIDERS: usize = 8;
/// Bytes of a URL or a model's name.
const MAX_TEXT_BYTES: usize = 300;
/// Characters of an unknown name that are said again.
const MAX_SHOWN_CHARS: usize = 40;
/// How long the first word may take where nothing is said of it, in milliseconds.
const FIRST_WORD_MS: u32 = 9_000;
/// The bounds of what may be said of it.
const MIN_FIRST_WORD_MS: u32 = 500;
const MAX_FIRST_WORD_MS: u32 = 60_000;

/// Why the configuration of the providers cannot be used.
#[derive(Debug, Error)]
pub enum ProvidersError {
    /// Not JSON of the expected shape.
    #[error("AISLE_PROVIDERS cannot be read: {0}")]
    Malformed(#[from] serde_json::Error),
    /// More than are asked one after another.
    #[error("AISLE_PROVIDERS: there are more than {MAX_PROVIDERS} providers")]
    TooMany,
    /// A name that cannot be used.
    #[error("AISLE_PROVIDERS: {0:?} is not a provider's name; use letters, digits, '-' and '_'")]
    Name(String),
    /// A name that is there already.
    #[error("AISLE_PROVIDERS: there are two providers with the name {0:?}")]
    Twice(String),
    /// A value that cannot be used.
    #[error("AISLE_PROVIDERS: {field} of provider {name:?} {reason}")]
    Value {
        /// The provider.
        name: String,
        /// The setting.
        field: &'static str,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A key that is not in the environment.
    #[error("AISLE_PROVIDERS: the key {key:?} of provider {name:?} is not in the environment")]
    Key {
        /// The provider.
        name: String,
        /// Name of the key.
        key: String,
    },
    /// A shop's list names a provider that is not there.
    #[error("the list of providers has {name:?}, which is not set up; there are: {known}")]
    Unknown {
        /// Its beginning.
        name: String,
        /// Those that are there.
        known: String,
    },
}

/// One provider, but for its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderSettings {
    /// Its name, in lists, logs and accounts.
    pub name: String,
    /// Its wire format.
    pub format: Format,
    /// Base of its interface, such as `https://api.example/v1`.
    pub url: String,
    /// The model's name there.
    pub model: String,
    /// Name of its key in the environment; none for a server that wants none.
    pub key: Option<String>,
    /// Its prices.
    pub prices: Prices,
    /// How long the model may take to begin, in milliseconds.
    pub first_word_ms: u32,
}

/// A provider as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    kind: Format,
    url: String,
    model: String,
    key: Option<String>,
    #[serde(default)]
    input_price: f64,
    #[serde(default)]
    output_price: f64,
    #[serde(default = "first_word_ms")]
    first_word_ms: u32,
}

fn first_word_ms() -> u32 {
    FIRST_WORD_MS
}

/// Providers in the order in which they are asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Providers(Vec<Rc<ProviderSettings>>);

impl Providers {
    /// Reads the value of `AISLE_PROVIDERS`: a list.
    pub fn parse(json: &str) -> Result<Self, ProvidersError> {
        let written: Vec<Written> = serde_json::from_str(json)?;
        if written.len() > MAX_PROVIDERS {
            return Err(ProvidersError::TooMany);
        }
        let mut names = BTreeSet::new();
        let mut providers = Vec::with_capacity(written.len());
        for one in written {
            if !is_name(&one.name) {
                return Err(ProvidersError::Name(one.name));
            }
            if !names.insert(one.name.clone()) {
                return Err(ProvidersError::Twice(one.name));
            }
            providers.push(Rc::new(one.check()?));
        }
        Ok(Self(providers))
    }

    /// The simplest case: one compatible server, a model and the name of a key.
    pub fn one(url: String, model: String, key: &str) -> Result<Self, ProvidersError> {
        let written = Written {
            name: "default".to_owned(),
            kind: Format::Openai,
            url,
            model,
            key: Some(key.to_owned()),
            input_price: 0.0,
            output_price: 0.0,
            first_word_ms: FIRST_WORD_MS,
        };
        Ok(Self(vec![Rc::new(written.check()?)]))
    }

    /// Those of a shop's list, in its order; all where the shop has no list.
    pub fn of_shop(&self, names: Option<&[String]>) -> Result<Self, ProvidersError> {
        let Some(names) = names else { return Ok(self.clone()) };
        let find = |name: &String| {
            let found = self.0.iter().find(|provider| provider.name == *name);
            found.cloned().ok_or_else(|| self.unknown(name))
        };
        names.iter().map(find).collect::<Result<_, _>>().map(Self)
    }

    fn unknown(&self, name: &str) -> ProvidersError {
        let known: Vec<&str> = self.0.iter().map(|provider| provider.name.as_str()).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        ProvidersError::Unknown { name: name.chars().take(MAX_SHOWN_CHARS).collect(), known }
    }

    /// One after another.
    pub fn iter(&self) -> impl Iterator<Item = &Rc<ProviderSettings>> {
        self.0.iter()
    }
}

impl Written {
    fn check(self) -> Result<ProviderSettings, ProvidersError> {
        let wrong = |field: &'static str, reason: &'static str| {
            Err(ProvidersError::Value { name: self.name.clone(), field, reason })
        };
        if !is_base(&self.url) {
            return wrong("url", "is not an http(s) URL without a user, a query and a fragment");
        }
        let is_plain = |text: &str| {
            (1..=MAX_TEXT_BYTES).contains(&text.len()) && !text.contains(char::is_control)
        };
        if !is_plain(&self.model) {
            return wrong("model", "is not a model's name");
        }
        if !self.key.as_deref().is_none_or(is_name) {
            return wrong("key", "is not a name; the key itself belongs into the environment");
        }
        let Some(prices) = Prices::per_million(self.input_price, self.output_price) else {
            return wrong("input_price or output_price", "is not a price per million tokens");
        };
        if !(MIN_FIRST_WORD_MS..=MAX_FIRST_WORD_MS).contains(&self.first_word_ms) {
            return wrong("first_word_ms", "is not between 500 and 60000");
        }
        Ok(ProviderSettings {
            name: self.name,
            format: self.kind,
            url: self.url,
            model: self.model,
            key: self.key,
            prices,
            first_word_ms: self.first_word_ms,
        })
    }
}

/// Whether a text is the base of an interface, as a path is added to it.
fn is_base(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let fits = |b: u8| b.is_ascii_graphic() && !matches!(b, b'\\' | b'@' | b'"' | b'#' | b'?');
    url.len() <= MAX_TEXT_BYTES
        && url.bytes().all(fits)
        && rest.is_some_and(|rest| !rest.starts_with(['/', ':']) && !rest.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(more: &str) -> Result<Providers, ProvidersError> {
        let url = r#""url":"https://api.example/v1""#;
        Providers::parse(&format!(r#"[{{"name":"a","kind":"openai",{url},"model":"m"{more}}}]"#))
    }

    #[test]
    fn a_provider_has_what_it_needs() {
        let json = r#"[
            {"name":"main","kind":"anthropic","url":"https://api.example/v1","model":"m",
             "key":"MAIN_KEY","input_price":3,"output_price":15,"first_word_ms":4000},
            {"name":"spare","kind":"openai","url":"http://127.0.0.1:11434/v1","model":"n"}]"#;
        let providers = Providers::parse(json).unwrap();
        let names = |providers: &Providers| -> Vec<String> {
            providers.iter().map(|provider| provider.name.clone()).collect()
        };
        assert_eq!(names(&providers), ["main", "spare"]);
        let main = providers.iter().next().unwrap();
        assert_eq!((main.format, main.first_word_ms), (Format::Anthropic, 4_000));
        assert_eq!(main.prices.micros(1_000, 100), 4_500);

        let list = |names: &[&str]| -> Vec<String> { names.iter().map(|n| (*n).into()).collect() };
        let of_shop = |names: &[&str]| providers.of_shop(Some(&list(names)));
        assert_eq!(providers.of_shop(None).unwrap(), providers);
        assert_eq!(names(&of_shop(&["spare", "main"]).unwrap()), ["spare", "main"]);
        assert_eq!(names(&of_shop(&[]).unwrap()), [""; 0]);
        assert!(of_shop(&["other"]).unwrap_err().to_string().contains("\"other\""));
    }

    #[test]
    fn a_wrong_configuration_is_named() {
        assert!(parse("").is_ok());
        for (more, said) in [
            (r#","secret":"sk-1""#, "unknown field `secret`"),
            (r#","key":"sk 1""#, "the key itself belongs into the environment"),
            (r#","input_price":-1"#, "price per million tokens"),
            (r#","output_price":1e9"#, "price per million tokens"),
            (r#","first_word_ms":0"#, "between 500 and 60000"),
        ] {
            let error = parse(more).unwrap_err().to_string();
            assert!(error.contains("AISLE_PROVIDERS") && error.contains(said), "{more}: {error}");
        }
        let one = r#"{"name":"a","kind":"openai","url":"https://a.example","model":"m"}"#;
        let error = |json: &str| Providers::parse(json).unwrap_err().to_string();
        assert!(error("{}").contains("cannot be read"));
        assert!(error(&format!("[{one},{one}]")).contains("two providers"));
        assert!(
            error(&one.replace("\"a\"", "\"a b\"").replace("{", "[{").replace('}', "}]"))
                .contains("not a provider's name")
        );
        let many: Vec<String> =
            (0..9).map(|n| one.replace("\"a\"", &format!("\"a{n}\""))).collect();
        assert!(error(&format!("[{}]", many.join(","))).contains("more than"));
        assert!(
            error(&format!("[{}]", one.replace("openai", "gemini"))).contains("unknown variant")
        );
        assert!(error(&format!("[{}]", one.replace("\"m\"", "\"\""))).contains("model"));
    }

    #[test]
    fn a_base_is_a_plain_url() {
        for (url, expected) in [
            ("https://api.example/v1", true),
            ("http://127.0.0.1:4000", true),
            ("http://[::1]:4000/v1/", true),
            ("https://user:pass@api.example/v1", false),
            ("https://api.example/v1?key=1", false),
            ("https://api.example/v1#x", false),
            ("https:///v1", false),
            ("https://", false),
            ("ftp://api.example", false),
            ("api.example", false),
            ("https://api.example/a b", false),
        ] {
            assert_eq!(is_base(url), expected, "{url}");
        }
    }
}
