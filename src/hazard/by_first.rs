//! Incidents in order of their first observation: whom further rain, or the window's edge, concerns.

use super::incident::Incident;

/// Indices of the incidents that are not void, by first observation, then index.
#[derive(Debug, Default)]
pub struct ByFirst {
    order: Vec<u32>,
    /// Those older than the last of `order`, waiting to be put in their places all at once.
    waiting: Vec<u32>,
}

impl ByFirst {
    /// Puts an incident where its first observation says.
    pub fn insert(&mut self, i: u32, all: &[Incident]) {
        let key = |x: u32| (all[x as usize].facts.first, x);
        if self.order.last().is_none_or(|&last| key(last) < key(i)) {
            self.order.push(i);
        } else {
            self.waiting.push(i);
        }
    }

    /// Takes an incident out, which stands where `first` says, whatever its facts have become.
    pub fn remove(&mut self, first: i64, i: u32, all: &[Incident]) {
        let key = |x: u32| (if x == i { first } else { all[x as usize].facts.first }, x);
        self.tidy(key);
        let at = self.order.partition_point(|&x| key(x) < (first, i));
        self.order.remove(at);
    }

    /// The incidents first observed from `from` to before `to`.
    pub fn between(&mut self, from: i64, to: i64, all: &[Incident]) -> &[u32] {
        self.tidy(|x| (all[x as usize].facts.first, x));
        let rank = |t: i64| self.order.partition_point(|&x| all[x as usize].facts.first < t);
        &self.order[rank(from)..rank(to.max(from))]
    }

    /// All of them, in order; for tests.
    pub fn sorted(&self, all: &[Incident]) -> Vec<u32> {
        let mut sorted = [&self.order[..], &self.waiting].concat();
        sorted.sort_unstable_by_key(|&x| (all[x as usize].facts.first, x));
        sorted
    }

    /// Puts those that wait in their places, the last first, so that each stretch of the order moves once.
    fn tidy(&mut self, key: impl Fn(u32) -> (i64, u32)) {
        self.waiting.sort_unstable_by_key(|&x| key(x));
        let mut end = self.order.len();
        self.order.resize(end + self.waiting.len(), 0);
        for (before, &x) in self.waiting.iter().enumerate().rev() {
            let at = self.order[..end].partition_point(|&y| key(y) < key(x));
            self.order.copy_within(at..end, at + before + 1);
            self.order[at + before] = x;
            end = at;
        }
        self.waiting.clear();
    }
}
