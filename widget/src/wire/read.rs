//! Wire types from the plain JavaScript values that the edge worker and the engine send. What a
//! later version adds is passed over; what lacks something that cannot be done without is no value.

use aisle_core::protocol::{
    Action, EngineReply, ErrorCode, ErrorDetail, History, IntentScore, Message, MessageStatus,
    ProductCard, Purchase, Recommendation, RecommendationReason, Requested, Role, SectionAnswer,
    ShopProfile, Source, StreamEvent, Suggestion, Understanding,
};
use wasm_bindgen::JsValue;

use crate::boundary::{flag, list, number, property, text};

/// A frame of a streamed answer; `None` for a kind that this version does not know.
pub(crate) fn stream_event(value: &JsValue) -> Option<StreamEvent> {
    Some(match text(value, "type")?.as_str() {
        "accepted" => StreamEvent::Accepted {
            message_seq: number(value, "message_seq")?,
            answer_seq: number(value, "answer_seq")?,
        },
        "delta" => StreamEvent::Delta { text: text(value, "text")? },
        "sources" => StreamEvent::Sources { sources: many(value, "sources", source) },
        "products" => StreamEvent::Products { products: many(value, "products", product) },
        "requested" => StreamEvent::Requested { requested: many(value, "requested", requested) },
        "done" => StreamEvent::Done { status: status(value)? },
        "failed" => StreamEvent::Failed { error: error_detail(value)? },
        _ => return None,
    })
}

/// A reply of the engine.
pub(crate) fn engine_reply(value: &JsValue) -> Option<EngineReply> {
    Some(match text(value, "kind")?.as_str() {
        "searching" => EngineReply::Searching,
        "ready" => EngineReply::Ready,
        "failed" => {
            EngineReply::Failed { code: text(value, "code")?, message: text(value, "message")? }
        }
        "suggested" => EngineReply::Suggested {
            seq: number(value, "seq")?,
            items: many(value, "items", suggestion),
        },
        "recommended" => EngineReply::Recommended {
            seq: number(value, "seq")?,
            items: many(value, "items", recommendation),
        },
        "understood" => EngineReply::Understood {
            seq: number(value, "seq")?,
            understanding: understanding(&property(value, "understanding")?),
        },
        _ => return None,
    })
}

/// What the edge worker tells of a shop.
pub(crate) fn shop_profile(value: &JsValue) -> Option<ShopProfile> {
    Some(ShopProfile {
        v: u16::try_from(number::<u32>(value, "v")?).ok()?,
        name: text(value, "name")?,
        artifact: text(value, "artifact")?,
        // The engine checks the files against their manifest.
        integrity: vec![],
    })
}

/// The id in a reply that a conversation was created.
pub(crate) fn created_conversation(value: &JsValue) -> Option<String> {
    text(value, "conversation")
}

/// What the shopper bought, from the page's object: an array under `history`.
pub(crate) fn purchases(value: &JsValue) -> Vec<Purchase> {
    many(value, "history", |purchase| {
        Some(Purchase {
            sku: text(purchase, "sku")?,
            at_ms: number(purchase, "at_ms")?,
            quantity: number(purchase, "quantity")?,
        })
    })
}

/// The earlier messages of a conversation.
pub(crate) fn history(value: &JsValue) -> Option<History> {
    Some(History {
        messages: many(value, "messages", message),
        last_seq: number(value, "last_seq")?,
    })
}

/// What is under `error` in a reply or a frame. Codes that the chat does not tell apart count as
/// a fault of the worker.
pub(crate) fn error_detail(value: &JsValue) -> Option<ErrorDetail> {
    let error = property(value, "error")?;
    let code = match text(&error, "code")?.as_str() {
        // The chat goes on in a new one.
        "unknown_conversation" | "conversation_full" => ErrorCode::UnknownConversation,
        "unknown_shop" => ErrorCode::UnknownShop,
        "origin_not_allowed" => ErrorCode::OriginNotAllowed,
        "message_too_long" => ErrorCode::MessageTooLong,
        _ => ErrorCode::Internal,
    };
    let message = text(&error, "message").unwrap_or_default();
    Some(ErrorDetail { code, message, retryable: flag(&error, "retryable") })
}

fn many<T>(value: &JsValue, name: &str, read: fn(&JsValue) -> Option<T>) -> Vec<T> {
    list(value, name).iter().filter_map(read).collect()
}

fn suggestion(value: &JsValue) -> Option<Suggestion> {
    Some(match text(value, "kind")?.as_str() {
        "product" => Suggestion::Product(product(value)?),
        "answer" => Suggestion::Answer(section_answer(value)?),
        "action" => {
            Suggestion::Action(Action { label: text(value, "label")?, url: text(value, "url")? })
        }
        "completion" => Suggestion::Completion { text: text(value, "text")? },
        _ => return None,
    })
}

fn recommendation(value: &JsValue) -> Option<Recommendation> {
    Some(Recommendation {
        product: product(&property(value, "product")?)?,
        reason: match text(value, "reason")?.as_str() {
            "bought_before" => RecommendationReason::BoughtBefore,
            "often_bought_with" => RecommendationReason::OftenBoughtWith,
            "like" => RecommendationReason::Like,
            _ => RecommendationReason::Popular,
        },
        sentence: text(value, "sentence")?,
    })
}

fn understanding(value: &JsValue) -> Understanding {
    Understanding {
        intents: many(value, "intents", |score| {
            Some(IntentScore {
                intent: text(score, "intent")?,
                probability: number(score, "probability")?,
            })
        }),
        vector: many(value, "vector", |part| part.as_f64().map(|part| part as i8)),
        answer: property(value, "answer").and_then(|answer| section_answer(&answer)),
        products: many(value, "products", product),
        confident: flag(value, "confident"),
    }
}

fn message(value: &JsValue) -> Option<Message> {
    Some(Message {
        seq: number(value, "seq")?,
        message_id: text(value, "message_id")?,
        role: match text(value, "role")?.as_str() {
            "shopper" => Role::Shopper,
            _ => Role::Assistant,
        },
        text: text(value, "text")?,
        status: status(value)?,
        epoch: number(value, "epoch").unwrap_or_default(),
        replaces: many(value, "replaces", JsValue::as_string),
        sources: many(value, "sources", source),
        products: many(value, "products", product),
        requested: many(value, "requested", requested),
        at_ms: number(value, "at_ms")?,
        // The worker keeps both for itself.
        intent: None,
        answered: None,
    })
}

/// What is proposed for the cart, which alone has a product. The rest of what is asked for is for
/// the shop's team.
fn requested(value: &JsValue) -> Option<Requested> {
    Some(Requested::CartChange {
        product: product(&property(value, "product")?)?,
        quantity: number(value, "quantity").filter(|quantity| *quantity > 0)?,
    })
}

fn status(value: &JsValue) -> Option<MessageStatus> {
    Some(match text(value, "status")?.as_str() {
        "streaming" => MessageStatus::Streaming,
        "complete" => MessageStatus::Complete,
        "cancelled" => MessageStatus::Cancelled,
        "interrupted" => MessageStatus::Interrupted,
        _ => MessageStatus::Failed,
    })
}

fn section_answer(value: &JsValue) -> Option<SectionAnswer> {
    Some(SectionAnswer { text: text(value, "text")?, source: source(&property(value, "source")?)? })
}

fn source(value: &JsValue) -> Option<Source> {
    Some(Source {
        section: number(value, "section")?,
        title: text(value, "title")?,
        url: text(value, "url")?,
    })
}

fn product(value: &JsValue) -> Option<ProductCard> {
    Some(ProductCard {
        sku: text(value, "sku")?,
        handle: text(value, "handle")?,
        title: text(value, "title")?,
        url: text(value, "url")?,
        image: text(value, "image")?,
        price_minor: number(value, "price_minor")?,
        compare_at_minor: number(value, "compare_at_minor"),
        currency: text(value, "currency")?,
        available: flag(value, "available"),
    })
}
