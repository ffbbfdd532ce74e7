//! A shop's spending in memory.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::Day;
use super::ledger::{Opened, SpendTable};
use crate::ports::StoreError;

/// The in-memory double of the table.
#[derive(Clone, Debug, Default)]
pub struct MemorySpend {
    days: RefCell<BTreeMap<u32, Day>>,
    opened: RefCell<BTreeMap<String, Opened>>,
}

impl SpendTable for MemorySpend {
    fn day(&self, day: u32) -> Result<Day, StoreError> {
        let found = self.days.borrow().get(&day).copied();
        Ok(found.unwrap_or(Day { day, ..Day::default() }))
    }

    fn set_day(&self, day: Day) -> Result<(), StoreError> {
        self.days.borrow_mut().insert(day.day, day);
        Ok(())
    }

    fn days_from(&self, day: u32) -> Result<Vec<Day>, StoreError> {
        Ok(self.days.borrow().range(day..).map(|(_, day)| *day).collect())
    }

    fn forget_before(&self, day: u32) -> Result<(), StoreError> {
        self.days.borrow_mut().retain(|kept, _| *kept >= day);
        Ok(())
    }

    fn opened(&self) -> Result<Vec<Opened>, StoreError> {
        Ok(self.opened.borrow().values().cloned().collect())
    }

    fn insert(&self, opened: &Opened) -> Result<(), StoreError> {
        self.opened.borrow_mut().insert(opened.id.clone(), opened.clone());
        Ok(())
    }

    fn remove(&self, id: &str) -> Result<Option<Opened>, StoreError> {
        Ok(self.opened.borrow_mut().remove(id))
    }
}
