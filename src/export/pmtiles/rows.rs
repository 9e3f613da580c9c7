//! The rows of a file, which wait in a temporary one until the tiles they lie in are drawn.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::os::unix::fs::FileExt;

use fast_mvt::MvtResult;
use serde::{Deserialize, Serialize};

use super::super::{About, unwritten};
use crate::error::Result;
use crate::hazard::layer::{Row, Value};
use crate::hazard::tile::{Outline, Tags};

/// A feature, as it is drawn.
#[derive(Debug, Serialize, Deserialize)]
pub struct Kept {
    id: String,
    /// Values that there are, each with the number of its column.
    values: Vec<(u16, Tag)>,
    /// Of what is no point.
    pub outline: Option<Outline>,
}

#[derive(Debug, Serialize, Deserialize)]
enum Tag {
    Text(String),
    Integer(i64),
    Real(f64),
    Flag(bool),
}

/// Rows that are written; of each its place stays in memory.
pub struct Rows {
    file: BufWriter<File>,
    /// Where each begins, and where the last one ends.
    starts: Vec<u64>,
    packed: Vec<u8>,
}

/// Rows that can be read.
pub struct Written {
    file: File,
    starts: Vec<u64>,
}

impl Kept {
    pub fn of(row: &Row, outline: Option<Outline>) -> Kept {
        let tag = |value: &Value| {
            Some(match value {
                Value::Missing => return None,
                Value::Text(text) => Tag::Text(text.to_string()),
                Value::Integer(n) => Tag::Integer(*n),
                Value::Real(v) => Tag::Real(*v),
                Value::Boolean(flag) => Tag::Flag(*flag),
                Value::DateTime(at) => Tag::Text(at.to_string()),
            })
        };
        let values = (0..).zip(&row.values).filter_map(|(n, value)| Some((n, tag(value)?)));
        Kept { id: row.id.to_owned(), values: values.collect(), outline }
    }

    /// Says its id and its values by the names of their columns.
    pub fn tag(&self, about: &About, tags: &mut Tags) -> MvtResult<()> {
        tags.text("id", &*self.id)?;
        for (n, value) in &self.values {
            let name = about.columns[usize::from(*n)].name;
            match value {
                Tag::Text(text) => tags.text(name, &**text)?,
                Tag::Integer(n) => tags.integer(name, *n)?,
                Tag::Real(v) => tags.real(name, *v)?,
                Tag::Flag(flag) => tags.flag(name, *flag)?,
            };
        }
        Ok(())
    }
}

impl Rows {
    /// # Errors
    /// `Store` when there can be no temporary file.
    pub fn new() -> Result<Rows> {
        let file = BufWriter::with_capacity(1 << 16, tempfile::tempfile().map_err(unwritten)?);
        Ok(Rows { file, starts: vec![0], packed: Vec::new() })
    }

    /// Adds one; returns its number.
    ///
    /// # Errors
    /// `Store` when it cannot be written.
    pub fn put(&mut self, row: &Kept) -> Result<u32> {
        let Rows { file, starts, packed } = self;
        packed.clear();
        *packed = postcard::to_extend(row, std::mem::take(packed)).map_err(unwritten)?;
        file.write_all(packed).map_err(unwritten)?;
        let number = starts.len() - 1;
        starts.push(starts[number] + packed.len() as u64);
        u32::try_from(number).map_err(unwritten)
    }

    /// # Errors
    /// `Store` when what is left cannot be written.
    pub fn written(self) -> Result<Written> {
        let file = self.file.into_inner().map_err(|e| unwritten(e.error()))?;
        Ok(Written { file, starts: self.starts })
    }
}

impl Written {
    /// How many there are.
    pub fn count(&self) -> u64 {
        self.starts.len() as u64 - 1
    }

    /// # Errors
    /// `Store` when it cannot be read.
    pub fn get(&self, number: u32) -> Result<Kept> {
        let (start, end) = (self.starts[number as usize], self.starts[number as usize + 1]);
        let mut packed = vec![0; (end - start) as usize];
        self.file.read_exact_at(&mut packed, start).map_err(unwritten)?;
        postcard::from_bytes(&packed).map_err(unwritten)
    }
}
