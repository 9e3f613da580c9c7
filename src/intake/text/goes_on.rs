//! Whether a name goes on: words that end one, stop one or are within one, as what stands around them says.

use std::ops::Range;

use serde::Deserialize;

use super::divisions;
use super::grammar::Grammar;
use super::place::Scan;

/// Between the end of a name and the part of it that is meant.
const LONGEST_GAP_CHARS: usize = 3;
/// Districts in front of a road are looked for so far.
const LONGEST_BEFORE_BYTES: usize = 60;

/// Words of `data/text/places.toml`.
#[derive(Deserialize)]
pub(super) struct GoesOn {
    /// A part of a road, and a lane beside something.
    pub(super) parts: Vec<String>,
    lanes: Vec<String>,
    /// Last characters of what is beside a road, that alone end too many other words.
    kinds: String,
    /// After a name that no mark ends.
    after_it: Vec<String>,
    /// After a road that is called 一路 with a name before it.
    after_first_road: Vec<String>,
    /// Of roads that are counted: 南八马路.
    numbers: String,
    sides: String,
    /// Before 马路 and 半路, where they are no name.
    no_road: String,
}

/// Of a name before 四马路.
const NAMED_CHARS: std::ops::RangeInclusive<usize> = 2..=3;
/// Of a name before 道路.
const WAY_CHARS: std::ops::RangeInclusive<usize> = 2..=4;

impl Scan<'_> {
    /// 关山大道光谷一路至某处: a name before 一路, and what joins or places a road after it.
    pub(super) fn names_another(&self, at: &Range<usize>) -> bool {
        if !Grammar::embedded().goes_on.first_road.has(&self.text[at.clone()]) {
            return false;
        }
        let name = self.end.and_then(|end| self.text.get(end..at.start)).unwrap_or_default();
        // 清水河一路与红岗路: what ends like a landmark is the name of the road.
        let whole =
            name.is_empty() && !self.now.road && (3..=5).contains(&self.text[self.start..at.start].chars().count());
        (whole || (2..=3).contains(&name.chars().count()))
            && self.is_clean(name)
            && self.marks.goes_on.after_first_road.iter().any(|after| self.text[at.end..].starts_with(after.as_str()))
    }

    /// Whether 马路 or 半路 stands after one character that begins a name.
    pub(super) fn is_a_road_of_one_character(&self, at: &Range<usize>) -> bool {
        // After the street that it crosses, or the district that it is in.
        let fixed = &Grammar::embedded().goes_on;
        if !fixed.one_character.has(&self.text[at.clone()]) {
            return self.is_a_way_with_water(at);
        }
        let from = self.end.unwrap_or(self.start);
        let near = self.text.floor_char_boundary(at.start.saturating_sub(LONGEST_BEFORE_BYTES)).max(from);
        let district = self.text[near..at.start].rmatch_indices(&*fixed.district).next();
        let from = district.map_or(from, |(i, kind)| near + i + kind.len());
        let before = &self.text[from..at.start];
        // 南八马路
        let words = &self.marks.goes_on;
        let number = |c: char| words.numbers.contains(c);
        let counted = before.strip_prefix(|c| words.sides.contains(c)).filter(|rest| rest.starts_with(number));
        // 南开四马路
        let name = before.strip_suffix(number).filter(|name| NAMED_CHARS.contains(&name.chars().count()));
        let clean = |name: &str| self.is_clean(name) || divisions::is_named(name);
        if name.is_some_and(|name| clean(name) && !name.ends_with(|c| words.no_road.contains(c) || number(c))) {
            return true;
        }
        let mut before = counted.unwrap_or(before).chars();
        let first = before.next().filter(|c| c.is_alphabetic() && !c.is_ascii());
        first.is_some_and(|c| !words.no_road.contains(c) && (c != '一' || counted.is_some())) && before.next().is_none()
    }

    /// 三水道, 普济河道: a road whose name ends with a water, and no water itself.
    fn is_a_way_with_water(&self, at: &Range<usize>) -> bool {
        let (fixed, name) = (&Grammar::embedded().goes_on, &self.text[self.start..at.start]);
        let after = &self.text[at.end..];
        let (of_water, of_a_river) =
            (fixed.water_way.has(&self.text[at.clone()]), fixed.river_way.has(&self.text[at.clone()]));
        (1..=3).contains(&name.chars().count())
            && self.end.is_none()
            && self.is_clean(name)
            && !name.ends_with(&*fixed.no_water_way)
            && (of_water && fixed.after_water_way.begins(after)
                || (of_water || of_a_river) && fixed.after_way.begins(after))
    }

    /// Whether a few characters before 那个 and a mark soon after it make a name.
    pub(super) fn begins_a_name(&self, joint: Range<usize>) -> bool {
        let name = &self.text[self.start..joint.start];
        let next = self.marks.find(&self.text[joint.end..]).next();
        (2..=6).contains(&name.chars().take(7).count())
            && name.chars().all(|c| c.is_alphabetic() && !c.is_ascii())
            && next.is_some_and(|(span, m)| span.start <= 6 && (m.landmark || m.junction || m.road) && !m.stop)
    }

    /// Whether a road or a crossing of one to three characters stands here: 兴路口.
    pub(super) fn another_begins(&self, at: usize) -> bool {
        let next = self.marks.find(&self.text[at..]).next();
        next.is_some_and(|(span, mark)| {
            let name = &self.text[at..at + span.start];
            mark.ends_a_name()
                && !mark.position
                && !mark.stop
                && (0..=2).contains(&name.chars().count())
                && name.chars().all(char::is_alphabetic)
        })
    }

    /// 民族大道琅东客运站那段, 市场菜摊那条巷子, 白沙洲大道青菱那段: a part of the road, and a lane beside something.
    pub(super) fn is_a_part(&self, at: &Range<usize>) -> bool {
        let word = &self.text[at.clone()];
        let is = |words: &[String]| words.iter().any(|one| one == word);
        let (part, lane) = (is(&self.marks.goes_on.parts), is(&self.marks.goes_on.lanes));
        if !part && !lane {
            return false;
        }
        let Some(gap) = self.end.and_then(|end| self.text.get(end..at.start)) else { return false };
        // 地铁站出来那段: who tells it came from there.
        let came = self.marks.came.iter().any(|came| came == gap);
        let near = gap.chars().count() <= LONGEST_GAP_CHARS && self.is_clean(gap) && !came;
        // 高架下面那段 is no part of a road, and 高架下面那段辅路 is.
        let next = self.marks.find(&self.text[at.end..]).next();
        let under =
            self.now.position && gap.is_empty() && next.is_none_or(|(next, m)| next.start > 0 || !m.ends_a_name());
        let stretch = self.now.road && (self.now.landmark || !gap.is_empty()) && part && !under;
        near && (stretch || (self.now.landmark || self.now.position) && lane)
    }

    /// 冶山道路铁路涵洞: a name before 道路, and something that has a name of its own right after it.
    pub(super) fn is_of_a_way(&self, at: &Range<usize>) -> bool {
        let name = &self.text[self.start..at.start];
        let next = self.marks.find(&self.text[at.end..]).next();
        WAY_CHARS.contains(&name.chars().count())
            && self.is_clean(name)
            && next.is_some_and(|(span, m)| span.start == 0 && (m.landmark || m.road) && !m.stop && span.len() > 6)
    }

    /// 碧山路铁牛门已进水: what stands between the road and the word that stops the name.
    pub(super) fn take_tail(&mut self, at: &Range<usize>) {
        let words = &self.marks.goes_on;
        let is_after = words.after_it.iter().any(|word| *word == self.text[at.clone()]);
        let road = self.now.road && !self.now.landmark && is_after;
        let Some(end) = self.end.filter(|end| *end < at.start && road) else { return };
        let tail = &self.text[end..at.start];
        if (2..=4).contains(&tail.chars().count()) && self.is_clean(tail) && tail.ends_with(|c| words.kinds.contains(c))
        {
            self.end = Some(at.start);
            self.now.landmark = true;
        }
    }

    /// Whether all characters may stand in a name.
    fn is_clean(&self, name: &str) -> bool {
        name.chars().all(|c| c.is_alphabetic() && !c.is_ascii() && !self.marks.bare_never(c))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Gazetteer, Parser, Sent};

    #[test]
    fn a_road_may_be_called_after_a_water_and_be_counted_and_a_water_is_none() {
        let parser = Parser::new(Gazetteer::default());
        for (text, place) in [
            ("三水道水到脚踏板了", Some("三水道")),
            ("普济河道立交桥下积水已退", Some("普济河道立交桥下")),
            ("南开四马路这边水都到脚踝了", Some("南开四马路")),
            ("东兴二马路这里没水了", Some("东兴二马路")),
            ("柳林河道旁积水20厘米", None),
            ("下水道水冒出来，路上20厘米", None),
            ("这条马路水到膝盖", None),
        ] {
            let matters = parser.read(text, &Sent::default()).matters;
            assert_eq!(matters.first().and_then(|m| m.place_text.as_deref()), place, "{text}");
        }
    }
}
