//! Where a request comes from.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap};

const FORWARDED: &str = "x-forwarded-for";

/// The other end of a connection.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// The address of whoever asks, if it is known: of the other end; of a proxy on this machine, the one that the proxy has
/// added last. What a caller himself writes into `X-Forwarded-For` stands before that, and is not believed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address(Option<String>);

impl Address {
    pub fn of(extensions: &Extensions, request: &HeaderMap) -> Address {
        let peer = extensions.get::<Peer>().map(|Peer(peer)| peer.ip().to_canonical());
        Address(peer.map(|peer| behind(peer, request).unwrap_or(peer).to_string()))
    }

    pub fn text(&self) -> Option<&str> {
        self.0.as_deref()
    }

    /// Is it this machine itself, and no proxy on it that asks for somebody else?
    pub fn is_here(&self) -> bool {
        self.text().and_then(|text| text.parse().ok()).is_some_and(|address: IpAddr| address.is_loopback())
    }
}

impl<S: Sync> FromRequestParts<S> for Address {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Address, Infallible> {
        Ok(Address::of(&parts.extensions, &parts.headers))
    }
}

/// Who stands behind a proxy on this machine.
fn behind(peer: IpAddr, request: &HeaderMap) -> Option<IpAddr> {
    let last = request.get_all(FORWARDED).iter().next_back().filter(|_| peer.is_loopback())?;
    last.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_proxy_on_this_machine_is_believed_and_only_what_it_added_itself() {
        let of = |peer: &str, forwarded: &[&str]| {
            let mut extensions = Extensions::new();
            extensions.insert(Peer(peer.parse().unwrap()));
            let mut headers = HeaderMap::new();
            for value in forwarded {
                headers.append(FORWARDED, value.parse().unwrap());
            }
            Address::of(&extensions, &headers).0.unwrap()
        };
        assert_eq!(of("127.0.0.1:5", &[]), "127.0.0.1");
        assert_eq!(of("127.0.0.1:5", &["6.6.6.6, 9.9.9.9"]), "9.9.9.9");
        assert_eq!(of("[::1]:5", &["6.6.6.6", "2001:db8::1"]), "2001:db8::1");
        assert_eq!(of("127.0.0.1:5", &["nonsense"]), "127.0.0.1");
        assert_eq!(of("8.8.8.8:5", &["6.6.6.6"]), "8.8.8.8");
        assert_eq!(of("[::ffff:8.8.8.8]:5", &["6.6.6.6"]), "8.8.8.8");
        assert_eq!(Address::of(&Extensions::new(), &HeaderMap::new()), Address(None));
    }
}
