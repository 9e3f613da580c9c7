//! Closures for whoever leads people around them: for navigation (CIFS), and for warning systems (CAP 1.2) with a feed of
//! the messages that count (Atom, RFC 4287). The layer itself is a layer like the others.

mod cap;
mod cifs;

use axum::extract::{Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, Event};

use super::base_url::BaseUrl;
use super::layers::json;
use super::query::{Asked, List};
use super::{App, Problem, etag, query};
use crate::error::Error;
use crate::export::xml::text;
use crate::hazard::closure::{self, Kind, Message};
use crate::hazard::layer::{Filter, Layer, Page, Time};
use crate::hazard::map::HazardMap;
use cap::Alert;

const CAP: &str = "application/cap+xml";
const ATOM: &str = "application/atom+xml";
/// A cancellation stays in the feed for so long, for those who ask seldom.
const CANCELLED_S: i64 = 86_400;

/// The time that an answer depends on beside the map: closures grow old, and the pages of our own API say what is overdue.
/// In a view closures stand at its own time.
pub fn clock(app: &App, layer: Layer, list: List, asked: &Asked) -> Option<i64> {
    match layer {
        Layer::Closures => (*asked == Asked::default()).then(|| app.now()),
        Layer::Incidents if list == List::Pages => Some(app.minute(asked)),
        _ => None,
    }
}

/// The ETag of an answer of a layer, from that of the map: of closures it goes by what stands at a time, and is another
/// when a closure comes, changes or expires.
pub async fn version(app: &App, layer: Layer, asked: &Asked, now: Option<i64>) -> Result<Option<String>, Problem> {
    let (Layer::Closures, Some(now)) = (layer, now) else { return Ok(None) };
    let filter = Filter { now: Some(now), ..Filter::default() };
    let standing = app.read(asked.clone(), move |map| match Layer::Closures.page(map, &filter) {
        Page::Closures(page) => json(&page.features),
        _ => json(&()),
    });
    let standing = standing.await??;
    Ok(Some(etag::with(&etag::asked(app, asked, 0), &String::from_utf8_lossy(&standing))))
}

/// Those that stand, for navigation.
pub async fn cifs(State(app): State<App>, request: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    query::none(&uri)?;
    let filter = Filter { now: Some(app.now()), ..Filter::default() };
    let feed = app.read(Asked::default(), move |map| match Layer::Closures.page(map, &filter) {
        Page::Closures(page) => json(&cifs::feed(map, &page.features)),
        _ => json(&()),
    });
    Ok(sent(&request, "application/json", feed.await??))
}

/// The feed of messages: the newest about each closure that stands, or was cancelled lately.
pub async fn feed(State(app): State<App>, base: BaseUrl, request: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    query::none(&uri)?;
    let now = app.now();
    let feed = app.read(Asked::default(), move |map| atom(map, &base, now));
    Ok(sent(&request, ATOM, feed.await?.map_err(unwritten)?))
}

/// One message, by its identifier.
pub async fn message(
    State(app): State<App>,
    base: BaseUrl,
    Path(identifier): Path<String>,
    request: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    query::none(&uri)?;
    let wanted = identifier.clone();
    let found = app.read(Asked::default(), move |map| {
        let (opened, source) = cap::named(&wanted)?;
        // Whether or not anything is left of it: what was said of it stays.
        let incident = map.incidents().binary_search_by_key(&opened, |incident| incident.opened()).ok()?;
        let chain = closure::messages(map, incident);
        let number = chain.iter().position(|message| message.source == source)?;
        Some(Alert { map, incident, chain: &chain, number, base: &base }.xml())
    });
    let found = found.await?.ok_or_else(|| {
        Problem::not_found(format!("no message {identifier:?}; /closures/cap lists those that count"))
    })?;
    Ok(sent(&request, CAP, found.map_err(unwritten)?))
}

fn unwritten(e: std::io::Error) -> Problem {
    Error::Store(format!("an answer cannot be written: {e}")).into()
}

/// An answer that is known by its bytes.
fn sent(request: &HeaderMap, kind: &'static str, body: Vec<u8>) -> Response {
    let tag = format!("W/\"{}\"", &blake3::hash(&body).to_hex()[..16]);
    if let Some(same) = etag::not_modified(request, &tag) {
        return same;
    }
    (etag::headers(tag), [(CONTENT_TYPE, kind)], body).into_response()
}

/// The incidents with a message that counts at a time, each with its chain; those too that are gone.
fn counting(map: &HazardMap, now: i64) -> Vec<(usize, Vec<Message>)> {
    let young = |i: &usize| now < closure::latest(map, &map.incidents()[*i]) + CANCELLED_S;
    let chains = (0..map.incidents().len()).filter(young).map(|i| (i, closure::messages(map, i)));
    let counts = |chain: &[Message]| {
        chain.last().is_some_and(|last| match last.kind {
            Kind::Cancel => now < last.sent + CANCELLED_S,
            Kind::Alert | Kind::Update => now < last.closed.expires_at,
        })
    };
    chains.filter(|(_, chain)| counts(chain)).collect()
}

fn atom(map: &HazardMap, base: &BaseUrl, now: i64) -> std::io::Result<Vec<u8>> {
    let chains = counting(map, now);
    let alerts =
        chains.iter().map(|(incident, chain)| Alert { map, incident: *incident, chain, number: chain.len() - 1, base });
    let alerts: Vec<Alert> = alerts.collect();
    let updated = alerts.iter().map(Alert::sent).max().unwrap_or(Time(0));
    let here = base.link("/closures/cap");
    let mut out = Writer::new_with_indent(Vec::new(), b' ', 2);
    out.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    out.create_element("feed").with_attribute(("xmlns", "http://www.w3.org/2005/Atom")).write_inner_content(|out| {
        text(out, "id", &here)?;
        text(out, "title", "Road closures")?;
        text(out, "updated", &updated.to_string())?;
        out.create_element("author").write_inner_content(|out| text(out, "name", "waterlog"))?;
        out.create_element("link").with_attributes([("rel", "self"), ("type", ATOM), ("href", &here)]).write_empty()?;
        for alert in &alerts {
            let href = base.link(&format!("/closures/cap/{}", alert.identifier()));
            out.create_element("entry").write_inner_content(|out| {
                text(out, "id", &href)?;
                text(out, "title", &alert.headline())?;
                text(out, "updated", &alert.sent().to_string())?;
                out.create_element("link")
                    .with_attributes([("rel", "alternate"), ("type", CAP), ("href", &href)])
                    .write_empty()?;
                Ok(())
            })?;
        }
        Ok(())
    })?;
    Ok(out.into_inner())
}
