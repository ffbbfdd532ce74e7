//! How long a conversation may get.

use aisle_core::protocol::{ErrorCode, ErrorDetail};

use crate::conversation::ConversationError;
use crate::ports::Store;

/// Refuses a message that is more than a conversation may have. One that is there already may
/// come again.
pub fn check_room(
    store: &impl Store,
    message_id: &str,
    messages_per_conversation: u32,
) -> Result<(), ConversationError> {
    if store.last_seq()? < messages_per_conversation || store.find(message_id)?.is_some() {
        return Ok(());
    }
    let message = "the conversation has as many messages as one may have";
    Err(ConversationError::Refused(ErrorDetail::new(ErrorCode::ConversationFull, message)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::begin;
    use crate::holder::Holder;
    use crate::ports::MemoryStore;
    use aisle_core::protocol::{PROTOCOL_VERSION, TurnRequest};
    use serde_json::json;

    #[test]
    fn a_full_conversation_takes_only_what_it_has() {
        let store = MemoryStore::default();
        store.open(0, &Holder::default()).unwrap();
        let turn = |id: &str| -> TurnRequest {
            let json = json!({"v": PROTOCOL_VERSION, "message_id": id, "text": "hi"});
            serde_json::from_value(json).unwrap()
        };
        let room = |id| check_room(&store, id, 4).is_ok();
        for id in ["message-1", "message-2"] {
            assert!(room(id));
            begin(&store, &turn(id), 1).unwrap().write(&store).unwrap();
        }
        assert!(!room("message-3"));
        assert!(room("message-2"));
        let refused = check_room(&store, "message-3", 4).map_err(ErrorDetail::from).unwrap_err();
        assert_eq!(refused.code, ErrorCode::ConversationFull);
    }
}
