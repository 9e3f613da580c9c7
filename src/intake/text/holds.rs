//! What holds of all that is said of who can pass: not what was closed yesterday where it can be passed today, and one
//! value of a place.

use std::ops::Range;

use super::lexicon::{Hit, Lexicon, Vehicle};
use super::vehicles::{LONGEST_CLAUSE_BYTES, MOST_LOOKED_AT, Said, clause_before};
use crate::hazard::event::Passability;

/// In a clause: what it says is so now.
const NOW: [&str; 8] = ["现在", "目前", "现已", "此刻", "这会", "当前", "如今", " now"];

/// "请勿轻信封路传言": it is not so.
pub(super) fn is_rumour(text: &str, hit: &Hit) -> bool {
    let after = text[hit.at.end..].trim_start_matches(['的', '系', '为', '是', '等', '消', '息', '说', '法']);
    ["传言", "谣言", "传闻", "不实", "假的"].iter().any(|word| after.starts_with(word))
}

/// "请减速慢行通过", "请慢行，谨慎通过"
fn goes_on_through(after: &str) -> bool {
    let after = after.trim_start_matches(['、', ',', '谨', '慎', '小', '心', '缓', '慢', '依', '次', '有', '序', '地']);
    ["通过", "通行", "驶过", "行驶", "涉水", "保持距离通过"].iter().any(|verb| after.starts_with(verb))
}

/// What still holds: not what was closed yesterday where it can be passed today, and no advice to slow down.
pub(super) fn settled(text: &str, found: Vec<Said>, lexicon: &Lexicon) -> Vec<Said> {
    let of_all = |s: &Said| s.passability == Passability::Clear && !matches!(s.vehicle, Some(Vehicle::Large));
    let in_one = |from: usize, to: usize| {
        let between = text.get(from..to).filter(|t| t.len() <= LONGEST_CLAUSE_BYTES);
        between.is_some_and(|t| !t.contains(['。', ';', '\n']))
    };
    let was = |i: usize, s: &Said| {
        let clause = clause_before(text, s.at.start);
        s.passability == Passability::Impassable
            && lexicon.former_day.iter().any(|day| clause.contains(day.as_str()))
            && !text[s.at.end..].starts_with(['至', '到'])
            && found[i + 1..].iter().take(MOST_LOOKED_AT).any(|later| of_all(later) && in_one(s.at.end, later.at.start))
    };
    // "3时10分积水封桥，5时55分水位归零，现在车照跑"
    let is_of_now = |s: &Said| {
        let clause = clause_before(text, s.at.start);
        NOW.iter().any(|word| clause.contains(word))
    };
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
            && (clause_before(text, s.phrase).contains(['请', '注']) || text[s.phrase..].starts_with('请'))
            && !text[s.phrase..s.at.end].contains(['可', '能', '通', '过'])
            && ["慢行", "缓行", "减速"].iter().any(|word| text[s.phrase..s.at.end].contains(word))
            // "请靠左侧车道慢行" says how the road is passed.
            && !clause_before(text, s.phrase).contains('靠')
            && !goes_on_through(&text[s.at.end..])
    };
    let kept = found.iter().enumerate().filter(|(i, s)| !was(*i, s) && !no_more(*i, s) && !advice(s));
    kept.map(|(_, s)| s.clone()).collect()
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
