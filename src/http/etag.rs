//! Answers that have not changed are not sent again (RFC 9110, 13.1.2): a map is known by its program, rule, log and position.

use axum::http::header::{CACHE_CONTROL, ETAG, IF_MATCH, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};

use super::App;
use super::base_url::BaseUrl;
use super::query::Asked;
use crate::hazard::settings::Settings;
use crate::live::Live;

/// Another program may write the same map in another way.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Eight hexadecimal digits for the program's version, the rule and the limits in force and the time it is read at.
pub fn rule_tag(settings: &Settings) -> String {
    let rule = format!("{VERSION}\n{}as_of={:?}\n{:?}", settings.in_force(), settings.as_of, settings.limits);
    short_hash(&rule)
}

fn short_hash(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex()[..8].to_owned()
}

/// The ETag of answers from the live map at a log position. Weak: packed or not, an answer has the same one.
pub fn tag(app: &App, position: u64) -> String {
    of(app, &app.shared.rule, position)
}

/// The ETag of answers from the map asked for, at a log position where it names none.
pub fn asked(app: &App, asked: &Asked, position: u64) -> String {
    let position = asked.position.unwrap_or(position);
    asked.settings.as_ref().map_or_else(|| tag(app, position), |settings| of(app, &rule_tag(settings), position))
}

/// The ETag of an answer that depends on something else, too.
pub fn with(tag: &str, text: &str) -> String {
    format!("{}-{}\"", tag.trim_end_matches('"'), short_hash(text))
}

/// The ETag of answers from the live map that hold absolute links.
pub fn linked(app: &App, base: &BaseUrl, position: u64) -> String {
    of(app, &format!("{}-{}", app.shared.rule, short_hash(base.as_str())), position)
}

/// The ETag of answers from the live map that depend on the time of day.
pub fn at(app: &App, now: i64, position: u64) -> String {
    of(app, &format!("{}-{}", app.shared.rule, short_hash(&now.to_string())), position)
}

/// A position is that of one log: another that was put back from a backup comes to it in another way.
fn of(app: &App, rule: &str, position: u64) -> String {
    let log = app.shared.live.get().map_or("", Live::identity);
    format!("W/\"{rule}-{log}-{position}\"")
}

/// Headers of every answer from the map: keep it, and ask before using it again.
pub fn headers(tag: String) -> [(HeaderName, String); 2] {
    [(ETAG, tag), (CACHE_CONTROL, "no-cache".to_owned())]
}

/// 304 when the caller has this version already.
pub fn not_modified(request: &HeaderMap, tag: &str) -> Option<Response> {
    let known = request.get_all(IF_NONE_MATCH).iter().filter_map(|v| v.to_str().ok()).any(|v| names(v, tag));
    known.then(|| (StatusCode::NOT_MODIFIED, headers(tag.to_owned())).into_response())
}

/// Whether a request knows this version (If-Match; RFC 9110, 13.1.1); nothing where it does not say. Its tag may have
/// become weak on the way, by whatever packs answers: the representation is the same all the same.
pub fn is_known(request: &HeaderMap, tag: &str) -> Option<bool> {
    let mut lists = request.get_all(IF_MATCH).iter().peekable();
    lists.peek()?;
    Some(lists.filter_map(|list| list.to_str().ok()).any(|list| names(list, tag)))
}

/// Does a request take whatever version there is?
pub fn is_any(request: &HeaderMap) -> bool {
    request.get_all(IF_MATCH).iter().any(|list| list.as_bytes().trim_ascii() == b"*")
}

/// The strong ETag of what is known by its content alone, under this rule.
pub fn of_content(app: &App, content: &[u8]) -> String {
    format!("\"{}-{}\"", app.shared.rule, &blake3::hash(content).to_hex()[..16])
}

/// Does a list of ETags name this one? Weak comparison; our tags hold no comma.
fn names(list: &str, tag: &str) -> bool {
    list.trim() == "*" || list.split(',').map(str::trim).any(|t| opaque(t) == opaque(tag))
}

/// What a weak and a strong tag of the same version share.
fn opaque(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_a_weak_tag_and_a_star_name_it() {
        for list in ["\"a-1\"", "W/\"a-1\"", "\"b\", W/\"a-1\"", "*", " \"x\" ,\"a-1\""] {
            assert!(names(list, "W/\"a-1\"") && names(list, "\"a-1\""), "{list}");
        }
        for list in ["", "\"a-12\"", "a-1", "\"a-1", "\"b\",\"c\""] {
            assert!(!names(list, "W/\"a-1\""), "{list}");
        }
    }

    #[test]
    fn another_rule_or_another_time_is_another_version() {
        let tags: Vec<_> =
            ["", "lapse=5", "as_of=5"].iter().map(|rule| rule_tag(&rule.parse::<Settings>().unwrap())).collect();
        assert!(tags[0] != tags[1] && tags[0] != tags[2] && tags[0].len() == 8);
    }
}
