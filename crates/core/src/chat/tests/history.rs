//! The messages of earlier page views: loaded, missing, merged.

use super::*;
use crate::protocol::{History, Message};
use proptest::prelude::*;

#[test]
fn the_remembered_conversation_is_loaded_and_continued() {
    let mut chat = Chat::default();
    play(&mut chat, &[(open(Some("c1")), "load engine; history c1 0; composer")], &[]);
    assert!(chat.loading_history);
    play(
        &mut chat,
        &[
            (loaded("c2", two_turns()), ""),
            (loaded("c1", two_turns()), ""),
            (loaded("c1", two_turns()), ""),
            (open(Some("c1")), "composer"),
            (Event::Reconnected, ""),
            (typed("more"), ""),
            (submit("m3"), "post c1 m3 more"),
        ],
        &[
            "shopper m1: one",
            "aisle m1: answer one",
            "shopper m2: two",
            "aisle m2: answer two",
            "shopper m3: more",
            "aisle m3 (waiting): ",
        ],
    );
    assert!(!chat.loading_history);
}

#[test]
fn an_unknown_conversation_is_forgotten() {
    let mut chat = chat_after(&[open(Some("c1"))]);
    play(
        &mut chat,
        &[
            (failed("c2", HistoryError::UnknownConversation), ""),
            (failed("c1", HistoryError::UnknownConversation), "forget"),
            (typed("a"), ""),
            (submit("m1"), "create"),
        ],
        &["shopper m1: a", "aisle m1 (waiting): "],
    );
    assert_eq!((chat.notice, chat.loading_history), (None, false));
}

#[test]
fn what_could_not_be_loaded_is_said_and_asked_for_again() {
    for again in [Event::Reconnected, open(Some("c1"))] {
        let mut chat = chat_after(&[open(Some("c1")), failed("c1", HistoryError::Unavailable)]);
        assert_eq!((chat.notice, chat.loading_history), (Some(Notice::HistoryUnavailable), false));
        let effects = chat.update(again);
        assert!(effects.contains(&Effect::FetchHistory { conversation: "c1".into(), after: 0 }));
        assert_eq!((chat.notice, chat.loading_history), (None, true));
        play(&mut chat, &[(Event::Reconnected, "")], &[]);
        chat.update(loaded("c1", two_turns()));
        assert_eq!(chat.entries.len(), 4);
    }
}

#[test]
fn other_notices_do_not_make_the_missing_history_forgotten() {
    let long = "x".repeat(crate::protocol::MAX_MESSAGE_CHARS + 1);
    let mut chat = chat_after(&[open(Some("c1")), failed("c1", HistoryError::Unavailable)]);
    for (event, notice) in [
        (typed(&long), Notice::MessageTooLong),
        (typed("a"), Notice::HistoryUnavailable),
        (submit("m9"), Notice::HistoryUnavailable),
        (refused("m9", ErrorCode::OriginNotAllowed), Notice::NotServed),
        (retry("m9"), Notice::HistoryUnavailable),
        (refused("m9", ErrorCode::OriginNotAllowed), Notice::NotServed),
    ] {
        chat.update(event);
        assert_eq!(chat.notice, Some(notice));
    }
    play(
        &mut chat,
        &[(Event::Reconnected, "history c1 0"), (loaded("c1", two_turns()), "")],
        &[
            "shopper m1: one",
            "aisle m1: answer one",
            "shopper m2: two",
            "aisle m2: answer two",
            "shopper m9: a",
            "aisle m9 (failed): ",
        ],
    );
}

#[test]
fn a_conversation_that_a_turn_found_unknown_has_no_history() {
    let mut chat = chat_after(&[open(Some("c1")), typed("a"), submit("m9")]);
    play(
        &mut chat,
        &[
            (refused("m9", ErrorCode::UnknownConversation), "forget; create"),
            (loaded("c1", two_turns()), ""),
            (created("c2"), "remember c2; post c2 m9 a"),
            (failed("c1", HistoryError::UnknownConversation), ""),
            (Event::Reconnected, ""),
        ],
        &["shopper m9: a", "aisle m9 (waiting): "],
    );
    assert!(!chat.loading_history);
}

#[test]
fn what_this_page_view_added_comes_after_and_is_there_once() {
    let mut chat = chat_after(&[open(Some("c1")), typed("two"), submit("m2")]);
    chat.update(frame("m2", StreamEvent::Accepted { message_seq: 3, answer_seq: 4 }));
    chat.update(delta("m2", "answer"));
    play(
        &mut chat,
        &[(loaded("c1", two_turns()), ""), (delta("m2", " two"), "")],
        &[
            "shopper m1: one",
            "aisle m1: answer one",
            "shopper m2: two",
            "aisle m2 (streaming): answer two",
        ],
    );
}

#[test]
fn an_interrupted_answer_of_the_history_can_be_asked_for_again() {
    for (status, shown) in [
        (MessageStatus::Streaming, "aisle m1 (cancelled): half"),
        (MessageStatus::Cancelled, "aisle m1 (cancelled): half"),
        (MessageStatus::Failed, "aisle m1 (failed): half"),
    ] {
        let messages = vec![question(1, "m1", "one"), answer(2, "half", status)];
        let mut chat = chat_after(&[open(Some("c1"))]);
        play(&mut chat, &[(loaded("c1", messages), "")], &["shopper m1: one", shown]);
        assert!(chat.can_retry(&chat.entries[1]));
        play(
            &mut chat,
            &[
                (retry("m1"), "post c1 m1 one"),
                (accepted("m1"), ""),
                (delta("m1", "whole"), ""),
                (done("m1", MessageStatus::Complete), "ended m1"),
            ],
            &["shopper m1: one", "aisle m1: whole"],
        );
    }
}

proptest! {
    /// Whatever the worker sends, in the order in which it sends it, before what was added here.
    #[test]
    fn the_order_of_the_history_is_kept(
        turns in prop::collection::vec((0u8..3, 0u8..4), 0..8),
        sent in 0usize..4,
    ) {
        let status = |n| match n {
            0 => MessageStatus::Streaming,
            1 => MessageStatus::Complete,
            2 => MessageStatus::Cancelled,
            _ => MessageStatus::Failed,
        };
        let mut messages = Vec::new();
        for (at, (answers, end)) in turns.iter().enumerate() {
            let seq = messages.len() as u32 + 1;
            messages.push(question(seq, &format!("m{at}"), &format!("q{at}")));
            for n in 0..*answers {
                let seq = messages.len() as u32 + 1;
                messages.push(answer(seq, &format!("a{at}.{n}"), status(*end)));
            }
        }
        let mut chat = chat_after(&[open(Some("c1"))]);
        for at in 0..sent {
            chat.update(typed(&format!("new{at}")));
            chat.update(submit(&format!("n{at}")));
        }
        let added = chat.entries.clone();
        chat.update(loaded("c1", messages.clone()));
        let texts: Vec<&str> = chat.entries.iter().map(|e| e.text.as_str()).collect();
        let expected: Vec<&str> = messages
            .iter()
            .map(|m| m.text.as_str())
            .chain(added.iter().map(|e| e.text.as_str()))
            .collect();
        prop_assert_eq!(texts, expected);
        let mut keys: Vec<u32> = chat.entries.iter().map(|e| e.key).collect();
        keys.sort_unstable();
        keys.dedup();
        prop_assert_eq!(keys.len(), chat.entries.len());
    }
}

/// Two turns, the second with an answer that has come so far.
fn unfinished(status: MessageStatus) -> Event {
    let mut messages = two_turns();
    messages[3] = Message { epoch: 2, ..answer(4, "half", status) };
    loaded("c1", messages)
}

#[test]
fn an_answer_that_is_being_written_is_read_on_after_a_reload() {
    let mut chat = chat_after(&[open(Some("c1"))]);
    play(
        &mut chat,
        &[
            (unfinished(MessageStatus::Streaming), "resume c1 m2 2-4 0"),
            (numbered("2-4", accepted("m2")), ""),
            (numbered("2-10", delta("m2", " whole")), ""),
            (numbered("2-10", done("m2", MessageStatus::Complete)), "ended m2"),
        ],
        &["shopper m1: one", "aisle m1: answer one", "shopper m2: two", "aisle m2: half whole"],
    );
}

#[test]
fn an_answer_that_nobody_finished_is_asked_for_again_after_a_reload() {
    for (status, effects) in [
        (MessageStatus::Interrupted, "post c1 m2 two"),
        (MessageStatus::Cancelled, ""),
        (MessageStatus::Failed, ""),
    ] {
        let mut chat = chat_after(&[open(Some("c1"))]);
        let said: Vec<String> = chat.update(unfinished(status)).iter().map(say).collect();
        assert_eq!(said.join("; "), effects, "{status:?}");
        assert_eq!(chat.is_answering(), !effects.is_empty());
    }
    // Whoever has sent something meanwhile does not wait for that one.
    let mut chat = chat_after(&[open(Some("c1")), typed("three"), submit("m3")]);
    assert_eq!(chat.update(unfinished(MessageStatus::Interrupted)), []);
}

#[test]
fn what_another_tab_said_is_asked_for_and_put_in_its_place() {
    let mut chat = chat_after(&[open(Some("c1")), loaded("c1", two_turns())]);
    let accepted_as =
        |message_seq, answer_seq| frame("m4", StreamEvent::Accepted { message_seq, answer_seq });
    let meanwhile = vec![
        Message { replaces: vec!["m2".into()], ..question(5, "m3", "two!") },
        answer(6, "answer two!", MessageStatus::Complete),
        question(7, "m4", "four"),
        answer(8, "", MessageStatus::Streaming),
    ];
    play(
        &mut chat,
        &[
            (typed("four"), ""),
            (submit("m4"), "post c1 m4 four"),
            (accepted_as(7, 8), "history c1 4"),
            (loaded("c1", meanwhile), ""),
            (done("m4", MessageStatus::Complete), "ended m4"),
            (Event::Returned, "history c1 8"),
            (loaded("c1", vec![]), ""),
        ],
        &[
            "shopper m1: one",
            "aisle m1: answer one",
            "shopper m3: two!",
            "aisle m3: answer two!",
            "shopper m4: four",
            "aisle m4: ",
        ],
    );
}

#[test]
fn a_long_history_is_loaded_in_pages() {
    let mut chat = chat_after(&[open(Some("c1"))]);
    let mut messages = two_turns();
    let second = loaded("c1", messages.split_off(2));
    let history = History { messages, last_seq: 4 };
    let first = Event::HistoryLoaded { conversation: "c1".into(), history };
    play(
        &mut chat,
        &[(first, "history c1 2"), (second, "")],
        &["shopper m1: one", "aisle m1: answer one", "shopper m2: two", "aisle m2: answer two"],
    );
    assert!(!chat.loading_history);
}

fn question(seq: u32, message_id: &str, text: &str) -> Message {
    Message { message_id: message_id.into(), ..Message::new(seq, Role::Shopper, text, 0) }
}

fn answer(seq: u32, text: &str, status: MessageStatus) -> Message {
    Message { role: Role::Assistant, status, ..question(seq, "", text) }
}

fn two_turns() -> Vec<Message> {
    vec![
        question(1, "m1", "one"),
        answer(2, "answer one", MessageStatus::Complete),
        question(3, "m2", "two"),
        answer(4, "answer two", MessageStatus::Complete),
    ]
}

fn loaded(conversation: &str, messages: Vec<Message>) -> Event {
    let last_seq = messages.len() as u32;
    Event::HistoryLoaded {
        conversation: conversation.into(),
        history: History { messages, last_seq },
    }
}

fn failed(conversation: &str, error: HistoryError) -> Event {
    Event::HistoryFailed { conversation: conversation.into(), error }
}
