//! What a filter compares: properties, literals and expressions, each of its type, and their values of a feature.

use super::condition::{Index, Row, Test};
use super::fold::Folding;
use super::property::{Datum, Word};
use super::shape::Region;
use super::temporal::Span;
use super::tree::Arithmetic;

/// What a property, a literal or an expression gives, by its type.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    Number(Number),
    Text(Text),
    Flag(Flag),
    Period(Period),
    Shape(Shape),
    Test(Box<Test>),
}

#[derive(Clone, Debug, PartialEq)]
pub enum Number {
    Is(f64),
    Of(Index),
    Reckoned(Arithmetic, Box<[Number; 2]>),
}

#[derive(Clone, Debug, PartialEq)]
pub enum Text {
    Is(Box<str>),
    Of(Index),
    /// The property with its letters folded.
    Folded(Index),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Flag {
    Is(bool),
    Of(Index),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Moment {
    Is(Span),
    Of(Index),
}

/// An instant, or an interval of which an end may be open.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Period {
    Instant(Moment),
    Interval(Option<Moment>, Option<Moment>),
}

#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    Is(Box<Region>),
    /// The feature's own geometry.
    Own,
}

impl Operand {
    pub fn is_null(&self, row: &impl Row) -> bool {
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
    pub fn value(&self, row: &impl Row) -> Option<f64> {
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
pub struct Read<'r> {
    pub word: Word<'r>,
    pub folded: bool,
}

impl Read<'_> {
    pub fn folding(&self) -> Folding<'_> {
        Folding { text: self.word.as_str(), folded: self.folded }
    }
}

impl Text {
    pub fn read<'r>(&'r self, row: &'r impl Row) -> Option<Read<'r>> {
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
    pub fn value(self, row: &impl Row) -> Option<bool> {
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
    pub fn value(self, row: &impl Row) -> Option<Span> {
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
    pub fn span(self, row: &impl Row) -> Option<(Span, bool)> {
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
