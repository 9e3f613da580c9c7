//! The parameters `filter`, `filter-lang` and `filter-crs` (OGC 19-079r2, 8).

use std::sync::Arc;

use crate::error::{Result, invalid};
use crate::hazard::cql2::{Condition, Lang, crs84};
use crate::hazard::layer::Layer;

/// WGS 84, longitude first.
pub const CRS84: &str = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";
/// The same with a height, which does not restrict.
const CRS84H: &str = "http://www.opengis.net/def/crs/OGC/0/CRS84h";

/// What they say, which is read when all of them are known.
#[derive(Default)]
pub struct Filtering {
    filter: Option<String>,
    lang: Lang,
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
            "filter-crs" if ![CRS84, CRS84H].contains(&value.as_str()) => {
                return Err(invalid(name, value, format!("no reference system of this collection; there are {CRS84}")));
            }
            "filter-crs" => {}
            _ => self.filter = Some(value),
        }
        Ok(())
    }

    /// The filter, compiled for the features of a layer.
    ///
    /// # Errors
    /// `Invalid` that says where what is wrong.
    pub fn condition(&self, layer: Layer) -> Result<Option<Arc<Condition>>> {
        let read = |filter: &String| Condition::read(filter, self.lang, &crs84, &layer.properties()).map(Arc::new);
        self.filter.as_ref().map(read).transpose()
    }
}
