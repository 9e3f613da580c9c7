//! What comes in by Open311: lenient in how it is written, refused as the specification says, kept apart from who says it.

use serde_json::{Value, json};

use crate::open311::{AT, GRID, desk, ids, open, post, posted, take};
use crate::open311_reader::{BASE, both, same, xml};
use crate::people::{add, key, user};
use crate::photos::sample::{encoded, quarters};
use crate::program::waterlog;
use crate::server::{Answer, Server};

/// The one error of an answer.
fn error(answer: &Answer) -> (u64, String) {
    let errors = answer.json();
    assert_eq!(errors.as_array().map(Vec::len), Some(1), "{errors}");
    assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
    (errors[0]["code"].as_u64().unwrap(), errors[0]["description"].as_str().unwrap().to_owned())
}

#[test]
fn errors_are_lists_of_code_and_description_in_the_format_that_was_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let args = ["--clock", "2026-01-01T00:00:00Z", "--jurisdiction", "city.example", "--contact", "Ms Wu, room 3"];
    let server = Server::start_with(folder.path(), &args);
    assert_eq!(both(&server, "discovery?jurisdiction_id=CITY.example", &[]).0["contact"], "Ms Wu, room 3");
    for (path, status, part) in [
        ("services.json?jurisdiction_id=other.example", 404, "no jurisdiction_id \"other.example\""),
        ("services/flood.json", 404, "no service_code \"flood\""),
        ("requests/none.json", 404, "no service_request_id \"none\""),
        ("tokens/none.json", 404, "token not found"),
        ("none.json", 404, "there is nothing at"),
        ("requests.json?status=pending", 400, "status \"pending\": neither open nor closed"),
        ("requests.json?start_date=2026-01-01", 400, "start_date \"2026-01-01\": "),
        ("requests.json?start_date=2026-01-01", 400, "RFC 3339"),
        ("requests.json?bbox=1,2,3", 400, "bbox \"1,2,3\": "),
        ("requests.json?service_code=%ff", 400, "not UTF-8"),
        ("requests.json?extensions=perhaps", 400, "neither true nor false"),
    ] {
        let answer = server.get(&format!("{BASE}/{path}"));
        let (code, told) = error(&answer);
        assert_eq!((answer.status, code), (status, u64::from(status)), "{path}: {told}");
        assert!(told.contains(part), "{path}: {told}");
        let other = xml(&server.get(&format!("{BASE}/{}", path.replace(".json", ".xml"))));
        assert_eq!((other.name.as_str(), other.kids[0].names()), ("errors", vec!["code", "description"]), "{path}");
        assert_eq!(other.at("error/code").text, code.to_string());
    }
    for (form, status, part) in [
        ("lat=1&long=2".to_owned(), 400, "service_code: was not provided"),
        (format!("service_code=flood&{AT}"), 404, "no service_code"),
        (format!("service_code=manhole&{AT}&jurisdiction_id=other"), 404, "no jurisdiction_id"),
        ("service_code=manhole".to_owned(), 400, "address information not provided"),
        (format!("service_code=manhole&{AT}&api_key=wl_none"), 403, "the API key is unknown"),
        (format!("service_code=manhole&{AT}&attribute[observed_at]=2026-01-01T00:00:00"), 400, "offset"),
    ] {
        let answer = post(&server, "requests.json", &form);
        let (code, told) = error(&answer);
        assert_eq!((answer.status, code), (status, u64::from(status)), "{form}: {told}");
        assert!(told.contains(part), "{form}: {told}");
        assert_eq!(xml(&post(&server, "requests.xml", &form)).at("error/code").text, code.to_string());
    }
    // No suffix, or another: XML is what every client of Open311 reads.
    assert_eq!(xml(&server.get(&format!("{BASE}/services.yaml"))).at("error/code").text, "404");
    assert_eq!(server.send("DELETE", &format!("{BASE}/services.json"), &[], b"").status, 405);
    let kind = server.post_at(&format!("{BASE}/requests.json"), b"x", &[("content-type", "text/plain")]);
    assert_eq!((kind.status, error(&kind).0), (400, 415));
    let bearer = server.get_with(&format!("{BASE}/requests.json"), &[("authorization", "Bearer wl_none")]);
    assert_eq!((bearer.status, error(&bearer).0), (403, 403));
    assert_eq!(server.get("/readyz").json()["position"], 0);
}

#[test]
fn however_a_request_is_written_it_is_the_same_report() {
    let server = Server::start();
    let address = format!("{BASE}/requests.json");
    let mut taken = vec![
        posted(
            &server,
            "SERVICE_CODE=waterlogging&Lat=20.0148&LNG=+110.3312&attribute[depth_cm]=35&email=&address_id=",
        ),
        posted(&server, "service_code=waterlogging&latitude=20.0148&longitude=110.3312&attribute[depth_cm][]=35"),
    ];
    let whole = "service_code=waterlogging&lat=20.0148&long=110.3312&attribute[depth_cm]=35";
    let bodies = [
        (
            address.clone(),
            "application/json",
            r#"{"service_code": "waterlogging", "lat": 20.0148, "long": "110.3312", "attribute": {"depth_cm": 35}}"#,
        ),
        (
            address.clone(),
            "multipart/form-data; boundary=b",
            "--b\r\nContent-Disposition: form-data; name=\"service_code\"\r\n\r\nwaterlogging\r\n--b\r\nContent-Disposition: form-data; name=\"lat\"\r\n\r\n20.0148\r\n--b\r\nContent-Disposition: form-data; name=\"long\"\r\n\r\n110.3312\r\n--b\r\nContent-Disposition: form-data; name=\"attribute[depth_cm]\"\r\n\r\n35\r\n--b--\r\n",
        ),
        // Everything in the address, and nothing in the body.
        (format!("{address}?{whole}"), "application/x-www-form-urlencoded", ""),
    ];
    for (address, kind, body) in bodies {
        let answer = server.post_at(&address, body.as_bytes(), &[("content-type", kind)]);
        assert_eq!(answer.status, 201, "{kind}: {}", answer.text());
        taken.push(ids(&answer.json()).remove(0));
    }
    let features = server.features("/api/v1/reports");
    assert_eq!(features.len(), taken.len());
    for feature in features {
        assert_eq!(feature["geometry"]["coordinates"], json!([110.3312, 20.0148]));
        assert_eq!(
            (&feature["properties"]["depth_cm"], &feature["properties"]["category"]),
            (&json!(35), &json!("waterlogging"))
        );
    }
}

#[test]
fn a_photo_comes_with_a_multipart_form_and_is_seen_by_whoever_may() {
    let (server, _folder) = desk();
    let photo = encoded(&quarters(32, 16), image::ImageFormat::Png);
    let form = |file: &[u8]| {
        let part = |name: &str, value: &str| {
            format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").into_bytes()
        };
        let head = b"--b\r\nContent-Disposition: form-data; name=\"media\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n";
        [
            &part("service_code", "manhole")[..],
            &part("lat", "20.0148"),
            &part("long", "110.3312"),
            head,
            file,
            b"\r\n--b--\r\n",
        ]
        .concat()
    };
    let post = |file: &[u8]| {
        server.post_at(
            &format!("{BASE}/requests.json"),
            &form(file),
            &[("content-type", "multipart/form-data; boundary=b")],
        )
    };
    let answer = post(&photo);
    assert_eq!(answer.status, 201, "{}", answer.text());
    let id = ids(&answer.json()).remove(0);
    assert_eq!(server.get("/api/v1/incidents/i1").json()["properties"]["evidence"], true);
    let seen = |headers: &[(&str, &str)]| both(&server, &format!("requests/{id}"), headers).0[0]["media_url"].clone();
    assert_eq!(seen(&[]), Value::Null);
    let url = seen(&GRID).as_str().unwrap().to_owned();
    let path = url.strip_prefix(&server.address).unwrap();
    assert!(server.get_with(path, &GRID).body.starts_with(b"\xff\xd8\xff"));
    assert_eq!(server.get(path).status, 401);
    for (file, code) in [(&b"%PDF-1.7 no picture"[..], 415), (&photo[..photo.len() / 2], 422)] {
        let refused = post(file);
        assert_eq!((refused.status, error(&refused).0), (400, code), "{}", refused.text());
    }
    assert_eq!(server.features("/api/v1/reports").len(), 1);
}

#[test]
fn no_text_breaks_out_of_its_place_in_either_format() {
    let (server, _folder) = desk();
    let odd =
        "</description><status>closed</status><script>alert(1)</script>&amp;]]>\u{1}\u{0b}\u{ffff}\"'\n积水\u{1f30a}";
    let form: String = odd.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let id = posted(&server, &format!("service_code=waterlogging&{AT}&description={form}"));
    let path = format!("{BASE}/requests/{id}");
    let json = server.get_with(&format!("{path}.json"), &GRID).json();
    assert_eq!(json[0]["description"], odd);
    let element = xml(&server.get_with(&format!("{path}.xml"), &GRID));
    let clean: String = odd.chars().filter(|c| !matches!(c, '\u{1}' | '\u{b}' | '\u{ffff}')).collect();
    assert_eq!(element.at("request/description").text, clean);
    assert_eq!(element.at("request/status").text, "open");
    // Neither does what an error repeats.
    let wrong = server.get(&format!("{BASE}/services/%3Cb%3E%01.xml"));
    assert_eq!((wrong.status, xml(&wrong).at("error/code").text.as_str()), (404, "404"));
}

#[test]
fn a_person_is_in_no_answer_and_in_no_log_and_is_found_and_erased_by_how_he_is_reached() {
    let (server, folder) = desk();
    let secrets =
        ["li.lei@mail.example", "13800138000", "Leiname", "Liname", "acct-7731", "device-5599", "a.example/mine"];
    let form = format!(
        "service_code=waterlogging&{AT}&description=at+my+door&email=Li.Lei@mail.example&phone=13800138000&first_name=Leiname&last_name=Liname&account_id=acct-7731&device_id=device-5599&media_url=https://a.example/mine"
    );
    let taken = post(&server, "requests.json?extensions=true", &form);
    let id = ids(&taken.json()).remove(0);
    let other = posted(&server, &format!("service_code=waterlogging&{AT}&description=another&email=wu@mail.example"));
    take(&server, "i1", json!({"step": "acknowledge"}));
    let told: Vec<String> = [
        taken.text(),
        server.get(&format!("{BASE}/requests.xml?extensions=true")).text(),
        server.get(&format!("{BASE}/requests/{id}.json?extensions=true")).text(),
        server.get("/api/v1/incidents/i1").text(),
        server.get("/layers/reports.geojson").text(),
        server.log(),
        // Staff see the links, and nothing of the person.
        server.get_with(&format!("{BASE}/requests.json"), &GRID).text().replace("a.example/mine", ""),
    ]
    .into();
    drop(server);
    let public =
        ["waterlog.db", "waterlog.db-wal"].map(|name| std::fs::read(folder.path().join(name)).unwrap_or_default());
    let public = String::from_utf8_lossy(&public.concat()).into_owned();
    for text in told.iter().chain([&public]).map(|text| text.to_lowercase()) {
        assert!(secrets.iter().all(|secret| !text.contains(&secret.to_lowercase())), "{text}");
    }
    let export = |contact: &str| -> Value {
        serde_json::from_str(&user(folder.path(), &["export", "--contact", contact], "").expect_success()).unwrap()
    };
    for contact in ["li.lei@MAIL.example", "13800138000"] {
        let held = export(contact);
        assert_eq!(held["reports"].as_array().unwrap().len(), 1, "{held}");
        assert_eq!(
            (&held["reports"][0]["text"], &held["reports"][0]["sender"]["last_name"]),
            (&json!("at my door"), &json!("Liname"))
        );
    }
    // Copies have it, and it belongs to the log.
    let data = folder.path().to_str().unwrap();
    let copy = folder.path().join("copy");
    waterlog(folder.path(), &["--data", data, "backup", copy.to_str().unwrap()]).expect_success();
    assert!(user(&copy, &["export", "--contact", "13800138000"], "").expect_success().contains("Liname"));
    let erased = user(folder.path(), &["erase", "--contact", "li.lei@mail.example"], "").expect_success();
    assert!(erased.contains("1 texts"), "{erased}");
    assert_eq!(export("13800138000")["reports"], json!([]));
    let private =
        ["private.db", "private.db-wal"].map(|name| std::fs::read(folder.path().join(name)).unwrap_or_default());
    let private = String::from_utf8_lossy(&private.concat()).into_owned();
    for secret in secrets.iter().chain(&["at my door"]) {
        assert!(!private.to_lowercase().contains(&secret.to_lowercase()), "{secret}");
    }
    waterlog(folder.path(), &["--data", data, "verify"]).expect_success();
    let server = open(folder.path());
    let reports = server.get_with(&format!("{BASE}/requests.json?sort=requested_datetime"), &GRID).json();
    assert_eq!(ids(&reports), [id, other]);
    assert_eq!((&reports[0]["description"], &reports[1]["description"]), (&Value::Null, &json!("another")));
}

#[test]
fn a_key_files_in_its_accounts_name_wherever_it_stands_and_one_for_something_else_does_not() {
    let folder = tempfile::tempdir().unwrap();
    add(folder.path(), "gateway", "reporter", &[]);
    let [good, other] = [&["report"], &["read"]].map(|scopes| key(folder.path(), "gateway", scopes));
    let server = Server::start_with(folder.path(), &["--clock", "2026-01-01T00:00:00Z"]);
    let form = format!("service_code=waterlogging&{AT}&description=by+a+gateway&email=li@mail.example");
    posted(&server, &format!("{form}&api_key={good}"));
    let in_address = post(&server, &format!("requests.json?api_key={good}"), &form);
    assert_eq!(in_address.status, 201, "{}", in_address.text());
    let refused = post(&server, "requests.json", &format!("{form}&api_key={other}"));
    assert_eq!((refused.status, error(&refused).0), (403, 403));
    assert!(error(&refused).1.contains("lacks the scope report"), "{}", refused.text());
    posted(&server, &form);
    assert_eq!(server.get("/api/v1/incidents/i1").json()["properties"]["reporters"], 1);
    drop(server);
    let held: Value = serde_json::from_str(&user(folder.path(), &["export", "gateway"], "").expect_success()).unwrap();
    assert_eq!(held["reports"].as_array().unwrap().len(), 2);
    assert_eq!(held["reports"][0]["sender"]["email"], "li@mail.example");
    user(folder.path(), &["erase", "gateway"], "").expect_success();
    let left: Value =
        serde_json::from_str(&user(folder.path(), &["export", "--contact", "li@mail.example"], "").expect_success())
            .unwrap();
    assert_eq!(left["reports"].as_array().unwrap().len(), 1, "what the key did not send stays");
}

#[test]
fn a_retry_with_its_key_is_the_same_request_a_second_later_too() {
    let server = Server::start();
    let send = |form: &str| {
        let headers = [("content-type", "application/x-www-form-urlencoded"), ("idempotency-key", "k1")];
        server.post_at(&format!("{BASE}/requests.json"), form.as_bytes(), &headers)
    };
    let form = format!("service_code=waterlogging&{AT}");
    let first = send(&form);
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    let again = send(&form);
    assert_eq!((again.status, ids(&again.json())), (201, ids(&first.json())));
    let other = send(&format!("{form}&description=more"));
    assert_eq!((other.status, error(&other).0), (400, 409));
    assert_eq!(server.features("/api/v1/reports").len(), 1);
}

#[test]
fn a_megabyte_is_taken_for_what_it_says_and_more_is_refused() {
    let server = Server::start();
    let form = format!("service_code=waterlogging&{AT}&description=");
    let full = form.clone() + &"a".repeat(1_000_000 - form.len());
    let answer = post(&server, "requests.json", &full);
    assert_eq!((answer.status, error(&answer).0), (400, 400));
    assert!(error(&answer).1.starts_with("description \"aaa") && answer.body.len() < 500, "{}", answer.text());
    let more = post(&server, "requests.json", &(full + "a"));
    assert_eq!((more.status, error(&more).0), (400, 413));
    posted(&server, &(form.clone() + &"水".repeat(4_000)));
    let many = post(&server, "requests.json", &(form + &"&x=1".repeat(300)));
    assert!(many.status == 400 && error(&many).1.contains("at most 200"), "{}", many.text());
}

#[test]
fn an_opinion_is_taken_and_is_in_no_list() {
    let server = Server::start();
    let answer =
        post(&server, "requests.xml?extensions=true", &format!("service_code=opinion&{AT}&description=more+trees"));
    let taken = xml(&answer);
    assert_eq!((answer.status, answer.header("location")), (201, ""));
    assert_eq!(taken.kids[0].names(), ["service_notice", "account_id", "extended_attributes"]);
    let token = taken.at("request/extended_attributes/follow").text.rsplit('/').next().unwrap().to_owned();
    assert_eq!(server.get(&format!("/api/v1/follow/{token}")).json()["state"], "reported");
    assert_eq!(server.get(&format!("{BASE}/tokens/{token}.json")).status, 404);
    let empty = server.get(&format!("{BASE}/requests.xml"));
    same(&xml(&empty), &json!([]));
}
