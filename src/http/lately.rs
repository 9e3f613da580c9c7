//! What is known of those who were here lately, in bounded memory: the newest, and a generation before them. Whoever is in
//! neither has not been here for long.

use std::hash::Hash;

use hashbrown::HashMap;

pub struct Lately<K, V> {
    newest: HashMap<K, V>,
    before: HashMap<K, V>,
    /// At most twice as many are known.
    generation: usize,
}

impl<K: Eq + Hash, V> Lately<K, V> {
    pub fn new(generation: usize) -> Lately<K, V> {
        Lately { newest: HashMap::new(), before: HashMap::new(), generation }
    }

    /// What is known of one, who is here now; of nobody known, what `fresh` makes.
    pub fn of(&mut self, who: K, fresh: impl FnOnce() -> V) -> &mut V {
        if !self.newest.contains_key(&who) && self.newest.len() >= self.generation {
            self.before = std::mem::take(&mut self.newest);
        }
        let known = self.before.remove(&who);
        self.newest.entry(who).or_insert_with(|| known.unwrap_or_else(fresh))
    }

    /// What is known of one.
    pub fn get(&self, who: &K) -> Option<&V> {
        self.newest.get(who).or_else(|| self.before.get(who))
    }

    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.newest.len() + self.before.len()
    }
}
