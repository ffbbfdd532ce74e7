//! A linked module with its relocations, every one of which is checked against the bytes that the
//! linker wrote.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use anyhow::{Context, Result, bail, ensure};
use wasmparser::{
    BinaryReader, ConstExpr, DataKind, ElementItems, ElementKind, ExternalKind, FunctionBody,
    KnownCustom, Linking, Operator, Parser, Payload, RelocSectionReader, RelocationEntry,
    RelocationType, SymbolFlags, SymbolInfo, TypeRef,
};

/// What the linker calls the function that calls all constructors.
const CONSTRUCTORS: &str = "__wasm_call_ctors";

/// A module as it comes from the linker.
pub(super) struct Linked<'a> {
    /// Number of imported functions: those that come first.
    imported: u32,
    functions: Vec<DefinedFunction>,
    pub(super) segments: Vec<DataSegment<'a>>,
    pub(super) elements: Vec<ElementSegment>,
    pub(super) symbols: Vec<Symbol<'a>>,
    /// Functions that the outside knows.
    pub(super) exported: Vec<u32>,
    /// Addresses that the outside, or code by way of a global, may know.
    pub(super) addresses: Vec<u32>,
    pub(super) constructors: Constructors,
}

/// A function with a body.
#[derive(Default)]
pub(super) struct DefinedFunction {
    /// Its bytes in the file, without their length.
    pub(super) body: Range<usize>,
    /// By where in the file they are.
    pub(super) references: BTreeMap<usize, Reference>,
    /// By where a call's operand is, where the constants and locals begin that are loaded right
    /// before it.
    pub(super) arguments: BTreeMap<usize, usize>,
}

/// Some bytes that are in memory from the beginning.
pub(super) struct DataSegment<'a> {
    /// Where in memory.
    pub(super) address: u32,
    /// Where in the file.
    pub(super) bytes: Range<usize>,
    pub(super) content: &'a [u8],
    /// By their offset in the segment.
    pub(super) references: BTreeMap<u32, Reference>,
}

/// Some entries of the table.
pub(super) struct ElementSegment {
    /// Position in the table.
    pub(super) first: u32,
    pub(super) functions: Vec<u32>,
}

/// What a piece of code or data refers to. In code, each is the operand of one instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reference {
    /// Calls a function.
    Call(u32),
    /// Calls a function, in code of the linker's own.
    OwnCall(u32),
    /// Has a function's place in the table.
    Place(u32),
    /// Has the address of a symbol, or one near it.
    Address(usize),
    /// Reads or writes there.
    Access(usize),
}

/// Instructions, by their bytes.
pub(super) mod code {
    pub(in super::super) const UNREACHABLE: u8 = 0x00;
    pub(in super::super) const NOP: u8 = 0x01;
    pub(in super::super) const CALL: u8 = 0x10;
    pub(in super::super) const I32_CONST: u8 = 0x41;
}

/// Bytes of an instruction with an operand that the linker fills in.
pub(super) const INSTRUCTION: usize = 6;

/// Something with a name, for linkers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Symbol<'a> {
    pub(super) name: &'a str,
    pub(super) what: Thing,
    /// Whether the source says that it is used whatever the linker sees.
    pub(super) is_used: bool,
}

/// What a symbol stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Thing {
    Function(u32),
    Data {
        segment: usize,
        offset: u32,
        size: u32,
    },
    /// Data that is not there: weak symbols.
    Nothing,
    /// A global, table, section or tag.
    Other,
}

/// The function that calls all constructors.
#[derive(Default)]
pub(super) struct Constructors {
    pub(super) function: Option<u32>,
    pub(super) calls: Vec<u32>,
}

impl<'a> Linked<'a> {
    /// Reads a module. Fails where there is anything that this step does not know.
    pub(super) fn read(wasm: &'a [u8]) -> Result<Self> {
        let mut linked = Self {
            imported: 0,
            functions: Vec::new(),
            segments: Vec::new(),
            elements: Vec::new(),
            symbols: Vec::new(),
            exported: Vec::new(),
            addresses: Vec::new(),
            constructors: Constructors::default(),
        };
        let (mut code, mut data) = (None, None);
        let (mut code_relocations, mut data_relocations) = (None, None);
        for (number, payload) in sections(wasm)? {
            match payload {
                Payload::CodeSectionStart { range, .. } => code = Some((number, range)),
                Payload::DataSection(ref section) => {
                    data = Some((number, section.range()));
                    linked.read_section(payload)?;
                }
                Payload::CustomSection(ref custom) => match custom.as_known() {
                    KnownCustom::Reloc(relocations) if custom.name() == "reloc.CODE" => {
                        code_relocations = Some(relocations);
                    }
                    KnownCustom::Reloc(relocations) if custom.name() == "reloc.DATA" => {
                        data_relocations = Some(relocations);
                    }
                    _ => linked.read_section(payload)?,
                },
                payload => linked.read_section(payload)?,
            }
        }
        ensure!(!linked.symbols.is_empty(), "the linker has left no symbols");
        let slots = linked.slots();
        let code_relocations = code_relocations.context("the linker has left no relocations")?;
        let code = code.context("no code")?;
        for (entry, at) in entries(&code_relocations, &code)? {
            linked.check(wasm, &slots, &entry, at)?;
            if let Some(reference) = linked.reference(&entry)? {
                let instruction = at.checked_sub(1).and_then(|at| wasm.get(at));
                check_instruction(reference, instruction.copied())?;
                let other = linked.function_at(at, entry.ty)?.references.insert(at, reference);
                ensure!(other.is_none(), "two relocations of the same bytes");
            }
        }
        if let (Some(relocations), Some(data)) = (data_relocations, data) {
            for (entry, at) in entries(&relocations, &data)? {
                linked.check(wasm, &slots, &entry, at)?;
                if let Some(reference) = linked.reference(&entry)? {
                    let segment = linked.segments.iter_mut().find(|s| s.bytes.contains(&at));
                    let segment = segment.context("a relocation outside of all data")?;
                    let offset = u32::try_from(at - segment.bytes.start)?;
                    let other = segment.references.insert(offset, reference);
                    ensure!(other.is_none(), "two relocations of the same bytes");
                }
            }
        }
        linked.read_unmarked_calls(wasm)?;
        linked.read_arguments(wasm)?;
        Ok(linked)
    }

    /// The functions with a body, with their numbers.
    pub(super) fn defined(&self) -> impl Iterator<Item = (u32, &DefinedFunction)> {
        (self.imported..).zip(&self.functions)
    }

    /// A function with a body.
    pub(super) fn function(&self, index: u32) -> Option<&DefinedFunction> {
        self.functions.get(index.checked_sub(self.imported)? as usize)
    }

    /// Whether one of a function's names has all of these in it.
    pub(super) fn is_named(&self, function: u32, words: &[&str]) -> bool {
        let mut symbols = self.symbols.iter().filter(|s| s.what == Thing::Function(function));
        symbols.any(|symbol| words.iter().all(|word| symbol.name.contains(word)))
    }

    fn read_section(&mut self, payload: Payload<'a>) -> Result<()> {
        match payload {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    match import?.ty {
                        TypeRef::Func(_) => self.imported += 1,
                        other => bail!("an import that is no function: {other:?}"),
                    }
                }
            }
            Payload::GlobalSection(section) => {
                for global in section {
                    self.addresses.extend(constant(&global?.init_expr)?);
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export?;
                    match export.kind {
                        ExternalKind::Func => self.exported.push(export.index),
                        ExternalKind::Global | ExternalKind::Memory => {}
                        other => bail!("an export of another kind: {other:?}"),
                    }
                }
            }
            Payload::StartSection { func, .. } => self.exported.push(func),
            Payload::ElementSection(section) => {
                for element in section {
                    let element = element?;
                    let (ElementKind::Active { table_index: None | Some(0), offset_expr }, items) =
                        (element.kind, element.items)
                    else {
                        bail!("a part of the table that is not there from the beginning");
                    };
                    let ElementItems::Functions(functions) = items else {
                        bail!("a table of something else than functions");
                    };
                    self.elements.push(ElementSegment {
                        first: constant(&offset_expr)?.context("a table at no fixed position")?,
                        functions: functions.into_iter().collect::<Result<_, _>>()?,
                    });
                }
            }
            Payload::CodeSectionEntry(body) => {
                self.functions
                    .push(DefinedFunction { body: body.range(), ..DefinedFunction::default() });
            }
            Payload::DataSection(section) => {
                for data in section {
                    let data = data?;
                    let DataKind::Active { memory_index: 0, offset_expr } = data.kind else {
                        bail!("data that is not there from the beginning");
                    };
                    let end = data.range.end;
                    self.segments.push(DataSegment {
                        address: constant(&offset_expr)?.context("data at no fixed address")?,
                        bytes: end - data.data.len()..end,
                        content: data.data,
                        references: BTreeMap::new(),
                    });
                }
            }
            Payload::CustomSection(custom) => match custom.as_known() {
                KnownCustom::Linking(linking) => {
                    for part in linking.subsections() {
                        if let Linking::SymbolTable(symbols) = part? {
                            for symbol in symbols {
                                self.symbols.push(self.symbol(symbol?)?);
                            }
                        }
                    }
                }
                KnownCustom::Name(names) => self.find_constructors(names)?,
                KnownCustom::Reloc(_) => bail!("relocations of an unknown section"),
                _ => {}
            },
            Payload::TagSection(_) => bail!("a section of tags"),
            _ => {}
        }
        Ok(())
    }

    fn symbol(&self, symbol: SymbolInfo<'a>) -> Result<Symbol<'a>> {
        let (name, flags, what) = match symbol {
            SymbolInfo::Func { flags, index, name } => {
                let count = self.imported as usize + self.functions.len();
                ensure!((index as usize) < count, "a symbol of function {index} of {count}");
                (name.unwrap_or_default(), flags, Thing::Function(index))
            }
            SymbolInfo::Data { flags, name, symbol: None } => (name, flags, Thing::Nothing),
            SymbolInfo::Data { flags, name, symbol: Some(at) } => {
                let segment = self.segments.get(at.index as usize);
                let segment = segment.with_context(|| format!("{name} is in no segment"))?;
                let end = at.offset as usize + at.size as usize;
                ensure!(end <= segment.bytes.len(), "{name} ends after its segment");
                let data =
                    Thing::Data { segment: at.index as usize, offset: at.offset, size: at.size };
                (name, flags, data)
            }
            SymbolInfo::Global { flags, name, .. }
            | SymbolInfo::Event { flags, name, .. }
            | SymbolInfo::Table { flags, name, .. } => {
                (name.unwrap_or_default(), flags, Thing::Other)
            }
            SymbolInfo::Section { flags, .. } => ("", flags, Thing::Other),
        };
        ensure!(!flags.contains(SymbolFlags::TLS), "{name} is in thread-local storage");
        ensure!(!flags.contains(SymbolFlags::ABSOLUTE), "{name} has an absolute address");
        let used = SymbolFlags::NO_STRIP | SymbolFlags::EXPORTED;
        Ok(Symbol { name, what, is_used: flags.intersects(used) })
    }

    fn find_constructors(&mut self, names: wasmparser::NameSectionReader<'_>) -> Result<()> {
        for part in names {
            if let wasmparser::Name::Function(functions) = part? {
                for naming in functions {
                    let naming = naming?;
                    if naming.name == CONSTRUCTORS {
                        self.constructors.function = Some(naming.index);
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }

    /// Where each function is in the table.
    fn slots(&self) -> HashMap<u32, u32> {
        let all = self.elements.iter().flat_map(|s| s.functions.iter().copied().zip(s.first..));
        all.collect()
    }

    /// Whether the bytes are what the relocation says.
    fn check(
        &self,
        wasm: &[u8],
        slots: &HashMap<u32, u32>,
        entry: &RelocationEntry,
        at: usize,
    ) -> Result<()> {
        use RelocationType as Type;
        if entry.ty == Type::TypeIndexLeb {
            // Its index is one of a type, not of a symbol.
            return Ok(());
        }
        let field = wasm.get(at..at + entry.ty.extent()).context("a relocation past the end")?;
        let mut reader = BinaryReader::new(field, 0);
        let found = match entry.ty {
            Type::TableIndexSleb | Type::MemoryAddrSleb => reader.read_var_i32()?.cast_unsigned(),
            Type::TableIndexI32 | Type::MemoryAddrI32 => reader.read_u32()?,
            _ => reader.read_var_u32()?,
        };
        let symbol = self.symbols.get(entry.index as usize).context("a relocation to no symbol")?;
        let expected = match (entry.ty, symbol.what) {
            (Type::FunctionIndexLeb, Thing::Function(index)) => Some(index),
            (Type::TableIndexSleb | Type::TableIndexI32, Thing::Function(index)) => {
                slots.get(&index).copied()
            }
            (
                Type::MemoryAddrLeb | Type::MemoryAddrSleb | Type::MemoryAddrI32,
                Thing::Data { segment, offset, .. },
            ) => {
                let start = self.segments.get(segment).map_or(0, |s| s.address);
                let addend = i32::try_from(entry.addend)?;
                Some(start.wrapping_add(offset).wrapping_add_signed(addend))
            }
            _ => return Ok(()),
        };
        ensure!(
            expected == Some(found),
            "{:?} to {} has {found}, not {expected:?}",
            entry.ty,
            symbol.name
        );
        Ok(())
    }

    /// What a relocation refers to, if that may be dead or alive.
    fn reference(&self, entry: &RelocationEntry) -> Result<Option<Reference>> {
        use RelocationType as Type;
        match entry.ty {
            Type::TypeIndexLeb | Type::GlobalIndexLeb | Type::TableNumberLeb => return Ok(None),
            _ => {}
        }
        let index = entry.index as usize;
        let symbol = self.symbols.get(index).context("a relocation to no symbol")?;
        Ok(Some(match (entry.ty, symbol.what) {
            (Type::FunctionIndexLeb, Thing::Function(index)) => Reference::Call(index),
            (Type::TableIndexSleb | Type::TableIndexI32, Thing::Function(index)) => {
                Reference::Place(index)
            }
            (Type::MemoryAddrSleb | Type::MemoryAddrI32, Thing::Data { .. } | Thing::Nothing) => {
                Reference::Address(index)
            }
            (Type::MemoryAddrLeb, Thing::Data { .. } | Thing::Nothing) => Reference::Access(index),
            (kind, what) => bail!("an unknown relocation: {kind:?} to {what:?}"),
        }))
    }

    fn function_at(&mut self, at: usize, kind: RelocationType) -> Result<&mut DefinedFunction> {
        let next = self.functions.partition_point(|function| function.body.start <= at);
        let function = next.checked_sub(1).and_then(|index| self.functions.get_mut(index));
        function
            .filter(|function| at + kind.extent() <= function.body.end)
            .context("a relocation outside of all functions")
    }

    /// Functions that the linker itself has written have no relocations: their calls are read from
    /// their code. A function of the program has one for each of its calls, or calls nothing.
    fn read_unmarked_calls(&mut self, wasm: &[u8]) -> Result<()> {
        let constructors = self.constructors.function;
        for (index, function) in (self.imported..).zip(&mut self.functions) {
            if function.references.is_empty() {
                let bytes = wasm.get(function.body.clone()).context("a function past the end")?;
                let body = FunctionBody::new(BinaryReader::new(bytes, function.body.start));
                let mut others = body.get_locals_reader()?.get_count();
                let mut calls = Vec::new();
                for operator in body.get_operators_reader()?.into_iter_with_offsets() {
                    match operator? {
                        (Operator::Call { function_index }, at)
                        | (Operator::ReturnCall { function_index }, at) => {
                            calls.push((at + 1, function_index));
                        }
                        (Operator::RefFunc { .. }, _) => bail!("a reference to a function"),
                        _ => others += 1,
                    }
                }
                if constructors == Some(index) {
                    // Its end is no call.
                    ensure!(others == 1, "{CONSTRUCTORS} does more than call");
                    self.constructors.calls = calls.into_iter().map(|(_, index)| index).collect();
                } else {
                    let calls =
                        calls.into_iter().map(|(at, index)| (at, Reference::OwnCall(index)));
                    function.references = calls.collect();
                }
            } else {
                ensure!(constructors != Some(index), "{CONSTRUCTORS} has relocations");
            }
        }
        Ok(())
    }
}

impl Linked<'_> {
    /// Notes of every function where the arguments of its calls begin, as far as they are constants
    /// and locals that are loaded right before the call.
    fn read_arguments(&mut self, wasm: &[u8]) -> Result<()> {
        for function in &mut self.functions {
            let bytes = wasm.get(function.body.clone()).context("a function past the end")?;
            let body = FunctionBody::new(BinaryReader::new(bytes, function.body.start));
            let mut first = None;
            for operator in body.get_operators_reader()?.into_iter_with_offsets() {
                let (operator, at) = operator?;
                match operator {
                    Operator::I32Const { .. } | Operator::LocalGet { .. } => {
                        first.get_or_insert(at);
                    }
                    Operator::Call { .. } => {
                        function.arguments.extend(first.take().map(|first| (at + 1, first)));
                    }
                    _ => first = None,
                }
            }
        }
        Ok(())
    }
}

/// Whether a reference is the operand of the only instruction that has such operands.
fn check_instruction(reference: Reference, instruction: Option<u8>) -> Result<()> {
    let expected = match reference {
        Reference::Call(_) => code::CALL,
        Reference::Place(_) | Reference::Address(_) => code::I32_CONST,
        Reference::OwnCall(_) | Reference::Access(_) => return Ok(()),
    };
    ensure!(instruction == Some(expected), "{reference:?} in instruction {instruction:?}");
    Ok(())
}

/// The module's parts with their number, as relocations count them. The linker's come last: they
/// need all others.
fn sections(wasm: &[u8]) -> Result<Vec<(u32, Payload<'_>)>> {
    let mut number = 0;
    let mut sections = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload?;
        let is_section = payload.as_section().is_some();
        sections.push((number, payload));
        number += u32::from(is_section);
    }
    sections.sort_by_key(|(_, payload)| {
        matches!(payload, Payload::CustomSection(custom) if custom.name() == "linking")
    });
    Ok(sections)
}

/// A section's relocations, with where they are in the file.
fn entries(
    relocations: &RelocSectionReader<'_>,
    (number, range): &(u32, Range<usize>),
) -> Result<Vec<(RelocationEntry, usize)>> {
    ensure!(relocations.section_index() == *number, "relocations of another section");
    let mut entries = Vec::new();
    for entry in relocations.entries() {
        let entry = entry?;
        let at = range.start + entry.offset as usize;
        ensure!(at < range.end, "a relocation past its section");
        entries.push((entry, at));
    }
    Ok(entries)
}

/// The value of an expression that is just one number of 32 bits.
fn constant(expression: &ConstExpr<'_>) -> Result<Option<u32>> {
    let mut operators = expression.get_operators_reader();
    Ok(match operators.read()? {
        Operator::I32Const { value } => Some(value.cast_unsigned()),
        Operator::RefFunc { .. } | Operator::GlobalGet { .. } => bail!("an unknown constant"),
        _ => None,
    })
}
