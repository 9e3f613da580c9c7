//! Where the city is, by the reports that there are: a position far away which lies among them with its axes swapped is a slip.

use std::sync::{Arc, Mutex, PoisonError};

use super::{App, Problem};
use crate::hazard::map::HazardMap;
use crate::hazard::position::Position;
use crate::intake::astray::Others;

/// Of so few reports nothing is said.
const FEWEST: usize = 20;

/// Where nearly all reports lie, and the position of the log then; looked at again whenever that has doubled.
#[derive(Default)]
pub struct Home(Mutex<(u64, Arc<Others>)>);

impl Home {
    /// What is known at a position of the log, if it need not be looked at again.
    fn known(&self, position: u64) -> Option<Arc<Others>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (0 < known.0 && position < 2 * known.0).then(|| known.1.clone())
    }

    pub(super) fn of(&self, map: &HazardMap) -> Arc<Others> {
        let rows = map.reports().rows();
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if rows.len() >= FEWEST && map.position() >= 2 * known.0 {
            *known = (map.position(), Others::of_positions(rows.iter().map(|row| row.position)).into());
        }
        known.1.clone()
    }
}

impl App {
    /// Where nearly all reports lie.
    ///
    /// # Errors
    /// 503 while the log is being read.
    pub(super) async fn others(&self) -> Result<Arc<Others>, Problem> {
        if let Some(known) = self.shared.home.known(self.position()?) {
            return Ok(known);
        }
        let shared = self.shared.clone();
        self.glance(Default::default(), move |map| shared.home.of(map)).await
    }

    /// Refuses a position that is a slip.
    ///
    /// # Errors
    /// 400 for 0,0, and for one that lies among the reports only with its axes swapped; 503 while the log is being read.
    pub(super) async fn expect_plausible(&self, position: Position) -> Result<(), Problem> {
        Ok(self.others().await?.expect(position)?)
    }
}
