//! Which unit an incident should go to next.

use super::super::map::HazardMap;
use super::super::workflow::{State, Step};
use super::{Asked, Route, Why};

impl HazardMap {
    /// The unit that an incident should be sent to at a time (unix seconds), so long as it waits for one. It is none of
    /// those that have sent it back; whoever did may have named another.
    pub fn suggested(&self, incident: usize, at: i64) -> Option<Route> {
        if !matches!(
            self.book().state(incident),
            State::Reported | State::Reopened | State::Acknowledged | State::Returned
        ) {
            return None;
        }
        let (mut sent, mut back, mut named) = (None, Vec::new(), None);
        for row in self.book().history(incident) {
            let unit = self.book().unit(row).and_then(|id| self.units().find(id));
            match row.step {
                Step::Dispatch => (sent, named) = (unit, None),
                Step::Return => {
                    back.extend(sent.take());
                    named = unit;
                }
                // What was wrong before may be right now.
                Step::Reopen => (sent, named, back) = (None, None, Vec::new()),
                _ => {}
            }
        }
        if let Some(unit) = named {
            return Some(Route { unit, area: None, instead_of: None, why: Why::Named });
        }
        let (category, area) = (self.incidents()[incident].category, self.area_of(incident));
        self.units().route(self.areas(), self.calendar(), Asked { category, area, at, except: &back })
    }
}
