//! Many reports in one request, one a line (NDJSON), each with an answer of its own: a bad line stops no good one.

use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::Value;

use super::actor::Caller;
use super::pace::{Pace, Senders, What};
use super::reports::{self, Accepted};
use super::{App, Problem, photos};
use crate::error::{Result, invalid};
use crate::hazard::layer::Whereabouts;
use crate::intake::arrival::{Arrival, Door};
use crate::intake::astray::Others;
use crate::intake::post::NewReport;
use crate::intake::{Draft, Receipt, json as read_json};

/// A report, and the JSON that it was read from.
type Read = (NewReport, Value);

const NDJSON: &str = "application/x-ndjson";
/// Lines of a request, empty ones too.
const MOST_LINES: usize = 10_000;
/// Whoever is held may try many at once again after so long.
const HELD_S: u64 = 3_600;
/// Bytes of a line, as of a report that is sent alone.
const LONGEST_LINE: usize = 1_000_000;

/// What became of one line: as much as the report alone would have been answered.
#[derive(Serialize)]
struct Line {
    /// From 1.
    line: usize,
    #[serde(flatten)]
    answer: LineAnswer,
}

#[derive(Serialize)]
#[serde(untagged)]
enum LineAnswer {
    Accepted {
        status: u16,
        #[serde(flatten)]
        accepted: Accepted,
    },
    Refused(Problem),
}

/// 200 with an answer to each line that is not empty, in their order, when all that can be kept is kept.
///
/// `key`: the sender's own for the request; each line then has its own by its number, so that the same request again
/// is harmless. Of a sender who is held none is taken: so many nobody could look at.
///
/// # Errors
/// Where none of the lines was kept.
pub async fn submit(
    app: &App,
    body: &[u8],
    key: Option<&str>,
    caller: &Caller,
    senders: &Senders,
    now: i64,
) -> Result<Response, Problem> {
    let lines: Vec<&[u8]> = body.split(|&b| b == b'\n').collect();
    if lines.len() > MOST_LINES {
        let reason = format!("{} lines; at most {MOST_LINES} are taken at a time", lines.len());
        return Err(invalid("body", "", reason).into());
    }
    let person = caller.person();
    let filled = lines.iter().enumerate().filter(|(_, line)| !line.trim_ascii().is_empty());
    if app.paces.count(senders, What::Report, filled.clone().count())? == Pace::Held {
        return Err(Problem::too_fast(HELD_S));
    }
    let others = app.others().await?;
    let reports: Vec<(usize, Result<Read, Problem>)> =
        filled.map(|(i, line)| (i + 1, report(line, now, &others))).collect();
    if reports.is_empty() {
        return Err(invalid("body", "", "empty; one JSON object a line was expected").into());
    }
    let shown = reports.iter().filter_map(|(_, read)| read.as_ref().ok()).flat_map(|(report, _)| report.photos());
    let unknown = photos::unknown(app, shown.cloned().collect()).await?;
    let draft = |line: usize, (report, sent): Read| -> Result<Draft, Problem> {
        photos::expect_known(report.photos(), &unknown)?;
        let key = key.map(|key| format!("{key}/{line}"));
        let arrival = Arrival::of(Door::Report, now, sent);
        Ok(report.draft(key.as_deref(), now)?.by(person).arrived(&arrival)?)
    };
    let read: Vec<(usize, Result<Draft, Problem>)> =
        reports.into_iter().map(|(line, read)| (line, read.and_then(|read| draft(line, read)))).collect();
    let drafts = read.iter().filter_map(|(_, draft)| draft.as_ref().ok().cloned()).collect();
    let mut receipts = app.to_write()?.submit_batch(drafts).await?.into_iter();
    let mut next = || receipts.next().unwrap_or_else(|| Err(unanswered())).map_err(Problem::from);
    let taken: Vec<(usize, Result<Receipt, Problem>)> =
        read.into_iter().map(|(line, draft)| (line, draft.and_then(|_| next()))).collect();
    let links = app.live()?.links().clone();
    let answers = app.read_written(move |map| {
        let answer = |(line, receipt): (usize, Result<Receipt, Problem>)| match receipt {
            Ok(receipt) => {
                let whereabouts = Whereabouts::of(map, &receipt.id);
                let accepted = Accepted::new(receipt, whereabouts, &links);
                Line { line, answer: LineAnswer::Accepted { status: 201, accepted } }
            }
            Err(problem) => Line { line, answer: LineAnswer::Refused(problem) },
        };
        taken.into_iter().map(answer).collect::<Vec<_>>()
    });
    let mut out = Vec::new();
    for answer in answers.await? {
        out.extend(super::layers::json(&answer)?);
        out.push(b'\n');
    }
    Ok(([(CONTENT_TYPE, NDJSON)], out).into_response())
}

/// The report of a line, and the line as it was sent.
fn report(line: &[u8], now: i64, others: &Others) -> Result<Read, Problem> {
    if line.len() > LONGEST_LINE {
        return Err(invalid("body", "", format!("a line of more than {LONGEST_LINE} bytes")).into());
    }
    let sent = read_json::parse(line)?;
    let report = reports::of(&sent, now)?;
    others.expect(report.position())?;
    Ok((report, sent))
}

fn unanswered() -> crate::error::Error {
    crate::error::Error::Store("a line was left without an answer".into())
}
