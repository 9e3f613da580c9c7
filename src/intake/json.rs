//! Reads a JSON object field by field; each error names the field, the value and the reason.

use std::fmt;
use std::ops::RangeInclusive;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::error::{Error, Result, invalid};

/// The fields of an object; `prefix` stands before their names in errors.
pub struct Fields<'v> {
    object: &'v Map<String, Value>,
    prefix: &'static str,
}

/// Reads a body as JSON; a byte-order mark before it is nothing.
///
/// # Errors
/// `Invalid` with line and column, or naming a field that is given twice.
pub fn parse(body: &[u8]) -> Result<Value> {
    let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
    if body.trim_ascii().is_empty() {
        return Err(invalid("body", "", "empty; a JSON object was expected"));
    }
    let mut twice = None;
    let mut reader = serde_json::Deserializer::from_slice(body);
    let read = Once { path: String::new(), twice: &mut twice }.deserialize(&mut reader);
    let read = read.and_then(|value| reader.end().map(|()| value));
    if let Some((field, value)) = twice {
        return Err(invalid(field, shown(&value), "given twice"));
    }
    read.map_err(|e| {
        let line = body.split(|&b| b == b'\n').nth(e.line().saturating_sub(1)).unwrap_or_default();
        let line: String = String::from_utf8_lossy(line).trim_end().chars().take(120).collect();
        invalid("body", line, format!("not JSON: {e}"))
    })
}

/// Reads any value whose objects have each field once: of two, one would be thrown away unseen.
struct Once<'t> {
    /// The names that lead here, each with a dot after it.
    path: String,
    /// The first field that comes twice, with its second value.
    twice: &'t mut Option<(String, Value)>,
}

impl<'de> DeserializeSeed<'de> for Once<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Once<'_> {
    type Value = Value;

    fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(flag.into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element_seed(Once { path: self.path.clone(), twice: &mut *self.twice })? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = fields.next_key::<String>()? {
            let path = format!("{}{name}.", self.path);
            let value = fields.next_value_seed(Once { path, twice: &mut *self.twice })?;
            if object.contains_key(&name) {
                *self.twice = Some((format!("{}{name}", self.path), value));
                return Err(A::Error::custom("a field is given twice"));
            }
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

/// A word that is published, so it is a name and never a sentence; `like` shows how it looks.
///
/// # Errors
/// `Invalid` for anything but small letters, digits and `_-.`.
pub fn short_name(field: &str, text: &str, like: &str) -> Result<()> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-.".contains(c);
    if text.chars().all(plain) {
        return Ok(());
    }
    Err(invalid(field, text, format!("not a short name like {like}: a-z, 0-9, _, - and . only")))
}

/// A string as it is, anything else as JSON.
fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

impl<'v> Fields<'v> {
    /// The fields of `value`, which must be an object with no other than the `known`.
    ///
    /// # Errors
    /// `Invalid` for what is no object, or naming the first unknown field.
    pub fn of(value: &'v Value, name: &str, prefix: &'static str, known: &[&str]) -> Result<Fields<'v>> {
        let object = value.as_object().ok_or_else(|| invalid(name, shown(value), "not a JSON object"))?;
        if let Some((unknown, value)) = object.iter().find(|(field, _)| !known.contains(&field.as_str())) {
            let reason = format!("unknown field; known are {}", known.join(", "));
            return Err(invalid(format!("{prefix}{unknown}"), shown(value), reason));
        }
        Ok(Fields { object, prefix })
    }

    /// A field that is there and not null.
    pub fn get(&self, name: &str) -> Option<&'v Value> {
        self.object.get(name).filter(|value| !value.is_null())
    }

    /// Is a field there, be it null?
    pub fn has(&self, name: &str) -> bool {
        self.object.contains_key(name)
    }

    fn bad(&self, name: &str, value: &Value, reason: impl Into<String>) -> Error {
        invalid(format!("{}{name}", self.prefix), shown(value), reason)
    }

    /// The error of a field that is needed and not there.
    pub fn missing(&self, name: &str) -> Error {
        invalid(format!("{}{name}", self.prefix), "", "missing")
    }

    /// A number.
    pub fn number(&self, name: &str) -> Result<Option<f64>> {
        let wrong = |v: &Value| match v.is_string() {
            true => self.bad(name, v, "not a number but text: write it without quotes"),
            false => self.bad(name, v, "not a number"),
        };
        let read = |v: &Value| v.as_f64().filter(|n| n.is_finite()).ok_or_else(|| wrong(v));
        self.get(name).map(read).transpose()
    }

    /// A number within bounds.
    pub fn within(&self, name: &str, range: RangeInclusive<u16>) -> Result<Option<f64>> {
        let Some(number) = self.number(name)? else { return Ok(None) };
        if (f64::from(*range.start())..=f64::from(*range.end())).contains(&number) {
            return Ok(Some(number));
        }
        let reason = format!("not in [{}, {}]", range.start(), range.end());
        Err(invalid(format!("{}{name}", self.prefix), number, reason))
    }

    /// A whole number within bounds.
    pub fn whole(&self, name: &str, range: RangeInclusive<u16>) -> Result<Option<u16>> {
        let Some(number) = self.within(name, range)? else { return Ok(None) };
        if number.fract() != 0.0 {
            return Err(invalid(format!("{}{name}", self.prefix), number, "not a whole number"));
        }
        Ok(Some(number as u16))
    }

    /// A string of at most so many characters; blank is as good as none.
    pub fn text(&self, name: &str, most_chars: usize) -> Result<Option<String>> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let text = value.as_str().ok_or_else(|| self.bad(name, value, "not a string"))?;
        let chars = text.chars().count();
        if chars > most_chars {
            return Err(self.bad(name, value, format!("{chars} characters; at most {most_chars} are taken")));
        }
        Ok((!text.trim().is_empty()).then(|| text.to_owned()))
    }

    /// A list of strings.
    pub fn texts(&self, name: &str) -> Result<Option<Vec<String>>> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let texts =
            value.as_array().and_then(|list| list.iter().map(|text| text.as_str().map(str::to_owned)).collect());
        texts.map(Some).ok_or_else(|| self.bad(name, value, "not a list of strings"))
    }

    /// True or false.
    pub fn flag(&self, name: &str) -> Result<Option<bool>> {
        let read = |v: &Value| v.as_bool().ok_or_else(|| self.bad(name, v, "not true or false"));
        self.get(name).map(read).transpose()
    }

    /// One of several words.
    pub fn one_of<T: Copy>(&self, name: &str, words: &[(&str, T)]) -> Result<Option<T>> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let found = words.iter().find(|(word, _)| value.as_str() == Some(word)).map(|(_, meaning)| *meaning);
        let known = || words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ");
        found.map(Some).ok_or_else(|| self.bad(name, value, format!("unknown; known are {}", known())))
    }
}
