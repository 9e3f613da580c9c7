//! How tiles are cut: the one tile matrix set there is, as OGC 17-083r4 writes it.

use axum::extract::Path;
use axum::response::Response;
use serde_json::{Value, json};

use super::super::Problem;
use super::super::base_url::BaseUrl;
use super::call::Call;
use super::{JSON, link};
use crate::hazard::crs::Crs;

pub const ID: &str = "WebMercatorQuad";
pub const URI: &str = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad";
const TITLE: &str = "Google Maps Compatible for the World";
/// The deepest of the set; tiles are not made as deep.
const LAST_MATRIX: u8 = 24;
const TILE_PX: u32 = 256;
/// Half a side of the square, in metres.
const HALF_M: f64 = 20_037_508.342_789_244;
/// In metres: what a pixel is taken for (17-083r4, 6.2).
const PIXEL_M: f64 = 0.000_28;

/// 404 for every other set.
pub fn known(id: &str) -> Result<(), Problem> {
    match id {
        ID => Ok(()),
        _ => Err(Problem::not_found(format!("no tile matrix set {id:?}; there is {ID}"))),
    }
}

fn address(base: &BaseUrl) -> String {
    base.link(&format!("/ogc/tileMatrixSets/{ID}"))
}

/// To its definition, from what is cut by it.
pub fn scheme(base: &BaseUrl) -> crate::hazard::layer::Link {
    link("http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme", address(base), JSON, "how the tiles are cut")
}

pub async fn list(call: Call) -> Result<Response, Problem> {
    call.fixed(JSON, |writer| {
        let links = [link("self", address(&call.base), JSON, "its definition")];
        let set = json!({"id": ID, "title": TITLE, "uri": URI, "crs": Crs::WebMercator.to_string(), "links": links});
        json!({"title": "Tile matrix sets", "tileMatrixSets": [set], "links": writer.links()})
    })
}

pub async fn one(call: Call, Path(id): Path<String>) -> Result<Response, Problem> {
    known(&id)?;
    call.fixed(JSON, |writer| {
        json!({
            "id": ID,
            "title": TITLE,
            "uri": URI,
            "crs": Crs::WebMercator.to_string(),
            "orderedAxes": ["X", "Y"],
            "wellKnownScaleSet": "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible",
            "tileMatrices": (0..=LAST_MATRIX).map(matrix).collect::<Vec<_>>(),
            "links": writer.links(),
        })
    })
}

fn matrix(zoom: u8) -> Value {
    let across = 1_u32 << zoom;
    let cell_m = 2.0 * HALF_M / f64::from(TILE_PX) / f64::from(across);
    json!({
        "id": zoom.to_string(),
        "scaleDenominator": cell_m / PIXEL_M,
        "cellSize": cell_m,
        "cornerOfOrigin": "topLeft",
        "pointOfOrigin": [-HALF_M, HALF_M],
        "tileWidth": TILE_PX,
        "tileHeight": TILE_PX,
        "matrixWidth": across,
        "matrixHeight": across,
    })
}
