//! Place phrases in Chinese: the longest run of words that names a spot.
//!
//! A name begins after a stop or a boundary, and ends with the last mark (road, crossing, landmark, position) before
//! the next; what joins two names makes one place of a crossing and of a stretch, and two of a list.

use std::ops::Range;

use super::divisions;
use super::edges::{blocks, is_no_street, with_distance, without_lanes, word_is};
use super::grammar::Grammar;
use super::lexicon::Hit;
use super::marks::{Mark, Marks};
use super::unplaced::is_gone_by_some;

/// Where somebody says it is.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Phrase {
    pub at: Range<usize>,
    /// Names a road, not only something beside one.
    pub road: bool,
    pub confidence: f64,
}

/// Characters in parentheses that may belong to a place.
const LONGEST_ASIDE_CHARS: usize = 40;
/// Of those, what says which way.
const LONGEST_WAY_CHARS: usize = 12;
/// Before a gate or a side: a name, and not 我家 or 单位.
const SHORTEST_OF_A_GATE_CHARS: usize = 3;
/// Of a last part that no mark ends.
const LONGEST_TAIL_CHARS: usize = 10;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Join {
    /// 与: always one crossing.
    Cross,
    /// 和: one crossing, or two places.
    And,
    To,
    List,
}

/// One name between joins.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub at: Range<usize>,
    pub road: bool,
    /// Nothing but one road.
    pub plain_road: bool,
    pub junction: bool,
    pub join: Option<Join>,
}

/// Every place of a normalised text; `taken` are spans that mean something else, in order.
pub(super) fn phrases(text: &str, hits: &[Hit], taken: &[Range<usize>], marks: &Marks) -> Vec<Phrase> {
    let mut scan = Scan {
        text,
        marks,
        found: Vec::new(),
        passed: Vec::new(),
        parts: Vec::new(),
        start: 0,
        end: None,
        now: Mark::default(),
        roads: 0,
    };
    let mut blocks = blocks(text, hits, taken, marks).into_iter().peekable();
    let mut skip_to = 0;
    for (at, mark) in marks.find(text) {
        while let Some(block) = blocks.next_if(|b| b.start <= at.start) {
            if block.end > skip_to {
                scan.boundary(block.start.max(skip_to), block.end);
            }
        }
        // A mark that runs into a block is none.
        if at.start < scan.start.max(skip_to) || blocks.peek().is_some_and(|b| b.start < at.end) {
            continue;
        }
        scan.mark(at, mark);
        if let Some(end) = scan.aside() {
            skip_to = end;
        }
    }
    for block in blocks.filter(|b| b.end > skip_to) {
        scan.boundary(block.start.max(skip_to), block.end);
    }
    scan.boundary(text.len(), text.len());
    if scan.found.is_empty() {
        scan.found = scan.passed;
    }
    scan.found.iter_mut().for_each(|phrase| {
        phrase.at.end = with_distance(text, phrase.at.end, marks);
        phrase.at.end = without_lanes(text, phrase.at.clone(), marks);
    });
    scan.found.retain(|phrase| !is_no_street(text, &phrase.at, marks));
    scan.found
}

pub(super) struct Scan<'a> {
    pub text: &'a str,
    pub marks: &'a Marks,
    pub found: Vec<Phrase>,
    /// Where somebody came from: meant only where no other place is named.
    pub passed: Vec<Phrase>,
    pub parts: Vec<Part>,
    /// Where the present name begins.
    pub start: usize,
    /// After its last mark.
    pub end: Option<usize>,
    /// All its marks together.
    pub now: Mark,
    roads: usize,
}

impl Scan<'_> {
    fn mark(&mut self, at: Range<usize>, mark: Mark) {
        // 县道X176苏寻三段: the number is the road's.
        if let Some(end) = self.after_number(&at) {
            return self.extend(at.start..end, mark);
        }
        let adjacent = self.end == Some(at.start);
        let (words, road) = (&Grammar::embedded().place, Grammar::embedded().common.road);
        if mark.on_road {
            // 金垦路上: the road ends with its first character, and the name too.
            let first = at.start + self.text[at.clone()].chars().next().map_or(0, char::len_utf8);
            let word = &self.text[at.clone()];
            // 矿工路中兴路口: the next name begins with the second character.
            if at.start > self.start && words.middle.has(word) && self.another_begins(at.end) {
                return self.extend(at.start..first, Mark { road: true, ..Mark::default() });
            }
            // 青石桥桥面, 中环路上匝道
            let next = self.marks.find(&self.text[at.end..]).next();
            let on = words.on_a_road.has(word);
            let ramp = on && next.as_ref().is_some_and(|(span, m)| span.start == 0 && m.road && !m.stop);
            // 布龙路上水径地铁站: the next name begins with the second character.
            let station = on
                && next.is_some_and(|(span, m)| {
                    let name = &self.text[at.end..at.end + span.start];
                    m.landmark
                        && !m.stop
                        && (2..=3).contains(&name.chars().count())
                        && name.chars().all(|c| c.is_alphabetic() && !self.marks.bare_never(c))
                });
            if adjacent && words.deck.has(word) {
                return self.extend(at, Mark { position: true, ..Mark::default() });
            } else if (ramp || station) && !adjacent && at.start > self.start {
                return self.extend(at.start..first, Mark { road: true, ..Mark::default() });
            }
            if !adjacent && self.text[self.start..at.start].chars().nth(1).is_some() {
                self.extend(at.start..first, Mark { road: true, ..Mark::default() });
            }
            return self.close(at.end);
        }
        if mark.joins() && adjacent && !(mark.ends_a_name() && !mark.enumeration && !mark.cross && !mark.to) {
            return self.join(at, mark);
        }
        if mark.joint {
            // 后堡那个转盘
            if !adjacent && (self.end.is_some() || !self.begins_a_name(at.clone())) {
                self.close(at.end);
            }
            return;
        }
        if mark.enumeration {
            return self.boundary(at.start, at.end);
        }
        // 一路 is "all the way", and the end of 汉西一路.
        let begun = self.now.road || self.now.landmark && adjacent || self.now.junction;
        let named = !begun && at.start > self.start || begun && self.names_another(&at);
        if mark.ends_a_name() && (!mark.stop || named) {
            return self.extend(at, mark);
        }
        // 莞太路 is no 太.
        // 银海路人民医院: the road ends within 路人.
        let people = named && words.people.has(&self.text[at.clone()]);
        if people && self.text[at.end..].starts_with(&*words.after_people) {
            return self.extend(at.start..at.start + road.len_utf8(), Mark { road: true, ..Mark::default() });
        }
        let begun_by = at.start > self.start && self.end.is_none_or(|end| end < at.start);
        if mark.stop && begun_by && word_is(&self.text[at.clone()], &self.marks.name_chars) {
            let next = self.marks.find(&self.text[at.end..]).next();
            let railway = words.railway.begins(&self.text[at.end..]);
            if railway || next.is_some_and(|(span, m)| span.start == 0 && m.road && !m.stop && !m.position) {
                return;
            }
        }
        // 冶山道路铁路涵洞: the road that something else is on.
        if mark.stop && begun_by && words.ways.has(&self.text[at.clone()]) && self.is_of_a_way(&at) {
            return;
        }
        // 福马路, 沈半路: the word that stops a name is the end of this one.
        if mark.stop && self.end.is_none_or(|end| end < at.start) && self.is_a_road_of_one_character(&at) {
            return self.extend(at, Mark { road: true, ..Mark::default() });
        }
        // 民族大道琅东客运站那段, 市场菜摊那条巷子, 白沙洲大道青菱那段: a part of the road, and a lane beside something.
        if self.is_a_part(&at) {
            return self.extend(at, Mark { position: true, ..Mark::default() });
        }
        // 会展中心北侧道路
        let beside = self.now.landmark || self.now.position && self.now.junction;
        if adjacent && words.ways.has(&self.text[at.clone()]) && beside && !self.now.road {
            return self.extend(at, Mark { position: true, ..Mark::default() });
        }
        // 南门附近有积水: the side belongs to the name.
        let side = self.text[at.clone()].strip_suffix(words.there_is);
        if let Some(side) = side.filter(|side| mark.stop && adjacent && side.len() > 3) {
            self.extend(at.start..at.start + side.len(), Mark { position: true, ..Mark::default() });
        }
        // 天鹅湖路过来: the road ends within 路过.
        let word = &self.text[at.clone()];
        let passed = mark.stop && words.passed.has(word) && self.start + 3 < at.start;
        if passed && self.text[at.end..].starts_with(&*words.after_passed) {
            self.extend(at.start..at.start + road.len_utf8(), Mark { road: true, ..Mark::default() });
        }
        // 公交站旁边的人行道: what is beside it is the place.
        let goes_on = || {
            let next = self.marks.find(&self.text[at.end..]).next();
            next.is_some_and(|(span, m)| span.start == 0 && span.len() > 3 && (m.landmark || m.position) && !m.stop)
        };
        self.take_tail(&at);
        if mark.stop && !(adjacent && self.now.position && words.belongs.has(&self.text[at.clone()]) && goes_on()) {
            self.close(at.end);
        }
    }

    fn extend(&mut self, at: Range<usize>, mark: Mark) {
        let own = self.marks.own.contains(&self.text[at.clone()]);
        // 渔港西街至码头: the other end of a stretch.
        let reached = mark.landmark && self.parts.last().is_some_and(|p| p.join == Some(Join::To));
        let named = own || at.start > self.start || self.end.is_some() || at.len() > 6 || reached;
        // A position belongs to a name that has begun with something else.
        if !named || mark.position && !mark.road && !mark.landmark && self.end.is_none() && at.start == self.start {
            return;
        }
        self.end = Some(at.end);
        let kinds = &*Grammar::embedded().common.streets_and_ways;
        self.roads += usize::from(mark.road || mark.junction && self.text[at.clone()].starts_with(kinds));
        self.now.road |= mark.road || mark.junction;
        self.now.landmark |= mark.landmark;
        self.now.junction |= mark.junction;
        self.now.position |= mark.position;
        // 纺织西院门口, 人民会堂西侧
        let word = &self.text[at.clone()];
        if self.marks.gate.contains(word)
            && self.text[self.start..at.start].chars().take(SHORTEST_OF_A_GATE_CHARS).count()
                == SHORTEST_OF_A_GATE_CHARS
        {
            self.now.landmark = true;
        }
    }

    /// Where the number of a road ends that stands after its kind: 县道X176.
    fn after_number(&self, at: &Range<usize>) -> Option<usize> {
        let (words, common) = (&Grammar::embedded().place, &Grammar::embedded().common);
        let kind = words.classed.has(&self.text[at.clone()]);
        let number = self.text[at.end..].strip_prefix(&*words.letters).filter(|_| kind)?;
        let rest = number.trim_start_matches(|c: char| c.is_ascii_digit());
        let end = self.text.len() - rest.strip_prefix(common.line).unwrap_or(rest).len();
        (rest.len() < number.len() && !self.text[end..].starts_with(common.stake)).then_some(end)
    }

    /// Ends the present name; returns whether there was one.
    fn finish_part(&mut self, join: Option<Join>) -> bool {
        let (start, end) = (self.start, self.end.take());
        let (mut now, mut roads) = (std::mem::take(&mut self.now), std::mem::take(&mut self.roads));
        // Words like 附近 and 下面 say where at something, but after 与 a street is named.
        if self.parts.last().is_some_and(|p| p.join == Some(Join::Cross)) {
            (now.road, roads) = (now.road || now.position, roads.max(1));
        }
        let Some(end) = end.filter(|_| now.road || now.landmark || now.junction) else { return false };
        // "(2)", "①": the number of an item.
        let item = |c: char| c.is_ascii_digit() || matches!(c, '(' | ')' | '①'..='⑳');
        // "(三)中山南路"
        let word = self.text[start..end].find(')').filter(|i| {
            let number = self.text[start..start + i].trim_start_matches('(');
            !number.is_empty() && number.chars().all(|c| "一二三四五六七八九十".contains(c))
        });
        let start = word.map_or(start, |i| start + i + 1);
        let name = &self.text[start..end];
        let digits = name.trim_start_matches(|c: char| c.is_ascii_digit());
        let numbered = name.starts_with(|c: char| item(c) && !c.is_ascii_digit())
            || digits.starts_with(')') && (1..=2).contains(&(name.len() - digits.len()));
        let start = if numbered { end - name.trim_start_matches(item).len() } else { start };
        // "以下道路中断交通——明秀东路"
        let start = end - self.text[start..end].trim_start_matches(['—', '-', '~']).len();
        let start = start + self.lead(start, end);
        let plain_road = now.road && !now.junction && !now.landmark && roads == 1;
        self.parts.push(Part { at: start..end, road: now.road, plain_road, junction: now.junction, join });
        true
    }

    /// Bytes before the name itself: 在, 到.
    fn lead(&self, start: usize, end: usize) -> usize {
        // "刚过二环北路": somebody came by.
        let words = &Grammar::embedded().place;
        let came = self.text[..start].trim_end().ends_with(&*words.just) && self.text[start..end].starts_with(words.by);
        // "10月19日22时起文明东越江隧道封闭"
        let since = words.hours.ends(&self.text[..start]) && self.text[start..end].starts_with(words.since);
        let goes = is_gone_by_some(self.text, start..end);
        let mut skipped =
            if came || since || goes { self.text[start..].chars().next().map_or(0, char::len_utf8) } else { 0 };
        loop {
            let name = &self.text[start + skipped..end];
            let lead = self.marks.lead.iter().filter(|w| name.starts_with(w.as_str())).max_by_key(|w| w.len());
            // 沿河路 is a name, and 沿海秀路 along one.
            let long = lead.is_some_and(|w| w.len() > 3 || words.from.has(w) && !words.from_no.begins(name));
            // 沿河步道 is one by itself.
            let within = lead.is_some_and(|w| words.from.has(w)) && words.from_no.begins(name);
            let along = |rest: &str| lead.is_some_and(|w| words.along.has(w)) && rest.starts_with(&*words.along_no);
            let named = |rest: &str| {
                let first = self.marks.find(rest).find(|(_, m)| m.road || m.landmark || m.junction);
                rest.chars().count() >= 3
                    && !(within || along(rest))
                    && (long || first.is_none_or(|(at, _)| rest[..at.start].chars().count() != 1))
            };
            match lead.filter(|w| named(&name[w.len()..])) {
                Some(word) => skipped += word.len(),
                None => return skipped,
            }
        }
    }

    fn join(&mut self, at: Range<usize>, mark: Mark) {
        let (word, words) = (&self.text[at.clone()], &Grammar::embedded().place);
        let join = match mark {
            Mark { enumeration: true, .. } => Join::List,
            Mark { to: true, .. } => Join::To,
            _ if words.cross.has(word) => Join::Cross,
            _ => Join::And,
        };
        // 双楠里与武青街: a lane that is named like the inside of something.
        if let Some(end) = self.end.filter(|_| self.now == Mark { position: true, ..Mark::default() }) {
            let name = &self.text[self.start..end];
            self.now.road = name.chars().count() > 2
                && !words.kilometre.ends(name)
                && self.marks.lane.iter().any(|lane| name.ends_with(lane.as_str()));
            self.roads = usize::from(self.now.road);
        }
        self.finish_part(Some(join));
        self.start = at.end;
    }

    /// A stop word: the name ends with its last mark.
    fn close(&mut self, next: usize) {
        self.finish_part(None);
        self.flush();
        self.start = next;
    }

    /// Punctuation or another meaning: what stands between the last mark and here may belong to the name.
    fn boundary(&mut self, at: usize, next: usize) {
        let words = &Grammar::embedded().place;
        if let Some(end) = self.end.filter(|end| *end < at && self.now.road) {
            let tail = &self.text[end..at];
            let chars = tail.chars().count();
            let clean =
                tail.chars().all(|c| c.is_alphanumeric() && !c.is_ascii() && !self.marks.not_in_name.contains(&c))
                    && !words.no_tail.is_in(tail);
            let ends = at == self.text.len() || !self.text[at..].starts_with(char::is_alphanumeric);
            if (2..=LONGEST_TAIL_CHARS).contains(&chars) && clean && ends && !tail.ends_with(words.no_tail_end) {
                self.end = Some(at);
                self.now.landmark = true;
            }
        }
        self.close(next);
    }

    /// Parentheses right after a name that hold a place: 丘海大道(南海大道至椰海大道段). Returns their end.
    fn aside(&mut self) -> Option<usize> {
        let (end, words) = (self.end?, &Grammar::embedded().place);
        let inside = self.text[end..].strip_prefix('(')?;
        let length = inside.char_indices().take(LONGEST_ASIDE_CHARS).find(|(_, c)| *c == ')').map(|(i, _)| i)?;
        let inside = &inside[..length];
        // 海榆中线(K18+300)
        let stake = inside.strip_prefix(Grammar::embedded().common.stake);
        let stake = stake.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        // 海榆中线(13公里处)
        let stake = stake
            || inside.starts_with(|c: char| c.is_ascii_digit()) && Grammar::embedded().edges.kilometre.ends(inside);
        let clean = |c: char| c.is_alphabetic() && !c.is_ascii() && !self.marks.bare_never(c);
        // 双溪西路婺江隧道(江北往江南)
        let one_way = words.one_way.is_in(inside) && inside.chars().all(|c| c.is_alphabetic() && !c.is_ascii());
        let named = one_way && inside.chars().count() <= LONGEST_WAY_CHARS
            || (3..=10).contains(&inside.chars().count()) && inside.chars().all(clean);
        let place = !inside.contains([',', '。', ';', ':'])
            && (named || stake || self.marks.find(inside).any(|(_, m)| m.road || m.landmark || m.to || m.position));
        if !place || !stake && inside.contains(|c: char| c.is_ascii_digit()) && !words.with_number.is_in(inside) {
            return None;
        }
        let after = end + length + 2;
        if divisions::is_one(inside) {
            return Some(after);
        }
        self.end = Some(after);
        self.now.landmark = true;
        Some(after)
    }
}
