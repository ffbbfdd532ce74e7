//! The panel, the composer with its suggestions, and the cart.

use super::*;
use crate::protocol::MAX_MESSAGE_CHARS;

#[test]
fn the_panel_opens_and_closes_and_loads_the_engine_once() {
    let chat = check(
        &[
            (open(None), "load engine; composer"),
            (Event::Closed, "launcher"),
            (open(None), "composer"),
            (Event::EngineReady, "recommend 1"),
            (open(None), "recommend 2; composer"),
        ],
        &[],
    );
    assert!(chat.open && chat.engine == EngineState::Ready && !chat.is_answering());
}

#[test]
fn escape_closes_the_suggestions_first_and_the_panel_second() {
    let mut chat = suggesting("mug");
    chat.update(Event::HighlightMoved(1));
    assert_eq!(chat.update(Event::Escaped), []);
    assert!(chat.open && chat.suggestions.is_empty() && chat.highlighted.is_none());
    assert_eq!(chat.update(Event::Escaped), [Effect::FocusLauncher]);
    assert!(!chat.open);
    assert_eq!(chat.draft, "mug", "what was written is still there");
}

#[test]
fn every_change_of_the_draft_asks_and_only_the_latest_reply_counts() {
    let suggested = |seq, items: &[Suggestion]| Event::Suggested { seq, items: items.to_vec() };
    let items = four_kinds();
    let mut chat = chat_after(&[open(None), Event::EngineReady]);
    play(
        &mut chat,
        &[(typed("m"), "suggest 3 m"), (typed("mu"), "suggest 4 mu"), (suggested(3, &items), "")],
        &[],
    );
    assert!(chat.suggestions.is_empty(), "the reply to an older draft");
    play(&mut chat, &[(suggested(4, &items), ""), (typed("mug"), "suggest 5 mug")], &[]);
    assert_eq!(chat.suggestions, items, "the list stands until the next one is there");
    play(&mut chat, &[(typed("  "), ""), (suggested(5, &items), "")], &[]);
    assert!(chat.suggestions.is_empty(), "nothing is suggested for nothing");
}

#[test]
fn what_was_typed_before_the_engine_was_there_is_asked_when_it_is() {
    check(
        &[
            (open(None), "load engine; composer"),
            (typed("mug"), ""),
            (Event::EngineReady, "suggest 2 mug"),
            (Event::Closed, "launcher"),
            (open(None), "suggest 4 mug; composer"),
            (Event::EngineFailed, ""),
            (typed("mugs"), ""),
        ],
        &[],
    );
}

#[test]
fn search_answers_before_the_models_are_there_and_is_asked_again_with_them() {
    let listed = |seq, n: usize| Event::Suggested { seq, items: four_kinds()[..n].to_vec() };
    let mut chat = chat_after(&[open(None), typed("mug")]);
    play(
        &mut chat,
        &[
            (Event::EngineSearching, "suggest 2 mug"),
            (listed(2, 2), ""),
            (Event::EngineReady, "suggest 3 mug"),
        ],
        &[],
    );
    assert_eq!(chat.suggestions.len(), 2, "the list stands until the better one is there");
    play(&mut chat, &[(listed(3, 4), ""), (listed(2, 2), "")], &[]);
    assert_eq!((chat.suggestions.len(), chat.engine), (4, EngineState::Ready));
}

#[test]
fn a_list_that_the_shopper_has_dealt_with_is_not_asked_for_again() {
    let suggested = || Event::Suggested { seq: 2, items: four_kinds() };
    for (dealt_with, effects) in [
        (vec![suggested(), Event::HighlightMoved(1)], ""),
        (vec![suggested(), Event::Escaped], ""),
        (vec![suggested(), Event::Closed], ""),
        (vec![suggested(), typed("")], ""),
        (vec![Event::Suggested { seq: 2, items: vec![] }], "suggest 3 mug"),
        (vec![], "suggest 3 mug"),
    ] {
        let mut chat = chat_after(&[open(None), typed("mug"), Event::EngineSearching]);
        for event in dealt_with {
            chat.update(event);
        }
        let before = (chat.suggestions.clone(), chat.highlighted);
        play(&mut chat, &[(Event::EngineReady, effects)], &[]);
        assert_eq!((chat.suggestions, chat.highlighted), before);
    }
}

#[test]
fn a_message_does_not_wait_for_models_that_are_on_their_way() {
    check(
        &[
            (open(None), "load engine; composer"),
            (Event::EngineSearching, "recommend 1"),
            (typed("returns?"), "suggest 3 returns?"),
            (submit("m1"), "create"),
            (Event::EngineReady, ""),
            (typed("and gifts?"), "suggest 6 and gifts?"),
        ],
        &["shopper m1: returns?", "aisle m1 (waiting): "],
    );
}

#[test]
fn products_are_recommended_while_nothing_is_said() {
    let recommended = |seq, sku: &str| Event::Recommended {
        seq,
        items: vec![Recommendation {
            product: card(sku),
            reason: RecommendationReason::Popular,
            sentence: "Popular now".into(),
        }],
    };
    let skus = |chat: &Chat| -> Vec<String> {
        chat.recommendations.iter().map(|found| found.product.sku.clone()).collect()
    };
    let mut chat = chat_after(&[Event::EngineReady]);
    play(
        &mut chat,
        &[
            (open(None), "recommend 1; composer"),
            (Event::Closed, "launcher"),
            (open(None), "recommend 2; composer"),
            (recommended(2, "new"), ""),
            (recommended(1, "old"), ""),
        ],
        &[],
    );
    assert_eq!(skus(&chat), ["new"], "the reply to an older opening");
    chat.update(typed("a"));
    assert_eq!(skus(&chat), ["new"], "a list on its way outlives what is typed");
    play(&mut chat, &[(Event::Closed, "launcher"), (open(None), "suggest 7 a; composer")], &[]);
    let mut chat = chat_after(&[typed("a"), submit("m1"), Event::EngineReady]);
    let effects = chat.update(open(None));
    assert!(!effects.iter().any(|e| matches!(e, Effect::Recommend { .. })), "{effects:?}");
}

#[test]
fn the_highlight_goes_round_through_the_composer() {
    let mut chat = suggesting("mug");
    let mut walk = |lines: &[i32]| -> Vec<Option<usize>> {
        lines
            .iter()
            .map(|line| {
                chat.update(Event::HighlightMoved(*line));
                chat.highlighted
            })
            .collect()
    };
    assert_eq!(walk(&[1, 1, 1, 1]), [Some(0), Some(1), Some(2), Some(3)]);
    assert_eq!(walk(&[1, -1, -1]), [None, Some(3), Some(2)]);
    assert_eq!(walk(&[0, 5, -7]), [Some(2), Some(2), Some(0)]);
    assert_eq!(walk(&[i32::MIN, i32::MAX]), [Some(2), None]);
    let mut empty = Chat::default();
    empty.update(Event::HighlightMoved(1));
    assert_eq!(empty.highlighted, None);
}

#[test]
fn typing_takes_the_highlight_away() {
    let mut chat = suggesting("mug");
    chat.update(Event::HighlightMoved(2));
    chat.update(typed("mugs"));
    assert_eq!(chat.highlighted, None);
}

#[test]
fn each_kind_of_suggestion_does_its_own_thing() {
    for (index, effects, transcript, draft) in [
        (0, "go /products/22001", &[][..], "mug"),
        (
            1,
            "ended m1; create; composer",
            &["shopper m1: Returns", "aisle m1 (local): Thirty days. [Returns]"][..],
            "",
        ),
        (2, "go /pages/start", &[][..], "mug"),
        (3, "suggest 4 where is my order; composer", &[][..], "where is my order"),
        (4, "", &[][..], "mug"),
        (usize::MAX, "", &[][..], "mug"),
    ] {
        let mut pointed = suggesting("mug");
        play(&mut pointed, &[(pick(index, "m1"), effects)], transcript);
        assert_eq!(pointed.draft, draft);
        if index < 4 {
            let mut keyed = suggesting("mug");
            keyed.update(Event::HighlightMoved(index as i32 + 1));
            play(&mut keyed, &[(submit("m1"), effects)], transcript);
        }
    }
}

#[test]
fn a_completion_that_is_too_long_is_said_to_be() {
    let mut chat = suggesting("mug");
    let text = "x".repeat(MAX_MESSAGE_CHARS + 1);
    chat.update(Event::Suggested { seq: 3, items: vec![Suggestion::Completion { text }] });
    play(&mut chat, &[(pick(0, "m1"), "composer"), (submit("m1"), "")], &[]);
    assert_eq!(chat.notice, Some(Notice::MessageTooLong));
}

#[test]
fn a_message_over_the_limit_is_not_sent_and_not_lost() {
    let limit = "é".repeat(MAX_MESSAGE_CHARS);
    let long = format!("{limit}é");
    let mut chat = chat_after(&[open(None), Event::EngineReady]);
    play(&mut chat, &[(typed(&long), ""), (submit("m1"), "")], &[]);
    assert_eq!((chat.notice, &chat.draft), (Some(Notice::MessageTooLong), &long));
    chat.update(typed(&format!("  {limit}  ")));
    assert_eq!(chat.notice, None, "spaces around do not count");
    chat.update(submit("m1"));
    assert_eq!(chat.entries.len(), 1);
    assert_eq!(chat.entries[0].text, limit);
}

#[test]
fn the_cart_is_asked_once_at_a_time_and_says_what_came_of_it() {
    let add = |place, sku, quantity| {
        Event::AddToCart(CartAddition { place, product: card(sku), quantity })
    };
    let added = |place| Event::CartAdded { place, sku: "1".into() };
    let failed =
        || Event::CartFailed { place: Some(7), sku: "1".into(), reason: "Sold out".into() };
    let mut chat = Chat::default();
    for (event, effects, state) in [
        (add(Some(7), "1", 6), "cart 6 x 1", Some(CartState::Adding)),
        (add(Some(7), "1", 6), "", Some(CartState::Adding)),
        (add(Some(7), "2", 1), "cart 1 x 2", Some(CartState::Adding)),
        (failed(), "", Some(CartState::Failed("Sold out".into()))),
        (add(Some(7), "1", 6), "cart 6 x 1", Some(CartState::Adding)),
        (added(Some(7)), "", Some(CartState::Added)),
        (add(None, "1", 1), "cart 1 x 1", Some(CartState::Added)),
        (add(Some(7), "1", 6), "cart 6 x 1", Some(CartState::Adding)),
    ] {
        play(&mut chat, &[(event, effects)], &[]);
        assert_eq!(chat.cart_state(Some(7), "1"), state.as_ref());
    }
    assert_eq!(chat.cart_state(Some(7), "2"), Some(&CartState::Adding));
    assert_eq!(chat.cart_state(None, "1"), Some(&CartState::Adding), "each card for itself");
    assert_eq!(chat.cart_state(Some(8), "1"), None);
}

#[test]
fn a_proposal_keeps_its_quantity() {
    let mut chat = chat_after(&[open(None), typed("six mugs"), submit("m1"), created("c1")]);
    let proposal = |sku, quantity| Requested::CartChange { product: card(sku), quantity };
    let requested = vec![Requested::HandOver { reason: "x".into() }, proposal("1", 6)];
    chat.update(accepted("m1"));
    chat.update(frame("m1", StreamEvent::Requested { requested }));
    let answer = chat.entries.last().unwrap();
    assert_eq!((answer.proposed("1"), answer.proposed("2")), (Some(6), None));
}

/// An open chat whose engine has suggested [`four_kinds`] for the draft as number 3.
fn suggesting(draft: &str) -> Chat {
    chat_after(&[
        open(None),
        Event::EngineReady,
        typed(draft),
        Event::Suggested { seq: 3, items: four_kinds() },
    ])
}
