//! Training in two stages, both deterministic by seed: a base encoder from public text, and a
//! shop's artifact from the base and the shop's own data.

mod base;
mod benchmark;
mod bought;
mod calibrate;
mod catalogue;
mod chats;
mod corpus;
mod curve;
mod described;
mod indexing;
mod ranking;
mod reindex;
mod related;
mod reviews;
mod schedule;
mod shop;

use std::path::Path;

use thiserror::Error;

use aisle_core::artifact::{
    ENCODER_FILE, INDEX_FILE, MANIFEST_FILE, Manifest, RANKER_FILE, Thresholds,
};
use aisle_core::index::IndexError;
use aisle_engine::EngineError;

use crate::onnx::OnnxError;
use crate::read::ReadError;

pub use base::{BaseData, read_public, train_base};
pub use benchmark::{BenchmarkFigures, LabelledSet, benchmark_encoder};
pub use chats::{Unanswered, confirmed, unanswered};
pub use corpus::{committed_base, general_messages};
pub use curve::{LearningPoint, TRAINING_FILE, TrainingLog};
pub use reindex::index_shop;
pub use shop::train_shop;

/// What training depends on beside the data.
#[derive(Clone, Debug)]
pub struct Config {
    /// Seed of everything random; the same seed and data give the same bytes.
    pub seed: u64,
    /// Passes over the lessons of a larger model.
    pub lesson_epochs: usize,
    /// Passes over the messages of the base training.
    pub base_epochs: usize,
    /// Passes of the shop's training.
    pub shop_epochs: usize,
    /// The most of the shipped messages that a shop's training learns from beside the shop's own.
    pub shipped_messages: usize,
    /// Queries that the ranker learns from.
    pub ranker_queries: usize,
    /// When a prediction is sure enough.
    pub thresholds: Thresholds,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            seed: 20_261_123,
            lesson_epochs: 6,
            base_epochs: 12,
            shop_epochs: 4,
            shipped_messages: usize::MAX,
            ranker_queries: 12_000,
            // Chosen on development messages: at most 1% of the answers on the device are wrong,
            // and at most 5% of what a shop can answer is taken for out of scope.
            thresholds: Thresholds { min_probability: 0.8, min_margin: 0.1, in_scope: 0.855 },
        }
    }
}

/// Told how far training has come: the stage, steps done, steps in all.
pub type Progress<'a> = &'a dyn Fn(&str, usize, usize);

/// Why training cannot be done.
#[derive(Debug, Error)]
pub enum TrainError {
    /// The data cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The base is not one of this version.
    #[error("the base encoder cannot be used: {0}")]
    Base(#[from] OnnxError),
    /// The index cannot be built.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// There is nothing to learn from.
    #[error("no example to learn from: {0}")]
    NoExamples(&'static str),
    /// The models of an artifact cannot be run.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The manifest cannot be written.
    #[error("the manifest cannot be written: {0}")]
    Manifest(#[from] serde_json::Error),
}

/// The files of an artifact.
#[derive(Clone, Debug)]
pub struct Artifact {
    /// What the files are and how good.
    pub manifest: Manifest,
    /// `manifest.json`
    pub manifest_json: Vec<u8>,
    /// `encoder.onnx`
    pub encoder: Vec<u8>,
    /// `ranker.onnx`
    pub ranker: Vec<u8>,
    /// `index.bin`
    pub index: Vec<u8>,
    /// How the training went, for the merchant; nothing where none took place.
    pub training: Option<TrainingLog>,
}

impl Artifact {
    /// Writes the files into a folder; the manifest last, so that a half-written artifact is
    /// refused by its checksums.
    pub fn write(&self, dir: &Path) -> std::io::Result<()> {
        std::fs::create_dir_all(dir)?;
        if let Some(training) = &self.training {
            std::fs::write(dir.join(TRAINING_FILE), serde_json::to_vec_pretty(training)?)?;
        }
        for (file, bytes) in [
            (ENCODER_FILE, &self.encoder),
            (RANKER_FILE, &self.ranker),
            (INDEX_FILE, &self.index),
            (MANIFEST_FILE, &self.manifest_json),
        ] {
            std::fs::write(dir.join(file), bytes)?;
        }
        Ok(())
    }
}
