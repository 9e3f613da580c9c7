//! An R-tree of SQLite, packed: every node is full, made level by level from sorted entries (sort-tile-recursive, Leutenegger,
//! Edgington & Lopez 1997), and written as the module keeps its nodes (SQLite, rtree.c: "Database Format of R-Tree Tables").

use rusqlite::Connection;

use super::super::wkb::Extent;

/// A head of two bytes for the depth of the tree, in its root, and two for the number of cells.
const HEAD_BYTES: usize = 4;
/// A number of eight bytes, and four sides.
const CELL_BYTES: usize = 8 + 4 * 4;
const ROOT: i64 = 1;

/// A row, or a node, and the box that holds it: west, east, south, north in single precision.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    number: i64,
    sides: [f32; 4],
}

impl Entry {
    pub fn new(number: i64, Extent([west, east, south, north]): Extent) -> Entry {
        Entry { number, sides: [below(west), above(east), below(south), above(north)] }
    }

    fn middle(&self, axis: usize) -> f32 {
        self.sides[2 * axis] + self.sides[2 * axis + 1]
    }
}

/// The largest number of single precision that is not greater.
fn below(v: f64) -> f32 {
    let near = v as f32;
    if f64::from(near) > v { near.next_down() } else { near }
}

/// The smallest that is not less.
fn above(v: f64) -> f32 {
    let near = v as f32;
    if f64::from(near) < v { near.next_up() } else { near }
}

/// Makes an R-tree of these entries.
pub fn pack(file: &Connection, name: &str, entries: Vec<Entry>) -> rusqlite::Result<()> {
    file.execute_batch(&format!(r#"CREATE VIRTUAL TABLE "{name}" USING rtree(id, minx, maxx, miny, maxy)"#))?;
    let node_bytes: usize =
        file.query_row(&format!(r#"SELECT length(data) FROM "{name}_node" WHERE nodeno = {ROOT}"#), [], |row| {
            row.get(0)
        })?;
    let most = (node_bytes - HEAD_BYTES) / CELL_BYTES;
    let mut tables = Tables { file, name, node_bytes, depth: 0, next: ROOT + 1 };
    let mut level = entries;
    while level.len() > most {
        tile(&mut level, most);
        let nodes = tables.level(&level, most)?;
        tables.depth += 1;
        level = nodes;
    }
    tables.node(ROOT, &level)
}

/// Sorts entries so that each run of so many lies together: slices of equal number by longitude, in each by latitude.
fn tile(entries: &mut [Entry], most: usize) {
    let nodes = entries.len().div_ceil(most);
    let slices = (nodes as f64).sqrt().ceil() as usize;
    entries.sort_unstable_by(|a, b| a.middle(0).total_cmp(&b.middle(0)).then(a.number.cmp(&b.number)));
    for slice in entries.chunks_mut(nodes.div_ceil(slices) * most) {
        slice.sort_unstable_by(|a, b| a.middle(1).total_cmp(&b.middle(1)).then(a.number.cmp(&b.number)));
    }
}

/// The tables under the virtual one.
struct Tables<'f> {
    file: &'f Connection,
    name: &'f str,
    node_bytes: usize,
    /// Of the nodes written next, from the leaves up.
    depth: u16,
    next: i64,
}

impl Tables<'_> {
    /// Writes the nodes that hold the entries of one level, and gives them as entries of the level above.
    fn level(&mut self, entries: &[Entry], most: usize) -> rusqlite::Result<Vec<Entry>> {
        entries
            .chunks(most)
            .map(|cells| {
                let number = self.next;
                self.next += 1;
                self.node(number, cells)?;
                let join = |a: [f32; 4], b: [f32; 4]| [a[0].min(b[0]), a[1].max(b[1]), a[2].min(b[2]), a[3].max(b[3])];
                let sides = cells.iter().map(|cell| cell.sides).reduce(join).unwrap_or_default();
                Ok(Entry { number, sides })
            })
            .collect()
    }

    /// Writes one node, and for each of its cells that it is in it.
    fn node(&self, number: i64, cells: &[Entry]) -> rusqlite::Result<()> {
        let mut data = Vec::with_capacity(self.node_bytes);
        data.extend(if number == ROOT { self.depth } else { 0 }.to_be_bytes());
        data.extend((cells.len() as u16).to_be_bytes());
        for cell in cells {
            data.extend(cell.number.to_be_bytes());
            data.extend(cell.sides.iter().flat_map(|side| side.to_be_bytes()));
        }
        data.resize(self.node_bytes, 0);
        let name = self.name;
        self.file
            .prepare_cached(&format!(r#"INSERT OR REPLACE INTO "{name}_node" VALUES (?, ?)"#))?
            .execute((number, data))?;
        let holder = if self.depth == 0 { "rowid" } else { "parent" };
        let mut hold = self.file.prepare_cached(&format!(r#"INSERT INTO "{name}_{holder}" VALUES (?, ?)"#))?;
        cells.iter().try_for_each(|cell| hold.execute((cell.number, number)).map(drop))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(entries: &[Entry]) -> Connection {
        let file = Connection::open_in_memory().unwrap();
        pack(&file, "r", entries.to_vec()).unwrap();
        file
    }

    fn scattered(n: i64) -> Vec<Entry> {
        let mut rng = fastrand::Rng::with_seed(n as u64);
        (1..=n)
            .map(|i| {
                let (lon, lat) = (rng.f64() * 360.0 - 180.0, rng.f64() * 180.0 - 90.0);
                Entry::new(i, Extent([lon, lon + rng.f64(), lat, lat + rng.f64()]))
            })
            .collect()
    }

    #[test]
    fn sqlite_finds_no_fault_in_a_packed_tree_of_any_size() {
        for n in [0, 1, 51, 52, 2_601, 2_602, 10_000] {
            let file = packed(&scattered(n));
            let fault: String = file.query_row("SELECT rtreecheck('r')", [], |row| row.get(0)).unwrap();
            assert_eq!(fault, "ok", "{n} entries");
            let found: i64 = file.query_row("SELECT count(*) FROM r", [], |row| row.get(0)).unwrap();
            assert_eq!(found, n);
        }
    }

    #[test]
    fn a_box_finds_what_a_walk_over_all_finds() {
        let entries = scattered(5_000);
        let file = packed(&entries);
        let mut within = file
            .prepare("SELECT id FROM r WHERE maxx >= ? AND minx <= ? AND maxy >= ? AND miny <= ? ORDER BY id")
            .unwrap();
        for (west, east, south, north) in
            [(-10.0, 10.0, -10.0, 10.0), (100.0, 100.5, 20.0, 60.0), (179.0, 180.0, 0.0, 1.0)]
        {
            let found = within.query_map((west, east, south, north), |row| row.get(0)).unwrap();
            let found: Vec<i64> = found.map(Result::unwrap).collect();
            let meets = |e: &&Entry| {
                let [w, e, s, n] = e.sides.map(f64::from);
                e >= west && w <= east && n >= south && s <= north
            };
            assert_eq!(found, entries.iter().filter(meets).map(|e| e.number).collect::<Vec<_>>());
        }
        // It is a tree like any other: what is put in later is found, too.
        file.execute("INSERT INTO r VALUES (6000, 500, 501, 500, 501)", []).unwrap();
        file.execute("DELETE FROM r WHERE id = 17", []).unwrap();
        let fault: String = file.query_row("SELECT rtreecheck('r')", [], |row| row.get(0)).unwrap();
        assert_eq!(fault, "ok");
    }

    #[test]
    fn a_box_in_single_precision_holds_the_one_in_double() {
        for v in [0.1, -0.1, 110.3312, -73.894, 180.0, 0.0] {
            assert!(f64::from(below(v)) <= v && v <= f64::from(above(v)), "{v}");
        }
    }
}
