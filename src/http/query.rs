//! Query parameters: each known, each given once.

use axum::extract::Query;
use axum::http::Uri;

use crate::error::{Result, invalid};
use crate::hazard::layer::{Filter, Layer};

/// The filter that a request for a layer asks for.
///
/// # Errors
/// `Invalid` for an unknown parameter, one given twice, or a value that cannot be read.
pub fn filter(uri: &Uri, layer: Layer) -> Result<Filter> {
    let mut filter = Filter::default();
    for (name, value) in pairs(uri)? {
        filter.set(layer, &name, &value)?;
    }
    Ok(filter)
}

/// For addresses that take no parameters.
///
/// # Errors
/// `Invalid` naming the first there is.
pub fn none(uri: &Uri) -> Result<()> {
    match pairs(uri)?.into_iter().next() {
        Some((name, value)) => Err(invalid(name, value, "unknown query parameter; this address takes none")),
        None => Ok(()),
    }
}

/// The parameters, decoded.
///
/// # Errors
/// `Invalid` for a query that cannot be decoded, or a parameter given twice.
pub fn pairs(uri: &Uri) -> Result<Vec<(String, String)>> {
    let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(uri)
        .map_err(|e| invalid("query", uri.query().unwrap_or_default(), e.to_string()))?;
    for (i, (name, value)) in pairs.iter().enumerate() {
        if pairs[..i].iter().any(|(earlier, _)| earlier == name) {
            return Err(invalid(name, value, "given twice"));
        }
    }
    Ok(pairs)
}
