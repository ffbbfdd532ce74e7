//! What the chat holds, what can happen to it, and what it can ask for.

use super::deletion::Deletion;
use crate::protocol::{
    ErrorDetail, EventId, History, ProductCard, Recommendation, Requested, Role, Source,
    StreamEvent, Suggestion, TurnRequest, Understanding,
};

/// How long a sent message waits for the engine before it goes to the worker, in milliseconds.
pub(super) const UNDERSTAND_DEADLINE_MS: u32 = 400;

/// How long the chat waits before each try to go on with an answer whose connection broke, in
/// milliseconds. After the last one it is told as failed.
pub(super) const RESUME_AFTER_MS: [u32; 4] = [0, 500, 2_000, 5_000];

/// Whether the engine in the Web Worker can serve.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EngineState {
    /// Not asked for yet.
    #[default]
    Idle,
    /// On its way.
    Loading,
    /// Answers every keystroke by its words; what a message means it cannot tell yet.
    Searching,
    /// Answers every keystroke, and tells what a message means.
    Ready,
    /// Not to be had on this page; everything goes to the worker.
    Absent,
}

/// How far an entry of the transcript has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryStatus {
    /// The engine is looking at it, or it waits for its turn.
    Waiting,
    /// The worker is writing it.
    Streaming,
    /// Whole.
    Complete,
    /// The shopper stopped it.
    Cancelled,
    /// It failed; a retry may help.
    Failed,
}

/// One bubble of the transcript.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Stable key within this page view.
    pub key: u32,
    /// The client's message id: its own for a shopper's entry, that of the question for an answer.
    pub message_id: String,
    /// Who wrote it.
    pub role: Role,
    /// Plain text with light markup.
    pub text: String,
    /// How far it has come.
    pub status: EntryStatus,
    /// What an answer rests on.
    pub sources: Vec<Source>,
    /// Products shown with it.
    pub products: Vec<ProductCard>,
    /// What it asks for on the shopper's behalf.
    pub requested: Vec<Requested>,
    /// Answered on the device.
    pub local: bool,
    /// The worker's sequence number; 0 while it has none.
    pub(super) seq: u32,
}

impl Entry {
    /// How many pieces of a product it proposes for the cart, if it does.
    pub fn proposed(&self, sku: &str) -> Option<u32> {
        self.requested.iter().find_map(|requested| match requested {
            Requested::CartChange { product, quantity } if product.sku == sku => Some(*quantity),
            _ => None,
        })
    }
}

/// A word to the shopper about the conversation as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The earlier messages could not be loaded.
    HistoryUnavailable,
    /// The worker does not serve this page: a fault of the shop's set-up.
    NotServed,
    /// The message is over the limit.
    MessageTooLong,
    /// Personal data was taken out of the message before it was sent.
    PersonalDataRemoved,
    /// The conversation is gone, here and at the worker.
    ConversationDeleted,
}

/// What happened to a product that was put in the cart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CartState {
    /// Asked for.
    Adding,
    /// The shop confirmed.
    Added,
    /// The shop refused, in its own words.
    Failed(String),
}

/// What the shopper puts in the cart.
#[derive(Clone, Debug, PartialEq)]
pub struct CartAddition {
    /// Where it is shown.
    pub place: CardPlace,
    /// What.
    pub product: ProductCard,
    /// Pieces.
    pub quantity: u32,
}

/// Where a product's card is: the key of the entry that it belongs to, or none for one that is
/// recommended.
pub type CardPlace = Option<u32>;

/// Why a turn ended without its last frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TurnError {
    /// No connection, or it was cut.
    Network,
    /// The worker refused or failed.
    Refused(ErrorDetail),
}

/// Why the history could not be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HistoryError {
    /// The worker does not know the conversation (any more).
    UnknownConversation,
    /// Anything else; another try may help.
    Unavailable,
}

/// Everything that can happen.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The shopper opened the panel. `conversation` is the one that this browser remembers.
    Opened {
        /// Id of an earlier conversation.
        conversation: Option<String>,
    },
    /// The shopper closed the panel.
    Closed,
    /// Escape: closes the suggestions first, the panel second.
    Escaped,
    /// The engine can search by words, and is loading its models.
    EngineSearching,
    /// The engine is ready.
    EngineReady,
    /// The engine cannot be had.
    EngineFailed,
    /// The draft is now this.
    Typed(String),
    /// Suggestions for the draft numbered `seq`.
    Suggested {
        /// Number of the request.
        seq: u32,
        /// Best first.
        items: Vec<Suggestion>,
    },
    /// Products that the shopper may want, for the request numbered `seq`.
    Recommended {
        /// Number of the request.
        seq: u32,
        /// Best first.
        items: Vec<Recommendation>,
    },
    /// The highlight moves by this many lines.
    HighlightMoved(i32),
    /// The shopper chose a suggestion by pointer.
    Picked {
        /// Its position.
        index: usize,
        /// Fresh random id, in case the choice sends a message.
        message_id: String,
    },
    /// Enter or the send button: chooses the highlighted suggestion, or sends the draft.
    Submitted {
        /// Fresh random id.
        message_id: String,
    },
    /// What the engine made of the message numbered `seq`.
    Understood {
        /// Number of the request.
        seq: u32,
        /// What was understood.
        understanding: Understanding,
    },
    /// The engine had its time for the message numbered `seq`.
    DeadlinePassed {
        /// Number of the request.
        seq: u32,
    },
    /// The worker opened a conversation.
    ConversationCreated(String),
    /// The worker could not open a conversation.
    ConversationFailed(TurnError),
    /// A frame of the answer to the turn with this message id.
    Streamed {
        /// The turn.
        message_id: String,
        /// How far into the answer it goes, if the worker says so.
        id: Option<EventId>,
        /// The frame.
        event: StreamEvent,
    },
    /// The turn's connection ended. After the last frame this changes nothing.
    TurnEnded {
        /// The turn.
        message_id: String,
        /// Why, unless it ended by itself.
        error: Option<TurnError>,
    },
    /// The shopper stops the answer that is being written.
    Stopped,
    /// The shopper wants a failed message sent again.
    Retried {
        /// The turn.
        message_id: String,
    },
    /// The shopper wants to write the last message of theirs anew.
    Edited,
    /// The shopper is back on the page.
    Returned,
    /// The earlier messages.
    HistoryLoaded {
        /// The conversation that was asked for.
        conversation: String,
        /// Its messages.
        history: History,
    },
    /// The earlier messages could not be had.
    HistoryFailed {
        /// The conversation that was asked for.
        conversation: String,
        /// Why.
        error: HistoryError,
    },
    /// The shopper wants the conversation deleted.
    DeletionWanted,
    /// The shopper does not want it deleted after all.
    DeletionCancelled,
    /// The shopper means it, or tries it again.
    DeletionConfirmed,
    /// The worker has deleted the conversation, or could not.
    DeletionEnded {
        /// Whether nothing of it is left there.
        is_deleted: bool,
    },
    /// The network is back, or the shopper wants what failed for lack of it tried again.
    Reconnected,
    /// The shopper puts a product in the cart.
    AddToCart(CartAddition),
    /// The shop's cart has it.
    CartAdded {
        /// Where the product is shown.
        place: CardPlace,
        /// SKU of the product.
        sku: String,
    },
    /// The shop's cart refused.
    CartFailed {
        /// Where the product is shown.
        place: CardPlace,
        /// SKU of the product.
        sku: String,
        /// The shop's own words.
        reason: String,
    },
}

/// Everything that the chat can ask of the browser.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Start the engine; goes on with `EngineSearching`, and ends in `EngineReady` or
    /// `EngineFailed`. Of an engine whose models alone are missing, nothing follows.
    LoadEngine,
    /// Ask the engine for suggestions; ends in `Suggested`.
    Suggest {
        /// Number of the request.
        seq: u32,
        /// The draft.
        text: String,
    },
    /// Ask the engine for products that the shopper may want; ends in `Recommended`.
    Recommend {
        /// Number of the request.
        seq: u32,
    },
    /// Ask the engine about a sent message; ends in `Understood`.
    Understand {
        /// Number of the request.
        seq: u32,
        /// The message.
        text: String,
    },
    /// Come back with `DeadlinePassed` after this time.
    Deadline {
        /// Number of the request.
        seq: u32,
        /// Milliseconds.
        after_ms: u32,
    },
    /// Ask the worker for a conversation.
    CreateConversation,
    /// Keep the id for the next page view.
    RememberConversation(String),
    /// Forget the id.
    ForgetConversation,
    /// Ask the worker to delete the conversation; ends in `DeletionEnded`.
    DeleteConversation {
        /// The conversation.
        conversation: String,
    },
    /// Forget everything that the browser keeps of the shopper.
    ForgetEverything,
    /// Send a turn and stream the answer.
    PostTurn {
        /// The conversation.
        conversation: String,
        /// The turn.
        turn: TurnRequest,
    },
    /// Go on reading the answer to a turn; like the turn itself, ends in `TurnEnded`.
    ResumeTurn {
        /// The conversation.
        conversation: String,
        /// The turn.
        message_id: String,
        /// What of the answer is there.
        after: EventId,
        /// How long to wait before, in milliseconds.
        delay_ms: u32,
    },
    /// Tell the worker that the answer to this turn is not wanted any more.
    StopTurn {
        /// The conversation.
        conversation: String,
        /// The turn.
        message_id: String,
    },
    /// Close the connection of this turn.
    AbortTurn {
        /// The turn.
        message_id: String,
    },
    /// Load messages above `after`.
    FetchHistory {
        /// The conversation.
        conversation: String,
        /// Sequence number.
        after: u32,
    },
    /// Put this into the shop's own cart.
    AddToCart(CartAddition),
    /// Go to a page of the shop.
    Navigate {
        /// Relative to the shop.
        url: String,
    },
    /// An answer has come to its end: tell those who listen rather than look, once.
    AnswerEnded {
        /// The turn.
        message_id: String,
    },
    /// Put the keyboard focus into the composer.
    FocusComposer,
    /// Put the keyboard focus into the question whether to delete, where it does no harm.
    FocusDeletion,
    /// Give the keyboard focus back to the button that asks for the deletion.
    FocusDeleteButton,
    /// Give the keyboard focus back to the launcher.
    FocusLauncher,
}

/// The whole state of the chat. Fields that a view needs are public; the rest is bookkeeping.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chat {
    /// Whether the panel is open.
    pub open: bool,
    /// What is in the composer.
    pub draft: String,
    /// Suggestions for the draft.
    pub suggestions: Vec<Suggestion>,
    /// Products that the shopper may want; shown while nothing has been said.
    pub recommendations: Vec<Recommendation>,
    /// The suggestion that Enter chooses.
    pub highlighted: Option<usize>,
    /// The transcript, oldest first.
    pub entries: Vec<Entry>,
    /// Whether the engine can serve.
    pub engine: EngineState,
    /// A word about the conversation as a whole.
    pub notice: Option<Notice>,
    /// Whether the earlier messages are being loaded.
    pub loading_history: bool,
    /// Set while the conversation is to be deleted.
    pub deletion: Option<Deletion>,
    /// By card and SKU; few enough for a list.
    pub(super) cart: Vec<(CardPlace, String, CartState)>,
    pub(super) conversation: Option<String>,
    pub(super) creating: bool,
    pub(super) next_key: u32,
    pub(super) seq: u32,
    pub(super) suggest_seq: u32,
    /// Whether suggestions for the draft are shown or on their way.
    pub(super) is_suggesting: bool,
    /// Numbers of its own, so that a list on its way outlives what is typed meanwhile.
    pub(super) recommend_seq: u32,
    pub(super) pending: Option<PendingMessage>,
    pub(super) outbox: Vec<TurnRequest>,
    pub(super) in_flight: Option<Flight>,
    /// Turns that ended without a whole answer; a retry sends them again under the same id.
    pub(super) unanswered: Vec<TurnRequest>,
    /// Set when a conversation was opened anew for a turn, until a turn is accepted: one try only.
    pub(super) reopened: bool,
    /// Turns that were interrupted and that the chat has sent again by itself: one try only.
    pub(super) asked_again: Vec<String>,
    /// The message that the draft takes the place of.
    pub(super) editing: Option<String>,
    /// Messages that were edited here.
    pub(super) replaced: Vec<String>,
    /// Up to this sequence number every message is there.
    pub(super) last_seq: u32,
    /// The earlier messages failed to load and are to be asked for again, whatever the notice is.
    pub(super) history_missing: bool,
    /// What the event that is being taken in asks for so far; empty between two events.
    pub(super) effects: Vec<Effect>,
}

/// A turn whose answer is being read.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Flight {
    pub(super) turn: TurnRequest,
    /// How much of the answer was read; of no epoch while the worker has not accepted the turn.
    pub(super) read: EventId,
    /// Tries to go on since something was read last.
    pub(super) tries: usize,
}

/// A message that the engine is looking at.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PendingMessage {
    pub(super) seq: u32,
    pub(super) message_id: String,
    pub(super) text: String,
    pub(super) replaces: Vec<String>,
    /// What proves whose the order is that the text is about.
    pub(super) email: Option<String>,
}

impl Chat {
    /// Whether an answer is being waited for or written, so that it can be stopped.
    pub fn is_answering(&self) -> bool {
        self.in_flight.as_ref().is_some_and(|flight| flight.turn.local.is_none())
            || self.pending.is_some()
            || self.outbox.iter().any(|turn| turn.local.is_none())
    }

    /// Whether the engine is looking at a sent message, so that no answer is begun yet.
    pub fn is_understanding(&self) -> bool {
        self.pending.is_some()
    }

    /// Whether [`Event::Retried`] would ask for this answer again.
    pub fn can_retry(&self, answer: &Entry) -> bool {
        matches!(answer.status, EntryStatus::Cancelled | EntryStatus::Failed)
            && self.unanswered.iter().any(|turn| turn.message_id == answer.message_id)
    }

    /// Whether [`Event::Edited`] would take back this message: only the shopper's last one.
    pub fn can_edit(&self, question: &Entry) -> bool {
        self.last_question().is_some_and(|last| last.key == question.key)
    }

    pub(super) fn last_question(&self) -> Option<&Entry> {
        self.entries.iter().rfind(|entry| entry.role == Role::Shopper)
    }

    /// What happened to a product that was put in the cart from the card in this place.
    pub fn cart_state(&self, place: CardPlace, sku: &str) -> Option<&CartState> {
        let found = self.cart.iter().find(|(at, of, _)| *at == place && of == sku);
        found.map(|(_, _, state)| state)
    }

    /// The conversation that the worker knows, if there is one.
    pub fn conversation(&self) -> Option<&str> {
        self.conversation.as_deref()
    }
}
