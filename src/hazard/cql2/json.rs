//! CQL2 JSON (OGC 21-065r2, 8.3): the same tree, from objects with an operator and its arguments, and GeoJSON.

use serde_json::{Map, Value};

use super::shape::{Builder, ToDegrees};
use super::temporal::{self, Span};
use super::text::unknown_function;
use super::tree::{Kind, Node, Op};
use super::{Fault, MOST_DEPTH, MOST_NODES};

/// The tree of a filter, and where each of its parts stands, as JSON pointers (RFC 6901).
///
/// # Errors
/// What is wrong and where: by line and column where it is not JSON, else by a pointer.
pub fn parse(text: &str, to_degrees: ToDegrees) -> Result<(Node, Vec<String>), String> {
    let depth = depth(text.as_bytes());
    if depth > MOST_DEPTH {
        return Err(format!("objects and arrays lie {depth} deep in each other; at most {MOST_DEPTH} are read"));
    }
    let value: Value = serde_json::from_str(text).map_err(|e| format!("not JSON: {e}"))?;
    let mut reader = Reader { paths: Vec::new(), to_degrees };
    let tree = reader.node(&value, String::new());
    let tree = tree.map_err(|Fault { at, reason }| told(&reader.paths[at], &reason))?;
    Ok((tree, reader.paths))
}

/// Says where in the JSON something is wrong.
pub fn told(path: &str, reason: &str) -> String {
    let path = if path.is_empty() { "/" } else { path };
    format!("at {path}: {reason}")
}

/// How deep brackets lie in each other, without those in texts.
fn depth(text: &[u8]) -> usize {
    let (mut depth, mut deepest, mut inside, mut escaped) = (0_usize, 0, false, false);
    for &byte in text {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if inside => escaped = true,
            b'"' => inside = !inside,
            b'{' | b'[' if !inside => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !inside => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

struct Reader<'a> {
    /// Where each part stands; a part's place is its number here.
    paths: Vec<String>,
    to_degrees: ToDegrees<'a>,
}

type Parsed<T = Node> = Result<T, Fault>;

impl Reader<'_> {
    fn node(&mut self, value: &Value, path: String) -> Parsed {
        let at = self.paths.len();
        self.paths.push(path);
        if at >= MOST_NODES {
            return Err(Fault::new(at, format!("more than {MOST_NODES} values, properties and operators")));
        }
        let kind = match value {
            Value::Bool(flag) => Kind::Flag(*flag),
            Value::Number(number) => match number.as_f64().filter(|n| n.is_finite()) {
                Some(number) => Kind::Number(number),
                None => return Err(Fault::new(at, "a number that is too large")),
            },
            Value::String(text) => Kind::Text { value: text.clone(), pattern: text.clone() },
            Value::Object(members) => self.object(at, members)?,
            Value::Null => return Err(Fault::new(at, "null is compared by the operator isNull")),
            Value::Array(_) => return Err(Fault::new(at, "an array stands only in the operator in")),
        };
        Ok(Node { at, kind })
    }

    fn object(&mut self, at: usize, members: &Map<String, Value>) -> Parsed<Kind> {
        let text = |name: &str| members.get(name).and_then(Value::as_str);
        let instant = |text: &str, read: fn(&str) -> Result<Span, String>| {
            read(text).map(Kind::Instant).map_err(|reason| Fault::new(at, reason))
        };
        match () {
            () if members.contains_key("op") => self.apply(at, members),
            () if members.contains_key("type") || members.contains_key("bbox") => self.geometry(at, members),
            () if members.len() != 1 => Err(Fault::new(at, EXPECTED)),
            () if text("property").is_some() => Ok(Kind::Property(text("property").unwrap_or_default().to_owned())),
            () if text("date").is_some() => instant(text("date").unwrap_or_default(), temporal::date),
            () if text("timestamp").is_some() => instant(text("timestamp").unwrap_or_default(), temporal::timestamp),
            () => match members.get("interval").and_then(Value::as_array).map(Vec::as_slice) {
                Some([from, to]) => {
                    let path = self.paths[at].clone();
                    let from = self.end(from, format!("{path}/interval/0"))?;
                    let to = self.end(to, format!("{path}/interval/1"))?;
                    Ok(Kind::Interval(Box::new([from, to])))
                }
                _ => Err(Fault::new(at, EXPECTED)),
            },
        }
    }

    fn apply(&mut self, at: usize, members: &Map<String, Value>) -> Parsed<Kind> {
        let path = self.paths[at].clone();
        let name = members["op"].as_str().ok_or_else(|| Fault::new(at, "op is the name of an operator"))?;
        let op = Op::named(name).ok_or_else(|| unknown_function(at, name))?;
        let args = members.get("args").and_then(Value::as_array);
        let args =
            args.filter(|_| members.len() == 2).ok_or_else(|| Fault::new(at, "expected op and args, an array"))?;
        let mut operands = Vec::with_capacity(args.len());
        for (n, arg) in args.iter().enumerate() {
            let path = format!("{path}/args/{n}");
            match arg {
                // The list of IN.
                Value::Array(list) if op == Op::In && n == 1 && args.len() == 2 => {
                    for (n, one) in list.iter().enumerate() {
                        operands.push(self.node(one, format!("{path}/{n}"))?);
                    }
                }
                _ if op == Op::In && n > 0 => return Err(Fault::new(at, "expected a value and an array of values")),
                _ => operands.push(self.node(arg, path)?),
            }
        }
        Ok(Kind::Apply(op, operands))
    }

    /// An end of an interval: a date or a time as a text, `..`, or a property.
    fn end(&mut self, value: &Value, path: String) -> Parsed {
        let node = self.node(value, path)?;
        let Kind::Text { value, .. } = node.kind else { return Ok(node) };
        let kind = match value.as_str() {
            ".." => Kind::Open,
            text => temporal::either(text).map(Kind::Instant).map_err(|reason| Fault::new(node.at, reason))?,
        };
        Ok(Node { at: node.at, kind })
    }

    fn geometry(&self, at: usize, members: &Map<String, Value>) -> Parsed<Kind> {
        let mut builder = Builder::new(self.to_degrees);
        let shape = match members.get("bbox") {
            Some(bbox) if !members.contains_key("type") => numbers(bbox).and_then(|n| builder.bbox(&n)),
            _ => shape(&builder, members, true),
        };
        let region = shape.and_then(|shape| builder.region(shape));
        region.map(|region| Kind::Shape(Box::new(region))).map_err(|reason| Fault::new(at, reason))
    }
}

const EXPECTED: &str = "expected an object with op and args, or one with property, date, timestamp, interval, bbox or a \
GeoJSON geometry";

/// A GeoJSON geometry (RFC 7946, 3.1); collections do not hold collections.
fn shape(builder: &Builder, members: &Map<String, Value>, outermost: bool) -> Result<geo::Geometry, String> {
    let kind = members["type"].as_str().unwrap_or_default();
    if kind == "GeometryCollection" && outermost {
        let parts = members.get("geometries").and_then(Value::as_array).ok_or("geometries is an array")?;
        let part = |part: &Value| {
            let members = part.as_object().filter(|members| members.contains_key("type"));
            shape(builder, members.ok_or("a geometry is an object with a type")?, false)
        };
        return Ok(geo::Geometry::GeometryCollection(parts.iter().map(part).collect::<Result<_, _>>()?));
    }
    let at = members.get("coordinates").ok_or("a geometry has coordinates")?;
    let coord = |at: &Value| builder.coord(&numbers(at)?);
    let line = |at: &Value| Ok::<_, String>(geo::LineString(each(at, coord)?));
    let polygon = |at: &Value| Builder::polygon(each(at, line)?);
    Ok(match kind {
        "Point" => geo::Point(coord(at)?).into(),
        "LineString" => line(at)?.into(),
        "Polygon" => polygon(at)?.into(),
        "MultiPoint" => geo::MultiPoint(each(at, |one| Ok(geo::Point(coord(one)?)))?).into(),
        "MultiLineString" => geo::MultiLineString(each(at, line)?).into(),
        "MultiPolygon" => geo::MultiPolygon(each(at, polygon)?).into(),
        _ => return Err(format!("{kind:?} is no geometry of GeoJSON that can stand here")),
    })
}

fn each<T>(value: &Value, one: impl Fn(&Value) -> Result<T, String>) -> Result<Vec<T>, String> {
    value.as_array().ok_or("coordinates are arrays in arrays")?.iter().map(one).collect()
}

fn numbers(value: &Value) -> Result<Vec<f64>, String> {
    each(value, |one| one.as_f64().ok_or_else(|| format!("{one} is no number")))
}
