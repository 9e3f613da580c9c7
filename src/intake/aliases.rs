//! What else a place is called: tags of OpenStreetMap, and columns or properties of the same names, as `data/osm_places.toml`
//! lists them.

use serde::Deserialize;

use super::osm::CHOICE;

/// The column of a table that holds all of them.
const OWN: &str = "aliases";
/// Between several names in one text.
pub(super) const BETWEEN: [char; 2] = ['|', ';'];
/// As OSM limits its values; whatever is longer is no name.
const LONGEST_CHARS: usize = 255;
/// Of one place.
const MOST: usize = 16;

/// The keys of further names.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NameKeys {
    languages: Vec<String>,
    others: Vec<String>,
}

impl NameKeys {
    /// The keys of what else something is called whose name stands under `key`.
    pub fn beside<'k>(&'k self, key: &'k str) -> impl Iterator<Item = String> + 'k {
        let others = self.others.iter().filter(move |_| key == "name");
        self.languages.iter().map(move |language| format!("{key}:{language}")).chain(others.cloned())
    }
}

/// The columns or properties that may hold further names.
pub(super) fn columns() -> Vec<String> {
    std::iter::once(OWN.to_owned()).chain(CHOICE.names.beside("name")).collect()
}

/// A text that is a name, with single spaces.
pub(super) fn clean(text: &str) -> Option<String> {
    let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let plain = !name.is_empty() && !name.chars().any(char::is_control);
    (plain && name.chars().count() <= LONGEST_CHARS).then_some(name)
}

/// The names that some texts hold, each once, without the one that is shown.
pub(super) fn of<'t>(shown: Option<&str>, texts: impl IntoIterator<Item = &'t str>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for name in texts.into_iter().flat_map(|text| text.split(BETWEEN)).filter_map(clean) {
        if shown != Some(name.as_str()) && !found.contains(&name) && found.len() < MOST {
            found.push(name);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_other_languages_and_of_other_times_come_once_each_and_without_the_first() {
        let keys: Vec<String> = CHOICE.names.beside("tunnel:name").collect();
        assert_eq!(keys, ["tunnel:name:zh", "tunnel:name:zh-Hans", "tunnel:name:zh-Hant", "tunnel:name:en"]);
        assert!(columns().starts_with(&["aliases".to_owned(), "name:zh".to_owned()]));
        assert!(columns().contains(&"old_name".to_owned()));
        let texts = ["海秀路", " Haixiu  Rd;Haixiu Road", "海秀路", "|", "\u{7}", "Haixiu Rd"];
        assert_eq!(of(Some("海秀路"), texts), ["Haixiu Rd", "Haixiu Road"]);
        assert_eq!(of(None, (0..40).map(|_| "x")).len(), 1);
    }
}
