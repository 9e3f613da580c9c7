//! Who can pass: phrases of passability with the vehicles they speak of.

use std::cell::LazyCell;
use std::ops::Range;

use super::curt;
use super::finder::starts_with_any;
use super::grammar::Grammar;
use super::holds::{came_by, others_can, says_nothing, settled};
use super::lexicon::{Fact, Hit, Lexicon, Vehicle};
use super::only;
use crate::hazard::event::Passability;

/// A phrase speaks of the vehicle named at most so many bytes before it, in the same sentence.
const NEAR_BYTES: usize = 36;

/// One thing said of passability.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Said {
    pub at: Range<usize>,
    /// Where the phrase itself begins, after the vehicle that it speaks of.
    pub phrase: usize,
    pub passability: Passability,
    pub vehicle: Option<Vehicle>,
    /// What was said before no longer holds.
    pub recovers: bool,
    /// As on any other day.
    pub as_ever: bool,
}

impl Said {
    /// "Main Street has reopened": what was is over.
    pub fn has_recovered(&self) -> bool {
        self.recovers && self.passability == Passability::Clear
    }
}

/// All that is said, but not of people on foot and on two wheels.
pub(super) fn said(text: &str, hits: &[Hit], lexicon: &Lexicon) -> Vec<Said> {
    let (lanes, words) = (&lexicon.lanes, &Grammar::embedded().vehicles);
    let others_can = LazyCell::new(|| others_can(text, hits));
    // A part of the road is closed: what is open is the rest of it.
    let mut closed_part = false;
    let head = if text.starts_with('(') { text.find(')').unwrap_or(text.len()) } else { 0 };
    let mut found = Vec::new();
    for (i, hit) in hits.iter().enumerate() {
        let Fact::Passability(mut passability) = hit.fact else { continue };
        // "此前开放的车道重新封闭"
        let again = || words.again.ends(&text[..hit.at.start]);
        let was = || {
            let clause = clause_before(text, hit.at.start);
            lexicon.former.iter().any(|word| clause.contains(word.as_str())) && !again()
        };
        if passability == Passability::Impassable && (of_a_lane(text, &hit.at, lanes) || was())
            || says_nothing(text, hit)
            || came_by(&text[hit.at.clone()]) && !*others_can
        {
            continue;
        }
        let shuts = || clause_before(text, hit.at.start).trim().is_empty() || shuts_the_road(text, &hit.at, lexicon);
        if words.shut.has(&text[hit.at.clone()]) && !shuts() {
            continue;
        }
        // "封闭辅道，主路通行正常", where the place is no 辅道
        if passability == Passability::Impassable && is_of_a_side_road(text, &hit.at) {
            closed_part = true;
            continue;
        }
        // "其它方向不受影响"
        if passability == Passability::Clear && words.other_ways.ends(clause_before(text, hit.at.start)) {
            continue;
        }
        if passability == Passability::Clear
            && (one_lane_is_open(text, &hit.at, lanes)
                || is_slow(text, hit.at.clone(), lexicon)
                || is_told_to_slow(text, hit.at.start, lexicon)
                || lexicon.only.iter().any(|word| clause_before(text, hit.at.start).contains(word.as_str())))
        {
            passability = Passability::Slow;
        }
        let before = hits[..i].iter().rev().take_while(|h| hit.at.start - h.at.end.min(hit.at.start) <= NEAR_BYTES);
        let mut vehicles = before.filter(|h| !stands_beside_others(text, h, &hits[..i])).filter_map(|h| match h.fact {
            // "【公交】": who speaks.
            Fact::Vehicle(_) if h.at.start <= head && head > 0 => None,
            // "转移群众23人，该路口禁止通行": the people are of another clause.
            Fact::Vehicle(Vehicle::Other) if text[h.at.end.min(hit.at.start)..hit.at.start].contains(',') => None,
            // "小车引擎盖": how deep it is.
            Fact::Vehicle(_) if is_of_a_body(h, &hits[..i]) => None,
            Fact::Vehicle(vehicle)
                if !text[h.at.end..hit.at.start.max(h.at.end)].contains(['。', ';', '!', '?', ':']) =>
            {
                Some((vehicle, h.at.start))
            }
            _ => None,
        });
        // "一辆货车侧翻，通行缓慢", "两辆轿车被困，交警已封路": that is said of the road.
        let of_the_road = |vehicle, start: usize| {
            // "小车请勿冒险，禁止通行"
            let between = &text[start..hit.at.start];
            let advised = between.rfind(',').is_some_and(|i| words.advised.is_in(&between[..i]));
            let phrase = &text[hit.at.clone()];
            // "小轿车别走沙河堡隧道，过不去": that is said of the car.
            let advised = advised && (!phrase.contains(words.not) || words.forbidden.is_in(phrase));
            words.nobody.begins(phrase)
                || words.closes.is_in(phrase)
                || words.large.begins(phrase)
                || vehicle == Vehicle::Large && between.contains(',')
                || advised
        };
        let nearest = vehicles.next().filter(|(vehicle, start)| !of_the_road(*vehicle, *start));
        // "大小车辆", "小车和大车": all of them.
        let both = nearest.is_some_and(|(v, start)| {
            let other = vehicles.next().filter(|(_, s)| start - s < 16 && !text[*s..start].contains(','));
            matches!(
                (v, other),
                (Vehicle::Small, Some((Vehicle::Large, _))) | (Vehicle::Large, Some((Vehicle::Small, _)))
            ) && !hits[..i]
                .iter()
                .rev()
                .take_while(|h| h.at.start + 16 > start)
                .any(|h| matches!(h.fact, Fact::Passability(_)) && h.at.start < hit.at.start)
        });
        // "impassable for small cars"
        let after = hits[i + 1..].iter().take(2).find_map(|h| match h.fact {
            Fact::Vehicle(vehicle)
                if text.get(hit.at.end..h.at.start).is_some_and(|between| words.for_whom.has(between)) =>
            {
                Some((vehicle, h.at.end))
            }
            _ => None,
        });
        // "公交车都过不去": then nobody can.
        let even = nearest.is_some_and(|(v, start)| {
            let word = hits[..i].iter().rev().find(|h| h.at.start == start && matches!(h.fact, Fact::Vehicle(_)));
            let after = word.map_or("", |h| &text[h.at.end.min(hit.at.start)..hit.at.start]);
            v == Vehicle::Large
                && (text[..start].ends_with(words.even_before)
                    || after.starts_with(&*words.even_after) && !after.contains(','))
        });
        // "公交车辆无法通过"
        let not_even = nearest.is_some_and(|(v, start)| {
            v == Vehicle::Large && words.buses.begins(&text[start..]) && words.cannot.begins(&text[hit.at.clone()])
        });
        let both = both || (even || not_even) && passability == Passability::Impassable;
        // "除公交车外禁止通行", and not "除抢险车辆外"
        let except = || {
            let clause = clause_before(text, hit.at.start);
            // "公交车以外的车辆"
            let but = words.but.iter().find_map(|word| clause.find(word.as_str()));
            let large = |h: &&Hit| h.fact == Fact::Vehicle(Vehicle::Large);
            let start = hit.at.start - clause.len();
            clause.find(words.but_before).is_some_and(|i| clause[i..].contains(words.but_after))
                || but.is_some_and(|at| {
                    hits[..i].iter().rev().take(MOST_LOOKED_AT).filter(large).any(|h| h.at.end == start + at)
                })
        };
        // "除大型货车外其余车辆无法通行"
        let but_large = || {
            let clause = clause_before(text, hit.at.start);
            let named = hits[..i].iter().rev().take(MOST_LOOKED_AT);
            let mut named = named.filter(|h| h.at.start + clause.len() >= hit.at.start);
            words.all_others.is_in(clause) && named.any(|h| h.fact == Fact::Vehicle(Vehicle::Large))
        };
        if passability == Passability::Impassable
            && (nearest.is_some_and(|(v, _)| v == Vehicle::Large)
                || words.but_others.is_in(clause_before(text, hit.at.start))
                || but_large())
            && !both
            && except()
        {
            let start = nearest.map_or(hit.at.start, |(_, start)| start);
            found.push(Said {
                at: start..hit.at.end,
                phrase: hit.at.start,
                passability: Passability::ImpassableSmall,
                vehicle: None,
                recovers: false,
                as_ever: false,
            });
            continue;
        }
        // "小车别走，过不去"
        let last = found.last().filter(|s: &&Said| s.at.end <= hit.at.start && hit.at.start - s.at.end <= NEAR_BYTES);
        let of_the_same = |s: &&Said| {
            let phrase = &text[hit.at.clone()];
            s.passability == Passability::ImpassableSmall
                && nearest.is_none()
                && phrase.starts_with(&*words.same_verb)
                && phrase.contains(words.not)
                && text[s.at.end..hit.at.start].trim_matches(&*words.same_between).is_empty()
        };
        if passability == Passability::Impassable && last.is_some_and(|s| of_the_same(&s)) {
            continue;
        }
        let vehicle = if both { Some(Vehicle::Every) } else { after.or(nearest).map(|(v, _)| v) };
        // "前者车辆通行缓慢，后者正常通行": what is said of the second begins after the first.
        let of_all = |(v, start): &(Vehicle, usize)| *v == Vehicle::Every && text[*start..hit.at.start].contains(',');
        let start = nearest.filter(|nearest| !of_all(nearest)).map_or(hit.at.start, |(_, start)| start);
        let end = after.map_or(hit.at.end, |(_, end)| end);
        if vehicle == Some(Vehicle::Other) && passability == Passability::Impassable {
            continue;
        }
        let phrase = &text[hit.at.clone()];
        let recovers = matches!(passability, Passability::Clear | Passability::Slow)
            && lexicon.recovers.iter().any(|word| phrase.contains(word.as_str()))
            && !lexicon.not_yet.iter().any(|word| text[..hit.at.start].trim_end().ends_with(word.as_str()));
        let as_ever = words.as_ever.is_in(phrase);
        found.push(Said { at: start..end, phrase: hit.at.start, passability, vehicle, recovers, as_ever });
    }
    if closed_part && found.iter().all(|s| s.passability == Passability::Clear && !s.recovers) {
        found.iter_mut().for_each(|s| s.passability = Passability::Slow);
    }
    let only = only::large(text, hits, lexicon).into_iter().map(|at| Said {
        phrase: at.start,
        at,
        passability: Passability::ImpassableSmall,
        vehicle: None,
        recovers: false,
        as_ever: false,
    });
    found.extend(only);
    let slow = curt::limited(text).map(|at| (at, Passability::Slow));
    let curt = slow.chain(lexicon.curt.alone(text)).chain(lexicon.curt.in_cells(text));
    found.extend(curt.map(|(at, passability)| Said {
        phrase: at.start,
        at,
        passability,
        vehicle: None,
        recovers: false,
        as_ever: false,
    }));
    let small: Vec<Said> = found.iter().filter_map(|large| small_detours(text, hits, large, lexicon)).collect();
    found.extend(small);
    found.sort_by_key(|s| s.at.start);
    settled(text, found, lexicon)
}

/// Others that are said or named near a place are looked at.
pub(super) const MOST_LOOKED_AT: usize = 16;

/// "小车引擎盖": the vehicle is named for how deep it is.
fn is_of_a_body(vehicle: &Hit, hits: &[Hit]) -> bool {
    let after = hits.iter().rev().take_while(|h| h.at.start >= vehicle.at.end);
    after.into_iter().any(|h| matches!(h.fact, Fact::Body(_)) && h.at.start == vehicle.at.end)
}

/// "小车绕行，大巴货车可过", "小型客车勿入，货车可通行": small ones cannot, where large ones are said to; "小车请绕行" is advice.
fn small_detours(text: &str, hits: &[Hit], large: &Said, lexicon: &Lexicon) -> Option<Said> {
    if large.vehicle != Some(Vehicle::Large) || large.passability == Passability::Impassable {
        return None;
    }
    let sentence = ['。', ';', '\n'];
    let near = text.floor_char_boundary(large.at.start.saturating_sub(LONGEST_CLAUSE_BYTES));
    let from = text[near..large.at.start].rfind(sentence).map_or(near, |i| near + i);
    let far = text.floor_char_boundary(large.at.end + LONGEST_CLAUSE_BYTES);
    let to = text[large.at.end..far].find(sentence).map_or(far, |i| large.at.end + i);
    let detour = |h: &&Hit| {
        let after = text[h.at.end..].trim_start_matches(&*Grammar::embedded().vehicles.must);
        h.fact == Fact::Vehicle(Vehicle::Small)
            && (lexicon.only_let.refuses(after) || lexicon.only_let.turn_back(after))
    };
    let inside = &hits[hits.partition_point(|h| h.at.start < from)..hits.partition_point(|h| h.at.start < to)];
    let small = inside.iter().find(detour)?;
    Some(Said {
        phrase: small.at.start,
        at: small.at.clone(),
        passability: Passability::ImpassableSmall,
        vehicle: None,
        recovers: false,
        as_ever: false,
    })
}

/// "入口已关闭", "因积水关闭", "关闭出入口"
fn shuts_the_road(text: &str, at: &Range<usize>, lexicon: &Lexicon) -> bool {
    let words = &Grammar::embedded().vehicles;
    let before = text[..at.start].trim_end_matches(&*words.shut_before);
    let after = text[at.end..].trim_start_matches(&*words.shut_after);
    let beside = |word: &String| before.ends_with(word.as_str()) || word.len() > 3 && after.starts_with(word.as_str());
    lexicon.shut_beside.iter().any(beside)
}

/// "封闭辅道", "辅道封闭": not where the place itself is one.
fn is_of_a_side_road(text: &str, at: &Range<usize>) -> bool {
    let words = &Grammar::embedded().vehicles;
    let before = text[..at.start].trim_end_matches(&*words.side_before);
    let rest = &text[at.end..text.floor_char_boundary(at.end + LONGEST_CLAUSE_BYTES)];
    let rest = rest.split(['。', ';', '\n']).next().unwrap_or_default();
    // "已封闭主道，辅道车辆可缓慢通行"
    let sides = if words.other_side.is_in(rest) { &words.side_and_main_roads } else { &words.side_roads };
    sides.iter().map(String::as_str).any(|side| {
        let beside = before.ends_with(side) || text[at.end..].starts_with(side);
        let name = before.strip_suffix(side).unwrap_or(before);
        // "桥下辅道已封闭，主桥通行": the place itself.
        let named = before.len() > name.len() && words.side_of.ends(name);
        beside && !named && !name.contains(side)
    })
}

/// What stands before a phrase in its clause is looked at so far.
pub(super) const LONGEST_CLAUSE_BYTES: usize = 240;

/// "能过，慢点", "passable, but slowly"
fn is_slow(text: &str, at: Range<usize>, lexicon: &Lexicon) -> bool {
    let (after, words) = (&text[at.end..], &Grammar::embedded().vehicles);
    let after = if text[at].is_ascii() { after.trim_start() } else { after };
    let manner = after.trim_start_matches(&*words.before_a_manner);
    // "可通行，但请慢行" gives advice.
    let between = &after[..after.len() - manner.len()];
    if words.advice.is_in(between) || between.contains(',') && words.told.begins(manner) {
        return false;
    }
    let manner = if manner.is_ascii() { manner.trim_start() } else { manner };
    starts_with_any(manner, &lexicon.slowly).is_some()
}

/// "大家开慢点，不深，能过"
fn is_told_to_slow(text: &str, at: usize, lexicon: &Lexicon) -> bool {
    let before = &text[text.floor_char_boundary(at.saturating_sub(NEAR_BYTES))..at];
    let sentence = before.rfind(['。', ';', '!', '?', '\n', ':']).map_or(before, |i| &before[i..]);
    lexicon.slowly_before.iter().any(|word| sentence.contains(word.as_str()))
}

/// What stands before a byte in its clause.
pub(super) fn clause_before(text: &str, at: usize) -> &str {
    let ends = |c: char| matches!(c, ',' | ';' | '。' | '!' | '?' | '\n' | ':');
    let before = &text[text.floor_char_boundary(at.saturating_sub(LONGEST_CLAUSE_BYTES))..at];
    let start = before.rfind(ends).map_or(0, |i| i + before[i..].chars().next().map_or(1, char::len_utf8));
    &before[start..]
}

/// "车辆和行人": people who are named in one breath with vehicles.
fn stands_beside_others(text: &str, hit: &Hit, before: &[Hit]) -> bool {
    hit.fact == Fact::Vehicle(Vehicle::Other)
        && before.iter().rev().take_while(|h| h.at.start + NEAR_BYTES >= hit.at.start).any(|h| {
            matches!(h.fact, Fact::Vehicle(v) if v != Vehicle::Other)
                && h.at.end <= hit.at.start
                && Grammar::embedded().vehicles.and.has(&text[h.at.end..hit.at.start])
        })
}

/// "超车道封闭", "封闭两条车道": the road is not closed.
fn of_a_lane(text: &str, at: &Range<usize>, lanes: &[String]) -> bool {
    let words = &Grammar::embedded().vehicles;
    let before = text[..at.start].trim_end_matches(&*words.lane_before);
    // "the left lane is closed"
    let before = words.lane_verb.before(before).unwrap_or(before);
    let after = text[at.end..].trim_start_matches(&*words.lane_after);
    if words.all.ends(before) && !words.not_all.ends(before) {
        return false;
    }
    // "桥下非机动车道积水,非机动车道封闭": the place itself.
    let named = |lane: &String| {
        before.strip_suffix(lane.as_str()).is_some_and(|earlier| {
            let mut earlier_ones = earlier.rmatch_indices(lane.as_str()).take(MOST_LOOKED_AT);
            clause_before(text, before.len()) == lane && earlier_ones.any(|(i, _)| words.side_of.ends(&text[..i]))
        })
    };
    if lanes.iter().any(named) {
        return false;
    }
    let clause = clause_before(text, at.start);
    lanes.iter().any(|lane| before.ends_with(lane.as_str()) || after.starts_with(lane.as_str()))
        || words.part.is_in(clause)
        // "the slow lane of Lung Cheung Road is closed"
        || words.lane_of.is_in(clause) && !words.english_all.is_in(clause)
        // "内侧车道积水约20厘米封闭"
        || lanes.iter().any(|lane| clause.starts_with(lane.as_str()))
}

/// "内侧一条车道可通行": the others are not.
fn one_lane_is_open(text: &str, at: &Range<usize>, lanes: &[String]) -> bool {
    let words = &Grammar::embedded().vehicles;
    let before = text[..at.start].trim_end_matches(&*words.open_before);
    // "4个车道全部放行", "积水清除完毕，车道已开放"
    let road = &Grammar::embedded().road;
    let alone = || road.the_lanes.has(clause_before(text, before.len())) && road.opens.is_in(&text[at.clone()]);
    // "封闭的两条车道已重新开放"
    let shut_before = || words.was_shut.is_in(clause_before(text, before.len()));
    if text[at.clone()].starts_with(&*words.open_all) || alone() || shut_before() {
        return false;
    }
    lanes.iter().any(|lane| before.ends_with(lane.as_str())) && !words.all_open.ends(before)
}
