//! The wire protocol against committed files: what a client of today sends and what a worker of
//! today answers must be read and written the same by every later version.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::path::PathBuf;

use aisle_core::orders::{OrderKey, describe};
use aisle_core::protocol::{
    Artifacts, ConversationCreated, ConversationUsage, CustomerHistory, EngineReply, EngineRequest,
    ErrorBody, ErrorCode, ErrorDetail, EventId, ExportedConversation, FileStored, History, Order,
    OrderFound, OrderLookup, OrdersLoaded, OwnOrders, PROTOCOL_VERSION, PrivacyReceipt,
    PrivacyRequests, PrivacySubject, ProofOfWork, ProofRequired, PublishArtifact, SelectArtifact,
    SessionGranted, ShopList, ShopProfile, ShopSettings, Spending, StreamEvent, Tickets,
    TurnRequest, TurnStopped, validate_turn,
};
use aisle_core::sse::{Decoder, Frame, HEARTBEAT, encode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

const TURNS: [&str; 4] = ["full", "edited", "local_section", "local_products"];
/// Each with the bytes that its event id counts.
const STREAM_EVENTS: [(&str, u32); 9] = [
    ("accepted", 0),
    ("delta", 53),
    ("sources", 53),
    ("products", 53),
    ("requested", 53),
    ("done", 53),
    ("done_cancelled", 53),
    ("done_interrupted", 53),
    ("failed", 53),
];
const ENGINE_REQUESTS: [&str; 3] = ["suggest", "understand", "recommend"];
const ENGINE_REPLIES: [&str; 7] = [
    "searching",
    "ready",
    "failed",
    "suggested",
    "understood",
    "understood_nothing",
    "recommended",
];
const HISTORIES: [&str; 3] = ["history", "history_edited", "history_empty"];
const ORDERS: [&str; 6] =
    ["order", "order_lookup", "order_found", "orders_loaded", "customer_history", "own_orders"];
const ADMIN: [&str; 9] = [
    "shop_settings",
    "shop_list",
    "publish_artifact",
    "select_artifact",
    "artifacts",
    "file_stored",
    "spending",
    "tickets",
    "conversation_usage",
];
const PRIVACY: [&str; 4] =
    ["privacy_subject", "privacy_receipt", "privacy_requests", "exported_conversation"];
const ERRORS: [ErrorCode; 23] = [
    ErrorCode::MalformedRequest,
    ErrorCode::EmptyMessage,
    ErrorCode::MessageTooLong,
    ErrorCode::UnsupportedVersion,
    ErrorCode::UnknownShop,
    ErrorCode::OriginNotAllowed,
    ErrorCode::UnknownConversation,
    ErrorCode::UnknownOrder,
    ErrorCode::Unauthorized,
    ErrorCode::IdentityRequired,
    ErrorCode::SessionRequired,
    ErrorCode::ProofRequired,
    ErrorCode::ConversationFull,
    ErrorCode::VersionMismatch,
    ErrorCode::VersionRequired,
    ErrorCode::RateLimited,
    ErrorCode::OrdersUnavailable,
    ErrorCode::NotFound,
    ErrorCode::MethodNotAllowed,
    ErrorCode::Busy,
    ErrorCode::ProviderFailed,
    ErrorCode::ArtifactUnavailable,
    ErrorCode::Internal,
];
/// Read and not written like this: it lacks what is optional.
const MINIMAL_TURN: &str = "turn_request_minimal";
/// The stream that holds every event of [`STREAM_EVENTS`].
const STREAM: &str = "answer.sse";

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/protocol")
}

fn read(file: &str) -> String {
    let path = folder().join(file);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn json(name: &str) -> Value {
    serde_json::from_str(&read(&format!("{name}.json"))).unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn parse<T: DeserializeOwned>(name: &str, value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// The file is of the type, is written as it was read, and may hold more than is known.
fn check<T: DeserializeOwned + Serialize + PartialEq + Debug>(name: &str) -> T {
    let read = check_as_it_is(name);
    let mut newer = json(name);
    add_fields(&mut newer);
    assert_eq!(parse::<T>(name, &newer), read, "{name} with fields of a later version");
    read
}

/// The same for a type with names that are data: whatever is added to it is meant.
fn check_as_it_is<T: DeserializeOwned + Serialize>(name: &str) -> T {
    let fixture = json(name);
    let read: T = parse(name, &fixture);
    assert_eq!(serde_json::to_value(&read).unwrap(), fixture, "{name} is written otherwise");
    read
}

/// Adds a field that nobody knows to every object.
fn add_fields(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.values_mut().for_each(add_fields);
            fields.insert("added_later".into(), serde_json::json!({ "type": 1 }));
        }
        Value::Array(items) => items.iter_mut().for_each(add_fields),
        _ => {}
    }
}

fn wire_name(code: ErrorCode) -> String {
    let name = serde_json::to_value(code).unwrap();
    name.as_str().unwrap().to_owned()
}

#[test]
fn turns_are_read_written_and_accepted() {
    for name in TURNS {
        let turn: TurnRequest = check(&format!("turn_request_{name}"));
        assert_eq!(validate_turn(&turn), Ok(()), "{name}");
        assert_eq!(turn.local.is_some(), name.starts_with("local"));
    }
}

#[test]
fn a_turn_without_anything_optional_is_accepted() {
    let turn: TurnRequest = parse(MINIMAL_TURN, &json(MINIMAL_TURN));
    assert_eq!(validate_turn(&turn), Ok(()));
    assert_eq!(
        turn,
        TurnRequest {
            v: PROTOCOL_VERSION,
            message_id: "5f0c1a9e-3b7d-4c52-9d2e-8a64c0f1b7e3".into(),
            text: "where is my order?".into(),
            ..TurnRequest::default()
        }
    );
}

#[test]
fn every_field_that_is_not_optional_is_asked_for() {
    for field in ["v", "message_id", "text"] {
        let mut body = json(MINIMAL_TURN);
        body.as_object_mut().unwrap().remove(field);
        assert!(serde_json::from_value::<TurnRequest>(body).is_err(), "without {field}");
    }
}

#[test]
fn replies_are_read_and_written() {
    check::<ConversationCreated>("conversation_created");
    check::<SessionGranted>("session_granted");
    let asked: ProofRequired = check("proof_required");
    assert_eq!(check::<ProofOfWork>("proof_of_work").challenge, asked.challenge.challenge);
    check::<TurnStopped>("turn_stopped");
    assert_eq!(check::<ShopProfile>("shop_profile").v, PROTOCOL_VERSION);
    for name in HISTORIES {
        let history: History = check(name);
        assert_eq!(history.messages.last().map_or(0, |message| message.seq), history.last_seq);
    }
}

#[test]
fn what_administrators_send_and_are_told_is_read_and_written() {
    // Which settings there are is the worker's to say.
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Settings {
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        origins: Vec<String>,
        persona: String,
    }
    let settings: ShopSettings<Settings> = check("shop_settings");
    assert_eq!(settings.version, 3);
    check::<ShopList>("shop_list");
    let published: PublishArtifact = check_as_it_is("publish_artifact");
    check::<SelectArtifact>("select_artifact");
    let artifacts: Artifacts = check_as_it_is("artifacts");
    assert_eq!(artifacts.published.first().map(|one| &one.files), Some(&published.files));
    check::<FileStored>("file_stored");
    check::<Spending>("spending");
    assert!(check::<Tickets>("tickets").next.is_some());
    check::<ConversationUsage>("conversation_usage");
}

#[test]
fn orders_are_read_and_written() {
    let order: Order = check("order");
    let asked: OrderLookup = check("order_lookup");
    let key = aisle_core::orders::check(&order).unwrap();
    assert_eq!(OrderKey::parse(&asked.number), Some(key));
    let found: OrderFound = check("order_found");
    assert_eq!(found.text, describe(&found.order));
    let loaded: OrdersLoaded = check("orders_loaded");
    assert_eq!(loaded.refused as usize, loaded.reasons.len());
    check::<CustomerHistory>("customer_history");
    check::<OwnOrders>("own_orders");
}

#[test]
fn personal_data_on_request_is_read_and_written() {
    let [subject, receipt, requests, conversation] = PRIVACY;
    // A key that is not understood would leave something undeleted.
    let unknown = serde_json::json!({"email": "ann@shop.example", "phone": "1"});
    assert!(serde_json::from_value::<PrivacySubject>(unknown).is_err());
    let asked: PrivacySubject = parse(subject, &json(subject));
    assert_eq!(serde_json::to_value(&asked).unwrap(), json(subject));
    check::<PrivacyReceipt>(receipt);
    check::<PrivacyRequests>(requests);
    check::<ExportedConversation>(conversation);
}

#[test]
fn what_the_engine_is_asked_and_answers_is_read_and_written() {
    for name in ENGINE_REQUESTS {
        let request: EngineRequest = check(&format!("engine_request_{name}"));
        let kind = match request {
            EngineRequest::Suggest { .. } => "suggest",
            EngineRequest::Understand { .. } => "understand",
            EngineRequest::Recommend { .. } => "recommend",
        };
        assert_eq!(kind, name);
    }
    for name in ENGINE_REPLIES {
        let reply: EngineReply = check(&format!("engine_reply_{name}"));
        let kind = match reply {
            EngineReply::Searching => "searching",
            EngineReply::Ready => "ready",
            EngineReply::Failed { .. } => "failed",
            EngineReply::Suggested { .. } => "suggested",
            EngineReply::Understood { .. } => "understood",
            EngineReply::Recommended { .. } => "recommended",
        };
        assert!(name.starts_with(kind), "{name} is {kind}");
    }
}

#[test]
fn errors_carry_the_advice_of_their_code() {
    for code in ERRORS {
        let ErrorBody { error } = check(&format!("error_{}", wire_name(code)));
        assert_eq!(error, ErrorDetail::new(code, error.message.clone()));
        assert!((400..600).contains(&code.http_status()), "{code:?}");
    }
}

#[test]
fn the_stream_is_written_and_read_as_server_sent_events() {
    let events = STREAM_EVENTS.map(|(name, bytes)| {
        (EventId { epoch: 1, bytes }, check::<StreamEvent>(&format!("stream_event_{name}")))
    });
    let mut stream = HEARTBEAT.to_owned();
    for (id, event) in &events {
        stream += &encode(id, event.name(), &serde_json::to_string(event).unwrap());
    }
    assert_eq!(stream, read(STREAM));

    // A byte at a time, as the worst of proxies would pass it on.
    let mut decoder = Decoder::new();
    let frames: Vec<Frame> =
        stream.as_bytes().chunks(1).flat_map(|byte| decoder.push(byte).unwrap()).collect();
    assert_eq!(frames.len(), events.len());
    for (frame, (id, event)) in frames.iter().zip(&events) {
        assert_eq!((frame.id.parse(), frame.event.as_str()), (Ok(*id), event.name()));
        assert_eq!(&serde_json::from_str::<StreamEvent>(&frame.data).unwrap(), event);
    }
}

#[test]
fn what_is_not_of_the_protocol_is_refused() {
    for (what, refused) in [
        ("event", serde_json::from_str::<StreamEvent>(r#"{"type":"typing"}"#).is_err()),
        ("event without tag", serde_json::from_str::<StreamEvent>(r#"{"text":"a"}"#).is_err()),
        ("reply", serde_json::from_str::<EngineReply>(r#"{"kind":"gone"}"#).is_err()),
        ("code", serde_json::from_str::<ErrorCode>(r#""teapot""#).is_err()),
        (
            "negative number",
            serde_json::from_str::<History>(r#"{"messages":[],"last_seq":-1}"#).is_err(),
        ),
        ("vector", {
            let mut body = json(MINIMAL_TURN);
            body["vector"] = serde_json::json!([128]);
            serde_json::from_value::<TurnRequest>(body).is_err()
        }),
    ] {
        assert!(refused, "an unknown {what} was read");
    }
}

#[test]
fn every_file_is_tested() {
    let with = |prefix: &str, names: &[&str]| -> Vec<String> {
        names.iter().map(|name| format!("{prefix}{name}.json")).collect()
    };
    let tested: BTreeSet<String> = [
        with("turn_request_", &TURNS),
        with("stream_event_", &STREAM_EVENTS.map(|(name, _)| name)),
        with("engine_request_", &ENGINE_REQUESTS),
        with("engine_reply_", &ENGINE_REPLIES),
        with("", &HISTORIES),
        with("", &ORDERS),
        with("", &ADMIN),
        with("", &PRIVACY),
        with(
            "",
            &[
                MINIMAL_TURN,
                "conversation_created",
                "session_granted",
                "proof_required",
                "proof_of_work",
                "shop_profile",
                "turn_stopped",
            ],
        ),
        ERRORS.iter().map(|code| format!("error_{}.json", wire_name(*code))).collect(),
        vec![STREAM.to_owned()],
    ]
    .concat()
    .into_iter()
    .collect();
    let found: BTreeSet<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(found, tested);
}
