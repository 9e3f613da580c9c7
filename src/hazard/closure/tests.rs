//! Chains of messages: what is said when, and that what was said stays so.

use super::super::addition::Addition;
use super::super::event::{Act, Action, Event, Merge, Report};
use super::super::layer::closure_said;
use super::super::position::Position;
use super::super::settings::Settings;
use super::chain::Said;
use super::*;

const HOUR_S: i64 = 3_600;

fn waterlogging() -> Category {
    Category::named("waterlogging").unwrap()
}

fn spot() -> Position {
    Position::new(0.0, 0.0).unwrap()
}

fn seen(id: &str, minute: i64, passability: Option<Passability>) -> Event {
    let report = Report::new(id, waterlogging(), spot(), minute * 60);
    Event::Report(Report { passability, dry: passability == Some(Passability::Clear) && id.starts_with('d'), ..report })
}

fn wet(id: &str, minute: i64) -> Event {
    seen(id, minute, Some(Passability::Impassable))
}

fn dry(id: &str, minute: i64) -> Event {
    seen(id, minute, Some(Passability::Clear))
}

fn map(events: &[Event]) -> HazardMap {
    HazardMap::build(Settings::default(), (1..).zip(events))
}

fn chain(events: &[Event]) -> Vec<Message> {
    messages(&map(events), 0)
}

fn kinds(events: &[Event]) -> Vec<(Kind, i64, usize)> {
    chain(events).iter().map(|m| (m.kind, m.closed.expires_at / 60, m.alert)).collect()
}

#[test]
fn a_closure_holds_for_the_time_of_its_category_after_it_was_last_seen() {
    let events = [wet("a", 0), seen("b", 30, Some(Passability::ImpassableSmall)), seen("c", 40, None)];
    assert_eq!(kinds(&events), [(Kind::Alert, 180, 0), (Kind::Update, 210, 0)]);
    let map = map(&events);
    let closed = |now| at(&map, 0, now);
    let now = closed(3 * HOUR_S).unwrap();
    assert_eq!((now.passability, now.since, now.last_observed_at), (Passability::ImpassableSmall, 0, 1_800));
    assert!(closed(210 * 60 - 1).is_some() && closed(210 * 60).is_none());
}

#[test]
fn who_sees_that_all_can_pass_ends_it_and_a_later_closure_is_another() {
    let slow = seen("b", 30, Some(Passability::Slow));
    let events = [wet("a", 0), slow, wet("c", 60)];
    assert_eq!(kinds(&events), [(Kind::Alert, 180, 0), (Kind::Cancel, 180, 0), (Kind::Alert, 240, 2)]);
    let late = [wet("a", 60), seen("b", 30, Some(Passability::Slow))];
    assert_eq!(kinds(&late), [(Kind::Alert, 240, 0)], "what was seen before changes nothing");
    assert_eq!(kinds(&[wet("a", 0), wet("b", 200)]), [(Kind::Alert, 180, 0), (Kind::Alert, 380, 1)], "it had expired");
}

#[test]
fn a_dry_report_shortens_it_and_an_end_cancels_it() {
    assert_eq!(kinds(&[wet("a", 0), dry("d", 10)]), [(Kind::Alert, 180, 0), (Kind::Update, 40, 0)]);
    let again = [wet("a", 0), dry("d", 10), wet("b", 20)];
    assert_eq!(kinds(&again)[2], (Kind::Update, 200, 0), "and it is wet after all");
    let act = |action| Event::Act(Act { action, at: 3_600, report: "a".into() });
    let ended = [wet("a", 0), act(Action::Resolve)];
    assert_eq!(kinds(&ended)[1], (Kind::Cancel, 180, 0));
    assert_eq!(at(&map(&ended), 0, 3_601), None);
    assert_eq!(chain(&ended)[1].source, Source::Step(2));
    assert_eq!(kinds(&[seen("a", 0, Some(Passability::Slow)), dry("d", 10)]), []);
}

/// What is done with the incident of a report.
fn act(action: Action, report: &str, minute: i64) -> Event {
    Event::Act(Act { action, at: minute * 60, report: report.into() })
}

#[test]
fn whoever_retracts_a_report_says_what_follows_and_unsays_nothing() {
    let two = [wet("a", 0), wet("b", 5)];
    let and = |more: &[Event]| [&two[..], more].concat();
    let said = chain(&two);
    // The older of two: it is closed for a shorter time than was said.
    let older = chain(&and(&[act(Action::Retract, "a", 10)]));
    assert_eq!(older[..2], said);
    assert_eq!(
        (older[2].kind, older[2].source, older[2].alert, older[2].sent),
        (Kind::Update, Source::Step(3), 0, 600)
    );
    assert_eq!((older[2].closed.since, older[2].closed.expires_at), (300, 185 * 60));
    // The newer: it ends earlier.
    assert_eq!(kinds(&and(&[act(Action::Retract, "b", 10)]))[2], (Kind::Update, 180, 0));
    assert_eq!(
        kinds(&and(&[act(Action::Retract, "b", 181)]))[2],
        (Kind::Cancel, 185, 0),
        "the other is too old by then"
    );
    assert_eq!(kinds(&and(&[act(Action::Retract, "b", 190)])).len(), 2, "it had expired");
    // Both: nothing is left of the incident but what was said of it.
    let both = and(&[act(Action::Retract, "a", 10), act(Action::Retract, "b", 20)]);
    assert!(map(&both).incidents()[0].is_void());
    assert_eq!(kinds(&both)[3], (Kind::Cancel, 185, 0));
    assert_eq!(at(&map(&both), 0, 20 * 60), None);
    // What had opened it again is gone, and so is what had shortened it.
    let slow = and(&[seen("c", 10, Some(Passability::Slow)), act(Action::Retract, "c", 20)]);
    assert_eq!(kinds(&slow)[2..], [(Kind::Cancel, 185, 0), (Kind::Alert, 185, 3)]);
    let dried = and(&[dry("d", 10), act(Action::Retract, "d", 20)]);
    assert_eq!(kinds(&dried)[2..], [(Kind::Update, 40, 0), (Kind::Update, 185, 0)]);
    // Nothing was said of it.
    assert_eq!(kinds(&and(&[seen("c", 10, None), act(Action::Retract, "c", 20)])).len(), 2);
}

#[test]
fn what_is_opened_again_is_closed_again_while_what_was_seen_is_new_enough() {
    let ended = [wet("a", 0), act(Action::Resolve, "a", 60)];
    let and = |more: &[Event]| kinds(&[&ended[..], more].concat());
    let said = [(Kind::Alert, 180, 0), (Kind::Cancel, 180, 0)];
    assert_eq!(and(&[act(Action::Reopen, "a", 90)]), [said[0], said[1], (Kind::Alert, 180, 2)]);
    assert_eq!(and(&[act(Action::Reopen, "a", 181)]), said);
    assert_eq!(and(&[act(Action::Resolve, "a", 90)]), said, "it had ended");
    // What comes late, of the time before the end, counts when it is opened again.
    let late = Event::Report(Report {
        passability: Some(Passability::Impassable),
        received_at: 70 * 60,
        ..Report::new("b", waterlogging(), spot(), 59 * 60)
    });
    assert_eq!(and(std::slice::from_ref(&late)), said);
    assert_eq!(and(&[late, act(Action::Reopen, "a", 90)])[2], (Kind::Alert, 239, 2));
    let again = [act(Action::Reopen, "a", 90), act(Action::Dismiss, "a", 100)];
    assert_eq!(and(&again)[2..], [(Kind::Alert, 180, 2), (Kind::Cancel, 180, 2)]);
}

#[test]
fn where_incidents_merge_or_part_the_chain_of_each_says_so() {
    let east = |id: &str, minute: i64| match wet(id, minute) {
        Event::Report(report) => Event::Report(Report { position: Position::new(0.0006, 0.0).unwrap(), ..report }),
        other => other,
    };
    let two = [seen("a", 0, None), east("b", 5)];
    let merge = Event::Merge(Merge { at: 600, report: "b".into(), other: "a".into() });
    let merged = map(&[&two[..], &[merge]].concat());
    let said = |i: usize| messages(&merged, i).iter().map(|m| (m.kind, m.source, m.sent)).collect::<Vec<_>>();
    assert_eq!(said(1), [(Kind::Alert, Source::Report(1), 300), (Kind::Cancel, Source::Step(3), 600)]);
    assert_eq!(said(0), [(Kind::Alert, Source::Step(3), 600)]);
    let known =
        |i: usize, n: usize| known(&merged, i, &messages(&merged, i)[n]).reports.into_iter().collect::<Vec<_>>();
    assert_eq!((known(1, 0), known(1, 1), known(0, 0)), (vec![1], vec![1], vec![0, 1]));

    let one = [wet("a", 0), wet("b", 5), act(Action::Split, "b", 10)];
    let parted = map(&one);
    let said = |i: usize| messages(&parted, i).iter().map(|m| (m.kind, m.closed.expires_at / 60)).collect::<Vec<_>>();
    assert_eq!(said(0), [(Kind::Alert, 180), (Kind::Update, 185), (Kind::Update, 180)]);
    assert_eq!(said(1), [(Kind::Alert, 185)]);
}

/// What the sender of a report says more of it.
fn more(report: &str, minute: i64, passability: Option<Passability>, depth_cm: Option<u16>, photo: bool) -> Event {
    let (at, received_at) = (minute * 60, Some(minute * 60 + 30));
    Event::Addition(Addition { report: report.into(), at, received_at, passability, depth_cm, photo })
}

#[test]
fn who_says_more_of_his_report_adds_a_message_and_the_earlier_ones_tell_what_was_known_then() {
    let said = |events: &[Event]| {
        let map = map(events);
        let tell = |m: &Message| {
            let told = closure_said(&map, 0, m).properties;
            (m.kind, m.source, m.sent, told.passability, told.depth_cm_max, told.evidence)
        };
        messages(&map, 0).iter().map(tell).collect::<Vec<_>>()
    };
    let (small, all) = (Passability::ImpassableSmall, Passability::Impassable);
    let first = seen("a", 0, Some(small));
    let and = |events: &[Event]| said(&[std::slice::from_ref(&first), events].concat());
    let alert = (Kind::Alert, Source::Report(0), 0, small, None, false);
    let update =
        |passability, depth_cm_max, evidence| (Kind::Update, Source::Step(2), 630, passability, depth_cm_max, evidence);
    assert_eq!(and(&[more("a", 10, Some(all), None, false)]), [alert, update(all, None, false)]);
    assert_eq!(and(&[more("a", 10, None, Some(40), false)]), [alert, update(small, Some(40), false)]);
    assert_eq!(and(&[more("a", 10, None, None, true)]), [alert, update(small, None, true)]);
    assert_eq!(and(&[more("a", 10, Some(Passability::Slow), None, false)]), [alert], "fewer got through before");
    assert_eq!(and(&[more("a", 190, None, Some(40), false)]), [alert], "nothing stood any more");
    // Less deep than what somebody else saw: the messages say nothing else.
    let deep = Event::Report(Report { depth_cm: Some(60), ..Report::new("b", waterlogging(), spot(), 60) });
    assert_eq!(and(&[deep, more("a", 10, None, Some(40), false)]), [alert]);
    // A report that told nothing of who can pass, and does now.
    let none = [seen("a", 0, None), more("a", 10, Some(all), Some(30), false)];
    assert_eq!(said(&none), [(Kind::Alert, Source::Step(2), 630, all, Some(30), false)]);
    // Where its incident becomes part of another, the other begins with what was said till then.
    let far = Position::new(0.0006, 0.0).unwrap();
    let b =
        Event::Report(Report { passability: Some(small), position: far, ..Report::new("b", waterlogging(), far, 60) });
    let events = [
        seen("a", 0, None),
        b,
        more("b", 10, None, Some(20), false),
        Event::Merge(Merge { at: 1_200, report: "b".into(), other: "a".into() }),
        more("b", 30, Some(all), Some(50), false),
    ];
    let merged = (Kind::Alert, Source::Step(4), 1_200, small, Some(20), false);
    assert_eq!(said(&events), [merged, (Kind::Update, Source::Step(5), 1_830, all, Some(50), false)]);
}

#[test]
fn whoever_saw_it_dry_is_none_of_the_reports_that_a_message_counts() {
    let map = map(&[wet("a", 0), dry("d", 10)]);
    let counted = messages(&map, 0).iter().map(|m| closure_said(&map, 0, m).properties.reports).collect::<Vec<_>>();
    assert_eq!(counted, [1, 1]);
}

/// Things that happen at random at two spots that are far enough from each other for two incidents.
fn random(rng: &mut fastrand::Rng, n: usize, now: i64) -> Event {
    let any = |rng: &mut fastrand::Rng| format!("r{}", rng.usize(0..n.max(1)));
    match rng.u32(0..24) {
        0..=9 => {
            let position = Position::new(f64::from(rng.u8(0..2)) * 0.0006, 0.0).unwrap();
            let passability = (rng.u8(0..5) > 0).then(|| Passability::ALL[rng.usize(0..Passability::ALL.len())]);
            let at = now - rng.i64(0..40) * 60;
            let report = Report::new(format!("r{n}"), waterlogging(), position, at);
            Event::Report(Report { passability, dry: rng.u8(0..6) == 0, received_at: now, ..report })
        }
        10 => Event::Merge(Merge { at: now, report: any(rng), other: any(rng) }),
        11 => act(Action::Split, &any(rng), now / 60),
        12..=14 => act(Action::Retract, &any(rng), now / 60),
        15 | 16 => act(Action::Reopen, &any(rng), now / 60),
        17 => act(Action::Found, &any(rng), now / 60),
        18..=21 => {
            let passability = rng.bool().then(|| Passability::ALL[rng.usize(0..Passability::ALL.len())]);
            more(&any(rng), now / 60, passability, rng.bool().then(|| rng.u16(0..60)), rng.u8(0..4) == 0)
        }
        _ => act(Action::Resolve, &any(rng), now / 60),
    }
}

#[test]
fn whatever_happens_no_message_is_unsaid_and_the_last_says_what_holds() {
    let (mut said, mut of) = ([0; 3], 0);
    for seed in 0..30 {
        let mut rng = fastrand::Rng::with_seed(seed);
        let mut map = HazardMap::new(Settings::default());
        let mut before: Vec<Vec<(Message, String)>> = Vec::new();
        let mut now = 0;
        for seq in 1..80 {
            now += rng.i64(0..12) * 60;
            let event = random(&mut rng, map.reports().rows().len(), now);
            if map.admit(&event).is_err() {
                continue;
            }
            map.apply(seq, &event);
            map.settle();
            before.resize_with(map.incidents().len(), Vec::new);
            for (i, before) in before.iter_mut().enumerate() {
                let messages = messages(&map, i);
                let tell = |m: &Message| (*m, format!("{:?}", closure_said(&map, i, m)));
                let told: Vec<_> = messages.iter().map(tell).collect();
                assert!(told.starts_with(before), "seed {seed}, {event:?}: {before:#?} became {told:#?}");
                let incident = &map.incidents()[i];
                let mut anew = Said::new(incident.category);
                let mut reports = [&*incident.reports, &map.dry_reports_at(incident)].concat();
                reports.sort_unstable();
                reports.iter().for_each(|&r| anew.hear(Source::Report(r), &map.reports().rows()[r as usize]));
                let held = anew.in_force(now).map(|m| m.closed).filter(|_| incident.ended.is_none());
                let held = held.filter(|_| !incident.is_void());
                assert_eq!(at(&map, i, now), held, "seed {seed}, {event:?}: {told:#?}");
                let last = messages.last().filter(|m| m.is_in_force(now)).map(|m| m.closed);
                assert_eq!(last, held, "seed {seed}, {event:?}");
                *before = told;
            }
        }
        for (message, _) in before.iter().flatten() {
            said[message.kind as usize] += 1;
            of += usize::from(matches!(message.source, Source::Step(_)) && message.kind == Kind::Alert);
        }
    }
    assert!(said.iter().all(|n| *n > 60) && of > 15, "{said:?} {of}");
}
