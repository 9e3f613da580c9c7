//! Which rain floods it: for each hotspot and each storm, whether it was seen flooded there, seen dry, or not seen.

use hashbrown::HashMap;

use super::super::category::Category;
use super::super::gauge::StormAt;
use super::super::grid::Grid;
use super::super::hotspot::Status;
use super::super::incident::People;
use super::super::layer::storm_id;
use super::super::map::HazardMap;
use super::super::occasion::{Span, is_evident};
use super::super::report::ReportRow;
use super::super::settings::Rule;
use super::super::slot::Slot;
use super::super::storm::Storm;
use super::super::vicinity::{around, is_within};

use crate::error::{Result, invalid};

/// What was seen of a hotspot in a storm.
///
/// Flooded: an incident of the hotspot's category that counts, at a site within `hotspot_radius` of its peak, fell in the
/// storm: its first observation lies from the storm's start − `rain_lead` to its end + `drain_lag`. Dry: none did, and
/// somebody who reported within `hotspot_radius` of the peak in that time gives [`DryEvidence`]. An observation to which
/// two storms lay claim belongs to the later one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cell {
    Unknown,
    Dry,
    /// Flooded by what was reported, and at every one of its incidents staff looked and found nothing.
    NotFound,
    Flooded,
}

impl Cell {
    /// As in a row of the matrix: one letter for each storm.
    pub fn letter(self) -> char {
        match self {
            Cell::Unknown => 'U',
            Cell::Dry => 'D',
            Cell::NotFound => 'N',
            Cell::Flooded => 'F',
        }
    }

    /// Whether it flooded; none where nobody knows. What was reported and not found counts, as it does in occasions.
    pub fn flooded(self) -> Option<bool> {
        match self {
            Cell::Unknown => None,
            Cell::Dry => Some(false),
            Cell::NotFound | Cell::Flooded => Some(true),
        }
    }
}

/// Which reports say that it was dry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DryEvidence {
    /// A dry report, and any other matter but one of the same department: a drain that is blocked in the rain is no sign
    /// of a dry street.
    #[default]
    Unrelated,
    /// A dry report, and any other matter.
    AnyCategory,
    /// A dry report and nothing else.
    DryReports,
}

impl DryEvidence {
    pub const ALL: [DryEvidence; 3] = [DryEvidence::Unrelated, DryEvidence::AnyCategory, DryEvidence::DryReports];

    pub fn name(self) -> &'static str {
        match self {
            DryEvidence::Unrelated => "unrelated",
            DryEvidence::AnyCategory => "any_category",
            DryEvidence::DryReports => "dry_reports",
        }
    }

    /// The evidence of this name.
    ///
    /// # Errors
    /// `Invalid` that lists them.
    pub fn named(name: &str) -> Result<DryEvidence> {
        let found = DryEvidence::ALL.into_iter().find(|evidence| evidence.name() == name);
        let known = DryEvidence::ALL.map(DryEvidence::name).join(", ");
        found.ok_or_else(|| invalid("dry_evidence", name, format!("unknown; known are {known}")))
    }

    /// Does a report at a hotspot of this category say that it is dry? An opinion is about no place.
    fn is_given(self, row: &ReportRow, category: Category) -> bool {
        if row.category.is_alone() {
            return false;
        }
        if row.category == category || self == DryEvidence::DryReports {
            return row.dry() && row.category == category;
        }
        self == DryEvidence::AnyCategory || row.category.info().department != category.info().department
    }
}

/// Which hotspots, and by which evidence.
#[derive(Clone, Copy, Debug)]
pub struct Scope {
    pub category: Category,
    /// Those at least so sure.
    pub status: Status,
    pub dry_evidence: DryEvidence,
}

/// A storm of the matrix, as it was measured for the hotspots that take its rain.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    pub id: String,
    /// The series it was cut from.
    pub at: StormAt,
    pub storm: Storm,
    /// None where the rain was measured more coarsely than by the hour.
    pub peak_1h_mm_h: Option<f64>,
}

/// A hotspot of the matrix.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub peak: Slot,
    /// Its storms begin here in [`Matrix::columns`].
    pub first: usize,
    /// One for each of its storms.
    pub cells: Box<[Cell]>,
    /// Is there evidence that it flooded? Of each of its storms.
    pub evident: Box<[bool]>,
}

/// Hotspots by storms. Each hotspot has the storms of the series that counts at its peak.
#[derive(Clone, Debug, Default)]
pub struct Matrix {
    /// In order of time within each series.
    pub columns: Vec<Column>,
    pub rows: Vec<Row>,
    /// How many intervals of rain are in force in all series that count.
    pub rain_intervals: usize,
}

impl Matrix {
    /// The matrix of a map that is settled, most occasions first. Storms count whose whole time lies in the window, and
    /// which were not over before the first event.
    pub fn of(map: &HazardMap, scope: Scope) -> Matrix {
        let (rule, sites) = (map.rule(scope.category), map.sites());
        let of_category = map.ranked().iter().filter(|peak| peak.category == scope.category).map(|peak| peak.slot);
        let peaks: Vec<Slot> = of_category.filter(|&peak| sites.status(peak, rule) >= scope.status).collect();
        Matrix::of_peaks(map, scope, &peaks)
    }

    /// The matrix of some hotspots of the category, by their peaks.
    pub fn of_peaks(map: &HazardMap, scope: Scope, peaks: &[Slot]) -> Matrix {
        let (rule, sites) = (map.rule(scope.category), map.sites());
        let mut matrix = Matrix::default();
        let mut series: HashMap<u32, (usize, Times)> = HashMap::new();
        let mut touching = Vec::new();
        for &peak in peaks {
            let of = map.gauges().of(sites.get(peak).at);
            let (first, times) = series.entry(of).or_insert_with(|| {
                let (first, (columns, times)) = (matrix.columns.len(), columns(map, of, rule));
                matrix.columns.extend(columns);
                matrix.rain_intervals += map.gauges().all()[of as usize].rain.in_force();
                (first, times)
            });
            touching.clear();
            sites.touching(peak, rule, &mut touching);
            let mut cells = vec![Cell::Unknown; times.count()].into_boxed_slice();
            let mut told = vec![(false, People::NOBODY); times.count()];
            for touch in &touching {
                let seen = if touch.span.not_found { Cell::NotFound } else { Cell::Flooded };
                if let Some(n) = times.of_span(&touch.span, map) {
                    cells[n] = cells[n].max(seen);
                    told[n] = (told[n].0 | touch.span.seen, told[n].1.and(touch.span.people));
                }
            }
            let evident = told.into_iter().map(|(seen, people)| is_evident(seen, people)).collect();
            matrix.rows.push(Row { peak, first: *first, cells, evident });
        }
        let times = series.into_values().filter(|(_, times)| times.count() > 0).collect();
        Dry { map, scope, radius_m: rule.hotspot_radius_m, times }.mark(&mut matrix.rows);
        matrix
    }

    /// The storms of a row, each with what was seen.
    pub fn seen<'m>(&'m self, row: &'m Row) -> impl Iterator<Item = (&'m Column, Cell)> {
        self.columns[row.first..].iter().zip(row.cells.iter().copied())
    }

    /// Visible reports of any kind, of the whole city, in the time of each storm: where there are none, nobody was there
    /// to see, and silence says nothing.
    pub fn reports(&self, map: &HazardMap, rule: &Rule) -> Vec<u32> {
        let mut counts = Vec::with_capacity(self.columns.len());
        for of in self.columns.chunk_by(|a, b| a.at.series == b.at.series) {
            let (_, mut times) = columns(map, of[0].at.series, rule);
            let from = counts.len();
            counts.resize(from + of.len(), 0);
            let spans = Times::of_any([&times]).times;
            for row in map.reports().about_any(spans).map(|i| &map.reports().rows()[i]) {
                if !row.hidden
                    && !row.category.is_alone()
                    && let Some(n) = times.storm(row.observed_at)
                {
                    counts[from + n] += 1;
                }
            }
        }
        counts
    }
}

/// From so many hotspots on, looking once at every report is quicker than searching around each of them.
const SWEPT_FROM: usize = 64;

/// What marks the cells of hotspots that somebody saw dry.
struct Dry<'m> {
    map: &'m HazardMap,
    scope: Scope,
    radius_m: f64,
    /// By the column where the storms of a series begin.
    times: HashMap<usize, Times>,
}

impl Dry<'_> {
    fn mark(mut self, rows: &mut [Row]) {
        let rows: Vec<_> = rows.iter_mut().filter(|row| !row.cells.is_empty()).collect();
        if rows.len() < SWEPT_FROM { self.search(rows) } else { self.sweep(rows) }
    }

    fn search(&mut self, rows: Vec<&mut Row>) {
        let reports = self.map.reports();
        for row in rows {
            let spot = self.map.places().position(self.map.sites().get(row.peak).key);
            let times = self.times.get_mut(&row.first).expect("every row has its storms");
            for report in around(reports, spot, self.radius_m) {
                // The cheapest question first: most reports are of no storm.
                let Some(n) = times.storm(report.observed_at) else { continue };
                if row.cells[n] == Cell::Unknown
                    && self.scope.dry_evidence.is_given(report, self.scope.category)
                    && is_within(report, spot, self.radius_m)
                {
                    row.cells[n] = Cell::Dry;
                }
            }
        }
    }

    fn sweep(&mut self, mut rows: Vec<&mut Row>) {
        let mut peaks = Grid::new(self.radius_m);
        for (i, row) in rows.iter().enumerate() {
            peaks.insert(0, self.map.sites().get(row.peak).at, i as u32);
        }
        let mut any = Times::of_any(self.times.values());
        let reports = self.map.reports();
        for report in reports.about_any(any.times.clone()).map(|i| &reports.rows()[i]) {
            let t = report.observed_at;
            if report.hidden || any.storm(t).is_none() || !self.scope.dry_evidence.is_given(report, self.scope.category)
            {
                continue;
            }
            peaks.within(0, report.position.ecef(), self.radius_m, |i, _| {
                let row = &mut rows[i as usize];
                let times = self.times.get_mut(&row.first).expect("every row has its storms");
                if let Some(n) = times.storm(t) {
                    row.cells[n] = row.cells[n].max(Cell::Dry);
                }
            });
        }
    }
}

/// The storms of a series that count, and their times.
fn columns(map: &HazardMap, series: u32, rule: &Rule) -> (Vec<Column>, Times) {
    let rain = &map.gauges().all()[series as usize].rain;
    let around = map.settings().rain_rule();
    let window = map.as_of() - rule.window_s;
    let since = map.since().unwrap_or(i64::MAX);
    let time = |s: &Storm| (s.start - around.rain_lead_s, s.end + around.drain_lag_s);
    let from = rain.storms().partition_point(|s| time(s).0 < window || time(s).1 < since);
    let column = |n: usize| {
        let (at, storm) = (StormAt { series, storm: n as u32 }, rain.storms()[n]);
        Column { id: storm_id(map, at), at, storm, peak_1h_mm_h: rain.peak_mm_h(&storm, 3_600) }
    };
    let times = rain.storms()[from..].iter().map(time).collect();
    ((from..rain.storms().len()).map(column).collect(), Times::new(times))
}

/// Which storm a time belongs to.
struct Times {
    /// Start − `rain_lead`, end + `drain_lag`; both ascend.
    times: Vec<(i64, i64)>,
    /// The last answer, and the time from which and before which it holds: observations come mostly in order.
    last: (i64, i64, Option<usize>),
}

impl Times {
    fn new(times: Vec<(i64, i64)>) -> Times {
        Times { times, last: (0, 0, None) }
    }

    /// The times in which there is a storm of any of these series.
    fn of_any<'t>(series: impl IntoIterator<Item = &'t Times>) -> Times {
        let mut times: Vec<_> = series.into_iter().flat_map(|series| &series.times).copied().collect();
        times.sort_unstable();
        times.dedup_by(|next, kept| {
            let touches = next.0 <= kept.1;
            if touches {
                kept.1 = kept.1.max(next.1);
            }
            touches
        });
        Times::new(times)
    }

    fn count(&self) -> usize {
        self.times.len()
    }

    /// The storm that an incident's first observation belongs to. Mostly its span says so: incidents lie scattered in
    /// memory.
    fn of_span(&mut self, span: &Span, map: &HazardMap) -> Option<usize> {
        let storm = self.storm(span.start);
        let (_, to, _) = self.last;
        if span.end < to { storm } else { self.storm(map.incidents()[span.incident as usize].facts.first) }
    }

    /// The storm that an observation belongs to: the latest that had begun.
    fn storm(&mut self, t: i64) -> Option<usize> {
        let (from, to, storm) = self.last;
        if (from..to).contains(&t) {
            return storm;
        }
        let begun = self.times.partition_point(|&(start, _)| start <= t);
        let next = self.times.get(begun).map_or(i64::MAX, |&(start, _)| start);
        self.last = match begun.checked_sub(1).map(|n| (n, self.times[n])) {
            Some((n, (start, end))) if t <= end => (start, next.min(end + 1), Some(n)),
            Some((_, (_, end))) => (end + 1, next, None),
            None => (i64::MIN, next, None),
        };
        self.last.2
    }
}
