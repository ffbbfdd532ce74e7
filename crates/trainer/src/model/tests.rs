use aisle_core::text::features;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::encoder::{Encoder, Shape};
use super::learning::{Labelled, Meaning, Pair, Taught};

fn small() -> Shape {
    Shape {
        labels: 2,
        embedding: 8,
        width: 12,
        layers: 2,
        heads: 3,
        inner: 16,
        hidden: 10,
        vector: 6,
    }
}

fn fresh() -> Encoder {
    Encoder::new(small(), &mut ChaCha8Rng::seed_from_u64(7))
}

fn labelled(text: &str, label: usize) -> Labelled {
    Labelled { features: features(text), meaning: Meaning::Label(label) }
}

#[test]
fn it_learns_to_tell_two_intents_apart() {
    let mut encoder = fresh();
    let batch = [
        labelled("where is my parcel", 0),
        labelled("track my order", 0),
        labelled("a red mug please", 1),
        labelled("show me blue lanterns", 1),
    ];
    let first = encoder.learn_intents(&batch, 0.01, 0);
    let last = (1..150).map(|seed| encoder.learn_intents(&batch, 0.01, seed)).last().unwrap();
    assert!(last < first / 3.0, "{first} -> {last}");
    let logits = encoder.encode(&features("track the parcel")).logits;
    assert!(logits[0] > logits[1]);
}

#[test]
fn it_learns_to_bring_pairs_together() {
    let mut encoder = fresh();
    let pairs: Vec<Pair> = [("spade", "garden tools"), ("mug", "cups for tea"), ("clock", "time")]
        .into_iter()
        .zip(0..)
        .map(|((q, t), group)| Pair { query: features(q), target: features(t), group })
        .collect();
    let first = encoder.learn_pairs(&pairs, 0.01);
    let last = (0..150).map(|_| encoder.learn_pairs(&pairs, 0.01)).last().unwrap();
    assert!(last < first / 3.0, "{first} -> {last}");
}

#[test]
fn it_learns_the_vectors_of_a_larger_model() {
    let mut encoder = fresh();
    let taught: Vec<Taught> = [("spade", [1.0, 0.0]), ("shovel", [1.0, 0.1]), ("mug", [0.0, 1.0])]
        .into_iter()
        .map(|(text, [a, b])| Taught {
            features: features(text),
            vector: vec![a, b, 0.0, 0.0, 0.0, 0.0, 0.0],
        })
        .collect();
    (0..200).for_each(|_| {
        encoder.learn_taught(&taught, 0.01);
    });
    let vectors: Vec<Vec<f32>> =
        taught.iter().map(|t| encoder.encode(&t.features).vector).collect();
    let cosine = |a: usize, b: usize| -> f32 {
        vectors[a].iter().zip(&vectors[b]).map(|(a, b)| a * b).sum()
    };
    assert!(cosine(0, 1) > 0.9 && cosine(0, 2).abs() < 0.3);
}

/// Every kind of parameter: what the backward pass says against the slope of the loss.
#[test]
fn gradients_are_the_slopes_of_the_loss() {
    let encoder = fresh();
    let texts = ["where is my blue order", "a mug"].map(features);
    for (place, backward, slope) in encoder.slopes(&texts, 1e-2) {
        let scale = backward.abs().max(slope.abs()).max(0.02);
        assert!((backward - slope).abs() / scale < 0.08, "{place}: {backward} and {slope}");
    }
}

#[test]
fn a_narrowed_vector_is_the_beginning_of_the_whole_one() {
    let encoder = fresh();
    let ids = features("a pair of lanterns");
    let (whole, first) = (encoder.encode(&ids), encoder.narrowed(2).encode(&ids));
    assert_eq!(first.logits, whole.logits);
    assert_eq!(first.vector.len(), 2);
    let length = whole.vector[0].hypot(whole.vector[1]);
    for (first, whole) in first.vector.iter().zip(&whole.vector) {
        assert!((first - whole / length).abs() < 1e-3, "{first} {whole} {length}");
    }
}

#[test]
fn many_texts_at_once_are_encoded_as_one_by_one() {
    let encoder = fresh();
    let texts = ["", "a mug", "where is my order please", "?"].map(features);
    for (one, many) in texts.iter().map(|t| encoder.encode(t)).zip(encoder.encode_all(&texts)) {
        for (a, b) in
            one.logits.iter().chain(&one.vector).zip(many.logits.iter().chain(&many.vector))
        {
            assert!((a - b).abs() < 1e-5, "{a} {b}");
        }
    }
}

#[test]
fn the_file_holds_the_shipped_encoder() {
    let shipped = fresh().quantized();
    let read = Encoder::from_onnx(&shipped.to_onnx(), small()).unwrap();
    let ids = features("a pair of lanterns");
    let (a, b) = (shipped.encode(&ids), read.encode(&ids));
    for (a, b) in a.logits.iter().chain(&a.vector).zip(b.logits.iter().chain(&b.vector)) {
        assert!((a - b).abs() < 1e-4, "{a} {b}");
    }
    assert!(Encoder::from_onnx(&shipped.to_onnx(), Shape { labels: 3, ..small() }).is_err());
}
