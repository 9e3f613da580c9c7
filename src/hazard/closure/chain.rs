//! How messages follow from what happens.

use std::collections::{BTreeMap, BTreeSet};

use super::super::addition::Saying;
use super::super::category::Category;
use super::super::event::Passability;
use super::super::report::ReportRow;
use super::super::slot::Measure;
use super::turns::{Change, Turn};
use super::{Closed, DRY_HOLD_S, Kind, Message, Source, longest_hold_s};

/// The messages about one incident, as far as things have gone.
pub struct Chain<'m> {
    rows: &'m [ReportRow],
    /// What reports say by now of which more is said at any time.
    told: BTreeMap<u32, Saying>,
    said: Said,
    /// The reports that it has, by index.
    held: BTreeSet<u32>,
    /// What was seen of who can pass, or dry, and is not taken back, by the index of the report.
    seen: BTreeSet<u32>,
    ended: bool,
    turns: usize,
}

impl<'m> Chain<'m> {
    /// `told`: what reports said before anything more was said of them.
    pub fn new(rows: &'m [ReportRow], category: Category, told: BTreeMap<u32, Saying>) -> Chain<'m> {
        let (held, seen) = (BTreeSet::new(), BTreeSet::new());
        Chain { rows, told, said: Said::new(category), held, seen, ended: false, turns: 0 }
    }

    pub fn messages(self) -> Vec<Message> {
        self.said.messages
    }

    /// The next thing that happened.
    pub fn take(&mut self, turn: &Turn) {
        if let Change::Added(added) = &turn.change
            && !self.held.contains(&added.report)
        {
            self.told.insert(added.report, added.after);
            return;
        }
        self.turns += 1;
        let before = self.said.messages.len();
        match &turn.change {
            Change::Reported(report) => {
                self.hold(*report);
                // Who reports what has ended changes nothing, until it is opened again.
                if !self.ended {
                    self.said.hear(turn.source, &self.row(*report));
                }
            }
            Change::Came { reports, ended } => {
                reports.iter().for_each(|report| self.hold(*report));
                // Ended only if both were.
                self.ended = ended.map_or(self.ended, |other| self.ended && other);
                self.look_again(turn);
            }
            Change::Added(added) => {
                let before = self.tells();
                self.told.insert(added.report, added.after);
                self.hold(added.report);
                self.look_again(turn);
                self.tell_more(turn, before);
            }
            Change::Left(report) => {
                self.held.remove(report);
                if self.seen.remove(report) {
                    self.look_again(turn);
                }
            }
            // What is gone has ended for ever.
            Change::Ended | Change::Gone => {
                self.ended = true;
                self.said.cancel(turn.source, turn.at);
            }
            Change::Reopened => {
                self.ended = false;
                self.look_again(turn);
            }
            Change::Found => {}
        }
        self.said.messages[before..].iter_mut().for_each(|message| message.turn = self.turns);
    }

    /// A report as it is by now.
    fn row(&self, report: u32) -> ReportRow {
        let mut row = self.rows[report as usize].clone();
        if let Some(told) = self.told.get(&report) {
            told.put(&mut row);
        }
        row
    }

    fn hold(&mut self, report: u32) {
        self.held.insert(report);
        let row = self.row(report);
        if row.dry() || row.passability.is_some() {
            self.seen.insert(report);
        }
    }

    /// What messages say beside who can pass: the deepest water, and whether a photo shows it.
    fn tells(&self) -> (Option<Measure>, bool) {
        let rows = self.held.iter().map(|&report| self.row(report));
        rows.fold((None, false), |(depth_cm, photo), row| (depth_cm.max(row.depth_cm), photo || row.photo))
    }

    /// What was said stands, and there is more to it than was told.
    fn tell_more(&mut self, turn: &Turn, before: (Option<Measure>, bool)) {
        let last = self.said.in_force(turn.at).filter(|message| message.source != turn.source && !self.ended);
        if let Some(closed) = last.map(|message| message.closed).filter(|_| self.tells() != before) {
            self.said.push(turn.source, Kind::Update, turn.at, closed);
        }
    }

    /// Other reports count than before, or do so again: says what follows, where that is something else.
    fn look_again(&mut self, turn: &Turn) {
        let mut anew = Said::new(self.said.category);
        self.seen.iter().for_each(|&r| anew.hear(Source::Report(r), &self.row(r)));
        self.said.newest = anew.newest;
        if self.ended {
            return;
        }
        let [said, held] = [&self.said, &anew].map(|chain| chain.in_force(turn.at).map(|message| message.closed));
        match (said, held) {
            (None, Some(held)) => self.said.push(turn.source, Kind::Alert, turn.at, held),
            (Some(said), Some(held)) if said != held => self.said.push(turn.source, Kind::Update, turn.at, held),
            (Some(_), None) => self.said.cancel(turn.source, turn.at),
            _ => {}
        }
    }
}

/// What was said, and what it rests on.
pub(super) struct Said {
    category: Category,
    messages: Vec<Message>,
    /// The newest observation of passability.
    newest: i64,
}

impl Said {
    pub(super) fn new(category: Category) -> Said {
        Said { category, messages: Vec::new(), newest: i64::MIN }
    }

    pub(super) fn hear(&mut self, source: Source, row: &ReportRow) {
        match row.passability {
            _ if row.dry() => self.dry(source, row.observed_at, row.received_at),
            Some(passability) => self.observed(source, passability, row.observed_at, row.received_at),
            None => {}
        }
    }

    /// Somebody saw who can pass. What was seen before the newest observation changes nothing.
    fn observed(&mut self, source: Source, passability: Passability, at: i64, sent: i64) {
        if at < self.newest {
            return;
        }
        self.newest = at;
        if passability < Passability::ImpassableSmall {
            return self.cancel(source, sent);
        }
        let before = self.in_force(sent).map(|message| message.closed);
        // Of two who saw it at the same time the one who saw it worse is believed.
        let worse = before.filter(|closed| closed.last_observed_at == at).map(|closed| closed.passability);
        let closed = Closed {
            passability: worse.map_or(passability, |worse| worse.max(passability)),
            since: before.map_or(at, |closed| closed.since),
            last_observed_at: at,
            expires_at: at + longest_hold_s(self.category),
        };
        let kind = if before.is_some() { Kind::Update } else { Kind::Alert };
        self.push(source, kind, sent, closed);
    }

    /// Somebody saw it dry: then it holds no longer than for a second look.
    fn dry(&mut self, source: Source, at: i64, sent: i64) {
        let Some(closed) = self.in_force(sent).map(|message| message.closed) else { return };
        if at > closed.last_observed_at && at + DRY_HOLD_S < closed.expires_at {
            self.push(source, Kind::Update, sent, Closed { expires_at: at + DRY_HOLD_S, ..closed });
        }
    }

    fn cancel(&mut self, source: Source, sent: i64) {
        if let Some(closed) = self.in_force(sent).map(|message| message.closed) {
            self.push(source, Kind::Cancel, sent, closed);
        }
    }

    /// The last message, if it holds at a time.
    pub(super) fn in_force(&self, at: i64) -> Option<&Message> {
        self.messages.last().filter(|message| message.is_in_force(at))
    }

    fn push(&mut self, source: Source, kind: Kind, sent: i64, closed: Closed) {
        let last = self.messages.last();
        let sent = last.map_or(sent, |last| last.sent.max(sent));
        let alert = last.filter(|_| kind != Kind::Alert).map_or(self.messages.len(), |last| last.alert);
        self.messages.push(Message { source, kind, sent, closed, alert, turn: 0 });
    }
}
