//! What a settled map says has changed is held against every feature of every layer, before and after.

use std::collections::BTreeMap;

use fastrand::Rng;
use serde_json::Value;
use waterlog::hazard::layer::{Bbox, Changes, Filter, Kept, Layer, LayerChanges};
use waterlog::hazard::map::HazardMap;
use waterlog::hazard::position::Position;
use waterlog::hazard::tile::{TileAddress, TileLayer};

use super::History;
use crate::worlds::number;

/// Every feature by layer and id, without what one event can change of all: rates by year, trend and rank.
type Features = BTreeMap<(&'static str, String), Value>;

fn features(map: &HazardMap) -> Features {
    let mut all = Features::new();
    // Closures go by the time of day, which is in no event.
    for layer in Layer::ALL.into_iter().filter(|layer| *layer != Layer::Closures) {
        let page = layer.page(map, &Filter::default()).text(Kept::ALL).expect("it is written");
        let mut page: Value = serde_json::from_slice(&page).expect("a page is JSON");
        for mut feature in std::mem::take(page["features"].as_array_mut().expect("it has features")) {
            let properties = feature["properties"].as_object_mut().expect("it has properties");
            let of_the_city = |name: &str| matches!(name, "trend" | "rank" | "rank_score");
            properties.retain(|name, _| !name.starts_with("occasions_per_year") && !of_the_city(name));
            let id = feature["id"].as_str().expect("it has an id").to_owned();
            assert!(all.insert((layer.name(), id), feature).is_none(), "an id stands for two features");
        }
    }
    all
}

#[test]
fn every_feature_that_looks_different_is_named_among_the_changes() {
    let histories = number("WATERLOG_HISTORIES", 200);
    let (mut differing, mut listed, mut justified, mut boxed, mut kept) = (0, 0, 0, 0, 0);
    for seed in 0..histories {
        let steps = 150;
        let mut history = History::new(seed, steps);
        let mut rng = Rng::with_seed(seed);
        let mut map = HazardMap::new(history.settings.clone());
        map.follow();
        let mut before = features(&map);
        while history.events.len() < steps {
            let from = history.events.len() as u64;
            for _ in 0..[1, 1, 1, 2, 5, 20][rng.usize(0..6)] {
                let event = history.next_event();
                map.apply(history.events.len() as u64 + 1, &event);
                history.events.push(event);
            }
            map.settle();
            let touched = map.take_touched().expect("somebody follows");
            let most = [0, 3, 1_000][rng.usize(0..3)];
            let changes = Changes::of(&map, *touched, most);
            assert_eq!((changes.previous, changes.position), (from, history.events.len() as u64));
            let after = features(&map);
            // Among others that what is kept of hotspots is not old.
            map.check();
            let last = history.events.last();
            differing += check(&before, &after, &changes, &|what| panic!("history {seed}: {what} after {last:?}"));
            kept += versions(&before, &after, &map);
            for LayerChanges { layer, ids, .. } in changes.changed.iter().filter(|_| most > 3) {
                let ids = ids.iter().flatten().map(|id| (layer.name(), id.clone()));
                let differs: Vec<bool> = ids.map(|key| before.get(&key) != after.get(&key)).collect();
                listed += differs.len();
                justified += differs.iter().filter(|differs| **differs).count();
            }
            boxed += changes.changed.iter().filter(|c| c.ids.is_none() && c.bbox.is_some()).count();
            before = after;
        }
    }
    told!("changes: {differing} differing features; {justified} of {listed} listed ones differ; {boxed} boxes");
    assert!(kept > 1_000, "tiles hardly ever stay as they were");
    assert!(differing > 1_000 && boxed > 100 && listed > 1_000, "too little was compared");
    assert!(2 * justified > listed, "most of what is named looks the same");
}

/// Every tile that a feature which looks different lies or lay in must be of another version now; counts those that still
/// have their old one.
fn versions(before: &Features, after: &Features, map: &HazardMap) -> usize {
    let mut kept = 0;
    for key in after.keys().chain(before.keys().filter(|key| !after.contains_key(*key))) {
        let tiled = TileLayer::named(key.0).is_some();
        for feature in [before.get(key), after.get(key)].into_iter().flatten().filter(|_| tiled) {
            let at = corners(&feature["geometry"]["coordinates"])[0];
            for zoom in [0, 11, 16, 20] {
                let version = map.tile_version(TileAddress::holding(at, zoom));
                if before.get(key) == after.get(key) {
                    kept += usize::from(version < map.position());
                } else {
                    assert_eq!(version, map.position(), "{key:?} differs, its tile of zoom {zoom} is said not to");
                }
            }
        }
    }
    kept
}

/// Counts the features that differ; each must be named, or lie in the box of a list that is too long.
fn check(before: &Features, after: &Features, changes: &Changes, fail: &dyn Fn(String)) -> usize {
    let mut differing = 0;
    let keys: std::collections::BTreeSet<_> = before.keys().chain(after.keys()).collect();
    for key in keys.into_iter().filter(|key| before.get(*key) != after.get(*key)) {
        differing += 1;
        let (layer, id) = key;
        let Some(entry) = changes.changed.iter().find(|c| c.layer.name() == *layer) else {
            fail(format!("{layer} {id}: no change on its layer: {:?} {:?}", before.get(key), after.get(key)));
            continue;
        };
        if let Some(ids) = &entry.ids
            && !ids.contains(id)
        {
            fail(format!("{layer} {id} is not named: {:?} {:?}", before.get(key), after.get(key)));
        }
        let Some([west, south, east, north]) = entry.bbox else { continue };
        let bbox = Bbox::new(west, south, east, north);
        for feature in [before.get(key), after.get(key)].into_iter().flatten() {
            let corners = corners(&feature["geometry"]["coordinates"]);
            assert!(!corners.is_empty(), "it lies somewhere");
            if !corners.into_iter().all(|at| bbox.contains(at)) {
                fail(format!("{layer} {id} lies outside its box {bbox:?}"));
            }
        }
    }
    differing
}

/// The position of a point, or all those of an area.
fn corners(coordinates: &Value) -> Vec<Position> {
    let parts = coordinates.as_array().expect("coordinates are a list");
    if let [Value::Number(lon), Value::Number(lat)] = &parts[..] {
        let [lon, lat] = [lon, lat].map(|v| v.as_f64().expect("a coordinate is a number"));
        return vec![Position::new(lon, lat).expect("it lies on the Earth")];
    }
    parts.iter().flat_map(corners).collect()
}

#[test]
fn nobody_follows_then_nothing_is_noted_and_following_changes_no_map() {
    let mut history = History::new(7, 120);
    let mut followed = HazardMap::new(history.settings.clone());
    let mut alone = HazardMap::new(history.settings.clone());
    followed.follow();
    for seq in 1..=120 {
        let event = history.next_event();
        for map in [&mut followed, &mut alone] {
            map.apply(seq, &event);
            map.settle();
        }
        assert!(alone.take_touched().is_none());
        let touched = followed.take_touched().expect("somebody follows");
        assert_eq!(touched.since, seq - 1);
        history.events.push(event);
    }
    assert_eq!(followed.digest(), alone.digest());
}
