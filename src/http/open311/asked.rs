//! What every request says: in which format and language it wants its answer, and of which jurisdiction.

use axum::extract::FromRequestParts;
use axum::http::Uri;
use axum::http::request::Parts;

use super::super::{App, Problem};
use super::answer::{Format, Manner};
use super::tongue::Tongue;
use crate::intake::open311::{Form, pairs};

/// A request, as far as its address and headers go. What it has that nobody knows is passed over.
pub struct Asked {
    pub manner: Manner,
    /// The parameters of its address.
    pub form: Form,
    pub uri: Uri,
}

impl Asked {
    /// The name at the end of the address, without a format.
    pub fn name<'p>(&self, last: &'p str) -> &'p str {
        last.strip_suffix(self.manner.format.suffix()).and_then(|name| name.strip_suffix('.')).unwrap_or(last)
    }
}

impl FromRequestParts<App> for Asked {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Asked, Problem> {
        let form = Form::new(pairs(parts.uri.query().unwrap_or_default().as_bytes())?)?;
        app.provider.expect(form.one("jurisdiction_id")?)?;
        let format = Format::of(parts.uri.path(), &parts.headers);
        let tongue = Tongue::of(form.one("locale")?, &parts.headers);
        Ok(Asked { manner: Manner { format, tongue, private: false }, form, uri: parts.uri.clone() })
    }
}
