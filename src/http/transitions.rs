//! Steps of the workflow are taken.

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::header::{IF_MATCH, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::actor::{Caller, SAID_NOTHING};
use super::one::no_incident;
use super::problem::Wire;
use super::query::Asked;
use super::reports::idempotency_key;
use super::words::{self, Reach};
use super::{App, Problem, body, photos, query, rights};
use crate::error::{Error, Result, invalid};
use crate::hazard::layer::{Found, Standing, Version, case_index};
use crate::hazard::map::HazardMap;
use crate::hazard::workflow::book::Row;
use crate::hazard::workflow::{Role, Step, TABLE};
use crate::intake::transition::{NewTransition, PostedTransition, Target};

/// A step that was taken, and how the incident stands now.
#[derive(Serialize, ToSchema)]
pub struct Taken {
    /// Its place in the log.
    seq: u64,
    #[serde(flatten)]
    standing: Standing,
}

/// A problem that says how the incident stands, and which steps are possible.
#[derive(ToSchema)]
#[expect(dead_code, reason = "Problem writes it")]
pub struct Refused {
    #[serde(flatten)]
    problem: Wire,
    #[serde(flatten)]
    standing: Standing,
}

/// Takes a step on an incident.
///
/// 201: it is on disk, and what is read next has it. Which steps are possible, who may take them and what they need stands
/// in `next_steps`; a step is undone by another one, never silently. A dispatch that names no unit goes to the
/// `suggested_unit`. Whoever names the state he knows (`expected_state`) or the version (`If-Match`) is told when somebody
/// else was faster, by whom and when. It may show `photos` that were sent before; those are for who may see them, and for the
/// reporters once the desk has shown them. Who takes it is whoever is logged in or sends an API key; the headers that say who
/// asks are taken at their word only where the service was started with `--trust-actors`.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/transitions", tag = "incidents",
    params(("id" = String, Path, example = "i6"),
        ("Actor-Role" = Option<Role>, Header, description = "With --trust-actors: what whoever asks is to the incident"),
        ("Actor-Unit" = Option<String>, Header, description = "With --trust-actors: the unit he works for"),
        ("Actor-Person" = Option<u64>, Header, description = "With --trust-actors: a random number for the person"),
        ("If-Match" = Option<String>, Header, description = "The incident's version, in quotes"),
        ("Idempotency-Key" = Option<String>, Header, description = "At most 200 characters, new for each step")),
    request_body(content((PostedTransition = "application/json"))),
    responses((status = 201, body = Taken, headers(("Location" = String, description = "The incident's history"))),
        (status = 400, body = Wire, content_type = "application/problem+json"),
        (status = 403, description = "The role may not, or not in this area", body = Refused, content_type = "application/problem+json"),
        (status = 404, body = Wire, content_type = "application/problem+json"),
        (status = 408, body = Wire, content_type = "application/problem+json"),
        (status = 409, description = "Not possible in this state; it was merged; or the key was used for something else",
            body = Refused, content_type = "application/problem+json"),
        (status = 412, description = "If-Match names an older version", body = Refused,
            content_type = "application/problem+json"),
        (status = 413, body = Wire, content_type = "application/problem+json"),
        (status = 415, body = Wire, content_type = "application/problem+json"),
        (status = 422, description = "A photo that is not here", body = Wire, content_type = "application/problem+json"),
        (status = 503, body = Wire, content_type = "application/problem+json")))]
pub async fn take(
    State(app): State<App>,
    Path(id): Path<String>,
    caller: Caller,
    request: Request,
) -> Result<Response, Problem> {
    query::none(request.uri())?;
    let Caller::Known(known) = &caller else { return Err(Problem::new(StatusCode::UNAUTHORIZED, SAID_NOTHING)) };
    let actor = known.actor.clone();
    let key = idempotency_key(request.headers())?;
    let after = if_match(request.headers())?;
    let body = body::step(request).await?;
    let now = app.now();
    let new = NewTransition::parse(&body, now)?;
    let unknown = photos::unknown(&app, new.photos.clone()).await?;
    let (sought, wanted, retry) = (id.clone(), new.clone(), key.is_some());
    let areas = known.areas().to_vec();
    let found = app.read_written(move |map| {
        let target = target(map, &sought, &wanted, retry, now)?;
        within(map, &areas, &target).map(|()| target)
    });
    let target = match found.await? {
        Ok(target) => target,
        Err(refused) => {
            if refused.is(StatusCode::FORBIDDEN) {
                rights::refusal(&app, known, &id).await?;
            }
            return Err(refused);
        }
    };
    photos::expect_known(&new.photos, &unknown)?;
    let (step, role) = (new.step, actor.role);
    let draft = new.draft(Target { after: after.or(target.after), ..target }, actor, key.as_deref(), now)?;
    let taken = app.to_write()?.submit(draft).await;
    let minute = app.minute(&Asked::default());
    let (sought, reach) = (id.clone(), Reach::of(&caller));
    let mut standing = app.read_written(move |map| standing(map, &sought, minute)).await?;
    let last = standing.as_mut().and_then(|standing| standing.last_step.as_mut());
    // He has taken the step, or could have in this area.
    if let Some(last) = last.filter(|_| reach != Reach::Nowhere) {
        words::with_steps(&app, std::slice::from_mut(last)).await?;
    }
    if taken == Err(Error::Forbidden) {
        rights::refusal(&app, known, &id).await?;
    }
    match (taken, standing) {
        (Ok(receipt), Some(standing)) => {
            let location = format!("/api/v1/incidents/{}/transitions", standing.incident_id);
            Ok((StatusCode::CREATED, [(LOCATION, location)], Json(Taken { seq: receipt.seq, standing }))
                .into_response())
        }
        (Err(error), Some(standing)) => Err(refused(error, after, step, role, standing)),
        // All its reports were retracted while it was under way.
        (Ok(_), None) => Err(Problem::not_found("the step was taken, and the incident has no reports any more")),
        (Err(error), None) => Err(error.into()),
    }
}

/// Finds the incident of a step, and those that it speaks of.
fn target(map: &HazardMap, id: &str, new: &NewTransition, retry: bool, now: i64) -> Result<Target, Problem> {
    let (i, stale) = match case_index(map, id) {
        Found::Here(i) => (*i, None),
        // A retry of the step that merged it is answered all the same; nothing else comes after the last position.
        Found::At(other) if retry => match case_index(map, &other) {
            Found::Here(i) => (*i, Some(u64::MAX)),
            Found::At(_) | Found::Nowhere => return Err(no_incident(id)),
        },
        Found::At(other) => {
            let told = format!("incident {id} was merged into {other}");
            return Err(Problem::new(StatusCode::CONFLICT, told));
        }
        Found::Nowhere => return Err(no_incident(id)),
    };
    let incident = &map.incidents()[i];
    let id_of = |i: usize| {
        let first = map.incidents()[i].reports.iter().min();
        first.map(|&r| map.reports().id(r as usize).to_owned()).ok_or_else(|| no_incident(id))
    };
    let report = match &new.report {
        Some(report) => {
            let held = map.reports().find(report).is_some_and(|r| incident.reports.contains(&(r as u32)));
            // A retry comes when it has left already.
            if !held && !retry {
                return Err(invalid("report_id", report, "no report of this incident").into());
            }
            if held && incident.reports.len() == 1 && !retry {
                return Err(invalid("report_id", report, "is the only report of this incident").into());
            }
            report.clone()
        }
        None => id_of(i)?,
    };
    let other = match new.other.as_deref().map(|other| (other, case_index(map, other))) {
        None => None,
        Some((_, Found::Here(other))) => Some(id_of(*other)?),
        Some((_, Found::At(_))) if retry => Some(id_of(i)?),
        Some((other, _)) => return Err(invalid("other_incident_id", other, "no such incident").into()),
    };
    let state = new.expected_state.unwrap_or(map.book().state(i));
    let suggested = Some(i).filter(|_| new.step == Step::Dispatch).and_then(|i| map.suggested(i, now));
    let unit = suggested.map(|route| map.units().all()[route.unit].id.clone());
    let until = map.book().asked(i).filter(|row| row.is_granted_by(new.step)).and_then(Row::until);
    Ok(Target { incident: id.to_owned(), report, other, state, after: stale, unit, until })
}

/// Lies every incident that a step acts on in one of these areas, or in a part of one? None: everywhere.
fn within(map: &HazardMap, areas: &[String], target: &Target) -> Result<(), Problem> {
    for report in std::iter::once(&target.report).chain(&target.other) {
        let row = map.reports().find(report).map(|i| &map.reports().rows()[i]);
        let area = row.and_then(|row| row.incident).and_then(|incident| map.area_of(incident.index()));
        rights::in_areas(map, area, areas, "the incident")?;
    }
    Ok(())
}

/// How the incident of an id stands, or the one that it was merged into.
fn standing(map: &HazardMap, id: &str, now: i64) -> Option<Standing> {
    match case_index(map, id) {
        Found::Here(i) => Some(Standing::of(map, *i, now)),
        Found::At(other) => standing(map, &other, now),
        Found::Nowhere => None,
    }
}

fn refused(error: Error, after: Option<u64>, step: Step, role: Role, standing: Standing) -> Problem {
    let by = standing.last_step.as_ref().and_then(|last| last.by_name.clone()).flatten();
    let who = by.map(|name| format!(" ({name})")).unwrap_or_default();
    let problem = match &error {
        Error::Forbidden => {
            let may = TABLE.iter().find(|rule| rule.step == step).map_or(&[][..], |rule| rule.roles);
            let may: Vec<_> = may.iter().map(|role| role.name()).collect();
            let told = format!("a {role} may not {step}; {} may", may.join(", "));
            Problem::new(StatusCode::FORBIDDEN, told)
        }
        Error::Conflict(told) if after.is_some_and(|after| Version(after) != standing.version) => {
            Problem::new(StatusCode::PRECONDITION_FAILED, told.clone()).adding(&who)
        }
        Error::Conflict(_) => Problem::from(error).adding(&who),
        _ => return error.into(),
    };
    problem.about(standing)
}

/// The version that a request says it knows: `"v42"`; a star is as good as none.
fn if_match(request: &HeaderMap) -> Result<Option<u64>, Problem> {
    let Some(value) = request.get(IF_MATCH) else { return Ok(None) };
    let text = value.to_str().unwrap_or_default().trim();
    if text == "*" {
        return Ok(None);
    }
    let version = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).and_then(|text| text.parse().ok());
    let Version(after) = version
        .ok_or_else(|| invalid("If-Match", text, "not the version of an incident in quotes, such as \"v42\""))?;
    Ok(Some(after))
}
