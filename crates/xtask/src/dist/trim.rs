//! Takes out of a linked module what nothing in it can reach.
//!
//! The linker keeps what a constructor registers, and so do rustc and wasm-opt, which cannot know
//! that a list is never read. The linker's own relocations can tell: they name every function and
//! every piece of data that a function or a piece of data refers to. Whatever cannot be reached
//! that way from what the module exports becomes a trap, or zeros.
//!
//! A module that is not understood to the last byte stays as it is, only larger.
//!
//! Format: <https://github.com/WebAssembly/tool-conventions/blob/main/Linking.md>.

mod linked;
mod reach;
#[cfg(test)]
mod tests;

use anyhow::{Context, Result};
use wasm_encoder::{
    CodeSection, ElementSection, Elements, Function, Instruction, Module, RawSection,
};
use wasmparser::{Parser, Payload};

use linked::Linked;
use reach::Live;

/// What the linker has to be asked for.
pub(super) const LINK_ARGUMENT: &str = "link-arg=--emit-relocs";

/// Where Rust's own libraries end the program, in parts of names as the linker writes them. They
/// have nobody to tell why: a trap is all that is seen of them.
pub(super) const PANICS: [&str; 26] = [
    "4core9panicking5panic",
    "4core9panicking9panic_fmt",
    "4core9panicking18panic_bounds_check",
    "4core9panicking11panic_const",
    "4core9panicking13assert_failed",
    "4core9panicking19assert_failed_inner",
    "4core6option13expect_failed",
    "4core6option13unwrap_failed",
    "4core6result13unwrap_failed",
    "4core4cell22panic_already_borrowed",
    "4core4cell30panic_already_mutably_borrowed",
    "4core5slice5index16slice_index_fail",
    "20copy_from_slice_impl17len_mismatch_fail",
    "4core3str16slice_error_fail",
    "5alloc5alloc18handle_alloc_error",
    "5alloc7raw_vec12handle_error",
    "5alloc7raw_vec17capacity_overflow",
    "3VecppE10insert_mut13assert_failed",
    "3VecppE11swap_remove13assert_failed",
    "3VecppE6remove13assert_failed",
    "3std9panicking11begin_panicReE",
    "3std6thread5local18panic_access_error",
    "12wasm_bindgen9throw_str",
    "24console_error_panic_hook4hook",
    "11Fallibility17capacity_overflow",
    "3std7process5abort",
];

/// This step's own sources: what it makes is of them, too.
pub(super) const SOURCES: [&str; 3] =
    [include_str!("trim.rs"), include_str!("trim/linked.rs"), include_str!("trim/reach.rs")];

/// Takes out what cannot be reached, and the linker's notes. The second result says why nothing
/// was taken out, if so.
///
/// Where a function is called whose symbol has one of the names of `traps` in it, there is a trap.
pub(super) fn trim(wasm: &[u8], traps: &[&str]) -> (Vec<u8>, Option<String>) {
    let trimmed = Linked::read(wasm).and_then(|linked| {
        let live = Live::find(&linked, traps);
        write(wasm, &linked, &live)
    });
    match trimmed {
        Ok(trimmed) => (trimmed, None),
        Err(error) => {
            let whole = without_notes(wasm).unwrap_or_else(|_| wasm.to_vec());
            (whole, Some(format!("{error:#}")))
        }
    }
}

/// Whether a custom section is for linkers only.
fn is_note(name: &str) -> bool {
    name == "linking" || name.starts_with("reloc.")
}

fn without_notes(wasm: &[u8]) -> Result<Vec<u8>> {
    rewrite(wasm, |_| Ok(None))
}

fn write(wasm: &[u8], linked: &Linked<'_>, live: &Live) -> Result<Vec<u8>> {
    rewrite(wasm, |payload| {
        Ok(match payload {
            Payload::CodeSectionStart { .. } => Some(Rewritten::Code(code(wasm, linked, live)?)),
            Payload::ElementSection(_) => Some(Rewritten::Elements(elements(linked, live))),
            Payload::DataSection(section) => {
                let mut bytes = part(wasm, section.range())?.to_vec();
                let start = section.range().start;
                for range in live.dead_data(linked) {
                    let inside = range.start.wrapping_sub(start)..range.end.wrapping_sub(start);
                    bytes.get_mut(inside).context("data outside of its section")?.fill(0);
                }
                Some(Rewritten::Data(bytes))
            }
            _ => None,
        })
    })
}

/// A section in its new form.
enum Rewritten {
    Code(CodeSection),
    Elements(ElementSection),
    Data(Vec<u8>),
}

/// Copies a module section by section but for the linker's notes and what `change` wants otherwise.
fn rewrite(
    wasm: &[u8],
    mut change: impl FnMut(&Payload<'_>) -> Result<Option<Rewritten>>,
) -> Result<Vec<u8>> {
    let mut module = Module::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload?;
        match change(&payload)? {
            Some(Rewritten::Code(section)) => module.section(&section),
            Some(Rewritten::Elements(section)) => module.section(&section),
            Some(Rewritten::Data(data)) => module.section(&RawSection { id: DATA, data: &data }),
            None => match (&payload, payload.as_section()) {
                (Payload::CustomSection(custom), _) if is_note(custom.name()) => continue,
                (_, Some((id, range))) => {
                    module.section(&RawSection { id, data: part(wasm, range)? })
                }
                _ => continue,
            },
        };
    }
    Ok(module.finish())
}

/// The data section's number.
const DATA: u8 = 11;

fn part(wasm: &[u8], range: std::ops::Range<usize>) -> Result<&[u8]> {
    wasm.get(range).context("a range outside of the module")
}

fn code(wasm: &[u8], linked: &Linked<'_>, live: &Live) -> Result<CodeSection> {
    let mut section = CodeSection::new();
    for (index, function) in linked.defined() {
        if live.is_trap(index) {
            let mut body = Function::new([]);
            body.instruction(&Instruction::Unreachable).instruction(&Instruction::End);
            section.function(&body);
        } else if linked.constructors.function == Some(index) {
            let mut body = Function::new([]);
            for called in linked.constructors.calls.iter().filter(|f| live.has_function(**f)) {
                body.instruction(&Instruction::Call(*called));
            }
            body.instruction(&Instruction::End);
            section.function(&body);
        } else {
            let mut body = part(wasm, function.body.clone())?.to_vec();
            for call in live.calls_of_traps(function) {
                let inside = call.start - function.body.start..call.end - function.body.start;
                let bytes = body.get_mut(inside).context("a call outside of its function")?;
                bytes.fill(linked::code::NOP);
                if let Some(first) = bytes.first_mut() {
                    *first = linked::code::UNREACHABLE;
                }
            }
            section.raw(&body);
        }
    }
    Ok(section)
}

/// The table, with a trap where nothing asks for the function.
fn elements(linked: &Linked<'_>, live: &Live) -> ElementSection {
    let mut section = ElementSection::new();
    for segment in &linked.elements {
        let trap = linked.defined().map(|(index, _)| index).find(|index| live.is_trap(*index));
        let functions: Vec<u32> = segment
            .functions
            .iter()
            .map(|function| match trap {
                Some(trap) if !live.is_in_table(*function) => trap,
                _ => *function,
            })
            .collect();
        let offset = wasm_encoder::ConstExpr::i32_const(segment.first.cast_signed());
        section.active(None, &offset, Elements::Functions(functions.into()));
    }
    section
}
