//! Layers as files, read by readers that share nothing with their writers.

use serde_json::{Value, json};
use waterlog::export::Format;
use waterlog::hazard::layer::{Kind, Layer, Time};

use crate::files::{FORMULA, World, alike};
use crate::program::waterlog;

#[test]
fn a_geopackage_has_a_sound_index_and_a_style() {
    let world = World::new();
    for layer in Layer::ALL {
        let file = rusqlite::Connection::open(world.export(layer, Format::GeoPackage)).unwrap();
        let one = |sql: &str| file.query_row(sql, [], |row| row.get::<_, rusqlite::types::Value>(0)).unwrap();
        let name = layer.name();
        assert_eq!(one(&format!("SELECT rtreecheck('rtree_{name}_geom')")), "ok".to_owned().into());
        assert_eq!(one("PRAGMA integrity_check"), "ok".to_owned().into());
        let (in_tree, lie_somewhere) = (
            one(&format!("SELECT count(*) FROM rtree_{name}_geom")),
            one(&format!("SELECT count(*) FROM {name} WHERE geom IS NOT NULL")),
        );
        assert_eq!(in_tree, lie_somewhere);
        let style: (String, String, bool) = file
            .query_row("SELECT f_table_name, styleQML, useAsDefault FROM layer_styles", [], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })
            .unwrap_or_else(|e| panic!("{name} has no style: {e}"));
        assert_eq!((&*style.0, style.2), (name, true));
        assert_eq!(one("SELECT count(*) FROM layer_styles"), 1.into());
        // Every kind of shape that the layer has is drawn by a symbol of its own kind.
        for (shape, flat) in [("marker", 0), ("line", 1), ("fill", 2)] {
            let has = world.features(layer).values().any(|feature| {
                let kind = feature["geometry"]["type"].as_str().unwrap_or_default();
                ["Point", "LineString", "Polygon"].iter().position(|of| kind.ends_with(of)) == Some(flat)
            });
            assert_eq!(style.1.contains(&format!("type=\"{shape}\"")), has, "{name}: {shape}: {}", style.1);
        }
    }
}

#[test]
fn a_flatgeobuf_gives_what_lies_in_a_box() {
    use flatgeobuf::{FallibleStreamingIterator, FgbReader};
    let world = World::new();
    let bytes = std::fs::read(world.export(Layer::Reports, Format::FlatGeobuf)).unwrap();
    let inside = |f: &&Value| {
        let degrees = |n: usize| f["geometry"]["coordinates"][n].as_f64().unwrap();
        (-74.0..=-73.0).contains(&degrees(0)) && (40.0..=40.775).contains(&degrees(1))
    };
    let ours = world.features(Layer::Reports);
    let expected = ours.values().filter(inside).count();
    let mut found =
        FgbReader::open(std::io::Cursor::new(&bytes)).unwrap().select_bbox(-74.0, 40.0, -73.0, 40.775).unwrap();
    let mut count = 0;
    while found.next().unwrap().is_some() {
        count += 1;
    }
    assert!(count == expected && count > 0 && count < ours.len(), "{count} of {expected}");
}

#[test]
fn a_csv_holds_the_same_and_no_cell_is_a_formula() {
    let world = World::new();
    for layer in Layer::ALL {
        let ours = world.features(layer);
        let mut table = csv::Reader::from_path(world.export(layer, Format::Csv)).unwrap();
        let names = table.headers().unwrap().clone();
        let mut rows = 0;
        for row in table.records().map(Result::unwrap) {
            rows += 1;
            let cell = |name: &str| names.iter().position(|n| n == name).map(|n| &row[n]);
            let feature = &ours[cell("id").unwrap()];
            for column in layer.columns() {
                let text = match &feature["properties"][column.name] {
                    Value::Null => String::new(),
                    Value::String(text) if text == FORMULA => format!("'{text}"),
                    Value::String(text) => text.clone(),
                    other => other.to_string(),
                };
                let found = cell(column.name).unwrap();
                let number = |text: &str| text.parse::<f64>().ok();
                assert!(found == text || number(found) == number(&text), "{}: {found} is not {text}", column.name);
            }
            if let Some(lon) = cell("lon").filter(|lon| !lon.is_empty()) {
                assert_eq!(lon.parse().ok(), feature["geometry"]["coordinates"][0].as_f64());
            }
        }
        assert_eq!(rows, ours.len());
    }
    let data = world.folder.path();
    let with_mark =
        waterlog(data, &["--data", "city", "export", "places", "--format", "csv", "--bom"]).expect_success();
    assert!(with_mark.starts_with("\u{FEFF}id,lon,lat,name\n"), "{with_mark}");
}

#[test]
fn a_geoparquet_holds_typed_columns_and_says_where_it_lies() {
    use parquet::basic::{LogicalType, Type};
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::{Field, RowAccessor};
    let world = World::new();
    for layer in Layer::ALL {
        let ours = world.features(layer);
        let file = std::fs::File::open(world.export(layer, Format::GeoParquet)).unwrap();
        let reader = SerializedFileReader::new(file).unwrap();
        let about = reader.metadata().file_metadata();
        assert_eq!(about.num_rows(), ours.len() as i64);
        let geo = about.key_value_metadata().unwrap().iter().find(|pair| pair.key == "geo").unwrap();
        let geo: Value = serde_json::from_str(geo.value.as_ref().unwrap()).unwrap();
        assert_eq!((&geo["version"], &geo["primary_column"]), (&json!("1.1.0"), &json!("geometry")));
        assert_eq!(
            (&geo["columns"]["geometry"]["encoding"], geo["columns"]["geometry"]["bbox"].is_array()),
            (&json!("WKB"), true)
        );
        let schema = about.schema_descr();
        for column in layer.columns() {
            let found = schema.columns().iter().find(|c| c.name() == column.name).unwrap();
            let kind = (found.physical_type(), found.logical_type_ref());
            assert!(
                match column.kind {
                    Kind::Text => matches!(kind, (Type::BYTE_ARRAY, Some(LogicalType::String))),
                    Kind::Integer => matches!(kind, (Type::INT64, None)),
                    Kind::Real => matches!(kind, (Type::DOUBLE, None)),
                    Kind::Boolean => matches!(kind, (Type::BOOLEAN, None)),
                    Kind::DateTime => matches!(kind, (Type::INT64, Some(LogicalType::Timestamp { .. }))),
                },
                "{}: {kind:?}",
                column.name
            );
        }
        for row in reader.get_row_iter(None).unwrap().map(Result::unwrap) {
            let feature = &ours[row.get_string(0).unwrap()];
            if feature["geometry"]["type"] == "Point" {
                let bytes = row.get_bytes(1).unwrap().data();
                let degrees = |from: usize| f64::from_le_bytes(bytes[from..from + 8].try_into().unwrap());
                assert!(alike(&feature["geometry"]["coordinates"], &json!([degrees(5), degrees(13)])));
            }
            for (name, field) in row.get_column_iter().skip(3) {
                let theirs = match field {
                    Field::Null => Value::Null,
                    Field::Str(text) => json!(text),
                    Field::Long(n) => json!(n),
                    Field::Double(v) => json!(v),
                    Field::Bool(flag) => json!(flag),
                    Field::TimestampMillis(at) => json!(Time(at / 1_000).to_string()),
                    other => panic!("{name}: {other:?}"),
                };
                let ours = &feature["properties"][name];
                assert!(alike(ours, &theirs), "{name}: {ours} is not {theirs}");
            }
        }
    }
}

#[test]
fn a_sequence_is_one_record_a_feature() {
    let world = World::new();
    for layer in [Layer::Reports, Layer::Areas] {
        let text = std::fs::read_to_string(world.export(layer, Format::GeoJsonSeq)).unwrap();
        let records: Vec<Value> =
            text.split('\u{1E}').skip(1).map(|record| serde_json::from_str(record).unwrap()).collect();
        let features: Vec<Value> = world.features(layer).into_values().collect();
        assert_eq!(records.len(), features.len());
        assert!(features.iter().all(|feature| records.contains(feature)));
    }
}

#[test]
fn an_export_says_on_a_terminal_how_far_it_is_and_nowhere_else() {
    let world = World::new();
    let reports = world.features(Layer::Reports).len();
    for format in Format::ALL.into_iter().filter(|format| *format != Format::PmTiles) {
        let file = format!("r.{}", format.extension());
        let arguments = ["--data", "city", "export", "reports", "-o", &file];
        let plain = waterlog(world.folder.path(), &arguments);
        assert!(plain.code == Some(0) && plain.stderr.is_empty(), "{file}: {}", plain.stderr);
        // A terminal, as util-linux makes one.
        let asked = format!("{} {}", env!("CARGO_BIN_EXE_waterlog"), arguments.join(" "));
        let mut script = std::process::Command::new("script");
        script.args(["-qec", &asked, "/dev/null"]).env("TERM", "xterm").current_dir(world.folder.path());
        let Ok(out) = script.output() else {
            told!("files: there is no `script` to make a terminal");
            assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "CI must not skip it");
            return;
        };
        let said = String::from_utf8_lossy(&out.stdout).into_owned();
        assert!(out.status.success(), "{file}: {said}");
        for part in ["writing", "0%", "100%", &format!("{reports} of {reports} features")] {
            assert!(said.contains(part), "{file}: {part}: {said}");
        }
    }
}
