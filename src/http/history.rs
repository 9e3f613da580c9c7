//! What was done with an incident.

use std::ops::ControlFlow;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;

use super::actor::Caller;
use super::analysis::Format;
use super::one::{self, Sought};
use super::openapi::ViewOf;
use super::problem::Wire;
use super::words::{self, Reach};
use super::{App, Problem, etag, layers, query};
use crate::hazard::layer::{History, incident_index};
use crate::hazard::map::HazardMap;

/// Every step on an incident and on those merged into it, in log order, as JSON or CSV. Nothing of people for the public;
/// what was said with a step (`note`) and who took it (`by_name`) is given to those who may read it there.
#[utoipa::path(get, path = "/api/v1/incidents/{id}/transitions", tag = "incidents",
    params(("id" = String, Path, example = "i6"),
        ("format" = Option<String>, Query, description = "`csv`, or Accept: text/csv; default: json", example = "json"),
        ViewOf),
    responses((status = 200, body = History, content_type = "application/json"),
        (status = 308, description = "Merged into the incident at Location"),
        (status = 400, body = Wire, content_type = "application/problem+json"),
        (status = 404, body = Wire, content_type = "application/problem+json"),
        (status = 503, body = Wire, content_type = "application/problem+json")))]
pub async fn history(
    State(app): State<App>,
    Path(id): Path<String>,
    reader: Caller,
    request: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let asked = query::view_and(&uri, app.rule(), &["format"], |_, name| Format::named(name).map(drop))?;
    let (sought, reach) = (id.clone(), Reach::of(&reader));
    let look = move |map: &HazardMap| incident_index(map, &sought).map(|i| (History::of(map, i), reach.on(map)(i)));
    let found = app.read(asked.clone(), look).await?;
    let (mut history, private) = match Sought::incident(&id, "/transitions").here(found, &uri) {
        ControlFlow::Continue(found) => found,
        ControlFlow::Break(elsewhere) => return elsewhere,
    };
    if private {
        words::with_steps(&app, &mut history.rows).await?;
    }
    let (format, tag) = (Format::of(&request, &uri), etag::asked(&app, &asked, history.position));
    one::answer(&request, &format.tag(tag.clone()), private, || format.answer(tag, layers::json(&history)?))
}
