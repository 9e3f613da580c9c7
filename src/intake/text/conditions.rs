//! What would be on a condition, and what a forecast says beside its first clause: nothing that happened.

use std::ops::Range;

use super::assemble::Found;
use super::grammar::Grammar;
use super::lexicon::Fact;
use super::sentence::{clause_end, clause_start, sentence_end, sentence_start};

/// Clauses of a text that are conditions, each with its sentence.
pub(super) fn with_what_would_be(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    begun(text).chain(ended(text))
}

/// "当积水达到27厘米时,将封闭": the whole sentence is a rule. "当日8时,交警将路封闭" is an hour.
fn ended(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let words = &Grammar::embedded().sentence;
    let ends = text.match_indices(&*words.condition_ends).map(|(i, end)| (i, i + end.len()));
    ends.filter_map(|(i, next)| {
        let start = after_a_colon(text, i);
        let hour = text[..i].ends_with(|c: char| c.is_ascii_digit() || "一二三四五六七八九十".contains(c));
        let would = words.condition.begins(&text[start..i]) && words.then.is_in(&text[next..clause_end(text, next)]);
        (would && !hour).then(|| start..until_now(text, next))
    })
}

/// "一旦通道积水,立即封闭", "若隧道积水达到30厘米,将封闭". 如意路 is a name.
fn begun(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let words = &Grammar::embedded().sentence;
    let may_be = words.may_be_on_condition.is_in(text);
    let begins = words.on_condition.iter().chain(words.on_condition_of_a_depth.iter()).filter(move |_| may_be);
    begins.flat_map(|word| text.match_indices(word.as_str())).filter_map(|(start, word)| {
        let end = clause_end(text, start);
        let next = text[end..].strip_prefix(',').filter(|_| after_a_colon(text, start) == start)?;
        let of_a_depth = words.on_condition_of_a_depth.has(word);
        let would = words.then_begins.begins(next) && (!of_a_depth || words.reaches.is_in(&text[start..end]));
        would.then(|| start..end_of_what_would_be(text, end + 1))
    })
}

/// "积水达27厘米时封闭", "隧道积水超过27厘米时,将立即封闭": what is done from a depth on.
pub(super) fn at_a_depth(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let words = &Grammar::embedded().sentence;
    let found = text.match_indices(Grammar::embedded().measure.when);
    found.filter(|(i, _)| words.at_a_depth.ends(&text[..*i])).filter_map(|(i, word)| {
        let (start, when) = (after_a_colon(text, i), i + word.len());
        let end = clause_end(text, when);
        let next = text[end..].strip_prefix(',').filter(|_| end == when).map(|_| end + 1);
        let next = next.map(|next| &text[next..clause_end(text, next)]).unwrap_or_default();
        let happened = words.has_been.is_in(&text[start..end]) || text[when..].starts_with(&*words.no_when);
        let goes_on = words.then.is_in(next) && !words.has_been.is_in(next);
        (!happened).then(|| start..if goes_on { end_of_what_would_be(text, end + 1) } else { end })
    })
}

/// "预计今晚有雷阵雨,局部积水可达30厘米": the clauses of a forecast after its first.
pub(super) fn forecast_goes_on(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let words = &Grammar::embedded().sentence;
    let may_be = words.may_be_a_forecast.is_in(text);
    let could = words.could.iter().filter(move |_| may_be).flat_map(|word| text.match_indices(word.as_str()));
    could.filter_map(|(i, _)| {
        let at = clause_start(text, i)..clause_end(text, i);
        let told = words.forecast.is_in(&text[sentence_start(text, i)..at.start]);
        (told && !words.goes_on_to_now.is_in(&text[at.clone()])).then_some(at)
    })
}

/// "预计今晚有雨,海府路、国兴大道等低洼路段可能出现积水": whether places come before what may be there, and are no list of
/// those that it is known for.
pub(super) fn may_come_to(text: &str, found: &Found) -> bool {
    let words = &Grammar::embedded().sentence;
    let may = found.hits.iter().filter(|h| h.fact == Fact::Warning && words.may_be_there.begins(&text[h.at.clone()]));
    may.into_iter().any(|h| {
        let before = found.places[..found.places.partition_point(|p| p.at.end <= h.at.start)].last();
        before.is_some_and(|p| p.at.start >= clause_start(text, h.at.start))
    })
}

/// Where a sentence ends, or goes on to what is: "当积水达到27厘米时,将封闭,目前积水15厘米".
fn until_now(text: &str, next: usize) -> usize {
    let end = sentence_end(text, next);
    let now = Grammar::embedded().holds.now.find_in(&text[next..end]).map(|(i, _)| next + i).min();
    now.map_or(end, |now| clause_start(text, now).max(next))
}

/// Where what would be ends that a clause begins with: "将封闭道路,禁止车辆驶入".
fn end_of_what_would_be(text: &str, next: usize) -> usize {
    let mut end = clause_end(text, next);
    while text[end..].strip_prefix(',').is_some_and(|rest| Grammar::embedded().sentence.then_goes_on.begins(rest)) {
        end = clause_end(text, end + 1);
    }
    end
}

/// Where the clause of a byte begins, after its last colon.
fn after_a_colon(text: &str, at: usize) -> usize {
    let start = clause_start(text, at);
    text[start..at].rfind(':').map_or(start, |colon| start + colon + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_is_with_its_sentence_a_rule_and_an_hour_is_none() {
        for rule in ["提醒:遇通道积水超过27厘米时,将立即封闭通道,请勿涉水。", "当积水达到30厘米时,会关闭隧道"]
        {
            assert_eq!(with_what_would_be(rule).count(), 1, "{rule}");
        }
        for none in ["当日8时,交警将海府路封闭", "当晚十时,海府路将封闭", "当积水退去时,道路恢复通行", "8时,将封闭"]
        {
            assert_eq!(with_what_would_be(none).count(), 0, "{none}");
        }
        let text = "提醒:遇积水超过27厘米时,将封闭。海府路积水";
        assert_eq!(with_what_would_be(text).map(|at| &text[at]).collect::<Vec<_>>(), ["遇积水超过27厘米时,将封闭"]);
    }

    #[test]
    fn a_condition_may_end_with_no_hour_and_a_name_that_begins_like_one_is_none() {
        for rule in ["若隧道积水达到30厘米,将封闭", "提醒:一旦通道积水,立即封闭交通", "如积水超过20厘米,则断道"]
        {
            assert_eq!(with_what_would_be(rule).count(), 1, "{rule}");
        }
        for none in ["如意路积水20厘米,将封闭", "如意路积水超过20厘米,已封闭", "若羌路积水,请绕行", "路积水,一旦"]
        {
            assert_eq!(with_what_would_be(none).count(), 0, "{none}");
        }
    }

    #[test]
    fn what_is_done_from_a_depth_on_is_a_rule_and_what_was_done_is_none() {
        let of = |text: &str| at_a_depth(text).map(|at| text[at].to_owned()).collect::<Vec<_>>();
        let rule = "隧道内积水超过27厘米时,将立即封闭,禁止车辆驶入";
        assert_eq!(of(&format!("{rule},现隧道积水10厘米,通行正常")), [rule]);
        assert_eq!(of("达到27厘米时封闭,落至15厘米以下时恢复"), ["达到27厘米时封闭", "落至15厘米以下时恢复"]);
        assert!(of("积水已达30厘米时段,封闭").is_empty());
        assert!(of("积水达30厘米时封闭了").is_empty());
        assert_eq!(of("积水达到30厘米时,交警已将路封闭"), ["积水达到30厘米时"]);
    }

    #[test]
    fn places_before_what_may_be_there_are_none_and_a_list_of_what_is_known_for_it_is_one() {
        let parser = super::super::Parser::new(super::super::Gazetteer::default());
        let read = |text: &str| parser.read(text, &super::super::Sent::default()).matters.len();
        for none in [
            "预计今晚高潮位时段，鹭江道、海沧大道等沿海路段可能出现积水，请提前将车辆移至高处。",
            "预计傍晚有暴雨，海秀路、国兴大道可能积水。",
            "明早有短时强降水，滨海大道、丘海大道有积水风险。",
        ] {
            assert_eq!(read(none), 0, "{none}");
        }
        assert_eq!(read("以下路段易积水，请避让：海秀路、国兴大道。"), 2);
        assert_eq!(read("海秀路、国兴大道积水20厘米，夜间可能加深。"), 2);
    }

    #[test]
    fn a_forecast_goes_on_to_what_could_be_and_not_to_what_is() {
        let of = |text: &str| forecast_goes_on(text).count();
        assert_eq!(of("预计今晚有雷阵雨,局部积水可达30厘米,请注意"), 1);
        assert_eq!(of("预计今晚有雷阵雨。路积水可达30厘米"), 0);
        assert_eq!(of("预计12时排完,目前积水可达30厘米"), 0);
        assert_eq!(of("路积水可达30厘米"), 0);
    }
}
