//! What people said and showed with their reports: for those who may see it, where they may (as the Desk has it). Everybody
//! else gets requests without description and media.

use std::collections::HashMap;

use serde::Deserialize;

use super::super::base_url::BaseUrl;
use super::super::words::Reach;
use super::super::{App, Problem};
use crate::error::Result;
use crate::hazard::layer::Reported;
use crate::hazard::map::HazardMap;
use crate::hazard::workflow::NoteId;

/// What is private of one report.
#[derive(Default)]
pub struct Shown {
    pub description: Option<String>,
    /// Addresses of its photos, then links that its sender gave: nobody has looked at what is there.
    pub media_urls: Vec<String>,
    /// What was said last with a step.
    pub note: Option<String>,
}

#[derive(Default, Deserialize)]
struct Sent {
    #[serde(default)]
    media_urls: Vec<String>,
}

/// Those of some reports that somebody of this reach may read, by their ids.
pub fn readable(map: &HazardMap, reach: &Reach, reports: &[Reported]) -> Vec<(String, Option<NoteId>)> {
    let may = reach.on(map);
    let mine = reports.iter().filter(|report| report.case.incident.is_some_and(&may));
    mine.map(|report| (report.id.clone(), report.case.note_id)).collect()
}

/// What is private of these, by their ids.
///
/// # Errors
/// 503 while the private file cannot be read.
pub async fn shown(
    app: &App,
    base: &BaseUrl,
    of: Vec<(String, Option<NoteId>)>,
) -> Result<HashMap<String, Shown>, Problem> {
    if of.is_empty() {
        return Ok(HashMap::new());
    }
    let (live, base) = (app.live()?.clone(), base.clone());
    let look = move || -> Result<_> {
        let ids: Vec<String> = of.iter().map(|(id, _)| id.clone()).collect();
        let notes: Vec<NoteId> = of.iter().filter_map(|(_, note)| *note).collect();
        let (mut said, senders, notes) = (live.said(&ids)?, live.senders(&ids)?, live.notes(&notes)?);
        let photos = live.photos().of_reports(&ids)?;
        let mut shown = HashMap::new();
        for (id, note) in of {
            let photos = photos.get(&id).into_iter().flatten();
            let mut media_urls: Vec<String> =
                photos.map(|photo| base.link(&format!("/api/v1/photos/{photo}"))).collect();
            let sent: Option<Sent> = senders.get(&id).and_then(|sender| serde_json::from_str(sender).ok());
            media_urls.extend(sent.unwrap_or_default().media_urls);
            let note = note.and_then(|note| notes.get(&note).cloned());
            shown.insert(
                id.clone(),
                Shown { description: said.remove(&id).and_then(|said| said.text), media_urls, note },
            );
        }
        Ok(shown)
    };
    app.shared.turns.soon().await?.look(look).await?.map_err(Problem::from)
}
