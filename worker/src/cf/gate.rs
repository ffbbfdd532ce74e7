//! Sessions at the door: who comes, and whether they may come again so soon.

use aisle_core::protocol::{ErrorCode, ErrorDetail, ProofOfWork, ProofRequired, SessionGranted};
use worker::{Env, Request, Response, Result};

use super::entry::random_uuid;
use super::timing::RuntimeClock;
use super::{Handled, address, body, misconfigured, reply, text_binding, visitors};
use crate::limits::{Action, Limits, draws};
use crate::ports::Clock;
use crate::secrets::SecretError;
use crate::session::{
    self, Answer, Ask, Gate, MAX_PROOF_BYTES, ProofKey, SessionKey, VALID_S, Work,
};

/// The key of the tokens.
pub(super) const SECRET: &str = "AISLE_SESSION_SECRET";
/// A token is renewed this long before it ends, in seconds, so that none ends on its way.
const RENEW_BEFORE_S: u64 = 300;

/// The key of the sessions; nothing where the worker makes none. With a secret that cannot be one
/// nobody is let by.
fn key(env: &Env) -> std::result::Result<Option<SessionKey>, ErrorDetail> {
    let Some(secret) = text_binding(env, SECRET) else { return Ok(None) };
    let unusable = || misconfigured(&SecretError::Short { name: SECRET });
    SessionKey::new(&secret).map(Some).ok_or_else(unusable)
}

/// What is not protected by this environment, by name.
pub(super) fn unprotected(env: &Env) -> Vec<&'static str> {
    let mut found = Vec::new();
    if text_binding(env, SECRET).is_none() {
        found.push("sessions");
    }
    if !address::is_told(env) {
        found.push("addresses");
    }
    found
}

/// Where a request comes from.
pub(super) struct Comer<'a> {
    pub(super) shop: &'a str,
    pub(super) limits: &'a Limits,
    pub(super) origin: Option<&'a str>,
    /// Bits of work that a new visitor has to do; 0 for none.
    pub(super) work_bits: u8,
}

impl<'a> Comer<'a> {
    /// Where a challenge is good. The route demands an origin.
    fn gate(&self) -> Gate<'a> {
        Gate { shop: self.shop, origin: self.origin.unwrap_or_default(), bits: self.work_bits }
    }
}

/// A token for whoever asks: the next one of a visitor who has one, or one of a new visitor.
pub(super) async fn grant(request: Request, env: &Env, comer: &Comer<'_>) -> Result<Handled> {
    let key = match key(env) {
        Ok(Some(key)) => key,
        Ok(None) => {
            let renew_after_s = u32::try_from(VALID_S).unwrap_or(u32::MAX);
            return granted(String::new(), renew_after_s);
        }
        Err(detail) => return Ok(Err(detail)),
    };
    let now_ms = RuntimeClock.now_ms();
    let former = request
        .headers()
        .get(session::HEADER)?
        .and_then(|token| key.verify_former(&token, comer.shop, comer.origin, now_ms).ok());
    let address = address_name(env, &request, &key, comer.shop);
    let work = work(request, env, comer, now_ms).await?;
    if former.is_none() && work == Work::Missing {
        return challenge(env, comer, now_ms);
    }
    let visitor = former.as_ref().map(|former| former.visitor.as_str());
    let draws = draws(Action::Session, comer.limits, visitor, address.as_deref());
    let ask = Ask::Issue { former, fresh: random_uuid(), work, draws };
    let session = match visitors::ask(env, comer.shop, &ask).await? {
        Answer::Issued { session } => session,
        Answer::Limited { wait_ms } => return reply::limited(wait_ms).map(Ok),
        Answer::WorkNeeded => return challenge(env, comer, now_ms),
        Answer::Admitted | Answer::Superseded | Answer::Forgotten => return Ok(Err(fault())),
    };
    match key.issue(comer.shop, comer.gate().origin, &session, now_ms) {
        Some(token) => granted(token, u32::try_from(VALID_S - RENEW_BEFORE_S).unwrap_or(u32::MAX)),
        None => Ok(Err(fault())),
    }
}

/// The work that came with a request for a token. The body is only looked at where the shop asks for
/// any.
async fn work(request: Request, env: &Env, comer: &Comer<'_>, now_ms: u64) -> Result<Work> {
    if comer.work_bits == 0 {
        return Ok(Work::NotAsked);
    }
    let body = body::read(request, MAX_PROOF_BYTES).await?.unwrap_or_default();
    let proof = serde_json::from_slice::<ProofOfWork>(&body).ok();
    let draw = proof
        .zip(proof_key(env))
        .and_then(|(proof, key)| key.verify(&proof, comer.gate(), now_ms).ok());
    Ok(draw.map_or(Work::Missing, Work::Done))
}

/// The refusal of a new visitor without work, with the work that is to be done.
fn challenge(env: &Env, comer: &Comer<'_>, now_ms: u64) -> Result<Handled> {
    let made = proof_key(env).and_then(|key| key.challenge(comer.gate(), random_uuid(), now_ms));
    let Some(challenge) = made else { return Ok(Err(fault())) };
    let message = "a new visitor has to do the work of the challenge first";
    let error = ErrorDetail::new(ErrorCode::ProofRequired, message);
    let status = error.code.http_status();
    reply::json(status, &ProofRequired { error, challenge }).map(Ok)
}

fn proof_key(env: &Env) -> Option<ProofKey> {
    text_binding(env, SECRET).and_then(|secret| ProofKey::new(&secret))
}

/// Whose request it is, if it may be answered: the visitor, or nobody in particular where the
/// worker makes no sessions.
pub(super) async fn admit(
    request: &Request,
    env: &Env,
    comer: &Comer<'_>,
    action: Action,
) -> Result<std::result::Result<String, Response>> {
    let key = match key(env) {
        Ok(Some(key)) => key,
        Ok(None) => return Ok(Ok(String::new())),
        Err(detail) => return reply::error(detail).map(Err),
    };
    let refused = || reply::error(session::required()).map(Err);
    let token = request.headers().get(session::HEADER)?.unwrap_or_default();
    let now_ms = RuntimeClock.now_ms();
    let Ok(session) = key.verify(&token, comer.shop, comer.origin, now_ms) else {
        return refused();
    };
    let visitor = session.visitor.clone();
    let address = address_name(env, request, &key, comer.shop);
    let draws = draws(action, comer.limits, Some(&visitor), address.as_deref());
    match visitors::ask(env, comer.shop, &Ask::Admit { session, draws }).await? {
        Answer::Admitted => Ok(Ok(visitor)),
        Answer::Limited { wait_ms } => reply::limited(wait_ms).map(Err),
        Answer::Superseded | Answer::Issued { .. } | Answer::Forgotten | Answer::WorkNeeded => {
            refused()
        }
    }
}

/// A name for the address; nothing where the proxy tells none.
fn address_name(env: &Env, request: &Request, key: &SessionKey, shop: &str) -> Option<String> {
    let is_told = address::is_told(env);
    is_told.then(|| key.address_name(shop, &address::of(env, request)))
}

fn granted(session: String, renew_after_s: u32) -> Result<Handled> {
    reply::json(201, &SessionGranted { session, renew_after_s }).map(Ok)
}

fn fault() -> ErrorDetail {
    ErrorDetail::new(ErrorCode::Internal, "no session could be made")
}
