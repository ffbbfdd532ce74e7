//! Which column of a file is which field: as the merchant says with `--map`, else by its name.

use super::error::ImportError;
use crate::read::quoted;

/// Columns that an error names.
const SHOWN_COLUMNS: usize = 20;

/// A field with the names that its column usually has, most telling first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    /// As it is called in `--map`.
    pub(super) name: &'static str,
    /// Letters and digits of usual names, in lower case.
    pub(super) names: &'static [&'static str],
}

/// What the merchant said: field and column.
#[derive(Clone, Debug, Default)]
pub struct Mapping(Vec<(String, String)>);

impl Mapping {
    /// Reads `field=column` pairs.
    pub fn parse(pairs: &[String]) -> Result<Self, ImportError> {
        let read = |pair: &String| match pair.split_once('=') {
            Some((field, column)) if !field.trim().is_empty() && !column.trim().is_empty() => {
                Ok((field.trim().to_lowercase(), column.trim().to_lowercase()))
            }
            _ => Err(ImportError::Map {
                given: pair.clone(),
                reason: "write FIELD=COLUMN, such as title=Name".to_owned(),
            }),
        };
        Ok(Self(pairs.iter().map(read).collect::<Result<_, _>>()?))
    }

    /// Refuses fields that there are not.
    pub(super) fn check(&self, fields: &[Field]) -> Result<(), ImportError> {
        let known = |name: &str| fields.iter().any(|field| field.name == name);
        match self.0.iter().find(|(field, _)| !known(field)) {
            None => Ok(()),
            Some((field, column)) => {
                let names: Vec<&str> = fields.iter().map(|field| field.name).collect();
                Err(ImportError::Map {
                    given: format!("{field}={column}"),
                    reason: format!("the fields are {}", names.join(", ")),
                })
            }
        }
    }

    /// The column that the merchant named for a field.
    pub(super) fn named(&self, field: Field) -> Option<&str> {
        self.0.iter().find(|(name, _)| name == field.name).map(|(_, column)| column.as_str())
    }

    /// Position of a field's column among these; an error when a named one is not there.
    pub(super) fn column(
        &self,
        field: Field,
        columns: &[String],
        file: &str,
    ) -> Result<Option<usize>, ImportError> {
        if let Some(named) = self.named(field) {
            let at = columns.iter().position(|column| column.to_lowercase() == named);
            return match at {
                Some(at) => Ok(Some(at)),
                None => Err(ImportError::Map {
                    given: format!("{}={named}", field.name),
                    reason: format!("{file} has no such column; found {}", shown(columns)),
                }),
            };
        }
        let simple: Vec<String> = columns.iter().map(|column| letters(column)).collect();
        let find = |name: &&str| simple.iter().position(|column| column == name);
        Ok(field.names.iter().find_map(find))
    }

    /// Like [`Mapping::column`], where nothing can be done without it.
    pub(super) fn require(
        &self,
        field: Field,
        columns: &[String],
        file: &str,
    ) -> Result<Option<usize>, ImportError> {
        match self.column(field, columns, file)? {
            None => Err(ImportError::NoColumn {
                file: file.to_owned(),
                field: field.name,
                found: shown(columns),
            }),
            found => Ok(found),
        }
    }
}

/// A column's name as it is compared: letters and digits in lower case.
pub(super) fn letters(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn shown(columns: &[String]) -> String {
    let mut names: Vec<String> = columns.iter().take(SHOWN_COLUMNS).map(|c| quoted(c)).collect();
    if columns.len() > SHOWN_COLUMNS {
        names.push(format!("{} more", columns.len() - SHOWN_COLUMNS));
    }
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRICE: Field = Field { name: "price", names: &["price", "unitprice"] };
    const TITLE: Field = Field { name: "title", names: &["title", "name"] };

    #[test]
    fn columns_are_named_or_guessed() {
        let columns: Vec<String> = ["Name", "unit_price", "rrp"].map(str::to_lowercase).to_vec();
        let mapping = Mapping::parse(&["price=RRP".to_owned()]).unwrap();
        mapping.check(&[PRICE, TITLE]).unwrap();
        assert_eq!(mapping.column(PRICE, &columns, "f").unwrap(), Some(2));
        assert_eq!(mapping.column(TITLE, &columns, "f").unwrap(), Some(0));
        assert_eq!(Mapping::default().column(PRICE, &columns, "f").unwrap(), Some(1));
    }

    #[test]
    fn what_cannot_be_done_is_said() {
        let message = |pairs: &[&str]| {
            let pairs: Vec<String> = pairs.iter().map(|p| (*p).to_owned()).collect();
            let columns = ["a".to_owned()];
            Mapping::parse(&pairs)
                .and_then(|m| m.check(&[PRICE, TITLE]).map(|()| m))
                .and_then(|m| m.require(PRICE, &columns, "f.csv").map(|_| ()))
                .unwrap_err()
                .to_string()
        };
        assert_eq!(message(&["x"]), "--map x: write FIELD=COLUMN, such as title=Name");
        assert_eq!(message(&["x=y"]), "--map x=y: the fields are price, title");
        assert_eq!(message(&["price=y"]), "--map price=y: f.csv has no such column; found \"a\"");
        assert_eq!(
            message(&[]),
            "f.csv: no column for price; found \"a\"; name it with --map price=COLUMN"
        );
    }
}
