//! What is written is what the caller accepts, wherever he asks; and whoever accepts nothing of it is told so.

use waterlog::export::Format;

use crate::files::World;
use crate::server::Server;

const ITEMS: &str = "/ogc/collections/reports/items";

fn served() -> (Server, World) {
    let world = World::new();
    (Server::start_with(&world.folder.path().join("city"), &["--clock", "2024-12-31T06:00:00Z"]), world)
}

#[test]
fn a_page_and_a_layer_are_written_in_the_format_that_is_accepted_as_in_the_one_that_f_names() {
    let (server, _world) = served();
    for at in [ITEMS, "/layers/reports", "/layers/works"] {
        let has_tiles = at != ITEMS;
        for format in Format::ALL.into_iter().filter(|format| has_tiles || *format != Format::PmTiles) {
            let named = server.get(&format!("{at}?f={}", format.name()));
            let kind = format.media_type().split(';').next().unwrap();
            let accepted = server.get_with(at, &[("accept", kind)]);
            assert_eq!((named.status, accepted.status), (200, 200), "{at} as {kind}: {}", accepted.text());
            assert_eq!(accepted.header("content-type"), format.media_type(), "{at}");
            assert!(accepted.header("vary").contains("accept"), "{at}: {}", accepted.header("vary"));
            // A page of JSON tells of its own address.
            assert!(accepted.body == named.body || format == Format::GeoJson, "{at} as {kind}");
        }
        for (accept, kind) in [
            ("text/csv, */*;q=0.1", "text/csv; charset=utf-8; header=present"),
            ("text/csv;q=0.5, application/json", "application/geo+json"),
            ("application/*", "application/geo+json"),
            ("*/*", "application/geo+json"),
            ("application/octet-stream, application/json;q=0.1", "application/geo+json"),
        ] {
            assert_eq!(server.get_with(at, &[("accept", accept)]).header("content-type"), kind, "{at}: {accept}");
        }
    }
    let table = server.get_with(&format!("{ITEMS}?bom=true&limit=1"), &[("accept", "text/csv")]);
    assert!(table.body.starts_with("\u{FEFF}".as_bytes()), "{}", table.text());
    let page = server.get_with(ITEMS, &[("accept", "text/html, text/csv;q=0.9")]);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    // What f names outweighs what is accepted.
    let named = server.get_with(&format!("{ITEMS}?f=csv"), &[("accept", "image/png")]);
    assert_eq!((named.status, named.header("content-type")), (200, Format::Csv.media_type()));
}

#[test]
fn whoever_accepts_nothing_of_what_there_is_is_told_406_in_a_problem_and_all_others_are_answered() {
    let (server, _world) = served();
    let tile = "application/vnd.mapbox-vector-tile";
    for (at, kind) in [
        ("/ogc/tiles/WebMercatorQuad/0/0/0", tile),
        ("/ogc/collections/reports/tiles/WebMercatorQuad/0/0/0", tile),
        ("/tiles/reports/0/0/0", tile),
        ("/tiles/all.json", "application/json"),
        ("/ogc/styles/map", "application/vnd.mapbox.style+json"),
        ("/layers", "application/json"),
        ("/layers/areas.geojson", "application/geo+json"),
        ("/layers/reports.gpkg", Format::GeoPackage.media_type()),
        ("/api/v1/reports", "application/geo+json"),
        ("/api/v1/categories", "application/json"),
        ("/closures/cap", "application/atom+xml"),
        ("/api/docs/openapi.json", "application/json"),
    ] {
        for accept in ["*/*", kind, "image/png, */*;q=0.1", "text/html,application/xhtml+xml,*/*;q=0.8", "nonsense"] {
            let answer = server.get_with(at, &[("accept", accept)]);
            assert_eq!(answer.status, 200, "{at}: {accept}: {}", answer.text());
            assert!(answer.header("content-type").starts_with(kind), "{at}: {}", answer.header("content-type"));
        }
        for accept in ["image/png", "image/*;q=0.9, text/plain", "*/*;q=0"] {
            let told = server.get_with(at, &[("accept", accept)]).problem(406);
            assert!(told.contains(kind), "{at}: {accept}: {told}");
            assert_eq!(server.head_with(at, &[("accept", accept)]).status, 406, "{at}: {accept}");
        }
        if kind.ends_with("json") {
            assert_eq!(server.get_with(at, &[("accept", "application/json")]).status, 200, "{at}");
        }
    }
    // Other errors are what they are, whatever is accepted.
    let accept = [("accept", "image/png")];
    server.get_with("/api/v1/reports?limit=0", &accept).problem(400);
    server.get_with("/api/v1/reports/none", &accept).problem(404);
    server.get_with("/tiles/reports/99/0/0", &accept).problem(404);
    // What was asked to be done is done, and said.
    let posted = crate::server::report(serde_json::json!({"observed_at": "2024-12-30T00:00:00Z"}));
    let headers = [("content-type", "application/json"), accept[0]];
    assert_eq!(server.post_at("/api/v1/reports", posted.to_string().as_bytes(), &headers).status, 201);
    // Open311 goes by the end of the address.
    assert_eq!(server.get_with("/open311/v2/services.json", &accept).status, 200);
    let description = server.get("/api/docs/openapi.json").json();
    assert!(description["paths"]["/api/v1/reports"]["get"]["responses"]["406"].is_object());
}

#[test]
fn a_format_that_is_not_written_is_refused_with_those_that_are() {
    let (server, _world) = served();
    let all = "geojson, geojsonseq, csv, gpkg, fgb, parquet, kml";
    for (at, known) in [
        (ITEMS, format!("json, html, {all}")),
        ("/layers/reports", format!("{all}, pmtiles")),
        ("/layers/works", format!("{all}, pmtiles")),
    ] {
        let told = server.get(&format!("{at}?f=shp"));
        assert!(told.problem(406).ends_with(&format!("known here are {known}")), "{at}: {}", told.text());
        assert_eq!((&told.json()["field"], &told.json()["value"]), (&"f".into(), &"shp".into()), "{at}");
    }
}
