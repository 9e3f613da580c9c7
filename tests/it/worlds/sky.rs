//! Rain and named places of a world.

use fastrand::Rng;

use super::draw::{Draw, HOUR_S};

/// A line of rain.csv; `mm` as written, empty where nothing was measured.
#[derive(Clone)]
pub struct Interval {
    pub start: i64,
    pub seconds: i64,
    pub mm: &'static str,
}

/// Runs of rain, dry weather, failed measurement and no data at all, in intervals of several lengths.
pub fn rain(rng: &mut Rng, from: i64, to: i64) -> Vec<Interval> {
    let (mut out, mut t) = (vec![], from);
    while t < to && out.len() < 2_000 {
        // Long worlds take longer intervals, so that their files stay small.
        let hours = if to - from > 45 * 24 * HOUR_S { 3 } else { 1 };
        let seconds = [600, 1_800, HOUR_S, HOUR_S, HOUR_S, 2 * HOUR_S][rng.usize(0..6)] * hours;
        let (run, mms): (_, &[&'static str]) = match rng.usize(0..8) {
            0..2 => (1..4, &["0.2", "1", "2.5", "2.5", "5", "4.9995", "0.0004", "0.0005", "0", ""]),
            2 => (2..9, &["1", "2.5", "7.3", "12", "0"]),
            3..6 => (5..30, &["0", "0.0", "0", "0", "0", "0", ""]),
            6 => (3..16, &[""]),
            _ => {
                t += [1, 2, 6, 12, 18, 30][rng.usize(0..6)] * HOUR_S + rng.i64(-1..=1);
                continue;
            }
        };
        for _ in 0..rng.usize(run) {
            out.push(Interval { start: t, seconds, mm: mms[rng.usize(0..mms.len())] });
            t += seconds;
        }
        // A gap that is just a dry gap, or just not.
        t += [0, 0, 0, 6 * HOUR_S - 1, 6 * HOUR_S, 6 * HOUR_S + 1][rng.usize(0..6)];
    }
    out
}

/// The first and last times at which rain counts for an incident, by the default limits; sorted.
pub fn moments(rain: &[Interval]) -> Vec<i64> {
    let wet = rain.iter().filter(|r| !["", "0", "0.0"].contains(&r.mm));
    let mut out: Vec<i64> = wet
        .flat_map(|r| {
            let end = r.start + r.seconds;
            [r.start - HOUR_S, r.start, end, end + 12 * HOUR_S, end + 24 * HOUR_S]
        })
        .collect();
    out.sort_unstable();
    out
}

/// Ids that sort before, among and after H3 cells ("8c…"), around the spots and beside one another.
pub fn places(draw: &mut Draw) -> Vec<(String, (i64, i64))> {
    const FORMS: &[&str] = &["8c@", "8@", "8cx@", "@", "9@", "7z@", "a@", "Z@", "路口@", "8c41a@ & 8c41b", "~@"];
    const BESIDE: &[(i32, i32)] =
        &[(0, 0), (0, 0), (20, 0), (-20, 0), (0, 20), (40, 0), (-40, 0), (0, -40), (24, 32), (41, 0), (39, 0), (65, 0)];
    let (spots, all) = (draw.spots().to_vec(), draw.kind.rounds || draw.rng.bool());
    let mut out = vec![];
    for spot in spots {
        for _ in 0..draw.rng.usize(0..=2).max(usize::from(all)) {
            let beside = if all { (0, 0) } else { *draw.pick(BESIDE) };
            let id = draw.pick(FORMS).replace('@', &out.len().to_string());
            let at = draw.e7(spot.0 + beside.0, spot.1 + beside.1);
            out.push((id, at));
        }
    }
    out
}
