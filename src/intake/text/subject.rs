//! Of what somebody says that it is shut or open: the road, or something beside it, as a shop or a sluice.

use std::ops::Range;

use super::grammar::Grammar;
use super::sentence;
use super::vehicles::{Said, clause_before};

/// What is shut stands so near after the word.
const LONGEST_OBJECT_BYTES: usize = 30;

/// "沿街商铺已关闭", "已关闭进水阀门", "shops are closed": whether words that are said of more than roads are said of
/// something that is no road; `place` is the last one before them.
pub(super) fn is_of_something_else(text: &str, said: &Said, place: Option<&Range<usize>>) -> bool {
    let (words, phrase) = (&Grammar::embedded().subject, &text[said.phrase..said.at.end]);
    let Some(at) = words.of_more.find_in(phrase).map(|(at, _)| said.phrase + at).min() else { return false };
    if phrase.is_ascii() {
        let before = text[..said.phrase].trim_end();
        let before = words.verbs.before(before).unwrap_or(before).trim_end();
        // "the lane by the market is closed"
        return words.things_english.ends(before) && place.is_none_or(|place| place.end < before.len());
    }
    if words.of_roads.is_in(phrase) {
        return false;
    }
    let object = &text[said.at.end..text.floor_char_boundary(said.at.end + LONGEST_OBJECT_BYTES)];
    let object = object.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    if words.roads.is_in(object) {
        return false;
    }
    let from = at - clause_before(text, at).len();
    let subject = &text[place.map(|place| place.end).filter(|end| (from..=at).contains(end)).unwrap_or(from)..at];
    let mut who = subject.trim();
    // "一、恢复正常(2处)": the number of a heading.
    if sentence::is_a_number(who.trim_matches(['(', ')', '、', '.'])) {
        who = "";
    }
    // "已于8时40分临时关闭": how, and when.
    while let Some(rest) = words.how.before(who) {
        who = rest.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, ':' | ' '));
    }
    // "公园停车场入口积水，停车场已关闭"
    let of_it = place.is_some_and(|place| text[place.clone()].contains(who));
    let none = of_it || who.is_empty() || words.roads.ends(who) || words.why.ends(who);
    words.things.is_in(object)
        || words.things.ends(who) && !of_it
        || words.why.ends(who) && words.things.is_in(who)
        || !none
}

#[cfg(test)]
mod tests {
    use super::super::{Gazetteer, Parser, Sent};

    #[test]
    fn what_is_shut_or_open_beside_a_road_says_nothing_of_who_can_pass_it() {
        let parser = Parser::new(Gazetteer::default());
        let read = |text: &str| {
            let matters = parser.read(text, &Sent::default()).matters;
            matters[0].passability.unwrap_or("-")
        };
        for none in [
            "海府路积水20厘米，沿街商铺已关闭",
            "海府路积水20厘米，排水闸门已于8时40分关闭",
            "海府路积水20厘米，水务部门已关闭进水阀门",
            "海府路积水20厘米，附近学校停课，公园暂停开放",
            "海秀路积水已退，景区恢复开放",
            "海府路积水20厘米，商铺因进水临时关闭",
            "Knee-deep water on Hai Road, shops are closed.",
        ] {
            assert_eq!(read(none), "-", "{none}");
        }
        for (text, says) in [
            ("海府路积水20厘米，已于8时40分临时关闭", "impassable"),
            ("海府路隧道因积水已临时关闭", "impassable"),
            ("海府路积水20厘米，路段已关闭", "impassable"),
            ("金牛岭公园东门积水，已关闭", "impassable"),
            ("金牛岭公园停车场入口积水，停车场已关闭", "impassable"),
            ("海府路隧道积水20厘米，仍未开放", "impassable"),
            ("海府路隧道积水20厘米，已暂停开放", "impassable"),
            ("海府路隧道积水已退，12时50分恢复开放", "clear"),
            ("海秀路积水已退，道路恢复开放", "clear"),
            ("海秀路积水已退，12时恢复开放", "clear"),
            ("Knee-deep water on Hai Road, the road is closed.", "impassable"),
        ] {
            assert_eq!(read(text), says, "{text}");
        }
    }
}
