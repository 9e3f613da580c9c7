//! What is drawn under the map: outlines of the city's own, so that no map has to be asked of another host. Their
//! polygons are its land.

use std::path::Path;
use std::sync::Arc;

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use geojson::{FeatureCollection, GeoJson, GeometryValue, LineStringType, PolygonType};

use super::layers::GEO_JSON;
use super::{App, Problem, etag, query};
use crate::error::{Result, invalid};
use crate::hazard::analysis::land::Land;
use crate::hazard::position::Position;

/// A base map is held in memory and sent whole.
const LARGEST_BYTES: usize = 20_000_000;
const NOTHING: &[u8] = br#"{"type":"FeatureCollection","features":[]}"#;

/// A collection of features, as text.
pub struct Base {
    text: Vec<u8>,
    tag: String,
    land: Option<Arc<Land>>,
}

impl Base {
    /// No outlines.
    pub fn none() -> Base {
        Base::of(NOTHING.to_vec(), Vec::new())
    }

    /// Reads a GeoJSON feature collection, WGS 84.
    ///
    /// # Errors
    /// `Invalid` for a file that cannot be read, is too large, or is something else, polygons in other than degrees too.
    pub fn open(path: &Path) -> Result<Base> {
        let refuse = |reason: String| invalid("--base", path.display(), reason);
        let text = std::fs::read(path).map_err(|e| refuse(format!("cannot be read: {e}")))?;
        if text.len() > LARGEST_BYTES {
            return Err(refuse(format!("{} bytes; at most {LARGEST_BYTES} are taken: simplify it", text.len())));
        }
        let read = std::str::from_utf8(&text).map_err(|e| e.to_string());
        match read.and_then(|text| text.parse::<GeoJson>().map_err(|e| e.to_string())) {
            Ok(GeoJson::FeatureCollection(all)) => Ok(Base::of(text, polygons(&all).map_err(refuse)?)),
            Ok(_) => Err(refuse("not a GeoJSON feature collection".into())),
            Err(reason) => Err(refuse(format!("not GeoJSON: {reason}"))),
        }
    }

    fn of(text: Vec<u8>, polygons: Vec<Vec<Vec<Position>>>) -> Base {
        let hash = &blake3::hash(&text).to_hex()[..16];
        let land = Land::of(polygons, hash.to_owned()).map(Arc::new);
        Base { text, tag: format!("W/\"{hash}\""), land }
    }

    /// What lies in one of its polygons; nothing where it has none.
    pub fn land(&self) -> Option<Arc<Land>> {
        self.land.clone()
    }
}

/// The rings of every polygon. What else there is, lines and points, is only drawn.
fn polygons(all: &FeatureCollection) -> std::result::Result<Vec<Vec<Vec<Position>>>, String> {
    let mut polygons = Vec::new();
    for (n, feature) in all.features.iter().enumerate() {
        let Some(geometry) = &feature.geometry else { continue };
        for polygon in of(&geometry.value) {
            polygons.push(rings(polygon).map_err(|e| format!("feature {}: {e}", n + 1))?);
        }
    }
    Ok(polygons)
}

fn of(geometry: &GeometryValue) -> Vec<&PolygonType> {
    match geometry {
        GeometryValue::Polygon { coordinates } => vec![coordinates],
        GeometryValue::MultiPolygon { coordinates } => coordinates.iter().collect(),
        GeometryValue::GeometryCollection { geometries } => geometries.iter().flat_map(|g| of(&g.value)).collect(),
        _ => Vec::new(),
    }
}

fn rings(polygon: &PolygonType) -> Result<Vec<Vec<Position>>> {
    let ring = |ring: &LineStringType| match ring.len() >= 4 && ring.first() == ring.last() {
        true => ring.iter().map(|at| Position::new(at[0], at[1])).collect(),
        false => Err(invalid("coordinates", "", "a ring has four positions or more, and ends where it begins")),
    };
    polygon.iter().map(ring).collect()
}

pub async fn base(State(app): State<App>, request: HeaderMap, uri: Uri) -> std::result::Result<Response, Problem> {
    query::none(&uri)?;
    let base = &app.shared.base;
    if let Some(same) = etag::not_modified(&request, &base.tag) {
        return Ok(same);
    }
    Ok((etag::headers(base.tag.clone()), [(CONTENT_TYPE, GEO_JSON)], base.text.clone()).into_response())
}
