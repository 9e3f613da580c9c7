//! Logging in and out, and who one is.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, HeaderName};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::{IntoResponses, ToSchema};

use super::actor::{Caller, Proof, own_page};
use super::address::Address;
use super::problem::Wire;
use super::{App, Problem, body, cookie, query};
use crate::config::Clock;
use crate::error::invalid;
use crate::hazard::layer::Time;
use crate::hazard::workflow::Role;
use crate::intake::account::{self, PostedLogIn, PostedPassword};
use crate::live::people::{LogIn, LoggedIn, csrf_token};
use crate::store::{Account, Session};

/// Nobody on the way keeps what is said of a person.
pub const UNKEPT: [(HeaderName, HeaderValue); 1] = [(CACHE_CONTROL, HeaderValue::from_static("no-store"))];

/// Who asks.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct Me {
    /// Somebody known asks: by a session, a key, or a proxy.
    known: bool,
    login: Option<String>,
    name: Option<String>,
    role: Option<Role>,
    unit: Option<String>,
    /// Ids of the areas to which his rights are bounded; none: everywhere.
    areas: Vec<String>,
    /// To be sent as `X-CSRF-Token` with whatever changes something; null without a session.
    csrf_token: Option<String>,
    /// When the session ends, unless it is used before.
    expires: Option<Time>,
    /// The service takes whoever asks at his word (`Actor-Role`).
    trusts_actors: bool,
}

impl Me {
    fn of(caller: &Caller) -> Me {
        let Caller::Known(known) = caller else { return Me::default() };
        match (&known.account, &known.by) {
            (Some(account), Proof::Session { token, session }) => Me::with_session(account, token, session),
            (Some(account), _) => Me::with_account(account),
            (None, _) => {
                let (role, unit) = (Some(known.actor.role), known.actor.unit.clone());
                Me { known: true, role, unit, ..Me::default() }
            }
        }
    }

    fn with_account(account: &Account) -> Me {
        let Account { login, name, role, unit, areas, .. } = account.clone();
        let (login, name, role) = (Some(login), Some(name), Some(role));
        Me { known: true, login, name, role, unit, areas, ..Me::default() }
    }

    fn with_session(account: &Account, token: &str, session: &Session) -> Me {
        let (csrf_token, expires) = (Some(csrf_token(token)), Some(Time(session.expires)));
        Me { csrf_token, expires, ..Me::with_account(account) }
    }
}

/// A password that was not even looked at.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "only its description is used")]
enum Untried {
    #[response(status = 408, content_type = "application/problem+json")]
    Slow(Wire),
    #[response(status = 413, content_type = "application/problem+json")]
    Large(Wire),
    #[response(status = 415, content_type = "application/problem+json")]
    NotJson(Wire),
    /// Too many wrong tries
    #[response(status = 429, content_type = "application/problem+json",
        headers(("Retry-After" = u64, description = "Seconds")))]
    Wait(Wire),
    #[response(status = 503, content_type = "application/problem+json")]
    Busy(Wire),
}

/// Who asks: name, role, unit, areas, and the token that a page has to send with whatever changes something.
#[utoipa::path(get, path = "/api/v1/session", tag = "people",
    responses((status = 200, body = Me, content_type = "application/json"),
        (status = 400, body = Wire, content_type = "application/problem+json"),
        (status = 503, body = Wire, content_type = "application/problem+json")))]
pub async fn who_am_i(State(app): State<App>, caller: Caller, uri: Uri) -> Result<Response, Problem> {
    query::none(&uri)?;
    Ok((UNKEPT, Json(Me { trusts_actors: app.trusts_actors, ..Me::of(&caller) })).into_response())
}

/// Logs in: a new session, by a cookie that no script can read. It ends after 12 hours without use, and after a week.
///
/// Guessing is slowed down: after 5 wrong tries for a login, or 20 from an address, each further one has to wait, twice as
/// long as the one before (`Retry-After`). A login that there is not, and a wrong password, are answered alike.
#[utoipa::path(post, path = "/api/v1/session", tag = "people",
    request_body(content((PostedLogIn = "application/json"))),
    responses((status = 201, body = Me, content_type = "application/json",
            headers(("Set-Cookie" = String, description = "HttpOnly, SameSite=Strict; over https Secure, and bound to the host"))),
        (status = 400, body = Wire, content_type = "application/problem+json"),
        (status = 401, description = "Login or password wrong, or shut out", body = Wire,
            content_type = "application/problem+json"),
        Untried))]
pub async fn log_in(State(app): State<App>, address: Address, request: Request) -> Result<Response, Problem> {
    query::none(request.uri())?;
    own_page(&app, request.headers())?;
    let headers = request.headers().clone();
    let (login, password) = account::log_in(&body::account(request).await?)?;
    let before = cookie::token(&app, &headers);
    let tried = app.password(move |people| {
        people.log_in(&login, &password, before.as_deref(), address.text(), Clock::system().now())
    });
    let wrong = || Problem::new(StatusCode::UNAUTHORIZED, "the login or the password is wrong");
    answer(&app, &headers, tried.await?, wrong)
}

/// The answer to whoever has shown a password: the browser keeps the token of the session that has begun.
fn answer(app: &App, headers: &HeaderMap, tried: LogIn, wrong: impl FnOnce() -> Problem) -> Result<Response, Problem> {
    let LoggedIn { token, account, session } = match tried {
        LogIn::Done(done) => done,
        LogIn::Wrong => return Err(wrong()),
        LogIn::Wait { s } => return Err(Problem::wait(s)),
    };
    let me = Me { trusts_actors: app.trusts_actors, ..Me::with_session(&account, &token, &session) };
    Ok((StatusCode::CREATED, [cookie::keep(app, headers, &token)], UNKEPT, Json(me)).into_response())
}

/// Logs out: the session ends here and now.
#[utoipa::path(delete, path = "/api/v1/session", tag = "people",
    responses((status = 204, description = "It has ended"),
        (status = 400, body = Wire, content_type = "application/problem+json"),
        (status = 503, body = Wire, content_type = "application/problem+json")))]
pub async fn log_out(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    query::none(&uri)?;
    if let Caller::Known(known) = caller {
        app.people(move |people| match &known.by {
            Proof::Session { token, .. } => people.log_out(token, known.by(), Clock::system().now()),
            Proof::Key(_) | Proof::Word => Ok(()),
        })
        .await?;
    }
    Ok((StatusCode::NO_CONTENT, [cookie::forget(&app, &headers)], UNKEPT).into_response())
}

/// Changes one's own password. Every other session ends, and this one goes on as a new one.
#[utoipa::path(post, path = "/api/v1/session/password", tag = "people",
    request_body(content((PostedPassword = "application/json"))),
    responses((status = 201, body = Me, content_type = "application/json",
            headers(("Set-Cookie" = String, description = "Of the new session"))),
        (status = 400, description = "Also where the current password is wrong", body = Wire,
            content_type = "application/problem+json"),
        Untried))]
pub async fn change_password(State(app): State<App>, caller: Caller, request: Request) -> Result<Response, Problem> {
    query::none(request.uri())?;
    let Caller::Known(known) = caller else { return Err(Problem::new(StatusCode::UNAUTHORIZED, "log in first")) };
    let headers = request.headers().clone();
    let (current, password) = account::own_password(&body::account(request).await?)?;
    let changed = app.password(move |people| {
        let Some(account) = &known.account else { return Ok(LogIn::Wrong) };
        match people.proves(&account.login, &current, known.address.text())? {
            Err(s) => return Ok(LogIn::Wait { s }),
            Ok(false) => return Ok(LogIn::Wrong),
            Ok(true) => {}
        }
        let now = Clock::system().now();
        let account = people.set_password(&account.login, &password, known.by(), now)?;
        people.begin(account, known.by(), "log_in", now).map(LogIn::Done)
    });
    answer(&app, &headers, changed.await?, || invalid("current", "", "is not the password that holds").into())
}
