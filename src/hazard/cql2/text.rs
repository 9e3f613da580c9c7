//! CQL2 text (OGC 21-065r2, annex B), by recursive descent: each rule of the grammar is a function, and only parentheses,
//! of which [`super::words`] lets few through, lead from one back to an earlier.

use super::shape::ToDegrees;
use super::temporal;
use super::tree::{Arithmetic, Kind, Node, Op};
use super::words::{Token, Word, cut};
use super::{Fault, MOST_NODES};

pub(super) type Parsed<T = Node> = Result<T, Fault>;

/// The tree of a filter.
pub fn parse(text: &str, to_degrees: ToDegrees) -> Parsed {
    let mut parser = Parser { tokens: cut(text)?, next: 0, nodes: 0, to_degrees };
    let all = parser.either()?;
    match parser.peek() {
        Word::End => Ok(all),
        _ => Err(parser.expected("AND, OR or the end")),
    }
}

pub(super) struct Parser<'t> {
    tokens: Vec<Token<'t>>,
    next: usize,
    nodes: usize,
    pub(super) to_degrees: ToDegrees<'t>,
}

impl<'t> Parser<'t> {
    pub(super) fn peek(&self) -> &Word<'t> {
        &self.tokens[self.next].word
    }

    pub(super) fn at(&self) -> usize {
        self.tokens[self.next].at
    }

    /// The word after the next one.
    fn second(&self) -> &Word<'t> {
        &self.tokens[(self.next + 1).min(self.tokens.len() - 1)].word
    }

    pub(super) fn advance(&mut self) {
        // The end is never passed.
        self.next = (self.next + 1).min(self.tokens.len() - 1);
    }

    pub(super) fn expected(&self, what: &str) -> Fault {
        let found = match self.peek() {
            Word::Name(name) | Word::Quoted(name) => format!("{name:?}"),
            Word::Number(number) => number.to_string(),
            Word::Text { value, .. } => format!("the text '{value}'"),
            Word::Sign(sign) => format!("{sign:?}"),
            Word::End => "the end".into(),
        };
        Fault::new(self.at(), format!("expected {what}, found {found}"))
    }

    fn is_sign(&self, sign: &str) -> bool {
        matches!(self.peek(), Word::Sign(s) if *s == sign)
    }

    pub(super) fn takes_sign(&mut self, sign: &str) -> bool {
        let is = self.is_sign(sign);
        if is {
            self.advance();
        }
        is
    }

    pub(super) fn sign(&mut self, sign: &str, what: &str) -> Parsed<()> {
        if self.takes_sign(sign) { Ok(()) } else { Err(self.expected(what)) }
    }

    /// Is the next word this keyword, in letters of any case?
    fn is_word(&self, keyword: &str) -> bool {
        matches!(self.peek(), Word::Name(name) if name.eq_ignore_ascii_case(keyword))
    }

    pub(super) fn takes_word(&mut self, keyword: &str) -> bool {
        let is = self.is_word(keyword);
        if is {
            self.advance();
        }
        is
    }

    fn word(&mut self, keyword: &str) -> Parsed<()> {
        if self.takes_word(keyword) { Ok(()) } else { Err(self.expected(keyword)) }
    }

    fn node(&mut self, at: usize, kind: Kind) -> Parsed {
        self.nodes += 1;
        if self.nodes > MOST_NODES {
            return Err(Fault::new(at, format!("more than {MOST_NODES} values, properties and operators")));
        }
        Ok(Node { at, kind })
    }

    fn apply(&mut self, at: usize, op: Op, operands: Vec<Node>) -> Parsed {
        self.node(at, Kind::Apply(op, operands))
    }

    /// `booleanExpression`
    fn either(&mut self) -> Parsed {
        self.chain("OR", Op::Or, Parser::both)
    }

    /// `booleanTerm`
    fn both(&mut self) -> Parsed {
        self.chain("AND", Op::And, Parser::not)
    }

    fn chain(&mut self, keyword: &str, op: Op, part: fn(&mut Self) -> Parsed) -> Parsed {
        let at = self.at();
        let first = part(self)?;
        if !self.is_word(keyword) {
            return Ok(first);
        }
        let mut parts = vec![first];
        while self.takes_word(keyword) {
            parts.push(part(self)?);
        }
        self.apply(at, op, parts)
    }

    /// `booleanFactor`
    fn not(&mut self) -> Parsed {
        let at = self.at();
        if !self.takes_word("NOT") {
            return self.predicate();
        }
        let denied = self.predicate()?;
        self.apply(at, Op::Not, vec![denied])
    }

    /// `predicate`, or a value that stands alone.
    fn predicate(&mut self) -> Parsed {
        let value = self.sum()?;
        let at = self.at();
        if let Word::Sign(sign) = *self.peek()
            && let Some(op @ Op::Compare(_)) = Op::sign(sign)
        {
            self.advance();
            let other = self.sum()?;
            return self.apply(at, op, vec![value, other]);
        }
        if self.takes_word("IS") {
            let denied = self.takes_word("NOT");
            self.word("NULL")?;
            let test = self.apply(at, Op::IsNull, vec![value])?;
            return self.denied(at, denied, test);
        }
        let denied = self.takes_word("NOT");
        let test = if self.takes_word("LIKE") {
            let pattern = self.sum()?;
            self.apply(at, Op::Like, vec![value, pattern])?
        } else if self.takes_word("BETWEEN") {
            let low = self.sum()?;
            self.word("AND")?;
            let high = self.sum()?;
            self.apply(at, Op::Between, vec![value, low, high])?
        } else if self.takes_word("IN") {
            self.sign("(", "( before the list")?;
            let mut list = vec![value];
            list.extend(self.list(Parser::sum)?);
            self.apply(at, Op::In, list)?
        } else if denied {
            return Err(self.expected("LIKE, BETWEEN or IN"));
        } else {
            return Ok(value);
        };
        self.denied(at, denied, test)
    }

    fn denied(&mut self, at: usize, denied: bool, test: Node) -> Parsed {
        if denied { self.apply(at, Op::Not, vec![test]) } else { Ok(test) }
    }

    /// What stands between commas, up to the closing parenthesis.
    pub(super) fn list<T>(&mut self, mut each: impl FnMut(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        let mut all = vec![each(self)?];
        while self.takes_sign(",") {
            all.push(each(self)?);
        }
        self.sign(")", "a comma or )")?;
        Ok(all)
    }

    /// `arithmeticExpression`
    fn sum(&mut self) -> Parsed {
        self.left(&["+", "-"], Parser::product)
    }

    /// `arithmeticTerm`
    fn product(&mut self) -> Parsed {
        self.left(&["*", "/", "%", "div"], Parser::power)
    }

    /// Operators of one rank, each with all that stands to the left of it.
    fn left(&mut self, signs: &[&str], part: fn(&mut Self) -> Parsed) -> Parsed {
        let mut left = part(self)?;
        loop {
            let at = self.at();
            let (Word::Sign(found) | Word::Name(found)) = *self.peek() else { return Ok(left) };
            let Some(op) = signs.iter().find(|sign| found.eq_ignore_ascii_case(sign)).and_then(|s| Op::sign(s)) else {
                return Ok(left);
            };
            self.advance();
            let right = part(self)?;
            left = self.apply(at, op, vec![left, right])?;
        }
    }

    /// `powerTerm`
    fn power(&mut self) -> Parsed {
        let base = self.factor()?;
        let at = self.at();
        if !self.takes_sign("^") {
            return Ok(base);
        }
        let exponent = self.factor()?;
        self.apply(at, Op::Arithmetic(Arithmetic::Power), vec![base, exponent])
    }

    /// `arithmeticFactor`; a minus before a number makes the number, before all else a product with −1.
    fn factor(&mut self) -> Parsed {
        let at = self.at();
        let minus = self.takes_sign("-");
        let plus = !minus && self.takes_sign("+");
        if let (true, Word::Number(number)) = (minus || plus, self.peek().clone()) {
            self.advance();
            return self.node(at, Kind::Number(if minus { -number } else { number }));
        }
        if plus {
            return Err(self.expected("a number"));
        }
        let operand = self.primary()?;
        if !minus {
            return Ok(operand);
        }
        let less = self.node(at, Kind::Number(-1.0))?;
        self.apply(at, Op::Arithmetic(Arithmetic::Multiply), vec![less, operand])
    }

    fn primary(&mut self) -> Parsed {
        let at = self.at();
        match self.peek().clone() {
            Word::Number(number) => {
                self.advance();
                self.node(at, Kind::Number(number))
            }
            Word::Text { value, pattern } => {
                self.advance();
                self.node(at, Kind::Text { value, pattern })
            }
            Word::Quoted(name) => {
                self.advance();
                self.node(at, Kind::Property(name.to_owned()))
            }
            Word::Sign("(") => {
                self.advance();
                let inner = self.either()?;
                self.sign(")", "AND, OR, an operator or )")?;
                Ok(inner)
            }
            Word::Name(name) => self.name(at, name),
            _ => Err(self.expected("a property, a value, a function or (")),
        }
    }

    fn name(&mut self, at: usize, name: &str) -> Parsed {
        if ["AND", "OR", "NOT", "IS", "NULL", "LIKE", "BETWEEN", "IN"].iter().any(|k| name.eq_ignore_ascii_case(k)) {
            return Err(self.expected("a property, a value, a function or ("));
        }
        let follows = matches!(self.second(), Word::Sign("("));
        let dimension = matches!(self.second(), Word::Name(z) if z.eq_ignore_ascii_case("Z"));
        if (follows || dimension)
            && let Some(region) = self.geometry(at, name)?
        {
            return self.node(at, Kind::Shape(Box::new(region)));
        }
        self.advance();
        if !follows {
            for (word, flag) in [("TRUE", true), ("FALSE", false)] {
                if name.eq_ignore_ascii_case(word) {
                    return self.node(at, Kind::Flag(flag));
                }
            }
            return self.node(at, Kind::Property(name.to_owned()));
        }
        self.advance();
        match name.to_ascii_uppercase().as_str() {
            "DATE" => self.instant(at, temporal::date),
            "TIMESTAMP" => self.instant(at, temporal::timestamp),
            "INTERVAL" => {
                let from = self.end_of_interval()?;
                self.sign(",", "a comma and the end of the interval")?;
                let to = self.end_of_interval()?;
                self.sign(")", ")")?;
                self.node(at, Kind::Interval(Box::new([from, to])))
            }
            _ => {
                let op = Op::function(name).ok_or_else(|| unknown_function(at, name))?;
                let operands = self.list(Parser::sum)?;
                self.apply(at, op, operands)
            }
        }
    }

    fn text(&mut self, what: &str) -> Parsed<String> {
        let Word::Text { value, .. } = self.peek() else { return Err(self.expected(what)) };
        let value = value.clone();
        self.advance();
        Ok(value)
    }

    /// The rest of DATE or TIMESTAMP.
    fn instant(&mut self, at: usize, read: fn(&str) -> Result<temporal::Span, String>) -> Parsed {
        let inside = self.at();
        let text = self.text("a text like '2023-10-21' or '2023-10-21T01:10:00Z'")?;
        let instant = read(&text).map_err(|reason| Fault::new(inside, reason))?;
        self.sign(")", ")")?;
        self.node(at, Kind::Instant(instant))
    }

    /// `instantParameter`
    fn end_of_interval(&mut self) -> Parsed {
        let at = self.at();
        if !matches!(self.peek(), Word::Text { .. }) {
            return self.primary();
        }
        let text = self.text("a text")?;
        if text == ".." {
            return self.node(at, Kind::Open);
        }
        let instant = temporal::either(&text).map_err(|reason| Fault::new(at, reason))?;
        self.node(at, Kind::Instant(instant))
    }
}

/// Only functions of the standard are called, and of these only those that are supported.
pub fn unknown_function(at: usize, name: &str) -> Fault {
    Fault::new(at, format!("there is no function {name}; there are {}", Op::functions()))
}
