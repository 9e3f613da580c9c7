//! Who may do what: one table of every address of the API. [`guard`] goes by it before any handler is asked, the
//! description of the API is written from it, and a test walks all of it.

use std::sync::Arc;

use axum::extract::{MatchedPath, Request};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use tower::Layer;
use tracing::error;

use super::actor::{Caller, Known, Proof, identify};
use super::address::Address;
use super::around::{Answers, Next, Rest, around};
use super::{App, Problem, photos};
use crate::config::Clock;
use crate::hazard::map::HazardMap;
use crate::hazard::workflow::Role;
use crate::live::people::Scope;

/// Who may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Anybody; he need not be known.
    Everybody,
    /// Whoever is logged in, himself: no program in his place.
    Session,
    /// These, by session or by key.
    Roles(&'static [Role]),
    /// These, if their rights are bounded to no areas: what they do has none.
    Everywhere(&'static [Role]),
}

/// One line of the table.
#[derive(Clone, Copy, Debug)]
pub struct Right {
    pub method: &'static str,
    pub path: &'static str,
    pub who: Who,
    /// What a key must be good for; reading what everybody may needs none.
    pub scope: Option<Scope>,
}

const fn public(path: &'static str) -> Right {
    Right { method: "GET", path, who: Who::Everybody, scope: None }
}

const fn right(method: &'static str, path: &'static str, who: Who, scope: Option<Scope>) -> Right {
    Right { method, path, who, scope }
}

/// Who can take some step on an incident; which steps, [`crate::hazard::workflow::TABLE`] says.
const STAFF: Who = Who::Roles(&[Role::GridWorker, Role::Department, Role::Planner, Role::Administrator]);
/// Who decides what is one case and what two, who may follow it, and what is shown to whoever does.
const DESK: Who = Who::Roles(&[Role::GridWorker, Role::Administrator]);
/// One whose rights are bounded could make himself another account that has more.
const ADMINISTRATOR: Who = Who::Everywhere(&[Role::Administrator]);

/// Where OGC API takes reports, and has them corrected and retracted.
pub const REPORTS: &str = "/ogc/collections/reports/items";
pub const REPORT: &str = "/ogc/collections/reports/items/{feature}";

/// The table.
pub const RIGHTS: &[Right] = &[
    public("/api/v1/hotspots"),
    public("/api/v1/hotspots/{id}"),
    public("/api/v1/incidents"),
    public("/api/v1/incidents/{id}"),
    public("/api/v1/incidents/{id}/transitions"),
    right("POST", "/api/v1/incidents/{id}/transitions", STAFF, Some(Scope::Act)),
    right("PUT", "/api/v1/incidents/{id}/transitions/{seq}/photos", DESK, Some(Scope::Act)),
    public("/api/v1/incidents/{id}/duplicates"),
    right("GET", "/api/v1/queue", STAFF, Some(Scope::Read)),
    // The link itself is the right.
    public("/api/v1/follow/{token}"),
    public("/api/v1/follow/{token}/photos/{photo}"),
    public("/api/v1/follow/{token}/photos/{photo}/thumbnail"),
    public("/api/v1/reports"),
    right("POST", "/api/v1/reports", Who::Everybody, Some(Scope::Report)),
    // It keeps nothing: whoever writes sees what is understood.
    right("POST", "/api/v1/reports/parse", Who::Everybody, None),
    right("POST", "/api/v1/messages", Who::Everybody, Some(Scope::Report)),
    right("GET", "/api/v1/inbox", DESK, Some(Scope::Read)),
    right("POST", "/api/v1/inbox/{entry}/report", DESK, Some(Scope::Act)),
    right("POST", "/api/v1/inbox/{entry}/dismiss", DESK, Some(Scope::Act)),
    public("/api/v1/reports/{id}"),
    right("DELETE", "/api/v1/reports/{id}/follow", DESK, Some(Scope::Act)),
    // As a report; who sees it is another matter: it may show people, and whose house it is.
    right("POST", "/api/v1/photos", Who::Everybody, Some(Scope::Report)),
    right("GET", "/api/v1/photos/{id}", STAFF, Some(Scope::Read)),
    right("GET", "/api/v1/photos/{id}/thumbnail", STAFF, Some(Scope::Read)),
    public("/api/v1/storms"),
    public("/api/v1/places"),
    public("/api/v1/streets"),
    public("/api/v1/works"),
    public("/api/v1/areas"),
    public("/api/v1/areas/at"),
    public("/api/v1/units"),
    public("/api/v1/coverage"),
    public("/api/v1/closures"),
    public("/api/v1/timeline"),
    public("/api/v1/occasions"),
    public("/api/v1/categories"),
    public("/api/v1/gauges"),
    public("/api/v1/levels"),
    public("/api/v1/criteria"),
    public("/api/v1/live"),
    public("/api/v1/analysis/trend"),
    public("/api/v1/analysis/rank"),
    public("/api/v1/analysis/works"),
    public("/api/v1/analysis/sensitivity"),
    public("/api/v1/analysis/criteria"),
    public("/api/v1/analysis/significance"),
    public("/api/v1/analysis/dbscan"),
    public("/api/v1/analysis/risk"),
    public("/api/v1/analysis/silence"),
    public("/api/v1/analysis/chance"),
    public("/api/v1/analysis/storms"),
    public("/api/v1/analysis/trigger"),
    public("/api/v1/analysis/service"),
    // It keeps nothing: the rain to come is its question.
    right("POST", "/api/v1/analysis/forecast", Who::Everybody, None),
    right("POST", REPORTS, Who::Everybody, Some(Scope::Report)),
    right("PUT", REPORT, DESK, Some(Scope::Act)),
    right("PATCH", REPORT, DESK, Some(Scope::Act)),
    right("DELETE", REPORT, DESK, Some(Scope::Act)),
    public("/open311/v2/discovery.json"),
    public("/open311/v2/discovery.xml"),
    public("/open311/v2/services.json"),
    public("/open311/v2/services.xml"),
    public("/open311/v2/services/{file}"),
    public("/open311/v2/requests.json"),
    public("/open311/v2/requests.xml"),
    right("POST", "/open311/v2/requests.json", Who::Everybody, Some(Scope::Report)),
    right("POST", "/open311/v2/requests.xml", Who::Everybody, Some(Scope::Report)),
    public("/open311/v2/requests/{file}"),
    // As of a link to follow: whoever has it may.
    public("/open311/v2/tokens/{token}"),
    public("/api/v1/session"),
    right("POST", "/api/v1/session", Who::Everybody, None),
    right("DELETE", "/api/v1/session", Who::Session, None),
    right("POST", "/api/v1/session/password", Who::Session, None),
    right("GET", "/api/v1/users", ADMINISTRATOR, Some(Scope::Admin)),
    right("POST", "/api/v1/users", ADMINISTRATOR, Some(Scope::Admin)),
    right("PATCH", "/api/v1/users/{login}", ADMINISTRATOR, Some(Scope::Admin)),
    right("DELETE", "/api/v1/users/{login}/sessions", ADMINISTRATOR, Some(Scope::Admin)),
];

/// The right to an address, by its method.
pub fn find(method: &str, path: &str) -> Option<&'static Right> {
    let method = if method == "HEAD" { "GET" } else { method };
    RIGHTS.iter().find(|right| right.method == method && right.path == path)
}

impl Right {
    /// May this caller?
    ///
    /// # Errors
    /// 401 for nobody, where somebody might; 403 with the reason.
    pub fn admits(&self, caller: &Caller) -> Result<(), Problem> {
        let no = |told: String| Err(Problem::new(StatusCode::FORBIDDEN, told));
        let known = match (caller, self.who) {
            (Caller::Nobody(_), Who::Everybody) => return Ok(()),
            (Caller::Nobody(why), _) => return Err(Problem::new(StatusCode::UNAUTHORIZED, *why)),
            (Caller::Known(known), _) => known,
        };
        if let (Proof::Key(scopes), Some(scope)) = (&known.by, self.scope)
            && !scopes.contains(&scope)
        {
            return no(format!("the API key may not: it lacks the scope {scope}"));
        }
        let role = known.actor.role;
        match self.who {
            Who::Everybody => Ok(()),
            Who::Session if matches!(known.by, Proof::Session { .. }) => Ok(()),
            Who::Session => no("this is for whoever is logged in himself".into()),
            Who::Everywhere(roles) if roles.contains(&role) && !known.areas().is_empty() => {
                no(format!("this has no area, and what you may do is bounded to {}", known.areas().join(", ")))
            }
            Who::Roles(roles) | Who::Everywhere(roles) if roles.contains(&role) => Ok(()),
            Who::Roles(roles) | Who::Everywhere(roles) => {
                let may: Vec<_> = roles.iter().map(|role| role.name()).collect();
                no(format!("a {role} may not; {} may", may.join(", ")))
            }
        }
    }
}

/// Finds out who asks, and refuses him what the table does not give him; the handler takes him from there.
pub async fn guard(app: App, request: Request, next: impl Next) -> Response {
    let (mut head, body) = request.into_parts();
    match admitted(&app, &head).await {
        Ok(caller) => {
            head.extensions.insert(caller);
            next.run(Request::from_parts(head, body)).await
        }
        Err(problem) => problem.into_response(),
    }
}

/// The layer of [`guard`].
pub fn guarded<S>(app: &App) -> impl Layer<S, Service: Answers> + Clone + Send + Sync + 'static
where
    Rest<S>: Next,
    S: Clone + Send + Sync + 'static,
{
    let app = app.clone();
    around(move |request, next: Rest<S>| guard(app.clone(), request, next))
}

async fn admitted(app: &App, request: &Parts) -> Result<Caller, Problem> {
    let path = request.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let Some(right) = find(request.method.as_str(), path) else { return Err(unlisted(&request.method, path)) };
    let address = Address::of(&request.extensions, &request.headers);
    let caller = identify(app, &request.method, &request.headers, address).await?;
    if let Err(refused) = right.admits(&caller) {
        if let Caller::Known(known) = &caller {
            refusal(app, known, path).await?;
        }
        return Err(refused);
    }
    Ok(caller)
}

/// No handler is asked for what stands in no line: rather refused to everybody than open to anybody.
fn unlisted(method: &Method, path: &str) -> Problem {
    if RIGHTS.iter().any(|right| right.path == path) {
        return Problem::new(StatusCode::METHOD_NOT_ALLOWED, format!("{path} does not take {method}"));
    }
    error!("{path} stands in no line of the table of rights");
    Problem::new(StatusCode::FORBIDDEN, "nobody has a right to this")
}

/// Lies it in one of these areas, or in a part of one? None: everywhere.
///
/// # Errors
/// 403 that says where it lies.
pub fn in_areas(map: &HazardMap, area: Option<usize>, areas: &[String], what: &str) -> Result<(), Problem> {
    if areas.is_empty() || area.is_some_and(|area| map.areas().within(areas)[area]) {
        return Ok(());
    }
    let place = area.map_or("no area", |area| &map.areas().all()[area].id);
    let told = format!("{what} lies in {place}, and what you may do is bounded to {}", areas.join(", "));
    Err(Problem::new(StatusCode::FORBIDDEN, told))
}

/// Is it somebody who looks after the inbox?
pub fn is_of_the_desk(caller: &Caller) -> bool {
    matches!(DESK, Who::Roles(roles) if caller.actor().is_some_and(|actor| roles.contains(&actor.role)))
}

/// Lies the incident of a report, or where it has none itself, in one of these areas? None: everywhere.
///
/// # Errors
/// As [`in_areas`].
pub fn over_report(map: &HazardMap, report: usize, areas: &[String]) -> Result<(), Problem> {
    in_areas(map, photos::area_of(map, report), areas, "the report")
}

/// Notes that somebody was refused.
pub async fn refusal(app: &App, known: &Arc<Known>, about: &str) -> Result<(), Problem> {
    let (known, about) = (known.clone(), about.to_owned());
    app.people(move |people| people.audit(known.by(), "refused", Some(&about), Clock::system().now())).await
}
