//! A filter that is checked and compiled: what is evaluated for each feature.

use super::super::layer::{Bbox, Interval};
use super::fold::Folding;
use super::like::Pattern;
use super::property::{Datum, Located, Word};
use super::shape::Region;
use super::spatial::Relation;
use super::temporal::{Allen, Span};
use super::tree::{Arithmetic, Comparison};

/// The index of a property in the list that the filter was read with.
pub type Index = u8;

/// A filter that features can be asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition(pub(super) Test);

/// A feature, as a filter sees it.
pub trait Row {
    /// The value of the property at this place of the list.
    fn datum(&self, property: Index) -> Datum<'_>;
    /// Where it lies, if anywhere.
    fn located(&self) -> Option<Located>;
}

/// What is true, false, or neither where null is compared.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Test {
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

/// What a property, a literal or an expression gives, by its type.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Operand {
    Number(Number),
    Text(Text),
    Flag(Flag),
    Period(Period),
    Shape(Shape),
    Test(Box<Test>),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Number {
    Is(f64),
    Of(Index),
    Reckoned(Arithmetic, Box<[Number; 2]>),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Text {
    Is(Box<str>),
    Of(Index),
    /// The property with its letters folded.
    Folded(Index),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Flag {
    Is(bool),
    Of(Index),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Moment {
    Is(Span),
    Of(Index),
}

/// An instant, or an interval of which an end may be open.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Period {
    Instant(Moment),
    Interval(Option<Moment>, Option<Moment>),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Shape {
    Is(Box<Region>),
    /// The feature's own geometry.
    Own,
}

impl Condition {
    /// Is it true of a feature?
    pub fn takes(&self, row: &impl Row) -> bool {
        self.0.holds(row) == Some(true)
    }

    /// A box that every feature lies in, or touches, that it is true of; the smallest that the filter tells.
    pub fn bounds(&self) -> Option<Bbox> {
        self.0.bounds()
    }

    /// From when to when this property lies of every feature that it is true of, as far as the filter tells.
    pub fn times(&self, property: Index) -> Interval {
        self.0.times(Moment::Of(property))
    }
}

impl Test {
    pub fn holds(&self, row: &impl Row) -> Option<bool> {
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
                let value = value.value(row)?;
                among(list.iter().map(|one| Some(one.value(row)? == value)))
            }
            Test::TextIn(value, list) => {
                let value = value.read(row)?;
                among(list.iter().map(|one| Some(one.read(row)?.folding().compare(value.folding()).is_eq())))
            }
            Test::FlagIn(value, list) => {
                let value = value.value(row)?;
                among(list.iter().map(|one| Some(one.value(row)? == value)))
            }
            Test::TimeIn(value, list) => {
                let value = value.value(row)?;
                among(list.iter().map(|one| Some(one.value(row)?.equals(value))))
            }
            Test::Like(text, pattern) => Some(pattern.matches(text.read(row)?.folding())),
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
            return Some(relation.of(&own, &own));
        }
    };
    Some(match row.located()? {
        Located::Point(at) => relation.of_point(at, region),
        Located::Other(own) => relation.of(&own, &region.geometry),
    })
}

impl Operand {
    fn is_null(&self, row: &impl Row) -> bool {
        match self {
            Operand::Number(number) => number.value(row).is_none(),
            Operand::Text(text) => text.read(row).is_none(),
            Operand::Flag(flag) => flag.value(row).is_none(),
            Operand::Period(period) => period.span(row).is_none(),
            Operand::Shape(Shape::Own) => row.located().is_none(),
            Operand::Shape(Shape::Is(_)) => false,
            Operand::Test(test) => test.holds(row).is_none(),
        }
    }
}

impl Number {
    fn value(&self, row: &impl Row) -> Option<f64> {
        match self {
            Number::Is(number) => Some(*number),
            Number::Of(property) => match row.datum(*property) {
                Datum::Number(number) => Some(number),
                _ => None,
            },
            Number::Reckoned(how, of) => {
                let (a, b) = (of[0].value(row)?, of[1].value(row)?);
                let found = match how {
                    Arithmetic::Add => a + b,
                    Arithmetic::Subtract => a - b,
                    Arithmetic::Multiply => a * b,
                    Arithmetic::Divide => a / b,
                    Arithmetic::Modulo => a % b,
                    Arithmetic::Div => (a / b).trunc(),
                    Arithmetic::Power => a.powf(b),
                };
                // What is divided by nought has no value.
                Some(found).filter(|number| number.is_finite())
            }
        }
    }
}

/// A text that was read of a feature or of the filter.
struct Read<'r> {
    word: Word<'r>,
    folded: bool,
}

impl Read<'_> {
    fn folding(&self) -> Folding<'_> {
        Folding { text: self.word.as_str(), folded: self.folded }
    }
}

impl Text {
    fn read<'r>(&'r self, row: &'r impl Row) -> Option<Read<'r>> {
        let (property, folded) = match self {
            Text::Is(text) => return Some(Read { word: Word::Of(text), folded: false }),
            Text::Of(property) => (property, false),
            Text::Folded(property) => (property, true),
        };
        match row.datum(*property) {
            Datum::Text(word) => Some(Read { word, folded }),
            _ => None,
        }
    }
}

impl Flag {
    fn value(self, row: &impl Row) -> Option<bool> {
        match self {
            Flag::Is(flag) => Some(flag),
            Flag::Of(property) => match row.datum(property) {
                Datum::Flag(flag) => Some(flag),
                _ => None,
            },
        }
    }
}

impl Moment {
    fn value(self, row: &impl Row) -> Option<Span> {
        match self {
            Moment::Is(span) => Some(span),
            Moment::Of(property) => match row.datum(property) {
                Datum::Time(t) => Some(Span::second(t)),
                _ => None,
            },
        }
    }
}

impl Period {
    /// From when to when, and whether it is an interval.
    fn span(self, row: &impl Row) -> Option<(Span, bool)> {
        let end = |moment: Option<Moment>, open: i128| match moment {
            Some(moment) => moment.value(row),
            None => Some(Span { first: open, last: open }),
        };
        match self {
            Period::Instant(moment) => Some((moment.value(row)?, false)),
            Period::Interval(from, to) => {
                let (from, to) = (end(from, i128::MIN)?, end(to, i128::MAX)?);
                Some((Span { first: from.first, last: to.last }, true))
            }
        }
    }
}
