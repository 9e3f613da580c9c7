//! What OpenAPI 3.0 says of tiles; operations are named as OGC 20-057 has them (/req/oas30/operation-id).

use serde_json::{Map, Value, json};

use super::super::tiles::{MVT, Tiled};
use super::api::{named, object, operation};
use super::tile_matrix_sets::ID;
use super::{JSON, STYLE_JSON};
use crate::hazard::tile::TileLayer;

/// A path parameter of a tile: a row or column by its number, a tile matrix by its identifier, which is text that has the
/// zoom's number in it (OGC 20-057, /req/core/tc-tilematrix-definition).
pub fn parameter(name: &str, description: &str) -> Value {
    let schema = match name {
        "tileMatrix" => json!({"type": "string"}),
        _ => json!({"type": "integer", "minimum": 0}),
    };
    json!({"name": name, "in": "path", "required": true, "description": description, "schema": schema})
}

/// All paths.
pub fn all() -> Map<String, Value> {
    let mut paths = Map::new();
    let mut path = |path: String, operation: Value| paths.insert(path, json!({"get": operation}));
    let sets =
        operation("getTileMatrixSetsList", "How tiles can be cut", "service", JSON, named("TileMatrixSets"), &[]);
    path("/tileMatrixSets".into(), sets);
    let set = operation("getTileMatrixSet", "How tiles are cut", "service", JSON, named("TileMatrixSet"), &["404"]);
    path(format!("/tileMatrixSets/{ID}"), set);
    let style = "A style for MapLibre that draws the tiles as the Map does";
    path("/styles/map".into(), without_page(operation("getStyle", style, "service", STYLE_JSON, named("Style"), &[])));
    for of in std::iter::once(Tiled::All).chain(TileLayer::ALL.map(Tiled::One)) {
        let (at, id, tag) = match of {
            Tiled::All => ("/tiles".to_owned(), "dataset.vector".to_owned(), "service"),
            Tiled::One(_) => {
                (format!("/collections/{}/tiles", of.name()), format!("{}.collection.vector", of.name()), of.name())
            }
        };
        let name = |what: &str| format!("{id}.{what}");
        let further = &["404"];
        let list = operation(&name("getTileSetsList"), "The tilesets there are", tag, JSON, named("Tilesets"), further);
        path(at.clone(), list);
        let set =
            operation(&name("getTileSet"), "What is in the tiles, and where", tag, JSON, named("Tileset"), further);
        path(format!("{at}/{ID}"), set);
        let bytes = json!({"type": "string", "format": "binary"});
        let mut tile = without_page(operation(
            &name("getTile"),
            "A tile; without bytes where there is nothing",
            tag,
            MVT,
            bytes,
            further,
        ));
        let own =
            ["tileMatrix", "tileRow", "tileCol"].into_iter().chain(of.parameters()).map(|name| reference(of, name));
        tile["parameters"] = own.collect();
        path(format!("{at}/{ID}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}"), tile);
    }
    paths
}

fn reference(of: Tiled, name: &str) -> Value {
    match of.layers() {
        [layer] => super::api::parameter(layer.layer(), name),
        _ => json!({"$ref": format!("#/components/parameters/{name}")}),
    }
}

/// Of what is written in one way only.
fn without_page(mut operation: Value) -> Value {
    operation["parameters"] = json!([]);
    if let Some(content) = operation.pointer_mut("/responses/200/content").and_then(Value::as_object_mut) {
        content.remove(super::negotiate::HTML);
    }
    operation
}

/// What the answers look like.
pub fn schemas() -> Map<String, Value> {
    let text = json!({"type": "string"});
    let whole = json!({"type": "integer", "minimum": 0});
    let free = json!({"type": "object", "additionalProperties": true});
    let pair = json!({"type": "array", "minItems": 2, "maxItems": 2, "items": {"type": "number"}});
    let list = |of: Value| json!({"type": "array", "items": of});
    let link = json!({"type": "object", "required": ["rel", "href"], "properties": {
        "rel": text, "href": text, "type": text, "title": text, "templated": {"type": "boolean"}}});
    let all = json!({
        "TileMatrixSets": object(&["tileMatrixSets", "links"], json!({"title": text, "links": list(link.clone()),
            "tileMatrixSets": list(object(&["id", "links"], json!({"id": text, "title": text, "uri": text, "crs": text,
                "links": list(link.clone())})))})),
        "TileMatrixSet": object(&["id", "crs", "tileMatrices"], json!({"id": text, "title": text, "uri": text, "crs": text,
            "orderedAxes": list(text.clone()), "wellKnownScaleSet": text, "links": list(link.clone()),
            "tileMatrices": list(object(&["id", "scaleDenominator", "cellSize", "pointOfOrigin", "tileWidth", "tileHeight",
                "matrixWidth", "matrixHeight"], json!({"id": text, "scaleDenominator": {"type": "number"},
                "cellSize": {"type": "number"}, "cornerOfOrigin": text, "pointOfOrigin": pair, "tileWidth": whole,
                "tileHeight": whole, "matrixWidth": whole, "matrixHeight": whole})))})),
        "Tilesets": object(&["tilesets", "links"], json!({"title": text, "links": list(link.clone()),
            "tilesets": list(named("Tileset"))})),
        "Tileset": object(&["dataType", "crs", "tileMatrixSetURI", "links"], json!({"title": text, "dataType": text,
            "crs": text, "tileMatrixSetId": text, "tileMatrixSetURI": text, "mediaTypes": list(text.clone()),
            "links": list(link.clone()),
            "boundingBox": object(&["lowerLeft", "upperRight"], json!({"lowerLeft": pair, "upperRight": pair, "crs": text})),
            "tileMatrixSetLimits": list(object(&["tileMatrix", "minTileRow", "maxTileRow", "minTileCol", "maxTileCol"],
                json!({"tileMatrix": text, "minTileRow": whole, "maxTileRow": whole, "minTileCol": whole,
                    "maxTileCol": whole}))),
            "style": object(&["id", "links"], json!({"id": text, "title": text, "links": list(link)})),
            "layers": list(object(&["id", "dataType"], json!({"id": text, "title": text, "dataType": text,
                "geometryDimension": whole, "minTileMatrix": text, "maxTileMatrix": text,
                "propertiesSchema": free})))})),
        "Style": object(&["version", "sources", "layers"], json!({"version": whole, "name": text,
            "sources": free, "layers": list(free)})),
    });
    match all {
        Value::Object(all) => all,
        _ => Map::new(),
    }
}
