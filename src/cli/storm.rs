//! A scripted storm for the demo: made up, and labelled so. Its reports come in by the front door, over HTTP.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::{Value, json};
use tracing::warn;

use super::print;
use crate::config::Clock;
use crate::error::{Error, Result};
use crate::hazard::category::Category;
use crate::hazard::event::{Event, RainInterval};
use crate::hazard::layer::{Feature, Filter, HotspotProperties, Layer, Page, Paging, Shape};
use crate::hazard::map::HazardMap;
use crate::hazard::position::Position;
use crate::hazard::time;
use crate::intake::{Draft, Key, Private};
use crate::live::Live;

/// Shown with each of its reports.
pub const CHANNEL: &str = "demo_storm";
const TEXT: &str = "synthetic: demo storm";
/// Dry weather before it, so that it is a storm of its own and every flood an occasion of its own.
const AFTER_S: i64 = 12 * 3_600;
const LASTS_S: i64 = 3_600;
/// What falls in each ten minutes, in micrometres: 25 mm in all.
const RAIN_UM: [i64; 6] = [2_000, 6_000, 9_000, 5_000, 2_000, 1_000];
const RAIN_INTERVAL_S: i64 = 600;
/// Hotspots that flood again, and places that flood for the first time.
const KNOWN: usize = 24;
const NEW: usize = 12;
/// A new place lies so far north-east of a known one: about 700 m.
const ASIDE_DEGREES: f64 = 0.005;
const TRIES: usize = 5;

/// What will happen, and by which clock.
pub struct Storm {
    clock: Clock,
    start: i64,
    reports: Vec<Scripted>,
}

/// One report to be posted once the clock shows `at`.
struct Scripted {
    at: i64,
    name: String,
    position: Position,
    depth_cm: i64,
}

impl Storm {
    /// A storm over the worst hotspots of a map, which takes `lasts` on the machine's clock. Nothing in it is drawn: the
    /// same map gives the same storm.
    pub fn over(map: &HazardMap, lasts: Duration) -> Result<Storm> {
        let rained = map.rain().intervals().last().map_or(i64::MIN, RainInterval::end);
        let start = map.as_of().max(rained) + AFTER_S;
        let mut reports = Vec::new();
        for (k, (name, position)) in worst(map)?.into_iter().enumerate() {
            let k = k as i64;
            let again = (0..3 + k % 3).map(|n| (n, name.clone(), position));
            let aside = (k < NEW as i64).then(|| aside(position)).transpose()?;
            let new = aside.into_iter().flat_map(|at| (7..9).map(move |n| (n, format!("new place {}", k + 1), at)));
            reports.extend(again.chain(new).map(|(n, name, position)| Scripted {
                at: start + 300 + (k * 127 + n * 691) % (LASTS_S - 360),
                name,
                position,
                depth_cm: 6 + (k * 7 + n * 11) % 35,
            }));
        }
        reports.sort_by_key(|report| report.at);
        let times = LASTS_S as f64 / lasts.as_secs_f64();
        Ok(Storm { clock: Clock::starting_at(start).hurried(times, lasts), start, reports })
    }

    /// The clock that the service has to go by: it begins with the storm, hurries through it, and goes on as others do.
    pub fn clock(&self) -> Clock {
        self.clock
    }

    /// Lets it happen beside the service at an address.
    pub fn begin(self, live: &Live, address: SocketAddr) {
        let live = live.clone();
        std::thread::spawn(move || {
            if let Err(error) = self.happen(&live, address) {
                warn!("the storm of the demo broke off: {error}");
            }
        });
    }

    fn happen(&self, live: &Live, address: SocketAddr) -> Result<()> {
        let total = self.reports.len();
        print(format_args!("a made-up storm begins: {total} reports of channel {CHANNEL} will be posted"))?;
        live.submit_all(vec![self.rain()])?.into_iter().try_for_each(|answer| answer.map(drop))?;
        let mut posted = 0;
        for minute in self.reports.chunk_by(|a, b| (a.at - self.start) / 60 == (b.at - self.start) / 60) {
            for report in minute {
                while self.clock.now() < report.at {
                    std::thread::sleep(Duration::from_millis(1));
                }
                post(address, &report.body())?;
                posted += 1;
            }
            let Some(deepest) = minute.iter().max_by_key(|report| report.depth_cm) else { continue };
            print(format_args!(
                "{}  {posted} of {total} reports so far, {} in this minute; deepest {} cm at {}",
                time::format(self.start + (deepest.at - self.start) / 60 * 60),
                minute.len(),
                deepest.depth_cm,
                deepest.name
            ))?;
        }
        print(format_args!("the storm is over: {posted} reports posted; see http://{address}/layers/hotspots.geojson"))
    }

    /// The rain of the storm; each interval counts once it has ended.
    fn rain(&self) -> Draft {
        let interval = |(n, &um): (usize, &i64)| RainInterval {
            start: self.start + n as i64 * RAIN_INTERVAL_S,
            seconds: RAIN_INTERVAL_S,
            depth_um: Some(um),
        };
        let event = Event::Rain(RAIN_UM.iter().enumerate().map(interval).collect());
        let key = Some(Key { name: format!("{CHANNEL}:rain:{}", self.start), content: String::new() });
        Draft { event, key, private: Private::default() }
    }
}

impl Scripted {
    fn body(&self) -> Value {
        let passability = match self.depth_cm {
            ..15 => "slow",
            15..27 => "impassable_small",
            _ => "impassable",
        };
        json!({
            "category": "waterlogging",
            "lon": self.position.lon(),
            "lat": self.position.lat(),
            "observed_at": time::format(self.at),
            "text": TEXT,
            "depth_cm": self.depth_cm,
            "passability": passability,
            "source": {"channel": CHANNEL},
        })
    }
}

/// Names and places of the worst waterlogging hotspots.
fn worst(map: &HazardMap) -> Result<Vec<(String, Position)>> {
    let category = vec![Category::named("waterlogging")?];
    let paging = Paging { limit: Some(KNOWN), ..Paging::default() };
    let filter = Filter { category, paging, ..Filter::default() };
    let Page::Hotspots(page) = Layer::Hotspots.page(map, &filter) else { return Ok(Vec::new()) };
    let place = |f: Feature<HotspotProperties>| match f.geometry? {
        Shape::Point(at) => Some((f.properties.name.unwrap_or(f.id.into()), at)),
        Shape::Line(_) | Shape::Areas(_) | Shape::In(..) => None,
    };
    Ok(page.features.into_iter().filter_map(place).collect())
}

fn aside(at: Position) -> Result<Position> {
    Position::new(at.lon() + ASIDE_DEGREES, at.lat() + ASIDE_DEGREES)
}

/// Posts a report, a few times where the service is busy.
fn post(address: SocketAddr, body: &Value) -> Result<()> {
    let failed = |e: std::io::Error| Error::Store(format!("{address} cannot be reached: {e}"));
    let body = body.to_string();
    let mut answer = String::new();
    for _ in 0..TRIES {
        let mut stream = TcpStream::connect(address).map_err(failed)?;
        let head = "POST /api/v1/reports HTTP/1.1\r\ncontent-type: application/json\r\nconnection: close";
        let request = format!("{head}\r\nhost: {address}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        stream.write_all(request.as_bytes()).map_err(failed)?;
        answer.clear();
        stream.read_to_string(&mut answer).map_err(failed)?;
        if answer.starts_with("HTTP/1.1 201") {
            return Ok(());
        }
        if !answer.starts_with("HTTP/1.1 503") {
            break;
        }
        std::thread::sleep(Duration::from_secs(1));
    }
    Err(Error::Store(format!("a report was not taken: {}", answer.lines().next().unwrap_or("no answer"))))
}
