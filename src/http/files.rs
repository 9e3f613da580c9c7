//! Layers as files of other formats than GeoJSON: made in a temporary file beside the threads that answer requests, sent
//! from there, and gone when they are sent or nobody waits for them any more.

use std::fs::File;
use std::io::{Read, Seek};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes, HttpBody};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, LINK};
use axum::http::{HeaderMap, HeaderValue, Uri};
use axum::response::{IntoResponse, Response};
use hyper::body::{Frame, SizeHint};
use tempfile::NamedTempFile;

use super::accept::Accepted;
use super::layers::GEO_JSON;
use super::ogc::{HTML, not_written_as};
use super::query::List;
use super::turns::Turn;
use super::{App, Map, Problem, closures, etag, query};
use crate::error::{Error, Result, invalid};
use crate::export::{self, Format, Options, Tell};
use crate::hazard::layer::{Cursor, Filter, Layer};

/// The parameters that say how a layer is written.
pub const NAMES: [&str; 2] = ["f", "bom"];
/// Bytes read from the file at once.
const CHUNK: usize = 128 * 1_024;

/// What a list of a layer is written as; of a page there are no tiles.
fn formats(list: List) -> impl Iterator<Item = Format> {
    Format::ALL.into_iter().filter(move |format| list == List::File || *format != Format::PmTiles)
}

/// The format that a request accepts more than those that are written where it names none.
fn preferred(request: &HeaderMap, list: List) -> Option<Format> {
    let accepted = Accepted::of(request);
    let page = if list == List::Items { accepted.quality(HTML) } else { 0.0 };
    let (mut found, mut most) = (None, accepted.welcome(GEO_JSON).max(page));
    for format in formats(list) {
        let welcome = accepted.quality(format.media_type());
        (found, most) = if welcome > most { (Some(format), welcome) } else { (found, most) };
    }
    found
}

/// How a request wants a layer written; `ending`: the format that the address ends in.
///
/// # Errors
/// 406 for a format that the list is not written in; `Invalid` for one other than the address ends in, and for a byte order
/// mark where there is none.
pub fn asked(request: &HeaderMap, uri: &Uri, list: List, ending: Option<Format>) -> Result<Options, Problem> {
    let (mut format, mut bom) = (ending, false);
    for (name, value) in query::pairs(uri)? {
        if name == "f" {
            let named = match value.as_str() {
                // As OGC API names it.
                "json" => Format::GeoJson,
                other => formats(list).find(|format| format.name() == other).ok_or_else(|| {
                    let pages: &[_] = if list == List::Items { &["json", "html"] } else { &[] };
                    let known: Vec<_> = pages.iter().copied().chain(formats(list).map(Format::name)).collect();
                    not_written_as(other, &known)
                })?,
            };
            if let Some(ending) = ending.filter(|ending| *ending != named) {
                return Err(invalid("f", value, format!("the address ends in .{}", ending.extension())).into());
            }
            format = Some(named);
        } else if name == "bom" {
            bom = value.parse().map_err(|_| invalid("bom", value, "neither true nor false"))?;
        }
    }
    let format = format.or_else(|| preferred(request, list)).unwrap_or(Format::GeoJson);
    if bom && format != Format::Csv {
        return Err(invalid("bom", bom, "only csv has a byte order mark").into());
    }
    Ok(Options { bom, ..format.into() })
}

/// The features of a layer that a request asks for, as a file.
pub async fn send(
    app: App,
    layer: Layer,
    list: List,
    options: Options,
    request: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let (mut filter, mut asked) = query::list(&uri, list, layer, app.rule())?;
    if options.format == Format::PmTiles && export::drawn(layer, &filter).is_some() {
        // They are drawn one after the other, of one map, and that takes long: the live one would move on.
        asked.position = Some(asked.position.map_or_else(|| app.position(), Ok)?);
    }
    filter.now = closures::clock(&app, layer, list, &asked);
    let version = closures::version(&app, layer, &asked, filter.now).await?;
    let tag = |position| {
        let tag = version.clone().unwrap_or_else(|| etag::asked(&app, &asked, position));
        etag::with(&tag, &format!("{options:?}"))
    };
    if let Some(same) = etag::not_modified(&request, &tag(app.position()?)) {
        return Ok(same);
    }
    let turn = app.shared.files.soon().await?;
    let waits = Waits::default();
    let wanted = waits.0.clone();
    let work = move |map: &Map| make(map, layer, filter, options, &wanted);
    let made = app.aside(asked.clone(), work).await??;
    drop(waits);
    let name = format!("{}.{}", layer.name(), options.format.extension());
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(options.format.media_type()));
    headers.insert(CONTENT_LENGTH, made.bytes.into());
    let text = |text: String| HeaderValue::from_str(&text).map_err(|e| Error::Store(e.to_string()));
    headers.insert(CONTENT_DISPOSITION, text(format!("attachment; filename=\"{name}\""))?);
    if let Some(next) = made.next.as_ref().filter(|_| list != List::File) {
        let next = app.reached(&query::next_page(&uri, &next.to_string()));
        headers.insert(LINK, text(format!("<{next}>; rel=\"next\""))?);
    }
    let tag = tag(made.position);
    let body = Body::new(Sending::new(made, turn));
    Ok((etag::headers(tag), headers, body).into_response())
}

/// Dropped when nobody waits any more.
#[derive(Default)]
struct Waits(Arc<AtomicBool>);

impl Drop for Waits {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A file that waits to be sent.
struct Made {
    file: File,
    bytes: u64,
    position: u64,
    next: Option<Cursor>,
    /// Removes it.
    _until_sent: NamedTempFile,
}

/// Of the live map all features are copied out at once, since it moves on; of a view page after page.
fn make(map: &Map, layer: Layer, mut filter: Filter, options: Options, left: &AtomicBool) -> Result<Made> {
    let failed = |e: std::io::Error| Error::Store(format!("a temporary file: {e}"));
    let temporary = NamedTempFile::new().map_err(failed)?;
    let tell: &mut Tell = &mut |_, _| match left.load(Ordering::Relaxed) {
        true => Err(Error::Busy("nobody waits for this file any more".into())),
        false => Ok(()),
    };
    let condition = filter.condition.clone();
    let (position, next) = match map {
        Map::View(map) => {
            export::of_map(map, layer, filter, options, temporary.path(), tell)?;
            (map.position(), None)
        }
        Map::Live(live) => {
            // Which of them a column is for is known of whole features.
            let wanted = filter.properties.take();
            let page = live.read(|map| layer.page(map, &filter));
            let (position, next) = (page.head().position, page.head().next.clone());
            export::to_file(layer, wanted, options, temporary.path(), std::iter::once(page), tell)?;
            (position, next)
        }
    };
    condition.map_or(Ok(()), |condition| condition.done())?;
    let mut file = File::open(temporary.path()).map_err(failed)?;
    let bytes = file.metadata().map_err(failed)?.len();
    file.rewind().map_err(failed)?;
    Ok(Made { file, bytes, position, next, _until_sent: temporary })
}

/// What is sent next, and who reads on.
type Next = Pin<Box<dyn Future<Output = std::io::Result<Option<(Bytes, Kept)>>> + Send>>;

/// Both are kept until the last byte is sent, or the client has left.
type Kept = (Made, Turn);

/// The body of an answer that is read from a file.
struct Sending {
    next: Next,
    left: u64,
}

impl Sending {
    fn new(made: Made, turn: Turn) -> Sending {
        let left = made.bytes;
        Sending { next: Box::pin(read((made, turn))), left }
    }
}

/// The next bytes, read where reading may block.
async fn read((mut made, turn): Kept) -> std::io::Result<Option<(Bytes, Kept)>> {
    let done = tokio::task::spawn_blocking(move || {
        let mut chunk = Vec::with_capacity(CHUNK);
        (&mut made.file).take(CHUNK as u64).read_to_end(&mut chunk)?;
        Ok((!chunk.is_empty()).then(|| (chunk.into(), (made, turn))))
    });
    done.await.map_err(std::io::Error::other)?
}

impl HttpBody for Sending {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let Some((bytes, kept)) = ready!(self.next.as_mut().poll(cx))? else { return Poll::Ready(None) };
        self.left = self.left.saturating_sub(bytes.len() as u64);
        self.next = Box::pin(read(kept));
        Poll::Ready(Some(Ok(Frame::data(bytes))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Clock;
    use crate::hazard::settings::Settings;
    use crate::http::{Base, FILES_AT_ONCE, app};
    use crate::live::Live;

    #[test]
    fn one_file_too_many_is_to_be_asked_for_again() {
        let dir = tempfile::tempdir().unwrap();
        let state = App::new(Clock::system(), &Settings::default(), Base::none());
        state.ready(Live::open(dir.path(), Settings::default()).unwrap());
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let served = app(state.clone());
        runtime.spawn(async move { axum::serve(listener, served).await });
        let status = || {
            let config = ureq::Agent::config_builder().http_status_as_error(false).build();
            let answer = ureq::Agent::from(config).get(format!("http://{address}/layers/reports.csv")).call().unwrap();
            (answer.status().as_u16(), answer.headers().contains_key("retry-after"))
        };
        let mut taken: Vec<_> =
            (0..FILES_AT_ONCE).map(|_| runtime.block_on(state.shared.files.soon()).unwrap()).collect();
        assert_eq!(status(), (503, true));
        taken.pop();
        assert_eq!(status(), (200, false));
    }
}
