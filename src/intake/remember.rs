//! A name that somebody at the desk has put on the map by hand: remembered, so that the next message that uses it is understood.

use super::aliases::clean;
use super::post::random_id;
use super::street::public_name;
use crate::error::{Result, invalid};
use crate::hazard::event::Place;
use crate::hazard::position::Position;

/// Longer is a description.
const LONGEST_CHARS: usize = 30;
/// Of one place; beyond, it is known well enough.
const MOST_ALIASES: usize = 64;
/// A name with one of these may be of somebody's home: a place is public.
const HOMES: [&str; 18] = [
    "我", "你", "他", "她", "咱", "号楼", "单元", "室", "栋", "幢", "弄", "户", "宿舍", "#", "my ", "apt", "flat ",
    "his ",
];

/// The name under which a spot is remembered.
///
/// # Errors
/// `Invalid` for what is no name, may be somebody's home, or is a whole street.
pub fn name(text: &str) -> Result<String> {
    let refuse = |reason: &str| Err(invalid("remember", text, reason));
    let Some(name) = clean(text) else { return refuse("there is no name to remember: send it as place") };
    if !(2..=LONGEST_CHARS).contains(&name.chars().count()) {
        return refuse("a name that is remembered has 2 to 30 characters");
    }
    if let Some(street) = public_name(&name) {
        // A crossing is a spot, a street is none.
        let crossing = street.contains('与') || street.contains(" & ") || name.ends_with('口');
        return if crossing { Ok(name) } else { refuse("is a whole street, and no spot") };
    }
    let lower = name.to_lowercase();
    if name.contains(|c: char| c.is_ascii_digit()) || HOMES.iter().any(|word| lower.contains(word)) {
        return refuse("may be somebody's home: places are public");
    }
    Ok(name)
}

/// What a spot of this name changes among the places: one more name of the place that is there, or a place of its own. Nothing
/// where it is known already.
///
/// # Errors
/// `Store` when the machine has no random numbers.
pub fn place(name: String, at: Position, there: Option<&Place>) -> Result<Option<Place>> {
    match there {
        Some(place) if place.names().any(|known| known == name) || place.aliases.len() >= MOST_ALIASES => Ok(None),
        Some(place) => {
            let mut place = place.clone();
            match place.name {
                Some(_) => place.aliases.push(name),
                None => place.name = Some(name),
            }
            Ok(Some(place))
        }
        None => {
            let id = format!("desk:{}", random_id()?);
            Ok(Some(Place { id, position: at, name: Some(name), aliases: Vec::new() }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spot_is_remembered_and_a_home_a_street_or_a_story_is_not() {
        for text in ["老菜市场后门", "豪苑路与南海大道路口", "药谷路口", "Blue Gate Market", "19 Av & 58 St"]
        {
            assert_eq!(name(text).unwrap(), text);
        }
        for (text, reason) in [
            ("豪苑路", "street"),
            ("Main St", "street"),
            ("我家门口", "home"),
            ("和信小区3栋", "home"),
            ("12 Foo House", "home"),
            (" ", "no name"),
            ("水", "2 to 30"),
        ] {
            let told = name(text).unwrap_err().to_string();
            assert!(told.contains(reason), "{text}: {told}");
        }
    }

    #[test]
    fn a_name_goes_to_the_place_that_is_there_once() {
        let at = Position::new(110.3, 20.0).unwrap();
        let there = Place { id: "x".into(), position: at, name: Some("和信广场".into()), aliases: Vec::new() };
        let more = place("药谷".into(), at, Some(&there)).unwrap().unwrap();
        assert_eq!((more.id.as_str(), more.aliases.as_slice()), ("x", &["药谷".to_owned()][..]));
        assert_eq!(place("药谷".into(), at, Some(&more)).unwrap(), None);
        let new = place("药谷".into(), at, None).unwrap().unwrap();
        assert!(new.id.starts_with("desk:") && new.name.as_deref() == Some("药谷"));
    }
}
