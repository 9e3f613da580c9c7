//! Times in a message, against the message's own time and zone.

use std::ops::Range;

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use super::finder::starts_with_any;
use super::grammar::{Grammar, Words};
use super::lexicon::{Fact, Hit, Lexicon, Part};
use super::number::{self, starts_with_word};
use crate::error::{Result, invalid};

/// A time may lie so much after its message.
const CLOCKS_DIFFER_S: i64 = 300;

/// When a message was sent, and by which clock its writer lives.
#[derive(Clone, Debug, Default)]
pub struct Sent {
    pub at: Option<Timestamp>,
    pub zone: Option<TimeZone>,
}

impl Sent {
    /// Reads RFC 3339 with an offset and the name of a zone (IANA); without a zone the offset is the writer's.
    ///
    /// # Errors
    /// `Invalid` that says what was expected.
    pub fn new(at: Option<&str>, zone: Option<&str>) -> Result<Sent> {
        let zone = match zone {
            Some(name) => Some(
                TimeZone::get(name)
                    .map_err(|_| invalid("zone", name, "not the name of a time zone like Asia/Shanghai"))?,
            ),
            None => None,
        };
        let Some(text) = at else { return Ok(Sent { at: None, zone }) };
        let refuse =
            || invalid("sent_at", text, "not a time: write RFC 3339 with offset like 2023-10-21T09:10:00+08:00");
        let at: Timestamp = text.trim().parse().map_err(|_| refuse())?;
        let pieces = jiff::fmt::temporal::Pieces::parse(text.trim()).map_err(|_| refuse())?;
        let offset = pieces.to_numeric_offset().map(TimeZone::fixed);
        Ok(Sent { at: Some(at), zone: zone.or(offset).or(Some(TimeZone::UTC)) })
    }
}

/// A time as it was said.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct When {
    pub at: Range<usize>,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Civil {
    year: Option<i16>,
    month: Option<i8>,
    day: Option<i8>,
    days_back: Option<i64>,
    part: Option<Part>,
    hour: Option<i8>,
    minute: Option<i8>,
    /// Written as by a clock of 24 hours: 9时, 09:40.
    of_24: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Now,
    AgoS(i64),
    Civil(Civil),
}

/// Every time of a normalised text.
pub(super) fn times(text: &str, hits: &[Hit], lexicon: &Lexicon) -> Vec<When> {
    let mut found: Vec<When> = Vec::new();
    let mut starts: Vec<usize> = hits
        .iter()
        .filter(|h| matches!(h.fact, Fact::Day(_) | Fact::Part(_) | Fact::Now))
        .map(|h| h.at.start)
        .collect();
    let digits = text.char_indices().filter(|(_, c)| c.is_ascii_digit() || "一二两三四五六七八九十半".contains(*c));
    starts.extend(digits.map(|(i, _)| i));
    starts.extend(Grammar::embedded().clock.spoken.find_in(text).map(|(i, _)| i));
    starts.sort_unstable();
    let mut from = 0;
    for start in starts {
        if start < from
            || start > 0
                && text.as_bytes()[start].is_ascii_digit()
                && text.as_bytes()[start - 1].is_ascii_alphanumeric()
        {
            continue;
        }
        if let Some(when) = when(text, start, hits, lexicon) {
            from = when.at.end;
            found.push(when);
        }
    }
    found
}

fn when(text: &str, start: usize, hits: &[Hit], lexicon: &Lexicon) -> Option<When> {
    if let Some(end) = ago(text, start, lexicon) {
        return Some(When { at: start..end.1, kind: Kind::AgoS(end.0) });
    }
    let first = hits.partition_point(|h| h.at.start < start);
    if let Some(now) = hits[first..].iter().take_while(|h| h.at.start == start).find(|h| h.fact == Fact::Now) {
        return Some(When { at: now.at.clone(), kind: Kind::Now });
    }
    let mut civil = Civil::default();
    let (mut at, mut end) = (start, start);
    while let Some(after) = item(text, at, hits, lexicon, &mut civil) {
        end = after;
        let rest = &text[end..];
        at = end + rest.len() - rest.trim_start_matches([' ', ',']).len();
        let word = lexicon.times.at.iter().find(|w| starts_with_word(&text[at..], w));
        if let Some(word) = word {
            let rest = &text[at + word.len()..];
            at += word.len() + rest.len() - rest.trim_start().len();
        }
    }
    let plain = civil.hour.is_some();
    plain.then_some(When { at: start..end, kind: Kind::Civil(civil) })
}

/// Seconds and the end of `10分钟前`, `half an hour ago`.
fn ago(text: &str, start: usize, lexicon: &Lexicon) -> Option<(i64, usize)> {
    let n = number::single(text, start, &lexicon.numbers)?;
    let rest = text[n.end..].trim_start();
    let units = [(&lexicon.times.minute, 60.0), (&lexicon.times.hour, 3_600.0), (&lexicon.times.day, 86_400.0)];
    let (word, seconds) = units.iter().find_map(|(words, s)| starts_with_any(rest, words).map(|w| (w, *s)))?;
    if seconds > 3_600.0 {
        return None;
    }
    let mut rest = rest[word.len()..].trim_start();
    for soft in &Grammar::embedded().clock.soft {
        rest = rest.strip_prefix(soft.as_str()).unwrap_or(rest);
    }
    let ago = starts_with_any(rest, &lexicon.times.ago)?;
    Some(((n.middle() * seconds) as i64, text.len() - rest.len() + ago.len()))
}

/// One more word of a time; returns its end.
fn item(text: &str, at: usize, hits: &[Hit], lexicon: &Lexicon, civil: &mut Civil) -> Option<usize> {
    let first = hits.partition_point(|h| h.at.start < at);
    for hit in hits[first..].iter().take_while(|h| h.at.start == at) {
        match hit.fact {
            Fact::Day(i) if civil.days_back.is_none() => {
                let day = &lexicon.days[usize::from(i)];
                civil.days_back = Some(day.days);
                civil.part = civil.part.or(day.part);
                return Some(hit.at.end);
            }
            Fact::Part(part) if civil.part.is_none() => {
                civil.part = Some(part);
                return Some(hit.at.end);
            }
            _ => {}
        }
    }
    let n = number::single(text, at, &lexicon.numbers).filter(|n| n.low == n.high && n.low.fract() == 0.0)?;
    let (value, rest) = (n.low as i64, &text[n.end..]);
    let small = i8::try_from(value).ok();
    if rest.starts_with('年') && civil.year.is_none() && (1_900..2_200).contains(&value) {
        civil.year = i16::try_from(value).ok();
        return Some(n.end + '年'.len_utf8());
    }
    if rest.starts_with('月') && civil.month.is_none() && (1..=12).contains(&value) {
        civil.month = small;
        return Some(n.end + '月'.len_utf8());
    }
    if rest.starts_with(['日', '号']) && civil.day.is_none() && (1..=31).contains(&value) {
        civil.day = small;
        return Some(n.end + '日'.len_utf8());
    }
    hour(text, n.end, small?, lexicon, civil)
}

/// 9时40分, 9点半, 9:40, 9 pm.
fn hour(text: &str, end: usize, hour: i8, lexicon: &Lexicon, civil: &mut Civil) -> Option<usize> {
    if civil.hour.is_some() || !(0..=24).contains(&hour) {
        return None;
    }
    let (rest, words) = (&text[end..], &Grammar::embedded().clock);
    let is_word = |word: char, others: &Words| rest.starts_with(word) && !others.begins(rest);
    let (mut after, minute_word) = if is_word('时', &words.no_hour) || is_word('点', &words.no_clock) {
        (end + 3, true)
    } else if rest.starts_with(':') && rest[1..].bytes().take_while(u8::is_ascii_digit).count() == 2 {
        let minute: i8 = rest[1..3].parse().ok()?;
        (civil.hour, civil.minute, civil.of_24) = (Some(hour), Some(minute), true);
        return (minute < 60).then_some(end + 3);
    } else if civil.days_back.is_some() || civil.part.is_some() || english_part(rest) {
        // "this morning at 8", "8am": a number that no unit follows.
        let plain = rest.is_empty() || rest.starts_with([' ', ',', '.', '!']) || english_part(rest);
        if !plain || !text[..end].is_ascii() && !english_part(rest) {
            return None;
        }
        civil.hour = Some(hour);
        return Some(end);
    } else {
        return None;
    };
    civil.hour = Some(hour);
    civil.of_24 = rest.starts_with('时');
    let rest = &text[after..];
    if let Some(more) = rest.strip_prefix('半') {
        civil.minute = Some(30);
        after = text.len() - more.len();
    } else if let Some((minute, more)) =
        words.quarter.iter().zip([15, 45]).find_map(|(w, m)| rest.strip_prefix(w.as_str()).map(|r| (m, r)))
    {
        civil.minute = Some(minute);
        after = text.len() - more.len();
    } else if minute_word
        && let Some(n) = number::single(text, after, &lexicon.numbers).filter(|n| n.low == n.high && n.low < 60.0)
    {
        let more = &text[n.end..];
        // "9点30分", "9点30", "7点50大同路"; but not "9点30厘米" or "9点3个".
        let minutes = n.end - after == 2 && text[after..n.end].is_ascii();
        let measured = lexicon.units.iter().any(|(unit, _)| more.starts_with(unit.as_str()));
        let plain = !more.starts_with(char::is_alphanumeric)
            || minutes && !measured && !more.starts_with(|c: char| c.is_ascii() || words.no_minute.has(c));
        if more.starts_with('分') || plain {
            civil.minute = Some(n.low as i8);
            after = n.end + if more.starts_with('分') { 3 } else { 0 };
        }
    }
    for word in &words.about {
        if text[after..].starts_with(word.as_str()) {
            after += word.len();
        }
    }
    Some(after)
}

fn english_part(rest: &str) -> bool {
    let rest = rest.trim_start();
    Grammar::embedded().clock.half_of_day.iter().any(|w| starts_with_word(rest, w))
}

impl When {
    pub fn is_now(&self) -> bool {
        self.kind == Kind::Now
    }

    /// RFC 3339 with the writer's offset, and how sure; `None` where the message does not say enough.
    pub fn resolve(&self, sent: &Sent) -> Option<(String, f64)> {
        let zone = sent.zone.as_ref()?;
        let (at, confidence) = match self.kind {
            Kind::Now => (sent.at?, 0.8),
            Kind::AgoS(s) => (Timestamp::from_second(sent.at?.as_second() - s).ok()?, 0.8),
            Kind::Civil(civil) => civil.resolve(sent.at, zone)?,
        };
        let offset = zone.to_offset(at).seconds();
        let sign = if offset < 0 { '-' } else { '+' };
        let (hours, minutes) = (offset.abs() / 3_600, offset.abs() / 60 % 60);
        Some((
            format!("{}{sign}{hours:02}:{minutes:02}", zone.to_datetime(at).strftime("%Y-%m-%dT%H:%M:%S")),
            confidence,
        ))
    }
}

impl Civil {
    fn resolve(&self, sent: Option<Timestamp>, zone: &TimeZone) -> Option<(Timestamp, f64)> {
        let today = sent.map(|now| zone.to_datetime(now).date());
        let date = match (self.day, today) {
            (Some(day), today) => self.date(day, today)?,
            (None, Some(today)) => today.checked_sub(Span::new().try_days(self.days_back.unwrap_or(0)).ok()?).ok()?,
            (None, None) => return None,
        };
        let dated = self.day.is_some() || self.days_back.is_some();
        let hour = self.hour?;
        let at = |date: Date, hour: i8| {
            zone.to_timestamp(date.to_datetime(Time::new(hour, self.minute.unwrap_or(0), 0, 0).ok()?)).ok()
        };
        let hour = match self.part {
            Some(Part::Afternoon | Part::Evening) if hour < 12 => hour + 12,
            Some(Part::Noon) if hour < 4 => hour + 12,
            Some(Part::Morning) if hour == 12 => 0,
            _ => hour,
        };
        let past = |t: &Timestamp| sent.is_none_or(|now| t.as_second() <= now.as_second() + CLOCKS_DIFFER_S);
        let first = at(date, hour).filter(past);
        if dated || self.part.is_some() || self.of_24 || hour > 12 {
            return match first {
                Some(t) => Some((t, 0.9)),
                // "22时" in the morning is last night's.
                None if !dated => Some((at(date.yesterday().ok()?, hour).filter(past)?, 0.7)),
                None => None,
            };
        }
        // "8点" by nobody knows which half of the day: the one that has been, if only one has.
        let second = if hour < 12 { at(date, hour + 12).filter(past) } else { None };
        match (first, second) {
            (Some(t), None) | (None, Some(t)) => Some((t, 0.8)),
            _ => None,
        }
    }

    fn date(&self, day: i8, today: Option<Date>) -> Option<Date> {
        let month = self.month.or_else(|| today.map(Date::month))?;
        let year = self.year.or_else(|| today.map(Date::year))?;
        let date = Date::new(year, month, day).ok();
        match today {
            // The 30th, said on the 2nd, was last month's; December's, said in January, last year's.
            Some(today) if self.month.is_none() && date.is_none_or(|d| d > today) => {
                let before = today.first_of_month().yesterday().ok()?;
                Date::new(before.year(), before.month(), day).ok()
            }
            Some(today) if self.year.is_none() && date.is_some_and(|d| d > today) => {
                Date::new(year - 1, month, day).ok()
            }
            _ => date,
        }
    }
}
