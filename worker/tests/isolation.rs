//! Three shops, their visitors, and every id there is: whatever anyone sends, nobody reads a byte
//! of anybody else's, and what is somebody else's is answered as what never was.
//!
//! The door and the conversations are put together here from the same parts as in the worker. A
//! model knows what is whose.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::cell::RefCell;
use std::collections::BTreeMap;

use aisle_core::protocol::{ErrorDetail, TurnRequest};
use aisle_worker::conversation::{begin, history};
use aisle_worker::holder::Holder;
use aisle_worker::limits::Buckets;
use aisle_worker::ports::{MemoryStore, Store, StoreError};
use aisle_worker::routing::{Route, ShopRoute, route, unknown_conversation};
use aisle_worker::session::{
    Answer, Ask, Rotation, SessionKey, VALID_S, VisitorTable, Work, answer, required,
};
use aisle_worker::shops::Shops;
use proptest::prelude::*;
use serde_json::json;

const SHOPS: [&str; 3] = ["ash", "birch", "cedar"];

#[derive(Default)]
struct Visitors(RefCell<BTreeMap<String, Rotation>>);

impl VisitorTable for Visitors {
    fn rotation(&self, visitor: &str) -> Result<Option<Rotation>, StoreError> {
        Ok(self.0.borrow().get(visitor).copied())
    }

    fn set_rotation(&self, visitor: &str, rotation: Rotation) -> Result<(), StoreError> {
        self.0.borrow_mut().insert(visitor.to_owned(), rotation);
        Ok(())
    }

    fn forget(&self, visitors: Option<&[String]>, _: bool) -> Result<(), StoreError> {
        let is_kept = |name: &String| visitors.is_some_and(|gone| !gone.contains(name));
        self.0.borrow_mut().retain(|name, _| is_kept(name));
        Ok(())
    }
}

/// The worker: its door, and its conversations by the names of their objects.
struct World {
    shops: Shops,
    key: SessionKey,
    visitors: BTreeMap<&'static str, (Visitors, Buckets)>,
    conversations: BTreeMap<String, MemoryStore>,
    now_ms: u64,
    /// Names that were given out.
    names: u32,
}

/// What a request brings along.
struct Sent<'a> {
    method: &'a str,
    path: &'a str,
    origin: &'a str,
    token: &'a str,
    text: &'a str,
}

impl World {
    fn new() -> Self {
        let shop =
            |name: &str| json!({"name": name, "origins": [format!("https://{name}.example")]});
        let shops: serde_json::Map<_, _> =
            SHOPS.iter().map(|name| ((*name).to_owned(), shop(name))).collect();
        Self {
            shops: Shops::parse(&serde_json::Value::from(shops).to_string()).unwrap(),
            key: SessionKey::new("a secret of the tests, long enough").unwrap(),
            visitors: SHOPS.iter().map(|shop| (*shop, Default::default())).collect(),
            conversations: BTreeMap::new(),
            now_ms: 1_773_000_000_000,
            names: 0,
        }
    }

    fn fresh(&mut self) -> String {
        self.names += 1;
        format!("name-{:04}", self.names)
    }

    fn ask_visitors(&mut self, shop: &str, ask: Ask) -> Answer {
        let (table, buckets) = self.visitors.get_mut(shop).unwrap();
        answer(table, buckets, ask, self.now_ms).unwrap()
    }

    /// The reply to a request: its body, or what it is refused for.
    fn reply(&mut self, sent: &Sent<'_>) -> Result<String, ErrorDetail> {
        let Route::Shop { shop, what } = route(sent.method, sent.path, None)? else {
            panic!("not a shop's: {}", sent.path)
        };
        self.shops.find(shop)?.admit(Some(sent.origin), what.is_reading())?;
        if what == ShopRoute::Session {
            let former = self.key.verify_former(sent.token, shop, Some(sent.origin), self.now_ms);
            let fresh = self.fresh();
            let former = former.ok();
            let ask = Ask::Issue { former, fresh, work: Work::NotAsked, draws: vec![] };
            let Answer::Issued { session } = self.ask_visitors(shop, ask) else { panic!() };
            return Ok(self.key.issue(shop, sent.origin, &session, self.now_ms).unwrap());
        }
        let session = self
            .key
            .verify(sent.token, shop, Some(sent.origin), self.now_ms)
            .map_err(|_| required())?;
        let asker = Holder { visitor: session.visitor.clone(), ..Holder::default() };
        let ask = Ask::Admit { session, draws: vec![] };
        if self.ask_visitors(shop, ask) != Answer::Admitted {
            return Err(required());
        }
        if what == ShopRoute::Open {
            let conversation = self.fresh();
            let store = MemoryStore::default();
            store.open(self.now_ms, &asker).unwrap();
            self.conversations.insert(format!("{shop}/{conversation}"), store);
            return Ok(conversation);
        }
        let name = format!("{shop}/{}", what.conversation().unwrap());
        // An object that was never opened is there for whoever names it, and is empty.
        let store = self.conversations.entry(name).or_default();
        if store.is_open().unwrap() && !store.holder().unwrap().admits(&asker) {
            return Err(unknown_conversation());
        }
        match what {
            ShopRoute::Messages { after, .. } => {
                let found = history(store, after).map_err(ErrorDetail::from)?;
                Ok(serde_json::to_string(&found).unwrap())
            }
            ShopRoute::Turn { .. } => {
                let body = json!({"v": 1, "message_id": format!("message-{}", self.now_ms), "text": sent.text});
                let turn: TurnRequest = serde_json::from_value(body).unwrap();
                let begun = begin(store, &turn, self.now_ms).map_err(ErrorDetail::from)?;
                begun.write(store).unwrap();
                Ok(serde_json::to_string(&begun.question).unwrap())
            }
            other => panic!("not asked here: {other:?}"),
        }
    }
}

/// Somebody, and what the model knows to be theirs.
struct Person {
    shop: &'static str,
    word: String,
    tokens: Vec<String>,
    conversation: String,
}

#[derive(Clone, Debug)]
enum Step {
    /// Reads, or writes.
    Ask { who: usize, whose: usize, at: usize, token: usize, writes: bool },
    /// Renews one of their tokens.
    Renew { who: usize, token: usize },
    /// Time passes.
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..6_usize, 0..6_usize, 0..3_usize, 0..4_usize, any::<bool>())
            .prop_map(|(who, whose, at, token, writes)| Step::Ask { who, whose, at, token, writes }),
        2 => (0..6_usize, 0..4_usize).prop_map(|(who, token)| Step::Renew { who, token }),
        1 => (0..2 * VALID_S * 1_000).prop_map(Step::Wait),
    ]
}

fn origin(shop: &str) -> String {
    format!("https://{shop}.example")
}

fn arrive(world: &mut World, at: usize) -> Person {
    let shop = SHOPS[at % SHOPS.len()];
    let (session, open) =
        (format!("/v1/shops/{shop}/session"), format!("/v1/shops/{shop}/conversations"));
    let origin = origin(shop);
    let mut post = |path: &str, token: &str, text: &str| {
        world.now_ms += 1;
        world.reply(&Sent { method: "POST", path, origin: &origin, token, text }).unwrap()
    };
    let token = post(&session, "", "");
    let conversation = post(&open, &token, "");
    let word = format!("secret{at}of{shop}");
    post(&format!("{open}/{conversation}/turns"), &token, &word);
    Person { shop, word, tokens: vec![token], conversation }
}

proptest! {
    #[test]
    fn nobody_reads_a_byte_of_anybody_elses(steps in prop::collection::vec(step(), 1..60)) {
        let mut world = World::new();
        let mut people: Vec<Person> = (0..6).map(|at| arrive(&mut world, at)).collect();
        for step in steps {
            world.now_ms += 1;
            match step {
                Step::Wait(ms) => world.now_ms += ms,
                Step::Renew { who, token } => {
                    let person = &people[who];
                    let former = person.tokens[token % person.tokens.len()].clone();
                    let (path, origin) =
                        (format!("/v1/shops/{}/session", person.shop), origin(person.shop));
                    let sent =
                        Sent { method: "POST", path: &path, origin: &origin, token: &former, text: "" };
                    let renewed = world.reply(&sent).unwrap();
                    // Only the same visitor's next token is theirs; a stale one begins anew.
                    let visitor = |token: &str, world: &World| {
                        world.key.verify_former(token, person.shop, None, world.now_ms).unwrap().visitor
                    };
                    if visitor(&renewed, &world) == visitor(&person.tokens[0], &world) {
                        people[who].tokens.push(renewed);
                    }
                }
                Step::Ask { who, whose, at, token, writes } => {
                    // Whoever asks names any shop, pretends any page, and uses any token of theirs.
                    let shop = if at == 0 { people[whose].shop } else { SHOPS[at] };
                    let token = people[who].tokens[token % people[who].tokens.len()].clone();
                    let origin = origin(shop);
                    let mut ask = |conversation: &str, text: &str| {
                        let tail = if writes { "turns" } else { "messages" };
                        let path = format!("/v1/shops/{shop}/conversations/{conversation}/{tail}");
                        let method = if writes { "POST" } else { "GET" };
                        let sent =
                            Sent { method, path: &path, origin: &origin, token: &token, text };
                        world.reply(&sent)
                    };
                    let (id, word) = (people[whose].conversation.clone(), people[who].word.clone());
                    let found = ask(&id, &word);
                    let nothing = ask("name-that-never-was", &word);
                    prop_assert!(nothing.is_err());
                    match found {
                        Ok(body) => {
                            prop_assert!(who == whose && shop == people[who].shop, "{body}");
                            for other in people.iter().filter(|other| other.word != word) {
                                prop_assert!(!body.contains(&other.word), "{body}");
                            }
                        }
                        Err(refusal) => prop_assert_eq!(Err(refusal), nothing),
                    }
                }
            }
        }
        // What was written is where it belongs, and nowhere else.
        for person in &people {
            let name = format!("{}/{}", person.shop, person.conversation);
            let kept = history(&world.conversations[&name], 0).unwrap();
            prop_assert!(kept.messages[0].text == person.word);
            let mut said = kept.messages.iter().filter(|message| !message.text.is_empty());
            prop_assert!(said.all(|message| message.text == person.word));
        }
    }
}
