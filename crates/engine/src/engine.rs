//! From a draft to suggestions, and from a message to what it means.

use std::sync::Arc;

use aisle_core::answer::LEAD;
use aisle_core::artifact::{ENCODER_FILE, Manifest, RANKER_FILE};
use aisle_core::index::{DocumentKind, Index};
use aisle_core::protocol::{IntentScore, ProductCard, Signals, Suggestion, Understanding};
use aisle_core::rank::{
    Candidate, Encoded, Session, by_price, candidates, product_probability, top_intents,
};
use aisle_core::route::Policy;
use aisle_core::search::{Query, quantize};
use aisle_core::text::features;

use crate::session::{Encoder, Ranker};
use crate::{EngineError, Search};

/// Probability from which products without a word of the draft are suggested.
const ASKS: f32 = 0.5;
/// Products given with what a message means.
const MAX_PRODUCTS: usize = 4;
/// Intents given with what a message means.
const MAX_INTENTS: usize = 3;

/// The bytes of an artifact's files.
#[derive(Clone, Copy, Debug)]
pub struct Files<'a> {
    /// `manifest.json`
    pub manifest: &'a [u8],
    /// `encoder.onnx`
    pub encoder: &'a [u8],
    /// `ranker.onnx`
    pub ranker: &'a [u8],
    /// `index.bin`
    pub index: &'a [u8],
}

/// What the encoder makes of a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// Calibrated probability of every label of the manifest, in its order.
    pub probabilities: Vec<f32>,
    /// Unit query vector, quantised to -127..=127.
    pub vector: Vec<i8>,
}

/// An opened artifact.
#[derive(Debug)]
pub struct Engine {
    search: Arc<Search>,
    encoder: Encoder,
    ranker: Ranker,
}

impl Engine {
    /// Opens an artifact: verifies every file, loads the models and runs each once to warm up.
    pub fn open(files: Files<'_>) -> Result<Self, EngineError> {
        let search = Search::open(files.manifest, files.index)?;
        Self::load(Arc::new(search), files.encoder, files.ranker)
    }

    /// Adds the models to a search that is open. They are verified and run once to warm up.
    pub fn load(search: Arc<Search>, encoder: &[u8], ranker: &[u8]) -> Result<Self, EngineError> {
        search.manifest().verify(ENCODER_FILE, encoder)?;
        search.manifest().verify(RANKER_FILE, ranker)?;
        let engine =
            Self { search, encoder: Encoder::load(encoder)?, ranker: Ranker::load(ranker)? };
        let warm = engine.predict("warm up")?;
        if warm.probabilities.len() != engine.manifest().labels.len() {
            return Err(EngineError::Inconsistent("encoder and manifest have other labels"));
        }
        if warm.vector.len() != engine.index().vector_length() {
            return Err(EngineError::Inconsistent("encoder and index have other vectors"));
        }
        engine.suggest("warm up", &Signals::default())?;
        Ok(engine)
    }

    /// What the engine searches without its models.
    pub fn search(&self) -> &Search {
        &self.search
    }

    /// The artifact's manifest.
    pub fn manifest(&self) -> &Manifest {
        self.search.manifest()
    }

    /// The artifact's index.
    pub fn index(&self) -> &Index {
        self.search.index()
    }

    /// Intent probabilities and query vector of a text.
    pub fn predict(&self, text: &str) -> Result<Prediction, EngineError> {
        let encoding = self.encoder.run(&features(text))?;
        Ok(Prediction {
            probabilities: softmax(&encoding.logits, self.manifest().temperature),
            vector: quantize(&encoding.vector),
        })
    }

    /// Candidates for a query with their scores, best first.
    pub fn rank(
        &self,
        query: &Query,
        prediction: &Prediction,
        session: &Session,
    ) -> Result<Vec<(f32, Candidate)>, EngineError> {
        let encoded =
            Encoded { vector: &prediction.vector, probabilities: &prediction.probabilities };
        let found = candidates(self.index(), query, encoded, session);
        if found.is_empty() {
            return Ok(vec![]);
        }
        let rows: Vec<_> = found.iter().map(|c| c.features).collect();
        let scores = self.ranker.run(&rows)?;
        let mut ranked: Vec<(f32, Candidate)> = scores.into_iter().zip(found).collect();
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.document.cmp(&b.1.document)));
        by_price(self.index(), query, &mut ranked, |(_, candidate)| candidate);
        Ok(ranked)
    }

    /// Suggestions for a draft, best first.
    pub fn suggest(&self, draft: &str, signals: &Signals) -> Result<Vec<Suggestion>, EngineError> {
        if draft.trim().is_empty() {
            return Ok(vec![]);
        }
        let prediction = self.predict(draft)?;
        let session = Session::new(self.index(), signals);
        let ranked = self.rank(&Query::draft(draft), &prediction, &session)?;
        let asks = product_probability(self.index(), &prediction.probabilities) >= ASKS;
        // What resembles a question about an order is not what is asked for.
        let is_wanted =
            |c: &Candidate| c.kind != DocumentKind::Product || c.coverage() > 0.0 || asks;
        Ok(self.search.list(draft, ranked.iter().map(|(_, c)| c).filter(|c| is_wanted(c))))
    }

    /// What a message that was sent means, and what the shop has for it.
    pub fn understand(&self, message: &str) -> Result<Understanding, EngineError> {
        let prediction = self.predict(message)?;
        let order = top_intents(&prediction.probabilities, MAX_INTENTS);
        let intents: Vec<IntentScore> = order
            .iter()
            .filter_map(|at| {
                Some(IntentScore {
                    intent: self.manifest().labels.get(*at)?.clone(),
                    probability: *prediction.probabilities.get(*at)?,
                })
            })
            .collect();
        let best: Vec<f32> = intents.iter().map(|i| i.probability).collect();
        let query = Query::message(message);
        let ranked = self.rank(&query, &prediction, &Session::default())?;
        let answer = order
            .first()
            .and_then(|intent| self.best_section(*intent, &prediction, &ranked))
            .and_then(|section| self.index().section_answer(section));
        Ok(Understanding {
            intents,
            answer,
            products: self.products(&ranked),
            confident: Policy::from(self.manifest().thresholds).is_confident(&best),
            vector: prediction.vector,
        })
    }

    /// The section annotated with the intent that fits the message best.
    fn best_section(
        &self,
        intent: usize,
        prediction: &Prediction,
        ranked: &[(f32, Candidate)],
    ) -> Option<u32> {
        let sections = self.index().sections();
        let comparer = self.index().comparer(&prediction.vector);
        let fit = |document: u32| {
            let meaning = comparer.as_ref().and_then(|c| c.cosine(document)).unwrap_or(0.0);
            let words = ranked
                .iter()
                .find(|(_, c)| c.document == document)
                .map_or(0.0, |(_, c)| c.coverage());
            let leads = self.index().leads_document(document - sections.start);
            meaning + words + if leads { LEAD } else { 0.0 }
        };
        sections
            .clone()
            .filter(|d| self.index().intents(*d).iter().any(|i| usize::from(*i) == intent))
            .map(|document| (fit(document), document))
            .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)))
            .map(|(_, document)| document - sections.start)
    }

    /// The best products that have most of what was asked for.
    fn products(&self, ranked: &[(f32, Candidate)]) -> Vec<ProductCard> {
        let products = || ranked.iter().filter(|(_, c)| c.kind == DocumentKind::Product);
        let most = products().map(|(_, c)| c.coverage()).fold(0.0, f32::max);
        if most < MIN_COVERAGE {
            return vec![];
        }
        products()
            .filter(|(_, c)| c.coverage() >= 0.8 * most)
            .take(MAX_PRODUCTS)
            .filter_map(|(_, c)| self.index().card(c.document))
            .collect()
    }
}

/// Least share of a message's meaning that a product must have to be shown as an answer.
const MIN_COVERAGE: f32 = 0.6;

fn softmax(logits: &[f32], temperature: f32) -> Vec<f32> {
    let max = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let scale = 1.0 / temperature.max(0.01);
    let exps: Vec<f32> = logits.iter().map(|l| ((l - max) * scale).exp()).collect();
    let sum: f32 = exps.iter().sum();
    exps.into_iter().map(|e| e / sum).collect()
}
