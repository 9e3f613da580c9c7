//! Many reports in one request, one a line (NDJSON), each with an answer of its own: a bad line stops no good one.

use std::num::NonZeroU64;

use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::reports::{Accepted, accepted};
use super::{App, Problem};
use crate::error::{Result, invalid};
use crate::intake::post::NewReport;
use crate::intake::{Draft, Receipt};

const NDJSON: &str = "application/x-ndjson";
/// Lines of a request, empty ones too.
const MOST_LINES: usize = 10_000;
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
/// is harmless. `person`: who sends them, where he is known.
///
/// # Errors
/// Where none of the lines was kept.
pub async fn submit(
    app: &App,
    body: &[u8],
    key: Option<&str>,
    person: Option<NonZeroU64>,
    now: i64,
) -> Result<Response, Problem> {
    let lines: Vec<&[u8]> = body.split(|&b| b == b'\n').collect();
    if lines.len() > MOST_LINES {
        let reason = format!("{} lines; at most {MOST_LINES} are taken at a time", lines.len());
        return Err(invalid("body", "", reason).into());
    }
    let filled = lines.iter().enumerate().filter(|(_, line)| !line.trim_ascii().is_empty());
    let mut read: Vec<(usize, Result<Draft>)> = Vec::new();
    for (i, line) in filled {
        let draft = draft(line, key.map(|key| format!("{key}/{}", i + 1)), now);
        read.push((i + 1, draft.map(|draft| draft.by(person))));
    }
    if read.is_empty() {
        return Err(invalid("body", "", "empty; one JSON object a line was expected").into());
    }
    let drafts = read.iter().filter_map(|(_, draft)| draft.as_ref().ok().cloned()).collect();
    let mut receipts = app.live()?.submit_batch(drafts).await?.into_iter();
    let taken: Vec<(usize, Result<Receipt>)> = read
        .into_iter()
        .map(|(line, draft)| (line, draft.and_then(|_| receipts.next().unwrap_or_else(|| Err(unanswered())))))
        .collect();
    let links = app.live()?.links();
    let answers = app.read_written(move |map| {
        let answer = |(line, receipt): (usize, Result<Receipt>)| match receipt {
            Ok(receipt) => {
                Line { line, answer: LineAnswer::Accepted { status: 201, accepted: accepted(map, receipt, &links).0 } }
            }
            Err(error) => Line { line, answer: LineAnswer::Refused(error.into()) },
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

fn draft(line: &[u8], key: Option<String>, now: i64) -> Result<Draft> {
    if line.len() > LONGEST_LINE {
        return Err(invalid("body", "", format!("a line of more than {LONGEST_LINE} bytes")));
    }
    NewReport::parse(line, now)?.draft(key.as_deref(), now)
}

fn unanswered() -> crate::error::Error {
    crate::error::Error::Store("a line was left without an answer".into())
}
