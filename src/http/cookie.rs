//! The cookie that holds a session's token. Scripts cannot read it (HttpOnly), no other site's request carries it
//! (SameSite=Strict), and over https no other host can set it (the prefix `__Host-`, RFC 6265bis, 4.1.3). Over plain http,
//! which only does on one's own machine or behind a proxy, browsers take no such cookie: there it has another name.

use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderName};
use cookie::{Cookie, SameSite, time::Duration};

use super::App;

const SECURE: &str = "__Host-waterlog";
const PLAIN: &str = "waterlog";
/// As long as a session can last; the service ends it earlier.
const KEPT: Duration = Duration::days(7);

/// The token that a request carries.
pub fn token(app: &App, request: &HeaderMap) -> Option<String> {
    let name = if is_https(app, request) { SECURE } else { PLAIN };
    let headers = request.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let found = headers.flat_map(|value| Cookie::split_parse(value).filter_map(Result::ok)).find(|c| c.name() == name);
    found.map(|cookie| cookie.value().to_owned())
}

/// Has the browser keep a token.
pub fn keep(app: &App, request: &HeaderMap, token: &str) -> (HeaderName, String) {
    (SET_COOKIE, build(app, request, token, KEPT))
}

/// Has the browser forget it.
pub fn forget(app: &App, request: &HeaderMap) -> (HeaderName, String) {
    (SET_COOKIE, build(app, request, "", Duration::ZERO))
}

fn build(app: &App, request: &HeaderMap, token: &str, kept: Duration) -> String {
    let https = is_https(app, request);
    let name = if https { SECURE } else { PLAIN };
    let cookie = Cookie::build((name, token)).path("/").http_only(true).same_site(SameSite::Strict).max_age(kept);
    cookie.secure(https).build().to_string()
}

/// Does the caller come over https? By the address that the operator has said, else as a proxy before it says.
fn is_https(app: &App, request: &HeaderMap) -> bool {
    match &app.public_url {
        Some(url) => url.as_str().starts_with("https://"),
        None => request.get("x-forwarded-proto").is_some_and(|scheme| scheme == "https"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Clock;
    use crate::hazard::settings::Settings;
    use crate::http::Base;

    #[test]
    fn over_https_the_cookie_is_bound_to_this_host_and_over_http_it_is_another() {
        let app = App::new(Clock::system(), &Settings::default(), Base::none());
        let secure = app.clone().reached_at(Some("https://city.example".parse().unwrap()));
        let (mut plain, mut proxied) = (HeaderMap::new(), HeaderMap::new());
        proxied.insert("x-forwarded-proto", "https".parse().unwrap());
        let (_, set) = keep(&app, &plain, "abc");
        assert_eq!(set, "waterlog=abc; HttpOnly; SameSite=Strict; Path=/; Max-Age=604800");
        for set in [keep(&secure, &plain, "abc").1, keep(&app, &proxied, "abc").1] {
            assert_eq!(set, "__Host-waterlog=abc; HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=604800");
        }
        assert!(forget(&app, &plain).1.starts_with("waterlog=;") && forget(&app, &plain).1.contains("Max-Age=0"));
        let both = "x=1; waterlog=planted; __Host-waterlog=own";
        plain.insert(COOKIE, both.parse().unwrap());
        proxied.insert(COOKIE, both.parse().unwrap());
        assert_eq!(token(&app, &plain).as_deref(), Some("planted"));
        assert_eq!(token(&app, &proxied).as_deref(), Some("own"));
        assert_eq!(token(&secure, &plain).as_deref(), Some("own"));
        assert_eq!(token(&app, &HeaderMap::new()), None);
    }
}
