//! By when something has to be done: the next limit of every open incident, in order of time. Kept up to date with the
//! incidents that change, so that nobody looks through those that do not.

use std::collections::BTreeSet;

use hashbrown::HashMap;

use super::super::incident::Incident;
use super::super::map::HazardMap;
use super::State;
use super::due::Due;

/// The next deadlines; unix seconds. A deadline has passed after its second, not in it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Deadlines {
    order: BTreeSet<Due>,
    /// By incident.
    of: HashMap<u32, i64>,
}

impl Deadlines {
    /// Those of every incident of a map.
    pub fn of_all(map: &HazardMap) -> Deadlines {
        let mut deadlines = Deadlines::default();
        (0..map.incidents().len()).for_each(|i| deadlines.put(i, map.deadline(i)));
        deadlines
    }

    /// Puts an incident where its deadline says, or takes it out.
    pub fn put(&mut self, incident: usize, deadline: Option<i64>) {
        let incident = incident as u32;
        let before = match deadline {
            Some(at) => self.of.insert(incident, at),
            None => self.of.remove(&incident),
        };
        if before == deadline {
            return;
        }
        self.order.extend(deadline.map(|at| Due::new(at, incident)));
        if let Some(before) = before {
            self.order.remove(&Due::new(before, incident));
        }
    }

    /// The deadline of an incident.
    pub fn get(&self, incident: usize) -> Option<i64> {
        self.of.get(&(incident as u32)).copied()
    }

    /// The incidents whose deadline had passed at a time, the longest ago first.
    pub fn overdue(&self, now: i64) -> impl Iterator<Item = usize> {
        self.order.range(..Due::new(now, 0)).map(|due| due.read().1 as usize)
    }

    /// The first deadline that has not passed at a time, with its incident.
    pub fn next(&self, now: i64) -> Option<(i64, usize)> {
        let (at, incident) = self.order.range(Due::new(now, 0)..).next()?.read();
        Some((at, incident as usize))
    }

    /// How many incidents have a deadline.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }
}

impl HazardMap {
    /// When the next limit of an incident passes; unix seconds. None has one that has ended or is void, that is suspended
    /// for no set time, or whose category has no limits.
    pub fn deadline(&self, incident: usize) -> Option<i64> {
        self.ahead(incident).next()
    }

    /// How many of the limits of an incident have passed at a time without being met: 0 on time, 1 to 3 the higher the
    /// further it should be carried.
    pub fn escalation(&self, incident: usize, now: i64) -> usize {
        self.ahead(incident).filter(|&at| at < now).count()
    }

    /// By when an incident has to be closed, or had to be when it was: its last limit; unix seconds.
    pub fn due_to_close(&self, incident: usize) -> Option<i64> {
        let state = self.book().state(incident);
        self.ahead_in(incident, if state.has_ended() { self.book().before_end(incident) } else { state }).last()
    }

    /// When each of the limits passes that an incident has not met, the next first; unix seconds.
    pub fn ahead(&self, incident: usize) -> impl Iterator<Item = i64> {
        self.ahead_in(incident, self.book().state(incident))
    }

    /// As [`HazardMap::ahead`], of an incident taken to be in a state.
    fn ahead_in(&self, incident: usize, state: State) -> impl Iterator<Item = i64> {
        #[cfg(test)]
        super::due::counted::look();
        let clock = self.book().clock(incident);
        let Incident { category, ref reports, .. } = self.incidents()[incident];
        let limits = self.limits(incident).filter(|_| !reports.is_empty() && !category.is_alone());
        let table = &self.settings().limits;
        let until = clock.and_then(|clock| clock.until);
        let suspended_s = clock.map_or(0, |clock| clock.suspended_s);
        let start = clock.and_then(|clock| clock.reopened_at).or_else(|| self.heard_at(incident));
        limits.zip(start).into_iter().flat_map(move |(limits, start)| {
            limits.ahead(state).iter().enumerate().filter_map(move |(n, limit)| match until {
                // What is granted replaces the next limit, later or earlier; those after it lie no earlier.
                Some(until) if n == 0 => Some(until),
                // A suspended case runs towards nothing but the end of that.
                None if state == State::Suspended => None,
                _ => Some(table.due(limits.hours(), start, limit(limits) + suspended_s).max(until.unwrap_or(i64::MIN))),
            })
        })
    }

    /// When we first heard of an incident.
    fn heard_at(&self, incident: usize) -> Option<i64> {
        let reports = self.incidents()[incident].reports.iter();
        reports.map(|&r| self.reports().rows()[r as usize].received_at).min()
    }
}

#[cfg(test)]
mod tests {
    use super::super::due::counted;
    use crate::hazard::category::Category;
    use crate::hazard::event::{Act, Action, Event, Report};
    use crate::hazard::map::HazardMap;
    use crate::hazard::position::Position;
    use crate::hazard::settings::Settings;

    const T0: i64 = 1_781_481_600;
    const CASES: usize = 100_000;
    /// Ten minutes to acknowledge.
    const LIMIT_S: i64 = 600;
    /// Two at each comparison, on the way down one tree of so many: at most 7 levels of at most 11.
    const MOST_OF_ONE_WAY: usize = 2 * 7 * 11;

    #[test]
    fn of_a_hundred_thousand_open_incidents_few_are_looked_at_for_the_next_deadline_and_at_each_step() {
        let mut map = HazardMap::new(Settings::default());
        for i in 0..CASES {
            let position = Position::new((i % 400) as f64 * 0.01, (i / 400) as f64 * 0.01).unwrap();
            let at = T0 + i as i64;
            let report = Report::new(i.to_string(), Category::named("waterlogging").unwrap(), position, at);
            map.apply(i as u64 + 1, &Event::Report(report));
        }
        map.settle();
        let (len, all) = counted::of(|| map.deadlines().len());
        assert!(
            len == CASES && all >= CASES,
            "{len} of which {all} were looked at: they are made when asked for first"
        );
        // None has passed, half of them have, and all.
        for passed in [0, CASES / 2, CASES] {
            let now = T0 + LIMIT_S + passed as i64;
            let (next, looks) = counted::of(|| map.deadlines().next(now));
            assert_eq!(next, (passed < CASES).then_some((now, passed)));
            assert!(looks <= MOST_OF_ONE_WAY, "{looks} after {passed} have passed");
            let (first, looks) = counted::of(|| map.deadlines().overdue(now).next());
            assert_eq!(first, (passed > 0).then_some(0));
            assert!(looks <= MOST_OF_ONE_WAY, "{looks} for the longest overdue of {passed}");
        }
        for i in (0..CASES).step_by(CASES / 100) {
            let act = Act { action: Action::Resolve, at: T0 + CASES as i64, report: i.to_string() };
            let ((), looks) = counted::of(|| {
                map.apply((CASES + i) as u64 + 1, &Event::Act(act));
                map.settle();
            });
            // It is taken out, and its own deadline is worked out once more.
            assert!((1..=2 * MOST_OF_ONE_WAY).contains(&looks), "{looks} for a step on {i}");
            assert_eq!(map.deadlines().get(i), None);
        }
        assert_eq!(map.deadlines().len(), CASES - 100);
    }
}
