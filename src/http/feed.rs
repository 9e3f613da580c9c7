//! The changes of late, kept once for all who follow them. A reader is a place in this row, never a copy of it: however
//! many there are and however slow, memory does not grow.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};
use tracing::info;

use super::serve::Connection;
use crate::error::{Error, Result};

/// Readers at once.
pub const MOST_READERS: usize = 1_000;
/// Changes kept for those who come back, and the bytes they may take.
const KEPT: usize = 8_192;
const KEPT_BYTES: usize = 16_000_000;
/// A reader that is so many changes behind is cut off; those it has missed are still kept when it comes back.
const FURTHEST_BEHIND: u64 = 2_048;
/// Time between two sendings to one reader: what happens meanwhile goes together.
const PACE: Duration = Duration::from_millis(20);
/// Bytes that go together.
const SENDING_BYTES: usize = 65_536;
/// So often a quiet stream shows that it is alive.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// An event, as a browser shows its page no comment, and none without data; and without an id, so that it moves no position.
const HEARTBEAT_TEXT: Bytes = Bytes::from_static(b"event: quiet\ndata: {}\n\n");

/// The row of changes; clones share it.
#[derive(Clone)]
pub struct Feed(Arc<Shared>);

struct Shared {
    row: Mutex<Row>,
    /// Tells readers how many changes there have been; `None`: it is over.
    moved: watch::Sender<Option<u64>>,
    most_readers: usize,
    readers: Gauge,
    cut_off: Counter,
    resets: Counter,
}

#[derive(Default)]
struct Row {
    kept: VecDeque<Change>,
    bytes: usize,
    /// How many changes there have been.
    count: u64,
    /// Positions in the log: before the first change that is kept, and after the last.
    since: u64,
    position: u64,
    started: bool,
    readers: HashMap<u64, Arc<Place>>,
    next_reader: u64,
}

struct Change {
    position: u64,
    /// As it is sent.
    text: Bytes,
}

/// How far a reader has got.
struct Place {
    /// The change it takes next, counted from the first there was.
    next: AtomicU64,
    /// How many changes there had been when it came.
    joined: u64,
    cut: AtomicBool,
    connection: Option<Connection>,
}

/// Where a stream begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beginning {
    /// After this position in the log.
    After(u64),
    /// At this one: what the reader knows cannot be continued.
    Reset(u64),
}

impl Feed {
    pub fn new(most_readers: usize) -> Feed {
        Feed(Arc::new(Shared {
            row: Mutex::default(),
            moved: watch::channel(Some(0)).0,
            most_readers,
            readers: Gauge::default(),
            cut_off: Counter::default(),
            resets: Counter::default(),
        }))
    }

    pub fn register(&self, registry: &mut Registry) {
        registry.register("waterlog_live_readers", "Readers of live changes", self.0.readers.clone());
        let cut_off = self.0.cut_off.clone();
        registry.register("waterlog_live_readers_cut_off", "Readers that were too slow and were cut off", cut_off);
        let resets = self.0.resets.clone();
        registry.register(
            "waterlog_live_resets",
            "Readers that came back too late to be told what they missed",
            resets,
        );
    }

    /// Changes follow on this position in the log.
    pub fn start(&self, position: u64) {
        let mut row = self.row();
        if !row.started {
            (row.started, row.since, row.position) = (true, position, position);
        }
    }

    /// Adds the change from one position in the log to another, as it is sent.
    pub fn publish(&self, previous: u64, position: u64, text: Bytes) {
        let mut row = self.row();
        if !row.started {
            (row.started, row.since) = (true, previous);
        }
        self.add(row, position, text);
    }

    /// Adds what the log knows nothing of, as it is sent at the position that the log has: for those who follow now. Whoever
    /// comes back to this position is not told it again.
    pub fn tell(&self, text: impl FnOnce(u64) -> Bytes) {
        let row = self.row();
        let position = row.position;
        self.add(row, position, text(position));
    }

    fn add(&self, mut row: MutexGuard<'_, Row>, position: u64, text: Bytes) {
        row.bytes += text.len();
        row.kept.push_back(Change { position, text });
        (row.position, row.count) = (position, row.count + 1);
        while row.kept.len() > KEPT || row.bytes > KEPT_BYTES && row.kept.len() > 1 {
            let Some(oldest) = row.kept.pop_front() else { break };
            (row.bytes, row.since) = (row.bytes - oldest.text.len(), oldest.position);
        }
        let count = row.count;
        for place in row.readers.values() {
            let from = place.next.load(Ordering::Relaxed).max(place.joined);
            if count - from > FURTHEST_BEHIND && !place.cut.swap(true, Ordering::Relaxed) {
                self.cut_off(place);
            }
        }
        // Under the lock, so that nobody hears of a later change first; a feed that is over stays over.
        self.0.moved.send_if_modified(|told| told.as_mut().map(|told| *told = count).is_some());
    }

    fn cut_off(&self, place: &Place) {
        self.0.cut_off.inc();
        info!("a reader of live changes was too slow and is cut off");
        if let Some(connection) = &place.connection {
            connection.cut();
        }
    }

    /// A reader from now on, or from a position in the log that it knows.
    ///
    /// # Errors
    /// `Busy` when there are too many, or the service is stopping.
    pub fn follow(&self, after: Option<u64>, connection: Option<Connection>) -> Result<(Beginning, Reader)> {
        let mut row = self.row();
        if self.0.moved.borrow().is_none() {
            return Err(Error::Busy("the service is stopping: try again in a moment".into()));
        }
        if row.readers.len() >= self.0.most_readers {
            let told = format!("{} readers follow the changes already: try again in a moment", self.0.most_readers);
            return Err(Error::Busy(told));
        }
        let first = row.count - row.kept.len() as u64;
        let (beginning, next) = match after {
            None => (Beginning::After(row.position), row.count),
            Some(after) if (row.since..=row.position).contains(&after) => {
                let known = row.kept.partition_point(|change| change.position <= after);
                (Beginning::After(after), first + known as u64)
            }
            Some(_) => {
                self.0.resets.inc();
                (Beginning::Reset(row.position), row.count)
            }
        };
        let cut = AtomicBool::new(false);
        let place = Arc::new(Place { next: AtomicU64::new(next), joined: row.count, cut, connection });
        let key = row.next_reader;
        row.next_reader += 1;
        row.readers.insert(key, place.clone());
        self.0.readers.inc();
        let moved = self.0.moved.subscribe();
        let (not_before, heartbeat) = (Instant::now(), HEARTBEAT);
        Ok((beginning, Reader { feed: self.clone(), key, place, moved, not_before, heartbeat }))
    }

    /// Ends every stream, and takes no further readers.
    pub fn close(&self) {
        self.0.moved.send_replace(None);
        // Those who do not read would not hear of it.
        let row = self.row();
        let behind = |place: &&Arc<Place>| place.next.load(Ordering::Relaxed) < row.count;
        row.readers.values().filter(behind).filter_map(|place| place.connection.as_ref()).for_each(Connection::cut);
    }

    /// The position in the log that was told last.
    pub fn position(&self) -> u64 {
        self.row().position
    }

    fn row(&self) -> MutexGuard<'_, Row> {
        self.0.row.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a reader has not had yet, as much as goes together; `None` when what it needs is gone or it was cut off.
    fn take(&self, place: &Place) -> Option<Bytes> {
        let row = self.row();
        let next = place.next.load(Ordering::Relaxed);
        let first = row.count - row.kept.len() as u64;
        if place.cut.load(Ordering::Relaxed) {
            return None;
        }
        if next < first {
            place.cut.store(true, Ordering::Relaxed);
            self.cut_off(place);
            return None;
        }
        let mut bytes = 0;
        let waiting = row.kept.range((next - first) as usize..).map(|change| &change.text);
        let together: Vec<&Bytes> = waiting
            .take_while(|text| {
                let fits = bytes == 0 || bytes + text.len() <= SENDING_BYTES;
                bytes += text.len();
                fits
            })
            .collect();
        place.next.store(next + together.len() as u64, Ordering::Relaxed);
        Some(match together[..] {
            [] => Bytes::new(),
            [one] => one.clone(),
            _ => together.iter().flat_map(|text| text.iter().copied()).collect::<Vec<u8>>().into(),
        })
    }
}

/// Somebody who follows; leaves when dropped.
pub struct Reader {
    feed: Feed,
    key: u64,
    place: Arc<Place>,
    moved: watch::Receiver<Option<u64>>,
    not_before: Instant,
    heartbeat: Duration,
}

impl Reader {
    /// Waits for what comes next: changes, or a sign of life. `None`: it is over, or it was cut off.
    pub async fn next(&mut self) -> Option<Bytes> {
        sleep_until(self.not_before).await;
        let beat = Instant::now() + self.heartbeat;
        loop {
            (*self.moved.borrow_and_update())?;
            let text = self.feed.take(&self.place)?;
            if !text.is_empty() {
                self.not_before = Instant::now() + PACE;
                return Some(text);
            }
            tokio::select! {
                moved = self.moved.changed() => moved.ok()?,
                () = sleep_until(beat) => return Some(HEARTBEAT_TEXT),
            }
        }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.feed.row().readers.remove(&self.key);
        self.feed.0.readers.dec();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: usize) -> Bytes {
        vec![b'x'; bytes].into()
    }

    fn with(changes: u64) -> Feed {
        let feed = Feed::new(2);
        feed.start(0);
        (1..=changes).for_each(|n| feed.publish(n - 1, n, text(10)));
        feed
    }

    #[test]
    fn more_readers_than_there_may_be_are_told_to_come_back() {
        let feed = with(0);
        let (first, second) = (feed.follow(None, None).unwrap(), feed.follow(None, None).unwrap());
        let refused = feed.follow(None, None).err().unwrap();
        assert!(matches!(&refused, Error::Busy(told) if told.contains("2 readers")), "{refused}");
        drop(first);
        assert!(feed.follow(None, None).is_ok());
        drop(second);
        assert_eq!(feed.0.readers.get(), 0);
    }

    #[test]
    fn what_is_kept_is_bounded_in_number_and_in_bytes_however_slow_readers_are() {
        let feed = with(10);
        let (_, stuck) = feed.follow(None, None).unwrap();
        for n in 10..30_000 {
            feed.publish(n, n + 1, text(1_000));
            let row = feed.row();
            assert!(row.kept.len() <= KEPT && row.bytes <= KEPT_BYTES && row.readers.len() == 1);
        }
        assert_eq!((feed.0.cut_off.get(), feed.row().kept.len()), (1, KEPT));
        feed.publish(30_000, 30_001, text(KEPT_BYTES));
        assert_eq!(feed.row().kept.len(), 1);
        assert!(feed.take(&stuck.place).is_none(), "cut off, it gets nothing more");
    }

    #[test]
    fn a_reader_that_begins_far_back_has_time_to_come_up() {
        let feed = with(KEPT as u64);
        let (beginning, back) = feed.follow(Some(0), None).unwrap();
        assert_eq!(beginning, Beginning::After(0));
        let n = KEPT as u64;
        let mut bytes = 0;
        while bytes < KEPT * 10 {
            bytes += feed.take(&back.place).expect("it is all kept").len();
        }
        (n..n + FURTHEST_BEHIND).for_each(|n| feed.publish(n, n + 1, text(10)));
        assert_eq!(feed.0.cut_off.get(), 0);
        feed.publish(n + FURTHEST_BEHIND, n + FURTHEST_BEHIND + 1, text(10));
        assert_eq!(feed.0.cut_off.get(), 1);
    }

    #[test]
    fn a_stream_goes_on_after_the_position_it_knows_or_is_reset() {
        let feed = with(0);
        for (previous, position) in [(0, 3), (3, 4), (4, 9)] {
            feed.publish(previous, position, format!("{position} ").into());
        }
        let of = |after| {
            let (beginning, reader) = feed.follow(after, None).unwrap();
            (beginning, String::from_utf8(feed.take(&reader.place).unwrap().to_vec()).unwrap())
        };
        assert_eq!(of(None), (Beginning::After(9), String::new()));
        for (after, rest) in [(0, "3 4 9 "), (2, "3 4 9 "), (3, "4 9 "), (4, "9 "), (8, "9 "), (9, "")] {
            assert_eq!(of(Some(after)), (Beginning::After(after), rest.to_owned()));
        }
        for after in [10, u64::MAX] {
            assert_eq!(of(Some(after)), (Beginning::Reset(9), String::new()));
        }
        feed.close();
        assert!(feed.follow(None, None).is_err());
    }

    #[test]
    fn what_the_log_knows_nothing_of_is_told_in_its_turn_and_moves_no_position() {
        let feed = with(0);
        let (_, here) = feed.follow(None, None).unwrap();
        feed.publish(0, 3, "3 ".into());
        feed.tell(|position| format!("told at {position} ").into());
        feed.publish(3, 5, "5".into());
        assert_eq!(feed.take(&here.place).unwrap(), "3 told at 3 5");
        let (beginning, back) = feed.follow(Some(3), None).unwrap();
        assert_eq!((beginning, feed.take(&back.place).unwrap()), (Beginning::After(3), "5".into()));
        assert_eq!(feed.position(), 5);
    }

    #[tokio::test]
    async fn a_quiet_stream_shows_that_it_is_alive() {
        let feed = with(0);
        let (_, mut reader) = feed.follow(None, None).unwrap();
        reader.heartbeat = Duration::from_millis(1);
        for _ in 0..3 {
            assert_eq!(reader.next().await.unwrap(), HEARTBEAT_TEXT);
        }
        feed.publish(0, 1, text(3));
        assert_eq!(reader.next().await.unwrap(), text(3));
        feed.close();
        assert!(reader.next().await.is_none());
    }
}
