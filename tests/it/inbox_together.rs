//! Two people at one entry of the inbox at once: what the one is told has been done is done, and the other is told so.

use std::sync::Barrier;

use serde_json::{Value, json};

use crate::inbox::Desk;
use crate::photos::sample;

const ENTRIES: u32 = 30;

/// Does two things at the same moment.
fn at_once<A: Send, B: Send>(one: impl FnOnce() -> A + Send, other: impl FnOnce() -> B + Send) -> (A, B) {
    let start = Barrier::new(2);
    std::thread::scope(|scope| {
        let one = scope.spawn(|| {
            start.wait();
            one()
        });
        start.wait();
        let other = other();
        (one.join().unwrap(), other)
    })
}

fn wait(desk: &Desk, photos: Value) -> String {
    let taken = desk.send("门口积水没过膝盖", json!({"photos": photos}), &[]);
    assert_eq!(taken.status, 202, "{}", taken.text());
    taken.json()["inbox"]["id"].as_str().unwrap().to_owned()
}

#[test]
fn what_one_makes_a_report_while_another_dismisses_it_is_one_of_both_and_keeps_its_photos() {
    let desk = Desk::open();
    let (mut made, mut dismissed) = (0, 0);
    for n in 0..ENTRIES {
        let jpeg = sample::jpeg(&sample::quarters(8 + n, 8), &[]);
        let photo = desk.server.post_at("/api/v1/photos", &jpeg, &[("content-type", "image/jpeg")]).json();
        let entry = wait(&desk, json!([photo["id"]]));
        let by_hand = json!({"lon": 110.0 + f64::from(n) / 100.0, "lat": 20.02});
        let (report, dismissal) = at_once(
            || desk.decide(&entry, "report", by_hand),
            || {
                // Some come first, some second.
                std::thread::sleep(std::time::Duration::from_millis(u64::from(n % 6)));
                desk.decide(&entry, "dismiss", json!({"reason": "abuse"}))
            },
        );
        let told = (report.status, dismissal.status);
        assert!([(201, 409), (409, 204)].contains(&told), "{told:?}: {} {}", report.text(), dismissal.text());
        let headers = [("authorization", desk.key.as_str())];
        let shown = desk.server.get_with(&format!("/api/v1/photos/{}", photo["id"].as_str().unwrap()), &headers);
        let is_report = report.status == 201;
        assert_eq!(shown.status, if is_report { 200 } else { 404 }, "{}", shown.text());
        made += u32::from(is_report);
        dismissed += u32::from(!is_report);
    }
    told!("{made} made, {dismissed} dismissed");
    assert_eq!(desk.server.ids("/api/v1/reports?limit=1000").len(), made as usize);
}

#[test]
fn of_two_who_make_it_a_report_one_is_told_that_somebody_was_faster() {
    let desk = Desk::open();
    for _ in 0..ENTRIES {
        let entry = wait(&desk, json!([]));
        let by = |category: &str, lon: f64| json!({"category": category, "lon": lon, "lat": 20.02});
        let (one, other) = at_once(
            || desk.decide(&entry, "report", by("waterlogging", 110.3)),
            || desk.decide(&entry, "report", by("manhole", 110.5)),
        );
        let mut told = [one.status, other.status];
        told.sort_unstable();
        assert_eq!(told, [201, 409], "{} {}", one.text(), other.text());
        let kept = desk.report(&entry);
        let expected = if one.status == 201 { ("waterlogging", 110.3) } else { ("manhole", 110.5) };
        let lon = &kept["geometry"]["coordinates"][0];
        assert_eq!((&kept["properties"]["category"], lon), (&json!(expected.0), &json!(expected.1)));
    }
    assert!(desk.rows().is_empty());
}

#[test]
fn what_a_stopped_service_has_not_noted_as_a_report_is_one_and_keeps_its_photos() {
    let desk = Desk::open();
    let jpeg = sample::jpeg(&sample::quarters(8, 8), &[]);
    let photo = desk.server.post_at("/api/v1/photos", &jpeg, &[("content-type", "image/jpeg")]).json()["id"].clone();
    let entry = wait(&desk, json!([photo]));
    let made = desk.decide(&entry, "report", json!({"lon": 110.34, "lat": 20.02}));
    assert_eq!(made.status, 201, "{}", made.text());
    // Stopped between the report and the note of it.
    let file = rusqlite::Connection::open(desk.dir.path().join("private.db")).unwrap();
    file.execute("UPDATE inbox SET ended = NULL, report = NULL", []).unwrap();
    let _ = file.execute("DELETE FROM inbox_made", []);
    let dismissed = desk.decide(&entry, "dismiss", json!({"reason": "abuse"}));
    assert!(dismissed.problem(409).contains(&entry), "{}", dismissed.text());
    let headers = [("authorization", desk.key.as_str())];
    assert_eq!(desk.server.get_with(&format!("/api/v1/photos/{}", photo.as_str().unwrap()), &headers).status, 200);
    assert!(desk.rows().is_empty());
}
