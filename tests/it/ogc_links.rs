//! OGC API as HTTP sees it: absolute links, whatever host was asked, and answers that are not sent twice.

use std::io::{Read, Write};

use serde_json::json;

use crate::ogc::{link, world};
use crate::server::{Server, report};

#[test]
fn head_conditional_and_foreign_requests_are_answered_as_everywhere() {
    let server = Server::seeded(&world());
    for below in [
        "",
        "/",
        "/api",
        "/conformance",
        "/collections",
        "/collections/reports",
        "/collections/reports/items",
        "/collections/reports/items?limit=2&bbox=0,0,170,90",
        "/collections/reports/items/west0",
    ] {
        let at = format!("/ogc{below}");
        let whole = server.get_with(&at, &[("origin", "https://map.example")]);
        assert_eq!((whole.status, whole.header("access-control-allow-origin")), (200, "*"), "{at}");
        let tag = whole.header("etag").to_owned();
        let same = server.get_with(&at, &[("if-none-match", &tag)]);
        assert_eq!((same.status, same.body.len(), same.header("etag")), (304, 0, tag.as_str()), "{at}");
        let head = server.head(&at);
        assert_eq!((head.status, head.body.len(), head.header("etag")), (200, 0, tag.as_str()), "{at}");
        assert_eq!(head.header("content-type"), whole.header("content-type"), "{at}");
        // Under another name its links are others, so it is another answer.
        let other = raw(&server, &format!("GET {at} HTTP/1.1\r\nhost: other.example\r\nif-none-match: {tag}"));
        assert!(other.starts_with("HTTP/1.1 200"), "{at}: {other}");
    }
    for at in ["/ogc/collections", "/ogc/collections/reports/items"] {
        let stale = server.get(at).header("etag").to_owned();
        assert_eq!(server.post(&report(json!({}))).status, 201);
        assert_eq!(server.get_with(at, &[("if-none-match", &stale)]).status, 200, "{at}");
    }
}

/// Sends a request head as it is.
pub fn raw(server: &Server, head: &str) -> String {
    let mut stream = std::net::TcpStream::connect(server.address.trim_start_matches("http://")).unwrap();
    write!(stream, "{head}\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn links_go_to_the_host_that_was_asked_and_to_no_odd_one() {
    let server = Server::seeded(&world());
    for host in ["city.example", "city.example:8080", "[::1]:80", "10.1.2.3"] {
        let page = raw(&server, &format!("GET /ogc/collections HTTP/1.1\r\nhost: {host}"));
        assert!(page.contains(&format!("\"http://{host}/ogc/collections/reports/items\"")), "{page}");
    }
    let whole = raw(&server, "GET http://a.example/ogc?x HTTP/1.1\r\nhost: b.example");
    assert!(whole.starts_with("HTTP/1.1 400"), "{whole}");
    let whole = raw(&server, "GET http://a.example/ogc HTTP/1.1\r\nhost: b.example");
    assert!(whole.contains("http://a.example/ogc/api") && !whole.contains("b.example"), "{whole}");
    let odd = [
        "host: a/b",
        "host: u@a",
        "host: a b",
        "host: <a>",
        "host: a\"b",
        "host:",
        "host: a:99999",
        "host: a\r\nhost: b",
        "x: y",
    ];
    for head in odd {
        for at in ["/ogc", "/ogc/api", "/ogc/collections/reports/items/west0"] {
            let answer = raw(&server, &format!("GET {at} HTTP/1.1\r\n{head}"));
            assert!(answer.starts_with("HTTP/1.1 400"), "{head} {at}: {answer}");
            assert!(answer.contains("\"field\":\"Host\""), "{head} {at}: {answer}");
        }
        let elsewhere = raw(&server, &format!("GET /layers HTTP/1.1\r\n{head}"));
        assert!(
            elsewhere.starts_with("HTTP/1.1 200"),
            "{head}: where no link needs it, it does not matter: {elsewhere}"
        );
    }
}

#[test]
fn behind_a_proxy_links_begin_with_the_address_that_the_operator_says() {
    let dir = tempfile::tempdir().unwrap();
    crate::server::seed(dir.path(), &world());
    let server = Server::start_with(
        dir.path(),
        &["--public-url", "https://city.example/flood/", "--clock", "2026-01-01T00:00:00Z"],
    );
    let page = server.get("/ogc/collections/reports/items?limit=3").json();
    let next = link(&page, "next").unwrap()["href"].as_str().unwrap();
    assert!(next.starts_with("https://city.example/flood/ogc/collections/reports/items?limit=3&cursor="), "{next}");
    let description = server.get("/ogc/api").json();
    assert_eq!(description["servers"], json!([{"url": "https://city.example/flood/ogc"}]));
    // Elsewhere links are paths where nobody says where the service is; here they are not.
    let public = |href: &str, below: &str| {
        let path = href.strip_prefix("https://city.example/flood").unwrap_or_else(|| panic!("{href} is elsewhere"));
        assert!(path.starts_with(below), "{href}");
        path.to_owned()
    };
    let items = "/ogc/collections/reports/items?f=csv&limit=2";
    let table = server.get(items);
    let next = table.header("link").strip_prefix('<').and_then(|l| l.strip_suffix(">; rel=\"next\"")).unwrap();
    assert_eq!(server.get(&public(next, &format!("{items}&cursor="))).status, 200);
    let page = server.get("/api/v1/reports?limit=2").json();
    for (rel, below) in [("self", "/api/v1/reports?limit=2"), ("next", "/api/v1/reports?limit=2&cursor=")] {
        let href = link(&page, rel).unwrap()["href"].as_str().unwrap();
        assert_eq!(server.get(&public(href, below)).status, 200, "{href}");
    }
    public(server.get("/layers").json()["layers"][0]["href"].as_str().unwrap(), "/layers/reports.geojson");
    let docs = server.get("/api/docs");
    assert_eq!((docs.status, &*public(docs.header("location"), "/")), (303, "/api/docs/"));
    let script = server.get("/api/docs/swagger-initializer.js").text();
    assert!(script.contains("openapi.json") && !script.contains("/openapi.json"), "{script}");
    let filed = server.post(&report(json!({})));
    assert_eq!(server.get(&public(filed.header("location"), "/api/v1/reports/")).status, 200);
    let refused = crate::server::command(dir.path(), &["--public-url", "city.example"]).output().unwrap();
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && told.contains("--public-url") && told.contains("neither http://"), "{told}");
}
