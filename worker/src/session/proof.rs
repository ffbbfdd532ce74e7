//! Proof of work before a new visitor's first token, where a shop asks for it: so many leading zero
//! bits of a hash (Back, "Hashcash", 2002; here SHA-256). It costs a shopper a moment, once, and
//! whoever wants thousands of visitors as many moments.
//!
//! The challenge is signed and kept nowhere. That its proof was used is kept until it expires.

use aisle_core::protocol::{Challenge, ProofOfWork};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::token::mac;
use crate::jws::{self, JwsError};
use crate::limits::{Draw, Rate};
use crate::secrets::MIN_SECRET_BYTES;

/// The most bits that a shop may ask for: about four million hashes, a minute or more of a laptop's
/// browser.
pub const MAX_BITS: u8 = 22;
/// The largest body with a proof, in bytes.
pub const MAX_PROOF_BYTES: usize = 1_024;
/// How long a challenge can be answered, in milliseconds.
const VALID_MS: u64 = 180_000;

/// The key of the challenges.
pub struct ProofKey([u8; 32]);

/// Where a challenge is good, and how hard it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gate<'a> {
    /// The shop.
    pub shop: &'a str,
    /// The page's origin.
    pub origin: &'a str,
    /// Leading zero bits that are asked for.
    pub bits: u8,
}

/// Why a proof proves nothing. It is for tests; the network gets another challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ProofError {
    /// Not a challenge of this worker.
    #[error(transparent)]
    Challenge(#[from] JwsError),
    /// Made for another shop or another page, or easier than what is asked for now.
    #[error("the challenge is another one")]
    Other,
    /// Its time is over.
    #[error("the challenge has expired")]
    Expired,
    /// The work was not done.
    #[error("the hash has too few zero bits")]
    Work,
}

/// What a new visitor's token costs in work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    /// None.
    NotAsked,
    /// Some, which was not done.
    Missing,
    /// It was done; whether the proof was used before is for its bucket to say.
    Done(Draw),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    /// Its name.
    jti: String,
    /// The shop.
    aud: String,
    /// The page's origin.
    org: String,
    bits: u8,
    /// Milliseconds since the Unix epoch.
    exp: u64,
}

impl ProofKey {
    /// A key from the secret of the environment; nothing where it is too short to be one.
    pub fn new(secret: &str) -> Option<Self> {
        let is_long = secret.len() >= MIN_SECRET_BYTES;
        is_long.then(|| Self(mac(secret.as_bytes(), &["aisle proof 1"])))
    }

    /// A challenge of this name. `None` only for names that have no form in JSON.
    pub fn challenge(&self, gate: Gate<'_>, name: String, now_ms: u64) -> Option<Challenge> {
        let claims = Claims {
            jti: name,
            aud: gate.shop.to_owned(),
            org: gate.origin.to_owned(),
            bits: gate.bits,
            exp: now_ms.saturating_add(VALID_MS),
        };
        let challenge = jws::seal(&claims, &self.0)?;
        Some(Challenge { challenge, bits: gate.bits })
    }

    /// What a proof draws from, if it is one: a bucket that is full again when the challenge has
    /// expired.
    pub fn verify(
        &self,
        proof: &ProofOfWork,
        gate: Gate<'_>,
        now_ms: u64,
    ) -> Result<Draw, ProofError> {
        let claims: Claims = jws::open(&proof.challenge, &self.0)?;
        if claims.aud != gate.shop || claims.org != gate.origin || claims.bits < gate.bits {
            return Err(ProofError::Other);
        }
        if claims.exp <= now_ms {
            return Err(ProofError::Expired);
        }
        let hash = Sha256::digest(format!("{}.{}", proof.challenge, proof.nonce));
        if zero_bits(&hash) < u32::from(claims.bits) {
            return Err(ProofError::Work);
        }
        let rate = Rate { burst: 1, every_ms: VALID_MS };
        Ok(Draw { bucket: format!("proof:{}", claims.jti), rate })
    }
}

/// How many zero bits come first.
fn zero_bits(hash: &[u8]) -> u32 {
    let zeros = hash.iter().take_while(|byte| **byte == 0).count();
    let next = hash.get(zeros).map_or(0, |byte| byte.leading_zeros());
    u32::try_from(zeros).unwrap_or(u32::MAX).saturating_mul(8).saturating_add(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_MS: u64 = 1_773_000_000_000;
    const GATE: Gate<'static> = Gate { shop: "demo", origin: "https://shop.example", bits: 10 };

    fn key() -> ProofKey {
        ProofKey::new("a secret of the worker, long enough").unwrap()
    }

    fn challenge(gate: Gate<'_>) -> String {
        key().challenge(gate, "c-1".into(), NOW_MS).unwrap().challenge
    }

    /// The first nonce whose hash is as wanted.
    fn nonce(challenge: &str, is_wanted: impl Fn(u32) -> bool) -> u64 {
        let zeros = |nonce: &u64| zero_bits(&Sha256::digest(format!("{challenge}.{nonce}")));
        (0..).find(|nonce| is_wanted(zeros(nonce))).unwrap()
    }

    fn solve(gate: Gate<'_>) -> ProofOfWork {
        let challenge = challenge(gate);
        let nonce = nonce(&challenge, |zeros| zeros >= u32::from(gate.bits));
        ProofOfWork { challenge, nonce }
    }

    #[test]
    fn zero_bits_are_counted_from_the_first_on() {
        for (hash, expected) in [
            (&[0x80, 0][..], 0),
            (&[0x40], 1),
            (&[0, 0x01], 15),
            (&[0, 0, 0xff], 16),
            (&[0, 0], 16),
            (&[], 0),
        ] {
            assert_eq!(zero_bits(hash), expected, "{hash:?}");
        }
    }

    #[test]
    fn work_that_was_done_for_this_gate_opens_it() {
        let draw = key().verify(&solve(GATE), GATE, NOW_MS).unwrap();
        assert_eq!((draw.bucket.as_str(), draw.rate.burst), ("proof:c-1", 1));
        assert!(challenge(GATE).len() < MAX_PROOF_BYTES / 2);
        // What was harder than is asked for by now is good enough.
        let easier = Gate { bits: 4, ..GATE };
        assert!(key().verify(&solve(GATE), easier, NOW_MS).is_ok());
    }

    #[test]
    fn what_is_wrong_with_a_proof_is_found() {
        let late = NOW_MS + VALID_MS;
        let good = solve(GATE);
        let lazy = nonce(&good.challenge, |zeros| zeros < u32::from(GATE.bits));
        let other = ProofKey::new("another secret, long enough").unwrap();
        let foreign = other.challenge(GATE, "c-1".into(), NOW_MS).unwrap().challenge;
        let check = |proof: &ProofOfWork, gate, now_ms| key().verify(proof, gate, now_ms).err();
        for (found, expected) in [
            (check(&good, Gate { shop: "other", ..GATE }, NOW_MS), ProofError::Other),
            (check(&good, Gate { origin: "https://b.example", ..GATE }, NOW_MS), ProofError::Other),
            (check(&good, Gate { bits: 11, ..GATE }, NOW_MS), ProofError::Other),
            (check(&good, GATE, late), ProofError::Expired),
            (check(&ProofOfWork { nonce: lazy, ..good.clone() }, GATE, NOW_MS), ProofError::Work),
            (
                check(&ProofOfWork { challenge: foreign, nonce: 0 }, GATE, NOW_MS),
                JwsError::Signature.into(),
            ),
            (
                check(&ProofOfWork { challenge: "x".into(), nonce: 0 }, GATE, NOW_MS),
                JwsError::Malformed.into(),
            ),
        ] {
            assert_eq!(found, Some(expected));
        }
    }
}
