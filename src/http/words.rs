//! What people said, and who they are: for those who may read it, of the incidents in their areas.

use super::actor::Caller;
use super::{App, Problem};
use crate::error::Result;
use crate::hazard::layer::{PrivateReport, StepTaken};
use crate::hazard::map::HazardMap;
use crate::store::StepPhotos;

/// Of which incidents somebody may read what people said, and who they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    Nowhere,
    Everywhere,
    /// Of those that lie in one of these areas, by their ids, or in a part of one.
    Areas(Vec<String>),
}

impl Reach {
    pub fn of(caller: &Caller) -> Reach {
        match caller.areas() {
            _ if !caller.may_read_words() => Reach::Nowhere,
            [] => Reach::Everywhere,
            areas => Reach::Areas(areas.to_vec()),
        }
    }

    /// Which incidents of a map, by index.
    pub fn on<'m>(&self, map: &'m HazardMap) -> impl Fn(usize) -> bool + use<'m> {
        let everywhere = *self == Reach::Everywhere;
        let within = match self {
            Reach::Areas(ids) => Some(map.areas().within(ids)),
            Reach::Nowhere | Reach::Everywhere => None,
        };
        move |incident| match &within {
            Some(within) => map.area_of(incident).is_some_and(|area| within[area]),
            None => everywhere,
        }
    }
}

/// Adds what was said and shown with steps, and who took them.
///
/// # Errors
/// 503 while the private file cannot be read.
pub async fn with_steps(app: &App, steps: &mut [StepTaken]) -> Result<(), Problem> {
    let ids: Vec<_> = steps.iter().filter_map(|step| step.note_id).collect();
    let mut persons: Vec<_> = steps.iter().filter_map(|step| step.person).collect();
    persons.sort_unstable();
    persons.dedup();
    let live = app.live()?.clone();
    let look = move || -> Result<_> {
        Ok((live.notes(&ids)?, live.photos().of_steps(&ids)?, live.people().names_of(persons)?))
    };
    // Also after a step that was taken, so that nobody is told to come back.
    let (mut notes, mut shown, names) = app.shared.turns.sometime().await?.look(look).await??;
    for step in steps {
        let name = names.iter().find(|(person, _)| Some(*person) == step.person).map(|(_, name)| name.clone());
        step.note = Some(step.note_id.and_then(|id| notes.remove(&id)));
        step.by_name = Some(name);
        let StepPhotos { ids, told } = step.note_id.and_then(|id| shown.remove(&id)).unwrap_or_default();
        (step.photos, step.photos_told) = (Some(ids), Some(told));
    }
    Ok(())
}

/// What was said with reports, and whether their reporters may still follow them; in the order of the ids.
///
/// # Errors
/// 503 while the private file cannot be read.
pub async fn of_reports(app: &App, ids: Vec<String>) -> Result<Vec<PrivateReport>, Problem> {
    let live = app.live()?.clone();
    let look = move || -> Result<_> {
        let (mut said, revoked) = (live.said(&ids)?, live.people().revoked_links(&ids)?);
        let of = |id: String| {
            let said = said.remove(&id).unwrap_or_default();
            PrivateReport { text: said.text, place: said.place, link_revoked: revoked.contains(&id), id }
        };
        Ok(ids.into_iter().map(of).collect())
    };
    app.shared.turns.soon().await?.look(look).await?.map_err(Problem::from)
}
