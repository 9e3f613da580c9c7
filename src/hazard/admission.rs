//! What the fold refuses, decided before anything is written: the log holds no event without effect.

use hashbrown::{HashMap, HashSet};

use super::category::Category;
use super::event::{Action, Event, Levels, RainInterval, Reading};
use super::gauge::{CITY, Gauges};
use super::level::WaterLevels;
use super::map::HazardMap;
use super::place::Places;
use super::storm::Rain;
use super::street::Streets;
use super::works::AllWorks;
use crate::error::{Result, invalid};

/// Judges events one after another as if each admitted one had been applied, without touching the map.
pub struct Admission<'m> {
    map: &'m HazardMap,
    changed: HashMap<String, Standing>,
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
            gauges: HashSet::new(),
            rain: HashMap::new(),
            stations: HashSet::new(),
            levels: HashMap::new(),
        }
    }

    /// Would the fold take this event, after those admitted before? Those that follow are judged as if it had.
    ///
    /// # Errors
    /// `Invalid`, as [`HazardMap::admit`].
    pub fn admit(&mut self, event: &Event) -> Result<()> {
        self.judge(event)?;
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
            Event::Act(act) if act.action == Action::Retract && self.standing(&act.report) == Some(Standing::Dry) => {
                Ok(())
            }
            Event::Act(act) => self.visible("report", &act.report).map(drop),
            Event::Merge(merge) => {
                let a = self.visible("report", &merge.report)?;
                let b = self.visible("other", &merge.other)?;
                if a != b {
                    let reason = format!("merge across categories: {} and {}", a.name(), b.name());
                    return Err(invalid("other", &merge.other, reason));
                }
                Ok(())
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
        }
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
