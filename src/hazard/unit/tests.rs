use super::super::area::Areas;
use super::super::event::{Area, AreaLevel};
use super::super::position::Position;
use super::super::workflow::calendar::Calendar;
use super::*;

/// A Monday in June, by the clock of Shanghai.
fn at(day: &str, time: &str) -> i64 {
    format!("2026-06-{day}T{time}:00+08:00").parse::<jiff::Timestamp>().unwrap().as_second()
}

fn unit(id: &str, areas: &[&str]) -> Unit {
    let areas = areas.iter().map(|area| (*area).to_owned()).collect();
    let (id, duty) = (id.to_owned(), Duty::default());
    Unit { id, name: None, areas, categories: Vec::new(), duty, deputy: None, parent: None }
}

fn by_day(unit: Unit) -> Unit {
    Unit { duty: Duty { days: Days::WorkingDays, hours: vec![[8 * 60, 18 * 60]] }, ..unit }
}

fn areas() -> Areas {
    let corners = [(0.0, 0.0), (0.1, 0.0), (0.1, 0.1), (0.0, 0.0)];
    let ring = corners.map(|(lon, lat)| Position::new(lon, lat).unwrap()).to_vec();
    let area = |id: &str, level, parent: Option<&str>| Area {
        id: id.into(),
        level,
        parent: parent.map(str::to_owned),
        name: None,
        polygons: vec![vec![ring.clone()]],
    };
    let city = area("city", AreaLevel::City, None);
    Areas::new(&[area("g", AreaLevel::Grid, Some("d")), area("d", AreaLevel::District, Some("city")), city])
}

/// Who is sent to the grid for a category, for whom, and why.
fn sent(units: &[Unit], category: &str, at: i64, except: &[&str]) -> Option<(String, Option<String>, Why)> {
    admit(units).unwrap();
    let (units, areas) = (Units::new(units), areas());
    let except: Vec<usize> = except.iter().map(|id| units.find(id).unwrap()).collect();
    let (category, area) = (Category::named(category).unwrap(), areas.find("g"));
    let asked = Asked { category, area, at, except: &except };
    let route = units.route(&areas, &Calendar::named("china").unwrap(), asked)?;
    let id = |n: usize| units.all()[n].id.clone();
    Some((id(route.unit), route.instead_of.map(id), route.why))
}

fn one(id: &str, why: Why) -> Option<(String, Option<String>, Why)> {
    Some((id.into(), None, why))
}

fn instead(id: &str, of: &str, why: Why) -> Option<(String, Option<String>, Why)> {
    Some((id.into(), Some(of.into()), why))
}

#[test]
fn the_finest_area_comes_first_and_there_a_unit_that_names_the_category() {
    let drains = Unit { categories: vec![Category::named("blocked_drain").unwrap()], ..unit("z_drains", &["g"]) };
    let units = [unit("city_desk", &[]), unit("district", &["d"]), unit("grid", &["g"]), drains];
    let noon = at("15", "12:00");
    assert_eq!(sent(&units, "blocked_drain", noon, &[]), one("z_drains", Why::Responsible));
    assert_eq!(sent(&units, "manhole", noon, &[]), one("grid", Why::Responsible));
    assert_eq!(sent(&units, "manhole", noon, &["grid"]), one("district", Why::Responsible));
    assert_eq!(sent(&units, "manhole", noon, &["grid", "district"]), one("city_desk", Why::Responsible));
    assert_eq!(sent(&units[3..], "manhole", noon, &[]), None);
    assert_eq!(sent(&[], "manhole", noon, &[]), None);
}

#[test]
fn who_is_off_duty_has_a_deputy_then_the_area_above_and_at_last_is_named_all_the_same() {
    let grid = by_day(Unit { deputy: Some("watch".into()), ..unit("grid", &["g"]) });
    let watch = Unit { deputy: Some("grid".into()), ..by_day(unit("watch", &["elsewhere"])) };
    let (noon, night) = (at("15", "12:00"), at("15", "22:00"));
    let always = [grid.clone(), unit("watch", &["elsewhere"]), unit("district", &["d"])];
    assert_eq!(sent(&always, "manhole", noon, &[]), one("grid", Why::Responsible));
    assert_eq!(sent(&always, "manhole", night, &[]), instead("watch", "grid", Why::Deputy));
    // Deputies of each other, both off duty.
    let circle = [grid.clone(), watch.clone(), unit("district", &["d"])];
    assert_eq!(sent(&circle, "manhole", night, &[]), instead("district", "grid", Why::Above));
    assert_eq!(sent(&[grid, watch], "manhole", night, &[]), one("grid", Why::OffDuty));
    // Two of one area.
    let two = [by_day(unit("a", &["g"])), unit("b", &["g"])];
    assert_eq!(sent(&two, "manhole", night, &[]), instead("b", "a", Why::Responsible));
}

#[test]
fn duty_goes_by_days_hours_the_calendar_and_past_midnight() {
    let china = Calendar::named("china").unwrap();
    let holds = |duty: &Duty, day, time| duty.holds(&china, at(day, time));
    let usual = Duty { days: Days::WorkingDays, hours: Vec::new() };
    // The 15th is a Monday; the 19th, a Friday, is off.
    assert!(holds(&usual, "15", "09:00") && !holds(&usual, "15", "13:00"));
    assert!(!holds(&usual, "19", "09:00") && !holds(&usual, "20", "09:00"));
    assert!(holds(&Duty::default(), "19", "03:00"));
    let hours = Duty { hours: vec![[480, 720], [840, 1_440]], ..Duty::default() };
    let held = ["07:59", "08:00", "11:59", "12:00", "23:59"].map(|time| holds(&hours, "20", time));
    assert_eq!(held, [false, true, true, false, true]);
    // From 22:00 of a working day to 06:00 of the next, whatever day that is.
    let night = Duty { days: Days::WorkingDays, hours: vec![[1_320, 360]] };
    assert!(holds(&night, "18", "22:00") && holds(&night, "19", "05:59") && !holds(&night, "19", "06:00"));
    assert!(!holds(&night, "19", "22:00") && !holds(&night, "22", "05:59") && holds(&night, "22", "22:00"));
}

#[test]
fn a_set_that_does_not_fit_together_is_refused_by_the_field() {
    let told = |units: &[Unit]| admit(units).unwrap_err().to_string();
    assert!(told(&[unit("", &[])]).contains("needs an id"));
    assert!(told(&[unit("a", &[]), unit("a", &[])]).contains("two units with this id"));
    let with = |id: &str, deputy: Option<&str>, parent: Option<&str>| Unit {
        deputy: deputy.map(str::to_owned),
        parent: parent.map(str::to_owned),
        ..unit(id, &[])
    };
    assert!(told(&[with("a", Some("b"), None)]).contains("deputy \"b\": of a: there is no unit"));
    assert!(told(&[with("a", None, Some("a"))]).contains("the unit itself"));
    assert!(told(&[with("a", None, Some("b")), with("b", None, Some("a"))]).contains("above itself"));
    let odd = Unit { duty: Duty { hours: vec![[480, 480]], ..Duty::default() }, ..unit("a", &[]) };
    assert!(told(&[odd]).contains("not two times of a day"));
    let chain = [with("a", Some("b"), Some("b")), with("b", Some("a"), Some("c")), with("c", None, None)];
    assert_eq!(admit(&chain), Ok(()));
    let units = Units::new(&chain);
    assert_eq!(units.above(0).collect::<Vec<_>>(), [1, 2]);
}
