//! A service request as it is posted (Open311 GeoReport v2, POST Service Request) becomes the draft of a report. Lenient in
//! how it is written, strict in what it says.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::json::parse;
use super::mapping::Datum;
use super::post::{NewReport, own_key};
use super::{Draft, Key};
use crate::error::{Error, Result, invalid};
use crate::hazard::category::Category;
use crate::hazard::position::Position;
use crate::hazard::time;

/// What such reports have as their channel.
const CHANNEL: &str = "open311";
const MOST_PARAMETERS: usize = 200;
const LONGEST_CONTACT_CHARS: usize = 200;
const MOST_LINKS: usize = 8;
const LONGEST_LINK_CHARS: usize = 2_000;

/// Another way to write the name of a parameter.
const SPELLINGS: [(&str, &str); 5] =
    [("lng", "long"), ("lon", "long"), ("longitude", "long"), ("latitude", "lat"), ("media_urls", "media_url")];
/// Fields of a report by the names that they have in a service request.
const NAMES: [(&str, &str); 8] = [
    ("lon", "long"),
    ("text", "description"),
    ("place", "address_string"),
    ("depth_cm", "attribute[depth_cm]"),
    ("passability", "attribute[passability]"),
    ("dry", "attribute[dry]"),
    ("observed_at", "attribute[observed_at]"),
    ("photos", "media"),
];

/// Parameters of a service request, by name in small letters; an empty one is as good as none.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Form {
    fields: BTreeMap<String, Vec<String>>,
    /// By their codes.
    attributes: BTreeMap<String, Vec<String>>,
}

/// Where a service request says that it is.
#[derive(Clone, Debug, PartialEq)]
pub enum Whereabouts {
    At(Position),
    /// At the place of this id.
    Place(String),
    /// At the place of this name.
    Named(String),
}

/// What a sender says of himself.
#[derive(Serialize)]
struct Sender<'f> {
    #[serde(flatten)]
    said: BTreeMap<&'static str, &'f str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    media_urls: &'f [String],
}

/// Names and values of an urlencoded text, decoded.
///
/// # Errors
/// `Invalid` for what is no UTF-8.
pub fn pairs(text: &[u8]) -> Result<Vec<(String, String)>> {
    let pairs: Vec<(String, String)> = form_urlencoded::parse(text).into_owned().collect();
    // What cannot be decoded has become this character; nobody who writes it has sent it as anything else.
    let replaced = |(name, value): &&(String, String)| name.contains('\u{fffd}') || value.contains('\u{fffd}');
    let sent = String::from_utf8_lossy(text).to_ascii_uppercase().contains("%EF%BF%BD");
    if let Some((name, _)) = pairs.iter().find(replaced).filter(|_| !sent) {
        return Err(invalid(name, "", "not UTF-8"));
    }
    Ok(pairs)
}

/// Names and values of a JSON object, as a form has them: `{"attribute": {"depth_cm": 30}}` is `attribute[depth_cm]=30`.
///
/// # Errors
/// `Invalid` for what is no JSON object, or nests deeper.
pub fn json_pairs(body: &[u8]) -> Result<Vec<(String, String)>> {
    let Value::Object(fields) = parse(body)? else { return Err(invalid("body", "", "not a JSON object")) };
    let mut pairs = Vec::new();
    for (name, value) in fields {
        match value {
            Value::Object(inner) => {
                for (code, value) in inner {
                    plain(&format!("{name}[{code}]"), value, &mut pairs)?;
                }
            }
            value => plain(&name, value, &mut pairs)?,
        }
    }
    Ok(pairs)
}

fn plain(name: &str, value: Value, pairs: &mut Vec<(String, String)>) -> Result<()> {
    let text = match value {
        Value::Null => return Ok(()),
        Value::String(text) => text,
        Value::Number(_) | Value::Bool(_) => value.to_string(),
        Value::Array(values) => {
            return values.into_iter().try_for_each(|value| match value {
                Value::Array(_) => Err(invalid(name, "", "a list within a list")),
                value => plain(name, value, pairs),
            });
        }
        Value::Object(_) => return Err(invalid(name, "", "an object where a value was expected")),
    };
    pairs.push((name.to_owned(), text));
    Ok(())
}

impl Form {
    /// Of names and values as they came.
    ///
    /// # Errors
    /// `Invalid` for too many of them.
    pub fn new(pairs: Vec<(String, String)>) -> Result<Form> {
        Form::default().with(pairs)
    }

    /// The same with further parameters.
    ///
    /// # Errors
    /// As [`Form::new`].
    pub fn with(&self, pairs: Vec<(String, String)>) -> Result<Form> {
        if pairs.len() > MOST_PARAMETERS {
            return Err(invalid("parameters", pairs.len(), format!("at most {MOST_PARAMETERS} are taken")));
        }
        let mut form = self.clone();
        for (name, value) in pairs {
            let (name, value) = (name.trim().to_ascii_lowercase(), value.trim());
            if value.is_empty() {
                continue;
            }
            let name = name.strip_suffix("[]").unwrap_or(&name);
            let code = name.strip_prefix("attribute[").and_then(|rest| rest.strip_suffix(']'));
            let (of, name) = match code {
                Some(code) => (&mut form.attributes, code),
                None => (&mut form.fields, SPELLINGS.iter().find(|(other, _)| *other == name).map_or(name, |s| s.1)),
            };
            let values = of.entry(name.to_owned()).or_default();
            if !values.iter().any(|known| known == value) {
                values.push(value.to_owned());
            }
        }
        Ok(form)
    }

    /// Every value of a parameter; those with commas between are several.
    pub fn list(&self, name: &str) -> Vec<&str> {
        let values = self.fields.get(name).into_iter().flatten();
        values.flat_map(|value| value.split(',')).map(str::trim).filter(|value| !value.is_empty()).collect()
    }

    /// The one value of a parameter.
    ///
    /// # Errors
    /// `Invalid` where it is given twice and not the same.
    pub fn one(&self, name: &str) -> Result<Option<&str>> {
        only(name, self.fields.get(name))
    }

    fn attribute(&self, code: &str) -> Result<Option<&str>> {
        only(&format!("attribute[{code}]"), self.attributes.get(code))
    }

    /// A number.
    fn number(&self, name: &str) -> Result<Option<f64>> {
        self.one(name)?.map(|text| number(name, text)).transpose()
    }

    /// True or false, in one of the ways that forms have; false where it is not given.
    ///
    /// # Errors
    /// `Invalid` for any other word.
    pub fn flag(&self, name: &str) -> Result<bool> {
        Ok(self.one(name)?.map(|text| flag(name, text)).transpose()?.unwrap_or(false))
    }

    /// Its category, by the service code.
    ///
    /// # Errors
    /// `Invalid` without one; `NotFound` for one that is unknown.
    pub fn category(&self) -> Result<Category> {
        let code = self.one("service_code")?.ok_or_else(|| invalid("service_code", "", "was not provided"))?;
        service(code)
    }

    /// Where it says that it is: its position, else its place by id, else by name.
    ///
    /// # Errors
    /// `Invalid` where it does not say, or half of a position.
    pub fn whereabouts(&self) -> Result<Whereabouts> {
        match (self.number("long")?, self.number("lat")?) {
            (Some(lon), Some(lat)) => {
                let at = self.datum()?.of_report(lon, lat).map_err(renamed)?;
                return Ok(Whereabouts::At(at.0));
            }
            (None, None) => {}
            (given, _) => {
                let missing = if given.is_none() { "long" } else { "lat" };
                return Err(invalid(missing, "", "was not provided: lat and long are sent together"));
            }
        }
        let place = |name: &str| self.one(name).map(|text| text.map(str::to_owned));
        match (place("address_id")?, place("address_string")?) {
            (Some(id), _) => Ok(Whereabouts::Place(id)),
            (None, Some(name)) => Ok(Whereabouts::Named(name)),
            (None, None) => {
                let needed = "address information not provided: send lat and long, or address_string, or address_id";
                Err(invalid("lat", "", needed))
            }
        }
    }

    /// What `lat` and `long` refer to: WGS 84 as the specification has it, unless a sender says that it is another.
    fn datum(&self) -> Result<Datum> {
        let Some(name) = self.one("datum")? else { return Ok(Datum::Wgs84) };
        Datum::named(name)
    }

    /// The draft of the report at a position, with photos by their ids; `now` in unix seconds.
    ///
    /// # Errors
    /// `Invalid` with the first parameter that is wrong, by the name that it has here; `Store` without random numbers.
    pub fn draft(&self, at: Position, photos: &[String], idempotency_key: Option<&str>, now: i64) -> Result<Draft> {
        let report = self.report(at, photos, now).map_err(renamed)?;
        let mut draft = report.draft(None, now)?;
        draft.private.sender = self.sender()?;
        draft.key = idempotency_key.map(|key| self.key(key, photos)).transpose()?;
        Ok(draft)
    }

    fn report(&self, at: Position, photos: &[String], now: i64) -> Result<NewReport> {
        let category = self.category()?;
        let mut body = Map::new();
        let mut put = |name: &str, value: Value| drop(body.insert(name.to_owned(), value));
        put("category", category.name().into());
        match (self.number("long")?, self.number("lat")?) {
            // As they were given: they are converted once, with the report.
            (Some(lon), Some(lat)) => {
                put("lon", lon.into());
                put("lat", lat.into());
                put("datum", self.datum()?.name().into());
            }
            _ => {
                put("lon", at.lon().into());
                put("lat", at.lat().into());
            }
        }
        put("source", json!({"channel": CHANNEL}));
        put("photos", photos.into());
        put("text", self.one("description")?.into());
        put("place", self.one("address_string")?.into());
        put("observed_at", self.attribute("observed_at")?.map_or_else(|| time::format(now), time_meant).into());
        if !category.is_alone() {
            let depth_cm = self.attribute("depth_cm")?.map(|text| number("depth_cm", text)).transpose()?;
            put("depth_cm", depth_cm.into());
            put("passability", self.attribute("passability")?.map(str::to_ascii_lowercase).into());
            put("dry", self.attribute("dry")?.map(|text| flag("dry", text)).transpose()?.into());
        }
        NewReport::read(&Value::Object(body), now)
    }

    /// What the sender says of himself, as JSON.
    fn sender(&self) -> Result<Option<String>> {
        let mut said = BTreeMap::new();
        for name in ["email", "phone", "first_name", "last_name", "account_id", "device_id"] {
            let Some(value) = self.one(name)? else { continue };
            let chars = value.chars().count();
            if chars > LONGEST_CONTACT_CHARS {
                return Err(invalid(
                    name,
                    "",
                    format!("{chars} characters; at most {LONGEST_CONTACT_CHARS} are taken"),
                ));
            }
            said.insert(name, value);
        }
        let media_urls = self.fields.get("media_url").map(Vec::as_slice).unwrap_or_default();
        media_urls.iter().try_for_each(|url| is_link(url))?;
        if media_urls.len() > MOST_LINKS {
            let reason = format!("{} links; at most {MOST_LINKS} are taken", media_urls.len());
            return Err(invalid("media_url", media_urls.len(), reason));
        }
        if said.is_empty() && media_urls.is_empty() {
            return Ok(None);
        }
        let sender = serde_json::to_string(&Sender { said, media_urls });
        sender.map(Some).map_err(|e| Error::Store(format!("a sender cannot be written: {e}")))
    }

    /// What was sent, for whoever asks later; without the key, which opens doors.
    ///
    /// # Errors
    /// `Store` when it cannot be written.
    pub fn as_sent(&self) -> Result<serde_json::Value> {
        serde_json::to_value(self.without_key()).map_err(|e| Error::Store(format!("a request cannot be written: {e}")))
    }

    fn without_key(&self) -> Form {
        let mut form = self.clone();
        form.fields.remove("api_key");
        form
    }

    /// A retry says the same again, at another time.
    fn key(&self, key: &str, photos: &[String]) -> Result<Key> {
        let content = serde_json::to_string(&(self.without_key(), photos));
        let content = content.map_err(|e| Error::Store(format!("a request cannot be written: {e}")))?;
        Ok(Key { name: own_key("key", key)?, content })
    }
}

/// The category of a service code.
///
/// # Errors
/// `NotFound`.
pub fn service(code: &str) -> Result<Category> {
    let known = Category::all().find(|category| category.info().open311 == code);
    known.ok_or_else(|| Error::NotFound { what: "service_code", id: code.to_owned() })
}

/// A time as it was meant: in a form a `+` that was not encoded comes as a blank.
pub fn time_meant(text: &str) -> String {
    match text.rsplit_once(' ') {
        Some((time, offset)) if time.contains('T') => format!("{time}+{offset}"),
        _ => text.to_owned(),
    }
}

fn only<'f>(name: &str, values: Option<&'f Vec<String>>) -> Result<Option<&'f str>> {
    match values.map(Vec::as_slice) {
        None | Some([]) => Ok(None),
        Some([one]) => Ok(Some(one)),
        Some([_, other, ..]) => Err(invalid(name, other, "given twice, and not the same")),
    }
}

fn number(name: &str, text: &str) -> Result<f64> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite());
    number.ok_or_else(|| invalid(name, text, "not a number"))
}

fn flag(name: &str, text: &str) -> Result<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Ok(true),
        "false" | "no" | "off" | "0" => Ok(false),
        _ => Err(invalid(name, text, "neither true nor false")),
    }
}

/// It is kept as a text and shown as a link to whoever may see it; nothing ever asks for it.
fn is_link(url: &str) -> Result<()> {
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !"<>\"'`".contains(c);
    let small = url.to_ascii_lowercase();
    match url.chars().count() {
        n if n > LONGEST_LINK_CHARS => {
            Err(invalid("media_url", "", format!("{n} characters; at most {LONGEST_LINK_CHARS} are taken")))
        }
        _ if (small.starts_with("http://") || small.starts_with("https://")) && url.chars().all(plain) => Ok(()),
        _ => Err(invalid("media_url", url, "not an address that begins with http:// or https://")),
    }
}

/// The error by the name that the field has in a service request.
fn renamed(error: Error) -> Error {
    match error {
        Error::Invalid { field, value, reason } => {
            let name =
                NAMES.iter().find(|(own, _)| *own == field).map_or(field.clone(), |(_, name)| (*name).to_owned());
            Error::Invalid { field: name, value, reason }
        }
        other => other,
    }
}

#[cfg(test)]
#[path = "open311_tests.rs"]
mod tests;
