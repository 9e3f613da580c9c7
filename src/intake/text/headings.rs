//! Headings: what is said before a list holds for its items, until the next list has a heading of its own.

use std::ops::Range;

use super::grammar::Grammar;
use super::group::{Event, Group, LONGEST_LEAD};
use super::measure::Quantity;
use super::sentence;
use super::vehicles::Said;

/// Between what a heading says and its colon: 的路段有.
const LONGEST_BEFORE_COLON_CHARS: usize = 8;
/// Before the name of an item: (1).
const LONGEST_ITEM_CHARS: usize = 5;

/// An open parenthesis is looked for so far.
const LONGEST_ASIDE_BYTES: usize = 120;

/// What is said before a list, and holds for its items.
pub(super) struct Heading {
    /// Where the first item begins.
    pub from: usize,
    pub group: Group,
}

impl Heading {
    /// "三处断行：①A路，水深1.2米；②…": whether what is said leads to the items at once.
    pub fn heads_a_list(&self, text: &str) -> bool {
        let last = self.group.said.iter().map(|s| s.at.end).max();
        let gap = last.and_then(|end| text.get(end..self.from));
        gap.is_some_and(|gap| gap.starts_with(':') && !gap.contains(['。', ';', ',']))
            || last.and_then(|end| text.get(said_until(text, end)..self.from)).is_some_and(leads_to_an_item)
    }
}

/// The heading that holds for a group: the last one before it.
pub(super) fn heading_of(headings: &[Heading], group: &Group) -> Option<usize> {
    let starts = group.places.first().map_or(0, |p| p.at.start);
    headings.iter().rposition(|h| h.from <= starts)
}

/// A heading over one place alone is of that place: "井盖没了！海府路公交站旁边".
pub(super) fn join_heading(
    text: &str,
    mut headings: Vec<Heading>,
    mut groups: Vec<Group>,
) -> (Vec<Heading>, Vec<Group>) {
    if let ([_], [only]) = (&headings[..], &mut groups[..])
        && let Some(Heading { group: mut heading, .. }) = headings.pop()
    {
        if only.categories.iter().any(|c| !c.2) || only.measures.iter().any(|m| m.quantity == Quantity::Depth) {
            heading.categories.retain(|(_, at, _)| !sentence::is_of_a_whole_city(text, at.start));
        }
        // "不是积水，是追尾。那边路口倒是有水": said of another place.
        if !(only.categories.is_empty() && only.measures.is_empty()) && only.dry.is_empty() {
            heading.dry.clear();
        }
        let Group { places, categories, measures, said, dry, resolved, times, .. } = std::mem::replace(only, heading);
        only.places = places;
        only.categories.extend(categories);
        only.measures.extend(measures);
        only.said.extend(said);
        only.dry.extend(dry);
        only.resolved.extend(resolved);
        only.times.extend(times);
    }
    (headings, groups)
}

/// "缓行：A路、B路", "恢复通行路段：A路": whether who can pass is said before a colon and the places that it is said of.
pub(super) fn heads_places(text: &str, events: &[Event]) -> bool {
    let [Event::Passability(said), Event::Place(place), ..] = events else { return false };
    let between = text.get(said.at.end..place.at.start).unwrap_or_default();
    let named =
        || between.split_once(':').is_some_and(|(before, item)| item.trim().is_empty() && is_of_a_heading(before));
    (between.trim_start().starts_with([':', ')']) || between.is_empty() && text[said.at.clone()].ends_with(':'))
        && !between.contains([',', ';', '。'])
        || named()
}

/// What a text goes on with after what a heading says has in common with other headings: "路段(3处):", "的道路有:".
struct Led<'t> {
    /// It says that roads or places follow.
    named: bool,
    /// "的有": the first follows at once.
    lists: bool,
    rest: &'t str,
}

impl Led<'_> {
    fn after(text: &str) -> Led<'_> {
        let words = &Grammar::embedded().headings;
        let mut led = Led { named: false, lists: false, rest: text };
        loop {
            if let Some(rest) = words.kinds.after(led.rest) {
                led = Led { named: true, rest, ..led };
            } else if let Some(rest) = words.lists.after(led.rest) {
                led = Led { lists: led.named || led.rest.len() < text.len(), rest, ..led };
            } else if let Some(rest) = words.beside.after(led.rest) {
                led.rest = rest;
            } else {
                let rest = led.rest.trim_start_matches(|c: char| c.is_ascii_digit());
                let counted = led.rest.strip_prefix('(').and_then(|rest| rest.split_once(')'));
                let counted = counted.filter(|(inside, _)| {
                    let count = inside.trim_start_matches(|c: char| c.is_ascii_digit());
                    count.len() < inside.len() && (count.is_empty() || words.beside.has(count))
                });
                // "交通中断(2处)"
                led.named |= counted.is_some_and(|(inside, _)| !inside.ends_with(|c: char| c.is_ascii_digit()));
                let rest = counted.map_or(rest, |(_, rest)| rest);
                if rest.len() == led.rest.len() {
                    return led;
                }
                led.rest = rest;
            }
        }
    }
}

/// Where what is said until `end` ends without its colon or parenthesis: some words are of who can pass with one alone.
pub(super) fn said_until(text: &str, end: usize) -> usize {
    text[..end].trim_end_matches([':', '(']).len()
}

/// "路段：", "路段)1.": whether from what a heading says it is so far to an item of its own, but for the item's number.
pub(super) fn leads_to_an_item(between: &str) -> bool {
    let led = Led::after(between);
    let mark = led.rest.starts_with([':', ')']) || led.named && led.rest.starts_with('\n');
    led.lists && led.rest.is_empty() || mark && is_a_number_or_none(led.rest.trim_start_matches([':', ')', '\n', ' ']))
}

/// "海府一横路：25厘米": whether a colon and a depth follow.
pub(super) fn has_a_depth(after: &str) -> bool {
    let number = |c: char| c.is_ascii_digit() || matches!(c, '-' | '~' | '.');
    let Some(depth) = after.strip_prefix(':') else { return false };
    depth.starts_with(number) && Grammar::embedded().measure.depth_unit.begins(depth.trim_start_matches(number))
}

/// "", "2.", "◆", "- ": what stands before the name of an item.
pub(super) fn is_a_number_or_none(item: &str) -> bool {
    // "A路(水深8厘米,可通行)、B路": the next of another list.
    item.chars().count() <= LONGEST_ITEM_CHARS
        && !item.starts_with(['、', ',', ';'])
        && (sentence::is_first_item(item.trim()) || !item.contains(|c: char| c.is_alphabetic() || c == '。'))
}

/// "恢复通行路段：", "(积水路段)", "封闭路段" alone in its line: whether what is said is a heading of what follows, and no
/// more of what came before.
pub(super) fn heads_what_follows(text: &str, events: &[Event]) -> bool {
    let says = |e: &&Event| matches!(e, Event::Category { .. } | Event::Passability(_) | Event::Dry(_));
    let count = events.iter().take(LONGEST_LEAD).take_while(says).count();
    let Some((first, last)) = count.checked_sub(1).map(|last| (&events[0], &events[last])) else { return false };
    let sure = matches!(last, Event::Passability(_) | Event::Dry(_));
    let end = said_until(text, last.end());
    let led = Led::after(&text[end..]);
    if led.rest.starts_with('\n') {
        // "◆封闭路段", "二、封闭路段"
        let line = text[..first.start()].rsplit('\n').next().unwrap_or_default();
        let number = line.trim_matches(|c: char| !c.is_alphanumeric());
        return led.named && sentence::is_a_number(number);
    }
    let place = events[count..].iter().find(|e| !matches!(e, Event::End(_)));
    let item = match place {
        Some(Event::Place(place)) => text.get(end..place.at.start).is_some_and(leads_to_an_item),
        _ => false,
    };
    (led.rest.starts_with([':', ')']) || led.lists && item) && (item && (sure || led.named) || sure && led.named)
}

/// "其他路段：" alone in its line: what was said before holds no further, and nothing is said of what follows.
pub(super) fn says_nothing(text: &str, line_end: usize) -> bool {
    let line = text[..line_end].rsplit('\n').next().unwrap_or_default().trim_end();
    line.strip_suffix(':').is_some_and(|line| Grammar::embedded().headings.kinds.ends(line))
}

/// "封闭路段：A路(积水60厘米)、B路(积水50厘米)": who can pass, as the heading of a list in one line says it before a group.
pub(super) fn of_its_list(text: &str, group: &Group) -> Option<Said> {
    let from = group.places.first()?.at.start;
    let [said, ..] = &group.said[..] else { return None };
    let between = text.get(said_until(text, said.at.end)..from)?;
    leads_to_an_item(between).then(|| said.clone())
}

/// Whether the list of a group goes on with what begins at `from`: "A路(积水60厘米)、B路", "A路积水60厘米；B路".
pub(super) fn is_next_item(text: &str, group: &Group, from: usize) -> bool {
    let gap = group.places.last().and_then(|p| text.get(p.at.end..from)).unwrap_or_default();
    let inside = gap.starts_with('(') || !gap.contains(',');
    inside && gap.trim_end().ends_with(['、', ';']) && !gap.contains(['。', '\n'])
}

/// ",已恢复通行": whether a clause begins with what is said, but for one in parentheses.
pub(super) fn begins_a_clause(text: &str, at: usize) -> bool {
    let near = &text[text.floor_char_boundary(at.saturating_sub(LONGEST_ASIDE_BYTES))..at];
    near.trim_end_matches(&*Grammar::embedded().refers.said_before).ends_with(',')
        && near.rfind('(').is_none_or(|opens| near.rfind(')').is_some_and(|closes| closes > opens))
}

/// "路段有", "路段2处": what stands between what a heading says and its colon.
fn is_of_a_heading(text: &str) -> bool {
    text.chars().count() <= LONGEST_BEFORE_COLON_CHARS && text.chars().all(char::is_alphanumeric)
}

/// "以下道路仍无法通行：1.A路；2.B路": whether what is said leads, by a colon, to the first item of a list.
pub(super) fn heads_items(text: &str, events: &[Event]) -> bool {
    let says = |e: &&Event| matches!(e, Event::Category { .. } | Event::Passability(_) | Event::Dry(_));
    let count = events.iter().take(LONGEST_LEAD).take_while(says).count();
    let [Event::End(number), rest @ ..] = &events[count..] else { return false };
    let place = rest.iter().find(|e| !matches!(e, Event::End(_)));
    let Some((last, Event::Place(place))) = count.checked_sub(1).map(|last| &events[last]).zip(place) else {
        return false;
    };
    let between = text.get(last.end()..place.at.start).unwrap_or_default();
    let Some((before, item)) = between.split_once(':') else { return false };
    last.end() <= *number
        && is_of_a_heading(before)
        && item.chars().count() <= LONGEST_ITEM_CHARS
        && sentence::is_first_item(item.trim())
}

/// "6处中已有4处退水，剩余两处为：A路；B路": what is said of a count is of none of those that a colon leads to after a comma.
pub(super) fn drop_others(text: &str, group: &mut Group) {
    let Some(from) = group.places.first().map(|place| place.at.start) else { return };
    let words = &Grammar::embedded().group;
    let of_others = |at: &Range<usize>| {
        let gap = text.get(at.end..from).unwrap_or_default();
        let left = gap.split_once(',').and_then(|(_, left)| left.split_once(':'));
        left.is_some_and(|(left, item)| words.left.begins(left) && !item.contains(','))
            && sentence::is_of_a_whole_city(text, at.start)
    };
    group.dry.retain(|at| !of_others(at));
    group.said.retain(|said| !of_others(&said.at));
}

#[cfg(test)]
mod tests {
    use super::super::{Gazetteer, Parser, Sent};

    #[test]
    fn each_of_two_lists_has_what_its_own_heading_says() {
        let parser = Parser::new(Gazetteer::default());
        let read = |text: &str| {
            let one = |m: &super::super::Matter| {
                let dry = if m.dry == Some(true) { "dry" } else { "-" };
                format!("{} {} {dry}", m.place_text.as_deref().unwrap_or("-"), m.passability.unwrap_or("-"))
            };
            parser.read(text, &Sent::default()).matters.iter().map(one).collect::<Vec<_>>().join(", ")
        };
        for (text, expected) in [
            (
                "以下道路恢复通行：1.海府路；2.龙昆路。以下道路仍无法通行：1.海秀路，积水50厘米；2.国兴大道。",
                "海府路 clear -, 龙昆路 clear -, 海秀路 impassable -, 国兴大道 impassable -",
            ),
            (
                "以下路段封闭：①海府路，积水60厘米；②龙昆路。以下路段缓慢通行：①海秀路；②国兴大道，积水20厘米。",
                "海府路 impassable -, 龙昆路 impassable -, 海秀路 slow -, 国兴大道 slow -",
            ),
            (
                "积水路段2处：1.海府路，缓慢通行；2.龙昆路，无法通行。已消退路段2处：1.海秀路；2.国兴大道。",
                "海府路 slow -, 龙昆路 impassable -, 海秀路 - dry, 国兴大道 - dry",
            ),
            (
                "已恢复通行路段：\n1. 海府路\n2. 龙昆路\n仍封闭路段：\n1. 海秀路",
                "海府路 clear -, 龙昆路 clear -, 海秀路 impassable -",
            ),
            (
                "封闭路段：海府路、龙昆路。二、恢复通行路段：海秀路。",
                "海府路 impassable -, 龙昆路 impassable -, 海秀路 clear -",
            ),
            (
                "恢复通行路段：海府路、龙昆路。二、封闭路段：海秀路。",
                "海府路 clear -, 龙昆路 clear -, 海秀路 impassable -",
            ),
            (
                "无法通行路段：\n海府路、龙昆路\n缓慢通行路段：\n海秀路\n已恢复通行：\n国兴大道",
                "海府路 impassable -, 龙昆路 impassable -, 海秀路 slow -, 国兴大道 clear -",
            ),
            (
                "【无法通行路段】海府路、龙昆路。【缓慢通行路段】海秀路。【已恢复通行路段】国兴大道。",
                "海府路 impassable -, 龙昆路 impassable -, 海秀路 slow -, 国兴大道 clear -",
            ),
            (
                "◆封闭路段\n海府路、龙昆路\n◆恢复通行路段\n海秀路",
                "海府路 impassable -, 龙昆路 impassable -, 海秀路 clear -",
            ),
            (
                "■交通中断：海府路、龙昆路 ■缓慢通行：海秀路 ■恢复正常：国兴大道",
                "海府路 impassable -, 龙昆路 impassable -, 海秀路 slow -, 国兴大道 clear -",
            ),
            (
                "封闭路段：海府路（积水60厘米）、龙昆路（积水50厘米，缓慢通行）、国兴大道。（二）恢复通行路段：海秀路。",
                "海府路 impassable -, 龙昆路 slow -, 国兴大道 impassable -, 海秀路 clear -",
            ),
            ("多处路段无法通行。已恢复通行路段：海秀路、国兴大道。", "海秀路 clear -, 国兴大道 clear -"),
            (
                "一、交通中断（2处）\n海府路、龙昆路\n二、恢复通行（1处）\n国兴大道",
                "海府路 impassable -, 龙昆路 impassable -, 国兴大道 clear -",
            ),
            (
                "无法通行的路段有海府路、龙昆路，缓慢通行的路段有海秀路，已恢复通行的有国兴大道。",
                "海府路 impassable -, 龙昆路 impassable -, 海秀路 slow -, 国兴大道 clear -",
            ),
            (
                "一、恢复正常（2处）\n海府路、龙昆路\n二、仍封闭（1处）\n国兴大道",
                "海府路 clear -, 龙昆路 clear -, 国兴大道 impassable -",
            ),
            ("恢复路段：海府路、龙昆路。封闭路段：海秀路。", "海府路 clear -, 龙昆路 clear -, 海秀路 impassable -"),
            ("恢复道路（1条）：海府路；未恢复路段：海秀路。", "海府路 clear -, 海秀路 impassable -"),
            ("积水提示：海府路（水深8厘米，可通行）、龙昆路（水深22厘米，慢行）。", "海府路 clear -, 龙昆路 slow -"),
            ("仍封闭：海府路、龙昆路；其余路段已恢复正常。", "海府路 impassable -, 龙昆路 impassable -"),
            ("封闭路段：\n海府路\n龙昆路\n其他路段：\n海秀路", "海府路 impassable -, 龙昆路 impassable -"),
            (
                "Still closed:\nHaifu Road\nLongkun Road\n\nOpen:\nHaixiu Road",
                "Haifu Road impassable -, Longkun Road impassable -, Haixiu Road clear -",
            ),
            // No heading: what is said of a place that was named before.
            ("海府路积水，无法通行。封闭时间：12时起。", "海府路 impassable -"),
            ("海府路积水。通行情况：车辆缓慢通行。", "海府路 slow -"),
            ("海府路积水，无法通行；龙昆路积水20厘米。", "海府路 impassable -, 龙昆路 - -"),
            // No heading: what the item before says.
            ("以下路段积水：1.海府路；2.龙昆路，车辆无法通行：1号口已关", "海府路 - -, 龙昆路 impassable -"),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }
}
