//! How often a hotspot floods when it storms, and the same in one sentence.

use serde::Serialize;
use utoipa::ToSchema;

use super::super::category::Category;
use super::matrix::{Cell, Column};
use super::proportion::wilson_95;
use super::sentence::{self, Sentence};

/// How often it floods, from the storms in which somebody was there to see.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Share {
    /// Storms in which it was reported flooded.
    pub flooded: u32,
    /// Of these, storms after which staff looked at every case and found nothing.
    pub flooded_not_found: u32,
    /// Storms in which somebody there reported something else, or that it was dry.
    pub dry: u32,
    /// Storms in which nobody there reported anything.
    pub unknown: u32,
    /// Flooded ÷ (flooded + dry); null where neither is known.
    pub p: Option<f64>,
    /// The 95 % interval of `p` (Wilson 1927).
    pub low: Option<f64>,
    pub high: Option<f64>,
    /// Flooded ÷ all storms: as if every report were right, and it had been dry whenever nobody reported.
    pub at_least: Option<f64>,
    /// The same in words, or what is missing.
    pub sentence_en: String,
    pub sentence_zh: String,
}

/// Storms by what was seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub flooded: u32,
    pub not_found: u32,
    pub dry: u32,
    pub unknown: u32,
}

impl Counts {
    pub fn of<'c>(seen: impl Iterator<Item = (&'c Column, Cell)>) -> Counts {
        let mut counts = Counts::default();
        for (_, cell) in seen {
            counts.not_found += u32::from(cell == Cell::NotFound);
            match cell.flooded() {
                Some(true) => counts.flooded += 1,
                Some(false) => counts.dry += 1,
                None => counts.unknown += 1,
            }
        }
        counts
    }

    pub fn known(&self) -> u32 {
        self.flooded + self.dry
    }

    pub fn all(&self) -> u32 {
        self.known() + self.unknown
    }
}

/// A share of so many; none of nothing.
pub fn share(count: u32, n: u32) -> Option<f64> {
    (n > 0).then(|| f64::from(count) / f64::from(n))
}

impl Share {
    /// Of a hotspot of a category; `measured`: does any rain count there?
    pub fn of(seen: &[(&Column, Cell)], category: Category, measured: bool) -> Share {
        let counts = Counts::of(seen.iter().copied());
        let interval = wilson_95(counts.flooded, counts.known());
        let Sentence { en, zh } = sentence::of(seen, counts, category, measured);
        Share {
            flooded: counts.flooded,
            flooded_not_found: counts.not_found,
            dry: counts.dry,
            unknown: counts.unknown,
            p: share(counts.flooded, counts.known()),
            low: interval.map(|(low, _)| low),
            high: interval.map(|(_, high)| high),
            at_least: share(counts.flooded, counts.all()),
            sentence_en: en,
            sentence_zh: zh,
        }
    }
}
