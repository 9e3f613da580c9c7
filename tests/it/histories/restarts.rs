//! The map written down, and read again at the same point of the log.

use waterlog::error::Error;
use waterlog::hazard::checkpoint::FORMAT;
use waterlog::hazard::map::HazardMap;

use super::History;

impl History {
    /// The map that was written down, at this point of the log.
    pub fn restored(&self, blocks: &[Vec<u8>]) -> HazardMap {
        let mut blocks = blocks.iter().cloned();
        let mut next = || blocks.next().ok_or_else(|| Error::Store("it ends".into()));
        let table = |seq: u64| Ok(self.events[seq as usize - 1].clone());
        HazardMap::restore(self.settings.clone(), &mut next, table).unwrap()
    }
}

/// A map written down.
pub fn blocks(map: &HazardMap) -> Vec<Vec<u8>> {
    let mut blocks = Vec::new();
    map.save(&mut |block| {
        blocks.push(block.to_vec());
        Ok(())
    })
    .unwrap();
    blocks
}

/// Whoever changes a type that is written down has to raise the format: an older checkpoint must not be read as a newer.
#[test]
fn what_is_written_down_is_of_this_format() {
    let mut history = History::new(3, 600);
    let mut map = HazardMap::new(history.settings.clone());
    for seq in 1..=600 {
        let event = history.next_event();
        map.apply(seq, &event);
        history.events.push(event);
    }
    map.settle();
    let mut hash = blake3::Hasher::new();
    for block in blocks(&map) {
        hash.update(&block);
    }
    let written = hash.finalize().to_hex();
    assert_eq!(
        (FORMAT, &written[..16]),
        (3, "cda9ee6f7def1ffe"),
        "if these histories are drawn as before, raise the format"
    );
}
