//! An in-memory double of the directory.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use aisle_core::protocol::{PrivacyAction, PrivacyState, Ticket};
use futures_util::future::{LocalBoxFuture, ready};

use super::{
    Cursor, Directory, DirectoryError, Link, Listing, MAX_TICKETS, Opened, Request, Subject,
};

/// Conversations by id, each with its links.
type Listings = BTreeMap<String, (Listing, BTreeSet<Link>)>;

/// A directory in memory. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct MemoryDirectory {
    listings: Rc<RefCell<Listings>>,
    tickets: Rc<RefCell<BTreeMap<String, Ticket>>>,
    requests: Rc<RefCell<BTreeMap<String, Request>>>,
    fails: Rc<Cell<bool>>,
}

impl MemoryDirectory {
    /// Whether everything from now on fails, as a full disk would.
    pub fn fail(&self, fails: bool) {
        self.fails.set(fails);
    }

    fn kept<T>(&self, value: impl FnOnce() -> T) -> Result<T, DirectoryError> {
        if self.fails.get() { Err(DirectoryError("disk full".to_owned())) } else { Ok(value()) }
    }
}

impl Directory for MemoryDirectory {
    fn list(&self, listing: &Listing, links: &[Link]) -> Result<(), DirectoryError> {
        self.kept(|| {
            let mut listings = self.listings.borrow_mut();
            let (kept, kept_links) = listings
                .entry(listing.conversation.clone())
                .or_insert_with(|| (listing.clone(), BTreeSet::new()));
            kept.is_private |= listing.is_private;
            kept_links.extend(links.iter().cloned());
        })
    }

    fn forget(&self, conversation: &str) -> Result<bool, DirectoryError> {
        self.kept(|| {
            self.tickets.borrow_mut().retain(|_, ticket| ticket.conversation != conversation);
            self.listings.borrow_mut().remove(conversation).is_some()
        })
    }

    fn links_of_its_own(&self, conversation: &str) -> Result<Vec<Link>, DirectoryError> {
        self.kept(|| {
            let listings = self.listings.borrow();
            let is_elsewhere = |link: &Link| {
                listings.iter().any(|(id, (_, links))| id != conversation && links.contains(link))
            };
            let links = listings.get(conversation).map(|(_, links)| links.iter());
            links.into_iter().flatten().filter(|link| !is_elsewhere(link)).cloned().collect()
        })
    }

    fn find(
        &self,
        subject: &Subject,
        after: &Cursor,
        limit: u32,
    ) -> Result<Vec<Listing>, DirectoryError> {
        self.kept(|| {
            let listings = self.listings.borrow();
            let mut found: Vec<Listing> = listings
                .values()
                .filter(|(listing, links)| is_meant(subject, listing, links))
                .map(|(listing, _)| listing.clone())
                .filter(|listing| Cursor::after(listing) > *after)
                .collect();
            found.sort_by_key(Cursor::after);
            found.truncate(limit as usize);
            found
        })
    }

    fn open_ticket(&self, ticket: &Ticket) -> Result<Opened, DirectoryError> {
        self.kept(|| {
            let mut tickets = self.tickets.borrow_mut();
            if let Some(known) = tickets.get_mut(&ticket.id) {
                known.requested = ticket.requested.clone();
                return Opened::Known;
            }
            let of_it = tickets.values().filter(|one| one.conversation == ticket.conversation);
            let is_listed = self.listings.borrow().contains_key(&ticket.conversation);
            if !is_listed || of_it.count() >= MAX_TICKETS as usize {
                return Opened::Refused;
            }
            tickets.insert(ticket.id.clone(), ticket.clone());
            Opened::New
        })
    }

    fn tickets(
        &self,
        subject: &Subject,
        after: &Cursor,
        limit: u32,
    ) -> Result<Vec<Ticket>, DirectoryError> {
        self.kept(|| {
            let (tickets, listings) = (self.tickets.borrow(), self.listings.borrow());
            let is_of = |ticket: &&Ticket| {
                let listed = listings.get(&ticket.conversation);
                listed.is_some_and(|(listing, links)| is_meant(subject, listing, links))
            };
            let mut found: Vec<Ticket> = tickets.values().filter(is_of).cloned().collect();
            found.retain(|ticket| Cursor::after_ticket(ticket) > *after);
            found.sort_by_key(Cursor::after_ticket);
            found.truncate(limit as usize);
            found
        })
    }

    fn close_ticket(&self, id: &str) -> Result<bool, DirectoryError> {
        self.kept(|| self.tickets.borrow_mut().remove(id).is_some())
    }

    fn put(&self, request: &Request) -> Result<(), DirectoryError> {
        self.kept(|| {
            self.requests.borrow_mut().insert(request.id.clone(), request.clone());
        })
    }

    fn request(&self, id: &str) -> Result<Option<Request>, DirectoryError> {
        self.kept(|| self.requests.borrow().get(id).cloned())
    }

    fn requests(&self, limit: u32) -> Result<Vec<Request>, DirectoryError> {
        self.kept(|| {
            let mut all: Vec<Request> = self.requests.borrow().values().cloned().collect();
            all.sort_by_key(|request| std::cmp::Reverse(request.requested_ms));
            all.truncate(limit as usize);
            all
        })
    }

    fn running(&self, limit: u32) -> Result<Vec<Request>, DirectoryError> {
        self.kept(|| {
            let requests = self.requests.borrow();
            let running = requests.values().filter(|r| r.state() == PrivacyState::Running);
            let mut running: Vec<Request> = running.cloned().collect();
            running.sort_by_key(|request| request.requested_ms);
            running.truncate(limit as usize);
            running
        })
    }

    fn drop_request(&self, id: &str) -> Result<(), DirectoryError> {
        self.kept(|| {
            self.requests.borrow_mut().remove(id);
        })
    }

    fn drop_exports(&self, before_ms: u64) -> Result<Option<u64>, DirectoryError> {
        self.kept(|| {
            let is_export = |request: &Request| request.action == PrivacyAction::Export;
            let mut requests = self.requests.borrow_mut();
            requests.retain(|_, r| !is_export(r) || r.requested_ms >= before_ms);
            requests.values().filter(|r| is_export(r)).map(|r| r.requested_ms).min()
        })
    }

    fn synced(&self) -> LocalBoxFuture<'static, Result<(), DirectoryError>> {
        Box::pin(ready(self.kept(|| ())))
    }
}

/// Whether a conversation is of a subject.
fn is_meant(subject: &Subject, listing: &Listing, links: &BTreeSet<Link>) -> bool {
    subject.is_whole_shop
        || subject.conversation.as_ref() == Some(&listing.conversation)
        || subject.links.iter().any(|link| links.contains(link))
}
