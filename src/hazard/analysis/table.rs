//! The rows of an answer as a table.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;

use crate::error::{Error, Result};

/// The rows of an answer, which is JSON, as CSV; the columns are those of the first row. No cell is a formula.
///
/// # Errors
/// `Store` for what is no answer.
pub fn csv(answer: &str) -> Result<String> {
    let failed = |e: &dyn std::fmt::Display| Error::Store(format!("a table cannot be written: {e}"));
    let Rows { mut rows, features } = serde_json::from_str(answer).map_err(|e| failed(&e))?;
    rows.extend(features.into_iter().map(Row::from));
    let mut out = csv::Writer::from_writer(Vec::new());
    if let Some(Row(first)) = rows.first() {
        out.write_record(first.iter().map(|(name, _)| name)).map_err(|e| failed(&e))?;
    }
    for Row(row) in &rows {
        out.write_record(row.iter().map(|(_, value)| cell(value))).map_err(|e| failed(&e))?;
    }
    let bytes = out.into_inner().map_err(|e| failed(&e))?;
    String::from_utf8(bytes).map_err(|e| failed(&e))
}

#[derive(Deserialize)]
struct Rows {
    #[serde(default)]
    rows: Vec<Row>,
    #[serde(default)]
    features: Vec<Feature>,
}

/// Of GeoJSON; its id is the first column.
#[derive(Deserialize)]
struct Feature {
    id: String,
    properties: Row,
}

impl From<Feature> for Row {
    fn from(Feature { id, properties: Row(members) }: Feature) -> Row {
        Row(std::iter::once(("id".to_owned(), id.into())).chain(members).collect())
    }
}

/// The members of a record in their order.
struct Row(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Row {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Row, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Row;
            fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                f.write_str("a record")
            }
            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Row, M::Error> {
                let mut row = Vec::new();
                while let Some(member) = map.next_entry()? {
                    row.push(member);
                }
                Ok(Row(row))
            }
        }
        input.deserialize_map(Members)
    }
}

/// A text as a cell of CSV: what a spreadsheet would work out begins with an apostrophe.
pub fn harmless(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}").into() } else { text.into() }
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => harmless(text).into_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_that_a_spreadsheet_would_work_out_is_text() {
        let answer = r#"{"n": 2, "rows": [{"id": "=1+1", "p": -0.5, "name": "a,\"b\""}, {"id": "@x", "p": null, "name": "积水"}]}"#;
        assert_eq!(csv(answer).unwrap(), "id,p,name\n'=1+1,-0.5,\"a,\"\"b\"\"\"\n'@x,,积水\n");
    }
}
