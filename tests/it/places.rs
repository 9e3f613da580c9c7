//! Places are found by what somebody types, and the nearest to where he stands.

use serde_json::{Value, json};
use waterlog::hazard::event::{Event, Place};
use waterlog::hazard::position::Position;

use crate::photos::sample::{haikou, jpeg, quarters};
use crate::program::waterlog;
use crate::server::Server;

fn city() -> Server {
    let place = |(id, lon, name): (&str, f64, &str)| Place {
        id: id.into(),
        position: Position::new(lon, 20.0).unwrap(),
        name: Some(name.into()),
        aliases: Vec::new(),
    };
    let all = [
        ("a", 110.30, "豪苑路与南海大道"),
        ("b", 110.31, "豪苑路"),
        ("c", 110.32, "和信广场"),
        ("d", 110.33, "Haixiu Rd & W 82 St"),
    ];
    Server::seeded(&[Event::Places(all.map(place).to_vec())])
}

fn found(server: &Server, query: &str) -> Vec<Value> {
    let answer = server.get(&format!("/api/v1/places?{query}"));
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"), "{}", answer.text());
    answer.json()["places"].as_array().unwrap().clone()
}

fn ids(found: &[Value]) -> Vec<&str> {
    found.iter().map(|place| place["id"].as_str().unwrap()).collect()
}

#[test]
fn a_place_is_found_by_its_beginning_its_initials_and_with_a_wrong_character() {
    let server = city();
    // 豪苑路, 濠苑路, 广场
    assert_eq!(ids(&found(&server, "q=%E8%B1%AA%E8%8B%91%E8%B7%AF")), ["b", "a"]);
    assert_eq!(ids(&found(&server, "q=%E6%BF%A0%E8%8B%91%E8%B7%AF&limit=1")), ["b"]);
    assert_eq!(ids(&found(&server, "q=%E5%B9%BF%E5%9C%BA")), ["c"]);
    assert_eq!(ids(&found(&server, "q=hxgc")), ["c"]);
    let expected = json!({"id": "d", "name": "Haixiu Rd & W 82 St", "lon": 110.33, "lat": 20.0, "kind": "crossing",
        "matched": "Haixiu Rd & W 82 St"});
    assert_eq!(found(&server, "q=haixu"), [expected]);
    assert_eq!(found(&server, "q=hxgc")[0]["kind"], "place");
}

#[test]
fn names_of_a_file_in_several_languages_are_found_by_search_and_in_messages() {
    let folder = tempfile::tempdir().unwrap();
    let table = "id,lon,lat,name,name:en,old_name,aliases\nx,110.3,20.0,和信广场,Hexin Plaza,人民广场,药谷|药谷口\n";
    std::fs::write(folder.path().join("p.csv"), table).unwrap();
    waterlog(folder.path(), &["--data", "city", "import", "--places", "p.csv"]).expect_success();
    let server = Server::start_with(&folder.path().join("city"), &[]);
    let matched = |query: &str| found(&server, query).iter().map(|p| p["matched"].clone()).collect::<Vec<_>>();
    assert_eq!(matched("q=hexin%20pl"), ["Hexin Plaza"]);
    // rmgc, 药谷
    assert_eq!((matched("q=rmgc"), matched("q=%E8%8D%AF%E8%B0%B7")), (vec![json!("人民广场")], vec![json!("药谷")]));
    assert_eq!(found(&server, "q=rmgc")[0]["name"], "和信广场");
    for text in ["人民广场积水", "Hexin Plaza is flooded", "药谷口积水"] {
        let body = json!({"text": text}).to_string();
        let answer = server.post_at("/api/v1/reports/parse", body.as_bytes(), &[("content-type", "application/json")]);
        assert_eq!(answer.json()["matters"][0]["place_id"], "x", "{text}");
    }
    assert_eq!(server.features("/layers/places.geojson")[0]["properties"], json!({"name": "和信广场"}));
}

#[test]
fn near_gives_the_nearest_and_what_is_wrong_is_said() {
    let server = city();
    let nearest = found(&server, "near=110.3205,20.0&limit=2");
    assert_eq!((ids(&nearest), nearest[0]["distance_m"].as_f64()), (vec!["c", "d"], Some(52.0)));
    assert_eq!(ids(&found(&server, "q=&near=110.2,20.0&limit=1")), ["a"]);
    for (query, told) in [
        ("near=x", "write lon,lat in degrees"),
        ("near=20,110", "swap the axes"),
        ("q=a&limit=51", "[1, 50]"),
        ("q=a&bbox=1,2,3,4", "known are q, near, limit"),
        (&format!("q={}", "a".repeat(65)), "65 characters; at most 64 are taken"),
    ] {
        assert!(server.get(&format!("/api/v1/places?{query}")).problem(400).contains(told), "{query}");
    }
    assert_eq!(server.features("/api/v1/places").len(), 4, "without either it is the list it was");
}

#[test]
fn a_photo_taken_far_from_every_place_is_doubted() {
    let server = city();
    let notes = |by_lat: bool| {
        let mut fields = haikou();
        if by_lat {
            // The same spot west of Greenwich.
            fields.retain(|field| field.tag != exif::Tag::GPSLongitudeRef);
            fields.push(crate::photos::sample::words(exif::Tag::GPSLongitudeRef, "W"));
        }
        let file = jpeg(&quarters(32, 16), &fields);
        server.post_at("/api/v1/photos", &file, &[("content-type", "image/jpeg")]).json()["notes"].to_string()
    };
    assert_eq!(notes(false), "[]");
    let told = notes(true);
    assert!(told.contains("km from the nearest place that is known here: in the sea"), "{told}");
}
