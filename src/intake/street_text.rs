//! Finds the street or crossing that a free text names, and nothing that could be somebody's home.

use super::street::{WORDS, capital_words, crossing, is_number, street};

/// Longer texts tell a story; they name no place.
const LONGEST_CHARS: usize = 80;

/// The street or the crossing in one spelling when the text is clearly that and nothing more.
///
/// `None` whenever it holds a house number, or anything uncertain: the name is public, the text is not.
pub fn public_name(text: &str) -> Option<String> {
    let text = text.trim();
    if text.chars().count() > LONGEST_CHARS {
        return None;
    }
    if text.contains(is_ideograph) { chinese(text) } else { english(text) }
}

/// What is left of an address without its house number, which may be a range or carry a letter; of a crossing, both
/// streets. `None` where a house number should stand and does not.
pub(super) fn address(text: &str) -> Option<&str> {
    let text = text.trim();
    if let Some(crossing) = text.strip_prefix("INTERSECTION ") {
        let crossing = crossing.trim_start();
        return Some(crossing.strip_prefix("of ").unwrap_or(crossing));
    }
    if text.contains(" & ") && !text.starts_with(|c: char| c.is_ascii_digit()) {
        return Some(text);
    }
    let (number, street) = text.split_once(' ')?;
    let numbered = number.starts_with(|c: char| c.is_ascii_digit())
        && number.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '/'));
    numbered.then(|| street.trim_start())
}

fn english(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    let text = ["corner of ", "the corner of ", "intersection of ", "the intersection of "]
        .iter()
        .find_map(|p| lower.strip_prefix(p))
        .unwrap_or(&lower);
    let mut parts = vec![text];
    for between in [" & ", " and ", " at ", " @ "] {
        parts = parts.into_iter().flat_map(|p| p.split(between)).collect();
    }
    let streets: Vec<String> = parts.iter().map(|p| clear_street(p)).collect::<Option<_>>()?;
    match &streets[..] {
        [one] => Some(one.clone()),
        [a, b] if a != b => Some(crossing(a, b)),
        _ => None,
    }
}

/// A street with its type, or one known without; a number only as the street's own.
fn clear_street(text: &str) -> Option<String> {
    let lists = &WORDS.lists;
    let plain = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '.' | '\'' | '-');
    let words = capital_words(text);
    if !text.chars().all(plain) || words.len() > 6 || words.iter().any(|w| lists.uncertain.contains(w)) {
        return None;
    }
    let mut name = &words[..];
    while let [head @ .., last] = name
        && WORDS.directions.contains_key(last)
        && head.len() >= 2
    {
        name = head;
    }
    let directed = name.len() < words.len();
    let has_digit = |w: &String| w.contains(|c: char| c.is_numeric());
    if name.iter().any(has_digit) {
        let [before @ .., number, kind] = name else { return None };
        // What may stand before a street's number: a direction or BEACH, so that 12 W 52 ST and 12 19 ST are homes.
        let before_ok = match before {
            [] => true,
            [one] => WORDS.directions.contains_key(one) || lists.before_number.contains(one),
            _ => false,
        };
        // 123 AVENUE N could be number 123.
        let lettered = directed && words.last().is_some_and(|w| w.len() == 1) && kind.starts_with("AV");
        if !before_ok || !is_number(number) || !WORDS.types.contains_key(kind) || lettered {
            return None;
        }
    } else {
        let whole = lists.whole.contains(&name.join(" "))
            || matches!(name, [d, rest @ ..] if WORDS.directions.contains_key(d) && lists.whole.contains(&rest.join(" ")));
        let typed = name.len() >= 2 && WORDS.types.contains_key(&name[name.len() - 1]);
        let avenue_x = matches!(name, [a, x] if matches!(a.as_str(), "AVENUE" | "AVE" | "AV") && x.len() == 1);
        if !whole && !typed && !avenue_x {
            return None;
        }
    }
    street(&words.join(" "))
}

/// Kinds of street at the end of a Chinese name, the longer first.
const KINDS: [&str; 17] = [
    "立交桥",
    "高架桥",
    "快速路",
    "高架路",
    "大道",
    "大街",
    "大桥",
    "隧道",
    "立交",
    "高架",
    "公路",
    "胡同",
    "路",
    "街",
    "巷",
    "桥",
    "道",
];
/// Kinds that end a first street when a second follows without a word between them.
const BREAKS: [&str; 4] = ["大道", "大街", "路", "街"];
const JUNCTIONS: [&str; 6] = ["十字路口", "交叉路口", "交叉口", "交汇处", "交界处", "路口"];
const BETWEEN: [&str; 7] = ["与", "和", "及", "跟", "、", "/", "&"];
/// 和 before these is more likely part of a name (和平路) than "and".
const AFTER_HE: [char; 10] = ['平', '谐', '睦', '顺', '信', '义', '兴', '美', '风', '畅'];
/// A home, or more than a street.
const HOMES: [char; 32] = [
    '号', '弄', '室', '栋', '幢', '座', '楼', '层', '户', '院', '宅', '我', '你', '他', '她', '们', '的', '在', '往',
    '至', '到', '从', '附', '近', '旁', '前', '后', '对', '门', '#', '村', '组',
];

fn chinese(text: &str) -> Option<String> {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    if text.contains(|c: char| c.is_numeric() && !is_ideograph(c))
        || text.contains(HOMES)
        || text.contains("单元")
        || text.contains("小区")
    {
        return None;
    }
    let text = without_district(&text);
    // 豪苑路口 is 豪苑路 + 口, 豪苑路路口 is 豪苑路 + 路口.
    for junction in JUNCTIONS {
        if let Some(rest) = text.strip_suffix(junction)
            && let Some(name) = chinese_pair(rest, true).or_else(|| chinese_street(rest))
        {
            return Some(name);
        }
    }
    if let Some(rest) = text.strip_suffix('口')
        && rest.ends_with('路')
    {
        return chinese_pair(rest, true).or_else(|| chinese_street(rest));
    }
    chinese_pair(text, false).or_else(|| chinese_street(text))
}

/// The crossing, when exactly one way to part the text gives two streets.
fn chinese_pair(text: &str, at_junction: bool) -> Option<String> {
    let mut names: Vec<String> = Vec::new();
    let mut note = |a: &str, b: &str| {
        if let (Some(a), Some(b)) = (chinese_street(a), chinese_street(b))
            && a != b
        {
            let (a, b) = if a <= b { (a, b) } else { (b, a) };
            names.push(format!("{a}与{b}"));
        }
    };
    for word in BETWEEN {
        for (i, _) in text.match_indices(word) {
            let (left, right) = (&text[..i], &text[i + word.len()..]);
            // 中山路和平路: is it 和平路, or 平路?
            let name_with_he = right.chars().count() < 3 || right.starts_with(AFTER_HE);
            if word == "和" && name_with_he && chinese_street(left).is_some() {
                return None;
            }
            note(left, right);
        }
    }
    for kind in BREAKS.iter().filter(|_| at_junction) {
        for (i, _) in text.match_indices(kind) {
            let (left, right) = text.split_at(i + kind.len());
            if !BETWEEN.iter().any(|word| right.starts_with(word)) {
                note(left, right);
            }
        }
    }
    names.sort();
    names.dedup();
    if names.len() == 1 { names.pop() } else { None }
}

/// A name of one to eight ideographs and its kind; a bridge or tunnel may be named after its road.
fn chinese_street(text: &str) -> Option<String> {
    let kind = KINDS.iter().find(|kind| text.ends_with(**kind))?;
    let name = text.strip_suffix(kind)?;
    if kind.contains(['桥', '隧', '立', '架']) && BREAKS.iter().any(|k| name.ends_with(k)) {
        return chinese_street(name).map(|_| text.to_owned());
    }
    // With a further kind inside, it is two streets or a description.
    let clear = name.chars().all(is_ideograph) && !BREAKS.iter().any(|k| name.contains(k));
    ((1..=8).contains(&name.chars().count()) && clear).then(|| text.to_owned())
}

/// Without 海口市龙华区 before the street, as long as a street stays.
fn without_district(text: &str) -> &str {
    let mut text = text;
    while let Some((i, c)) = text.char_indices().skip(2).find(|(_, c)| matches!(c, '省' | '市' | '区' | '县')) {
        let rest = &text[i + c.len_utf8()..];
        let before_kind = BREAKS.iter().filter_map(|k| text.find(k)).min().is_none_or(|k| i < k);
        if !before_kind || rest.chars().count() < 2 || KINDS.contains(&rest) {
            break;
        }
        text = rest;
    }
    text
}

pub(super) fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clear_street_or_crossing_is_named_in_one_spelling() {
        for (text, name) in [
            ("19th Avenue & 58th Street", "19 Av & 58 St"),
            ("58 St and 19 Av", "19 Av & 58 St"),
            ("corner of Broadway and West 82nd Street", "Broadway & W 82 St"),
            ("Beach 101 St at Rockaway Beach Blvd", "Beach 101 St & Rockaway Beach Blvd"),
            ("Main Street", "Main St"),
            ("7 Avenue South", "7 Av S"),
            ("Avenue N", "Av N"),
            ("豪苑路路口", "豪苑路"),
            ("豪苑路口", "豪苑路"),
            ("海口市龙华区豪苑路", "豪苑路"),
            ("龙昆南路与海秀东路交叉口", "海秀东路与龙昆南路"),
            ("海秀东路和龙昆南路路口", "海秀东路与龙昆南路"),
            ("和平路与人民大道", "人民大道与和平路"),
            ("海秀东路龙昆南路路口", "海秀东路与龙昆南路"),
            ("世纪大桥", "世纪大桥"),
            ("中山路隧道", "中山路隧道"),
        ] {
            assert_eq!(public_name(text).as_deref(), Some(name), "{text}");
        }
    }

    #[test]
    fn an_address_names_its_street_without_the_house() {
        for (text, name) in [
            ("33 Beacon St", Some("Beacon St")),
            ("145-151A Ipswich St", Some("Ipswich St")),
            ("INTERSECTION Main St & Sullivan St", Some("Main St & Sullivan St")),
            ("Main St & Sullivan St", Some("Main St & Sullivan St")),
            ("12 19th St", Some("19 St")),
            ("58 STREET", None),
            ("Beacon St", None),
            ("12 34 Beacon St", None),
            ("1 City Hall, 2nd floor", None),
            ("12 Beacon St Apt 5", None),
            ("", None),
        ] {
            assert_eq!(address(text).and_then(public_name).as_deref(), name, "{text}");
        }
    }

    #[test]
    fn a_house_or_anything_uncertain_has_no_public_name() {
        for text in [
            "12 Foo St",
            "12A Foo St",
            "12-34 Foo Street",
            "12 W 52 St",
            "12 19 St",
            "123 Avenue N",
            "12 Broadway",
            "12 St Johns Pl",
            "12 Court St",
            "apt 5 Main St",
            "near Main St",
            "my house, Main St",
            "Main",
            "Main St, 11201",
            "A St and B St and C St",
            "5th and Main",
            "豪苑路12号",
            "豪苑路十二号",
            "豪苑路 3 弄",
            "人民路小区",
            "2栋",
            "豪苑路附近",
            "我家门口",
            "人民路王家院",
            "建国路新街",
            "中山路和平路",
            "１２号",
            "",
        ] {
            assert_eq!(public_name(text), None, "{text}");
        }
    }
}
