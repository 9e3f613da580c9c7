//! Loops of fixed work, each of its own kind, that figures are multiples of.

use std::fs::File;
use std::hint::black_box;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Instant;

use super::cpu_seconds;

/// Times that a loop is run for one reading, which is the median.
const ROUNDS: usize = 3;

/// What a figure is like, and so which loop it is a multiple of. The first two are of seconds of the processor, whatever else
/// the machine does; the others of the wall's clock, for what waits for others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Like {
    /// Memory that no cache holds, sorting, some arithmetic: the fold, its indices, whatever walks through them.
    Memory,
    /// Numbers that a cache holds: texts, pictures, draws.
    Arithmetic,
    /// A question and an answer over the loopback.
    Loopback,
    /// A few bytes, made durable.
    Disk,
}

impl Like {
    /// How long its loop takes, in seconds.
    pub fn timed(self) -> f64 {
        let mut rounds: Vec<f64> = (0..ROUNDS)
            .map(|_| match self {
                Like::Memory => processor(walk),
                Like::Arithmetic => processor(reckon),
                Like::Loopback => wall(ask_and_answer),
                Like::Disk => wall(write_durably),
            })
            .collect();
        rounds.sort_by(f64::total_cmp);
        rounds[ROUNDS / 2]
    }
}

fn processor(work: impl FnOnce()) -> f64 {
    let before = cpu_seconds();
    work();
    cpu_seconds() - before
}

fn wall(work: impl FnOnce()) -> f64 {
    let started = Instant::now();
    work();
    started.elapsed().as_secs_f64()
}

/// Some tenths of a second of what the fold does. No cache holds the numbers: of what just fits into one, it depends on the
/// machine and on who else uses it whether it is memory that is measured.
fn walk() {
    const NUMBERS: usize = 16 << 20;
    const STEPS: usize = NUMBERS / 8;
    let mut random = fastrand::Rng::with_seed(1);
    let mut numbers: Vec<u64> = (0..NUMBERS).map(|_| random.u64(..)).collect();
    let mut at = 0;
    for _ in 0..STEPS {
        at = (numbers[at].wrapping_add(at as u64) % NUMBERS as u64) as usize;
        numbers[at] = numbers[at].rotate_left(17);
    }
    numbers[..STEPS].sort_unstable();
    black_box(numbers);
}

/// Draws, a table, roots and sines.
fn reckon() {
    let mut random = fastrand::Rng::with_seed(2);
    let mut table = [0.0_f64; 1_024];
    for _ in 0..8_000_000 {
        let (a, b) = (random.usize(..1_024), random.usize(..1_024));
        table[a] = (table[b] + random.f64()).sqrt();
    }
    for _ in 0..100 {
        table.iter_mut().for_each(|x| *x = (*x + 1.0).sin() * x.exp());
    }
    black_box(table);
}

/// As many bytes there and back as a short question and its answer have.
fn ask_and_answer() {
    const TIMES: usize = 5_000;
    const ASKED: usize = 128;
    const ANSWERED: usize = 512;
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let mut asks = TcpStream::connect(listener.local_addr().expect("an address")).expect("it listens");
    let (mut answers, _) = listener.accept().expect("somebody connects");
    [&asks, &answers].into_iter().for_each(|stream| stream.set_nodelay(true).expect("a setting"));
    let answering = std::thread::spawn(move || {
        let (mut question, answer) = ([0; ASKED], [1; ANSWERED]);
        for _ in 0..TIMES {
            answers.read_exact(&mut question).and_then(|()| answers.write_all(&answer)).expect("it is there");
        }
    });
    let (question, mut answer) = ([1; ASKED], [0; ANSWERED]);
    for _ in 0..TIMES {
        asks.write_all(&question).and_then(|()| asks.read_exact(&mut answer)).expect("it is there");
    }
    answering.join().expect("it does not fail");
}

fn write_durably() {
    let mut file: File = tempfile::tempfile().expect("a temporary file");
    for _ in 0..100 {
        file.write_all(&[1; 4_096]).and_then(|()| file.sync_data()).expect("there is room");
    }
}
