//! Is the process alive, and can it answer?

use axum::Json;
use axum::extract::State;
use axum::http::Uri;
use serde_json::{Value, json};

use super::{App, Problem, query};
use crate::error::Error;

pub async fn alive(uri: Uri) -> Result<Json<Value>, Problem> {
    query::none(&uri)?;
    Ok(Json(json!({"status": "alive"})))
}

/// 503 while the log is being read, and when reports cannot be taken or what was taken cannot be shown.
pub async fn ready(State(app): State<App>, uri: Uri) -> Result<Json<Value>, Problem> {
    query::none(&uri)?;
    let position = app.position()?;
    app.live()?.health().map_err(|e| Error::Busy(e.to_string()))?;
    Ok(Json(json!({"status": "ready", "position": position})))
}
