//! The status that a query asks for: of an incident, a report's incident, or a hotspot.

use super::super::hotspot;
use super::Layer;
use super::incidents::IncidentStatus;
use crate::error::{Result, invalid};

/// A status that a feature can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// How far people have got; a report has its incident's.
    Incident(IncidentStatus),
    /// How sure it is.
    Hotspot(hotspot::Status),
}

impl Status {
    /// Those that features of a layer can have.
    pub fn of(layer: Layer) -> Vec<Status> {
        match layer {
            Layer::Reports | Layer::Incidents => IncidentStatus::ALL.map(Status::Incident).into(),
            Layer::Hotspots => hotspot::Status::ALL.map(Status::Hotspot).into(),
            Layer::Storms
            | Layer::Places
            | Layer::Streets
            | Layer::Works
            | Layer::Areas
            | Layer::Coverage
            | Layer::Closures => Vec::new(),
        }
    }

    /// The status of this name.
    ///
    /// # Errors
    /// `Invalid` that lists those of the layer, or says that it has none.
    pub fn named(layer: Layer, name: &str) -> Result<Status> {
        let of = Status::of(layer);
        of.iter().find(|status| status.name() == name).copied().ok_or_else(|| {
            let known: Vec<_> = of.iter().map(|status| status.name()).collect();
            let reason = match known[..] {
                [] => format!("{} have no status", layer.name()),
                _ => format!("unknown; known for {} are {}", layer.name(), known.join(", ")),
            };
            invalid("status", name, reason)
        })
    }

    pub fn name(self) -> &'static str {
        match self {
            Status::Incident(status) => status.name(),
            Status::Hotspot(status) => status.name(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_status_lists_those_of_the_layer() {
        let says = |layer, name| Status::named(layer, name).unwrap_err().to_string();
        assert!(says(Layer::Reports, "open").contains("for reports are reported, acknowledged, resolved, dismissed"));
        assert!(says(Layer::Hotspots, "reported").contains("for hotspots are candidate, recurring, confirmed"));
        assert!(says(Layer::Storms, "reported").contains("storms have no status"));
        let all = Layer::ALL.into_iter().flat_map(|layer| Status::of(layer).into_iter().map(move |s| (layer, s)));
        assert!(all.into_iter().all(|(layer, s)| Status::named(layer, s.name()) == Ok(s)));
    }
}
