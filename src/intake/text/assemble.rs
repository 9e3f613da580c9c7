//! Puts together what belongs to one matter: a place, and what is said of it until the next.

use std::ops::Range;

use super::clock::{Sent, When};
use super::gazetteer::Match;
use super::grammar::Grammar;
use super::group::{Group, events, groups};
use super::headings::{heading_of, join_heading};
use super::lexicon::Hit;
use super::matter::{Choice, Matter, Question, Reading};
use super::measure::{Measure, Quantity};
use super::normal::Normal;
use super::place::Phrase;
use super::vehicles::Said;
use super::{Parser, divisions, holds, sentence};
use crate::hazard::event::Passability;

/// Weak words of one place that a measure is looked for beside.
const MOST_LOOKED_AT: usize = 64;

/// Whether each of two depths has an hour of its own: "12时60厘米，13时30分25厘米", "20cm(9:00)、28cm(11:00)".
fn is_by_hours(group: &Group, first: &Measure, last: &Measure) -> bool {
    let hours = || group.times.iter().filter(|when| !when.is_now()).map(|when| when.at.start);
    let between = hours().filter(|at| (first.at.end..last.at.start).contains(at)).count();
    let (before, after) = (hours().any(|at| at < first.at.start), hours().any(|at| at >= last.at.end));
    between > 0 && (before || after)
}

/// What is said after a depth of before is looked at so far.
const LONGEST_SENTENCE_BYTES: usize = 240;

/// All that was found in a message.
pub(super) struct Found {
    pub places: Vec<Phrase>,
    pub measures: Vec<Measure>,
    pub times: Vec<When>,
    pub hits: Vec<Hit>,
}

/// The matters of a message.
pub(super) fn reading(normal: &Normal, found: Found, sent: &Sent, parser: &Parser) -> Reading {
    let opinion = sentence::opinion(&normal.text, &found.hits);
    let place = found.places.first().cloned();
    let mut writer = Writer { normal, sent, parser, reading: Reading::default() };
    let (headings, groups) =
        groups(&normal.text, events(&normal.text, found, parser.lexicon, parser.water()), &parser.lexicon.refers);
    let (headings, groups) = join_heading(&normal.text, headings, groups);
    let times = headings.first().map_or_else(Vec::new, |h| h.group.times.clone());
    let lists: Vec<bool> = headings.iter().map(|h| h.heads_a_list(&normal.text)).collect();
    let mut used = false;
    for mut group in groups {
        // "城区各主次干道未出现积水": of no spot.
        if group.places.is_empty() {
            group.dry.retain(|at| !sentence::is_of_a_whole_city(&normal.text, at.start));
        }
        if let Some(i) = heading_of(&headings, &group) {
            let heading = &headings[i].group;
            used |= !group.says()
                || group.categories.iter().any(|c| heading.categories.iter().any(|h| h.0 == c.0))
                || group.categories.is_empty();
            group.inherit(heading);
            if lists[i] {
                group.inherit_said(heading);
            }
        }
        if group.times.is_empty() {
            group.times.clone_from(&times);
        }
        writer.write(&group);
    }
    if let Some(heading) = headings.first().filter(|_| !used) {
        writer.write(&heading.group);
    }
    if let Some(opinion) = opinion {
        writer.opinion(&opinion, place);
    }
    writer.reading
}

struct Writer<'a> {
    normal: &'a Normal<'a>,
    sent: &'a Sent,
    parser: &'a Parser,
    reading: Reading,
}

impl Writer<'_> {
    fn words(&self, at: &Range<usize>) -> Option<String> {
        Some(self.normal.original(at).to_owned())
    }

    fn write(&mut self, group: &Group) {
        let categories = self.categories(group);
        let tells = !group.said.is_empty() || !group.resolved.is_empty();
        if categories.is_empty() && (!tells || group.places.is_empty()) {
            return;
        }
        let places: Vec<Option<&Phrase>> =
            if group.places.is_empty() { vec![None] } else { group.places.iter().map(Some).collect() };
        // Water first: what else is said of a place stands beside it.
        let water = self.parser.water();
        let mut order: Vec<usize> = (0..categories.len().max(1)).collect();
        order.sort_by_key(|i| categories.get(*i).is_none_or(|c| c.0 != water));
        let said = order.into_iter().map(|i| {
            let mut matter = Matter::default();
            if let Some((category, at, sure)) = categories.get(i) {
                matter.category = Some(self.parser.lexicon.categories[usize::from(*category)].clone());
                (matter.words.category, matter.confidence.category) = (self.words(at), Some(*sure));
            }
            self.facts(&mut matter, group, &categories, i);
            self.when(&mut matter, group);
            matter
        });
        let said: Vec<Matter> = said.collect();
        for place in places {
            for mut matter in said.iter().cloned() {
                self.place(&mut matter, place);
                self.reading.matters.push(matter);
            }
        }
    }

    /// What it is about, in the order of the words, each once, with how sure.
    fn categories(&self, group: &Group) -> Vec<(u8, Range<usize>, f64)> {
        let mut found: Vec<(u8, Range<usize>, f64)> = Vec::new();
        let mut add = |category: u8, at: &Range<usize>, sure: f64| {
            if !found.iter().any(|f| f.0 == category) {
                found.push((category, at.clone(), sure));
            }
        };
        let water = self.parser.water();
        group.categories.iter().filter(|c| !c.2).for_each(|(c, at, _)| add(*c, at, 0.95));
        let depths = || group.measures.iter().filter(|m| m.quantity == Quantity::Depth);
        depths().filter(|m| m.by_body).for_each(|m| add(water, &m.at, 0.85));
        // "15 cm of water": the weak word and the measure together say it.
        let beside = |at: &Range<usize>| depths().any(|m| m.at.start <= at.end + 16 && at.start <= m.at.end + 16);
        group
            .categories
            .iter()
            .filter(|c| c.2 && c.0 == water)
            .take(MOST_LOOKED_AT)
            .find(|c| beside(&c.1))
            .into_iter()
            .for_each(|(c, at, _)| add(*c, at, 0.85));
        // "The traffic light is out, no water here": that there is none is no matter of its own beside another.
        let absent = |at: &Range<usize>| self.parser.lexicon.absence.contains(&self.normal.text[at.clone()]);
        let other = group.categories.iter().any(|c| !c.2 && c.0 != water);
        group.dry.iter().filter(|at| !(other && absent(at))).for_each(|at| add(water, at, 0.9));
        // "已打开井盖排水": of the water.
        let lexicon = &self.parser.lexicon;
        if found.iter().any(|f| f.0 == water) && !group.places.is_empty() {
            let text = &self.normal.text;
            let beside = |c: u8, at: &Range<usize>| {
                let (name, waters) = (&lexicon.categories[usize::from(c)], || group.categories.iter());
                lexicon.beside.is_one(name, text, at)
                    || waters().any(|w| w.0 == water && !w.2 && lexicon.beside.is_with(name, text, at, &w.1))
            };
            found.retain(|(c, at, _)| *c == water || !beside(*c, at));
        }
        let named = |c: u8| &lexicon.categories[usize::from(c)];
        let all: Vec<u8> = found.iter().map(|f| f.0).collect();
        found.retain(|f| !all.iter().any(|other| lexicon.beside.is_none_beside(named(f.0), named(*other))));
        if found.is_empty() {
            for (c, at, _) in group.categories.iter().take(1) {
                found.push((*c, at.clone(), 0.6));
            }
        }
        if found.is_empty()
            && let Some(m) = depths().next()
        {
            found.push((water, m.at.clone(), 0.75));
        }
        found
    }

    /// Values that are of category `i` of a group.
    fn facts(&self, matter: &mut Matter, group: &Group, categories: &[(u8, Range<usize>, f64)], i: usize) {
        let water = categories.iter().position(|c| c.0 == self.parser.water());
        // Whose a phrase is: the category last named before it.
        let of = |at: &Range<usize>| categories.iter().rposition(|c| c.1.start <= at.start).unwrap_or(0);
        let is_measured = water.unwrap_or(0) == i;
        if water == Some(i) && !group.dry.is_empty() && !self.is_left(group) {
            (matter.dry, matter.confidence.dry) = (Some(true), Some(0.9));
            matter.words.dry = self.words(&group.dry[0]);
        } else if is_measured && let Some(m) = self.depth(group) {
            (matter.depth_cm, matter.depth_cm_low, matter.depth_cm_high) = (Some(m.cm), m.low, m.high);
            (matter.words.depth_cm, matter.confidence.depth_cm) = (self.words(&m.at), Some(m.confidence));
        }
        if is_measured {
            let one = |quantity| group.measures.iter().find(|m| m.quantity == quantity);
            if let Some(m) = one(Quantity::Length) {
                (matter.length_m, matter.words.length_m) = (Some(m.cm / 100.0), self.words(&m.at));
                matter.confidence.length_m = Some(m.confidence);
            }
            if let Some(m) = one(Quantity::Width) {
                (matter.width_m, matter.words.width_m) = (Some(m.cm / 100.0), self.words(&m.at));
                matter.confidence.width_m = Some(m.confidence);
            }
        }
        // Who can pass is of the place: said of the water there, if there is any.
        let passing = |s: &&Said| water.unwrap_or_else(|| of(&s.at)) == i;
        // "车辆艰难通行；12时复核，积水已退，车辆正常通行"
        let went = |s: &Said| {
            let clear_after = |end: usize| {
                group.said.iter().any(|later| later.passability == Passability::Clear && later.at.start >= end)
            };
            s.passability == Passability::Slow
                && group.dry.iter().any(|dry| dry.start >= s.at.end && clear_after(dry.end))
        };
        let hours: Vec<usize> = group.times.iter().filter(|when| !when.is_now()).map(|when| when.at.start).collect();
        let holds = |s: &&Said| !went(s) && !holds::is_of_an_earlier_hour(s, &group.said, &hours);
        let said: Vec<Said> = group.said.iter().filter(passing).filter(holds).cloned().collect();
        if let Some((passability, at, sure)) = holds::together(&said) {
            (matter.passability, matter.words.passability) = (Some(passability.name()), self.words(&at));
            matter.confidence.passability = Some(sure);
        }
        if let Some(at) = group.resolved.iter().find(|at| of(at) == i) {
            (matter.resolved, matter.words.resolved, matter.confidence.resolved) =
                (Some(true), self.words(at), Some(0.85));
        }
    }

    /// "水退得七七八八，浸到脚踝": whether the sentence goes on from what has gone with how deep it still is.
    fn is_left(&self, group: &Group) -> bool {
        let Some(last) = group.dry.iter().map(|at| at.end).max() else { return false };
        group.measures.iter().any(|m| {
            let between = self.normal.text.get(last..m.at.start).filter(|t| t.len() <= LONGEST_SENTENCE_BYTES);
            // "水已退净，淤泥厚约5厘米"
            let of_mud = || Grammar::embedded().assemble.mud.is_in(&self.normal.text[last..m.at.end]);
            m.quantity == Quantity::Depth
                && !m.was
                && between.is_some_and(|t| sentence::is_one(t) && !t.contains(". "))
                && !of_mud()
        })
    }

    /// The depth of now where the message says so, else the deepest.
    fn depth<'g>(&self, group: &'g Group) -> Option<&'g Measure> {
        let depths = || group.measures.iter().filter(|m| m.quantity == Quantity::Depth);
        let now = group.times.iter().rfind(|w| w.is_now());
        let after = now.and_then(|now| depths().find(|m| m.at.start > now.at.start));
        // Two depths for two places: nobody knows which is whose.
        if group.places.len() > 1 && depths().count() > 1 {
            return None;
        }
        let still = || depths().filter(|m| !m.was);
        // "最深30厘米，水位回落，现场约8厘米"
        let (first, last) = (still().next(), still().next_back());
        let moved = first.zip(last).filter(|(first, last)| first.at.end < last.at.start && group.places.len() < 2);
        let moved = moved.filter(|(first, last)| {
            let between = &self.normal.text[first.at.end..last.at.start];
            self.parser.lexicon.numbers.moved.iter().any(|word| between.contains(word.as_str()))
                || is_by_hours(group, first, last)
        });
        let come_to = group.measures.iter().rfind(|m| m.quantity == Quantity::Depth && m.is_now);
        let deepest = |a: &&Measure, b: &&Measure| a.cm.total_cmp(&b.cm);
        // "昨夜一度深达80公分，目前水位回落，具体深度待测"
        let over = || group.said.iter().any(Said::has_recovered) || self.has_changed(depths().next_back());
        if come_to.is_none() && still().next().is_none() && over() {
            return None;
        }
        come_to
            .or(after)
            .or(moved.map(|(_, last)| last))
            .or_else(|| still().max_by(deepest))
            .or_else(|| depths().max_by(deepest))
    }

    /// Whether the sentence goes on from a depth of before with what it is now, and no number.
    fn has_changed(&self, was: Option<&Measure>) -> bool {
        let after = was.map_or("", |m| {
            let text = &self.normal.text;
            &text[m.at.end..text.floor_char_boundary(m.at.end + LONGEST_SENTENCE_BYTES)]
        });
        let sentence = after.find(['。', ';', '\n']).map_or(after, |i| &after[..i]);
        let words = &Grammar::embedded().assemble;
        let now = self.parser.lexicon.times.now.iter().chain(&words.now);
        let now = now.filter_map(|word| sentence.find(word.as_str())).min();
        now.is_some_and(|at| !words.still.is_in(&sentence[at..]))
    }

    fn when(&self, matter: &mut Matter, group: &Group) {
        let now = group.times.iter().find(|w| w.is_now());
        let clock = group.times.iter().find(|w| !w.is_now());
        let later = now.filter(|n| clock.is_none_or(|c| c.at.start < n.at.start));
        let Some(when) = later.or(clock).or(now) else { return };
        if let Some((at, sure)) = when.resolve(self.sent) {
            (matter.observed_at, matter.words.observed_at) = (Some(at), self.words(&when.at));
            matter.confidence.observed_at = Some(sure);
        }
    }

    fn place(&mut self, matter: &mut Matter, place: Option<&Phrase>) {
        let number = self.reading.matters.len();
        let mut ask = |field, zh: &str, en: &str, choices| {
            self.reading.questions.push(Question { matter: number, field, zh: zh.into(), en: en.into(), choices });
        };
        if matter.category.is_none() {
            ask("category", "那里发生了什么？", "What has happened there?", Vec::new());
        }
        let Some(place) = place else {
            if matter.category.as_deref() != Some("opinion") {
                ask(
                    "place_text",
                    "在哪里？请说出路名、路口或附近的地标。",
                    "Where is it? Please name the road, the crossing or a landmark.",
                    Vec::new(),
                );
            }
            return;
        };
        // The city in front is of the address; the gazetteer may know the place with it.
        let at = divisions::start_of(&self.normal.text, &place.at, self.parser.marks)..place.at.end;
        let gazetteer = &self.parser.gazetteer;
        let known = match gazetteer.find(&self.normal.text[place.at.clone()], self.parser.marks) {
            Match::None if at != place.at => gazetteer.find(&self.normal.text[at.clone()], self.parser.marks),
            known => known,
        };
        match known {
            Match::One { id, confidence } => {
                matter.place_id = Some(gazetteer.place(id).id.clone());
                matter.confidence.place_id = Some(confidence);
                matter.words.place_id = self.words(&place.at);
            }
            Match::Several(ids) => {
                let choice = |id: &u32| {
                    let named = gazetteer.place(*id);
                    Choice { place_id: named.id.clone(), name: named.names.first().cloned().unwrap_or_default() }
                };
                ask("place_id", "是其中哪一处？", "Which of these is it?", ids.iter().map(choice).collect());
            }
            Match::None => {}
        }
        matter.place_text = self.words(&at);
        (matter.words.place_text, matter.confidence.place_text) = (self.words(&at), Some(place.confidence));
    }

    /// A view: alone, or beside what happened when it is a proposal.
    fn opinion(&mut self, opinion: &sentence::Opinion, place: Option<Phrase>) {
        let alone = self.reading.matters.is_empty();
        if !alone && !opinion.proposal {
            return;
        }
        let mut matter = Matter { category: Some("opinion".into()), ..Matter::default() };
        (matter.words.category, matter.confidence.category) = (self.words(&opinion.at), Some(0.8));
        // Thanks are of no place.
        let thanks = Grammar::embedded().assemble.thanks.is_in(&self.normal.text[opinion.at.clone()]);
        self.place(&mut matter, place.as_ref().filter(|_| alone && !thanks));
        self.reading.matters.push(matter);
    }
}
