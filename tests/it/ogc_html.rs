//! OGC API as pages for people: the same answers, and the way to them.

use serde_json::Value;
use waterlog::hazard::event::{Event, Place};
use waterlog::hazard::position::Position;

use crate::ogc::{path, world};
use crate::server::Server;

pub const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
const PAGES: [&str; 11] = [
    "",
    "/api",
    "/conformance",
    "/collections",
    "/collections/reports",
    "/collections/reports/items?limit=2",
    "/collections/reports/items/west0",
    "/tiles",
    "/tiles/WebMercatorQuad",
    "/collections/reports/tiles",
    "/tileMatrixSets/WebMercatorQuad",
];

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

/// Every text, number and link of an answer that a page does not show.
fn missing(value: &Value, page: &str) -> Vec<String> {
    match value {
        Value::Object(members) => members.values().flat_map(|member| missing(member, page)).collect(),
        Value::Array(items) => items.iter().flat_map(|item| missing(item, page)).collect(),
        Value::Null | Value::Bool(_) => Vec::new(),
        Value::Number(number) => Some(number.to_string()).filter(|text| !page.contains(text)).into_iter().collect(),
        Value::String(text) => Some(text.clone()).filter(|text| !page.contains(&escaped(text))).into_iter().collect(),
    }
}

/// What is read at an address links to a page that says all that it says; every link of the page is one.
pub fn expect_page(server: &Server, at: &str) {
    let mut answer = server.get(at).json();
    let to_html = answer["links"].as_array().unwrap().iter().find(|link| link["rel"] == "alternate").unwrap();
    assert_eq!(to_html["type"], "text/html", "{at}");
    let html = server.get(path(server, &to_html["href"]));
    assert_eq!((html.status, html.header("content-type")), (200, "text/html; charset=utf-8"), "{at}");
    let page = html.text();
    assert!(page.starts_with("<!DOCTYPE html>\n<html lang=\"en\">") && page.ends_with("</html>\n"), "{page}");
    // A page links to itself and back, and its next page is a page; when it was written is its own.
    for link in answer["links"].as_array_mut().unwrap() {
        if matches!(link["rel"].as_str(), Some("self" | "alternate" | "next")) {
            *link = Value::Null;
        }
    }
    if let Some(answer) = answer.as_object_mut() {
        answer.remove("timeStamp");
    }
    assert_eq!(missing(&answer, &page), [] as [String; 0], "{at}: {page}");
    for href in page.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap().replace("&amp;", "&")) {
        let Some(here) = href.strip_prefix(&server.address) else { continue };
        assert_eq!(server.get_with(here, &[("accept", BROWSER)]).status, 200, "{at}: {href}");
    }
}

#[test]
fn a_page_says_all_that_the_answer_says_and_every_link_of_it_is_one() {
    let server = Server::seeded(&world());
    for below in PAGES.into_iter().filter(|below| *below != "/api") {
        expect_page(&server, &format!("/ogc{below}"));
    }
}

#[test]
fn a_browser_gets_pages_and_a_program_json_each_with_a_tag_of_its_own() {
    let server = Server::seeded(&world());
    for below in PAGES {
        let at = format!("/ogc{below}");
        let page = server.get_with(&at, &[("accept", BROWSER)]);
        let data = server.get_with(&at, &[("accept", "application/json")]);
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8", "{at}");
        assert!(data.header("content-type").contains("json"), "{at}");
        assert!(page.header("vary").contains("accept") && data.header("vary").contains("accept"), "{at}");
        let policy = page.header("content-security-policy");
        assert!(policy.starts_with("default-src 'self'") && !policy.contains("unsafe"), "{policy}");
        assert!(!page.text().contains("<script") && !page.text().contains("style="), "{at}");
        let tags = [&page, &data].map(|answer| answer.header("etag").to_owned());
        assert_ne!(tags[0], tags[1], "{at}");
        let again = server.get_with(&at, &[("accept", BROWSER), ("if-none-match", &tags[0])]);
        assert_eq!((again.status, again.body.len()), (304, 0), "{at}");
        assert_eq!(server.get_with(&at, &[("accept", BROWSER), ("if-none-match", &tags[1])]).status, 200, "{at}");
        let told = server.get_with(&at, &[("accept", "image/png")]).problem(406);
        assert!(told.contains("text/html"), "{told}");
        let both = if at.contains('?') { format!("{at}&f=json") } else { format!("{at}?f=json") };
        assert!(server.get_with(&both, &[("accept", BROWSER)]).header("content-type").contains("json"), "{both}");
        server.get(&both.replace("f=json", "f=gml")).problem(406);
    }
    let style = server.get("/ogc/style.css");
    assert_eq!((style.status, style.header("content-type")), (200, "text/css"));
}

#[test]
fn following_next_from_page_to_page_shows_every_feature() {
    let server = Server::seeded(&world());
    let (mut at, mut shown) = (Some("/ogc/collections/reports/items?limit=3&f=html".to_owned()), Vec::new());
    while let Some(here) = at {
        let page = server.get(&here).text();
        shown.extend(
            server
                .ids("/layers/reports.geojson")
                .into_iter()
                .filter(|id| page.contains(&format!(">{}</a>", escaped(id)))),
        );
        let next = page.split("<a href=\"").find(|rest| rest.contains("rel=\"next\""));
        at = next.map(|rest| rest.split('"').next().unwrap().replace("&amp;", "&").replace(&server.address, ""));
    }
    assert_eq!(shown, server.ids("/layers/reports.geojson"));
}

#[test]
fn what_people_wrote_is_shown_and_never_run() {
    let odd = "<img src=x onerror=alert(1)>\"'&";
    let position = Position::new(110.3, 20.0).unwrap();
    let server = Server::seeded(&[Event::Places(vec![Place {
        id: "odd".into(),
        position,
        name: Some(odd.into()),
        aliases: Vec::new(),
    }])]);
    for at in ["/ogc/collections/places/items", "/ogc/collections/places/items/odd"] {
        let page = server.get_with(at, &[("accept", BROWSER)]).text();
        assert!(page.contains(&escaped(odd)) && !page.contains("<img"), "{page}");
    }
}
