//! The web's door: requests become calls, answers become JSON. One file for each kind of resource.

mod accept;
mod actor;
mod address;
mod analysis;
mod areas;
mod around;
mod bare;
mod base;
mod base_url;
mod batch;
mod body;
mod categories;
mod closures;
mod cookie;
mod cors;
mod details;
mod duplicates;
mod etag;
mod feed;
mod files;
mod follow;
mod gauges;
mod health;
mod history;
mod home;
mod inbox;
mod inbox_areas;
mod inbox_decisions;
mod lately;
mod layers;
mod lists;
mod live;
mod look;
mod messages;
mod metrics;
mod ogc;
mod one;
mod open311;
mod openapi;
mod outbox;
mod pace;
mod pages;
mod parse;
mod photos;
mod places;
mod problem;
mod query;
mod queue;
mod recent;
mod remember;
mod reports;
mod requests;
mod rights;
mod security;
mod serve;
mod session;
mod step_photos;
mod tiles;
mod timeline;
mod trace;
mod transitions;
mod turns;
mod unread;
mod users;
mod way;
mod words;

use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::routing::get;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use utoipa_swagger_ui::SwaggerUi;

use crate::config::{Clock, OUTBOX_DAYS};
use crate::error::Result;
use crate::hazard::analysis::criterion::Criterion;
use crate::hazard::settings::Settings;
use crate::live::Live;
use crate::live::people::People;
use around::around;
use feed::{Feed, MOST_READERS};
use home::Home;
use look::Map;
use metrics::Metrics;
use openapi::Api;
use pace::Paces;
use photos::Pictures;
use problem::Problem;
use query::Asked;
use recent::Recent;
use requests::Requests;
use turns::Turns;

pub use base::Base;
pub use base_url::BaseUrl;
pub use open311::Provider;
pub use outbox::forget_messages;
pub use pace::SenderLimits;
pub use rights::{RIGHTS, Right, Who};
pub use serve::serve;

/// Passwords looked at together.
const PASSWORDS_AT_ONCE: usize = 2;
/// Files made or sent together: each takes room on the disk until it is sent.
const FILES_AT_ONCE: usize = 4;

/// What every handler works with; clones share it.
#[derive(Clone)]
pub struct App(Arc<Parts>);

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// What an app is made of.
#[derive(Clone)]
pub struct Parts {
    shared: Arc<Shared>,
    /// Where it is reached, if not at the host that a request names.
    public_url: Option<BaseUrl>,
    /// What hotspots can be judged by.
    criteria: Arc<[Criterion]>,
    /// Whoever says who he is is taken at his word.
    trusts_actors: bool,
    /// Who provides the service, for Open311.
    provider: Arc<Provider>,
    /// How fast one sender may send.
    paces: Arc<Paces>,
    /// What he has sent lately.
    recent: Arc<Recent>,
    /// For how long messages to reporters are kept.
    messages_kept_s: i64,
}

struct Shared {
    /// Empty until the log has been replayed.
    live: OnceLock<Live>,
    clock: Clock,
    /// The rule in force.
    settings: Settings,
    /// Stands for it in every ETag.
    rule: String,
    turns: Turns,
    /// Passwords that are looked at: each takes 19 MiB and a core for a while.
    passwords: Turns,
    files: Turns,
    pictures: Pictures,
    names: places::Names,
    desk: analysis::Desk,
    reader: parse::Reader,
    extents: ogc::Extents,
    home: Home,
    base: Base,
    feed: Feed,
    metrics: Metrics,
}

impl App {
    /// An app that asks callers to wait until [`App::ready`].
    pub fn new(clock: Clock, settings: &Settings, base: Base) -> App {
        App::with_readers(clock, settings, base, MOST_READERS)
    }

    fn with_readers(clock: Clock, settings: &Settings, base: Base, most_readers: usize) -> App {
        let (settings, rule) = (settings.clone(), etag::rule_tag(settings));
        let feed = Feed::new(most_readers);
        let metrics = Metrics::new(&feed);
        let shared = Shared {
            live: OnceLock::new(),
            clock,
            settings,
            rule,
            turns: Turns::new(),
            passwords: Turns::of(PASSWORDS_AT_ONCE),
            files: Turns::held_by_callers(FILES_AT_ONCE),
            pictures: Pictures::new(),
            names: places::Names::default(),
            desk: analysis::Desk::new(),
            reader: parse::Reader::default(),
            extents: ogc::Extents::default(),
            home: Home::default(),
            base,
            feed,
            metrics,
        };
        let (criteria, provider) = (Criterion::built_in().into(), Arc::default());
        let (paces, recent) = (Arc::new(Paces::new(SenderLimits::default())), Arc::new(Recent::new()));
        let (public_url, trusts_actors, messages_kept_s) = (None, false, 0);
        let shared = Arc::new(shared);
        let parts = Parts { shared, public_url, criteria, trusts_actors, provider, paces, recent, messages_kept_s };
        App(Arc::new(parts)).keeping_messages_days(OUTBOX_DAYS)
    }

    fn with(self, change: impl FnOnce(Parts) -> Parts) -> App {
        App(Arc::new(change(Arc::unwrap_or_clone(self.0))))
    }

    /// The app behind a proxy: its absolute links begin with this address.
    pub fn reached_at(self, public_url: Option<BaseUrl>) -> App {
        self.with(|parts| Parts { public_url, ..parts })
    }

    /// The app that judges hotspots by these definitions.
    pub fn judging_by(self, criteria: Vec<Criterion>) -> App {
        self.with(|parts| Parts { criteria: criteria.into(), ..parts })
    }

    /// The app that takes whoever asks for whom he says he is, or does not.
    pub fn trusting_actors(self, trusts_actors: bool) -> App {
        self.with(|parts| Parts { trusts_actors, ..parts })
    }

    /// The app of somebody who says who he is.
    pub fn provided_by(self, provider: Provider) -> App {
        self.with(|parts| Parts { provider: Arc::new(provider), ..parts })
    }

    /// The app that lets senders send so much.
    pub fn limiting_senders(self, limits: SenderLimits) -> App {
        self.with(|parts| Parts { paces: Arc::new(Paces::new(limits)), ..parts })
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

    /// Asks about people, beside the threads that answer requests.
    async fn people<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&People) -> Result<T> + Send + 'static,
    ) -> Result<T, Problem> {
        let live = self.live()?.clone();
        Ok(self.shared.turns.soon().await?.look(move || ask(live.people())).await??)
    }

    /// As [`App::people`], where a password is looked at: only a few at once.
    async fn password<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&People) -> Result<T> + Send + 'static,
    ) -> Result<T, Problem> {
        let live = self.live()?.clone();
        Ok(self.shared.passwords.soon().await?.look(move || ask(live.people())).await??)
    }

    /// The rule in force.
    fn rule(&self) -> &Settings {
        &self.shared.settings
    }

    /// The time by which something is overdue in an answer: of a view at a time, that time; else now, to the minute, so
    /// that answers of one minute are alike. Unix seconds.
    fn minute(&self, asked: &Asked) -> i64 {
        let now = || self.now().div_euclid(60) * 60;
        asked.settings.as_ref().and_then(|settings| settings.as_of).unwrap_or_else(now)
    }

    /// Unix seconds.
    pub fn now(&self) -> i64 {
        self.shared.clock.now()
    }
}

/// Every address there is.
pub fn app(app: App) -> Router {
    // A reader stays for hours, and does no work in them: he takes no place from those who do.
    let (following, of_following) = OpenApiRouter::new().routes(routes!(live::follow)).split_for_parts();
    let (api, mut description) = OpenApiRouter::with_openapi(Api::openapi())
        .routes(routes!(lists::hotspots))
        .routes(routes!(details::hotspot))
        .routes(routes!(lists::incidents))
        .routes(routes!(details::incident))
        .routes(routes!(history::history, transitions::take))
        .routes(routes!(duplicates::duplicates))
        .routes(routes!(queue::queue))
        .routes(routes!(step_photos::show))
        .routes(routes!(follow::follow))
        .routes(routes!(follow::photo))
        .routes(routes!(follow::thumbnail))
        .routes(routes!(lists::reports, reports::submit))
        .routes(routes!(reports::report))
        .routes(routes!(follow::revoke))
        .routes(routes!(parse::parse))
        .routes(routes!(messages::take))
        .routes(routes!(inbox::list))
        .routes(routes!(inbox_decisions::report))
        .routes(routes!(inbox_decisions::dismiss))
        .routes(routes!(photos::keep))
        .routes(routes!(photos::photo))
        .routes(routes!(photos::thumbnail))
        .routes(routes!(lists::storms))
        .routes(routes!(places::places))
        .routes(routes!(lists::streets))
        .routes(routes!(lists::works))
        .routes(routes!(lists::areas))
        .routes(routes!(areas::at))
        .routes(routes!(areas::units))
        .routes(routes!(lists::coverage))
        .routes(routes!(lists::closures))
        .routes(routes!(timeline::over_time))
        .routes(routes!(analysis::trend))
        .routes(routes!(gauges::gauges))
        .routes(routes!(gauges::levels))
        .routes(routes!(analysis::rank))
        .routes(routes!(analysis::works))
        .routes(routes!(analysis::sensitivity))
        .routes(routes!(analysis::service))
        .routes(routes!(analysis::criteria))
        .routes(routes!(analysis::list_criteria))
        .routes(routes!(analysis::significance))
        .routes(routes!(analysis::dbscan))
        .routes(routes!(analysis::risk))
        .routes(routes!(analysis::silence))
        .routes(routes!(analysis::chance))
        .routes(routes!(analysis::storms))
        .routes(routes!(analysis::trigger))
        .routes(routes!(analysis::forecast))
        .routes(routes!(timeline::occasions))
        .routes(routes!(categories::categories))
        .routes(routes!(session::who_am_i, session::log_in, session::log_out))
        .routes(routes!(session::change_password))
        .routes(routes!(users::list, users::add))
        .routes(routes!(users::change))
        .routes(routes!(users::end_sessions))
        .merge(open311::routes())
        .split_for_parts();
    let (api, following) = (api.route_layer(rights::guarded(&app)), following.route_layer(rights::guarded(&app)));
    accept::declare(&mut description);
    description.merge(of_following);
    security::declare(&mut description);
    let requests = Requests::new();
    let work = api
        .route("/base.geojson", get(base::base))
        .route("/layers", get(layers::list))
        .route("/layers/{file}", get(layers::layer))
        .route("/closures/cifs.json", get(closures::cifs))
        .route("/closures/cap", get(closures::feed))
        .route("/closures/cap/{identifier}", get(closures::message))
        .merge(ogc::routes(&app))
        .route("/tiles/{file}", get(tiles::tile_json))
        .route("/tiles/{layer}/{z}/{x}/{y}", get(tiles::tile))
        .merge(SwaggerUi::new("/api/docs").url("/api/docs/openapi.json", description).config("openapi.json".into()))
        .route_layer(around(move |request, next| way::in_its_turn(requests.clone(), request, next)));
    Router::new()
        // Whether it is alive is asked most when there is much to do.
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(metrics::metrics))
        .merge(following)
        // A page that waits says so itself.
        .route("/", get(pages::index))
        .route("/desk", get(pages::desk))
        .route("/report", get(pages::report))
        .route("/report/{name}", get(pages::app_file))
        .route("/follow/{token}", get(pages::follow))
        .route("/assets/{name}", get(pages::asset))
        .merge(work)
        .with_state(app.clone())
        // The first is the outermost.
        .layer((
            around(ogc::options),
            cors::cors(),
            // On our own machine's time: the smallest answer is not worth the longest wait.
            CompressionLayer::new().quality(CompressionLevel::Fastest),
            around(move |request, next| way::answered(app.clone(), request, next)),
        ))
}
