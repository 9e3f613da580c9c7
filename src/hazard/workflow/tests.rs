//! Every state with every step, and the table against the fold.

use std::num::NonZeroU64;

use super::*;

fn taken(step: Step, role: Role) -> Transition {
    let actor = Actor { role, unit: Some("grid_7".into()), person: NonZeroU64::new(5) };
    let report = "a".to_owned();
    let (unit, until, reason, other) = (None, None, None, None);
    let mut taken =
        Transition { at: 9, step, report, from: Reported, after: None, actor, unit, until, reason, other, note: None };
    match step {
        Step::Dispatch => taken.unit = Some("drainage".into()),
        Step::Prolong | Step::RequestProlong => taken.until = Some(10),
        Step::Dismiss => taken.reason = Some(Reason::FalseAlarm),
        Step::Merge => taken.other = Some("b".into()),
        Step::Rework => taken.note = NonZeroU64::new(7).map(NoteId),
        _ => {}
    }
    taken
}

/// The whole machine by hand, apart from the table: for each state, in order of the states, the steps that are possible
/// while something is asked for, each with the state it leads to; `stays` has the rest.
const BY_HAND: &[(State, &[(Step, State)])] = &[
    (Reported, &[(Step::Acknowledge, Acknowledged), (Step::Dismiss, Dismissed)]),
    (Reopened, &[(Step::Acknowledge, Acknowledged), (Step::Dismiss, Dismissed)]),
    (
        Acknowledged,
        &[
            (Step::Dispatch, Dispatched),
            (Step::Resolve, Resolved),
            (Step::Dismiss, Dismissed),
            (Step::Prolong, Acknowledged),
            (Step::RequestProlong, Acknowledged),
            (Step::Refuse, Acknowledged),
        ],
    ),
    (Returned, &[(Step::Dispatch, Dispatched), (Step::Dismiss, Dismissed)]),
    (Suspended, &[(Step::Start, InProgress), (Step::Return, Returned)]),
    (
        Dispatched,
        &[
            (Step::Start, InProgress),
            (Step::Resolve, Resolved),
            (Step::Return, Returned),
            (Step::Prolong, Dispatched),
            (Step::Suspend, Suspended),
            (Step::RequestProlong, Dispatched),
            (Step::RequestSuspend, Dispatched),
            (Step::Refuse, Dispatched),
        ],
    ),
    (
        InProgress,
        &[
            (Step::Resolve, Resolved),
            (Step::Return, Returned),
            (Step::Prolong, InProgress),
            (Step::Suspend, Suspended),
            (Step::RequestProlong, InProgress),
            (Step::RequestSuspend, InProgress),
            (Step::Refuse, InProgress),
        ],
    ),
    (Resolved, &[(Step::Verify, Verified), (Step::Rework, InProgress), (Step::Reopen, Reopened)]),
    (Verified, &[(Step::Reopen, Reopened)]),
    (Dismissed, &[(Step::Reopen, Reopened)]),
];

/// What changes no state: what was seen on site may be said until it is checked, merge and split always.
fn stays(state: State, step: Step) -> bool {
    let on_site = matches!(step, Step::Found | Step::NotFound) && !matches!(state, Verified | Dismissed);
    on_site || matches!(step, Step::Merge | Step::Split)
}

#[test]
fn every_state_takes_the_steps_it_should_and_no_other_and_leads_where_it_should() {
    assert_eq!(BY_HAND.iter().map(|(state, _)| *state).collect::<Vec<_>>(), State::ALL);
    for &(state, moves) in BY_HAND {
        for &step in Step::ALL {
            let expected = moves.iter().find(|(s, _)| *s == step).map(|(_, to)| *to);
            let expected = expected.or_else(|| stays(state, step).then_some(state));
            match (expected, judge(state, true, &taken(step, Role::Administrator))) {
                (Some(to), Ok(())) => assert_eq!(state.folded(step), to, "{state} {step}"),
                (None, Err(Error::Conflict(told))) => {
                    assert!(told.contains(state.name()) && told.contains("possible are"), "{told}");
                    assert!(legal(state, true).all(|rule| told.contains(rule.step.name())), "{told}");
                }
                (expected, got) => panic!("{state} {step}: {expected:?}, and the table says {got:?}"),
            }
        }
    }
}

#[test]
fn a_role_takes_the_steps_of_the_table_and_a_reporter_none() {
    for rule in TABLE {
        for &role in Role::ALL {
            let said = judge(rule.from[0], true, &taken(rule.step, role));
            let expected = if rule.roles.contains(&role) { Ok(()) } else { Err(Error::Forbidden) };
            assert_eq!(said, expected, "{} by a {role}", rule.step);
        }
        assert!(!rule.roles.contains(&Role::Reporter) && rule.roles.contains(&Role::Administrator));
    }
}

#[test]
fn what_nobody_has_asked_for_is_not_refused_but_may_be_granted() {
    let told = judge(Dispatched, false, &taken(Step::Refuse, Administrator)).unwrap_err().to_string();
    assert!(told.contains("refuse is not possible") && !told.contains(", refuse"), "{told}");
    assert_eq!(judge(Dispatched, false, &taken(Step::Prolong, Administrator)), Ok(()));
    assert_eq!(judge(Dispatched, false, &taken(Step::Prolong, Department)), Err(Error::Forbidden));
    assert_eq!(judge(Dispatched, false, &taken(Step::RequestProlong, Department)), Ok(()));
}

#[test]
fn a_field_that_is_missing_or_of_no_use_is_named() {
    let told = |state, taken: &Transition| judge(state, false, taken).unwrap_err().to_string();
    let bare = |step| {
        let (unit, until, reason, other, note) = (None, None, None, None, None);
        Transition { unit, until, reason, other, note, ..taken(step, Administrator) }
    };
    assert!(told(Acknowledged, &bare(Step::Dispatch)).contains("unit"));
    assert!(told(Acknowledged, &bare(Step::Prolong)).contains("until"));
    assert!(told(Reported, &bare(Step::Dismiss)).contains("reason"));
    assert!(told(Reported, &bare(Step::Merge)).contains("other_incident_id"));
    assert!(told(Resolved, &bare(Step::Rework)).contains("note"));
    let odd = Transition { reason: Some(Reason::Abuse), ..taken(Step::Acknowledge, Administrator) };
    assert!(told(Reported, &odd).contains("acknowledge has no use for it"));
    assert_eq!(judge(Dispatched, false, &bare(Step::Suspend)), Ok(()));
    // Something may be said with any step.
    let said = Transition { note: NonZeroU64::new(7).map(NoteId), ..taken(Step::Verify, Planner) };
    assert_eq!(judge(Resolved, false, &said), Ok(()));
}

#[test]
fn whatever_the_log_holds_an_end_holds_until_a_reopen_or_a_rework() {
    for &state in State::ALL {
        for &step in Step::ALL {
            let after = state.folded(step);
            if state.has_ended() && !after.has_ended() {
                assert!(matches!(step, Step::Reopen | Step::Rework), "{state} {step}");
            }
            let ends = matches!(step, Step::Resolve | Step::Dismiss);
            assert!(state.has_ended() || after.has_ended() == ends, "{state} {step}");
        }
        assert_eq!(state.folded(Step::Retract), state);
    }
}

#[test]
fn of_two_incidents_that_become_one_the_open_one_counts() {
    for &a in State::ALL {
        for &b in State::ALL {
            let merged = a.merged(b);
            assert_eq!(merged, b.merged(a));
            assert_eq!(merged.has_ended(), a.has_ended() && b.has_ended(), "{a} {b}");
            assert_eq!(merged == Dismissed, a == Dismissed && b == Dismissed);
        }
    }
    assert_eq!(Dispatched.merged(Acknowledged), Dispatched);
    assert_eq!(Verified.merged(Reported), Reported);
}

#[test]
fn a_word_is_written_as_it_is_called() {
    fn written<T: Serialize + std::fmt::Display>(all: &[T]) -> bool {
        all.iter().all(|word| serde_json::to_string(word).unwrap() == format!("\"{word}\""))
    }
    assert!(written(State::ALL) && written(Step::ALL) && written(Role::ALL) && written(Reason::ALL));
    assert!(written(Field::ALL));
    assert!(State::ALL.iter().all(|state| State::named(state.name()) == Some(*state)) && Role::named("king").is_none());
}

#[test]
fn a_note_is_known_by_its_id_and_by_nothing_else() {
    let id: NoteId = "note:00000000000000ff".parse().unwrap();
    assert_eq!((id, id.to_string().as_str()), (NoteId(NonZeroU64::new(255).unwrap()), "note:00000000000000ff"));
    for text in ["", "note:", "note:0000000000000000", "note:ff", "00000000000000ff", "note:00000000000000fg"] {
        assert!(text.parse::<NoteId>().is_err(), "{text}");
    }
}
