//! Who asks. The service has no accounts: where it was started so, it takes a request's headers at their word, which is
//! for trials, and for a proxy before it that has checked and sets them itself. Handlers know no other way to an actor.

use axum::http::{HeaderMap, StatusCode};

use super::{App, Problem};
use crate::error::invalid;
use crate::hazard::workflow::{Actor, Role};
use crate::intake::transition;

const ROLE: &str = "actor-role";
const UNIT: &str = "actor-unit";
const PERSON: &str = "actor-person";

/// Who asks, if he says so.
///
/// # Errors
/// 400 for a header that cannot be read, 403 where nobody is taken at his word.
pub fn given(app: &App, request: &HeaderMap) -> Result<Option<Actor>, Problem> {
    let word = |name: &'static str| {
        let Some(value) = request.get(name) else { return Ok(None) };
        let shown = || String::from_utf8_lossy(value.as_bytes()).into_owned();
        value.to_str().map(Some).map_err(|_| invalid(name, shown(), "not plain ASCII"))
    };
    let Some(role) = word(ROLE)? else { return Ok(None) };
    if !app.trusts_actors {
        return Err(nobody());
    }
    Ok(Some(transition::actor(role, word(UNIT)?, word(PERSON)?)?))
}

/// Who asks.
///
/// # Errors
/// As [`given`]; 403 for somebody who does not say.
pub fn needed(app: &App, request: &HeaderMap) -> Result<Actor, Problem> {
    match given(app, request)? {
        Some(actor) => Ok(actor),
        None if app.trusts_actors => {
            Err(Problem::new(StatusCode::FORBIDDEN, "nobody knows who asks: say so in the header Actor-Role"))
        }
        None => Err(nobody()),
    }
}

/// May he read what was said with the steps of an incident?
pub fn may_read_notes(actor: Option<&Actor>) -> bool {
    actor.is_some_and(|actor| actor.role != Role::Reporter)
}

fn nobody() -> Problem {
    let told = "this service knows nobody, so that nobody may take steps; start it with --trust-actors for trials, or \
                behind a proxy that sets Actor-Role, Actor-Unit and Actor-Person";
    Problem::new(StatusCode::FORBIDDEN, told)
}
