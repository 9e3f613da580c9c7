//! The places of the rules beside what was learnt from answered messages: where that is sure, a place begins and ends so,
//! what it has nothing for is none, and what only it has is one.

use std::ops::Range;

use super::boundary::{Boundaries, Span};
use super::divisions::start_of;
use super::drained::pumped;
use super::grammar::Grammar;
use super::headings::{has_a_depth, is_a_number_or_none, leads_to_an_item, said_until};
use super::joined::came_from;
use super::lexicon::{Fact, Hit};
use super::marks::Marks;
use super::place::Phrase;
use super::sentence;
use super::sub_district::is_a_street;

/// From here on an end is sure; and below the other no word of a place is of one.
const SURE: f32 = 0.9;
const HARDLY: f32 = 0.1;
const CONFIDENCE: f64 = 0.8;

/// Of what crosses a road.
const FEWEST_CROSSING_CHARS: usize = 3;
/// Of a name after what is no part of it.
const FEWEST_NAMED_CHARS: usize = 3;

/// Between what is done on a road and how: 采取临时封闭.
const LONGEST_MANNER_BYTES: usize = 9;

/// Between a street and who can pass.
const MOST_VEHICLES: usize = 4;

/// Of a road that is told.
const LONGEST_TOLD_CHARS: usize = 5;

/// From what a heading says to its first item, and of what is said of a road in a list.
const LONGEST_HEADING_BYTES: usize = 60;
const LONGEST_VALUE_BYTES: usize = 45;

fn over(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}

/// `hits`: what is said, in order; `names` are those of the gazetteer: nothing cuts one in two or drops it.
pub(super) fn mend(
    text: &str,
    places: &mut Vec<Phrase>,
    hits: &[Hit],
    names: &[Range<usize>],
    learnt: &Boundaries,
    marks: &Marks,
) {
    let spans = &learnt.spans;
    let of = |at: &Range<usize>| {
        let first = spans.partition_point(|span| span.at.end <= at.start);
        first..first + spans[first..].iter().take_while(|span| span.at.start < at.end).count()
    };
    let mut uses = vec![0; spans.len()];
    for place in places.iter() {
        uses[of(&place.at)].iter_mut().for_each(|uses| *uses += 1);
    }
    // What is named again is not learnt, as one answer has it: 其中紫金街口.
    let told: Vec<Range<usize>> =
        spans.iter().map(|span| span.at.clone()).chain(places.iter().map(|place| place.at.clone())).collect();
    let again = |at: &Range<usize>| {
        let name = &text[at.clone()];
        told.iter()
            .any(|other| other != at && (text[other.clone()].contains(name) || name.contains(&text[other.clone()])))
    };
    let known = |place: &Phrase| {
        !of(&place.at).is_empty()
            || learnt.most(&place.at) >= HARDLY
            || names.iter().any(|name| over(name, &place.at))
            || again(&place.at)
            || is_told(text, place, hits)
            || is_headed(text, place, hits)
    };
    let mut kept: Vec<bool> = places.iter().map(known).collect();
    if kept.contains(&false) {
        // Of a list that one is of, all are; "A路、B路等低洼路段" gives examples.
        let example = |place: &Phrase| text[place.at.end..].starts_with(Grammar::embedded().road.and_others);
        let mut listed: Vec<bool> = places.windows(2).map(|two| is_listed(text, &two[0], &two[1])).collect();
        let mut examples = false;
        for (listed, two) in listed.iter_mut().zip(places.windows(2)).rev() {
            examples = *listed && (examples || example(&two[1]));
            *listed &= !examples;
        }
        for i in 0..listed.len() {
            kept[i + 1] |= listed[i] && kept[i];
        }
        for i in (0..listed.len()).rev() {
            kept[i] |= listed[i] && kept[i + 1];
        }
    }
    let mut kept = kept.into_iter();
    places.retain_mut(|place| {
        let mine = of(&place.at);
        // Two places of the rules within one are a list.
        if let [span] = &spans[mine.clone()]
            && uses[mine.start] == 1
        {
            place.at = between(text, &place.at, span, hits, names, marks);
        }
        place.at.start = without_what_is_before(text, &place.at, marks);
        kept.next().unwrap_or(true)
    });
    let new = spans.iter().zip(uses).filter(|(span, uses)| *uses == 0 && span.begins >= SURE && span.ends >= SURE);
    // "从椰海大道过来": meant only where no other place is named.
    let elsewhere = !places.is_empty();
    let new = new.filter(|(span, _)| !(elsewhere && came_from(text, &span.at, marks)));
    places.extend(new.map(|(span, _)| Phrase {
        road: marks.find(&text[span.at.clone()]).any(|(_, mark)| mark.road || mark.junction),
        at: without_what_is_before(text, &span.at, marks)..span.at.end,
        confidence: CONFIDENCE,
    }));
    places.sort_by_key(|place| place.at.start);
}

/// Where a name begins after what is no part of it: 仅海府路, 网格内高登里12号.
fn without_what_is_before(text: &str, at: &Range<usize>, marks: &Marks) -> usize {
    // "主城区仅海府路"
    let named_from = start_of(text, at, marks);
    let (words, name) = (&Grammar::embedded().learnt, &text[named_from..at.end]);
    // "21时起对海府路实行封闭"
    let done_on = || name.strip_prefix(words.on).filter(|_| words.carried_out.begins(&text[at.end..]));
    // "对长堤路钟楼段约40厘米深积水进行抽排", "排水队正对海府路积水强排"
    let pumped = || pumped(text, named_from..at.end);
    let rest = words.before.after(name).or_else(done_on).or_else(pumped);
    let rest = rest.filter(|rest| rest.chars().nth(FEWEST_NAMED_CHARS - 1).is_some());
    rest.map_or(at.start, |rest| at.end - rest.len())
}

/// "布吉关那边", "学院路封了": whether it is said to be a place, or what is said takes the last character of a road.
fn is_told(text: &str, place: &Phrase, hits: &[Hit]) -> bool {
    let at = hits.partition_point(|h| h.at.end <= place.at.end);
    // "师傅们，海府大道现在水有二十多公分"
    let wet = &Grammar::embedded().plain.wet;
    let now = |h: &Hit| h.at.start == place.at.end && h.fact == Fact::Now && wet.begins(&text[h.at.end..]);
    // "…25厘米，冶山道路铁路涵洞积水约70厘米"
    let strong = |h: &Hit| matches!(h.fact, Fact::Category { weak: false, .. }) && wet.is_in(&text[h.at.clone()]);
    let floods = |h: &Hit| h.at.start == place.at.end && strong(h);
    let long = text[place.at.clone()].chars().count() > LONGEST_TOLD_CHARS;
    let closed = |h: &Hit| h.at.start < place.at.end && matches!(h.fact, Fact::Passability(_));
    // "15时起海府路再次封闭"
    let says = |h: &Hit| h.at.start == place.at.end && matches!(h.fact, Fact::Passability(_) | Fact::Dry);
    // "，镇海路口车辆无法通行"
    let passes = || {
        // "国兴大道可缓慢通行"
        let words = &Grammar::embedded().learnt;
        let adjoins = |gap: Option<&str>| gap.is_some_and(|gap| gap.trim_matches(&*words.before_passing).is_empty());
        let mut end = place.at.end;
        for hit in hits[at..].iter().take(MOST_VEHICLES) {
            match hit.fact {
                Fact::Passability(_) => return adjoins(text.get(end..hit.at.start)),
                Fact::Vehicle(_) if adjoins(text.get(end..hit.at.start)) => end = hit.at.end,
                _ => return false,
            }
        }
        false
    };
    let before = &text[..place.at.start];
    // "对海府路实行封闭管制"
    let words = &Grammar::embedded().learnt;
    let done_on = || {
        let done = words.carried_out.after(&text[place.at.end..]).map(|rest| text.len() - rest.len());
        let near = |at: usize| done.is_some_and(|done| (done..=done + LONGEST_MANNER_BYTES).contains(&at));
        let closes = |h: &Hit| h.at.start <= place.at.end || near(h.at.start);
        let closes = |h: &Hit| matches!(h.fact, Fact::Passability(_)) && closes(h);
        let name = &text[place.at.clone()];
        let name = name.strip_prefix(words.on).or_else(|| before.ends_with(words.on).then_some(name));
        name.is_some_and(|name| !name.starts_with(&*words.pointed_at)) && hits.get(at).is_some_and(closes)
    };
    // "；国兴大道可缓慢通行"
    let since = before.ends_with(Grammar::embedded().place.since) || before.ends_with([';', '。', '\n']);
    Grammar::embedded().road.there.begins(&text[place.at.end..])
        || before.ends_with([',', ';', '。', '\n']) && is_a_street(&text[place.at.clone()]) && passes()
        || place.road
            && (pumped(text, place.at.clone()).is_some()
                || Grammar::embedded().goes_on.water_way.ends(&text[place.at.clone()])
                || since && hits.get(at).is_some_and(|h| says(h) || closed(h))
                || done_on()
                || has_a_depth(&text[place.at.end..])
                || before.ends_with(',') && hits.get(at).is_some_and(|h| now(h) || long && floods(h))
                || text[place.at.clone()].chars().count() <= LONGEST_TOLD_CHARS && hits.get(at).is_some_and(closed))
}

/// "已恢复通行路段：海秀路": whether a road is all of the first item that a heading leads to.
fn is_headed(text: &str, place: &Phrase, hits: &[Hit]) -> bool {
    let says = |h: &Hit| matches!(h.fact, Fact::Passability(_) | Fact::Dry | Fact::Category { .. });
    let first = hits.partition_point(|h| h.at.start + LONGEST_HEADING_BYTES < place.at.start);
    let mut near = hits[first..].iter().take_while(|h| h.at.start < place.at.start);
    place.road
        && ends_an_item(&text[place.at.end..])
        && near.any(|h| says(h) && text.get(said_until(text, h.at.end)..place.at.start).is_some_and(leads_to_an_item))
}

fn ends_an_item(text: &str) -> bool {
    text.trim_start_matches(' ').chars().next().is_none_or(|c| matches!(c, '、' | ';' | '。' | '.' | '\n'))
}

/// "海秀路、国兴大道", "海秀路30厘米、国兴大道(20厘米)": whether two roads are of one list.
fn is_listed(text: &str, one: &Phrase, next: &Phrase) -> bool {
    let gap = text.get(one.at.end..next.at.start).unwrap_or_default();
    let value = gap.strip_suffix('、').or_else(|| Grammar::embedded().learnt.listed.before(gap));
    // Each alone in its line, with its number.
    let line = || gap.strip_prefix('\n').is_some_and(is_a_number_or_none) && ends_an_item(&text[next.at.end..]);
    let Some(value) = value.or_else(|| line().then_some("")) else { return false };
    one.road
        && next.road
        && value.len() <= LONGEST_VALUE_BYTES
        && (value.is_empty() || value.starts_with(|c: char| c == '(' || c.is_ascii_digit()))
        && !value.contains(['、', ';', '。', '\n'])
}

/// Where a place of the rules is, after what was learnt of it.
fn between(
    text: &str,
    at: &Range<usize>,
    span: &Span,
    hits: &[Hit],
    names: &[Range<usize>],
    marks: &Marks,
) -> Range<usize> {
    if span.at == *at {
        return at.clone();
    }
    let in_name = |at: usize| names.iter().any(|name| name.start < at && at < name.end);
    let mut now = at.clone();
    // The districts in front are taken off later; until then they join what is listed.
    let named_from = start_of(text, at, marks);
    let of_address =
        span.at.start > at.start && named_from >= span.at.start || start_of(text, &span.at, marks) > span.at.start;
    // 雪松大道驿城区法院: no road is cut off.
    let head = text.get(named_from..span.at.start).unwrap_or_default();
    let of_a_road = marks.find(head).any(|(_, mark)| mark.road && !mark.stop);
    // "railway underpass on Yuehai Avenue"
    let of_a_road = of_a_road || marks.english.side.contains(head.trim_end());
    // "⑤金桥大道": the number of an item.
    let sign = |c: char| c == ',' || !c.is_alphabetic() && !c.is_ascii();
    let from_afar = text.get(span.at.start..at.start).is_some_and(|more| more.contains(sign));
    // 绿色长廊与海秀西路路口: what crosses the second, whatever it ends with.
    let of_a_crossing = marks.find(head).last().is_some_and(|(at, mark)| {
        mark.cross && at.end == head.len() && head[..at.start].chars().count() >= FEWEST_CROSSING_CHARS
    }) && marks.find(&text[at.clone()]).last().is_some_and(|(_, mark)| mark.junction);
    if span.begins >= SURE && !in_name(span.at.start) && !(of_address || of_a_road || of_a_crossing || from_afar) {
        now.start = span.at.start;
    }
    // "海府路等快速路"
    let others = |tail: &str| {
        let first = marks.find(tail).next();
        tail.starts_with(Grammar::embedded().road.and_others) && first.is_some_and(|(at, m)| at.start == 0 && m.stop)
    };
    // "地铁站出来那段": who tells it came from there.
    let came = |tail: &str| {
        let part = marks.came.iter().find_map(|word| tail.strip_prefix(word.as_str()));
        part.is_some_and(|part| marks.goes_on.parts.iter().any(|one| one == part))
    };
    let goes_on = || {
        // "地铁站3号口已清理完毕"
        !text[at.end..span.at.end].contains(Grammar::embedded().common.already)
            && !is_count(&text[at.end..span.at.end])
            && !others(&text[at.end..])
            && !came(&text[at.end..span.at.end])
            && may_go_on(text, at.end..span.at.end, hits)
    };
    if span.ends >= SURE && !in_name(span.at.end) && (span.at.end < at.end || goes_on()) {
        now.end = span.at.end;
    }
    let name = &text[now.clone()];
    if name.matches('(').count() != name.matches(')').count() {
        return at.clone();
    }
    now
}

/// Whether a name goes on over these words: over no comma and no end of a sentence, into no word with a hyphen, and over nothing that is said.
fn may_go_on(text: &str, over: Range<usize>, hits: &[Hit]) -> bool {
    let says = |h: &Hit| {
        matches!(
            h.fact,
            Fact::Passability(_)
                | Fact::Dry
                | Fact::Body(_)
                | Fact::Advice
                | Fact::Unreal
                | Fact::Day(_)
                | Fact::Part(_)
                | Fact::Now
        )
    };
    // "Aurora Hwy knee-deep"
    let hyphen =
        text[over.end..].strip_prefix('-').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase()));
    let first = hits.partition_point(|h| h.at.start < over.start);
    // "Queens Blvd, Rego Park", "经三路涵洞千万别进"
    !(hyphen
        || text[over.clone()].contains(',')
        || !sentence::is_one(&text[over.clone()])
        || hits[first..].iter().take_while(|h| h.at.start < over.end).any(says))
}

/// "3处", after the last of a list.
fn is_count(tail: &str) -> bool {
    let words = &Grammar::embedded().learnt;
    let rest = tail.trim_start_matches(|c: char| c.is_ascii_digit() || words.count.has(c));
    rest.len() < tail.len() && rest.starts_with(&*words.counted)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One place of the rules beside one that was learnt, in `text`.
    fn mended<'t>(text: &'t str, place: &str, learnt: &str, sure: f32, names: &[&str]) -> Vec<&'t str> {
        let at = |word: &str| {
            let start = text.find(word).expect("it is in the text");
            start..start + word.len()
        };
        let mut places = vec![Phrase { at: at(place), road: true, confidence: 0.9 }];
        let mut boundaries = Boundaries::default();
        if !learnt.is_empty() {
            boundaries.spans.push(Span { at: at(learnt), begins: sure, ends: sure });
        }
        let names: Vec<Range<usize>> = names.iter().map(|name| at(name)).collect();
        mend(text, &mut places, &[], &names, &boundaries, Marks::embedded());
        places.into_iter().map(|place| &text[place.at]).collect()
    }

    const TEXT: &str = "记者赶到金盘路西广场出口旁，有水";

    #[test]
    fn an_end_moves_only_where_what_was_learnt_is_sure() {
        assert_eq!(mended(TEXT, "记者赶到金盘路西广场", "金盘路西广场出口", 0.95, &[]), ["金盘路西广场出口"]);
        assert_eq!(mended(TEXT, "记者赶到金盘路西广场", "金盘路西广场出口", 0.85, &[]), ["记者赶到金盘路西广场"]);
    }

    #[test]
    fn a_name_of_the_gazetteer_is_neither_cut_nor_dropped() {
        assert_eq!(mended(TEXT, "金盘路西广场", "西广场出口", 0.95, &["金盘路西广场"]), ["金盘路西广场出口"]);
        assert_eq!(mended(TEXT, "金盘路西广场", "", 0.0, &["金盘路西广场"]), ["金盘路西广场"]);
        assert!(mended(TEXT, "金盘路西广场", "", 0.0, &[]).is_empty());
    }

    #[test]
    fn a_place_that_is_told_needs_nothing_learnt_and_one_that_somebody_came_from_is_none_beside_another() {
        assert_eq!(mended("布吉关那边有水", "布吉关", "", 0.0, &[]), ["布吉关"]);
        assert!(mended("布吉关有水", "布吉关", "", 0.0, &[]).is_empty());
        assert_eq!(mended("从海府路过来,龙昆路口那边有水", "龙昆路口", "海府路", 0.95, &[]), ["龙昆路口"]);
        assert_eq!(mended("海府路等快速路", "海府路", "海府路等快速路", 0.95, &[]), ["海府路"]);
    }

    #[test]
    fn the_roads_of_a_list_are_all_places_and_examples_of_a_warning_are_none() {
        let parser = super::super::Parser::new(super::super::Gazetteer::default());
        let read = |text: &str| {
            let matters = parser.read(text, &super::super::Sent::default()).matters;
            matters.into_iter().filter_map(|m| m.place_text).collect::<Vec<_>>()
        };
        for end in ["。", ""] {
            assert_eq!(read(&format!("以下路段封闭：海秀路、国兴大道{end}")), ["海秀路", "国兴大道"]);
            assert_eq!(read(&format!("恢复通行路段：海秀路、国兴大道{end}")), ["海秀路", "国兴大道"]);
        }
        assert_eq!(read("积水路段：海府路30厘米、龙昆路20厘米。"), ["海府路", "龙昆路"]);
        assert_eq!(
            read("The following roads are closed: Haixiu Road, Guoxing Avenue."),
            ["Haixiu Road", "Guoxing Avenue"]
        );
        assert!(read("预计未来6小时城区雨量可达50毫米以上，龙蟠中路、大明路等低洼路段可能出现积水。").is_empty());
        assert!(read("请绕行海秀路、国兴大道。").is_empty());
    }

    #[test]
    fn a_road_that_something_is_done_on_is_one() {
        let parser = super::super::Parser::new(super::super::Gazetteer::default());
        for (text, place) in [
            ("因积水，对凤凰立交下穿隧道实行全封闭管制", Some("凤凰立交下穿隧道")),
            ("因积水，已对海府路隧道采取临时封闭措施", Some("海府路隧道")),
            ("13时起东湖隧道团山出口关闭", Some("东湖隧道团山出口")),
            ("因积水，对下穿隧道实行封闭管制", None),
        ] {
            let matters = parser.read(text, &super::super::Sent::default()).matters;
            assert_eq!(matters[0].place_text.as_deref(), place, "{text}");
            assert_eq!(matters[0].passability, Some("impassable"), "{text}");
        }
    }

    #[test]
    fn districts_a_count_and_half_a_pair_of_parentheses_stay_as_the_rules_have_them() {
        let text = "分,绿色长廊与海秀西路路口积水";
        assert_eq!(mended(text, "绿色长廊与海秀西路路口", "海秀西路路口", 0.95, &[]), ["绿色长廊与海秀西路路口"]);
        let text = "秀英区长秀路口、龙华区金盘路3处(南侧)积水";
        assert_eq!(mended(text, "秀英区长秀路口", "长秀路口", 0.95, &[]), ["秀英区长秀路口"]);
        assert_eq!(mended(text, "龙华区金盘路", "龙华区金盘路3处", 0.95, &[]), ["龙华区金盘路"]);
        assert_eq!(mended(text, "龙华区金盘路", "龙华区金盘路3处(南侧", 0.95, &[]), ["龙华区金盘路"]);
    }
}
