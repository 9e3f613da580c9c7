//! Waiting for the disk beside the thread that writes: what is in a write-ahead log already is made durable while the next
//! is being written.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use super::{PRIVATE_FILE, PUBLIC_FILE, Store};
use crate::error::{Error, Result};

/// The write-ahead logs of the two files.
pub struct Disk {
    pub public: Wal,
    pub private: Wal,
}

/// One write-ahead log, and a thread that waits for the disk.
pub struct Wal {
    path: PathBuf,
    ask: SyncSender<()>,
    answer: Receiver<io::Result<()>>,
}

impl Store {
    /// From now on a commit returns when the system has what was written, which a process that is killed does not lose;
    /// the disk is waited for by [`Wal::begin`] and [`Wal::wait`]. Writing back from the write-ahead log waits for the disk
    /// as ever (SQLite's `synchronous = NORMAL`).
    ///
    /// # Errors
    /// `Store` when there are no write-ahead logs, or no threads.
    pub fn wait_for_disk_apart(&self) -> Result<Disk> {
        for file in [&self.public, &self.private] {
            file.pragma_update(None, "synchronous", "NORMAL").map_err(|e| self.failed(e))?;
            // A write-ahead log is made by whoever reads first.
            file.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())).map_err(|e| self.failed(e))?;
        }
        let (public, private) = (self.dir.join(PUBLIC_FILE), self.dir.join(PRIVATE_FILE));
        Ok(Disk { public: Wal::of(&public)?, private: Wal::of(&private)? })
    }
}

impl Wal {
    /// Of a database file that is open: until it is closed, its write-ahead log stays the same file.
    fn of(database: &Path) -> Result<Wal> {
        let mut path = database.as_os_str().to_owned();
        path.push("-wal");
        let path = PathBuf::from(path);
        let failed = |e| failed(&path, &e);
        let file = OpenOptions::new().read(true).write(true).open(&path).map_err(failed)?;
        // Its name is durable as well: SQLite would see to that with its first own sync.
        path.parent().map_or(Ok(()), |dir| File::open(dir)?.sync_all()).map_err(failed)?;
        let (ask, asked) = sync_channel(1);
        let (tell, answer) = sync_channel(1);
        let wait = move || asked.iter().all(|()| tell.send(file.sync_data()).is_ok());
        let thread = std::thread::Builder::new().name("disk".into()).spawn(wait);
        thread.map_err(failed)?;
        Ok(Wal { path, ask, answer })
    }

    /// Begins to make durable what has been committed so far; to be followed by [`Wal::wait`].
    pub fn begin(&self) {
        // Of a thread that has ended, `wait` tells.
        let _ = self.ask.send(());
    }

    /// Waits until what had been committed before [`Wal::begin`] is on the disk.
    ///
    /// # Errors
    /// `Store` when the disk does not take it.
    pub fn wait(&self) -> Result<()> {
        let told = self.answer.recv().unwrap_or_else(|_| Err(io::Error::other("nobody waits for it any more")));
        told.map_err(|e| failed(&self.path, &e))
    }
}

fn failed(path: &Path, error: &io::Error) -> Error {
    Error::Store(format!("{}: the disk did not take what was written: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_file_is_waited_for_by_itself_again_and_again() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let disk = store.wait_for_disk_apart().unwrap();
        let level =
            |file: &rusqlite::Connection| -> i64 { file.query_row("PRAGMA synchronous", [], |r| r.get(0)).unwrap() };
        assert_eq!((level(&store.public), level(&store.private)), (1, 1), "NORMAL");
        for _ in 0..3 {
            disk.private.begin();
            disk.public.begin();
            assert_eq!((disk.public.wait(), disk.private.wait()), (Ok(()), Ok(())));
        }
    }

    #[test]
    fn without_a_write_ahead_log_nothing_is_promised() {
        let folder = tempfile::tempdir().unwrap();
        let missing = Wal::of(&folder.path().join("none.db")).err().unwrap().to_string();
        assert!(missing.contains("none.db-wal: the disk did not take"), "{missing}");
    }
}
