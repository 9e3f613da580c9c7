//! The fold, kept up to date event by event, equals the fold of the whole log at once, and keeps its invariants.
//!
//! `WATERLOG_HISTORIES` and `WATERLOG_STEPS` are for soaking; `WATERLOG_SEED` gives other histories.

mod changes;
mod history;
mod lattice;
mod restarts;

use fastrand::Rng;
use history::History;
use waterlog::hazard::event::Event;
use waterlog::hazard::map::HazardMap;

use crate::worlds::number;

/// Steps after which the whole log is folded at once, to be compared.
const BATCH_EVERY: usize = 50;
/// Steps after which ranks and trends are asked for: the counts that they rest on are kept up to date in between.
const CITY_EVERY: usize = 10;

#[test]
fn one_by_one_every_step_keeps_the_invariants_and_equals_the_whole_at_once() {
    let (histories, steps) = (number("WATERLOG_HISTORIES", 200), number("WATERLOG_STEPS", 500) as usize);
    // Each history stands alone: every core takes its share.
    let cores = std::thread::available_parallelism().map_or(1, |n| n.get() as u64);
    std::thread::scope(|scope| {
        for core in 0..cores {
            scope.spawn(move || (core..histories).step_by(cores as usize).for_each(|seed| walk(seed, steps)));
        }
    });
    let checked = histories * steps as u64;
    told!("histories: {checked} steps checked in {histories} histories");
    assert!(checked > 0, "no steps");
}

fn walk(seed: u64, steps: usize) {
    let mut history = History::new(seed, steps);
    let mut map = HazardMap::new(history.settings.clone());
    for step in 1..=steps {
        let event = history.next_event();
        let at = Whereabouts { seed, step, event: &event };
        map.admit(&event).unwrap_or_else(|why| panic!("a valid event was refused: {why}"));
        map.apply(step as u64, &event);
        map.settle();
        // From now on they are kept up to date, which the check holds them to.
        map.deadlines();
        map.members();
        if step % CITY_EVERY == 0 {
            map.city();
        }
        map.check();
        drop(at);
        history.events.push(event);
        history.expect_refusals(&map);
        if step % BATCH_EVERY == 0 || step == steps {
            assert_eq!(map.digest(), history.digest_at_once(), "history {seed} differs after {step} steps");
        }
    }
}

#[test]
fn applying_in_groups_of_any_size_and_settling_once_per_group_gives_the_same_digest() {
    let (histories, steps) = (number("WATERLOG_HISTORIES", 200).div_ceil(4), number("WATERLOG_STEPS", 500) as usize);
    let (mut groups, mut restarts) = (0, 0);
    for seed in 0..histories {
        let mut history = History::new(seed, steps);
        let mut sizes = Rng::with_seed(seed);
        let mut singly = HazardMap::new(history.settings.clone());
        let mut grouped = HazardMap::new(history.settings.clone());
        while history.events.len() < steps {
            let size = [1, 2, 3, 10, 50, 120][sizes.usize(0..6)].min(steps - history.events.len());
            for _ in 0..size {
                let event = history.next_event();
                let seq = history.events.len() as u64 + 1;
                singly.apply(seq, &event);
                singly.settle();
                grouped.apply(seq, &event);
                history.events.push(event);
            }
            grouped.settle();
            grouped.check();
            groups += 1;
            let n = history.events.len();
            assert_eq!(grouped.digest(), singly.digest(), "history {seed} differs after {n} steps, last group {size}");
            if sizes.u8(0..4) == 0 {
                grouped = history.restored(&restarts::blocks(&grouped));
                grouped.settle();
                grouped.check();
                restarts += 1;
                assert_eq!(
                    grouped.digest(),
                    singly.digest(),
                    "history {seed} differs from its checkpoint at {n} steps"
                );
            }
        }
    }
    told!("histories: {groups} groups and {restarts} restarts from a checkpoint checked in {histories} histories");
    assert!(groups > 0 && restarts > 0, "no groups, or no restarts");
}

/// Says where a panic happened, whoever panics.
struct Whereabouts<'a> {
    seed: u64,
    step: usize,
    event: &'a Event,
}

impl Drop for Whereabouts<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let event = format!("{:?}", self.event);
            eprintln!("history {}, step {}: {event:.1000}", self.seed, self.step);
        }
    }
}
