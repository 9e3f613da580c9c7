//! A filter as it was written, before anything is known of its types: the same for both encodings.

use super::super::layer::Interval;
use super::shape::Region;
use super::spatial::Relation;
use super::temporal::{Allen, Span};

/// A part of a filter, and where it stands: a byte of the text, or the number of a value of the JSON.
#[derive(Debug, PartialEq)]
pub struct Node {
    pub at: usize,
    pub kind: Kind,
}

#[derive(Debug, PartialEq)]
pub enum Kind {
    Flag(bool),
    Number(f64),
    Text {
        value: String,
        /// The same with its backslashes, as the pattern of LIKE reads it.
        pattern: String,
    },
    Instant(Span),
    /// From and to; each an instant, a property, or open.
    Interval(Box<[Node; 2]>),
    /// The end `..` of an interval.
    Open,
    Shape(Box<Region>),
    Property(String),
    Apply(Op, Vec<Node>),
}

/// Whatever has operands. The value that BETWEEN and IN look at comes before what they compare it with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    And,
    Or,
    Not,
    Compare(Comparison),
    Like,
    Between,
    In,
    IsNull,
    CaseI,
    Arithmetic(Arithmetic),
    Spatial(Relation),
    Temporal(Allen),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    Greater,
    LessOrEqual,
    GreaterOrEqual,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    /// Division towards zero.
    Div,
    Power,
}

/// The operators that stand between their operands, by the names that both encodings share.
const SIGNS: [(&str, Op); 13] = [
    ("=", Op::Compare(Comparison::Equal)),
    ("<>", Op::Compare(Comparison::NotEqual)),
    ("<=", Op::Compare(Comparison::LessOrEqual)),
    (">=", Op::Compare(Comparison::GreaterOrEqual)),
    ("<", Op::Compare(Comparison::Less)),
    (">", Op::Compare(Comparison::Greater)),
    ("+", Op::Arithmetic(Arithmetic::Add)),
    ("-", Op::Arithmetic(Arithmetic::Subtract)),
    ("*", Op::Arithmetic(Arithmetic::Multiply)),
    ("/", Op::Arithmetic(Arithmetic::Divide)),
    ("%", Op::Arithmetic(Arithmetic::Modulo)),
    ("^", Op::Arithmetic(Arithmetic::Power)),
    ("div", Op::Arithmetic(Arithmetic::Div)),
];

/// The words that CQL2 JSON names as operators, too.
const WORDS: [(&str, Op); 7] = [
    ("and", Op::And),
    ("or", Op::Or),
    ("not", Op::Not),
    ("like", Op::Like),
    ("between", Op::Between),
    ("in", Op::In),
    ("isNull", Op::IsNull),
];

impl Op {
    /// What stands between its operands, or before one.
    pub fn sign(name: &str) -> Option<Op> {
        SIGNS.into_iter().find(|(sign, _)| *sign == name).map(|(_, op)| op)
    }

    /// What is written as a function, whatever the case of its letters.
    pub fn function(name: &str) -> Option<Op> {
        let name = name.to_ascii_lowercase();
        let relation = || Relation::ALL.into_iter().find(|r| r.name() == name).map(Op::Spatial);
        let allen = || Allen::ALL.into_iter().find(|r| r.name() == name).map(Op::Temporal);
        if name == "casei" { Some(Op::CaseI) } else { relation().or_else(allen) }
    }

    /// The operator of this name in CQL2 JSON.
    pub fn named(name: &str) -> Option<Op> {
        let word = WORDS.into_iter().find(|(word, _)| *word == name).map(|(_, op)| op);
        word.or_else(|| Op::sign(name)).or_else(|| Op::function(name))
    }

    /// Every function there is, for whoever asks for another.
    pub fn functions() -> String {
        let spatial = Relation::ALL.map(Relation::name);
        let temporal = Allen::ALL.map(Allen::name);
        ["casei"].iter().chain(&spatial).chain(&temporal).copied().collect::<Vec<_>>().join(", ")
    }

    /// The fewest and the most operands it takes.
    pub fn operands(self) -> (usize, usize) {
        match self {
            Op::And | Op::Or | Op::In => (2, usize::MAX),
            Op::Not | Op::IsNull | Op::CaseI => (1, 1),
            Op::Between => (3, 3),
            Op::Compare(_) | Op::Like | Op::Arithmetic(_) | Op::Spatial(_) | Op::Temporal(_) => (2, 2),
        }
    }
}

impl Comparison {
    /// The same with its sides exchanged.
    pub fn turned(self) -> Comparison {
        match self {
            Comparison::Less => Comparison::Greater,
            Comparison::Greater => Comparison::Less,
            Comparison::LessOrEqual => Comparison::GreaterOrEqual,
            Comparison::GreaterOrEqual => Comparison::LessOrEqual,
            same => same,
        }
    }

    /// An interval that holds every second which compares so with a span, if others, too.
    pub fn leaves(self, span: Span) -> Interval {
        let (from, to) = (span.first_s(), span.last_s());
        match self {
            Comparison::Equal => Interval { from, to },
            Comparison::NotEqual => Interval::ALWAYS,
            Comparison::Less | Comparison::LessOrEqual => Interval { from: i64::MIN, to },
            Comparison::Greater | Comparison::GreaterOrEqual => Interval { from, to: i64::MAX },
        }
    }

    pub fn holds<T: PartialOrd>(self, a: T, b: T) -> bool {
        match self {
            Comparison::Equal => a == b,
            Comparison::NotEqual => a != b,
            Comparison::Less => a < b,
            Comparison::Greater => a > b,
            Comparison::LessOrEqual => a <= b,
            Comparison::GreaterOrEqual => a >= b,
        }
    }
}
