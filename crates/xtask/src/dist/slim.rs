//! Makes a browser's module smaller where neither rustc nor wasm-opt do.
//!
//! A panic traps at once, without the message that nobody would read: the loader takes care of a
//! trap. And the names by which Wasm and its glue know each other lose their hashes, which no
//! compression makes smaller.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use walrus::{FunctionBuilder, FunctionKind, ImportKind, Module};

use super::trim::PANICS;

/// What a short name begins with.
const IMPORT: char = 'i';
const EXPORT: char = 'e';
/// What the glue's module is called in place of its file.
const GLUE: &str = "g";

/// Lets every panic trap at once, where it begins: what only its message needs, such as the tables
/// of printable characters, is then dead. To be done before wasm-bindgen, while functions have
/// names.
pub(super) fn trap_on_panic(module: &mut Module) {
    let found: Vec<_> = module
        .funcs
        .iter_local()
        .filter(|(id, _)| {
            let name = module.funcs.get(*id).name.as_deref().unwrap_or_default();
            PANICS.iter().any(|panic| name.contains(panic))
        })
        .map(|(id, _)| id)
        .collect();
    for id in found {
        let kind = module.types.get(module.funcs.get(id).ty());
        let (params, results) = (kind.params().to_vec(), kind.results().to_vec());
        let mut builder = FunctionBuilder::new(&mut module.types, &params, &results);
        builder.func_body().unreachable();
        let arguments = params.iter().map(|kind| module.locals.add(*kind)).collect();
        let body = builder.local_func(arguments);
        module.funcs.get_mut(id).kind = FunctionKind::Local(body);
    }
}

/// Gives short names to what a module and its glue say to each other. `script_name` is the file
/// that the module imports.
pub(super) fn shorten_names(
    wasm: &[u8],
    script: &str,
    script_name: &str,
) -> Result<(Vec<u8>, String)> {
    let mut module = Module::from_buffer(wasm).context("the bound module cannot be read")?;
    let mut taken: BTreeSet<String> = module.exports.iter().map(|e| e.name.clone()).collect();
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    let mut fresh = |prefix: char, count: usize| {
        let name = (count..)
            .map(|number| format!("{prefix}{}", base36(number)))
            .find(|name| !taken.contains(name))
            .unwrap_or_default();
        taken.insert(name.clone());
        name
    };
    let from_glue = format!("./{script_name}");
    for (import, count) in module.imports.iter_mut().zip(0..) {
        if import.module == from_glue && matches!(import.kind, ImportKind::Function(_)) {
            let short = fresh(IMPORT, count);
            GLUE.clone_into(&mut import.module);
            names.insert(std::mem::replace(&mut import.name, short.clone()), short);
        }
    }
    for (export, count) in module.exports.iter_mut().zip(0..) {
        if has_hash(&export.name) {
            let short = fresh(EXPORT, count);
            names.insert(std::mem::replace(&mut export.name, short.clone()), short);
        }
    }
    let script =
        rename(script, &names).replace(&format!("\"{from_glue}\""), &format!("\"{GLUE}\""));
    Ok((module.emit_wasm(), script))
}

/// Whether a name ends in a hash of Rust: `h` and 16 hexadecimal digits.
fn has_hash(name: &str) -> bool {
    name.rsplit_once('h')
        .is_some_and(|(_, end)| end.len() == 16 && end.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// Replaces whole identifiers.
fn rename(script: &str, names: &BTreeMap<String, String>) -> String {
    let mut out = String::with_capacity(script.len());
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$';
    let mut rest = script;
    while !rest.is_empty() {
        let length = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(length);
        out.push_str(names.get(word).map_or(word, String::as_str));
        let gap = after.find(is_part).unwrap_or(after.len());
        let (between, next) = after.split_at(gap);
        out.push_str(between);
        rest = next;
    }
    out
}

fn base36(mut number: usize) -> String {
    let mut digits = Vec::new();
    loop {
        digits.push(char::from_digit((number % 36) as u32, 36).unwrap_or('0'));
        number /= 36;
        if number == 0 {
            return digits.into_iter().rev().collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use walrus::ValType;

    /// A module that imports `log` from its glue, and exports `run`, which panics, and a closure.
    fn module() -> Module {
        let mut module = Module::default();
        let kind = module.types.add(&[ValType::I32], &[]);
        module.add_import_func("./m_bg.js", "__wbg_log_0123456789abcdef", kind);
        module.add_import_func("env", "other", kind);
        let function = |module: &mut Module, name: &str| {
            let mut builder = FunctionBuilder::new(&mut module.types, &[ValType::I32], &[]);
            builder.name(name.to_owned()).func_body().i32_const(7).drop();
            let argument = module.locals.add(ValType::I32);
            builder.finish(vec![argument], &mut module.funcs)
        };
        let panic = function(&mut module, "_RNvNtCs1_4core9panicking9panic_fmt");
        let run = function(&mut module, "run");
        module.exports.add("run", run);
        module.exports.add("panic", panic);
        module.exports.add("closure__h0123456789abcdef", run);
        module.exports.add("i0", run);
        module
    }

    #[test]
    fn only_the_way_of_panics_traps() {
        let mut module = module();
        trap_on_panic(&mut module);
        let instructions = |name: &str| {
            let id = module.exports.get_func(name).unwrap();
            let local = module.funcs.get(id).kind.unwrap_local();
            local
                .block(local.entry_block())
                .instrs
                .iter()
                .map(|(i, _)| i.clone())
                .collect::<Vec<_>>()
        };
        assert!(matches!(instructions("panic").as_slice(), [walrus::ir::Instr::Unreachable(_)]));
        assert_eq!(instructions("run").len(), 2);
    }

    #[test]
    fn both_sides_know_the_short_names() {
        let script = "const i = {\"./m_bg.js\": {__wbg_log_0123456789abcdef: f}};\
            wasm.closure__h0123456789abcdef(my__wbg_log_0123456789abcdef); 'é'";
        let (wasm, script) = shorten_names(&module().emit_wasm(), script, "m_bg.js").unwrap();
        assert_eq!(script, "const i = {\"g\": {i1: f}};wasm.e2(my__wbg_log_0123456789abcdef); 'é'");
        let module = Module::from_buffer(&wasm).unwrap();
        let imports: Vec<_> =
            module.imports.iter().map(|i| (i.module.as_str(), i.name.as_str())).collect();
        assert_eq!(imports, [("g", "i1"), ("env", "other")]);
        let exports: Vec<_> = module.exports.iter().map(|e| e.name.as_str()).collect();
        assert_eq!(exports, ["run", "panic", "e2", "i0"]);
    }
}
