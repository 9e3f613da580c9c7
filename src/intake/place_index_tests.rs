//! Tests of the index of places.

use proptest::prelude::*;

use super::*;

fn index(names: &[&str]) -> PlaceIndex {
    let place = |(i, name): (usize, &&str)| Place {
        id: format!("p{i}"),
        position: Position::new(110.3 + i as f64 / 1_000.0, 20.0).unwrap(),
        name: (!name.is_empty()).then(|| (*name).to_owned()),
        aliases: Vec::new(),
    };
    PlaceIndex::new(names.iter().enumerate().map(place).collect())
}

fn names<'i>(found: &[FoundPlace<'i>]) -> Vec<&'i str> {
    found.iter().map(|found| found.place.name.as_deref().unwrap_or_default()).collect()
}

#[test]
fn the_beginning_comes_before_parts_initials_insides_and_slips() {
    let index = index(&["海秀路与豪苑路", "豪苑路与南海大道", "老豪苑路", "豪苑路", "濠苑路小区", "和信广场", ""]);
    let found = |asked| names(&index.find(asked, None, 10));
    assert_eq!(found("豪苑路"), ["豪苑路", "豪苑路与南海大道", "海秀路与豪苑路", "老豪苑路", "濠苑路小区"]);
    assert_eq!(found("濠苑路"), ["濠苑路小区", "豪苑路", "老豪苑路", "海秀路与豪苑路", "豪苑路与南海大道"]);
    assert_eq!(found("豪")[..2], ["豪苑路", "豪苑路与南海大道"]);
    assert_eq!(found("hxgc"), ["和信广场"]);
    assert_eq!(found("HYL")[0], "豪苑路");
    assert_eq!(found("海秀")[0], "海秀路与豪苑路");
    assert!(found("").is_empty() && found("  ").is_empty() && found("飞机场").is_empty());
}

#[test]
fn width_case_script_and_latin_words_are_taken_as_they_come() {
    let index = index(&["豪苑路", "19 Av & 58 St", "Broadway & W 82 St", "重庆路", "長堤路"]);
    let first = |asked| names(&index.find(asked, None, 1)).first().copied();
    assert_eq!(first("ＢＲＯＡＤＷＡＹ"), Some("Broadway & W 82 St"));
    assert_eq!(first("brodway"), Some("Broadway & W 82 St"));
    assert_eq!(first("58 st"), Some("19 Av & 58 St"));
    assert_eq!(first("bw8s"), Some("Broadway & W 82 St"));
    // 重 and 长 are read in two ways.
    assert_eq!((first("cql"), first("zql"), first("cdl")), (Some("重庆路"), Some("重庆路"), Some("長堤路")));
    assert_eq!(first("长堤"), Some("長堤路"));
}

#[test]
fn a_place_is_found_by_each_of_its_names_once_and_says_by_which() {
    let place = Place {
        id: "a".into(),
        position: Position::new(110.3, 20.0).unwrap(),
        name: Some("海秀路".into()),
        aliases: vec!["Haixiu Road".into(), "海口大街".into()],
    };
    let index = PlaceIndex::new(vec![
        place.clone(),
        Place { id: "b".into(), name: Some("海府路".into()), aliases: vec![], ..place },
    ]);
    let found = |asked| {
        let found = index.find(asked, None, 10).into_iter();
        found.map(|f| (f.place.id.clone(), f.matched.unwrap().to_owned())).collect::<Vec<_>>()
    };
    let by = |name: &str| vec![("a".to_owned(), name.to_owned())];
    assert_eq!(
        (found("haixiu"), found("hkdj"), found("haxiu")),
        (by("Haixiu Road"), by("海口大街"), by("Haixiu Road"))
    );
    assert_eq!(found("海"), [("a".into(), "海秀路".into()), ("b".into(), "海府路".into())]);
    assert_eq!(index.named("haixiu road")[0].id, "a");
    assert_eq!(index.nearest(Position::new(110.3, 20.0).unwrap(), 1)[0].matched, None);
}

#[test]
fn near_orders_equals_and_alone_gives_the_nearest() {
    let index = index(&["人民路", "人民路", "人民路", ""]);
    let at = Position::new(110.3021, 20.0).unwrap();
    let ids = |found: Vec<FoundPlace>| found.iter().map(|f| f.place.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(index.find("人民路", Some(at), 2)), ["p2", "p1"]);
    let nearest = index.nearest(at, 3);
    let distance = nearest[0].distance_m.unwrap();
    assert!((distance - 10.4).abs() < 0.1, "{distance}");
    assert_eq!(ids(nearest), ["p2", "p3", "p1"]);
}

/// The same by the definition: the least of all parts of the text.
fn least_edits(asked: &[char], text: &[char]) -> u32 {
    let distance = |part: &[char]| {
        let mut rows = vec![(0..=part.len() as u32).collect::<Vec<_>>()];
        for (i, a) in asked.iter().enumerate() {
            let mut row = vec![i as u32 + 1];
            for (j, b) in part.iter().enumerate() {
                row.push((rows[i][j] + u32::from(a != b)).min(rows[i][j + 1] + 1).min(row[j] + 1));
            }
            rows.push(row);
        }
        rows[asked.len()][part.len()]
    };
    let parts = (0..=text.len()).flat_map(|from| (from..=text.len()).map(move |to| (from, to)));
    parts.map(|(from, to)| distance(&text[from..to])).min().unwrap()
}

/// What is found by the definition: every name of every place is ranked, and nothing is left out on the way.
fn by_definition(index: &PlaceIndex, asked: &str, near: Option<Position>, limit: usize) -> Vec<(String, String)> {
    let asked = plain(asked);
    let letters: String = asked.chars().filter(|c| *c != ' ').collect();
    let by_initials = letters.len() > 1 && letters.bytes().all(|b| b.is_ascii_alphanumeric());
    let how = |name: &str| {
        let name = plain(name);
        let hits: Vec<usize> =
            (0..name.len()).filter(|&i| name.is_char_boundary(i) && name[i..].starts_with(&asked)).collect();
        let part =
            |&i: &usize| name[..i].chars().next_back().is_some_and(|c| !c.is_alphanumeric() || "与和".contains(c));
        let initials: Vec<usize> = match by_initials {
            true => initials_of(&name).iter().filter_map(|all| all.find(&letters)).collect(),
            false => Vec::new(),
        };
        let chars: Vec<char> = asked.chars().collect();
        let apart = least_edits(&chars, &name.chars().collect::<Vec<_>>());
        match () {
            () if name == asked => SAME,
            () if hits.first() == Some(&0) => BEGINS,
            () if hits.iter().any(part) => PART_BEGINS,
            () if initials.contains(&0) => INITIALS,
            () if !hits.is_empty() => INSIDE,
            () if !initials.is_empty() => PART_INITIALS,
            () if chars.len() >= 3 && apart <= 1 => ALMOST,
            () if chars.len() >= 8 && apart <= 2 => ALMOST + 1,
            () => NOT,
        }
    };
    let mut found = Vec::new();
    for (i, place) in index.places.iter().enumerate() {
        let Some((how, name)) = place.names().map(|name| (how(name), name)).min_by_key(|(how, _)| *how) else {
            continue;
        };
        let order = match near {
            Some(near) => near.ecef().distance2_cm2(place.position.ecef()),
            None => plain(name).len() as i64,
        };
        found.push((how, order, i, name));
    }
    // Almost is only looked for where there is not enough.
    let exact = found.iter().filter(|(how, ..)| *how < ALMOST).count();
    found.retain(|(how, ..)| *how < if exact < limit { NOT } else { ALMOST });
    found.sort_unstable();
    found.into_iter().take(limit).map(|(.., i, name)| (index.places[i].id.clone(), name.to_owned())).collect()
}

proptest! {
    #[test]
    fn what_is_left_out_on_the_way_is_never_among_the_first(
        texts in prop::collection::vec(prop::collection::vec("[路苑与和豪ab ]{1,9}", 1..4), 1..30),
        asked in "[路苑与豪ab ]{1,9}", limit in 1_usize..5, near in any::<bool>(),
    ) {
        let place = |(i, names): (usize, &Vec<String>)| Place {
            id: format!("p{i}"),
            position: Position::new(110.3 + (i * 7 % 11) as f64 / 1_000.0, 20.0).unwrap(),
            name: Some(names[0].clone()),
            aliases: names[1..].to_vec(),
        };
        let index = PlaceIndex::new(texts.iter().enumerate().map(place).collect());
        let near = near.then(|| Position::new(110.3042, 20.0).unwrap());
        prop_assume!(!plain(&asked).is_empty());
        let found = index.find(&asked, near, limit).into_iter();
        let found: Vec<_> = found.map(|f| (f.place.id.clone(), f.matched.unwrap_or_default().to_owned())).collect();
        prop_assert_eq!(found, by_definition(&index, &asked, near, limit));
    }

    #[test]
    fn whatever_is_within_the_edits_is_found_and_nothing_else(
        texts in prop::collection::vec("[路苑豪abc]{1,8}", 1..20), asked in "[路苑豪abc]{1,9}",
    ) {
        let all: Vec<&str> = texts.iter().map(String::as_str).collect();
        let index = index(&all);
        let letters = initials_of(&asked) == [asked.clone()];
        let asked_chars: Vec<char> = asked.chars().collect();
        let edits = match asked_chars.len() { ..3 => 0, 3..8 => 1, _ => 2 };
        let found: Vec<&str> = names(&index.find(&asked, None, 100));
        for name in &all {
            let chars: Vec<char> = name.chars().collect();
            if least_edits(&asked_chars, &chars) <= edits {
                prop_assert!(found.contains(name), "{name} {asked}");
            } else if !letters && !asked.is_ascii() {
                prop_assert!(!found.contains(name), "{name} {asked}");
            }
        }
    }
}
