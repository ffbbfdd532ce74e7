//! Conversations from the worker's export into the shop's `chats.jsonl`.

use std::io::Write;
use std::path::Path;
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::error::ImportError;
use super::output::{Output, place, unwritable};
use super::sort::{Group, Sorter};
use super::source::{OnBytes, Source, failed, warn_of_encoding};
use super::{Counts, Options, Summary, conclude, temporary_folder};
use crate::read::{
    Conversation, EXPECTED_CHATS, MAX_RECORD_BYTES, Metered, ReadError, Warnings,
    parse_conversation, quoted,
};

/// The conversations in the shop's folder.
const CHATS_FILE: &str = "chats.jsonl";

#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    is_old: bool,
    line: u64,
    conversation: Conversation,
}

/// Imports conversations from a file. One that comes again takes the place of the former one.
pub fn import_chats(from: &Path, options: &Options<'_>) -> Result<Summary, ImportError> {
    options.mapping.check(&[])?;
    let mut sorter = Sorter::new(temporary_folder(options)?);
    let path = place(options.shop, CHATS_FILE);
    let new_name = from.display().to_string();
    let mut warnings = Warnings::new(&path.display().to_string());
    if path.exists() && !options.replace {
        let quiet: OnBytes = Rc::new(|_| {});
        match Source::open(&path, EXPECTED_CHATS, &quiet) {
            Ok(source) => {
                read(source, true, &mut sorter, &mut warnings)?;
            }
            Err(ImportError::Read(ReadError::Empty { .. })) => {}
            Err(error) => return Err(error),
        }
    }
    warnings.set_file(&new_name);
    let source = Source::open(from, EXPECTED_CHATS, &options.on_bytes)?;
    let records = read(source, false, &mut sorter, &mut warnings)?;
    let target = (!options.dry_run).then_some(path.as_path());
    let (counts, output) = write(sorter, target, &mut warnings)?;
    let first_reason = warnings.first_reason();
    conclude(counts.used(), records, (new_name, EXPECTED_CHATS), first_reason, output)?;
    Ok(Summary::new("chats-jsonl".to_owned(), records, counts, warnings, &path))
}

/// Reads all lines and returns the number of those that are not blank.
fn read(
    source: Source,
    is_old: bool,
    sorter: &mut Sorter,
    warnings: &mut Warnings,
) -> Result<u64, ImportError> {
    let (file, reader, found) = source.into_reader();
    let mut reader = Metered::new(reader);
    let mut text = String::new();
    let mut records = 0;
    while let Some(line) = reader.next_line(&mut text).map_err(|e| failed(&file, e))? {
        records += u64::from(!line.is_whole || !text.trim().is_empty());
        let line_text = line.is_whole.then_some(text.as_str());
        if let Some(conversation) = parse_conversation(line.number, line_text, warnings) {
            let id = conversation.id.clone();
            sorter.push(&id, &Entry { is_old, line: line.number, conversation })?;
        }
    }
    warn_of_encoding(&found, warnings);
    Ok(records)
}

/// Merges and writes; `path` is nothing for a mere trial.
fn write(
    sorter: Sorter,
    path: Option<&Path>,
    warnings: &mut Warnings,
) -> Result<(Counts, Option<Output>), ImportError> {
    let mut output = match path {
        Some(path) => Some(Output::create(path)?),
        None => None,
    };
    let mut counts = Counts::default();
    let mut sorted = sorter.finish()?;
    while let Some(Group { key, records, .. }) = sorted.next_group::<Entry>()? {
        let (old, new): (Vec<_>, Vec<_>) = records.into_iter().partition(|entry| entry.is_old);
        let old = old.into_iter().next_back().map(|entry| entry.conversation);
        for twice in new.iter().skip(1) {
            let reason = format!("{} is there twice; the last one is used", quoted(&key));
            warnings.add(twice.line, Some("id"), reason);
        }
        let (came, place) = (!new.is_empty(), new.first().map_or(0, |entry| entry.line));
        let new = new.into_iter().next_back().map(|entry| entry.conversation);
        let Some(conversation) = new.or(old.clone()) else { continue };
        let mut line = serde_json::to_vec(&conversation)
            .map_err(|e| ImportError::Sort(std::io::Error::from(e)))?;
        line.push(b'\n');
        if line.len() as u64 > MAX_RECORD_BYTES {
            let reason = format!("{} is too long to be kept; left out", quoted(&key));
            warnings.add(place, Some("id"), reason);
            counts.left_out += 1;
            continue;
        }
        counts.count(old.as_ref(), &conversation, came);
        if let (Some(output), Some(path)) = (&mut output, path) {
            output.write_all(&line).map_err(|e| unwritable(path, e))?;
        }
    }
    Ok((counts, output))
}
