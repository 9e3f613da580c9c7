//! Names that the desk puts on the map by hand become places: everybody's, with nothing of who did it.

use super::{App, Problem};
use crate::error::{Result, invalid};
use crate::hazard::event::Event;
use crate::hazard::place::Spot;
use crate::hazard::position::Position;
use crate::intake::text::Matter;
use crate::intake::{Draft, Private, remember};

/// A pin this near to a place is of that place.
const SAME_M: f64 = 40.0;

/// The name in what was understood of a matter that names no place here yet, and may be remembered.
pub fn nameable(matter: &Matter) -> Option<String> {
    let matter = Some(matter).filter(|matter| matter.place_id.is_none())?;
    remember::name(matter.place_text.as_deref()?).ok()
}

/// The name to remember, where that is wanted: as it was given by hand, else as it was written.
///
/// # Errors
/// `Invalid` where there is none, or one that may not be a place.
pub fn wanted(wanted: bool, given: Option<&str>, matter: Option<&Matter>, pinned: bool) -> Result<Option<String>> {
    if !wanted {
        return Ok(None);
    }
    if !pinned {
        return Err(invalid("remember", true, "put it on the map: lon and lat are missing"));
    }
    let written = || matter?.place_text.as_deref();
    remember::name(given.or_else(written).unwrap_or_default()).map(Some)
}

/// Makes it a place, or one more name of the place that is there.
pub async fn learn(app: &App, name: String, at: Position) -> Result<(), Problem> {
    let change = app.read(Default::default(), move |map| {
        let there = match map.places().site(at, SAME_M).spot() {
            Spot::Place(slot) => Some(&map.places().all()[slot.index()]),
            Spot::Cell(_) => None,
        };
        remember::place(name, at, there)
    });
    if let Some(place) = change.await?? {
        let draft = Draft { event: Event::Places(vec![place]), key: None, private: Private::default() };
        app.to_write()?.submit(draft).await?;
    }
    Ok(())
}
