//! How many requests are worked on at once.

use std::sync::Arc;

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use tokio::sync::Semaphore;

use super::Problem;
use super::around::Next;
use super::turns::{busy, waited_for};

/// Requests at once; and of those that may write, most of which wait for the disk: while it does not answer, all others are
/// answered as ever.
const REQUESTS_AT_ONCE: usize = 512;
const WRITING_AT_ONCE: usize = 448;

/// How many more requests can be worked on.
#[derive(Clone)]
pub struct Requests {
    all: Arc<Semaphore>,
    writing: Arc<Semaphore>,
}

impl Requests {
    pub fn new() -> Requests {
        let [all, writing] = [REQUESTS_AT_ONCE, WRITING_AT_ONCE].map(|n| Arc::new(Semaphore::new(n)));
        Requests { all, writing }
    }
}

/// Tells callers beyond [`REQUESTS_AT_ONCE`], or [`WRITING_AT_ONCE`], to come back, at once.
pub async fn no_more_than_can_be_answered(requests: &Requests, request: Request, next: impl Next) -> Response {
    let writes = !request.method().is_safe();
    let (Ok(_until_answered), Ok(_until_written)) =
        (requests.all.try_acquire(), writes.then(|| requests.writing.try_acquire()).transpose())
    else {
        return Problem::from(busy()).into_response();
    };
    waited_for(next.run(request)).await
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::routing::any;
    use hyper::service::Service;
    use hyper_util::service::TowerToHyperService;

    use super::super::around::around;
    use super::*;

    #[tokio::test]
    async fn who_only_reads_finds_a_place_where_all_who_write_are_waited_for() {
        let requests = Requests::new();
        let taken = requests.clone();
        let limit = around(move |request, next| {
            let requests = taken.clone();
            async move { no_more_than_can_be_answered(&requests, request, next).await }
        });
        let service = TowerToHyperService::new(Router::new().route("/", any(|| async {})).layer(limit));
        let status = async |method: &str| {
            let request = Request::builder().method(method).uri("/").body(axum::body::Body::empty()).unwrap();
            service.call(request).await.unwrap().status().as_u16()
        };
        let _writing = requests.writing.try_acquire_many(WRITING_AT_ONCE as u32).unwrap();
        assert_eq!((status("POST").await, status("DELETE").await, status("GET").await), (503, 503, 200));
        let _all = requests.all.try_acquire_many(REQUESTS_AT_ONCE as u32).unwrap();
        assert_eq!((status("GET").await, status("HEAD").await), (503, 503));
    }
}
