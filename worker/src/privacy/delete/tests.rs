//! Deletions over an in-memory directory, with everything failing in turn.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use aisle_core::protocol::{PrivacyAction, PrivacyState};
use futures_util::FutureExt;
use futures_util::future::ready;
use proptest::prelude::*;

use super::*;
use crate::directory::{Link, Listing, MemoryDirectory};
use crate::orders::Owner;

/// Objects in memory that fail at the calls they are told to.
#[derive(Default)]
struct Doubles {
    conversations: RefCell<BTreeMap<String, &'static str>>,
    orders: Cell<u32>,
    /// Visitors that were forgotten; no list for all.
    forgotten: RefCell<Vec<Option<Vec<String>>>>,
    /// Whether the buckets of the last one stayed.
    keeps_buckets: Cell<bool>,
    calls: Cell<u32>,
    fails_at: Vec<u32>,
}

impl Doubles {
    fn call<T: 'static>(
        &self,
        value: impl FnOnce() -> T,
    ) -> LocalBoxFuture<'static, Result<T, ObjectsError>> {
        self.calls.set(self.calls.get() + 1);
        let fails = self.fails_at.contains(&self.calls.get());
        Box::pin(ready(if fails { Err(ObjectsError("gone".into())) } else { Ok(value()) }))
    }
}

impl Objects for Doubles {
    fn delete_conversation<'a>(
        &'a self,
        id: &'a str,
        asker: Option<&'a Holder>,
    ) -> LocalBoxFuture<'a, Result<bool, ObjectsError>> {
        self.call(|| {
            let mut conversations = self.conversations.borrow_mut();
            let owner = conversations.get(id).copied();
            let is_theirs =
                asker.is_none_or(|asker| owner.is_none_or(|owner| owner == asker.visitor));
            if is_theirs {
                conversations.remove(id);
            }
            is_theirs
        })
    }

    fn delete_orders<'a>(
        &'a self,
        _: &'a Subject,
    ) -> LocalBoxFuture<'a, Result<u32, ObjectsError>> {
        self.call(|| self.orders.replace(0))
    }

    fn forget_visitors(
        &self,
        visitors: Option<Vec<String>>,
        with_buckets: bool,
    ) -> LocalBoxFuture<'_, Result<(), ObjectsError>> {
        self.call(|| {
            self.forgotten.borrow_mut().push(visitors);
            self.keeps_buckets.set(!with_buckets);
        })
    }
}

/// Ann has `of_ann` conversations, Bob has two.
fn shop(of_ann: u32, fails_at: Vec<u32>) -> (MemoryDirectory, Doubles) {
    let directory = MemoryDirectory::default();
    let doubles = Doubles { orders: Cell::new(3), fails_at, ..Doubles::default() };
    let open = |id: String, owner, opened_ms| {
        let listing = Listing { conversation: id.clone(), opened_ms, is_private: false };
        directory.list(&listing, &[Link::visitor(owner)]).unwrap();
        doubles.conversations.borrow_mut().insert(id, owner);
    };
    for at in 0..of_ann {
        open(format!("a-{at}"), "ann", u64::from(at % 7));
    }
    open("b-1".into(), "bob", 3);
    open("b-2".into(), "bob", 4);
    (directory, doubles)
}

fn begin(directory: &MemoryDirectory, subject: Subject) {
    let by = (subject, vec!["visitor".to_owned()]);
    directory.put(&Request::new("r".into(), PrivacyAction::Delete, by, 5)).unwrap();
}

fn ann() -> Subject {
    Subject {
        links: vec![Link::visitor("ann")],
        owner: Owner { customer: Some("7".into()), email: None },
        ..Subject::default()
    }
}

/// Passes until it is done; how many.
fn finish(directory: &MemoryDirectory, doubles: &Doubles, most: u32) -> u32 {
    for passes in 1..500 {
        let pass = proceed(directory, doubles, "r", 9, most).now_or_never().unwrap();
        if pass == Ok(Pass::Done) {
            return passes;
        }
    }
    panic!("it never ends");
}

fn left(doubles: &Doubles) -> Vec<String> {
    doubles.conversations.borrow().keys().cloned().collect()
}

#[test]
fn everything_of_somebody_goes_and_nothing_else() {
    let (directory, doubles) = shop(120, vec![]);
    begin(&directory, ann());
    assert_eq!(finish(&directory, &doubles, 1_000), 1);
    assert_eq!(left(&doubles), ["b-1", "b-2"]);
    let listed = directory.find(&Subject::whole_shop(), &Cursor::default(), 500).unwrap();
    assert_eq!(listed.len(), 2);
    let request = directory.request("r").unwrap().unwrap();
    assert_eq!((request.conversations, request.orders, request.done_ms), (120, 3, Some(9)));
    assert_eq!((request.state(), request.subject), (PrivacyState::Done, None));
    assert_eq!(doubles.forgotten.take(), [Some(vec!["ann".to_owned()])]);
    // Once more is not once more.
    let calls = doubles.calls.get();
    assert_eq!(finish(&directory, &doubles, 1_000), 1);
    assert_eq!(doubles.calls.get(), calls);
}

#[test]
fn a_whole_shop_goes_in_passes() {
    let (directory, doubles) = shop(118, vec![]);
    begin(&directory, Subject::whole_shop());
    assert_eq!(finish(&directory, &doubles, 50), 3);
    assert_eq!(left(&doubles), [""; 0]);
    assert_eq!(directory.request("r").unwrap().unwrap().conversations, 120);
    assert_eq!(doubles.forgotten.take(), [None]);
}

#[test]
fn a_conversation_is_deleted_by_its_id_whether_it_is_listed_or_not() {
    let (directory, doubles) = shop(1, vec![]);
    directory.forget("b-2").unwrap();
    let subject = Subject { conversation: Some("b-2".into()), ..Subject::default() };
    begin(&directory, subject);
    finish(&directory, &doubles, 10);
    assert_eq!(left(&doubles), ["a-0", "b-1"]);
    assert!(doubles.forgotten.take().is_empty());
    assert_eq!(directory.request("r").unwrap().unwrap().orders, 0);
}

/// Ann's and Bob's conversations have a customer, too: hers `a-0` and `a-1`, his both.
fn signed_in(directory: &MemoryDirectory) -> Subject {
    let seven = Link::from_kept("customer:7".into());
    for conversation in ["a-0", "a-1", "b-1", "b-2"] {
        let listing = Listing { conversation: conversation.into(), ..Listing::default() };
        directory.list(&listing, std::slice::from_ref(&seven)).unwrap();
    }
    Subject { links: vec![seven], ..Subject::default() }
}

#[test]
fn a_visitor_goes_with_the_last_conversation_that_leads_to_them() {
    for (of_ann, expected) in [(2, vec!["ann", "bob"]), (3, vec!["bob"])] {
        let (directory, doubles) = shop(of_ann, vec![]);
        let subject = signed_in(&directory);
        begin(&directory, subject);
        finish(&directory, &doubles, 10);
        let mut forgotten: Vec<_> =
            doubles.forgotten.take().into_iter().flatten().flatten().collect();
        forgotten.sort();
        assert_eq!(forgotten, expected, "{of_ann}");
        assert!(!doubles.keeps_buckets.get());
    }
}

#[test]
fn whoever_ends_the_last_conversation_the_visitor_is_forgotten() {
    let (directory, doubles) = shop(1, vec![1]);
    let end = |id| forget(&directory, &doubles, id).now_or_never().unwrap();
    // What leads to the visitor stays until the visitor is forgotten.
    assert!(end("b-1").is_ok());
    assert_eq!(doubles.calls.get(), 0, "another one leads to bob");
    assert_eq!(end("b-2"), Err(DeleteError::Objects(ObjectsError("gone".into()))));
    assert_eq!(end("b-2"), Ok(()));
    assert_eq!(doubles.forgotten.take(), [Some(vec!["bob".to_owned()])]);
    assert!(doubles.keeps_buckets.get());
    assert_eq!(end("b-2"), Ok(()));
    assert!(doubles.forgotten.take().is_empty());
}

#[test]
fn a_shopper_deletes_what_is_theirs_and_nothing_is_kept_of_it() {
    let (directory, doubles) = shop(3, vec![2]);
    let links = signed_in(&directory).links;
    let asker = Holder { visitor: "ann".into(), customer: "7".into() };
    let own = Request::own(asker.clone(), links, 5);
    assert_eq!(own.id, Request::own(asker, vec![], 6).id, "one at a time");
    assert_eq!(own.by, ["visitor", "customer"]);
    assert!(!own.id.contains("ann"));
    directory.put(&own).unwrap();
    let pass = || proceed(&directory, &doubles, &own.id, 9, 100).now_or_never().unwrap();
    assert!(pass().is_err());
    assert_eq!(pass(), Ok(Pass::Done));
    // Bob's are found by the customer, and are not Ann's.
    assert_eq!(left(&doubles), ["b-1", "b-2"]);
    assert_eq!(doubles.forgotten.take(), [Some(vec!["ann".to_owned()])]);
    assert!(doubles.keeps_buckets.get());
    assert_eq!((doubles.orders.get(), directory.request(&own.id)), (3, Ok(None)));
}

#[test]
fn a_conversation_that_fails_does_not_keep_the_others() {
    let (directory, doubles) = shop(4, vec![1]);
    begin(&directory, ann());
    let pass = proceed(&directory, &doubles, "r", 9, 100).now_or_never().unwrap();
    assert_eq!(pass, Err(DeleteError::Objects(ObjectsError("gone".into()))));
    assert_eq!(left(&doubles), ["a-0", "b-1", "b-2"]);
    assert_eq!(directory.request("r").unwrap().unwrap().state(), PrivacyState::Running);
    assert_eq!(finish(&directory, &doubles, 100), 1);
    assert_eq!(directory.request("r").unwrap().unwrap().conversations, 4);
}

#[test]
fn work_goes_on_until_there_is_none() {
    let (directory, doubles) = shop(PASS, vec![1]);
    begin(&directory, ann());
    let export = (ann(), vec![]);
    directory.put(&Request::new("e".into(), PrivacyAction::Export, export, 7)).unwrap();
    let at = |now_ms| work(&directory, &doubles, now_ms, |_| ()).now_or_never().unwrap();
    assert_eq!(at(10), Ok(Some(RETRY_MS)));
    assert_eq!(at(11), Ok(Some(EXPORT_MS - 3)));
    assert_eq!(left(&doubles), ["b-1", "b-2"]);
    assert!(directory.request("e").unwrap().is_some());
    assert_eq!(at(EXPORT_MS + 8), Ok(None));
    assert_eq!(directory.request("e").unwrap(), None);
    begin(&directory, Subject::whole_shop());
    directory.fail(true);
    assert!(at(12).is_err());
    directory.fail(false);
    assert_eq!(at(12), Ok(None));
    assert_eq!(left(&doubles), [""; 0]);
}

proptest! {
    /// Whatever fails and however small the passes are: everything goes, each is counted once.
    #[test]
    fn it_comes_to_its_end(
        of_ann in 0_u32..60,
        most in 1_u32..80,
        fails_at in prop::collection::vec(1_u32..120, 0..20),
    ) {
        let (directory, doubles) = shop(of_ann, fails_at);
        begin(&directory, ann());
        finish(&directory, &doubles, most);
        prop_assert_eq!(left(&doubles), ["b-1", "b-2"]);
        let request = directory.request("r").unwrap().unwrap();
        prop_assert_eq!((request.conversations, request.orders), (of_ann, 3));
    }
}
