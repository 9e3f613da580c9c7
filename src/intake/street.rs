//! One spelling for the name of a street or a crossing, as New York's open data writes them; rules are words in
//! `data/street_words.toml`.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

pub use super::street_text::public_name;
use super::street_text::{address, is_ideograph};

/// The words, see the data file for what each table means.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    pub types: HashMap<String, String>,
    pub directions: HashMap<String, String>,
    runs: HashMap<String, String>,
    pub trailing: HashMap<String, String>,
    numbers: HashMap<String, String>,
    pub lists: Lists,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Lists {
    pub whole: Vec<String>,
    pub before_number: Vec<String>,
    keep_direction: Vec<String>,
    small: Vec<String>,
    capitals: Vec<String>,
    not_whole: Vec<String>,
    not_last: Vec<String>,
    not_within: Vec<String>,
    pub uncertain: Vec<String>,
}

pub(super) static WORDS: LazyLock<Words> = LazyLock::new(|| {
    toml::from_str(include_str!("../../data/street_words.toml")).expect("the embedded words are tested to parse")
});

/// The street's name in our spelling: `WEST 52 STREET` and `W 52nd St.` are `W 52 St`.
///
/// `None` for what is no street: nothing at all, a railway, a boundary, a highway exit, `DEAD END`.
pub fn street(text: &str) -> Option<String> {
    let words = capital_words(text);
    let whole = words.join(" ");
    let lists = &WORDS.lists;
    let ends = |w: &String| {
        whole.ends_with(w.as_str()) && (whole.len() == w.len() || whole[..whole.len() - w.len()].ends_with(' '))
    };
    let no_street = words.is_empty()
        || !whole.contains(char::is_alphanumeric)
        || lists.not_whole.contains(&whole)
        || lists.not_last.iter().any(ends)
        || words.iter().skip(1).any(|w| lists.not_within.contains(w));
    (!no_street).then(|| spelled(&words))
}

/// Spells streets and remembers how: a table names the same few thousand again and again.
#[derive(Debug, Default)]
pub struct Streets {
    known: HashMap<String, Option<String>>,
    addresses: HashMap<String, Option<String>>,
}

impl Streets {
    /// As [`street`].
    pub fn street(&mut self, text: &str) -> Option<String> {
        if let Some(known) = self.known.get(text) {
            return known.clone();
        }
        let spelled = street(text);
        self.known.insert(text.to_owned(), spelled.clone());
        spelled
    }

    /// The street of an address without its house number, or the crossing; `None` where it is not clearly one.
    pub fn of_address(&mut self, text: &str) -> Option<String> {
        let text = address(text)?;
        if let Some(known) = self.addresses.get(text) {
            return known.clone();
        }
        let name = public_name(text);
        self.addresses.insert(text.to_owned(), name.clone());
        name
    }

    /// The names of the crossings of a street with others; the street alone where it crosses none of them.
    pub fn names<'a>(&mut self, along: &str, across: impl IntoIterator<Item = &'a str>) -> Vec<String> {
        let Some(along) = self.street(along) else { return Vec::new() };
        let mut names: Vec<String> = Vec::new();
        for other in across {
            if let Some(other) = self.street(other).filter(|o| *o != along) {
                let name = crossing(&along, &other);
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        if names.is_empty() { vec![along] } else { names }
    }
}

/// The name of the crossing of two streets in our spelling; the same in either order.
pub fn crossing(a: &str, b: &str) -> String {
    let (a, b) = if natural(a, b).is_gt() { (b, a) } else { (a, b) };
    format!("{a} & {b}")
}

/// The name of a junction of several streets as they are called; the same in any order.
pub fn junction_name(mut streets: Vec<&str>) -> String {
    if streets.iter().all(|street| street.contains(is_ideograph)) {
        streets.sort_unstable();
        return streets.join("与");
    }
    streets.sort_unstable_by(|a, b| natural(a, b));
    streets.join(" & ")
}

/// Word by word: numbers by their value, and before words.
fn natural(a: &str, b: &str) -> Ordering {
    let key = |word: &str| match word.parse::<u64>() {
        Ok(n) => (0, n, String::new()),
        Err(_) => (1, 0, word.to_lowercase()),
    };
    a.split(' ').map(key).cmp(b.split(' ').map(key)).then_with(|| a.cmp(b))
}

/// Words in capitals, without full stops; `58TH` is `58`, and runs that are written in several ways are one.
pub(super) fn capital_words(text: &str) -> Vec<String> {
    let text = text.replace('.', " ").to_uppercase();
    let words: Vec<String> = text.split_whitespace().map(|w| without_ordinal(w).to_owned()).collect();
    let mut out: Vec<String> = Vec::with_capacity(words.len());
    let mut i = 0;
    while i < words.len() {
        // At most three words are one run.
        let run =
            (1..=words.len().min(i + 3) - i).rev().find_map(|n| Some((n, WORDS.runs.get(&words[i..i + n].join(" "))?)));
        match run {
            Some((n, one)) => {
                out.extend(one.split(' ').map(str::to_owned));
                i += n;
            }
            _ => {
                out.push(words[i].clone());
                i += 1;
            }
        }
    }
    out
}

fn without_ordinal(word: &str) -> &str {
    ["ST", "ND", "RD", "TH"].iter().find_map(|end| word.strip_suffix(end).filter(|n| is_number(n))).unwrap_or(word)
}

pub(super) fn is_number(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit())
}

fn spelled(words: &[String]) -> String {
    let w = &*WORDS;
    let mut tail: Vec<&str> = Vec::new();
    let mut rest = words;
    // From the end: directions and service roads, then the type, as long as a name stays before them.
    // AVENUE N is no direction: the name would be a type alone.
    while let [head @ .., last] = rest
        && let Some(short) = w.directions.get(last).or_else(|| w.trailing.get(last))
        && head.len() >= 2
    {
        tail.insert(0, short);
        rest = head;
    }
    if let [head @ .., last] = rest
        && let Some(short) = w.types.get(last)
        && !head.is_empty()
    {
        tail.insert(0, short);
        rest = head;
    }
    let mut out: Vec<String> = Vec::new();
    if let [first, more @ ..] = rest {
        let named_further = !more.is_empty();
        let kept = || w.lists.keep_direction.contains(&format!("{first} {}", more[0]));
        out.push(match first.as_str() {
            "AVENUE" | "AVE" | "AV" if named_further => "Av".to_owned(),
            "SAINT" | "ST" if named_further => "St".to_owned(),
            "B" if named_further && is_number(&more[0]) => "Beach".to_owned(),
            one if named_further && w.directions.contains_key(one) && !kept() => w.directions[one].clone(),
            one if !named_further && !tail.is_empty() && w.numbers.contains_key(one) => w.numbers[one].clone(),
            one => title(one, true),
        });
        rest = more;
    }
    for word in rest {
        out.push(title(word, false));
    }
    join_mc(&mut out);
    out.extend(tail.into_iter().map(str::to_owned));
    out.join(" ")
}

/// `Mc` and the word after it are one: `MC KINLEY` is `McKinley`.
fn join_mc(words: &mut Vec<String>) {
    while let Some(i) = words.iter().position(|w| w == "Mc").filter(|i| i + 1 < words.len()) {
        let next = words.remove(i + 1);
        words[i] += &next;
    }
}

fn title(word: &str, first: bool) -> String {
    let lists = &WORDS.lists;
    if lists.capitals.iter().any(|c| c == word) {
        return word.to_owned();
    }
    if !first && lists.small.iter().any(|s| s == word) {
        return word.to_lowercase();
    }
    let mut out = String::with_capacity(word.len());
    let mut up = true;
    for (i, c) in word.chars().enumerate() {
        if up {
            out.extend(c.to_uppercase())
        } else {
            out.extend(c.to_lowercase())
        }
        // O'GORMAN, CO-OP, MCKINLEY; but ST JOHN'S.
        let rest = word.chars().count() - i - 1;
        up = matches!(c, '-' | '/') || (c == '\'' && rest > 1) || (i == 1 && out == "Mc" && rest > 2);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_street_has_one_spelling() {
        for (text, spelled) in [
            ("19 AVENUE", "19 Av"),
            ("19th Ave.", "19 Av"),
            ("WEST 52 STREET", "W 52 St"),
            ("W 52 ST", "W 52 St"),
            ("AVENUE N", "Av N"),
            ("AVENUE OF THE AMERICAS", "Av of the Americas"),
            ("VAN ZANDT AVENUE", "Van Zandt Av"),
            ("MC KINLEY AVE", "McKinley Av"),
            ("MCKINLEY AVENUE", "McKinley Av"),
            ("ST JOHNS PLACE", "St Johns Pl"),
            ("SAINT JOHNS PL", "St Johns Pl"),
            ("O'GORMAN AVE", "O'Gorman Av"),
            ("CO-OP CITY BLVD", "Co-Op City Blvd"),
            ("ASTORIA BLVD NORTH", "Astoria Blvd N"),
            ("7 AVENUE SOUTH", "7 Av S"),
            ("WEST STREET", "West St"),
            ("WEST BROADWAY", "W Broadway"),
            ("W END AVE", "West End Av"),
            ("PROSPECT PARK SOUTHWEST", "Prospect Park SW"),
            ("VAN WYCK EXPRESSWAY SR WEST", "Van Wyck Expwy SR W"),
            ("B 101 STREET", "Beach 101 St"),
            ("COURT STREET", "Court St"),
            ("FIFTH AVENUE", "5 Av"),
            ("6 1/2 AVE", "6 1/2 Av"),
            ("BROADWAY", "Broadway"),
        ] {
            assert_eq!(street(text).as_deref(), Some(spelled), "{text}");
            assert_eq!(street(spelled).as_deref(), Some(spelled), "our own spelling stays");
        }
    }

    #[test]
    fn what_is_no_street_has_no_name() {
        for text in [
            "",
            "????",
            "DEAD END",
            "BEND",
            "BRIGHTON/CULVER LINE",
            "BAYSIDE CEMETERY BNDY",
            "SHORELINE",
            "BELT PARKWAY EXIT 21 A WB",
            "VAN WYCK EXPWY SB EN QUEENS BLVD",
        ] {
            assert_eq!(street(text), None, "{text}");
        }
    }

    #[test]
    fn a_crossing_is_one_whichever_street_comes_first() {
        for (a, b, name) in [
            ("58 STREET", "19 AVENUE", "19 Av & 58 St"),
            ("153 ST", "35 AVENUE", "35 Av & 153 St"),
            ("W 82 ST", "BROADWAY", "Broadway & W 82 St"),
            ("WEST 52 STREET", "8 AVE", "8 Av & W 52 St"),
        ] {
            assert_eq!(Streets::default().names(a, [b]), [name]);
            assert_eq!(Streets::default().names(b, [a]), [name]);
        }
    }

    #[test]
    fn a_junction_is_called_by_all_its_streets_in_one_order() {
        assert_eq!(junction_name(vec!["58 St", "Broadway", "9 Av"]), "9 Av & 58 St & Broadway");
        assert_eq!(junction_name(vec!["龙昆南路", "海秀东路"]), "海秀东路与龙昆南路");
        assert_eq!(junction_name(vec!["龙昆南路", "G15"]), "G15 & 龙昆南路");
    }

    #[test]
    fn a_block_face_names_both_its_crossings_and_a_street_without_crossing_itself() {
        assert_eq!(
            Streets::default().names("91 STREET", ["32 AVE", "NORTHERN BLVD"]),
            ["32 Av & 91 St", "91 St & Northern Blvd"]
        );
        assert_eq!(Streets::default().names("91 STREET", ["DEAD END", "32 AVE"]), ["32 Av & 91 St"]);
        assert_eq!(Streets::default().names("91 STREET", ["DEAD END", ""]), ["91 St"]);
        assert_eq!(Streets::default().names("", ["32 AVE"]), [""; 0]);
    }
}
