//! Who is told what happens to answers.

use aisle_core::protocol::MessageStatus;

/// Something that happened to an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happening {
    /// It is being written.
    Begun,
    /// It has its first text.
    Spoke {
        /// Milliseconds since it was begun.
        after_ms: u64,
    },
    /// It is not written any more. An answer that was begun ends once.
    Ended(MessageStatus),
    /// Somebody reads it.
    ReaderCame,
    /// One of its readers does not any more.
    ReaderLeft,
}

/// Whom to tell.
#[derive(Clone, Copy, Debug)]
pub struct Watch {
    /// What went wrong, for the log.
    pub report: fn(&str),
    /// What happened, for the figures.
    pub count: fn(Happening),
}

impl Watch {
    /// Nobody.
    pub const NONE: Self = Self { report: |_| {}, count: |_| {} };
}
