//! Which of OSM's things are taken: `data/osm_places.toml` as code.

use std::sync::LazyLock;

use serde::Deserialize;

use super::block::Tags;
use crate::intake::aliases::{self, NameKeys};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    pub names: NameKeys,
    pub streets: StreetKinds,
    pub points: PointKinds,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StreetKinds {
    highway: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PointKinds {
    /// Metres.
    pub longest_m: f64,
    kinds: Vec<PointKind>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PointKind {
    tag: String,
    values: Vec<String>,
    with: Option<String>,
    names: Vec<String>,
}

pub static CHOICE: LazyLock<Choice> = LazyLock::new(|| {
    toml::from_str(include_str!("../../../data/osm_places.toml")).expect("the embedded choice is tested to parse")
});

impl StreetKinds {
    /// Whether cars may use this way.
    pub fn drivable(&self, tags: &Tags) -> bool {
        let highway = tags.get("highway").is_some_and(|value| is_one_of(value, &self.highway));
        highway && tags.get("area") != Some(b"yes")
    }
}

impl PointKinds {
    /// The name of a point of a kind that is taken, and what else it is called.
    pub fn names(&self, tags: &Tags) -> Option<(String, Vec<String>)> {
        let (name, key) = self.kinds.iter().find_map(|kind| {
            let taken = tags.get(&kind.tag).is_some_and(|value| is_one_of(value, &kind.values))
                && kind.with.as_ref().is_none_or(|with| tags.get(with).is_some());
            kind.names.iter().filter(|_| taken).find_map(|key| Some((name(tags, key)?, key)))
        })?;
        let others: Vec<&str> = CHOICE.names.beside(key).filter_map(|key| text(tags, &key)).collect();
        let others = aliases::of(Some(&name), others);
        Some((name, others))
    }
}

/// A tag that holds a name, with single spaces.
pub fn name(tags: &Tags, key: &str) -> Option<String> {
    aliases::clean(text(tags, key)?)
}

/// What else a street is called, each with the key that says so; of several names under one key the first.
pub fn street_names(tags: &Tags) -> impl Iterator<Item = (String, String)> {
    CHOICE.names.beside("name").filter_map(|key| {
        let name = aliases::clean(text(tags, &key)?.split(aliases::BETWEEN).next()?)?;
        Some((key, name))
    })
}

fn text<'t>(tags: &Tags<'t>, key: &str) -> Option<&'t str> {
    std::str::from_utf8(tags.get(key)?).ok()
}

fn is_one_of(value: &[u8], values: &[String]) -> bool {
    values.iter().any(|v| v.as_bytes() == value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_choice_takes_streets_and_points_with_names_only() {
        let tags = |pairs: &[(&'static str, &'static str)]| {
            Tags(pairs.iter().map(|(key, value)| (key.as_bytes(), value.as_bytes())).collect())
        };
        let drivable = |pairs: &[_]| CHOICE.streets.drivable(&tags(pairs));
        assert!(drivable(&[("highway", "residential")]));
        assert!(!drivable(&[("highway", "footway")]) && !drivable(&[("railway", "rail")]));
        assert!(!drivable(&[("highway", "residential"), ("area", "yes")]));
        let point = |pairs: &[_]| CHOICE.points.names(&tags(pairs)).map(|(name, _)| name);
        let tunnel = [("tunnel", "yes"), ("highway", "primary"), ("name", "A St"), ("tunnel:name", " The  Dip ")];
        assert_eq!(point(&tunnel).as_deref(), Some("The Dip"));
        assert_eq!(point(&tunnel[..3]).as_deref(), Some("A St"));
        assert_eq!(point(&[("tunnel", "yes"), ("railway", "rail"), ("name", "Metro")]), None);
        assert_eq!(point(&[("shop", "bakery"), ("name", "Ospelt")]), None);
        assert_eq!(point(&[("railway", "station"), ("name", "\u{7}bell")]), None);
        assert_eq!(point(&[("railway", "station")]), None);
        // A tunnel's names are not those of its street.
        let many = [
            ("tunnel", "yes"),
            ("highway", "primary"),
            ("tunnel:name", "隧道"),
            ("tunnel:name:en", "The Dip;Dip"),
            ("name:en", "A St"),
            ("old_name", "B St"),
        ];
        assert_eq!(CHOICE.points.names(&tags(&many)), Some(("隧道".into(), vec!["The Dip".into(), "Dip".into()])));
        let street = [("name", "海秀路"), ("name:en", "Haixiu Rd; Haixiu Road"), ("old_name", "")];
        assert_eq!(street_names(&tags(&street)).collect::<Vec<_>>(), [("name:en".into(), "Haixiu Rd".into())]);
    }
}
