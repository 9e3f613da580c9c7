//! Features as GeoJSON text (RFC 7946), written straight into bytes: a page of a thousand of them is then mostly the time it
//! takes to fetch them from memory. It says the same as [`serde::Serialize`] of the same features, which the tests hold it to.

use std::ops::Range;

use serde::Serialize;

use super::super::crs::Crs;
use super::columns::{Record, Value};
use super::feature::{Feature, FeatureCollection, Shape, Time};
use super::lookup::IncidentId;
use super::{Layer, Page};
use crate::error::{Error, Result};

const DAY_S: i64 = 86_400;
/// Of one feature, about; more is made room for when it comes to that.
const FEATURE_BYTES: usize = 384;

/// Which properties are written: one bit for each, in the order of the layer's columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept(u64);

impl Kept {
    pub const ALL: Kept = Kept(u64::MAX);

    /// Those of a layer that are wanted by name; without names, all.
    pub fn of(layer: Layer, names: Option<&[&str]>) -> Kept {
        let Some(names) = names else { return Kept::ALL };
        let bits = (0..).zip(layer.columns()).map(|(n, column)| u64::from(names.contains(&column.name)) << n);
        Kept(bits.sum())
    }

    /// Is the property of this place in the order of columns written?
    pub fn has(self, n: usize) -> bool {
        self.0 >> n & 1 == 1
    }

    /// Is what is no column written, such as what depends on who asks?
    pub fn has_others(self) -> bool {
        self == Kept::ALL
    }
}

/// JSON text, as far as it is written.
#[derive(Debug)]
pub struct Text {
    out: Vec<u8>,
    /// The day that was written last, in days since 1970, and how: times of a page lie on few days.
    day: i64,
    date: [u8; 11],
}

impl Text {
    fn new(bytes: usize) -> Text {
        Text { out: Vec::with_capacity(bytes), day: i64::MIN, date: [0; 11] }
    }

    /// As it stands, without escapes.
    pub fn raw(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    fn value(&mut self, value: &impl Serialize) -> Result<()> {
        serde_json::to_writer(&mut self.out, value)
            .map_err(|e| Error::Store(format!("an answer cannot be written: {e}")))
    }

    pub fn text(&mut self, text: &str) -> Result<()> {
        let is_escaped = |b: u8| b < 0x20 || b == b'"' || b == b'\\';
        if text.bytes().fold(false, |any, b| any | is_escaped(b)) {
            return self.value(&text);
        }
        self.out.push(b'"');
        self.raw(text);
        self.out.push(b'"');
        Ok(())
    }

    pub fn incident_id(&mut self, id: IncidentId) -> Result<()> {
        self.raw("\"i");
        self.value(&id.0)?;
        self.out.push(b'"');
        Ok(())
    }

    pub fn cell(&mut self, value: &Value) -> Result<()> {
        match value {
            Value::Missing => self.raw("null"),
            Value::Text(text) => self.text(text)?,
            Value::Integer(n) => self.value(n)?,
            Value::Real(v) => self.value(v)?,
            Value::Boolean(flag) => self.raw(if *flag { "true" } else { "false" }),
            Value::DateTime(at) => self.time(*at)?,
        }
        Ok(())
    }

    /// RFC 3339 in UTC.
    fn time(&mut self, at: Time) -> Result<()> {
        let (day, second) = (at.0.div_euclid(DAY_S), at.0.rem_euclid(DAY_S));
        if day != self.day {
            let midnight = Time(day * DAY_S).to_string();
            // Years of other than four digits, as none that came in has.
            let Some(date) =
                midnight.as_bytes().first_chunk().filter(|_| midnight.len() == 20 && midnight.ends_with("T00:00:00Z"))
            else {
                return self.value(&at);
            };
            (self.day, self.date) = (day, *date);
        }
        let two = |n: i64| [b'0' + (n / 10) as u8, b'0' + (n % 10) as u8];
        let ([h, hh], [m, mm], [s, ss]) = (two(second / 3_600), two(second / 60 % 60), two(second % 60));
        self.out.push(b'"');
        self.out.extend_from_slice(&self.date);
        self.out.extend_from_slice(&[h, hh, b':', m, mm, b':', s, ss, b'Z', b'"']);
        Ok(())
    }

    /// Degrees of units of 1e-7 of them: as many digits as they need.
    fn degrees(&mut self, e7: i32) -> Result<()> {
        if e7 < 0 {
            self.out.push(b'-');
        }
        let (whole, mut part) = (e7.unsigned_abs() / 10_000_000, e7.unsigned_abs() % 10_000_000);
        self.value(&whole)?;
        let mut digits = *b".0000000";
        let mut last = 1;
        for place in (1..digits.len()).rev() {
            digits[place] += (part % 10) as u8;
            last = if last == 1 && part % 10 > 0 { place } else { last };
            part /= 10;
        }
        self.out.extend_from_slice(&digits[..=last]);
        Ok(())
    }

    fn shape(&mut self, shape: Option<&Shape>) -> Result<()> {
        let at = match shape {
            Some(Shape::Point(at)) => at,
            Some(Shape::In(Crs::Crs84, shape)) => return self.shape(Some(shape)),
            shape => return self.value(&shape),
        };
        self.raw(r#"{"type":"Point","coordinates":["#);
        self.degrees(at.lon_e7())?;
        self.out.push(b',');
        self.degrees(at.lat_e7())?;
        self.raw("]}");
        Ok(())
    }

    fn feature<P: Record>(&mut self, feature: &Feature<P>, kept: Kept) -> Result<()> {
        self.raw(r#"{"type":"Feature","id":"#);
        self.text(&feature.id)?;
        self.raw(r#","geometry":"#);
        self.shape(feature.geometry.as_ref())?;
        self.raw(r#","properties":{"#);
        feature.properties.write(kept, self)?;
        self.end(b'}');
        if !feature.links.is_empty() {
            self.raw(r#","links":"#);
            self.value(&feature.links)?;
        }
        self.out.push(b'}');
        Ok(())
    }

    /// Of a collection: what stands before the features, if the first is among `some`, these, and what stands behind them, if
    /// the last is.
    fn part<P: Record>(&mut self, of: &FeatureCollection<P>, kept: Kept, some: Range<usize>) -> Result<()> {
        self.out.reserve(some.len() * FEATURE_BYTES);
        if some.start == 0 {
            self.raw(r#"{"type":"FeatureCollection","#);
            let start = self.out.len();
            self.value(&of.head)?;
            // The head's own braces fall to the collection.
            self.out.remove(start);
            self.out.pop();
            self.raw(r#","features":["#);
        }
        for feature in &of.features[some.clone()] {
            self.feature(feature, kept)?;
            self.out.push(b',');
        }
        if some.end == of.features.len() {
            self.end(b']');
            self.out.push(b'}');
        }
        Ok(())
    }

    /// Ends a list whose members each have a comma after them.
    fn end(&mut self, with: u8) {
        match self.out.last_mut() {
            Some(comma) if *comma == b',' => *comma = with,
            _ => self.out.push(with),
        }
    }
}

impl<P: Record> Feature<P> {
    /// As GeoJSON.
    ///
    /// # Errors
    /// `Store` for a value that JSON cannot hold.
    pub fn text(&self) -> Result<Vec<u8>> {
        let mut text = Text::new(4 * FEATURE_BYTES);
        text.feature(self, Kept::ALL)?;
        Ok(text.out)
    }
}

impl Page {
    /// The collection as GeoJSON, its features with these properties.
    ///
    /// # Errors
    /// `Store` for a value that JSON cannot hold.
    pub fn text(&self, kept: Kept) -> Result<Vec<u8>> {
        self.part(kept, 0..self.head().number_returned)
    }

    fn part(&self, kept: Kept, some: Range<usize>) -> Result<Vec<u8>> {
        let mut text = Text::new(1_024);
        match self {
            Page::Reports(c) => text.part(c, kept, some),
            Page::Incidents(c) => text.part(c, kept, some),
            Page::Hotspots(c) => text.part(c, kept, some),
            Page::Storms(c) => text.part(c, kept, some),
            Page::Places(c) => text.part(c, kept, some),
            Page::Streets(c) => text.part(c, kept, some),
            Page::Works(c) => text.part(c, kept, some),
            Page::Areas(c) => text.part(c, kept, some),
            Page::Coverage(c) => text.part(c, kept, some),
            Page::Closures(c) => text.part(c, kept, some),
        }?;
        Ok(text.out)
    }

    /// As [`Page::text`], in parts, each written when it is asked for: of a large page the text is never there as a whole.
    pub fn parts(self, kept: Kept) -> Parts {
        Parts { page: self, kept, next: Some(0) }
    }
}

/// Features in a part of a page.
const PART: usize = 1_000;

/// A page as text, part after part.
#[derive(Debug)]
pub struct Parts {
    page: Page,
    kept: Kept,
    /// The first feature of the next part; none when all is written.
    next: Option<usize>,
}

impl Iterator for Parts {
    type Item = Result<Vec<u8>>;

    fn next(&mut self) -> Option<Result<Vec<u8>>> {
        let (start, all) = (self.next.take()?, self.page.head().number_returned);
        let end = all.min(start + PART);
        let part = self.page.part(self.kept, start..end);
        self.next = Some(end).filter(|end| *end < all && part.is_ok());
        Some(part)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value as Json};

    use super::super::feature::Link;
    use super::super::works::WorksProperties;
    use super::super::{Filter, Paging};
    use super::*;
    use crate::hazard::category::Category;
    use crate::hazard::event::{Event, Report};
    use crate::hazard::map::HazardMap;
    use crate::hazard::position::Position;
    use crate::hazard::settings::Settings;

    fn text(write: impl Fn(&mut Text) -> Result<()>) -> String {
        let mut text = Text::new(0);
        write(&mut text).unwrap();
        String::from_utf8(text.out).unwrap()
    }

    #[test]
    fn degrees_are_the_numbers_that_positions_are() {
        let mut rng = fastrand::Rng::with_seed(9);
        let ends = [0, 1, -1, 9, 10, 100, 1_234_567, 10_000_000, -10_000_000, 1_800_000_000, -1_800_000_000];
        for e7 in ends.into_iter().chain((0..20_000).map(|_| rng.i32(-1_800_000_000..=1_800_000_000))) {
            let written = text(|text| text.degrees(e7));
            assert_eq!(written.parse::<f64>().unwrap(), f64::from(e7) / 1e7, "{written}");
            assert!(written.ends_with(".0") || !written.ends_with('0'), "{written}");
        }
    }

    #[test]
    fn times_and_strings_are_as_serde_writes_them() {
        let mut rng = fastrand::Rng::with_seed(10);
        let mut text = Text::new(0);
        let ends = [0, -1, DAY_S, DAY_S - 1, -62_135_596_800, 253_402_207_200, i64::MAX / 2, i64::MIN / 2];
        for at in ends.into_iter().chain((0..20_000).map(|_| rng.i64(-3 * DAY_S..20_000 * DAY_S))) {
            text.out.clear();
            text.time(Time(at)).unwrap();
            assert_eq!(text.out, serde_json::to_vec(&Time(at)).unwrap(), "{at}");
        }
        for s in ["", "豪苑路", "a\"b", "back\\slash", "line\nbreak", "\u{7f}\u{2028}é", "\0", "plain:1"] {
            text.out.clear();
            text.text(s).unwrap();
            assert_eq!(text.out, serde_json::to_vec(s).unwrap(), "{s:?}");
        }
    }

    #[test]
    fn a_page_of_reports_and_incidents_is_as_serde_writes_it() {
        let waterlogging = Category::named("waterlogging").unwrap();
        let report = |i: i64| Report {
            depth_cm: Some(40).filter(|_| i % 3 == 0),
            channel: Some("chat \"豪苑\"".into()).filter(|_| i % 2 == 0),
            names: vec!["A路".into()],
            ..Report::new(format!("r{i}"), waterlogging, Position::new(110.0, 20.0).unwrap(), i * 200_000)
        };
        let mut events: Vec<Event> = (0..2_300).map(|i| Event::Report(report(i))).collect();
        events.push(Event::Report(Report { dry: true, ..report(2_300) }));
        let map = HazardMap::build(Settings::default(), (1..).zip(&events));
        for (now, limit) in [(None, None), (Some(1), Some(7)), (Some(i64::MAX), Some(2_000))] {
            let paging = Paging { limit, ..Paging::default() };
            let filter = Filter { now, paging, ..Filter::default() };
            for page in [Layer::Reports, Layer::Incidents].map(|layer| layer.page(&map, &filter)) {
                let expected = match &page {
                    Page::Reports(c) => serde_json::to_vec(c),
                    Page::Incidents(c) => serde_json::to_vec(c),
                    _ => unreachable!("neither was asked for"),
                };
                let written = String::from_utf8(page.text(Kept::ALL).unwrap()).unwrap();
                assert_eq!(written, String::from_utf8(expected.unwrap()).unwrap());
                let parts: Vec<Vec<u8>> = page.parts(Kept::ALL).collect::<Result<_>>().unwrap();
                assert_eq!(String::from_utf8(parts.concat()).unwrap(), written);
                // The newest count; those of the first page lie before the time that is counted.
                assert!(limit.is_some() || written.contains("\"hotspot_id\":\"waterlogging:"));
            }
        }
    }

    #[test]
    fn a_feature_is_as_serde_writes_it_whatever_it_lies_on_and_links_to() {
        let at = |lon| Position::new(lon, 20.5).unwrap();
        let properties = WorksProperties {
            name: "Pump \"A\"".into(),
            kind: Some("pump".into()),
            reference: None,
            start: Time(86_400),
            end: None,
        };
        let mut features = vec![
            Feature::new("w1", Some(at(110.25)), properties.clone()),
            Feature::new("w\t2", None, properties.clone()),
            Feature::along("w3", &[at(110.0), at(110.5)], properties),
        ];
        features[0].links.push(Link { href: "/a?b=\"".into(), rel: "self", kind: "x", title: None });
        for crs in [None, Some(Crs::Crs84), Some(Crs::Wgs84), Some(Crs::WebMercator)] {
            for feature in &mut features {
                crs.into_iter().for_each(|crs| feature.write_in(crs));
                let written = text(|text| text.feature(feature, Kept::ALL));
                let mut expected = serde_json::to_value(&*feature).unwrap();
                assert_eq!(serde_json::from_str::<Json>(&written).unwrap(), expected);
                let some = Kept::of(Layer::Works, Some(&["kind", "end"]));
                let written: Json = serde_json::from_str(&text(|text| text.feature(feature, some))).unwrap();
                let all = expected["properties"].as_object_mut().unwrap();
                *all = all
                    .iter()
                    .filter(|(k, _)| *k == "kind" || *k == "end")
                    .map(|(k, v)| (k.clone(), v.clone()))
                    .collect::<Map<_, _>>();
                assert_eq!(written, expected);
            }
        }
    }
}
