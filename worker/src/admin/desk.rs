//! What the object of a shop's administration is asked, and what it answers.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::artifacts::Publication;
use crate::ports::StoreError;

/// Artifacts that can be gone back to; older ones are dropped with their files.
pub(super) const KEPT_PUBLICATIONS: usize = 10;

/// What is kept of a shop.
pub trait DeskTable {
    /// The version of the settings and the settings; version 0 and nothing before the first.
    fn settings(&self) -> Result<(u32, Map<String, Value>), StoreError>;

    /// Replaces the settings.
    fn set_settings(&self, version: u32, settings: &Map<String, Value>) -> Result<(), StoreError>;

    /// All artifacts that were published, the latest first.
    fn publications(&self) -> Result<Vec<Publication>, StoreError>;

    /// Adds an artifact.
    fn publish(&self, publication: &Publication) -> Result<(), StoreError>;

    /// Drops artifacts, and the files that no other one has.
    fn drop_publications(&self, ids: &[String]) -> Result<(), StoreError>;

    /// The artifact in use; none for the one in the worker's folder.
    fn current(&self) -> Result<Option<String>, StoreError>;

    /// Puts an artifact in use.
    fn set_current(&self, id: Option<&str>) -> Result<(), StoreError>;
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum Ask {
    /// What holds.
    Read,
    /// Settings in place of those of this version.
    Replace {
        /// The version that the sender knows.
        version: u32,
        /// The settings, which were checked.
        settings: Map<String, Value>,
    },
    /// An artifact whose files were checked; it is in use from now on.
    Publish {
        /// The artifact.
        publication: Publication,
    },
    /// Another artifact is to be in use.
    Select {
        /// One that was published; none for the one in the worker's folder.
        id: Option<String>,
    },
}

/// What it answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    /// What holds now.
    Holds {
        /// Version of the settings.
        version: u32,
        /// The settings.
        settings: Map<String, Value>,
        /// The artifact in use.
        current: Option<String>,
        /// All artifacts that were published, the latest first.
        published: Vec<Publication>,
    },
    /// Somebody else replaced the settings meanwhile.
    Stale {
        /// Their version.
        version: u32,
    },
    /// There is no artifact of that id.
    Unknown,
    /// The files make no artifact that can be served.
    Refused {
        /// Why.
        reason: String,
    },
}

/// Answers what is asked.
pub fn answer(table: &impl DeskTable, ask: Ask) -> Result<Answer, StoreError> {
    match ask {
        Ask::Read => {}
        Ask::Replace { version, settings } => {
            let (kept, _) = table.settings()?;
            if kept != version {
                return Ok(Answer::Stale { version: kept });
            }
            table.set_settings(version.saturating_add(1), &settings)?;
        }
        Ask::Publish { publication } => {
            let known = table.publications()?;
            if !known.iter().any(|former| former.id == publication.id) {
                table.publish(&publication)?;
            }
            table.set_current(Some(&publication.id))?;
            let (is_current, is_new) = (|id: &str| id == publication.id, table.publications()?);
            let old = is_new.iter().skip(KEPT_PUBLICATIONS).map(|old| old.id.clone());
            let old: Vec<String> = old.filter(|id| !is_current(id)).collect();
            table.drop_publications(&old)?;
        }
        Ask::Select { id } => {
            let is_known = |id: &String| {
                Ok::<_, StoreError>(table.publications()?.iter().any(|former| former.id == *id))
            };
            if let Some(id) = &id
                && !is_known(id)?
            {
                return Ok(Answer::Unknown);
            }
            table.set_current(id.as_deref())?;
        }
    }
    let (version, settings) = table.settings()?;
    let (current, published) = (table.current()?, table.publications()?);
    Ok(Answer::Holds { version, settings, current, published })
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use serde_json::json;

    use super::*;

    #[derive(Default)]
    struct Kept {
        version: u32,
        settings: Map<String, Value>,
        published: Vec<Publication>,
        current: Option<String>,
    }

    #[derive(Default)]
    struct MemoryDesk(RefCell<Kept>);

    impl DeskTable for MemoryDesk {
        fn settings(&self) -> Result<(u32, Map<String, Value>), StoreError> {
            let kept = self.0.borrow();
            Ok((kept.version, kept.settings.clone()))
        }

        fn set_settings(&self, version: u32, to: &Map<String, Value>) -> Result<(), StoreError> {
            let mut kept = self.0.borrow_mut();
            (kept.version, kept.settings) = (version, to.clone());
            Ok(())
        }

        fn publications(&self) -> Result<Vec<Publication>, StoreError> {
            Ok(self.0.borrow().published.clone())
        }

        fn publish(&self, publication: &Publication) -> Result<(), StoreError> {
            self.0.borrow_mut().published.insert(0, publication.clone());
            Ok(())
        }

        fn drop_publications(&self, ids: &[String]) -> Result<(), StoreError> {
            self.0.borrow_mut().published.retain(|one| !ids.contains(&one.id));
            Ok(())
        }

        fn current(&self) -> Result<Option<String>, StoreError> {
            Ok(self.0.borrow().current.clone())
        }

        fn set_current(&self, id: Option<&str>) -> Result<(), StoreError> {
            self.0.borrow_mut().current = id.map(str::to_owned);
            Ok(())
        }
    }

    fn settings(name: &str) -> Map<String, Value> {
        json!({"name": name}).as_object().unwrap().clone()
    }

    fn publication(id: &str) -> Publication {
        Publication { id: id.into(), ..Publication::default() }
    }

    #[test]
    fn of_two_who_replace_the_same_settings_one_is_told() {
        let desk = MemoryDesk::default();
        let replace = |version, name| {
            answer(&desk, Ask::Replace { version, settings: settings(name) }).unwrap()
        };
        assert!(matches!(replace(0, "a"), Answer::Holds { version: 1, .. }));
        assert_eq!(replace(0, "b"), Answer::Stale { version: 1 });
        assert_eq!(replace(7, "b"), Answer::Stale { version: 1 });
        assert_eq!(desk.settings().unwrap().1, settings("a"));
        assert!(matches!(replace(1, "b"), Answer::Holds { version: 2, .. }));
    }

    #[test]
    fn an_artifact_is_in_use_until_another_one_is() {
        let desk = MemoryDesk::default();
        let ask = |ask| match answer(&desk, ask).unwrap() {
            Answer::Holds { current, published, .. } => {
                (current, published.into_iter().map(|one| one.id).collect::<Vec<_>>())
            }
            other => panic!("{other:?}"),
        };
        let publish = |id| ask(Ask::Publish { publication: publication(id) });
        assert_eq!(publish("a"), (Some("a".into()), vec!["a".into()]));
        assert_eq!(publish("b"), (Some("b".into()), vec!["b".into(), "a".into()]));
        let back = ask(Ask::Select { id: Some("a".into()) });
        assert_eq!(back, (Some("a".into()), vec!["b".into(), "a".into()]));
        assert_eq!(ask(Ask::Select { id: None }).0, None);
        let unknown = Ask::Select { id: Some("c".into()) };
        assert_eq!(answer(&desk, unknown).unwrap(), Answer::Unknown);
        assert_eq!(desk.current().unwrap(), None);
        // Published again, it is only put in use.
        assert_eq!(publish("a"), (Some("a".into()), vec!["b".into(), "a".into()]));
    }

    #[test]
    fn the_latest_ones_are_kept_and_the_one_in_use() {
        let desk = MemoryDesk::default();
        for id in 0..KEPT_PUBLICATIONS + 3 {
            let publication = publication(&id.to_string());
            answer(&desk, Ask::Publish { publication }).unwrap();
        }
        assert_eq!(desk.publications().unwrap().len(), KEPT_PUBLICATIONS);
        assert_eq!(desk.current().unwrap(), Some((KEPT_PUBLICATIONS + 2).to_string()));
    }
}
