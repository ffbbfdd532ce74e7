//! `aisle rollback`

use std::io::Write;

use aisle_core::protocol::Artifacts;
use anyhow::{Result, bail};
use clap::Args;

use super::desk::{Desk, Worker};
use super::output::print_json;

/// Puts a former artifact back in use on a worker.
///
/// Without `--to` it is the one that was published before the one in use, or the one in the
/// worker's folder if there is none.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  AISLE_ADMIN_KEY=... aisle rollback --worker https://chat.example --shop my-shop
  aisle rollback --worker ... --shop my-shop --list
  aisle rollback --worker ... --shop my-shop --to 0b9d7a52f4e84c1c8f0a6e2d5b3c7f19
  aisle rollback --worker ... --shop my-shop --to folder")]
pub(super) struct Rollback {
    #[command(flatten)]
    worker: Worker,
    /// The artifact to go back to; `folder` for the one in the worker's folder.
    #[arg(long, value_name = "ID", conflicts_with = "list")]
    to: Option<String>,
    /// Only tell what there is.
    #[arg(long)]
    list: bool,
    /// Write JSON.
    #[arg(long)]
    json: bool,
}

impl Rollback {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<()> {
        let desk = Desk::open(&self.worker)?;
        let mut artifacts = desk.list()?;
        if !self.list {
            let to = match self.to.as_deref() {
                Some("folder") => None,
                Some(id) => Some(id.to_owned()),
                None => before(&artifacts)?,
            };
            artifacts = desk.select(to)?;
        }
        if self.json {
            return print_json(out, &artifacts);
        }
        for one in &artifacts.published {
            let mark = if artifacts.current.as_ref() == Some(&one.id) { "*" } else { " " };
            writeln!(out, "{mark} {}", one.id)?;
        }
        let mark = if artifacts.current.is_none() { "*" } else { " " };
        writeln!(out, "{mark} folder")?;
        Ok(())
    }
}

/// The artifact before the one in use.
fn before(artifacts: &Artifacts) -> Result<Option<String>> {
    let Some(current) = &artifacts.current else {
        bail!("the worker's folder is in use; there is nothing before it")
    };
    let mut older = artifacts.published.iter().skip_while(|one| one.id != *current).skip(1);
    Ok(older.next().map(|one| one.id.clone()))
}

#[cfg(test)]
mod tests {
    use aisle_core::protocol::PublishedArtifact;

    use super::*;

    #[test]
    fn the_one_before_is_gone_back_to() {
        let published = ["c", "b", "a"].map(|id| PublishedArtifact {
            id: id.into(),
            files: Default::default(),
            published_ms: 0,
        });
        let before = |current: Option<&str>| {
            let current = current.map(str::to_owned);
            before(&Artifacts { current, published: published.to_vec() })
        };
        assert_eq!(before(Some("c")).unwrap().as_deref(), Some("b"));
        assert_eq!(before(Some("a")).unwrap(), None);
        assert!(before(None).is_err());
    }
}
