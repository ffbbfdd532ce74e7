//! What is done with bytes from outside, and the laws that hold whatever they are. Each function
//! is one fuzz target.

use std::sync::OnceLock;

use aisle_core::answer::{Question, compose, ground};
use aisle_core::artifact::Manifest;
use aisle_core::index::{
    Document, Index, IndexBuilder, NewAction, NewCompletion, NewProduct, NewSection, ProductSales,
};
use aisle_core::protocol::{TurnRequest, validate_turn};
use aisle_core::search::{Query, Resolved, search_words};
use aisle_core::sse::{Decoder, Frame, MAX_ID_BYTES, SseError};
use aisle_core::text::{FEATURE_BUCKETS, features, normalize, tokens};
use aisle_core::words::ENGLISH;

/// Bytes of an index before its body; the last four are the checksum.
const INDEX_HEADER: usize = 16;

/// An event stream: the first byte says where the rest is cut, which must change nothing.
pub fn sse(bytes: &[u8]) {
    let Some((size, stream)) = bytes.split_first() else { return };
    let decode = |size: usize| -> Result<Vec<Frame>, SseError> {
        let mut decoder = Decoder::new();
        let mut frames = Vec::new();
        for chunk in stream.chunks(size) {
            frames.extend(decoder.push(chunk)?);
        }
        Ok(frames)
    };
    let whole = decode(stream.len().max(1));
    assert_eq!(whole, decode(usize::from(*size).max(1)));
    for frame in whole.iter().flatten() {
        assert!(frame.id.len() <= 3 * MAX_ID_BYTES);
    }
}

/// An index: the bytes as a file, as the body of a file with a right checksum, and as changes (a
/// place of two bytes and a byte) to the body of a good one.
pub fn index(bytes: &[u8]) {
    open_and_use(bytes);
    let good = small_index_bytes();
    let Some((header, body)) = good.split_at_checked(INDEX_HEADER) else { return };
    open_and_use(&sealed(header, bytes));
    let mut changed = body.to_vec();
    for change in bytes.chunks_exact(3) {
        let &[high, low, byte] = change else { continue };
        let at = usize::from(u16::from_be_bytes([high, low])) % changed.len().max(1);
        if let Some(place) = changed.get_mut(at) {
            *place = byte;
        }
    }
    open_and_use(&sealed(header, &changed));
}

fn sealed(header: &[u8], body: &[u8]) -> Vec<u8> {
    let kept = header.get(..INDEX_HEADER - 4).unwrap_or_default();
    [kept, &crc32fast::hash(body).to_le_bytes(), body].concat()
}

fn open_and_use(bytes: &[u8]) {
    let Ok(index) = Index::open(bytes) else { return };
    for document in (0..=index.len() as u32).chain([u32::MAX]) {
        let _ = (index.kind(document), index.card(document), index.section_answer(document));
        let _ = (index.action(document), index.completion(document), index.title(document));
        let _ = (index.popularity(document), index.category(document), index.intents(document));
        let _ = index.postings(u64::from(document)).count();
    }
    for text in ["red mug", "retrn abroat", "mu"] {
        ask(&index, text);
    }
}

fn ask(index: &Index, text: &str) {
    for found in search_words(index, &Resolved::new(index, &Query::draft(text))) {
        assert!(found.score.is_finite() && (0.0..=1.0).contains(&found.coverage));
        assert!(index.kind(found.document).is_some());
    }
    let vector = vec![-128; index.vector_length()];
    for intent in [None, Some("return_policy"), Some("product_search")] {
        let question = Question { text, vector: &vector, intent };
        assert!(
            !compose(&ENGLISH, "Shop", &question, &ground(index, &question)).text.trim().is_empty()
        );
    }
}

/// A manifest: one that is accepted is the same after it was written, and can be used.
pub fn manifest(bytes: &[u8]) {
    let Ok(manifest) = Manifest::parse(bytes) else { return };
    assert!(manifest.temperature > 0.0 && manifest.temperature.is_finite());
    for file in manifest.files.keys() {
        let _ = manifest.verify(file, bytes);
    }
    let written = serde_json::to_vec(&manifest).unwrap_or_default();
    assert_eq!(Manifest::parse(&written), Ok(manifest));
}

/// The body of a turn: one that can be read is the same after it was written; one that is accepted
/// can be searched for.
pub fn turn(bytes: &[u8]) {
    let Ok(turn) = serde_json::from_slice::<TurnRequest>(bytes) else { return };
    let written = serde_json::to_vec(&turn).unwrap_or_default();
    assert_eq!(serde_json::from_slice::<TurnRequest>(&written).ok().as_ref(), Some(&turn));
    if validate_turn(&turn).is_ok() {
        text(turn.text.as_bytes());
    }
}

/// A text as the models and the search see it.
pub fn text(bytes: &[u8]) {
    static INDEX: OnceLock<Option<Index>> = OnceLock::new();
    let text = String::from_utf8_lossy(bytes);
    let normal = normalize(&text);
    assert_eq!(normalize(&normal), normal);
    assert!(tokens(&normal).all(|token| !token.is_empty()));
    let features = features(&text);
    let in_table = |feature: &u32| *feature < FEATURE_BUCKETS;
    assert!(!features.is_empty() && features.iter().flatten().all(in_table));
    if let Some(index) = INDEX.get_or_init(|| Index::open(small_index_bytes()).ok()) {
        ask(index, &text);
    }
}

/// A small index with something of every kind.
pub fn small_index_bytes() -> &'static [u8] {
    static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
    BYTES.get_or_init(|| small_shop().build(&str::to_owned).unwrap_or_default())
}

fn small_shop() -> IndexBuilder {
    let product = |sku: &str, title: &str| NewProduct {
        sku: sku.into(),
        handle: title.to_lowercase().replace(' ', "-"),
        title: title.into(),
        price_minor: 250,
        available: true,
        popularity: 0.5,
        category: "Mugs".into(),
        variant_skus: vec![format!("{sku}-L")],
        vector: vec![127, -3],
        ..NewProduct::default()
    };
    IndexBuilder {
        currency: "GBP".into(),
        labels: ["return_policy", "product_search"].map(String::from).to_vec(),
        vector_length: 2,
        products: vec![product("22001", "Red Spot Mug"), product("22002", "Blue Spot Mug")],
        sales: vec![
            ProductSales { again: Some(1.0), fresh: Some(0.5), neighbours: vec![(1, 0.4)] },
            ProductSales::default(),
        ],
        documents: vec![Document {
            title: "Returns".into(),
            url: "/pages/returns".into(),
            sections: vec![NewSection {
                title: "How long you have".into(),
                text: "You may return unused goods within thirty days, from abroad too.".into(),
                intents: vec!["return_policy".into()],
                vector: vec![5, 120],
            }],
        }],
        actions: vec![NewAction {
            label: "Start a return".into(),
            url: "/pages/returns".into(),
            keywords: "send back".into(),
            intents: vec!["return_policy".into()],
        }],
        completions: vec![NewCompletion { text: "where is my order".into(), popularity: 1.0 }],
    }
}
