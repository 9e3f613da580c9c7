//! OGC API - Features, Part 2: Coordinate Reference Systems by Reference 1.0.1 (OGC 18-058r1): what coordinates a
//! collection can be asked for in.
//!
//! A collection has the systems of the whole world, and of its own part of it: the zones of UTM and of CGCS2000 that its
//! extent lies in. The standard has exactly those listed accepted, so others are refused, and every feature has
//! coordinates in all that are listed.

use axum::http::{HeaderName, Uri};

use super::super::query::{self, Asked};
use super::super::{App, Problem};
use crate::error::invalid;
use crate::hazard::crs::Crs;
use crate::hazard::layer::{Extent, Layer, filter_crs};

/// Says which system the coordinates of an answer are in (/req/crs/ogc-crs-header).
pub const CONTENT_CRS: HeaderName = HeaderName::from_static("content-crs");

/// All systems of a collection with this extent.
pub fn all(extent: &Extent) -> Vec<Crs> {
    let local = extent.bbox.iter().flat_map(Crs::local);
    Crs::EVERYWHERE.into_iter().chain(local).collect()
}

/// Refuses a system that the collection does not have; `name`: what names it.
///
/// # Errors
/// `Invalid` that lists those it has.
pub async fn known(app: &App, asked: Asked, layer: Layer, name: &str, crs: Crs) -> Result<(), Problem> {
    if Crs::EVERYWHERE.contains(&crs) {
        return Ok(());
    }
    let shared = app.shared.clone();
    let known = all(&app.read(asked, move |map| shared.extents.of(map, layer)).await?);
    if known.contains(&crs) {
        return Ok(());
    }
    let known: Vec<_> = known.iter().map(Crs::to_string).collect();
    let reason = format!("{} are not there; known here are {}", layer.name(), known.join(", "));
    Err(invalid(name, crs, reason).into())
}

/// The system that a request says the geometries of its filter are in.
fn of_filter(uri: &Uri) -> Result<Crs, Problem> {
    let given = query::pairs(uri)?.into_iter().find(|(name, _)| name == "filter-crs");
    Ok(given.map_or(Ok(Crs::default()), |(_, value)| filter_crs(&value))?)
}

/// Refuses a filter in a system that the layer does not have.
///
/// # Errors
/// `Invalid`, as [`known`], and for one that is not known at all.
pub async fn check_filter(app: &App, layer: Layer, uri: &Uri) -> Result<(), Problem> {
    known(app, Asked::default(), layer, "filter-crs", of_filter(uri)?).await
}

/// The systems that a request names.
#[derive(Clone, Copy)]
pub struct Named {
    /// Of the answer's coordinates.
    pub crs: Crs,
    /// Of the box.
    bbox_crs: Crs,
    /// Of the geometries in the filter.
    filter_crs: Crs,
}

impl Named {
    /// # Errors
    /// `Invalid` for a system that is not known at all.
    pub fn of(uri: &Uri) -> Result<Named, Problem> {
        let named = |name| query::crs(uri, name);
        Ok(Named { crs: named("crs")?, bbox_crs: named("bbox-crs")?, filter_crs: of_filter(uri)? })
    }

    /// # Errors
    /// `Invalid` for a system that the collection does not have.
    pub async fn check(self, app: &App, asked: Asked, layer: Layer) -> Result<(), Problem> {
        known(app, asked.clone(), layer, "crs", self.crs).await?;
        known(app, asked.clone(), layer, "bbox-crs", self.bbox_crs).await?;
        known(app, asked, layer, "filter-crs", self.filter_crs).await
    }

    /// # Errors
    /// `Invalid` for a system of the answer's other than degrees, longitude first: files of all formats are in these.
    pub fn must_be_degrees(self) -> Result<(), Problem> {
        match self.crs {
            Crs::Crs84 => Ok(()),
            other => Err(invalid("crs", other, "files are in WGS 84 degrees, longitude first: leave it out").into()),
        }
    }

    /// The header that names the answer's system.
    pub fn header(self) -> [(HeaderName, String); 1] {
        [(CONTENT_CRS, format!("<{}>", self.crs))]
    }
}
