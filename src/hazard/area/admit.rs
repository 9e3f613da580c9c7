//! Which sets of areas the log takes.

use hashbrown::HashMap;

use super::super::event::Area;
use super::super::position::Position;
use super::super::works::label;
use crate::error::{Result, invalid};

/// The fewest positions of a ring (RFC 7946, 3.1.6).
const LEAST_RING: usize = 4;
const MOST_POSITIONS: usize = 200_000;
/// What is wider is meant to cross 180°, or wrong.
const WIDEST_E7: i64 = 1_800_000_000;

/// Is this a set of areas that positions can be looked up in?
///
/// # Errors
/// `Invalid` that names the field of the first area that has no id or that of another, an unknown parent or one that is not
/// coarser, or a ring that is none.
pub fn admit(areas: &[Area]) -> Result<()> {
    let mut levels = HashMap::new();
    for area in areas {
        if area.id.is_empty() {
            return Err(invalid("id", "", "an area needs an id"));
        }
        label("id", &area.id)?;
        area.name.as_ref().map_or(Ok(()), |name| label("name", name))?;
        if levels.insert(area.id.as_str(), area.level).is_some() {
            return Err(invalid("id", &area.id, "there are two areas with this id"));
        }
        shape(area)?;
    }
    for area in areas {
        let Some(parent) = area.parent.as_deref() else { continue };
        match levels.get(parent) {
            None => return Err(invalid("parent", parent, format!("of {}: there is no area with this id", area.id))),
            Some(level) if *level >= area.level => {
                let (own, above) = (area.level.name(), level.name());
                let reason = format!("of {}: a {own} is not part of a {above}", area.id);
                return Err(invalid("parent", parent, reason));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

fn shape(area: &Area) -> Result<()> {
    let refused = |reason: String| Err(invalid("geometry", &area.id, reason));
    let positions = area.polygons.iter().flatten().map(Vec::len).sum::<usize>();
    if area.polygons.is_empty() || area.polygons.iter().any(Vec::is_empty) || positions > MOST_POSITIONS {
        return refused(format!("not polygons of 1 to {MOST_POSITIONS} positions"));
    }
    for ring in area.polygons.iter().flatten() {
        if ring.len() < LEAST_RING || ring.first() != ring.last() {
            return refused(format!("a ring has {LEAST_RING} positions or more, the last like the first"));
        }
        let lons = || ring.iter().map(|at: &Position| i64::from(at.lon_e7()));
        if lons().max().zip(lons().min()).is_some_and(|(east, west)| east - west > WIDEST_E7) {
            return refused("wider than half the Earth: cut it where it crosses 180° (RFC 7946, 3.1.9)".into());
        }
    }
    Ok(())
}
