//! An index into one of the map's tables that fits four bytes, also when optional.

use std::num::NonZeroU32;

#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slot(NonZeroU32);

impl Slot {
    /// The slot of an index; the tables hold fewer than 2³² − 1 items.
    pub fn new(index: usize) -> Slot {
        let next = u32::try_from(index + 1).expect("the map holds fewer than four billion items");
        Slot(NonZeroU32::new(next).expect("an index plus one is not zero"))
    }

    pub fn index(self) -> usize {
        self.0.get() as usize - 1
    }

    /// The same index as a plain number.
    pub fn raw(self) -> u32 {
        self.0.get() - 1
    }
}

impl std::fmt::Debug for Slot {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "#{}", self.index())
    }
}
