//! The way in, on one core: messages a second, places found by name, each among 200,000 names, and a photo of 12 megapixels.

mod common;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use common::{Held, Like, cpu_seconds, machine, quantile};
use image::codecs::jpeg::JpegEncoder;
use image::{Rgb, RgbImage};
use serde_json::Value;
use waterlog::hazard::event::Place;
use waterlog::hazard::position::Position;
use waterlog::intake::photo;
use waterlog::intake::place_index::PlaceIndex;
use waterlog::intake::text::{Gazetteer, Named, Parser, Sent};
use waterlog::store::Photos;

const NAMES: usize = 200_000;
/// Times that all messages are read.
const ROUNDS: usize = 100;
const SEARCHES: usize = 1_000;
const PHOTOS: u32 = 15;

fn main() -> ExitCode {
    let mut held = Held::new(&[Like::Memory, Like::Arithmetic]);
    println!("intake: {}", machine());
    text(&mut held);
    places(&mut held);
    photos(&mut held);
    held.done()
}

fn text(held: &mut Held) {
    let places: Vec<Named> = (0..NAMES).map(|i| Named { id: format!("p{i}"), names: vec![name(i)] }).collect();
    let cpu = cpu_seconds();
    let parser = Parser::new(Gazetteer::new(places));
    let seconds = cpu_seconds() - cpu;
    println!("text: a gazetteer of {NAMES} names loads in {seconds:.2} CPU s");
    held.hold("gazetteer", Like::Memory, seconds);
    let golden = include_str!("../tests/messages/messages.ndjson");
    let messages: Vec<(String, Sent)> = golden.lines().map(message).collect();
    let (start, cpu) = (Instant::now(), cpu_seconds());
    let mut matters = 0;
    for _ in 0..ROUNDS {
        matters += messages.iter().map(|(text, sent)| parser.read(text, sent).matters.len()).sum::<usize>();
    }
    let (seconds, read) = (cpu_seconds() - cpu, (ROUNDS * messages.len()) as f64);
    let rate = read / start.elapsed().as_secs_f64();
    println!("text: {rate:.0} messages/s ({} matters a round)", matters / ROUNDS);
    held.hold("thousand messages", Like::Arithmetic, seconds / read * 1_000.0);
    long_texts();
}

/// Nobody may stop the service with a text that has no end of sentence: what takes time must grow as the text does.
fn long_texts() {
    const WORDS: [&str; 17] = [
        "龙昆南路积水40厘米小车无法通行",
        "积水",
        "没有积水",
        "龙昆南路",
        "水深40厘米",
        "路口小车无法通行",
        "flooded on Main Street cars can't pass ",
        "at Main Street and Park Road ",
        "一",
        "不知道是不是路上有积水没过膝盖",
        "红绿灯坏了",
        "大水",
        "海秀路、",
        "应该如果希望",
        "(",
        "1",
        "前者分别其余",
    ];
    let parser = Parser::new(Gazetteer::default());
    let seconds = |words: &str, bytes: usize| {
        let text = words.repeat(bytes / words.len());
        let once = |_| {
            let before = cpu_seconds();
            parser.read(&text, &Sent::default());
            cpu_seconds() - before
        };
        (0..3).map(once).fold(f64::INFINITY, f64::min)
    };
    // Four times as long: 4 times the time where it is linear, and 16 where it is quadratic.
    let growth = WORDS.map(|words| {
        let (short, long) = (seconds(words, 25_000), seconds(words, 100_000));
        assert!(long < 10.0 * short + 0.01, "{words}: {short:.3} s and {long:.3} s of a text four times as long");
        (long, long / short.max(1e-4), words)
    });
    let (long, factor, words) = growth.into_iter().max_by(|a, b| a.0.total_cmp(&b.0)).unwrap_or_default();
    println!(
        "text: 100 kB without punctuation take at most {long:.3} CPU s, {factor:.1} times those of 25 kB ({words})"
    );
}

fn message(line: &str) -> (String, Sent) {
    let message: Value = serde_json::from_str(line).expect("the golden messages are JSON");
    let text = |name: &str| message[name].as_str().expect("it is text").to_owned();
    (text("text"), Sent::new(Some(&text("sent_at")), None).expect("it is a time"))
}

fn places(held: &mut Held) {
    let places: Vec<Place> = (0..NAMES).map(place).collect();
    let cpu = cpu_seconds();
    let index = PlaceIndex::new(places.clone());
    let seconds = cpu_seconds() - cpu;
    println!("places: an index of {NAMES} names is made in {seconds:.2} CPU s");
    held.hold("index of places", Like::Memory, seconds);
    let near = Position::new(110.3, 20.0).ok();
    let name =
        |n: usize| -> Vec<char> { places[n * 7_919 % NAMES].name.as_deref().unwrap_or_default().chars().collect() };
    let text = |chars: &[char]| -> String { chars.iter().collect() };
    measure(held, "first two characters", |n| index.find(&text(&name(n)[..2]), near, 10).len());
    measure(held, "one common character", |_| index.find("路", near, 10).len());
    measure(held, "two common characters", |_| index.find("大道", near, 10).len());
    measure(held, "initials", |n| index.find(["hxgc", "rml", "zsl", "nhdd"][n % 4], near, 10).len());
    measure(held, "one wrong character", |n| {
        let mut wrong = name(n);
        wrong[1] = '错';
        index.find(&text(&wrong[..3]), near, 10).len()
    });
    measure(held, "a whole name, two wrong", |n| {
        let mut wrong = name(n);
        (wrong[1], wrong[4]) = ('错', '误');
        index.find(&text(&wrong), near, 10).len()
    });
    measure(held, "common characters and a wrong one", |_| index.find("错路与大道", near, 10).len());
    measure(held, "nearest", |n| index.nearest(places[n].position, 10).len());
    // Of few letters, which nearly all names have.
    let index =
        PlaceIndex::new((0..NAMES).map(|i| Place { name: Some(english_name(i)), ..places[i].clone() }).collect());
    measure(held, "English: a common word", |_| index.find("st", near, 10).len());
    measure(held, "English: six letters, one wrong", |n| {
        let name = english_name(n * 7_919 % NAMES).to_lowercase();
        index.find(&format!("{}z{}", &name[..2], &name[3..6]), near, 10).len()
    });
    measure(held, "English: of no place, or of many", |n| {
        index.find(["maplexst", "washingtun av", "churhc st & mil av"][n % 3], near, 10).len()
    });
}

/// Prints the median and the 99th percentile of many searches, and holds the time of the processor that all take.
fn measure(held: &mut Held, what: &str, mut search: impl FnMut(usize) -> usize) {
    let (mut found, cpu) = (0, cpu_seconds());
    let mut times: Vec<Duration> = (0..SEARCHES)
        .map(|n| {
            let started = Instant::now();
            found += search(n);
            started.elapsed()
        })
        .collect();
    let seconds = cpu_seconds() - cpu;
    times.sort_unstable();
    let (p50, p99) = (times[SEARCHES / 2], times[SEARCHES * 99 / 100]);
    println!("places: {what}: p50 {p50:.1?}, p99 {p99:.1?} ({} found each)", found / SEARCHES);
    held.hold(&format!("a place by {what}"), Like::Memory, seconds / SEARCHES as f64);
}

fn place(i: usize) -> Place {
    let (lon, lat) = (110.0 + (i % 450) as f64 / 1_000.0, 19.8 + (i / 450) as f64 / 1_000.0);
    Place {
        id: format!("p{i}"),
        position: Position::new(lon, lat).expect("it lies on Earth"),
        name: Some(name(i)),
        aliases: Vec::new(),
    }
}

/// Of a crossing, with names of two and three characters, all different.
fn name(i: usize) -> String {
    let char = |n: usize| char::from_u32(0x4E00 + n as u32).expect("it lies among the ideographs");
    format!("{}{}路与{}{}大道", char(i % 450), char(500 + i / 450), char(1_000 + i % 333), char(1_500 + i / 333))
}

/// Of a crossing, as there are in any city of the United States.
fn english_name(i: usize) -> String {
    const STREETS: [&str; 40] = [
        "Maple",
        "Oak",
        "Washington",
        "Lincoln",
        "Broad",
        "Church",
        "High",
        "Mill",
        "River",
        "Lake",
        "Hill",
        "Park",
        "Spring",
        "Cedar",
        "Elm",
        "Pine",
        "Walnut",
        "Chestnut",
        "Franklin",
        "Jefferson",
        "Madison",
        "Adams",
        "Jackson",
        "Monroe",
        "Prospect",
        "Union",
        "Pleasant",
        "Center",
        "Water",
        "Front",
        "Liberty",
        "Market",
        "Grove",
        "Highland",
        "Railroad",
        "Cherry",
        "Dogwood",
        "Sunset",
        "Meadow",
        "Forest",
    ];
    format!("{} St & {} Av {}", STREETS[i % 40], STREETS[i / 40 % 40], i / 1_600)
}

/// From the bytes of the file to the copy and the thumbnail on the disk.
fn photos(held: &mut Held) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    drop(waterlog::store::Store::open(folder.path()).expect("a new database"));
    let mut kept = Photos::open(folder.path()).expect("it was made");
    let (mut read, mut whole, mut of_processor, mut bytes) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for seed in 0..PHOTOS {
        let file = picture(seed);
        bytes = file.len();
        let (started, cpu) = (Instant::now(), cpu_seconds());
        let picture = photo::read(&file, 0).expect("it is a picture");
        read.push(started.elapsed());
        kept.keep(&picture.about, &picture.jpeg, &picture.thumbnail, None, 0).expect("it is kept");
        whole.push(started.elapsed());
        of_processor.push(cpu_seconds() - cpu);
    }
    for (what, mut times) in [("read", read), ("read and kept", whole)] {
        times.sort_unstable();
        let (median, most) = (times[times.len() / 2], times[times.len() - 1]);
        println!("photo: 12 megapixels, {bytes} bytes, {what}: median {median:.0?}, longest {most:.0?} of {PHOTOS}");
    }
    held.hold("a photo read and kept", Like::Arithmetic, quantile(&mut of_processor, 0.5));
}

/// Of 4,000 × 3,000 pixels: surfaces, edges and the noise of a sensor, as many bytes as a phone makes of them.
fn picture(seed: u32) -> Vec<u8> {
    let mut random = fastrand::Rng::with_seed(u64::from(seed));
    let image = RgbImage::from_fn(4_000, 3_000, |x, y| {
        let (x, y) = (x + 31 * seed, y);
        let surface = 60.0 * (x as f32 / 300.0).sin() * (y as f32 / 211.0).cos();
        let ripples = 20.0 * (x as f32 / 9.0 + y as f32 / 23.0).sin();
        let edge = if ((x / 37) ^ (y / 53)).is_multiple_of(5) { 60.0 } else { 0.0 };
        let light = 120.0 + surface + ripples + edge + 14.0 * (random.f32() - 0.5);
        Rgb([light as u8, (0.9 * light + 10.0) as u8, (0.8 * light + 25.0) as u8])
    });
    let mut file = Vec::new();
    JpegEncoder::new_with_quality(&mut file, 90).encode_image(&image).expect("it is a picture");
    file
}
