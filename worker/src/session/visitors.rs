//! What the visitors' object of a shop answers, over what it keeps.

use super::{Answer, Ask, Issue, Rotation, Session, Work};
use crate::limits::Buckets;
use crate::ports::StoreError;

/// The latest token of each visitor.
pub trait VisitorTable {
    /// The latest token of a visitor; `None` for one who never renewed.
    fn rotation(&self, visitor: &str) -> Result<Option<Rotation>, StoreError>;

    /// Keeps the latest token of a visitor.
    fn set_rotation(&self, visitor: &str, rotation: Rotation) -> Result<(), StoreError>;

    /// Drops what is kept of visitors: of these, or of all where there is no list; what is kept of
    /// their buckets only with those.
    fn forget(&self, visitors: Option<&[String]>, with_buckets: bool) -> Result<(), StoreError>;
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
        Ask::Issue { former, fresh, work, draws } => {
            if let Some(limited) = take(buckets, &draws) {
                return Ok(limited);
            }
            let session = match former {
                Some(former) => renew(table, &former, now_ms)?,
                None => None,
            };
            if let Some(session) = session {
                return Ok(Answer::Issued { session });
            }
            let is_done = match work {
                Work::NotAsked => true,
                Work::Missing => false,
                Work::Done(draw) => buckets.take(&[draw], now_ms).is_ok(),
            };
            let session = Session { visitor: fresh, generation: 0 };
            Ok(if is_done { Answer::Issued { session } } else { Answer::WorkNeeded })
        }
        Ask::Forget { visitors, with_buckets } => {
            table.forget(visitors.as_deref(), with_buckets)?;
            match &visitors {
                _ if !with_buckets => {}
                Some(visitors) => visitors.iter().for_each(|visitor| buckets.forget(visitor)),
                None => *buckets = Buckets::default(),
            }
            Ok(Answer::Forgotten)
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
    use crate::limits::{Action, Draw, Limits, Rate, draws};

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

        fn forget(&self, visitors: Option<&[String]>, _: bool) -> Result<(), StoreError> {
            let is_kept = |name: &String| visitors.is_some_and(|gone| !gone.contains(name));
            self.0.borrow_mut().retain(|name, _| is_kept(name));
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
            let ask = Ask::Issue {
                former: former.cloned(),
                fresh: fresh.to_owned(),
                work: Work::NotAsked,
                draws: vec![],
            };
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
            let fresh = fresh.to_owned();
            desk.ask(Ask::Issue { former: None, fresh, work: Work::NotAsked, draws }, 0)
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

    #[test]
    fn work_is_done_once_for_each_new_visitor_and_by_no_known_one() {
        let mut desk = Desk::new();
        let done = |name: &str| {
            let rate = Rate { burst: 1, every_ms: 1_000 };
            Work::Done(Draw { bucket: format!("proof:{name}"), rate })
        };
        let mut issue = |former: Option<&Session>, work, now_ms| {
            let (former, fresh) = (former.cloned(), "new".to_owned());
            match desk.ask(Ask::Issue { former, fresh, work, draws: vec![] }, now_ms) {
                Answer::Issued { session } => Some(session),
                Answer::WorkNeeded => None,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(issue(None, Work::Missing, 0), None);
        let first = issue(None, done("a"), 0).unwrap();
        assert_eq!(issue(None, done("a"), 999), None, "used before");
        assert!(issue(None, done("b"), 999).is_some());
        assert_eq!(issue(Some(&first), Work::Missing, 0).unwrap().generation, 1);
        // A token that was renewed long ago makes nobody new without work.
        let late = 10_000_000;
        assert_eq!(issue(Some(&first), Work::Missing, late), None);
        assert!(issue(Some(&first), done("c"), late).is_some());
    }

    #[test]
    fn of_a_visitor_who_is_forgotten_nothing_is_left() {
        let limits = Limits { turns_per_minute: 1, ..Limits::default() };
        let mut desk = Desk::new();
        let sessions = ["ann", "bob"].map(|name| {
            let first = desk.issue(None, name, 0);
            desk.issue(Some(&first), "unused", 0)
        });
        let turn = |session: &Session| Ask::Admit {
            session: session.clone(),
            draws: draws(Action::Turn, &limits, Some(&session.visitor), None),
        };
        for session in &sessions {
            assert_eq!(desk.ask(turn(session), 0), Answer::Admitted);
        }
        let [ann, bob] = &sessions;
        let forget =
            |with_buckets| Ask::Forget { visitors: Some(vec!["ann".into()]), with_buckets };
        assert_eq!(desk.ask(forget(false), 0), Answer::Forgotten);
        assert_eq!(desk.admit(ann, 0), Answer::Superseded, "her token leads nowhere");
        let stays = Session { visitor: "ann".into(), generation: 0 };
        assert!(matches!(desk.ask(turn(&stays), 0), Answer::Limited { .. }), "her buckets stay");
        assert_eq!(desk.ask(forget(true), 0), Answer::Forgotten);
        assert_eq!(desk.admit(bob, 0), Answer::Admitted);
        let kept: Vec<String> = desk.buckets.changed().into_keys().collect();
        assert_eq!(kept, ["turn:visitor:bob"]);
        let everybody = Ask::Forget { visitors: None, with_buckets: true };
        assert_eq!(desk.ask(everybody, 0), Answer::Forgotten);
        assert!(desk.table.0.borrow().is_empty());
    }
}
