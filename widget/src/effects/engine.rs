//! The engine in its Web Worker: started from a same-origin blob, because a script of another
//! origin cannot be a worker's own.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use aisle_core::chat::Event;
use aisle_core::protocol::{EngineReply, EngineRequest};
use gloo::events::EventListener;
use js_sys::{Array, JSON};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, BlobPropertyBag, MessageEvent, Url, Worker, WorkerOptions, WorkerType};
use yew::Callback;

use super::{http, spawn};
use crate::app::Msg;
use crate::boundary::object;
use crate::config::{Config, EngineAssets};
use crate::wire::{engine_reply, engine_request, shop_profile};

/// The engine. Ends the worker when it is dropped.
#[derive(Default)]
pub(super) struct Engine {
    worker: Rc<RefCell<Option<Running>>>,
}

struct Running {
    worker: Worker,
    bootstrap_url: String,
    _listeners: [EventListener; 2],
}

impl Drop for Running {
    fn drop(&mut self) {
        self.worker.terminate();
        // It fails for a URL that is malformed only.
        let _ = Url::revoke_object_url(&self.bootstrap_url);
    }
}

impl Engine {
    /// Finds out where the shop's artifact is, and starts the worker with it.
    pub(super) fn load(&self, config: Rc<Config>, dispatch: Callback<Msg>) {
        let slot = Rc::downgrade(&self.worker);
        spawn(async move {
            if start(&config, &dispatch, &slot).await.is_none() {
                dispatch.emit(Msg::Chat(Event::EngineFailed));
            }
        });
    }

    /// Sends a request, if there is an engine to hear it.
    pub(super) fn ask(&self, request: &EngineRequest) {
        if let (Some(running), Ok(message)) =
            (&*self.worker.borrow(), JSON::parse(&engine_request(request)))
        {
            // It fails for what cannot be cloned only; plain objects can.
            let _ = running.worker.post_message(&message);
        }
    }
}

async fn start(
    config: &Rc<Config>,
    dispatch: &Callback<Msg>,
    slot: &Weak<RefCell<Option<Running>>>,
) -> Option<()> {
    let profile = shop_profile(&http::json(config, "GET", "/config").await.ok()?)?;
    dispatch.emit(Msg::ShopNamed(profile.name));
    let assets = config.engine.as_ref()?;
    let slot = slot.upgrade()?;
    let running = start_worker(assets, dispatch)?;
    let artifact = [&config.origin, profile.artifact.trim_end_matches('/')].concat();
    let open = object(&[
        ("type", JsValue::from_str("open")),
        ("engineUrl", JsValue::from_str(&assets.glue)),
        ("engineWasmUrl", JsValue::from_str(&assets.wasm)),
        ("integrity", JsValue::from_str(&assets.wasm_integrity)),
        ("artifactUrl", JsValue::from_str(&artifact)),
    ]);
    running.worker.post_message(&open).ok()?;
    slot.replace(Some(running));
    Some(())
}

fn start_worker(assets: &EngineAssets, dispatch: &Callback<Msg>) -> Option<Running> {
    let bootstrap_url = bootstrap_url(&assets.worker)?;
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    let worker = Worker::new_with_options(&bootstrap_url, &options).ok()?;
    let on_message = {
        let dispatch = dispatch.clone();
        EventListener::new(&worker, "message", move |event| {
            if let Some(event) = reply(event) {
                dispatch.emit(Msg::Chat(event));
            }
        })
    };
    let on_error = {
        let dispatch = dispatch.clone();
        EventListener::once(&worker, "error", move |_| {
            dispatch.emit(Msg::Chat(Event::EngineFailed));
        })
    };
    Some(Running { worker, bootstrap_url, _listeners: [on_message, on_error] })
}

fn reply(event: &web_sys::Event) -> Option<Event> {
    let data = event.dyn_ref::<MessageEvent>()?.data();
    Some(match engine_reply(&data)? {
        EngineReply::Searching => Event::EngineSearching,
        EngineReply::Ready => Event::EngineReady,
        EngineReply::Failed { code, message } => {
            web_sys::console::warn_3(&"aisle: engine".into(), &code.into(), &message.into());
            Event::EngineFailed
        }
        EngineReply::Suggested { seq, items } => Event::Suggested { seq, items },
        EngineReply::Recommended { seq, items } => Event::Recommended { seq, items },
        EngineReply::Understood { seq, understanding } => Event::Understood { seq, understanding },
    })
}

/// A script of this page's origin that keeps what is said to it until the real one is there. The
/// import is a dynamic one because the policy for it is then `script-src`, not `worker-src`.
fn bootstrap_url(worker: &str) -> Option<String> {
    let quoted = String::from(JSON::stringify(&JsValue::from_str(worker)).ok()?);
    let source = [
        "const early=[];onmessage=e=>early.push(e.data);import(",
        &quoted,
        ").then(m=>m.start(early),e=>postMessage({kind:'failed',code:'worker_unavailable',\
         message:String(e)}))",
    ]
    .concat();
    let kind = BlobPropertyBag::new();
    kind.set_type("text/javascript");
    let parts = Array::of1(&JsValue::from_str(&source));
    let blob = Blob::new_with_str_sequence_and_options(&parts, &kind).ok()?;
    Url::create_object_url_with_blob(&blob).ok()
}
