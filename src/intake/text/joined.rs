//! Names that were joined become places: one of a crossing and of a stretch, several of a list.

use std::ops::Range;

use super::grammar::Grammar;
use super::marks::Marks;
use super::place::{Join, Part, Phrase, Scan};

/// A name of more characters than this has swallowed something.
const LONGEST_CHARS: usize = 45;
/// What is said of a list is looked at so far.
const LONGEST_CLAUSE_CHARS: usize = 30;
/// "分别" is looked for so far.
const LONGEST_EACH_BYTES: usize = 40;

/// "从国兴大道过来": whether somebody came from there.
pub(super) fn came_from(text: &str, at: &Range<usize>, marks: &Marks) -> bool {
    text[..at.start].ends_with(Grammar::embedded().joined.from)
        && marks.came.iter().any(|word| text[at.end..].starts_with(word.as_str()))
}

impl Scan<'_> {
    /// Makes places of the names that were joined.
    pub(super) fn flush(&mut self) {
        let parts = std::mem::take(&mut self.parts);
        let mut current: Option<Part> = None;
        for (i, part) in parts.iter().enumerate() {
            current = Some(match current.take() {
                None => part.clone(),
                Some(before) if self.one_place(&before, part, parts.len(), i) => Part {
                    at: before.at.start..part.at.end,
                    road: before.road || part.road,
                    plain_road: false,
                    junction: true,
                    join: part.join,
                },
                Some(before) => {
                    self.push(&before);
                    part.clone()
                }
            });
        }
        if let Some(last) = current {
            self.push(&last);
        }
    }

    /// Whether two joined names are one place.
    fn one_place(&self, before: &Part, part: &Part, parts: usize, i: usize) -> bool {
        match before.join {
            Some(Join::To) => true,
            // 兴源北路锡沪路口与通江大道春申路口: each is a crossing of two.
            Some(Join::Cross | Join::And)
                if before.junction && part.junction && self.roads_in(&before.at) > 1 && self.roads_in(&part.at) > 1 =>
            {
                false
            }
            // 某路西侧与某街门口，积水分别为25、40厘米
            Some(Join::Cross) => part.junction || !self.is_several(part.at.end),
            // 七星路和漓江路那儿: one crossing.
            Some(Join::And) => {
                part.junction
                    || !part.road && !self.is_several(part.at.end)
                    || parts == 2
                        && before.plain_road
                        && part.plain_road
                        && Grammar::embedded().joined.there.begins(&self.text[part.at.end..])
            }
            // A路、B路交叉口: two bare roads and one crossing.
            Some(Join::List) => {
                parts == 2
                    && i == 1
                    && before.plain_road
                    && part.junction
                    && self.roads_in(&part.at) == 1
                    && !self.is_several(part.at.end)
            }
            None => false,
        }
    }

    /// "A路、B路口均已退水" speaks of more than one.
    fn is_several(&self, end: usize) -> bool {
        let (rest, words) = (&self.text[end..], &Grammar::embedded().joined);
        let mut clause = rest.chars().take(LONGEST_CLAUSE_CHARS).take_while(|c| !matches!(c, ',' | ';' | '。' | '\n'));
        let near = &rest[..rest.floor_char_boundary(LONGEST_EACH_BYTES)];
        let each = words.each.find_in(near).next().is_some_and(|(at, _)| !rest[..at].contains(['。', ';']));
        clause.any(|c| words.all.has(c)) || words.both.begins(rest) || each
    }

    fn roads_in(&self, at: &Range<usize>) -> usize {
        let text = &self.text[at.clone()];
        let (mut road_end, kinds) = (None, &*Grammar::embedded().common.streets_and_ways);
        // "交叉口" after a road is a crossing of that one, and so is 路口 in 嘉松南路路口; 豪苑路口 is a road itself.
        let roads = self.marks.find(text).filter(|(span, m)| {
            let junction = m.junction && text[span.clone()].starts_with(kinds);
            let road = m.road || m.on_road || junction && road_end != Some(span.start);
            road_end = match road_end {
                _ if road => Some(span.end),
                // 红星路四段路口
                Some(end) if end == span.start && m.position => Some(span.end),
                end => end,
            };
            road
        });
        roads.count()
    }

    fn push(&mut self, part: &Part) {
        // "上匝道(真北路入口": only what stands in the parentheses is whole.
        let open =
            self.text[part.at.clone()].rfind('(').filter(|i| !self.text[part.at.start + i..part.at.end].contains(')'));
        let part = &Part { at: open.map_or(part.at.start, |i| part.at.start + i + 1)..part.at.end, ..part.clone() };
        let name = &self.text[part.at.clone()];
        let chars = name.chars().count();
        let bare = self.marks.drop.iter().chain(&[]).fold(name, |n, d| n.strip_suffix(d.as_str()).unwrap_or(n));
        let alone = self.marks.lead.iter().find_map(|lead| name.strip_prefix(lead.as_str())).unwrap_or(name);
        let nameless = self.marks.generic.contains(alone) || self.marks.generic.contains(bare) || self.only_marks(name);
        // 12路, 88A路: lines of buses.
        let road = Grammar::embedded().common.road;
        let line = name.strip_suffix(road).is_some_and(|n| n.chars().all(|c| c.is_ascii_alphanumeric()));
        if line || !(2..=LONGEST_CHARS).contains(&chars) || nameless || name.is_ascii() || self.is_spoken_to(&part.at) {
            return;
        }
        if self.is_passed(&part.at) {
            return self.passed.push(Phrase { at: part.at.clone(), road: part.road, confidence: 0.6 });
        }
        let confidence = if chars > 20 && part.join.is_none() && !part.junction { 0.7 } else { 0.9 };
        self.found.push(Phrase { at: part.at.clone(), road: part.road, confidence });
    }

    /// "走国兴大道的车注意": who is spoken to.
    fn is_spoken_to(&self, at: &Range<usize>) -> bool {
        self.marks.audience.iter().any(|word| self.text[at.end..].starts_with(word.as_str()))
    }

    /// "从国兴大道过来": where somebody came from.
    fn is_passed(&self, at: &Range<usize>) -> bool {
        let after = &self.text[at.end..];
        let before = &self.text[..at.start];
        // "暂不停靠嘉松北路站", "送到江南新村3号楼，"
        if self.marks.heading.iter().any(|word| before.ends_with(word.as_str())) {
            return true;
        }
        // "刚路过文一西路，港桥那边水到轮胎一半了"
        if after.starts_with([',', ' ']) && self.marks.went.iter().any(|word| before.ends_with(word.as_str())) {
            return true;
        }
        came_from(self.text, at, self.marks)
    }

    /// 学校门口, 小区南门: nobody knows which.
    fn only_marks(&self, name: &str) -> bool {
        let mut at = 0;
        for (span, mark) in self.marks.find(name) {
            // 花园桥, 车站路: two of them are a name.
            if mark.road && !mark.position && at > 0 && span.start == at {
                return false;
            }
            let generic = self.marks.generic.contains(&name[span.clone()]);
            if span.start != at || !(generic || mark.position && !mark.road && at > 0 || mark.junction && at == 0) {
                return false;
            }
            at = span.end;
        }
        at == name.len()
    }
}
