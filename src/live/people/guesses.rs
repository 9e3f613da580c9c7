//! Guessing is slowed down: after a few wrong tries each further one has to wait, twice as long as the one before. Counted
//! for each login, so that many addresses do not help, and for each address, so that many logins do not.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use hashbrown::HashMap;

use super::lock;

/// What tries are counted by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Counted {
    Login(String),
    Address(String),
}

struct Limit {
    /// Tries in a row that are judged at once.
    free: u32,
    /// No wait is longer.
    longest: Duration,
}

/// A minute at most: whoever guesses at somebody's login must not be able to keep him out.
const OF_LOGIN: Limit = Limit { free: 5, longest: Duration::from_secs(60) };
/// Many people may share an address.
const OF_ADDRESS: Limit = Limit { free: 20, longest: Duration::from_secs(900) };
/// Forgotten after so long without a try.
const FORGET: Duration = Duration::from_secs(3_600);
/// Logins and addresses remembered at most.
const MOST: usize = 20_000;

#[derive(Clone, Copy)]
struct Tried {
    times: u32,
    last: Instant,
    /// No try is judged before.
    until: Instant,
}

/// Tries to log in that were not right, as this process has seen them.
#[derive(Default)]
pub struct Guesses(Mutex<HashMap<Counted, Tried>>);

impl Guesses {
    /// Counts a try as wrong until it turns out right, so that many at once do not slip through.
    ///
    /// # Errors
    /// The seconds to wait before a try is judged again; then it is not counted.
    pub fn attempt(&self, login: &str, address: Option<&str>) -> Result<(), u64> {
        self.attempt_at(login, address, Instant::now())
    }

    fn attempt_at(&self, login: &str, address: Option<&str>, now: Instant) -> Result<(), u64> {
        let mut tried = lock(&self.0);
        let counted = counted(login, address);
        let wait = counted.iter().filter_map(|by| tried.get(by)).map(|tried| tried.until).max();
        if let Some(wait) = wait.and_then(|until| until.checked_duration_since(now)).filter(|wait| !wait.is_zero()) {
            return Err(wait.as_secs() + 1);
        }
        if tried.len() >= MOST {
            tried.retain(|_, tried| now < tried.until);
        }
        for by in counted {
            let limit = by.limit();
            let fresh = Tried { times: 0, last: now, until: now };
            let tried = tried.entry(by).or_insert(fresh);
            if now.saturating_duration_since(tried.last) > FORGET {
                *tried = fresh;
            }
            tried.times = tried.times.saturating_add(1);
            tried.last = now;
            if let Some(beyond) = tried.times.checked_sub(limit.free) {
                let wait = Duration::from_secs(1_u64.checked_shl(beyond).unwrap_or(u64::MAX)).min(limit.longest);
                tried.until = now + wait;
            }
        }
        Ok(())
    }

    /// The last try was right: the login starts anew. Of the address only that try is taken back, so that somebody with
    /// an account of his own cannot guess at others for free.
    pub fn was_right(&self, login: &str, address: Option<&str>) {
        let mut tried = lock(&self.0);
        for by in counted(login, address) {
            match &by {
                Counted::Login(_) => drop(tried.remove(&by)),
                Counted::Address(_) => {
                    if let Some(tried) = tried.get_mut(&by) {
                        tried.times = tried.times.saturating_sub(1);
                        tried.until = tried.last;
                    }
                }
            }
        }
    }
}

impl Counted {
    fn limit(&self) -> Limit {
        match self {
            Counted::Login(_) => OF_LOGIN,
            Counted::Address(_) => OF_ADDRESS,
        }
    }
}

fn counted(login: &str, address: Option<&str>) -> Vec<Counted> {
    let address = address.map(|address| Counted::Address(address.to_owned()));
    std::iter::once(Counted::Login(login.to_owned())).chain(address).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Waits, in seconds, of a number of wrong tries one after another, each as soon as it is judged.
    fn waits(
        guesses: &Guesses,
        logins: impl Iterator<Item = String>,
        addresses: impl Iterator<Item = String>,
    ) -> Vec<u64> {
        let mut now = Instant::now();
        let mut waits = Vec::new();
        for (login, address) in logins.zip(addresses) {
            let wait = guesses.attempt_at(&login, Some(&address), now).err();
            waits.push(wait.unwrap_or(0));
            if let Some(s) = wait {
                now += Duration::from_secs(s);
                guesses.attempt_at(&login, Some(&address), now).expect("it has waited");
            }
        }
        waits
    }

    fn same(text: &str) -> impl Iterator<Item = String> {
        std::iter::repeat_n(text.to_owned(), 60)
    }

    fn many(text: &str) -> impl Iterator<Item = String> {
        (0..60).map(move |n| format!("{text}{n}"))
    }

    #[test]
    fn a_login_that_is_guessed_at_from_anywhere_waits_twice_as_long_each_time_up_to_a_minute() {
        let waits = waits(&Guesses::default(), same("wang"), many("10.0.0."));
        assert_eq!(waits[..5], [0; 5]);
        assert!(waits[5..12].windows(2).all(|two| two[1] > two[0] || two[1] >= 60), "{waits:?}");
        assert!(waits.iter().all(|wait| *wait <= 61) && waits[59] >= 60, "{waits:?}");
    }

    #[test]
    fn an_address_that_guesses_at_many_logins_waits_too() {
        let waits = waits(&Guesses::default(), many("user"), same("10.0.0.1"));
        assert_eq!(waits[..20], [0; 20]);
        assert!(waits[20] > 0 && waits[40] >= 900, "{waits:?}");
    }

    #[test]
    fn tries_at_once_do_not_slip_through_and_one_that_is_right_starts_anew() {
        let (guesses, now) = (Guesses::default(), Instant::now());
        let judged = (0..100).filter(|_| guesses.attempt_at("wang", None, now).is_ok()).count();
        assert_eq!(judged, 5);
        guesses.was_right("wang", None);
        assert_eq!(guesses.attempt_at("wang", None, now), Ok(()));
    }

    #[test]
    fn somebody_who_may_log_in_cannot_guess_at_others_for_free() {
        let (guesses, now) = (Guesses::default(), Instant::now());
        let mut judged = 0;
        for n in 0..100 {
            judged += usize::from(guesses.attempt_at(&format!("user{n}"), Some("a"), now).is_ok());
            if guesses.attempt_at("mine", Some("a"), now).is_ok() {
                guesses.was_right("mine", Some("a"));
            }
        }
        assert!(judged <= 20, "{judged}");
    }

    #[test]
    fn what_is_an_hour_ago_is_forgotten() {
        let (guesses, now) = (Guesses::default(), Instant::now());
        for _ in 0..5 {
            guesses.attempt_at("wang", None, now).unwrap();
        }
        let later = now + FORGET + Duration::from_secs(1);
        for _ in 0..5 {
            guesses.attempt_at("wang", None, later).unwrap();
        }
    }
}
