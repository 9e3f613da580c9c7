//! Whose criterion? Which hotspots meet an official definition, which fail on what, and which nobody can judge for want of
//! depth, duration, area or years. What was not measured is never taken for a yes or a no.

use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use super::super::category::Category;
use super::super::event::Passability;
use super::super::hotspot::Hotspot;
use super::super::incident::Incident;
use super::super::layer::{hotspot_id, hotspot_name};
use super::super::map::HazardMap;
use super::super::occasion::{Touch, occasions};
use super::super::slot::Measure;
use super::criterion::{Criterion, Seen};
use super::{Analysis, Basis, Kind, Method, Takes};
use crate::error::{Result, invalid};

const YEAR_S: f64 = 365.25 * 86_400.0;

/// Does a hotspot meet a criterion?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Meets,
    Fails,
    CannotBeJudged,
}

/// What every hotspot of a category is by one criterion.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Criteria {
    #[serde(flatten)]
    pub basis: Basis,
    pub criterion: Criterion,
    pub meet: usize,
    pub fail: usize,
    pub cannot_be_judged: usize,
    pub rows: Vec<CriterionRow>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CriterionRow {
    pub hotspot_id: String,
    pub name: Option<String>,
    pub verdict: Verdict,
    /// What it fails on, or what is not known: occasions, depth, duration, impassable, area, length,
    /// claims, underpass, road_category, years.
    pub on: Vec<&'static str>,
    /// All in the window.
    pub occasions: u32,
    /// The most that meet the criterion within its years.
    pub meeting: u32,
    /// As many as could, if what nobody measured were so.
    pub possible: u32,
    /// Those whose depth was reported.
    pub with_depth: u32,
    /// Those that were seen dry after all reports of each of their incidents.
    pub with_end: u32,
}

/// Which criterion, of those that are known.
#[derive(Clone, Debug)]
pub struct Chosen {
    pub known: Arc<[Criterion]>,
    pub criterion: Option<Criterion>,
}

impl Default for Chosen {
    fn default() -> Chosen {
        Chosen { known: Criterion::built_in().into(), criterion: None }
    }
}

/// The verdict on a hotspot with these occasions, in order of time; `observed_s`: how much of time was looked at.
pub fn verdict(criterion: &Criterion, seen: &[Seen], observed_s: i64) -> (Verdict, Vec<&'static str>, [u32; 2]) {
    let judged: Vec<_> = seen.iter().map(|s| (s.start, criterion.judge(s))).collect();
    let within_s = criterion.within_years.map_or(i64::MAX, |years| (years * YEAR_S) as i64);
    let most = |take: &dyn Fn(&[&str], &[&str]) -> bool| {
        let kept = judged.iter().filter(|(_, (fails, unknown))| take(fails, unknown));
        let starts: Vec<i64> = kept.map(|(start, _)| *start).collect();
        let from = |&first: &i64| starts.iter().filter(|&&s| s >= first && s - first <= within_s).count();
        starts.iter().map(from).max().unwrap_or(0) as u32
    };
    let meeting = most(&|fails, unknown| fails.is_empty() && unknown.is_empty());
    let possible = most(&|fails, _| fails.is_empty());
    let all = most(&|_, _| true);
    let counts = [meeting, possible];
    if meeting >= criterion.occasions {
        return (Verdict::Meets, Vec::new(), counts);
    }
    let distinct = |what: Vec<&Vec<&'static str>>| {
        let mut what: Vec<&str> = what.into_iter().flatten().copied().collect();
        what.sort_unstable();
        what.dedup();
        what
    };
    if possible < criterion.occasions {
        // Too few: but where a shorter time was looked at than it speaks of, there may have been more before.
        let short = criterion.within_years.is_some() && observed_s < within_s;
        return match (short, all >= criterion.occasions) {
            (true, _) => (Verdict::CannotBeJudged, vec!["years"], counts),
            (_, true) => (Verdict::Fails, distinct(judged.iter().map(|(_, (fails, _))| fails).collect()), counts),
            (_, false) => (Verdict::Fails, vec!["occasions"], counts),
        };
    }
    let unknown = judged.iter().filter(|(_, (fails, _))| fails.is_empty()).map(|(_, (_, unknown))| unknown);
    (Verdict::CannotBeJudged, distinct(unknown.collect()), counts)
}

/// What the occasions of a hotspot say of depth and of how long they lasted.
fn seen(map: &HazardMap, hotspot: &Hotspot, criterion: &Criterion) -> Vec<Seen> {
    let rule = map.rule(map.sites().get(hotspot.peak).category);
    let (mut touching, mut all) = (Vec::new(), Vec::new());
    map.sites().touching(hotspot.peak, rule, &mut touching);
    occasions(&mut touching, rule.occasion_gap_s, |o, run| {
        let mut seen = Seen { start: o.start, ..Seen::default() };
        run.iter().for_each(|touch| deepest(map, touch, criterion, &mut seen));
        let incidents = || run.iter().map(|touch| &map.incidents()[touch.span.incident as usize]);
        seen.at_least_s = incidents().map(|i| i.facts.last - i.facts.first).max().unwrap_or(0);
        seen.impassable_at_least_s = incidents().map(|i| impassable_s(map, i)).max().unwrap_or(0);
        let ends: Option<Vec<i64>> = incidents().map(|i| map.time_to_drain_s(i)).collect();
        seen.at_most_s = ends.and_then(|ends| ends.into_iter().max());
        all.push(seen);
    });
    all
}

/// From the first report that nobody could pass to the last.
fn impassable_s(map: &HazardMap, incident: &Incident) -> i64 {
    let rows = incident.reports.iter().map(|&r| &map.reports().rows()[r as usize]);
    let closed = rows.filter(|row| row.passability == Some(Passability::Impassable)).map(|row| row.observed_at);
    let (first, last) = closed.fold((i64::MAX, i64::MIN), |(first, last), at| (first.min(at), last.max(at)));
    last.saturating_sub(first).max(0)
}

fn deepest(map: &HazardMap, touch: &Touch, criterion: &Criterion, seen: &mut Seen) {
    let incident = &map.incidents()[touch.span.incident as usize];
    let storm = map.weather(incident).0.map(|storm| *map.storm(storm));
    let after = storm.zip(criterion.after_rain_s).map(|(storm, after_s)| storm.end + after_s);
    for row in incident.reports.iter().map(|&r| &map.reports().rows()[r as usize]) {
        let depth = row.depth_cm.map(Measure::get);
        seen.depth_cm = seen.depth_cm.max(depth);
        if after.is_some_and(|after| row.observed_at >= after) {
            seen.depth_after_rain_cm = seen.depth_after_rain_cm.max(depth);
        }
    }
}

impl Analysis for Criteria {
    const NAME: &'static str = "criteria";
    const TITLE: &'static str =
        "Whose criterion: which hotspots meet an official definition, fail, or cannot be judged";
    const TAKES: &'static [Takes] = &[Takes {
        name: "criterion",
        meaning: "By which: an id of /api/v1/criteria",
        kind: Kind::Text,
        required: true,
        example: "england_surrey",
    }];
    type Asked = Chosen;

    fn set(asked: &mut Chosen, _: &str, value: &str) -> Result<()> {
        let found = asked.known.iter().find(|criterion| criterion.id == value).cloned();
        let criterion = found.ok_or_else(|| {
            let known: Vec<_> = asked.known.iter().map(|criterion| criterion.id.as_str()).collect();
            invalid("criterion", value, format!("unknown; known are {}", known.join(", ")))
        })?;
        if criterion.disabled {
            let reason = "not judged by until a city confirms it: copy it, put your own numbers in, and load it";
            return Err(invalid("criterion", value, reason));
        }
        asked.criterion = Some(criterion);
        Ok(())
    }

    fn answer(map: &HazardMap, category: Category, asked: &Chosen) -> Result<Criteria> {
        let criterion = asked.criterion.clone().ok_or_else(|| invalid("criterion", "", "say by which, by its id"))?;
        let observed_s = map.since().map_or(0, |since| map.as_of() - since).min(map.rule(category).window_s);
        let row = |hotspot: Hotspot| {
            let seen = seen(map, &hotspot, &criterion);
            let (verdict, on, [meeting, possible]) = verdict(&criterion, &seen, observed_s);
            CriterionRow {
                hotspot_id: hotspot_id(map, hotspot.peak),
                name: hotspot_name(map, &hotspot),
                verdict,
                on,
                occasions: seen.len() as u32,
                meeting,
                possible,
                with_depth: seen.iter().filter(|s| s.depth_cm.is_some()).count() as u32,
                with_end: seen.iter().filter(|s| s.at_most_s.is_some()).count() as u32,
            }
        };
        let rows: Vec<CriterionRow> = map.hotspots_of(category).into_iter().map(row).collect();
        let count = |verdict| rows.iter().filter(|row| row.verdict == verdict).count();
        let method = Method {
            name: "each condition true, false or unknown; unknown is neither (Kleene)",
            reference: "Kleene 1938; the definition's own source is given with it",
        };
        Ok(Criteria {
            basis: Basis::of(map, category, method, &[], (rows.len(), "hotspots")),
            meet: count(Verdict::Meets),
            fail: count(Verdict::Fails),
            cannot_be_judged: count(Verdict::CannotBeJudged),
            criterion,
            rows,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const YEAR: i64 = 31_557_600;

    fn by(text: &str) -> Criterion {
        let least = "en = \"x\"\nzh = \"x\"\nsource = \"x\"\nfirmness = \"own_text\"\n";
        Criterion::parse("ours", &format!("{least}{text}")).unwrap()
    }

    fn at(years: f64, depth_cm: Option<u16>) -> Seen {
        Seen { start: (years * YEAR as f64) as i64, depth_cm, ..Seen::default() }
    }

    #[test]
    fn a_count_is_judged_within_its_years_and_only_where_those_were_observed() {
        let twice_a_year = by("occasions = 2\nwithin_years = 1");
        let seen = [at(0.0, None), at(1.5, None), at(2.5, None)];
        assert_eq!(verdict(&twice_a_year, &seen, 3 * YEAR), (Verdict::Meets, vec![], [2, 2]));
        assert_eq!(verdict(&twice_a_year, &seen[..2], 3 * YEAR), (Verdict::Fails, vec!["occasions"], [1, 1]));
        let four_in_five = by("occasions = 4\nwithin_years = 5");
        assert_eq!(verdict(&four_in_five, &seen, 3 * YEAR), (Verdict::CannotBeJudged, vec!["years"], [3, 3]));
        assert_eq!(verdict(&four_in_five, &seen, 5 * YEAR).0, Verdict::Fails);
    }

    #[test]
    fn what_nobody_measured_is_neither_a_yes_nor_a_no() {
        let deep_twice = by("occasions = 2\ndeeper_than_cm = 30");
        let seen = |depths: &[Option<u16>]| depths.iter().map(|&d| at(0.1, d)).collect::<Vec<_>>();
        let judge = |depths: &[Option<u16>]| verdict(&deep_twice, &seen(depths), YEAR);
        assert_eq!(judge(&[Some(31), Some(40), None]), (Verdict::Meets, vec![], [2, 3]));
        assert_eq!(judge(&[Some(31), None]), (Verdict::CannotBeJudged, vec!["depth"], [1, 2]));
        assert_eq!(judge(&[Some(31), Some(30)]), (Verdict::Fails, vec!["depth"], [1, 1]));
        assert_eq!(judge(&[Some(31)]), (Verdict::Fails, vec!["occasions"], [1, 1]));
        let in_ten_years = by("occasions = 2\nwithin_years = 10\ndeeper_than_cm = 30");
        assert_eq!(verdict(&in_ten_years, &seen(&[Some(9), Some(9)]), YEAR).0, Verdict::CannotBeJudged);
    }
}
