//! The parameters `filter`, `filter-lang` and `filter-crs` (OGC 19-079r2, 8).

use std::sync::Arc;

use super::super::cql2::{Condition, Lang, crs84};
use super::super::crs::Crs;
use super::Layer;
use crate::error::{Error, Result, invalid};

/// WGS 84, longitude first, with a height, which does not restrict.
const CRS84H: &str = "http://www.opengis.net/def/crs/OGC/0/CRS84h";

/// What they say, which is read when all of them are known.
#[derive(Default)]
pub struct Filtering {
    filter: Option<String>,
    lang: Lang,
    crs: Crs,
}

/// The system that `filter-crs` names.
///
/// # Errors
/// `Invalid` for one that is not known.
pub fn filter_crs(uri: &str) -> Result<Crs> {
    if uri == CRS84H {
        return Ok(Crs::Crs84);
    }
    uri.parse().map_err(|error| match error {
        Error::Invalid { value, reason, .. } => invalid("filter-crs", value, reason),
        other => other,
    })
}

impl Filtering {
    pub const PARAMETERS: [&str; 3] = ["filter", "filter-lang", "filter-crs"];

    /// Takes what a parameter says.
    ///
    /// # Errors
    /// `Invalid` for a language or a reference system that is not known.
    pub fn take(&mut self, name: &str, value: String) -> Result<()> {
        match name {
            "filter-lang" => self.lang = Lang::named(&value)?,
            "filter-crs" => self.crs = filter_crs(&value)?,
            _ => self.filter = Some(value),
        }
        Ok(())
    }

    /// The filter, compiled for the features of a layer.
    ///
    /// # Errors
    /// `Invalid` that says where what is wrong.
    pub fn condition(&self, layer: Layer) -> Result<Option<Arc<Condition>>> {
        let degrees = |first: f64, second: f64| match self.crs {
            Crs::Crs84 => crs84(first, second),
            crs => crs.degrees([first, second]).ok_or_else(|| {
                let order = if crs.north_first() { "northing or latitude" } else { "easting" };
                format!("{first} {second} is no position of {crs}, whose first axis is the {order}")
            }),
        };
        let read = |filter: &String| Condition::read(filter, self.lang, &degrees, &layer.properties()).map(Arc::new);
        self.filter.as_ref().map(read).transpose()
    }
}
