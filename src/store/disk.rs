//! Waiting for the disk beside the thread that writes: what is in a write-ahead log already is made durable while the next
//! is being written.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use rusqlite::Connection;
use tracing::warn;

use super::{PRIVATE_FILE, PUBLIC_FILE, PUBLIC_TABLES, Store, file};
use crate::error::{Error, Result};

/// Events after which their pages are written back: their keys lie all over a file, and hundreds of pages are written in some
/// milliseconds, thousands in some tens.
const EVENTS_BEFORE_WRITING_BACK: usize = 512;

/// The write-ahead logs of the two files.
pub struct Disk {
    pub public: Wal,
    pub private: Wal,
    back: WriteBack,
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
        Ok(Disk { public: Wal::of(&public)?, private: Wal::of(&private)?, back: WriteBack::of(public)? })
    }
}

impl Disk {
    /// Counts events that have been appended: now and then what they changed is written back to the file of the log.
    pub fn appended(&mut self, events: usize) {
        self.back.appended += events;
        if self.back.appended >= EVENTS_BEFORE_WRITING_BACK {
            self.back.appended = 0;
            // Where it is still at it, it comes again later.
            let _ = self.back.ask.as_ref().map(|ask| ask.try_send(()));
        }
    }
}

/// Writes back from the write-ahead log of one file. The thread that commits does so as well, once there is much (SQLite does
/// it within a commit); then next to nothing is left to do, and nobody waits for long.
struct WriteBack {
    ask: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
    appended: usize,
}

impl WriteBack {
    fn of(path: PathBuf) -> Result<WriteBack> {
        let file = file::open(&path, PUBLIC_TABLES)?;
        let (ask, asked) = sync_channel(1);
        let work = move || asked.iter().for_each(|()| write_back(&path, &file));
        let thread = std::thread::Builder::new().name("write-back".into()).spawn(work);
        let thread = thread.map_err(|e| Error::Store(format!("nothing can be written back: {e}")))?;
        Ok(WriteBack { ask: Some(ask), thread: Some(thread), appended: 0 })
    }
}

impl Drop for WriteBack {
    /// The file is closed when this is over.
    fn drop(&mut self) {
        drop(self.ask.take());
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// As much as can be without anybody's waiting. What cannot be written now stays in the write-ahead log.
fn write_back(path: &Path, file: &Connection) {
    if let Err(error) = file.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())) {
        warn!("not written back yet: {}", file::failed(path, error));
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
    fn what_was_appended_is_written_back_by_somebody_else() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let mut disk = store.wait_for_disk_apart().unwrap();
        let size = || std::fs::metadata(folder.path().join(PUBLIC_FILE)).unwrap().len();
        store.public.execute_batch("INSERT INTO meta VALUES ('much', hex(zeroblob(100000)))").unwrap();
        disk.appended(EVENTS_BEFORE_WRITING_BACK - 1);
        let before = size();
        assert!(before < 200_000, "it is in the write-ahead log: {before}");
        disk.appended(1);
        drop(disk);
        assert!(size() > 200_000, "{}", size());
    }

    #[test]
    fn without_a_write_ahead_log_nothing_is_promised() {
        let folder = tempfile::tempdir().unwrap();
        let missing = Wal::of(&folder.path().join("none.db")).err().unwrap().to_string();
        assert!(missing.contains("none.db-wal: the disk did not take"), "{missing}");
    }
}
