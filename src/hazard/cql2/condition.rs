//! A filter that is checked and compiled: what is evaluated for each feature.

use std::sync::atomic::{AtomicBool, Ordering};

use geo::{CoordsIter, Geometry};

use super::super::layer::{Bbox, Interval};
use super::like::Pattern;
use super::operand::{Flag, Moment, Number, Operand, Period, Shape, Text};
use super::property::{Datum, Located};
use super::spatial::{Relation, lie_apart};
use super::temporal::{Allen, Span};
use super::tree::Comparison;
use crate::error::{Result, invalid};

/// The index of a property in the list that the filter was read with.
pub type Index = u8;

/// A filter that features can be asked.
#[derive(Debug)]
pub struct Condition {
    pub(super) test: Test,
    /// As it was sent.
    text: String,
    broken_off: AtomicBool,
}

impl PartialEq for Condition {
    fn eq(&self, other: &Condition) -> bool {
        self.test == other.test
    }
}

/// How many steps it takes to fold a text rather than to read it, and to relate a corner of a shape.
const FOLDING: usize = 8;
const RELATING: usize = 50;

/// A feature, as a filter sees it.
pub trait Row {
    /// The value of the property at this place of the list.
    fn datum(&self, property: Index) -> Datum<'_>;
    /// Where it lies, if anywhere.
    fn located(&self) -> Option<Located>;
    /// Is told how much there was to do, in steps as of [`super::MOST_STEPS`].
    fn spend(&self, steps: usize);
}

/// What is true, false, or neither where null is compared.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    Known(Option<bool>),
    Not(Box<Test>),
    All(Box<[Test]>),
    Any(Box<[Test]>),
    Numbers(Comparison, Number, Number),
    Texts(Comparison, Text, Text),
    Flags(Comparison, Flag, Flag),
    Times(Comparison, Moment, Moment),
    Between(Box<[Number; 3]>),
    NumberIn(Number, Box<[Number]>),
    TextIn(Text, Box<[Text]>),
    FlagIn(Flag, Box<[Flag]>),
    TimeIn(Moment, Box<[Moment]>),
    Like(Text, Pattern),
    IsNull(Operand),
    Spatial(Relation, Shape, Shape),
    Temporal(Allen, Period, Period),
}

impl Condition {
    pub(super) fn new(test: Test, text: &str) -> Condition {
        Condition { test, text: text.to_owned(), broken_off: AtomicBool::new(false) }
    }

    /// Is it true of a feature?
    pub fn takes(&self, row: &impl Row) -> bool {
        self.test.holds(row) == Some(true)
    }

    /// Whoever asks features has asked too much, and asks no more.
    pub fn break_off(&self) {
        self.broken_off.store(true, Ordering::Relaxed);
    }

    /// Were all features asked?
    ///
    /// # Errors
    /// `Invalid` if it took too long.
    pub fn done(&self) -> Result<()> {
        if self.broken_off.load(Ordering::Relaxed) {
            let reason = "takes too long for so many features: narrow it by AND with S_INTERSECTS and a box, by bbox or \
                          by datetime, or ask for less";
            return Err(invalid("filter", &self.text, reason));
        }
        Ok(())
    }

    /// A box that every feature lies in, or touches, that it is true of; the smallest that the filter tells.
    pub fn bounds(&self) -> Option<Bbox> {
        self.test.bounds()
    }

    /// From when to when this property lies of every feature that it is true of, as far as the filter tells.
    pub fn times(&self, property: Index) -> Interval {
        self.test.times(Moment::Of(property))
    }
}

impl Test {
    pub fn holds(&self, row: &impl Row) -> Option<bool> {
        row.spend(1);
        match self {
            Test::Known(known) => *known,
            Test::Not(denied) => denied.holds(row).map(|held| !held),
            Test::All(all) => any(all, row, false),
            Test::Any(all) => any(all, row, true),
            Test::Numbers(is, a, b) => Some(is.holds(a.value(row)?, b.value(row)?)),
            Test::Texts(is, a, b) => {
                let (a, b) = (a.read(row)?, b.read(row)?);
                Some(is.holds(a.folding().compare(b.folding()), std::cmp::Ordering::Equal))
            }
            Test::Flags(is, a, b) => Some(is.holds(a.value(row)?, b.value(row)?)),
            Test::Times(is, a, b) => Some(compared(*is, a.value(row)?, b.value(row)?)),
            Test::Between(of) => {
                let [value, low, high] = [of[0].value(row)?, of[1].value(row)?, of[2].value(row)?];
                Some(low <= value && value <= high)
            }
            Test::NumberIn(value, list) => {
                row.spend(list.len());
                let value = value.value(row)?;
                among(list.iter().map(|one| Some(one.value(row)? == value)))
            }
            Test::TextIn(value, list) => {
                let value = value.read(row)?;
                row.spend(list.len() * if value.folded { FOLDING } else { 1 });
                among(list.iter().map(|one| Some(one.read(row)?.folding().compare(value.folding()).is_eq())))
            }
            Test::FlagIn(value, list) => {
                let value = value.value(row)?;
                among(list.iter().map(|one| Some(one.value(row)? == value)))
            }
            Test::TimeIn(value, list) => {
                row.spend(list.len());
                let value = value.value(row)?;
                among(list.iter().map(|one| Some(one.value(row)?.equals(value))))
            }
            Test::Like(text, pattern) => {
                let text = text.read(row)?;
                let length = text.word.as_str().len();
                row.spend(pattern.steps(length) * if text.folded { FOLDING } else { 1 });
                Some(pattern.matches(text.folding()))
            }
            Test::IsNull(of) => Some(of.is_null(row)),
            Test::Spatial(relation, a, b) => related(*relation, a, b, row),
            Test::Temporal(relation, a, b) => {
                let ((a, a_lasts), (b, b_lasts)) = (a.span(row)?, b.span(row)?);
                // A time equals a date as it does in a comparison.
                let instants = *relation == Allen::Equals && !a_lasts && !b_lasts;
                Some(if instants { a.equals(b) } else { relation.holds(a, b) })
            }
        }
    }

    fn bounds(&self) -> Option<Bbox> {
        match self {
            // Disjoint is the only relation between things that lie apart.
            Test::Spatial(relation, Shape::Is(region), Shape::Own)
            | Test::Spatial(relation, Shape::Own, Shape::Is(region)) => {
                (*relation != Relation::Disjoint).then_some(region.bounds)
            }
            Test::All(all) => {
                all.iter().filter_map(Test::bounds).min_by(|a, b| a.square_degrees().total_cmp(&b.square_degrees()))
            }
            _ => None,
        }
    }

    fn times(&self, of: Moment) -> Interval {
        let within = |a: &Moment, is: Comparison, b: &Moment| match (a, b) {
            (a, Moment::Is(span)) if *a == of => is.leaves(*span),
            (Moment::Is(span), b) if *b == of => is.turned().leaves(*span),
            _ => Interval::ALWAYS,
        };
        match self {
            Test::All(all) => all.iter().map(|test| test.times(of)).fold(Interval::ALWAYS, Interval::common),
            Test::Times(is, a, b) => within(a, *is, b),
            Test::Temporal(Allen::Before, Period::Instant(a), Period::Instant(b)) => within(a, Comparison::Less, b),
            Test::Temporal(Allen::After, Period::Instant(a), Period::Instant(b)) => within(a, Comparison::Greater, b),
            Test::Temporal(Allen::Equals, Period::Instant(a), Period::Instant(b)) => within(a, Comparison::Equal, b),
            Test::Temporal(Allen::Intersects, Period::Instant(a), Period::Interval(from, to)) if *a == of => {
                let end = |end: &Option<Moment>, is: Comparison| match end {
                    Some(end) => within(a, is, end),
                    None => Interval::ALWAYS,
                };
                end(from, Comparison::GreaterOrEqual).common(end(to, Comparison::LessOrEqual))
            }
            _ => Interval::ALWAYS,
        }
    }

    /// How much there is to do for it, to begin with what takes least: the order changes nothing of the answer.
    pub fn cost(&self) -> u32 {
        match self {
            Test::Known(_) => 0,
            Test::Numbers(..) | Test::Flags(..) | Test::Times(..) | Test::Between(_) | Test::IsNull(_) => 1,
            Test::FlagIn(..) | Test::NumberIn(..) | Test::TimeIn(..) | Test::Temporal(..) => 2,
            Test::Texts(..) => 3,
            Test::TextIn(_, list) => 3 + list.len() as u32,
            Test::Like(..) => 8,
            Test::Spatial(..) => 16,
            Test::Not(denied) => denied.cost(),
            Test::All(all) | Test::Any(all) => all.iter().map(Test::cost).sum(),
        }
    }
}

/// Is one of them `wanted`: true for OR, false for AND? Then so is the whole; else it is null where one is null.
fn any(all: &[Test], row: &impl Row, wanted: bool) -> Option<bool> {
    let mut whole = Some(!wanted);
    for test in all {
        match test.holds(row) {
            Some(held) if held == wanted => return Some(wanted),
            None => whole = None,
            Some(_) => {}
        }
    }
    whole
}

/// As OR of equalities.
fn among(equal: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut whole = Some(false);
    for one in equal {
        match one {
            Some(true) => return one,
            None => whole = None,
            Some(false) => {}
        }
    }
    whole
}

fn compared(is: Comparison, a: Span, b: Span) -> bool {
    match is {
        Comparison::Equal => a.equals(b),
        Comparison::NotEqual => !a.equals(b),
        Comparison::Less => a.before(b),
        Comparison::Greater => b.before(a),
        Comparison::LessOrEqual => !b.before(a),
        Comparison::GreaterOrEqual => !a.before(b),
    }
}

fn related(relation: Relation, a: &Shape, b: &Shape, row: &impl Row) -> Option<bool> {
    let (relation, region) = match (a, b) {
        (Shape::Is(a), Shape::Is(b)) => return Some(relation.of(&a.geometry, &b.geometry)),
        (Shape::Own, Shape::Is(region)) => (relation, region),
        (Shape::Is(region), Shape::Own) => (relation.converse(), region),
        (Shape::Own, Shape::Own) => {
            let own = match row.located()? {
                Located::Point(at) => geo::Point(at).into(),
                Located::Other(own) => own,
            };
            return Some(related_shapes(relation, &own, &own, row));
        }
    };
    Some(match row.located()? {
        Located::Point(at) => {
            row.spend(if region.is_near(at) { region.corners } else { 1 });
            relation.of_point(at, region)
        }
        Located::Other(own) => related_shapes(relation, &own, &region.geometry, row),
    })
}

/// All sides of one meet all sides of the other, where their boxes meet; at least they are copied.
fn related_shapes(relation: Relation, a: &Geometry, b: &Geometry, row: &impl Row) -> bool {
    let corners = a.coords_count();
    row.spend(corners);
    if lie_apart(a, b) {
        return relation == Relation::Disjoint;
    }
    row.spend(RELATING * (corners + b.coords_count()));
    relation.of(a, b)
}
