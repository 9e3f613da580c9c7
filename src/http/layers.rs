//! The layers: as files of GeoJSON, page after page, and the list of them.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::Json;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_TYPE, VARY};
use axum::http::{HeaderMap, HeaderValue, Uri};
use axum::response::{IntoResponse, Response};
use hyper::body::Frame;
use serde::Serialize;

use super::query::{Asked, List};
use super::{App, Problem, closures, etag, files, ogc, query};
use crate::error::Error;
use crate::export::{Format, Options};
use crate::hazard::layer::{Filter, Head, Kept, Layer, Link, Page, Parts, Time};
use crate::hazard::map::HazardMap;

pub const GEO_JSON: &str = "application/geo+json";

#[derive(Serialize)]
struct Layers {
    as_of: Time,
    position: u64,
    layers: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    name: &'static str,
    title: &'static str,
    href: String,
    count: usize,
}

pub async fn list(State(app): State<App>, request: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    query::none(&uri)?;
    // How many closures there are depends on the time of day.
    let now = app.minute(&Asked::default());
    let tag = |position| etag::at(&app, now, position);
    if let Some(same) = etag::not_modified(&request, &tag(app.position()?)) {
        return Ok(same);
    }
    let links = app.clone();
    let list = app.read(Asked::default(), move |map| {
        let entry = |layer: Layer| {
            let href = links.reached(&format!("/layers/{}.geojson", layer.name()));
            Entry { name: layer.name(), title: layer.title(), href, count: layer.count(map, now) }
        };
        Layers { as_of: Time(map.as_of()), position: map.position(), layers: Layer::ALL.map(entry).into() }
    });
    let list = list.await?;
    Ok((etag::headers(tag(list.position)), Json(list)).into_response())
}

pub async fn layer(
    State(app): State<App>,
    Path(file): Path<String>,
    request: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let (name, ending) = file.split_once('.').map_or((&*file, None), |(name, ending)| (name, Some(ending)));
    let format = ending.map_or(Some(Format::GeoJson), Format::ending);
    let (layer, format) = Layer::named(name).zip(format).ok_or_else(|| {
        let known = Layer::ALL.map(|layer| format!("{}.geojson", layer.name())).join(", ");
        let others = Format::ALL[1..].iter().map(|format| format!(".{}", format.extension())).collect::<Vec<_>>();
        Problem::not_found(format!("no layer {file:?}; there are {known}, and the same with {}", others.join(", ")))
    })?;
    ogc::check_filter_crs(&app, layer, &uri).await?;
    let mut answer = match files::asked(&request, &uri, List::File, ending.map(|_| format))? {
        Options { format: Format::GeoJson, .. } => features(app, layer, List::File, request, uri).await?,
        options => files::send(app, layer, List::File, options, request, uri).await?,
    };
    if ending.is_none() {
        answer.headers_mut().append(VARY, HeaderValue::from_static("accept"));
    }
    Ok(answer)
}

/// The features of a layer that a request asks for.
pub async fn features(app: App, layer: Layer, list: List, request: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    let (mut filter, asked) = query::list(&uri, list, layer, app.rule())?;
    // Whether an incident is overdue depends on the time of day: files and what is published do not say.
    filter.now = closures::clock(&app, layer, list, &asked);
    let now = filter.now;
    let version = closures::version(&app, layer, &asked, now).await?;
    let tag = |position| {
        let tag = etag::asked(&app, &asked, position);
        let of_now = || now.map_or_else(|| tag.clone(), |now| etag::with(&tag, &now.to_string()));
        version.clone().unwrap_or_else(of_now)
    };
    if let Some(same) = etag::not_modified(&request, &tag(app.position()?)) {
        return Ok(same);
    }
    let links = app.clone();
    let finish = move |page: &mut Page| {
        if list == List::Pages {
            link_pages(&links, page.head_mut(), &uri);
        }
    };
    if filter.paging.limit.is_none() {
        let (position, body) = streamed(&app, asked.clone(), layer, filter).await?;
        return Ok(answer(tag(position), body));
    }
    let (position, body) = written(&app, asked.clone(), layer, filter, finish).await?;
    Ok(answer(tag(position), body))
}

pub fn link_pages(app: &App, head: &mut Head, uri: &Uri) {
    let link = |rel, path: String| Link { href: app.reached(&path), rel, kind: GEO_JSON, title: None };
    head.links.push(link("self", uri.path_and_query().map_or("/", |path| path.as_str()).to_owned()));
    let next = head.next.as_ref().map(|cursor| query::next_page(uri, &cursor.to_string()));
    head.links.extend(next.map(|href| link("next", href)));
}

/// An answer in GeoJSON.
pub fn answer(tag: String, body: impl Into<Body>) -> Response {
    (etag::headers(tag), [(CONTENT_TYPE, GEO_JSON)], body.into()).into_response()
}

/// So many features, found without a search or in a small box, are written in less time than it takes to hand the work to
/// another thread and wait for it.
const FEW: usize = 1_000;

/// The layer as text, and its log position. Rows are copied under the map's lock and written when it is free again;
/// `finish` adds what the page still lacks.
pub async fn written(
    app: &App,
    asked: Asked,
    layer: Layer,
    filter: Filter,
    finish: impl FnOnce(&mut Page) + Send + 'static,
) -> Result<(u64, Vec<u8>), Problem> {
    let some = filter.paging.limit.is_some_and(|limit| limit <= FEW);
    let few = some && layer.is_straight() && filter.is_open();
    let close_by = Some(filter.clone()).filter(|filter| some && layer.may_be_close_by(filter));
    let condition = filter.condition.clone();
    let kept = Kept::of(layer, filter.properties.as_deref());
    let copy = move |map: &HazardMap| layer.page(map, &filter);
    let write = move |mut page: Page| {
        condition.map_or(Ok(()), |condition| condition.done())?;
        finish(&mut page);
        Ok((page.head().position, page.text(kept)?))
    };
    if let Some(filter) = close_by
        && let Some(page) = app.glance(asked.clone(), move |map| layer.close_by(map, &filter)).await?
    {
        return write(page);
    }
    match few {
        true => write(app.glance(asked, copy).await?),
        false => app.aside(asked, move |map| write(map.read(copy))).await?,
    }
}

/// A whole layer, and its log position: copied as it stands, and written as fast as it is taken.
async fn streamed(app: &App, asked: Asked, layer: Layer, filter: Filter) -> Result<(u64, Body), Problem> {
    let kept = Kept::of(layer, filter.properties.as_deref());
    let copy = move |map: &HazardMap| {
        let page = layer.page(map, &filter);
        filter.condition.map_or(Ok(()), |condition| condition.done()).map(|()| page)
    };
    let page = app.read(asked, copy).await??;
    let Head { position, number_returned, .. } = *page.head();
    let body = if number_returned > FEW { Body::new(Written(page.parts(kept))) } else { page.text(kept)?.into() };
    Ok((position, body))
}

/// A body that is written part by part; a part takes less time than handing the work to another thread.
struct Written(Parts);

impl HttpBody for Written {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        Poll::Ready(self.0.next().map(|part| part.map(|text| Frame::data(text.into()))))
    }
}

/// An answer as text.
pub fn json(answer: &impl Serialize) -> Result<Vec<u8>, Problem> {
    serde_json::to_vec(answer).map_err(|e| Error::Store(format!("an answer cannot be written: {e}")).into())
}
