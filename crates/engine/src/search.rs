//! Search by words alone: it needs the index and no model, so it answers while the models load.

use aisle_core::artifact::{INDEX_FILE, Manifest};
use aisle_core::index::{DocumentKind, Index};
use aisle_core::protocol::{Signals, Suggestion};
use aisle_core::rank::{Candidate, Encoded, Session, by_price, by_words, candidates};
use aisle_core::search::Query;
use aisle_core::text::normalize;

use crate::EngineError;

/// Suggestions in one list.
const MAX_SUGGESTIONS: usize = 8;
/// Place of the sentence that the draft begins, where the ranking has none for it.
const WHOLE_DRAFT_AT: usize = 2;
/// Most suggestions of one kind: products, sections, actions, completions.
const MAX_OF_KIND: [usize; 4] = [5, 2, 2, 3];
/// Least of a draft's meaning that a suggestion has, as a share of what the best one has.
const MIN_COVERAGE: f32 = 0.5;

/// An opened index with the manifest of its artifact.
#[derive(Debug)]
pub struct Search {
    manifest: Manifest,
    index: Index,
}

impl Search {
    /// Opens an index that the manifest lists.
    pub fn open(manifest: &[u8], index: &[u8]) -> Result<Self, EngineError> {
        let manifest = Manifest::parse(manifest)?;
        manifest.verify(INDEX_FILE, index)?;
        let index = Index::open(index)?;
        if index.labels() != manifest.labels {
            return Err(EngineError::Inconsistent("index and manifest have other labels"));
        }
        Ok(Self { manifest, index })
    }

    /// The artifact's manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The artifact's index.
    pub fn index(&self) -> &Index {
        &self.index
    }

    /// Suggestions for a draft by its words, best first.
    pub fn suggest(&self, draft: &str, signals: &Signals) -> Vec<Suggestion> {
        if draft.trim().is_empty() {
            return vec![];
        }
        let query = Query::draft(draft);
        let session = Session::new(&self.index, signals);
        let mut found = candidates(&self.index, &query, Encoded::default(), &session);
        let most = found.iter().map(Candidate::coverage).fold(0.0, f32::max);
        found.retain(|candidate| candidate.coverage() >= MIN_COVERAGE * most);
        by_words(&mut found);
        by_price(&self.index, &query, &mut found, |candidate| candidate);
        self.list(draft, &found)
    }

    /// The first of what was ranked for a draft, so many of each kind, and the sentence that the
    /// draft begins.
    pub(crate) fn list<'a>(
        &self,
        draft: &str,
        ranked: impl IntoIterator<Item = &'a Candidate>,
    ) -> Vec<Suggestion> {
        let mut left = MAX_OF_KIND;
        let mut items = Vec::with_capacity(MAX_SUGGESTIONS);
        for candidate in ranked {
            let Some(left) = left.get_mut(candidate.kind as usize).filter(|n| **n > 0) else {
                continue;
            };
            let Some(item) = self.suggestion(candidate.document, draft) else { continue };
            *left -= 1;
            items.push(item);
            if items.len() == MAX_SUGGESTIONS {
                break;
            }
        }
        if let Some(whole) = self.whole_draft(draft)
            && !items.contains(&whole)
        {
            items.truncate(MAX_SUGGESTIONS - 1);
            items.insert(items.len().min(WHOLE_DRAFT_AT), whole);
        }
        items
    }

    /// The most used sentence that a draft of several words is the beginning of.
    fn whole_draft(&self, draft: &str) -> Option<Suggestion> {
        let typed = normalize(draft);
        let begins = |document: &u32| {
            let at = document - self.index.completions().start;
            self.index.completion(at).is_some_and(|text| normalize(text).starts_with(&typed))
        };
        let document = self
            .index
            .completions()
            .filter(|document| typed.contains(' ') && begins(document))
            .max_by(|a, b| self.index.popularity(*a).total_cmp(&self.index.popularity(*b)))?;
        self.suggestion(document, draft)
    }

    fn suggestion(&self, document: u32, draft: &str) -> Option<Suggestion> {
        let (kind, at) = self.index.kind(document)?;
        Some(match kind {
            DocumentKind::Product => Suggestion::Product(self.index.card(at)?),
            DocumentKind::Section => Suggestion::Answer(self.index.section_answer(at)?),
            DocumentKind::Action => Suggestion::Action(self.index.action(at)?),
            DocumentKind::Completion => {
                let text = self.index.completion(at)?;
                if text.eq_ignore_ascii_case(draft.trim()) {
                    return None;
                }
                Suggestion::Completion { text: text.to_owned() }
            }
        })
    }
}
