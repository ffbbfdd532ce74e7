//! A turn on its way: streamed, cut, refused, stopped, sent again.

use super::*;
use crate::protocol::EventId;

#[test]
fn an_answer_is_written_piece_by_piece() {
    let mut chat = asked();
    let sources = vec![returns().source];
    let products = vec![card("1")];
    play(&mut chat, &[(accepted("m1"), "")], &["shopper m1: a", "aisle m1 (streaming): "]);
    assert!(chat.is_answering());
    play(
        &mut chat,
        &[
            (delta("m1", "Thirty "), ""),
            (delta("m1", "days."), ""),
            (frame("m1", StreamEvent::Sources { sources }), ""),
            (frame("m1", StreamEvent::Products { products }), ""),
        ],
        &["shopper m1: a", "aisle m1 (streaming): Thirty days. [Returns] <1>"],
    );
    play(
        &mut chat,
        &[(done("m1", MessageStatus::Complete), "ended m1"), (ended("m1"), "")],
        &["shopper m1: a", "aisle m1: Thirty days. [Returns] <1>"],
    );
    assert!(!chat.is_answering());
    assert_eq!(chat.update(retry("m1")), [], "there is nothing to be sent again");
}

#[test]
fn frames_of_another_turn_or_after_the_last_one_are_dropped() {
    let mut chat = asked();
    play(
        &mut chat,
        &[
            (accepted("m0"), ""),
            (delta("m0", "not this"), ""),
            (done("m0", MessageStatus::Complete), ""),
            (cut("m0"), ""),
            (accepted("m1"), ""),
            (delta("m1", "this"), ""),
            (done("m1", MessageStatus::Complete), "ended m1"),
            (delta("m1", " and more"), ""),
            (cut("m1"), ""),
        ],
        &["shopper m1: a", "aisle m1: this"],
    );
}

#[test]
fn a_cut_or_refused_answer_is_sent_again_under_its_id() {
    let failed = |code| {
        frame("m1", StreamEvent::Failed { error: ErrorDetail::new(code, "said by the test") })
    };
    for (end, effects, answer) in [
        (cut("m1"), "ended m1", "aisle m1 (failed): half"),
        (ended("m1"), "ended m1", "aisle m1 (failed): half"),
        (refused("m1", ErrorCode::Busy), "ended m1", "aisle m1 (failed): half"),
        (failed(ErrorCode::ProviderFailed), "abort m1; ended m1", "aisle m1 (failed): half"),
        (done("m1", MessageStatus::Failed), "abort m1; ended m1", "aisle m1 (failed): half"),
        (done("m1", MessageStatus::Cancelled), "abort m1; ended m1", "aisle m1 (cancelled): half"),
        (done("m1", MessageStatus::Streaming), "abort m1; ended m1", "aisle m1 (cancelled): half"),
    ] {
        let mut chat = asked();
        let sources = vec![returns().source];
        chat.update(accepted("m1"));
        chat.update(frame("m1", StreamEvent::Sources { sources }));
        chat.update(delta("m1", "half"));
        let shown = format!("{answer} [Returns]");
        play(&mut chat, &[(end, effects)], &["shopper m1: a", &shown]);
        assert!(chat.can_retry(&chat.entries[1]) && !chat.is_answering());
        play(
            &mut chat,
            &[(retry("m1"), "post c1 m1 a"), (retry("m1"), "")],
            &["shopper m1: a", "aisle m1 (waiting): "],
        );
        play(
            &mut chat,
            &[
                (accepted("m1"), ""),
                (delta("m1", "whole"), ""),
                (done("m1", MessageStatus::Complete), "ended m1"),
            ],
            &["shopper m1: a", "aisle m1: whole"],
        );
    }
}

#[test]
fn one_turn_at_a_time_and_the_next_one_whatever_came_of_it() {
    for (end, first) in [
        (done("m1", MessageStatus::Complete), "aisle m1: "),
        (cut("m1"), "aisle m1 (failed): "),
        (refused("m1", ErrorCode::Internal), "aisle m1 (failed): "),
    ] {
        let mut chat = asked();
        play(
            &mut chat,
            &[(typed("b"), ""), (submit("m2"), ""), (end, "ended m1; post c1 m2 b")],
            &["shopper m1: a", first, "shopper m2: b", "aisle m2 (waiting): "],
        );
    }
}

#[test]
fn a_running_turn_is_stopped_with_what_waits_behind_it() {
    let mut chat = asked();
    play(
        &mut chat,
        &[
            (accepted("m1"), ""),
            (delta("m1", "half"), ""),
            (typed("b"), ""),
            (submit("m2"), ""),
            (Event::Stopped, "abort m1; stop c1 m1"),
            (delta("m1", " more"), ""),
            (Event::Stopped, ""),
        ],
        &["shopper m1: a", "aisle m1 (cancelled): half", "shopper m2: b", "aisle m2 (cancelled): "],
    );
    assert!(!chat.is_answering());
    play(
        &mut chat,
        &[(retry("m2"), "post c1 m2 b"), (done("m2", MessageStatus::Complete), "ended m2")],
        &["shopper m1: a", "aisle m1 (cancelled): half", "shopper m2: b", "aisle m2: "],
    );
}

#[test]
fn a_message_that_the_engine_looks_at_is_stopped() {
    let mut chat = chat_after(&[Event::EngineReady, typed("a"), submit("m1")]);
    play(
        &mut chat,
        &[
            (Event::Stopped, ""),
            (Event::DeadlinePassed { seq: 4 }, ""),
            (understood(4, sure_of("greeting")), ""),
            (retry("m1"), "create"),
        ],
        &["shopper m1: a", "aisle m1 (waiting): "],
    );
}

#[test]
fn a_turn_that_waits_for_its_conversation_is_stopped() {
    check(
        &[
            (typed("a"), ""),
            (submit("m1"), "create"),
            (Event::Stopped, ""),
            (created("c1"), "remember c1"),
            (retry("m1"), "post c1 m1 a"),
        ],
        &["shopper m1: a", "aisle m1 (waiting): "],
    );
}

#[test]
fn stopping_does_not_drop_what_was_answered_on_the_device() {
    let mut chat = answered_on_the_device();
    play(
        &mut chat,
        &[
            (typed("b"), ""),
            (submit("m2"), ""),
            (Event::Stopped, ""),
            (cut("m1"), ""),
            (Event::Reconnected, "post c1 m1 Returns section=3"),
        ],
        &[
            "shopper m1: Returns",
            "aisle m1 (local): Thirty days. [Returns]",
            "shopper m2: b",
            "aisle m2 (cancelled): ",
        ],
    );
}

#[test]
fn an_unknown_conversation_is_opened_anew_once_and_not_for_ever() {
    let unknown = || refused("m1", ErrorCode::UnknownConversation);
    let mut chat = asked();
    play(
        &mut chat,
        &[
            (unknown(), "forget; create"),
            (created("c2"), "remember c2; post c2 m1 a"),
            (unknown(), "forget; ended m1"),
        ],
        &["shopper m1: a", "aisle m1 (failed): "],
    );
    assert_eq!(chat.conversation(), None);
    play(
        &mut chat,
        &[
            (retry("m1"), "create"),
            (created("c3"), "remember c3; post c3 m1 a"),
            (accepted("m1"), ""),
            (done("m1", MessageStatus::Complete), "ended m1"),
            (typed("b"), ""),
            (submit("m2"), "post c3 m2 b"),
            (refused("m2", ErrorCode::UnknownConversation), "forget; create"),
        ],
        &["shopper m1: a", "aisle m1: ", "shopper m2: b", "aisle m2 (waiting): "],
    );
}

#[test]
fn what_was_answered_on_the_device_outlives_two_unknown_conversations() {
    let mut chat = answered_on_the_device();
    play(
        &mut chat,
        &[
            (refused("m1", ErrorCode::UnknownConversation), "forget; create"),
            (created("c2"), "remember c2; post c2 m1 Returns section=3"),
            (refused("m1", ErrorCode::UnknownConversation), "forget"),
            (open(None), "load engine; composer; create"),
        ],
        &["shopper m1: Returns", "aisle m1 (local): Thirty days. [Returns]"],
    );
}

#[test]
fn what_was_answered_on_the_device_is_kept_for_a_better_time() {
    let transcript = ["shopper m1: Returns", "aisle m1 (local): Thirty days. [Returns]"];
    let post = "post c1 m1 Returns section=3";
    for end in [cut("m1"), ended("m1"), refused("m1", ErrorCode::Busy)] {
        let mut chat = answered_on_the_device();
        assert!(!chat.is_answering());
        play(
            &mut chat,
            &[
                (end.clone(), ""),
                (Event::Reconnected, post),
                (end.clone(), ""),
                (open(None), &format!("load engine; composer; {post}")),
                (accepted("m1"), ""),
                (delta("m1", "what the worker says"), ""),
                (end, ""),
                (Event::Reconnected, post),
                (done("m1", MessageStatus::Complete), ""),
                (Event::Reconnected, ""),
            ],
            &transcript,
        );
    }
    let mut chat = answered_on_the_device();
    play(
        &mut chat,
        &[(refused("m1", ErrorCode::MalformedRequest), ""), (Event::Reconnected, "")],
        &transcript,
    );
}

#[test]
fn what_is_only_to_be_kept_does_not_block_a_question() {
    let mut chat = answered_on_the_device();
    play(
        &mut chat,
        &[
            (typed("b"), ""),
            (submit("m2"), ""),
            (cut("m1"), "post c1 m2 b"),
            (accepted("m2"), ""),
            (done("m2", MessageStatus::Complete), "ended m2; post c1 m1 Returns section=3"),
            (cut("m1"), ""),
            (typed("c"), ""),
            (submit("m3"), "post c1 m1 Returns section=3"),
            (done("m1", MessageStatus::Complete), "post c1 m3 c"),
        ],
        &[
            "shopper m1: Returns",
            "aisle m1 (local): Thirty days. [Returns]",
            "shopper m2: b",
            "aisle m2: ",
            "shopper m3: c",
            "aisle m3 (waiting): ",
        ],
    );
}

#[test]
fn without_a_conversation_what_was_answered_on_the_device_waits() {
    check(
        &[
            (Event::EngineReady, ""),
            (typed("ret"), "suggest 2 ret"),
            (Event::Suggested { seq: 2, items: four_kinds() }, ""),
            (pick(1, "m1"), "ended m1; create; composer"),
            (Event::ConversationFailed(TurnError::Network), ""),
            (Event::Reconnected, "create"),
            (created("c1"), "remember c1; post c1 m1 Returns section=3"),
        ],
        &["shopper m1: Returns", "aisle m1 (local): Thirty days. [Returns]"],
    );
}

fn begun() -> Chat {
    let mut chat = asked();
    chat.update(numbered("1-0", accepted("m1")));
    chat.update(numbered("1-5", delta("m1", "half ")));
    chat
}

#[test]
fn a_broken_answer_is_read_on_from_where_it_was() {
    let mut chat = begun();
    play(
        &mut chat,
        &[
            (cut("m1"), "resume c1 m1 1-5 0"),
            (refused("m1", ErrorCode::Internal), "resume c1 m1 1-5 500"),
            (numbered("1-5", accepted("m1")), ""),
            (ended("m1"), "resume c1 m1 1-5 2000"),
            (numbered("1-5", accepted("m1")), ""),
            // What is said twice is read once.
            (numbered("1-5", delta("m1", "lf ")), ""),
            (numbered("1-8", delta("m1", "lf and")), ""),
            (cut("m1"), "resume c1 m1 1-8 0"),
            (numbered("1-8", accepted("m1")), ""),
            (numbered("1-13", delta("m1", " half")), ""),
            (numbered("1-13", done("m1", MessageStatus::Complete)), "ended m1"),
            (cut("m1"), ""),
        ],
        &["shopper m1: a", "aisle m1: half and half"],
    );
}

#[test]
fn what_is_missing_in_a_stream_is_asked_for() {
    let mut chat = begun();
    play(
        &mut chat,
        &[
            (numbered("1-12", delta("m1", "gap")), "abort m1; resume c1 m1 1-5 0"),
            (numbered("2-0", accepted("m1")), ""),
            (numbered("2-3", delta("m1", "new")), ""),
            (numbered("3-6", delta("m1", "gap")), "abort m1; resume c1 m1 2-3 0"),
        ],
        &["shopper m1: a", "aisle m1 (streaming): new"],
    );
}

#[test]
fn after_some_tries_a_broken_answer_has_failed() {
    let mut chat = begun();
    for delay_ms in [0, 500, 2_000, 5_000] {
        let after = EventId { epoch: 1, bytes: 5 };
        let (conversation, message_id) = ("c1".into(), "m1".into());
        let resume = Effect::ResumeTurn { conversation, message_id, after, delay_ms };
        assert_eq!(chat.update(cut("m1")), [resume]);
    }
    play(
        &mut chat,
        &[(cut("m1"), "ended m1"), (retry("m1"), "post c1 m1 a")],
        &["shopper m1: a", "aisle m1 (waiting): "],
    );
    let mut chat = begun();
    play(
        &mut chat,
        &[(refused("m1", ErrorCode::NotFound), "ended m1")],
        &["shopper m1: a", "aisle m1 (failed): half "],
    );
}

#[test]
fn an_answer_that_was_interrupted_is_asked_for_again_once() {
    let mut chat = begun();
    let interrupted = || numbered("1-5", done("m1", MessageStatus::Interrupted));
    play(
        &mut chat,
        &[
            (cut("m1"), "resume c1 m1 1-5 0"),
            (interrupted(), "abort m1; post c1 m1 a"),
            (numbered("2-0", accepted("m1")), ""),
            (interrupted(), "abort m1; ended m1"),
        ],
        &["shopper m1: a", "aisle m1 (cancelled): "],
    );
    assert!(chat.can_retry(&chat.entries[1]));
}

#[test]
fn the_last_message_is_edited() {
    let mut chat = begun();
    assert!(chat.can_edit(&chat.entries[0]) && !chat.can_edit(&chat.entries[1]));
    play(
        &mut chat,
        &[(Event::Edited, "composer")],
        &["shopper m1: a", "aisle m1 (streaming): half "],
    );
    assert_eq!(chat.draft, "a");
    play(
        &mut chat,
        &[(typed("b"), ""), (submit("m2"), "abort m1; post c1 m2 b replaces=m1")],
        &["shopper m2: b", "aisle m2 (waiting): "],
    );
    // As long as nobody knows whether it arrived, an edit of the edit replaces both.
    play(
        &mut chat,
        &[
            (cut("m2"), "ended m2"),
            (Event::Edited, "composer"),
            (typed("c"), ""),
            (submit("m3"), "post c1 m3 c replaces=m1,m2"),
            (numbered("1-0", accepted("m3")), ""),
            (Event::Edited, "composer"),
            (submit("m4"), "abort m3; post c1 m4 c replaces=m3"),
        ],
        &["shopper m4: c", "aisle m4 (waiting): "],
    );
}

#[test]
fn an_edit_that_is_given_up_edits_nothing() {
    let mut chat = begun();
    let whole = numbered("1-5", done("m1", MessageStatus::Complete));
    play(
        &mut chat,
        &[
            (whole, "ended m1"),
            (Event::Edited, "composer"),
            (typed(""), ""),
            (typed("b"), ""),
            (submit("m2"), "post c1 m2 b"),
        ],
        &["shopper m1: a", "aisle m1: half ", "shopper m2: b", "aisle m2 (waiting): "],
    );
    let mut chat = Chat::default();
    play(&mut chat, &[(Event::Edited, "")], &[]);
}

/// A chat whose question `m1` is on its way in the conversation `c1`.
fn asked() -> Chat {
    chat_after(&[typed("a"), submit("m1"), created("c1")])
}

/// A chat that answered `m1` on the device and leaves it with the worker, in the conversation `c1`.
fn answered_on_the_device() -> Chat {
    let mut chat = chat_after(&[
        Event::EngineReady,
        typed("ret"),
        Event::Suggested { seq: 2, items: four_kinds() },
        pick(1, "m1"),
        created("c1"),
    ]);
    // The rest of a flow sends to the worker without asking the engine.
    chat.engine = EngineState::Idle;
    chat
}
