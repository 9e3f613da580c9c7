//! Whose measurements a row holds: the id, the position and the name of a gauge or a station.

use super::record::Row;
use super::reject::Reject;
use super::table::Table;
use crate::error::{Error, Result, invalid};
use crate::hazard::position::Position;

/// The one that all rows are of, where the table does not say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SiteOf {
    pub id: Option<String>,
    pub position: Option<Position>,
}

/// Where a table says it; else what was given with it.
pub struct SiteColumns {
    id: Option<usize>,
    at: Option<(usize, usize)>,
    name: Option<usize>,
    given: SiteOf,
}

/// Id, position and name of a row.
pub type Named = (String, Option<Position>, Option<String>);

impl SiteColumns {
    /// `ids`: what the column of the id may be called.
    ///
    /// # Errors
    /// `Invalid` for an id given beside a table that has one, a position without an id, or half a position.
    pub fn of(table: &Table, given: &SiteOf, ids: &[&str]) -> Result<SiteColumns> {
        let first = |names: &[&str]| names.iter().find_map(|name| table.index_of(name));
        let id = first(ids);
        if let (Some(column), Some(given)) = (id, &given.id) {
            let reason = format!("the file says so itself, in its column {}", table.headers()[column]);
            return Err(table.at_header(column, invalid(ids[1], given, reason)));
        }
        if let (None, Some(at)) = (&given.id, given.position) {
            return Err(invalid(
                "at",
                format!("{},{}", at.lon(), at.lat()),
                format!("of which? give its id: {}", ids[1]),
            ));
        }
        let at = match (first(&["lon", "longitude"]), first(&["lat", "latitude"])) {
            (Some(lon), Some(lat)) => Some((lon, lat)),
            _ => None,
        };
        let name = first(&["name", "gauge_name", "station_name"]);
        Ok(SiteColumns { id, at, name, given: given.clone() })
    }

    /// Of which gauge or station a row is; nothing where neither the table nor anybody says.
    pub fn gauge(&self, row: &Row) -> Result<Option<Named>, Reject> {
        let id = match (self.id, &self.given.id) {
            (Some(column), _) => match row.field(column).trim() {
                "" => return Err(row.reject(column, "missing id")),
                id => id.to_owned(),
            },
            (None, Some(id)) => id.clone(),
            (None, None) => return Ok(None),
        };
        let position = match self.at.filter(|_| self.given.position.is_none()) {
            Some((lon, lat)) => position(row, lon, lat)?,
            None => self.given.position,
        };
        let name = self.name.map(|column| row.field(column).trim().to_owned()).filter(|name| !name.is_empty());
        Ok(Some((id, position, name)))
    }

    /// A reject of a row because of whose it is.
    pub fn reject(&self, row: &Row, reason: impl Into<String>) -> Reject {
        row.reject(self.id.or(self.at.map(|at| at.0)).unwrap_or(0), reason)
    }
}

/// A position, where there is one.
fn position(row: &Row, lon: usize, lat: usize) -> Result<Option<Position>, Reject> {
    if row.field(lon).trim().is_empty() && row.field(lat).trim().is_empty() {
        return Ok(None);
    }
    let degrees = |i: usize| row.field(i).trim().parse::<f64>().map_err(|_| row.reject(i, "not a number of degrees"));
    let position = Position::new(degrees(lon)?, degrees(lat)?);
    position.map(Some).map_err(|e| match e {
        Error::Invalid { field, reason, .. } => row.reject(if field == "lon" { lon } else { lat }, reason),
        other => row.reject(lat, other.to_string()),
    })
}
