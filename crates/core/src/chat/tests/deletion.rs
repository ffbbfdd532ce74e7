//! The shopper deletes the conversation.

use super::*;

/// A chat with one whole answer of the worker in conversation `c1`.
fn answered() -> Chat {
    chat_after(&[
        open(None),
        typed("mugs?"),
        submit("m1"),
        created("c1"),
        accepted("m1"),
        delta("m1", "Yes."),
        done("m1", MessageStatus::Complete),
    ])
}

const SAID: [&str; 2] = ["shopper m1: mugs?", "aisle m1: Yes."];

#[test]
fn nothing_is_deleted_unasked() {
    let mut chat = answered();
    play(
        &mut chat,
        &[
            (Event::DeletionConfirmed, ""),
            (Event::DeletionWanted, "deletion"),
            (Event::DeletionWanted, ""),
            (Event::Escaped, "delete button"),
            (Event::DeletionConfirmed, ""),
            (Event::DeletionWanted, "deletion"),
            (Event::DeletionCancelled, "delete button"),
            (Event::DeletionWanted, "deletion"),
            (Event::Closed, "launcher"),
            (Event::DeletionConfirmed, ""),
        ],
        &SAID,
    );
    let mut fresh = Chat::default();
    play(&mut fresh, &[(open(None), "load engine; composer"), (Event::DeletionWanted, "")], &[]);
}

#[test]
fn what_is_deleted_is_gone_and_the_next_message_begins_anew() {
    let mut chat = answered();
    chat.update(typed("and"));
    play(
        &mut chat,
        &[
            (Event::DeletionWanted, "deletion"),
            (Event::DeletionConfirmed, "delete c1"),
            (Event::DeletionConfirmed, ""),
            (submit("m2"), ""),
            (Event::Escaped, ""),
            (Event::DeletionEnded { is_deleted: true }, "forget everything; composer"),
        ],
        &[],
    );
    assert_eq!((chat.notice, chat.conversation()), (Some(Notice::ConversationDeleted), None));
    assert_eq!(chat.draft, "and", "what was not sent is not a part of it");
    assert!(chat.open && chat.deletion.is_none() && !chat.can_delete());
    play(
        &mut chat,
        &[(submit("m2"), "create"), (created("c2"), "remember c2; post c2 m2 and")],
        &["shopper m2: and", "aisle m2 (waiting): "],
    );
    assert_eq!(chat.notice, None);
}

#[test]
fn a_deletion_that_fails_loses_nothing() {
    let mut chat = answered();
    play(
        &mut chat,
        &[
            (Event::DeletionWanted, "deletion"),
            (Event::DeletionConfirmed, "delete c1"),
            (Event::DeletionEnded { is_deleted: false }, ""),
            (Event::DeletionConfirmed, "delete c1"),
            (Event::DeletionEnded { is_deleted: false }, ""),
            (Event::DeletionEnded { is_deleted: true }, ""),
            (Event::DeletionCancelled, "delete button"),
        ],
        &SAID,
    );
    assert_eq!(chat.conversation(), Some("c1"));
}

#[test]
fn an_answer_on_its_way_is_stopped_first() {
    let mut chat = chat_after(&[open(None), typed("mugs?"), submit("m1"), created("c1")]);
    play(
        &mut chat,
        &[
            (accepted("m1"), ""),
            (Event::DeletionWanted, "deletion"),
            (delta("m1", "Ye"), ""),
            (Event::DeletionConfirmed, "abort m1; stop c1 m1; delete c1"),
            (delta("m1", "s."), ""),
        ],
        &["shopper m1: mugs?", "aisle m1 (cancelled): Ye"],
    );
}

#[test]
fn what_waits_for_the_worker_is_not_sent_after_all() {
    let mut local = chat_after(&[
        open(None),
        Event::EngineReady,
        typed("mug"),
        Event::Suggested { seq: 3, items: four_kinds() },
        pick(1, "m1"),
        created("c1"),
    ]);
    play(
        &mut local,
        &[
            (Event::DeletionWanted, "deletion"),
            (Event::DeletionConfirmed, "abort m1; delete c1"),
            (Event::Reconnected, ""),
            (Event::DeletionEnded { is_deleted: false }, "post c1 m1 Returns section=3"),
            (Event::DeletionConfirmed, "abort m1; delete c1"),
            (Event::DeletionEnded { is_deleted: true }, "forget everything; recommend 2; composer"),
        ],
        &[],
    );
    let mut unsent = chat_after(&[open(None), typed("mugs?"), submit("m1")]);
    play(
        &mut unsent,
        &[
            (Event::DeletionWanted, "deletion"),
            (Event::DeletionConfirmed, "forget everything; composer"),
            (created("c1"), ""),
        ],
        &[],
    );
}

#[test]
fn earlier_messages_that_come_meanwhile_are_not_shown() {
    let mut chat = chat_after(&[open(Some("c1"))]);
    let history = || Event::HistoryLoaded {
        conversation: "c1".into(),
        history: crate::protocol::History { messages: vec![], last_seq: 4 },
    };
    play(
        &mut chat,
        &[
            (Event::DeletionWanted, "deletion"),
            (Event::DeletionConfirmed, "delete c1"),
            (history(), ""),
            (Event::Returned, ""),
            (Event::DeletionEnded { is_deleted: false }, "history c1 0"),
            (Event::DeletionConfirmed, "delete c1"),
            (Event::DeletionEnded { is_deleted: true }, "forget everything; composer"),
            (history(), ""),
        ],
        &[],
    );
}
