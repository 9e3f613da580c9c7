//! Which words are of which place: what is said until the next place, and what a heading says for all below it.

use std::ops::Range;

use super::again;
use super::assemble::Found;
use super::clock::When;
use super::conditions;
use super::grammar::Grammar;
use super::headings::{
    Heading, begins_a_clause, drop_others, heads_items, heads_places, heads_what_follows, is_next_item, of_its_list,
    says_nothing,
};
use super::lexicon::{Fact, Hit, Lexicon};
use super::measure::{Measure, Quantity};
use super::place::Phrase;
use super::refers::{self, Dry, Refers};
use super::sentence;
use super::subject::is_of_something_else;
use super::vehicles::{self, Said};
use crate::hazard::event::Passability;

/// What is said of all items of a list is said of so many.
const MOST_OF_A_LIST: usize = 256;
/// So many categories and measures may lead to a place.
pub(super) const LONGEST_LEAD: usize = 6;

/// What is said, in the order of the words.
pub(super) enum Event {
    Place(Phrase),
    Category {
        at: Range<usize>,
        category: u8,
        weak: bool,
    },
    Measure(Measure),
    Passability(Said),
    Dry(Range<usize>),
    Resolved(Range<usize>),
    When(When),
    /// A sentence ends.
    End(usize),
}

impl Event {
    pub fn start(&self) -> usize {
        match self {
            Event::Place(p) => p.at.start,
            Event::Category { at, .. } | Event::Dry(at) | Event::Resolved(at) => at.start,
            Event::Measure(m) => m.at.start,
            Event::Passability(s) => s.at.start,
            Event::When(w) => w.at.start,
            Event::End(at) => *at,
        }
    }

    pub fn end(&self) -> usize {
        match self {
            Event::Place(p) => p.at.end,
            Event::Category { at, .. } | Event::Dry(at) | Event::Resolved(at) => at.end,
            Event::Measure(m) => m.at.end,
            Event::Passability(s) => s.at.end,
            Event::When(w) => w.at.end,
            Event::End(at) => *at,
        }
    }
}

/// A place or several with what is said of them.
#[derive(Clone, Default)]
pub(super) struct Group {
    pub places: Vec<Phrase>,
    /// Category, its words, and whether they say it only where no other does.
    pub categories: Vec<(u8, Range<usize>, bool)>,
    pub measures: Vec<Measure>,
    pub said: Vec<Said>,
    pub dry: Vec<Range<usize>>,
    pub resolved: Vec<Range<usize>>,
    pub times: Vec<When>,
    /// Something was said since the last place.
    told: bool,
    /// What was said came before the places.
    told_before: bool,
    /// A sentence ended since anything came.
    ended: bool,
}

impl Group {
    pub fn says(&self) -> bool {
        !(self.categories.is_empty()
            && self.measures.is_empty()
            && self.said.is_empty()
            && self.dry.is_empty()
            && self.resolved.is_empty())
    }

    /// Adds what was said later of the same place: a later depth counts, and so does water after "no water".
    pub fn add_later(&mut self, later: Group) {
        let is_depth = |m: &Measure| m.quantity == Quantity::Depth;
        if later.measures.iter().any(|m| is_depth(m) && !m.was) {
            self.measures.retain(|m| !is_depth(m));
            self.dry.clear();
        }
        self.categories.extend(later.categories);
        self.measures.extend(later.measures);
        self.said.extend(later.said);
        self.dry.extend(later.dry);
        self.resolved.extend(later.resolved);
        self.times.extend(later.times);
    }

    fn add(&mut self, event: Event) {
        match event {
            Event::Category { at, category, weak } => self.categories.push((category, at, weak)),
            Event::Measure(m) => self.measures.push(m),
            Event::Passability(s) => self.said.push(s),
            Event::Dry(at) => self.dry.push(at),
            Event::Resolved(at) => self.resolved.push(at),
            Event::Place(_) | Event::When(_) | Event::End(_) => return,
        }
        (self.told, self.ended) = (true, false);
    }

    /// Who can pass, as the heading of a list says it of all its items that say nothing else.
    pub fn inherit_said(&mut self, heading: &Group) {
        if self.said.is_empty() && self.dry.is_empty() {
            self.said.clone_from(&heading.said);
        }
    }

    /// What a heading said holds for what says nothing of that kind itself.
    pub fn inherit(&mut self, heading: &Group) {
        if !self.says() {
            let (places, times) = (std::mem::take(&mut self.places), std::mem::take(&mut self.times));
            *self = Group { places, times, ..heading.clone() };
        } else if self.categories.iter().all(|c| c.2) && self.dry.is_empty() {
            self.categories.splice(0..0, heading.categories.iter().cloned());
        }
    }
}

/// `water`: the category of what floods.
pub(super) fn events(text: &str, mut found: Found, lexicon: &Lexicon, water: u8) -> Vec<Event> {
    if let Some(first) = found.places.first().map(|p| p.at.end) {
        let hits = std::mem::take(&mut found.hits);
        let says = |h: &Hit| matches!(h.fact, Fact::Category { weak: false, .. } | Fact::Passability(_) | Fact::Dry);
        let told = hits.iter().filter(|h| h.at.start >= first && says(h)).map(|h| h.at.start).min();
        let told = found.measures.iter().map(|m| m.at.start).chain(told).min().unwrap_or(first);
        let mut own = |h: &Hit| match lexicon.refers.dry(text, &h.at) {
            _ if h.fact != Fact::Dry || h.at.start < first => true,
            Dry::Place => true,
            // "刚从新华隧道出来，里面没水": nothing else was said of it.
            Dry::Part(at) if told >= at.end && found.places.len() == 1 => true,
            Dry::Others => false,
            Dry::Part(at) => {
                let known = found.places.iter().any(|p| p.at.start < at.end && at.start < p.at.end);
                if !known {
                    found.places.push(Phrase { at, road: true, confidence: 0.6 });
                }
                true
            }
        };
        found.hits = hits.into_iter().filter(|h| own(h)).collect();
        found.places.sort_by_key(|p| p.at.start);
    }
    // "以下路段易积水": for a list of places a warning names a matter, with a place and little else.
    let warns = found.places.len() > 1 && found.measures.is_empty() && !conditions::may_come_to(text, &found);
    let words = &Grammar::embedded().group;
    let real = sentence::real(text, &found.hits, warns);
    let mut events: Vec<Event> = sentence::ends(text).into_iter().map(Event::End).collect();
    let said = vehicles::said(text, &found.hits, lexicon);
    let places = &found.places;
    let own = |s: &Said| {
        let before = places[..places.partition_point(|p| p.at.end <= s.at.start)].last();
        !before.is_some_and(|place| refers::is_of_the_main_road(text, &text[place.at.clone()], &s.at))
            && !is_of_something_else(text, s, before.map(|place| &place.at))
    };
    events.extend(
        said.into_iter().filter(|s| real(&s.at) && real(&(s.phrase..s.at.end)) && own(s)).map(Event::Passability),
    );
    for hit in found.hits.iter().filter(|h| real(&h.at)) {
        events.extend(match hit.fact {
            Fact::Category { category, weak } => Some(Event::Category { at: hit.at.clone(), category, weak }),
            // "易积水路段：A、B"
            Fact::Warning
                if warns && words.wet.is_in(&text[hit.at.clone()]) && !sentence::stands_ready(text, hit.at.start) =>
            {
                Some(Event::Category { at: hit.at.clone(), category: water, weak: false })
            }
            Fact::Dry => Some(Event::Dry(hit.at.clone())),
            Fact::Resolved => Some(Event::Resolved(hit.at.clone())),
            _ => None,
        });
    }
    events.extend(found.measures.into_iter().filter(|m| real(&m.at)).map(Event::Measure));
    events.extend(found.times.into_iter().map(Event::When));
    // Places are in order, and none is over another.
    let inside = |at: &Range<usize>| {
        let place = found.places.get(found.places.partition_point(|p| p.at.end <= at.start));
        place.is_some_and(|p| p.at.start <= at.start && at.end <= p.at.end)
    };
    // "药谷段积水点" in a list is the place's name with what it is known for.
    let known = |at: &Range<usize>| {
        let after = text[at.end..].strip_prefix(words.point);
        let listed = after.is_some_and(|rest| !rest.starts_with(char::is_alphanumeric));
        listed && found.places.binary_search_by_key(&at.start, |p| p.at.end).is_ok()
    };
    events.retain(|e| !matches!(e, Event::Category { at, .. } if inside(at) || known(at)));
    events.extend(found.places.into_iter().map(Event::Place));
    events.sort_by_key(Event::start);
    events
}

/// The headings in order, and a group for each place or list of places.
pub(super) fn groups(text: &str, events: Vec<Event>, refers: &Refers) -> (Vec<Heading>, Vec<Group>) {
    let (mut headings, mut groups, mut now) = (Vec::new(), Vec::new(), Group::default());
    // A time before a place is of what follows.
    let mut waiting: Vec<When> = Vec::new();
    let leads: Vec<Leads> = (0..events.len()).map(|i| leads_to_place(text, &events[i..])).collect();
    let is_heading =
        |events: &[Event]| heads_places(text, events) || heads_items(text, events) || heads_what_follows(text, events);
    let heads: Vec<bool> = (0..events.len()).map(|i| is_heading(&events[i..])).collect();
    for ((event, leads), heads) in events.into_iter().zip(leads).zip(heads) {
        match event {
            Event::When(when) => waiting.push(when),
            Event::End(at) => {
                now.times.append(&mut waiting);
                now.ended = true;
                if !headings.is_empty() && text[at..].starts_with('\n') && says_nothing(text, at) {
                    headings.push(Heading { from: at, group: Group::default() });
                }
            }
            Event::Place(place) => {
                if now.places.is_empty() && now.ended && (now.says() || !now.times.is_empty()) {
                    // What was said of no place before this sentence is a heading.
                    headings.push(Heading { from: place.at.start, group: std::mem::take(&mut now) });
                } else if !now.places.is_empty() && (now.told || now.ended) {
                    groups.push(std::mem::take(&mut now));
                }
                now.told_before |= now.places.is_empty() && now.says();
                add_place(text, &mut now, place, !headings.is_empty());
                now.times.append(&mut waiting);
                (now.told, now.ended) = (false, false);
            }
            said => {
                // "积水40厘米的有：A、B；30厘米的有：C": what is said before its places does not hold for those before it.
                let is_strong = matches!(said, Event::Category { weak: false, .. } | Event::Dry(_));
                let ended = now.ended || heads && begins_a_clause(text, said.start());
                if ended
                    && !now.places.is_empty()
                    && (heads || leads == Leads::AtOnce && is_strong || leads != Leads::No && now.told_before)
                {
                    groups.push(std::mem::take(&mut now));
                } else if now.ended && now.places.is_empty() && heads && matches!(said, Event::Passability(_)) {
                    // "多处路段无法通行。已恢复通行：A路"
                    now.said.clear();
                }
                now.times.append(&mut waiting);
                now.add(said);
            }
        }
    }
    now.times.append(&mut waiting);
    groups.push(now);
    groups.iter_mut().for_each(|group| drop_others(text, group));
    refers::one_each(text, &mut groups, refers);
    again::merge(text, &mut groups, refers);
    refers::back(text, &mut groups, refers);
    share(text, &mut groups);
    (headings, groups)
}

/// How what is said leads to the next place of its sentence.
#[derive(Clone, Copy, PartialEq)]
enum Leads {
    No,
    Anyhow,
    /// In the same clause: "a tree down on Heping Avenue".
    AtOnce,
}

/// Whether the next thing that is no category or measure is a place, in the same sentence.
fn leads_to_place(text: &str, events: &[Event]) -> Leads {
    let rest = events
        .iter()
        .take(LONGEST_LEAD)
        .find(|e| !matches!(e, Event::Category { .. } | Event::Measure(_) | Event::Dry(_)));
    match (events.first(), rest) {
        // "消除：某立交下"
        (Some(Event::Dry(at)), Some(Event::Place(place))) if at.end == place.at.start => Leads::AtOnce,
        (Some(first), Some(Event::Place(place))) if !text[first.start()..place.at.start].contains([',', ';', ':']) => {
            Leads::AtOnce
        }
        (_, Some(Event::Place(_))) => Leads::Anyhow,
        _ => Leads::No,
    }
}

/// What a list says of all its items at once: "A路积水20厘米；B路积水15厘米，均可缓慢通行", "15:00，A路…；B路…".
fn share(text: &str, groups: &mut [Group]) {
    let words = &Grammar::embedded().group;
    let starts = |g: &Group| g.places.first().map_or(0, |p| p.at.start);
    let ends: Vec<usize> = text.match_indices(['。', '\n', '!']).map(|(i, _)| i).collect();
    let in_one = |from: usize, to: usize| ends.get(ends.partition_point(|e| *e < from)).is_none_or(|e| *e >= to);
    let mut of_list: Option<Said> = None;
    for i in 1..groups.len() {
        let (earlier, later) = groups.split_at_mut(i);
        // "易涝路段：钟山路铁路桥洞；水西路小学门前": what was said before the first is said of all.
        if let Some(first) = earlier.first().filter(|first| first.told_before && first.measures.is_empty())
            && !later[0].says()
            && in_one(starts(first), starts(&later[0]))
            && earlier
                .last()
                .and_then(|g| g.places.last())
                .is_some_and(|p| text[p.at.end..starts(&later[0])].trim() == ";")
        {
            later[0].categories.clone_from(&first.categories);
            let before = starts(first);
            later[0].dry.extend(first.dry.iter().filter(|at| at.start < before).cloned());
            later[0].said.extend(first.said.iter().filter(|said| said.at.start < before).cloned());
        }
        if let Some(before) = earlier.last() {
            let list = of_its_list(text, before).or(of_list);
            of_list = list.filter(|_| !later[0].told_before && is_next_item(text, before, starts(&later[0])));
            if let Some(said) = of_list.as_ref().filter(|_| later[0].said.is_empty() && later[0].dry.is_empty()) {
                later[0].said.push(said.clone());
            }
        }
        let same_list = |g: &&mut Group| in_one(starts(g), starts(&later[0]));
        let all = |s: &&Said| {
            // "两处车辆均可缓慢通行", "以上路段缓慢通行"
            let before = text[..s.at.start].trim_end_matches(&*words.before_all);
            let said = text[s.at.clone()].trim_start_matches(&*words.after_all);
            words.all.ends(before) || said.starts_with(&*words.all_of_them) || words.of_all.ends(before)
        };
        let said: Vec<Said> = later[0].said.iter().filter(all).cloned().collect();
        // "A路积水80厘米，B路积水50厘米，两处交通中断"
        let count = later[0].said.iter().find_map(|s| counted(&text[..s.at.start]).map(|n| (n, s.clone())));
        if let Some((n, said)) = count.filter(|(n, _)| later[0].places.len() < *n) {
            let more = n - later[0].places.len();
            let open = said.passability == Passability::Clear;
            for group in earlier.iter_mut().rev().take(more).filter(|g| g.said.is_empty() && (open || g.dry.is_empty()))
            {
                group.said.push(said.clone());
            }
        }
        let list = earlier.iter_mut().rev().take(MOST_OF_A_LIST).take_while(same_list);
        for group in list.take_while(|_| !said.is_empty()).filter(|g| g.said.is_empty() && g.dry.is_empty()) {
            group.said.extend(said.iter().cloned());
        }
        if let Some(first) = earlier.first()
            && later[0].times.is_empty()
            && starts(first) > 0
            && in_one(starts(first), starts(&later[0]))
        {
            let before = first.times.iter().filter(|w| w.at.start < starts(first) && !w.is_now()).cloned();
            later[0].times = before.collect();
        }
    }
}

/// Of how many places a clause speaks that ends so: 两处, 以上三处.
fn counted(clause: &str) -> Option<usize> {
    let words = Grammar::embedded();
    let clause = clause.trim_end_matches(&*words.group.before_counted).strip_suffix(words.common.spot)?;
    words.group.counts.iter().zip(2..).find_map(|(word, n)| clause.ends_with(word.as_str()).then_some(n))
}

/// One more of a list, the same place more closely, or another that nothing was said of.
fn add_place(text: &str, group: &mut Group, place: Phrase, under_heading: bool) {
    let is_said_above = under_heading && !group.says() && group.places.len() == 1;
    let Some(last) = group.places.last_mut() else { return group.places.push(place) };
    let words = &Grammar::embedded().group;
    let gap = text[last.at.end..place.at.start].trim();
    let gap = words.known_for.after(gap).unwrap_or(gap);
    if last.road && !place.road && words.on_it.has(gap) {
        last.at.end = place.at.end;
    } else if gap.is_empty() || words.listed.has(gap) {
        group.places.push(place);
    } else if gap.starts_with(':') && text[last.at.clone()].chars().count() == 2 {
        // "灞桥：红旗厂门口": the district that speaks.
        *last = place;
    } else if last.road && !place.road || is_said_above || words.beside.has(gap) {
        // 海府路靠近某小区: the first counts, as it does under what was said of it before.
    } else {
        *last = place;
    }
}
