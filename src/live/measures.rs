//! What the write path counts and times, for whoever watches over the service.

use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

use crate::error::Result;
use crate::hazard::map::HazardMap;
use crate::intake::Receipt;
use crate::store::OutboxSize;

/// Counters and times since the start; clones share them.
#[derive(Clone, Debug)]
pub struct Measures {
    appended: Counter,
    known: Counter,
    refused: Counter,
    pub(super) turned_away: Counter,
    pub(super) views: Counter,
    pub(super) waiting: Gauge,
    position: Gauge,
    reports: Gauge,
    incidents: Gauge,
    hotspots: Gauge,
    messages: Gauge,
    oldest_message: Gauge,
    pub(super) messages_forgotten: Counter,
    commit: Histogram,
    fold: Histogram,
    settle: Histogram,
}

/// From 0.1 ms to 26 s, each four times the one before.
fn seconds() -> Histogram {
    Histogram::new(exponential_buckets(0.000_1, 4.0, 10))
}

impl Default for Measures {
    fn default() -> Measures {
        Measures {
            appended: Counter::default(),
            known: Counter::default(),
            refused: Counter::default(),
            turned_away: Counter::default(),
            views: Counter::default(),
            waiting: Gauge::default(),
            position: Gauge::default(),
            reports: Gauge::default(),
            incidents: Gauge::default(),
            hotspots: Gauge::default(),
            messages: Gauge::default(),
            oldest_message: Gauge::default(),
            messages_forgotten: Counter::default(),
            commit: seconds(),
            fold: seconds(),
            settle: seconds(),
        }
    }
}

impl Measures {
    /// Makes them known under their names.
    pub fn register(&self, registry: &mut Registry) {
        let mut count = |name, help, counter: &Counter| registry.register(name, help, counter.clone());
        count("waterlog_events_appended", "Events appended to the log by this process", &self.appended);
        count("waterlog_events_known", "Events that were in the log already: retries", &self.known);
        count("waterlog_events_refused", "Events that contradict the log or an earlier key", &self.refused);
        count("waterlog_submissions_turned_away", "Submissions told that too many wait", &self.turned_away);
        count("waterlog_views", "Views that were worked out: others were kept, or waited for together", &self.views);
        let help = "Messages to reporters deleted, sent or not, because they were older than they are kept";
        count("waterlog_outbox_messages_forgotten", help, &self.messages_forgotten);
        let mut gauge = |name, help, gauge: &Gauge| registry.register(name, help, gauge.clone());
        gauge("waterlog_submissions_waiting", "Submissions that wait to be written", &self.waiting);
        gauge("waterlog_log_position", "Position in the log of the last event on the map", &self.position);
        gauge("waterlog_reports", "Visible reports in the index of the map", &self.reports);
        gauge("waterlog_incidents", "Incidents of the map, void ones too", &self.incidents);
        gauge("waterlog_hotspots", "Hotspots of the map", &self.hotspots);
        gauge("waterlog_outbox_messages", "Messages to reporters that lie in the outbox, sent or not", &self.messages);
        let help = "Age of the oldest message in the outbox; 0 where there is none";
        registry.register_with_unit("waterlog_outbox_oldest", help, Unit::Seconds, self.oldest_message.clone());
        let mut time = |name, help, times: &Histogram| {
            registry.register_with_unit(name, help, Unit::Seconds, times.clone());
        };
        time("waterlog_commit", "Time to make a group of events durable", &self.commit);
        time("waterlog_fold", "Time to read a group of events back and apply it", &self.fold);
        time("waterlog_settle", "Time to bring what is derived up to date after a group", &self.settle);
    }

    pub(super) fn answered(&self, receipt: &Result<Receipt>) {
        let counter = match receipt {
            Ok(Receipt { fresh: true, .. }) => &self.appended,
            Ok(_) => &self.known,
            Err(_) => &self.refused,
        };
        counter.inc();
    }

    pub(super) fn committed(&self, took: Duration) {
        self.commit.observe(took.as_secs_f64());
    }

    /// A group was folded, and the map settled.
    pub(super) fn folded(&self, map: &HazardMap, fold: Duration, settle: Duration) {
        self.fold.observe(fold.as_secs_f64());
        self.settle.observe(settle.as_secs_f64());
        self.sizes(map);
    }

    /// So much lies in the outbox; `now` in unix seconds.
    pub(super) fn messages(&self, OutboxSize { messages, oldest }: OutboxSize, now: i64) {
        self.messages.set(i64::try_from(messages).unwrap_or(i64::MAX));
        self.oldest_message.set(oldest.map_or(0, |at| (now - at).max(0)));
    }

    pub(super) fn sizes(&self, map: &HazardMap) {
        let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        self.position.set(i64::try_from(map.position()).unwrap_or(i64::MAX));
        self.reports.set(count(map.reports().visible()));
        self.incidents.set(count(map.incidents().len()));
        self.hotspots.set(count(map.sites().peak_count()));
    }
}
