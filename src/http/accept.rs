//! What a caller accepts (RFC 9110, 12.5.1), and the answer to whoever accepts nothing of what an address is written as.

use axum::extract::Request;
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use utoipa::openapi::{ContentBuilder, OpenApi, Ref, ResponseBuilder};

use super::around::Next;
use super::problem::PROBLEM_JSON;
use super::{Problem, open311, query};

/// The ranges of media types that a request accepts.
#[derive(Debug)]
pub struct Accepted(Vec<Range>);

/// A range of media types with its weight.
#[derive(Debug)]
struct Range {
    main: String,
    sub: String,
    parameters: Vec<String>,
    weight: f32,
}

impl Accepted {
    pub fn of(request: &HeaderMap) -> Accepted {
        let lists = request.get_all(ACCEPT).iter().filter_map(|list| list.to_str().ok());
        Accepted(lists.flat_map(|list| list.split(',')).filter_map(Range::parse).collect())
    }

    /// The weight of the range that names a media type most closely; without any range all are welcome.
    pub fn quality(&self, kind: &str) -> f32 {
        if self.0.is_empty() {
            return 1.0;
        }
        let named = self.0.iter().filter_map(|range| Some((range.closeness(kind)?, range.weight)));
        named.max_by_key(|(closeness, _)| *closeness).map_or(0.0, |(_, weight)| weight)
    }

    /// As [`Accepted::quality`], of a media type by any name it goes by: whoever takes JSON takes every kind of JSON.
    pub fn welcome(&self, kind: &str) -> f32 {
        wider(kind).iter().map(|wider| self.quality(wider)).fold(self.quality(kind), f32::max)
    }
}

/// What clients name that take a media type without naming it.
fn wider(kind: &str) -> &'static [&'static str] {
    let essence = kind.split(';').next().unwrap_or_default().trim();
    match essence {
        "application/geo+json" => &["application/json", "application/vnd.geo+json"],
        "application/vnd.mapbox-vector-tile" => &["application/x-protobuf", "application/octet-stream"],
        "application/json" => &[],
        "application/xml" => &["text/xml"],
        _ if essence.ends_with("+json") => &["application/json"],
        _ if essence.ends_with("+xml") => &["application/xml", "text/xml"],
        _ if essence.starts_with("application/") => &["application/octet-stream"],
        _ => &[],
    }
}

impl Range {
    fn parse(text: &str) -> Option<Range> {
        let mut parts = text.split(';').map(|part| part.trim().to_ascii_lowercase());
        let kind = parts.next()?;
        let (main, sub) = kind.split_once('/')?;
        let (mut parameters, mut weight) = (Vec::new(), 1.0);
        for parameter in parts {
            match parameter.strip_prefix("q=") {
                Some(q) => weight = q.parse().ok().filter(|q| (0.0..=1.0).contains(q))?,
                None => parameters.push(parameter),
            }
        }
        Some(Range { main: main.to_owned(), sub: sub.to_owned(), parameters, weight })
    }

    /// How closely it names a media type; nothing where it does not.
    fn closeness(&self, kind: &str) -> Option<usize> {
        let mut parts = kind.split(';').map(str::trim);
        let (main, sub) = parts.next()?.split_once('/')?;
        let parameters: Vec<_> = parts.collect();
        let named = |range: &str, of: &str| range == "*" || range == of;
        let all = self.parameters.iter().all(|wanted| parameters.contains(&wanted.as_str()));
        (named(&self.main, main) && named(&self.sub, sub) && all)
            .then(|| usize::from(self.main != "*") + usize::from(self.sub != "*") + self.parameters.len())
    }
}

/// 406 for whoever reads and accepts nothing of what the answer is written as. What the parameter `f` names outweighs what
/// is accepted; Open311 goes by the end of the address; a problem is told whatever is accepted.
pub async fn acceptable(request: Request, next: impl Next) -> Response {
    let reads = request.method().is_safe() && request.headers().contains_key(ACCEPT);
    if !reads || request.uri().path().starts_with(open311::BASE) || names_format(request.uri()) {
        return next.run(request).await;
    }
    let accepted = Accepted::of(request.headers());
    let answer = next.run(request).await;
    let kind = answer.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    match kind.filter(|kind| answer.status() == StatusCode::OK && accepted.welcome(kind) == 0.0) {
        Some(kind) => nothing_of(kind).into_response(),
        None => answer,
    }
}

fn names_format(uri: &Uri) -> bool {
    query::pairs(uri).is_ok_and(|pairs| pairs.iter().any(|(name, _)| name == "f"))
}

/// Of a resource that is written as these media types, and no other.
pub fn nothing_of(kinds: &str) -> Problem {
    Problem::new(StatusCode::NOT_ACCEPTABLE, format!("nothing of what the request accepts: there is {kinds}"))
}

/// Says at every operation that reads, but for those of Open311, what is answered to whoever accepts nothing of it.
pub fn declare(description: &mut OpenApi) {
    for (path, item) in &mut description.paths.paths {
        let Some(get) = item.get.as_mut().filter(|_| !path.starts_with(open311::BASE)) else { continue };
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
        let refusal = ResponseBuilder::new().description("Accept names nothing that this is written as");
        let refusal = refusal.content(PROBLEM_JSON, content).build();
        get.responses.responses.entry("406".into()).or_insert_with(|| refusal.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::Format;

    #[test]
    fn what_clients_send_takes_what_they_came_for() {
        let tile = "application/vnd.mapbox-vector-tile";
        for (who, accept, kind) in [
            ("a browser's image", "image/avif,image/webp,image/apng,image/*,*/*;q=0.8", "image/jpeg"),
            ("MapLibre and fetch", "*/*", tile),
            ("MapLibre's style", "application/json", "application/vnd.mapbox.style+json"),
            ("GDAL's GeoJSON", "text/plain, application/json", "application/geo+json"),
            ("QGIS", "application/geo+json, application/json", "application/geo+json"),
            ("an older map", "application/vnd.geo+json", "application/geo+json"),
            ("a reader of tiles", "application/x-protobuf", tile),
            ("a reader of warnings", "text/xml", "application/cap+xml"),
            ("a loader", "application/octet-stream", Format::GeoPackage.media_type()),
            ("a table", "text/csv;header=present", Format::Csv.media_type()),
            ("nobody knows who", "nonsense", "application/json"),
        ] {
            let headers = HeaderMap::from_iter([(ACCEPT, accept.parse().unwrap())]);
            assert!(Accepted::of(&headers).welcome(kind) > 0.0, "{who}: {accept} takes {kind}");
        }
        for (accept, kind) in [
            ("image/png", tile),
            ("application/json", tile),
            ("application/octet-stream", "application/geo+json"),
            ("text/csv", "application/json"),
            ("application/json;q=0, */*;q=0", "application/geo+json"),
        ] {
            let headers = HeaderMap::from_iter([(ACCEPT, accept.parse().unwrap())]);
            assert_eq!(Accepted::of(&headers).welcome(kind), 0.0, "{accept} does not take {kind}");
        }
    }
}
