//! Writing back from the write-ahead log beside the writer, who would otherwise do it himself within a commit, and all that
//! is left when the files are closed.

use rusqlite::Connection;

use super::{PRIVATE_FILE, PUBLIC_FILE, Store, file};
use crate::error::Result;

/// Connections of their own to both files, for another thread.
pub struct WriteBack([Connection; 2]);

impl Store {
    /// For [`WriteBack::run`] beside this store's writer.
    ///
    /// # Errors
    /// `Store` when a file cannot be opened once more.
    pub fn write_back(&self) -> Result<WriteBack> {
        let open = |name| {
            let path = self.dir.join(name);
            Connection::open(&path).map_err(|e| file::failed(&path, e))
        };
        Ok(WriteBack([open(PUBLIC_FILE)?, open(PRIVATE_FILE)?]))
    }

    /// Closes both files at once: each writes back what is left.
    pub fn close(self) {
        let Store { public, private, .. } = self;
        std::thread::scope(|scope| {
            scope.spawn(move || drop(private));
            drop(public);
        });
    }
}

impl WriteBack {
    /// Writes back what has been committed and nobody reads. Nobody waits for it: what cannot be written back now is left
    /// for later.
    pub fn run(&self) {
        for file in &self.0 {
            // The answer is how much was done, or that another is at it.
            let _ = file.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
        }
    }
}
