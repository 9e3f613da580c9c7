//! Functions around the rest of the way to an answer. They lie in one another as functions do: axum's `from_fn` puts what
//! lies inside of each into boxes of its own for every request, some hundredths of the time of a small answer.

use std::convert::Infallible;

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use tower::layer::layer_fn;
use tower::{Layer, Service, ServiceExt, service_fn};

/// The rest of the way to an answer.
pub trait Next: Send {
    fn run(self, request: Request) -> impl Future<Output = Response> + Send;
}

impl<F, A> Next for F
where
    F: FnOnce(Request) -> A + Send,
    A: Future<Output = Response> + Send,
{
    fn run(self, request: Request) -> impl Future<Output = Response> + Send {
        self(request)
    }
}

/// A service as the rest of the way.
pub struct Rest<S>(S);

impl<S> Next for Rest<S>
where
    S: Service<Request, Response: IntoResponse, Error = Infallible, Future: Send> + Send,
{
    async fn run(self, request: Request) -> Response {
        match self.0.oneshot(request).await {
            Ok(answer) => answer.into_response(),
            Err(never) => match never {},
        }
    }
}

/// What a layer of such a function makes of a service.
pub trait Answers:
    Service<Request, Response = Response, Error = Infallible, Future: Send> + Clone + Send + Sync + 'static
{
}

impl<S> Answers for S where
    S: Service<Request, Response = Response, Error = Infallible, Future: Send> + Clone + Send + Sync + 'static
{
}

/// The layer that is one such function around what lies inside.
pub fn around<S, F, A>(function: F) -> impl Layer<S, Service: Answers> + Clone + Send + Sync + 'static
where
    S: Clone + Send + Sync + 'static,
    F: Fn(Request, Rest<S>) -> A + Clone + Send + Sync + 'static,
    A: Future<Output = Response> + Send + 'static,
{
    layer_fn(move |inner: S| {
        let function = function.clone();
        service_fn(move |request| {
            let answer = function(request, Rest(inner.clone()));
            async move { Ok(answer.await) }
        })
    })
}
