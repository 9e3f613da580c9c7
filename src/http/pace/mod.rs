//! How fast one sender may send. Whoever sends too fast is told to wait; whoever goes on regardless is held: what he sends at
//! the pace allowed is taken, and waits in the inbox for somebody to look at it, so that nothing true is lost in a flood.
//!
//! The pace is the generic cell rate algorithm (ITU-T I.371): for each sender one time, at which all that he has sent would
//! have been due. What this process has counted is forgotten when it ends.

mod limits;

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, StatusCode};

use super::Problem;
use super::actor::{Caller, Proof};
use super::address::Address;
use super::lately::Lately;
use crate::error::{Result, invalid};
use crate::live::Live;

pub use limits::SenderLimits;
use limits::{Limit, Rate};

/// Names a phone or a browser, by a number that it has drawn itself.
pub const DEVICE: &str = "device-id";
const DEVICE_CHARS: std::ops::RangeInclusive<usize> = 16..=64;
/// Senders remembered at most are twice as many.
const GENERATION: usize = 10_000;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum What {
    /// Reports and messages.
    Report,
    Photo,
}

/// Whom it is counted for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Sender {
    /// Of an account, by its id.
    Key(String),
    /// A number in the log.
    Person(u64),
    Device(String),
    Address(String),
}

/// Everybody whom something is counted for.
#[derive(Clone, Debug, Default)]
pub struct Senders {
    all: Vec<Sender>,
}

impl Senders {
    /// Who sends a request. Of whoever is known, only he himself is counted; of others their device, and the address, unless
    /// that is this machine's own: whoever is here needs no service to write.
    ///
    /// # Errors
    /// `Invalid` for a device id that is none.
    pub fn of(caller: &Caller, address: &Address, request: &HeaderMap) -> Result<Senders> {
        let device = device(request)?;
        let known = match caller {
            Caller::Nobody(_) => None,
            Caller::Known(known) => match (&known.by, &known.account) {
                (Proof::Key(_), Some(account)) => Some(Sender::Key(account.id.clone())),
                _ => known.actor.person.map(|person| Sender::Person(person.get())),
            },
        };
        let all = match known {
            Some(known) => vec![known],
            None => {
                let address = address.text().filter(|_| !address.is_here()).map(str::to_owned);
                device.map(Sender::Device).into_iter().chain(address.map(Sender::Address)).collect()
            }
        };
        Ok(Senders { all })
    }

    /// The one person, or phone, that something comes from, where that is known.
    pub fn one(&self) -> Option<&Sender> {
        self.all.first().filter(|sender| matches!(sender, Sender::Person(_) | Sender::Device(_)))
    }

    /// What stands for the phone that something comes from; nothing for whoever is known, or has none.
    pub fn device(&self, live: &Live) -> Option<String> {
        match self.all.first()? {
            Sender::Device(device) => Some(live.links().device(device)),
            Sender::Address(_) | Sender::Key(_) | Sender::Person(_) => None,
        }
    }

    /// What stands for the phone or address that something came from; nothing for whoever is known by name.
    pub fn origin(&self, live: &Live) -> Option<String> {
        let sender = match self.all.first()? {
            Sender::Device(device) => device,
            Sender::Address(address) => address,
            Sender::Key(_) | Sender::Person(_) => return None,
        };
        Some(live.links().alias(sender))
    }
}

fn device(request: &HeaderMap) -> Result<Option<String>> {
    let Some(value) = request.get(DEVICE) else { return Ok(None) };
    let text = String::from_utf8_lossy(value.as_bytes());
    let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if !plain || !DEVICE_CHARS.contains(&text.len()) {
        let reason = "not 16 to 64 letters, digits, - and _, drawn at random by the device";
        return Err(invalid("Device-Id", text, reason));
    }
    Ok(Some(text.into_owned()))
}

/// What may be done with what somebody sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    Taken,
    /// It is taken, and somebody looks at it before it counts.
    Held,
}

/// Why something is not taken now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TooFast {
    Wait {
        s: u64,
    },
    /// More at once than are ever taken.
    TooMany {
        most: u32,
    },
}

#[derive(Clone, Copy)]
struct Count {
    /// When all that was sent would have been due.
    due: Instant,
    /// When he was told to come back.
    told: Instant,
    /// Tries before that, one after another.
    too_soon: u32,
    held_until: Instant,
}

/// The pace of every sender.
pub struct Paces {
    limits: SenderLimits,
    counts: Mutex<Lately<(Sender, What), Count>>,
}

impl Paces {
    pub fn new(limits: SenderLimits) -> Paces {
        Paces { limits, counts: Mutex::new(Lately::new(GENERATION)) }
    }

    /// Counts `n` that come at once.
    ///
    /// # Errors
    /// Where they are too many; then none is counted.
    pub fn count(&self, senders: &Senders, what: What, n: usize) -> Result<Pace, TooFast> {
        self.count_at(senders, what, n, Instant::now())
    }

    /// As [`Paces::count`], for what cannot wait in the inbox: whoever is held is told to wait until he is not any more.
    ///
    /// # Errors
    /// As [`Paces::count`].
    pub fn count_unheld(&self, senders: &Senders, what: What, n: usize) -> Result<(), TooFast> {
        let now = Instant::now();
        if self.count_at(senders, what, n, now)? == Pace::Taken {
            return Ok(());
        }
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let held = senders.all.iter().map(|sender| count_of(&mut counts, sender, what, now).held_until);
        let held = held.max().unwrap_or(now).saturating_duration_since(now);
        Err(TooFast::Wait { s: held.as_secs() + 1 })
    }

    fn count_at(&self, senders: &Senders, what: What, n: usize, now: Instant) -> Result<Pace, TooFast> {
        let n = u32::try_from(n).unwrap_or(u32::MAX);
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let limits: Vec<Limit> = senders.all.iter().map(|sender| self.limit(sender)).collect();
        let most = limits.iter().map(|limit| limit.of(what).at_once).min();
        if let Some(most) = most.filter(|most| n > *most) {
            return Err(TooFast::TooMany { most });
        }
        let mut wait = Duration::ZERO;
        for (sender, limit) in senders.all.iter().zip(&limits) {
            wait = wait.max(count_of(&mut counts, sender, what, now).wait(limit.of(what), n, now));
        }
        let mut pace = Pace::Taken;
        for (sender, limit) in senders.all.iter().zip(&limits) {
            let count = count_of(&mut counts, sender, what, now);
            if wait.is_zero() {
                count.due = count.due.max(now) + limit.of(what).interval() * n;
            } else if !count.wait(limit.of(what), n, now).is_zero() {
                count.refuse(*limit, now, wait, self.limits.hold());
            }
            if now < count.held_until {
                pace = Pace::Held;
            }
        }
        if wait.is_zero() { Ok(pace) } else { Err(TooFast::Wait { s: wait.as_secs() + 1 }) }
    }

    fn limit(&self, sender: &Sender) -> Limit {
        match sender {
            Sender::Key(_) => self.limits.key,
            Sender::Person(_) => self.limits.account,
            Sender::Device(_) => self.limits.device,
            Sender::Address(_) => self.limits.address,
        }
    }
}

impl Limit {
    fn of(self, what: What) -> Rate {
        match what {
            What::Report => self.reports,
            What::Photo => self.photos,
        }
    }
}

impl Count {
    /// How long until `n` more may come.
    fn wait(&self, rate: Rate, n: u32, now: Instant) -> Duration {
        let due = self.due.max(now) + rate.interval() * n;
        due.saturating_duration_since(now + rate.interval() * rate.at_once)
    }

    fn refuse(&mut self, limit: Limit, now: Instant, wait: Duration, hold: Duration) {
        self.too_soon = if now < self.told { self.too_soon.saturating_add(1) } else { 0 };
        self.told = now + wait;
        if limit.hold_after.is_some_and(|most| self.too_soon >= most) {
            self.held_until = now + hold;
        }
    }
}

fn count_of<'c>(
    counts: &'c mut Lately<(Sender, What), Count>,
    sender: &Sender,
    what: What,
    now: Instant,
) -> &'c mut Count {
    counts.of((sender.clone(), what), || Count { due: now, told: now, too_soon: 0, held_until: now })
}

impl From<TooFast> for Problem {
    fn from(too_fast: TooFast) -> Problem {
        match too_fast {
            TooFast::Wait { s } => Problem::too_fast(s),
            TooFast::TooMany { most } => {
                let told = format!(
                    "from this sender at most {most} are taken at a time: send fewer, or with an API key; nothing of this \
                     request was kept"
                );
                Problem::new(StatusCode::PAYLOAD_TOO_LARGE, told)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(name: &str) -> Senders {
        Senders { all: vec![Sender::Device(name.into())] }
    }

    fn address(name: &str) -> Senders {
        Senders { all: vec![Sender::Address(name.into())] }
    }

    #[test]
    fn so_many_at_once_and_then_one_after_another_each_sender_for_himself() {
        let (paces, now) = (Paces::new(SenderLimits::default()), Instant::now());
        let count = |sender: &Senders, s| paces.count_at(sender, What::Report, 1, now + Duration::from_secs(s));
        assert!((0..30).all(|_| count(&device("a"), 0) == Ok(Pace::Taken)));
        assert_eq!(count(&device("a"), 0), Err(TooFast::Wait { s: 31 }), "120 an hour: one in 30 s");
        assert_eq!(count(&device("b"), 0), Ok(Pace::Taken));
        assert_eq!(paces.count_at(&device("a"), What::Photo, 1, now), Ok(Pace::Taken), "photos are counted apart");
        assert_eq!(count(&device("a"), 31), Ok(Pace::Taken));
        assert!(count(&device("a"), 32).is_err());
        assert_eq!(
            paces.count_at(&device("c"), What::Report, 31, now),
            Err(TooFast::TooMany { most: 30 }),
            "it would never be taken"
        );
    }

    #[test]
    fn whoever_waits_as_he_is_told_is_never_held_and_whoever_does_not_is_for_an_hour() {
        let (paces, start) = (Paces::new(SenderLimits::default()), Instant::now());
        let mut now = start;
        for _ in 0..200 {
            match paces.count_at(&device("patient"), What::Report, 1, now) {
                Ok(pace) => assert_eq!(pace, Pace::Taken),
                Err(TooFast::Wait { s }) => now += Duration::from_secs(s),
                Err(other) => panic!("{other:?}"),
            }
        }
        let flood = |n| (0..n).filter_map(|_| paces.count_at(&device("flood"), What::Report, 1, start).ok()).count();
        assert_eq!(flood(41), 30);
        let later = |s| paces.count_at(&device("flood"), What::Report, 1, start + Duration::from_secs(s));
        assert_eq!(later(40), Ok(Pace::Held), "it is taken, and looked at");
        assert_eq!(later(3_700), Ok(Pace::Taken));
    }

    #[test]
    fn the_memory_of_senders_is_bounded_and_a_flood_is_not_forgotten_for_a_crowd() {
        let (paces, now) = (Paces::new(SenderLimits::default()), Instant::now());
        for n in 0..5 * GENERATION {
            let _ = paces.count_at(&address(&n.to_string()), What::Report, 1, now);
            let _ = paces.count_at(&device("flood"), What::Report, 1, now);
        }
        let counts = paces.counts.lock().unwrap();
        assert!(counts.len() <= 2 * GENERATION);
        drop(counts);
        assert!(paces.count_at(&device("flood"), What::Report, 1, now).is_err());
    }
}
