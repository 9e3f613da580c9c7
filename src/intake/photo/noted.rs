//! What EXIF says of place, direction and time (CIPA DC-008, Exif 3.0), read leniently: each value that cannot be read
//! becomes a sentence, and the others stand.

use std::io::Cursor;

use exif::{Exif as Fields, In, Reader, Tag, Value};
use image::metadata::Orientation;
use jiff::civil;

use crate::hazard::photo::{Doubt, Exif};
use crate::hazard::position::Position;
use crate::hazard::time;

/// Further from now than this, a camera's clock is doubted.
const OLDEST_S: i64 = 30 * DAY_S;
const AHEAD_S: i64 = DAY_S;
/// The clock and the satellites differ by a zone and at most so much more, where both are right.
const BETWEEN_STAMPS_S: i64 = 180;
/// Zones differ by quarters of an hour, at most by so many from UTC.
const QUARTER_S: i64 = 900;
const WIDEST_ZONE_S: i64 = 14 * 3_600;
const DAY_S: i64 = 86_400;
const YEAR_S: i64 = 365 * DAY_S;

/// What was found.
pub struct Noted {
    /// Nothing where the camera noted nothing of these.
    pub exif: Option<Exif>,
    pub orientation: Orientation,
    pub said: Said,
}

/// What is said of it.
#[derive(Default)]
pub struct Said {
    pub notes: Vec<String>,
    pub doubts: Vec<Doubt>,
}

impl Said {
    fn doubt(&mut self, of: Doubt, note: String) {
        self.notes.push(note);
        if !self.doubts.contains(&of) {
            self.doubts.push(of);
        }
    }
}

/// Reads what a file says; `now` in unix seconds.
pub fn read(file: &[u8], now: i64) -> Noted {
    let mut said = Said::default();
    let mut reader = Reader::new();
    // One bad entry is no reason to drop the position.
    let read = reader.continue_on_error(true).read_from_container(&mut Cursor::new(file));
    let fields = match read.or_else(|e| e.distill_partial_result(|_| ())) {
        Ok(fields) => fields,
        Err(exif::Error::NotFound(_)) => return Noted { exif: None, orientation: Orientation::NoTransforms, said },
        Err(error) => {
            said.notes.push(format!("what the camera noted (EXIF) cannot be read: {error}"));
            return Noted { exif: None, orientation: Orientation::NoTransforms, said };
        }
    };
    let position = position(&fields).unwrap_or_else(|note| {
        said.doubt(Doubt::Position, note);
        None
    });
    let direction_deg = direction(&fields).unwrap_or_else(|note| {
        said.notes.push(note);
        None
    });
    let taken_at = taken_at(&fields, now, &mut said);
    let exif = Exif { position, direction_deg, taken_at };
    let exif = (exif != Exif::default()).then_some(exif);
    Noted { exif, orientation: orientation(&fields), said }
}

fn orientation(fields: &Fields) -> Orientation {
    let turned = numbers(fields, Tag::Orientation).and_then(|values| Orientation::from_exif(*values.first()? as u8));
    turned.unwrap_or(Orientation::NoTransforms)
}

fn position(fields: &Fields) -> Result<Option<Position>, String> {
    let lat = degrees(fields, "latitude", Tag::GPSLatitude, Tag::GPSLatitudeRef, ['N', 'S'], 90.0)?;
    let lon = degrees(fields, "longitude", Tag::GPSLongitude, Tag::GPSLongitudeRef, ['E', 'W'], 180.0)?;
    let (lon, lat) = match (lon, lat) {
        (Some(lon), Some(lat)) => (lon, lat),
        (None, None) => return Ok(None),
        _ => return Err("the picture has half a position, and half of one is none".into()),
    };
    if lon == 0.0 && lat == 0.0 {
        return Err(
            "the picture says that it was taken at 0,0, which lies in the sea: the camera had no position".into()
        );
    }
    let datum: Option<String> =
        text(fields, Tag::GPSMapDatum).map(|d| d.chars().filter(char::is_ascii_alphanumeric).collect());
    if let Some(datum) = datum.filter(|d| !d.is_empty() && !d.to_ascii_uppercase().starts_with("WGS84")) {
        return Err(format!("the picture's position is in the datum {datum}, which is not converted"));
    }
    if text(fields, Tag::GPSStatus).is_some_and(|status| status.starts_with('V')) {
        return Err("the picture's position is marked void: the camera had no satellites".into());
    }
    Position::new(lon, lat).map(Some).map_err(|e| format!("the picture's position cannot be read: {e}"))
}

/// Degrees, minutes and seconds as one number; minutes and seconds may be missing, or stand in parts of what is before.
fn degrees(
    fields: &Fields,
    what: &str,
    tag: Tag,
    reference: Tag,
    [positive, negative]: [char; 2],
    most: f64,
) -> Result<Option<f64>, String> {
    let Some(parts) = numbers(fields, tag).filter(|parts| !parts.is_empty()) else { return Ok(None) };
    let value: f64 = parts.iter().take(3).zip([1.0, 60.0, 3_600.0]).map(|(part, of)| part / of).sum();
    if !value.is_finite() {
        return Err(format!("the picture's {what} is no number: the camera had no position"));
    }
    if !(0.0..=most).contains(&value) || parts.iter().skip(1).any(|part| !(0.0..=60.0).contains(part)) {
        return Err(format!("the picture's {what} is {value}°, which is nowhere on Earth"));
    }
    match text(fields, reference).and_then(|side| side.chars().next()).map(|side| side.to_ascii_uppercase()) {
        Some(side) if side == positive => Ok(Some(value)),
        Some(side) if side == negative => Ok(Some(-value)),
        _ => Err(format!("the picture's {what} says neither {positive} nor {negative}, so it could be on either side")),
    }
}

fn direction(fields: &Fields) -> Result<Option<f64>, String> {
    let Some(direction) = numbers(fields, Tag::GPSImgDirection).and_then(|values| values.first().copied()) else {
        return Ok(None);
    };
    match direction {
        0.0..=360.0 => Ok(Some(direction % 360.0)),
        _ if direction.is_nan() => Ok(None),
        _ => Err(format!("the picture's direction is {direction}°, which is none")),
    }
}

/// The satellites' time where there is one and the camera's clock says another; else the clock's, in the zone that is
/// noted, or that follows from the satellites' time.
fn taken_at(fields: &Fields, now: i64, said: &mut Said) -> Option<i64> {
    // Not DateTime: that is when the file was changed last.
    let clock = [Tag::DateTimeOriginal, Tag::DateTimeDigitized].into_iter();
    let clock = clock.filter_map(|tag| civil_time(&text(fields, tag)?)).next();
    let satellites = satellites(fields);
    let taken = match (clock, satellites) {
        (None, at) => at,
        (Some(clock), Some(at)) if differ_by_a_zone(clock, at) => Some(at),
        (Some(clock), Some(at)) => {
            let told = "the camera's clock says";
            said.doubt(
                Doubt::Clock,
                format!("{told} {}, the satellites {}: theirs is taken", shown(clock), time::format(at)),
            );
            Some(at)
        }
        (Some(clock), None) => match zone(fields) {
            Some(offset_s) => Some(clock - offset_s),
            None => {
                said.notes
                    .push(format!("taken at {} by the camera's clock, which does not say in which zone", shown(clock)));
                doubt(clock, now, said);
                None
            }
        },
    };
    if let Some(taken) = taken {
        doubt(taken, now, said);
    }
    // What lies before or after all times cannot be kept as one.
    taken.filter(|at| time::parse_seconds(&at.to_string()).is_ok())
}

fn differ_by_a_zone(clock: i64, at: i64) -> bool {
    let zone = clock - at;
    let beside = zone.rem_euclid(QUARTER_S);
    zone.abs() <= WIDEST_ZONE_S + BETWEEN_STAMPS_S && beside.min(QUARTER_S - beside) <= BETWEEN_STAMPS_S
}

/// Says so where a time is far from now.
fn doubt(at: i64, now: i64, said: &mut Said) {
    let (ago, what) = match now - at {
        ago if ago > OLDEST_S => (ago, "before"),
        ago if ago < -AHEAD_S => (-ago, "after"),
        _ => return,
    };
    let (count, unit) = match ago {
        ..YEAR_S => (ago / DAY_S, "days"),
        _ => (ago / YEAR_S, "years"),
    };
    let about = if count == 1 { unit.trim_end_matches('s') } else { unit };
    said.doubt(
        Doubt::Clock,
        format!("by its clock the picture was taken {count} {about} {what} now: if it was not, say when"),
    );
}

/// The satellites' time, in UTC.
fn satellites(fields: &Fields) -> Option<i64> {
    let date = text(fields, Tag::GPSDateStamp)?;
    let clock = numbers(fields, Tag::GPSTimeStamp).filter(|parts| parts.len() == 3)?;
    let clock: Vec<String> = clock.iter().map(|part| format!("{}", part.floor())).collect();
    civil_time(&format!("{date} {}", clock.join(":")))
}

/// Seconds east of UTC that the camera's clock is noted to be in.
fn zone(fields: &Fields) -> Option<i64> {
    let tags = [Tag::OffsetTimeOriginal, Tag::OffsetTimeDigitized];
    let noted = tags.into_iter().filter_map(|tag| text(fields, tag)).find(|zone| !zone.is_empty())?;
    if noted.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let (sign, rest) = match noted.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    let offset_s = hours.parse::<i64>().ok()? * 3_600 + minutes.parse::<i64>().ok()? * 60;
    (0..=WIDEST_ZONE_S).contains(&offset_s).then_some(sign * offset_s)
}

/// A time like `2023:10:21 09:10:00`, whatever stands between its numbers, as unix seconds of a clock in UTC.
fn civil_time(text: &str) -> Option<i64> {
    let parts: Vec<i16> = text
        .split(|c: char| !c.is_ascii_digit())
        .filter(|part| !part.is_empty())
        .map_while(|p| p.parse().ok())
        .collect();
    let [year, month, day, hour, minute, second, ..] = parts[..] else { return None };
    let small = |n: i16| i8::try_from(n).ok();
    let (month, day, hour) = (small(month)?, small(day)?, small(hour)?);
    let at = civil::DateTime::new(year, month, day, hour, small(minute)?, small(second)?, 0).ok()?;
    Some(at.in_tz("UTC").ok()?.timestamp().as_second())
}

/// As a clock shows it.
fn shown(clock: i64) -> String {
    time::format(clock).trim_end_matches('Z').replace('T', " ")
}

/// The numbers of a field, whatever type it was written as; a denominator of 0 makes no number.
fn numbers(fields: &Fields, tag: Tag) -> Option<Vec<f64>> {
    Some(match &fields.get_field(tag, In::PRIMARY)?.value {
        Value::Rational(all) => all.iter().map(|r| f64::from(r.num) / f64::from(r.denom)).collect(),
        Value::SRational(all) => all.iter().map(|r| f64::from(r.num) / f64::from(r.denom)).collect(),
        Value::Byte(all) => all.iter().copied().map(f64::from).collect(),
        Value::Short(all) => all.iter().copied().map(f64::from).collect(),
        Value::Long(all) => all.iter().copied().map(f64::from).collect(),
        Value::SLong(all) => all.iter().copied().map(f64::from).collect(),
        Value::Float(all) => all.iter().copied().map(f64::from).collect(),
        Value::Double(all) => all.clone(),
        _ => return None,
    })
}

/// The text of a field, without what pads it.
fn text(fields: &Fields, tag: Tag) -> Option<String> {
    let bytes = match &fields.get_field(tag, In::PRIMARY)?.value {
        Value::Ascii(parts) => parts.first()?,
        Value::Undefined(bytes, _) | Value::Byte(bytes) => bytes,
        _ => return None,
    };
    let text = String::from_utf8_lossy(bytes);
    Some(text.trim_matches(|c: char| c == '\0' || c.is_whitespace()).to_owned())
}
