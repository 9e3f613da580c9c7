//! A stretch of a street in a place phrase: `A路(B路至C路段)`, `A Rd between B Rd and C Rd`.

use std::ops::Range;

use serde::Serialize;
use utoipa::ToSchema;

use super::gazetteer::{key, street_of};
use super::grammar::Grammar;
use super::marks::{Mark, Marks};
use super::normal::{Normal, normalised};

/// A street from one cross street to another, as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = NamedStretch)]
pub struct Stretch {
    pub street: String,
    pub from: String,
    pub to: String,
}

impl Stretch {
    /// The stretch that a place phrase names; nothing where it names a spot, or the ends alone.
    pub fn of(phrase: &str) -> Option<Stretch> {
        let normal = Normal::new(phrase);
        let marks = Marks::embedded();
        let found = if normal.text.is_ascii() { english(&normal.text) } else { chinese(&normal.text, marks) };
        let [street, from, to] = found?.map(|at| normal.original(&at).trim().to_owned());
        // Two streets have no part between them.
        let keys = [&street, &from, &to].map(|name| street_key(name));
        let differ = keys[0] != keys[1] && keys[0] != keys[2] && keys[1] != keys[2];
        differ.then_some(Stretch { street, from, to })
    }
}

/// The same for all ways to write the name of a street.
pub fn street_key(name: &str) -> String {
    key(&normalised(name.trim()), Marks::embedded())
}

fn english(text: &str) -> Option<[Range<usize>; 3]> {
    Grammar::embedded().stretch.between.iter().find_map(|[before, joint]| {
        let street_end = text.find(before.as_str())?;
        let from = street_end + before.len();
        let joint_at = from + text[from..].find(joint.as_str())?;
        let to = joint_at + joint.len();
        let end = to + text[to..].find([')', ',']).unwrap_or(text.len() - to);
        (street_end > 0 && joint_at > from && end > to).then_some([0..street_end, from..joint_at, to..end])
    })
}

/// Three streets with 至 between the last two, or 与 and 之间.
fn chinese(text: &str, marks: &Marks) -> Option<[Range<usize>; 3]> {
    let (mut streets, mut start): (Vec<Range<usize>>, usize) = (Vec::new(), 0);
    let mut joints: Vec<(usize, Mark)> = Vec::new();
    let (words, common) = (&Grammar::embedded().stretch, &Grammar::embedded().common);
    for (at, mark) in marks.find(text) {
        if mark.road && at.start > start {
            // 海秀路段 is 海秀路 with 段; 海秀路东 is a side of it.
            let word = &text[at.clone()];
            let cut = word.starts_with(common.road) && word.ends_with(&*words.after_road);
            let end = if cut { at.start + common.road.len_utf8() } else { at.end };
            streets.push(start..end);
            start = at.end;
        } else if let Some(kind) = mark.junction.then(|| street_of(&text[at.clone()])).flatten()
            && at.start > start
        {
            streets.push(start..at.start + kind);
            start = at.end;
        } else if (mark.to || mark.cross) && !streets.is_empty() && at.start == start {
            joints.push((streets.len(), mark));
            start = at.end;
        } else if (mark.position || mark.junction) && at.start == start && !words.sides.has(&text[at.clone()]) {
            // 南海大道 does not begin with a side of what is before it.
            start = at.end;
        }
        start = text.len() - text[start..].trim_start_matches(&*words.from).len();
    }
    let [street, from, to] = <[Range<usize>; 3]>::try_from(streets).ok()?;
    let joined = joints.iter().any(|(after, mark)| *after == 2 && (mark.to || words.both.is_in(text)));
    let apart = !joints.iter().any(|(after, _)| *after == 1);
    (joined && apart).then_some([street, from, to])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(phrase: &str) -> Option<[String; 3]> {
        Stretch::of(phrase).map(|s| [s.street, s.from, s.to])
    }

    #[test]
    fn a_street_between_two_others_is_told_from_a_crossing_and_from_the_ends_alone() {
        for (phrase, expected) in [
            ("丘海大道(南海大道至椰海大道段)", ["丘海大道", "南海大道", "椰海大道"]),
            ("丘海大道（南海大道—椰海大道）", ["丘海大道", "南海大道", "椰海大道"]),
            ("海秀东路豪苑路至龙昆南路段", ["海秀东路", "豪苑路", "龙昆南路"]),
            ("海秀路（豪苑路口至龙昆路口）", ["海秀路", "豪苑路", "龙昆路"]),
            ("海秀路(豪苑路与龙昆路之间)", ["海秀路", "豪苑路", "龙昆路"]),
            ("海秀路由豪苑路至龙昆路段", ["海秀路", "豪苑路", "龙昆路"]),
            ("Haixiu Rd between Haoyuan Rd and Nanhai Ave", ["Haixiu Rd", "Haoyuan Rd", "Nanhai Ave"]),
            ("Haixiu Rd from Haoyuan Rd to Nanhai Ave", ["Haixiu Rd", "Haoyuan Rd", "Nanhai Ave"]),
            ("Haixiu Rd (Haoyuan Rd to Nanhai Ave)", ["Haixiu Rd", "Haoyuan Rd", "Nanhai Ave"]),
        ] {
            assert_eq!(parts(phrase), Some(expected.map(str::to_owned)), "{phrase}");
        }
        for phrase in [
            "海秀路与豪苑路路口",
            "豪苑路至龙昆路段",
            "海秀路",
            "海秀路、豪苑路与龙昆路",
            "海秀路(豪苑路至豪苑路段)",
            "",
            "between A Rd and B Rd",
        ] {
            assert_eq!(parts(phrase), None, "{phrase}");
        }
        assert_eq!(street_key("Haixiu Rd."), street_key("haixiu road"));
        assert_eq!(street_key("豪苑路"), street_key("豪苑路 "));
    }
}
