//! What the shop knows about a question, by words, by meaning, by intent and by its surroundings.

use super::{Fit, Question, Setting, Surroundings, product_section};
use crate::index::{DocumentKind, Index};
use crate::protocol::{ProductCard, Role, SectionAnswer};
use crate::rank::{Candidate, Encoded, Session, candidates};
use crate::search::{Lack, Query, lack};
use crate::text::{is_stopword, normalize, tokens};

/// Products that an answer shows at most.
pub(super) const MAX_PRODUCTS: usize = 4;
/// Sections that an answer rests on at most.
pub(super) const MAX_SECTIONS: usize = 3;
/// Least share of the question's meaning that a document must have to count as found.
const MIN_COVERAGE: f32 = 0.5;
/// What is weaker than this share of the best is noise beside it.
const NOISE: f32 = 0.75;
/// A question with more words that tell something stands for itself.
const FOLLOW_UP_WORDS: usize = 4;

/// Intents whose questions are about products.
const PRODUCT_INTENTS: [&str; 6] = [
    "product_search",
    "product_recommend",
    "product_compare",
    "product_question",
    "availability",
    "price_promo",
];

/// Those of them whose answer is a list of products.
const ASKING_INTENTS: [&str; 4] =
    ["product_search", "product_recommend", "product_compare", "availability"];

/// What the shop knows about a question.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grounding {
    /// Sections of documents, best first.
    pub sections: Vec<SectionAnswer>,
    /// How well the first section fits.
    pub fit: Fit,
    /// Products, best first.
    pub products: Vec<ProductCard>,
    /// Whether the question is for products rather than about them.
    pub asks_for_products: bool,
    /// What the shop lacks, where products are asked for and none is what is asked for.
    pub lack: Option<Lack>,
    /// Sections that the question and the one before it find together. They may help a model that
    /// knows both; alone they answer nothing.
    pub background: Vec<SectionAnswer>,
    /// Where the question is asked.
    pub setting: Setting,
}

impl Grounding {
    /// Every section that a model is given, best first.
    pub fn all_sections(&self) -> impl Iterator<Item = &SectionAnswer> {
        self.sections.iter().chain(&self.background)
    }

    /// Every product that a model is given, best first; one may come more than once.
    pub fn all_products(&self) -> impl Iterator<Item = &ProductCard> {
        self.products.iter().chain(self.setting.products())
    }
}

/// Finds what the shop knows about a question that stands for itself.
pub fn ground(index: &Index, question: &Question<'_>) -> Grounding {
    ground_in(index, question, &Surroundings::default())
}

/// Finds what the shop knows about a question in its surroundings.
pub fn ground_in(index: &Index, question: &Question<'_>, around: &Surroundings<'_>) -> Grounding {
    let setting = Setting::new(index, around);
    let mut grounding = retrieve(index, question, &setting);
    let before = around.earlier.iter().rev().find(|message| message.role == Role::Shopper);
    if let Some(before) = before.filter(|_| is_short(question.text)) {
        let both = format!("{} {}", before.text, question.text);
        let joined = Question { text: &both, ..*question };
        let known: Vec<u32> = grounding.sections.iter().map(|s| s.source.section).collect();
        grounding.background = retrieve(index, &joined, &setting).sections;
        grounding.background.retain(|section| !known.contains(&section.source.section));
        grounding.background.truncate(MAX_SECTIONS.saturating_sub(known.len()));
    }
    grounding.setting = setting;
    grounding
}

/// Whether a question may mean what the one before it was about.
fn is_short(text: &str) -> bool {
    let normal = normalize(text);
    let telling = tokens(&normal).filter(|word| !is_stopword(word));
    telling.take(FOLLOW_UP_WORDS + 1).count() <= FOLLOW_UP_WORDS
}

/// Finds what the shop knows about a text.
fn retrieve(index: &Index, question: &Question<'_>, setting: &Setting) -> Grounding {
    let mut probabilities = vec![0.0; index.labels().len()];
    let label = question.intent.and_then(|i| index.labels().iter().position(|l| l == i));
    if let Some(probability) = label.and_then(|at| probabilities.get_mut(at)) {
        *probability = 1.0;
    }
    let encoded = Encoded { vector: question.vector, probabilities: &probabilities };
    let query = Query::message(question.text);
    let found = candidates(index, &query, encoded, &Session::default());
    let about_products = question.intent.is_none_or(|i| PRODUCT_INTENTS.contains(&i));
    // Where nothing says what is meant, a product is found by its words or not at all.
    let is_said = |c: &Candidate| question.intent.is_some() || c.coverage() >= MIN_COVERAGE;
    let best = |kind: DocumentKind, limit: usize| {
        let mut scored: Vec<(f32, &Candidate)> = found
            .iter()
            .filter(|c| c.kind == kind)
            .filter(|c| kind == DocumentKind::Section || is_said(c))
            .filter_map(|c| Some((evidence(c) + by_place(index, c, question, setting)?, c)))
            .filter(|(score, _)| *score >= MIN_COVERAGE)
            .collect();
        scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.document.cmp(&b.1.document)));
        let in_order = query.wants.order.filter(|_| kind == DocumentKind::Product);
        let floor = scored.first().map_or(0.0, |(score, _)| score * NOISE);
        scored.retain(|(score, _)| *score >= floor);
        if let Some(order) = in_order {
            scored.sort_by_key(|(_, c)| order.key(index.price(c.document)));
        }
        scored.into_iter().map(|(_, c)| c).take(limit)
    };
    let mut sections: Vec<(Fit, u32)> = best(DocumentKind::Section, MAX_SECTIONS)
        .map(|section| (section_fit(index, section, question, setting), section.document))
        .collect();
    sections.sort_by_key(|(fit, _)| *fit);
    let mut products: Vec<&Candidate> = best(DocumentKind::Product, MAX_PRODUCTS).collect();
    let most = |kind: DocumentKind| {
        found.iter().filter(|c| c.kind == kind).map(evidence).fold(0.0_f32, f32::max)
    };
    let (section_score, product_score) = (most(DocumentKind::Section), most(DocumentKind::Product));
    if !about_products || (question.intent.is_none() && section_score > product_score) {
        products.clear();
    }
    let asks_for_products = match question.intent {
        Some(intent) => ASKING_INTENTS.contains(&intent),
        None => !products.is_empty(),
    };
    let first_section = index.sections().start;
    let wants_one = question.intent.is_some_and(|intent| ASKING_INTENTS.contains(&intent));
    let lack = lack(index, &query).filter(|_| wants_one && products.is_empty());
    Grounding {
        fit: sections.first().map_or(Fit::None, |(fit, _)| *fit),
        sections: sections
            .into_iter()
            .filter_map(|(_, document)| index.section_answer(document - first_section))
            .collect(),
        products: products.into_iter().filter_map(|c| index.card(c.document)).collect(),
        asks_for_products,
        lack,
        ..Grounding::default()
    }
}

/// How well a section fits; one that is about the product asked about always does.
fn section_fit(
    index: &Index,
    section: &Candidate,
    question: &Question<'_>,
    setting: &Setting,
) -> Fit {
    let at = section.document.saturating_sub(index.sections().start);
    match product_section::weight(index, at, question, setting) {
        Some(weight) if weight > 0.0 => Fit::Good,
        _ => Fit::of(question, section),
    }
}

/// What speaks for the first section of a document where several fit alike.
pub const LEAD: f32 = 0.2;

/// What speaks for a section of the page that the shopper is on.
const ON_PAGE: f32 = 0.3;

/// What speaks for a candidate by its place: a section that leads its document, or that is about
/// the product asked about. Nothing for one that is about another product.
fn by_place(
    index: &Index,
    candidate: &Candidate,
    question: &Question<'_>,
    setting: &Setting,
) -> Option<f32> {
    if candidate.kind != DocumentKind::Section {
        return Some(0.0);
    }
    let section = candidate.document.saturating_sub(index.sections().start);
    let weight = match product_section::weight(index, section, question, setting)? {
        0.0 if index.leads_document(section) => LEAD,
        weight => weight,
    };
    let is_read = setting.path.as_deref().is_some_and(|path| {
        index.section_answer(section).is_some_and(|answer| answer.source.url == path)
    });
    Some(if is_read { weight + ON_PAGE } else { weight })
}

/// How much speaks for a candidate: its words, its meaning, its intent. About 0 to 2.
fn evidence(candidate: &Candidate) -> f32 {
    let [_, _, _, _, score, coverage, _, fuzzy, meaning, popularity, available, intent, ..] =
        candidate.features;
    let words = coverage + 0.3 * score - 0.1 * fuzzy;
    let kept = match candidate.kind {
        DocumentKind::Section => intent.min(1.0),
        _ => 0.0,
    };
    words + kept + 0.3 * meaning.max(0.0) + 0.1 * popularity + 0.05 * available
}
