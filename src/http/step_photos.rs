//! What a step shows is for those who may see it; the desk shows it to the reporters.

use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::actor::{Caller, SAID_NOTHING};
use super::one::no_incident;
use super::problem::Wire;
use super::{App, Problem, body, live, query, rights};
use crate::config::Clock;
use crate::hazard::layer::{Found, case_index};
use crate::hazard::map::HazardMap;
use crate::hazard::workflow::NoteId;
use crate::hazard::workflow::told::told;
use crate::intake::transition::{PostedShowing, shown};
use crate::live::people::People;

/// Shows the photos of a step to the reporters of its case, or shows them no longer. Whoever looks at them sees faces and
/// number plates first: photos of a step are for staff until somebody of the desk has done this.
#[utoipa::path(put, path = "/api/v1/incidents/{id}/transitions/{seq}/photos", tag = "incidents",
    params(("id" = String, Path, example = "i6"), ("seq" = u64, Path, description = "Log position of the step", example = 7)),
    request_body(content((PostedShowing = "application/json"))),
    responses((status = 204, description = "It is so"),
        (status = 400, body = Wire, content_type = "application/problem+json"),
        (status = 403, description = "The role may not, or not in this area", body = Wire,
            content_type = "application/problem+json"),
        (status = 404, description = "No such step, or it shows nothing", body = Wire,
            content_type = "application/problem+json"),
        (status = 408, body = Wire, content_type = "application/problem+json"),
        (status = 409, description = "Reporters are not told of this step", body = Wire,
            content_type = "application/problem+json"),
        (status = 413, body = Wire, content_type = "application/problem+json"),
        (status = 415, body = Wire, content_type = "application/problem+json"),
        (status = 503, body = Wire, content_type = "application/problem+json")))]
pub async fn show(
    State(app): State<App>,
    Path((id, seq)): Path<(String, u64)>,
    caller: Caller,
    request: Request,
) -> Result<Response, Problem> {
    query::none(request.uri())?;
    app.live()?;
    let Caller::Known(known) = &caller else { return Err(Problem::new(StatusCode::UNAUTHORIZED, SAID_NOTHING)) };
    let shown = shown(&body::step(request).await?)?;
    let (sought, areas) = (id.clone(), known.areas().to_vec());
    let found = app.read_written(move |map| note_of(map, &sought, seq, &areas)).await?;
    let note = match found {
        Ok(note) => note,
        Err(refused) => {
            if refused.is(StatusCode::FORBIDDEN) {
                rights::refusal(&app, known, &id).await?;
            }
            return Err(refused);
        }
    };
    let (known, about) = (known.clone(), format!("{id}/{seq}"));
    let show = move |people: &People| people.show_photos(note, shown, known.by(), &about, Clock::system().now());
    match app.people(show).await? {
        true => {
            live::tell_shown(&app.shared.feed, &id);
            Ok(StatusCode::NO_CONTENT.into_response())
        }
        false => Err(shows_nothing(seq)),
    }
}

/// Under what the private file has the photos of a step.
fn note_of(map: &HazardMap, id: &str, seq: u64, areas: &[String]) -> Result<NoteId, Problem> {
    let i = match case_index(map, id) {
        Found::Here(i) => *i,
        Found::At(other) => {
            return Err(Problem::new(StatusCode::CONFLICT, format!("incident {id} was merged into {other}")));
        }
        Found::Nowhere => return Err(no_incident(id)),
    };
    rights::in_areas(map, map.area_of(i), areas, "the incident")?;
    let history = map.book().history(i);
    let row = history.iter().find(|row| row.seq() == seq);
    let row = row.ok_or_else(|| Problem::not_found(format!("incident {id} has no step {seq}")))?;
    let note = row.note().ok_or_else(|| shows_nothing(seq))?;
    if !told(&history).iter().any(|row| row.seq() == seq) {
        let told = format!("reporters are not told of step {seq} ({})", row.step);
        return Err(Problem::new(StatusCode::CONFLICT, told));
    }
    Ok(note)
}

fn shows_nothing(seq: u64) -> Problem {
    Problem::not_found(format!("step {seq} shows no photo"))
}
