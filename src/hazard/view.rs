//! A view: the map as it stood at a time, or under another rule, made anew beside the live one.

use std::borrow::Cow;

use hashbrown::HashSet;

use super::event::Event;
use super::map::HazardMap;
use super::settings::Settings;
use crate::error::{Error, Result};

/// A view that is being made, event by event in log order.
///
/// Where the settings give an `as_of`, events dated later are dropped, and with a report all that refers to it; so are
/// works that had not begun by then.
pub struct View {
    map: HazardMap,
    /// The reports observed after `as_of`.
    dropped: HashSet<String>,
}

impl View {
    pub fn new(settings: Settings) -> View {
        View { map: HazardMap::new(settings), dropped: HashSet::new() }
    }

    /// Folds the event at a position of the log in, or drops it.
    ///
    /// # Errors
    /// As [`HazardMap::admit`].
    pub fn take(&mut self, seq: u64, event: &Event) -> Result<()> {
        if self.is_late(event) {
            if let Event::Report(report) = event {
                self.dropped.insert(report.id.clone());
            }
            return Ok(());
        }
        if self.refers_to_dropped(event) {
            return Ok(());
        }
        let event = self.begun(event);
        self.map.admit(&event)?;
        self.map.apply(seq, &event);
        Ok(())
    }

    /// The map, standing at a position of the log; nothing when `go_on` said no in between.
    pub fn finish(mut self, position: u64, go_on: &dyn Fn() -> bool) -> Option<HazardMap> {
        self.map.stand_at(position);
        self.map.settle_while(go_on).then_some(self.map)
    }

    fn is_late(&self, event: &Event) -> bool {
        event.at().zip(self.map.settings().as_of).is_some_and(|(at, as_of)| at > as_of)
    }

    /// The event without works that begin later.
    fn begun<'e>(&self, event: &'e Event) -> Cow<'e, Event> {
        match (event, self.map.settings().as_of) {
            (Event::Works(works), Some(as_of)) if works.iter().any(|one| one.start > as_of) => {
                Cow::Owned(Event::Works(works.iter().filter(|one| one.start <= as_of).cloned().collect()))
            }
            _ => Cow::Borrowed(event),
        }
    }

    fn refers_to_dropped(&self, event: &Event) -> bool {
        match event {
            Event::Addition(addition) => self.dropped.contains(&addition.report),
            Event::Act(act) => self.dropped.contains(&act.report),
            Event::Merge(merge) => self.dropped.contains(&merge.report) || self.dropped.contains(&merge.other),
            Event::Transition(taken) => {
                [Some(&taken.report), taken.other.as_ref()].into_iter().flatten().any(|id| self.dropped.contains(id))
            }
            _ => false,
        }
    }
}

impl HazardMap {
    /// The view of these events, each with whatever tells where it came from, under `settings`.
    ///
    /// # Errors
    /// What [`HazardMap::admit`] says of the first event that is refused, and where that came from.
    pub fn view<T>(settings: Settings, events: Vec<(T, Event)>) -> Result<HazardMap, (T, Error)> {
        let mut view = View::new(settings);
        // Events of a file may refer to a report further down.
        for (_, event) in &events {
            if let Event::Report(report) = event
                && view.is_late(event)
            {
                view.dropped.insert(report.id.clone());
            }
        }
        let last = events.len() as u64;
        for (seq, (origin, event)) in events.into_iter().enumerate() {
            view.take(seq as u64 + 1, &event).map_err(|error| (origin, error))?;
        }
        Ok(view.finish(last, &|| true).expect("nothing stops it"))
    }
}
