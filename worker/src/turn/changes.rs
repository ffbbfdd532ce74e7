//! A count of changes that tasks wait on.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::task::{Poll, Waker};

/// Counts changes, and wakes who waits for the next one.
#[derive(Debug, Default)]
pub(super) struct Changes {
    count: Cell<u64>,
    waiting: RefCell<Vec<Waker>>,
}

impl Changes {
    /// How many there were.
    pub(super) fn count(&self) -> u64 {
        self.count.get()
    }

    /// Something has changed.
    pub(super) fn tell(&self) {
        self.count.set(self.count.get().wrapping_add(1));
        for waker in self.waiting.take() {
            waker.wake();
        }
    }

    /// Resolves as soon as there were others than these. What is read after [`Self::count`] and
    /// before this is therefore never missed.
    pub(super) fn since(&self, count: u64) -> impl Future<Output = ()> {
        poll_fn(move |context| {
            if self.count.get() != count {
                return Poll::Ready(());
            }
            let mut waiting = self.waiting.borrow_mut();
            if !waiting.iter().any(|waker| waker.will_wake(context.waker())) {
                waiting.push(context.waker().clone());
            }
            Poll::Pending
        })
    }
}
