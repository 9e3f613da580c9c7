//! The colours of a layer, for formats that say how it looks.

use crate::hazard::hotspot;
use crate::hazard::layer::{IncidentStatus, Status};

/// Red, green, blue.
pub type Colour = [u8; 3];

/// Of what has no status.
pub const PLAIN: Colour = [67, 133, 190];

const AMBER: Colour = [230, 159, 0];
const ORANGE: Colour = [213, 94, 0];
const RED: Colour = [160, 28, 28];
const GREY: Colour = [130, 130, 130];
const GREEN: Colour = [0, 130, 90];

/// The more there is to do, the darker and redder.
pub fn of(status: Status) -> Colour {
    match status {
        Status::Hotspot(hotspot::Status::Candidate) => AMBER,
        Status::Hotspot(hotspot::Status::Recurring) => ORANGE,
        Status::Hotspot(hotspot::Status::Confirmed) => RED,
        Status::Incident(IncidentStatus::Reported) => RED,
        Status::Incident(IncidentStatus::Acknowledged) => ORANGE,
        Status::Incident(IncidentStatus::Resolved) => GREEN,
        Status::Incident(IncidentStatus::Dismissed) => GREY,
    }
}
