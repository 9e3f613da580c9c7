//! Sub-districts and villages in front of a road, which are called as a street is in some cities: 荔城街富鹏市场后街.

use super::divisions::Around;
use super::grammar::Grammar;
use super::marks::{Mark, Marks};

/// The city is named so early in a message.
const LONGEST_ADDRESS_BYTES: usize = 120;
/// Of a street, with its kind.
const FEWEST_NAMED_CHARS: usize = 3;
/// Of what a bridge or a tunnel is called.
const FEWEST_OF_A_BRIDGE_CHARS: usize = 2;

impl Around {
    /// Bytes of a sub-district or a village that a name begins with, where those are called so: 荔城街富鹏市场后街, 本和里大昌二路.
    /// In other cities a sub-district is one where it cannot be a street: in front of a crossing of two others, or between a
    /// district, which is `after_one`, and a road with a spot on it, or in front of one road and nothing that crosses it.
    pub(super) fn minor(&self, text: &str, name: &str, after_one: bool, marks: &Marks) -> Option<(usize, bool)> {
        let street = self.called(&self.street, &self.of_streets, text, name, marks, |head, rest| {
            is_of_two_roads(rest, marks)
                || after_one && is_on_a_road(rest, marks)
                || is_a_numbered_road(rest)
                || !head.ends_with(&*Grammar::embedded().divisions.no_name) && is_one_road(rest, marks)
        });
        street.or_else(|| self.called(&self.village, &self.of_villages, text, name, marks, |_, _| false))
    }

    fn called(
        &self,
        kind: &str,
        cities: &[String],
        text: &str,
        name: &str,
        marks: &Marks,
        anywhere: impl Fn(&str, &str) -> bool,
    ) -> Option<(usize, bool)> {
        // 街口街: no first street.
        let at = name.match_indices(kind).map(|(at, _)| at).find(|at| (4..=9).contains(at))?;
        // 岗头西街: a street.
        let (words, end) = (Grammar::embedded(), at + kind.len());
        let rest = &name[end..];
        let near = &text[..text.floor_char_boundary(LONGEST_ADDRESS_BYTES)];
        let of_a_city =
            || !name[..at].ends_with(&*words.common.sides) && cities.iter().any(|city| near.contains(city.as_str()));
        if words.divisions.district.is_in(&name[..at]) || !of_a_city() && !anywhere(&name[..at], rest) {
            return None;
        }
        // 东环路, 河滨北路: what ends with the first or second character is within the name.
        let mut ends = marks.find(rest).filter(|(_, m)| m.ends_a_name() || m.joins());
        let first = ends.find(|(at, m)| m.joins() || at.start > 0 && rest[..at.end].chars().nth(2).is_some());
        let named = first.is_some_and(|(_, m)| !m.joins());
        (named && (rest.starts_with(char::is_alphabetic) || is_a_numbered_road(rest))).then_some((end, true))
    }
}

/// The road that a text begins with, what stands after it, and how far behind it.
fn after_a_road<'t>(rest: &'t str, marks: &Marks) -> Option<(&'t str, usize, Mark)> {
    let mut ends = marks.find(rest).skip_while(|(at, m)| !m.road || rest[..at.start].chars().nth(1).is_none());
    let (road, _) = ends.next()?;
    let (next, mark) = ends.next()?;
    Some((&rest[..road.end], next.start.saturating_sub(road.end), mark))
}

/// Whether a text begins with a crossing of two roads: 环洲三路与沙凤路路口.
fn is_of_two_roads(rest: &str, marks: &Marks) -> bool {
    after_a_road(rest, marks).is_some_and(|(_, gap, m)| m.joins() && gap == 0)
}

/// 镇海路口, 思明南路大生里段: a street or a spot on one, and no 村道.
pub(super) fn is_a_street(name: &str) -> bool {
    let words = Grammar::embedded();
    let end = words.learnt.of_a_street.iter().find_map(|end| name.strip_suffix(end.as_str())).unwrap_or(name);
    let named = end.chars().nth(FEWEST_NAMED_CHARS - 1).is_some();
    // 李公楼立交桥下, and no 铁路桥下
    let under =
        words.learnt.under_a_street.before(name).filter(|own| own.chars().nth(FEWEST_OF_A_BRIDGE_CHARS - 1).is_some());
    let under = under.is_some_and(|own| !own.starts_with(&*words.divisions.no_name) && !words.place.railway.ends(own));
    under
        || named && (end.ends_with(&*words.common.streets) || words.divisions.big_road.ends(end))
        || end.len() < name.len() && words.common.streets.is_in(end)
}

/// Whether a text is one road, with its name and nothing else: 大平路, where a crossing would be 大平路口.
fn is_one_road(rest: &str, marks: &Marks) -> bool {
    let mut ends = marks.find(rest).filter(|(at, m)| at.start > 0 && (m.ends_a_name() || m.joins()));
    let first = ends.find(|(at, _)| rest[..at.end].chars().nth(2).is_some());
    let words = Grammar::embedded();
    // 凤台街书院下穿 is a spot on the street.
    let street = rest.ends_with(&*words.common.streets) || words.divisions.big_road.ends(rest);
    street && first.is_some_and(|(at, m)| m.road && !m.junction && at.end == rest.len())
}

/// 105国道大石桥底
fn is_a_numbered_road(rest: &str) -> bool {
    let kind = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    kind.len() < rest.len() && Grammar::embedded().place.classed.begins(kind)
}

/// Whether a text begins with a road and a spot on it: 石沙路石井医院段, 龙腾大道客运中心段.
fn is_on_a_road(rest: &str, marks: &Marks) -> bool {
    after_a_road(rest, marks).is_some_and(|(road, gap, m)| {
        let beside = || m.landmark && !m.position && Grammar::embedded().divisions.big_road.ends(road);
        !m.joins() && !m.junction && !m.road && (gap > 0 || beside())
    })
}

#[cfg(test)]
mod tests {
    use super::super::{Gazetteer, Parser, Sent};

    #[test]
    fn what_is_said_right_after_a_street_is_said_of_it_and_of_no_place_before() {
        let parser = Parser::new(Gazetteer::default());
        let read = |text: &str| {
            let matters = parser.read(text, &Sent::default()).matters.into_iter();
            let told =
                matters.map(|m| format!("{} {}", m.place_text.unwrap_or_default(), m.passability.unwrap_or("-")));
            told.collect::<Vec<_>>()
        };
        assert_eq!(read("海府路积水30厘米，蓝天路口车辆无法通行。"), ["海府路 -", "蓝天路口 impassable"]);
        assert_eq!(read("海府路封闭，李公楼立交桥下可缓慢通行。"), ["海府路 impassable", "李公楼立交桥下 slow"]);
        assert_eq!(read("海府路桥下辅道已封闭，主桥通行正常。").len(), 1);
        assert_eq!(read("积水路段：①海府一横路：25厘米；②海府路：30厘米"), ["海府一横路 -", "海府路 -"]);
        assert_eq!(read("正对海府路积水进行强排，道路封闭"), ["海府路 impassable"]);
        assert_eq!(read("对长堤路钟楼段约40厘米深积水进行抽排。"), ["长堤路钟楼段 -"]);
    }

    #[test]
    fn a_sub_district_in_front_of_roads_is_of_the_address_and_a_street_of_a_crossing_is_not() {
        let parser = Parser::new(Gazetteer::default());
        for (text, place) in [
            ("金沙街环洲三路与沙凤路路口积水约45厘米", "环洲三路与沙凤路路口"),
            ("白云区石井街石沙路石井医院段积水25厘米", "石沙路石井医院段"),
            ("荔湾区中南街海龙路与增滘路路口积水深30厘米", "海龙路与增滘路路口"),
            ("大石街105国道大石桥底积水深约60厘米", "105国道大石桥底"),
            ("沙头街大平路积水20厘米", "大平路"),
            ("新洲区邾城街龙腾大道客运中心段积水20厘米", "龙腾大道客运中心段"),
            ("襄城区胜利街西门桥公交站积水20厘米", "胜利街西门桥公交站"),
            ("解放街人民路路口积水20厘米", "解放街人民路路口"),
            ("东大街人民路积水20厘米", "东大街人民路"),
            ("凤台街书院下穿积水20厘米", "凤台街书院下穿"),
            ("江南街12号门前积水20厘米", "江南街12号门前"),
            ("和平街与人民路路口积水20厘米", "和平街与人民路路口"),
            ("岗头西街积水20厘米", "岗头西街"),
        ] {
            let read = parser.read(text, &Sent::default());
            assert_eq!(read.matters[0].place_text.as_deref(), Some(place), "{text}");
        }
    }
}
