//! Messages a second on one core, with a gazetteer of 200,000 names, and how long that takes to load.

use std::time::Instant;

use serde_json::Value;
use waterlog::intake::text::{Gazetteer, Named, Parser, Sent};

const NAMES: usize = 200_000;
const ROUNDS: usize = 100;

fn main() {
    let places: Vec<Named> = (0..NAMES).map(place).collect();
    let start = Instant::now();
    let parser = Parser::new(Gazetteer::new(places));
    println!("text: a gazetteer of {NAMES} names loads in {:.2} s", start.elapsed().as_secs_f64());
    let golden = include_str!("../tests/messages/messages.ndjson");
    let messages: Vec<(String, Sent)> = golden.lines().map(message).collect();
    let start = Instant::now();
    let mut matters = 0;
    for _ in 0..ROUNDS {
        matters += messages.iter().map(|(text, sent)| parser.read(text, sent).matters.len()).sum::<usize>();
    }
    let rate = (ROUNDS * messages.len()) as f64 / start.elapsed().as_secs_f64();
    println!("text: {rate:.0} messages/s ({} matters a round)", matters / ROUNDS);
}

/// Crossings with names of two and three characters, all different.
fn place(i: usize) -> Named {
    let char = |n: usize| char::from_u32(0x4E00 + n as u32).expect("it lies among the ideographs");
    let name =
        format!("{}{}路与{}{}大道", char(i % 450), char(500 + i / 450), char(1_000 + i % 333), char(1_500 + i / 333));
    Named { id: format!("p{i}"), names: vec![name] }
}

fn message(line: &str) -> (String, Sent) {
    let message: Value = serde_json::from_str(line).expect("the golden messages are JSON");
    let text = |name: &str| message[name].as_str().expect("it is text").to_owned();
    (text("text"), Sent::new(Some(&text("sent_at")), None).expect("it is a time"))
}
