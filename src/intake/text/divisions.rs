//! Names of cities and their parts in front of a place, which belong to its address and not to its name: 南京市玄武区 in
//! 南京市玄武区龙蟠路隧道, "Mumbai's" in "Mumbai's Andheri subway". A road that begins with a city's name keeps it (南京西路),
//! and so does what would be nothing without it (海口港, 南京站).

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::LazyLock;

use serde::Deserialize;

use super::grammar::Grammar;
use super::marks::{Mark, Marks};

/// Characters of the longest name, and so many names may stand in a row.
const LONGEST_CHARS: usize = 15;
const MOST_IN_A_ROW: usize = 6;
/// Of the name of a town before its kind, and of a zone.
const TOWN_CHARS: std::ops::RangeInclusive<usize> = 2..=5;
const CITY_CHARS: std::ops::RangeInclusive<usize> = 2..=3;
const ZONE_CHARS: std::ops::RangeInclusive<usize> = 0..=6;
/// Of what stands before a road's kind, where a city is called by its short name: 南京西路 is whole.
const SHORTEST_HEAD_CHARS: usize = 2;

/// What stands in front.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    /// With its kind: 南京市, 玄武区, 大沥镇.
    Whole,
    /// A province or a city with districts without it: 南京.
    City,
    /// A smaller city without it, or a zone: 昆山, 高新区. Other names begin so, too: a road must be left.
    Town,
    /// A district or a county without it, which is a word of every day: 鼓楼. After a city, or before a road: 和平建设路口
    /// is a crossing.
    District,
}

/// Words around the names, of `data/text/places.toml`.
#[derive(Deserialize)]
pub(super) struct Around {
    /// Ends of a name that need no list: 镇.
    kind: Vec<String>,
    /// Those of zones: 高新区.
    zone: Vec<String>,
    city: Vec<String>,
    district: Vec<String>,
    #[serde(skip)]
    none: Vec<String>,
    /// Last characters of all these kinds: a name that ends with none of them needs no look.
    #[serde(skip)]
    ends: HashSet<char>,
    /// No such ends: 小镇.
    no_kind: Vec<String>,
    /// Parts of a town that are no division: 市区.
    part: Vec<String>,
    /// A sub-district's kind in these cities: 荔城街.
    pub(super) street: String,
    pub(super) of_streets: Vec<String>,
    /// A village: 本和里.
    pub(super) village: String,
    pub(super) of_villages: Vec<String>,
    /// Parts of cities without a kind: 汉口.
    known: Vec<String>,
    /// Words that begin with 市, after a city without it: 市民中心.
    of_the_city: Vec<String>,
    /// What every city has: 人民 in 人民医院.
    every: Vec<String>,
    /// Roads that every city has, and that are called after it: 海口绕城高速.
    ring: Vec<String>,
}

static NAMES: LazyLock<HashMap<&'static str, Kind>> = LazyLock::new(|| {
    let mut names = HashMap::new();
    let rows = include_str!("../../../data/text/divisions.tsv").lines().filter(|line| !line.starts_with('#'));
    for row in rows {
        let mut cells = row.split('\t');
        let (level, name, short) = (cells.next(), cells.next(), cells.next());
        if let Some(short) = short {
            let kind = match level {
                Some("d") => Kind::District,
                Some("t") => Kind::Town,
                _ => Kind::City,
            };
            // Those of cities come first.
            names.entry(short).or_insert(kind);
        }
        names.extend(name.map(|name| (name, Kind::Whole)));
    }
    names
});

static CITIES: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    include_str!("../../../data/text/cities_en.txt").lines().filter(|line| !line.starts_with('#')).collect()
});

/// Where a place begins in a normalised text, after the divisions in front of it.
pub(super) fn start_of(text: &str, at: &Range<usize>, marks: &Marks) -> usize {
    let name = &text[at.clone()];
    if name.is_ascii() {
        return at.start + after_possessive(name);
    }
    let (mut start, mut in_a_city) = (at.start, false);
    for _ in 0..MOST_IN_A_ROW {
        let name = &text[start..at.end];
        let minor = || marks.around.minor(text, name, start > at.start, marks);
        let Some((length, city)) = division(name, in_a_city, marks).or_else(minor) else { break };
        (start, in_a_city) = (start + length, city);
    }
    // 东莞市长安镇107国道: the list has the town without its kind.
    let kind = &*Grammar::embedded().divisions.kind;
    let rest = text[start..at.end].strip_prefix(kind).filter(|_| start > at.start);
    let rest = rest.filter(|rest| is_a_place(rest, Kind::Whole, false, marks));
    rest.map_or(start, |rest| at.end - rest.len())
}

/// Whether a place is nothing but a city or a province: no spot.
pub(super) fn is_a_city(place: &str) -> bool {
    let is_a_district = || place.ends_with(&*Grammar::embedded().divisions.district);
    NAMES.get(place).is_some_and(|kind| *kind == Kind::City || *kind == Kind::Whole && !is_a_district())
}

/// Whether a division is called so, with its kind or without it.
pub(super) fn is_named(name: &str) -> bool {
    NAMES.contains_key(name)
}

/// Whether a place is nothing but a division: "(洪山区)".
pub(super) fn is_one(place: &str) -> bool {
    NAMES.get(place).is_some_and(|kind| *kind == Kind::Whole)
}

/// Bytes of the division that a name begins with, and whether a city was named, if a place is left without it.
fn division(name: &str, in_a_city: bool, marks: &Marks) -> Option<(usize, bool)> {
    let ends: Vec<usize> = name.char_indices().skip(1).take(LONGEST_CHARS).map(|(i, _)| i).collect();
    let listed = ends.iter().rev().filter_map(|&end| Some((end, *NAMES.get(&name[..end])?)));
    let may_end = |end: &&usize| name[..**end].chars().next_back().is_some_and(|c| marks.around.ends.contains(&c));
    let named = ends.iter().filter(may_end);
    let named = named.filter_map(|&end| Some((end, marks.around.named(&name[..end], in_a_city)?)));
    let words = &Grammar::embedded().divisions;
    let part = marks.around.part.iter();
    let part = part.filter(|part| (in_a_city || words.seat.has(part)) && name.starts_with(part.as_str()));
    let part = part.map(|part| (part.len(), Kind::Whole));
    let known = marks.around.known.iter().filter(|known| name.starts_with(known.as_str()));
    let known = known.map(|known| (known.len(), Kind::Town));
    let mut found = listed.chain(part).chain(named).chain(known);
    let (end, kind) = found.find(|(end, kind)| {
        let rest = &name[*end..];
        let whole = || *kind != Kind::Whole && division(rest, true, marks).is_some();
        let alone = *kind == Kind::District && !in_a_city;
        let of_a_city = name[..*end].ends_with(words.city);
        is_a_place(rest, *kind, of_a_city, marks) && (!alone || begins_with_a_road(rest, marks)) || !alone && whole()
    })?;
    let rest = &name[end..];
    let gap = rest.len() - rest.trim_start_matches(&*words.gap).len();
    Some((end + gap, in_a_city || kind == Kind::City || name[..end].ends_with(words.city)))
}

impl Around {
    /// Ready to be asked.
    pub fn made(self) -> Around {
        let kinds = [&self.kind, &self.zone, &self.city, &self.district].into_iter().flatten();
        let ends = kinds.filter_map(|kind| kind.chars().next_back()).collect();
        Around { ends, ..self }
    }

    /// A town, or a zone: a few characters and its kind.
    fn named(&self, name: &str, in_a_city: bool) -> Option<Kind> {
        let lists = [
            (&self.kind, TOWN_CHARS, Kind::Whole),
            (&self.zone, ZONE_CHARS, Kind::Town),
            // A city that no list has, and a district after it.
            (&self.city, CITY_CHARS, Kind::Town),
            (if in_a_city { &self.district } else { &self.none }, CITY_CHARS, Kind::Whole),
        ];
        lists.into_iter().find_map(|(kinds, chars, kind)| {
            let longest = kinds.iter().filter(|word| name.ends_with(word.as_str())).max_by_key(|word| word.len())?;
            let before = name.strip_suffix(longest.as_str())?;
            // 长江路街道 is called after a road.
            let (words, road) = (&Grammar::embedded().divisions, Grammar::embedded().common.road);
            let street = words.sub_district.begins(longest);
            let named = if street { before.strip_suffix(road).unwrap_or(before) } else { before };
            let clean = named.chars().all(|c| c.is_alphabetic() && c != road) && !named.is_ascii() || before.is_empty();
            // 沿江大道镇平路段, 宝安大道西乡步行街路口
            let of_a_road = words.big_road.iter().any(|road| before.find(road.as_str()).is_some_and(|at| at > 0));
            let none = of_a_road || self.no_kind.iter().any(|word| name.ends_with(word.as_str()));
            (chars.contains(&before.chars().count()) && clean && !none).then_some(kind)
        })
    }
}

/// Whether the first mark of a text is a road's and no crossing's.
fn begins_with_a_road(rest: &str, marks: &Marks) -> bool {
    let mut ends = marks.find(rest).filter(|(_, m)| m.road || m.landmark || m.junction);
    let named = |at: &Range<usize>| rest[..at.start].chars().nth(1).is_some();
    ends.next().is_some_and(|(at, m)| m.road && !m.junction && !m.landmark && named(&at))
        && !rest.starts_with(&*Grammar::embedded().divisions.no_first)
}

/// Whether what is left names a place by itself.
fn is_a_place(rest: &str, kind: Kind, of_a_city: bool, marks: &Marks) -> bool {
    let words = &Grammar::embedded().divisions;
    let rest = rest.trim_start_matches(&*words.gap);
    let chars = rest.chars().count();
    let around = &marks.around;
    // 老城那个涵洞, 武汉街道口地铁站, 海口绕城高速
    let of_it = kind != Kind::Whole && around.ring.iter().any(|road| rest.starts_with(road.as_str()));
    if of_it || rest.starts_with(&*words.no_place) {
        return false;
    }
    // 中山三路: the road is called so.
    let number = rest.trim_start_matches(['一', '二', '三', '四', '五', '六', '七', '八', '九', '十']);
    if kind != Kind::Whole && number.len() < rest.len() && number.starts_with(Grammar::embedded().common.road) {
        return false;
    }
    if chars < 2 || marks.generic.contains(rest) || !rest.starts_with(char::is_alphanumeric) {
        return false;
    }
    // 本溪路中嘉花园段: the road is called after the city, and in 哈尔滨道外区 it is not.
    let of_its_name = rest.starts_with(&*Grammar::embedded().common.streets_and_ways);
    if kind != Kind::Whole && of_its_name && !words.no_way.begins(rest) {
        return false;
    }
    // 南京市民中心: the city is called 南京.
    let words_of_it = around.of_the_city.iter().any(|word| rest.starts_with(word.as_str()));
    if of_a_city
        && around
            .of_the_city
            .iter()
            .chain(&around.part)
            .any(|w| w.strip_prefix(words.city).is_some_and(|w| rest.starts_with(w)))
    {
        return false;
    }
    // 湖滨三里 is no lake.
    let begins = |at: &Range<usize>, m: &Mark| at.start == 0 && !m.road && rest[at.clone()].chars().nth(1).is_none();
    if kind != Kind::Whole && rest.starts_with(&*words.no_landmark) {
        return false;
    }
    let ends = marks.find(rest).filter(|(_, m)| m.road || m.landmark || m.junction);
    let mut ends = ends.filter(|(at, m)| !begins(at, m)).peekable();
    let mut first = ends.next();
    // 星湖街 is a street, and no lake; 中心大道 is one of the town.
    let passes = |at: &Range<usize>, m: &Mark| {
        let word = &rest[at.clone()];
        !m.road && (word.chars().nth(1).is_none() || around.every.iter().any(|every| every == word))
    };
    while let Some((at, mark)) = first.take_if(|(at, mark)| passes(at, mark)) {
        first = ends.next_if(|(next, _)| next.start == at.end).or(Some((at.clone(), mark)));
        if first.as_ref().is_some_and(|(next, _)| *next == at) {
            break;
        }
    }
    // 车站北路, 中心大道: a road that is called after something.
    // 道南路 is one of its own, too.
    let begun = |at: &Range<usize>, m: &Mark| at.start == 0 && (!m.road || words.way.has(&rest[at.clone()]));
    let after_it = first.as_ref().filter(|(at, m)| begun(at, m)).and_then(|(at, _)| {
        let next = marks.find(rest).find(|(next, _)| next.start >= at.end)?;
        (next.0.start == at.end && next.1.road).then_some(next)
    });
    // 天府三街 is a street, and no mansion.
    let street = first.as_ref().filter(|(at, m)| !m.road && at.start > 0 && rest[at.clone()].chars().nth(1).is_none());
    let street = street.and_then(|(at, _)| {
        let next = marks.find(rest).find(|(next, _)| next.start >= at.end)?;
        (next.0.start <= at.end + '三'.len_utf8() && next.1.road).then_some(next)
    });
    let first = after_it.or(street).or(first);
    let (head, mark) = match &first {
        Some((at, mark)) => (&rest[..at.start], *mark),
        None => (rest, Mark::default()),
    };
    let head_chars = head.chars().count();
    let road_chars = first.as_ref().map_or(chars, |(at, _)| rest[..at.end].chars().count());
    // 内环高架, 二环路
    let ring = first.as_ref().is_some_and(|(at, m)| {
        let which = rest[..at.start].trim_start_matches(&*Grammar::embedded().common.sides);
        m.road && rest[at.clone()].contains(words.ring) && (which.is_empty() || "一二三四五六七".contains(which))
    });
    let digits = head_chars > 1 && head.chars().all(|c| "一二三四五六七八九".contains(c));
    let sides = !digits && head.chars().all(|c| words.no_name.has(c));
    if ring || words_of_it && kind != Kind::Whole {
        return true;
    }
    // 人民医院, 第一中学: every city has one, and a road of that name is one of the city itself.
    let mut own = head;
    while let Some(word) = around.every.iter().find(|word| own.starts_with(word.as_str())) {
        own = &own[word.len()..];
    }
    // 海口汽车西站进站口
    let of_a_station = words.station.has(own);
    if (own.is_empty() && !mark.junction || of_a_station) && !mark.road && first.is_some() {
        return false;
    }
    let town =
        || rest.char_indices().take(LONGEST_CHARS).any(|(i, _)| around.named(&rest[..i], false) == Some(Kind::Whole));
    match kind {
        // 老粮站 is a name, and 北路 is none.
        Kind::Whole => {
            words.own_road.begins(rest)
                || head_chars > 0 && !(sides && head_chars == 1 && (mark.road && road_chars < 3 || first.is_none()))
        }
        Kind::City => !sides && (head_chars >= SHORTEST_HEAD_CHARS) && (first.is_some() || chars > 2),
        Kind::Town | Kind::District => !sides && head_chars >= SHORTEST_HEAD_CHARS && (mark.road || town()),
    }
}

/// Bytes of "mumbai's " before a name of a place there.
fn after_possessive(name: &str) -> usize {
    let Some((city, rest)) = name.split_once("'s ") else { return 0 };
    let whole = CITIES.contains(city) && rest.trim().contains(' ');
    if whole { name.len() - rest.trim_start().len() } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::text::normal::normalised;

    #[test]
    fn the_city_and_its_parts_in_front_are_no_part_of_a_place_but_of_a_road_that_is_called_so() {
        for (whole, place) in [
            ("南京市玄武区龙蟠路隧道", "龙蟠路隧道"),
            ("海口龙华区金龙路与龙华西路口段", "金龙路与龙华西路口段"),
            ("江苏省苏州市工业园区星湖街", "星湖街"),
            ("苏州工业园区星湖街", "星湖街"),
            ("广西南宁市民族大道", "民族大道"),
            ("上海浦东新区张杨路", "张杨路"),
            ("佛山市南海区大沥镇广佛路", "广佛路"),
            ("上海内环高架", "内环高架"),
            ("海口市区龙昆南路", "龙昆南路"),
            ("光明新区公明街道松白路", "松白路"),
            ("思明区湖滨三里公交站", "湖滨三里公交站"),
            ("大庆副路地道桥", "大庆副路地道桥"),
            ("上海南京西路", "南京西路"),
            ("涿州市刁窝镇", "刁窝镇"),
            ("門頭溝區妙峰山鎮", "妙峰山镇"),
            ("南京西路", "南京西路"),
            ("北京路", "北京路"),
            ("广州大道中", "广州大道中"),
            ("中山一路", "中山一路"),
            ("海口港段", "海口港段"),
            ("海口绕城高速公路白莲互通", "海口绕城高速公路白莲互通"),
            ("宝安大道西乡步行街路口", "宝安大道西乡步行街路口"),
            ("南京南站", "南京南站"),
            ("南京市中山路", "中山路"),
            ("市中路", "市中路"),
            ("镇海路", "镇海路"),
            ("海口市人民医院", "海口市人民医院"),
            ("天河路", "天河路"),
            ("黄岛长江中路武夷山路路口", "长江中路武夷山路路口"),
            ("和平建设路口", "和平建设路口"),
            ("新北板桥文化路一段", "文化路一段"),
            ("杭州西湖区古荡新街", "古荡新街"),
            ("卧龙区车站北路", "车站北路"),
            ("锦江区东大街下段", "东大街下段"),
            ("南海大道豪苑路口", "南海大道豪苑路口"),
            ("鼓楼医院门口", "鼓楼医院门口"),
            ("本溪路中嘉花园段", "本溪路中嘉花园段"),
            ("哈尔滨道外区南极街", "南极街"),
            ("河东区大桥道", "大桥道"),
            ("海口高铁东站停车场入口", "海口高铁东站停车场入口"),
            ("mumbai's andheri subway", "andheri subway"),
            ("king's road", "king's road"),
        ] {
            let text = normalised(whole);
            assert_eq!(&text[start_of(&text, &(0..text.len()), Marks::embedded())..], place, "{whole}");
        }
    }

    #[test]
    fn every_division_has_a_name_once_and_a_level() {
        let rows = include_str!("../../../data/text/divisions.tsv").lines().filter(|line| !line.starts_with('#'));
        let rows: Vec<Vec<&str>> = rows.map(|row| row.split('\t').collect()).collect();
        let names: HashSet<&str> = rows.iter().map(|row| row[1]).collect();
        assert_eq!(names.len(), rows.len());
        assert!(
            names.len() > 3_000 && rows.iter().all(|row| matches!(row[0], "p" | "c" | "t" | "d")),
            "{}",
            names.len()
        );
        assert!(rows.iter().flatten().all(|name| normalised(name) == *name));
        assert!(CITIES.contains("mumbai") && CITIES.len() > 1_000);
    }
}
