//! What people do with incidents, folded in: their flags, their reports, and the book of the desk.

use super::map::HazardMap;
use super::slot::{Moment, Slot};
use super::workflow::book::Effect;
use super::workflow::limits::Limits;
use super::workflow::{Deed, State, Step};

impl HazardMap {
    /// What an incident's workflow stands at: log position of the last step on it, or of the event that opened it.
    pub fn version(&self, incident: usize) -> u64 {
        self.book.last_seq(incident).unwrap_or_else(|| self.incidents.all()[incident].opened())
    }

    /// Folds one admitted deed in.
    pub(super) fn deed(&mut self, deed: &Deed) {
        let home = |map: &HazardMap, id: &str| {
            let r = map.reports.find(id)?;
            let row = &map.reports.rows()[r];
            (!row.hidden).then(|| (r, row.incident.map(Slot::index)))
        };
        // Notes may speak of nothing that is known.
        let Some((r, home_of)) = home(self, deed.report) else { return };
        if deed.step == Step::Retract {
            self.reports.hide(r);
            self.touch(|touched| touched.covered.push(r as u32));
        }
        if matches!(deed.step, Step::Retract | Step::Split) {
            self.touch(|touched| touched.reports.push(r as u32));
        }
        let Some(i) = home_of else {
            if deed.step == Step::Retract {
                self.dry_retracted(r, deed);
            }
            return;
        };
        let (mut other, gone) = (None, [r as u32]);
        let mut moved: &[u32] = &[];
        match deed.step {
            Step::Merge => {
                let with = deed.other.and_then(|id| home(self, id)?.1);
                let with = with.expect("an admitted merge refers to visible reports");
                if i == with {
                    return;
                }
                return self.merge(deed, i, with);
            }
            Step::Retract => {
                self.left(i, r);
                moved = &gone;
            }
            Step::Split => {
                self.left(i, r);
                moved = &gone;
                let at = self.reports.rows()[r].position.ecef();
                let own = self.opened(r, at, deed.seq, None);
                self.reports.set_incident(r, Slot::new(own));
                self.record(own, deed, Some(i), moved);
                other = Some(own);
            }
            _ if !deed.noted => self.mark(i, deed),
            _ => {}
        }
        self.record(i, deed, other, moved);
        self.changed.push(i as u32);
    }

    /// What a step says of an incident, apart from the workflow.
    fn mark(&mut self, i: usize, deed: &Deed) {
        let before = self.incidents.all()[i].standing();
        let incident = self.incidents.get_mut(i);
        match deed.step {
            Step::Acknowledge => incident.acknowledged = true,
            Step::Found => incident.found = true,
            Step::NotFound => incident.not_found = true,
            Step::Reopen | Step::Rework => (incident.ended, incident.dismissed) = (None, false),
            // The first end holds until one of these.
            Step::Resolve | Step::Dismiss if incident.ended.is_none() => {
                (incident.ended, incident.dismissed) = (Some(Moment::new(deed.at)), deed.step == Step::Dismiss);
            }
            _ => {}
        }
        if self.incidents.all()[i].standing() != before {
            self.touch_reports_of(i);
        }
    }

    fn record(&mut self, i: usize, deed: &Deed, other: Option<usize>, reports: &[u32]) {
        // Only what ends a suspension asks.
        let hours = Some(i).filter(|&i| self.book.state(i) == State::Suspended).and_then(|i| self.limits(i));
        let (hours, table) = (hours.map(Limits::hours), self.settings().limits.clone());
        let suspended_s = |from, to| hours.map_or(0, |hours| table.counted_s(hours, from, to));
        let effect = Effect { other, reports_before: self.reports.rows().len() as u32, reports };
        self.book.record(i, deed, effect, suspended_s);
    }

    /// A report leaves its incident.
    fn left(&mut self, i: usize, report: usize) {
        let before = self.first(i);
        self.incidents.leave(i, report, self.reports.rows());
        self.revised(i, before);
        // Its last observation may be earlier now: it may leave the window earlier than was noted.
        self.note_expiry(i);
    }

    fn merge(&mut self, deed: &Deed, a: usize, b: usize) {
        let before = [self.first(a.min(b)), self.first(a.max(b))];
        let came = self.incidents.all()[a.max(b)].reports.clone();
        let (stays, goes) = self.incidents.merge(a, b);
        for &r in &self.incidents.all()[stays].reports {
            self.reports.set_incident(r as usize, Slot::new(stays));
        }
        self.touch_reports_of(stays);
        // In this order: the one that goes still stands in `by_first` as it was.
        self.revised(stays, before[0]);
        self.revised(goes, before[1]);
        self.record(stays, deed, Some(goes), &came);
    }
}
