//! A shop's settings: those of the environment, with what administrators changed. They are read
//! anew every few seconds, and at once in the isolate that changed them.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use aisle_core::protocol::{ErrorCode, ErrorDetail};
use worker::Env;

use super::timing::RuntimeClock;
use super::{desk, misconfigured, report, shops};
use crate::admin::{Answer, Ask, Publication, in_effect};
use crate::ports::Clock;
use crate::shops::Shop;

/// How old what is known may be, in milliseconds.
const RECHECK_MS: u64 = 3_000;

/// What holds for a shop.
#[derive(Clone)]
pub(super) struct Known {
    /// Its settings.
    pub(super) shop: Rc<Shop>,
    /// The artifact in use; none for the one in the worker's folder.
    pub(super) artifact: Option<Rc<Publication>>,
    read_ms: u64,
}

thread_local! {
    static KNOWN: RefCell<HashMap<String, Known>> = RefCell::default();
}

/// The settings of a shop as the environment says them.
pub(super) fn base(env: &Env, shop: &str) -> Result<Shop, ErrorDetail> {
    match shops(env) {
        Ok(all) => all.find(shop).cloned(),
        Err(error) => Err(misconfigured(&error)),
    }
}

/// What holds for a shop now. Where the object of its administration cannot be asked, what was
/// known last; where nothing was, there is no answer: it may have taken an origin off the list.
pub(super) async fn of_shop(env: &Env, shop: &str) -> Result<Known, ErrorDetail> {
    let now_ms = RuntimeClock.now_ms();
    let known = KNOWN.with_borrow(|all| all.get(shop).cloned());
    if let Some(known) = &known
        && now_ms.saturating_sub(known.read_ms) < RECHECK_MS
    {
        return Ok(known.clone());
    }
    let base = base(env, shop)?;
    match read(env, shop, &base, now_ms).await {
        Ok(read) => {
            KNOWN.with_borrow_mut(|all| all.insert(shop.to_owned(), read.clone()));
            Ok(read)
        }
        Err(error) => {
            report(&format!("the settings of {shop} cannot be read: {error}"));
            known.ok_or_else(|| {
                ErrorDetail::new(ErrorCode::Internal, "the shop's settings cannot be read")
            })
        }
    }
}

/// Has the settings of a shop read anew.
pub(super) fn forget(shop: &str) {
    KNOWN.with_borrow_mut(|all| all.remove(shop));
}

async fn read(env: &Env, shop: &str, base: &Shop, now_ms: u64) -> Result<Known, String> {
    let answer = desk::ask(env, shop, &Ask::Read).await.map_err(|error| error.to_string())?;
    let Answer::Holds { settings, current, published, .. } = answer else {
        return Err("it gave another answer".to_owned());
    };
    let effective = in_effect(base, &settings).map_err(|error| error.to_string())?;
    let artifact = current.and_then(|id| published.into_iter().find(|one| one.id == id));
    Ok(Known { shop: Rc::new(effective), artifact: artifact.map(Rc::new), read_ms: now_ms })
}
