//! Tiles of a million reports, each drawn anew: the fullest of some zooms, whole and filtered. And pages of the same reports, from
//! their begin to their end.
//!
//! `WATERLOG_LOAD` names a folder with the common load's `pts_1000000.*`; `make bench` makes it.

mod common;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::ExitCode;
use std::time::Instant;

use flate2::Compression;
use flate2::write::GzEncoder;

use common::{Held, Like, cpu_seconds, load, load_folder, machine, quantile};
use waterlog::hazard::event::Event;
use waterlog::hazard::layer::{Filter, Kept, Layer};
use waterlog::hazard::map::HazardMap;
use waterlog::hazard::settings::Settings;
use waterlog::hazard::tile::{TileAddress, TileLayer};
use waterlog::hazard::time;

const REPORTS: usize = 1_000_000;
const ZOOMS: [u8; 6] = [0, 10, 12, 14, 16, 17];
const RUNS: usize = 7;
const PAGE: usize = 100;
const PAGES: u32 = 1_000;

fn main() -> ExitCode {
    let Some(dir) = load_folder() else { return ExitCode::SUCCESS };
    let mut held = Held::new(&[Like::Memory, Like::Arithmetic]);
    println!("tiles: {}", machine());
    let events = load(&dir, REPORTS);
    let map = HazardMap::build(Settings::default(), (1..).zip(&events));
    let counts = (map.incidents().len(), map.sites().peaks().count());
    println!("{REPORTS} reports, {} incidents, {} hotspots", counts.0, counts.1);
    let newest = events.iter().filter_map(Event::at).max().expect("the load is not empty");
    let year = format!("{}/..", time::format(newest - 31_557_600));
    let addresses = ZOOMS.map(|z| fullest(&events, z));
    for layer in TileLayer::ALL {
        let status = if layer == TileLayer::Hotspots { "recurring" } else { "reported" };
        for query in [[].as_slice(), &[("category", "waterlogging")], &[("datetime", &year)], &[("status", status)]] {
            let mut filter = Filter::default();
            for (name, value) in query {
                filter.set(layer.layer(), name, value).expect("the query is valid");
            }
            for (at, reports, text) in &addresses {
                let (median, millis, bytes) = timed(|| layer.tile(&map, *at, &filter).expect("it can be written"));
                let what = query.first().map_or("all", |(name, _)| name);
                println!("{:?} {what} {text} ({reports} reports): {millis} ms, {bytes} bytes", layer.layer());
                let zoom = text.split('/').next().unwrap_or_default();
                held.hold(
                    &format!("fullest tile of {} at z{zoom}, {what}", layer.layer().name()),
                    Like::Memory,
                    median,
                );
            }
        }
        let (at, _, text) = &addresses[ZOOMS.len() - 1];
        let tile = layer.tile(&map, *at, &Filter::default()).expect("it can be written");
        let (median, millis, bytes) = timed(|| gzip(&tile));
        println!("{:?} all {text}: packing takes {millis} ms more, {bytes} bytes", layer.layer());
        held.hold(&format!("packing a tile of {}", layer.layer().name()), Like::Arithmetic, median);
    }
    pages(&map, &mut held);
    held.done()
}

/// Pages of a hundred reports, which cost the same wherever they begin.
fn pages(map: &HazardMap, held: &mut Held) {
    // Not all are published.
    let last = Layer::Reports.count(map, 0) - PAGE;
    for (where_it_is, offset) in [("first", 0), ("middle", last / 2), ("last", last)] {
        let mut filter = Filter::default();
        (filter.paging.limit, filter.paging.offset) = (Some(PAGE), offset);
        let cpu = cpu_seconds();
        for _ in 0..PAGES {
            let page = Layer::Reports.page(map, &filter).text(Kept::ALL).expect("it is written");
            assert!(page.len() > 100 * PAGE, "a page of {} bytes", page.len());
        }
        let seconds = (cpu_seconds() - cpu) / f64::from(PAGES);
        println!(
            "{PAGE} reports from the {offset}th on, the {where_it_is} page, written: {:.1} µs of the processor",
            seconds * 1e6
        );
        held.hold(&format!("the {where_it_is} page of reports"), Like::Memory, seconds);
    }
}

/// As the service packs it for who asks for that.
fn gzip(tile: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(tile).and_then(|()| packed.finish()).expect("memory takes what is written")
}

/// The tile of a zoom that holds most reports, by the usual formula, with how many those are.
fn fullest(events: &[Event], z: u8) -> (TileAddress, usize, String) {
    let mut tiles: BTreeMap<[u32; 2], usize> = BTreeMap::new();
    for event in events {
        let Event::Report(report) = event else { continue };
        let (lon, lat) = (report.position.lon(), report.position.lat().to_radians());
        let south = (1.0 - lat.tan().asinh() / std::f64::consts::PI) / 2.0;
        let tile = [(lon + 180.0) / 360.0, south].map(|v| (v * f64::from(1_u32 << z)) as u32);
        *tiles.entry(tile).or_default() += 1;
    }
    let ([x, y], reports) = tiles.into_iter().max_by_key(|(_, reports)| *reports).expect("the load is not empty");
    let address = TileAddress::parse(&z.to_string(), &x.to_string(), &y.to_string()).expect("it is a tile");
    (address, reports, format!("{z}/{x}/{y}"))
}

/// The median of some runs in seconds of the processor; that of the wall's clock with the fastest and slowest in milliseconds,
/// as text; and the bytes.
fn timed(draw: impl Fn() -> Vec<u8>) -> (f64, String, usize) {
    let (mut bytes, mut of_processor) = (0, Vec::new());
    let mut millis: Vec<f64> = (0..RUNS)
        .map(|_| {
            let (started, cpu) = (Instant::now(), cpu_seconds());
            bytes = draw().len();
            of_processor.push(cpu_seconds() - cpu);
            started.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    millis.sort_by(f64::total_cmp);
    let (fastest, median, slowest) = (millis[0], millis[RUNS / 2], millis[RUNS - 1]);
    let text = format!("{median:.1} (from {fastest:.1} to {slowest:.1})");
    (quantile(&mut of_processor, 0.5), text, bytes)
}
