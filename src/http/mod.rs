//! The web's door: requests become calls, answers become JSON. One file for each kind of resource.

mod etag;
mod feed;
mod health;
mod hotspots;
mod layers;
mod live;
mod metrics;
mod problem;
mod query;
mod reports;
mod serve;
mod trace;
mod turns;

use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::http::header::{ETAG, IF_NONE_MATCH, LOCATION};
use axum::http::{HeaderName, Method};
use axum::middleware;
use axum::routing::{get, post};
use tower_http::compression::CompressionLayer;
use tower_http::cors::{Any, CorsLayer};

use crate::config::Clock;
use crate::hazard::map::HazardMap;
use crate::hazard::settings::Settings;
use crate::live::Live;
use feed::{Feed, MOST_READERS};
use metrics::Metrics;
use problem::Problem;
use turns::{Requests, Turns, no_more_than_can_be_answered};

pub use serve::serve;

/// What every handler works with; clones share it.
#[derive(Clone)]
pub struct App {
    shared: Arc<Shared>,
}

struct Shared {
    /// Empty until the log has been replayed.
    live: OnceLock<Live>,
    clock: Clock,
    /// Stands for the rule in force in every ETag.
    rule: String,
    turns: Turns,
    feed: Feed,
    metrics: Metrics,
}

impl App {
    /// An app that asks callers to wait until [`App::ready`].
    pub fn new(clock: Clock, settings: &Settings) -> App {
        let rule = etag::rule_tag(settings);
        let feed = Feed::new(MOST_READERS);
        let metrics = Metrics::new(&feed);
        App { shared: Arc::new(Shared { live: OnceLock::new(), clock, rule, turns: Turns::new(), feed, metrics }) }
    }

    /// From now on answers come from this map.
    pub fn ready(&self, live: Live) {
        // The first map stays: there is only one log.
        if self.shared.live.set(live.clone()).is_ok() {
            live::carry(&live, &self.shared.feed);
            self.shared.metrics.watch(&live);
        }
    }

    /// Ends the answers that would go on for ever.
    pub fn stop(&self) {
        self.shared.feed.close();
    }

    fn live(&self) -> Result<&Live, Problem> {
        self.shared.live.get().ok_or_else(Problem::starting)
    }

    /// The log position of the map, without waiting for the map.
    fn position(&self) -> Result<u64, Problem> {
        Ok(*self.live()?.watch().borrow())
    }

    /// Looks at the map: every handler comes here, none takes its lock on a thread that answers requests.
    async fn read<T: Send + 'static>(&self, look: impl FnOnce(&HazardMap) -> T + Send + 'static) -> Result<T, Problem> {
        self.aside(|live| live.read(look)).await
    }

    /// As [`App::read`], with further work that needs the map's lock no more.
    async fn aside<T: Send + 'static>(&self, work: impl FnOnce(&Live) -> T + Send + 'static) -> Result<T, Problem> {
        let live = self.live()?.clone();
        self.shared.turns.soon().await?.look(live, work).await
    }

    /// As [`App::read`] for what has just been written: never told to come back, for it would come twice.
    async fn read_written<T: Send + 'static>(
        &self,
        look: impl FnOnce(&HazardMap) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let live = self.live()?.clone();
        self.shared.turns.sometime().await?.look(live, |live| live.read(look)).await
    }

    /// Unix seconds.
    fn now(&self) -> i64 {
        self.shared.clock.now()
    }
}

/// Every address there is.
pub fn app(app: App) -> Router {
    let work = Router::new()
        .route("/layers", get(layers::list))
        .route("/layers/{file}", get(layers::layer))
        .route("/api/v1/reports", post(reports::submit))
        .route("/api/v1/reports/{id}", get(reports::report))
        .route("/api/v1/hotspots/{id}", get(hotspots::hotspot))
        .route_layer(middleware::from_fn_with_state(Requests::new(), no_more_than_can_be_answered));
    Router::new()
        // Whether it is alive is asked most when there is much to do.
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(metrics::metrics))
        // A reader stays for hours, and does no work in them.
        .route("/api/v1/live", get(live::follow))
        .merge(work)
        .with_state(app.clone())
        .layer(middleware::from_fn(problem::every_error_is_a_problem))
        .layer(middleware::from_fn_with_state(app, trace::observe))
        .layer(CompressionLayer::new())
        .layer(cors())
}

/// Anybody's page may read; it may not write in the name of whoever looks at it.
fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::HEAD])
        .allow_headers([IF_NONE_MATCH, HeaderName::from_static("last-event-id")])
        .expose_headers([ETAG, LOCATION, HeaderName::from_static("x-request-id")])
}
