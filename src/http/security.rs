//! What the description of the API says of rights: written from the table of rights, so that it cannot say anything else.

use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{Components, ContentBuilder, OpenApi, Ref, ResponseBuilder};

use super::open311;
use super::problem::PROBLEM_JSON;
use super::rights::{Right, Who, find};

const SESSION: &str = "session";
const SECURE_SESSION: &str = "secure_session";
const CSRF: &str = "csrf";
const KEY: &str = "api_key";
const PROXY: &str = "proxy";

/// Says at every operation who may use it, and how he proves himself.
pub fn declare(description: &mut OpenApi) {
    let components = description.components.get_or_insert_with(Components::default);
    for (name, scheme) in schemes() {
        components.add_security_scheme(name, scheme);
    }
    for (path, item) in &mut description.paths.paths {
        for (method, operation) in operations(item) {
            // What has no line in the table is refused to everybody, and a test finds it.
            if let Some(right) = find(method, path) {
                operation.security = Some(requirements(right));
                // Open311 has errors of its own, and says so itself.
                if !path.starts_with(open311::BASE) {
                    refusals(operation);
                }
            }
        }
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    let PathItem { get, post, put, patch, delete, .. } = item;
    let all = [("GET", get), ("POST", post), ("PUT", put), ("PATCH", patch), ("DELETE", delete)];
    all.into_iter().filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

pub fn schemes() -> [(&'static str, SecurityScheme); 5] {
    let cookie = |name: &str, over: &str| {
        let text = format!("Set by POST /api/v1/session over {over}");
        SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(name, &text)))
    };
    let header =
        |name: &str, text: &str| SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description(name, text)));
    let key = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("wl_…").description(Some(
        "Made by `waterlog user key add`, with scopes: read (what is not public), report, act (take steps), admin",
    ));
    [
        (SESSION, cookie("waterlog", "http")),
        (SECURE_SESSION, cookie("__Host-waterlog", "https")),
        (
            CSRF,
            header("X-CSRF-Token", "As GET /api/v1/session gives it; beside the cookie, for what changes something"),
        ),
        (KEY, SecurityScheme::Http(key.build())),
        (
            PROXY,
            header(
                "Actor-Role",
                "Only where the service was started with --trust-actors; further Actor-Unit and Actor-Person",
            ),
        ),
    ]
}

/// Any one of these will do.
pub fn requirements(right: &Right) -> Vec<SecurityRequirement> {
    let none = || std::iter::empty::<&str>();
    let with_cookie = |cookie| match right.method {
        "GET" => SecurityRequirement::new(cookie, none()),
        _ => SecurityRequirement::new(cookie, none()).add(CSRF, none()),
    };
    let mut any = vec![with_cookie(SESSION), with_cookie(SECURE_SESSION)];
    if right.who != Who::Session {
        any.push(SecurityRequirement::new(KEY, right.scope.map(|scope| scope.name())));
        any.push(SecurityRequirement::new(PROXY, none()));
    }
    if right.who == Who::Everybody {
        any.insert(0, SecurityRequirement::default());
    }
    any
}

/// Whoever shows what proves nothing is refused everywhere.
fn refusals(operation: &mut Operation) {
    let refusal = |text: &str| {
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
        ResponseBuilder::new().description(text).content(PROBLEM_JSON, content).build()
    };
    let known = &mut operation.responses.responses;
    known.entry("401".into()).or_insert_with(|| refusal("Nobody known, or what should prove it proves nothing").into());
    known.entry("403".into()).or_insert_with(|| refusal("Not with this role, scope or page").into());
}
