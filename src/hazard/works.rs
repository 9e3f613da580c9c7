//! Works: repairs with their place and time, by which floods before and after are compared. No definition depends on them.

use hashbrown::HashMap;

use super::event::Works;
use super::position::{Ecef, half_up};
use super::street::distance_cm;
use crate::error::{Result, invalid};

const LONGEST_TEXT_CHARS: usize = 100;
const MOST_POSITIONS: usize = 10_000;
/// A longer line is no site of works: it has a position too many, or a wrong one.
const LONGEST_LINE_M: f64 = 50_000.0;

/// Every works known.
#[derive(Debug, Default)]
pub struct AllWorks {
    all: Vec<Works>,
    by_id: HashMap<String, usize>,
}

impl AllWorks {
    /// In the order they were first loaded.
    pub fn all(&self) -> &[Works] {
        &self.all
    }

    pub fn find(&self, id: &str) -> Option<&Works> {
        self.by_id.get(id).map(|&n| &self.all[n])
    }

    /// Adds works, or gives known ones their new dates, line and names.
    pub fn load(&mut self, works: &Works) {
        if let Some(&n) = self.by_id.get(&works.id) {
            self.all[n] = works.clone();
            return;
        }
        self.by_id.insert(works.id.clone(), self.all.len());
        self.all.push(works.clone());
    }

    /// Are these works that can be shown and compared?
    ///
    /// # Errors
    /// `Invalid` that names the field: no id, a text that is too long or not printable, no position or a line that is too
    /// long, an end before the start.
    pub fn admit(works: &Works) -> Result<()> {
        if works.id.is_empty() {
            return Err(invalid("id", "", "works need an id"));
        }
        let texts = [("kind", &works.kind), ("name", &works.name), ("reference", &works.reference)];
        let texts = texts.into_iter().filter_map(|(field, text)| Some((field, text.as_deref()?)));
        for (field, text) in std::iter::once(("id", works.id.as_str())).chain(texts) {
            label(field, text)?;
        }
        let positions = works.line.len();
        if positions == 0 || positions > MOST_POSITIONS {
            return Err(invalid("line", positions, format!("not 1 to {MOST_POSITIONS} positions")));
        }
        let length_m: f64 = works.segments().map(|(a, b)| a.distance_m(b)).sum();
        if length_m > LONGEST_LINE_M {
            let reason = format!("{:.0} km long; works are at most {:.0}", length_m / 1e3, LONGEST_LINE_M / 1e3);
            return Err(invalid("line", positions, reason));
        }
        match works.end.filter(|end| *end < works.start) {
            Some(end) => Err(invalid("end", super::time::format(end), "the works end before they begin")),
            None => Ok(()),
        }
    }
}

impl Works {
    /// The straight parts of the line; a spot is one without length.
    pub fn segments(&self) -> impl Iterator<Item = (Ecef, Ecef)> {
        let alone = self.line.first().filter(|_| self.line.len() == 1).map(|at| (at.ecef(), at.ecef()));
        alone.into_iter().chain(self.line.windows(2).map(|ends| (ends[0].ecef(), ends[1].ecef())))
    }

    /// Spots along the line, none further than `step_m` from the next.
    pub fn spots(&self, step_m: f64) -> impl Iterator<Item = Ecef> {
        self.segments().flat_map(move |(a, b)| {
            let steps = (a.distance_m(b) / step_m).ceil().max(1.0) as i64;
            let part = move |a: i32, b: i32, n: i64| (i64::from(a) + (i64::from(b) - i64::from(a)) * n / steps) as i32;
            (0..=steps).map(move |n| Ecef { x: part(a.x, b.x, n), y: part(a.y, b.y, n), z: part(a.z, b.z, n) })
        })
    }

    /// Lies a spot within a radius of the line, in whole centimetres?
    pub fn reach(&self, at: Ecef, radius_m: f64) -> bool {
        let limit_cm = half_up(radius_m * 100.0) as i64;
        self.segments().any(|(a, b)| distance_cm(at, a, b) <= limit_cm)
    }
}

/// Is this a text that can stand as an id or a name?
///
/// # Errors
/// `Invalid` for one that is too long or not printable.
pub(super) fn label(field: &str, text: &str) -> Result<()> {
    if text.chars().any(char::is_control) {
        return Err(invalid(field, text, "has characters that are not printable"));
    }
    if text.chars().count() > LONGEST_TEXT_CHARS {
        return Err(invalid(field, text, format!("longer than {LONGEST_TEXT_CHARS} characters")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::position::Position;
    use super::*;

    fn works(id: &str, line: &[(f64, f64)]) -> Works {
        let line = line.iter().map(|&(lon, lat)| Position::new(lon, lat).unwrap()).collect();
        Works { id: id.into(), line, start: 100, end: Some(200), kind: None, name: None, reference: None }
    }

    #[test]
    fn works_loaded_again_have_their_new_dates_and_keep_their_place_in_the_list() {
        let mut all = AllWorks::default();
        let (a, b) = (works("a", &[(0.0, 0.0)]), works("b", &[(1.0, 0.0)]));
        let later = Works { start: 150, ..a.clone() };
        [&a, &b, &later].into_iter().for_each(|one| all.load(one));
        assert_eq!((all.all(), all.find("a")), (&[later.clone(), b][..], Some(&later)));
    }

    #[test]
    fn works_that_make_no_sense_are_refused_by_the_field() {
        let good = works("a", &[(0.0, 0.0), (0.0, 0.1)]);
        assert!(AllWorks::admit(&good).is_ok());
        let long = Some("x".repeat(101));
        for (bad, field) in [
            (works("", &[(0.0, 0.0)]), "id"),
            (works("a", &[]), "line"),
            (works("a", &[(0.0, 0.0), (0.0, 1.0)]), "111 km"),
            (Works { kind: long.clone(), ..good.clone() }, "kind"),
            (Works { name: Some("a\nb".into()), ..good.clone() }, "not printable"),
            (Works { reference: long, ..good.clone() }, "reference"),
            (Works { end: Some(99), ..good }, "before they begin"),
        ] {
            let said = AllWorks::admit(&bad).unwrap_err().to_string();
            assert!(said.contains(field), "{said}");
        }
    }

    #[test]
    fn what_lies_beside_the_line_is_in_reach_and_what_lies_beyond_its_ends_is_not() {
        // 0.0001 degree is 11 m.
        let line = works("a", &[(0.0, 0.0), (0.01, 0.0)]);
        let at = |lon, lat| Position::new(lon, lat).unwrap().ecef();
        assert!(line.reach(at(0.005, 0.0004), 50.0) && line.reach(at(-0.0004, 0.0), 50.0));
        assert!(!line.reach(at(0.005, 0.0005), 50.0) && !line.reach(at(0.0105, 0.0), 50.0));
        let spot = works("b", &[(0.0, 0.0)]);
        assert!(spot.reach(at(0.0004, 0.0), 50.0) && !spot.reach(at(0.0004, 0.0004), 50.0));
    }
}
