//! What takes all reports of a hotspot to work out, kept until one of them changes.

use std::sync::{Arc, Mutex, PoisonError};

use hashbrown::HashMap;

use super::super::hotspot::Status;
use super::super::map::HazardMap;
use super::super::occasion::occasions;
use super::super::slot::Slot;
use super::super::storm::Weather;
use super::super::touched::Touched;
use super::hotspots;

/// Of a whole hotspot: its incidents, their reports and whoever sent them.
#[derive(Clone, Debug, PartialEq)]
pub struct Figures {
    pub name: Option<String>,
    pub status: Status,
    pub occasions: OfOccasions,
    pub incidents: usize,
    pub reports: usize,
    pub reporters: usize,
    /// First and last observation, unix seconds.
    pub seen: (i64, i64),
    pub depth_cm_median: Option<f64>,
    pub depth_cm_max: Option<u16>,
    pub impassable_share: Option<f64>,
    pub time_to_close_s_median: Option<f64>,
    pub time_to_drain_s_median: Option<f64>,
    pub width_m: f64,
}

/// Of the occasions of a peak one by one, beyond what they add up to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfOccasions {
    /// Without evidence and not looked at throughout.
    pub unchecked: u32,
    /// Without evidence, and nothing was found: in the order of [`Weather::ALL`].
    pub contradicted: [u32; Weather::ALL.len()],
    /// The end of the last, unix seconds.
    pub last_end: i64,
}

/// The figures of hotspots that somebody has asked for, by their peaks.
#[derive(Debug, Default)]
pub struct Kept(Mutex<HashMap<Slot, Arc<Figures>>>);

impl Kept {
    /// Lets go of what has changed: of those touched, where somebody follows what is, else of all.
    pub fn forget(&mut self, touched: Option<&Touched>) {
        let kept = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        match touched {
            Some(touched) if !touched.everything => touched.peaks.iter().for_each(|peak| drop(kept.remove(peak))),
            _ => kept.clear(),
        }
    }
}

impl HazardMap {
    /// For [`HazardMap::check`]: what is kept is what would be worked out now.
    pub(in crate::hazard) fn check_figures(&self) {
        let kept = self.figures.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for (peak, figures) in kept {
            assert!(self.sites().is_peak(peak), "figures are kept of what is no hotspot");
            assert_eq!(*figures, hotspots::figures(self, &self.hotspot(peak)), "the figures of a hotspot are old");
        }
    }

    /// The figures of the hotspot of a peak, of a settled map.
    pub fn figures(&self, peak: Slot) -> Arc<Figures> {
        let kept = || self.figures.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(figures) = kept().get(&peak) {
            return figures.clone();
        }
        // Not under the lock: others ask for other hotspots meanwhile.
        let figures = Arc::new(hotspots::figures(self, &self.hotspot(peak)));
        kept().insert(peak, figures.clone());
        figures
    }
}

/// What the occasions of a peak are one by one.
pub fn of_occasions(map: &HazardMap, peak: Slot) -> OfOccasions {
    let rule = map.rule(map.sites().get(peak).category);
    let mut touching = Vec::new();
    let mut found = OfOccasions { unchecked: 0, contradicted: [0; Weather::ALL.len()], last_end: i64::MIN };
    map.sites().touching(peak, rule, &mut touching);
    occasions(&mut touching, rule.occasion_gap_s, |occasion, _| {
        found.unchecked += u32::from(occasion.is_unchecked());
        found.contradicted[occasion.weather as usize] += u32::from(occasion.is_contradicted());
        found.last_end = occasion.end;
    });
    found
}
