//! Search queries, and how well products answer them.

use std::collections::{BTreeMap, HashSet};

use aisle_core::text::normalize;

use super::input::plain;
use super::table::Table;
use super::warning::{Warnings, quoted};
use super::{Input, ReadError, Warning};

/// What a file of queries is, for errors.
pub(super) const EXPECTED_QUERIES: &str =
    "a CSV with the columns query_id and query, and kind where there are kinds";
/// What a file of judgements is, for errors.
pub(super) const EXPECTED_JUDGEMENTS: &str =
    "a CSV with the columns query_id, sku and grade, the grade from 0 to 3";

/// Highest grade of a judgement.
const MAX_GRADE: u8 = 3;

/// A query to be evaluated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchQuery {
    /// Unique in its file.
    pub id: String,
    /// What a shopper types.
    pub text: String,
    /// What makes it hard, or empty.
    pub kind: String,
}

impl SearchQuery {
    /// Whether the query is kept for evaluation: half of all queries are, by a hash of their text
    /// that is the same for every seed and on every machine (FNV-1a, 64 bits; odd is kept).
    pub fn is_held_out(&self) -> bool {
        let hash = normalize(&self.text).bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| {
            (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3)
        });
        // The lowest bit of FNV-1a is the parity of the bytes alone.
        hash >> 32 & 1 == 1
    }
}

/// A query with the grades of products for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JudgedQuery {
    /// The query.
    pub query: SearchQuery,
    /// Grades, 0 to 3, by SKU.
    pub grades: BTreeMap<String, u8>,
}

/// Grades, 0 to 3, by query and by SKU.
pub type Judgements = BTreeMap<String, BTreeMap<String, u8>>;

/// Reads a file of queries; a repeated id is left out.
pub(super) fn read_queries(input: Input) -> Result<(Vec<SearchQuery>, Vec<Warning>), ReadError> {
    let file = input.name.clone();
    let mut warnings = Warnings::new(&file);
    let mut table = Table::open(input, b',', EXPECTED_QUERIES)?;
    let id_column = table.require("query_id", &["query_id"])?;
    let text_column = table.require("query", &["query"])?;
    let kind_column = table.column(&["kind"]);
    let (mut queries, mut ids) = (Vec::new(), HashSet::new());
    while let Some(row) = table.next(&mut warnings)? {
        let (id, text) = (plain(row.get(id_column)), plain(row.get(text_column)));
        if id.is_empty() {
            warnings.add(row.line, Some("query_id"), "is empty; row left out");
        } else if text.is_empty() {
            warnings.add(row.line, Some("query"), "is empty; row left out");
        } else if !ids.insert(id.clone()) {
            let reason = format!("{} occurs before; row left out", quoted(&id));
            warnings.add(row.line, Some("query_id"), reason);
        } else {
            queries.push(SearchQuery { id, text, kind: plain(row.get(kind_column)) });
        }
    }
    if queries.is_empty() {
        return Err(ReadError::NoUsableRow {
            file,
            rows: table.rows(),
            expected: EXPECTED_QUERIES,
            first_reason: warnings.first_reason(),
        });
    }
    Ok((queries, warnings.finish()))
}

/// Reads a file of judgements; of a pair that is judged twice, the first one counts.
pub(super) fn read_judgements(input: Input) -> Result<(Judgements, Vec<Warning>), ReadError> {
    let file = input.name.clone();
    let mut warnings = Warnings::new(&file);
    let mut table = Table::open(input, b',', EXPECTED_JUDGEMENTS)?;
    let id_column = table.require("query_id", &["query_id"])?;
    let sku_column = table.require("sku", &["sku"])?;
    let grade_column = table.require("grade", &["grade"])?;
    let mut judgements = Judgements::new();
    while let Some(row) = table.next(&mut warnings)? {
        let (id, sku) = (plain(row.get(id_column)), plain(row.get(sku_column)));
        let grade = row.get(grade_column).parse().ok().filter(|grade| *grade <= MAX_GRADE);
        let Some(grade) = grade else {
            let shown = quoted(row.get(grade_column));
            let reason = format!("{shown} is not a grade from 0 to {MAX_GRADE}; row left out");
            warnings.add(row.line, Some("grade"), reason);
            continue;
        };
        let of_query = judgements.entry(id).or_default();
        if of_query.contains_key(&sku) {
            let reason = format!("{} is judged before for this query; row left out", quoted(&sku));
            warnings.add(row.line, Some("sku"), reason);
            continue;
        }
        of_query.insert(sku, grade);
    }
    if judgements.is_empty() {
        return Err(ReadError::NoUsableRow {
            file,
            rows: table.rows(),
            expected: EXPECTED_JUDGEMENTS,
            first_reason: warnings.first_reason(),
        });
    }
    Ok((judgements, warnings.finish()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn queries(bytes: &[u8]) -> Result<(Vec<SearchQuery>, Vec<Warning>), ReadError> {
        read_queries(Input::of_bytes("q.csv", bytes))
    }

    fn judgements(bytes: &[u8]) -> Result<(Judgements, Vec<Warning>), ReadError> {
        read_judgements(Input::of_bytes("j.csv", bytes))
    }

    fn shown(warnings: &[Warning]) -> Vec<String> {
        warnings.iter().map(Warning::to_string).collect()
    }

    #[test]
    fn queries_good_and_bad() {
        let (found, warnings) =
            queries(b"query_id,query,kind\nq1,\"mugs, red\",head\nq1,x,\n,x,\nq3,,\nq4,\"lamp\n")
                .unwrap();
        let first = SearchQuery { id: "q1".into(), text: "mugs, red".into(), kind: "head".into() };
        assert_eq!(found, [first]);
        assert_eq!(
            shown(&warnings),
            [
                "q.csv:3: query_id: \"q1\" occurs before; row left out",
                "q.csv:4: query_id: is empty; row left out",
                "q.csv:5: query: is empty; row left out",
                "q.csv:6: a quote is opened and never closed; row left out",
            ]
        );
        assert_eq!(queries(b"\xef\xbb\xbfQuery,Query_ID\r\nmug,q1\r\n").unwrap().0.len(), 1);
        for bytes in [&b""[..], b"query_id,query\n", b"id,text\n1,2\n", b"query_id,query\n1,\xff\n"]
        {
            assert!(queries(bytes).is_err());
        }
    }

    #[test]
    fn judgements_good_and_bad() {
        let (found, warnings) =
            judgements(b"query_id,sku,grade\nq1,A,3\nq1,B,4\nq1,C,x\nq1,A,0\nq1\n").unwrap();
        assert_eq!(found["q1"], BTreeMap::from([("A".to_owned(), 3)]));
        assert_eq!(
            shown(&warnings),
            [
                "j.csv:3: grade: \"4\" is not a grade from 0 to 3; row left out",
                "j.csv:4: grade: \"x\" is not a grade from 0 to 3; row left out",
                "j.csv:5: sku: \"A\" is judged before for this query; row left out",
                "j.csv:6: the row has 1 cells, the header has 3; row left out",
            ]
        );
        for bytes in [&b""[..], b"query_id,sku,grade\n", b"query_id;sku;grade\nq;A;1\n"] {
            assert!(judgements(bytes).is_err());
        }
    }

    #[test]
    fn half_of_the_queries_are_kept_out_by_their_text_alone() {
        let query = |text: &str| SearchQuery { id: "q".into(), text: text.into(), kind: "".into() };
        let kept = (0..1_000).filter(|n| query(&format!("{n} blue mugs")).is_held_out()).count();
        assert!((450..550).contains(&kept), "{kept}");
        let (one, other) = (query("Blue  Mug"), query("blue mug"));
        assert_eq!(one.is_held_out(), other.is_held_out());
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = queries(&[&b"query_id,query\n"[..], &bytes].concat());
            let _ = judgements(&[&b"query_id,sku,grade\n"[..], &bytes].concat());
            let _ = queries(&bytes);
        }
    }
}
