//! A clock that stands still until it is moved, and tasks that run in any order one likes: what a
//! runtime does, as a test wants it.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use futures_util::future::LocalBoxFuture;

use super::Clock;

#[derive(Debug, Default)]
struct Time {
    now_ms: Cell<u64>,
    timers: RefCell<Vec<(u64, u64, Waker)>>,
    next_timer: Cell<u64>,
}

/// A clock that stands still until it is moved. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct VirtualClock(Rc<Time>);

impl VirtualClock {
    /// The next moment that somebody sleeps until.
    pub fn next_ms(&self) -> Option<u64> {
        self.0.timers.borrow().iter().map(|(at_ms, ..)| *at_ms).min()
    }

    /// Moves on to the next moment that somebody sleeps until; false if nobody does.
    pub fn advance(&self) -> bool {
        self.next_ms().is_some_and(|at_ms| {
            self.set(at_ms);
            true
        })
    }

    /// Moves on to this moment, if it is not past, and wakes whoever sleeps until then.
    pub fn set(&self, now_ms: u64) {
        self.0.now_ms.set(self.0.now_ms.get().max(now_ms));
        let mut timers = self.0.timers.borrow_mut();
        let due = |(at_ms, ..): &mut (u64, u64, Waker)| *at_ms <= self.0.now_ms.get();
        let woken: Vec<_> = timers.extract_if(.., due).collect();
        drop(timers);
        woken.into_iter().for_each(|(.., waker)| waker.wake());
    }
}

impl Clock for VirtualClock {
    fn now_ms(&self) -> u64 {
        self.0.now_ms.get()
    }

    fn sleep(&self, ms: u32) -> LocalBoxFuture<'static, ()> {
        let id = self.0.next_timer.replace(self.0.next_timer.get() + 1);
        Box::pin(Sleep { time: self.0.clone(), at_ms: self.now_ms() + u64::from(ms), id })
    }
}

struct Sleep {
    time: Rc<Time>,
    at_ms: u64,
    id: u64,
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.time.now_ms.get() >= self.at_ms {
            return Poll::Ready(());
        }
        let mut timers = self.time.timers.borrow_mut();
        match timers.iter_mut().find(|(_, id, _)| *id == self.id) {
            Some((.., waker)) => waker.clone_from(context.waker()),
            None => timers.push((self.at_ms, self.id, context.waker().clone())),
        }
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        self.time.timers.borrow_mut().retain(|(_, id, _)| *id != self.id);
    }
}

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

struct Task {
    future: LocalBoxFuture<'static, ()>,
    woken: Arc<Woken>,
}

/// Tasks that run when they are told to. Dropping it drops them where they are. Clones share it.
#[derive(Clone, Default)]
pub struct Tasks {
    tasks: Rc<RefCell<Vec<Task>>>,
}

impl Tasks {
    /// Adds a task.
    pub fn spawn(&self, future: impl Future<Output = ()> + 'static) {
        let woken = Arc::new(Woken(AtomicBool::new(true)));
        self.tasks.borrow_mut().push(Task { future: Box::pin(future), woken });
    }

    /// Lets tasks run until all of them wait. `pick` says which of so many goes first.
    pub fn run(&self, mut pick: impl FnMut(usize) -> usize) {
        loop {
            let ready = {
                let tasks = self.tasks.borrow();
                let is_ready = |at: &usize| tasks[*at].woken.0.load(Ordering::Relaxed);
                (0..tasks.len()).filter(is_ready).collect::<Vec<_>>()
            };
            if ready.is_empty() {
                return;
            }
            // Taken out while it runs: it may spawn others.
            let mut task = self.tasks.borrow_mut().remove(ready[pick(ready.len()) % ready.len()]);
            task.woken.0.store(false, Ordering::Relaxed);
            let waker = Waker::from(task.woken.clone());
            if task.future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending() {
                self.tasks.borrow_mut().push(task);
            }
        }
    }

    /// Drops every task where it is.
    pub fn clear(&self) {
        drop(self.tasks.take());
    }

    /// Whether none is left.
    pub fn is_empty(&self) -> bool {
        self.tasks.borrow().is_empty()
    }
}

impl fmt::Debug for Tasks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} tasks", self.tasks.borrow().len())
    }
}
