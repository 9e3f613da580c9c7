//! The features of a collection, page after page, and one by one.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, LOCATION};
use axum::response::{IntoResponse, Response};

use super::super::layers::{self, GEO_JSON};
use super::super::query::{Asked, List};
use super::super::{Problem, closures, files, query};
use super::call::{Call, Writer};
use super::crs::Named;
use super::negotiate::{Encoding, HTML};
use super::{JSON, address, collection, edit, link};
use crate::export::{Format, Options};
use crate::hazard::layer::{Found, Layer, Page, Time};

pub async fn page(call: Call, Path(id): Path<String>) -> Result<Response, Problem> {
    of_layer(call, collection(&id)?).await
}

pub async fn reports(call: Call) -> Result<Response, Problem> {
    of_layer(call, Layer::Reports).await
}

async fn of_layer(call: Call, layer: Layer) -> Result<Response, Problem> {
    let named = Named::of(&call.uri)?;
    if let Some(options) = file(&call)? {
        named.check(&call.app, Asked::default(), layer).await?;
        named.must_be_degrees()?;
        return files::send(call.app, layer, List::Items, options, call.request, call.uri).await;
    }
    let (mut filter, asked) = query::list(&call.uri, List::Items, layer, call.app.rule())?;
    filter.now = closures::clock(&call.app, layer, List::Items, &asked);
    let version = closures::version(&call.app, layer, &asked, filter.now).await?;
    let writer = call.writer(GEO_JSON).map_err(|problem| match problem.is(StatusCode::NOT_ACCEPTABLE) {
        true => problem.adding(", and what f names of files"),
        false => problem,
    });
    let writer = writer?.of_version(version);
    if let Some(same) = call.not_modified(&writer, call.app.position()?) {
        return Ok(same);
    }
    named.check(&call.app, asked.clone(), layer).await?;
    let (now, links) = (Time(call.app.now()), writer.clone());
    let (base, uri) = (call.base, call.uri);
    let finish = move |page: &mut Page| {
        page.write_in(named.crs);
        let head = page.head_mut();
        let next = head.next.as_ref().map(|cursor| base.link(&query::next_page(&uri, &cursor.to_string())));
        head.links.extend(links.links());
        head.links.extend(next.map(|href| link("next", href, media_type(&links), "the next page")));
        head.links.push(link("collection", address(&base, layer, ""), JSON, "the collection"));
        head.time_stamp = Some(now);
    };
    let (position, body) = layers::written(&call.app, asked, layer, filter, finish).await?;
    Ok((named.header(), writer.written_already(position, body)?).into_response())
}

/// The file that is asked for, if it is one, and not a page.
fn file(call: &Call) -> Result<Option<Options>, Problem> {
    if Encoding::asked(&call.uri)?.is_some_and(|name| Encoding::named(&name).is_some()) {
        return Ok(None);
    }
    let options = files::asked(&call.request, &call.uri, List::Items, None)?;
    Ok(Some(options).filter(|options| options.format != Format::GeoJson))
}

/// Of the pages that are written so.
fn media_type(writer: &Writer) -> &'static str {
    if writer.is_html() { HTML } else { GEO_JSON }
}

pub async fn one(call: Call, Path((id, feature)): Path<(String, String)>) -> Result<Response, Problem> {
    one_of(call, collection(&id)?, feature).await
}

pub async fn report(call: Call, Path(feature): Path<String>) -> Result<Response, Problem> {
    one_of(call, Layer::Reports, feature).await
}

async fn one_of(call: Call, layer: Layer, feature: String) -> Result<Response, Problem> {
    query::only(&call.uri, &["crs", "f"])?;
    let named = Named::of(&call.uri)?;
    named.check(&call.app, Asked::default(), layer).await?;
    let (wanted, now) = (feature.clone(), call.app.now());
    let version = closures::version(&call.app, layer, &Asked::default(), Some(now)).await?;
    let writer = call.writer(GEO_JSON)?;
    let found = call.app.glance(Asked::default(), move |map| (map.position(), layer.feature(map, &wanted, now)));
    let (position, mut found) = match found.await? {
        (position, Found::Here(found)) => (position, found),
        // What holds it changes with the map, so the answer is not to be kept.
        (_, Found::At(other)) => {
            let location = address(&call.base, layer, &format!("/items/{}", query::encoded(&other)));
            let headers = [(LOCATION, location), (CACHE_CONTROL, "no-store".into())];
            return Ok((StatusCode::PERMANENT_REDIRECT, headers).into_response());
        }
        (_, Found::Nowhere) => return Err(Problem::not_found(format!("no feature {feature:?} in {}", layer.name()))),
    };
    // Whoever corrects a report says which state of it he knows, whatever else has happened on the map.
    let own = if layer == Layer::Reports { Some(edit::version(&call.app, &found)?) } else { version };
    let writer = writer.of_version(own);
    if let Some(same) = call.not_modified(&writer, position) {
        return Ok(same);
    }
    found.write_in(named.crs);
    let links = found.links_mut();
    links.extend(writer.links());
    links.push(link("collection", address(&call.base, layer, ""), JSON, "its collection"));
    Ok((named.header(), writer.written_already(position, found.text()?)?).into_response())
}
