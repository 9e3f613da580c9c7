//! What an analysis of one category in space goes by, copied out of the map: the rest is worked out with its lock free.

use h3o::{CellIndex, Resolution};

use super::super::category::Category;
use super::super::cell;
use super::super::map::HazardMap;
use super::super::occasion::{Span, Touch, occasions};
use super::super::position::Position;
use super::super::report::ReportRow;
use super::super::settings::Rule;
use super::super::time;

const DAY_S: i64 = 86_400;
/// Without a report of any kind for longer than this, silence says nothing about water.
const LONGEST_SILENCE_S: i64 = 30 * DAY_S;
/// Of many silences so many are told.
const MOST_SILENCES: usize = 3;

/// Reports of every category and the incidents of one, in its window.
#[derive(Clone, Debug)]
pub struct Ground {
    pub category: Category,
    pub rule: Rule,
    /// Unix seconds.
    pub as_of: i64,
    /// Every published report of any category, dry ones too, observed in the window.
    pub reports: Vec<Seen>,
    /// The incidents of the category that count, with their anchors.
    pub incidents: Vec<(Position, Span)>,
}

/// Where and when somebody reported something.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    pub at: Position,
    /// Unix seconds.
    pub observed_at: i64,
    /// Its incident counts, and is of the category.
    pub own: bool,
}

/// What was counted in one cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    pub cell: CellIndex,
    /// Of the category: runs of the spans of all incidents whose anchors lie in the cell.
    pub occasions: u32,
    /// Of any category.
    pub reports: u32,
}

impl Ground {
    pub fn of(map: &HazardMap, category: Category) -> Ground {
        let (rule, as_of) = (map.rule(category).clone(), map.as_of());
        let counts = |row: &ReportRow| {
            row.category == category && row.incident.is_some_and(|i| map.incidents()[i.index()].counts)
        };
        let within = |row: &&ReportRow| {
            let published = !row.hidden && !row.category.is_alone();
            published && (as_of - rule.window_s..=as_of).contains(&row.observed_at)
        };
        let seen = |row: &ReportRow| Seen { at: row.position, observed_at: row.observed_at, own: counts(row) };
        let reports = map.reports().rows().iter().filter(within).map(seen).collect();
        let spans = map.sites().all().iter().filter(|site| site.category == category).flat_map(|site| &site.spans);
        let incidents = spans.map(|span| (map.incidents()[span.incident as usize].anchor, *span)).collect();
        Ground { category, rule, as_of, reports, incidents }
    }

    /// Occasions and reports by cell, in order of the cells: those that have either.
    pub fn counts(&self, resolution: Resolution) -> Vec<Count> {
        let mut reports: Vec<CellIndex> = self.reports.iter().map(|seen| cell::of(seen.at, resolution)).collect();
        reports.sort_unstable();
        let mut incidents: Vec<(CellIndex, Touch)> =
            self.incidents.iter().map(|&(at, span)| (cell::of(at, resolution), Touch { span, weight: 0 })).collect();
        incidents.sort_by_key(|(cell, _)| *cell);
        let mut counts: Vec<Count> = reports
            .chunk_by(|a, b| a == b)
            .map(|run| Count { cell: run[0], occasions: 0, reports: run.len() as u32 })
            .collect();
        let reporting = counts.len();
        for run in incidents.chunk_by(|a, b| a.0 == b.0) {
            let mut touching: Vec<Touch> = run.iter().map(|(_, touch)| *touch).collect();
            let mut found = 0;
            occasions(&mut touching, self.rule.occasion_gap_s, |_, _| found += 1);
            match counts[..reporting].binary_search_by_key(&run[0].0, |count| count.cell) {
                Ok(i) => counts[i].occasions = found,
                // Its report was retracted, or is older than the window.
                Err(_) => counts.push(Count { cell: run[0].0, occasions: found, reports: 0 }),
            }
        }
        counts.sort_unstable_by_key(|count| count.cell);
        counts
    }

    /// Reports beside those of the incidents that count: of other categories, dry ones, of incidents dismissed.
    pub fn others(&self) -> usize {
        self.reports.iter().filter(|seen| !seen.own).count()
    }

    /// What is missing where there are fewer other reports than `own` of what is compared with them.
    pub fn too_few_others(&self, own: usize, what: &str) -> Option<String> {
        let (others, name) = (self.others(), self.category.name());
        let told = || {
            format!(
                "{others} other reports beside {own} {what} of {name}: without at least as many there is no telling \
                 how many would be reported where; import reports of other categories, and dry ones"
            )
        };
        (others < own.max(1)).then(told)
    }

    /// Sentences about the times without a report of any kind, the longest first.
    pub fn silences(&self) -> Vec<String> {
        let mut times: Vec<i64> = self.reports.iter().map(|seen| seen.observed_at).collect();
        times.push(self.as_of);
        times.sort_unstable();
        let mut silent: Vec<[i64; 2]> =
            times.array_windows().copied().filter(|[from, to]| to - from > LONGEST_SILENCE_S).collect();
        silent.sort_by_key(|[from, to]| from - to);
        let told = silent.iter().take(MOST_SILENCES).map(|&[from, to]| {
            let days = (to - from) / DAY_S;
            let [from, to] = [from, to].map(time::format);
            format!("no report of any kind for {days} days, from {from} to {to}: what happened then is not known")
        });
        told.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::event::{Event, Report};
    use super::super::super::settings::Settings;
    use super::*;

    fn report(id: &str, category: &str, east: f64, at: i64) -> Event {
        let category = Category::named(category).unwrap();
        Event::Report(Report::new(id, category, Position::new(110.0 + east, 20.0).unwrap(), at))
    }

    fn ground(events: &[Event]) -> Ground {
        let map = HazardMap::build(Settings::default(), (1..).zip(events));
        Ground::of(&map, Category::named("waterlogging").unwrap())
    }

    #[test]
    fn a_cell_counts_occasions_of_its_own_category_once_and_reports_of_every_category() {
        let dry = match report("dry", "waterlogging", 0.0, 300_000) {
            Event::Report(r) => Event::Report(Report { dry: true, ..r }),
            other => other,
        };
        let events = [
            report("a", "waterlogging", 0.0, 0),
            // Another incident of the same cell, the same night.
            report("b", "waterlogging", 0.0006, 3_600),
            report("c", "waterlogging", 0.0, 100_000),
            report("d", "manhole", 0.0, 100_000),
            report("e", "opinion", 0.0, 100_000),
            dry,
            report("f", "manhole", 0.3, 200_000),
        ];
        let counts = ground(&events).counts(Resolution::Seven);
        let mut found: Vec<_> = counts.iter().map(|c| (c.occasions, c.reports)).collect();
        found.sort_unstable();
        assert_eq!(found, [(0, 1), (2, 5)]);
    }

    #[test]
    fn what_lies_before_the_window_does_not_count() {
        let window_s = Settings::default().rule(Category::named("waterlogging").unwrap()).window_s;
        let events = [report("a", "waterlogging", 0.0, 0), report("b", "manhole", 0.0, window_s + 1)];
        let ground = ground(&events);
        assert_eq!((ground.incidents.len(), ground.reports.len()), (0, 1));
    }

    #[test]
    fn a_season_without_reports_is_told() {
        let day = |n| n * DAY_S;
        let told = |days: &[i64]| {
            let events: Vec<_> =
                days.iter().enumerate().map(|(i, &n)| report(&format!("r{i}"), "manhole", 0.0, day(n))).collect();
            ground(&events).silences()
        };
        assert_eq!(told(&[0, 30, 60]), Vec::<String>::new());
        let silences = told(&[0, 31, 131]);
        assert_eq!(silences.len(), 2);
        assert!(silences[0].starts_with("no report of any kind for 100 days, from 1970-02-01"), "{silences:?}");
    }
}
