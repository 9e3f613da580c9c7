//! What is worked out of all hotspots when somebody asks, and brought up to date with those that have changed since.

use std::sync::{Mutex, OnceLock, PoisonError};

use hashbrown::HashSet;

use super::slot::Slot;

/// A list or a table of all hotspots, of the map as it stands; where it has moved on since, the last one and what has changed.
#[derive(Debug)]
pub struct Renewed<T> {
    now: OnceLock<T>,
    last: Mutex<Option<T>>,
    /// Sites that have changed since the last one, peaks or not.
    changed: HashSet<Slot>,
}

impl<T> Default for Renewed<T> {
    fn default() -> Renewed<T> {
        Renewed { now: OnceLock::new(), last: Mutex::default(), changed: HashSet::new() }
    }
}

impl<T> Renewed<T> {
    /// As it is now. `make` makes it, of the last one and the sites that have changed since, where there is one; whoever asks
    /// meanwhile waits for the same work.
    pub fn get(&self, make: impl FnOnce(Option<(T, &HashSet<Slot>)>) -> T) -> &T {
        self.now.get_or_init(|| {
            let last = self.last.lock().unwrap_or_else(PoisonError::into_inner).take();
            make(last.map(|last| (last, &self.changed)))
        })
    }

    /// As it is now, where somebody has asked.
    pub fn known(&self) -> Option<&T> {
        self.now.get()
    }

    /// The map has moved on, and these sites have changed; where it is not known which, nothing is kept.
    pub fn expire<'s>(&mut self, changed: Option<impl Iterator<Item = &'s Slot>>) {
        let last = self.last.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(now) = self.now.take() {
            *last = Some(now);
            self.changed.clear();
        }
        match changed {
            Some(changed) if last.is_some() => self.changed.extend(changed),
            Some(_) => {}
            None => *last = None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_renewed_is_told_all_that_has_changed_since_the_last_one_and_nothing_older() {
        let slots = |indices: &[usize]| indices.iter().map(|&i| Slot::new(i)).collect::<Vec<_>>();
        let mut renewed = Renewed::<u32>::default();
        let asked = |renewed: &Renewed<u32>, value: u32| {
            let mut told = None;
            renewed.get(|last| {
                told = Some(last.map(|(last, changed)| {
                    let mut changed: Vec<usize> = changed.iter().map(|slot| slot.index()).collect();
                    changed.sort_unstable();
                    (last, changed)
                }));
                value
            });
            (renewed.known().copied(), told)
        };
        renewed.expire(Some(slots(&[9]).iter()));
        assert_eq!(asked(&renewed, 1), (Some(1), Some(None)));
        assert_eq!(asked(&renewed, 2), (Some(1), None));
        renewed.expire(Some(slots(&[4, 5]).iter()));
        renewed.expire(Some(slots(&[5, 6]).iter()));
        assert_eq!(asked(&renewed, 3), (Some(3), Some(Some((1, vec![4, 5, 6])))));
        renewed.expire(Some(slots(&[7]).iter()));
        assert_eq!(asked(&renewed, 4), (Some(4), Some(Some((3, vec![7])))));
        renewed.expire(None::<std::slice::Iter<Slot>>);
        assert_eq!(asked(&renewed, 5), (Some(5), Some(None)));
    }
}
