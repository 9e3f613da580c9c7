//! Which of OSM's things are taken: `data/osm_places.toml` as code.

use std::sync::LazyLock;

use serde::Deserialize;

use super::block::Tags;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
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

/// As OSM limits its values; whatever is longer is no name.
const LONGEST_NAME_CHARS: usize = 255;

impl StreetKinds {
    /// Whether cars may use this way.
    pub fn drivable(&self, tags: &Tags) -> bool {
        let highway = tags.get("highway").is_some_and(|value| is_one_of(value, &self.highway));
        highway && tags.get("area") != Some(b"yes")
    }
}

impl PointKinds {
    /// The name of a point of a kind that is taken.
    pub fn name(&self, tags: &Tags) -> Option<String> {
        self.kinds.iter().find_map(|kind| {
            let taken = tags.get(&kind.tag).is_some_and(|value| is_one_of(value, &kind.values))
                && kind.with.as_ref().is_none_or(|with| tags.get(with).is_some());
            kind.names.iter().filter(|_| taken).find_map(|key| name(tags, key))
        })
    }
}

/// A tag that holds a name, with single spaces.
pub fn name(tags: &Tags, key: &str) -> Option<String> {
    let words: Vec<&str> = std::str::from_utf8(tags.get(key)?).ok()?.split_whitespace().collect();
    let name = words.join(" ");
    let plain = !name.is_empty() && !name.chars().any(char::is_control);
    (plain && name.chars().count() <= LONGEST_NAME_CHARS).then_some(name)
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
        let point = |pairs: &[_]| CHOICE.points.name(&tags(pairs));
        let tunnel = [("tunnel", "yes"), ("highway", "primary"), ("name", "A St"), ("tunnel:name", " The  Dip ")];
        assert_eq!(point(&tunnel).as_deref(), Some("The Dip"));
        assert_eq!(point(&tunnel[..3]).as_deref(), Some("A St"));
        assert_eq!(point(&[("tunnel", "yes"), ("railway", "rail"), ("name", "Metro")]), None);
        assert_eq!(point(&[("shop", "bakery"), ("name", "Ospelt")]), None);
        assert_eq!(point(&[("railway", "station"), ("name", "\u{7}bell")]), None);
        assert_eq!(point(&[("railway", "station")]), None);
    }
}
