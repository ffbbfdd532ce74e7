//! Whether a section that was found answers the question, or only shares a few words with it. A model
//! judges that by itself; the built-in answerer has nothing but this.

use super::Question;
use crate::rank::Candidate;

/// The intent of what is no business of a shop.
const OUT_OF_SCOPE: &str = "out_of_scope";
/// Likeness of meaning that speaks for a section of the right intent.
const MEANS_IT: f32 = 0.5;
/// Share of the question's words that does.
const SAYS_IT: f32 = 0.5;
/// Share of them that does where nothing but words is known.
const SAYS_ALL: f32 = 0.75;
/// Likeness and share of words that both have to be there where the intent does not speak for it.
const LOOSE: (f32, f32) = (0.5, 0.4);
/// The same where the intent speaks against any answer.
const DESPITE_SCOPE: (f32, f32) = (0.6, 0.5);

/// How well a section fits a question, best first.
///
/// Chosen on the development messages that are not answered on the device: of 180, some 128 were
/// answered with a section before, 44 of them rightly; now 48 as [`Fit::Good`], 32 rightly, and 11
/// as [`Fit::Loose`], 5 rightly. Of 61 out of scope, 8 are answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// It answers the question.
    #[default]
    Good,
    /// It may answer it.
    Loose,
    /// It is about something else.
    None,
}

impl Fit {
    /// How well the section fits that was found as this candidate.
    pub(super) fn of(question: &Question<'_>, section: &Candidate) -> Self {
        let (coverage, meaning) = (section.coverage(), section.meaning());
        let has = |(meant, said)| meaning >= meant && coverage >= said;
        let is_intent = section.intent() >= 1.0;
        let is_meant = meaning >= MEANS_IT || coverage >= SAYS_IT || question.vector.is_empty();
        match question.intent {
            Some(OUT_OF_SCOPE) => {
                if has(DESPITE_SCOPE) {
                    Self::Loose
                } else {
                    Self::None
                }
            }
            Some(_) if is_intent => {
                if is_meant {
                    Self::Good
                } else {
                    Self::Loose
                }
            }
            // Whoever has no engine, or none yet, has words alone.
            None if question.vector.is_empty() && coverage >= SAYS_ALL => Self::Good,
            None if question.vector.is_empty() && coverage >= SAYS_IT => Self::Loose,
            _ => {
                if has(LOOSE) {
                    Self::Loose
                } else {
                    Self::None
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::{Grounding, compose};
    use crate::index::DocumentKind;
    use crate::protocol::{SectionAnswer, Source};
    use crate::rank::{COVERAGE, INTENT, MEANING, RANK_FEATURES};
    use crate::words::ENGLISH;

    fn fit(
        stated: Option<&str>,
        vector: &[i8],
        (coverage, meaning, intent): (f32, f32, f32),
    ) -> Fit {
        let mut features = [0.0; RANK_FEATURES];
        (features[COVERAGE], features[MEANING], features[INTENT]) = (coverage, meaning, intent);
        let section = Candidate { document: 0, kind: DocumentKind::Section, features };
        Fit::of(&Question { text: "a question", vector, intent: stated }, &section)
    }

    #[test]
    fn a_section_answers_what_it_is_about() {
        let known = Some("return_policy");
        let other = Some(OUT_OF_SCOPE);
        for (stated, vector, evidence, expected) in [
            (known, &[1][..], (0.0, 0.6, 1.0), Fit::Good),
            (known, &[1], (0.6, 0.1, 1.0), Fit::Good),
            (known, &[1], (0.1, 0.3, 1.0), Fit::Loose),
            (known, &[], (0.0, 0.0, 1.0), Fit::Good),
            (known, &[1], (0.5, 0.5, 0.0), Fit::Loose),
            (known, &[1], (0.9, 0.2, 0.0), Fit::None),
            (None, &[1], (0.5, 0.6, 0.0), Fit::Loose),
            (None, &[1], (0.2, 0.6, 0.0), Fit::None),
            (None, &[], (0.8, 0.0, 0.0), Fit::Good),
            (None, &[], (0.6, 0.0, 0.0), Fit::Loose),
            (None, &[], (0.3, 0.0, 0.0), Fit::None),
            (other, &[1], (0.4, 0.5, 0.0), Fit::None),
            (other, &[1], (0.9, 0.7, 0.0), Fit::Loose),
        ] {
            assert_eq!(fit(stated, vector, evidence), expected, "{stated:?} {evidence:?}");
        }
    }

    #[test]
    fn what_is_doubtful_is_said_to_be() {
        let source = Source { section: 0, title: "Hours".into(), url: String::new() };
        let sections = vec![SectionAnswer { text: "Nine to five.".into(), source }];
        let question = Question { text: "what are mugs made of", vector: &[], intent: None };
        let answer = |fit| {
            let grounding = Grounding { sections: sections.clone(), fit, ..Grounding::default() };
            compose(&ENGLISH, "Shop", &question, &grounding)
        };
        assert_eq!(answer(Fit::Good).text, "Nine to five.");
        let doubtful = answer(Fit::Loose);
        assert!(doubtful.text.starts_with(ENGLISH.perhaps), "{}", doubtful.text);
        assert!(doubtful.text.ends_with("Nine to five."));
        let nothing = answer(Fit::None);
        assert!(nothing.text.contains("could not find"));
        assert!(nothing.sources.is_empty());
    }
}
