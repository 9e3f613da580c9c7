//! What is built like a place and names none: an office, 全村, a direction, what a list of kinds warns of, a river that
//! the city suffers from.

use super::divisions;
use super::marks::Marks;
use super::place::Phrase;
use super::sentence;

/// Characters of 全村 and 全镇.
const MOST_OF_ALL_CHARS: usize = 3;
const MOST_OF_A_DISTRICT_CHARS: usize = 3;
/// "受岷江、大渡河、青衣江三江洪水影响": looked at so far on both sides.
const LONGEST_CAUSE_BYTES: usize = 90;

/// Leaves places that name one.
pub(super) fn drop(text: &str, places: &mut Vec<Phrase>, marks: &Marks) {
    let mut last: Option<usize> = None;
    places.retain(|place| {
        let name = &text[place.at.clone()];
        let told = last.is_some_and(|end| sentence::is_one(&text[end..place.at.start]));
        let none = is_an_office(text, place, marks)
            || is_all(name)
            || is_of_kinds(name, marks)
            || is_a_direction(name, told, marks)
            || is_a_cause(text, place, marks)
            || is_a_district(text, place)
            || is_a_gauge(text, place);
        if !none {
            last = Some(place.at.end);
        }
        !none
    });
}

/// "市排水事务中心积水信息(第3期):", "——宿迁市城管局".
fn is_an_office(text: &str, place: &Phrase, marks: &Marks) -> bool {
    let name = &text[place.at.clone()];
    !name.contains(['路', '街', '道', '巷'])
        && marks.speaks.iter().any(|end| name.ends_with(end.as_str()))
        && !text[place.at.end..].starts_with(['门', '前', '旁', '对', '附', '段', '院', '大', '东', '西', '南', '北'])
}

fn is_all(name: &str) -> bool {
    name.starts_with('全')
        && name.chars().count() <= MOST_OF_ALL_CHARS
        && name.ends_with(['村', '镇', '乡', '区', '县', '市'])
}

/// 地下车库和桥洞, 两座地道桥: nobody says which.
fn is_of_kinds(name: &str, marks: &Marks) -> bool {
    let counts = ["两座", "三座", "四座", "多座", "两条", "多条", "两个", "多个", "各"];
    if counts.iter().any(|count| {
        name.strip_prefix(count)
            .is_some_and(|kind| marks.find(kind).next().is_some_and(|(at, m)| at == (0..kind.len()) && m.ends_a_name()))
    }) {
        return true;
    }
    let mut parts = name.split(['和', '与', '及', '、']);
    name.contains(['和', '与', '及', '、']) && parts.all(|part| marks.generic.contains(part))
}

/// "花果园方向行车畅通": of the place before it; "东向西方向": of no place.
fn is_a_direction(name: &str, told: bool, marks: &Marks) -> bool {
    name.strip_suffix("方向").is_some_and(|of| {
        let bare = of.chars().all(|c| "东西南北向往由至进出城".contains(c));
        bare || told && !marks.find(of).any(|(_, m)| m.road || m.junction)
    })
}

/// "真理道泵站71毫米": of the rain there.
fn is_a_gauge(text: &str, place: &Phrase) -> bool {
    let rest = text[place.at.end..].trim_start_matches(['为', '达', '约', ':', ' ']);
    let unit = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    unit.len() < rest.len() && unit.starts_with("毫米")
}

/// "天河区：": what is under it is there.
fn is_a_district(text: &str, place: &Phrase) -> bool {
    let name = &text[place.at.clone()];
    let short = name.chars().count() <= MOST_OF_A_DISTRICT_CHARS && !name.contains(['路', '街', '道', '巷']);
    let rest = &text[place.at.end..];
    // "洛阳城管", "天河区录得71.5毫米降雨"
    let office = name.ends_with('城') && rest.starts_with(['管', '乡', '市', '区', '建']);
    let listed = ["区", "县"].iter().any(|kind| rest.starts_with(kind) && divisions::is_one(&format!("{name}{kind}")));
    office || listed || short && ["区:", "县:", "市:", "镇:"].iter().any(|end| rest.starts_with(end))
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
    before.contains('受') && after.contains("影响")
}
