//! What may be the same case, by place and time, and by what was said.

use std::collections::HashMap;
use std::ops::ControlFlow;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};

use super::actor::Caller;
use super::one::{self, Sought};
use super::openapi::ViewOf;
use super::problem::Wire;
use super::words::Reach;
use super::{App, Map, Problem, etag, query, queue};
use crate::error::Result;
use crate::hazard::layer::{Alike, Compared, Duplicates, Found, incident_index};
use crate::intake::text::similar::{ALIKE, Pairs};
use crate::live::Live;

/// What may be the same case: incidents of a category of the same department within 30 days, and within 100 m, or, for
/// those who may read what was said, with texts that are alike (of the 500 nearest the 20 most alike), with the reason. Two
/// cases never merge by themselves.
#[utoipa::path(get, path = "/api/v1/incidents/{id}/duplicates", tag = "incidents",
    params(("id" = String, Path, example = "i6"), ViewOf),
    responses((status = 200, body = Duplicates, content_type = "application/json"),
        (status = 308, description = "Merged into the incident at Location"),
        (status = 400, body = Wire, content_type = "application/problem+json"),
        (status = 404, body = Wire, content_type = "application/problem+json"),
        (status = 503, body = Wire, content_type = "application/problem+json")))]
pub async fn duplicates(
    State(app): State<App>,
    Path(id): Path<String>,
    reader: Caller,
    request: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let asked = query::view(&uri, app.rule())?;
    let (sought, reach, live) = (id.clone(), Reach::of(&reader), app.live()?.clone());
    let found = app.aside(asked.clone(), move |map| found(map, &live, &sought, &reach)).await??;
    let found = match Sought::incident(&id, "/duplicates").here(found, &uri) {
        ControlFlow::Continue(found) => found,
        ControlFlow::Break(elsewhere) => return elsewhere,
    };
    let (tag, private) = (etag::asked(&app, &asked, found.position), found.said.is_some());
    one::answer(&request, &tag, private, || Ok((etag::headers(tag.clone()), Json(found)).into_response()))
}

/// Texts are read between two looks at the map, so that the writer does not wait for the private file.
fn found(map: &Map, live: &Live, id: &str, reach: &Reach) -> Result<Found<Duplicates>> {
    let compared = map.read(|map| {
        let may_read = reach.on(map);
        match incident_index(map, id) {
            Found::Here(i) if may_read(*i) => Some(Compared::with(map, *i, may_read)),
            _ => None,
        }
    });
    let Some(compared) = compared else {
        return Ok(map.read(|map| incident_index(map, id).map(|i| Duplicates::of(map, i, &[]))));
    };
    let said = said(live, &compared)?;
    let alike = alike(&compared, &said);
    let found = map.read(|map| incident_index(map, id).map(|i| Duplicates::of(map, i, &alike)));
    let mut said: HashMap<String, Vec<String>> =
        compared.iter().map(|compared| compared.id.to_string()).zip(said).collect();
    Ok(found.map(|mut found| {
        found.alike_from = Some(ALIKE);
        found.said = said.remove(&found.incident_id.to_string());
        for candidate in &mut found.candidates {
            candidate.said = said.remove(candidate.feature.id.as_str());
        }
        found
    }))
}

/// What was said of each case, the newest first, each as short as in the queue.
fn said(live: &Live, compared: &[Compared]) -> Result<Vec<Vec<String>>> {
    let reports: Vec<String> = compared.iter().flat_map(|compared| compared.reports.iter().cloned()).collect();
    let said = live.said(&reports)?;
    let of = |compared: &Compared| compared.reports.iter().filter_map(|id| queue::words(said.get(id)?)).collect();
    Ok(compared.iter().map(of).collect())
}

/// The cases of which something was said that is like something said of the first one.
fn alike(compared: &[Compared], said: &[Vec<String>]) -> Vec<Alike> {
    let pairs = |texts: &Vec<String>| texts.iter().map(|text| Pairs::of(text)).collect::<Vec<_>>();
    let own = said.first().map(pairs).unwrap_or_default();
    let others = compared.iter().zip(said).skip(1);
    let alike = others.map(|(compared, texts)| {
        let each = pairs(texts);
        let similarity = own.iter().flat_map(|own| each.iter().map(|other| own.similarity(other))).fold(0.0, f64::max);
        Alike { incident: compared.incident, similarity }
    });
    alike.filter(|alike| alike.similarity >= ALIKE).collect()
}
