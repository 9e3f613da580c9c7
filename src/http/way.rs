//! The way of a request to its handler and back: what is done around every handler, and around those that work.

use axum::extract::Request;
use axum::response::Response;

use super::around::Next;
use super::requests::{Requests, no_more_than_can_be_answered};
use super::{App, accept, base_url, ogc, open311, problem, trace};

/// Every request is observed, and whatever is refused is told as its caller reads it.
pub async fn answered(app: App, request: Request, next: impl Next) -> Response {
    let refused = |request| problem::every_error_is_a_problem(request, next);
    let told = |request| open311::as_open311(request, refused);
    let led = |request| base_url::lead_where_it_is_reached(&app, request, told);
    trace::observe(&app, request, led).await
}

/// What is work comes in its turn, and is written as its caller takes it.
pub async fn in_its_turn(requests: Requests, request: Request, next: impl Next) -> Response {
    let varies = |request| ogc::varies(request, next);
    let accepted = |request| accept::acceptable(request, varies);
    no_more_than_can_be_answered(&requests, request, accepted).await
}
