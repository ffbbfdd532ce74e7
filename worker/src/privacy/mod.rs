//! What is kept of shoppers, for how long, and what is done when somebody asks for it or wants it
//! deleted: `docs/privacy.md`.

mod calls;
mod delete;
mod export;
mod retention;

pub use calls::{ConversationCall, DirectoryCall, Opening, OrdersCall, PATH};
pub use delete::{
    DeleteError, Objects, ObjectsError, PASS, Pass, RESUME_MS, RETRY_MS, forget, proceed, work,
};
pub use export::{Part, is_for_training, part};
pub use retention::{Due, Retention, due};
