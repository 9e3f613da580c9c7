//! What is said of made-up cities is held against what is true of them. `WATERLOG_CITIES`, `WATERLOG_SEED`: for soaking.

pub mod city;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use waterlog::hazard::analysis::Analysis;
use waterlog::hazard::analysis::rank::Ranks;
use waterlog::hazard::analysis::trend::Trends;
use waterlog::hazard::analysis::works::WorksCompared;
use waterlog::hazard::category::Category;
use waterlog::hazard::layer::{Filter, Kept, Layer};

use crate::worlds::number;
use city::{City, LASTS_S, PLAIN, Plan, YEAR_S};

/// Of the cities for one test, each with the seed it is drawn from.
fn cities(plan: Plan, settings: &'static str) -> impl Iterator<Item = City> {
    let (count, seed) = (number("WATERLOG_CITIES", 5), number("WATERLOG_SEED", 0));
    (0..count).map(move |i| City::new(plan, seed.wrapping_add(i), settings))
}

fn waterlogging() -> Category {
    Category::named("waterlogging").unwrap()
}

/// The spot of a hotspot's id.
fn spot(id: &Value) -> usize {
    id.as_str().unwrap().strip_prefix("waterlogging:p").unwrap().parse().unwrap()
}

fn percent(part: usize, of: usize) -> f64 {
    100.0 * part as f64 / of as f64
}

#[test]
fn the_interval_of_the_rate_of_a_spot_that_nobody_chose_holds_the_truth() {
    let (mut held, mut all) = (0, 0);
    for city in cities(PLAIN, "candidate_occasions=1") {
        let page = Layer::Hotspots.page(&city.map, &Filter::default()).text(Kept::ALL).unwrap();
        let page: Value = serde_json::from_slice(&page).unwrap();
        // Nothing was ever reported there: from 0 to 3.689 occasions (Garwood 1936).
        let mut intervals = vec![(0.0, 40.0_f64.ln() * YEAR_S / LASTS_S); city.rates.len()];
        for feature in page["features"].as_array().unwrap() {
            let bound = |name: &str| feature["properties"][name].as_f64();
            if feature["properties"]["category"] == "waterlogging"
                && let Some(interval) = bound("occasions_per_year_low").zip(bound("occasions_per_year_high"))
            {
                intervals[spot(&feature["id"])] = interval;
            }
        }
        held += city.rates.iter().zip(&intervals).filter(|(rate, (low, high))| low <= rate && *rate <= high).count();
        all += intervals.len();
    }
    told!("planted: Garwood intervals of unselected spots hold the truth in {:.1} % of {all}", percent(held, all));
    assert!(all > 1_000 && percent(held, all) >= 94.0, "{held} of {all}");
}

#[test]
fn the_shrunk_intervals_of_the_twenty_that_rank_highest_hold_the_truth_and_the_plain_ones_do_not() {
    let (mut held, mut plainly, mut all) = (0, 0, 0);
    // Spots much alike, so that who ranks highest is mostly luck.
    let alike = Plan { gamma: (6.0, 4.0), ..PLAIN };
    for plan in [PLAIN, alike] {
        for city in cities(plan, "") {
            let ranks = serde_json::to_value(Ranks::answer(&city.map, waterlogging(), &()).unwrap()).unwrap();
            for row in ranks["rows"].as_array().unwrap().iter().take(20) {
                let (truth, number) = (city.rates[spot(&row["hotspot_id"])], |name: &str| row[name].as_f64().unwrap());
                held += usize::from((number("shrunk_per_year_low")..=number("shrunk_per_year_high")).contains(&truth));
                let plain = number("occasions") / number("years");
                plainly += usize::from(plain <= truth);
                all += 1;
            }
        }
    }
    let (held, plainly) = (percent(held, all), percent(plainly, all));
    told!("planted: gamma-Poisson intervals of the twenty top-ranked hold the truth in {held:.1} % of {all}");
    // Of those chosen for their height, the plain rate lies below the truth much less often than every other time.
    assert!(held >= 90.0 && plainly < 40.0, "{held} {plainly}");
}

/// How many hotspots have each trend, how many of the spots that got worse are said to be, and how many would be called
/// better or worse by the first reading alone.
fn trends(plan: Plan) -> (BTreeMap<String, usize>, [usize; 2], usize) {
    let (mut by_trend, mut worse, mut first) = (BTreeMap::new(), [0; 2], 0);
    for city in cities(plan, "") {
        let trends = serde_json::to_value(Trends::answer(&city.map, waterlogging(), &()).unwrap()).unwrap();
        assert_eq!(trends["start"], json!("2021-01-01T00:00:00Z"));
        for row in trends["rows"].as_array().unwrap() {
            let trend = row["trend"].as_str().unwrap();
            *by_trend.entry(trend.to_owned()).or_default() += 1;
            let counts = row["occasions_before"].as_u64().unwrap() + row["occasions_lately"].as_u64().unwrap();
            first += usize::from(trend != "insufficient_history" && row["p"].as_f64().unwrap() < 0.1);
            if spot(&row["hotspot_id"]).is_multiple_of(2) && counts >= 10 {
                worse[0] += 1;
                worse[1] += usize::from(matches!(trend, "worsening" | "new"));
            }
        }
    }
    (by_trend, worse, first)
}

/// The share in percent that is said to be better or worse, of those that anything is said of.
fn changed(what: &str, plan: Plan) -> f64 {
    let (by_trend, _, first) = trends(plan);
    let of = |names: &[&str]| names.iter().filter_map(|n| by_trend.get(*n)).sum::<usize>();
    let changed = of(&["new", "worsening", "improving", "dormant"]);
    let said = changed + of(&["steady"]);
    let alone = percent(first, said);
    told!(
        "planted: {what}: {:.1} % of {said} called better or worse ({alone:.1} % by the first reading alone) {by_trend:?}",
        percent(changed, said)
    );
    assert!(said > 200, "{by_trend:?}");
    percent(changed, said)
}

#[test]
fn where_nothing_changes_one_in_ten_is_called_better_or_worse_at_most() {
    assert!(changed("no change, no rain measured", PLAIN) <= 10.0);
    let rain = Plan { storms_a_year: 20.0, ..PLAIN };
    assert!(changed("no change, rain", rain) <= 10.0);
    assert!(changed("twice the storms lately", Plan { wetter: 2.0, ..rain }) <= 10.0);
}

#[test]
fn twice_the_riders_without_more_water_is_no_trend() {
    let dry = Plan { riders: 2.0, seen_by: &[0.3, 1.0, 4.0], gamma: (1.6, 0.8), ..PLAIN };
    assert!(changed("twice the riders, no rain measured", dry) <= 10.0);
    let rain = Plan { storms_a_year: 20.0, ..dry };
    assert!(changed("twice the riders, rain", rain) <= 10.0);
    assert!(changed("twice the riders and half the storms", Plan { wetter: 0.5, ..rain }) <= 10.0);
}

#[test]
fn what_really_got_worse_is_mostly_said_to_be() {
    for (what, storms_a_year) in [("no rain measured", 0.0), ("rain", 20.0)] {
        let (_, [all, said], _) = trends(Plan { worse: 4.0, storms_a_year, ..PLAIN });
        told!("planted: four times as bad lately, {what}: {:.1} % of {all} called so", percent(said, all));
        assert!(all > 100 && percent(said, all) > 60.0, "{said} of {all}");
    }
}

/// Works half-way at the twenty spots that had flooded most by then: how many are compared, how many are said to have fewer
/// after, and how many would be by the test of two rates alone.
fn repaired(plan: Plan) -> [usize; 3] {
    let half = (LASTS_S / 2.0) as i64;
    let mut said = [0; 3];
    for city in cities(plan, "") {
        let before = |spot: &usize| city.reported[*spot].iter().filter(|&&t| t < half).count();
        let mut spots: Vec<usize> = (0..city.reported.len()).collect();
        spots.sort_by_key(|spot| std::cmp::Reverse(before(spot)));
        let chosen: Vec<[usize; 1]> = spots.iter().take(20).map(|&spot| [spot]).collect();
        let works: Vec<(&[usize], i64, Option<i64>)> =
            chosen.iter().map(|spot| (&spot[..], half, Some(half))).collect();
        let city = city.repaired(&works);
        let answer = WorksCompared::answer(&city.map, waterlogging(), &Default::default()).unwrap();
        for row in serde_json::to_value(answer).unwrap()["rows"].as_array().unwrap() {
            let alone = row["p"].as_f64().is_some_and(|p| p < 0.1) && row["ratio"].as_f64().is_some_and(|r| r < 1.0);
            said[0] += usize::from(row["verdict"] != "not_judged");
            said[1] += usize::from(row["verdict"] == "fewer");
            said[2] += usize::from(row["verdict"] != "not_judged" && alone);
        }
    }
    said
}

#[test]
fn works_that_do_nothing_at_the_worst_spots_are_seldom_said_to_help_though_these_get_better_by_themselves() {
    let alike = Plan { gamma: (6.0, 2.0), storms_a_year: 30.0, ..PLAIN };
    let [all, fewer, alone] = repaired(alike);
    let (fewer, alone) = (percent(fewer, all), percent(alone, all));
    told!(
        "planted: works without effect at the worst spots: {fewer:.1} % of {all} called fewer ({alone:.1} % by rates alone)"
    );
    assert!(all > 80 && fewer <= 5.0 && alone > 2.0 * fewer, "{fewer} {alone} {all}");
}
