//! Draws the events of a world. Times come from a small lattice and from the limits of the rules, give or take a second,
//! so that exact limits are common.

use fastrand::Rng;

use super::kinds::Kind;
use super::sky::{self, Interval};

pub const HOUR_S: i64 = 3_600;
const START_S: i64 = 1_704_067_200;
/// 1e-7 degrees in a metre of meridian.
const E7_PER_M: f64 = 1e7 * 180.0 / (std::f64::consts::PI * 6_371_008.8);

/// Steps that the map does not interpret.
const STEPS: &[&str] = &["verify", "dispatch", "prolong", "suspend"];

/// A line of events.csv.
#[derive(Clone, Default)]
pub struct Row {
    pub event: &'static str,
    pub id: String,
    pub at: i64,
    pub category: &'static str,
    pub lon: String,
    pub lat: String,
    pub reference: String,
    pub person: String,
    pub photo: bool,
}

/// A visible report, for deeds to refer to.
#[derive(Clone)]
struct Seen {
    id: String,
    category: &'static str,
    spot: usize,
    at: i64,
}

pub struct Draw {
    pub rng: Rng,
    pub kind: Kind,
    pub rows: Vec<Row>,
    pub rain: Option<Vec<Interval>>,
    pub places: Option<Vec<(String, (i64, i64))>>,
    origin: (f64, f64),
    spots: Vec<(i32, i32)>,
    visible: Vec<Seen>,
    dry: Vec<String>,
    /// Spot and time of what happened there: later events choose times relative to these.
    marks: Vec<(usize, i64)>,
    /// Times at which the weather's limits lie.
    moments: Vec<i64>,
    /// Positions already used, to be used again exactly.
    used: Vec<(usize, (String, String))>,
    clock: i64,
    /// Where rounds have come to, and how many spots this one takes.
    turn: usize,
    round: usize,
    step_s: i64,
    target: usize,
}

impl Draw {
    pub fn new(kind: Kind, mut rng: Rng) -> Draw {
        let target = rng.usize(kind.events.0..=kind.events.1);
        let span_s = rng.i64(kind.days.0..=kind.days.1) * 24 * HOUR_S;
        let origin = kind.origins[rng.usize(0..kind.origins.len())];
        let spots = (kind.layout)(&mut rng);
        // Now and then the world lies around 1970, where times change sign.
        let clock = if rng.u8(0..12) == 0 { -span_s / 2 / HOUR_S * HOUR_S } else { START_S };
        let mut draw = Draw {
            rain: None,
            places: None,
            rows: vec![],
            visible: vec![],
            dry: vec![],
            marks: vec![],
            moments: vec![],
            used: vec![],
            step_s: (span_s / (target as i64 + 1) / 600).max(1) * 600,
            kind,
            rng,
            origin,
            spots,
            clock,
            turn: 0,
            round: 0,
            target,
        };
        if draw.rng.f64() < kind.places {
            draw.places = Some(sky::places(&mut draw));
        }
        if draw.rng.f64() < kind.rain {
            let rain = sky::rain(&mut draw.rng, clock - 2 * 24 * HOUR_S, clock + span_s + 24 * HOUR_S);
            draw.moments = sky::moments(&rain);
            draw.rain = Some(rain);
        }
        draw
    }

    pub fn run(&mut self) {
        while self.rows.len() < self.target {
            self.step();
        }
    }

    /// One further event.
    pub fn step(&mut self) {
        let spot = self.tick();
        if self.visible.is_empty() || self.rng.f64() >= self.kind.deeds {
            self.report(spot);
        } else {
            self.deed();
        }
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.rng.usize(0..from.len())]
    }

    /// The newest time of any event.
    pub fn newest(&self) -> i64 {
        self.rows.iter().map(|r| r.at).max().unwrap_or(0)
    }

    /// The time of some event.
    pub fn some_time(&mut self) -> i64 {
        let i = self.rng.usize(0..self.rows.len().max(1));
        self.rows.get(i).map_or(0, |r| r.at)
    }

    /// The time of some report.
    pub fn some_observation(&mut self) -> i64 {
        let times: Vec<i64> = self.rows.iter().filter(|r| r.event == "report").map(|r| r.at).collect();
        if times.is_empty() { 0 } else { *self.pick(&times) }
    }

    /// When some interval of rain came into force; without rain the time of some event.
    pub fn some_end_of_rain(&mut self) -> i64 {
        let newest = self.newest();
        let rain = self.rain.iter().flatten();
        let ends: Vec<i64> = rain.filter(|r| r.start < newest && r.mm.len() > 1).map(|r| r.start + r.seconds).collect();
        if ends.is_empty() { self.some_time() } else { *self.pick(&ends) }
    }

    /// How many rounds there were, and how many of them took every spot.
    pub fn rounds(&self) -> (usize, usize) {
        let times = |spot| {
            let mut times: Vec<i64> = self.visible.iter().filter(|s| s.spot == spot).map(|s| s.at).collect();
            times.dedup();
            times.len()
        };
        (times(0), times(self.spots.len() - 1))
    }

    /// Moves the clock; where the next report comes from.
    fn tick(&mut self) -> usize {
        if !self.kind.rounds {
            self.clock += self.step_s * *self.pick(&[0, 0, 1, 1, 2]);
            return self.rng.usize(0..self.spots.len());
        }
        self.turn += 1;
        if self.turn >= self.round {
            // Most rounds leave out the later spots, which then are lower.
            let n = self.spots.len();
            (self.turn, self.round) = (0, if self.rng.u8(0..4) == 0 { n } else { n.div_ceil(3) });
            self.clock += *self.pick(&[12 * HOUR_S, 12 * HOUR_S + 1, 24 * HOUR_S, 36 * HOUR_S]);
        }
        self.turn
    }

    fn report(&mut self, spot: usize) {
        let id = self.new_id();
        let category = *self.pick(self.kind.categories);
        let at =
            if self.kind.rounds && self.rng.u8(0..100) > 0 { self.clock } else { self.report_time(spot, category) };
        let (lon, lat) = self.position(spot);
        let dry = !self.kind.rounds && self.rng.u8(0..16) == 0;
        let mut row = Row { event: "report", id: id.clone(), at, category, lon, lat, ..Row::default() };
        if self.kind.people > 0 {
            // Ids of persons are texts: "7" and "07" are two people.
            let n = self.rng.usize(0..=self.kind.people);
            row.person = if n == 0 { String::new() } else { ["7", "07", "p1", "p2", "p3"][n % 5].repeat(1 + n / 5) };
            row.photo = self.rng.u8(0..8) == 0;
        }
        if dry {
            row.event = "dry";
            self.dry.push(id);
        } else {
            self.visible.push(Seen { id, category, spot, at });
            self.marks.push((spot, at));
        }
        self.rows.push(row);
    }

    fn new_id(&mut self) -> String {
        let n = self.rows.len();
        if !self.kind.odd_text {
            return format!("r{n}");
        }
        let form = *self.pick(&["@", "A@", "a@", "报@", "é@", "a,@", "\"@\"", "a @", "@ö", "😀@"]);
        form.replace('@', &n.to_string())
    }

    /// Now, or relative to what happened there by one of the limits, or long ago.
    fn report_time(&mut self, spot: usize, category: &'static str) -> i64 {
        let now = if self.rng.bool() { self.clock } else { self.clock.div_euclid(HOUR_S) * HOUR_S };
        if self.rng.f64() < self.kind.late {
            let back = *self.pick(&[1, 2, 5, 6, 7, 12, 13, 24, 25, 48, 7 * 24]);
            return now - back * HOUR_S + self.nudge();
        }
        let at = match self.rng.usize(0..10) {
            0..4 => now,
            4..6 if !self.moments.is_empty() => {
                // A moment near now, so that time moves on all the same.
                let after = self.moments.partition_point(|&m| m < now);
                let i = (after + self.rng.usize(0..4)).min(self.moments.len() - 1);
                self.moments[i] + self.nudge()
            }
            _ => {
                let here: Vec<i64> = self.marks.iter().rev().filter(|m| m.0 == spot).take(6).map(|m| m.1).collect();
                if here.is_empty() { now } else { *self.pick(&here) + self.limit(category) + self.nudge() }
            }
        };
        if at > now + 2 * 24 * HOUR_S && self.rng.u8(0..20) > 0 { now } else { at }
    }

    fn nudge(&mut self) -> i64 {
        *self.pick(&[-1, 0, 0, 0, 1])
    }

    /// One of the rule's durations, either way in time.
    fn limit(&mut self, category: &str) -> i64 {
        let hours = |h: i64| h * HOUR_S;
        let (lapse_s, max_open_s) = match category {
            "blocked_drain" => (hours(14 * 24), hours(60 * 24)),
            "manhole" => (hours(7 * 24), hours(30 * 24)),
            "road_damage" => (hours(30 * 24), hours(180 * 24)),
            "obstruction" => (hours(24), hours(7 * 24)),
            "traffic_safety" => (hours(6), hours(7 * 24)),
            "sanitation" => (hours(3 * 24), hours(14 * 24)),
            "other" => (hours(24), hours(14 * 24)),
            _ => (hours(6), hours(24)),
        };
        *self.pick(&[0, 0, hours(1), lapse_s, lapse_s, -lapse_s, max_open_s, hours(12), -hours(12), hours(18)])
    }

    fn deed(&mut self) {
        let recent = self.visible.len().min(8);
        let from = if self.rng.bool() { self.visible.len() - recent } else { 0 };
        let i = self.rng.usize(from..self.visible.len());
        let seen = self.visible[i].clone();
        let at = match self.rng.usize(0..4) {
            0 => seen.at + self.nudge(),
            1 => seen.at + self.limit(seen.category).abs().min(2 * 24 * HOUR_S) + self.nudge(),
            _ => self.clock,
        };
        let mut row = Row { at, reference: seen.id.clone(), ..Row::default() };
        let among = if self.rng.f64() < self.kind.merging { 3..19 } else { 0..22 };
        row.event = match self.rng.usize(among) {
            0..3 => "acknowledge",
            3..6 => "resolve",
            6 => "dismiss",
            7..9 => "reopen",
            9..11 => "found",
            11..14 => "not_found",
            14..16 => "split",
            16..19 => self.merge(&seen, &mut row),
            19 => self.note(&mut row),
            _ => self.retract(i, &mut row),
        };
        self.marks.push((seen.spot, at));
        self.rows.push(row);
    }

    fn merge(&mut self, seen: &Seen, row: &mut Row) -> &'static str {
        let near = self.rng.u8(0..4) > 0;
        let same = |s: &&Seen| s.category == seen.category && (!near || s.spot.abs_diff(seen.spot) <= 1);
        let others: Vec<String> = self.visible.iter().rev().filter(same).take(12).map(|s| s.id.clone()).collect();
        // At least itself: a merge of an incident with itself changes nothing.
        row.id = self.pick(&others).clone();
        "merge"
    }

    /// A step the map does not interpret; whom it refers to is not checked.
    fn note(&mut self, row: &mut Row) -> &'static str {
        if self.rng.bool() {
            row.reference = (*self.pick(&["", "nobody"])).to_owned();
        }
        STEPS[self.rng.usize(0..STEPS.len())]
    }

    fn retract(&mut self, i: usize, row: &mut Row) -> &'static str {
        if !self.dry.is_empty() && self.rng.u8(0..3) == 0 {
            let i = self.rng.usize(0..self.dry.len());
            row.reference = self.dry.swap_remove(i);
        } else {
            self.visible.remove(i);
        }
        "retract"
    }

    /// As written in the file: around the spot, or exactly where something was before.
    fn position(&mut self, spot: usize) -> (String, String) {
        if self.rng.u8(0..4) == 0
            && let Some((_, used)) = self.used.iter().rev().find(|u| u.0 == spot)
        {
            return used.clone();
        }
        let (east, north) = self.spots[spot];
        let east = east + *self.pick(self.kind.jitter_m);
        let north = north + *self.pick(self.kind.jitter_m);
        let (lon, lat) = self.e7(east, north);
        let at = (super::write::degrees(&mut self.rng, lon), super::write::degrees(&mut self.rng, lat));
        self.used.push((spot, at.clone()));
        at
    }

    /// The position so many metres from the origin, in 1e-7 degrees.
    pub fn e7(&mut self, east_m: i32, north_m: i32) -> (i64, i64) {
        let e7 = |v: f64| v.round() as i64;
        let lat = (e7(self.origin.1 * 1e7) + e7(f64::from(north_m) * E7_PER_M)).clamp(-900_000_000, 900_000_000);
        let narrow = self.origin.1.to_radians().cos().max(1e-6);
        let lon = e7(self.origin.0 * 1e7) + e7(f64::from(east_m) * E7_PER_M / narrow);
        let lon = (lon + 1_800_000_000).rem_euclid(3_600_000_000) - 1_800_000_000;
        // The date line itself has two names.
        let lon = if lon == -1_800_000_000 && self.rng.bool() { -lon } else { lon };
        (lon, lat)
    }

    /// Where things happen, metres east and north of the origin.
    pub fn spots(&self) -> &[(i32, i32)] {
        &self.spots
    }

    /// Later times are also chosen from the limits of this rain.
    pub fn watch(&mut self, rain: &[Interval]) {
        self.moments.extend(sky::moments(rain));
        self.moments.sort_unstable();
    }

    pub fn clock(&self) -> i64 {
        self.clock
    }
}
