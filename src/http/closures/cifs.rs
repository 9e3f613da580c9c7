//! Closures as Waze and others take them: Closure and Incident Feed Specification
//! (<https://developers.google.com/waze/data-feed/cifs-specification>), in JSON.

use serde::Serialize;

use crate::hazard::category::Category;
use crate::hazard::layer::{ClosureProperties, Feature, Shape, Time};
use crate::hazard::map::HazardMap;
use crate::hazard::position::Position;
use crate::hazard::stretch::stretch;

/// How far a street may lie from what closes it.
const NEAREST_STREET_M: f64 = 50.0;
/// So far along the street, both ways, nobody passes.
const REACH_M: f64 = 50.0;
/// Without a street: the format needs two positions.
const WITHOUT_STREET_M: f64 = 10.0;
/// Who can name no street must name something.
const NAMELESS: &str = "Unnamed road";

#[derive(Serialize)]
pub struct Feed {
    incidents: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    incident: Incident,
}

#[derive(Serialize)]
struct Incident {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    subtype: &'static str,
    street: String,
    /// Latitude and longitude in turn.
    polyline: String,
    direction: &'static str,
    starttime: Time,
    endtime: Time,
    updatetime: Time,
    description: String,
}

/// The closures that stand.
pub fn feed(map: &HazardMap, closures: &[Feature<ClosureProperties>]) -> Feed {
    let entry = |closure: &Feature<ClosureProperties>| match closure.geometry {
        Some(Shape::Point(at)) => Some(Entry { incident: incident(map, closure, at) }),
        _ => None,
    };
    Feed { incidents: closures.iter().filter_map(entry).collect() }
}

fn incident(map: &HazardMap, closure: &Feature<ClosureProperties>, at: Position) -> Incident {
    let p = &closure.properties;
    let street = map.streets().nearest(at.ecef(), NEAREST_STREET_M);
    let line = street.map(|street| stretch(&street.line, at, REACH_M)).filter(|line| line.len() > 1);
    let line = line.unwrap_or_else(|| around(at));
    let named = street.map(|street| street.name.to_string());
    let (kind, subtype) = kind(p);
    Incident {
        id: closure.id.to_string(),
        kind,
        subtype,
        street: named.or_else(|| p.place.clone()).unwrap_or_else(|| NAMELESS.to_owned()),
        polyline: line.iter().map(|p| format!("{:.7} {:.7}", p.lat(), p.lon())).collect::<Vec<_>>().join(" "),
        direction: "BOTH_DIRECTIONS",
        starttime: p.since,
        endtime: p.expires_at,
        updatetime: p.last_observed_at,
        description: description(p),
    }
}

/// A short line from west to east.
fn around(at: Position) -> Vec<Position> {
    let circle = crate::hazard::stretch::circle(at, WITHOUT_STREET_M, 2);
    vec![circle[1], circle[0]]
}

/// What closes a road to everybody is a closure there; what stops small cars only is a hazard that warns and does not
/// lead others away.
fn kind(p: &ClosureProperties) -> (&'static str, &'static str) {
    if p.vehicles == "all" {
        return ("ROAD_CLOSED", "ROAD_CLOSED_HAZARD");
    }
    ("HAZARD", subtype(p.category))
}

fn subtype(category: Category) -> &'static str {
    match category.name() {
        "waterlogging" | "blocked_drain" => "HAZARD_WEATHER_FLOOD",
        "road_damage" | "manhole" => "HAZARD_ON_ROAD_POT_HOLE",
        "obstruction" => "HAZARD_ON_ROAD_OBJECT",
        _ => "HAZARD_ON_ROAD",
    }
}

/// One sentence for a driver.
pub fn description(p: &ClosureProperties) -> String {
    let whom = if p.vehicles == "all" { "Impassable" } else { "Impassable to small cars" };
    let depth = p.depth_cm_max.map(|cm| format!(", up to {cm} cm deep")).unwrap_or_default();
    format!("{whom}: {}{depth}", p.category.info().en.to_lowercase())
}
