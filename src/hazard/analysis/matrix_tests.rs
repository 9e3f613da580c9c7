//! Small cities in which each letter of the matrix has one reason.

use super::super::category::Category;
use super::super::event::{Act, Action, Event, Gauge, GaugeRain, Place, RainInterval, Report};
use super::super::hotspot::Status;
use super::super::map::HazardMap;
use super::super::position::Position;
use super::matrix::{Cell, DryEvidence, Matrix, Scope};
use super::missing;
use super::share::Share;
use super::storms::{Asked, Storms, StormsSince, of_one};
use super::trigger::{self, HotspotTrigger};
use super::{Analysis, coming::Coming, forecast::Prepared};

const HOUR_S: i64 = 3_600;
const DAY_S: i64 = 86_400;
/// A metre of latitude in degrees.
const METRE: f64 = 1.0 / 111_195.08;

fn category(name: &str) -> Category {
    Category::named(name).unwrap()
}

fn north(metres: f64) -> Position {
    Position::new(110.0, 20.0 + metres * METRE).unwrap()
}

fn report(id: &str, name: &str, metres: f64, at: i64) -> Event {
    Event::Report(Report::new(id, category(name), north(metres), at))
}

fn dry(id: &str, metres: f64, at: i64) -> Event {
    Event::Report(Report { dry: true, ..Report::new(id, category("waterlogging"), north(metres), at) })
}

/// A storm of an hour that begins at `start`, of 10 mm and a further millimetre for each day since 1970.
fn hour(start: i64) -> RainInterval {
    RainInterval { start, seconds: HOUR_S, depth_um: Some(10_000 + start / DAY_S * 1_000) }
}

/// Storms at the beginning of so many days.
fn rain(days: i64) -> Event {
    Event::Rain((0..days).map(|day| hour(day * DAY_S)).collect())
}

fn build(settings: &str, events: &[Event]) -> HazardMap {
    HazardMap::build(settings.parse().unwrap(), (1..).zip(events))
}

fn scope(dry_evidence: DryEvidence) -> Scope {
    Scope { category: category("waterlogging"), status: Status::Candidate, dry_evidence }
}

fn letters(map: &HazardMap, dry_evidence: DryEvidence) -> Vec<String> {
    let rows = Matrix::of(map, scope(dry_evidence)).rows;
    rows.iter().map(|row| row.cells.iter().map(|cell| cell.letter()).collect()).collect()
}

/// Floods on days 0 and 1 at a named place, which make it a hotspot.
fn flooded_twice() -> Vec<Event> {
    let place = Place { id: "p".into(), position: north(0.0), name: None, aliases: Vec::new() };
    vec![Event::Places(vec![place]), report("a", "waterlogging", 0.0, HOUR_S), report("b", "waterlogging", 0.0, DAY_S)]
}

/// Nothing but the time goes on, far away.
fn later(days: i64) -> Event {
    report("later", "manhole", 9_000.0, days * DAY_S + HOUR_S)
}

#[test]
fn a_dry_report_or_another_matter_near_it_in_the_storm_says_dry_and_a_flood_outranks_both() {
    let mut events = vec![rain(8)];
    events.extend(flooded_twice());
    events.extend([
        dry("c", 49.0, 2 * DAY_S + HOUR_S),
        report("d", "road_damage", -30.0, 3 * DAY_S),
        report("e", "blocked_drain", 10.0, 4 * DAY_S),
        // Beside a flood; too far; and before and after the storm's time.
        dry("f", 0.0, DAY_S),
        dry("g", 51.0, 5 * DAY_S),
        dry("h", 0.0, 6 * DAY_S - HOUR_S - 1),
        dry("i", 0.0, 6 * DAY_S + 13 * HOUR_S + 1),
        // An opinion is about no place.
        report("j", "opinion", 0.0, 6 * DAY_S),
        dry("k", 0.0, 7 * DAY_S - HOUR_S),
        later(7),
    ]);
    let map = build("", &events);
    assert_eq!(letters(&map, DryEvidence::Unrelated), ["FFDDUUUD"]);
    assert_eq!(letters(&map, DryEvidence::AnyCategory), ["FFDDDUUD"]);
    assert_eq!(letters(&map, DryEvidence::DryReports), ["FFDUUUUD"]);
    let Share { flooded, dry, unknown, p, at_least, .. } = of_one(&map, map.sites().peaks().next().unwrap(), 0).0;
    assert_eq!((flooded, dry, unknown, p, at_least), (2, 3, 3, Some(0.4), Some(0.25)));
}

#[test]
fn an_observation_to_which_two_storms_lay_claim_belongs_to_the_later() {
    // The second begins eight hours after the first has ended, inside its drain_lag.
    let events = [
        Event::Rain(vec![hour(0), hour(9 * HOUR_S)]),
        report("a", "waterlogging", 0.0, 8 * HOUR_S),
        report("b", "waterlogging", 0.0, 8 * HOUR_S - 1),
        report("c", "waterlogging", 0.0, 20 * DAY_S),
        later(21),
    ];
    let map = build("occasion_gap=1 join_radius=0 lapse.waterlogging=0 candidate_occasions=1", &events);
    assert_eq!(letters(&map, DryEvidence::Unrelated), ["FF"]);
    let map = build("occasion_gap=1 candidate_occasions=1", &[&events[..2], &events[3..]].concat());
    assert_eq!(letters(&map, DryEvidence::Unrelated), ["UF"]);
}

#[test]
fn a_flood_that_staff_did_not_find_counts_and_shows_as_such() {
    let act = |action, report: &str| Event::Act(Act { action, at: 2 * DAY_S, report: report.into() });
    let mut events = vec![rain(3)];
    events.extend(flooded_twice());
    events.extend([report("c", "waterlogging", 0.0, 2 * DAY_S), act(Action::NotFound, "b")]);
    events.extend([act(Action::Dismiss, "c"), later(3)]);
    let map = build("", &events);
    assert_eq!(letters(&map, DryEvidence::Unrelated), ["FNU"], "what was dismissed is no flood, and not dry");
    let share = of_one(&map, map.sites().peaks().next().unwrap(), 0).0;
    assert_eq!((share.flooded, share.flooded_not_found), (2, 1));
}

#[test]
fn the_least_storm_is_told_with_its_evidence_and_apart_from_the_least_that_nobody_confirmed() {
    let act = |action, report: &str| Event::Act(Act { action, at: 2 * DAY_S, report: report.into() });
    let mut events = vec![rain(3)];
    events.extend(flooded_twice());
    events.push(later(3));
    let least = |acts: &[Event]| {
        let map = build("", &[&events[..], acts].concat());
        let said = HotspotTrigger::answer(&map, category("waterlogging"), &trigger::Asked::default()).unwrap();
        // The matrix says the same of the evidence, storm by storm.
        let storms = Storms::answer(&map, category("waterlogging"), &Asked::default()).unwrap();
        let signs = storms.storms.iter().zip(storms.rows[0].evidence.chars());
        let evident: Vec<_> = signs.filter(|(_, sign)| *sign == 'E').map(|(storm, _)| storm.id.clone()).collect();
        assert_eq!(said.evident, evident);
        [said.least_reported, said.least_evident].map(|storm| storm.map(|s| (s.depth_mm, s.evidence, s.not_found)))
    };
    assert_eq!(least(&[]), [Some((10.0, false, false)), None]);
    let acts = [act(Action::NotFound, "a"), act(Action::Found, "b")];
    assert_eq!(least(&acts), [Some((10.0, false, true)), Some((11.0, true, false))]);
    assert_eq!(least(&[act(Action::Found, "a")]), [Some((10.0, true, false)); 2]);
    // On the third day something else is reported there, and nothing after it.
    let other = report("c", "road_damage", 0.0, 2 * DAY_S + HOUR_S);
    let since = |events: &[Event], last| {
        let map = build("", events);
        of_one(&map, map.sites().peaks().next().unwrap(), last).1
    };
    let told = [&events[..], &[other]].concat();
    assert_eq!(since(&told, DAY_S + HOUR_S), Some(StormsSince { storms: 1, dry: 1, unknown: 0 }));
    assert_eq!(since(&events, DAY_S + HOUR_S), Some(StormsSince { storms: 1, dry: 0, unknown: 1 }));
    assert_eq!(since(&events[1..], DAY_S), None, "where no rain is measured nobody knows of a storm");
}

#[test]
fn a_retracted_report_says_nothing() {
    let mut events = vec![rain(3)];
    events.extend(flooded_twice());
    events.extend([dry("c", 0.0, 2 * DAY_S), later(3)]);
    assert_eq!(letters(&build("", &events), DryEvidence::Unrelated), ["FFD"]);
    events.push(Event::Act(Act { action: Action::Retract, at: 3 * DAY_S, report: "c".into() }));
    assert_eq!(letters(&build("", &events), DryEvidence::Unrelated), ["FFU"]);
}

#[test]
fn storms_count_whose_whole_time_lies_in_the_window_and_that_the_first_event_saw() {
    // The first event, on day 4, is later than four storms and their drain_lag.
    let mut events = vec![rain(9)];
    events.extend((4..7).map(|day| report(&day.to_string(), "waterlogging", 0.0, day * DAY_S)));
    events.push(later(8));
    assert_eq!(letters(&build("", &events), DryEvidence::Unrelated), ["FFFUU"]);
    let as_of_day_8 = "window=259200 candidate_occasions=1";
    assert_eq!(letters(&build(as_of_day_8, &events), DryEvidence::Unrelated), ["FUU"], "day 5 began before the window");
}

#[test]
fn each_hotspot_has_the_storms_of_the_gauge_that_counts_there() {
    let gauge = |id: &str, metres: f64| Gauge { id: id.into(), position: north(metres), name: None };
    let rain = |id: &str, days: std::ops::Range<i64>| {
        let intervals = days.map(|day| hour(day * DAY_S)).collect();
        Event::GaugeRain(GaugeRain { gauge: id.into(), intervals })
    };
    let mut events = vec![
        Event::Gauges(vec![gauge("south", -3_000.0), gauge("north", 20_000.0)]),
        rain("south", 0..3),
        rain("north", 1..6),
    ];
    events.extend(flooded_twice());
    events.extend((2..4).map(|day| report(&format!("n{day}"), "waterlogging", 18_000.0, day * DAY_S)));
    events.push(later(8));
    let map = build("", &events);
    let storms = Storms::answer(&map, category("waterlogging"), &Asked::default()).unwrap();
    let told: Vec<_> = storms.rows.iter().map(|row| (row.first_storm, row.cells.as_str())).collect();
    let of = |at: usize| storms.storms[at].gauge.as_str();
    let mut both: Vec<_> = told.iter().map(|&(first, cells)| (of(first), cells)).collect();
    both.sort_unstable();
    assert_eq!(both, [("north", "UFFUU"), ("south", "FFU")]);
    assert!(storms.storms.iter().all(|storm| storm.id.starts_with(&format!("{}:", storm.gauge))));
    let rain_on_day_9 = Coming::of(map.settings().rain_rule(), &[hour(9 * DAY_S)]).unwrap();
    let foreseen = |gauge: Option<&str>| {
        let prepared = Prepared::of(&map, category("waterlogging"), &Asked::default(), gauge.map(str::to_owned));
        prepared.map(|prepared| prepared.answer(&rain_on_day_9).rows.len())
    };
    assert_eq!((foreseen(None), foreseen(Some("north")), foreseen(Some("city"))), (Ok(2), Ok(1), Ok(0)));
    assert!(foreseen(Some("east")).unwrap_err().to_string().contains("known are city, south, north"));
}

#[test]
fn what_is_missing_is_said_and_what_can_be_said_all_the_same() {
    let said = |events: &[Event]| {
        let map = build("", events);
        let storms = Storms::answer(&map, category("waterlogging"), &Asked::default()).unwrap();
        let missing: Vec<missing::Missing> = storms.missing;
        let en: Vec<String> = missing.into_iter().map(|m| m.en).collect();
        (en.join("; "), storms.rows.first().map(|row| row.share.sentence_en.clone()).unwrap_or_default())
    };
    let twice = flooded_twice();
    assert!(said(&[later(1)]).0.contains("no such hotspot"));
    let (missing, sentence) = said(&twice);
    assert!(missing.contains("no rainfall") && sentence.contains("no rainfall is loaded"), "{missing} {sentence}");
    let drizzle = Event::Rain(vec![RainInterval { start: 0, seconds: HOUR_S, depth_um: Some(100) }]);
    let (missing, sentence) = said(&[&[drizzle], &twice[..]].concat());
    assert!(missing.contains("no storm of 5 mm or more since 1970"), "{missing}");
    assert!(sentence.contains("reached no storm's depth"), "{sentence}");
    // A season without reports, and nobody who says that it was dry.
    let season = [&[rain(20)], &twice[..], &[report("z", "waterlogging", 5_000.0, 19 * DAY_S)]].concat();
    let (missing, sentence) = said(&season);
    assert!(missing.contains("in 17 of 19 storms, from 1970-01-03T00:00:00Z to 1970-01-19"), "{missing}");
    assert!(missing.contains("nobody reported at any hotspot that it was dry"), "{missing}");
    assert!(sentence.starts_with("Reported flooded in 2 of 19 storms"), "{sentence}");
    let coarse = Event::Rain(vec![RainInterval { start: 0, seconds: 3 * HOUR_S, depth_um: Some(30_000) }]);
    assert!(said(&[&[coarse], &twice[..], &[later(3)]].concat()).0.contains("more coarsely than by the hour"));
}

#[test]
fn a_cell_that_is_not_known_is_neither() {
    assert_eq!(Cell::Unknown.flooded(), None);
    assert!(Cell::Flooded > Cell::NotFound && Cell::NotFound > Cell::Dry && Cell::Dry > Cell::Unknown);
    assert!(DryEvidence::named("hearsay").unwrap_err().to_string().contains("unrelated, any_category, dry_reports"));
}

#[test]
fn many_hotspots_at_once_have_the_letters_that_each_has_alone() {
    let mut rng = fastrand::Rng::with_seed(7);
    let wet: Vec<i64> = (0..40).filter(|_| rng.bool()).collect();
    // The third gauge saw no rain: its hotspots have no storms.
    let gauges = [("south", 0.0, &wet[..]), ("north", 9_000.0, &wet[..wet.len() / 2]), ("far", 18_000.0, &[])];
    let gauge = |id: &str, metres| Gauge { id: id.into(), position: north(metres), name: None };
    let mut events = vec![Event::Gauges(gauges.iter().map(|(id, metres, _)| gauge(id, *metres)).collect())];
    for (id, _, days) in gauges {
        let mut intervals: Vec<_> = days.iter().map(|day| hour(day * DAY_S)).collect();
        intervals.push(RainInterval { depth_um: Some(0), ..hour(DAY_S / 2) });
        events.push(Event::GaugeRain(GaugeRain { gauge: id.into(), intervals }));
    }
    for i in 0..8_000 {
        let (metres, t) = (f64::from(rng.u32(0..150)) * 120.0 + rng.f64() * 40.0, i * 432);
        let name = *["waterlogging", "waterlogging", "road_damage", "blocked_drain"].get(rng.usize(0..4)).unwrap();
        events.push(if rng.u32(0..9) == 0 {
            dry(&i.to_string(), metres, t)
        } else {
            report(&i.to_string(), name, metres, t)
        });
    }
    let map = build("", &events);
    for evidence in DryEvidence::ALL {
        let all = Matrix::of(&map, scope(evidence));
        let mut letters = [0; 4];
        for row in &all.rows {
            let alone = Matrix::of_peaks(&map, scope(evidence), &[row.peak]);
            assert_eq!((&alone.rows[0].cells, &alone.rows[0].evident), (&row.cells, &row.evident));
            row.cells.iter().for_each(|&cell| letters[cell as usize] += 1);
        }
        assert!(all.rows.len() > 100 && all.rows.iter().any(|row| row.cells.is_empty()), "{}", all.rows.len());
        assert!(letters[Cell::Dry as usize] > 50 && letters[Cell::Flooded as usize] > 50, "{letters:?}");
    }
}
