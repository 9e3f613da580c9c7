//! What holds of all that is said of who can pass: not what was closed yesterday where it can be passed today, and one
//! value of a place.

use std::ops::Range;

use super::grammar::Grammar;
use super::lexicon::{Fact, Hit, Lexicon, Vehicle};
use super::vehicles::{LONGEST_CLAUSE_BYTES, MOST_LOOKED_AT, Said, clause_before};
use crate::hazard::event::Passability;

/// "请勿轻信封路传言", "信号灯因进水停用": it is not so, or of no road.
pub(super) fn says_nothing(text: &str, hit: &Hit) -> bool {
    let words = &Grammar::embedded().holds;
    words.rumour.begins(text[hit.at.end..].trim_start_matches(&*words.rumour_before)) || is_of_no_road(text, hit)
}

/// "信号灯因进水停用", "可以过来摆摊"
fn is_of_no_road(text: &str, hit: &Hit) -> bool {
    let words = &Grammar::embedded().no_road;
    let (phrase, after) = (&text[hit.at.clone()], &text[hit.at.end..]);
    let device = || words.devices.is_in(clause_before(text, hit.at.start));
    // "可以过来了" says it.
    let errand = || {
        let rest = after.strip_prefix(&*words.further).filter(|_| words.over.ends(phrase));
        let rest = rest.or_else(|| words.over_here.ends(phrase).then_some(after));
        rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_alphabetic() && !words.ends.contains(&c)))
    };
    hit.fact == Fact::Passability(Passability::Clear) && errand() || words.stands_still.has(phrase) && device()
}

/// "水还有二三十公分，我刚骑过去": somebody came by, which says nothing where `others_can` is not.
pub(super) fn came_by(phrase: &str) -> bool {
    let words = &Grammar::embedded().holds;
    words.just.begins(phrase) && words.by.ends(phrase)
}

/// Whether a text says that water has gone, or that others can pass as somebody did.
pub(super) fn others_can(text: &str, hits: &[Hit]) -> bool {
    hits.iter().any(|h| h.fact == Fact::Dry) || Grammar::embedded().holds.not_shut.is_in(text)
}

/// "请减速慢行通过", "请慢行，谨慎通过"
fn goes_on_through(after: &str) -> bool {
    let words = &Grammar::embedded().holds;
    words.through.begins(after.trim_start_matches(&*words.manner))
}

/// What still holds: not what was closed yesterday where it can be passed today, and no advice to slow down.
pub(super) fn settled(text: &str, found: Vec<Said>, lexicon: &Lexicon) -> Vec<Said> {
    let words = &Grammar::embedded().holds;
    let of_all = |s: &Said| s.passability == Passability::Clear && !matches!(s.vehicle, Some(Vehicle::Large));
    let in_one = |from: usize, to: usize| {
        let between = text.get(from..to).filter(|t| t.len() <= LONGEST_CLAUSE_BYTES);
        between.is_some_and(|t| !t.contains(['。', ';', '\n']))
    };
    let was = |i: usize, s: &Said| {
        let clause = clause_before(text, s.at.start);
        s.passability == Passability::Impassable
            && lexicon.former_day.iter().any(|day| clause.contains(day.as_str()))
            && !text[s.at.end..].starts_with(&*words.until)
            && found[i + 1..].iter().take(MOST_LOOKED_AT).any(|later| of_all(later) && in_one(s.at.end, later.at.start))
    };
    // "3时10分积水封桥，5时55分水位归零，现在车照跑"
    let is_of_now = |s: &Said| words.now.is_in(clause_before(text, s.at.start));
    let no_more = |i: usize, s: &Said| {
        s.passability == Passability::Impassable
            && !is_of_now(s)
            && found[i + 1..]
                .iter()
                .take(MOST_LOOKED_AT)
                .any(|later| of_all(later) && is_of_now(later) && in_one(s.at.end, later.at.start))
    };
    // "请减速慢行" alone tells drivers what to do, and not how they get through.
    let advice = |s: &Said| {
        s.passability == Passability::Slow
            && (words.asks.is_in(clause_before(text, s.phrase)) || text[s.phrase..].starts_with(words.please))
            && !words.can.is_in(&text[s.phrase..s.at.end])
            && words.slow.is_in(&text[s.phrase..s.at.end])
            // "请靠左侧车道慢行" says how the road is passed.
            && !clause_before(text, s.phrase).contains(words.keep_to)
            && !goes_on_through(&text[s.at.end..])
    };
    // "请车辆小心通过"
    let told_to_care = |s: &Said| {
        let clause = clause_before(text, s.phrase);
        s.passability == Passability::Slow
            && words.careful.begins(&text[s.phrase..])
            && clause.contains(words.please)
            && !words.slow_in.is_in(clause)
    };
    // "小车开得过，慢点走"
    let told = |i: usize, s: &Said| {
        let before = text[..s.phrase].strip_suffix(',').map(str::len);
        Grammar::embedded().vehicles.told.has(&text[s.phrase..s.at.end])
            && found[..i].last().is_some_and(|b| b.passability == Passability::Clear && Some(b.at.end) == before)
    };
    let kept = found.iter().enumerate();
    let kept = kept.filter(|(i, s)| !was(*i, s) && !no_more(*i, s) && !advice(s) && !told_to_care(s) && !told(*i, s));
    kept.map(|(_, s)| s.clone()).collect()
}

/// "12时小车无法通行；14时各类车辆缓慢通行": whether both have an hour of their own, and the later one holds.
pub(super) fn is_of_an_earlier_hour(said: &Said, all: &[Said], hours: &[usize]) -> bool {
    let between = |later: &Said| hours.iter().any(|at| (said.at.end..later.at.start).contains(at));
    hours.iter().any(|at| *at < said.at.start)
        && all
            .iter()
            .any(|later| later.at.start >= said.at.end && later.vehicle != Some(Vehicle::Large) && between(later))
}

/// The one value of all that is said of a place, and the words for it.
pub(super) fn together(said: &[Said]) -> Option<(Passability, Range<usize>, f64)> {
    let said = &said[said.iter().rposition(|s| s.recovers).unwrap_or(0)..];
    let small_cannot =
        said.iter().find(|s| s.vehicle == Some(Vehicle::Small) && s.passability == Passability::Impassable);
    let all_cannot = said.iter().find(|s| {
        !matches!(s.vehicle, Some(Vehicle::Small | Vehicle::Large)) && s.passability == Passability::Impassable
    });
    if let Some(s) = all_cannot {
        // "小车无法通行，大车可以": then it is not closed.
        let others_can =
            said.iter().any(|o| o.vehicle == Some(Vehicle::Large) && o.passability != Passability::Impassable);
        return Some((
            if others_can { Passability::ImpassableSmall } else { Passability::Impassable },
            s.at.clone(),
            0.9,
        ));
    }
    if let Some(s) = small_cannot {
        let large_too =
            said.iter().any(|o| o.vehicle == Some(Vehicle::Large) && o.passability == Passability::Impassable);
        return Some((
            if large_too { Passability::Impassable } else { Passability::ImpassableSmall },
            s.at.clone(),
            0.95,
        ));
    }
    let worst = said.iter().filter(|s| s.vehicle != Some(Vehicle::Large)).max_by_key(|s| s.passability);
    // "公交也照常走了": all is as ever.
    let as_ever = || said.iter().find(|s| s.as_ever && s.passability == Passability::Clear);
    let worst = worst.or_else(as_ever).filter(|s| s.passability != Passability::Impassable)?;
    Some((worst.passability, worst.at.clone(), 0.9))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A phrase of a text.
    fn hit(text: &str, phrase: &str, passability: Passability) -> Hit {
        let at = text.find(phrase).expect("it is in the text");
        Hit { at: at..at + phrase.len(), fact: Fact::Passability(passability) }
    }

    #[test]
    fn an_errand_and_a_device_that_stands_still_are_of_no_road() {
        for (text, phrase, passability, nothing) in [
            ("可以过来摆摊", "可以过", Passability::Clear, true),
            ("能过去看看", "能过", Passability::Clear, true),
            ("可以过来了", "可以过", Passability::Clear, false),
            ("能过去", "能过", Passability::Clear, false),
            ("过不来接你", "过不来", Passability::Impassable, false),
            ("信号灯因进水停用", "停用", Passability::Impassable, true),
            ("车库因进水停用", "停用", Passability::Impassable, false),
            ("信号灯不亮,隧道停用", "停用", Passability::Impassable, false),
            ("封路系谣言", "封路", Passability::Impassable, true),
        ] {
            assert_eq!(says_nothing(text, &hit(text, phrase, passability)), nothing, "{text}");
        }
    }

    #[test]
    fn advice_to_take_care_and_who_came_by_say_nothing_and_a_lane_that_was_shut_says_that_it_is_open() {
        let parser = super::super::Parser::new(super::super::Gazetteer::default());
        for (text, passability) in [
            ("海府路积水20厘米，请车辆小心通过。", None),
            ("海府路积水20厘米，请过往车辆减速慢行、谨慎通过。", Some("slow")),
            ("海府路积水20厘米，车辆可小心通过。", Some("slow")),
            ("海府路这里水还有二三十公分，我刚骑过去，踏板都湿了", None),
            ("海府路积水退了，刚骑过去", Some("clear")),
            ("海府路没封，水十公分，刚开过去", Some("clear")),
            ("海府路积水已排干，封闭的两条车道已重新开放。", Some("clear")),
            ("海府路积水20厘米，内侧一条车道已恢复通行。", Some("slow")),
        ] {
            let read = parser.read(text, &super::super::Sent::default());
            assert_eq!(read.matters[0].passability, passability, "{text}");
        }
    }

    #[test]
    fn only_what_has_an_hour_of_its_own_gives_way_to_a_later_hour() {
        let said = |at: Range<usize>, vehicle| Said {
            phrase: at.start,
            at,
            passability: Passability::Impassable,
            vehicle,
            recovers: false,
            as_ever: false,
        };
        let all = [said(10..20, None), said(40..50, None)];
        assert!(is_of_an_earlier_hour(&all[0], &all, &[0, 30]));
        assert!(!is_of_an_earlier_hour(&all[1], &all, &[0, 30]));
        assert!(!is_of_an_earlier_hour(&all[0], &all, &[0]));
        assert!(!is_of_an_earlier_hour(&all[0], &all, &[30]));
        // The large ones alone: the others still cannot.
        let all = [said(10..20, None), said(40..50, Some(Vehicle::Large))];
        assert!(!is_of_an_earlier_hour(&all[0], &all, &[0, 30]));
    }
}
