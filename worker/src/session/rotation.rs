//! Which token of a visitor is the latest one.
//!
//! Renewing a token ends the former one (refresh token rotation, RFC 9700, section 4.14.2), after
//! an overlap: the reply with the new one may be lost, and a second tab may still use the former.

use super::token::Session;

/// How long a renewed token is still good, in milliseconds.
const OVERLAP_MS: u64 = 120_000;

/// The latest token of a visitor, as it is kept. A visitor who never renewed one is not kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rotation {
    /// Its number, from 0.
    pub generation: u32,
    /// When the one before was renewed, in milliseconds since the Unix epoch.
    pub renewed_ms: u64,
}

/// What a visitor who asks for a new token gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Issue {
    /// The next token; the rotation is to be kept before it is given out.
    Next(Rotation),
    /// The latest token once more: the one that came was renewed just now.
    Same(Rotation),
    /// None: the token that came was renewed long ago, so two have it and one of them stole it.
    Refused,
}

impl Rotation {
    /// Whether a token is the latest, or was so until just now.
    pub fn admits(&self, generation: u32, now_ms: u64) -> bool {
        generation == self.generation || self.is_just_renewed(generation, now_ms)
    }

    /// Renews a token.
    pub fn renew(&self, generation: u32, now_ms: u64) -> Issue {
        if generation == self.generation {
            let generation = generation.wrapping_add(1);
            Issue::Next(Self { generation, renewed_ms: now_ms })
        } else if self.is_just_renewed(generation, now_ms) {
            Issue::Same(*self)
        } else {
            Issue::Refused
        }
    }

    /// The session of the latest token.
    pub fn session(&self, visitor: String) -> Session {
        Session { visitor, generation: self.generation }
    }

    fn is_just_renewed(&self, generation: u32, now_ms: u64) -> bool {
        generation.checked_add(1) == Some(self.generation)
            && now_ms.saturating_sub(self.renewed_ms) < OVERLAP_MS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_renewed_token_ends_after_the_overlap() {
        let first = Rotation::default();
        assert!(first.admits(0, 5) && !first.admits(1, 5));
        let Issue::Next(second) = first.renew(0, 1_000) else { panic!("not renewed") };
        assert_eq!(second, Rotation { generation: 1, renewed_ms: 1_000 });
        let (soon, late) = (1_000 + OVERLAP_MS - 1, 1_000 + OVERLAP_MS);
        for (generation, now_ms, is_admitted, issue) in [
            (1, late, true, Issue::Next(Rotation { generation: 2, renewed_ms: late })),
            (0, soon, true, Issue::Same(second)),
            (0, late, false, Issue::Refused),
            (2, soon, false, Issue::Refused),
            (u32::MAX, soon, false, Issue::Refused),
        ] {
            assert_eq!(second.admits(generation, now_ms), is_admitted, "{generation} {now_ms}");
            assert_eq!(second.renew(generation, now_ms), issue, "{generation} {now_ms}");
        }
    }
}
