//! What an odd clock will do to the map, said before it does.

use crate::hazard::time;

/// Clocks differ by this much without anybody's wish.
const APART_S: i64 = 600;
const DAY_S: i64 = 86_400;
/// A log whose newest event is older than this is one of the past, not of a quiet season.
const OLD_S: i64 = 90 * DAY_S;

/// The times that a service starts with, in unix seconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    /// Of the service's clock.
    pub clock: i64,
    /// Of the machine's.
    pub machine: i64,
    /// Of the newest event in the log.
    pub newest: i64,
    /// For how long an incident of the category most looked at counts.
    pub window_s: i64,
}

/// What should be known before the first report is posted; nothing where the clock fits the log.
pub(super) fn remarks(times: Times) -> Vec<String> {
    let Times { clock, machine, newest, window_s } = times;
    let (here, there) = (time::format(clock), time::format(newest));
    let mut remarks = Vec::new();
    if clock > machine + APART_S {
        remarks.push(format!(
            "the clock starts at {here}, {} ahead of this machine's: what is posted is dated in the future, for good, and the \
             map stands there even when the clock is the machine's again",
            span(clock - machine)
        ));
    }
    if clock < newest - APART_S {
        remarks.push(format!(
            "the clock starts at {here}, {} before the newest event of the log ({there}): what is posted takes its place in \
             the past, and the map stays as of {there}",
            span(newest - clock)
        ));
    }
    if clock > newest + OLD_S {
        remarks.push(format!(
            "the clock starts at {here}, {} after the newest event of the log ({there}): the first report that is posted \
             moves the map there, and what is then older than {} counts no more; for data of the past, serve --clock {there}",
            span(clock - newest),
            span(window_s)
        ));
    }
    remarks
}

/// A length of time in the unit that suits it.
fn span(seconds: i64) -> String {
    let (n, unit) = match seconds {
        s if s >= 3 * 365 * DAY_S => (s / (365 * DAY_S), "years"),
        s if s >= 2 * DAY_S => (s / DAY_S, "days"),
        s if s >= 7_200 => (s / 3_600, "hours"),
        s => (s / 60, "minutes"),
    };
    format!("{n} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEWEST: i64 = 1_719_804_000; // 2024-07-01T03:20:00Z
    const MACHINE: i64 = NEWEST + 800 * DAY_S;

    fn says(clock: i64) -> Vec<String> {
        remarks(Times { clock, machine: MACHINE, newest: NEWEST, window_s: 1_096 * DAY_S })
    }

    #[test]
    fn a_clock_that_fits_the_log_needs_no_word() {
        assert_eq!([says(NEWEST), says(NEWEST + 30 * DAY_S), says(NEWEST - 60)], [const { Vec::<String>::new() }; 3]);
    }

    #[test]
    fn a_clock_years_after_the_log_or_before_it_or_ahead_of_the_machine_is_told_with_what_follows() {
        let [after] = &says(MACHINE)[..] else { panic!("one remark was expected") };
        assert!(after.contains("800 days after the newest event of the log (2024-07-01T03:20:00Z)"), "{after}");
        assert!(
            after.contains("older than 3 years counts no more")
                && after.ends_with("serve --clock 2024-07-01T03:20:00Z")
        );
        let [before] = &says(NEWEST - 7_300)[..] else { panic!("one remark was expected") };
        assert!(
            before.contains("2 hours before the newest event") && before.contains("stays as of 2024-07-01T03:20:00Z")
        );
        let [ahead, after] = &says(MACHINE + 5 * 365 * DAY_S)[..] else { panic!("two remarks were expected") };
        assert!(ahead.contains("5 years ahead of this machine's") && ahead.contains("dated in the future"), "{ahead}");
        assert!(after.contains("7 years after the newest event"), "{after}");
    }
}
