//! The token of a session, as it is made and read.

use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use thiserror::Error;

use crate::admin_key::hex;
use crate::jws::{self, JwsError};
use crate::secrets::MIN_SECRET_BYTES;

/// How long a token is valid, in seconds.
pub const VALID_S: u64 = 30 * 60;
/// How long after that it can still be renewed, in seconds: whoever comes back within a month goes
/// on with their conversation.
const RENEWABLE_S: u64 = 30 * 24 * 3_600;
/// The longest token that is looked at, in bytes.
const MAX_TOKEN_BYTES: usize = 1_024;

/// The key of the tokens.
#[derive(Clone)]
pub struct SessionKey(Vec<u8>);

/// Who comes, and with which of their tokens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The visitor's name, made by the worker.
    pub visitor: String,
    /// How often the token was renewed.
    pub generation: u32,
}

/// Why a token proves nothing. It is for tests and the log; the network is told that it is not
/// valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SessionError {
    /// Not a token of this worker.
    #[error(transparent)]
    Token(#[from] JwsError),
    /// Made for another shop.
    #[error("the session is of another shop")]
    Shop,
    /// Made for a page of another origin.
    #[error("the session is of another origin")]
    Origin,
    /// Its time is over.
    #[error("the session has expired")]
    Expired,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    /// The visitor.
    sub: String,
    /// The shop.
    aud: String,
    /// The page's origin.
    org: String,
    /// See [`Session::generation`].
    seq: u32,
    /// Seconds since the Unix epoch.
    exp: u64,
}

impl SessionKey {
    /// A key from the secret of the environment; nothing where it is too short to be one.
    pub fn new(secret: &str) -> Option<Self> {
        // A key of its own, so that no token signed with the same secret for another purpose is
        // ever taken for a session, nor a session for one of those.
        let long_enough = secret.len() >= MIN_SECRET_BYTES;
        long_enough.then(|| Self(mac(secret.as_bytes(), &["aisle session 1"]).to_vec()))
    }

    /// A token for a session that begins now. `None` only for names that have no form in JSON.
    pub fn issue(
        &self,
        shop: &str,
        origin: &str,
        session: &Session,
        now_ms: u64,
    ) -> Option<String> {
        let claims = Claims {
            sub: session.visitor.clone(),
            aud: shop.to_owned(),
            org: origin.to_owned(),
            seq: session.generation,
            exp: now_ms / 1_000 + VALID_S,
        };
        jws::seal(&claims, &self.0)
    }

    /// Who comes with a token. A request without an origin, which only reads, is taken at its
    /// token's word.
    pub fn verify(
        &self,
        token: &str,
        shop: &str,
        origin: Option<&str>,
        now_ms: u64,
    ) -> Result<Session, SessionError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(JwsError::Malformed.into());
        }
        let claims: Claims = jws::open(token, &self.0)?;
        if claims.aud != shop {
            return Err(SessionError::Shop);
        }
        if origin.is_some_and(|origin| origin != claims.org) {
            return Err(SessionError::Origin);
        }
        if claims.exp <= now_ms / 1_000 {
            return Err(SessionError::Expired);
        }
        Ok(Session { visitor: claims.sub, generation: claims.seq })
    }

    /// Whose token is to be renewed: as [`Self::verify`], but for a month after its end.
    pub fn verify_former(
        &self,
        token: &str,
        shop: &str,
        origin: Option<&str>,
        now_ms: u64,
    ) -> Result<Session, SessionError> {
        self.verify(token, shop, origin, now_ms.saturating_sub(RENEWABLE_S * 1_000))
    }

    /// A name for a network address, which is not kept itself.
    pub fn address_name(&self, shop: &str, subject: &str) -> String {
        let mac = mac(&self.0, &["address", "\n", shop, "\n", subject]);
        hex(mac.get(..12).unwrap_or_default())
    }
}

/// A key of its own for each purpose.
pub(super) fn mac(key: &[u8], parts: &[&str]) -> [u8; 32] {
    // A key may have any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return [0; 32] };
    for part in parts {
        mac.update(part.as_bytes());
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use base64ct::{Base64UrlUnpadded, Encoding};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    const SECRET: &str = "a secret of the worker, long enough";
    const NOW_MS: u64 = 1_773_000_000_000;
    const ORIGIN: &str = "https://shop.example";

    fn key() -> SessionKey {
        SessionKey::new(SECRET).unwrap()
    }

    fn session() -> Session {
        Session { visitor: "v-1".into(), generation: 3 }
    }

    fn good() -> String {
        key().issue("demo", ORIGIN, &session(), NOW_MS).unwrap()
    }

    fn read(token: &str) -> Result<Session, SessionError> {
        key().verify(token, "demo", Some(ORIGIN), NOW_MS)
    }

    #[test]
    fn a_good_token_says_who_comes() {
        assert_eq!(read(&good()), Ok(session()));
        assert_eq!(key().verify(&good(), "demo", None, NOW_MS), Ok(session()));
        assert!(good().len() < 256, "it is sent with every request");
        assert!(SessionKey::new("short").is_none());
    }

    #[test]
    fn what_is_wrong_with_a_token_is_found() {
        use JwsError::{Algorithm, Malformed, Signature};
        let encoded =
            |value: &Value| Base64UrlUnpadded::encode_string(value.to_string().as_bytes());
        let claims = json!({"sub": "v-1", "aud": "demo", "org": ORIGIN, "seq": 0, "exp": u64::MAX});
        let signed = |claims: &Value| jws::seal(claims, &key().0).unwrap();
        let with = |name: &str, value: Value| {
            let mut claims = claims.clone();
            claims[name] = value;
            signed(&claims)
        };
        let token = good();
        let (rest, signature) = token.rsplit_once('.').unwrap();
        let unsigned =
            |alg: &str| format!("{}.{}.", encoded(&json!({"alg": alg})), encoded(&claims));
        let other = SessionKey::new("another secret, long enough").unwrap();
        for (what, token, expected) in [
            ("nothing", String::new(), Malformed.into()),
            ("nonsense", "a.b.c".into(), Malformed.into()),
            ("alg none", unsigned("none"), Algorithm.into()),
            ("alg None", unsigned("None"), Algorithm.into()),
            ("alg RS256", unsigned("RS256"), Algorithm.into()),
            ("no signature", format!("{rest}."), Signature.into()),
            ("a signature cut short", token[..token.len() - 3].into(), Signature.into()),
            (
                "other claims under the same signature",
                format!("{}.{}.{signature}", encoded(&json!({"alg": "HS256"})), encoded(&claims)),
                Signature.into(),
            ),
            (
                "another secret",
                other.issue("demo", ORIGIN, &session(), NOW_MS).unwrap(),
                Signature.into(),
            ),
            (
                "the secret itself as the key",
                jws::seal(&claims, SECRET.as_bytes()).unwrap(),
                Signature.into(),
            ),
            ("a customer's token", with("email", json!("a@shop.example")), Malformed.into()),
            ("another shop", with("aud", json!("other")), SessionError::Shop),
            ("shops", with("aud", json!(["demo"])), Malformed.into()),
            ("another origin", with("org", json!("https://evil.example")), SessionError::Origin),
            ("any origin", with("org", json!("*")), SessionError::Origin),
            ("expired", with("exp", json!(NOW_MS / 1_000)), SessionError::Expired),
            ("an end in words", with("exp", json!("never")), Malformed.into()),
            ("a very long one", "a".repeat(2_000), Malformed.into()),
        ] {
            assert_eq!(read(&token), Err(expected), "{what}");
        }
        assert!(read(&signed(&claims)).is_ok());
    }

    #[test]
    fn a_token_ends_and_can_be_renewed_for_a_month() {
        let at = |after_s: u64| NOW_MS + after_s * 1_000;
        for (after_s, is_valid, is_renewable) in [
            (0, true, true),
            (VALID_S - 1, true, true),
            (VALID_S, false, true),
            (VALID_S + RENEWABLE_S - 1, false, true),
            (VALID_S + RENEWABLE_S, false, false),
        ] {
            let valid = key().verify(&good(), "demo", Some(ORIGIN), at(after_s));
            assert_eq!(valid.is_ok(), is_valid, "{after_s}");
            let renewable = key().verify_former(&good(), "demo", Some(ORIGIN), at(after_s));
            assert_eq!(renewable.is_ok(), is_renewable, "{after_s}");
        }
        let elsewhere = key().verify_former(&good(), "demo", Some("https://evil.example"), NOW_MS);
        assert_eq!(elsewhere, Err(SessionError::Origin));
    }

    #[test]
    fn an_address_has_another_name_in_another_shop() {
        let name = key().address_name("a", "198.51.100.7");
        assert_eq!(name, key().address_name("a", "198.51.100.7"));
        assert_ne!(name, key().address_name("b", "198.51.100.7"));
        assert!(!name.contains("198"));
    }

    proptest! {
        #[test]
        fn any_text_proves_nothing(
            text in "\\PC{0,60}|[A-Za-z0-9_-]{0,40}(\\.[A-Za-z0-9_-]{0,40}){0,3}",
        ) {
            prop_assert!(read(&text).is_err());
        }

        /// A token with a character changed says what it said, or nothing.
        #[test]
        fn a_changed_token_proves_nothing_new(at: prop::sample::Index, to in "[A-Za-z0-9_.=-]") {
            let mut changed: Vec<char> = good().chars().collect();
            let at = at.index(changed.len());
            changed[at] = to.chars().next().unwrap();
            let changed: String = changed.into_iter().collect();
            match read(&changed) {
                Ok(_) => prop_assert_eq!(changed, good()),
                Err(_) => prop_assert_ne!(changed, good()),
            }
        }
    }
}
