//! Each request has an id, which its answer, its problem and its line in the log carry; and each is counted.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::Response;
use rand_xoshiro::SplitMix64;
use rand_xoshiro::rand_core::{Rng, SeedableRng};
use tracing::{info, warn};

use super::App;
use super::around::Next;
use super::metrics::known;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// An id that the caller chose may be so long.
const LONGEST_ID_CHARS: usize = 64;
/// An answer that takes longer is worth a line in the log.
const SLOW: Duration = Duration::from_secs(1);
/// Stands for every address that there is not.
const UNMATCHED: &str = "(no such address)";

tokio::task_local! {
    /// Of the request that this task works on.
    static REQUEST_ID: HeaderValue;
}

/// The id of the request that is being answered.
pub fn request_id() -> Option<String> {
    REQUEST_ID.try_with(|id| id.to_str().unwrap_or_default().to_owned()).ok()
}

/// Gives the request its id, answers it, and tells how that went: by route, never by the address as it was sent.
pub async fn observe(app: &App, request: Request, next: impl Next) -> Response {
    let id = given(request.headers()).unwrap_or_else(drawn);
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let started = Instant::now();
    let mut response = REQUEST_ID.scope(id.clone(), next.run(request)).await;
    let took = started.elapsed();
    let route = route.as_ref().map_or(UNMATCHED, MatchedPath::as_str);
    let (status, ms) = (response.status(), took.as_millis());
    app.shared.metrics.answered(&method, route, status, took);
    let id_text = id.to_str().unwrap_or_default();
    // A method can be any word: one that nobody knows is not repeated.
    let told = || format!("{} {route} was answered {} after {ms} ms", known(&method), status.as_u16());
    if status.is_server_error() {
        warn!(request.id = id_text, "{}", told());
    } else if status.is_client_error() || took >= SLOW {
        info!(request.id = id_text, "{}", told());
    }
    response.headers_mut().insert(X_REQUEST_ID, id);
    response
}

/// The caller's own id, if it is short and plain: it goes into the log.
fn given(request: &HeaderMap) -> Option<HeaderValue> {
    let id = request.get(X_REQUEST_ID)?;
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"-_.".contains(b);
    (1..=LONGEST_ID_CHARS).contains(&id.len()).then_some(id).filter(|id| id.as_bytes().iter().all(plain)).cloned()
}

/// 64 bits in hexadecimal, which no other request to this process has: SplitMix64 from a random
/// start, since each question for random numbers goes to the kernel.
fn drawn() -> HeaderValue {
    static START: LazyLock<u64> = LazyLock::new(|| {
        let mut random = [0; 8];
        // Without random numbers two processes share their ids, which harms nobody.
        let _ = getrandom::fill(&mut random);
        u64::from_le_bytes(random)
    });
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let bits = SplitMix64::seed_from_u64(START.wrapping_add(COUNT.fetch_add(1, Ordering::Relaxed))).next_u64();
    HeaderValue::try_from(format!("{bits:016x}")).unwrap_or(HeaderValue::from_static("unknown"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_short_plain_id_is_taken_from_the_caller() {
        let of = |id: &[u8]| given(&HeaderMap::from_iter([(X_REQUEST_ID, HeaderValue::from_bytes(id).unwrap())]));
        for id in ["a", "7f3b-21.A_9", &"x".repeat(64)] {
            assert_eq!(of(id.as_bytes()).unwrap(), id);
        }
        for id in [&b""[..], b"a b", b"a\tb", b"a=b", "号".as_bytes(), &[b'x'; 65]] {
            assert!(of(id).is_none(), "{id:?}");
        }
        assert!(given(&HeaderMap::new()).is_none());
    }

    #[test]
    fn ids_that_are_drawn_differ() {
        assert!(drawn() != drawn() && drawn().len() == 16);
    }
}
