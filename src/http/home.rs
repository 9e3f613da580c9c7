//! Where the city is, by the reports that there are: a position far away which lies among them with its axes swapped is a slip.

use std::sync::{Arc, Mutex, PoisonError};

use super::{App, Problem, Shared};
use crate::hazard::map::HazardMap;
use crate::hazard::position::Position;
use crate::intake::astray::Others;
use crate::intake::post::NewReport;
use crate::live::Live;

/// Of so few reports nothing is said.
const FEWEST: usize = 20;
/// No city's places lie further apart: further from all of them, a device that is not doubted would put reports into the sea.
const FAR_M: f64 = 20_000.0;

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

    /// Refuses a report that lies far from everything known, where nobody has set that by hand.
    ///
    /// # Errors
    /// 409 with where it would lie; 503 while the log is being read.
    pub(super) async fn expect_near(&self, report: &NewReport) -> Result<(), Problem> {
        let Some(candidates) = report.unpinned() else { return Ok(()) };
        let (live, shared, others) = (self.live()?.clone(), self.shared.clone(), self.others().await?);
        let at = report.position();
        let look = move || shared.far_off(&live, &others, at);
        match self.shared.turns.soon().await?.look(look).await? {
            Some(told) => Err(Problem::position_far(&told, candidates)),
            None => Ok(()),
        }
    }

    /// Refuses a position that is a slip.
    ///
    /// # Errors
    /// 400 for 0,0, and for one that lies among the reports only with its axes swapped; 503 while the log is being read.
    pub(super) async fn expect_plausible(&self, position: Position) -> Result<(), Problem> {
        Ok(self.others().await?.expect(position)?)
    }
}

impl Shared {
    /// How far from everything known a position lies, if it is far; blocks.
    pub(super) fn far_off(&self, live: &Live, others: &Others, at: Position) -> Option<String> {
        match self.names.of(live).nearest(at, 1).first().and_then(|place| place.distance_m) {
            Some(m) => {
                (m > FAR_M).then(|| format!("lies {:.0} km from the nearest place that is known here", m / 1_000.0))
            }
            None => others.is_elsewhere(at).then(|| "lies far from all other reports".into()),
        }
    }
}
