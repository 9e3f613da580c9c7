//! Incidents in order of their first observation: whom further rain, or the window's edge, concerns.

use super::incident::Incident;

/// Indices of the incidents that are not void, by first observation, then index.
#[derive(Debug, Default)]
pub struct ByFirst {
    order: Vec<u32>,
}

impl ByFirst {
    /// Puts an incident where its first observation says.
    pub fn insert(&mut self, i: u32, all: &[Incident]) {
        let at = self.rank(all[i as usize].facts.first, i, None, all);
        self.order.insert(at, i);
    }

    /// Takes an incident out, which stands where `first` says, whatever its facts have become.
    pub fn remove(&mut self, first: i64, i: u32, all: &[Incident]) {
        let at = self.rank(first, i, Some(first), all);
        self.order.remove(at);
    }

    /// The incidents first observed from `from` to before `to`.
    pub fn between(&self, from: i64, to: i64, all: &[Incident]) -> &[u32] {
        let rank = |t: i64| self.rank(t, 0, None, all);
        &self.order[rank(from)..rank(to.max(from))]
    }

    pub fn order(&self) -> &[u32] {
        &self.order
    }

    /// Where (`first`, `i`) stands, searched from the end, where nearly all changes are. `own`: what the list still
    /// takes for the first observation of `i`.
    fn rank(&self, first: i64, i: u32, own: Option<i64>, all: &[Incident]) -> usize {
        let key = |x: u32| (own.filter(|_| x == i).unwrap_or(all[x as usize].facts.first), x);
        let below = |&x: &u32| key(x) < (first, i);
        let (mut from, mut step) = (self.order.len(), 1);
        while from > 0 && !below(&self.order[from - 1]) {
            from = from.saturating_sub(step);
            step *= 2;
        }
        from + self.order[from..].partition_point(below)
    }
}
