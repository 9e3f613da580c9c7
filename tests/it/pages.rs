//! The pages as they are sent: nothing of another host's, nothing written into them, kept as long as they are good.

use std::io::Read;

use flate2::read::GzDecoder;
use serde_json::json;

use crate::server::Server;

#[test]
fn the_first_page_may_run_only_our_own_scripts_and_is_asked_for_again_before_it_is_used_again() {
    let server = Server::start();
    let page = server.get("/");
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    let policy = page.header("content-security-policy");
    for part in
        ["default-src 'self'", "worker-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"]
    {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!((page.header("x-content-type-options"), page.header("referrer-policy")), ("nosniff", "same-origin"));
    assert_eq!(page.header("cache-control"), "no-cache");
    let known = server.get_with("/", &[("if-none-match", page.header("etag"))]);
    assert_eq!((known.status, known.body.len()), (304, 0));
    // Built or not, it is waterlog's, and no script stands in it.
    let text = String::from_utf8(page.body.clone()).unwrap();
    assert!(text.contains("<title>waterlog</title>") && !text.contains("style="), "{text}");
    assert!(
        text.split("<script").skip(1).all(|script| script.starts_with(" type=\"module\"") && script.contains("src="))
    );
}

#[test]
fn a_file_of_the_pages_is_sent_packed_to_who_takes_it_and_never_asked_for_again() {
    let server = Server::start();
    let index = String::from_utf8(server.get("/").body).unwrap();
    for path in index.split('"').filter(|text| text.starts_with("/assets/")) {
        let plain = server.get_with(path, &[("accept-encoding", "identity")]);
        let packed = server.get_with(path, &[("accept-encoding", "gzip")]);
        assert_eq!((plain.status, packed.status), (200, 200), "{path}");
        assert_eq!(packed.header("cache-control"), "public, max-age=31536000, immutable");
        assert_eq!((packed.header("content-encoding"), packed.header("vary")), ("gzip", "accept-encoding"));
        let mut unpacked = Vec::new();
        GzDecoder::new(&packed.body[..]).read_to_end(&mut unpacked).unwrap();
        assert!(unpacked == plain.body, "{path}");
    }
    for path in ["/assets/none.js", "/assets/..%2findex.html", "/assets/"] {
        let missing = server.get(path);
        assert_eq!((missing.status, missing.header("content-type")), (404, "application/problem+json"), "{path}");
    }
}

#[test]
fn the_report_page_can_be_kept_in_a_phone_with_its_own_files_and_nothing_else() {
    let server = Server::start();
    let page = server.get("/report");
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    assert_eq!(page.header("content-security-policy"), server.get("/").header("content-security-policy"));
    let text = page.text();
    assert!(!text.contains("style=") && text.split("<script").skip(1).all(|script| script.contains("src=")), "{text}");
    let named: Vec<&str> = text.split('"').filter(|part| part.starts_with("/report/")).collect();
    // Where the pages were not built there is none of this.
    if named.is_empty() {
        return;
    }
    let worker = server.get("/report/worker.js");
    assert_eq!((worker.status, worker.header("service-worker-allowed")), (200, "/report"));
    assert_eq!(worker.header("content-type"), "text/javascript; charset=utf-8");
    assert_eq!((worker.header("cache-control"), named.len()), ("no-cache", 2));
    let worker = worker.text();
    for path in text.split('"').filter(|part| part.starts_with("/report/") || part.starts_with("/assets/")) {
        assert_eq!(server.get(path).status, 200, "{path}");
        assert!(worker.contains(&format!("\"{path}\"")), "{path} is not kept");
    }
    assert!(!worker.contains("maplibre") && !worker.contains("__"), "{worker}");
    let manifest = server.get("/report/manifest.webmanifest");
    assert_eq!(manifest.header("content-type"), "application/manifest+json");
    let manifest = manifest.json();
    assert_eq!((&manifest["start_url"], &manifest["scope"]), (&json!("/report"), &json!("/report")));
    for icon in manifest["icons"].as_array().unwrap() {
        let file = server.get(icon["src"].as_str().unwrap());
        assert_eq!((file.status, file.header("content-type")), (200, "image/png"), "{icon}");
    }
    assert_eq!(server.get("/report/none.js").status, 404);
}

#[test]
fn the_desk_is_sent_like_the_map_and_nobody_learns_the_address_of_a_page_that_follows_a_report() {
    let server = Server::start();
    let (map, desk, follow) = (server.get("/"), server.get("/desk"), server.get("/follow/x-1"));
    for page in [&desk, &follow] {
        assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
        assert_eq!(page.header("content-security-policy"), map.header("content-security-policy"));
        let text = page.text();
        assert!(
            !text.contains("style=") && text.split("<script").skip(1).all(|script| script.contains("src=")),
            "{text}"
        );
    }
    assert_eq!((desk.header("referrer-policy"), desk.header("x-robots-tag")), ("same-origin", ""));
    assert_eq!((follow.header("referrer-policy"), follow.header("x-robots-tag")), ("no-referrer", "noindex"));
}
