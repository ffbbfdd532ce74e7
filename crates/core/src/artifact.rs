//! The manifest of an artifact: what the files are, which model they hold and when to trust it.
//!
//! An artifact is four files made together by the trainer: `manifest.json`, `encoder.onnx`,
//! `ranker.onnx` and `index.bin`. A file that does not match the manifest is refused.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::route::Policy;
use crate::text::FEATURISER_VERSION;

/// Version of the artifact's layout that this build reads and writes.
pub const ARTIFACT_FORMAT: u16 = 1;

/// File with the manifest.
pub const MANIFEST_FILE: &str = "manifest.json";
/// File with the text encoder.
pub const ENCODER_FILE: &str = "encoder.onnx";
/// File with the candidate ranker.
pub const RANKER_FILE: &str = "ranker.onnx";
/// File with the product and document index.
pub const INDEX_FILE: &str = "index.bin";

/// Why a manifest, or a file that it names, cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ManifestError {
    /// Not JSON of the expected shape.
    #[error("manifest.json cannot be read: {0}")]
    Malformed(String),
    /// Made by another version of the trainer.
    #[error(
        "the artifact has format {found}; this build reads format {ARTIFACT_FORMAT}: train again"
    )]
    Format {
        /// What the manifest says.
        found: u16,
    },
    /// Made with other text features.
    #[error(
        "the artifact has text features of version {found}; this build computes version \
         {FEATURISER_VERSION}: train again"
    )]
    Featuriser {
        /// What the manifest says.
        found: u16,
    },
    /// The manifest does not name the file.
    #[error("the manifest does not list {file}")]
    Unlisted {
        /// The file.
        file: String,
    },
    /// The file is not the one that the manifest was written for.
    #[error(
        "{file} is damaged or of another artifact: its length or checksum is not the manifest's"
    )]
    Mismatch {
        /// The file.
        file: String,
    },
}

/// Length and checksum of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileCheck {
    /// Length in bytes.
    pub bytes: u64,
    /// CRC-32 (IEEE).
    pub crc32: u32,
}

impl FileCheck {
    /// The check of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self { bytes: bytes.len() as u64, crc32: crc32fast::hash(bytes) }
    }
}

/// When a prediction is sure enough for an answer on the device.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Thresholds {
    /// See [`Policy::min_probability`].
    pub min_probability: f32,
    /// See [`Policy::min_margin`].
    pub min_margin: f32,
    /// Least probability of being in scope, of all intents but `out_of_scope` together; below it a
    /// message counts as out of scope.
    pub in_scope: f32,
}

impl From<Thresholds> for Policy {
    fn from(thresholds: Thresholds) -> Self {
        Self { min_probability: thresholds.min_probability, min_margin: thresholds.min_margin }
    }
}

/// The content of `manifest.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// See [`ARTIFACT_FORMAT`].
    pub format: u16,
    /// See [`FEATURISER_VERSION`].
    pub featuriser: u16,
    /// Seed of the training.
    pub seed: u64,
    /// The shop's name.
    pub shop: String,
    /// ISO 4217 code of its prices.
    pub currency: String,
    /// Labels of the encoder's logits, in order.
    pub labels: Vec<String>,
    /// Length of the query vector.
    pub vector_length: u32,
    /// Divides the logits before the softmax, so that probabilities are calibrated.
    pub temperature: f32,
    /// When to answer on the device.
    pub thresholds: Thresholds,
    /// The other files of the artifact.
    pub files: BTreeMap<String, FileCheck>,
    /// Figures of the trainer's own evaluation, by name.
    pub evaluation: BTreeMap<String, f32>,
}

impl Manifest {
    /// Reads a manifest and refuses one that this build cannot serve.
    pub fn parse(bytes: &[u8]) -> Result<Self, ManifestError> {
        /// Read first, so that a newer layout is named as such and not as a missing field.
        #[derive(Deserialize)]
        struct Versions {
            format: u16,
            featuriser: u16,
        }
        let malformed = |e: serde_json::Error| ManifestError::Malformed(e.to_string());
        let versions: Versions = serde_json::from_slice(bytes).map_err(malformed)?;
        if versions.format != ARTIFACT_FORMAT {
            return Err(ManifestError::Format { found: versions.format });
        }
        if versions.featuriser != FEATURISER_VERSION {
            return Err(ManifestError::Featuriser { found: versions.featuriser });
        }
        let manifest: Self = serde_json::from_slice(bytes).map_err(malformed)?;
        match manifest.unusable_number() {
            Some(name) => Err(ManifestError::Malformed(format!("{name} is out of its range"))),
            None => Ok(manifest),
        }
    }

    /// The first number that would make every probability meaningless.
    fn unusable_number(&self) -> Option<&'static str> {
        let Thresholds { min_probability, min_margin, in_scope } = self.thresholds;
        let is_share = |x: f32| (0.0..=1.0).contains(&x);
        [
            ("temperature", self.temperature.is_finite() && self.temperature > 0.0),
            ("min_probability", is_share(min_probability)),
            ("min_margin", is_share(min_margin)),
            ("in_scope", is_share(in_scope)),
            ("evaluation", self.evaluation.values().all(|x| x.is_finite())),
        ]
        .into_iter()
        .find_map(|(name, is_good)| (!is_good).then_some(name))
    }

    /// Checks one file against its length and checksum.
    pub fn verify(&self, file: &str, bytes: &[u8]) -> Result<(), ManifestError> {
        let listed = self
            .files
            .get(file)
            .ok_or_else(|| ManifestError::Unlisted { file: file.to_owned() })?;
        if *listed == FileCheck::of(bytes) {
            Ok(())
        } else {
            Err(ManifestError::Mismatch { file: file.to_owned() })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        Manifest {
            format: ARTIFACT_FORMAT,
            featuriser: FEATURISER_VERSION,
            seed: 1,
            shop: "Shop".into(),
            currency: "GBP".into(),
            labels: vec!["greeting".into()],
            vector_length: 64,
            temperature: 1.0,
            thresholds: Thresholds { min_probability: 0.6, min_margin: 0.1, in_scope: 0.3 },
            files: BTreeMap::from([(INDEX_FILE.into(), FileCheck::of(b"abc"))]),
            evaluation: BTreeMap::new(),
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_by_name() {
        let parse = |value: serde_json::Value| Manifest::parse(value.to_string().as_bytes());
        let good = serde_json::to_value(manifest()).unwrap();
        assert_eq!(parse(good.clone()), Ok(manifest()));
        let mut newer = good.clone();
        newer["format"] = 2.into();
        newer["labels"] = "moved".into();
        assert_eq!(parse(newer), Err(ManifestError::Format { found: 2 }));
        let mut other = good.clone();
        other["featuriser"] = 9.into();
        assert_eq!(parse(other), Err(ManifestError::Featuriser { found: 9 }));
        for (field, value) in [("temperature", 0.0), ("temperature", -1.0), ("temperature", 1e300)]
        {
            let mut unusable = good.clone();
            unusable[field] = value.into();
            assert!(matches!(parse(unusable), Err(ManifestError::Malformed(_))), "{field} {value}");
        }
        for (threshold, value) in
            [("min_probability", 1.5), ("min_margin", -0.1), ("in_scope", 9e99)]
        {
            let mut unusable = good.clone();
            unusable["thresholds"][threshold] = value.into();
            assert!(matches!(parse(unusable), Err(ManifestError::Malformed(_))), "{threshold}");
        }
        for bytes in [&b""[..], b"{}", b"\xff\xfe", b"[1]"] {
            assert!(matches!(Manifest::parse(bytes), Err(ManifestError::Malformed(_))));
        }
    }

    #[test]
    fn files_are_checked_by_length_and_checksum() {
        let m = manifest();
        assert_eq!(m.verify(INDEX_FILE, b"abc"), Ok(()));
        for bytes in [&b"abd"[..], b"ab", b""] {
            let file = INDEX_FILE.to_owned();
            assert_eq!(m.verify(INDEX_FILE, bytes), Err(ManifestError::Mismatch { file }));
        }
        let file = "other".to_owned();
        assert_eq!(m.verify("other", b""), Err(ManifestError::Unlisted { file }));
    }
}
