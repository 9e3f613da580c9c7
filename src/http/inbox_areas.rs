//! Whose an entry of the inbox is: of whoever looks after that in the area where it lies. What does not say where it lies is
//! everybody's who does: somebody has to ask.

use axum::http::StatusCode;

use super::actor::Known;
use super::{App, Problem, inbox, rights};
use crate::hazard::position::Position;

/// Lies one of these spots in one of these areas, or in a part of one? Without a spot, or without an area: yes.
///
/// # Errors
/// 403 that says where `what` lies.
pub async fn within(app: &App, spots: Vec<Position>, areas: &[String], what: &'static str) -> Result<(), Problem> {
    if spots.is_empty() || areas.is_empty() {
        return Ok(());
    }
    let areas = areas.to_vec();
    let judge = app.read(Default::default(), move |map| {
        let each = spots.iter().map(|at| rights::in_areas(map, map.areas().area_of(*at), &areas, what));
        each.reduce(|one, other| one.or(other)).unwrap_or(Ok(()))
    });
    judge.await?
}

/// As [`within`], of what somebody decides about an entry; that he was refused is noted.
///
/// # Errors
/// As [`within`].
pub async fn decides(
    app: &App,
    known: &std::sync::Arc<Known>,
    entry: &str,
    spots: Vec<Position>,
    what: &'static str,
) -> Result<(), Problem> {
    let judged = within(app, spots, known.areas(), what).await;
    if judged.as_ref().is_err_and(|refused| refused.is(StatusCode::FORBIDDEN)) {
        rights::refusal(app, known, entry).await?;
    }
    judged
}

/// As [`within`], of the entry of an id, for whoever looks at a photo that it shows.
///
/// # Errors
/// As [`within`]; 403 where it is not there any more.
pub async fn over_entry(app: &App, id: &str, areas: &[String]) -> Result<(), Problem> {
    let Some(entry) = inbox::entry(app, id).await? else {
        return Err(Problem::new(StatusCode::FORBIDDEN, "what the photo shows is no report"));
    };
    let sent = inbox::sent(app, &entry).await?;
    within(app, sent.spots(sent.next()), areas, "what the photo shows").await
}
