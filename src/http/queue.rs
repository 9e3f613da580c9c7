//! The queue of the desk.

use std::collections::HashSet;

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};

use super::actor::Caller;
use super::problem::Wire;
use super::{App, Problem, layers, query};
use crate::error::{Result, invalid};
use crate::hazard::layer::{Queue, QueueAsked, QueueRow, SamePhoto, ShownPhoto};
use crate::hazard::time;
use crate::hazard::workflow::Role;
use crate::live::Live;
use crate::store::Said;

/// Cases asked for by name at most: as many as one change of the map names.
const MOST_IDS: usize = 100;
/// A page, where nothing is said of it, and the longest.
const LIMIT: usize = 1_000;
const LARGEST_LIMIT: usize = 10_000;
/// So many photos of a case.
const MOST_PHOTOS: usize = 24;
/// Of what somebody said this much stands in the queue.
const LONGEST_SAID_CHARS: usize = 280;

/// The cases that wait for somebody: open ones, overdue first, then by the time they have left, with what their reporters
/// said and showed. Of somebody whose rights are bounded to areas, those that lie there; of a department's unit, those that were sent
/// to it, and those of the units it supervises that are late and were carried to it. Opinions, which are on no map, are among them. What is `next` is the `after` of the next page.
#[utoipa::path(get, path = "/api/v1/queue", tag = "incidents",
    params(("ids" = Option<String>, Query, description = "Only these, whatever their state; at most 100, with commas between",
            example = "i6,i7"),
        ("unit" = Option<String>, Query, description = "Only those sent to this unit, or carried to it because they are late", example = "drainage"),
        ("ended_since" = Option<String>, Query, description = "Those that have ended since as well: RFC 3339",
            example = "2024-06-30T00:00:00Z"),
        ("limit" = Option<usize>, Query, description = "Cases on a page, 1 to 10000; default: 1000", example = 100),
        ("after" = Option<String>, Query, description = "`next` of the page before", example = "0.1719803000.6")),
    responses((status = 200, body = Queue, content_type = "application/json"),
        (status = 400, body = Wire, content_type = "application/problem+json"),
        (status = 403, description = "Not this role, another unit's, or a department in no unit", body = Wire, content_type = "application/problem+json"),
        (status = 503, body = Wire, content_type = "application/problem+json")))]
pub async fn queue(State(app): State<App>, caller: Caller, uri: Uri) -> Result<Response, Problem> {
    let mut of = asked(&uri)?;
    of.areas = caller.areas().to_vec();
    of.unit = unit(&caller, of.unit)?;
    let now = app.now();
    let live = app.live()?.clone();
    let json = app.shared.turns.soon().await?.look(move || {
        let mut queue = live.read(|map| Queue::of(map, &of, now));
        let ids: Vec<String> = queue.rows.iter().flat_map(|row| row.said_in()).cloned().collect();
        let said = live.said(&ids)?;
        for row in &mut queue.rows {
            row.said = row.said_in().iter().filter_map(|id| words(said.get(id)?)).collect();
        }
        show_photos(&live, &mut queue.rows)?;
        layers::json(&queue)
    });
    Ok(([(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")], json.await??).into_response())
}

/// Adds what the reporters showed: two questions to the private file, however many rows there are.
fn show_photos(live: &Live, rows: &mut [QueueRow]) -> Result<()> {
    let ids: Vec<String> = rows.iter().flat_map(|row| row.newest.iter().cloned()).collect();
    let shown = live.photos().of_reports(&ids)?;
    if shown.is_empty() {
        return Ok(());
    }
    for row in &mut *rows {
        let mut seen = HashSet::new();
        for report in &row.newest {
            let fresh = shown.get(report).into_iter().flatten().filter(|photo| seen.insert(photo.as_str()));
            row.photos.extend(fresh.map(|photo| ShownPhoto { id: photo.clone(), report_id: report.clone() }));
        }
        row.photos.truncate(MOST_PHOTOS);
    }
    let ids: Vec<String> = rows.iter().flat_map(|row| row.photos.iter().map(|photo| photo.id.clone())).collect();
    let again = live.photos().shown_again(&ids)?;
    live.read(|map| {
        for row in rows {
            let same = |photo: &ShownPhoto| Some(SamePhoto::of(map, &photo.id, again.get(&photo.id)?));
            row.same_photos = row.photos.iter().filter_map(same).collect();
        }
    });
    Ok(())
}

/// The unit whose cases are given: that of a department is its own.
fn unit(caller: &Caller, asked: Option<String>) -> Result<Option<String>, Problem> {
    let Some(actor) = caller.actor().filter(|actor| actor.role == Role::Department) else { return Ok(asked) };
    match (actor.unit.clone(), asked) {
        (None, _) => {
            let told = "a department is given what was sent to its unit, and this one is in none: an administrator puts it \
                        into one (waterlog user unit LOGIN UNIT; taken at its word, Actor-Unit)";
            Err(Problem::new(StatusCode::FORBIDDEN, told))
        }
        (Some(own), Some(asked)) if own != asked => {
            let told = format!("what was sent to {asked} is not for {own}");
            Err(Problem::new(StatusCode::FORBIDDEN, told))
        }
        (own, _) => Ok(own),
    }
}

fn asked(uri: &Uri) -> Result<QueueAsked> {
    let mut asked =
        QueueAsked { ids: None, unit: None, ended_since: None, areas: Vec::new(), after: None, limit: LIMIT };
    for (name, value) in query::pairs(uri)? {
        match name.as_str() {
            "ids" => {
                let ids: Vec<String> = value.split(',').map(str::to_owned).collect();
                if ids.len() > MOST_IDS {
                    return Err(invalid("ids", value, format!("{} ids; at most {MOST_IDS} are taken", ids.len())));
                }
                asked.ids = Some(ids);
            }
            "unit" => asked.unit = Some(value),
            "ended_since" => {
                let at = time::rfc3339(&value);
                asked.ended_since = Some(at.map_err(|reason| invalid("ended_since", &value, reason))?);
            }
            "after" => {
                let after = value.parse();
                asked.after = Some(after.map_err(|()| invalid("after", &value, "not the `next` of a queue"))?);
            }
            "limit" => {
                let limit = value.parse().ok().filter(|limit| (1..=LARGEST_LIMIT).contains(limit));
                let reason = format!("not a whole number from 1 to {LARGEST_LIMIT}");
                asked.limit = limit.ok_or_else(|| invalid("limit", &value, reason))?;
            }
            _ => {
                let known = "unknown query parameter; known are ids, unit, ended_since, limit, after";
                return Err(invalid(name, value, known));
            }
        }
    }
    Ok(asked)
}

/// What somebody said, and the place as he wrote it, short enough for a row.
pub fn words(said: &Said) -> Option<String> {
    let parts: Vec<&str> = [&said.text, &said.place].into_iter().flatten().map(String::as_str).collect();
    let words = parts.join(" · ");
    (!words.is_empty()).then(|| words.chars().take(LONGEST_SAID_CHARS).collect())
}
