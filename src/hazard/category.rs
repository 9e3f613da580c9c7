//! What a report can be about: the table in `data/categories.toml`.

use std::sync::LazyLock;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::error::{Error, Result, invalid};

/// A category: an index into the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Category(u8);

/// One row of the table; see the data file for what each field means.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CategoryInfo {
    pub name: String,
    pub en: String,
    pub zh: String,
    pub lapse_s: Option<i64>,
    pub max_open_s: Option<i64>,
    /// How long it is believed that vehicles cannot pass, after it was last seen; seconds.
    pub closure_s: i64,
    #[serde(default)]
    pub alone: bool,
    pub open311: String,
    pub about_en: String,
    pub about_zh: String,
    #[serde(default)]
    pub water: bool,
    pub department: String,
    /// Words that suggest it, in small letters: English ones at the beginning of a word, Chinese ones anywhere.
    pub words: Vec<String>,
}

#[derive(Deserialize)]
struct Table {
    category: Vec<CategoryInfo>,
}

static TABLE: LazyLock<Vec<CategoryInfo>> = LazyLock::new(|| {
    let table: Table =
        toml::from_str(include_str!("../../data/categories.toml")).expect("the embedded table is tested to parse");
    table.category
});

impl Category {
    /// Every category, in the order of the table.
    pub fn all() -> impl Iterator<Item = Category> {
        (0..TABLE.len()).map(|i| Category(i as u8))
    }

    /// The category of this name.
    ///
    /// # Errors
    /// `Invalid` that lists the known names.
    pub fn named(name: &str) -> Result<Category> {
        Category::all().find(|c| c.name() == name).ok_or_else(|| {
            let known: Vec<_> = Category::all().map(Category::name).collect();
            invalid("category", name, format!("unknown; known are {}", known.join(", ")))
        })
    }

    pub fn name(self) -> &'static str {
        &self.info().name
    }

    pub fn info(self) -> &'static CategoryInfo {
        &TABLE[usize::from(self.0)]
    }

    /// The category that the longest word in a text suggests, with that word.
    pub fn suggested(text: &str) -> Option<(Category, &'static str)> {
        let text: String =
            text.chars().map(|c| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { ' ' }).collect();
        let begins = |word: &str| {
            text.match_indices(word).any(|(i, _)| !word.is_ascii() || i == 0 || text.as_bytes()[i - 1] == b' ')
        };
        let words = Category::all().flat_map(|c| c.info().words.iter().map(move |word| (c, word.as_str())));
        // Of words of one length the first in the table.
        words.filter(|(_, word)| begins(word)).min_by_key(|(_, word)| std::cmp::Reverse(word.chars().count()))
    }

    /// Its place in the table, from 0.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }

    /// Each report is a case of its own, and never on the hazard map.
    pub fn is_alone(self) -> bool {
        self.info().alone
    }
}

impl PartialSchema for Category {
    fn schema() -> RefOr<Schema> {
        let names: Vec<_> = Category::all().map(Category::name).collect();
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names)).into()
    }
}

impl ToSchema for Category {}

impl std::str::FromStr for Category {
    type Err = Error;

    fn from_str(name: &str) -> Result<Category> {
        Category::named(name)
    }
}

/// By its name where people may read it, else by its place in the table.
impl Serialize for Category {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        if out.is_human_readable() { out.serialize_str(self.name()) } else { out.serialize_u8(self.0) }
    }
}

impl<'de> Deserialize<'de> for Category {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Category, D::Error> {
        if !input.is_human_readable() {
            let index = u8::deserialize(input)?;
            let known = usize::from(index) < TABLE.len();
            return known.then_some(Category(index)).ok_or_else(|| serde::de::Error::custom("no such category"));
        }
        struct Name;
        impl serde::de::Visitor<'_> for Name {
            type Value = Category;
            fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                f.write_str("the name of a category")
            }
            fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Category, E> {
                Category::named(name).map_err(E::custom)
            }
        }
        input.deserialize_str(Name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_parses_and_its_names_differ() {
        let mut names: Vec<_> = Category::all().map(Category::name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 9);
    }

    #[test]
    fn the_longest_word_in_a_text_suggests_a_category() {
        let of = |text| Category::suggested(text).map(|(c, _)| c.name());
        assert_eq!(of("Street Flooding (SJ)"), Some("waterlogging"));
        assert_eq!(of("Catch Basin Clogged/Flooding (Use Comments)"), Some("blocked_drain"));
        assert_eq!(of("traffic_signal_fault"), Some("traffic_safety"));
        assert_eq!(of("海秀路积水严重"), Some("waterlogging"));
        assert_eq!((of("brainflood"), of("")), (None, None));
    }

    #[test]
    fn an_unknown_category_lists_the_known() {
        let error = Category::named("flood").unwrap_err().to_string();
        assert!(error.contains("waterlogging") && error.contains("opinion"), "{error}");
    }
}
