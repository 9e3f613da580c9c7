//! Closures as warning systems take them: Common Alerting Protocol 1.2 (OASIS, CAP-v1.2-os). Each observation of who can
//! pass is a message, by the report it rests on, and so is each step that changes what follows from them; so the chain of
//! references is the same after a restart, and nothing that was said is unsaid.

use std::io::{Result, Write};

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, Event};

use super::super::base_url::BaseUrl;
use super::cifs::description;
use crate::export::xml::text;
use crate::hazard::closure::{Kind, Message, Source};
use crate::hazard::layer::{ClosureProperties, Feature, IncidentId, Time, closure_said};
use crate::hazard::map::HazardMap;
use crate::hazard::position::Position;
use crate::hazard::stretch::circle;

const NAMESPACE: &str = "urn:oasis:names:tc:emergency:cap:1.2";
/// So far around the first report nobody should count on passing; metres.
const RADIUS_M: f64 = 50.0;
const SIDES: u32 = 24;
/// Coordinates with as many digits as positions have.
const DIGITS: usize = 7;

/// One message, with the chain that it stands in.
pub struct Alert<'m> {
    pub map: &'m HazardMap,
    /// The index of the incident.
    pub incident: usize,
    pub chain: &'m [Message],
    /// Which message of the chain it is.
    pub number: usize,
    pub base: &'m BaseUrl,
}

/// The languages that a message speaks.
#[derive(Clone, Copy)]
enum Language {
    English,
    Chinese,
}

/// The identifier of a message: of the incident, and of the report, or the step in the log, that it rests on.
pub fn identifier(incident: IncidentId, source: Source) -> String {
    match source {
        Source::Report(report) => format!("waterlog.{incident}.r{report}"),
        Source::Step(seq) => format!("waterlog.{incident}.s{seq}"),
    }
}

/// What an identifier names: an incident, by the position in the log at which it was opened, and a source.
pub fn named(identifier: &str) -> Option<(u64, Source)> {
    let (incident, source) = identifier.strip_prefix("waterlog.i")?.split_once('.')?;
    let report = source.strip_prefix('r').and_then(|n| n.parse().ok()).map(Source::Report);
    let source = report.or_else(|| source.strip_prefix('s').and_then(|seq| seq.parse().ok()).map(Source::Step))?;
    Some((incident.parse().ok()?, source))
}

/// A time as CAP has it: never with Z (3.3.2).
fn stamp(seconds: i64) -> String {
    Time(seconds).to_string().replace('Z', "-00:00")
}

impl Alert<'_> {
    fn message(&self) -> &Message {
        &self.chain[self.number]
    }

    fn id(&self) -> IncidentId {
        IncidentId(self.map.incidents()[self.incident].opened())
    }

    pub fn identifier(&self) -> String {
        identifier(self.id(), self.message().source)
    }

    pub fn sent(&self) -> Time {
        Time(self.message().sent)
    }

    /// What closed, or opened again, in one line.
    pub fn headline(&self) -> String {
        headline(Language::English, self.message().kind, &self.closure().properties)
    }

    fn closure(&self) -> Feature<ClosureProperties> {
        closure_said(self.map, self.incident, self.message())
    }

    /// Who sends it: no space, comma, < or & in it.
    fn sender(&self) -> String {
        self.base.as_str().replace([' ', ',', '<', '&'], "_")
    }

    /// The message as a document.
    pub fn xml(&self) -> Result<Vec<u8>> {
        let mut out = Writer::new_with_indent(Vec::new(), b' ', 2);
        out.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        let message = self.message();
        let sender = self.sender();
        out.create_element("alert").with_attribute(("xmlns", NAMESPACE)).write_inner_content(|out| {
            text(out, "identifier", &self.identifier())?;
            text(out, "sender", &sender)?;
            text(out, "sent", &stamp(message.sent))?;
            text(out, "status", "Actual")?;
            text(out, "msgType", kind(message.kind))?;
            text(out, "scope", "Public")?;
            let earlier = &self.chain[message.alert..self.number];
            if !earlier.is_empty() {
                let refer = |m: &Message| format!("{sender},{},{}", identifier(self.id(), m.source), stamp(m.sent));
                text(out, "references", &earlier.iter().map(refer).collect::<Vec<_>>().join(" "))?;
            }
            text(out, "incidents", &self.id().to_string())?;
            let closure = self.closure();
            let at = self.map.incidents()[self.incident].anchor;
            info(out, Language::English, message, &closure.properties, at)?;
            info(out, Language::Chinese, message, &closure.properties, at)
        })?;
        Ok(out.into_inner())
    }
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Alert => "Alert",
        Kind::Update => "Update",
        Kind::Cancel => "Cancel",
    }
}

/// One language; the elements in the order of the schema (3.2.2).
fn info(
    out: &mut Writer<impl Write>,
    language: Language,
    message: &Message,
    p: &ClosureProperties,
    at: Position,
) -> Result<()> {
    let over = message.kind == Kind::Cancel;
    let one = |en: &'static str, zh: &'static str| match language {
        Language::English => en,
        Language::Chinese => zh,
    };
    out.create_element("info").write_inner_content(|out| {
        text(out, "language", one("en-US", "zh-CN"))?;
        text(out, "category", "Transport")?;
        text(out, "event", one("Road impassable", "道路无法通行"))?;
        text(out, "responseType", if over { "AllClear" } else { "Avoid" })?;
        text(out, "urgency", if over { "Past" } else { "Immediate" })?;
        text(out, "severity", if p.vehicles == "all" { "Severe" } else { "Moderate" })?;
        text(out, "certainty", if p.evidence { "Observed" } else { "Likely" })?;
        text(out, "effective", &stamp(message.sent))?;
        text(out, "onset", &stamp(message.closed.since))?;
        text(out, "expires", &stamp(message.closed.expires_at.max(message.sent)))?;
        text(out, "headline", &headline(language, message.kind, p))?;
        if matches!(language, Language::English) && !over {
            text(out, "description", &description(p))?;
        }
        parameter(out, "passability", p.passability.name())?;
        parameter(out, "reports", &p.reports.to_string())?;
        parameter(out, "reporters", &p.reporters.to_string())?;
        out.create_element("area").write_inner_content(|out| {
            text(out, "areaDesc", p.place.as_deref().unwrap_or(one("Unnamed place", "无名地点")))?;
            // Latitude first, and the ring closed (3.2.4).
            let pair = |p: &Position| format!("{:.DIGITS$},{:.DIGITS$}", p.lat(), p.lon());
            text(out, "polygon", &circle(at, RADIUS_M, SIDES).iter().map(pair).collect::<Vec<_>>().join(" "))
        })?;
        Ok(())
    })?;
    Ok(())
}

fn parameter(out: &mut Writer<impl Write>, name: &str, value: &str) -> Result<()> {
    out.create_element("parameter").write_inner_content(|out| {
        text(out, "valueName", name)?;
        text(out, "value", value)
    })?;
    Ok(())
}

fn headline(language: Language, kind: Kind, p: &ClosureProperties) -> String {
    let info = p.category.info();
    let small = p.vehicles != "all";
    match language {
        Language::English => {
            let place = p.place.as_deref().map(|place| format!(" at {place}")).unwrap_or_default();
            let what = match (kind, small) {
                (Kind::Cancel, _) => "No longer closed",
                (_, false) => "Closed",
                (_, true) => "Closed to small cars",
            };
            format!("{what}{place}: {}", info.en.to_lowercase())
        }
        Language::Chinese => {
            let place = p.place.as_deref().unwrap_or_default();
            let what = match (kind, small) {
                (Kind::Cancel, _) => "恢复通行",
                (_, false) => "无法通行",
                (_, true) => "小车无法通行",
            };
            format!("{place}{}，{what}", info.zh)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_names_what_it_was_made_of() {
        for source in [Source::Report(17), Source::Step(5)] {
            let text = identifier(IncidentId(9), source);
            assert_eq!(named(&text), Some((9, source)), "{text}");
        }
        for other in ["waterlog.i9", "x.i9.r1", "waterlog.i9.q1", "waterlog.9.r1", "waterlog.i-9.s1"] {
            assert_eq!(named(other), None, "{other}");
        }
    }
}
