//! A message becomes reports: what, where, how deep, how long and wide, who can pass, whether it is over, and when.
//!
//! The words and their meanings are data (`data/text`); the grammar is here. [`Parser::read`] finds all phrases in one
//! pass of an Aho–Corasick automaton, the measures, times and places around them, and puts together what belongs to
//! one matter. What a message does not say stays empty and becomes a question, never a guess.

mod again;
mod assemble;
mod bare;
mod beside;
mod body;
mod boundary;
mod circumstance;
mod clock;
mod conditions;
mod curt;
mod divisions;
mod drained;
mod edges;
mod english;
mod finder;
mod gazetteer;
mod goes_on;
mod grammar;
mod group;
mod headings;
mod holds;
mod joined;
mod learnt;
mod lexicon;
mod line;
mod made;
mod marks;
mod matter;
mod measure;
mod names;
mod normal;
mod number;
mod only;
mod place;
mod plain;
mod refers;
mod sentence;
pub mod similar;
pub mod stretch;
mod sub_district;
mod subject;
mod unplaced;
mod vehicles;
mod weights;

use std::ops::Range;

pub use clock::Sent;
pub use gazetteer::{Gazetteer, Named};
pub use matter::{Choice, Fields, Matter, Question, Reading};

use assemble::Found;
use grammar::Grammar;
use lexicon::{Fact, Hit, Lexicon};
use marks::Marks;
use measure::{Measure, Quantity};
use normal::Normal;
pub(super) use normal::normalised;
use place::Phrase;

/// "干的" within 干的事, "全干" within 全干部.
fn is_part_of_a_word(text: &str, hit: &Hit) -> bool {
    Grammar::embedded().drained.part_of_a_word.has(&text[hit.at.clone()])
        && text[hit.at.end..].starts_with(char::is_alphanumeric)
}

/// Places by grammar and others, in order; those over each other are one, which is a road where the first of the grammar is.
fn united(places: Vec<Phrase>, extra: Vec<Phrase>) -> Vec<Phrase> {
    let grammar = places.into_iter().map(|p| (p, true));
    let mut all: Vec<(Phrase, bool)> = grammar.chain(extra.into_iter().map(|p| (p, false))).collect();
    all.sort_by_key(|(p, _)| p.at.start);
    all.dedup_by(|(next, of_grammar), (before, was)| {
        let over = next.at.start < before.at.end;
        if over {
            let at = before.at.start..before.at.end.max(next.at.end);
            if *of_grammar && !*was {
                (before.road, before.confidence, *was) = (next.road, next.confidence, true);
            }
            before.at = at;
        }
        over
    });
    all.into_iter().map(|(p, _)| p).collect()
}

/// Before a colon that a message begins with: "交通广播91.8：".
const LONGEST_SPEAKER_BYTES: usize = 45;

/// Reads messages; made once.
pub struct Parser {
    lexicon: &'static Lexicon,
    marks: &'static Marks,
    gazetteer: Gazetteer,
}

impl Parser {
    /// With the rules of `data/text`, and the places that names are looked up among.
    pub fn new(gazetteer: Gazetteer) -> Parser {
        Parser { lexicon: Lexicon::embedded(), marks: Marks::embedded(), gazetteer }
    }

    /// What a message says. It takes any text; time is linear in its length.
    pub fn read(&self, text: &str, sent: &Sent) -> Reading {
        let normal = Normal::new(text);
        let names = self.gazetteer.in_text(&normal.text);
        let mut hits = self.hits(&normal.text, &names);
        let mut measures = measure::measures(&normal.text, &hits, self.lexicon);
        let times = clock::times(&normal.text, &hits, self.lexicon);
        let mut taken: Vec<Range<usize>> =
            measures.iter().map(|m| m.at.clone()).chain(times.iter().map(|t| t.at.clone())).collect();
        taken.sort_by_key(|t| t.start);
        // "积水点于14:50排除", "水深0厘米"
        let gone = times.iter().filter_map(|t| self.lexicon.drained.at_a_time(&normal.text, &t.at));
        let none = measures.extract_if(.., |m| m.cm == 0.0 && m.quantity == Quantity::Depth).map(|m| m.at);
        let drained = &self.lexicon.drained;
        let heads = drained
            .heads(&normal.text)
            .chain(drained.by_now(&normal.text))
            .chain(drained::Drained::is_gone(&normal.text));
        let gone: Vec<Hit> = gone.chain(none).chain(heads).map(|at| Hit { at, fact: Fact::Dry }).collect();
        hits.extend(gone);
        hits.sort_by_key(|h| h.at.start);
        let places = self.places(&normal, &hits, &measures, &taken, names);
        let inside = |m: &Measure| {
            let place = places.get(places.partition_point(|p| p.at.end <= m.at.start));
            place.is_some_and(|p| p.at.start <= m.at.start)
        };
        let measures = measures.into_iter().filter(|m| !inside(m)).collect();
        let found = Found { places, measures, times, hits };
        assemble::reading(&normal, found, sent, self)
    }

    /// The category of what is flooded, dry or deep.
    fn water(&self) -> u8 {
        self.lexicon.categories.iter().position(|c| c == "waterlogging").map_or(0, |i| i as u8)
    }

    /// Phrases that mean what they say: none within a mask or a name of the gazetteer.
    fn hits(&self, text: &str, names: &[Range<usize>]) -> Vec<Hit> {
        let hits = self.lexicon.hits(text);
        let hidden = |hit: &Hit| {
            let i = names.partition_point(|n| n.end <= hit.at.start);
            names.get(i).is_some_and(|n| n.start <= hit.at.start && hit.at.end <= n.end && n.len() > hit.at.len())
        };
        let kept = hits
            .into_iter()
            .filter(|h| h.fact != Fact::Mask && !hidden(h) && !edges::names_a_road(text, h, self.marks))
            .filter(|h| !edges::is_of_a_river(text, h, self.marks))
            .filter(|h| h.fact != Fact::Dry || !is_part_of_a_word(text, h))
            .map(|h| match h.fact {
                Fact::Resolved if self.lexicon.drained.is_cleared(text, &h.at) => Hit { fact: Fact::Dry, ..h },
                _ => h,
            })
            // "积水退了大半": there is water still.
            .filter_map(|h| match h.fact {
                Fact::Dry if self.lexicon.drained.is_partly(&text[..h.at.start], &text[h.at.end..]) => {
                    let fact = Fact::Category { category: self.water(), weak: false };
                    let named = Grammar::embedded().drained.water.is_in(&text[h.at.clone()]);
                    named.then_some(Hit { fact, ..h })
                }
                _ => Some(h),
            });
        kept.collect()
    }

    /// Places by grammar, and those that only the gazetteer knows.
    fn places(
        &self,
        normal: &Normal,
        hits: &[Hit],
        measures: &[Measure],
        taken: &[Range<usize>],
        names: Vec<Range<usize>>,
    ) -> Vec<Phrase> {
        let mut places = place::phrases(&normal.text, hits, taken, self.marks);
        let mut extra = if normal.text.bytes().any(|b| b.is_ascii_alphabetic()) {
            english::phrases(normal, self.marks)
        } else {
            Vec::new()
        };
        extra.extend(names.iter().map(|at| Phrase { at: at.clone(), road: false, confidence: 0.9 }));
        extra.extend(edges::stakes(&normal.text).map(|at| Phrase { at, road: true, confidence: 0.9 }));
        places = united(places, extra);
        // Whoever speaks is no place, unless something is said there.
        let within = |at: &Range<usize>, head: &Range<usize>| head.start <= at.start && at.end <= head.end;
        let tells = |h: &Hit| matches!(h.fact, Fact::Category { .. } | Fact::Passability(_) | Fact::Dry);
        let mut heads = sentence::heads(&normal.text);
        heads.retain(|head| !hits.iter().any(|h| within(&h.at, head) && tells(h)));
        // "镇政府喇叭：老供销社门口水深一米": of two places the one before the colon speaks, if the colon does not follow it at once.
        if let Some(colon) = normal.text.find(':').filter(|colon| *colon <= LONGEST_SPEAKER_BYTES) {
            let speaker = 0..colon;
            let silent = !hits.iter().any(|h| within(&h.at, &speaker) && tells(h));
            let told = places
                .iter()
                .find(|p| p.at.start > colon)
                .is_some_and(|p| sentence::is_one(&normal.text[colon..p.at.start]));
            heads.extend((silent && told && !places.iter().any(|p| p.at.end == colon)).then_some(speaker));
        }
        places.retain(|p| !heads.iter().any(|head| within(&p.at, head)));
        places.retain(|p| !divisions::is_a_city(&normal.text[p.at.clone()]));
        places.extend(bare::phrases(&normal.text, hits, measures, taken, &places, self.marks));
        places.sort_by_key(|p| p.at.start);
        unplaced::drop(&normal.text, &mut places, self.marks);
        if places.is_empty() && hits.is_empty() {
            return places;
        }
        let learnt = boundary::Boundaries::new(normal);
        learnt::mend(&normal.text, &mut places, hits, &names, &learnt, self.marks);
        unplaced::drop_work(&normal.text, &mut places, self.marks);
        unplaced::drop_crossings(&normal.text, &mut places);
        places
    }
}
