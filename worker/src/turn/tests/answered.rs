//! What is kept of whether an answer gave what was asked for.

use super::*;
use crate::agent::Beside;

/// What is kept of an answer from these documents, or by a model that says this.
fn kept(grounded: Answer, said: Option<Vec<Result<Item, ModelError>>>) -> Option<bool> {
    let world = World::new();
    let model = said.map(|said| stream::iter(said).boxed_local());
    let (turns, tasks) = (world.turns.clone(), world.tasks.clone());
    world.tasks.spawn(async move {
        let spawn = |task: LocalBoxFuture<'static, ()>| tasks.spawn(task);
        let material = |_: &Begun| Material { grounded, model };
        if let Ok(reader) = turns.begin(&turn("m1"), None, || None, material, &spawn).await {
            reader.into_stream().for_each(|_| async {}).await;
        }
    });
    world.pass(60_000);
    world.kept(2).answered
}

fn nothing() -> Answer {
    Answer { text: "Nothing on that here.".into(), found_nothing: true, ..Answer::default() }
}

#[test]
fn an_answer_that_rests_on_nothing_is_kept_as_none() {
    let text = || Ok(Item::Text("I cannot say.".into()));
    let cut = || Err(ModelError::Network("cut".into()));
    let beside = |sources| Ok(Item::Beside(Beside { sources, ..Beside::default() }));
    let none = Some(false);
    for (grounded, said, expected) in [
        (grounded(), None, None),
        (nothing(), None, none),
        (grounded(), Some(vec![text()]), None),
        (nothing(), Some(vec![text(), beside(vec![])]), none),
        (nothing(), Some(vec![text(), beside(grounded().sources)]), None),
        (nothing(), Some(vec![Ok(Item::Step), text()]), None),
        (grounded(), Some(vec![text(), cut()]), none),
        // The documents answer for a model that says nothing.
        (grounded(), Some(vec![cut()]), None),
        (nothing(), Some(vec![Ok(Item::Step), cut()]), none),
    ] {
        assert_eq!(kept(grounded.clone(), said.clone()), expected, "{grounded:?}, then {said:?}");
    }
}
