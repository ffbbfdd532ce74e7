//! What the visitors' object of a shop answers, over what it keeps.

use super::{Answer, Ask, Issue, Rotation, Session};
use crate::limits::Buckets;
use crate::ports::StoreError;

/// The latest token of each visitor.
pub trait VisitorTable {
    /// The latest token of a visitor; `None` for one who never renewed.
    fn rotation(&self, visitor: &str) -> Result<Option<Rotation>, StoreError>;

    /// Keeps the latest token of a visitor.
    fn set_rotation(&self, visitor: &str, rotation: Rotation) -> Result<(), StoreError>;
}

/// Answers what is asked.
pub fn answer(
    table: &impl VisitorTable,
    buckets: &mut Buckets,
    ask: Ask,
    now_ms: u64,
) -> Result<Answer, StoreError> {
    let take = |buckets: &mut Buckets, draws: &[_]| match buckets.take(draws, now_ms) {
        Ok(()) => None,
        Err(wait_ms) => Some(Answer::Limited { wait_ms }),
    };
    match ask {
        Ask::Admit { session, draws } => {
            let rotation = table.rotation(&session.visitor)?.unwrap_or_default();
            if !rotation.admits(session.generation, now_ms) {
                return Ok(Answer::Superseded);
            }
            Ok(take(buckets, &draws).unwrap_or(Answer::Admitted))
        }
        Ask::Issue { former, fresh, draws } => {
            if let Some(limited) = take(buckets, &draws) {
                return Ok(limited);
            }
            let session = match former {
                Some(former) => renew(table, &former, now_ms)?,
                None => None,
            };
            let session = session.unwrap_or(Session { visitor: fresh, generation: 0 });
            Ok(Answer::Issued { session })
        }
    }
}

/// The next session of a visitor. `None` for a token that was renewed long ago.
fn renew(
    table: &impl VisitorTable,
    former: &Session,
    now_ms: u64,
) -> Result<Option<Session>, StoreError> {
    let rotation = table.rotation(&former.visitor)?.unwrap_or_default();
    let latest = match rotation.renew(former.generation, now_ms) {
        Issue::Next(next) => {
            table.set_rotation(&former.visitor, next)?;
            next
        }
        Issue::Same(same) => same,
        Issue::Refused => return Ok(None),
    };
    Ok(Some(latest.session(former.visitor.clone())))
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::collections::BTreeMap;

    use super::*;
    use crate::limits::{Action, Limits, draws};

    #[derive(Default)]
    struct MemoryVisitors(RefCell<BTreeMap<String, Rotation>>);

    impl VisitorTable for MemoryVisitors {
        fn rotation(&self, visitor: &str) -> Result<Option<Rotation>, StoreError> {
            Ok(self.0.borrow().get(visitor).copied())
        }

        fn set_rotation(&self, visitor: &str, rotation: Rotation) -> Result<(), StoreError> {
            self.0.borrow_mut().insert(visitor.to_owned(), rotation);
            Ok(())
        }
    }

    struct Desk {
        table: MemoryVisitors,
        buckets: Buckets,
    }

    impl Desk {
        fn new() -> Self {
            Self { table: MemoryVisitors::default(), buckets: Buckets::default() }
        }

        fn ask(&mut self, ask: Ask, now_ms: u64) -> Answer {
            answer(&self.table, &mut self.buckets, ask, now_ms).unwrap()
        }

        fn issue(&mut self, former: Option<&Session>, fresh: &str, now_ms: u64) -> Session {
            let ask =
                Ask::Issue { former: former.cloned(), fresh: fresh.to_owned(), draws: vec![] };
            match self.ask(ask, now_ms) {
                Answer::Issued { session } => session,
                other => panic!("{other:?}"),
            }
        }

        fn admit(&mut self, session: &Session, now_ms: u64) -> Answer {
            self.ask(Ask::Admit { session: session.clone(), draws: vec![] }, now_ms)
        }
    }

    #[test]
    fn a_visitor_stays_the_same_by_renewing_and_a_copied_token_does_not() {
        let mut desk = Desk::new();
        let first = desk.issue(None, "ann", 0);
        assert_eq!(desk.admit(&first, 1), Answer::Admitted);
        let second = desk.issue(Some(&first), "unused", 10);
        assert_eq!((second.visitor.as_str(), second.generation), ("ann", 1));
        // The reply was lost, or another tab was as fast.
        assert_eq!(desk.issue(Some(&first), "unused", 20), second);
        // Long after, the first one is of no use: neither to ask with, nor to renew.
        let late = 10_000_000;
        assert_eq!(desk.admit(&first, late), Answer::Superseded);
        assert_eq!(desk.issue(Some(&first), "thief", late).visitor, "thief");
        assert_eq!(desk.admit(&second, late), Answer::Admitted);
    }

    #[test]
    fn an_address_that_wants_too_many_sessions_waits() {
        let limits = Limits { sessions_per_hour: 2, ..Limits::default() };
        let mut desk = Desk::new();
        let mut issue = |fresh: &str| {
            let draws = draws(Action::Session, &limits, None, Some("x"));
            desk.ask(Ask::Issue { former: None, fresh: fresh.to_owned(), draws }, 0)
        };
        assert!(matches!(issue("a"), Answer::Issued { .. }));
        assert!(matches!(issue("b"), Answer::Issued { .. }));
        assert_eq!(issue("c"), Answer::Limited { wait_ms: 1_800_000 });
    }

    #[test]
    fn what_is_refused_costs_nothing() {
        let mut desk = Desk::new();
        let limits = Limits { turns_per_minute: 1, ..Limits::default() };
        let first = desk.issue(None, "ann", 0);
        desk.issue(Some(&first), "unused", 0);
        let late = 1_000_000;
        let ask = |generation| Ask::Admit {
            session: Session { generation, ..first.clone() },
            draws: draws(Action::Turn, &limits, Some("ann"), None),
        };
        assert_eq!(desk.ask(ask(0), late), Answer::Superseded);
        assert_eq!(desk.ask(ask(1), late), Answer::Admitted);
        assert_eq!(desk.ask(ask(1), late), Answer::Limited { wait_ms: 60_000 });
    }
}
