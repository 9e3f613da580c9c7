//! Progress on a terminal; nothing where standard error is none.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::grouped;
use crate::intake::import::Progress;

const TEMPLATE: &str = "{prefix} {wide_bar} {percent:>3}% {msg}, {eta} left";
const REDRAW: Duration = Duration::from_millis(100);

/// A bar that says how far a command is.
pub struct Bar {
    bar: ProgressBar,
    started: Instant,
}

impl Bar {
    pub fn new() -> Bar {
        let style = ProgressStyle::with_template(TEMPLATE).expect("the template is well formed");
        // indicatif draws nothing by itself where standard error is no terminal.
        let bar = ProgressBar::new(0).with_style(style);
        bar.enable_steady_tick(REDRAW);
        Bar { bar, started: Instant::now() }
    }

    /// How far an import is: reading by bytes, then writing by events.
    pub fn import(&self, p: &Progress) {
        let rate = |n: u64| grouped((n as f64 / self.started.elapsed().as_secs_f64().max(1e-3)) as u64);
        let rejects = grouped(p.rejects);
        if p.events_total == 0 {
            let message = format!("{} rows, {} rows/s, {rejects} rejects", grouped(p.rows), rate(p.rows));
            self.show("reading", p.bytes_read, p.bytes_total.unwrap_or(p.bytes_read), message);
        } else {
            let message = format!("{} events, {} events/s, {rejects} rejects", grouped(p.events), rate(p.events));
            self.show("writing", p.events, p.events_total, message);
        }
    }

    /// So many entries of the log are done.
    pub fn entries(&self, doing: &'static str, done: u64, total: u64) {
        self.show(doing, done, total, format!("{} of {} entries", grouped(done), grouped(total)));
    }

    fn show(&self, doing: &'static str, done: u64, total: u64, message: String) {
        if self.bar.prefix() != doing {
            self.bar.set_prefix(doing);
            self.bar.reset_eta();
        }
        self.bar.set_length(total);
        self.bar.set_position(done);
        self.bar.set_message(message);
    }

    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
