//! A row that was not taken, where it stands and why.

use std::io::Write;

use crate::error::{Error, Result, invalid};

/// Why one row of a file was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// Line of the file, from 1.
    pub line: u64,
    /// Column in characters, from 1; 0: the whole row.
    pub column: u64,
    /// Name of the column in the file.
    pub field: String,
    /// What stands there.
    pub value: String,
    pub reason: String,
}

impl Reject {
    /// The same as an error, for readers that take all of a file or nothing.
    pub fn into_error(self, file: &str) -> Error {
        invalid(self.field, self.value, self.reason).at(file, self.line, self.column)
    }
}

/// Writes `rejects` as CSV, `line,column,field,value,reason`.
///
/// # Errors
/// `Store` when it cannot be written.
pub fn write_rejects(rejects: &[Reject], out: impl Write) -> Result<()> {
    let mut out = csv::Writer::from_writer(out);
    let write = |out: &mut csv::Writer<_>| -> Result<(), csv::Error> {
        out.write_record(["line", "column", "field", "value", "reason"])?;
        for r in rejects {
            out.write_record([&r.line.to_string(), &r.column.to_string(), &r.field, &r.value, &r.reason])?;
        }
        out.flush()?;
        Ok(())
    };
    write(&mut out).map_err(|e| Error::Store(format!("the rejects cannot be written: {e}")))
}
