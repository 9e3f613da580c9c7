//! Who asks: somebody with a session, a program with an API key, or, where the service was started so, whom a request's
//! headers say, which is for trials, and for a proxy before it that has checked and sets them itself. Handlers know no
//! other way to an actor.

use std::convert::Infallible;
use std::num::NonZeroU64;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header::{AUTHORIZATION, HOST, ORIGIN};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};

use super::address::Address;
use super::{App, Problem, cookie};
use crate::config::Clock;
use crate::error::{Error, invalid};
use crate::hazard::workflow::{Actor, Role};
use crate::intake::transition;
use crate::live::people::{By, Scope, is_csrf_token};
use crate::store::{Account, Session};

const ROLE: &str = "actor-role";
const UNIT: &str = "actor-unit";
const PERSON: &str = "actor-person";
pub const CSRF: &str = "x-csrf-token";

/// Who asks.
#[derive(Clone, Debug)]
pub enum Caller {
    /// Nobody that is known, and why it is so.
    Nobody(&'static str),
    Known(Arc<Known>),
}

/// Somebody who has proved who he is.
#[derive(Debug)]
pub struct Known {
    pub actor: Actor,
    /// Where he has one here.
    pub account: Option<Account>,
    pub by: Proof,
    pub address: Address,
}

/// What proved it.
#[derive(Debug)]
pub enum Proof {
    Session {
        token: String,
        session: Session,
    },
    Key(Vec<Scope>),
    /// Nothing: he is taken at his word.
    Word,
}

pub const SAID_NOTHING: &str = "log in (POST /api/v1/session), or send an API key (Authorization: Bearer wl_…)";
const HAS_ENDED: &str = "the session has ended, or was ended: log in again; nothing of this request was done";
const NO_CSRF: &str =
    "a cookie alone does not do for what changes something: send X-CSRF-Token, as GET /api/v1/session gives it";

impl Caller {
    /// Who he is to the incidents.
    pub fn actor(&self) -> Option<&Actor> {
        match self {
            Caller::Nobody(_) => None,
            Caller::Known(known) => Some(&known.actor),
        }
    }

    /// His number in the log.
    pub fn person(&self) -> Option<NonZeroU64> {
        self.actor()?.person
    }

    /// Ids of the areas to which his rights are bounded; none: everywhere.
    pub fn areas(&self) -> &[String] {
        match self {
            Caller::Nobody(_) => &[],
            Caller::Known(known) => known.areas(),
        }
    }

    /// May he read what was said with the steps of an incident, and who took them?
    pub fn may_read_words(&self) -> bool {
        let Caller::Known(known) = self else { return false };
        let in_scope = !matches!(&known.by, Proof::Key(scopes) if !scopes.contains(&Scope::Read));
        in_scope && known.actor.role != Role::Reporter
    }
}

impl Known {
    /// Ids of the areas to which his rights are bounded; none: everywhere.
    pub fn areas(&self) -> &[String] {
        self.account.as_ref().map_or(&[], |account| &account.areas)
    }

    /// He, as the audit log notes him.
    pub fn by(&self) -> By<'_> {
        let account = self.account.as_ref().map(|account| account.id.as_str());
        By { account, address: self.address.text() }
    }
}

/// The caller that [`super::rights::guard`] has found.
impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Caller, Infallible> {
        Ok(parts.extensions.get().cloned().unwrap_or(Caller::Nobody(SAID_NOTHING)))
    }
}

/// Finds out who asks.
///
/// # Errors
/// 400 for a header that cannot be read; 401 for a key that opens nothing; 403 where nobody is taken at his word, and for
/// what another site's page sends; 503 while the accounts cannot be read.
pub async fn identify(app: &App, method: &Method, request: &HeaderMap, address: Address) -> Result<Caller, Problem> {
    if let Some(key) = bearer(request)? {
        return by_key(app, key, address).await;
    }
    if let Some(actor) = said(app, request)? {
        return Ok(Caller::Known(Arc::new(Known { actor, account: None, by: Proof::Word, address })));
    }
    let Some(token) = cookie::token(app, request) else { return Ok(Caller::Nobody(SAID_NOTHING)) };
    let proof = token.clone();
    let found = app.people(move |people| people.session(&proof, Clock::system().now())).await?;
    let Some((account, session)) = found else { return Ok(Caller::Nobody(HAS_ENDED)) };
    if !method.is_safe() {
        own_page(app, request)?;
        let given = request.get(CSRF).and_then(|given| given.to_str().ok());
        if !given.is_some_and(|given| is_csrf_token(given, &token)) {
            return Ok(Caller::Nobody(NO_CSRF));
        }
    }
    Ok(known(account, Proof::Session { token, session }, address))
}

/// Whose API key this is.
///
/// # Errors
/// 401 for one that opens nothing; 503 while the accounts cannot be read.
pub async fn by_key(app: &App, key: String, address: Address) -> Result<Caller, Problem> {
    let found = app.people(move |people| people.key(&key, Clock::system().now())).await?;
    let Some((account, scopes)) = found else {
        return Err(Problem::new(StatusCode::UNAUTHORIZED, "the API key is unknown, has expired or was revoked"));
    };
    Ok(known(account, Proof::Key(scopes), address))
}

fn known(account: Account, by: Proof, address: Address) -> Caller {
    let actor = Actor { role: account.role, unit: account.unit.clone(), person: Some(account.person) };
    Caller::Known(Arc::new(Known { actor, account: Some(account), by, address }))
}

/// The API key of a request (RFC 6750, 2.1).
fn bearer(request: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = request.get(AUTHORIZATION) else { return Ok(None) };
    let key = value.to_str().ok().and_then(|value| value.split_once(' '));
    match key {
        Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") => Ok(Some(key.trim().to_owned())),
        _ => Err(Problem::new(StatusCode::UNAUTHORIZED, "Authorization is not: Bearer wl_…")),
    }
}

/// Who somebody says that he is.
fn said(app: &App, request: &HeaderMap) -> Result<Option<Actor>, Problem> {
    let word = |name: &'static str| -> Result<Option<&str>, Error> {
        let Some(value) = request.get(name) else { return Ok(None) };
        let shown = || String::from_utf8_lossy(value.as_bytes()).into_owned();
        value.to_str().map(Some).map_err(|_| invalid(name, shown(), "not plain ASCII"))
    };
    let Some(role) = word(ROLE)? else { return Ok(None) };
    if !app.trusts_actors {
        let told = "this service takes nobody at his word: leave out Actor-Role, or start it with --trust-actors for \
                    trials, or behind a proxy that sets Actor-Role, Actor-Unit and Actor-Person";
        return Err(Problem::new(StatusCode::FORBIDDEN, told));
    }
    Ok(Some(transition::actor(role, word(UNIT)?, word(PERSON)?)?))
}

/// Refuses what the page of another site sends. Browsers say where a request comes from (Fetch Metadata; older ones by
/// Origin alone); whatever is no browser need not.
///
/// # Errors
/// 403.
pub fn own_page(app: &App, request: &HeaderMap) -> Result<(), Problem> {
    let text = |name: &str| request.get(name).map(|value| value.to_str().unwrap_or("?"));
    let own = match (text("sec-fetch-site"), text(ORIGIN.as_str())) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => {
            let (_, host) = origin.split_once("://").unwrap_or_default();
            let public = app.public_url.as_ref().map(|url| url.as_str());
            !host.is_empty()
                && (text(HOST.as_str()) == Some(host)
                    || public.is_some_and(|public| public == origin || public.starts_with(&format!("{origin}/"))))
        }
        (None, None) => true,
    };
    match own {
        true => Ok(()),
        false => Err(Problem::new(StatusCode::FORBIDDEN, "this was sent by the page of another site")),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;
    use crate::hazard::settings::Settings;
    use crate::http::Base;

    fn app(public_url: Option<&str>) -> App {
        let url = public_url.map(|url| url.parse().unwrap());
        App::new(Clock::system(), &Settings::default(), Base::none()).reached_at(url)
    }

    #[test]
    fn only_what_comes_from_our_own_page_or_from_no_browser_is_taken() {
        let (plain, proxied) = (app(None), app(Some("https://city.example/flood")));
        let is_own = |app: &App, headers: &[(&str, &str)]| {
            let pairs = headers
                .iter()
                .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap()));
            own_page(app, &pairs.collect()).is_ok()
        };
        for headers in [
            &[][..],
            &[("sec-fetch-site", "same-origin")],
            &[("sec-fetch-site", "none")],
            &[("host", "city.example"), ("origin", "https://city.example")],
        ] {
            assert!(is_own(&plain, headers), "{headers:?}");
        }
        assert!(is_own(&proxied, &[("host", "10.0.0.1:8080"), ("origin", "https://city.example")]));
        for headers in [
            &[("sec-fetch-site", "cross-site")][..],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "cross-site"), ("host", "city.example"), ("origin", "https://city.example")],
            &[("host", "city.example"), ("origin", "https://evil.example")],
            &[("host", "city.example"), ("origin", "https://city.example.evil.example")],
            &[("host", "city.example"), ("origin", "null")],
        ] {
            assert!(!is_own(&plain, headers) && !is_own(&proxied, headers), "{headers:?}");
        }
        assert!(!is_own(&proxied, &[("host", "10.0.0.1"), ("origin", "https://city")]));
    }
}
