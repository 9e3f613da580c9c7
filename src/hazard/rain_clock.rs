//! Does a gauge's clock fit the floods? Rain whose times are in another zone falls hours before the floods or after them.

use super::event::RainInterval;
use super::quality::Doubt;
use super::storm::Rain;

const HOUR_S: i64 = 3_600;
/// Zones lie at most 14 h from UTC.
const FARTHEST_H: i64 = 14;
/// People take time to report: less than this is no sign of another zone.
const LEAST_H: i64 = 3;
/// Floods are counted so long before the middle of a storm and after it.
const BESIDE_S: i64 = 6 * HOUR_S;
/// Fewer floods, or storms that tell, are none to go by.
const LEAST_FLOODS: usize = 30;
const LEAST_STORMS: usize = 10;
/// p of no relation at the shift that fits best, times the number of shifts that were tried.
const RELATED_P: f64 = 0.001;
/// p of fitting as well without the shift.
const WORSE_P: f64 = 0.05;

/// A doubt when the floods' first observations follow the storms clearly better with the rain some whole hours earlier or
/// later.
///
/// A storm has its *middle* in the interval in which half of its depth had fallen; one of more than an hour is no middle. At
/// a shift of s hours, from −14 to +14, its *excess* is the number of `firsts` in the 6 h from its middle + s on, less those
/// in the 6 h before. The shift with the largest sum of excesses is the best (ties: the one nearest 0). It is said when
/// - it is at least 3 h: less cannot be told from the time that people take to report,
/// - the floods do follow the storms there: one-sided signed-rank test of the excesses (Wilcoxon 1945, normal
///   approximation with ties), p × 29 shifts < 0.001,
/// - and not so without it: the sum of excesses there is less than half of the best, and the same test of the differences,
///   storm by storm, gives p < 0.05,
/// - and there are 30 floods and 10 storms that tell at least.
///
/// Storms are the units, not floods: a night of many reports counts as one. `firsts`: unix seconds in order.
pub fn doubt(rain: &Rain, firsts: &[i64]) -> Option<Doubt> {
    let middles = middles(rain);
    if firsts.len() < LEAST_FLOODS || middles.len() < LEAST_STORMS {
        return None;
    }
    let (hours, best) = best(&middles, firsts);
    let now = excesses(&middles, firsts, 0);
    let [most, here] = [&best, &now].map(|e| e.iter().sum::<i64>());
    let differences: Vec<i64> = best.iter().zip(&now).map(|(best, now)| best - now).collect();
    let shifts = (2 * FARTHEST_H + 1) as f64;
    if hours.abs() < LEAST_H
        || 2 * here >= most
        || signed_rank_p(&best) * shifts >= RELATED_P
        || signed_rank_p(&differences) >= WORSE_P
    {
        return None;
    }
    let (by, how) = (hours.abs(), if hours < 0 { "earlier" } else { "later" });
    let text = format!(
        "the floods follow its storms better if its rain fell about {by} h {how}: within 6 h of the middle of {} storms {most} \
         more came after it than before, as it is {here}: are its times in another zone?",
        middles.len()
    );
    Some(Doubt { code: "shifted", text, start: None })
}

/// When half of each storm had fallen.
fn middles(rain: &Rain) -> Vec<i64> {
    let intervals = &rain.intervals()[..rain.in_force()];
    let middle = |storm: &super::storm::Storm| {
        let first = intervals.partition_point(|r| r.start < storm.start);
        let mut fallen_um = 0;
        let reached = |r: &&RainInterval| {
            fallen_um += r.depth_um.unwrap_or(0);
            2 * fallen_um >= storm.depth_um
        };
        intervals[first..].iter().find(reached).filter(|r| r.seconds <= HOUR_S).map(|r| r.start)
    };
    rain.storms().iter().filter_map(middle).collect()
}

/// The shift that fits best, in hours, and the excess of each storm there.
fn best(middles: &[i64], firsts: &[i64]) -> (i64, Vec<i64>) {
    let all = (-FARTHEST_H..=FARTHEST_H).map(|hours| (hours, excesses(middles, firsts, hours)));
    let fit = |(hours, excesses): &(i64, Vec<i64>)| (excesses.iter().sum::<i64>(), -hours.abs());
    all.max_by_key(fit).expect("there is a shift of 0")
}

fn excesses(middles: &[i64], firsts: &[i64], hours: i64) -> Vec<i64> {
    let before = |at: i64| firsts.partition_point(|first| *first < at) as i64;
    let excess = |middle: &i64| {
        let at = middle + hours * HOUR_S;
        before(at + BESIDE_S) - 2 * before(at) + before(at - BESIDE_S)
    };
    middles.iter().map(excess).collect()
}

/// One-sided p of the signed-rank test that values lie around 0 and not above it; 1 where too few differ from 0.
fn signed_rank_p(values: &[i64]) -> f64 {
    let mut told: Vec<i64> = values.iter().copied().filter(|v| *v != 0).collect();
    if told.len() < LEAST_STORMS {
        return 1.0;
    }
    told.sort_unstable_by_key(|v| v.abs());
    let (mut above, mut sum, mut squares, mut from) = (0.0, 0.0, 0.0, 0);
    for tied in told.chunk_by(|a, b| a.abs() == b.abs()) {
        // The mean of the ranks that they share.
        let rank = from as f64 + (tied.len() + 1) as f64 / 2.0;
        above += rank * tied.iter().filter(|v| **v > 0).count() as f64;
        sum += rank * tied.len() as f64;
        squares += rank * rank * tied.len() as f64;
        from += tied.len();
    }
    let z = (above - sum / 2.0) / (squares.sqrt() / 2.0);
    statrs::function::erf::erfc(z / std::f64::consts::SQRT_2) / 2.0
}

#[cfg(test)]
mod tests {
    use super::super::settings::Settings;
    use super::*;

    /// Anything of a seed (Steele, Lea & Flood 2014, SplitMix64), from 0 to below `most`.
    fn drawn(state: &mut u64, most: i64) -> i64 {
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % most as u64) as i64
    }

    /// Half a year with a storm in it every four days or so, each of four hours.
    fn rain(state: &mut u64) -> (Rain, Vec<i64>) {
        let (mut intervals, mut middles, mut hour) = (Vec::new(), Vec::new(), 0);
        while hour < 24 * 180 {
            for _ in 0..24 + drawn(state, 144) {
                intervals.push(RainInterval { start: hour * HOUR_S, seconds: HOUR_S, depth_um: Some(0) });
                hour += 1;
            }
            middles.push((hour + 1) * HOUR_S);
            for um in [2_000, 9_000, 3_000, 1_000] {
                intervals.push(RainInterval { start: hour * HOUR_S, seconds: HOUR_S, depth_um: Some(um) });
                hour += 1;
            }
        }
        let mut rain = Rain::new(Settings::default().rain_rule());
        rain.load(&intervals);
        rain.advance(hour * HOUR_S);
        assert_eq!(super::middles(&rain), middles);
        (rain, middles)
    }

    /// Up to thirty floods within five hours of each time.
    fn floods(state: &mut u64, times: &[i64]) -> Vec<i64> {
        let mut firsts = Vec::new();
        for at in times {
            firsts.extend((0..drawn(state, 30)).map(|_| at + drawn(state, 5 * HOUR_S)));
        }
        firsts.sort_unstable();
        firsts
    }

    #[test]
    fn rain_that_is_hours_off_is_doubted_and_the_doubt_names_the_shift() {
        let mut state = 1;
        let (rain, middles) = rain(&mut state);
        for off_h in [0, 1, -1, 2, 4, 5, 8, 13, -5, -8, -12] {
            // The rain is said to have fallen so much later than it did.
            let fell: Vec<i64> = middles.iter().map(|at| at - off_h * HOUR_S).collect();
            let said = doubt(&rain, &floods(&mut state, &fell));
            match said {
                None => assert!(off_h.abs() < LEAST_H, "{off_h}"),
                Some(Doubt { code, text, .. }) => {
                    assert!(code == "shifted" && off_h.abs() >= LEAST_H, "{off_h}: {text}");
                    let named = |h: i64| format!("{} h {}:", h.abs(), if off_h > 0 { "earlier" } else { "later" });
                    assert!([off_h - 1, off_h, off_h + 1].iter().any(|h| text.contains(&named(*h))), "{off_h}: {text}");
                }
            }
        }
    }

    #[test]
    fn floods_that_have_nothing_to_do_with_the_rain_are_no_sign_of_its_clock() {
        for seed in 0..200 {
            let mut state = seed;
            let (rain, middles) = rain(&mut state);
            // In rushes as if it stormed, but at any time; and one by one.
            let rushes: Vec<i64> = middles.iter().map(|_| drawn(&mut state, 180 * 24 * HOUR_S)).collect();
            let mut alone: Vec<i64> = (0..1_500).map(|_| drawn(&mut state, 180 * 24 * HOUR_S)).collect();
            alone.sort_unstable();
            assert_eq!(doubt(&rain, &floods(&mut state, &rushes)), None, "seed {seed}");
            assert_eq!(doubt(&rain, &alone), None, "seed {seed}");
        }
    }

    #[test]
    fn few_floods_or_one_great_night_are_not_enough() {
        let mut state = 7;
        let (rain, middles) = rain(&mut state);
        let late: Vec<i64> = middles.iter().map(|at| at + 8 * HOUR_S).collect();
        assert_eq!(doubt(&rain, &late[..29]), None);
        assert!(doubt(&rain, &floods(&mut state, &late)).is_some());
        // Where all others fit, one storm whose reports came the next morning moves the sum and not the judgement.
        let mut firsts = floods(&mut state, &middles);
        firsts.extend(std::iter::repeat_n(late[3] + HOUR_S, 5_000));
        firsts.sort_unstable();
        assert_eq!(doubt(&rain, &firsts), None);
    }

    #[test]
    fn the_signed_rank_is_that_of_scipy() {
        // scipy.stats.wilcoxon(values, alternative="greater", method="approx", correction=False)
        let values = [3, -1, 4, 1, -5, 9, 2, 6, 5, 3, 0, 5, 8, -9, 7, 9];
        let p = signed_rank_p(&values);
        assert!((p - 0.018889110235230135).abs() < 1e-9, "{p}");
        assert!((signed_rank_p(&[1; 9]) - 1.0).abs() < 1e-12);
    }
}
