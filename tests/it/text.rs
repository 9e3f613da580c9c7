//! Messages become reports: what the golden messages and the notices of one city give back, field by field.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use waterlog::hazard::category::Category;
use waterlog::intake::text::{Gazetteer, Parser, Reading, Sent};

use crate::program::waterlog;

const FIELDS: [&str; 11] = [
    "category",
    "place_text",
    "depth_cm",
    "depth_cm_low",
    "depth_cm_high",
    "length_m",
    "width_m",
    "passability",
    "dry",
    "resolved",
    "observed_at",
];

/// Of one field: right, wrong and missed; and of what the message does not say, how often something was read.
#[derive(Default)]
pub(super) struct Score {
    right: usize,
    wrong: usize,
    missed: usize,
    pub(super) empty: usize,
    pub(super) made_up: usize,
}

impl Score {
    pub(super) fn precision(&self) -> f64 {
        self.right as f64 / (self.right + self.wrong).max(1) as f64
    }

    pub(super) fn recall(&self) -> f64 {
        self.right as f64 / (self.right + self.missed).max(1) as f64
    }

    /// How often something was read that the message does not say.
    fn made_up(&self) -> f64 {
        self.made_up as f64 / self.empty.max(1) as f64
    }
}

fn matters(reading: &Reading) -> Vec<Value> {
    reading.matters.iter().map(|m| serde_json::to_value(m).expect("it is JSON")).collect()
}

fn same(a: &Value, b: &Value) -> bool {
    match (a.as_f64(), b.as_f64(), a.as_str(), b.as_str()) {
        (Some(a), Some(b), ..) => (a - b).abs() < 0.11,
        (.., Some(a), Some(b)) => a == b,
        _ => a == b,
    }
}

/// Adds what is read of a message to the scores of these fields; matters are paired by category and place. A field that one
/// side does not have is empty there: missed, or made up.
fn compare(fields: &[&'static str], expected: &[Value], read: &[Value], scores: &mut BTreeMap<&'static str, Score>) {
    let mut left: Vec<&Value> = read.iter().collect();
    let mut pairs: Vec<(&Value, &Value)> = Vec::new();
    for e in expected {
        let likeness = |r: &&Value| ["category", "place_text"].iter().filter(|f| same(&e[**f], &r[**f])).count();
        let best =
            (0..left.len()).max_by_key(|&i| (likeness(&left[i]), left.len() - i)).filter(|&i| likeness(&left[i]) > 0);
        pairs.push((e, best.map_or(&Value::Null, |i| left.remove(i))));
    }
    pairs.extend(left.into_iter().map(|r| (&Value::Null, r)));
    for (e, r) in pairs {
        for &field in fields {
            let score = scores.entry(field).or_default();
            if !same(&e[field], &r[field]) {
                println!("  {field}: {} was read as {}", e[field], r[field]);
            }
            score.empty += usize::from(e[field].is_null());
            score.made_up += usize::from(e[field].is_null() && !r[field].is_null());
            match (e[field].is_null(), r[field].is_null()) {
                (true, true) => {}
                (false, false) if same(&e[field], &r[field]) => score.right += 1,
                (no_e, no_r) => {
                    score.wrong += usize::from(!no_r);
                    score.missed += usize::from(!no_e);
                }
            }
        }
    }
}

fn golden() -> Vec<Value> {
    lines(include_str!("../messages/messages.ndjson"))
}

pub(super) fn lines(file: &str) -> Vec<Value> {
    file.lines().map(|l| serde_json::from_str(l).expect("it is JSON")).collect()
}

/// The fields that somebody answered, each of them in every matter.
fn answered(messages: &[Value]) -> Vec<&'static str> {
    let matters: Vec<&Value> = messages.iter().filter_map(|m| m["matters"].as_array()).flatten().collect();
    let fields = FIELDS.into_iter().filter(|field| matters.iter().any(|m| m.get(field).is_some()));
    let fields: Vec<_> = fields.collect();
    for (matter, field) in matters.iter().flat_map(|m| fields.iter().map(move |field| (m, field))) {
        assert!(matter.get(field).is_some(), "{field} is not answered: {matter}");
    }
    fields
}

/// Answered places that were not read so, and of those the ones that another one read contains or is within.
fn misread_places(expected: &[Value], read: &[Value]) -> (usize, usize) {
    let places = |matters: &[Value]| -> Vec<String> {
        matters.iter().filter_map(|matter| matter["place_text"].as_str().map(str::to_owned)).collect()
    };
    let (mut missed, mut left) = (places(expected), places(read));
    missed.retain(|place| left.iter().position(|read| read == place).map(|i| left.remove(i)).is_none());
    let all = missed.len();
    missed.retain(|place| {
        let same = left.iter().position(|read| read.contains(place.as_str()) || place.contains(read.as_str()));
        same.map(|i| left.remove(i)).is_none()
    });
    (all, all - missed.len())
}

/// Prints what was misread, and the score of each field.
pub(super) fn scores_of(name: &str, messages: &[Value], which: impl Fn(u32) -> bool) -> BTreeMap<&'static str, Score> {
    let (parser, fields) = (Parser::new(Gazetteer::default()), answered(messages));
    let mut scores = BTreeMap::new();
    let (mut misread, mut same_spot) = (0, 0);
    for message in messages {
        let number: u32 =
            message["id"].as_str().and_then(|id| id[1..].parse().ok()).expect("ids are a letter and a number");
        if which(number) {
            println!("{} {}", message["id"], message["text"]);
            let sent = Sent::new(message["sent_at"].as_str(), None).expect("it has a time");
            let reading = parser.read(message["text"].as_str().expect("it has a text"), &sent);
            for matter in &reading.matters {
                matter
                    .category
                    .as_deref()
                    .map_or(Ok(()), |c| Category::named(c).map(|_| ()))
                    .expect("categories are ours");
            }
            let expected = message["matters"].as_array().expect("it has matters");
            compare(&fields, expected, &matters(&reading), &mut scores);
            let (missed, same) = misread_places(expected, &matters(&reading));
            (misread, same_spot) = (misread + missed, same_spot + same);
        }
    }
    println!(
        "{name} place_text: of {misread} that were not read as written, {same_spot} name the same spot in other words"
    );
    for (field, s) in &scores {
        let (precision, recall, made_up) = (s.precision(), s.recall(), s.made_up());
        println!(
            "{name} {field}: precision {precision:.3}, recall {recall:.3} of {}, made up {made_up:.3} of {}",
            s.right + s.missed,
            s.empty
        );
    }
    scores
}

#[test]
fn the_messages_that_rules_were_tuned_on_are_read_well() {
    for (field, score) in scores_of("odd", &golden(), |n| n % 2 == 1) {
        assert!(score.precision() >= 0.94 && score.recall() >= 0.94, "{field}");
    }
}

#[test]
fn the_other_half_of_the_messages_is_read_not_worse_than_this() {
    let scores = scores_of("even", &golden(), |n| n % 2 == 0);
    let floors = [
        ("category", 0.91, 0.92),
        ("place_text", 0.96, 0.94),
        ("depth_cm", 0.99, 0.97),
        ("length_m", 0.99, 0.83),
        ("width_m", 0.99, 0.99),
        ("passability", 0.99, 0.99),
        ("dry", 0.99, 0.99),
        ("resolved", 0.87, 0.70),
        ("observed_at", 0.99, 0.83),
    ];
    for (field, precision, recall) in floors {
        let score = &scores[field];
        assert!(score.precision() >= precision && score.recall() >= recall, "{field}");
    }
}

/// A sentence as such notices have it, of one row of the table.
fn sentence(row: &csv::StringRecord, form: usize) -> String {
    let [place, length, width, depth, pass] = [5, 8, 9, 10, 11].map(|i| row.get(i).unwrap_or_default());
    let part = |before: &str, value: &str, after: &str| {
        if value.is_empty() { String::new() } else { format!("，{before}{value}{after}") }
    };
    match form {
        0 => {
            let sizes = part("长约", length, "米") + &part("宽", width, "米") + &part("深约", depth, "厘米");
            format!("{place}积水{sizes}{}", part("", pass, ""))
        }
        1 => format!("{place}出现积水{}{}", part("水深", depth, "cm"), part("车辆", pass, "")),
        _ => {
            let sizes =
                part("最深处约", depth, "公分") + &part("积水长度约", length, "米") + &part("宽度约", width, "米");
            format!("{place}：积水{sizes}{}", part("机动车", pass, ""))
        }
    }
}

fn expected(row: &csv::StringRecord, form: usize) -> Value {
    let number = |i: usize| row.get(i).and_then(|v| v.parse::<f64>().ok());
    let size = |i| if form == 1 { None } else { number(i) };
    let pass = match row.get(11).unwrap_or_default() {
        "" => None,
        "可以通行" => Some("clear"),
        "无法通行" => Some("impassable"),
        _ => Some("slow"),
    };
    let place = row.get(5).unwrap_or_default().trim_end_matches("积水点");
    serde_json::json!({
        "category": "waterlogging", "place_text": place, "depth_cm": number(10), "depth_cm_low": number(10),
        "depth_cm_high": number(10), "length_m": size(8), "width_m": size(9), "passability": pass, "dry": null,
        "resolved": null, "observed_at": null
    })
}

#[test]
fn notices_made_of_the_facts_of_one_city_give_the_facts_back() {
    let Some(shared) = std::env::var_os("WATERLOG_SHARED").map(PathBuf::from) else {
        told!("notices skipped: WATERLOG_SHARED does not hold them");
        return;
    };
    let path = shared.join("data/haikou_notices/haikou_waterlogging_points.csv");
    let rows: Vec<_> = csv::Reader::from_path(path).unwrap().records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 86);
    let parser = Parser::new(Gazetteer::default());
    let mut scores = BTreeMap::new();
    for form in 0..3 {
        for notice in rows.chunk_by(|a, b| a.get(0) == b.get(0)) {
            let items: Vec<_> = (1..).zip(notice).map(|(i, row)| format!("{i}、{}", sentence(row, form))).collect();
            let text = format!("截至目前，市区道路情况如下：{}。请绕行。", items.join("；"));
            let expected: Vec<_> = notice.iter().map(|row| expected(row, form)).collect();
            compare(&FIELDS, &expected, &matters(&parser.read(&text, &Sent::default())), &mut scores);
        }
    }
    for (field, s) in scores {
        println!("notices {field}: precision {:.3}, recall {:.3} of {}", s.precision(), s.recall(), s.right + s.missed);
        assert_eq!(s.made_up, 0, "{field}");
        if s.right + s.missed == 0 {
            continue;
        }
        assert!(s.precision() >= 0.99 && s.recall() >= 0.98, "{field}");
    }
}

#[test]
fn any_text_is_taken_and_none_breaks_it() {
    let parser = Parser::new(Gazetteer::default());
    let words = [
        "路",
        "海秀路",
        "与",
        "、",
        "(",
        ")",
        "积水",
        "40",
        "厘米",
        "没过",
        "膝盖",
        "8点",
        "半",
        "一",
        "\u{202E}",
        "🌊",
        "no ",
        " ",
        "2.",
        "Main St",
        "at ",
        "1米",
        "×",
        "前",
        "和",
        "口",
        "?",
        "如果",
        "建议",
        "十",
        "几",
    ];
    let mut random = fastrand::Rng::with_seed(7);
    let sent = Sent::new(Some("2024-01-01T00:00:00+08:00"), None).unwrap();
    for _ in 0..3_000 {
        let text: String = (0..random.usize(0..14)).map(|_| words[random.usize(0..words.len())]).collect();
        for matter in parser.read(&text, &sent).matters {
            let quoted =
                [&matter.words.category, &matter.words.place_text, &matter.words.depth_cm, &matter.words.observed_at];
            assert!(quoted.into_iter().flatten().all(|w| text.contains(w.as_str())), "{text}: {matter:?}");
        }
    }
    let long: String = (0..22_000).map(|i| format!("海秀{i}路积水40厘米，小车无法通行。")).collect();
    assert_eq!(parser.read(&long, &sent).matters.len(), 22_000);
}

/// What is read of a message, a line for each matter: category, place and whether it is dry.
fn told(parser: &Parser, text: &str) -> Vec<String> {
    let matters = parser.read(text, &Sent::default()).matters;
    let of = |value: Option<String>| value.unwrap_or_else(|| "-".into());
    matters.into_iter().map(|m| format!("{} {} {}", of(m.category), of(m.place_text), m.dry.is_some())).collect()
}

#[test]
fn a_message_that_repeats_itself_tells_of_one_thing() {
    let parser = Parser::new(Gazetteer::default());
    for text in [
        "龙昆南路积水40厘米，小车无法通行。",
        "龙昆南路、海府路积水，小车无法通行。",
        "这里积水了，没过膝盖。",
        "井盖没了！海府路公交站旁边。",
        "Flooding on Main Street, knee deep. ",
        "海府路红绿灯坏了，没有积水。",
    ] {
        let once = told(&parser, text);
        assert!(!once.is_empty());
        assert_eq!(told(&parser, &text.repeat(2)), once, "{text}");
        assert_eq!(told(&parser, &text.repeat(3)), once, "{text}");
    }
}

#[test]
fn that_there_is_no_water_where_something_else_is_wrong_is_no_matter_of_its_own() {
    let parser = Parser::new(Gazetteer::default());
    for (text, expected) in [
        ("the traffic light is out, no water here", "traffic_safety - false"),
        ("The traffic light is out on Main Street, no water here", "traffic_safety Main Street false"),
        ("海府路红绿灯坏了，没有积水", "traffic_safety 海府路 false"),
        ("海府路井盖没了，没水", "manhole 海府路 false"),
        ("海府路没有积水", "waterlogging 海府路 true"),
    ] {
        assert_eq!(told(&parser, text), [expected], "{text}");
    }
    // Water that has gone is news.
    assert_eq!(told(&parser, "海府路水退了，井盖没了"), ["waterlogging 海府路 true", "manhole 海府路 false"]);
}

#[test]
fn the_program_prints_one_object_a_line_and_says_which_line_it_could_not_read() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("p.csv"), "id,lon,lat,name,aliases\nx,110.3,20.0,南海大道与豪苑路,药谷路口\n")
        .unwrap();
    let mut messages = "豪苑路與南海大道交叉口積水４０厘米，小車無法通行\n\n".as_bytes().to_vec();
    messages.extend(b"\xE6\xB5\xB7\xFF\n{\"text\": \"10\xE5\x88\x86\xE9\x92\x9F\xE5\x89\x8D\xE6\xB5\xB7\xE7\xA7\x80\xE8\xB7\xAF\xE7\xA7\xAF\xE6\xB0\xB4\", \"sent_at\": \"2024-06-16T08:00:00+08:00\"}\n{\"text\": 1}\n");
    fs::write(folder.path().join("m.txt"), messages).unwrap();
    let outcome = waterlog(folder.path(), &["intake", "parse", "m.txt", "--places", "p.csv"]);
    assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
    let lines: Vec<Value> = outcome.stdout.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(lines.len(), 5);
    let first = &lines[0]["matters"][0];
    assert_eq!((&first["place_id"], &first["depth_cm"]), (&"x".into(), &40.0.into()));
    assert_eq!(
        (&first["passability"], &first["words"]["passability"]),
        (&"impassable_small".into(), &"小車無法通行".into())
    );
    assert_eq!(lines[3]["matters"][0]["observed_at"], "2024-06-16T07:50:00+08:00");
    assert!(lines[2]["error"].as_str().is_some_and(|e| e.contains("m.txt:3:4: ")), "{}", lines[2]);
    assert!(outcome.stderr.contains("m.txt:5:") && outcome.stderr.contains("2 of 5 lines"), "{}", outcome.stderr);
}
