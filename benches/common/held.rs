//! Figures held to what they were: each as a multiple of a loop of fixed work of its own kind, timed about when it was in the same
//! run, so that a busy machine slows both and cries no wolf, and slow code shows.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use super::Like;

/// The multiples that are committed.
const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/common/ratios.toml");
/// So many times what is committed is too slow.
const TOO_SLOW: f64 = 2.0;
/// A reading is good for so long.
const GOOD_FOR: Duration = Duration::from_secs(2);

/// The figures of one bench.
pub struct Held {
    committed: BTreeMap<String, f64>,
    /// The last reading of each loop, in seconds, and when it was taken.
    last: BTreeMap<Like, (f64, Instant)>,
    failed: bool,
}

impl Held {
    /// For figures that are like these.
    pub fn new(kinds: &[Like]) -> Held {
        let committed = std::fs::read_to_string(COMMITTED).expect("the committed ratios are there");
        let committed = toml::from_str(&committed).expect("they are TOML");
        let last = kinds.iter().map(|&like| (like, (like.timed(), Instant::now()))).collect();
        Held { committed, last, failed: false }
    }

    /// Holds a figure that has just been measured, and prints how it stands.
    pub fn hold(&mut self, name: &str, like: Like, seconds: f64) {
        let known = self.last.get_mut(&like).unwrap_or_else(|| panic!("{name}: no loop like {like:?} was timed"));
        let before = known.0;
        if known.1.elapsed() > GOOD_FOR {
            *known = (like.timed(), Instant::now());
        }
        // Of a machine that became busy meanwhile, the slower of two readings.
        let ratio = seconds / before.max(known.0);
        match self.committed.get(name) {
            Some(committed) if ratio <= TOO_SLOW * committed => {
                println!("    held: {name} = {ratio:.2e}, committed {committed:.2e} ({like:?})");
            }
            Some(committed) => {
                println!("    TOO SLOW: {name} = {ratio:.2e}, committed {committed:.2e} ({like:?})");
                self.failed = true;
            }
            None => println!("    not held: {name} = {ratio:.2e} is not in benches/common/ratios.toml ({like:?})"),
        }
    }

    /// Fails where a figure is more than twice what is committed.
    pub fn done(self) -> ExitCode {
        ExitCode::from(u8::from(self.failed))
    }
}
