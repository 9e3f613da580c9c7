//! The forms of the examples that the standard publishes, and what is wrong with others.

use super::*;

const TEXTS: fn() -> Vec<&'static str> = || vec!["red", "green"];

const fn property(name: &'static str, kind: Kind) -> Property {
    Property { name, title: "", unit: None, kind, steps: 1 }
}

const PROPERTIES: [Property; 10] = [
    property("name", Kind::Text),
    property("eo:colour", Kind::Words(TEXTS)),
    property("depth", Kind::Number),
    property("floors", Kind::Integer),
    property("wet", Kind::Flag),
    property("updated", Kind::Time),
    property("starts_at", Kind::Time),
    property("ends_at", Kind::Time),
    property("geometry", Kind::Geometry("any")),
    property("水深", Kind::Number),
];

/// A feature: "Straße 5", 12.5 deep, of 3 floors, wet, updated 1970-01-02T00:00:10Z, from there to unknown, at 1 2.
struct Feature;

impl Row for Feature {
    fn datum(&self, property: Index) -> Datum<'_> {
        match PROPERTIES[usize::from(property)].name {
            "name" => "Straße 5".into(),
            "depth" => 12.5.into(),
            "floors" => 3_u32.into(),
            "wet" => true.into(),
            "updated" | "starts_at" => Datum::Time(86_410),
            _ => Datum::Null,
        }
    }

    fn located(&self) -> Option<Located> {
        Some(Located::Point(geo::Coord { x: 1.0, y: 2.0 }))
    }

    fn spend(&self, _: usize) {}
}

fn read(filter: &str, lang: Lang) -> Result<Condition> {
    Condition::read(filter, lang, &crs84, &PROPERTIES)
}

/// True, false or null of the feature; a filter takes it or does not, and NOT of null is null.
fn of_feature(filter: &str) -> Option<bool> {
    read(filter, Lang::Text).unwrap_or_else(|e| panic!("{e}")).test.holds(&Feature)
}

#[test]
fn each_form_of_the_text_encoding_is_true_false_or_null_as_the_standard_says() {
    let (yes, no, null) = (Some(true), Some(false), None);
    for (filter, expected) in [
        ("name='Straße 5'", yes),
        ("\"name\" <> 'Straße 5'", no),
        ("name < 'T' and name>='Straße'", yes),
        ("name LIKE 'Str%'", yes),
        ("name not like '_traße _'", no),
        ("NOT name LIKE 'str%'", yes),
        ("CASEI(name) LIKE casei('STRASSE _')", yes),
        ("casei(name)=CASEI('strasse 5')", yes),
        ("CASEI(name) IN (CASEI('Οδος'),CASEI('straSSe 5'))", yes),
        ("name LIKE CASEI('STRASSE%')", no),
        ("depth BETWEEN 12.5 and 150.0", yes),
        ("depth NOT BETWEEN 0 AND 12.4", yes),
        ("NOT depth BETWEEN 10 AND 20", no),
        ("floors IN (1.0, 2.0, 3.0)", yes),
        ("floors NOT IN (1, 水深)", null),
        ("floors IN (1, 水深, 3)", yes),
        ("wet = TRUE", yes),
        ("wet <> true", no),
        ("FALSE = wet", no),
        ("true", yes),
        ("NOT FALSE", yes),
        ("水深 > 1", null),
        ("NOT 水深 > 1", null),
        ("水深 > 1 AND FALSE", no),
        ("水深 > 1 AND TRUE", null),
        ("水深 > 1 OR TRUE", yes),
        ("水深 > 1 OR FALSE", null),
        ("水深 IS NULL", yes),
        ("NOT 水深 IS NULL", no),
        ("eo:colour IS NOT NULL", no),
        ("geometry IS NOT NULL", yes),
        ("(水深 = 1) IS NULL", yes),
        ("CASEI(eo:colour) IS NULL", yes),
        ("eo:colour LIKE '%'", null),
        ("floors>5 OR (floors<5 AND wet=true)", yes),
        ("floors>5 AND floors<5 OR wet=true", yes),
        ("floors>5 AND (floors<5 OR wet=true)", no),
        ("depth > (floors - 1)", yes),
        ("depth = 2 + 3 * 3.5", yes),
        ("depth = - floors * -4.0 + \"floors\" / 6 ", yes),
        ("9 = floors ^ 2", yes),
        ("1 = (floors % 2) AND 1 = (floors div 2) AND -1 = (-3 div 2)", yes),
        ("floors / 0 = 1", null),
        ("水深 + 1 = 1", null),
        ("+1e2 = 100 and .5 = 5E-1", yes),
        ("updated = TIMESTAMP('1970-01-02T00:00:10Z')", yes),
        ("updated < TIMESTAMP('1970-01-02T00:00:10.000001Z')", yes),
        ("updated >= date('1970-01-02') AND updated <= DATE('1970-01-02') AND updated = DATE('1970-01-02')", yes),
        ("updated > DATE('1970-01-02') OR updated < DATE('1970-01-02')", no),
        ("updated IN (DATE('1970-01-01'), TIMESTAMP('1970-01-02T00:00:10Z'))", yes),
        ("T_AFTER(updated, DATE('1970-01-01'))", yes),
        ("T_BEFORE(updated, TIMESTAMP('1970-01-02T00:00:10Z'))", no),
        ("T_EQUALS(updated, DATE('1970-01-02'))", yes),
        ("t_equals(updated, INTERVAL('1970-01-02','1970-01-02'))", no),
        ("T_INTERSECTS(updated, INTERVAL('1970-01-02T00:00:10Z', '..'))", yes),
        ("T_DISJOINT(INTERVAL('..', '1970-01-01'), updated)", yes),
        ("T_DURING(INTERVAL(starts_at, updated), INTERVAL('1970-01-02', '1970-01-03'))", yes),
        ("T_DURING(INTERVAL(starts_at, ends_at), INTERVAL('1970-01-02', '1970-01-03'))", null),
        ("T_CONTAINS(INTERVAL('1970-01-01','..'), INTERVAL(starts_at, updated))", yes),
        ("T_MEETS(INTERVAL('1970-01-01','1970-01-02T00:00:10Z'), INTERVAL(updated, '..'))", yes),
        ("INTERVAL(updated, ends_at) IS NULL", yes),
        ("S_INTERSECTS(geometry,POINT(1 2))", yes),
        ("S_INTERSECTS(geometry,POINT Z (1 2 3))", yes),
        ("S_INTERSECTS(geometry, BBOX(1,2,9,9))", yes),
        ("S_WITHIN(geometry, BBOX(1,2,-100,9,9,100))", no),
        ("S_TOUCHES(geometry, BBOX(1,0,9,9))", yes),
        ("S_INTERSECTS(geometry, BBOX(179,0,10,9))", yes),
        ("S_INTERSECTS(geometry, BBOX(10,0,0,9))", no),
        ("S_WITHIN(geometry, POLYGON((0 0,10 0,10 10,0 0)))", no),
        ("S_WITHIN(geometry, POLYGON((0 0,10 10,0 10,0 0)))", yes),
        ("s_contains(POLYGON((0 0,10 10,0 10,0 0)), geometry)", yes),
        ("S_DISJOINT(geometry, POLYGON((0 0,9 0,9 9,0 9,0 0),(1 1,1 3,3 3,3 1,1 1)))", no),
        ("S_EQUALS(geometry, MULTIPOINT((1 2)))", yes),
        ("S_EQUALS(geometry, MULTIPOINT(1 2, 2 2))", no),
        ("S_CROSSES(geometry, LINESTRING(0 0,2 4))", no),
        ("S_INTERSECTS(geometry, MULTILINESTRING((0 0,2 4),(5 5,6 6)))", yes),
        ("S_OVERLAPS(geometry, MULTIPOLYGON(((0 0,1 0,1 1,0 0)),((5 5,6 5,6 6,5 5))))", no),
        ("S_INTERSECTS(geometry, GEOMETRYCOLLECTION(POINT(5 5),LINESTRING(0 0,2 4)))", yes),
        ("S_EQUALS(geometry, geometry)", yes),
        ("S_CROSSES(LINESTRING(0 0,4 4),POLYGON((1 0,3 0,3 9,1 9,1 0)))", yes),
        ("name = 'it''s' OR name = 'it\\'s'", no),
    ] {
        assert_eq!(of_feature(filter), expected, "{filter}");
    }
}

#[test]
fn the_json_encoding_means_the_same_as_the_text() {
    for (json, text) in [
        (r#"{"op":"=","args":[{"property":"name"},"a\\%"]}"#, r"name = 'a\\%'"),
        (r#"{"op":"and","args":[{"op":">","args":[{"property":"depth"},1]},true]}"#, "depth > 1 AND TRUE"),
        (
            r#"{"op":"or","args":[{"op":"not","args":[{"op":"isNull","args":[{"property":"wet"}]}]},false,false]}"#,
            "wet IS NOT NULL OR FALSE OR FALSE",
        ),
        (
            r#"{"op":"like","args":[{"op":"casei","args":[{"property":"name"}]},{"op":"casei","args":["Ab\\_%"]}]}"#,
            r"CASEI(name) LIKE CASEI('Ab\_%')",
        ),
        (r#"{"op":"between","args":[{"property":"depth"},1.5,2]}"#, "depth BETWEEN 1.5 AND 2"),
        (r#"{"op":"in","args":[{"property":"floors"},[1,2]]}"#, "floors IN (1, 2)"),
        (
            r#"{"op":"<=","args":[{"op":"+","args":[{"property":"depth"},1]},{"op":"div","args":[7,2]}]}"#,
            "depth + 1 <= 7 div 2",
        ),
        (
            r#"{"op":"t_after","args":[{"property":"updated"},{"date":"2010-02-10"}]}"#,
            "T_AFTER(updated, DATE('2010-02-10'))",
        ),
        (
            r#"{"op":">","args":[{"property":"updated"},{"timestamp":"2010-02-10T00:00:00Z"}]}"#,
            "updated > TIMESTAMP('2010-02-10T00:00:00Z')",
        ),
        (
            r#"{"op":"t_during","args":[{"interval":[{"property":"starts_at"},"2017-06-10T07:30:00Z"]},{"interval":["2017-06-10",".."]}]}"#,
            "T_DURING(INTERVAL(starts_at, '2017-06-10T07:30:00Z'), INTERVAL('2017-06-10', '..'))",
        ),
        (
            r#"{"op":"s_within","args":[{"property":"geometry"},{"bbox":[-118,33.8,-117.9,34]}]}"#,
            "S_WITHIN(geometry, BBOX(-118,33.8,-117.9,34))",
        ),
        (
            r#"{"op":"s_intersects","args":[{"property":"geometry"},{"type":"Point","coordinates":[36.3,32.2,7]}]}"#,
            "S_INTERSECTS(geometry, POINT(36.3 32.2))",
        ),
        (
            r#"{"op":"s_touches","args":[{"type":"Polygon","coordinates":[[[0,0],[9,0],[9,9],[0,0]]]},{"property":"geometry"}]}"#,
            "S_TOUCHES(POLYGON((0 0,9 0,9 9,0 0)), geometry)",
        ),
        (
            r#"{"op":"s_equals","args":[{"property":"geometry"},{"type":"MultiPoint","coordinates":[[0,0],[9,0]]}]}"#,
            "S_EQUALS(geometry, MULTIPOINT((0 0),(9 0)))",
        ),
        (
            r#"{"op":"s_crosses","args":[{"property":"geometry"},{"type":"MultiLineString","coordinates":[[[0,0],[9,0]]]}]}"#,
            "S_CROSSES(geometry, MULTILINESTRING((0 0,9 0)))",
        ),
        (
            r#"{"op":"s_overlaps","args":[{"property":"geometry"},{"type":"MultiPolygon","coordinates":[[[[0,0],[9,0],[9,9],[0,0]]]]}]}"#,
            "S_OVERLAPS(geometry, MULTIPOLYGON(((0 0,9 0,9 9,0 0))))",
        ),
        (
            r#"{"op":"s_disjoint","args":[{"property":"geometry"},{"type":"GeometryCollection","geometries":[{"type":"LineString","coordinates":[[0,0],[9,0]]}]}]}"#,
            "S_DISJOINT(geometry, GEOMETRYCOLLECTION(LINESTRING(0 0,9 0)))",
        ),
    ] {
        assert_eq!(read(json, Lang::Json).unwrap(), read(text, Lang::Text).unwrap(), "{json}");
    }
}

#[test]
fn what_is_wrong_is_said_with_what_is_expected_and_where() {
    for (filter, part) in [
        ("", "character 1: expected a property, a value, a function or (, found the end"),
        ("depth >", "character 8: expected a property"),
        ("depth > 1 AND", "character 14: expected"),
        ("depth > 1 wet = TRUE", "character 11: expected AND, OR or the end, found \"wet\""),
        ("(depth > 1", "character 11: expected AND, OR, an operator or ), found the end"),
        ("depth > 'deep'", "character 9: expected a number, found a text"),
        ("水深 = TRUE", "character 6: expected a number, found TRUE or FALSE"),
        ("depth = depth = depth", "character 15: expected AND, OR or the end"),
        ("(depth = 1) = TRUE", "character 8: expected a text, number, time, TRUE or FALSE, found a condition"),
        ("wet", "character 1: expected a condition: write wet = TRUE"),
        ("depth", "character 1: expected a condition"),
        ("colour = 'red'", "character 1: there is no property \"colour\"; there are name, eo:colour, depth"),
        ("updated > '2020-01-01T00:00:00Z'", "character 11: expected a time, found a text: write TIMESTAMP"),
        ("updated > TIMESTAMP('2020-13-01T00:00:00Z')", "character 21: \"2020-13-01T00:00:00Z\": not a time"),
        ("updated > DATE('2020-02-30')", "character 16: \"2020-02-30\" is no date"),
        ("depth NOT 5", "character 11: expected LIKE, BETWEEN or IN"),
        ("depth BETWEEN 1", "expected AND, found the end"),
        ("depth IN ()", "character 11: expected a property, a value"),
        ("depth IN (1, 'a')", "character 14: expected a number, found a text"),
        ("depth LIKE 'a'", "character 1: expected a text, found a number"),
        ("name LIKE name", "expected a pattern in quotation marks"),
        ("depth IS 5", "expected NULL, found 5"),
        ("Buffer(geometry, 10) = TRUE", "there is no function Buffer; there are casei, s_intersects"),
        ("ACCENTI(name) = 'a'", "there is no function ACCENTI"),
        ("T_DURING(updated, INTERVAL('..','..'))", "T_DURING is for intervals: write INTERVAL(from, to)"),
        ("T_BEFORE(updated, INTERVAL('2020-01-02','2020-01-01'))", "ends before it begins"),
        ("S_INTERSECTS(geometry)", "expected 2 operands, found 1"),
        ("S_INTERSECTS(name, POINT(1 2))", "character 14: expected a geometry, found a text"),
        ("S_INTERSECTS(geometry, POINT(1))", "a position has 2 or 3 numbers, not 1"),
        ("S_INTERSECTS(geometry, POINT(1 2 3 4 5))", "2 or 3 numbers, not 5"),
        ("S_INTERSECTS(geometry, POINT(200 2))", "200 is no longitude"),
        ("S_INTERSECTS(geometry, POINT(20 110))", "110 is no latitude in [-90, 90] degrees: the order"),
        ("S_INTERSECTS(geometry, POINT(NaN 2))", "character 30: expected a number, found \"NaN\""),
        ("S_INTERSECTS(geometry, POINT EMPTY)", "expected a comma or )"),
        ("S_INTERSECTS(geometry, POLYGON((0 0,1 0,1 1,0 1)))", "the last like the first"),
        ("S_INTERSECTS(geometry, POLYGON((0 0,1 1,1 0,0 1,0 0)))", "not a simple geometry"),
        ("S_INTERSECTS(geometry, POLYGON((0 0,9 0,9 9,0 0),(20 20,21 20,21 21,20 20)))", "not a simple geometry"),
        ("S_INTERSECTS(geometry, LINESTRING(1 1))", "not a simple geometry"),
        ("S_INTERSECTS(geometry, BBOX(1,2,3))", "a box has 4 or 6 numbers"),
        ("S_INTERSECTS(geometry, BBOX(1,5,3,4))", "the south 5 of the box lies north"),
        ("S_INTERSECTS(geometry, GEOMETRYCOLLECTION(GEOMETRYCOLLECTION(POINT(1 1))))", "expected POINT, LINESTRING"),
    ] {
        let told = read(filter, Lang::Text).unwrap_err().to_string();
        assert!(told.contains(part), "{filter}: {told}");
    }
    for (filter, part) in [
        ("", "not JSON"),
        ("{\"op\":", "line 1 column 6"),
        ("[]", "at /: an array stands only in the operator in"),
        ("null", "at /: null is compared by the operator isNull"),
        ("1e999", "not JSON: number out of range"),
        (r#"{"op":"="}"#, "at /: expected op and args, an array"),
        (r#"{"op":"=","args":[1]}"#, "at /: expected 2 operands, found 1"),
        (
            r#"{"op":"and","args":[true,{"op":"=","args":[{"property":"depth"},"x"]}]}"#,
            "at /args/1/args/1: expected a number",
        ),
        (r#"{"op":"avg","args":[]}"#, "there is no function avg"),
        (r#"{"op":"in","args":[{"property":"depth"},1]}"#, "expected a value and an array of values"),
        (
            r#"{"op":"=","args":[{"property":"depth"},{"properti":1}]}"#,
            "at /args/1: expected an object with op and args",
        ),
        (
            r#"{"op":"s_within","args":[{"property":"geometry"},{"type":"Circle","coordinates":[]}]}"#,
            "\"Circle\" is no geometry",
        ),
        (
            r#"{"op":"s_within","args":[{"property":"geometry"},{"type":"Point"}]}"#,
            "at /args/1: a geometry has coordinates",
        ),
        (r#"{"op":"s_within","args":[{"property":"geometry"},{"bbox":[1,2,"x",4]}]}"#, "\"x\" is no number"),
    ] {
        let told = read(filter, Lang::Json).unwrap_err().to_string();
        assert!(told.contains(part), "{filter}: {told}");
    }
}

#[test]
fn a_filter_that_would_take_long_is_refused_before_it_is_parsed() {
    let long = format!("depth IN ({})", vec!["1"; 300].join(","));
    let ors = vec!["wet=TRUE"; 10_000].join(" OR ");
    let parentheses = format!("{}1=1{}", "(".repeat(2_000), ")".repeat(2_000));
    let vertices = (0..100_000).map(|n| format!("{n} 1,")).collect::<String>();
    for (filter, part) in [
        (long.as_str(), "more than 256 values"),
        (&ors, "bytes long; at most 4096 are read"),
        (&"(".repeat(10_000), "bytes long"),
        (&parentheses, "character 33: more than 32 parentheses"),
        (&"NOT ".repeat(1_000), "expected a property"),
        (&"- ".repeat(1_000), "expected a property"),
        (&format!("S_WITHIN(geometry,LINESTRING({vertices}1 1))"), "bytes long"),
    ] {
        let told = read(filter, Lang::Text).unwrap_err().to_string();
        assert!(told.contains(part), "{}: {told}", &filter[..40]);
    }
    let nested = |n: usize| format!("{}true{}", r#"{"op":"not","args":["#.repeat(n), "]}".repeat(n));
    assert!(read(&nested(16), Lang::Json).is_ok());
    let told = read(&nested(17), Lang::Json).unwrap_err().to_string();
    assert!(told.contains("34 deep in each other; at most 32"), "{told}");
    assert!(read(&"[".repeat(4_000), Lang::Json).unwrap_err().to_string().contains("4000 deep"));
    // Brackets in a text are no depth.
    let text = format!(r#"{{"op":"=","args":[{{"property":"name"}},"{}\"["]}}"#, "[".repeat(100));
    assert!(read(&text, Lang::Json).is_ok());
    // As much as is let through is evaluated on the stack of a test.
    let sum = format!("{} > 0", vec!["1"; 120].join("+"));
    assert_eq!(of_feature(&sum), Some(true));
    let deep = format!("{}wet = TRUE{}", "(NOT ".repeat(32), ")".repeat(32));
    assert_eq!(of_feature(&deep), Some(true));
}

#[test]
fn a_filter_tells_the_smallest_box_that_its_features_lie_in() {
    let bounds = |filter: &str| read(filter, Lang::Text).unwrap().bounds().map(|b| [b.west, b.south, b.east, b.north]);
    let (small, large) = ("S_WITHIN(geometry,BBOX(1,1,2,2))", "S_INTERSECTS(LINESTRING(0 0,5 6),geometry)");
    assert_eq!(bounds(large), Some([0.0, 0.0, 5.0, 6.0]));
    assert_eq!(bounds(&format!("{large} AND wet=TRUE AND {small}")), Some([1.0, 1.0, 2.0, 2.0]));
    assert_eq!(bounds("S_WITHIN(geometry,BBOX(179,1,-179,2))"), Some([179.0, 1.0, -179.0, 2.0]));
    for none in ["S_DISJOINT(geometry,BBOX(1,1,2,2))", &format!("NOT {small}"), &format!("{small} OR {large}")] {
        assert_eq!(bounds(none), None, "{none}");
    }
}

#[test]
fn a_filter_tells_from_when_to_when_a_time_of_its_features_lies() {
    let times = |filter: &str| {
        let times = read(filter, Lang::Text).unwrap().times(5);
        (times.from, times.to)
    };
    let always = (i64::MIN, i64::MAX);
    for (filter, expected) in [
        ("updated >= TIMESTAMP('1970-01-01T00:00:10Z')", (10, i64::MAX)),
        ("TIMESTAMP('1970-01-01T00:00:10Z') > updated", (i64::MIN, 10)),
        ("updated = DATE('1970-01-02')", (86_400, 172_799)),
        ("updated > DATE('1970-01-02') AND wet = TRUE AND updated < DATE('1970-01-05')", (86_400, 431_999)),
        (
            "T_AFTER(updated, DATE('1970-01-02')) AND T_BEFORE(updated, TIMESTAMP('1970-01-05T00:00:00.5Z'))",
            (86_400, 345_600),
        ),
        ("T_INTERSECTS(updated, INTERVAL('1970-01-02', '..'))", (86_400, i64::MAX)),
        ("T_EQUALS(TIMESTAMP('1970-01-01T00:00:10Z'), updated)", (10, 10)),
        ("updated <> DATE('1970-01-02')", always),
        ("starts_at > DATE('1970-01-02')", always),
        ("NOT updated > DATE('1970-01-02')", always),
        ("updated > DATE('1970-01-02') OR wet = TRUE", always),
        ("updated > starts_at", always),
    ] {
        assert_eq!(times(filter), expected, "{filter}");
    }
}
