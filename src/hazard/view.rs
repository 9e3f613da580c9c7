//! A view: the map as it stood at a time, or under another rule, made anew beside the live one.

use hashbrown::HashSet;

use super::event::Event;
use super::map::HazardMap;
use super::settings::Settings;
use crate::error::Error;

impl HazardMap {
    /// The map of these events, each with whatever tells where it came from, under `settings`.
    ///
    /// Where `settings.as_of` is given, events dated later are dropped, and with a report all that refers to it.
    ///
    /// # Errors
    /// What [`HazardMap::admit`] says of the first event that is refused, and where that came from.
    pub fn view<T>(settings: Settings, events: Vec<(T, Event)>) -> Result<HazardMap, (T, Error)> {
        let as_of = settings.as_of;
        let mut map = HazardMap::new(settings);
        let dropped = as_of.map(|as_of| dropped(&events, as_of)).unwrap_or_default();
        for (seq, (origin, event)) in events.into_iter().enumerate() {
            let late = event.at().zip(as_of).is_some_and(|(at, as_of)| at > as_of);
            if late || refers_to(&event, &dropped) {
                continue;
            }
            map.admit(&event).map_err(|error| (origin, error))?;
            map.apply(seq as u64 + 1, &event);
        }
        map.settle();
        Ok(map)
    }
}

/// The reports observed after `as_of`.
fn dropped<T>(events: &[(T, Event)], as_of: i64) -> HashSet<String> {
    let late = events.iter().filter_map(|(_, event)| match event {
        Event::Report(r) if r.observed_at > as_of => Some(r.id.clone()),
        _ => None,
    });
    late.collect()
}

fn refers_to(event: &Event, dropped: &HashSet<String>) -> bool {
    match event {
        Event::Act(act) => dropped.contains(&act.report),
        Event::Merge(merge) => dropped.contains(&merge.report) || dropped.contains(&merge.other),
        _ => false,
    }
}
