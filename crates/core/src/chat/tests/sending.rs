//! From the send button to the worker: with and without the engine, on the device, and the one
//! conversation that all of it goes to.

use super::*;

#[test]
fn without_an_engine_a_message_goes_to_the_worker_at_once() {
    for engine in [None, Some(Event::EngineFailed)] {
        let mut chat = chat_after(&[open(None)]);
        if let Some(event) = engine {
            chat.update(event);
        }
        play(
            &mut chat,
            &[
                (submit("m0"), ""),
                (typed("  where is it \n"), ""),
                (submit("m1"), "create"),
                (created("c1"), "remember c1; post c1 m1 where is it"),
            ],
            &["shopper m1: where is it", "aisle m1 (waiting): "],
        );
        assert!(chat.is_answering() && chat.draft.is_empty());
        assert_eq!(chat.conversation(), Some("c1"));
    }
}

#[test]
fn whoever_proves_an_order_is_answered_by_the_worker() {
    let mut chat = chat_after(&[open(None), Event::EngineReady, typed("#7, ann@shop.example")]);
    chat.update(submit("m1"));
    let section = Understanding { answer: Some(returns()), ..sure_of("return_policy") };
    chat.update(understood(chat.pending.as_ref().unwrap().seq, section));
    assert!(chat.is_answering(), "the device says nothing: {:?}", chat.entries);
}

#[test]
fn the_engine_decides_where_a_message_is_answered() {
    let section = Understanding { answer: Some(returns()), ..sure_of("return_policy") };
    let products =
        Understanding { products: vec![card("1"), card("2")], ..sure_of("availability") };
    let unsure = Understanding { confident: false, ..section.clone() };
    let mut guess = unsure.clone();
    guess.intents[0].probability = 0.4;
    for (understanding, effects, answer) in [
        (
            section.clone(),
            "ended m1; post c1 m1 mug intent=return_policy vector=[1, -2] section=3",
            "aisle m1 (local): Thirty days. [Returns]",
        ),
        (
            products,
            "ended m1; post c1 m1 mug intent=availability vector=[1, -2] skus=1,2",
            "aisle m1 (local): Here is what I found: <1> <2>",
        ),
        (unsure, "post c1 m1 mug intent=return_policy vector=[1, -2]", "aisle m1 (waiting): "),
        (
            sure_of("return_policy"),
            "post c1 m1 mug intent=return_policy vector=[1, -2]",
            "aisle m1 (waiting): ",
        ),
        (guess, "post c1 m1 mug vector=[1, -2]", "aisle m1 (waiting): "),
        (Understanding::default(), "post c1 m1 mug", "aisle m1 (waiting): "),
    ] {
        let mut chat = with_engine();
        assert!(chat.is_understanding() && chat.is_answering());
        play(&mut chat, &[(understood(4, understanding), effects)], &["shopper m1: mug", answer]);
        assert!(!chat.is_understanding());
        assert_eq!(chat.is_answering(), answer.contains("waiting"), "{answer}");
    }
}

#[test]
fn a_reply_of_the_engine_to_something_else_is_dropped() {
    let section = || Understanding { answer: Some(returns()), ..sure_of("return_policy") };
    let mut chat = with_engine();
    play(
        &mut chat,
        &[
            (understood(3, section()), ""),
            (Event::DeadlinePassed { seq: 3 }, ""),
            (Event::DeadlinePassed { seq: 4 }, "post c1 m1 mug"),
            (Event::DeadlinePassed { seq: 4 }, ""),
            (understood(4, section()), ""),
        ],
        &["shopper m1: mug", "aisle m1 (waiting): "],
    );
}

#[test]
fn the_deadline_passes_without_harm_after_the_reply() {
    let mut chat = with_engine();
    let section = Understanding { answer: Some(returns()), ..sure_of("return_policy") };
    chat.update(understood(4, section));
    assert_eq!(chat.update(Event::DeadlinePassed { seq: 4 }), []);
}

#[test]
fn an_engine_that_fails_gives_its_message_to_the_worker() {
    let mut chat = with_engine();
    play(
        &mut chat,
        &[(Event::EngineFailed, "post c1 m1 mug")],
        &["shopper m1: mug", "aisle m1 (waiting): "],
    );
}

#[test]
fn a_second_message_sends_the_first_on_its_way() {
    let mut chat = with_engine();
    play(
        &mut chat,
        &[
            (typed("lamp"), "suggest 5 lamp"),
            (submit("m2"), "post c1 m1 mug; understand 7 lamp; deadline 7 400"),
            (Event::DeadlinePassed { seq: 7 }, ""),
            (accepted("m1"), ""),
            (done("m1", MessageStatus::Complete), "ended m1; post c1 m2 lamp"),
        ],
        &["shopper m1: mug", "aisle m1: ", "shopper m2: lamp", "aisle m2 (waiting): "],
    );
}

#[test]
fn a_picked_answer_waits_for_the_message_before_it() {
    let mut chat = with_engine();
    chat.update(typed("ret"));
    chat.update(Event::Suggested { seq: 5, items: four_kinds() });
    play(
        &mut chat,
        &[
            (pick(1, "m2"), "post c1 m1 mug; ended m2; composer"),
            (done("m1", MessageStatus::Complete), "ended m1; post c1 m2 Returns section=3"),
        ],
        &[
            "shopper m1: mug",
            "aisle m1: ",
            "shopper m2: Returns",
            "aisle m2 (local): Thirty days. [Returns]",
        ],
    );
}

#[test]
fn one_conversation_is_made_however_many_wait_for_it() {
    check(
        &[
            (typed("a"), ""),
            (submit("m1"), "create"),
            (typed("b"), ""),
            (submit("m2"), ""),
            (Event::Reconnected, ""),
            (open(Some("old")), "load engine; composer"),
            (created("c1"), "remember c1; post c1 m1 a"),
            (created("c2"), ""),
            (Event::ConversationFailed(TurnError::Network), ""),
            (done("m1", MessageStatus::Complete), "ended m1; post c1 m2 b"),
        ],
        &["shopper m1: a", "aisle m1: ", "shopper m2: b", "aisle m2 (waiting): "],
    );
}

#[test]
fn without_a_conversation_questions_fail_and_can_be_sent_again() {
    let chat = check(
        &[
            (typed("a"), ""),
            (submit("m1"), "create"),
            (typed("b"), ""),
            (submit("m2"), ""),
            (Event::ConversationFailed(TurnError::Network), "ended m1; ended m2"),
            (retry("m2"), "create"),
            (retry("m2"), ""),
            (retry("m1"), ""),
            (created("c1"), "remember c1; post c1 m2 b"),
            (done("m2", MessageStatus::Complete), "ended m2; post c1 m1 a"),
        ],
        &["shopper m1: a", "aisle m1 (waiting): ", "shopper m2: b", "aisle m2: "],
    );
    assert_eq!(chat.notice, None);
}

#[test]
fn a_page_that_is_not_served_is_told_so_until_it_is() {
    for code in [ErrorCode::UnknownShop, ErrorCode::OriginNotAllowed] {
        let mut chat = chat_after(&[typed("a"), submit("m1")]);
        chat.update(Event::ConversationFailed(refusal(code)));
        assert_eq!(chat.notice, Some(Notice::NotServed));
        chat.update(retry("m1"));
        assert_eq!(chat.notice, None);
        chat.update(created("c1"));
        chat.update(refused("m1", code));
        assert_eq!(chat.notice, Some(Notice::NotServed));
        chat.update(typed("b"));
        chat.update(submit("m2"));
        chat.update(accepted("m2"));
        assert_eq!(chat.notice, None);
    }
}

#[test]
fn a_message_that_the_worker_finds_too_long_is_said_to_be() {
    let mut chat = with_engine();
    chat.update(Event::DeadlinePassed { seq: 4 });
    chat.update(refused("m1", ErrorCode::MessageTooLong));
    assert_eq!(chat.notice, Some(Notice::MessageTooLong));
    chat.update(typed("short"));
    assert_eq!(chat.notice, None);
}

/// A chat with the conversation `c1` whose engine looks at the message `m1` as number 4.
fn with_engine() -> Chat {
    let mut chat = chat_after(&[open(Some("c1")), Event::EngineReady]);
    chat.update(Event::HistoryLoaded {
        conversation: "c1".into(),
        history: crate::protocol::History { messages: vec![], last_seq: 0 },
    });
    chat.draft = "mug".into();
    assert_eq!(
        chat.update(submit("m1")).iter().map(say).collect::<Vec<_>>(),
        ["understand 4 mug", "deadline 4 400"]
    );
    chat
}

#[test]
fn personal_data_is_removed_before_a_message_leaves() {
    let mut chat = chat_after(&[open(None), Event::EngineReady]);
    chat.update(typed("charged twice on 4111 1111 1111 1111, order 536365"));
    let effects = chat.update(submit("m1"));
    assert_eq!(chat.entries[0].text, "charged twice on [card number], order 536365");
    assert_eq!(chat.notice, Some(Notice::PersonalDataRemoved));
    assert!(!format!("{effects:?}{chat:?}").contains("4111"));
    chat.update(typed("thanks"));
    chat.update(submit("m2"));
    assert_eq!(chat.notice, None);
}
