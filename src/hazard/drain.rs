//! Time to drain: from the first observation of an incident to an observed end, the first dry report that would have joined
//! it had it been wet, after its last observation. Nobody knows when the water went; this is when somebody saw it gone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::checkpoint::{Loader, Saver};
use super::grid::Grid;
use super::incident::Incident;
use super::map::HazardMap;
use super::position::Ecef;
use super::report::ReportRow;
use super::settings::Rule;
use super::workflow::Deed;
use crate::error::{Error, Result};

/// The dry reports, by category and place.
#[derive(Debug)]
pub struct DryReports {
    /// Those that are visible.
    near: Grid,
    /// Those that are not any more; few.
    withdrawn: Grid,
    withdrawals: BTreeMap<u32, Withdrawal>,
}

/// The retraction of a dry report, which no incident holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawal {
    /// The report, by index.
    pub report: u32,
    /// Log position.
    pub seq: u64,
    /// Unix seconds.
    pub at: i64,
    /// How many reports the log held before it.
    pub reports_before: u32,
}

impl DryReports {
    pub fn new(rules: &[Rule]) -> DryReports {
        let grid = || Grid::new(rules.iter().map(|r| r.join_radius_m).fold(0.0, f64::max));
        DryReports { near: grid(), withdrawn: grid(), withdrawals: BTreeMap::new() }
    }

    pub(super) fn save(&self, to: &mut Saver) -> Result<()> {
        let withdrawals: Vec<&Withdrawal> = self.withdrawals.values().collect();
        to.rows(&withdrawals)
    }

    /// What was saved: those that are not visible. The others are for [`HazardMap::dry_reported`].
    pub(super) fn load(rules: &[Rule], rows: &[ReportRow], from: &mut Loader) -> Result<DryReports> {
        let mut dry = DryReports::new(rules);
        for withdrawal in from.rows::<Withdrawal>()? {
            let row = rows.get(withdrawal.report as usize);
            let row = row.ok_or_else(|| Error::Store("a retraction of no report".into()))?;
            dry.withdraw(withdrawal, row);
        }
        Ok(dry)
    }

    fn withdraw(&mut self, withdrawal: Withdrawal, row: &ReportRow) {
        self.withdrawn.insert(row.category.index() as i64, row.position.ecef(), withdrawal.report);
        self.withdrawals.insert(withdrawal.report, withdrawal);
    }

    fn insert(&mut self, report: usize, row: &ReportRow) {
        self.near.insert(row.category.index() as i64, row.position.ecef(), report as u32);
    }

    fn remove(&mut self, report: usize, row: &ReportRow) {
        self.near.remove(row.category.index() as i64, row.position.ecef(), report as u32);
    }
}

/// Would a dry report seen at `t` end this incident?
pub fn ends(incident: &Incident, t: i64, rule: &Rule) -> bool {
    t > incident.facts.last && incident.takes(t, rule)
}

impl HazardMap {
    /// When an incident that is not void was first seen dry after its last observation, while it was live.
    pub fn drained_at(&self, incident: &Incident) -> Option<i64> {
        let (rule, at) = (self.rule(incident.category), incident.anchor.ecef());
        let mut first: Option<i64> = None;
        self.dry.near.within(incident.category.index() as i64, at, rule.join_radius_m, |report, _| {
            let t = self.reports.rows()[report as usize].observed_at;
            if ends(incident, t, rule) && first.is_none_or(|first| t < first) {
                first = Some(t);
            }
        });
        first
    }

    /// The visible dry reports at an incident, by index: those that lie as near as a report that joins it.
    pub(super) fn dry_reports_at(&self, incident: &Incident) -> Vec<u32> {
        let (rule, at) = (self.rule(incident.category), incident.anchor.ecef());
        let mut found = Vec::new();
        self.dry.near.within(incident.category.index() as i64, at, rule.join_radius_m, |report, _| found.push(report));
        found
    }

    /// As [`HazardMap::dry_reports_at`], those that were retracted.
    pub(super) fn withdrawals_at(&self, incident: &Incident) -> Vec<Withdrawal> {
        let (rule, at) = (self.rule(incident.category), incident.anchor.ecef());
        let mut found = Vec::new();
        self.dry.withdrawn.within(incident.category.index() as i64, at, rule.join_radius_m, |report, _| {
            found.extend(self.dry.withdrawals.get(&report));
        });
        found
    }

    /// From the first observation of an incident to [`HazardMap::drained_at`], in seconds.
    pub fn time_to_drain_s(&self, incident: &Incident) -> Option<i64> {
        self.drained_at(incident).map(|end| end - incident.facts.first)
    }

    pub(super) fn dry_reported(&mut self, report: usize) {
        self.touching_drained(report, |map| map.dry.insert(report, &map.reports.rows()[report]));
    }

    pub(super) fn dry_retracted(&mut self, report: usize, deed: &Deed) {
        let reports_before = self.reports.rows().len() as u32;
        let withdrawal = Withdrawal { report: report as u32, seq: deed.seq, at: deed.at, reports_before };
        self.touching_drained(report, |map| {
            let row = &map.reports.rows()[report];
            map.dry.remove(report, row);
            map.dry.withdraw(withdrawal, row);
        });
    }

    /// Notes the incidents whose end a dry report changes.
    fn touching_drained(&mut self, report: usize, change: impl FnOnce(&mut HazardMap)) {
        let mut near = Vec::new();
        if self.touched.is_some() {
            let row = &self.reports.rows()[report];
            let at: Ecef = row.position.ecef();
            self.incidents
                .live_near(row, at, |i, _| near.push((i, self.drained_at(&self.incidents.all()[i as usize]))));
        }
        change(self);
        for (i, before) in near {
            if self.drained_at(&self.incidents.all()[i as usize]) != before {
                self.touch(|touched| touched.incidents.push(i));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::category::Category;
    use super::super::event::{Act, Action, Event, Report};
    use super::super::position::Position;
    use super::super::settings::Settings;
    use super::*;

    const HOUR_S: i64 = 3_600;

    /// Metres east of the equator's origin; 0.0001 degree is 11.1 m.
    fn seen(id: &str, east_m: f64, hours: f64, dry: bool) -> Event {
        let position = Position::new(east_m / 111_195.0, 0.0).unwrap();
        let waterlogging = Category::named("waterlogging").unwrap();
        let at = (hours * HOUR_S as f64) as i64;
        Event::Report(Report { dry, ..Report::new(id, waterlogging, position, at) })
    }

    fn act(action: Action, report: &str, hours: i64) -> Event {
        Event::Act(Act { action, at: hours * HOUR_S, report: report.into() })
    }

    fn hours(events: &[Event]) -> Option<f64> {
        let map = HazardMap::build(Settings::default(), (1..).zip(events));
        map.check();
        map.time_to_drain_s(&map.incidents()[0]).map(|s| s as f64 / HOUR_S as f64)
    }

    #[test]
    fn it_ends_with_the_first_dry_report_at_it_after_its_last_observation_and_while_it_is_live() {
        let wet = [seen("a", 0.0, 0.0, false), seen("b", 10.0, 2.0, false)];
        let and = |more: &[Event]| hours(&[&wet[..], more].concat());
        assert_eq!(and(&[]), None);
        assert_eq!(and(&[seen("d", 0.0, 1.0, true), seen("e", 0.0, 2.0, true)]), None, "it was seen wet after them");
        assert_eq!(and(&[seen("d", 40.0, 5.0, true), seen("e", 0.0, 4.0, true)]), Some(4.0));
        assert_eq!(and(&[seen("d", 60.0, 4.0, true)]), None, "it is somewhere else");
        assert_eq!(and(&[seen("d", 0.0, 9.0, true)]), None, "a report as late would have been another case");
        assert_eq!(and(&[act(Action::Acknowledge, "a", 3), seen("d", 0.0, 9.0, true)]), Some(9.0));
        assert_eq!(and(&[act(Action::Resolve, "a", 3), seen("d", 0.0, 4.0, true)]), None, "it was closed before");
        assert_eq!(and(&[seen("d", 0.0, 3.0, true), seen("c", 0.0, 3.5, false)]), None, "a later report takes it back");
    }

    #[test]
    fn a_dry_report_that_is_retracted_ends_nothing() {
        let events = [seen("a", 0.0, 0.0, false), seen("d", 0.0, 1.0, true), seen("e", 0.0, 2.0, true)];
        assert_eq!(hours(&events), Some(1.0));
        let retracted = |id: &str| hours(&[&events[..], &[act(Action::Retract, id, 3)]].concat());
        assert_eq!((retracted("d"), retracted("e")), (Some(2.0), Some(1.0)));
    }
}
