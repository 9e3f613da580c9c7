//! What corrects a report becomes the drafts of its events: the report that takes its place, and its retraction.

use super::post::NewReport;
use super::{Draft, Private};
use crate::error::Result;
use crate::hazard::correction::next_id;
use crate::hazard::event::{Act, Action, Event, Report};
use crate::hazard::map::HazardMap;
use crate::hazard::slot::{Measure, Slot};

/// A report that is to be corrected, with what its sender said and a correction does not say again.
#[derive(Clone, Debug)]
pub struct Before {
    report: Report,
    /// Words, photos and what the sender says of himself: they stay out of the log.
    pub private: Private,
}

impl Before {
    /// A report of a map, by index, without what is private.
    pub fn of(map: &HazardMap, report: usize) -> Before {
        let row = &map.reports().rows()[report];
        let origin = map.reports().origin(row);
        let word = |slot: Slot| map.reports().word(slot).to_owned();
        let report = Report {
            received_at: row.received_at,
            dry: row.dry(),
            photo: row.photo,
            person: row.person,
            depth_cm: row.depth_cm.map(Measure::get),
            passability: row.passability,
            accuracy_m: row.accuracy_m.map(Measure::get),
            channel: origin.channel.map(word),
            names: origin.names.into_iter().flatten().map(word).collect(),
            ..Report::new(map.reports().id(report), row.category, row.position, row.observed_at)
        };
        Before { report, private: Private::default() }
    }

    /// Unix seconds.
    pub fn observed_at(&self) -> i64 {
        self.report.observed_at
    }

    /// The drafts, to be submitted together in this order: where the report has been corrected or retracted meanwhile, both
    /// are refused. None where nothing changes. Its sender stays its sender, whoever corrects it; `now` in unix seconds.
    ///
    /// # Errors
    /// As [`NewReport::draft_as`].
    pub fn corrected(self, new: NewReport, now: i64) -> Result<Vec<Draft>> {
        let Before { report: old, private: said } = self;
        let mut draft = new.draft_as(next_id(&old.id), None, old.received_at)?.by(old.person);
        let Event::Report(report) = &mut draft.event else { return Ok(Vec::new()) };
        report.photo |= old.photo;
        if report.names.is_empty() {
            report.names = old.names.clone();
        }
        let private = &mut draft.private;
        private.text = private.text.take().or_else(|| said.text.clone());
        private.place = private.place.take().or_else(|| said.place.clone());
        private.source_id = said.source_id.clone();
        private.sender = said.sender.clone();
        if private.photos.is_empty() {
            private.photos = said.photos.clone();
        }
        let same = old == Report { id: old.id.clone(), ..report.clone() } && said == *private;
        Ok(if same { Vec::new() } else { vec![draft, retraction(old.id, now)] })
    }
}

/// The draft that retracts a report; `now` in unix seconds.
pub fn retraction(report: String, now: i64) -> Draft {
    let act = Act { action: Action::Retract, at: now, report };
    Draft { event: Event::Act(act), key: None, private: Private::default() }
}
