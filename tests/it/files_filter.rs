//! Files of a part of a layer: what a page of OGC API takes, a file takes, by the service and by the command line.

use serde_json::{Value, json};
use waterlog::hazard::layer::Layer;

use crate::files::World;
use crate::ogc_filter::encoded;
use crate::program::waterlog;
use crate::server::Server;

#[test]
fn a_file_takes_a_filter_an_order_and_properties_as_a_page_does() {
    let world = World::new();
    let server = Server::start_with(&world.folder.path().join("city"), &["--clock", "2024-12-31T06:00:00Z"]);
    let box_in_metres = "S_INTERSECTS(geometry, BBOX(-8238000, 4900000, -8220000, 5000000))";
    let mercator = "http://www.opengis.net/def/crs/EPSG/0/3857";
    let json = r#"{"op": "like", "args": [{"property": "id"}, "%1%"]}"#;
    let asked: [(&str, &[(&str, &str)]); 5] = [
        ("reports", &[("filter", "category = 'waterlogging' AND observed_at < TIMESTAMP('2024-01-12T00:00:00Z')")]),
        ("reports", &[("filter", box_in_metres), ("filter-crs", mercator)]),
        ("incidents", &[("filter", "reports < 2"), ("sortby", "-first_observed_at"), ("properties", "reports,status")]),
        ("reports", &[("filter", json), ("filter-lang", "cql2-json"), ("limit", "3")]),
        ("works", &[("filter", "kind = 'new_pump' AND \"end\" IS NULL")]),
    ];
    for (layer, parameters) in asked {
        let query =
            parameters.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect::<Vec<_>>().join("&");
        let features = |at: &str| -> Vec<Value> {
            let mut features = server.features(&format!("{at}?{query}"));
            features.iter_mut().for_each(|feature| drop(feature.as_object_mut().unwrap().remove("links")));
            features
        };
        let page = features(&format!("/ogc/collections/{layer}/items"));
        let all = world.features(Layer::named(layer).unwrap()).len();
        assert!(!page.is_empty() && page.len() < all, "{query}: {} of {all}", page.len());
        assert_eq!(features(&format!("/layers/{layer}.geojson")), page, "{query}");
        let only = parameters.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>();
        let mut arguments = vec!["--data", "city", "export", layer, "--only"];
        arguments.extend(only.iter().map(String::as_str));
        let printed: Value = serde_json::from_str(&waterlog(world.folder.path(), &arguments).expect_success()).unwrap();
        assert_eq!(printed["features"], json!(page), "{query}");
        let table = server.get(&format!("/layers/{layer}.csv?{query}"));
        assert_eq!(table.text().lines().count(), page.len() + 1, "{query}: {}", table.text());
        let packed = server.get(&format!("/layers/{layer}.gpkg?{query}"));
        assert_eq!(packed.status, 200, "{query}: {}", packed.text());
    }
    for (query, field, part) in [
        ("filter=depth%20%3E%203", "filter", "there is no property"),
        ("filter=true&filter-lang=sql", "filter-lang", "cql2-text"),
        ("filter=true&filter-crs=EPSG:4326", "filter-crs", "URI"),
        ("filter=true&filter-crs=http://www.opengis.net/def/crs/EPSG/0/32601", "filter-crs", "known here are"),
        ("sortby=colour", "sortby", "known"),
        ("properties=colour", "properties", "there are"),
    ] {
        for file in ["reports.geojson", "reports.csv"] {
            let answer = server.get(&format!("/layers/{file}?{query}"));
            let told = answer.problem(400);
            assert!(answer.json()["field"] == field && told.contains(part), "{query}: {told}");
        }
    }
}
