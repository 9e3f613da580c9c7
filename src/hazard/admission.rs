//! What the fold refuses, decided before anything is written: the log holds no event without effect.

use hashbrown::{HashMap, HashSet};

use super::area;
use super::category::Category;
use super::event::{Action, Event, Levels, RainInterval, Reading};
use super::gauge::{CITY, Gauges};
use super::level::WaterLevels;
use super::map::HazardMap;
use super::place::Places;
use super::slot::Slot;
use super::storm::Rain;
use super::street::Streets;
use super::time;
use super::unit;
use super::workflow::{self, State, Step, Transition};
use super::works::AllWorks;
use crate::error::{Error, Result, invalid};

/// Judges events one after another as if each admitted one had been applied, without touching the map.
pub struct Admission<'m> {
    map: &'m HazardMap,
    changed: HashMap<String, Standing>,
    /// Incidents that admitted steps act on: how they stand is no longer as the map has it.
    acted_on: HashSet<usize>,
    gauges: HashSet<String>,
    /// By gauge.
    rain: HashMap<String, Vec<RainInterval>>,
    stations: HashSet<String>,
    /// By station.
    levels: HashMap<String, Vec<Reading>>,
}

/// What a report is good for.
#[derive(Clone, Copy, PartialEq)]
enum Standing {
    Visible(Category),
    Dry,
    Hidden,
}

impl<'m> Admission<'m> {
    pub fn new(map: &'m HazardMap) -> Admission<'m> {
        Admission {
            map,
            changed: HashMap::new(),
            acted_on: HashSet::new(),
            gauges: HashSet::new(),
            rain: HashMap::new(),
            stations: HashSet::new(),
            levels: HashMap::new(),
        }
    }

    /// Would the fold take this event, after those admitted before, and may it be written? Those that follow are judged
    /// as if it had been.
    ///
    /// # Errors
    /// `Invalid`, as [`HazardMap::admit`]; for a step of the workflow also as [`workflow::judge`], and `Busy` where
    /// [`Admission::knows`] says no.
    pub fn admit(&mut self, event: &Event) -> Result<()> {
        self.judge(event)?;
        if let Event::Transition(taken) = event {
            self.may_be_taken(taken)?;
        }
        let homes: Vec<usize> = named(event).filter_map(|id| self.home(id)).collect();
        self.acted_on.extend(homes);
        match event {
            Event::Report(r) => {
                let standing = if r.dry { Standing::Dry } else { Standing::Visible(r.category) };
                self.changed.insert(r.id.clone(), standing);
            }
            Event::Act(act) if act.action == Action::Retract => {
                self.changed.insert(act.report.clone(), Standing::Hidden);
            }
            Event::Rain(more) => self.rain.entry(CITY.to_owned()).or_default().extend_from_slice(more),
            Event::GaugeRain(more) => {
                self.rain.entry(more.gauge.clone()).or_default().extend_from_slice(&more.intervals);
            }
            Event::Gauges(gauges) => self.gauges.extend(gauges.iter().map(|gauge| gauge.id.clone())),
            Event::Stations(stations) => self.stations.extend(stations.iter().map(|station| station.id.clone())),
            Event::Levels(more) => {
                self.levels.entry(more.station.clone()).or_default().extend_from_slice(&more.readings);
            }
            _ => {}
        }
        Ok(())
    }

    /// Does the map show how the incidents stand that a step of the workflow speaks of, and whose they are? Not after
    /// another step on them, or any report, was admitted: then the map has to be folded first.
    pub fn knows(&self, event: &Event) -> bool {
        let known = |id| self.home(id).is_none_or(|i| !self.acted_on.contains(&i));
        !matches!(event, Event::Transition(_)) || (self.changed.is_empty() && named(event).all(known))
    }

    /// The posted reports whose reporters are to be told of a step.
    pub fn to_be_told(&self, taken: &Transition) -> Vec<&str> {
        self.map.to_be_told(taken)
    }

    fn home(&self, id: &str) -> Option<usize> {
        self.map.reports().rows()[self.map.reports().find(id)?].incident.map(Slot::index)
    }

    fn may_be_taken(&self, taken: &Transition) -> Result<()> {
        if !named_by(taken).all(|id| self.home(id).is_some_and(|i| !self.acted_on.contains(&i))) {
            return Err(Error::Busy("the incident is being changed: try again in a moment".into()));
        }
        let incident = self.home(&taken.report).unwrap_or_default();
        let state = self.map.book().state(incident);
        let last = self.map.version(incident);
        if taken.from != state || taken.after.is_some_and(|after| after != last) {
            return Err(Error::Conflict(self.meanwhile(incident, state)));
        }
        workflow::judge(state, self.map.book().asked(incident).is_some(), taken)?;
        if taken.step == Step::Merge && taken.other.as_deref().and_then(|id| self.home(id)) == Some(incident) {
            return Err(invalid("other_incident_id", "", "is the same incident"));
        }
        Ok(())
    }

    /// What somebody else has done with an incident.
    fn meanwhile(&self, incident: usize, state: State) -> String {
        let Some(last) = self.map.book().last(incident) else { return format!("the incident is {state}") };
        let who = match (self.map.book().actor_unit(last), last.role) {
            (Some(unit), _) => format!(" by {unit}"),
            (None, Some(role)) => format!(" by a {role}"),
            (None, None) => String::new(),
        };
        format!("the incident is {state} meanwhile: {} at {}{who}", last.step, time::format(last.at))
    }

    /// Would the fold take this event? Remembers nothing: for one event, as each entry of the log at a restart.
    ///
    /// # Errors
    /// As [`Admission::admit`].
    pub fn judge(&self, event: &Event) -> Result<()> {
        match event {
            Event::Report(report) if report.id.is_empty() => Err(invalid("id", "", "a report needs an id")),
            Event::Report(report) if self.standing(&report.id).is_some() => {
                Err(invalid("id", &report.id, "there is a report with this id already"))
            }
            Event::Addition(addition) => self.visible("report", &addition.report).map(drop),
            Event::Act(act) if act.action == Action::Retract && self.standing(&act.report) == Some(Standing::Dry) => {
                Ok(())
            }
            Event::Act(act) => self.visible("report", &act.report).map(drop),
            Event::Merge(merge) => {
                let category = self.visible("report", &merge.report)?;
                self.same_category(category, &merge.other)
            }
            Event::Transition(taken) => {
                let category = self.visible("report", &taken.report)?;
                match &taken.other {
                    Some(other) => self.same_category(category, other),
                    None if taken.step == Step::Merge => Err(invalid("other", "", "a merge needs it")),
                    None => Ok(()),
                }
            }
            Event::Report(_) | Event::Note(_) => Ok(()),
            Event::Rain(more) => self.fits(CITY, more),
            Event::GaugeRain(more) if more.gauge == CITY => {
                Err(invalid("gauge", CITY, "is no gauge: rain without one stands for the whole city"))
            }
            Event::GaugeRain(more) => self.fits(&more.gauge, &more.intervals),
            Event::Gauges(gauges) => gauges.iter().try_for_each(Gauges::admit),
            Event::Stations(stations) => stations.iter().try_for_each(WaterLevels::admit),
            Event::Levels(levels) => self.levels_fit(levels),
            Event::Places(places) => places.iter().try_for_each(Places::admit),
            Event::Streets(streets) => streets.iter().try_for_each(Streets::admit),
            Event::Works(works) => works.iter().try_for_each(AllWorks::admit),
            Event::Areas(areas) => area::admit(areas),
            Event::Units(units) => unit::admit(units),
        }
    }

    fn same_category(&self, category: Category, other: &str) -> Result<()> {
        let b = self.visible("other", other)?;
        if category != b {
            let reason = format!("merge across categories: {} and {}", category.name(), b.name());
            return Err(invalid("other", other, reason));
        }
        Ok(())
    }

    /// Does further rain fit what is loaded of its series, and what was admitted with it?
    fn fits(&self, gauge: &str, more: &[RainInterval]) -> Result<()> {
        let before = self.rain.get(gauge).map_or(&[][..], Vec::as_slice);
        let all: Vec<RainInterval> = before.iter().chain(more).copied().collect();
        match self.map.gauges().find(gauge) {
            Some(series) => self.map.gauges().all()[series].rain.admit(&all),
            None if self.gauges.contains(gauge) => Rain::new(self.map.settings().rain_rule()).admit(&all),
            None => Err(invalid("gauge", gauge, "refers to an unknown gauge")),
        }
    }

    /// Do further levels fit those of their station?
    fn levels_fit(&self, more: &Levels) -> Result<()> {
        let before = self.levels.get(&more.station).map_or(&[][..], Vec::as_slice);
        let known = match self.map.levels().find(&more.station) {
            Some(row) => &row.readings[..],
            None if self.stations.contains(&more.station) => &[],
            None => return Err(invalid("station", &more.station, "refers to an unknown station")),
        };
        WaterLevels::fit(known, before, &more.readings)
    }

    fn visible(&self, field: &str, id: &str) -> Result<Category> {
        match self.standing(id) {
            Some(Standing::Visible(category)) => Ok(category),
            Some(Standing::Dry) => Err(invalid(field, id, "is a dry report, which no incident holds")),
            Some(Standing::Hidden) => Err(invalid(field, id, "refers to a report that was retracted")),
            None => Err(invalid(field, id, "refers to an unknown report")),
        }
    }

    fn standing(&self, id: &str) -> Option<Standing> {
        self.changed.get(id).copied().or_else(|| {
            let row = &self.map.reports().rows()[self.map.reports().find(id)?];
            Some(match row {
                r if r.hidden => Standing::Hidden,
                r if r.dry() => Standing::Dry,
                r => Standing::Visible(r.category),
            })
        })
    }
}

/// The reports whose incidents an event acts on.
fn named(event: &Event) -> impl Iterator<Item = &str> {
    let [a, b] = match event {
        Event::Addition(addition) => [Some(&addition.report), None],
        Event::Act(act) => [Some(&act.report), None],
        Event::Merge(merge) => [Some(&merge.report), Some(&merge.other)],
        Event::Note(note) => [note.report.as_ref(), None],
        Event::Transition(taken) => [Some(&taken.report), taken.other.as_ref()],
        _ => [None, None],
    };
    a.into_iter().chain(b).map(String::as_str)
}

fn named_by(taken: &Transition) -> impl Iterator<Item = &str> {
    std::iter::once(&taken.report).chain(&taken.other).map(String::as_str)
}
