//! Looking at the map: at the live one, or at a view, beside the threads that answer requests or at once.

use std::sync::Arc;

use super::query::Asked;
use super::{App, Problem};
use crate::hazard::map::HazardMap;
use crate::live::Live;

/// The map that an answer is taken from.
pub(super) enum Map {
    Live(Live),
    View(Arc<HazardMap>),
}

impl Map {
    /// Looks at it; keep it short, for the writer waits.
    pub(super) fn read<T>(&self, look: impl FnOnce(&HazardMap) -> T) -> T {
        match self {
            Map::Live(live) => live.read(look),
            Map::View(map) => look(map),
        }
    }
}

impl App {
    /// Looks at the map asked for: every handler comes here, none takes its lock on a thread that answers requests.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        asked: Asked,
        look: impl FnOnce(&HazardMap) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        self.aside(asked, |map| map.read(look)).await
    }

    /// As [`App::read`] for what takes microseconds: on this very thread, where the map as it stands now is wanted and its
    /// lock is free.
    pub(super) async fn glance<T: Send + 'static>(
        &self,
        asked: Asked,
        look: impl FnOnce(&HazardMap) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        if asked != Asked::default() {
            return self.read(asked, look).await;
        }
        match self.live()?.read_at_once(look) {
            Ok(found) => Ok(found),
            Err(look) => self.read(asked, look).await,
        }
    }

    /// As [`App::read`], with further work that needs the map's lock no more.
    pub(super) async fn aside<T: Send + 'static>(
        &self,
        asked: Asked,
        work: impl FnOnce(&Map) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let live = self.live()?.clone();
        let map = match asked {
            Asked { position: None, settings: None } => Map::Live(live),
            Asked { position, settings } => {
                let position = position.map_or_else(|| self.position(), Ok)?;
                Map::View(live.view(position, settings.unwrap_or_else(|| self.rule().clone())).await?)
            }
        };
        self.shared.turns.soon().await?.look(move || work(&map)).await
    }

    /// As [`App::glance`] for what has just been written: never told to come back, for it would come twice.
    pub(super) async fn read_written<T: Send + 'static>(
        &self,
        look: impl FnOnce(&HazardMap) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let live = self.live()?;
        match live.read_at_once(look) {
            Ok(found) => Ok(found),
            Err(look) => {
                let live = live.clone();
                self.shared.turns.sometime().await?.look(move || live.read(look)).await
            }
        }
    }
}
