//! One error type, named by what the caller can do about it.

/// Everything that can go wrong, as the caller sees it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// The input is wrong; say it again, corrected.
    #[error("{field} {value:?}: {reason}")]
    Invalid { field: String, value: String, reason: String },
    /// An error with the file, line and column (both from 1; column 0: the whole line) it was found at.
    #[error("{file}:{line}:{column}: {error}")]
    At { file: String, line: u64, column: u64, error: Box<Error> },
    /// There is no such thing.
    #[error("no {what} {id:?}")]
    NotFound { what: &'static str, id: String },
    /// The request contradicts what is already recorded.
    #[error("{0}")]
    Conflict(String),
    /// The caller may not do this.
    #[error("not allowed")]
    Forbidden,
    /// Not now; try again in a moment. Nothing of the request was kept.
    #[error("{0}")]
    Busy(String),
    /// Not now, because of a file of ours: the disk is full, another program holds it. Nothing of the request was kept.
    #[error("{file}: {why}")]
    Held { file: String, why: String },
    /// The disk or the database failed.
    #[error("storage: {0}")]
    Store(String),
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Shorthand for the commonest error.
pub fn invalid(field: impl Into<String>, value: impl ToString, reason: impl Into<String>) -> Error {
    Error::Invalid { field: field.into(), value: value.to_string(), reason: reason.into() }
}

impl Error {
    /// The same error, with the place in the file where it was found.
    pub fn at(self, file: impl Into<String>, line: u64, column: u64) -> Error {
        Error::At { file: file.into(), line, column, error: Box::new(self) }
    }

    /// The same error, with the place of a byte of the file's text.
    pub fn at_byte(self, file: impl Into<String>, text: &str, byte: usize) -> Error {
        let (line, column) = place(text, byte);
        self.at(file, line, column)
    }
}

/// Line and column in characters, from 1, of a byte of a text.
pub fn place(text: &str, byte: usize) -> (u64, u64) {
    let before = text.get(..byte).unwrap_or_default();
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (before.matches('\n').count() as u64 + 1, column as u64)
}
