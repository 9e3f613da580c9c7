//! `/metrics`: counters and times in the Prometheus text format, version 0.0.4.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::prometheus_text;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::feed::Feed;
use super::{App, Problem, query};
use crate::error::Error;
use crate::live::Live;

/// Upper ends of the classes of times, in seconds; an answer from the map takes milliseconds.
const BUCKETS_S: [f64; 11] = [0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

/// Everything that is counted, each under its name.
pub struct Metrics {
    registry: Mutex<Registry>,
    requests: Family<Answered, Counter>,
    durations: Family<Asked, Histogram, fn() -> Histogram>,
}

/// What was asked. Never a path as it was sent: there would be as many as there are reports.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Asked {
    method: &'static str,
    route: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    method: &'static str,
    route: String,
    /// `2xx` and so on.
    status: &'static str,
}

impl Metrics {
    pub fn new(feed: &Feed) -> Metrics {
        let mut registry = Registry::default();
        let requests = Family::default();
        registry.register("waterlog_http_requests", "Requests answered", requests.clone());
        let durations = Family::new_with_constructor((|| Histogram::new(BUCKETS_S)) as fn() -> Histogram);
        let help = "Time from a request's head to the head of its answer";
        registry.register_with_unit("waterlog_http_request_duration", help, Unit::Seconds, durations.clone());
        feed.register(&mut registry);
        Metrics { registry: Mutex::new(registry), requests, durations }
    }

    /// From now on shows what this write path counts, too.
    pub fn watch(&self, live: &Live) {
        live.measures().register(&mut self.registry.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Counts an answer.
    pub fn answered(&self, method: &Method, route: &str, status: StatusCode, took: Duration) {
        let (method, route) = (known(method), route.to_owned());
        let status = match status.as_u16() / 100 {
            1 => "1xx",
            2 => "2xx",
            3 => "3xx",
            4 => "4xx",
            _ => "5xx",
        };
        self.requests.get_or_create(&Answered { method, route: route.clone(), status }).inc();
        self.durations.get_or_create(&Asked { method, route }).observe(took.as_secs_f64());
    }
}

/// The methods that have names of their own; anybody can make up others.
pub fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

pub async fn metrics(State(app): State<App>, uri: Uri) -> Result<Response, Problem> {
    query::none(&uri)?;
    app.measure_messages().await;
    let mut text = String::new();
    let registry = app.shared.metrics.registry.lock().unwrap_or_else(PoisonError::into_inner);
    prometheus_text::encode(&mut text, &registry)
        .map_err(|e| Error::Store(format!("the metrics cannot be written: {e}")))?;
    Ok(([(CONTENT_TYPE, prometheus_text::CONTENT_TYPE)], text).into_response())
}
