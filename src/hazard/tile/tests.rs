//! Random maps against counting by hand.

use std::collections::BTreeSet;

use fast_mvt::{MvtReaderRef, MvtValueRef};
use proptest::prelude::*;

use super::super::category::Category;
use super::super::event::{Act, Action, Event, Report};
use super::super::position::Position;
use super::super::settings::Settings;
use super::*;

const DAY_S: i64 = 86_400;

/// Where a report may be, in 1e-7 degree: edges and corners of tiles, the date line, the poles, the last latitudes and
/// one unit to each side of all of them; a few spots where many meet; and anywhere.
fn position() -> impl Strategy<Value = Position> {
    let lons = vec![-1_800_000_000, 1_800_000_000, 0, 900_000_000, -900_000_000, 450_000_000, 1_103_300_000];
    let lats = vec![0, 850_511_287, -850_511_287, 900_000_000, -900_000_000, 665_132_604, -409_798_981, 200_300_000];
    let near = |spots: Vec<i32>, last: i32| {
        (prop::sample::select(spots), -1..=1_i32).prop_map(move |(spot, by): (i32, i32)| (spot + by).clamp(-last, last))
    };
    let (lon, lat) = (near(lons, 1_800_000_000), near(lats, 900_000_000));
    let anywhere = (-1_800_000_000..=1_800_000_000, -900_000_000..=900_000_000);
    prop_oneof![3 => (lon, lat), 1 => anywhere].prop_map(|at| Position::try_from(at).unwrap())
}

fn event() -> impl Strategy<Value = (Position, usize, i64, bool, u8)> {
    (position(), 0..4_usize, 0..200 * DAY_S, prop::bool::weighted(0.2), 0..8_u8)
}

fn map(draws: &[(Position, usize, i64, bool, u8)]) -> HazardMap {
    let categories: Vec<Category> =
        ["waterlogging", "blocked_drain", "obstruction", "opinion"].map(|name| name.parse().unwrap()).into();
    let mut events = Vec::new();
    for (i, &(position, category, t, dry, fate)) in draws.iter().enumerate() {
        let (id, at) = (i.to_string(), 1_700_000_000 + t);
        events.push(Event::Report(Report { dry, ..Report::new(id.clone(), categories[category], position, at) }));
        let action = match fate {
            0 => Action::Retract,
            1 => Action::Resolve,
            2 => Action::Dismiss,
            3 => Action::Acknowledge,
            _ => continue,
        };
        if action == Action::Retract || !dry {
            events.push(Event::Act(Act { action, at: at + 60, report: id }));
        }
    }
    HazardMap::build(Settings::default(), (1..).zip(&events))
}

/// The counts and ids of a tile's features.
fn read(bytes: &[u8]) -> Vec<(u64, Option<String>)> {
    let reader = MvtReaderRef::new(bytes).unwrap();
    let mut found = Vec::new();
    for feature in reader.layers().flat_map(|layer| layer.features()) {
        let (mut count, mut id) = (0, None);
        for (key, value) in feature.properties_vec().unwrap() {
            match (key, value) {
                ("count", MvtValueRef::UInt(n)) => count = n,
                ("id", MvtValueRef::String(text)) => id = Some(text.to_owned()),
                _ => {}
            }
        }
        found.push((count, id));
    }
    found
}

fn number_matched(map: &HazardMap, layer: Layer, filter: &Filter) -> usize {
    let mut filter = filter.clone();
    filter.set(layer, "bbox", &format!("-180,-{LAST_LAT},180,{LAST_LAT}")).unwrap();
    layer.page(map, &filter).head().number_matched
}

fn tiles(z: u8) -> impl Iterator<Item = TileAddress> {
    let n = 1_u32 << z;
    (0..n)
        .flat_map(move |x| (0..n).map(move |y| (x, y)))
        .map(move |(x, y)| TileAddress::parse(&z.to_string(), &x.to_string(), &y.to_string()).unwrap())
}

/// The tile of a position and its neighbours: one of them has it, whichever way edges are rounded.
fn around(at: Position, z: u8) -> impl Iterator<Item = TileAddress> {
    let n = 1_i64 << z;
    let south = (1.0 - at.lat().to_radians().tan().asinh() / std::f64::consts::PI) / 2.0;
    let [x, y] = [(at.lon() + 180.0) / 360.0, south].map(|v| (v * n as f64).floor() as i64);
    let near = (-1..=1).flat_map(move |dx| (-1..=1).map(move |dy| ((x + dx).rem_euclid(n), y + dy)));
    near.filter(move |(_, y)| (0..n).contains(y))
        .map(move |(x, y)| TileAddress::parse(&z.to_string(), &x.to_string(), &y.to_string()).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_counts_over_all_tiles_of_a_zoom_are_what_the_layer_counts(
        draws in prop::collection::vec(event(), 1..120),
        which in 0..4_usize,
    ) {
        let map = map(&draws);
        for tiled in TileLayer::ALL {
            let layer = tiled.layer();
            let status = if layer == Layer::Hotspots { "candidate" } else { "resolved" };
            let queries = [
                ("category", "waterlogging"), ("status", status), ("datetime", "2024-01-01T00:00:00Z/2024-03-01T00:00:00Z"),
            ];
            let mut filter = Filter::default();
            // The fourth asks for everything.
            if let Some((name, value)) = queries.get(which) {
                filter.set(layer, name, value).unwrap();
            }
            let expected = number_matched(&map, layer, &filter);
            for z in 0..=6 {
                let counts = tiles(z).flat_map(|at| read(&tiled.tile(&map, at, &filter).unwrap()));
                prop_assert_eq!(counts.map(|(count, _)| count).sum::<u64>() as usize, expected, "{:?} at {}", layer, z);
            }
        }
    }

    #[test]
    fn from_the_zoom_of_points_on_every_report_is_drawn_once_by_itself(
        draws in prop::collection::vec(event(), 1..40),
        deeper in 0..=DEEPEST_ZOOM - 17,
    ) {
        let map = map(&draws);
        let tiled = TileLayer::Reports;
        let z = tiled.points_from() + deeper;
        let mut addresses: Vec<TileAddress> = draws.iter().flat_map(|draw| around(draw.0, z)).collect();
        addresses.sort_unstable();
        addresses.dedup();
        let drawn: Vec<_> =
            addresses.into_iter().flat_map(|at| read(&tiled.tile(&map, at, &Filter::default()).unwrap())).collect();
        prop_assert!(drawn.iter().all(|(count, _)| *count == 1));
        let ids: BTreeSet<_> = drawn.iter().filter_map(|(_, id)| id.clone()).collect();
        prop_assert_eq!(ids.len(), drawn.len());
        prop_assert_eq!(ids.len(), number_matched(&map, Layer::Reports, &Filter::default()));
    }

    /// Bundles of neighbours that lie at the date line, or across it, are swallowed by one box or looked at one by one.
    #[test]
    fn what_lies_within_a_few_metres_of_the_date_line_is_counted_once(
        metres in prop::collection::vec((any::<bool>(), prop_oneof![0..300_i32, 0..3_000_i32], -400..400_i32), 16..400),
    ) {
        let at = |&(east, off, lat): &(bool, i32, i32)| {
            Position::try_from((if east { 1_800_000_000 - off } else { off - 1_800_000_000 }, 200_000_000 + lat)).unwrap()
        };
        let draws: Vec<_> = metres.iter().map(|draw| (at(draw), 0, 0, false, 7)).collect();
        let map = map(&draws);
        for z in [0, 1, 4, 12] {
            let mut addresses: Vec<TileAddress> = draws.iter().flat_map(|draw| around(draw.0, z)).collect();
            addresses.sort_unstable();
            addresses.dedup();
            let counts = addresses.iter().flat_map(|&at| read(&TileLayer::Reports.tile(&map, at, &Filter::default()).unwrap()));
            prop_assert_eq!(counts.map(|(count, _)| count).sum::<u64>() as usize, draws.len(), "at {}", z);
        }
    }
}
