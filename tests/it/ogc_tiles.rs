//! OGC API - Tiles, Part 1: Core (OGC 20-057), over HTTP.

use std::collections::{BTreeMap, BTreeSet};

use fast_mvt::MvtReaderRef;
use serde_json::{Value, json};
use waterlog::hazard::event::Event;

use crate::layers::seen;
use crate::ogc::{collections, link, path};
use crate::server::{Answer, Server};

pub const TILED: [&str; 3] = ["reports", "incidents", "hotspots"];
pub const MVT: &str = "application/vnd.mapbox-vector-tile";
pub const TILESETS: &str = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector";
pub const SET: &str = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad";

/// A corner that flooded three times, and one report to the north-east of it.
pub fn city() -> Server {
    let spots =
        [("a", 110.3312, 20.0148), ("b", 110.3312, 20.0148), ("c", 110.3312, 20.0148), ("d", 110.3588, 20.0611)];
    let events = spots.iter().zip(0..).map(|(&(id, lon, lat), n)| Event::Report(seen(id, n * 10 * 86_400, lon, lat)));
    Server::seeded(&events.collect::<Vec<_>>())
}

fn counts(answer: &Answer) -> BTreeMap<String, usize> {
    assert_eq!((answer.status, answer.header("content-type")), (200, MVT), "{}", answer.text());
    let reader = MvtReaderRef::new(&answer.body).unwrap();
    reader.layers().map(|layer| (layer.name().to_owned(), layer.features().count())).collect()
}

pub fn lists(server: &Server) -> Vec<(String, Value)> {
    let landing = server.get("/ogc").json();
    let mut found = vec![("dataset".to_owned(), link(&landing, TILESETS).unwrap()["href"].clone())];
    for id in collections() {
        let collection = server.get(&format!("/ogc/collections/{id}")).json();
        found.extend(link(&collection, TILESETS).map(|link| (id.to_owned(), link["href"].clone())));
    }
    found.into_iter().map(|(of, href)| (of, server.get(path(server, &href)).json())).collect()
}

#[test]
fn the_landing_page_and_tiled_collections_lead_to_tilesets_with_their_layers_and_limits() {
    let server = city();
    let lists = lists(&server);
    assert_eq!(lists.iter().map(|(of, _)| of.as_str()).collect::<Vec<_>>(), [&["dataset"], &TILED[..]].concat());
    for (of, list) in lists {
        let [set] = &list["tilesets"].as_array().unwrap()[..] else { panic!("{list}") };
        let alone = server.get(path(&server, &link(set, "self").unwrap()["href"])).json();
        for set in [set, &alone] {
            assert_eq!((&set["dataType"], &set["tileMatrixSetURI"]), (&json!("vector"), &json!(SET)), "{of}");
            assert_eq!(set["crs"], "http://www.opengis.net/def/crs/EPSG/0/3857");
            let layers: Vec<_> = set["layers"].as_array().unwrap().iter().map(|layer| &layer["id"]).collect();
            assert_eq!(layers, if of == "dataset" { TILED.to_vec() } else { vec![of.as_str()] });
            assert_eq!(set["layers"][0]["propertiesSchema"]["properties"]["count"]["type"], "number");
            let scheme = link(set, "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme").unwrap();
            assert_eq!(server.get(path(&server, &scheme["href"])).json()["uri"], SET);
            let described = link(set, "describedby").unwrap();
            assert_eq!(server.get(path(&server, &described["href"])).json()["tilejson"], "3.0.0");
            assert!(set["boundingBox"]["lowerLeft"][0].as_f64().unwrap() > 110.0, "{set}");
        }
        assert_eq!(set["tileMatrixSetLimits"].as_array().unwrap().len(), 21, "{of}");
    }
    let none = server.get("/ogc/collections/places/tiles").problem(404);
    assert!(none.contains("there are tiles of reports, incidents, hotspots"), "{none}");
    for at in ["/ogc/tiles/WorldCRS84Quad", "/ogc/collections/reports/tiles/x/0/0/0", "/ogc/tileMatrixSets/x"] {
        assert!(server.get(at).problem(404).contains("there is WebMercatorQuad"), "{at}");
    }
    // Where there is nothing yet, nothing is promised of where.
    let empty = Server::start().get("/ogc/tiles/WebMercatorQuad").json();
    assert!(empty.get("tileMatrixSetLimits").is_none() && empty.get("boundingBox").is_none());
}

#[test]
fn a_tile_is_the_one_of_tiles_with_its_row_before_its_column() {
    let server = city();
    for (z, x, y) in [(0, 0, 0), (10, 825, 453), (14, 13_213, 7_261), (17, 105_706, 58_095)] {
        let mut all = Vec::new();
        for layer in TILED {
            let tile = server.get(&format!("/ogc/collections/{layer}/tiles/WebMercatorQuad/{z}/{y}/{x}"));
            let plain = server.get(&format!("/tiles/{layer}/{z}/{x}/{y}"));
            assert_eq!((tile.status, &tile.body), (plain.status, &plain.body), "{layer} {z}/{x}/{y}");
            all.extend(tile.body);
        }
        let together = server.get(&format!("/ogc/tiles/WebMercatorQuad/{z}/{y}/{x}"));
        assert_eq!((together.status, &together.body), (200, &all), "{z}/{x}/{y}");
        assert_eq!(server.get(&format!("/tiles/all/{z}/{x}/{y}")).body, all);
    }
    let world = counts(&server.get("/ogc/tiles/WebMercatorQuad/0/0/0"));
    assert_eq!(world, TILED.map(|layer| (layer.to_owned(), 1)).into());
    let filtered = server.get("/ogc/tiles/WebMercatorQuad/0/0/0?category=manhole");
    assert_eq!((filtered.status, filtered.body.len()), (200, 0));
    let told = server.get("/ogc/tiles/WebMercatorQuad/0/0/0?status=reported").problem(400);
    assert!(told.contains("known are category, datetime"), "{told}");
}

/// Requirement: tiles-1/1.0/req/core/tc-error
#[test]
fn within_the_limits_a_tile_may_be_empty_and_beyond_them_there_is_none() {
    let server = city();
    let set = server.get("/ogc/collections/reports/tiles/WebMercatorQuad").json();
    let at = |z: &Value, row: u64, column: u64| {
        let tile = format!("{}/{row}/{column}", z.as_str().unwrap());
        server.get(&format!("/ogc/collections/reports/tiles/WebMercatorQuad/{tile}"))
    };
    let (mut empty, mut full) = (0, 0);
    for limits in set["tileMatrixSetLimits"].as_array().unwrap() {
        let z = &limits["tileMatrix"];
        let n = |name: &str| limits[name].as_u64().unwrap();
        let [rows, columns] = [[n("minTileRow"), n("maxTileRow")], [n("minTileCol"), n("maxTileCol")]];
        for (row, column) in rows.into_iter().flat_map(|row| columns.map(|column| (row, column))) {
            let tile = at(z, row, column);
            assert_eq!(tile.status, 200, "{limits}");
            *(if tile.body.is_empty() { &mut empty } else { &mut full }) += 1;
        }
        for (row, column) in [(rows[1] + 1, columns[0]), (rows[0], columns[1] + 1)] {
            let told = at(z, row, column).problem(404);
            assert!(told.starts_with("no such tile"), "{told}");
        }
    }
    assert!(empty > 10 && full > 20, "{empty} {full}");
    for tile in ["21/0/0", "x/0/0", "0/-1/0", "0/0/2147483647", "24/0/0"] {
        server.get(&format!("/ogc/collections/reports/tiles/WebMercatorQuad/{tile}")).problem(404);
    }
    server.get("/ogc/tiles/WebMercatorQuad/0/0/0?colour=red").problem(400);
    // A new report far away widens them.
    let far = "/ogc/collections/reports/tiles/WebMercatorQuad/10/636/170";
    server.get(far).problem(404);
    let arrived = crate::server::report(json!({"lon": -120.0, "lat": -40.0}));
    assert_eq!((server.post(&arrived).status, server.get(far).status), (201, 200));
}

#[test]
fn the_tile_matrix_set_is_cut_as_the_standard_defines_it() {
    let server = Server::start();
    let list = server.get("/ogc/tileMatrixSets").json();
    assert_eq!(
        (&list["tileMatrixSets"][0]["id"], &list["tileMatrixSets"][0]["uri"]),
        (&json!("WebMercatorQuad"), &json!(SET))
    );
    let set = server.get("/ogc/tileMatrixSets/WebMercatorQuad").json();
    let matrices = set["tileMatrices"].as_array().unwrap();
    assert_eq!(matrices.len(), 25);
    // OGC 17-083r4, table D.1.
    for (zoom, scale, cell_m, across) in [
        (0, 559_082_264.028_717_8, 156_543.033_928_041, 1),
        (1, 279_541_132.014_358_9, 78_271.516_964_020_5, 2),
        (24, 33.323_899_747_652_9, 0.009_330_691_929_342_8, 16_777_216),
    ] {
        let matrix = &matrices[zoom];
        let close = |member: &str, expected: f64| (matrix[member].as_f64().unwrap() / expected - 1.0).abs() < 1e-9;
        assert!(close("scaleDenominator", scale) && close("cellSize", cell_m), "{matrix}");
        assert_eq!(
            (&matrix["id"], &matrix["matrixWidth"], &matrix["tileWidth"]),
            (&json!(zoom.to_string()), &json!(across), &json!(256))
        );
        assert!((matrix["pointOfOrigin"][0].as_f64().unwrap() + 20_037_508.342_789_2).abs() < 1e-6);
    }
}

#[test]
fn the_style_draws_layers_and_fields_that_the_tiles_have() {
    let server = city();
    let landing = server.get("/ogc").json();
    let style = link(&landing, "stylesheet").unwrap();
    let answer = server.get(path(&server, &style["href"]));
    assert_eq!(answer.header("content-type"), style["type"]);
    let style = answer.json();
    let tiles = server.get(path(&server, &style["sources"]["waterlog"]["url"])).json();
    let template = tiles["tiles"][0].as_str().unwrap().replace("{z}/{x}/{y}", "0/0/0");
    assert_eq!(counts(&server.get(path(&server, &json!(template)))).len(), 3);
    let layers = tiles["vector_layers"].as_array().unwrap();
    let mut drawn = BTreeSet::new();
    for layer in style["layers"].as_array().unwrap().iter().filter(|layer| layer["type"] != "background") {
        let of = layers.iter().find(|of| of["id"] == layer["source-layer"]).unwrap_or_else(|| panic!("{layer}"));
        let mut fields = Vec::new();
        got(layer, &mut fields);
        assert!(!fields.is_empty() && fields.iter().all(|field| of["fields"].get(field).is_some()), "{fields:?}");
        drawn.insert(layer["source-layer"].as_str().unwrap());
    }
    assert_eq!(drawn, BTreeSet::from(["hotspots", "reports"]));
}

/// The fields that expressions get.
fn got(part: &Value, into: &mut Vec<String>) {
    match part {
        Value::Array(parts) => {
            if let [get, Value::String(field)] = &parts[..]
                && get == "get"
            {
                into.push(field.clone());
            }
            parts.iter().for_each(|part| got(part, into));
        }
        Value::Object(members) => members.values().for_each(|member| got(member, into)),
        _ => {}
    }
}
