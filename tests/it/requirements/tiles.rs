//! OGC API - Tiles, Part 1: Core (OGC 20-057).

use std::f64::consts::PI;

use fast_mvt::{MvtGeometry, MvtReaderRef};
use serde_json::{Value, json};

use super::document::{described, parameter};
use super::{checks, followed, related};
use crate::ogc::path;
use crate::ogc_tiles::{MVT, SET, TILED, TILESETS, city, lists};
use crate::server::Server;

const SCHEME: &str = "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme";
/// Of the corner in the city where most reports lie: zoom, row and column, and its position.
const TILE: (u32, u32, u32) = (14, 7_261, 13_213);
const CORNER: (f64, f64) = (110.3312, 20.0148);

/// Of the dataset and of each tiled collection: what it is of, and the path of its list of tilesets.
fn resources() -> Vec<(String, String)> {
    let each = TILED.map(|id| (id.to_owned(), format!("/ogc/collections/{id}/tiles")));
    std::iter::once(("dataset".to_owned(), "/ogc/tiles".to_owned())).chain(each).collect()
}

/// The same as the description has it.
fn in_description(at: &str) -> String {
    at.trim_start_matches("/ogc").to_owned()
}

/// A path alone: links say in which encoding they lead there.
fn without_query(path: &str) -> &str {
    path.split('?').next().unwrap()
}

/// Every tileset, as its own address tells it.
fn tilesets(server: &Server) -> Vec<(String, Value)> {
    let alone = |(of, list): (String, Value)| {
        let sets = list["tilesets"].as_array().unwrap().clone();
        assert!(!sets.is_empty(), "{of}");
        sets.into_iter().map(move |set| (of.clone(), set))
    };
    let each = lists(server).into_iter().flat_map(alone);
    each.map(|(of, set)| (of, followed(server, related(&set, "self")[0]).json())).collect()
}

/// The address of a tile by the template of its tileset.
fn tile_at(server: &Server, set: &Value, (z, row, column): (u32, u32, u32)) -> String {
    let [template] = related(set, "item")[..] else { panic!("{set}") };
    let at = path(server, &template["href"]).replace("{tileMatrix}", &z.to_string());
    at.replace("{tileRow}", &row.to_string()).replace("{tileCol}", &column.to_string())
}

/// Requirement: tiles-1/1.0/req/core/tc-op
#[test]
fn tiles_are_where_a_template_of_three_variables_says() {
    let server = city();
    for (of, set) in tilesets(&server) {
        let [template] = related(&set, "item")[..] else { panic!("{set}") };
        let href = template["href"].as_str().unwrap();
        assert!(
            ["{tileMatrix}", "{tileRow}", "{tileCol}"].iter().all(|name| href.matches(name).count() == 1),
            "{href}"
        );
        let limits = set["tileMatrixSetLimits"].as_array().unwrap();
        for limit in limits {
            let n = |name: &str| limit[name].as_u64().unwrap() as u32;
            let z = limit["tileMatrix"].as_str().unwrap().parse().unwrap();
            let at = tile_at(&server, &set, (z, n("minTileRow"), n("maxTileCol")));
            assert_eq!(server.get(&at).status, 200, "{of}: {at}");
        }
        assert!(limits.len() > 15, "{of}");
    }
}

/// A parameter of every tile's address.
fn defined(name: &str, schema: &Value) {
    let document = city().get("/ogc/api").json();
    for (of, at) in resources() {
        let tile = format!("{}/WebMercatorQuad/{{tileMatrix}}/{{tileRow}}/{{tileCol}}", in_description(&at));
        let parameter = parameter(&document, &tile, name);
        assert_eq!((&parameter["in"], &parameter["required"]), (&json!("path"), &json!(true)), "{of}");
        assert_eq!(parameter["schema"], *schema, "{of}");
    }
}

/// Requirement: tiles-1/1.0/req/core/tc-tilematrix-definition
#[test]
fn the_tile_matrix_is_defined_as_the_standard_has_it() {
    defined("tileMatrix", &json!({"type": "string"}));
}

/// Requirement: tiles-1/1.0/req/core/tc-tilerow-definition
#[test]
fn the_row_is_defined_as_the_standard_has_it() {
    defined("tileRow", &json!({"type": "integer", "minimum": 0}));
}

/// Requirement: tiles-1/1.0/req/core/tc-tilecol-definition
#[test]
fn the_column_is_defined_as_the_standard_has_it() {
    defined("tileCol", &json!({"type": "integer", "minimum": 0}));
}

/// How many features a tile holds, of all its layers.
fn held(body: &[u8]) -> usize {
    MvtReaderRef::new(body).unwrap().layers().map(|layer| layer.features().count()).sum()
}

/// Requirement: tiles-1/1.0/req/core/tc-success
#[test]
fn a_tile_holds_what_lies_in_it_in_the_format_that_is_asked_for() {
    let server = city();
    let (z, row, column) = TILE;
    for (of, set) in tilesets(&server) {
        for accept in [MVT, "*/*", "application/vnd.mapbox-vector-tile, */*;q=0.1"] {
            let tile = server.get_with(&tile_at(&server, &set, TILE), &[("accept", accept)]);
            assert_eq!((tile.status, tile.header("content-type")), (200, MVT), "{of}");
            assert!(held(&tile.body) > 0, "{of}");
        }
        // Two tiles on there is nothing of it.
        let beside =
            server.get(&format!("/tiles/{}/{z}/{}/{row}", if of == "dataset" { "all" } else { &of }, column + 2));
        assert!(beside.body.is_empty() || held(&beside.body) == 0, "{of}");
    }
}

/// Requirement: tiles-1/1.0/req/core/conformance-success
#[test]
fn the_classes_of_tiles_are_listed_with_all_others() {
    checks::conformance_success("ogcapi-tiles-1");
}

/// Requirement: tiles-1/1.0/req/tileset/description
#[test]
fn a_tileset_is_described_as_json_with_its_matrix_set_and_a_template_of_its_tiles() {
    let server = city();
    for (of, at) in resources() {
        let set = format!("{at}/WebMercatorQuad");
        described(&server, &in_description(&set), &set);
        assert_eq!(server.get_with(&set, &[("accept", "application/json")]).header("content-type"), "application/json");
        let set = server.get(&set).json();
        assert_eq!((&set["dataType"], &set["tileMatrixSetURI"]), (&json!("vector"), &json!(SET)), "{of}");
        assert!(set["crs"].is_string(), "{of}");
        for link in related(&set, SCHEME) {
            let scheme = followed(&server, link).json();
            assert_eq!((&scheme["uri"], &scheme["id"]), (&json!(SET), &json!("WebMercatorQuad")), "{of}");
        }
        assert!(!related(&set, SCHEME).is_empty());
        let items = related(&set, "item");
        assert!(!items.is_empty(), "{of}");
        for item in items {
            assert_eq!((&item["templated"], &item["type"]), (&json!(true), &json!(MVT)), "{of}");
            let href = item["href"].as_str().unwrap();
            assert!(["{tileMatrix}", "{tileRow}", "{tileCol}"].iter().all(|name| href.contains(name)), "{href}");
        }
    }
}

/// Requirement: tiles-1/1.0/req/tilesets-list/tileset-path
#[test]
fn every_list_of_tilesets_can_be_got() {
    let server = city();
    for (of, at) in resources() {
        described(&server, &in_description(&at), &at);
        assert!(!server.get(&at).json()["tilesets"].as_array().unwrap().is_empty(), "{of}");
    }
}

/// Requirement: tiles-1/1.0/req/tilesets-list/tileset-links
#[test]
fn every_tileset_of_a_list_links_to_itself_below_the_list_and_to_its_matrix_set() {
    let server = city();
    for (of, at) in resources() {
        for set in server.get(&at).json()["tilesets"].as_array().unwrap() {
            for name in ["dataType", "crs", "tileMatrixSetURI"] {
                assert!(set[name].is_string(), "{of}: {name}");
            }
            let [this] = related(set, "self")[..] else { panic!("{of}: {set}") };
            assert_eq!(path(&server, &this["href"]), format!("{at}/WebMercatorQuad"), "{of}");
            let alone = followed(&server, this).json();
            for name in ["dataType", "crs", "tileMatrixSetURI"] {
                assert_eq!(alone[name], set[name], "{of}: {name}");
            }
            let schemes = related(set, SCHEME);
            assert!(!schemes.is_empty(), "{of}");
            schemes.iter().for_each(|link| drop(followed(&server, link)));
        }
    }
}

/// Requirement: tiles-1/1.0/req/dataset-tilesets/landingpage
#[test]
fn the_landing_page_links_to_the_tilesets_of_all() {
    let server = city();
    let landing = server.get("/ogc").json();
    let links = related(&landing, TILESETS);
    assert_eq!(
        links.iter().map(|link| without_query(path(&server, &link["href"]))).collect::<Vec<_>>(),
        ["/ogc/tiles"]
    );
    links.iter().for_each(|link| drop(followed(&server, link)));
}

/// Requirement: tiles-1/1.0/req/dataset-tilesets/operation
#[test]
fn the_tilesets_of_all_are_at_tiles_below_the_landing_page() {
    let server = city();
    let list = server.get("/ogc/tiles");
    assert_eq!(list.status, 200);
    assert!(!list.json()["tilesets"].as_array().unwrap().is_empty());
}

/// Requirement: tiles-1/1.0/req/geodata-tilesets/desc-links
#[test]
fn every_tiled_collection_links_to_its_tilesets() {
    let server = city();
    let mut tiled = Vec::new();
    for id in crate::ogc::collections() {
        let collection = server.get(&super::collection_at(id)).json();
        let links = related(&collection, TILESETS);
        links.iter().for_each(|link| drop(followed(&server, link)));
        tiled.extend((!links.is_empty()).then_some(id));
    }
    assert_eq!(tiled, TILED);
}

/// Requirement: tiles-1/1.0/req/geodata-tilesets/operation
#[test]
fn the_tilesets_of_a_collection_are_at_tiles_below_it() {
    let server = city();
    for id in TILED {
        let collection = server.get(&super::collection_at(id)).json();
        let [list] = related(&collection, TILESETS)[..] else { panic!("{collection}") };
        assert_eq!(without_query(path(&server, &list["href"])), format!("{}/tiles", super::collection_at(id)));
        assert!(!followed(&server, list).json()["tilesets"].as_array().unwrap().is_empty(), "{id}");
    }
}

/// Requirement: tiles-1/1.0/req/mvt/content
#[test]
fn a_tile_is_one_mapbox_vector_tile_whose_grid_spans_it() {
    let server = city();
    let (z, row, column) = TILE;
    // The corner in the tile of the Web Mercator quad, of which the grid's origin is the north-west.
    let across = f64::from(1 << z);
    let (lon, lat) = (CORNER.0.to_radians(), CORNER.1.to_radians());
    let x = (lon / PI + 1.0) / 2.0 * across - f64::from(column);
    let y = (1.0 - lat.tan().asinh() / PI) / 2.0 * across - f64::from(row);
    assert!((0.0..1.0).contains(&x) && (0.0..1.0).contains(&y));
    let set = server.get("/ogc/collections/reports/tiles/WebMercatorQuad").json();
    let tile = server.get(&tile_at(&server, &set, TILE));
    let reader = MvtReaderRef::new(&tile.body).unwrap();
    let mut near = 0;
    for layer in reader.layers() {
        let extent = f64::from(layer.extent());
        for feature in layer.features() {
            assert!(feature.geom_type().is_some());
            let MvtGeometry::Point(at) = feature.geometry().unwrap() else { panic!("no point") };
            near += usize::from(
                (f64::from(at.x()) - x * extent).abs() <= 1.0 && (f64::from(at.y()) - y * extent).abs() <= 1.0,
            );
        }
    }
    assert!(near > 0, "nothing lies at {x} {y}");
    // One tile alone: each layer once.
    let all = server.get(&format!("/ogc/tiles/WebMercatorQuad/{z}/{row}/{column}"));
    let mut names: Vec<_> =
        MvtReaderRef::new(&all.body).unwrap().layers().map(|layer| layer.name().to_owned()).collect();
    names.sort();
    assert_eq!(names.len(), 3);
    names.dedup();
    assert_eq!(names.len(), 3);
}

/// Requirement: tiles-1/1.0/req/oas30/completeness
#[test]
fn every_path_of_tiles_is_described_with_its_parameters_and_is_where_the_links_lead() {
    let server = city();
    let document = server.get("/ogc/api").json();
    for (of, set) in tilesets(&server) {
        let [this, item] = ["self", "item"].map(|rel| path(&server, &related(&set, rel)[0]["href"]).to_owned());
        for at in [this.trim_end_matches("/WebMercatorQuad"), &this, &item] {
            let at = in_description(at);
            let known = &document["paths"][&at]["get"];
            assert!(known["responses"]["200"].is_object(), "{of}: {at}");
            for name in ["tileMatrix", "tileRow", "tileCol"].iter().filter(|name| at.contains(&format!("{{{name}}}"))) {
                parameter(&document, &at, name);
            }
        }
    }
}

/// Requirement: tiles-1/1.0/req/oas30/operation-id
#[test]
fn the_operations_of_tiles_are_named_as_the_standard_does() {
    let document = city().get("/ogc/api").json();
    for (of, at) in resources() {
        let within = if of == "dataset" { "dataset.vector".to_owned() } else { format!("{of}.collection.vector") };
        for (below, name) in [
            ("", "getTileSetsList"),
            ("/WebMercatorQuad", "getTileSet"),
            ("/WebMercatorQuad/{tileMatrix}/{tileRow}/{tileCol}", "getTile"),
        ] {
            let operation = &document["paths"][format!("{}{below}", in_description(&at))]["get"];
            assert_eq!(operation["operationId"], format!("{within}.{name}"));
        }
    }
}
