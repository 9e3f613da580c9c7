//! One draft becomes an entry of the log, the answer to a retry, or a refusal.

use std::borrow::Cow;

use hashbrown::HashSet;

use crate::error::{Error, Result};
use crate::hazard::admission::Admission;
use crate::hazard::event::{Event, Report};
use crate::intake::{Draft, Private, Receipt};
use crate::store::{Append, Said, Sealed, Sealer, Words};

/// A draft with what the log keeps of it, made ready away from the writer.
pub(super) struct Ready {
    draft: Draft,
    /// The words of it, which the draft has no longer.
    said: Said,
    sealed: Sealed,
}

impl Ready {
    /// # Errors
    /// As [`Sealer::seal`].
    pub fn new(mut draft: Draft, sealer: &Sealer) -> Result<Ready> {
        let key = draft.key.as_ref().map(|key| (key.name.as_str(), key.content.as_str()));
        let sealed = sealer.seal(&draft.event, key)?;
        let Private { text, place, source_id, .. } = &mut draft.private;
        let said = Said { text: text.take(), place: place.take(), source_id: source_id.take() };
        Ok(Ready { draft, said, sealed })
    }

    pub fn event(&self) -> &Event {
        &self.draft.event
    }
}

/// The reports of one submission that were refused.
pub(super) type Refused = HashSet<String>;

/// What was appended just now: what people said with it is still to be kept.
#[derive(Default)]
pub(super) struct Fresh {
    /// The drafts by number, and their places in the log.
    events: Vec<(usize, u64)>,
    /// The reports whose reporters are to be told of a step, by its place in the log, taken at a time (unix seconds).
    told: Vec<(u64, i64, Vec<String>)>,
}

/// Appends drafts of one submission. What acts on a report that was refused is refused with it: otherwise the steps
/// of a row that contradicts the log would be taken for the report as it was recorded.
pub(super) fn take_all(
    append: &mut Append,
    admission: &mut Admission,
    refused: &mut Refused,
    drafts: &[Ready],
    answers: &mut Vec<Result<Receipt>>,
) -> Result<Fresh> {
    let mut fresh = Fresh::default();
    for (n, ready) in drafts.iter().enumerate() {
        let answer = match &ready.draft.event {
            Event::Act(act) if refused.contains(&act.report) => {
                Err(Error::Conflict(format!("report {} was refused", act.report)))
            }
            _ => take(append, admission, ready)?,
        };
        match (&answer, &ready.draft.event) {
            (Ok(receipt), event) if receipt.fresh => {
                fresh.events.push((n, receipt.seq));
                if let Event::Transition(taken) = event {
                    let reports = admission.to_be_told(taken).into_iter().map(str::to_owned).collect();
                    fresh.told.push((receipt.seq, taken.at, reports));
                }
            }
            (Err(_), Event::Report(report)) => drop(refused.insert(report.id.clone())),
            _ => {}
        }
        answers.push(answer);
    }
    Ok(fresh)
}

/// Appends one draft, or says why not. The outer error is the disk's; the inner one the caller's.
fn take(append: &mut Append, admission: &mut Admission, ready: &Ready) -> Result<Result<Receipt>> {
    let Ready { draft, sealed, .. } = ready;
    let appended = match admission.admit(&draft.event) {
        Ok(()) => append.push(sealed)?.ok_or(None),
        Err(refused) => Err(Some(refused)),
    };
    match appended {
        Ok(seq) => Ok(Ok(Receipt { seq, fresh: true, id: report_id(&draft.event), merged: is_addition(&draft.event) })),
        // A retry comes here: its key is taken, or its own first try stands in its way.
        Err(refused) => known(append, ready, refused),
    }
}

/// Keeps what people said with the drafts that were appended.
pub(super) fn keep_said(words: &mut Words, drafts: &[Ready], fresh: &Fresh) -> Result<()> {
    for &(n, seq) in &fresh.events {
        let Ready { draft, said, .. } = &drafts[n];
        let Some(id) = private_id(&draft.event) else { continue };
        match &draft.event {
            Event::Addition(_) => words.put_further(&id, said)?,
            _ => words.put_said(&id, said)?,
        }
        let Private { photos, positions, .. } = &draft.private;
        match &draft.event {
            Event::Transition(taken) => words.put_step_photos(&id, &taken.report, photos)?,
            _ => words.put_evidence(&id, photos, positions.as_deref())?,
        }
        words.put_sender(&id, draft.private.sender.as_deref())?;
        words.put_arrival(&id, seq, draft.private.arrival.as_deref())?;
        if let (Event::Report(report), Some(_)) = (&draft.event, &draft.private.arrival) {
            words.put_device(&id, draft.private.device.as_deref(), report.received_at)?;
        }
    }
    fresh.told.iter().try_for_each(|(seq, at, reports)| words.put_outbox(*seq, *at, reports))
}

/// The answer to a draft that was not appended: what is recorded under its key, else why it was refused.
fn known(append: &Append, Ready { draft, sealed, .. }: &Ready, refused: Option<Error>) -> Result<Result<Receipt>> {
    Ok(match (append.recorded(sealed)?, refused) {
        (Some(r), _) if r.same => {
            Ok(Receipt { seq: r.seq, fresh: false, id: report_id(&r.event), merged: is_addition(&r.event) })
        }
        (Some(r), _) => Err(conflict(&r.event, &draft.event)),
        (None, Some(refused)) => Err(refused),
        (None, None) => Err(Error::Store("a key is taken by nothing".into())),
    })
}

/// The id under which the private file has what was said with an event.
fn private_id(event: &Event) -> Option<Cow<'_, str>> {
    match event {
        Event::Report(report) => Some(Cow::Borrowed(&report.id)),
        Event::Addition(addition) => Some(Cow::Borrowed(&addition.report)),
        Event::Transition(taken) => taken.note.map(String::from).map(Cow::Owned),
        _ => None,
    }
}

fn report_id(event: &Event) -> String {
    match event {
        Event::Report(report) => report.id.clone(),
        Event::Addition(addition) => addition.report.clone(),
        _ => String::new(),
    }
}

fn is_addition(event: &Event) -> bool {
    matches!(event, Event::Addition(_))
}

/// Says what differs between what was recorded under a key and what now comes with it: by name only, for whoever sends a
/// key need not be who sent it first.
fn conflict(recorded: &Event, now: &Event) -> Error {
    let changed = match (recorded, now) {
        (Event::Report(a), Event::Report(b)) => differences(a, b),
        _ => Vec::new(),
    };
    let (what, have) = match changed.len() {
        0 => ("its other content".into(), "has"),
        1 => (changed[0].to_owned(), "has"),
        _ => (changed.join(", "), "have"),
    };
    Error::Conflict(format!("the same key was used before for something else: {what} {have} changed"))
}

/// The names of the fields in which two reports differ, as they are posted.
fn differences(a: &Report, b: &Report) -> Vec<&'static str> {
    let fields = [
        ("category", a.category == b.category),
        ("position", a.position == b.position && a.original == b.original),
        ("observed_at", a.observed_at == b.observed_at),
        ("dry", a.dry == b.dry),
        ("depth_cm", a.depth_cm == b.depth_cm),
        ("passability", a.passability == b.passability),
        ("accuracy_m", a.accuracy_m == b.accuracy_m),
        ("place", a.names == b.names),
        ("photo", a.photo == b.photo),
        ("person", a.person == b.person),
        ("source.channel", a.channel == b.channel),
    ];
    fields.into_iter().filter(|(_, same)| !same).map(|(name, _)| name).collect()
}
