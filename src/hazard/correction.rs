//! A report is never edited. What corrects it is a report of its own, filed before the first one is retracted, so that
//! their incident goes on; its id says whose place it takes: `a~2` is the first correction of `a`, `a~3` the next.

use super::report::Reports;

/// The id of what corrects a report.
pub fn next_id(id: &str) -> String {
    let corrected = id.rsplit_once('~').and_then(|(first, number)| Some((first, number.parse::<u32>().ok()?)));
    let corrected = corrected.filter(|(first, number)| *number >= 2 && format!("{first}~{number}") == id);
    match corrected.and_then(|(first, number)| Some((first, number.checked_add(1)?))) {
        Some((first, next)) => format!("{first}~{next}"),
        None => format!("{id}~2"),
    }
}

/// What stands in the place of a report: itself, unless it was retracted; then what corrects it, if anything does.
pub fn standing(reports: &Reports, id: &str) -> Option<usize> {
    let mut found = reports.find(id)?;
    while reports.rows()[found].hidden {
        found = reports.find(&next_id(reports.id(found)))?;
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::super::event::Report;
    use super::super::position::Position;
    use super::*;

    #[test]
    fn a_correction_is_numbered_after_what_it_corrects() {
        for (id, next) in [
            ("a", "a~2"),
            ("a~2", "a~3"),
            ("a~9", "a~10"),
            ("a~b", "a~b~2"),
            ("a~1", "a~1~2"),
            ("a~02", "a~02~2"),
            ("a~4294967295", "a~4294967295~2"),
            ("", "~2"),
        ] {
            assert_eq!(next_id(id), next);
        }
    }

    #[test]
    fn a_retracted_report_leads_to_the_last_that_corrects_it() {
        let mut reports = Reports::default();
        let at = Position::new(110.0, 20.0).unwrap();
        for id in ["a", "b", "a~2", "a~3", "c"] {
            reports.push(&Report::new(id, "waterlogging".parse().unwrap(), at, 0));
        }
        reports.index();
        let standing = |reports: &Reports, id: &str| standing(reports, id).map(|i| reports.id(i).to_owned());
        assert_eq!(standing(&reports, "a").as_deref(), Some("a"));
        (0..3).for_each(|i| reports.hide(i));
        for (id, expected) in [("a", Some("a~3")), ("a~2", Some("a~3")), ("b", None), ("c", Some("c")), ("d", None)] {
            assert_eq!(standing(&reports, id).as_deref(), expected, "{id}");
        }
        reports.hide(3);
        assert_eq!(standing(&reports, "a"), None);
    }
}
