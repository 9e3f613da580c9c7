//! The same person on the same thing, minutes apart: one report with two messages.
//!
//! Somebody who is logged in, or a phone by its `Device-Id`, who reports what he has reported at most 10 minutes before, of
//! the same category and at most 100 m away, says more of that report, if its incident has not ended: deeper water and worse
//! passability count, a second report does not. A dry report, an opinion, whatever came with an API key (which speaks for many)
//! and lines of a batch are reports of their own. After a restart whoever is logged in is found in the log, and a phone in the
//! private file, which keeps a keyed hash of its number for these minutes.

use std::sync::{Mutex, PoisonError};

use super::lately::Lately;
use super::pace::{Sender, Senders};
use crate::hazard::category::Category;
use crate::hazard::map::HazardMap;
use crate::hazard::position::Position;
use crate::hazard::slot::Slot;
use crate::intake::post::NewReport;

/// Observations further apart are of two occasions to look.
const WITHIN_S: i64 = 600;
/// Two positions of one phone differ by so much.
const WITHIN_M: f64 = 100.0;
/// Senders remembered at most are twice as many, and reports of each.
const GENERATION: usize = 10_000;
const MOST_REPORTS: usize = 8;

#[derive(Clone)]
struct Reported {
    id: String,
    category: Category,
    position: Position,
    observed_at: i64,
}

/// Category, position and time of a report.
pub type What = (Category, Position, i64);

/// What each sender has reported lately.
pub struct Recent(Mutex<Lately<Sender, Vec<Reported>>>);

impl Recent {
    pub fn new() -> Recent {
        Recent(Mutex::new(Lately::new(GENERATION)))
    }

    /// The reports of their sender that a report may say more of, the newest first.
    pub fn like(&self, senders: &Senders, report: &NewReport) -> Vec<String> {
        let Some(one) = senders.one().filter(|_| may_be_more(report)) else { return Vec::new() };
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let like = |reported: &&Reported| {
            reported.category == report.category()
                && (reported.observed_at - report.observed_at()).abs() <= WITHIN_S
                && reported.position.ecef().distance_m(report.position().ecef()) <= WITHIN_M
        };
        let reported = known.get(one).map_or(&[][..], Vec::as_slice);
        reported.iter().rev().filter(like).map(|reported| reported.id.clone()).collect()
    }

    /// Notes a report that was taken.
    pub fn note(&self, senders: &Senders, id: &str, (category, position, observed_at): What) {
        let Some(one) = senders.one() else { return };
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let reported = known.of(one.clone(), Vec::new);
        if reported.iter().all(|reported| reported.id != id) {
            if reported.len() >= MOST_REPORTS {
                reported.remove(0);
            }
            reported.push(Reported { id: id.to_owned(), category, position, observed_at });
        }
    }
}

/// May it say more of another?
fn may_be_more(report: &NewReport) -> bool {
    !report.is_dry() && !report.category().is_alone()
}

/// Whether the files tell what else its sender has reported: they know whoever is logged in, and phones.
pub fn is_looked_up(senders: &Senders, report: &NewReport) -> bool {
    may_be_more(report) && senders.one().is_some()
}

/// The reports that somebody who is logged in may say more of, as the log has them, the newest first.
pub fn in_log(map: &HazardMap, senders: &Senders, (category, position, observed_at): What) -> Vec<String> {
    let Some(Sender::Person(person)) = senders.one() else { return Vec::new() };
    let (rule, at) = (map.rule(category), position.ecef());
    let since = observed_at - rule.max_open_s - WITHIN_S;
    let around = map.around(category, at, WITHIN_M + rule.join_radius_m, [since, observed_at + WITHIN_S]);
    let reports = around.into_iter().flat_map(|i| &map.incidents()[i].reports);
    let rows = map.reports().rows();
    let mut found: Vec<usize> = reports
        .map(|&r| r as usize)
        .filter(|&r| {
            let row = &rows[r];
            row.person.is_some_and(|of| of.get() == *person)
                && (row.observed_at - observed_at).abs() <= WITHIN_S
                && row.position.ecef().distance_m(at) <= WITHIN_M
        })
        .collect();
    found.sort_unstable_by(|a, b| b.cmp(a));
    found.into_iter().map(|r| map.reports().id(r).to_owned()).collect()
}

/// Is a report of the same category, near, and minutes apart?
pub fn is_like(map: &HazardMap, id: &str, (category, position, observed_at): What) -> bool {
    map.reports().find(id).map(|i| &map.reports().rows()[i]).is_some_and(|row| {
        row.category == category
            && (row.observed_at - observed_at).abs() <= WITHIN_S
            && row.position.ecef().distance_m(position.ecef()) <= WITHIN_M
    })
}

/// Does a report stand in an incident that goes on?
pub fn goes_on(map: &HazardMap, id: &str) -> bool {
    let row = map.reports().find(id).map(|i| &map.reports().rows()[i]);
    let incident = row.filter(|row| !row.hidden).and_then(|row| row.incident).map(Slot::index);
    incident.is_some_and(|i| map.incidents()[i].ended.is_none())
}
