//! Progress on a terminal; nothing where standard error is none.

use std::fmt::Arguments;

use indicatif::{ProgressBar, ProgressStyle};

use super::{grouped, print};
use crate::error::Result;
use crate::intake::import::Progress;

const TEMPLATE: &str = "{prefix:<11} {wide_bar} {percent:>3}% {msg}, {eta} left";

/// A bar that says how far a command is.
pub struct Bar(ProgressBar);

impl Bar {
    pub fn new() -> Bar {
        let style = ProgressStyle::with_template(TEMPLATE).expect("the template is well formed");
        // indicatif draws nothing by itself where standard error is no terminal.
        Bar(ProgressBar::new(1).with_style(style))
    }

    /// How far an import is: reading by bytes, then writing by events.
    pub fn import(&self, p: &Progress) {
        if p.events_total == 0 {
            self.begin("reading", p.bytes_total.unwrap_or(p.bytes_read));
            self.show(p.bytes_read, p.rows, "rows", p.rejects);
        } else {
            self.begin("writing", p.events_total);
            self.show(p.events, p.events, "events", p.rejects);
        }
    }

    fn show(&self, position: u64, done: u64, what: &str, rejects: u64) {
        let rate = done as f64 / self.0.elapsed().as_secs_f64().max(1e-3);
        let (done, rate, rejects) = (grouped(done), grouped(rate as u64), grouped(rejects));
        self.0.set_message(format!("{done} {what}, {rate} {what}/s, {rejects} rejects"));
        self.0.set_position(position);
    }

    /// So many entries of the log are done.
    pub fn entries(&self, doing: &'static str, done: u64, total: u64) {
        self.begin(doing, total);
        self.0.set_message(format!("{} of {} entries", grouped(done), grouped(total)));
        self.0.set_position(done);
    }

    /// So many features of a layer are done.
    pub fn features(&self, doing: &'static str, done: u64, total: u64) {
        self.begin(doing, total);
        self.0.set_message(format!("{} of {} features", grouped(done), grouped(total)));
        self.0.set_position(done);
    }

    /// So many rounds of an analysis are done.
    pub fn rounds(&self, doing: &'static str, done: usize, total: usize) {
        self.begin(doing, total as u64);
        self.0.set_message(format!("{} of {} rounds", grouped(done as u64), grouped(total as u64)));
        self.0.set_position(done as u64);
    }

    /// Starts from nothing where something else is being done than before.
    fn begin(&self, doing: &'static str, total: u64) {
        self.0.set_length(total);
        let before = self.0.prefix();
        if before != doing {
            self.0.set_prefix(doing);
        }
        // What is done first has been going on since the bar was made.
        if !before.is_empty() && before != doing {
            self.0.set_position(0);
            self.0.reset_elapsed();
            self.0.reset_eta();
        }
    }

    /// Writes a line above the bar.
    pub fn print(&self, line: Arguments) -> Result<()> {
        self.0.suspend(|| print(line))
    }

    pub fn finish(&self) {
        self.0.finish_and_clear();
    }
}
