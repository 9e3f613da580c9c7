//! Is the process alive, and can it answer?

use axum::Json;
use axum::extract::State;
use axum::http::Uri;
use serde_json::{Value, json};

use super::{App, Problem, query};

pub async fn alive(uri: Uri) -> Result<Json<Value>, Problem> {
    query::none(&uri)?;
    Ok(Json(json!({"status": "alive"})))
}

pub async fn ready(State(app): State<App>, uri: Uri) -> Result<Json<Value>, Problem> {
    query::none(&uri)?;
    let position = app.position()?;
    Ok(Json(json!({"status": "ready", "position": position})))
}
