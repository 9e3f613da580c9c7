//! The demo city over HTTP: the hotspots that the referee finds, under the names people know them by.

use serde_json::json;
use waterlog::hazard::map::HazardMap;
use waterlog::hazard::settings::Settings;
use waterlog::intake::import::import;
use waterlog::intake::mapping::Mapping;
use waterlog::intake::rain;
use waterlog::intake::table::Table;
use waterlog::live::Live;

use crate::server::Server;

/// 2024-07-01T12:00:00Z, after all of the demo's data.
const NOW: i64 = 1_719_835_200;

#[test]
fn the_demo_citys_worst_hotspots_are_served_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let data = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("data/nyc-2024");
    let live = Live::open(dir.path(), Settings::default()).unwrap();
    let loaded = rain::read(
        Table::open(data.join("rain.csv")).unwrap(),
        HazardMap::new(Settings::default()).gauges(),
        &rain::Options::default(),
    )
    .unwrap();
    live.submit_all(loaded.drafts).unwrap();
    let table = Table::open(data.join("reports.csv")).unwrap();
    let mapping = Mapping::load("nyc-2024").unwrap();
    let summary = import(table, &mapping, NOW, &mut |batch| live.submit_all(batch), &|_| {}).unwrap();
    assert_eq!((summary.reports_new, summary.rejects.len()), (5_281, 44));
    live.close();

    let server = Server::start_with(dir.path(), &[]);
    assert_eq!(server.ids("/layers/reports.geojson").len(), 5_281);
    let worst = server.features("/layers/hotspots.geojson?category=waterlogging&limit=10");
    let row = |f: &serde_json::Value| {
        let p = &f["properties"];
        json!([p["name"], p["occasions"], p["occasions_storm"], p["occasions_not_found"], p["status"]])
    };
    let rows: Vec<_> = worst.iter().map(row).collect();
    println!("{rows:#?}");
    // Name, occasions, in storms, not found; the figures are those of the referee's hotspots.json.
    let expected = json!([
        ["19 Av & 58 St", 17, 5, 9, "confirmed"],
        ["8 Av & W 52 St", 16, 6, 1, "recurring"],
        ["Freeborn St & Hempstead Av", 10, 8, 5, "recurring"],
        ["Broadway & W 82 St", 9, 0, 0, "recurring"],
        ["135 Av & Farmers Blvd", 8, 5, 5, "recurring"],
        ["Meredith Av & South Av", 8, 2, 1, "recurring"],
        ["35 Av & 153 St", 7, 7, 4, "confirmed"],
        ["104 St & McKee Ct", 7, 2, 2, "recurring"],
        ["Almeda Av & Beach 69 St", 7, 7, 3, "recurring"],
        ["Bergen Av & Bergen Ct", 6, 1, 0, "recurring"],
    ]);
    assert_eq!(json!(rows), expected);

    // Each occasion has evidence, or was only reported, or is contradicted, which is told by weather.
    let all = server.features("/layers/hotspots.geojson?limit=1000");
    let mut contradicted = 0;
    for hotspot in &all {
        let of = |name: &str| hotspot["properties"][name].as_u64().unwrap();
        let weathers = ["storm", "small_rain", "dry_weather", "unknown"].map(|weather| {
            let pair = [format!("occasions_{weather}"), format!("occasions_{weather}_contradicted")];
            pair.map(|name| of(&name))
        });
        assert!(weathers.iter().all(|[all, contradicted]| contradicted <= all), "{hotspot}");
        let here: u64 = weathers.iter().map(|[_, contradicted]| contradicted).sum();
        assert_eq!(of("occasions_evidence") + of("occasions_unchecked") + here, of("occasions"), "{hotspot}");
        contradicted += here;
    }
    println!("{} hotspots, {contradicted} occasions contradicted", all.len());
    assert!(contradicted > 100);
}
