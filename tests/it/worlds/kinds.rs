//! The kinds of world, as a table.

use fastrand::Rng;

use super::World;
use super::draw::{Draw, HOUR_S};

/// How worlds of one kind are drawn. Shares and chances are in [0, 1].
#[derive(Clone, Copy)]
pub struct Kind {
    pub name: &'static str,
    /// Degrees, longitude first; one is drawn.
    pub origins: &'static [(f64, f64)],
    /// Where things happen: metres east and north of the origin.
    pub layout: fn(&mut Rng) -> Vec<(i32, i32)>,
    /// How far from its spot a report lies, in each direction; one is drawn.
    pub jitter_m: &'static [i32],
    /// At least and at most.
    pub events: (usize, usize),
    pub days: (i64, i64),
    pub categories: &'static [&'static str],
    /// Share of events that are not reports.
    pub deeds: f64,
    /// Share of these that end, look, split or merge.
    pub merging: f64,
    /// Share of reports observed long before their turn in the log.
    pub late: f64,
    /// How many people report; 0: nobody says who he is, and nobody sends a photo.
    pub people: usize,
    /// All spots report together, one round after the other, so that many of them are equally high.
    pub rounds: bool,
    /// Chance that the world has named places.
    pub places: f64,
    /// Chance that the world has rain.
    pub rain: f64,
    /// Settings, chosen when the events are known.
    pub set: fn(&mut Draw) -> Vec<String>,
    /// Unusual but legal spelling of the files.
    pub odd_text: bool,
}

const CITIES: &[(f64, f64)] = &[(110.3312, 20.0148), (-73.9501, 40.7003), (151.2, -33.87)];
/// Around this origin whole metres are whole centimetres of the earth-centred grid: distances tie exactly.
const NULL_ISLAND: &[(f64, f64)] = &[(0.0, 0.0)];
const WATER: &[&str] = &["waterlogging", "waterlogging", "waterlogging", "blocked_drain"];
const ALL: &[&str] = &[
    "waterlogging",
    "blocked_drain",
    "manhole",
    "road_damage",
    "obstruction",
    "traffic_safety",
    "sanitation",
    "other",
    "opinion",
];
pub const EXACT_M: &[i32] = &[0, 0, 0, 25, -25, 40, -40, 50, -50];

pub const PLAIN: Kind = Kind {
    name: "crossings",
    origins: CITIES,
    layout: crossings,
    jitter_m: &[-16, -7, 0, 0, 5, 14],
    events: (50, 500),
    days: (5, 60),
    categories: WATER,
    deeds: 0.1,
    merging: 0.0,
    late: 0.05,
    people: 0,
    rounds: false,
    places: 0.3,
    rain: 0.3,
    set: |_| vec![],
    odd_text: false,
};

/// Everything happens everywhere at once, so that heights tie as well as distances.
const ROUNDS: Kind = Kind {
    origins: NULL_ISLAND,
    jitter_m: &[0],
    rounds: true,
    events: (12, 80),
    categories: &["waterlogging"],
    deeds: 0.0,
    late: 0.0,
    ..PLAIN
};

pub const KINDS: &[Kind] = &[
    PLAIN,
    Kind { name: "dense", events: (500, 1_500), days: (60, 400), ..PLAIN },
    Kind { name: "blocks_80_m", layout: blocks, days: (20, 90), ..PLAIN },
    Kind { name: "pond_200_m", layout: pond, days: (20, 90), places: 0.1, ..PLAIN },
    Kind { name: "street", layout: street, jitter_m: &[-4, 0, 0, 3], days: (20, 60), places: 0.2, ..PLAIN },
    Kind { name: "ties", events: (50, 300), deeds: 0.05, layout: even, places: 0.8, ..ROUNDS },
    Kind { name: "ties_late", origins: NULL_ISLAND, layout: even, jitter_m: EXACT_M, late: 0.4, places: 0.5, ..PLAIN },
    Kind { name: "date_line", origins: &[(180.0, 10.0), (180.0, 0.0), (-180.0, -16.5)], layout: even, ..PLAIN },
    Kind { name: "far_north", origins: &[(25.0, 85.0), (-120.0, -85.0), (10.0, 89.9996), (0.0, 90.0)], ..PLAIN },
    Kind { name: "late", late: 0.6, layout: few, days: (3, 20), ..PLAIN },
    Kind { name: "deeds", deeds: 0.5, layout: few, days: (2, 20), people: 4, ..PLAIN },
    Kind { name: "merges", deeds: 0.5, merging: 0.9, set: little_evidence, days: (4, 20), ..PLAIN },
    Kind { name: "quiet_sites", layout: symmetric, set: hot_is_rare, places: 0.9, ..ROUNDS },
    Kind { name: "saddles", set: |_| vec!["join_radius=10".to_owned()], layout: symmetric, places: 0.9, ..ROUNDS },
    Kind { name: "deeds_all", deeds: 0.4, layout: few, days: (10, 90), categories: ALL, people: 9, ..PLAIN },
    Kind { name: "window", set: short_window, layout: few, days: (10, 60), ..PLAIN },
    Kind { name: "as_of", set: as_of, deeds: 0.3, late: 0.2, layout: few, rain: 0.6, ..PLAIN },
    Kind { name: "places", layout: even, origins: NULL_ISLAND, jitter_m: EXACT_M, places: 1.0, rain: 0.1, ..PLAIN },
    Kind { name: "rain", rain: 1.0, layout: few, days: (5, 40), ..PLAIN },
    Kind { name: "rain_rules", rain: 1.0, set: rain_rules, layout: few, days: (5, 40), ..PLAIN },
    Kind { name: "categories", categories: ALL, set: by_category, days: (60, 300), layout: few, ..PLAIN },
    Kind { name: "evidence", people: 3, deeds: 0.25, layout: few, ..PLAIN },
    Kind { name: "settings", set: any_settings, categories: WATER, rain: 0.6, ..PLAIN },
    Kind { name: "odd_text", odd_text: true, people: 5, deeds: 0.3, rain: 0.5, set: as_of, ..PLAIN },
    Kind { name: "tiny", events: (0, 6), layout: few, deeds: 0.4, categories: &["waterlogging", "opinion"], ..PLAIN },
    Kind {
        name: "everything",
        layout: even,
        origins: &[(0.0, 0.0), (180.0, 0.0), (25.0, 85.0), (110.3312, 20.0148)],
        jitter_m: EXACT_M,
        deeds: 0.4,
        late: 0.3,
        people: 4,
        places: 0.5,
        rain: 0.6,
        set: everything,
        ..PLAIN
    },
];

impl Kind {
    /// The world of this kind that `seed` stands for, with a number of events between `events.0` and `events.1`.
    pub fn world(&self, seed: u64, events: (usize, usize)) -> World {
        // The name is part of the seed, so that kinds that differ little still differ.
        let mix = self.name.bytes().fold(seed, |h, b| h.wrapping_mul(1_099_511_628_211) ^ u64::from(b));
        let mut draw = Draw::new(Kind { events, ..*self }, Rng::with_seed(mix));
        draw.run();
        let set = (self.set)(&mut draw);
        draw.into_world(format!("{}_{seed}", self.name), set)
    }
}

fn grid(nx: i32, ny: i32, step_m: i32) -> Vec<(i32, i32)> {
    (0..nx * ny).map(|i| ((i % nx - nx / 2) * step_m, (i / nx - ny / 2) * step_m)).collect()
}

fn crossings(rng: &mut Rng) -> Vec<(i32, i32)> {
    grid(rng.i32(1..=4), rng.i32(1..=3), 150)
}

fn blocks(rng: &mut Rng) -> Vec<(i32, i32)> {
    grid(rng.i32(2..=4), rng.i32(2..=3), 80)
}

fn pond(rng: &mut Rng) -> Vec<(i32, i32)> {
    let inside = |p: &(i32, i32)| p.0 * p.0 + p.1 * p.1 <= 100 * 100;
    std::iter::repeat_with(|| (rng.i32(-100..=100), rng.i32(-100..=100))).filter(inside).take(25).collect()
}

/// A chain along a street, and one along a street that crosses it.
fn street(rng: &mut Rng) -> Vec<(i32, i32)> {
    let (step_m, n) = (rng.i32(15..=55), rng.i32(5..=14));
    (-n..=n).map(|i| (i * step_m, 0)).chain((-3..=3).map(|i| (0, i * step_m))).collect()
}

fn few(rng: &mut Rng) -> Vec<(i32, i32)> {
    let all = [(0, 0), (60, 0), (-45, 30), (90, 40), (200, 0)];
    all[..rng.usize(1..=all.len())].to_vec()
}

/// Equal steps that meet the radii exactly: 30-40-50 and 60-80-100 triangles among them.
fn even(rng: &mut Rng) -> Vec<(i32, i32)> {
    match rng.usize(0..5) {
        0 => grid(3, 3, 50),
        1 => grid(5, 2, 40),
        2 => grid(3, 3, 100),
        3 => vec![(0, 0), (50, 0), (-50, 0), (0, 50), (0, -50), (30, 40), (-30, 40), (60, 80), (-60, -80)],
        _ => vec![(0, 0), (100, 0), (-100, 0), (0, 100), (0, -100), (40, 0), (-40, 0), (200, 0), (200, 0)],
    }
}

/// The outer spots first, each like its mirror image; those after the first third report seldom, and lie between
/// several higher ones at exactly the same distance.
fn symmetric(rng: &mut Rng) -> Vec<(i32, i32)> {
    let all: [&[(i32, i32)]; 5] = [
        &[(-100, 0), (100, 0), (-50, 0), (50, 0), (0, 0)],
        &[(100, 0), (-100, 0), (0, 0), (0, 0)],
        &[(0, 100), (100, 0), (-100, 0), (0, 50), (50, 0), (-50, 0), (0, 0)],
        &[(0, -90), (0, 90), (0, 50), (0, -50), (0, 0)],
        &[(0, -80), (80, 0), (0, 80), (-80, 0), (0, -40), (40, 0), (0, 40), (-40, 0), (0, 0), (0, 0), (0, 0), (0, 0)],
    ];
    all[rng.usize(0..all.len())].to_vec()
}

/// The window ends to the second at some report, by the newest event or by a given time.
fn short_window(draw: &mut Draw) -> Vec<String> {
    let (at, nudge) = (draw.some_observation(), draw.rng.i64(-1..=1));
    if draw.rng.bool() {
        return vec![format!("window={}", (draw.newest() - at + nudge).max(0))];
    }
    let window_s = draw.rng.i64(1..=8) * 24 * HOUR_S;
    vec![format!("window={window_s}"), format!("as_of={}", at + window_s + nudge)]
}

/// Often in the middle, at the time of an event to the second; sometimes after everything.
fn as_of(draw: &mut Draw) -> Vec<String> {
    let at = match draw.rng.u8(0..6) {
        0 => draw.newest() + 30 * HOUR_S,
        1 | 2 => draw.some_end_of_rain(),
        _ => draw.some_time(),
    };
    let at = at + draw.rng.i64(-1..=1);
    vec![if draw.rng.bool() { format!("as_of={at}") } else { format!("as_of={}", super::write::rfc3339(at, 0)) }]
}

/// Each occasion with evidence decides the status of some hotspot.
fn little_evidence(draw: &mut Draw) -> Vec<String> {
    vec![
        format!("min_evidence={}", draw.rng.u8(1..=4)),
        "min_occasions=1".to_owned(),
        "candidate_occasions=1".to_owned(),
    ]
}

/// Only the spots that report in every round are hot by themselves; quiet sites lie between several of them.
fn hot_is_rare(draw: &mut Draw) -> Vec<String> {
    let (all, full) = draw.rounds();
    let (hot, spacing) = (draw.rng.usize(full + 1..=all.max(full + 1)), *draw.pick(&[40, 50, 60, 100]));
    vec![format!("candidate_occasions={hot}"), format!("spacing={spacing}"), "join_radius=10".to_owned()]
}

fn rain_rules(draw: &mut Draw) -> Vec<String> {
    let mut out = vec![];
    for name in ["dry_gap", "rain_lead", "drain_lag", "small_rain_lag", "rain_cover"] {
        if draw.rng.bool() {
            let hours = draw.rng.i64(0..=18);
            out.push(format!("{name}={}", (hours * HOUR_S + draw.rng.i64(-1..=1)).max(0)));
        }
    }
    if draw.rng.bool() {
        out.push(format!("storm_depth={}", draw.pick(&["0", "0.0005", "2.5", "7.4995", "10", "50"])));
    }
    out
}

fn by_category(draw: &mut Draw) -> Vec<String> {
    (0..draw.rng.usize(0..8))
        .map(|_| {
            let (category, hours) = (*draw.pick(ALL), draw.rng.i64(0..=100) * HOUR_S);
            let metres = *draw.pick(&["0", "0.01", "12.345", "30", "50", "80", "100", "120.5"]);
            match draw.rng.usize(0..11) {
                0 => format!("join_radius.{category}={metres}"),
                1 => format!("anchor_radius.{category}={metres}"),
                2 => format!("hotspot_radius.{category}={metres}"),
                3 => format!("spacing.{category}={metres}"),
                4 => format!("lapse.{category}={hours}"),
                5 => format!("max_open.{category}={hours}"),
                6 => format!("occasion_gap.{category}={hours}"),
                7 => format!("window.{category}={}", hours * 6),
                8 => format!("candidate_occasions.{category}={}", draw.rng.usize(0..5)),
                9 => format!("min_occasions.{category}={}", draw.rng.usize(0..9)),
                _ => format!("min_evidence.{category}={}", draw.rng.usize(0..4)),
            }
        })
        .collect()
}

fn any_settings(draw: &mut Draw) -> Vec<String> {
    let mut out: Vec<String> = by_category(draw);
    for pair in &mut out {
        // Half of them for every category: a name without its category.
        if let (true, Some((name, (_, value)))) =
            (draw.rng.bool(), pair.split_once('.').map(|(n, rest)| (n, rest.split_once('=').expect("name=value"))))
        {
            *pair = format!("{name}={value}");
        }
    }
    out.extend(rain_rules(draw));
    out
}

fn everything(draw: &mut Draw) -> Vec<String> {
    let mut out = any_settings(draw);
    out.truncate(3);
    if draw.rng.bool() {
        out.extend(if draw.rng.bool() { as_of(draw) } else { short_window(draw) });
    }
    out
}
