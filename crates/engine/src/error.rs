//! Why the engine cannot serve.

use aisle_core::artifact::ManifestError;
use aisle_core::index::IndexError;
use thiserror::Error;

/// Why the engine cannot serve.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum EngineError {
    /// The manifest, or a file that does not match it.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// The index.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// A model cannot be loaded or run.
    #[error("{0}")]
    Model(String),
    /// The files do not belong together.
    #[error("the artifact does not fit together: {0}")]
    Inconsistent(&'static str),
}

impl EngineError {
    /// Stable code for JavaScript.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Manifest(ManifestError::Format { .. } | ManifestError::Featuriser { .. })
            | Self::Index(IndexError::Format { .. } | IndexError::Featuriser { .. }) => {
                "artifact_version"
            }
            Self::Manifest(_) | Self::Index(_) | Self::Inconsistent(_) => "artifact_damaged",
            Self::Model(_) => "model_failed",
        }
    }
}
