//! The question whether the conversation is to be deleted, in the composer's place.

use aisle_core::chat::{Deletion, Event};
use yew::prelude::*;

use super::Scene;
use crate::app::Msg;

/// The question with its two answers.
pub(super) fn question(deletion: Deletion, scene: &Scene, keep: &NodeRef) -> Html {
    let strings = scene.strings;
    let is_running = deletion == Deletion::Running;
    let words = match deletion {
        Deletion::Failed => strings.delete_failed,
        _ => strings.delete_question,
    };
    html! {
        <div class="deletion" role="alertdialog" aria-labelledby="aisle-deletion">
            <p id="aisle-deletion" role="alert">{ words }</p>
            <div class="deletion__answers">
                <button
                    ref={keep.clone()}
                    type="button"
                    class="chip"
                    aria-disabled={is_running.then_some("true")}
                    onclick={scene.send(Msg::Chat(Event::DeletionCancelled))}
                >
                    { strings.keep }
                </button>
                <button
                    type="button"
                    class="chip chip--danger"
                    aria-disabled={is_running.then_some("true")}
                    onclick={scene.send(Msg::Chat(Event::DeletionConfirmed))}
                >
                    { if is_running { strings.deleting } else { strings.delete } }
                </button>
            </div>
        </div>
    }
}
