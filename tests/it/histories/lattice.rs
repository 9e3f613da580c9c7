//! Short arbitrary logs on a small lattice of places and times, shrunk to the shortest that fails.

use std::num::NonZeroU64;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use waterlog::hazard::category::Category;
use waterlog::hazard::event::{
    Act, Action, Event, Gauge, GaugeRain, Merge, Place, RainInterval, Report, Street, Works,
};
use waterlog::hazard::map::HazardMap;
use waterlog::hazard::position::Position;
use waterlog::hazard::settings::Settings;

use crate::worlds::number;

const HOUR_S: i64 = 3_600;
/// 50 m, to the centimetre, on the equator at the prime meridian, in 1e-7 degrees.
const STEP_E7: i32 = 4_497;
const ACTIONS: [Action; 8] = [
    Action::Acknowledge,
    Action::Resolve,
    Action::Dismiss,
    Action::Reopen,
    Action::Found,
    Action::NotFound,
    Action::Retract,
    Action::Split,
];

fn hours() -> impl Strategy<Value = i64> {
    (0_i64..60, -1_i64..=1).prop_map(|(hour, nudge)| hour * HOUR_S + nudge)
}

fn position() -> impl Strategy<Value = Position> {
    let at = |(x, y): (i32, i32)| Position::try_from((x * STEP_E7, y * STEP_E7)).expect("near the origin");
    (-2_i32..=2, -1_i32..=1).prop_map(at)
}

/// Reports are named by numbers, so that acts can refer to those that exist.
fn id() -> impl Strategy<Value = String> {
    (0_u8..30).prop_map(|n| format!("r{n}"))
}

fn report() -> impl Strategy<Value = Event> {
    let category = prop_oneof![4 => Just("waterlogging"), 1 => Just("blocked_drain"), 1 => Just("opinion")];
    (id(), category, position(), hours(), prop::bool::weighted(0.1), 0_u64..4).prop_map(
        |(id, category, position, at, dry, person)| {
            Event::Report(Report {
                id,
                category: Category::named(category).expect("in the table"),
                position,
                observed_at: at,
                received_at: at,
                dry,
                photo: person == 3,
                person: NonZeroU64::new(person),
                depth_cm: None,
                passability: None,
                accuracy_m: None,
                channel: None,
                names: vec![],
                original: None,
            })
        },
    )
}

fn event() -> impl Strategy<Value = Event> {
    let act = (prop::sample::select(&ACTIONS[..]), hours(), id());
    let rain = (0_i64..60, 1_i64..4, prop::option::of(prop::sample::select(&[0_i64, 1, 2_500, 5_000][..])));
    let gauge = prop::sample::select(&["b", "a"][..]);
    let gauge_rain = (gauge.clone(), rain.clone()).prop_map(|(gauge, (hour, n, depth_um))| {
        let intervals = vec![RainInterval { start: hour * HOUR_S, seconds: n * HOUR_S, depth_um }];
        Event::GaugeRain(GaugeRain { gauge: gauge.to_owned(), intervals })
    });
    let gauge = (gauge, position())
        .prop_map(|(id, position)| Event::Gauges(vec![Gauge { id: id.to_owned(), position, name: None }]));
    let place = (prop::sample::select(&["8c", "9", "a"][..]), position());
    let street = (0_u8..4, prop::sample::select(&["A", "B"][..]), prop::collection::vec(position(), 2..5));
    let street = street.prop_map(|(id, name, line)| Street { id: format!("w{id}"), name: name.to_owned(), line });
    let works = (0_u8..3, prop::collection::vec(position(), 1..3), hours(), prop::option::of(0_i64..9));
    let works = works.prop_map(|(id, line, start, hours)| {
        let end = hours.map(|hours| start + hours * HOUR_S);
        Works { id: format!("v{id}"), line, start, end, kind: None, name: None, reference: None }
    });
    prop_oneof![
        10 => report(),
        1 => prop::collection::vec(works, 1..3).prop_map(Event::Works),
        1 => prop::collection::vec(street, 1..4).prop_map(Event::Streets),
        4 => act.prop_map(|(action, at, report)| Event::Act(Act { action, at, report })),
        2 => (hours(), id(), id()).prop_map(|(at, report, other)| Event::Merge(Merge { at, report, other })),
        2 => rain.prop_map(|(hour, n, depth_um)| {
            Event::Rain(vec![RainInterval { start: hour * HOUR_S, seconds: n * HOUR_S, depth_um }])
        }),
        1 => gauge,
        3 => gauge_rain,
        1 => place.prop_map(|(id, position)| Event::Places(vec![Place { id: id.to_owned(), position, name: None, aliases: Vec::new() }])),
    ]
}

fn rules() -> impl Strategy<Value = Settings> {
    const RULES: &[&str] = &[
        "",
        "window=36000",
        "window=86400 occasion_gap=10800 dry_gap=7200",
        "spacing=50 anchor_radius=60 gauge_reach=75",
    ];
    prop::sample::select(RULES).prop_map(|pairs| pairs.parse().expect("valid rules"))
}

#[test]
fn one_by_one_equals_all_at_once_on_any_short_log() {
    let config = Config {
        cases: (number("WATERLOG_HISTORIES", 200) * 3) as u32,
        failure_persistence: None,
        max_shrink_iters: 20_000,
        ..Config::default()
    };
    // The same cases every time: a red build is red for everybody.
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let logs = (rules(), prop::collection::vec(event(), 1..60));
    TestRunner::new_with_rng(config, rng)
        .run(&logs, |(settings, events)| {
            let (mut map, mut log) = (HazardMap::new(settings.clone()), vec![]);
            for event in events {
                // An arbitrary event may contradict the log; then it does not enter it.
                if map.admit(&event).is_ok() {
                    log.push(event);
                    map.apply(log.len() as u64, &log[log.len() - 1]);
                    map.settle();
                    map.check();
                }
            }
            prop_assert_eq!(map.digest(), HazardMap::build(settings, (1..).zip(&log)).digest());
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
}
