//! A worker's interface of administrators, as far as artifacts go.

use std::time::Duration;

use aisle_core::protocol::{Artifacts, ErrorBody, PublishArtifact, SelectArtifact};
use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use serde::Serialize;
use ureq::Agent;
use ureq::http::Response;

/// The environment variable with the key: an argument is seen by everyone on the machine.
const KEY: &str = "AISLE_ADMIN_KEY";
/// How long one request may take.
const TIMEOUT: Duration = Duration::from_secs(120);

/// Where the worker is, and which shop is meant.
#[derive(Clone, Debug, Args)]
pub(super) struct Worker {
    /// The worker's address. The administrator's key is taken from AISLE_ADMIN_KEY.
    #[arg(long, value_name = "URL", value_parser = address)]
    worker: String,
    /// The shop's name on the worker.
    #[arg(long, value_name = "NAME", value_parser = name)]
    shop: String,
}

/// A key is not sent in the clear but to this machine.
fn address(text: &str) -> Result<String, String> {
    let host = text.strip_prefix("http://").map(|rest| rest.split([':', '/']).next());
    let is_here = matches!(host, Some(Some("localhost" | "127.0.0.1")));
    if text.starts_with("https://") || is_here {
        Ok(text.trim_end_matches('/').to_owned())
    } else {
        Err("not https://, nor http:// on this machine".to_owned())
    }
}

fn name(text: &str) -> Result<String, String> {
    let is_name = (1..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if is_name { Ok(text.to_owned()) } else { Err("not letters, digits, '-' and '_'".to_owned()) }
}

/// The artifacts of a shop on a worker.
pub(super) struct Desk {
    agent: Agent,
    base: String,
    authorization: String,
}

impl Desk {
    /// The artifacts of the shop that is meant.
    pub(super) fn open(worker: &Worker) -> Result<Self> {
        let key = std::env::var(KEY).ok().filter(|key| !key.is_empty());
        let key = key.ok_or_else(|| anyhow!("the administrator's key is needed in {KEY}"))?;
        let agent = Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            .http_status_as_error(false)
            .max_redirects(0)
            .build()
            .new_agent();
        let base = format!("{}/v1/admin/shops/{}/artifacts", worker.worker, worker.shop);
        Ok(Self { agent, base, authorization: format!("Bearer {key}") })
    }

    /// All that were published, and the one in use.
    pub(super) fn list(&self) -> Result<Artifacts> {
        let request = self.agent.get(&self.base).header("authorization", &self.authorization);
        read(request.call().context("the worker cannot be reached")?)
    }

    /// Sends a file; its name is the SHA-256 of its bytes.
    pub(super) fn store(&self, sha256: &str, bytes: &[u8]) -> Result<()> {
        let url = format!("{}/files/{sha256}", self.base);
        let request = self.agent.put(&url).header("authorization", &self.authorization);
        let reply = request.send(bytes).context("the worker cannot be reached")?;
        read::<serde_json::Value>(reply).map(|_| ())
    }

    /// Puts an artifact of files that were sent in use.
    pub(super) fn publish(&self, artifact: &PublishArtifact) -> Result<Artifacts> {
        self.send(self.agent.post(&self.base), artifact)
    }

    /// Puts a former one in use; the one in the worker's folder without an id.
    pub(super) fn select(&self, id: Option<String>) -> Result<Artifacts> {
        let url = format!("{}/current", self.base);
        self.send(self.agent.put(&url), &SelectArtifact { id })
    }

    fn send<T: Serialize>(
        &self,
        request: ureq::RequestBuilder<ureq::typestate::WithBody>,
        body: &T,
    ) -> Result<Artifacts> {
        let body = serde_json::to_vec(body)?;
        let request = request.header("authorization", &self.authorization);
        let request = request.header("content-type", "application/json");
        read(request.send(&body[..]).context("the worker cannot be reached")?)
    }
}

fn read<T: serde::de::DeserializeOwned>(reply: Response<ureq::Body>) -> Result<T> {
    let (status, text) = (reply.status(), reply.into_body().read_to_string()?);
    if !status.is_success() {
        let refusal = serde_json::from_str::<ErrorBody>(&text);
        bail!("the worker refused ({status}): {}", refusal.map_or(text, |body| body.error.message));
    }
    serde_json::from_str(&text).context("the worker's reply cannot be read")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_goes_over_tls_or_stays_on_this_machine() {
        for (text, expected) in [
            ("https://chat.example/", Some("https://chat.example")),
            ("http://127.0.0.1:8787", Some("http://127.0.0.1:8787")),
            ("http://localhost", Some("http://localhost")),
            ("http://localhost.evil.example", None),
            ("http://chat.example", None),
            ("chat.example", None),
            ("ftp://127.0.0.1", None),
        ] {
            assert_eq!(address(text).ok().as_deref(), expected, "{text}");
        }
        assert!(name("my-shop").is_ok() && name("a/b").is_err() && name("").is_err());
    }
}
