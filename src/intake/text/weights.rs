//! The table of `data/text/place_weights.tsv`, and the lists of words that its rows speak of.

use std::collections::BTreeMap;
use std::ops::Range;

use hashbrown::HashMap;

/// For a word that a place begins with, that goes on with one, and that is of none.
pub(super) type Weights = [f32; 3];
/// The same for adding up: four at once, of which the last is nothing.
pub(super) type Row = [f32; 4];

/// Words looked at on either side; kinds and lists on either side; and from where the first pair begins.
pub(super) const WORD_SIDE: usize = 3;
pub(super) const SIDE: usize = 2;
pub(super) const PAIR_FROM: usize = 2;
const LONGEST_WORD_CHARS: usize = 24;
const PER_WEIGHT: f32 = 100.0;
/// Words in neither the table nor a text.
const UNKNOWN: u16 = 0;

/// Of a list, for its first word, its last, and one between; each at all offsets.
pub(super) type OfList = [[Row; 2 * SIDE + 1]; 3];

/// What a word is made of: a place in [`KINDS`], or one of the two after them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Kind(u8);

const KINDS: [&str; 18] = [
    "#", "digits1", "digits2", "digits3", "capitals", "capital", "small", "number", "side", ",", ";", ":", "!", "?",
    "。", "、", "…", "space",
];
const LETTER: u8 = KINDS.len() as u8;
const POINT: u8 = LETTER + 1;
const ALL_KINDS: usize = KINDS.len() + 2;

impl Kind {
    pub const BEYOND: Kind = Kind(0);

    pub fn index(self) -> usize {
        usize::from(self.0)
    }

    fn named(name: &str) -> Option<Kind> {
        let i = KINDS.iter().position(|kind| *kind == name).map(|i| i as u8);
        i.or(match name {
            "letter" => Some(LETTER),
            "point" => Some(POINT),
            _ => None,
        })
        .map(Kind)
    }

    /// `written`: before it was made small.
    pub fn of<'t>(word: &str, written: impl FnOnce() -> &'t str) -> Kind {
        let first = word.chars().next().unwrap_or(' ');
        Kind(match first {
            '0'..='9' => word.len().min(3) as u8,
            'a'..='z' => {
                let written = written();
                let mut letters = written.chars().filter(char::is_ascii_alphabetic);
                if word.len() > 1 && letters.all(|c| c.is_ascii_uppercase()) {
                    4
                } else if written.starts_with(char::is_uppercase) {
                    5
                } else {
                    6
                }
            }
            c if "一二三四五六七八九十两".contains(c) => 7,
            '东' | '西' | '南' | '北' => 8,
            ',' => 9,
            ';' => 10,
            ':' => 11,
            '!' => 12,
            '?' => 13,
            '。' => 14,
            '、' => 15,
            '…' => 16,
            c if c.is_whitespace() => 17,
            c if c.is_alphanumeric() => LETTER,
            _ => POINT,
        })
    }
}

pub(super) struct Table {
    pub then: [Weights; 3],
    pub any: Row,
    /// Of what stands before a text and after it.
    pub beyond: u16,
    of_chars: Box<[u16]>,
    of_words: HashMap<String, u16>,
    pub word: Vec<[Row; 2 * WORD_SIDE + 1]>,
    /// So many of the words have weights; the others are of lists alone.
    weighed: u16,
    pairs: HashMap<(u16, u16), [Row; 2 * PAIR_FROM]>,
    threes: HashMap<(u16, u16, u16), Row>,
    pub kind: [[Row; 2 * SIDE + 1]; ALL_KINDS],
    kinds: Vec<Row>,
    /// The entries of the lists, word by word: the node of each first word (0 is none), from a node to the next, and
    /// what ends there in `lists`.
    first: Vec<u32>,
    next: HashMap<(u32, u16), u32>,
    ends: Vec<Option<u16>>,
    lists: Vec<OfList>,
}

impl Table {
    pub fn embedded() -> Table {
        Table::new(include_str!("../../../data/text/place_weights.tsv"))
    }

    fn new(rows: &str) -> Table {
        let words = lists_of_words();
        let mut table = Table {
            then: [[0.0; 3]; 3],
            any: Row::default(),
            beyond: UNKNOWN,
            of_chars: vec![UNKNOWN; usize::from(u16::MAX) + 1].into_boxed_slice(),
            of_words: HashMap::new(),
            word: vec![Default::default()],
            weighed: 0,
            pairs: HashMap::new(),
            threes: HashMap::new(),
            kind: Default::default(),
            kinds: vec![Row::default(); ALL_KINDS * ALL_KINDS * ALL_KINDS],
            first: Vec::new(),
            next: HashMap::new(),
            ends: vec![None],
            lists: Vec::new(),
        };
        let mut by_path: HashMap<&str, OfList> = HashMap::new();
        for row in rows.lines().filter(|row| !row.starts_with("# ")) {
            table.row(row, &mut by_path).unwrap_or_else(|| panic!("a row of place_weights.tsv is none: {row}"));
        }
        table.beyond = table.id("#");
        table.weighed = table.word.len() as u16;
        let mut known: HashMap<&[String], u16> = HashMap::new();
        for (entry, paths) in &words {
            let list = *known.entry(paths).or_insert_with(|| {
                let mut sum = OfList::default();
                for list in paths.iter().filter_map(|path| by_path.get(path.as_str())) {
                    for (to, from) in sum.as_flattened_mut().iter_mut().zip(list.as_flattened()) {
                        for (to, from) in to.iter_mut().zip(from) {
                            *to += from;
                        }
                    }
                }
                table.lists.push(sum);
                (table.lists.len() - 1) as u16
            });
            table.enter(entry, list);
        }
        table
    }

    fn enter(&mut self, entry: &str, list: u16) {
        let mut node = 0;
        for at in words(entry) {
            let id = self.add(&entry[at]);
            let new = self.ends.len() as u32;
            if node == 0 {
                self.first.resize(self.word.len().max(self.first.len()), 0);
                let first = &mut self.first[usize::from(id)];
                *first = if *first == 0 { new } else { *first };
                node = *first;
            } else {
                node = *self.next.entry((node, id)).or_insert(new);
            }
            if node == new {
                self.ends.push(None);
            }
        }
        self.ends[node as usize] = Some(list);
    }

    fn row<'r>(&mut self, row: &'r str, by_path: &mut HashMap<&'r str, OfList>) -> Option<()> {
        let mut cells = row.split('\t');
        let (what, key, offset) = (cells.next()?, cells.next()?, cells.next()?.parse::<i8>().ok()?);
        let mut weights = Row::default();
        for weight in &mut weights[..3] {
            *weight = cells.next()?.parse::<f32>().ok()? / PER_WEIGHT;
        }
        let at = |side: usize| usize::try_from(offset + side as i8).ok();
        match what {
            "any" => self.any = weights,
            "then" => {
                let mut states = key.chars().filter_map(|state| "BIO".find(state));
                self.then[states.next()?][states.next()?] = weights[0];
            }
            "word" => {
                let id = self.add(key);
                *self.word[usize::from(id)].get_mut(at(WORD_SIDE)?)? = weights;
            }
            "pair" => {
                let (a, b) = key.split_once(' ')?;
                let pair = (self.add(a), self.add(b));
                *self.pairs.entry(pair).or_default().get_mut(at(PAIR_FROM)?)? = weights;
            }
            "three" => {
                let mut three = key.split(' ').map(|word| self.add(word));
                let three = (three.next()?, three.next()?, three.next()?);
                self.threes.insert(three, weights);
            }
            "kind" => *self.kind[Kind::named(key)?.index()].get_mut(at(SIDE)?)? = weights,
            "kinds" => {
                let mut three = key.split(' ').map(Kind::named);
                let at = Table::of_kinds(three.next()??, three.next()??, three.next()??);
                self.kinds[at] = weights;
            }
            part => {
                let part = ["first", "last", "inner"].iter().position(|name| *name == part)?;
                *by_path.entry(key).or_default()[part].get_mut(at(SIDE)?)? = weights;
            }
        }
        Some(())
    }

    fn add(&mut self, word: &str) -> u16 {
        let known = self.id(word);
        if known != UNKNOWN {
            return known;
        }
        let id = self.word.len() as u16;
        self.word.push(Default::default());
        let word = match word {
            "␣" => " ",
            "⏎" => "\n",
            word => word,
        };
        match Table::alone(word).and_then(|c| self.of_chars.get_mut(c as usize)) {
            Some(of_char) => *of_char = id,
            None => _ = self.of_words.insert(word.to_owned(), id),
        }
        id
    }

    fn alone(word: &str) -> Option<char> {
        let mut chars = word.chars();
        chars.next().filter(|_| chars.next().is_none())
    }

    /// The number of a word, the same for all that the table does not have.
    pub fn id(&self, word: &str) -> u16 {
        match Table::alone(word) {
            Some('\r' | '⏎') => self.of_chars['\n' as usize],
            Some('␣') => self.of_chars[' ' as usize],
            Some(c) => self.of_chars.get(c as usize).copied().unwrap_or(UNKNOWN),
            None => self.of_words.get(word).copied().unwrap_or(UNKNOWN),
        }
    }

    pub fn pair(&self, a: u16, b: u16) -> Option<&[Row; 2 * PAIR_FROM]> {
        (self.weighs(a) && self.weighs(b)).then(|| self.pairs.get(&(a, b))).flatten()
    }

    pub fn three(&self, a: u16, b: u16, c: u16) -> Option<&Row> {
        (self.weighs(a) && self.weighs(b) && self.weighs(c)).then(|| self.threes.get(&(a, b, c))).flatten()
    }

    fn weighs(&self, id: u16) -> bool {
        id != UNKNOWN && id < self.weighed
    }

    fn of_kinds(a: Kind, b: Kind, c: Kind) -> usize {
        (a.index() * ALL_KINDS + b.index()) * ALL_KINDS + c.index()
    }

    pub fn kinds(&self, a: Kind, b: Kind, c: Kind) -> &Row {
        &self.kinds[Table::of_kinds(a, b, c)]
    }

    /// The longest entry of a list that begins a text of these words: how many it has, and its weights.
    pub fn list(&self, mut ids: impl Iterator<Item = u16>) -> Option<(usize, &OfList)> {
        let first = self.first.get(usize::from(ids.next()?)).copied();
        let mut node = first.filter(|node| *node > 0)?;
        let mut longest = self.ends[node as usize].map(|list| (1, list));
        for (i, id) in (2..).zip(ids) {
            let Some(&next) = self.next.get(&(node, id)) else { break };
            node = next;
            longest = self.ends[node as usize].map(|list| (i, list)).or(longest);
        }
        longest.map(|(count, list)| (count, &self.lists[usize::from(list)]))
    }
}

/// Chinese characters, runs of Latin letters, and numbers.
pub(super) fn words(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::with_capacity(text.len() / 2);
    let mut from = 0;
    while let Some(first) = text[from..].chars().next() {
        let rest = &text[from..];
        let run = |rest: &str, of: fn(char) -> bool| rest.len() - rest.trim_start_matches(of).len();
        let (of, joint): (fn(char) -> bool, char) = match first {
            'a'..='z' => (|c| c.is_ascii_lowercase(), '\''),
            '0'..='9' => (|c| c.is_ascii_digit(), '.'),
            _ => {
                found.push(from..from + first.len_utf8());
                from += first.len_utf8();
                continue;
            }
        };
        let mut length = run(rest, of);
        let more = rest[length..].strip_prefix(joint).map_or(0, |after| run(after, of));
        length += if more > 0 { more + 1 } else { 0 };
        found.push(from..from + length);
        from += length;
    }
    found
}

/// Each word of the lists of `data/text`, with the lists that it is in: "places:chinese:road".
fn lists_of_words() -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::new();
    let files = [
        ("places", include_str!("../../../data/text/places.toml")),
        ("phrases", include_str!("../../../data/text/phrases.toml")),
        ("categories", include_str!("../../../data/text/categories.toml")),
        ("times", include_str!("../../../data/text/times.toml")),
        ("measures", include_str!("../../../data/text/measures.toml")),
    ];
    for (name, file) in files {
        let table: toml::Table = file.parse().expect("the lists are TOML");
        collect(&toml::Value::Table(table), name, &mut found);
    }
    let rows = |file: &'static str| file.lines().filter(|line| !line.starts_with('#'));
    for row in rows(include_str!("../../../data/text/divisions.tsv")) {
        row.split('\t').skip(1).take(2).for_each(|word| add(word, "division", &mut found));
    }
    for city in rows(include_str!("../../../data/text/cities_en.txt")) {
        add(&city.trim().to_lowercase(), "city", &mut found);
    }
    found
}

fn add(word: &str, path: &str, found: &mut BTreeMap<String, Vec<String>>) {
    if (1..=LONGEST_WORD_CHARS).contains(&word.chars().count()) {
        let paths = found.entry(word.to_owned()).or_default();
        if !paths.iter().any(|known| known == path) {
            paths.push(path.to_owned());
        }
    }
}

fn collect(value: &toml::Value, path: &str, found: &mut BTreeMap<String, Vec<String>>) {
    match value {
        toml::Value::String(word) => add(word, path, found),
        toml::Value::Array(all) => all.iter().for_each(|value| collect(value, path, found)),
        toml::Value::Table(table) => {
            let name = table.get("name").and_then(toml::Value::as_str);
            let path = name.map_or_else(|| path.to_owned(), |name| format!("{path}:{name}"));
            // Parts are names of lists, and what is alone is no list.
            let lists = table.iter().filter(|(key, value)| key.as_str() != "parts" && !value.is_str());
            lists.for_each(|(key, value)| collect(value, &format!("{path}:{key}"), found));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_of_the_kind_that_the_table_calls_it() {
        let words = [
            ("7", "digits1"),
            ("15", "digits2"),
            ("1.5", "digits3"),
            ("NH", "capitals"),
            ("Road", "capital"),
            ("road", "small"),
            ("三", "number"),
            ("东", "side"),
            ("路", "letter"),
            ("(", "point"),
            ("\n", "space"),
        ];
        for (word, name) in words {
            assert_eq!(Some(Kind::of(&word.to_lowercase(), || word)), Kind::named(name), "{word}");
        }
        for point in [",", ";", ":", "!", "?", "。", "、", "…"] {
            assert_eq!(Some(Kind::of(point, || point)), Kind::named(point), "{point}");
        }
    }

    #[test]
    fn the_longest_entry_of_the_lists_counts_where_it_begins_and_ends_with_a_word() {
        let table = Table::embedded();
        let count = |text: &str| table.list(words(text).into_iter().map(|at| table.id(&text[at]))).map(|found| found.0);
        assert_eq!(count("路口cars"), Some(2), "路口 is one entry");
        assert_eq!(count("car"), Some(1));
        assert_eq!(count("carx"), None, "it ends within a word");
        assert_eq!(count(""), None);
    }
}
