//! A step of the workflow as it is posted: a JSON body becomes a draft, or an error that names field, value and reason.

use std::num::NonZeroU64;

use serde::Serialize;
use utoipa::ToSchema;

use super::json::{Fields, parse, short_name};
use super::post::{LONGEST_SOURCE_CHARS, LONGEST_TEXT_CHARS, own_key, photos};
use super::{Draft, Key, Private};
use crate::error::{Error, Result, invalid};
use crate::hazard::event::Event;
use crate::hazard::time;
use crate::hazard::workflow::{Actor, Field, NoteId, Reason, Role, State, Step, Transition};

/// Nobody is granted more time than this.
const LONGEST_GRANT_S: i64 = 366 * 86_400;
const KNOWN: [&str; 9] =
    ["step", "expected_state", "unit", "until", "reason", "other_incident_id", "report_id", "note", "photos"];

/// A step as it is posted; for the description of the API alone, since [`NewTransition::parse`] reads the text itself.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its description is used")]
#[schema(example = json!({"step": "found", "note": "knee-deep at the kerb, the grating is blocked"}))]
pub struct PostedTransition {
    step: Step,
    /// The state that the incident is in, as whoever takes the step knows it; 409 where it is in another.
    expected_state: Option<State>,
    /// The unit that is sent (default: the one suggested), or that it should go to: a short name of a-z, 0-9, _, - and . only.
    unit: Option<String>,
    /// Time is granted, or asked for, until then: RFC 3339 with offset, at most a year ahead. Of a grant by default what was
    /// asked for.
    until: Option<String>,
    reason: Option<Reason>,
    /// The incident that is merged with it.
    other_incident_id: Option<String>,
    /// Of a split: the report that is taken out.
    report_id: Option<String>,
    /// At most 4,000 characters; not published. A rework needs it: what is lacking.
    note: Option<String>,
    /// Ids of photos that were sent before (`POST /api/v1/photos`), such as of the road when it was dry again; at most 8. Not
    /// published.
    photos: Option<Vec<String>>,
}

/// Whether reporters see the photos of a step; for the description of the API alone.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its description is used")]
#[schema(example = json!({"shown": true}))]
pub struct PostedShowing {
    shown: bool,
}

/// Reads whether reporters are to see the photos of a step.
///
/// # Errors
/// `Invalid` with the first field that is wrong.
pub fn shown(body: &[u8]) -> Result<bool> {
    let body = parse(body)?;
    let fields = Fields::of(&body, "body", "", &["shown"])?;
    fields.flag("shown")?.ok_or_else(|| fields.missing("shown"))
}

/// A valid step, of an incident that nobody has looked for yet. What it serialises to is what a retry has to repeat.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NewTransition {
    pub step: Step,
    pub expected_state: Option<State>,
    unit: Option<String>,
    until: Option<i64>,
    reason: Option<Reason>,
    /// An incident's id.
    pub other: Option<String>,
    pub report: Option<String>,
    note: Option<String>,
    /// Ids, each once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub photos: Vec<String>,
}

/// The incident that a step is taken on, as it is when the step is submitted.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// Its id, as the address has it.
    pub incident: String,
    /// One of its visible reports; of a split, the one that is taken out.
    pub report: String,
    /// A visible report of the other incident of a merge.
    pub other: Option<String>,
    pub state: State,
    /// The last step that the sender says he knows of.
    pub after: Option<u64>,
    /// The unit of a dispatch that names none.
    pub unit: Option<String>,
    /// The time of a grant that names none: as it was asked for.
    pub until: Option<i64>,
}

impl NewTransition {
    /// Reads the body of a POST; `now` in unix seconds.
    ///
    /// # Errors
    /// `Invalid` with the first field that is wrong.
    pub fn parse(body: &[u8], now: i64) -> Result<NewTransition> {
        let body = parse(body)?;
        let fields = Fields::of(&body, "body", "", &KNOWN)?;
        let words = |of: &'static [Step]| of.iter().map(|step| (step.name(), *step)).collect::<Vec<_>>();
        let states: Vec<_> = State::ALL.iter().map(|state| (state.name(), *state)).collect();
        let reasons: Vec<_> = Reason::ALL.iter().map(|reason| (reason.name(), *reason)).collect();
        let step = fields.one_of("step", &words(Step::ALL))?.ok_or_else(|| fields.missing("step"))?;
        let report = fields.text(Field::ReportId.name(), usize::MAX)?;
        match (step, &report) {
            (Step::Split, None) => return Err(fields.missing("report_id")),
            (Step::Split, Some(_)) | (_, None) => {}
            (_, Some(id)) => return Err(invalid("report_id", id, format!("{step} has no use for it"))),
        }
        let note = fields.text(Field::Note.name(), LONGEST_TEXT_CHARS)?;
        // A photo by itself does not say what is lacking.
        if step == Step::Rework && note.is_none() {
            return Err(fields.missing(Field::Note.name()));
        }
        let unit = fields.text(Field::Unit.name(), LONGEST_SOURCE_CHARS)?;
        unit.as_deref().map(|unit| short_name("unit", unit, "drainage or grid_7")).transpose()?;
        Ok(NewTransition {
            step,
            expected_state: fields.one_of("expected_state", &states)?,
            unit,
            until: until(&fields, now)?,
            reason: fields.one_of(Field::Reason.name(), &reasons)?,
            other: fields.text(Field::OtherIncidentId.name(), LONGEST_SOURCE_CHARS)?,
            report,
            note,
            photos: photos(&fields)?,
        })
    }

    /// The draft of its event.
    ///
    /// # Errors
    /// `Invalid` for a key that is empty or too long; `Store` when the machine has no random numbers.
    pub fn draft(self, target: Target, actor: Actor, idempotency_key: Option<&str>, now: i64) -> Result<Draft> {
        let content = serde_json::to_string(&(&target.incident, &actor, &self));
        let content = content.map_err(|e| Error::Store(format!("a step cannot be written: {e}")))?;
        let key = idempotency_key.map(|key| own_key("step", key)).transpose()?.map(|name| Key { name, content });
        let taken = Transition {
            at: now,
            step: self.step,
            report: target.report,
            from: target.state,
            after: target.after,
            actor,
            unit: self.unit.or(target.unit),
            until: self.until.or(target.until),
            reason: self.reason,
            other: target.other,
            note: (self.note.is_some() || !self.photos.is_empty()).then(note_id).transpose()?,
        };
        let private = Private { text: self.note, photos: self.photos, ..Private::default() };
        Ok(Draft { event: Event::Transition(taken), key, private })
    }
}

/// Who somebody says that he is, from the words of headers.
///
/// # Errors
/// `Invalid` that names the header.
pub fn actor(role: &str, unit: Option<&str>, person: Option<&str>) -> Result<Actor> {
    let known = || Role::ALL.iter().map(|role| role.name()).collect::<Vec<_>>().join(", ");
    let role =
        Role::named(role).ok_or_else(|| invalid("Actor-Role", role, format!("unknown; known are {}", known())))?;
    if let Some(unit) = unit {
        short_name("Actor-Unit", unit, "drainage or grid_7")?;
        if !(1..=LONGEST_SOURCE_CHARS).contains(&unit.len()) {
            return Err(invalid("Actor-Unit", unit, format!("1 to {LONGEST_SOURCE_CHARS} characters are taken")));
        }
    }
    let number = |text: &str| {
        text.parse::<NonZeroU64>().map_err(|_| invalid("Actor-Person", text, "not a whole number from 1 up"))
    };
    Ok(Actor { role, unit: unit.map(str::to_owned), person: person.map(number).transpose()? })
}

fn until(fields: &Fields, now: i64) -> Result<Option<i64>> {
    let Some(text) = fields.text(Field::Until.name(), usize::MAX)? else { return Ok(None) };
    let at = time::rfc3339(&text).map_err(|reason| invalid("until", &text, reason))?;
    if !(now + 1..=now + LONGEST_GRANT_S).contains(&at) {
        let reason = format!("not ahead, or more than a year: here it is {}", time::format(now));
        return Err(invalid("until", &text, reason));
    }
    Ok(Some(at))
}

fn note_id() -> Result<NoteId> {
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(|e| Error::Store(format!("no random numbers: {e}")))?;
    Ok(NoteId(NonZeroU64::new(u64::from_le_bytes(random)).unwrap_or(NonZeroU64::MIN)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_700_000_000;

    fn parse(body: &str) -> Result<NewTransition> {
        NewTransition::parse(body.as_bytes(), NOW)
    }

    #[test]
    fn what_is_wrong_with_a_step_is_named() {
        for (body, field, part) in [
            ("{}", "step", "missing"),
            (r#"{"step": "drain"}"#, "step", "known are acknowledge"),
            (r#"{"step": "split"}"#, "report_id", "missing"),
            (r#"{"step": "start", "report_id": "a"}"#, "report_id", "no use"),
            (r#"{"step": "rework"}"#, "note", "missing"),
            (r#"{"step": "rework", "note": " ", "photos": ["1"]}"#, "note", "missing"),
            (r#"{"step": "dispatch", "unit": "the drainage people"}"#, "unit", "a-z"),
            (r#"{"step": "prolong", "until": "2023-11-14T22:13:20Z"}"#, "until", "not ahead"),
            (r#"{"step": "prolong", "until": "2025-11-14T22:13:20Z"}"#, "until", "a year"),
            (r#"{"step": "prolong", "until": "tomorrow"}"#, "until", "RFC 3339"),
            (r#"{"step": "dismiss", "reason": "tired"}"#, "reason", "known are false_alarm"),
            (r#"{"step": "start", "expected_state": "open"}"#, "expected_state", "known are reported"),
            (r#"{"step": "start", "at": "now"}"#, "at", "unknown field"),
            (r#"{"step": "resolve", "photos": "x"}"#, "photos", "not a list"),
            (r#"{"step": "resolve", "photos": ["1","2","3","4","5","6","7","8","9"]}"#, "photos", "at most 8"),
        ] {
            let Err(Error::Invalid { field: named, reason, .. }) = parse(body) else { panic!("{body} was taken") };
            assert!(named == field && reason.contains(part), "{body}: {named}: {reason}");
        }
        let long = format!(r#"{{"step": "start", "note": "{}"}}"#, "水".repeat(4_001));
        assert!(parse(&long).unwrap_err().to_string().contains("at most 4000"));
    }

    #[test]
    fn a_note_stays_out_of_the_event_and_a_retry_is_known_by_all_that_was_sent() {
        let target = |incident: &str| Target {
            incident: incident.into(),
            report: "a".into(),
            other: None,
            state: State::Dispatched,
            after: None,
            unit: None,
            until: None,
        };
        let me = actor("department", Some("drainage"), Some("7")).unwrap();
        let body = r#"{"step": "start", "note": "两台泵"}"#;
        let draft = |incident, now| parse(body).unwrap().draft(target(incident), me.clone(), Some("k"), now).unwrap();
        let first = draft("i6", NOW);
        let text = serde_json::to_string(&first.event).unwrap();
        assert!(!text.contains('泵') && text.contains("\"note\":\"note:"), "{text}");
        assert_eq!(first.private.text.as_deref(), Some("两台泵"));
        assert_eq!(serde_json::from_str::<Event>(&text).unwrap(), first.event);
        assert_eq!(draft("i6", NOW + 60).key, first.key);
        assert_ne!(draft("i7", NOW).key, first.key);
    }

    #[test]
    fn an_actor_is_a_role_a_short_name_and_a_number() {
        for (role, unit, person, part) in [
            ("boss", None, None, "known are reporter, grid_worker"),
            ("planner", Some("Drainage"), None, "a-z"),
            ("planner", Some(""), None, "1 to 100"),
            ("planner", None, Some("0"), "from 1 up"),
            ("planner", None, Some("Wang"), "from 1 up"),
        ] {
            assert!(actor(role, unit, person).unwrap_err().to_string().contains(part), "{role} {unit:?} {person:?}");
        }
    }
}
