//! What can be reached.
//!
//! A constructor of the crate `inventory` does one thing: it adds an entry to the list of all values
//! of a type. Where no code that can be reached refers to a list, nobody reads it, and nothing needs
//! to be added.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::linked::{DefinedFunction, INSTRUCTION, Linked, Reference, Symbol, Thing};

/// Bytes of a `core::panic::Location`.
const LOCATION: u32 = 16;

/// What is alive.
pub(super) struct Live {
    functions: BTreeSet<u32>,
    /// Functions whose place in the table something knows.
    in_table: BTreeSet<u32>,
    pieces: BTreeSet<Piece>,
    /// Where in the sources panics begin, for messages that nobody gets.
    locations: BTreeSet<Piece>,
    /// Functions that are to trap.
    traps: BTreeSet<u32>,
    map: Map,
}

/// A piece of data that is alive or dead as a whole: a segment, and an offset there.
type Piece = (usize, u32);

/// The pieces of data, with their ends: the symbols, those that overlap as one. What is between
/// them belongs to no symbol and stays as it is.
type Map = BTreeMap<Piece, u32>;

/// Something that is alive.
#[derive(Clone, Copy)]
enum Found {
    Function(u32),
    Place(u32),
    Piece(Piece),
}

impl Live {
    pub(super) fn find(linked: &Linked<'_>, traps: &[&str]) -> Self {
        let mut live = Self {
            functions: BTreeSet::new(),
            in_table: BTreeSet::new(),
            pieces: BTreeSet::new(),
            locations: BTreeSet::new(),
            traps: named(linked, traps),
            map: map(linked),
        };
        if !live.traps.is_empty() {
            let pieces = live.map.keys().copied();
            live.locations = pieces.filter(|piece| live.is_location(linked, *piece)).collect();
        }
        live.spread(linked, live.roots(linked));
        let mut waiting = Vec::new();
        for constructor in &linked.constructors.calls {
            match live.list_of(linked, *constructor) {
                Some(list) => waiting.push((*constructor, list)),
                None => live.spread(linked, vec![Found::Function(*constructor)]),
            }
        }
        // The entries of a list that is read may read other lists.
        loop {
            let (read, unread): (Vec<_>, Vec<_>) =
                waiting.into_iter().partition(|(_, list)| live.pieces.contains(list));
            if read.is_empty() {
                return live;
            }
            let constructors = read.into_iter().map(|(function, _)| Found::Function(function));
            live.spread(linked, constructors.collect());
            waiting = unread;
        }
    }

    pub(super) fn has_function(&self, function: u32) -> bool {
        self.functions.contains(&function)
    }

    /// Whether a function is to be a trap.
    pub(super) fn is_trap(&self, function: u32) -> bool {
        !self.has_function(function) || self.traps.contains(&function)
    }

    /// Whether something knows a function's place in the table.
    pub(super) fn is_in_table(&self, function: u32) -> bool {
        self.in_table.contains(&function)
    }

    /// The bytes in the file that nothing reaches.
    pub(super) fn dead_data(&self, linked: &Linked<'_>) -> Vec<Range<usize>> {
        let dead = self.map.iter().filter(|(piece, _)| !self.pieces.contains(piece));
        dead.filter_map(|((segment, start), end)| {
            let from = linked.segments.get(*segment)?.bytes.start;
            Some(from + *start as usize..from + *end as usize)
        })
        .collect()
    }

    /// Where in the file a function calls one that is to trap, which it can do itself. What it has
    /// just loaded for the call, where a panic comes from, is part of that.
    pub(super) fn calls_of_traps(&self, function: &DefinedFunction) -> Vec<Range<usize>> {
        let references = &function.references;
        let calls = references.iter().filter_map(|(at, reference)| match reference {
            Reference::Call(called) if self.traps.contains(called) => {
                let instruction = at.checked_sub(1)?;
                let first = function.arguments.get(at).copied().unwrap_or(instruction);
                Some(first..instruction + INSTRUCTION)
            }
            _ => None,
        });
        calls.collect()
    }

    /// What is alive whatever the program does.
    fn roots(&self, linked: &Linked<'_>) -> Vec<Found> {
        let functions = linked.exported.iter().chain(&linked.constructors.function);
        let mut roots: Vec<Found> = functions.map(|f| Found::Function(*f)).collect();
        let segments = || linked.segments.iter().enumerate();
        for address in &linked.addresses {
            let offsets =
                segments().filter_map(|(n, s)| Some((n, address.checked_sub(s.address)?)));
            roots.extend(offsets.filter_map(|(n, offset)| self.piece_at(n, offset)));
        }
        for symbol in linked.symbols.iter().filter(|symbol| symbol.is_used) {
            let found = match symbol.what {
                Thing::Function(function) => Some(Found::Function(function)),
                _ => self.piece_of(symbol),
            };
            roots.extend(found.filter(|found| !self.is_for_constructors(linked, *found)));
        }
        for (number, segment) in segments() {
            let loose = segment.references.iter();
            let loose = loose.filter(|(offset, _)| self.holding(number, **offset).is_none());
            roots.extend(loose.filter_map(|(_, reference)| self.found(linked, *reference)));
        }
        roots
    }

    fn spread(&mut self, linked: &Linked<'_>, mut found: Vec<Found>) {
        while let Some(next) = found.pop() {
            let is_new = match next {
                Found::Place(function) => {
                    self.in_table.insert(function);
                    self.functions.insert(function)
                }
                Found::Function(function) => self.functions.insert(function),
                Found::Piece(piece) => self.pieces.insert(piece),
            };
            let is_trap = match next {
                Found::Place(function) | Found::Function(function) => {
                    self.traps.contains(&function)
                }
                Found::Piece(_) => false,
            };
            if is_new && !is_trap {
                let references = self.references(linked, next).into_iter();
                found.extend(references.filter_map(|reference| self.found(linked, reference)));
            }
        }
    }

    fn found(&self, linked: &Linked<'_>, reference: Reference) -> Option<Found> {
        match reference {
            Reference::Call(function) | Reference::OwnCall(function) => {
                Some(Found::Function(function))
            }
            Reference::Place(function) => Some(Found::Place(function)),
            Reference::Address(symbol) | Reference::Access(symbol) => {
                self.piece_of(linked.symbols.get(symbol)?)
            }
        }
    }

    fn piece_of(&self, symbol: &Symbol<'_>) -> Option<Found> {
        match symbol.what {
            Thing::Data { segment, offset, .. } => self.piece_at(segment, offset),
            _ => None,
        }
    }

    fn piece_at(&self, segment: usize, offset: u32) -> Option<Found> {
        let piece = self.holding(segment, offset)?;
        (!self.locations.contains(&piece)).then_some(Found::Piece(piece))
    }

    /// The piece that has this byte, be it a location or not.
    fn holding(&self, segment: usize, offset: u32) -> Option<Piece> {
        let (piece, end) = self.map.range(..=(segment, offset)).next_back()?;
        (piece.0 == segment && offset < *end).then_some(*piece)
    }

    /// Whether data is a `core::panic::Location`: the address and length of a file's name, a line
    /// and a column.
    fn is_location(&self, linked: &Linked<'_>, (segment, start): Piece) -> bool {
        let end = self.map.get(&(segment, start)).copied().unwrap_or(start);
        let Some(data) = linked.segments.get(segment) else { return false };
        let mut references = data.references.range(start..end);
        let (Some((at, Reference::Address(name))), None) = (references.next(), references.next())
        else {
            return false;
        };
        let name = linked.symbols.get(*name).and_then(|symbol| match symbol.what {
            Thing::Data { segment, offset, size } => {
                let content = linked.segments.get(segment)?.content;
                content.get(offset as usize..(offset + size) as usize)
            }
            _ => None,
        });
        let length = data.content.get(start as usize + 4..start as usize + 8);
        *at == start
            && end - start == LOCATION
            && name.is_some_and(|name| {
                let bytes = u32::try_from(name.len()).unwrap_or_default().to_le_bytes();
                name.ends_with(b".rs") && length == Some(&bytes[..])
            })
    }

    /// The list that a constructor of `inventory` adds an entry to, if it is one of those and
    /// does nothing else. The entry knows how to add itself, by way of a table of functions.
    fn list_of(&self, linked: &Linked<'_>, constructor: u32) -> Option<Piece> {
        let references = |found: Found| self.references(linked, found);
        let data_of = |references: &[Reference], name: &str| {
            let symbols = references.iter().map(|reference| match reference {
                Reference::Address(symbol) | Reference::Access(symbol) => Some(*symbol),
                _ => None,
            });
            let symbol = linked.symbols.get(only(symbols)??)?;
            if symbol.name.contains(name) { self.piece_of(symbol) } else { None }
        };
        let entry = data_of(&references(Found::Function(constructor)), "__INVENTORY")?;
        let tables = references(entry).into_iter().filter_map(|table| self.found(linked, table));
        let additions = tables.flat_map(references).filter_map(|reference| match reference {
            Reference::Place(function) => Some(function),
            _ => None,
        });
        let addition = only(additions.filter(|f| linked.is_named(*f, &["inventory", "submit"])))?;
        let mut lists = references(Found::Function(addition));
        lists.retain(|reference| !matches!(reference, Reference::Call(_)));
        match data_of(&lists, "REGISTRY")? {
            Found::Piece(list) => Some(list),
            _ => None,
        }
    }

    fn references(&self, linked: &Linked<'_>, found: Found) -> Vec<Reference> {
        match found {
            Found::Function(function) | Found::Place(function) => {
                let Some(function) = linked.function(function) else { return Vec::new() };
                let idle = self.calls_of_traps(function);
                let is_idle = |at: &usize| idle.iter().any(|call| call.contains(at));
                let references = function.references.iter().filter(|(at, _)| !is_idle(at));
                references.map(|(_, reference)| *reference).collect()
            }
            Found::Piece((segment, start)) => {
                let end = self.map.get(&(segment, start)).copied().unwrap_or(start);
                let references =
                    linked.segments.get(segment).map(|s| s.references.range(start..end));
                references.into_iter().flatten().map(|(_, reference)| *reference).collect()
            }
        }
    }

    /// Whether data is there for nothing but to tell the linker of constructors.
    fn is_for_constructors(&self, linked: &Linked<'_>, found: Found) -> bool {
        let references = self.references(linked, found);
        let is_constructor = |reference: &Reference| match reference {
            Reference::Place(function) => linked.constructors.calls.contains(function),
            _ => false,
        };
        matches!(found, Found::Piece(_))
            && !references.is_empty()
            && references.iter().all(is_constructor)
    }
}

/// The one that all are.
fn only<T: PartialEq>(all: impl IntoIterator<Item = T>) -> Option<T> {
    let mut all = all.into_iter();
    let first = all.next()?;
    all.all(|other| other == first).then_some(first)
}

/// The functions with one of the names in theirs.
fn named(linked: &Linked<'_>, names: &[&str]) -> BTreeSet<u32> {
    let symbols = linked.symbols.iter();
    let named = symbols.filter(|symbol| names.iter().any(|name| symbol.name.contains(name)));
    let functions = named.filter_map(|symbol| match symbol.what {
        Thing::Function(function) => Some(function),
        _ => None,
    });
    functions.collect()
}

fn map(linked: &Linked<'_>) -> Map {
    let mut all: Vec<(Piece, u32)> = Vec::new();
    for symbol in &linked.symbols {
        if let Thing::Data { segment, offset, size } = symbol.what
            && size > 0
        {
            all.push(((segment, offset), offset + size));
        }
    }
    all.sort_unstable();
    let mut map: Vec<(Piece, u32)> = Vec::new();
    for (piece, end) in all {
        match map.last_mut() {
            Some((last, last_end)) if last.0 == piece.0 && piece.1 < *last_end => {
                *last_end = end.max(*last_end);
            }
            _ => map.push((piece, end)),
        }
    }
    map.into_iter().collect()
}
