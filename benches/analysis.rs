//! How long the analyses in space take: Gi* over 100,000 cells, and the relocations of 20,000 incidents.
//!
//! `WATERLOG_BENCH_THREADS` is for the relocations (default: every core).

mod common;

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use common::{Held, Like, cpu_seconds, machine, quantile, quantiles};
use fastrand::Rng;
use h3o::{CellIndex, LatLng, Resolution};
use waterlog::hazard::analysis::apart::{Apart, Hand};
use waterlog::hazard::analysis::chance::{self, Chance};
use waterlog::hazard::analysis::fdr::benjamini_hochberg;
use waterlog::hazard::analysis::local_g::{local_g, with_neighbours};
use waterlog::hazard::analysis::risk::{self, Risk};
use waterlog::hazard::analysis::significance::{self, Significance};
use waterlog::hazard::category::Category;
use waterlog::hazard::event::{Event, Report};
use waterlog::hazard::layer::{Filter, Layer};
use waterlog::hazard::map::HazardMap;
use waterlog::hazard::position::Position;
use waterlog::hazard::settings::Settings;

const CELLS: usize = 100_000;
const FLOODS: usize = 20_000;
const OTHERS: usize = 180_000;
const SPOTS: u32 = 30_000;

fn main() -> ExitCode {
    let mut held = Held::new(&[Like::Memory, Like::Arithmetic]);
    println!("analyses, from memory; {}", machine());
    gi(&mut held);
    let started = Instant::now();
    let map = city();
    println!("a city of {} reports: folded in {:.1?}", FLOODS + OTHERS, started.elapsed());
    let waterlogging = Category::named("waterlogging").expect("it is in the table");
    let asked = significance::Asked::default();
    let said = timed(
        &mut held,
        ("significance", Like::Memory),
        5,
        || Significance::source(&map, waterlogging, &asked),
        |s| Significance::work(s, &asked, &Hand::alone()),
    );
    println!("  {} cells, {} hot", said.basis.n, said.hot);
    let asked = risk::Asked::default();
    let said = timed(
        &mut held,
        ("risk", Like::Memory),
        5,
        || Risk::source(&map, waterlogging, &asked),
        |s| Risk::work(s, &asked, &Hand::alone()),
    );
    println!("  {} cells", said.basis.n);
    let (started, cpu) = (Instant::now(), cpu_seconds());
    let page = Layer::Coverage.page(&map, &Filter::default());
    println!("coverage: {} cells in {:.1?}", page.head().number_matched, started.elapsed());
    held.hold("coverage", Like::Memory, cpu_seconds() - cpu);
    let threads = std::env::var("WATERLOG_BENCH_THREADS").ok().and_then(|n| n.parse().ok());
    let workers = threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    let (asked, cpu) = (chance::Asked::default(), cpu_seconds());
    let hand = Hand { workers, ..Hand::alone() };
    let said = timed(
        &mut held,
        ("chance", Like::Arithmetic),
        1,
        || Chance::source(&map, waterlogging, &asked),
        |s| Chance::work(s, &asked, &hand),
    );
    println!("  {workers} threads, {:.1} CPU s; {:?} {:?}", cpu_seconds() - cpu, said.rows[0], said.missing);
    held.done()
}

/// Gi*, p and q, from sorted cells and their values.
fn gi(held: &mut Held) {
    let middle = LatLng::new(20.0, 110.0).expect("finite").to_cell(Resolution::Nine);
    let mut cells: Vec<CellIndex> = with_neighbours(middle.grid_disk::<Vec<_>>(183).into_iter());
    cells.truncate(CELLS);
    assert_eq!(cells.len(), CELLS);
    let mut draw = Rng::with_seed(1);
    let values: Vec<f64> = cells.iter().map(|_| f64::from(draw.u32(0..100).saturating_sub(90))).collect();
    let (mut millis, mut of_processor) = (Vec::new(), Vec::new());
    for _ in 0..20 {
        let (started, cpu) = (Instant::now(), cpu_seconds());
        let found = local_g(&cells, &values).expect("the values differ");
        let p: Vec<f64> = found.iter().map(|g| g.p).collect();
        black_box(benjamini_hochberg(&p));
        of_processor.push(cpu_seconds() - cpu);
        millis.push(started.elapsed().as_secs_f64() * 1e3);
    }
    println!("Gi* with q over {CELLS} cells: {}", quantiles(millis, "ms"));
    held.hold("Gi* with false discovery rate", Like::Memory, quantile(&mut of_processor, 0.5));
}

/// Holds the time of the processor that the copy and the work take, on however many threads.
fn timed<S, A>(
    held: &mut Held,
    (what, like): (&str, Like),
    runs: usize,
    copy: impl Fn() -> S,
    work: impl Fn(S) -> Option<A>,
) -> A {
    let (mut copied, mut worked, mut of_processor, mut last) = (Vec::new(), Vec::new(), Vec::new(), None);
    for _ in 0..runs {
        let (started, cpu) = (Instant::now(), cpu_seconds());
        let source = copy();
        copied.push(started.elapsed().as_secs_f64() * 1e3);
        let started = Instant::now();
        last = work(source);
        worked.push(started.elapsed().as_secs_f64() * 1e3);
        of_processor.push(cpu_seconds() - cpu);
    }
    println!("{what}: copied under the lock in {}; worked out in {}", quantiles(copied, "ms"), quantiles(worked, "ms"));
    held.hold(what, like, quantile(&mut of_processor, 0.5));
    last.expect("nothing tells it not to go on")
}

/// Floods and other reports over the same spots of a city of 30 km, three years long.
fn city() -> HazardMap {
    let mut draw = Rng::with_seed(2);
    let spots: Vec<Position> = (0..SPOTS)
        .map(|_| Position::new(110.0 + draw.f64() * 0.3, 20.0 + draw.f64() * 0.3).expect("it lies on the Earth"))
        .collect();
    let mut report = |n: usize, name: &str| {
        // Some spots have many more reports than others.
        let spot = spots[(draw.f64().powi(2) * f64::from(SPOTS)) as usize];
        let at = draw.i64(0..3 * 365 * 86_400);
        Event::Report(Report::new(format!("{name}{n}"), Category::named(name).expect("it is in the table"), spot, at))
    };
    let mut events: Vec<Event> = (0..FLOODS).map(|n| report(n, "waterlogging")).collect();
    events.extend((0..OTHERS).map(|n| report(n, "manhole")));
    events.sort_by_key(Event::at);
    HazardMap::build(Settings::default(), (1..).zip(&events))
}
