//! Calls of tools that come in pieces.

use aisle_core::answer::ToolCall;

use crate::ports::ModelError;

/// Calls in one answer.
const MAX_CALLS: usize = 16;
/// Bytes of the arguments of one call.
const MAX_ARGUMENT_BYTES: usize = 16 * 1024;
/// Bytes of a name or an id.
const MAX_NAME_BYTES: usize = 64;

/// A piece of a call.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct CallPiece<'a> {
    /// The provider's number of the call.
    pub index: Option<u64>,
    /// Its id; empty where this piece has none.
    pub id: &'a str,
    /// Its name; empty where this piece has none.
    pub name: &'a str,
    /// What follows of its arguments.
    pub arguments: &'a str,
}

/// The calls of one answer.
#[derive(Clone, Debug, Default)]
pub(super) struct Calls(Vec<(Option<u64>, ToolCall)>);

impl Calls {
    /// Adds a piece to the call that it belongs to. That is the last one with its number; but some
    /// servers give every call the number 0 or none, so another id begins another call.
    pub(super) fn push(&mut self, piece: CallPiece<'_>) -> Result<(), ModelError> {
        let id: String = piece
            .id
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
            .collect();
        if id.len() > MAX_NAME_BYTES || piece.name.len() > MAX_NAME_BYTES {
            return Err(too_much());
        }
        let belongs = |(index, call): &(Option<u64>, ToolCall)| {
            (piece.index.is_none() || *index == piece.index) && (id.is_empty() || call.id == id)
        };
        let at = match self.0.iter().rposition(belongs) {
            Some(at) => at,
            None if self.0.len() == MAX_CALLS => return Err(too_much()),
            None => {
                let id = if id.is_empty() { format!("call_{}", self.0.len()) } else { id };
                self.0.push((piece.index, ToolCall { id, ..ToolCall::default() }));
                self.0.len() - 1
            }
        };
        let Some((_, call)) = self.0.get_mut(at) else { return Ok(()) };
        if call.name.is_empty() {
            piece.name.clone_into(&mut call.name);
        }
        if call.arguments.len() + piece.arguments.len() > MAX_ARGUMENT_BYTES {
            return Err(too_much());
        }
        call.arguments.push_str(piece.arguments);
        Ok(())
    }

    /// The calls, now that their arguments have ended; those without a name are none.
    pub(super) fn take(&mut self) -> Vec<ToolCall> {
        let calls = std::mem::take(&mut self.0).into_iter().map(|(_, call)| call);
        calls
            .filter(|call| !call.name.is_empty())
            .map(|mut call| {
                if call.arguments.trim().is_empty() {
                    call.arguments = "{}".to_owned();
                }
                call
            })
            .collect()
    }
}

fn too_much() -> ModelError {
    ModelError::Protocol("more of a tool's call than is taken".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece<'a>(
        index: Option<u64>,
        id: &'a str,
        name: &'a str,
        arguments: &'a str,
    ) -> CallPiece<'a> {
        CallPiece { index, id, name, arguments }
    }

    fn collect(pieces: &[CallPiece<'_>]) -> Vec<(String, String, String)> {
        let mut calls = Calls::default();
        for piece in pieces {
            calls.push(*piece).unwrap();
        }
        calls.take().into_iter().map(|call| (call.id, call.name, call.arguments)).collect()
    }

    #[test]
    fn pieces_come_together_by_number_or_id() {
        let call = |id: &str, name: &str, arguments: &str| {
            (id.to_owned(), name.to_owned(), arguments.to_owned())
        };
        let two = vec![call("a", "find", "{\"q\":1}"), call("b", "open", "{}")];
        // Numbered, interleaved.
        let found = collect(&[
            piece(Some(0), "a", "find", ""),
            piece(Some(1), "b", "open", ""),
            piece(Some(0), "", "", "{\"q\""),
            piece(Some(1), "", "", "{}"),
            piece(Some(0), "", "", ":1}"),
        ]);
        assert_eq!(found, two);
        // Every call with the number 0, or with none.
        for index in [Some(0), None] {
            let found =
                collect(&[piece(index, "a", "find", "{\"q\":1}"), piece(index, "b", "open", "")]);
            assert_eq!(found, two);
        }
        // The id and the name again in every piece.
        let found = collect(&[piece(Some(0), "a", "find", "{"), piece(Some(0), "a", "find", "}")]);
        assert_eq!(found, [call("a", "find", "{}")]);
        // No id at all, or one that is not an id.
        let found = collect(&[piece(Some(3), "", "x", ""), piece(Some(4), "\"é", "y", "")]);
        assert_eq!(found, [call("call_0", "x", "{}"), call("call_1", "y", "{}")]);
        assert_eq!(collect(&[piece(None, "a", "", "{}")]), []);
    }

    #[test]
    fn too_much_is_refused() {
        let long = "x".repeat(MAX_ARGUMENT_BYTES + 1);
        for pieces in [
            vec![piece(None, "a", "b", &long)],
            vec![piece(None, &long, "b", "")],
            vec![piece(None, "a", &long, "")],
        ] {
            assert!(pieces.into_iter().any(|piece| Calls::default().push(piece).is_err()));
        }
        let mut calls = Calls::default();
        let pushed: Vec<bool> =
            (0..40).map(|index| calls.push(piece(Some(index), "", "x", "")).is_ok()).collect();
        assert_eq!(pushed.iter().filter(|is_ok| **is_ok).count(), MAX_CALLS);
    }
}
