//! Answers as plain pages for people. A page is made of the same answer as JSON: whatever that says, it shows, and every
//! link can be followed (OGC 17-069r4, /req/html/content).

mod escape;
mod render;

use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderName, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::super::base_url::BaseUrl;
use super::super::etag;
use super::super::pages::POLICY;
use crate::hazard::layer::Layer;
use escape::escaped;

/// The look of all pages: a file of its own, for the policy lets no page bring its own.
const STYLE: &str = include_str!("style.css");
pub const STYLE_PATH: &str = "/ogc/style.css";

pub async fn style() -> Response {
    let tag = format!("W/\"{}\"", &blake3::hash(STYLE.as_bytes()).to_hex()[..16]);
    (etag::headers(tag), [(CONTENT_TYPE, "text/css")], STYLE).into_response()
}

pub fn headers() -> [(HeaderName, &'static str); 4] {
    [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "same-origin"),
    ]
}

/// The page of an answer.
pub fn page(base: &BaseUrl, uri: &Uri, answer: &Value) -> String {
    let path = uri.path().trim_end_matches('/');
    let title = title(path, answer);
    let body = render::answer(answer, &base.link(path), &columns(path));
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title} – waterlog</title>\n\
         <link rel=\"stylesheet\" href=\"{style}\">\n</head>\n<body>\n<nav aria-label=\"Where this is\">{way}</nav>\n<main>\n\
         <h1>{title}</h1>\n{body}</main>\n</body>\n</html>\n",
        title = escaped(&title),
        style = escaped(&base.link(STYLE_PATH)),
        way = way(base, path),
    )
}

/// The columns of the features at an address, in the order of their layer.
fn columns(path: &str) -> Vec<&'static str> {
    let layer = path.strip_prefix("/ogc/collections/").and_then(|below| below.split('/').next()).and_then(Layer::named);
    let properties = layer.map(Layer::published).unwrap_or_default();
    ["id"].into_iter().chain(properties).chain(["geometry"]).collect()
}

/// What the answer is called; else the last part of its address.
fn title(path: &str, answer: &Value) -> String {
    let own = ["/title", "/properties/name", "/id"].iter().find_map(|at| answer.pointer(at)?.as_str());
    own.map_or_else(|| decoded(path.rsplit('/').next().unwrap_or_default()), str::to_owned)
}

/// The way from the landing page here, each step a link.
fn way(base: &BaseUrl, path: &str) -> String {
    let ends = path.match_indices('/').map(|(at, _)| at).skip(1).chain([path.len()]);
    let steps = ends.map(|end| {
        let step = &path[..end];
        let name = decoded(step.rsplit('/').next().unwrap_or_default());
        format!("<a href=\"{}\">{}</a>", escaped(&base.link(step)), escaped(&name))
    });
    steps.collect::<Vec<_>>().join(" / ")
}

/// A part of an address as people read it.
fn decoded(part: &str) -> String {
    let bytes = part.as_bytes();
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while at < bytes.len() {
        let hex = |n: usize| bytes.get(at + n).and_then(|b| char::from(*b).to_digit(16));
        match (bytes[at], hex(1), hex(2)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                at += 3;
            }
            (byte, ..) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(path: &str, answer: &Value) -> String {
        page(&"https://city.example/flood".parse().unwrap(), &path.parse().unwrap(), answer)
    }

    #[test]
    fn whatever_a_place_is_called_it_stays_text() {
        let odd = "<script>alert('1')</script>\"&";
        let page = shown(
            "/ogc/collections/places/items",
            &json!({
                "title": odd,
                "features": [{"type": "Feature", "id": odd, "geometry": null, "properties": {"name": odd, odd: odd}}],
                "links": [{"href": "javascript:alert(1)", "rel": odd, "type": odd, "title": odd}],
            }),
        );
        assert!(!page.contains("<script") && !page.contains("'1'") && !page.contains("href=\"javascript"), "{page}");
        assert!(page.contains("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot;&amp;"), "{page}");
    }

    #[test]
    fn the_way_back_leads_through_every_step() {
        let page = shown("/ogc/collections/places/items/a%2Fb%20%E8%B7%AF", &json!({"id": "x"}));
        for step in
            ["\"https://city.example/flood/ogc\">ogc<", "/ogc/collections\">collections<", "%20%E8%B7%AF\">a/b 路<"]
        {
            assert!(page.contains(step), "{step}: {page}");
        }
    }
}
