//! The outbox is bounded while the service runs.

use tracing::{info, warn};

use super::{App, Parts};
use crate::config::OUTBOX_SWEPT_EVERY;
use crate::error::{Error, Result};
use crate::live::Live;

const DAY_S: i64 = 86_400;

impl App {
    /// The app that keeps messages to reporters for so many days.
    pub fn keeping_messages_days(self, days: u16) -> App {
        self.with(|parts| Parts { messages_kept_s: i64::from(days) * DAY_S, ..parts })
    }

    /// Brings what is told of the outbox up to date.
    pub(super) async fn measure_messages(&self) {
        let now = self.now();
        // What cannot be read now keeps its last figures: the rest is worth reading all the same.
        let _ = self.beside(move |live| live.measure_messages(now)).await;
    }

    async fn beside<T: Send + 'static>(&self, ask: impl FnOnce(&Live) -> Result<T> + Send + 'static) -> Result<T> {
        let Some(live) = self.shared.live.get().cloned() else { return Err(Error::Busy("starting".into())) };
        let done = tokio::task::spawn_blocking(move || ask(&live)).await;
        done.map_err(|e| Error::Store(format!("it was given up: {e}")))?
    }
}

/// Forgets the messages to reporters that are older than they are kept, again and again, and never returns.
pub async fn forget_messages(app: App) {
    loop {
        let before = app.now() - app.messages_kept_s;
        match app.beside(move |live| live.forget_messages_before(before)).await {
            Ok(0) => {}
            Ok(n) => info!(messages = n, "{n} messages to reporters were older than they are kept, and are forgotten"),
            Err(error) => warn!("messages that are older than they are kept could not be forgotten: {error}"),
        }
        tokio::time::sleep(OUTBOX_SWEPT_EVERY).await;
    }
}
