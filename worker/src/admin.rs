//! What administrators may change while the worker runs: a shop's settings, and its artifact.
//!
//! Which shops there are, and everything secret, is the environment's to say. What is kept here
//! lies over the environment's settings of a shop, in one object a shop.

mod artifacts;
mod desk;
mod settings;

pub use artifacts::{FileStore, Publication, PublishError, artifact_id, check_files, integrity};
pub use desk::{Answer, Ask, DeskTable, answer};
pub use settings::{SettingsError, in_effect, is_administered};
