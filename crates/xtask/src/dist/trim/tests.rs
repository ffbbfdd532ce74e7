use wasm_encoder::{
    CodeSection, ConstExpr, CustomSection, DataSection, ElementSection, Elements, Encode,
    EntityType, ExportKind, ExportSection, FunctionSection, GlobalSection, GlobalType,
    ImportSection, LinkingSection, MemorySection, MemoryType, Module, NameMap, NameSection,
    RefType, SymbolTable, TableSection, TableType, TypeSection, ValType,
};
use wasmparser::{DataKind, ElementItems, Parser, Payload, Validator};

use super::*;

/// Where the data begins in memory.
const ADDRESS: u32 = 1024;
/// The symbol of function 1 has number 0; function 0 is imported.
const IMPORTED: u32 = 1;

/// What a function does, and what a piece of data consists of. Numbers are those of functions and,
/// for `Address`, of symbols.
#[derive(Clone, Copy)]
enum Part {
    Call(u32),
    /// A call that the linker has written itself.
    UnmarkedCall(u32),
    Place(u32),
    Address(usize),
    /// Reads at an address.
    Access(usize),
    /// An address for the call that comes next.
    Argument(usize),
    Bytes(u32),
}
use Part::{Access, Address, Argument, Bytes, Call, Place, UnmarkedCall};

/// A module to be, the first function of which is exported.
struct Fixture {
    functions: Vec<(&'static str, Vec<Part>)>,
    /// All of one segment, in order: each is a symbol, or bytes of none where there is no name.
    data: Vec<(Option<&'static str>, Vec<Part>)>,
    /// Further symbols: name, offset, size.
    aliases: Vec<(&'static str, u32, u32)>,
    /// Takes the place of every relocation's type in the data.
    strange_type: Option<u8>,
    has_notes: bool,
}

impl Fixture {
    fn new(
        functions: &[(&'static str, &[Part])],
        data: &[(Option<&'static str>, &[Part])],
    ) -> Self {
        Self {
            functions: functions.iter().map(|(name, parts)| (*name, parts.to_vec())).collect(),
            data: data.iter().map(|(name, parts)| (*name, parts.to_vec())).collect(),
            aliases: Vec::new(),
            strange_type: None,
            has_notes: true,
        }
    }

    fn count(&self) -> u32 {
        self.functions.len() as u32
    }

    /// The pieces of data that are symbols: name, offset, size.
    fn data_symbols(&self) -> Vec<(&'static str, u32, u32)> {
        let mut offset = 0;
        let mut symbols = Vec::new();
        for (name, parts) in &self.data {
            let size = 4 * parts.len() as u32;
            symbols.extend(name.map(|name| (name, offset, size)));
            offset += size;
        }
        symbols.extend(&self.aliases);
        symbols
    }

    fn address_of(&self, symbol: usize) -> u32 {
        ADDRESS + self.data_symbols()[symbol - self.functions.len()].1
    }

    /// The value of a part, and the type and symbol of its relocation.
    fn value(&self, part: Part, in_code: bool) -> (u32, Option<(u8, u32)>) {
        let types = if in_code { [0, 1, 4, 3] } else { [0, 2, 5, 5] };
        match part {
            Call(function) => (function, Some((types[0], function - IMPORTED))),
            UnmarkedCall(function) => (function, None),
            // Position 0 of the table is left free.
            Place(function) => (function - IMPORTED + 1, Some((types[1], function - IMPORTED))),
            Address(symbol) | Argument(symbol) => {
                (self.address_of(symbol), Some((types[2], symbol as u32)))
            }
            Access(symbol) => (self.address_of(symbol), Some((types[3], symbol as u32))),
            Bytes(bytes) => (bytes, None),
        }
    }

    fn code(&self, relocations: &mut Relocations) -> CodeSection {
        let mut section = CodeSection::new();
        let mut at = 1;
        for (_, parts) in &self.functions {
            let mut body = vec![0];
            let mut arguments = 0;
            for part in parts {
                let (value, relocation) = self.value(*part, true);
                let is_call = matches!(part, Call(_) | UnmarkedCall(_));
                match part {
                    Call(_) | UnmarkedCall(_) => body.push(0x10),
                    // Of address 0 and so many bytes more.
                    Access(_) => body.extend([0x41, 0, 0x2d, 0]),
                    _ => body.push(0x41),
                }
                relocations.add(at + 1 + body.len(), relocation);
                body.extend(padded(value));
                arguments += u32::from(!is_call);
                if !matches!(part, Argument(_)) {
                    // Functions here take nothing: what is on the stack is dropped.
                    (0..std::mem::take(&mut arguments)).for_each(|_| body.push(0x1a));
                }
            }
            body.push(0x0b);
            section.raw(&body);
            at += 1 + body.len();
        }
        section
    }

    fn data(&self, relocations: &mut Relocations) -> DataSection {
        let mut bytes = Vec::new();
        let mut marks = Vec::new();
        for part in self.data.iter().flat_map(|(_, parts)| parts) {
            let (value, relocation) = self.value(*part, false);
            let kind = |(kind, symbol)| (self.strange_type.unwrap_or(kind), symbol);
            marks.push((bytes.len(), relocation.map(kind)));
            bytes.extend(value.to_le_bytes());
        }
        let mut section = DataSection::new();
        section.active(0, &ConstExpr::i32_const(ADDRESS.cast_signed()), bytes.iter().copied());
        let mut whole = Vec::new();
        section.encode(&mut whole);
        // The section begins with its own length.
        let start = whole.len() - 1 - bytes.len();
        for (offset, relocation) in marks {
            relocations.add(start + offset, relocation);
        }
        section
    }

    fn symbols(&self) -> SymbolTable {
        let mut symbols = SymbolTable::new();
        for ((name, _), index) in self.functions.iter().zip(IMPORTED..) {
            symbols.function(0, index, Some(name));
        }
        for (name, offset, size) in self.data_symbols() {
            symbols.data(
                0,
                name,
                Some(wasm_encoder::DataSymbolDefinition { index: 0, offset, size }),
            );
        }
        symbols
    }

    fn build(&self) -> Vec<u8> {
        let mut module = Module::new();
        let mut types = TypeSection::new();
        types.ty().function([], []);
        let mut imports = ImportSection::new();
        imports.import("env", "imported", EntityType::Function(0));
        let mut functions = FunctionSection::new();
        self.functions.iter().for_each(|_| {
            functions.function(0);
        });
        let mut tables = TableSection::new();
        let minimum = u64::from(self.count()) + 1;
        tables.table(TableType {
            element_type: RefType::FUNCREF,
            table64: false,
            minimum,
            maximum: Some(minimum),
            shared: false,
        });
        let mut memories = MemorySection::new();
        memories.memory(MemoryType {
            minimum: 1,
            maximum: None,
            memory64: false,
            shared: false,
            page_size_log2: None,
        });
        let mut globals = GlobalSection::new();
        let constant = GlobalType { val_type: ValType::I32, mutable: false, shared: false };
        globals.global(constant, &ConstExpr::i32_const(60_000));
        let mut exports = ExportSection::new();
        exports.export("main", ExportKind::Func, IMPORTED).export("memory", ExportKind::Memory, 0);
        let mut elements = ElementSection::new();
        let all: Vec<u32> = (IMPORTED..IMPORTED + self.count()).collect();
        elements.active(None, &ConstExpr::i32_const(1), Elements::Functions(all.into()));
        let mut code_relocations = Relocations::default();
        let mut data_relocations = Relocations::default();
        let code = self.code(&mut code_relocations);
        let data = self.data(&mut data_relocations);
        module
            .section(&types)
            .section(&imports)
            .section(&functions)
            .section(&tables)
            .section(&memories)
            .section(&globals)
            .section(&exports)
            .section(&elements)
            .section(&code)
            .section(&data);
        if self.has_notes {
            module.section(LinkingSection::new().symbol_table(&self.symbols()));
            module.section(&code_relocations.section("reloc.CODE", 8));
            module.section(&data_relocations.section("reloc.DATA", 9));
        }
        let mut names = NameMap::new();
        for ((name, _), index) in self.functions.iter().zip(IMPORTED..) {
            names.append(index, name);
        }
        let mut section = NameSection::new();
        section.functions(&names);
        module.section(&section);
        module.finish()
    }
}

#[derive(Default)]
struct Relocations {
    count: u32,
    entries: Vec<u8>,
}

impl Relocations {
    fn add(&mut self, offset: usize, relocation: Option<(u8, u32)>) {
        let Some((kind, symbol)) = relocation else { return };
        self.count += 1;
        self.entries.push(kind);
        (offset as u32).encode(&mut self.entries);
        symbol.encode(&mut self.entries);
        if matches!(kind, 3..=5) {
            self.entries.push(0);
        }
    }

    fn section(self, name: &'static str, section: u32) -> CustomSection<'static> {
        let mut data = Vec::new();
        section.encode(&mut data);
        self.count.encode(&mut data);
        data.extend(self.entries);
        CustomSection { name: name.into(), data: data.into() }
    }
}

/// A number as linkers write it: always in five bytes.
fn padded(value: u32) -> [u8; 5] {
    let seven = |at: u32| ((value >> (7 * at)) & 0x7f) as u8;
    [seven(0) | 0x80, seven(1) | 0x80, seven(2) | 0x80, seven(3) | 0x80, seven(4)]
}

/// What is left of a module.
#[derive(Debug, PartialEq)]
struct Left {
    /// Defined functions that do something, by name.
    functions: Vec<&'static str>,
    /// By position.
    table: Vec<u32>,
    data: Vec<u8>,
    custom: Vec<String>,
}

fn left(fixture: &Fixture, wasm: &[u8]) -> Left {
    Validator::new().validate_all(wasm).unwrap();
    let mut left = Left { functions: vec![], table: vec![], data: vec![], custom: vec![] };
    let mut names = fixture.functions.iter().map(|(name, _)| *name);
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.unwrap() {
            Payload::CodeSectionEntry(body) => {
                let name = names.next().unwrap();
                if wasm[body.range()] != [0, 0x00, 0x0b] {
                    left.functions.push(name);
                }
            }
            Payload::ElementSection(section) => {
                for element in section {
                    let ElementItems::Functions(functions) = element.unwrap().items else {
                        panic!("no functions");
                    };
                    left.table.extend(functions.into_iter().map(Result::unwrap));
                }
            }
            Payload::DataSection(section) => {
                for data in section {
                    let data = data.unwrap();
                    assert!(matches!(data.kind, DataKind::Active { memory_index: 0, .. }));
                    left.data.extend(data.data);
                }
            }
            Payload::CustomSection(custom) => left.custom.push(custom.name().to_owned()),
            _ => {}
        }
    }
    left
}

/// What is left after a trim that has nothing to complain about.
fn trimmed(fixture: &Fixture, traps: &[&str]) -> Left {
    let (wasm, note) = trim(&fixture.build(), traps);
    assert_eq!(note, None);
    left(fixture, &wasm)
}

/// The module is whole but for the notes, and there is a reason.
fn untouched(fixture: &Fixture) -> String {
    let whole = fixture.build();
    let (wasm, note) = trim(&whole, &[]);
    let (mut before, after) = (left(fixture, &whole), left(fixture, &wasm));
    before.custom.retain(|name| name == "name");
    assert_eq!(after, before);
    note.unwrap()
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

#[test]
fn what_is_called_or_pointed_to_stays() {
    let fixture = Fixture::new(
        &[
            ("main", &[Call(2), Address(5)]),
            ("called", &[]),
            ("pointed_to", &[]),
            ("idle", &[Call(5)]),
            ("called_by_idle", &[]),
        ],
        &[
            (Some("known"), &[Place(3), Address(6)]),
            (Some("next"), &[Bytes(7)]),
            (Some("unknown"), &[Place(4), Bytes(9)]),
        ],
    );
    let left = trimmed(&fixture, &[]);
    assert_eq!(left.functions, ["main", "called", "pointed_to"]);
    // Nothing asks for the places of the others; number 4 is the first trap.
    assert_eq!(left.table, [4, 4, 3, 4, 4]);
    assert_eq!(left.data, words(&[3, ADDRESS + 8, 7, 0, 0]));
    assert_eq!(left.custom, ["name"]);
}

#[test]
fn an_import_may_be_called() {
    let fixture = Fixture::new(&[("main", &[UnmarkedCall(0)]), ("idle", &[])], &[]);
    assert_eq!(trimmed(&fixture, &[]).functions, ["main"]);
}

/// A registry of `inventory` as rustc writes it, with one entry.
fn registry(main: &[Part], is_inventory: bool) -> Fixture {
    let names = if is_inventory {
        ["_6__ctor", "9inventory10ErasedNode6submit", "_11__INVENTORY", "9inventory8REGISTRY"]
    } else {
        ["ctor", "submit", "node", "list"]
    };
    Fixture::new(
        &[
            ("main", main),
            ("wrapper", &[UnmarkedCall(3), UnmarkedCall(1)]),
            ("__wasm_call_ctors", &[UnmarkedCall(4)]),
            (names[0], &[Access(7), Address(7)]),
            (names[1], &[Address(10)]),
            ("kernel", &[]),
            ("idle", &[]),
        ],
        &[
            (Some(names[2]), &[Address(8), Address(9), Bytes(0)]),
            (Some("value"), &[Place(6)]),
            (Some("vtable"), &[Bytes(4), Place(5)]),
            (Some(names[3]), &[Bytes(0)]),
            (Some("__CTOR"), &[Place(4)]),
        ],
    )
}

#[test]
fn a_list_that_nobody_reads_gets_no_entries() {
    let left = trimmed(&registry(&[], true), &[]);
    assert_eq!(left.functions, ["main", "__wasm_call_ctors"]);
    assert_eq!(left.data, [0; 32]);
}

#[test]
fn a_list_that_is_read_gets_its_entries() {
    let left = trimmed(&registry(&[Address(10)], true), &[]);
    let entry = ["_6__ctor", "9inventory10ErasedNode6submit", "kernel"];
    assert_eq!(left.functions[..2], ["main", "__wasm_call_ctors"]);
    assert_eq!(left.functions[2..], entry);
    assert_eq!(left.table, [2, 2, 2, 2, 5, 6, 2]);
}

#[test]
fn another_constructor_is_always_called() {
    let left = trimmed(&registry(&[], false), &[]);
    assert_eq!(left.functions, ["main", "__wasm_call_ctors", "ctor", "submit", "kernel"]);
}

#[test]
fn a_trap_keeps_nothing_alive() {
    let fixture = Fixture::new(
        &[
            ("main", &[Address(5), Argument(4), Call(2)]),
            ("5panic", &[Call(3), Address(3)]),
            ("formats", &[]),
        ],
        &[(Some("text"), &[Bytes(1)]), (Some("place"), &[Bytes(2)]), (Some("used"), &[Bytes(3)])],
    );
    let left = trimmed(&fixture, &["5panic"]);
    assert_eq!(left.functions, ["main"]);
    assert_eq!(left.data, words(&[0, 0, 3]));
    let whole = trimmed(&fixture, &[]);
    assert_eq!(whole.functions, ["main", "5panic", "formats"]);
    assert_eq!(whole.data, words(&[1, 2, 3]));
}

#[test]
fn all_that_a_trap_is_given_goes_with_it() {
    let fixture = Fixture::new(
        &[("main", &[Address(4), Argument(2), Argument(3), Call(2)]), ("5panic", &[])],
        &[(Some("text"), &[Bytes(1)]), (Some("place"), &[Bytes(2)]), (Some("used"), &[Bytes(3)])],
    );
    assert_eq!(trimmed(&fixture, &["5panic"]).data, words(&[0, 0, 3]));
}

#[test]
fn where_panics_begin_is_told_to_nobody() {
    let name = u32::from_le_bytes(*b"a.rs");
    let location = |length| {
        Fixture::new(
            &[("main", &[Address(3), Call(2)]), ("5panic", &[])],
            &[
                (Some("name"), &[Bytes(name)]),
                (Some("location"), &[Address(2), Bytes(length), Bytes(10), Bytes(5)]),
            ],
        )
    };
    assert_eq!(trimmed(&location(4), &["5panic"]).data, [0; 20]);
    let whole = words(&[name, ADDRESS, 4, 10, 5]);
    assert_eq!(trimmed(&location(4), &[]).data, whole, "where panics are told");
    let other = words(&[name, ADDRESS, 3, 10, 5]);
    assert_eq!(trimmed(&location(3), &["5panic"]).data, other, "what only looks like one");
}

#[test]
fn symbols_that_overlap_live_together() {
    let mut fixture = Fixture::new(
        &[("main", &[Address(3)]), ("in_other", &[]), ("idle", &[])],
        &[
            (Some("one"), &[Bytes(1), Bytes(2)]),
            (Some("two"), &[Place(2)]),
            (Some("three"), &[Place(3)]),
        ],
    );
    fixture.aliases.push(("both", 4, 8));
    let left = trimmed(&fixture, &[]);
    assert_eq!(left.functions, ["main", "in_other"]);
    assert_eq!(left.data, words(&[1, 2, 2, 0]));
}

#[test]
fn an_address_of_a_symbol_without_size_keeps_what_is_there() {
    let mut fixture = Fixture::new(
        &[("main", &[Address(4)]), ("kept", &[])],
        &[(Some("first"), &[Bytes(1)]), (Some("second"), &[Place(2)])],
    );
    fixture.aliases.push(("label", 4, 0));
    let left = trimmed(&fixture, &[]);
    assert_eq!(left.functions, ["main", "kept"]);
    assert_eq!(left.data, words(&[0, 2]));
}

#[test]
fn bytes_of_no_symbol_stay_with_what_they_refer_to() {
    let fixture = Fixture::new(
        &[("main", &[]), ("loose", &[]), ("idle", &[])],
        &[(None, &[Place(2)]), (Some("dead"), &[Bytes(5)])],
    );
    let left = trimmed(&fixture, &[]);
    assert_eq!(left.functions, ["main", "loose"]);
    assert_eq!(left.data, words(&[2, 0]));
}

fn usual() -> Fixture {
    Fixture::new(
        &[("main", &[Address(2)]), ("idle", &[])],
        &[(Some("known"), &[Address(3)]), (Some("next"), &[Bytes(7)])],
    )
}

#[test]
fn without_relocations_nothing_is_touched() {
    let mut fixture = usual();
    fixture.has_notes = false;
    assert!(untouched(&fixture).contains("no symbols"));
}

#[test]
fn an_unknown_relocation_leaves_all_as_it_is() {
    for (kind, reason) in [(99, "leading byte"), (13, "unknown relocation")] {
        let mut fixture = usual();
        fixture.strange_type = Some(kind);
        let note = untouched(&fixture);
        assert!(note.contains(reason), "{note}");
    }
}

#[test]
fn a_relocation_that_the_bytes_deny_leaves_all_as_it_is() {
    let mut fixture = usual();
    // The address in the first word is now called one of a function's place.
    fixture.data[0].1[0] = Place(2);
    fixture.strange_type = Some(5);
    let note = untouched(&fixture);
    assert!(note.contains("unknown relocation"), "{note}");

    let whole = usual().build();
    let address = (ADDRESS + 4).to_le_bytes();
    let at = whole.windows(4).position(|bytes| bytes == address).unwrap();
    let mut damaged = whole.clone();
    damaged[at] += 1;
    let (wasm, note) = trim(&damaged, &[]);
    assert!(note.unwrap().contains("MemoryAddrI32 to next has 1029, not Some(1028)"));
    assert_eq!(wasm, without_notes(&damaged).unwrap());
}

#[test]
fn what_is_no_module_comes_back() {
    let (wasm, note) = trim(b"aisle", &[]);
    assert_eq!(wasm, b"aisle");
    assert!(note.is_some());
}
