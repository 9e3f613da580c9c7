//! Headings: what is said before a list holds for its items, until the next list has a heading of its own.

use super::group::{Event, Group, LONGEST_LEAD};
use super::measure::Quantity;
use super::sentence;

/// Between what a heading says and its colon: 的路段有.
const LONGEST_BEFORE_COLON_CHARS: usize = 8;
/// Before the name of an item: (1).
const LONGEST_ITEM_CHARS: usize = 5;

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
    }
}

/// The heading that holds for a group: the last one before it.
pub(super) fn heading_of(headings: &[Heading], group: &Group) -> Option<usize> {
    let starts = group.places.first().map_or(0, |p| p.at.start);
    headings.iter().rposition(|h| h.from <= starts).or((!headings.is_empty()).then_some(0))
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
            // No heading: what the item before says.
            ("以下路段积水：1.海府路；2.龙昆路，车辆无法通行：1号口已关", "海府路 - -, 龙昆路 impassable -"),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }
}
