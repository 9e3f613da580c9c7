//! The workflow in the fold: random steps never break it, limits run as they should, old logs are read.

use std::num::NonZeroU64;
use std::time::Instant;

use fastrand::Rng;
use waterlog::error::Error;
use waterlog::hazard::admission::Admission;
use waterlog::hazard::category::Category;
use waterlog::hazard::event::{Event, Report};
use waterlog::hazard::map::HazardMap;
use waterlog::hazard::position::Position;
use waterlog::hazard::settings::Settings;
use waterlog::hazard::workflow::deadlines::Deadlines;
use waterlog::hazard::workflow::{Actor, NoteId, Reason, Role, State, Step, Transition, legal};

use crate::worlds::number;

/// A Monday at eight in the morning in China.
const T0: i64 = 1_781_481_600;
const MINUTE_S: i64 = 60;
const HOUR_S: i64 = 3_600;

fn report(id: &str, category: &str, east_m: f64, at: i64) -> Event {
    let position = Position::new(110.3312 + east_m / 104_400.0, 20.0148).unwrap();
    Event::Report(Report::new(id, Category::named(category).unwrap(), position, at))
}

fn taken(step: Step, at: i64, report: &str, from: State) -> Transition {
    Transition {
        at,
        step,
        report: report.to_owned(),
        from,
        after: None,
        actor: Actor { role: Role::Administrator, unit: Some("desk".into()), person: NonZeroU64::new(1) },
        unit: (step == Step::Dispatch).then(|| "drainage".to_owned()),
        until: None,
        reason: (step == Step::Dismiss).then_some(Reason::FalseAlarm),
        other: None,
        note: (step == Step::Rework).then_some(NoteId(NonZeroU64::MIN)),
    }
}

/// A map that takes one step after another, each as an administrator takes it.
struct Case {
    map: HazardMap,
    seq: u64,
}

impl Case {
    fn of(category: &str, at: i64) -> Case {
        let mut case = Case { map: HazardMap::new(Settings::default()), seq: 0 };
        case.push(&report("a", category, 0.0, at));
        case
    }

    fn push(&mut self, event: &Event) {
        Admission::new(&self.map).admit(event).unwrap();
        self.seq += 1;
        self.map.apply(self.seq, event);
        self.map.settle();
        self.map.deadlines();
        self.map.check();
    }

    fn step(&mut self, step: Step, at: i64) {
        self.step_until(step, at, None);
    }

    fn step_until(&mut self, step: Step, at: i64, until: Option<i64>) {
        let from = self.map.book().state(0);
        self.push(&Event::Transition(Transition { until, ..taken(step, at, "a", from) }));
    }

    /// The deadline of the incident, since the beginning.
    fn due(&self) -> Option<i64> {
        assert_eq!(self.map.deadlines().get(0), self.map.deadline(0));
        self.map.deadline(0).map(|at| at - T0)
    }
}

#[test]
fn the_clock_runs_from_the_first_report_through_every_stage_and_ends_with_the_case() {
    let mut case = Case::of("waterlogging", T0);
    assert_eq!(case.due(), Some(10 * MINUTE_S));
    assert_eq!([0, 600, 601, 1_201, 3_601].map(|s| case.map.escalation(0, T0 + s)), [0, 0, 1, 2, 3]);
    case.step(Step::Acknowledge, T0 + 120);
    assert_eq!(case.due(), Some(20 * MINUTE_S));
    case.step(Step::Dispatch, T0 + 300);
    assert_eq!(case.due(), Some(HOUR_S));
    assert_eq!(case.map.escalation(0, T0 + HOUR_S + 1), 1);
    // To the wrong unit: the reporter's clock runs on.
    case.step(Step::Return, T0 + 400);
    assert_eq!(case.due(), Some(20 * MINUTE_S));
    case.step(Step::Dispatch, T0 + 500);
    case.step(Step::Start, T0 + 600);
    case.step(Step::Resolve, T0 + 2_880);
    assert_eq!((case.due(), case.map.deadlines().len()), (None, 0));
    assert_eq!(case.map.book().acknowledged_at(0), Some(T0 + 120));
    // Reopened, it has all its time again.
    case.step(Step::Reopen, T0 + 5_000);
    assert_eq!(case.due(), Some(5_000 + 10 * MINUTE_S));
}

#[test]
fn work_that_a_check_finds_wanting_goes_back_to_its_unit_and_the_clock_runs_on_as_if_it_had_not_ended() {
    let mut case = Case::of("waterlogging", T0);
    case.step(Step::Acknowledge, T0 + 120);
    case.step(Step::Dispatch, T0 + 300);
    case.step_until(Step::Prolong, T0 + 400, Some(T0 + 2 * HOUR_S));
    case.step(Step::Resolve, T0 + 600);
    // Somebody saw water again, after the end: that is a case of its own, and stays one.
    case.push(&report("b", "waterlogging", 0.0, T0 + 1_200));
    case.step(Step::Rework, T0 + 1_800);
    let standing = |case: &Case| {
        let book = case.map.book();
        (book.state(0), book.assigned(0).map(str::to_owned), book.acknowledged_at(0).map(|at| at - T0))
    };
    assert_eq!(standing(&case), (State::InProgress, Some("drainage".into()), Some(120)));
    assert_eq!((case.due(), case.map.due_to_close(0)), (Some(2 * HOUR_S), Some(T0 + 2 * HOUR_S)));
    assert_eq!(case.map.escalation(0, T0 + 2 * HOUR_S + 1), 1);
    let incidents = case.map.incidents();
    assert_eq!((incidents[0].ended, incidents[0].dismissed, incidents.len()), (None, false, 2));
    assert_eq!(incidents.iter().map(|incident| incident.reports.len()).collect::<Vec<_>>(), [1, 1]);
    // From here on as any work: it may go to another unit, and ends when it is resolved.
    case.step(Step::Resolve, T0 + 3_000);
    assert_eq!(case.map.incidents()[0].ended.map(|end| end.seconds() - T0), Some(3_000));
    case.step(Step::Rework, T0 + 3_100);
    case.step(Step::Return, T0 + 3_200);
    assert_eq!(standing(&case), (State::Returned, None, Some(120)));
    case.step(Step::Dispatch, T0 + 3_300);
    case.step(Step::Resolve, T0 + 3_400);
    case.step(Step::Verify, T0 + 3_500);
    let steps: Vec<Step> = case.map.book().history(0).iter().map(|row| row.step).collect();
    use Step::{Acknowledge, Dispatch, Prolong, Resolve, Return, Rework, Verify};
    let expected =
        [Acknowledge, Dispatch, Prolong, Resolve, Rework, Resolve, Rework, Return, Dispatch, Resolve, Verify];
    assert_eq!(steps, expected);
    // What is checked is done: now it would have to be reopened.
    let wanting = Event::Transition(taken(Step::Rework, T0 + 3_600, "a", State::Verified));
    let told = Admission::new(&case.map).admit(&wanting).unwrap_err().to_string();
    assert!(told.contains("rework is not possible") && told.contains("possible are reopen"), "{told}");
}

#[test]
fn time_that_is_granted_moves_the_deadline_and_a_suspended_case_has_none_and_gets_its_time_back() {
    let mut case = Case::of("waterlogging", T0);
    case.step(Step::Acknowledge, T0 + 60);
    case.step(Step::Dispatch, T0 + 120);
    case.step_until(Step::Prolong, T0 + 200, Some(T0 + 2 * HOUR_S));
    assert_eq!(case.due(), Some(2 * HOUR_S));
    // Undone by the next legal step: prolonged anew, to the old time.
    case.step_until(Step::Prolong, T0 + 300, Some(T0 + HOUR_S));
    assert_eq!(case.due(), Some(HOUR_S));
    case.step(Step::Suspend, T0 + 600);
    assert_eq!(case.due(), None);
    case.step(Step::Start, T0 + 600 + 5 * HOUR_S);
    assert_eq!(case.due(), Some(6 * HOUR_S));
    case.step_until(Step::Suspend, T0 + 600 + 5 * HOUR_S, Some(T0 + 24 * HOUR_S));
    assert_eq!(case.due(), Some(24 * HOUR_S));
    assert_eq!([24 * HOUR_S, 24 * HOUR_S + 1].map(|s| case.map.escalation(0, T0 + s)), [0, 1]);
    assert_eq!(case.map.book().history(0).len(), 7);
}

#[test]
fn a_case_that_was_closed_is_judged_by_the_time_it_had_with_what_was_granted_and_given_back() {
    let due = |steps: &[(Step, i64, Option<i64>)]| {
        let mut case = Case::of("waterlogging", T0);
        for &(step, minutes, until) in steps {
            case.step_until(step, T0 + minutes * MINUTE_S, until.map(|minutes| T0 + minutes * MINUTE_S));
        }
        (case.map.due_to_close(0).unwrap() - T0) / MINUTE_S
    };
    let sent = [(Step::Acknowledge, 1, None), (Step::Dispatch, 2, None)];
    let and = |more: &[(Step, i64, Option<i64>)]| due(&[&sent[..], more].concat());
    assert_eq!((due(&[]), and(&[(Step::Resolve, 90, None)])), (60, 60));
    assert_eq!(and(&[(Step::Prolong, 3, Some(120)), (Step::Resolve, 90, None)]), 120);
    assert_eq!(and(&[(Step::Suspend, 10, None), (Step::Start, 40, None), (Step::Resolve, 80, None)]), 90);
    assert_eq!(and(&[(Step::Resolve, 30, None), (Step::Verify, 35, None)]), 60);
    // Reopened, it has its time anew.
    let again = [(Step::Resolve, 30, None), (Step::Reopen, 100, None), (Step::Acknowledge, 101, None)];
    assert_eq!((and(&again), and(&[&again[..], &[(Step::Resolve, 150, None)]].concat())), (160, 160));
}

#[test]
fn limits_in_working_hours_stand_still_at_noon_and_at_night() {
    // Two hours from half past eight, and from four in the afternoon: half an hour is left for the next morning.
    assert_eq!(Case::of("blocked_drain", T0).due(), Some(HOUR_S / 2 + 2 * HOUR_S));
    assert_eq!(Case::of("blocked_drain", T0 + 8 * HOUR_S).due(), Some(24 * HOUR_S + HOUR_S));
    // Suspended over the noon break: half an hour before it and half an hour after it are given back.
    let mut case = Case::of("blocked_drain", T0 + HOUR_S / 2);
    case.step(Step::Acknowledge, T0 + HOUR_S);
    case.step(Step::Dispatch, T0 + HOUR_S);
    let before = case.due().unwrap();
    case.step(Step::Suspend, T0 + 7 * HOUR_S / 2);
    case.step(Step::Start, T0 + 7 * HOUR_S);
    assert_eq!(case.due(), Some(before + HOUR_S + 15 * HOUR_S));
}

#[test]
fn random_steps_never_break_the_machine_and_one_by_one_equals_all_at_once() {
    let (histories, mut admitted, mut refused) = (number("WATERLOG_HISTORIES", 200) / 2, 0, [0, 0, 0]);
    for seed in 0..histories {
        let mut rng = Rng::with_seed(seed + 1_000_000 * number("WATERLOG_SEED", 0));
        let mut map = HazardMap::new(Settings::default());
        let mut events: Vec<Event> = Vec::new();
        let mut now = T0;
        for n in 0..250 {
            now += rng.i64(0..HOUR_S);
            let event = if n < 3 || rng.u8(0..5) == 0 {
                let category = ["waterlogging", "waterlogging", "blocked_drain"][rng.usize(0..3)];
                report(&format!("r{n}"), category, f64::from(rng.u8(0..6)) * 30.0, now)
            } else {
                Event::Transition(random_step(&mut rng, &map, now))
            };
            let before: Vec<State> = (0..map.incidents().len()).map(|i| map.book().state(i)).collect();
            match Admission::new(&map).admit(&event) {
                Ok(()) => {
                    admitted += 1;
                    events.push(event);
                    map.apply(events.len() as u64, &events[events.len() - 1]);
                    map.settle();
                    map.deadlines();
                    map.check();
                    follows_the_table(&map, &before, &events[events.len() - 1]);
                }
                Err(Error::Conflict(_)) => refused[0] += 1,
                Err(Error::Forbidden) => refused[1] += 1,
                Err(Error::Invalid { .. }) => refused[2] += 1,
                Err(other) => panic!("history {seed}: {other}"),
            }
        }
        let at_once = HazardMap::build(Settings::default(), (1..).zip(&events));
        assert_eq!(map.digest(), at_once.digest(), "history {seed}");
        let text = serde_json::to_string(&events).unwrap();
        assert_eq!(serde_json::from_str::<Vec<Event>>(&text).unwrap(), events, "history {seed}");
    }
    told!("workflow: {admitted} admitted; conflict, forbidden, invalid: {refused:?}");
    assert!(admitted > 50 * histories && refused.iter().all(|&n| n > histories), "{admitted} {refused:?}");
}

/// Any step by anybody, now and then without what it needs.
fn random_step(rng: &mut Rng, map: &HazardMap, now: i64) -> Transition {
    let pick = |rng: &mut Rng| {
        let r = rng.usize(0..map.reports().rows().len());
        (map.reports().id(r).to_owned(), map.reports().rows()[r].incident.map_or(0, |slot| slot.index()))
    };
    let (id, home) = pick(rng);
    let steps: Vec<Step> = Step::ALL.iter().copied().filter(|step| *step != Step::Retract).collect();
    let state = map.book().state(home);
    let from = if rng.u8(0..20) == 0 { State::ALL[rng.usize(0..State::ALL.len())] } else { state };
    let mut step = taken(steps[rng.usize(0..steps.len())], now, &id, from);
    step.other = (step.step == Step::Merge).then(|| pick(rng).0);
    step.until = matches!(step.step, Step::Prolong | Step::RequestProlong).then_some(now + HOUR_S);
    step.actor.role = Role::ALL[rng.usize(0..Role::ALL.len())];
    if rng.u8(0..2) == 0 {
        step.actor.role = Role::Administrator;
    }
    if rng.u8(0..10) == 0 {
        (step.unit, step.until, step.reason, step.note) = (None, None, None, None);
    }
    step.after = (rng.u8(0..4) == 0).then(|| map.version(home).saturating_sub(u64::from(rng.u8(0..4) == 0)));
    step
}

/// An incident whose state has changed was in a state that the step may be taken in, and is where it leads.
fn follows_the_table(map: &HazardMap, before: &[State], event: &Event) {
    for (i, &was) in before.iter().enumerate().filter(|(i, was)| map.book().state(*i) != **was) {
        let Event::Transition(taken) = event else { panic!("{event:?} changed incident {i}") };
        if taken.step != Step::Merge {
            let rule = legal(was, true).find(|rule| rule.step == taken.step).expect("it was legal");
            assert_eq!(rule.to, Some(map.book().state(i)));
        }
    }
}

#[test]
fn the_next_deadline_of_a_hundred_thousand_open_incidents_is_found_without_looking_through_them() {
    let mut map = HazardMap::new(Settings::default());
    let n: u64 = 100_000;
    for i in 0..n {
        let position = Position::new((i % 400) as f64 * 0.01, (i / 400) as f64 * 0.01).unwrap();
        let report = Report::new(i.to_string(), Category::named("waterlogging").unwrap(), position, T0 + i as i64);
        map.apply(i + 1, &Event::Report(report));
    }
    map.settle();
    assert_eq!(map.deadlines().len(), n as usize);
    let started = Instant::now();
    for i in 0..1_000 {
        assert_eq!(map.deadlines().next(T0), Some((T0 + i as i64 + 600, i)));
        let step = taken(Step::Resolve, T0 + 5, &i.to_string(), State::Reported);
        map.apply(n + 1 + i as u64, &Event::Transition(step));
        map.settle();
    }
    let took = started.elapsed();
    told!("deadlines: 1,000 steps among {n} open incidents took {took:.1?}");
    assert_eq!(map.deadlines().overdue(T0 + 2_000).count(), 400);
    assert!(*map.deadlines() == Deadlines::of_all(&map));
}

#[test]
fn a_log_written_before_there_were_transitions_is_read_and_has_its_history() {
    let log = [
        r#"{"report":{"id":"a","category":"waterlogging","position":[1103312000,200148000],"at":100,"received_at":100}}"#,
        r#"{"report":{"id":"b","category":"waterlogging","position":[1103322000,200148000],"at":110,"received_at":110}}"#,
        r#"{"act":{"action":"acknowledge","at":160,"report":"a"}}"#,
        r#"{"note":{"step":"dispatch","at":200,"report":"a"}}"#,
        r#"{"note":{"step":"called back","at":210,"report":"a"}}"#,
        r#"{"note":{"step":"verify","at":220}}"#,
        r#"{"merge":{"at":300,"report":"b","other":"a"}}"#,
        r#"{"act":{"action":"resolve","at":400,"report":"b"}}"#,
        r#"{"act":{"action":"resolve","at":500,"report":"a"}}"#,
        r#"{"note":{"step":"verify","at":600,"report":"a"}}"#,
    ];
    let events: Vec<Event> = log.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let again: Vec<String> = events.iter().map(|event| serde_json::to_string(event).unwrap()).collect();
    assert_eq!(again, log);
    let map = HazardMap::build(Settings::default(), (1..).zip(&events));
    map.check();
    let history: Vec<_> = map.book().history(0).iter().map(|row| (row.seq(), row.step, row.to)).collect();
    let expected = [
        (3, Step::Acknowledge, State::Acknowledged),
        (4, Step::Dispatch, State::Dispatched),
        (7, Step::Merge, State::Dispatched),
        (8, Step::Resolve, State::Resolved),
        // It had ended already.
        (9, Step::Resolve, State::Resolved),
        (10, Step::Verify, State::Verified),
    ];
    assert_eq!(history, expected);
    assert_eq!(map.incidents()[0].ended.map(|end| end.seconds()), Some(400));
}
