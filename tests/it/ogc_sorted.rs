//! The order of features, and which properties they have, as a request asks for them.

use std::cmp::Ordering;

use serde_json::{Value, json};
use waterlog::hazard::layer::Layer;

use crate::ogc::{link, path};
use crate::ogc_filter::{encoded, everything, golden};
use crate::program::waterlog;
use crate::server::{Server, seed};

/// All features, page after page.
fn read(server: &Server, first: &str) -> Vec<Value> {
    let (mut next, mut all) = (Some(first.to_owned()), Vec::new());
    while let Some(at) = next {
        let page = server.get(&at).json();
        all.extend(page["features"].as_array().unwrap_or_else(|| panic!("{at}: {page}")).clone());
        next = link(&page, "next").map(|link| path(server, &link["href"]).to_owned());
    }
    all
}

/// Numbers by their size, texts of times by their letters, null last.
fn compare(a: &Value, b: &Value, descending: bool) -> Ordering {
    let order = match (a, b) {
        (Value::Null, _) | (_, Value::Null) => return a.is_null().cmp(&b.is_null()),
        (Value::String(a), Value::String(b)) => a.cmp(b),
        _ => a.as_f64().unwrap().total_cmp(&b.as_f64().unwrap()),
    };
    if descending { order.reverse() } else { order }
}

#[test]
fn features_come_in_the_order_of_several_properties_whatever_the_page() {
    let server = Server::seeded(&golden());
    for (collection, by) in [
        ("reports", "-depth_cm,+observed_at"),
        ("reports", "depth_cm"),
        ("reports", "-received_at"),
        ("incidents", "-reports,time_to_close_s,-first_observed_at"),
        ("hotspots", "+occasions,-last_seen"),
        ("storms", "-depth_mm,start"),
        ("works", "-start,end"),
        ("coverage", "-reporters,-reports"),
    ] {
        let mut expected = everything(&server, collection);
        expected.sort_by(|a, b| {
            let each = by.split(',').map(|one| {
                let (name, descending) = (one.trim_start_matches(['+', '-']), one.starts_with('-'));
                compare(&a["properties"][name], &b["properties"][name], descending)
            });
            each.fold(Ordering::Equal, Ordering::then)
        });
        for limit in [3, 1_000] {
            let at = format!("/ogc/collections/{collection}/items?limit={limit}&sortby={}", encoded(by));
            let ids = |features: &[Value]| features.iter().map(|f| f["id"].clone()).collect::<Vec<_>>();
            assert_eq!(ids(&read(&server, &at)), ids(&expected), "{collection} {by}");
        }
    }
    // As it is often written: + stands for a space in an address.
    let plain = |by: &str| server.ids(&format!("/ogc/collections/reports/items?sortby={by}"));
    assert_eq!(
        (plain("+depth_cm"), plain("depth_cm,+observed_at")),
        (plain("depth_cm"), plain("depth_cm,observed_at"))
    );
    let filtered = server.features("/ogc/collections/reports/items?sortby=-depth_cm&filter=depth_cm%3C30&limit=1");
    let depths = everything(&server, "reports").into_iter().filter_map(|f| f["properties"]["depth_cm"].as_u64());
    assert_eq!(filtered[0]["properties"]["depth_cm"].as_u64(), depths.filter(|depth| *depth < 30).max());
}

#[test]
fn sortables_are_described_and_nothing_else_is_sorted_by() {
    let server = Server::seeded(&golden());
    for layer in Layer::ALL {
        let at = format!("/ogc/collections/{}", layer.name());
        let to = server.get(&at).json();
        let to = link(&to, "http://www.opengis.net/def/rel/ogc/1.0/sortables").unwrap().clone();
        let answer = server.get(path(&server, &to["href"]));
        assert_eq!(
            (answer.header("content-type"), &to["type"]),
            ("application/schema+json", &json!("application/schema+json"))
        );
        let schema = answer.json();
        assert_eq!((&schema["$id"], &schema["type"]), (&to["href"], &json!("object")));
        let queryables = server.get(&format!("{at}/queryables")).json();
        let sortables = schema["properties"].as_object().unwrap();
        assert_eq!(sortables.len(), layer.sorts().len());
        for (name, described) in sortables {
            assert_eq!(described, &queryables["properties"][name]);
            assert_eq!(server.get(&format!("{at}/items?sortby=-{name}")).status, 200, "{name}");
        }
    }
    for (query, field, part) in [
        ("reports/items?sortby=channel", "sortby", "known are observed_at, received_at, depth_cm"),
        ("reports/items?sortby=", "sortby", "known are"),
        ("reports/items?sortby=depth_cm,-depth_cm", "sortby", "given twice"),
        ("places/items?sortby=name", "sortby", "unknown query parameter"),
        ("reports/items?properties=depth", "properties", "unknown; there are category, observed_at"),
        ("reports/items?properties=", "properties", "unknown"),
    ] {
        let answer = server.get(&format!("/ogc/collections/{query}"));
        assert!(answer.problem(400).contains(part) && answer.json()["field"] == field, "{query}: {}", answer.text());
    }
}

#[test]
fn features_have_the_properties_that_are_asked_for_and_no_others() {
    let server = Server::seeded(&golden());
    for layer in Layer::ALL {
        let all = everything(&server, layer.name());
        let names = layer.published();
        let wanted = [names[0], names[names.len() - 1]];
        let at = format!("/ogc/collections/{}/items?limit=4&properties={},{}", layer.name(), wanted[0], wanted[1]);
        let some = read(&server, &at);
        // Nothing of long ago is closed now.
        assert!(some.len() == all.len() && all.is_empty() == (layer == Layer::Closures));
        for (some, whole) in some.iter().zip(&all) {
            let mut expected = whole.clone();
            expected["properties"].as_object_mut().unwrap().retain(|name, _| wanted.contains(&name.as_str()));
            assert_eq!(some, &expected);
        }
    }
}

#[test]
fn files_of_every_format_have_the_properties_that_are_asked_for_and_no_others() {
    let server = Server::seeded(&golden());
    let folder = tempfile::tempdir().unwrap();
    let at = "/ogc/collections/reports/items?properties=depth_cm,category&limit=5";
    let lines = server.get(&format!("{at}&f=csv")).text();
    assert_eq!(lines.lines().next(), Some("id,lon,lat,category,depth_cm"));
    assert_eq!(lines.lines().count(), 6);
    let whole = server.get("/ogc/collections/reports/items?limit=5&f=csv").text();
    for (some, whole) in lines.lines().zip(whole.lines()) {
        let whole: Vec<_> = whole.split(',').collect();
        assert_eq!(some.split(',').collect::<Vec<_>>(), [&whole[..4], &whole[9..10]].concat());
    }
    for feature in server.get(&format!("{at}&f=geojsonseq")).text().lines() {
        let feature: Value = serde_json::from_str(feature.trim_start_matches('\u{1e}')).unwrap();
        let names: Vec<_> = feature["properties"].as_object().unwrap().keys().collect();
        assert_eq!(names, ["category", "depth_cm"]);
    }
    for (format, ending) in [("gpkg", "gpkg"), ("fgb", "fgb"), ("kml", "kml")] {
        let answer = server.get(&format!("{at}&f={format}"));
        assert_eq!(answer.status, 200, "{format}: {}", answer.text());
        let file = folder.path().join(format!("some.{ending}"));
        std::fs::write(&file, &answer.body).unwrap();
        let told = std::process::Command::new("ogrinfo").args(["-ro", "-so", "-al"]).arg(&file).output().unwrap();
        let told = String::from_utf8(told.stdout).unwrap();
        let has = |name: &str| told.lines().any(|line| line.starts_with(&format!("{name}: ")));
        assert!(told.contains("Feature Count: 5") && has("category") && has("depth_cm"), "{format}: {told}");
        assert!(!has("observed_at") && !has("channel") && !has("status"), "{format}: {told}");
    }
    let parquet = server.get(&format!("{at}&f=parquet")).body;
    let holds = |what: &str| parquet.windows(what.len()).any(|part| part == what.as_bytes());
    assert!(parquet.starts_with(b"PAR1") && holds("depth_cm") && !holds("observed_at"));
    let tags = [at, "/ogc/collections/reports/items?properties=category&limit=5"].map(|at| {
        let answer = server.get(&format!("{at}&f=csv"));
        (answer.header("etag").to_owned(), answer.body.len())
    });
    assert_ne!(tags[0].1, tags[1].1);
}

#[test]
fn an_export_has_the_properties_that_are_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    seed(folder.path(), &golden());
    let export = |more: &[&str]| {
        let arguments = ["--data", ".", "export", "reports", "--format", "csv", "--only", "limit=3"];
        waterlog(folder.path(), &[&arguments[..], more].concat()).expect_success()
    };
    assert_eq!(export(&["properties=channel,category"]).lines().next(), Some("id,lon,lat,category,channel"));
    assert_eq!(export(&["properties=channel"]).lines().count(), 4);
}
