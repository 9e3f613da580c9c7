//! Logs that are drawn: events of every kind that may follow each other.

use std::num::NonZeroU64;

use fastrand::Rng;
use waterlog::hazard::category::Category;
use waterlog::hazard::event::{
    Act, Action, Area, AreaLevel, Event, Gauge, GaugeRain, Merge, Note, Place, RainInterval, Report, Works,
};
use waterlog::hazard::map::HazardMap;
use waterlog::hazard::position::{Position, half_up};
use waterlog::hazard::settings::Settings;
use waterlog::hazard::workflow::{Actor, Role, State, Step, Transition};

use crate::worlds::draw::{Draw, HOUR_S, Row};
use crate::worlds::kinds::{EXACT_M, Kind, PLAIN};
use crate::worlds::{number, sky};

const DAY_S: i64 = 24 * HOUR_S;
/// Six crossings within 400 m: nearly everything interacts.
const CROSSINGS: &[(i32, i32)] = &[(0, 0), (80, 0), (60, 80), (160, 20), (-90, 0), (-100, 100)];
const TOWN: Kind = Kind {
    name: "town",
    layout: |_| CROSSINGS.to_vec(),
    jitter_m: &[-30, -12, -5, 0, 0, 0, 8, 25],
    days: (4, 40),
    categories: &["waterlogging", "waterlogging", "blocked_drain", "obstruction", "opinion"],
    deeds: 0.35,
    late: 0.2,
    people: 4,
    places: 0.0,
    rain: 0.0,
    ..PLAIN
};
/// Where equal distances are exact.
const EVEN_TOWN: Kind = Kind { origins: &[(0.0, 0.0), (180.0, 0.0)], jitter_m: EXACT_M, late: 0.35, ..TOWN };
/// Their ids sort otherwise than they come.
const GAUGES: [&str; 3] = ["g", "b", "站"];
/// Metres east and north of the town: within it, beside it, and so far that nobody is in reach.
const GAUGE_SPOTS: &[(i32, i32)] = &[(0, 0), (80, 0), (40, 0), (0, 60), (-90, 0), (600, 0), (0, -900), (40_000, 0)];
/// The default, and rules that make windows, lapses and limits bite within days.
const RULES: &[&str] = &[
    "",
    "window=172800 gauge_reach=250",
    "window=432000 lapse.blocked_drain=86400 max_open.blocked_drain=259200 gauge_reach=90",
    "window=864000 candidate_occasions=1 occasion_gap=21600",
    "window=259200 lapse.obstruction=7200 storm_depth=1 dry_gap=3600 drain_lag=21600 rain_lead=7200",
    "hotspot_radius=100 spacing=60 join_radius=25 window=1728000 rain_cover=43200",
];

/// A log that grows by valid events of every kind.
pub struct History {
    pub settings: Settings,
    draw: Draw,
    pub events: Vec<Event>,
    /// All rain so far by gauge, in order of time, for what may still be inserted; the first is of no gauge.
    rain: [Vec<RainInterval>; 1 + GAUGES.len()],
    /// The gauges that were placed.
    placed: [bool; 1 + GAUGES.len()],
}

impl History {
    pub fn new(seed: u64, steps: usize) -> History {
        let kind = if seed.is_multiple_of(2) { TOWN } else { EVEN_TOWN };
        let rules = RULES[(seed / 2) as usize % RULES.len()];
        let rng = Rng::with_seed(seed + 1_000_000 * number("WATERLOG_SEED", 0));
        History {
            settings: rules.parse().expect("the rules above are valid"),
            draw: Draw::new(Kind { events: (steps, steps), ..kind }, rng),
            events: vec![],
            rain: std::array::from_fn(|_| vec![]),
            placed: std::array::from_fn(|gauge| gauge == 0),
        }
    }

    pub fn next_event(&mut self) -> Event {
        match self.draw.rng.usize(0..200) {
            0..10 => {
                let gauge = self.some_gauge();
                self.further_rain(gauge)
            }
            10..12 => {
                let gauge = self.some_gauge();
                self.earlier_rain(gauge)
            }
            12..14 => self.some_places(),
            14..16 => self.some_gauges(),
            16..18 => self.some_works(),
            18..20 => self.some_areas(),
            _ => {
                self.draw.step();
                event_of(self.draw.rows.last().expect("a step adds a row"), &mut self.draw.rng)
            }
        }
    }

    /// One that was placed; often none.
    fn some_gauge(&mut self) -> usize {
        let gauge = self.draw.rng.usize(0..=GAUGES.len());
        if self.placed[gauge] { gauge } else { 0 }
    }

    /// New ones, and known ones at new places.
    fn some_gauges(&mut self) -> Event {
        let mut gauges = vec![];
        for (n, id) in (1..).zip(GAUGES) {
            if self.draw.rng.u8(0..3) == 0 {
                let (east, north) = *self.draw.pick(GAUGE_SPOTS);
                let (lon, lat) = self.draw.e7(east, north);
                let position = Position::try_from((lon as i32, lat as i32)).expect("the draw stays on the Earth");
                gauges.push(Gauge { id: id.to_owned(), position, name: None });
                self.placed[n] = true;
            }
        }
        Event::Gauges(gauges)
    }

    fn rain_event(gauge: usize, intervals: Vec<RainInterval>) -> Event {
        match gauge {
            0 => Event::Rain(intervals),
            n => Event::GaugeRain(GaugeRain { gauge: GAUGES[n - 1].to_owned(), intervals }),
        }
    }

    /// After all rain so far; sometimes days ahead, so that it comes into force only as time moves on.
    fn further_rain(&mut self, gauge: usize) -> Event {
        let clock = self.draw.clock();
        let from = self.rain[gauge].last().map_or(clock - 2 * DAY_S, RainInterval::end).max(clock - 3 * DAY_S);
        let hours = *self.draw.pick(&[1, 6, 24, 24, 48, 96]);
        // Not even the far-ahead leave the clock behind for good: late forecasts wait until it has caught up.
        let ahead_s = if from > clock + 5 * DAY_S { HOUR_S } else { hours * HOUR_S };
        let drawn = sky::rain(&mut self.draw.rng, from, from + ahead_s);
        self.draw.watch(&drawn);
        let depth_um = |mm: &str| mm.parse::<f64>().ok().map(|mm| half_up(mm * 1_000.0) as i64);
        let rain: Vec<RainInterval> = drawn
            .iter()
            .map(|r| RainInterval { start: r.start, seconds: r.seconds, depth_um: depth_um(r.mm) })
            .collect();
        self.rain[gauge].extend(&rain);
        History::rain_event(gauge, rain)
    }

    /// In a gap of the series, or before its beginning: what was loaded later may be older.
    fn earlier_rain(&mut self, gauge: usize) -> Event {
        let clock = self.draw.clock();
        let rain = &self.rain[gauge];
        let gaps: Vec<usize> = (1..rain.len()).filter(|&i| rain[i].start > rain[i - 1].end()).collect();
        let (at, from, to) = if gaps.is_empty() || self.draw.rng.u8(0..4) == 0 {
            let to = self.rain[gauge].first().map_or(clock, |r| r.start);
            (0, to - *self.draw.pick(&[600, HOUR_S, 7 * HOUR_S]), to)
        } else {
            let i = *self.draw.pick(&gaps);
            (i, self.rain[gauge][i - 1].end(), self.rain[gauge][i].start)
        };
        let seconds = (to - from).min(HOUR_S);
        let depth_um = *self.draw.pick(&[None, Some(0), Some(1), Some(200), Some(5_000), Some(12_000)]);
        let interval = RainInterval { start: from, seconds, depth_um };
        self.rain[gauge].insert(at, interval);
        History::rain_event(gauge, vec![interval])
    }

    /// New ones and new positions of known ones: the ids are few.
    fn some_places(&mut self) -> Event {
        let n = self.draw.rng.usize(1..=4);
        let place = |_| {
            let (east, north) = *self.draw.pick(CROSSINGS);
            let (dx, dy) = (*self.draw.pick(EXACT_M), *self.draw.pick(EXACT_M));
            let (lon, lat) = self.draw.e7(east + dx, north + dy);
            let id = *self.draw.pick(&["8", "8c", "8cz", "9", "a", "路口", "Z1", "Z2"]);
            let position = Position::try_from((lon as i32, lat as i32)).expect("the draw stays on the Earth");
            Place {
                id: id.to_owned(),
                position,
                name: self.draw.rng.bool().then(|| format!("at {east} {north}")),
                aliases: Vec::new(),
            }
        };
        let mut places: Vec<Place> = (0..n).map(place).collect();
        places.sort_by(|a, b| a.id.cmp(&b.id));
        places.dedup_by(|a, b| a.id == b.id);
        Event::Places(places)
    }

    /// New ones, and known ones with other dates and lines; some begin later than anything yet.
    fn some_works(&mut self) -> Event {
        let (clock, n) = (self.draw.clock(), self.draw.rng.usize(1..=3));
        let start = clock + *self.draw.pick(&[-30, -3, 0, 9]) * DAY_S;
        let line = (0..n).map(|_| {
            let (east, north) = *self.draw.pick(CROSSINGS);
            let (lon, lat) = self.draw.e7(east, north);
            Position::try_from((lon as i32, lat as i32)).expect("the draw stays on the Earth")
        });
        let line = line.collect();
        let end = self.draw.rng.bool().then_some(start + DAY_S);
        let (kind, name, reference) = (self.draw.rng.bool().then(|| "dredging".to_owned()), None, None);
        let id = (*self.draw.pick(&["w1", "w2", "泵"])).to_owned();
        Event::Works(vec![Works { id, line, start, end, kind, name, reference }])
    }

    /// A city around some crossings with parts that leave gaps and overlap; sometimes none at all.
    fn some_areas(&mut self) -> Event {
        let mut square = |half_m: i32| {
            let (east, north) = *self.draw.pick(CROSSINGS);
            let mut corner = |x: i32, y: i32| {
                let (lon, lat) = self.draw.e7(east + x * half_m, north + y * half_m);
                Position::try_from((lon as i32, lat as i32)).expect("the draw stays on the Earth")
            };
            let ring = [corner(-1, -1), corner(1, -1), corner(1, 1), corner(-1, 1)];
            vec![vec![[&ring[..], &ring[..1]].concat()]]
        };
        let mut area = |id: &str, level, parent: Option<&str>, half_m| Area {
            id: id.to_owned(),
            level,
            parent: parent.map(str::to_owned),
            name: None,
            polygons: square(half_m),
        };
        let mut areas = vec![
            area("g2", AreaLevel::Grid, Some("c"), 60),
            area("g1", AreaLevel::Grid, None, 40),
            area("c", AreaLevel::City, None, 150),
        ];
        let gone = self.draw.rng.usize(0..=areas.len());
        areas.drain(..gone);
        // What would lie across 180° is no area.
        let fits = waterlog::hazard::area::admit(&areas).is_ok();
        Event::Areas(if fits { areas } else { Vec::new() })
    }

    /// Events that contradict the log are refused, whatever its state.
    pub fn expect_refusals(&self, map: &HazardMap) {
        let newest = self.draw.newest();
        let act = Act { action: Action::Resolve, at: newest, report: "nobody".to_owned() };
        assert!(map.admit(&Event::Act(act)).is_err(), "an act on an unknown report was admitted");
        let mut reports =
            self.events.iter().rev().filter_map(|e| if let Event::Report(r) = e { Some(r) } else { None });
        if let Some(again) = reports.next() {
            assert!(map.admit(&Event::Report(again.clone())).is_err(), "a report was admitted twice");
        }
        for (gauge, rain) in self.rain.iter().enumerate() {
            if let Some(again) = rain.last() {
                let again = History::rain_event(gauge, vec![*again]);
                assert!(map.admit(&again).is_err(), "overlapping rain was admitted");
            }
        }
        let nowhere = Event::GaugeRain(GaugeRain { gauge: "nowhere".to_owned(), intervals: vec![] });
        assert!(map.admit(&nowhere).is_err(), "rain at an unknown gauge was admitted");
    }

    pub fn digest_at_once(&self) -> String {
        HazardMap::build(self.settings.clone(), (1..).zip(&self.events)).digest()
    }
}

/// The event that a line of events.csv stands for, with depths and the like that the referee does not read.
fn event_of(row: &Row, rng: &mut Rng) -> Event {
    let (at, report) = (row.at, row.reference.clone());
    let taken_here = rng.bool();
    let act = |action| match Step::from(action) {
        // The fold takes any step in any state.
        step if taken_here && step != Step::Retract => Event::Transition(transition(step, at, &report, None)),
        _ => Event::Act(Act { action, at, report: report.clone() }),
    };
    match row.event {
        "report" | "dry" => {
            let degrees = |text: &str| text.parse().expect("drawn positions are numbers");
            Event::Report(Report {
                id: row.id.clone(),
                category: Category::named(row.category).expect("drawn categories are in the table"),
                position: Position::new(degrees(&row.lon), degrees(&row.lat)).expect("the draw stays on the Earth"),
                observed_at: at,
                received_at: at + rng.i64(0..600),
                dry: row.event == "dry",
                photo: row.photo,
                person: NonZeroU64::new(row.person.bytes().map(u64::from).reduce(|h, b| h * 257 + b).unwrap_or(0)),
                depth_cm: rng.bool().then(|| rng.u16(0..60)),
                passability: None,
                accuracy_m: None,
                channel: None,
                names: vec![],
                original: None,
            })
        }
        "acknowledge" => act(Action::Acknowledge),
        "resolve" => act(Action::Resolve),
        "dismiss" => act(Action::Dismiss),
        "reopen" => act(Action::Reopen),
        "found" => act(Action::Found),
        "not_found" => act(Action::NotFound),
        "retract" => act(Action::Retract),
        "split" => act(Action::Split),
        "merge" if taken_here => Event::Transition(transition(Step::Merge, at, &report, Some(&row.id))),
        "merge" => Event::Merge(Merge { at, report, other: row.id.clone() }),
        step => Event::Note(Note { step: step.to_owned(), at, report: Some(report).filter(|r| !r.is_empty()) }),
    }
}

fn transition(step: Step, at: i64, report: &str, other: Option<&str>) -> Transition {
    Transition {
        at,
        step,
        report: report.to_owned(),
        from: State::Reported,
        after: None,
        actor: Actor { role: Role::GridWorker, unit: Some("grid_7".into()), person: NonZeroU64::new(7) },
        unit: None,
        until: (at % 3 == 0).then_some(at + HOUR_S),
        reason: None,
        other: other.map(str::to_owned),
        note: None,
    }
}
