//! Numbers that take no more room when they are optional: the map holds millions of them.

use std::num::{NonZeroI64, NonZeroU16, NonZeroU32};

use serde::{Deserialize, Serialize};

/// An index into one of the map's tables.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
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

/// A time in unix seconds; those from 1970 on are kept one higher, so that none is zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Moment(NonZeroI64);

impl Moment {
    pub fn new(seconds: i64) -> Moment {
        Moment(NonZeroI64::new(seconds + i64::from(seconds >= 0)).unwrap_or(NonZeroI64::MIN))
    }

    pub fn seconds(self) -> i64 {
        self.0.get() - i64::from(self.0.get() > 0)
    }
}

/// A measure of whole centimetres or metres, at most 65,534.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Measure(NonZeroU16);

impl Measure {
    pub fn new(value: u16) -> Measure {
        Measure(NonZeroU16::MIN.saturating_add(value))
    }

    pub fn get(self) -> u16 {
        self.0.get() - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_out_the_same_and_in_the_same_order() {
        let times = [-62_135_596_800, -2, -1, 0, 1, 2, 253_402_207_200];
        assert!(times.iter().all(|&t| Moment::new(t).seconds() == t));
        assert!(times.windows(2).all(|w| Moment::new(w[0]) < Moment::new(w[1])));
        assert!([0, 1, 1_000, 65_534].iter().all(|&v| Measure::new(v).get() == v));
        assert_eq!(size_of::<[Option<Moment>; 2]>() + size_of::<Option<Measure>>() + size_of::<Option<Slot>>(), 22);
    }
}
