//! The wire formats by name.

use serde::Deserialize;

use super::draft::Draft;
use super::options::Options;
use super::{anthropic, openai};
use crate::ports::{ModelError, ModelRequest};

/// Low, because an answer is to keep to what it is given.
pub(super) const TEMPERATURE: f64 = 0.2;

/// A wire format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Chat completions as OpenAI has them, and many others after it.
    Openai,
    /// Messages as Anthropic has them.
    Anthropic,
}

impl Format {
    /// URL of the endpoint under a base such as `https://api.example/v1`.
    pub(super) fn endpoint(self, base: &str) -> String {
        let path = match self {
            Self::Openai => "chat/completions",
            Self::Anthropic => "messages",
        };
        format!("{}/{path}", base.trim_end_matches('/'))
    }

    /// Headers of a request with this key.
    pub(super) fn headers(self, key: Option<&str>) -> Vec<(&'static str, String)> {
        let key = key.map(str::to_owned);
        match self {
            Self::Openai => {
                key.map(|key| ("authorization", format!("Bearer {key}"))).into_iter().collect()
            }
            Self::Anthropic => key
                .map(|key| ("x-api-key", key))
                .into_iter()
                .chain([("anthropic-version", anthropic::VERSION.to_owned())])
                .collect(),
        }
    }

    /// Body of a request.
    pub(super) fn body(self, model: &str, request: &ModelRequest, options: &Options) -> String {
        match self {
            Self::Openai => openai::body(model, request, options),
            Self::Anthropic => anthropic::body(model, request, options),
        }
    }

    /// Reads the data of one server-sent event.
    pub(super) fn read(self, data: &str, draft: &mut Draft) -> Result<(), ModelError> {
        match self {
            Self::Openai => openai::read(data, draft),
            Self::Anthropic => anthropic::read(data, draft),
        }
    }
}
