//! Closures: where vehicles cannot pass now. What is reported of an incident's passability, in log order, is a chain of
//! messages: closed, still closed, open again. Passability is an observation and grows old: each message holds until
//! `closure_s` of its category after the observation, and for [`DRY_HOLD_S`] more once somebody saw it dry.

use super::category::Category;
use super::event::Passability;
use super::incident::Incident;
use super::map::HazardMap;
use super::slot::Moment;

/// How long a closure still holds after one dry report, which may be mistaken: time for a second look.
pub const DRY_HOLD_S: i64 = 1_800;

/// A place that is closed, or closed to small cars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed {
    pub passability: Passability,
    /// When it was first seen closed, and not open again since; unix seconds.
    pub since: i64,
    /// When it was last seen closed.
    pub last_observed_at: i64,
    /// From then on nobody knows.
    pub expires_at: i64,
}

/// What a message rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A report, by index: its place in the log's order of reports, whether or not others are retracted.
    Report(u32),
    /// The end of the incident, by its time.
    End(i64),
}

/// What a message says beside those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It is closed.
    Alert,
    /// Still, or otherwise, or for another time.
    Update,
    /// No longer.
    Cancel,
}

/// One message about an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message {
    pub source: Source,
    pub kind: Kind,
    /// When it was known; unix seconds, and never before the message it follows.
    pub sent: i64,
    /// What holds; of a cancellation, what held.
    pub closed: Closed,
    /// Which message of the chain it goes back to: that alert and all after it are its references.
    pub alert: usize,
}

impl Closed {
    /// Can only small cars not pass?
    pub fn is_for_small_cars(&self) -> bool {
        self.passability == Passability::ImpassableSmall
    }
}

impl Message {
    fn is_in_force(&self, at: i64) -> bool {
        self.kind != Kind::Cancel && at < self.closed.expires_at
    }
}

/// The chain of messages about one incident: a pure function of the log, so that it is the same after a restart.
pub fn messages(map: &HazardMap, incident: &Incident) -> Vec<Message> {
    let rows = map.reports().rows();
    let is_closed = |r: &u32| rows[*r as usize].passability.is_some_and(|p| p >= Passability::ImpassableSmall);
    if incident.category.is_alone() || !incident.reports.iter().any(is_closed) {
        return Vec::new();
    }
    let mut chain = Chain { category: incident.category, messages: Vec::new(), newest: i64::MIN };
    let mut reports = incident.reports.to_vec();
    reports.extend(map.dry_reports_at(incident));
    reports.sort_unstable();
    for r in reports {
        let row = &rows[r as usize];
        let (source, at, sent) = (Source::Report(r), row.observed_at, row.received_at);
        match row.passability {
            _ if row.dry() => chain.dry(source, at, sent),
            Some(passability) => chain.observed(source, passability, at, sent),
            None => {}
        }
    }
    if let Some(end) = incident.ended.map(Moment::seconds) {
        chain.cancel(Source::End(end), end);
    }
    chain.messages
}

/// What holds at an incident at a time, in unix seconds.
pub fn at(map: &HazardMap, incident: &Incident, now: i64) -> Option<Closed> {
    // Most ended, or were last seen too long ago; looking into the reports of the others takes the time.
    if incident.is_void() || incident.ended.is_some() || now >= incident.facts.last + longest_hold_s(incident.category)
    {
        return None;
    }
    messages(map, incident).last().filter(|message| message.is_in_force(now)).map(|message| message.closed)
}

fn longest_hold_s(category: Category) -> i64 {
    category.info().closure_s
}

struct Chain {
    category: Category,
    messages: Vec<Message>,
    /// The newest observation of passability.
    newest: i64,
}

impl Chain {
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
            expires_at: at + self.category.info().closure_s,
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
    fn in_force(&self, at: i64) -> Option<&Message> {
        self.messages.last().filter(|message| message.is_in_force(at))
    }

    fn push(&mut self, source: Source, kind: Kind, sent: i64, closed: Closed) {
        let last = self.messages.last();
        let sent = last.map_or(sent, |last| last.sent.max(sent));
        let alert = last.filter(|_| kind != Kind::Alert).map_or(self.messages.len(), |last| last.alert);
        self.messages.push(Message { source, kind, sent, closed, alert });
    }
}

#[cfg(test)]
mod tests {
    use super::super::event::{Act, Action, Event, Report};
    use super::super::position::Position;
    use super::super::settings::Settings;
    use super::*;

    const HOUR_S: i64 = 3_600;

    fn seen(id: &str, minute: i64, passability: Option<Passability>) -> Event {
        let waterlogging = Category::named("waterlogging").unwrap();
        let at = Position::new(0.0, 0.0).unwrap();
        let report = Report::new(id, waterlogging, at, minute * 60);
        Event::Report(Report {
            passability,
            dry: passability == Some(Passability::Clear) && id.starts_with('d'),
            ..report
        })
    }

    fn wet(id: &str, minute: i64) -> Event {
        seen(id, minute, Some(Passability::Impassable))
    }

    fn dry(id: &str, minute: i64) -> Event {
        seen(id, minute, Some(Passability::Clear))
    }

    fn chain(events: &[Event]) -> Vec<Message> {
        let map = HazardMap::build(Settings::default(), (1..).zip(events));
        messages(&map, &map.incidents()[0])
    }

    fn kinds(events: &[Event]) -> Vec<(Kind, i64, usize)> {
        chain(events).iter().map(|m| (m.kind, m.closed.expires_at / 60, m.alert)).collect()
    }

    #[test]
    fn a_closure_holds_for_the_time_of_its_category_after_it_was_last_seen() {
        let events = [wet("a", 0), seen("b", 30, Some(Passability::ImpassableSmall)), seen("c", 40, None)];
        assert_eq!(kinds(&events), [(Kind::Alert, 180, 0), (Kind::Update, 210, 0)]);
        let map = HazardMap::build(Settings::default(), (1..).zip(&events));
        let closed = |now| at(&map, &map.incidents()[0], now);
        let now = closed(3 * HOUR_S).unwrap();
        assert_eq!((now.passability, now.since, now.last_observed_at), (Passability::ImpassableSmall, 0, 1_800));
        assert!(closed(210 * 60 - 1).is_some() && closed(210 * 60).is_none());
    }

    #[test]
    fn who_sees_that_all_can_pass_ends_it_and_a_later_closure_is_another() {
        let slow = seen("b", 30, Some(Passability::Slow));
        let events = [wet("a", 0), slow, wet("c", 60)];
        assert_eq!(kinds(&events), [(Kind::Alert, 180, 0), (Kind::Cancel, 180, 0), (Kind::Alert, 240, 2)]);
        let late = [wet("a", 60), seen("b", 30, Some(Passability::Slow))];
        assert_eq!(kinds(&late), [(Kind::Alert, 240, 0)], "what was seen before changes nothing");
        assert_eq!(
            kinds(&[wet("a", 0), wet("b", 200)]),
            [(Kind::Alert, 180, 0), (Kind::Alert, 380, 1)],
            "it had expired"
        );
    }

    #[test]
    fn a_dry_report_shortens_it_and_an_end_cancels_it() {
        assert_eq!(kinds(&[wet("a", 0), dry("d", 10)]), [(Kind::Alert, 180, 0), (Kind::Update, 40, 0)]);
        let again = [wet("a", 0), dry("d", 10), wet("b", 20)];
        assert_eq!(kinds(&again)[2], (Kind::Update, 200, 0), "and it is wet after all");
        let act = |action| Event::Act(Act { action, at: 3_600, report: "a".into() });
        let ended = [wet("a", 0), act(Action::Resolve)];
        assert_eq!(kinds(&ended)[1], (Kind::Cancel, 180, 0));
        let map = HazardMap::build(Settings::default(), (1..).zip(&ended));
        assert_eq!(at(&map, &map.incidents()[0], 3_601), None);
        assert_eq!(chain(&ended)[1].source, Source::End(3_600));
        assert_eq!(kinds(&[seen("a", 0, Some(Passability::Slow)), dry("d", 10)]), []);
    }

    #[test]
    fn what_is_retracted_leaves_the_other_messages_their_sources() {
        let retract = Event::Act(Act { action: Action::Retract, at: 9_000, report: "a".into() });
        let (all, less) = (chain(&[wet("a", 0), wet("b", 5)]), chain(&[wet("a", 0), wet("b", 5), retract]));
        assert_eq!((less.len(), less[0].source), (1, all[1].source));
    }
}
