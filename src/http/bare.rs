//! What the HTTP library refuses before any of our code is asked: a head that cannot be read, or is too large. It answers
//! such a request without a body and takes no other, so the problem document is put in as the answer goes out.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::http::StatusCode;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::Problem;
use super::problem::PROBLEM_JSON;

/// The library's own answers are shorter: a status, and three headers.
const LONGEST_BARE_BYTES: usize = 256;
const EMPTY: &str = "content-length: 0\r\n";

/// A connection on which no refusal goes out bare.
pub struct Explained<S> {
    stream: S,
    /// Of an answer that got a body, what is still to be sent.
    left: Vec<u8>,
}

impl<S: AsyncWrite + Unpin> Explained<S> {
    pub fn new(stream: S) -> Explained<S> {
        Explained { stream, left: Vec::new() }
    }

    fn send_left(&mut self, cx: &mut Context) -> Poll<io::Result<()>> {
        while !self.left.is_empty() {
            let sent = ready!(Pin::new(&mut self.stream).poll_write(cx, &self.left))?;
            if sent == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.left.drain(..sent);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Explained<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context, buf: &mut ReadBuf) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Explained<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context, buf: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.send_left(cx))?;
        let Some(answer) = explained(buf) else { return Pin::new(&mut self.stream).poll_write(cx, buf) };
        // Taken whole: what does not fit now goes out with the flush that follows.
        self.left = answer;
        match self.send_left(cx) {
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            _ => Poll::Ready(Ok(buf.len())),
        }
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, cx: &mut Context, bufs: &[IoSlice]) -> Poll<io::Result<usize>> {
        match bufs {
            // An answer without a body is one piece.
            [head] => self.poll_write(cx, head),
            _ => {
                ready!(self.send_left(cx))?;
                Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
            }
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context) -> Poll<io::Result<()>> {
        ready!(self.send_left(cx))?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context) -> Poll<io::Result<()>> {
        ready!(self.send_left(cx))?;
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// The same answer with a problem document, if it is a refusal of the library's own: each of ours has a request id.
fn explained(answer: &[u8]) -> Option<Vec<u8>> {
    if answer.len() > LONGEST_BARE_BYTES || !answer.starts_with(b"HTTP/1.1 4") || !answer.ends_with(b"\r\n\r\n") {
        return None;
    }
    let head = str::from_utf8(answer).ok()?;
    let status = StatusCode::from_bytes(head.get(9..12)?.as_bytes()).ok()?;
    if head.contains("x-request-id") || !head.contains(EMPTY) || !head.contains("connection: close\r\n") {
        return None;
    }
    let detail = match status {
        StatusCode::URI_TOO_LONG => "the address is longer than 65,534 bytes: ask for less at once",
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => {
            "the head of the request is too large, or has more than 100 header fields"
        }
        _ => "this is no request of HTTP/1.1: its first line or one of its header fields cannot be read",
    };
    let body = Problem::new(status, detail).json();
    let length = format!("content-type: {PROBLEM_JSON}\r\ncontent-length: {}\r\n", body.len());
    Some([head.replacen(EMPTY, &length, 1).as_bytes(), &body].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BARE: &str = "HTTP/1.1 414 URI Too Long\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

    #[test]
    fn only_the_library_s_own_refusals_get_a_body() {
        let answer = String::from_utf8(explained(BARE.as_bytes()).unwrap()).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let length = format!("content-type: application/problem+json\r\ncontent-length: {}", body.len());
        assert_eq!(head, format!("HTTP/1.1 414 URI Too Long\r\nconnection: close\r\n{length}"));
        assert!(body.contains("\"status\":414") && body.contains("longer than 65,534 bytes"), "{body}");
        for other in [
            BARE.replace("414", "204"),
            BARE.replace("414", "200"),
            BARE.replace("length: 0", "length: 7"),
            BARE.replace("connection: close\r\n", ""),
            BARE.replace("\r\n\r\n", "\r\nx-request-id: 7\r\n\r\n"),
            BARE.replace("\r\n\r\n", "\r\n\r\nbody"),
            BARE.repeat(9),
        ] {
            assert_eq!(explained(other.as_bytes()), None, "{other}");
        }
    }
}
