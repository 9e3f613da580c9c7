//! The features of a collection, page after page, and one by one.

use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, LOCATION};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};

use super::super::base_url::BaseUrl;
use super::super::layers::{self, GEO_JSON};
use super::super::query::{Asked, List};
use super::super::{App, Problem, etag, query};
use super::crs::Named;
use super::{JSON, address, collection, link, written};
use crate::hazard::layer::{Found, Page, Time};

pub async fn page(
    State(app): State<App>,
    base: BaseUrl,
    Path(id): Path<String>,
    request: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let layer = collection(&id)?;
    let (filter, asked) = query::list(&uri, List::Items, layer, app.rule())?;
    let named = Named::of(&uri)?;
    if let Some(same) = etag::not_modified(&request, &etag::linked(&app, &base, app.position()?)) {
        return Ok(same);
    }
    named.check(&app, asked.clone(), layer).await?;
    let (now, at) = (Time(app.now()), base.clone());
    let finish = move |page: &mut Page| {
        page.write_in(named.crs);
        let head = page.head_mut();
        let next = head.next.as_ref().map(|cursor| at.link(&query::next_page(&uri, &cursor.to_string())));
        head.links.push(link("self", at.asked(&uri), GEO_JSON, "this page"));
        head.links.extend(next.map(|href| link("next", href, GEO_JSON, "the next page")));
        head.links.push(link("collection", address(&at, layer, ""), JSON, "the collection"));
        head.time_stamp = Some(now);
    };
    let (position, body) = layers::written(&app, asked, layer, filter, finish).await?;
    Ok((named.header(), layers::answer(etag::linked(&app, &base, position), body)).into_response())
}

pub async fn one(
    State(app): State<App>,
    base: BaseUrl,
    Path((id, feature)): Path<(String, String)>,
    request: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let layer = collection(&id)?;
    query::only(&uri, &["crs"])?;
    let named = Named::of(&uri)?;
    named.check(&app, Asked::default(), layer).await?;
    let wanted = feature.clone();
    let found = app.glance(Asked::default(), move |map| (map.position(), layer.feature(map, &wanted)));
    let (position, mut found) = match found.await? {
        (position, Found::Here(found)) => (position, found),
        // What holds it changes with the map, so the answer is not to be kept.
        (_, Found::At(other)) => {
            let location = address(&base, layer, &format!("/items/{}", query::encoded(&other)));
            let headers = [(LOCATION, location), (CACHE_CONTROL, "no-store".into())];
            return Ok((StatusCode::PERMANENT_REDIRECT, headers).into_response());
        }
        (_, Found::Nowhere) => return Err(Problem::not_found(format!("no feature {feature:?} in {}", layer.name()))),
    };
    let tag = etag::linked(&app, &base, position);
    if let Some(same) = etag::not_modified(&request, &tag) {
        return Ok(same);
    }
    found.write_in(named.crs);
    let links = found.links_mut();
    links.push(link("self", base.asked(&uri), GEO_JSON, "this feature"));
    links.push(link("collection", address(&base, layer, ""), JSON, "its collection"));
    Ok((named.header(), written(tag, GEO_JSON, &found)?).into_response())
}
