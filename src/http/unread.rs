//! What nobody has read of a request's body. Most senders hear an answer only when they have sent all, and a connection that
//! ends with something unread ends in a reset, which may take the answer with it. So a little is read and thrown away before
//! the answer goes out; where there is more, or it does not come, the answer says that the connection ends with it.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::Body;
use axum::http::header::{CONNECTION, EXPECT};
use axum::http::{HeaderValue, Request, StatusCode};
use axum::response::Response;
use hyper::body::{Body as HttpBody, Bytes, Frame, SizeHint};
use tokio::sync::oneshot;
use tokio::time::timeout;

/// Bytes of a body that are read and thrown away; a body that announces more is not begun.
const MOST: u64 = 65_536;
/// Within this time.
const WITHIN: Duration = Duration::from_secs(1);

/// A body that comes back when it is let go of before its end.
struct Lent<B: Unpin> {
    body: Option<B>,
    back: Option<oneshot::Sender<B>>,
}

/// Where the rest of a body comes back to.
pub struct Rest<B> {
    back: oneshot::Receiver<B>,
    /// It is sent only when it is asked for, which an answer does not.
    waits: bool,
}

/// The same request, and where the rest of its body comes back to; nothing where it has none.
pub fn lend<B>(request: Request<B>) -> (Request<Body>, Option<Rest<B>>)
where
    B: HttpBody<Data = Bytes> + Unpin + Send + 'static,
    B::Error: Into<axum::BoxError>,
{
    if request.body().is_end_stream() {
        return (request.map(Body::new), None);
    }
    let (back, rest) = oneshot::channel();
    let waits = request.headers().contains_key(EXPECT);
    let lent = request.map(|body| Body::new(Lent { body: Some(body), back: Some(back) }));
    (lent, Some(Rest { back: rest, waits }))
}

impl<B: HttpBody<Data = Bytes> + Unpin> HttpBody for Lent<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        let frame = ready!(Pin::new(body).poll_frame(cx));
        if matches!(frame, None | Some(Err(_))) {
            // Nothing more comes of it.
            self.back = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(B::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), B::size_hint)
    }
}

impl<B: Unpin> Drop for Lent<B> {
    fn drop(&mut self) {
        if let (Some(body), Some(back)) = (self.body.take(), self.back.take()) {
            // Nobody takes it where the answer is given up as well.
            let _ = back.send(body);
        }
    }
}

impl<B: HttpBody<Data = Bytes> + Unpin> Rest<B> {
    /// The answer, which can go out now: the rest of the body is read, or the answer says that it will not be.
    pub async fn before(mut self, mut answer: Response) -> Response {
        let Ok(mut body) = self.back.try_recv() else { return answer };
        if body.is_end_stream() {
            return answer;
        }
        // What did not come in the time it had has been waited for.
        let wanted = !self.waits && answer.status() != StatusCode::REQUEST_TIMEOUT && body.size_hint().lower() <= MOST;
        if !wanted || !timeout(WITHIN, thrown_away(&mut body)).await.unwrap_or(false) {
            answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        answer
    }
}

/// Reads a body; whether it came to its end.
async fn thrown_away<B: HttpBody<Data = Bytes> + Unpin>(body: &mut B) -> bool {
    let mut bytes = 0;
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await {
        let Ok(frame) = frame else { return false };
        bytes += frame.data_ref().map_or(0, |data| data.len() as u64);
        if bytes > MOST {
            return false;
        }
    }
    true
}
