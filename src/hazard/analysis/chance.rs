//! How many recurring hotspots a city would show by chance: its incidents relocated over the sites that reports of any
//! kind come from, at the times they had, and counted by the same rule.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};

use hashbrown::HashMap;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::category::Category;
use super::super::hotspot::{Sites, Status};
use super::super::incident::Incidents;
use super::super::map::HazardMap;
use super::super::place::{Places, SiteKey};
use super::super::position::Ecef;
use super::apart::{self, Apart, Hand};
use super::draw::{deal, streams};
use super::{Analysis, Basis, Constant, Ground, Kind, Method, Takes};
use crate::error::{Result, invalid};

pub const DEFAULT_RELOCATIONS: usize = 99;
/// Fewer give no 95 % range, more no better one.
pub const RELOCATIONS: std::ops::RangeInclusive<usize> = 39..=9_999;
pub const DEFAULT_SEED: u64 = 1;
/// Of fewer incidents chance can make nearly anything.
const LEAST_INCIDENTS: usize = 20;
/// Reports placed between two looks at whether to go on.
const AT_ONCE: usize = 65_536;

const METHOD: Method = Method {
    name: "recurring hotspots under random labelling: incidents relocated over the sites of all reports, times kept",
    reference: "Diggle & Chetwynd 1991, Biometrics 47: 1155; Monte Carlo test: Barnard 1963, JRSS B 25: 294",
};
const CONSTANTS: [Constant; 1] =
    [Constant { name: "least_incidents", value: LEAST_INCIDENTS as f64, meaning: "fewer give no expectation" }];

/// How many recurring hotspots there are, beside those that chance alone would show.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Chance {
    #[serde(flatten)]
    pub basis: Basis,
    pub relocations: usize,
    /// What is missing for an answer, or for a better one.
    pub missing: Vec<String>,
    /// One row.
    pub rows: [ChanceRow; 1],
}

/// The number found and the number expected.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ChanceRow {
    /// Recurring hotspots, confirmed ones too, in the map as it is.
    pub found: usize,
    /// The mean over the relocations; null where there is no basis for one.
    pub expected: Option<f64>,
    /// From and to: at least 95 of 100 relocations lie between, both included.
    pub expected_low: Option<usize>,
    pub expected_high: Option<usize>,
    /// (1 + relocations with at least as many as found) ⁄ (1 + relocations): one-sided, exact.
    pub p: Option<f64>,
    /// Incidents of the category that count: each is relocated.
    pub incidents: usize,
    /// Reports of other categories, dry ones, and those whose incident does not count: their sites are free to take.
    pub other_reports: usize,
    /// Sites that incidents are relocated over.
    pub sites: usize,
}

/// What is asked besides the category.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    pub relocations: usize,
    pub seed: u64,
}

impl Default for Asked {
    fn default() -> Asked {
        Asked { relocations: DEFAULT_RELOCATIONS, seed: DEFAULT_SEED }
    }
}

impl Analysis for Chance {
    const NAME: &'static str = "chance";
    const TITLE: &'static str = "Is it real: recurring hotspots beside those that chance alone would show";
    const TAKES: &'static [Takes] = &[
        Takes {
            name: "relocations",
            meaning: "How often the incidents are relocated, 39 to 9,999; default: 99",
            kind: Kind::Whole,
            required: false,
            example: "39",
        },
        Takes {
            name: "seed",
            meaning: "Where the draws begin; default: 1",
            kind: Kind::Whole,
            required: false,
            example: "7",
        },
    ];
    type Asked = Asked;

    fn set(asked: &mut Asked, name: &str, value: &str) -> Result<()> {
        if name == "seed" {
            asked.seed = value.parse().map_err(|_| invalid(name, value, "not a whole number from 0"))?;
            return Ok(());
        }
        let (least, most) = (RELOCATIONS.start(), RELOCATIONS.end());
        let known = value.parse().ok().filter(|n| RELOCATIONS.contains(n));
        asked.relocations =
            known.ok_or_else(|| invalid(name, value, format!("not a whole number in [{least}, {most}]")))?;
        Ok(())
    }

    fn answer(map: &HazardMap, category: Category, asked: &Asked) -> Result<Chance> {
        Ok(apart::answer(map, category, asked))
    }
}

impl Apart for Chance {
    type Source = Source;

    fn source(map: &HazardMap, category: Category, asked: &Asked) -> Source {
        let basis = Basis::of(map, category, METHOD, &CONSTANTS, (0, "incidents"));
        let basis = Basis { seed: Some(asked.seed), ..basis };
        Source { basis, ground: Ground::of(map, category), places: map.places().clone() }
    }

    fn work(Source { mut basis, ground, places }: Source, asked: &Asked, hand: &Hand) -> Option<Chance> {
        let relocation = Relocation::new(ground, places, hand.go_on)?;
        let (row, mut missing) = relocation.run(*asked, hand)?;
        missing.extend(relocation.ground.silences());
        basis.n = row.incidents;
        Some(Chance { basis, relocations: asked.relocations, missing, rows: [row] })
    }
}

/// What is copied out of the map.
pub struct Source {
    basis: Basis,
    ground: Ground,
    places: Places,
}

/// The incidents of a category, and where they could have been.
struct Relocation {
    category: Category,
    ground: Ground,
    places: Places,
    /// Empty: it only keeps the rule.
    rules: Incidents,
    sites: Vec<(SiteKey, Ecef)>,
    /// Sites by index: of each incident, in order; then of each other report.
    pool: Vec<u32>,
}

impl Relocation {
    /// Places every report at its site; nothing when told not to go on.
    ///
    /// An incident is there once, however many reported it: two hundred reports of one night are one flood, not two
    /// hundred riders who pass. All others are there once for each report.
    fn new(ground: Ground, places: Places, go_on: &dyn Fn() -> bool) -> Option<Relocation> {
        let mut sites = Vec::new();
        let mut pool = Vec::new();
        let mut index: HashMap<SiteKey, u32> = HashMap::new();
        let own = ground.incidents.iter().map(|(anchor, _)| *anchor);
        let others = ground.reports.iter().filter(|seen| !seen.own).map(|seen| seen.at);
        for (n, at) in own.chain(others).enumerate() {
            if n % AT_ONCE == 0 && !go_on() {
                return None;
            }
            let key = places.site(at, ground.rule.anchor_radius_m);
            let site = *index.entry(key).or_insert_with(|| {
                sites.push((key, places.position(key).ecef()));
                sites.len() as u32 - 1
            });
            pool.push(site);
        }
        let rules = Incidents::new(Category::all().map(|_| ground.rule.clone()).collect());
        Some(Relocation { category: ground.category, ground, places, rules, sites, pool })
    }

    /// Counts the hotspots of the map and of each relocation; and what is missing for an expectation. Nothing when told
    /// not to go on.
    ///
    /// Each relocation deals the incidents out over the pool anew, without putting back: were the category nothing but
    /// a label that fell on incidents at random, the map as it is would be one more such deal, so the mean is that of
    /// the number found and p is exact (random labelling).
    fn run(&self, asked: Asked, hand: &Hand) -> Option<(ChanceRow, Vec<String>)> {
        let own: Vec<u32> = self.pool[..self.incidents()].to_vec();
        let missing = self.missing();
        let mut row = ChanceRow {
            found: self.recurring(&own, hand.go_on)?,
            expected: None,
            expected_low: None,
            expected_high: None,
            p: None,
            incidents: self.incidents(),
            other_reports: self.pool.len() - self.incidents(),
            sites: self.sites.len(),
        };
        if missing.is_empty() {
            row.compare(self.relocated(asked, hand)?);
        }
        Some((row, missing))
    }

    fn incidents(&self) -> usize {
        self.ground.incidents.len()
    }

    fn missing(&self) -> Vec<String> {
        let (incidents, name) = (self.incidents(), self.category.name());
        let few = || {
            format!(
                "{incidents} incidents of {name} count, and {LEAST_INCIDENTS} are needed to tell recurrence from chance"
            )
        };
        let few = (incidents < LEAST_INCIDENTS).then(few);
        few.into_iter().chain(self.ground.too_few_others(incidents, "incidents")).collect()
    }

    /// The number of recurring hotspots in each relocation.
    fn relocated(&self, Asked { relocations, seed }: Asked, hand: &Hand) -> Option<Vec<usize>> {
        let streams = streams(seed, relocations);
        let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let counts = Mutex::new(vec![None; relocations]);
        let work = || {
            let mut pool = Vec::new();
            loop {
                let k = next.fetch_add(1, Ordering::Relaxed);
                let Some(stream) = streams.get(k) else { return };
                pool.clone_from(&self.pool);
                let dealt = deal(&mut pool, self.incidents(), &mut stream.clone());
                let Some(count) = self.recurring(dealt, hand.go_on) else { return };
                counts.lock().unwrap_or_else(PoisonError::into_inner)[k] = Some(count);
                (hand.progress)(done.fetch_add(1, Ordering::Relaxed) + 1, relocations);
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..hand.workers.clamp(1, relocations) {
                scope.spawn(work);
            }
        });
        counts.into_inner().unwrap_or_else(PoisonError::into_inner).into_iter().collect()
    }

    /// How many recurring hotspots there are with the incidents at these sites; nothing when told not to go on.
    fn recurring(&self, at: &[u32], go_on: &dyn Fn() -> bool) -> Option<usize> {
        let rule = &self.ground.rule;
        let mut sites = Sites::new(std::slice::from_ref(rule));
        let mut changed = Vec::with_capacity(at.len());
        for ((_, span), &site) in self.ground.incidents.iter().zip(at) {
            let (key, position) = self.sites[site as usize];
            let slot = sites.find_or_add(self.category, key, || position);
            sites.set_span(slot, span.incident, Some(*span));
            changed.push(slot);
        }
        changed.sort_unstable();
        changed.dedup();
        let whole = sites.settle(&changed, &self.rules, &self.places, go_on, None);
        whole.then(|| sites.peaks().filter(|&peak| sites.status(peak, rule) >= Status::Recurring).count())
    }
}

impl ChanceRow {
    fn compare(&mut self, mut counts: Vec<usize>) {
        counts.sort_unstable();
        let n = counts.len();
        // So many from each end are left out: at most 2.5 % of the relocations and the map itself.
        let beyond = (n + 1) / 40;
        let as_many = counts.iter().filter(|&&count| count >= self.found).count();
        self.expected = Some(counts.iter().sum::<usize>() as f64 / n as f64);
        self.expected_low = counts.get(beyond.saturating_sub(1)).copied();
        self.expected_high = counts.get(n - beyond.max(1)).copied();
        self.p = Some((1 + as_many) as f64 / (n + 1) as f64);
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::event::{Event, Report};
    use super::super::super::hotspot::Hotspot;
    use super::super::super::position::Position;
    use super::super::super::settings::Settings;
    use super::*;

    const DAY_S: i64 = 86_400;

    /// A flood a day and so many other reports, at sixty spots at random.
    fn city(floods: usize, others: usize) -> HazardMap {
        let mut draw = fastrand::Rng::with_seed(3);
        let mut report = |n: usize, name: &str| {
            let spot = Position::new(110.0 + draw.u32(0..60) as f64 * 0.002, 20.0).unwrap();
            Event::Report(Report::new(format!("{name}{n}"), Category::named(name).unwrap(), spot, n as i64 * DAY_S))
        };
        let mut events: Vec<_> = (0..floods).map(|n| report(n, "waterlogging")).collect();
        events.extend((0..others).map(|n| report(n, "manhole")));
        HazardMap::build(Settings::default(), (1..).zip(&events))
    }

    fn relocation(map: &HazardMap) -> Relocation {
        let source = Chance::source(map, Category::named("waterlogging").unwrap(), &Asked::default());
        Relocation::new(source.ground, source.places, &|| true).unwrap()
    }

    #[test]
    fn the_number_found_is_that_of_the_map() {
        let map = city(300, 600);
        let recurring =
            |h: &&Hotspot| map.sites().get(h.peak).category.name() == "waterlogging" && h.status >= Status::Recurring;
        let recurring = map.hotspots().iter().filter(recurring).count();
        let (row, missing) = relocation(&map).run(Asked { relocations: 39, seed: 1 }, &Hand::alone()).unwrap();
        assert!(recurring > 20 && missing.is_empty());
        assert_eq!((row.found, row.incidents, row.other_reports, row.sites), (recurring, 300, 600, 60));
    }

    #[test]
    fn a_seed_gives_the_same_answer_whoever_works_and_another_seed_another() {
        let relocation = relocation(&city(150, 600));
        let run = |seed, workers| {
            relocation.run(Asked { relocations: 99, seed }, &Hand { workers, ..Hand::alone() }).unwrap().0
        };
        assert_eq!(run(7, 1), run(7, 3));
        assert_ne!(run(7, 1), run(8, 1));
    }

    #[test]
    fn progress_is_told_for_each_relocation_and_a_caller_who_has_left_ends_it() {
        let relocation = relocation(&city(300, 600));
        let told = AtomicUsize::new(0);
        let tell = |_, _| _ = told.fetch_add(1, Ordering::Relaxed);
        let hand = Hand { workers: 2, progress: &tell, ..Hand::alone() };
        relocation.run(Asked { relocations: 40, seed: 1 }, &hand).unwrap();
        assert_eq!(told.load(Ordering::Relaxed), 40);
        let go_on = || told.load(Ordering::Relaxed) < 43;
        let hand = Hand { go_on: &go_on, ..hand };
        assert_eq!(relocation.run(Asked { relocations: 9_999, seed: 1 }, &hand), None);
        assert!(told.load(Ordering::Relaxed) < 50);
    }

    #[test]
    fn without_enough_to_compare_with_there_is_no_expectation_and_it_says_why() {
        let run = |floods, others| relocation(&city(floods, others)).run(Asked::default(), &Hand::alone()).unwrap();
        let (few, missing) = run(10, 600);
        assert_eq!((few.expected, few.p), (None, None));
        assert!(missing[0].contains("10 incidents of waterlogging count, and 20 are needed"), "{missing:?}");
        let (alone, missing) = run(300, 20);
        assert!(alone.expected.is_none() && alone.found > 0);
        assert!(missing[0].contains("20 other reports beside 300 incidents"), "{missing:?}");
        let (nothing, missing) = run(0, 0);
        assert_eq!((nothing.found, missing.len()), (0, 2));
    }

    #[test]
    fn mean_range_and_p_are_counted_as_documented() {
        let (blank, _) = relocation(&city(0, 0)).run(Asked::default(), &Hand::alone()).unwrap();
        let mut row = ChanceRow { found: 97, ..blank };
        row.compare((0..99).rev().collect());
        // The second from each end; 97 and 98 are at least 97.
        assert_eq!((row.expected_low, row.expected_high), (Some(1), Some(97)));
        assert_eq!((row.expected, row.p), (Some(49.0), Some(0.03)));
        row.compare((0..39).collect());
        assert_eq!((row.expected_low, row.expected_high, row.p), (Some(0), Some(38), Some(1.0 / 40.0)));
    }
}
