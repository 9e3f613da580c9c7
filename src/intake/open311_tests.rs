use super::*;

const NOW: i64 = 1_767_225_600;

fn form(text: &str) -> Form {
    Form::new(pairs(text.as_bytes()).unwrap()).unwrap()
}

fn drafted(text: &str) -> Result<Draft> {
    let form = form(text);
    let Whereabouts::At(at) = form.whereabouts()? else { panic!("{text}: no position") };
    form.draft(at, &[], Some("k"), NOW)
}

const POST: &str = "service_code=waterlogging&lat=20.0148&long=110.3312";

#[test]
fn spellings_capitals_blanks_and_empty_values_do_not_matter() {
    let plain = form(POST);
    for other in [
        "SERVICE_CODE=waterlogging&Lat=%2020.0148&LNG=110.3312+",
        "service_code=waterlogging&service_code=waterlogging&latitude=20.0148&lon=110.3312&description=&email=",
        "service_code[]=waterlogging&lat=20.0148&longitude=110.3312",
    ] {
        assert_eq!(form(other), plain.clone(), "{other}");
    }
}

#[test]
fn what_is_said_is_kept_apart_from_who_says_it() {
    let draft = drafted(&format!(
        "{POST}&description=knee-deep&email=Li%40x.example&phone=123&media_url=https://x.example/1.jpg&media_url=http://x.example/2&attribute[depth_cm]=30&attribute[passability]=SLOW"
    ));
    let Draft { event, private, .. } = draft.unwrap();
    let event = serde_json::to_string(&event).unwrap();
    assert!(event.contains("\"depth_cm\":30") && event.contains("slow") && event.contains("open311"), "{event}");
    assert!(!event.contains("Li@") && !event.contains("knee"), "{event}");
    assert_eq!(private.text.as_deref(), Some("knee-deep"));
    let sender: Value = serde_json::from_str(&private.sender.unwrap()).unwrap();
    let links = ["https://x.example/1.jpg", "http://x.example/2"];
    assert_eq!(sender, json!({"email": "Li@x.example", "phone": "123", "media_urls": links}));
}

#[test]
fn what_is_wrong_is_said_by_the_name_it_has_in_a_service_request() {
    for (text, told) in [
        ("lat=1&long=2", "service_code \"\": was not provided"),
        ("service_code=flood&lat=1&long=2", "no service_code \"flood\""),
        ("service_code=manhole", "address information not provided"),
        ("service_code=manhole&lat=1", "long \"\": was not provided"),
        ("service_code=manhole&lat=x&long=2", "lat \"x\": not a number"),
        ("service_code=manhole&lat=91&long=2", "lat \"91\""),
        ("service_code=manhole&lat=1&lat=2&long=2", "given twice"),
        (&format!("{POST}&attribute[depth_cm]=deep"), "attribute[depth_cm] \"deep\": not a number"),
        (&format!("{POST}&attribute[passability]=wet"), "attribute[passability] \"wet\": unknown"),
        (&format!("{POST}&attribute[dry]=perhaps"), "attribute[dry] \"perhaps\": neither"),
        (&format!("{POST}&attribute[observed_at]=2026-01-01T00:00:00"), "attribute[observed_at]"),
        (&format!("{POST}&description={}", "a".repeat(4_001)), "description"),
        (&format!("{POST}&media_url=javascript:alert(1)"), "media_url"),
        (&format!("{POST}&email={}", "a".repeat(201)), "email"),
    ] {
        let error = drafted(text).unwrap_err().to_string();
        assert!(error.contains(told), "{text}: {error}");
    }
    assert!(pairs(b"description=%ff").is_err() && pairs("description=%EF%BF%BD".as_bytes()).is_ok());
}

#[test]
fn json_says_the_same_as_a_form() {
    let body = r#"{"service_code": "waterlogging", "lat": 20.0148, "long": "110.3312", "attribute": {"depth_cm": 30}, "media_url": ["http://a", "http://b"], "email": null}"#;
    let text = format!("{POST}&attribute[depth_cm]=30&media_url=http://a&media_url=http://b");
    assert_eq!(Form::new(json_pairs(body.as_bytes()).unwrap()).unwrap(), form(&text));
    for odd in ["[]", "{\"a\": [[1]]}", "{\"a\": {\"b\": {\"c\": 1}}}", "x"] {
        assert!(json_pairs(odd.as_bytes()).is_err(), "{odd}");
    }
}

#[test]
fn a_retry_has_the_same_content_whenever_it_comes_and_whatever_key_opens_the_door() {
    let key = |text: &str| form(text).key("k", &[]).unwrap();
    assert_eq!(key(POST), key(&format!("{POST}&api_key=wl_1")));
    assert_ne!(key(POST), key(&format!("{POST}&description=x")));
}
