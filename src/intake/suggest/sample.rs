//! What the first rows of some files hold, column by column.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::error::Result;
use crate::intake::feature::{self, LAT, LON};
use crate::intake::source::Source;

/// Rows looked at in each file: enough to see a category of one in a thousand.
const ROWS: usize = 5_000;
/// Columns looked at: a file of JSON can have any number of names.
const COLUMNS: usize = 500;
/// A value is remembered by its beginning.
const CHARS: usize = 200;
/// Names within names are followed so far.
const DEEPEST: usize = 4;

/// The rows looked at.
#[derive(Debug, Default)]
pub(super) struct Sample {
    pub rows: usize,
    /// Those that are no rows, or no JSON.
    pub bad: usize,
    /// Features with a geometry that is no point.
    pub shapes: usize,
    /// Features, as against plain objects and rows.
    pub features: usize,
    pub columns: Vec<Column>,
}

/// A column, with what stands in it where it is not empty.
#[derive(Debug)]
pub(super) struct Column {
    pub name: String,
    pub texts: Vec<String>,
}

impl Column {
    /// Each value with how often it stands there, the commonest first.
    pub fn counts(&self) -> Vec<(&str, usize)> {
        let mut counts = BTreeMap::new();
        for text in &self.texts {
            *counts.entry(text.as_str()).or_insert(0) += 1;
        }
        let mut counts: Vec<_> = counts.into_iter().collect();
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        counts
    }

    /// The column's numbers, where all but a few of its values are numbers.
    pub fn numbers(&self) -> Option<Vec<f64>> {
        let numbers: Vec<f64> =
            self.texts.iter().filter_map(|t| t.parse().ok()).filter(|n: &f64| n.is_finite()).collect();
        (mostly(numbers.len(), self.texts.len())).then_some(numbers)
    }

    /// The words of its name in small letters: `CREATED_DATE` and `createdDate` are `created` and `date`.
    pub fn words(&self) -> Vec<String> {
        let mut words = vec![String::new()];
        let mut before = ' ';
        for c in self.name.chars() {
            if !c.is_alphanumeric() || (c.is_uppercase() && before.is_lowercase()) {
                words.push(String::new());
            }
            if c.is_alphanumeric()
                && let Some(word) = words.last_mut()
            {
                word.extend(c.to_lowercase());
            }
            before = c;
        }
        words.retain(|w| !w.is_empty());
        words
    }
}

/// All but one in twenty, of at least one.
pub(super) fn mostly(part: usize, of: usize) -> bool {
    part > 0 && 20 * part >= 19 * of
}

impl Sample {
    /// Looks at the first rows of each file.
    ///
    /// # Errors
    /// As reading the files; a file that breaks off is looked at as far as it goes.
    pub fn of(sources: &mut [Source]) -> Result<Sample> {
        let mut sample = Sample::default();
        for source in sources {
            let columns = source.columns().map(<[String]>::to_vec);
            for _ in 0..ROWS {
                let more = match &columns {
                    Some(names) => sample.table_row(source, names)?,
                    None => sample.object(source)?,
                };
                if !more {
                    break;
                }
            }
        }
        Ok(sample)
    }

    fn table_row(&mut self, source: &mut Source, names: &[String]) -> Result<bool> {
        match source.next_row()? {
            None => return Ok(false),
            Some(Err(_)) => self.bad += 1,
            Some(Ok(row)) => {
                self.rows += 1;
                for (name, text) in names.iter().zip(row.fields()) {
                    self.note(name, text);
                }
            }
        }
        Ok(true)
    }

    fn object(&mut self, source: &mut Source) -> Result<bool> {
        let value = match source.next_value()? {
            None => return Ok(false),
            Some(Err(_)) => {
                self.bad += 1;
                return Ok(true);
            }
            Some(Ok(value)) => value,
        };
        self.rows += 1;
        if value["type"] != "Feature" {
            self.members(&value, "", 0);
            return Ok(true);
        }
        self.features += 1;
        self.shapes += usize::from(!value["geometry"].is_null() && value["geometry"]["type"] != "Point");
        let names = [LON, LAT].map(str::to_owned);
        if let Ok(position) = feature::fields(&value, &names, true, (1, 1)) {
            self.note(LON, position.get(0));
            self.note(LAT, position.get(1));
        }
        if !value["id"].is_null() {
            self.note("id", value["id"].to_string().trim_matches('"'));
        }
        self.members(&value["properties"], "", 0);
        Ok(true)
    }

    /// The texts of an object under their dotted names.
    fn members(&mut self, value: &Value, prefix: &str, depth: usize) {
        let Value::Object(object) = value else { return };
        for (name, value) in object {
            let name = format!("{prefix}{name}");
            match value {
                Value::Null => self.note(&name, ""),
                Value::String(text) => self.note(&name, text),
                Value::Object(_) if depth < DEEPEST => self.members(value, &format!("{name}."), depth + 1),
                other => self.note(&name, &other.to_string()),
            }
        }
    }

    fn note(&mut self, name: &str, text: &str) {
        let at = self.columns.iter().position(|c| c.name == name);
        let at = match at {
            Some(at) => at,
            None if self.columns.len() < COLUMNS => {
                self.columns.push(Column { name: name.to_owned(), texts: Vec::new() });
                self.columns.len() - 1
            }
            None => return,
        };
        let text = text.trim();
        if !text.is_empty() {
            self.columns[at].texts.push(text.chars().take(CHARS).collect());
        }
    }
}
