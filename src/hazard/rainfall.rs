//! Rain and the map: further rain, gauges that come or move, and whose weather that changes.

use super::event::{Gauge, GaugeRain, RainInterval};
use super::gauge::{Advanced, Gauges, StormAt};
use super::incident::Incident;
use super::map::HazardMap;
use super::position::Ecef;
use super::storm::{Rain, Storm, Weather};

impl HazardMap {
    /// The series without a gauge, which stands for the whole city.
    pub fn rain(&self) -> &Rain {
        &self.gauges.all()[0].rain
    }

    /// The rainfall series that counts at a place, with the storms cut from it; without rain there it is empty.
    pub fn rain_at(&self, at: Ecef) -> &Rain {
        &self.gauges.all()[self.gauges.of(at) as usize].rain
    }

    /// Every rainfall series, and which counts where.
    pub fn gauges(&self) -> &Gauges {
        &self.gauges
    }

    /// The weather of an incident, judged at its first observation, and its storm.
    pub fn weather(&self, incident: &Incident) -> (Option<StormAt>, Weather) {
        let series = self.series_of(incident);
        let (storm, weather) = self.gauges.all()[series as usize].rain.weather(incident.facts.first);
        (storm.map(|storm| StormAt { series, storm }), weather)
    }

    pub fn storm(&self, at: StormAt) -> &Storm {
        &self.gauges.all()[at.series as usize].rain.storms()[at.storm as usize]
    }

    /// The index of the series that counts for an incident.
    pub fn series_of(&self, incident: &Incident) -> u32 {
        // Most cities have one series, and a place on the sphere takes time to work out.
        if self.gauges.is_one() { 0 } else { self.gauges.of(incident.anchor.ecef()) }
    }

    pub(super) fn gauges_loaded(&mut self, gauges: &[Gauge]) {
        // Which of them moves what is known when it is settled; a name shows at once.
        self.touch(|touched| touched.everything = true);
        gauges.iter().for_each(|gauge| self.gauges.place(gauge));
    }

    pub(super) fn gauge_rain_loaded(&mut self, rain: &GaugeRain) {
        let series = self.gauges.find(&rain.gauge).expect("an admitted event refers to a known gauge");
        self.rain_loaded(series, &rain.intervals);
    }

    pub(super) fn rain_loaded(&mut self, series: usize, intervals: &[RainInterval]) {
        if self.gauges.load(series, intervals) {
            self.touch(|touched| touched.everything = true);
            self.changed.extend(0..self.incidents.all().len() as u32);
        }
    }

    /// Brings rain into force, and notes the incidents whose weather or span may be another now.
    pub(super) fn rain_on(&mut self, as_of: i64) {
        let (steps, regrouped) = self.gauges.advance(as_of);
        if regrouped {
            self.touch(|touched| touched.everything = true);
            self.changed.extend(0..self.incidents.all().len() as u32);
            return;
        }
        steps.iter().for_each(|step| self.touch_storms(step));
        for (from, to) in together(&steps) {
            let HazardMap { by_first, incidents, gauges, changed, .. } = self;
            let all = incidents.all();
            let near = by_first.between(from, to + 1, all).iter().filter(|&&i| {
                let incident = &all[i as usize];
                let series = if gauges.is_one() { 0 } else { gauges.of(incident.anchor.ecef()) };
                let step = steps.binary_search_by_key(&series, |step| step.series);
                step.is_ok_and(|n| (steps[n].affected.0..=steps[n].affected.1).contains(&incident.facts.first))
            });
            changed.extend(near);
        }
    }
}

/// The times that the steps affect, in order and without overlaps: each incident is looked at once.
fn together(steps: &[Advanced]) -> Vec<(i64, i64)> {
    let mut times: Vec<_> = steps.iter().map(|step| step.affected).collect();
    times.sort_unstable();
    let mut out: Vec<(i64, i64)> = Vec::new();
    for (from, to) in times {
        match out.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => out.push((from, to)),
        }
    }
    out
}
