//! One person: all that is held of him, for himself; and its erasure.

use std::num::NonZeroU64;
use std::path::Path;

use serde::Serialize;
use serde_json::Value;

use super::By;
use crate::error::Result;
use crate::hazard::event::Event;
use crate::hazard::photo::Photo;
use crate::hazard::time;
use crate::store::{Account, Accounts, Erased, Store};

/// All that is held of one person. Times in RFC 3339.
#[derive(Debug, Serialize)]
pub struct Dossier {
    /// What stands for him in the log.
    pub person: NonZeroU64,
    pub account: Option<AccountHeld>,
    pub sessions: Vec<SessionHeld>,
    pub api_keys: Vec<KeyHeld>,
    pub audit: Vec<AuditHeld>,
    pub reports: Vec<Held>,
    pub steps: Vec<Held>,
    /// Those he sent, or showed with a report or a step; the pictures are at `/api/v1/photos/{id}`.
    pub photos: Vec<Photo>,
}

#[derive(Debug, Serialize)]
pub struct AccountHeld {
    pub login: String,
    pub name: String,
    pub role: String,
    pub unit: Option<String>,
    pub areas: Vec<String>,
    pub disabled: bool,
    pub created: String,
}

#[derive(Debug, Serialize)]
pub struct SessionHeld {
    pub created: String,
    pub last_seen: String,
    pub expires: String,
}

#[derive(Debug, Serialize)]
pub struct KeyHeld {
    pub id: String,
    pub name: String,
    pub scopes: String,
    pub created: String,
    pub expires: String,
    pub last_used: Option<String>,
}

#[derive(Debug, Serialize)]
pub struct AuditHeld {
    pub at: String,
    pub by: Option<String>,
    pub what: String,
    pub about: Option<String>,
    pub address: Option<String>,
}

/// A report or a step as the log has it, with what was said with it.
#[derive(Debug, Serialize)]
pub struct Held {
    pub seq: u64,
    #[serde(flatten)]
    pub event: Event,
    pub text: Option<String>,
    pub place: Option<String>,
    pub source_id: Option<String>,
    /// Where a report may be, as its sources said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub positions: Option<Value>,
    /// What the sender of a report said of himself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sender: Option<Value>,
    /// What he sent, as he sent it, and what was understood of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub arrivals: Vec<Value>,
}

/// All that is held of whoever is reached by an e-mail address or a telephone number, and may have no account.
#[derive(Debug, Serialize)]
pub struct ContactDossier {
    pub contact: String,
    pub reports: Vec<Held>,
    pub photos: Vec<Photo>,
}

/// Everything of one person in the database of a folder; `account`: his, where he has one.
///
/// # Errors
/// `NotFound` where there is no database; `Store` when it cannot be read.
pub fn dossier(data: &Path, person: NonZeroU64, account: Option<&Account>) -> Result<Dossier> {
    let (store, accounts) = (Store::open_existing(data)?, Accounts::open(data)?);
    let (mut reports, mut steps) = (Vec::new(), Vec::new());
    for (seq, event) in store.events_of(person)? {
        let (of, id) = match &event {
            Event::Report(report) => (&mut reports, Some(report.id.clone())),
            Event::Transition(taken) => (&mut steps, taken.note.map(String::from)),
            _ => continue,
        };
        of.push(Held::of(&store, seq, event, id)?);
    }
    let shown_with: Vec<String> = reports.iter().chain(&steps).filter_map(Held::shown_with).collect();
    let mut dossier = Dossier {
        person,
        account: account.map(AccountHeld::of),
        sessions: Vec::new(),
        api_keys: Vec::new(),
        audit: Vec::new(),
        reports,
        steps,
        photos: store.photos_of(person, &shown_with)?,
    };
    if let Some(account) = account {
        dossier.add(&accounts, account)?;
    }
    Ok(dossier)
}

/// Everything in the database of a folder of whoever is reached so, with the reports that he sent.
///
/// # Errors
/// `NotFound` where there is no database; `Store` when it cannot be read.
pub fn contact_dossier(data: &Path, contact: &str) -> Result<ContactDossier> {
    let store = Store::open_existing(data)?;
    let ids = store.reports_from(contact)?;
    let (mut reports, last) = (Vec::new(), store.last()?);
    // A log that grows meanwhile is read as far as it went.
    store.read(0, usize::try_from(last).unwrap_or(usize::MAX), |seq, event| {
        let id = match &event {
            Event::Report(report) if ids.contains(&report.id) => report.id.clone(),
            _ => return Ok(()),
        };
        reports.push(Held::of(&store, seq, event, Some(id))?);
        Ok(())
    })?;
    Ok(ContactDossier { contact: contact.to_owned(), photos: store.photos_shown(&ids)?, reports })
}

impl Dossier {
    fn add(&mut self, accounts: &Accounts, account: &Account) -> Result<()> {
        let at = time::format;
        self.sessions.extend(accounts.sessions_of(&account.id)?.into_iter().map(|session| SessionHeld {
            created: at(session.created),
            last_seen: at(session.last_seen),
            expires: at(session.expires),
        }));
        self.api_keys.extend(accounts.keys(Some(&account.id))?.into_iter().map(|key| KeyHeld {
            id: key.id,
            name: key.name,
            scopes: key.scopes,
            created: at(key.created),
            expires: at(key.expires),
            last_used: key.last_used.map(at),
        }));
        let audited = accounts.audited(Some((&account.id, &account.login)), usize::MAX >> 1)?;
        self.audit.extend(audited.into_iter().map(|entry| AuditHeld {
            at: at(entry.at),
            by: entry.login,
            what: entry.what,
            about: entry.about,
            address: entry.address,
        }));
        Ok(())
    }
}

impl Held {
    /// `id`: under which the private file may have something.
    fn of(store: &Store, seq: u64, event: Event, id: Option<String>) -> Result<Held> {
        let Some(id) = id else {
            let (text, place, source_id, positions, sender, arrivals) = Default::default();
            return Ok(Held { seq, event, text, place, source_id, positions, sender, arrivals });
        };
        let said = store.said(&id)?.unwrap_or_default();
        let read = |text: Option<String>| text.and_then(|text| serde_json::from_str(&text).ok());
        let positions = read(store.positions(&id)?);
        let sender = read(store.senders(std::slice::from_ref(&id))?.remove(&id));
        let arrivals = store.arrivals(&id)?.into_iter().filter_map(|(_, text)| read(Some(text))).collect();
        let (text, place, source_id) = (said.text, said.place, said.source_id);
        Ok(Held { seq, event, text, place, source_id, positions, sender, arrivals })
    }

    /// The id under which the private file has the photos of it.
    fn shown_with(&self) -> Option<String> {
        match &self.event {
            Event::Report(report) => Some(report.id.clone()),
            Event::Transition(taken) => taken.note.map(String::from),
            _ => None,
        }
    }
}

impl AccountHeld {
    fn of(account: &Account) -> AccountHeld {
        let Account { login, name, role, unit, areas, disabled, created, .. } = account.clone();
        let (role, created) = (role.to_string(), time::format(created));
        AccountHeld { login, name, role, unit, areas, disabled, created }
    }
}

/// Erases one person from the database of a folder: his account, where he has one, and all that was said with his reports
/// and steps. The log keeps his number, which leads to nobody then.
///
/// # Errors
/// `NotFound` where there is no database; `Conflict` for the last administrator; `Busy` while another program reads, and
/// it has to be done once more; `Store` when it cannot be written.
pub fn erase(data: &Path, person: NonZeroU64, account: Option<&Account>, now: i64) -> Result<Erased> {
    let mut store = Store::open_existing(data)?;
    if let Some(account) = account {
        // Nobody acts in his name while it goes on; and an administrator is left.
        let by = By::default();
        let note = by.note(now, "erase", None);
        Accounts::open(data)?.change(&account.login, &note, |account| account.disabled = true)?;
    }
    store.erase(person)
}

/// Erases what was said and shown with the reports whose sender is reached by an e-mail address or a telephone number, and
/// what he said of himself. The reports stay.
///
/// # Errors
/// As [`erase`].
pub fn erase_contact(data: &Path, contact: &str) -> Result<Erased> {
    Store::open_existing(data)?.erase_contact(contact)
}
