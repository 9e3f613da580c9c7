//! Figures held to what they were: each as a multiple of a loop of fixed work timed in the same run, so that a busy machine
//! slows both and cries no wolf, and slow code shows.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use super::cpu_seconds;

/// The multiples that are committed.
const COMMITTED: &str = include_str!("ratios.toml");
/// So many times what is committed is too slow.
const TOO_SLOW: f64 = 2.0;

/// The figures of one bench.
pub struct Held {
    committed: BTreeMap<String, f64>,
    reference: Reference,
    figures: Vec<(String, f64, Clock)>,
}

/// What the seconds of a figure are of.
#[derive(Clone, Copy, PartialEq)]
enum Clock {
    Wall,
    Processor,
}

/// How long the loop took.
#[derive(Clone, Copy)]
struct Reference {
    wall_s: f64,
    processor_s: f64,
}

impl Reference {
    /// The median of five rounds.
    fn timed() -> Reference {
        let mut rounds: Vec<[f64; 2]> = (0..5)
            .map(|_| {
                let (wall, processor) = (Instant::now(), cpu_seconds());
                fixed_work();
                [wall.elapsed().as_secs_f64(), cpu_seconds() - processor]
            })
            .collect();
        let mut median = |of: usize| {
            rounds.sort_by(|a, b| a[of].total_cmp(&b[of]));
            rounds[2][of]
        };
        Reference { wall_s: median(0), processor_s: median(1) }
    }

    fn of(self, clock: Clock) -> f64 {
        match clock {
            Clock::Wall => self.wall_s,
            Clock::Processor => self.processor_s,
        }
    }
}

/// Some tenths of a second of what the fold does: arithmetic, sorting, and memory that no cache holds.
fn fixed_work() {
    let mut random = fastrand::Rng::with_seed(1);
    let mut numbers: Vec<u64> = (0..4_000_000).map(|_| random.u64(..)).collect();
    let mut at = 0;
    for _ in 0..4_000_000 {
        at = (numbers[at].wrapping_add(at as u64) % 4_000_000) as usize;
        numbers[at] = numbers[at].rotate_left(17);
    }
    numbers.sort_unstable();
    black_box(numbers);
}

impl Held {
    pub fn new() -> Held {
        let committed = toml::from_str(COMMITTED).expect("the committed ratios are TOML");
        Held { committed, reference: Reference::timed(), figures: Vec::new() }
    }

    /// Holds seconds by the wall's clock.
    pub fn wall(&mut self, name: &str, seconds: f64) {
        self.figures.push((name.to_owned(), seconds, Clock::Wall));
    }

    /// Holds seconds of the processor.
    pub fn processor(&mut self, name: &str, seconds: f64) {
        self.figures.push((name.to_owned(), seconds, Clock::Processor));
    }

    /// Prints each figure's ratio, and fails where one is more than twice what is committed.
    pub fn done(self) -> ExitCode {
        // Of a machine that became busy meanwhile, the slower of two readings.
        let after = Reference::timed();
        let mut failed = false;
        for (name, seconds, clock) in self.figures {
            let ratio = seconds / self.reference.of(clock).max(after.of(clock));
            match self.committed.get(&name) {
                Some(committed) if ratio <= TOO_SLOW * committed => {
                    println!("held: {name} = {ratio:.3e}, committed {committed}");
                }
                Some(committed) => {
                    println!("TOO SLOW: {name} = {ratio:.3e}, committed {committed}");
                    failed = true;
                }
                None => println!("not held: {name} = {ratio:.3e} is not in benches/common/ratios.toml"),
            }
        }
        ExitCode::from(u8::from(failed))
    }
}
