//! Accounts, for administrators.

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::actor::Caller;
use super::problem::Wire;
use super::session::UNKEPT;
use super::{App, Problem, body, query};
use crate::config::Clock;
use crate::error::Result;
use crate::hazard::layer::Time;
use crate::hazard::workflow::Role;
use crate::intake::account::{self, Change, NewAccount, PostedAccount, PostedChange};
use crate::live::people::{By, People};
use crate::store::Account;

/// An account, without what proves it.
#[derive(Debug, Serialize, ToSchema)]
pub struct User {
    login: String,
    /// As others see him.
    name: String,
    role: Role,
    unit: Option<String>,
    /// Ids of the areas to which his rights are bounded; none: everywhere.
    areas: Vec<String>,
    disabled: bool,
    created: Time,
}

/// Every account, in order of the logins.
#[derive(Debug, Serialize, ToSchema)]
pub struct Users {
    users: Vec<User>,
}

/// How many sessions have ended.
#[derive(Debug, Serialize, ToSchema)]
pub struct Ended {
    sessions: usize,
}

impl From<Account> for User {
    fn from(account: Account) -> User {
        let Account { login, name, role, unit, areas, disabled, created, .. } = account;
        User { login, name, role, unit, areas, disabled, created: Time(created) }
    }
}

/// Every account, in order of the logins.
#[utoipa::path(get, path = "/api/v1/users", tag = "people",
    responses((status = 200, body = Users, content_type = "application/json"),
        (status = 400, body = Wire, content_type = "application/problem+json"),
        (status = 503, body = Wire, content_type = "application/problem+json")))]
pub async fn list(State(app): State<App>, uri: Uri) -> Result<Response, Problem> {
    query::none(&uri)?;
    let users = app.people(People::all).await?.into_iter().map(User::from).collect();
    Ok((UNKEPT, Json(Users { users })).into_response())
}

/// Adds an account, with its first password: whoever gets it changes it (`POST /api/v1/session/password`).
#[utoipa::path(post, path = "/api/v1/users", tag = "people",
    request_body(content((PostedAccount = "application/json"))),
    responses((status = 201, body = User, content_type = "application/json"),
        (status = 400, body = Wire, content_type = "application/problem+json"),
        (status = 408, body = Wire, content_type = "application/problem+json"),
        (status = 409, description = "The login is taken", body = Wire, content_type = "application/problem+json"),
        (status = 413, body = Wire, content_type = "application/problem+json"),
        (status = 415, body = Wire, content_type = "application/problem+json"),
        (status = 503, body = Wire, content_type = "application/problem+json")))]
pub async fn add(State(app): State<App>, caller: Caller, request: Request) -> Result<Response, Problem> {
    query::none(request.uri())?;
    let (new, password) = NewAccount::parse(&body::account(request).await?)?;
    let added = app.password(move |people| people.add(new, &password, by(&caller), Clock::system().now())).await?;
    Ok((StatusCode::CREATED, UNKEPT, Json(User::from(added))).into_response())
}

/// Changes an account: role, unit, areas, name, a new password; or shuts it out, which ends its sessions. It holds from
/// the next request on. The last administrator stays one.
#[utoipa::path(patch, path = "/api/v1/users/{login}", tag = "people",
    params(("login" = String, Path, example = "wang.wei")),
    request_body(content((PostedChange = "application/json"))),
    responses((status = 200, body = User, content_type = "application/json"),
        (status = 400, body = Wire, content_type = "application/problem+json"),
        (status = 404, body = Wire, content_type = "application/problem+json"),
        (status = 408, body = Wire, content_type = "application/problem+json"),
        (status = 409, description = "No administrator would be left", body = Wire,
            content_type = "application/problem+json"),
        (status = 413, body = Wire, content_type = "application/problem+json"),
        (status = 415, body = Wire, content_type = "application/problem+json"),
        (status = 503, body = Wire, content_type = "application/problem+json")))]
pub async fn change(
    State(app): State<App>,
    Path(login): Path<String>,
    caller: Caller,
    request: Request,
) -> Result<Response, Problem> {
    query::none(request.uri())?;
    let change = Change::parse(&body::account(request).await?)?;
    let changed = app.password(move |people| changed(people, &login, change, by(&caller))).await?;
    Ok((UNKEPT, Json(User::from(changed))).into_response())
}

fn changed(people: &People, login: &str, change: Change, by: By) -> Result<Account> {
    let now = Clock::system().now();
    let Change { name, role, unit, areas, disabled, password } = change;
    if role.is_some() || unit.is_some() {
        let known = people.of_login(login)?;
        account::has_unit(role.unwrap_or(known.role), unit.as_ref().unwrap_or(&known.unit).as_deref())?;
    }
    let what = match disabled {
        Some(true) => "disable",
        Some(false) => "enable",
        None if role.is_some() || areas.is_some() => "rights",
        None => "change",
    };
    let changed = people.change(login, what, by, now, |account| {
        account.name = name.unwrap_or_else(|| account.name.clone());
        account.role = role.unwrap_or(account.role);
        account.unit = unit.unwrap_or_else(|| account.unit.clone());
        account.areas = areas.unwrap_or_else(|| account.areas.clone());
        account.disabled = disabled.unwrap_or(account.disabled);
    })?;
    match password {
        Some(password) => people.set_password(login, &password, by, now),
        None => Ok(changed),
    }
}

/// Ends every session of somebody: he has to log in again, everywhere.
#[utoipa::path(delete, path = "/api/v1/users/{login}/sessions", tag = "people",
    params(("login" = String, Path, example = "wang.wei")),
    responses((status = 200, body = Ended, content_type = "application/json"),
        (status = 400, body = Wire, content_type = "application/problem+json"),
        (status = 404, body = Wire, content_type = "application/problem+json"),
        (status = 503, body = Wire, content_type = "application/problem+json")))]
pub async fn end_sessions(
    State(app): State<App>,
    Path(login): Path<String>,
    caller: Caller,
    uri: Uri,
) -> Result<Response, Problem> {
    query::none(&uri)?;
    let ended = app.people(move |people| people.end_sessions(&login, by(&caller), Clock::system().now())).await?;
    Ok((UNKEPT, Json(Ended { sessions: ended })).into_response())
}

/// He, as the audit log notes him.
fn by(caller: &Caller) -> By<'_> {
    match caller {
        Caller::Known(known) => known.by(),
        Caller::Nobody(_) => By::default(),
    }
}
