//! What is built like a place and names none: an office, 全村, a direction, what a list of kinds warns of, a river that
//! the city suffers from.

use std::ops::Range;

use serde::Deserialize;

use super::divisions;
use super::grammar::Grammar;
use super::marks::Marks;
use super::place::Phrase;
use super::sentence;

/// Characters of 全村 and 全镇.
const MOST_OF_ALL_CHARS: usize = 3;
const MOST_OF_A_DISTRICT_CHARS: usize = 3;
/// "受岷江、大渡河、青衣江三江洪水影响": looked at so far on both sides.
const LONGEST_CAUSE_BYTES: usize = 90;

/// Words of `data/text/places.toml`.
#[derive(Deserialize)]
pub(super) struct Unplaced {
    /// Begins the name of what is beside an office, and not of what it says.
    beside_office: Vec<String>,
    /// A street: no office.
    street: String,
    /// Kinds of a whole: 全村.
    whole: String,
    /// Before a kind: nobody says which.
    counts: Vec<String>,
    joins: String,
    /// A direction has no other characters.
    direction: String,
    /// Between a gauge and what it reads, and the units of rain.
    reads: Vec<String>,
    rain: Vec<String>,
    /// After 城: of an office.
    of_the_city: String,
    /// After 街: of the office of a sub-district.
    of_the_street: Vec<String>,
    /// Kinds of a district, after a short name and before a colon; and those of the list.
    district: Vec<String>,
    listed: Vec<String>,
    /// Before the way round, and with `instead` in its sentence.
    detour: Vec<String>,
    by_way: Vec<String>,
    instead: Vec<String>,
    /// "受…影响".
    cause_before: String,
    cause_after: String,
}

/// Leaves places that name one.
pub(super) fn drop(text: &str, places: &mut Vec<Phrase>, marks: &Marks) {
    let mut last: Option<usize> = None;
    let mut round: Option<usize> = None;
    let starts: Vec<usize> = places.iter().map(|place| place.at.start).collect();
    places.retain(|place| {
        let name = &text[place.at.clone()];
        let told = last.is_some_and(|end| sentence::is_one(&text[end..place.at.start]));
        let none = is_an_office(text, place, marks)
            || is_all(name, marks)
            || is_of_kinds(name, marks)
            || is_a_direction(name, told, marks)
            || is_a_cause(text, place, marks)
            || is_a_district(text, place, marks)
            || is_a_gauge(text, place, marks);
        let detour = is_a_detour(text, place, last.is_some(), round, marks)
            || last.is_some() && is_gone_instead(text, place, &starts)
            || is_of_a_title(text, place, &starts);
        round = detour.then_some(place.at.end);
        if !(none || detour) {
            last = Some(place.at.end);
        }
        !(none || detour)
    });
}

/// "市排水事务中心积水信息(第3期):", "——宿迁市城管局".
fn is_an_office(text: &str, place: &Phrase, marks: &Marks) -> bool {
    let name = &text[place.at.clone()];
    let words = &marks.unplaced;
    !name.contains(|c| words.street.contains(c))
        && marks.speaks.iter().any(|end| name.ends_with(end.as_str()))
        && !words.beside_office.iter().any(|word| text[place.at.end..].starts_with(word.as_str()))
}

fn is_all(name: &str, marks: &Marks) -> bool {
    name.starts_with(Grammar::embedded().unplaced.all)
        && name.chars().count() <= MOST_OF_ALL_CHARS
        && name.ends_with(|c| marks.unplaced.whole.contains(c))
}

/// 地下车库和桥洞, 两座地道桥: nobody says which.
fn is_of_kinds(name: &str, marks: &Marks) -> bool {
    let words = &marks.unplaced;
    if words.counts.iter().any(|count| {
        name.strip_prefix(count.as_str())
            .is_some_and(|kind| marks.find(kind).next().is_some_and(|(at, m)| at == (0..kind.len()) && m.ends_a_name()))
    }) {
        return true;
    }
    let joins = |c: char| words.joins.contains(c);
    let mut parts = name.split(joins);
    name.contains(joins) && parts.all(|part| marks.generic.contains(part))
}

/// "花果园方向行车畅通": of the place before it; "东向西方向": of no place.
fn is_a_direction(name: &str, told: bool, marks: &Marks) -> bool {
    Grammar::embedded().unplaced.direction.before(name).is_some_and(|of| {
        let bare = of.chars().all(|c| marks.unplaced.direction.contains(c));
        bare || told && !marks.find(of).any(|(_, m)| m.road || m.junction)
    })
}

/// "请绕行天威路、三丰路", "use Burley Road instead": the way round what was named before; `with` is the one before in a list.
fn is_a_detour(text: &str, place: &Phrase, earlier: bool, with: Option<usize>, marks: &Marks) -> bool {
    let (words, fixed) = (&marks.unplaced, &Grammar::embedded().unplaced);
    let before = text[..place.at.start].trim_end_matches(&*fixed.by_way);
    let listed = with.is_some_and(|end| fixed.listed.has(text[end..place.at.start].trim()));
    if listed || earlier && words.detour.iter().any(|word| before.ends_with(word.as_str())) {
        return true;
    }
    let by = words
        .by_way
        .iter()
        .any(|word| before.strip_suffix(word.as_str()).is_some_and(|rest| rest.ends_with([' ', ',', '.', ';'])));
    let from = text.floor_char_boundary(before.len().saturating_sub(LONGEST_CAUSE_BYTES));
    let far = text.floor_char_boundary((place.at.end + LONGEST_CAUSE_BYTES).min(text.len()));
    let sentence = &text[from + text[from..before.len()].rfind(". ").unwrap_or(0)..far];
    let sentence = &sentence[..sentence.find(['。', '\n', ';']).unwrap_or(sentence.len())];
    earlier && by && words.instead.iter().any(|word| sentence.contains(word.as_str()))
}

/// "海府路水浸，同事走中山大道，棠东路那边…": the way of those who do not go there, of which nothing else is said.
fn is_gone_instead(text: &str, place: &Phrase, starts: &[usize]) -> bool {
    let fixed = &Grammar::embedded().unplaced;
    let before = &text[..place.at.start];
    let before =
        if text[place.at.clone()].starts_with(fixed.goes) { Some(before) } else { before.strip_suffix(fixed.goes) };
    let rest = text[place.at.end..].trim_start_matches(&*fixed.then);
    let after = rest.trim_start_matches(|c: char| !c.is_alphanumeric());
    let next = starts[starts.partition_point(|start| *start <= place.at.start)..].first();
    before.is_some_and(|before| !before.ends_with(&*fixed.goes_not))
        && (after.is_empty() || after.len() < rest.len() && next == Some(&(text.len() - after.len())))
}

/// "下班走海府路的看过来": the way of those who are spoken to, and 走马岗路的积水 is none.
pub(super) fn is_gone_by_some(text: &str, at: Range<usize>) -> bool {
    let grammar = Grammar::embedded();
    text[at.clone()].starts_with(grammar.unplaced.goes)
        && text[at.end..].starts_with(grammar.common.of)
        && text[..at.start].ends_with(char::is_alphabetic)
}

/// "关于海府路封闭的通告：…": what is announced, where it is named again.
fn is_of_a_title(text: &str, place: &Phrase, starts: &[usize]) -> bool {
    let fixed = &Grammar::embedded().unplaced;
    let far = text.floor_char_boundary((place.at.end + LONGEST_CAUSE_BYTES).min(text.len()));
    let near = text.floor_char_boundary(place.at.start.saturating_sub(LONGEST_CAUSE_BYTES));
    let title = text[place.at.end..far].split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    fixed.titles.ends(title)
        && fixed.about.is_in(text[near..place.at.start].rsplit([':', '。', '\n', ',']).next().unwrap_or_default())
        && starts.last().is_some_and(|last| *last > place.at.end)
}

/// "真理道泵站71毫米": of the rain there.
fn is_a_gauge(text: &str, place: &Phrase, marks: &Marks) -> bool {
    let words = &marks.unplaced;
    let mut rest = &text[place.at.end..];
    while let Some(after) = words.reads.iter().find_map(|word| rest.strip_prefix(word.as_str())) {
        rest = after;
    }
    let unit = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    unit.len() < rest.len() && words.rain.iter().any(|word| unit.starts_with(word.as_str()))
}

/// "天河区：": what is under it is there.
fn is_a_district(text: &str, place: &Phrase, marks: &Marks) -> bool {
    let (words, fixed) = (&marks.unplaced, &Grammar::embedded().unplaced);
    let name = &text[place.at.clone()];
    let short = name.chars().count() <= MOST_OF_A_DISTRICT_CHARS && !name.contains(|c| words.street.contains(c));
    let rest = &text[place.at.end..];
    // "洛阳城管", "天河区录得71.5毫米降雨"
    let office = name.ends_with(fixed.city) && rest.starts_with(|c| words.of_the_city.contains(c));
    // "海珠区凤阳街：", "大石街三防队"
    let street = name.ends_with(fixed.street)
        && (place.at.start == 0 && name.contains(fixed.district) && rest.starts_with(':')
            || words.of_the_street.iter().any(|word| rest.starts_with(word.as_str())));
    let kind = |kinds: &'_ [String]| kinds.iter().find(|kind| rest.starts_with(kind.as_str())).map(String::len);
    let listed = kind(&words.listed).is_some_and(|length| divisions::is_one(&format!("{name}{}", &rest[..length])));
    office || street || listed || short && kind(&words.district).is_some_and(|length| rest[length..].starts_with(':'))
}

/// A river that the city suffers from.
fn is_a_cause(text: &str, place: &Phrase, marks: &Marks) -> bool {
    if !marks.river.iter().any(|kind| text[place.at.clone()].ends_with(kind.as_str())) {
        return false;
    }
    let near = text.floor_char_boundary(place.at.start.saturating_sub(LONGEST_CAUSE_BYTES));
    let far = text.floor_char_boundary((place.at.end + LONGEST_CAUSE_BYTES).min(text.len()));
    let ends = |c: char| matches!(c, ',' | '。' | ';' | ':' | '\n');
    let before = text[near..place.at.start].rsplit(ends).next().unwrap_or_default();
    let after = text[place.at.end..far].split(ends).next().unwrap_or_default();
    before.contains(marks.unplaced.cause_before.as_str()) && after.contains(marks.unplaced.cause_after.as_str())
}

/// Drops words of a sentence that what was learnt takes for a place: "沿河堤防巡查继续进行".
pub(super) fn drop_work(text: &str, places: &mut Vec<Phrase>, marks: &Marks) {
    places.retain(|place| {
        let name = &text[place.at.clone()];
        // "海府路抢险中": it is there.
        !Grammar::embedded().unplaced.work.ends(name) || marks.find(name).any(|(_, m)| m.road || m.junction)
    });
}

/// Drops the crossing that an English sentence names after what it says of the road.
pub(super) fn drop_crossings(text: &str, places: &mut Vec<Phrase>) {
    let mut first: Option<Phrase> = None;
    places.retain(|place| {
        let named = first.as_ref().is_some_and(|first| is_the_crossing(text, first, &place.at));
        if !named {
            first = Some(place.clone());
        }
        !named
    });
}

/// "Longkun Road is closed at the Guoxing Avenue junction": only named to say where on the first.
fn is_the_crossing(text: &str, first: &Phrase, at: &Range<usize>) -> bool {
    let words = &Grammar::embedded().english;
    let between = text[first.at.end..].get(..at.start.saturating_sub(first.at.end)).unwrap_or_default();
    let after = text[at.end..].split([' ', ',', '.', ';', '\n']).nth(1).filter(|_| text[at.end..].starts_with(' '));
    let crossing = words.crossing.ends(&text[at.clone()]) || after.is_some_and(|word| words.crossing.has(word));
    let before = between.trim_end();
    first.road
        && words.is_said.begins(between)
        && !between.contains([',', '.', ';', ':', '\n'])
        && (crossing && words.before_crossing.ends(before) || words.crossing_with.ends(before))
}

#[cfg(test)]
mod tests {
    use super::super::{Gazetteer, Parser, Sent};

    #[test]
    fn a_crossing_after_what_is_said_of_a_road_is_no_place_of_its_own() {
        let parser = Parser::new(Gazetteer::default());
        let read = |text: &str| {
            let one = |m: &super::super::Matter| {
                let depth = m.depth_cm.map_or("-".to_owned(), |cm| cm.to_string());
                format!("{} {depth} {}", m.place_text.as_deref().unwrap_or("-"), m.passability.unwrap_or("-"))
            };
            parser.read(text, &Sent::default()).matters.iter().map(one).collect::<Vec<_>>().join(", ")
        };
        for (text, expected) in [
            (
                "Longkun South Road is closed at the Guoxing Avenue junction because of flooding about 60 cm deep.",
                "Longkun South Road 60 impassable",
            ),
            (
                "Haixiu Road is impassable at the junction with Guoxing Avenue, water 50 cm deep.",
                "Haixiu Road 50 impassable",
            ),
            ("Binhai Avenue is open again at the Longhua Road intersection.", "Binhai Avenue - clear"),
            (
                "Haifu Road is closed. At the Guoxing Avenue junction the water is 20 cm deep.",
                "Haifu Road - impassable, Guoxing Avenue junction 20 -",
            ),
            ("Water is 30 cm deep at the Guoxing Avenue junction.", "Guoxing Avenue junction 30 -"),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn the_way_of_those_who_do_not_go_there_is_no_place_unless_something_is_said_of_it() {
        let parser = Parser::new(Gazetteer::default());
        let read = |text: &str| -> Vec<String> {
            let matters = parser.read(text, &Sent::default()).matters;
            matters.into_iter().filter_map(|matter| matter.place_text).collect()
        };
        for (text, places) in [
            ("海府路水浸，下班的同事走中山大道，棠东东路那边过不了车", &["海府路", "棠东东路"][..]),
            ("海府路积水20厘米，过不去，大家走龙昆路吧", &["海府路"]),
            ("走马岗路积水20厘米", &["走马岗路"]),
            ("走马岗路的积水20厘米", &["走马岗路"]),
            ("下班走海府路的看过来，水很浅", &["海府路"]),
            ("关于海府路封闭的通告：因积水，海府路隧道双向封闭", &["海府路隧道"]),
            ("关于海府路封闭的通告：因积水双向封闭", &["海府路"]),
        ] {
            assert_eq!(read(text), places, "{text}");
        }
    }
}
