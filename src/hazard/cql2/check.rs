//! Types: each operator gets what it is for, and each name is a property of the layer. Whatever passes can be evaluated.

use super::Fault;
use super::condition::{Index, Test};
use super::fold::fold;
use super::like::Pattern;
use super::operand::{Flag, Moment, Number, Operand, Period, Shape, Text};
use super::property::{self, Property};
use super::spatial::Relation;
use super::temporal::{Allen, Span};
use super::tree::{Comparison, Kind, Node, Op};

type Checked<T> = Result<T, Fault>;

/// Compiles a filter.
pub fn test(tree: Node, properties: &[Property]) -> Checked<Test> {
    Checker { properties }.test(tree)
}

struct Checker<'p> {
    properties: &'p [Property],
}

impl Checker<'_> {
    /// What is true or false.
    fn test(&self, node: Node) -> Checked<Test> {
        let at = node.at;
        match self.operand(node)? {
            Operand::Test(test) => Ok(*test),
            Operand::Flag(Flag::Is(flag)) => Ok(Test::Known(Some(flag))),
            Operand::Flag(Flag::Of(property)) => {
                let name = self.properties[usize::from(property)].name;
                Err(Fault::new(at, format!("expected a condition: write {name} = TRUE")))
            }
            other => Err(Fault::new(at, format!("expected a condition, such as a comparison; found {}", kind(&other)))),
        }
    }

    /// Anything at all, with its type.
    fn operand(&self, Node { at, kind }: Node) -> Checked<Operand> {
        Ok(match kind {
            Kind::Flag(flag) => Operand::Flag(Flag::Is(flag)),
            Kind::Number(number) => Operand::Number(Number::Is(number)),
            Kind::Text { value, .. } => Operand::Text(Text::Is(value.into())),
            Kind::Instant(span) => Operand::Period(Period::Instant(Moment::Is(span))),
            Kind::Interval(ends) => Operand::Period(self.interval(at, *ends)?),
            Kind::Open => return Err(Fault::new(at, "'..' is the open end of an interval")),
            Kind::Shape(region) => Operand::Shape(Shape::Is(region)),
            Kind::Property(name) => self.property(at, &name)?,
            Kind::Apply(op, operands) => self.apply(at, op, operands)?,
        })
    }

    fn property(&self, at: usize, name: &str) -> Checked<Operand> {
        let found = self.properties.iter().position(|property| property.name == name);
        let found = found.ok_or_else(|| {
            let known: Vec<_> = self.properties.iter().map(|property| property.name).collect();
            Fault::new(at, format!("there is no property {name:?}; there are {}", known.join(", ")))
        })?;
        let index = Index::try_from(found).map_err(|_| Fault::new(at, "too many properties"))?;
        Ok(match self.properties[found].kind {
            property::Kind::Text | property::Kind::Words(_) => Operand::Text(Text::Of(index)),
            property::Kind::Number | property::Kind::Integer => Operand::Number(Number::Of(index)),
            property::Kind::Flag => Operand::Flag(Flag::Of(index)),
            property::Kind::Time => Operand::Period(Period::Instant(Moment::Of(index))),
            property::Kind::Geometry(_) => Operand::Shape(Shape::Own),
        })
    }

    fn apply(&self, at: usize, op: Op, operands: Vec<Node>) -> Checked<Operand> {
        let (least, most) = op.operands();
        if !(least..=most).contains(&operands.len()) {
            let wanted = if least == most { least.to_string() } else { format!("{least} or more") };
            return Err(Fault::new(at, format!("expected {wanted} operands, found {}", operands.len())));
        }
        let mut operands = operands.into_iter();
        // That they are as many was just looked at.
        let mut next = || operands.next().ok_or_else(|| Fault::new(at, "expected another operand"));
        let test = match op {
            Op::CaseI => return Ok(Operand::Text(self.folded(next()?)?)),
            Op::Arithmetic(how) => {
                let of = [self.number(next()?)?, self.number(next()?)?];
                return Ok(Operand::Number(Number::Reckoned(how, Box::new(of))));
            }
            Op::Not => Test::Not(Box::new(self.test(next()?)?)),
            Op::And => Test::All(self.tests(operands)?),
            Op::Or => Test::Any(self.tests(operands)?),
            Op::Compare(is) => self.compared(is, next()?, next()?)?,
            Op::Between => {
                Test::Between(Box::new([self.number(next()?)?, self.number(next()?)?, self.number(next()?)?]))
            }
            Op::In => {
                let value = next()?;
                self.within(value, operands)?
            }
            Op::Like => {
                let text = self.text(next()?)?;
                Test::Like(text, pattern(next()?, false)?)
            }
            Op::IsNull => Test::IsNull(self.operand(next()?)?),
            Op::Spatial(relation) => spatial(relation, self.shape(next()?)?, self.shape(next()?)?),
            Op::Temporal(relation) => {
                Test::Temporal(relation, self.period(relation, next()?)?, self.period(relation, next()?)?)
            }
        };
        Ok(Operand::Test(Box::new(test)))
    }

    /// Parts of AND or OR, those first that take least.
    fn tests(&self, parts: impl Iterator<Item = Node>) -> Checked<Box<[Test]>> {
        let mut tests = parts.map(|part| self.test(part)).collect::<Checked<Vec<Test>>>()?;
        tests.sort_by_key(Test::cost);
        Ok(tests.into())
    }

    fn compared(&self, is: Comparison, a: Node, b: Node) -> Checked<Test> {
        let (a_at, b_at) = (a.at, b.at);
        match (self.operand(a)?, self.operand(b)?) {
            (Operand::Number(a), Operand::Number(b)) => Ok(Test::Numbers(is, a, b)),
            (Operand::Text(a), Operand::Text(b)) => Ok(Test::Texts(is, a, b)),
            (Operand::Flag(a), Operand::Flag(b)) => Ok(Test::Flags(is, a, b)),
            (Operand::Period(Period::Instant(a)), Operand::Period(Period::Instant(b))) => Ok(Test::Times(is, a, b)),
            (Operand::Period(Period::Instant(_)), other @ Operand::Text(_)) => {
                Err(Fault::new(b_at, format!("{}: write TIMESTAMP('…') or DATE('…')", unlike("a time", &other))))
            }
            (a, _) if !is_scalar(&a) => Err(Fault::new(a_at, unlike("a text, number, time, TRUE or FALSE", &a))),
            (a, b) => Err(Fault::new(b_at, unlike(kind(&a), &b))),
        }
    }

    fn within(&self, value: Node, list: impl Iterator<Item = Node>) -> Checked<Test> {
        let at = value.at;
        Ok(match self.operand(value)? {
            Operand::Number(value) => Test::NumberIn(value, list.map(|n| self.number(n)).collect::<Checked<_>>()?),
            Operand::Text(value) => Test::TextIn(value, list.map(|n| self.text(n)).collect::<Checked<_>>()?),
            Operand::Flag(value) => Test::FlagIn(value, list.map(|n| self.flag(n)).collect::<Checked<_>>()?),
            Operand::Period(Period::Instant(value)) => {
                Test::TimeIn(value, list.map(|n| self.moment(n)).collect::<Checked<_>>()?)
            }
            other => return Err(Fault::new(at, unlike("a text, number, time, TRUE or FALSE", &other))),
        })
    }

    fn number(&self, node: Node) -> Checked<Number> {
        let at = node.at;
        match self.operand(node)? {
            Operand::Number(number) => Ok(number),
            other => Err(Fault::new(at, unlike("a number", &other))),
        }
    }

    fn text(&self, node: Node) -> Checked<Text> {
        let at = node.at;
        match self.operand(node)? {
            Operand::Text(text) => Ok(text),
            other => Err(Fault::new(at, unlike("a text", &other))),
        }
    }

    /// The argument of CASEI; a literal is folded at once.
    fn folded(&self, node: Node) -> Checked<Text> {
        Ok(match self.text(node)? {
            Text::Is(text) => Text::Is(fold(&text).into()),
            Text::Of(property) | Text::Folded(property) => Text::Folded(property),
        })
    }

    fn flag(&self, node: Node) -> Checked<Flag> {
        let at = node.at;
        match self.operand(node)? {
            Operand::Flag(flag) => Ok(flag),
            other => Err(Fault::new(at, unlike("TRUE or FALSE", &other))),
        }
    }

    fn moment(&self, node: Node) -> Checked<Moment> {
        let at = node.at;
        match self.operand(node)? {
            Operand::Period(Period::Instant(moment)) => Ok(moment),
            other => Err(Fault::new(at, unlike("a time", &other))),
        }
    }

    fn shape(&self, node: Node) -> Checked<Shape> {
        let at = node.at;
        match self.operand(node)? {
            Operand::Shape(shape) => Ok(shape),
            other => Err(Fault::new(at, unlike("a geometry", &other))),
        }
    }

    fn interval(&self, at: usize, [from, to]: [Node; 2]) -> Checked<Period> {
        let end = |node: Node| match node.kind {
            Kind::Open => Ok(None),
            _ => self.moment(node).map(Some),
        };
        let (from, to) = (end(from)?, end(to)?);
        if let (Some(Moment::Is(from)), Some(Moment::Is(Span { last, .. }))) = (from, to)
            && from.first > last
        {
            return Err(Fault::new(at, "the interval ends before it begins"));
        }
        Ok(Period::Interval(from, to))
    }

    fn period(&self, relation: Allen, node: Node) -> Checked<Period> {
        let at = node.at;
        match self.operand(node)? {
            Operand::Period(Period::Instant(_)) if !relation.takes_instants() => {
                let name = relation.name().to_ascii_uppercase();
                Err(Fault::new(at, format!("{name} is for intervals: write INTERVAL(from, to)")))
            }
            Operand::Period(period) => Ok(period),
            other => Err(Fault::new(at, unlike("a time or an interval", &other))),
        }
    }
}

/// The pattern of LIKE: a literal, with its letters folded or not.
fn pattern(Node { at, kind }: Node, folded: bool) -> Checked<Pattern> {
    match kind {
        Kind::Text { pattern, .. } => Ok(Pattern::new(&pattern, folded)),
        Kind::Apply(Op::CaseI, mut of) if of.len() == 1 => pattern(of.remove(0), true),
        _ => Err(Fault::new(at, "expected a pattern in quotation marks, or CASEI of one")),
    }
}

/// Two literals are compared once and for all.
fn spatial(relation: Relation, a: Shape, b: Shape) -> Test {
    match (&a, &b) {
        (Shape::Is(x), Shape::Is(y)) => Test::Known(Some(relation.of(&x.geometry, &y.geometry))),
        _ => Test::Spatial(relation, a, b),
    }
}

fn is_scalar(operand: &Operand) -> bool {
    match operand {
        Operand::Number(_) | Operand::Text(_) | Operand::Flag(_) | Operand::Period(Period::Instant(_)) => true,
        Operand::Period(Period::Interval(..)) | Operand::Shape(_) | Operand::Test(_) => false,
    }
}

fn kind(operand: &Operand) -> &'static str {
    match operand {
        Operand::Number(_) => "a number",
        Operand::Text(_) => "a text",
        Operand::Flag(_) => "TRUE or FALSE",
        Operand::Period(Period::Instant(_)) => "a time",
        Operand::Period(Period::Interval(..)) => "an interval",
        Operand::Shape(_) => "a geometry",
        Operand::Test(_) => "a condition",
    }
}

fn unlike(wanted: &str, found: &Operand) -> String {
    format!("expected {wanted}, found {}", kind(found))
}
