//! Which area each incident belongs to: that of its anchor, which never moves. Looked up when somebody asks for one, and
//! for all of them when somebody asks for those of an area; kept up to date from then on.

use super::super::event::Area;
use super::super::map::HazardMap;
use super::super::slot::Slot;
use super::Areas;

impl HazardMap {
    pub fn areas(&self) -> &Areas {
        &self.areas
    }

    /// The finest area that an incident belongs to.
    pub fn area_of(&self, incident: usize) -> Option<usize> {
        match self.members.get() {
            Some(members) => members[incident].map(Slot::index),
            None => self.areas.area_of(self.incidents.all()[incident].anchor),
        }
    }

    /// The finest area of every incident, void ones too; of a settled map.
    pub fn members(&self) -> &[Option<Slot>] {
        self.members.get_or_init(|| {
            let mut members = Vec::new();
            self.enrol(&mut members);
            members
        })
    }

    /// All areas are others from now on; of incidents, nothing changes but their limits, where these go by area.
    pub(in crate::hazard) fn areas_loaded(&mut self, areas: &[Area]) {
        self.touch(|touched| touched.areas = true);
        self.areas = Areas::new(areas);
        self.members.take();
        if self.settings().limits.goes_by_area() {
            self.deadlines.take();
        }
    }

    /// Adds the incidents opened since the last settling.
    pub(in crate::hazard) fn settle_members(&mut self) {
        if let Some(mut members) = self.members.take() {
            self.enrol(&mut members);
            self.members = members.into();
        }
    }

    fn enrol(&self, members: &mut Vec<Option<Slot>>) {
        let fresh = &self.incidents.all()[members.len()..];
        members.extend(fresh.iter().map(|incident| self.areas.area_of(incident.anchor).map(Slot::new)));
    }
}
