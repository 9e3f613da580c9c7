//! Inputs that must be refused: a small valid world with one thing wrong.

use super::World;

const EVENTS: &str = "\
event,id,at,category,lon,lat,ref,person,photo
report,a,1704067200,waterlogging,110.33,20.01,,7,
report,b,1704070800,waterlogging,110.3301,20.01,,8,1
report,m,1704070800,manhole,110.33,20.01,,,
dry,d,1704070800,waterlogging,110.33,20.01,,,
report,gone,1704070800,waterlogging,110.33,20.01,,,
retract,,1704070801,,,,gone,,
dry,gone_dry,1704070800,waterlogging,110.33,20.01,,,
retract,,1704070801,,,,gone_dry,,
";
const PLACES: &str = "id,lon,lat\nx,110.33,20.01\n";
const RAIN: &str = "start,seconds,mm\n1704060000,3600,1.0\n1704063600,3600,\n";

/// Name, part of the referee's reason, and the line that is wrong.
type Wrong = (&'static str, &'static str, &'static str);

const WRONG_EVENTS: &[Wrong] = &[
    ("duplicate_id", "empty or twice", "report,a,1704074400,waterlogging,110.33,20.01,,,"),
    ("duplicate_id_of_a_dry_report", "empty or twice", "report,d,1704074400,waterlogging,110.33,20.01,,,"),
    ("duplicate_id_of_a_hidden_report", "empty or twice", "report,gone,1704074400,waterlogging,110.33,20.01,,,"),
    ("duplicate_id_of_a_hidden_dry_report", "empty or twice", "report,gone_dry,1704074400,other,110.33,20.01,,,"),
    ("dry_report_with_a_known_id", "empty or twice", "dry,a,1704074400,waterlogging,110.33,20.01,,,"),
    ("empty_id", "empty or twice", "report,,1704074400,waterlogging,110.33,20.01,,,"),
    ("empty_id_of_a_dry_report", "empty or twice", "dry,,1704074400,waterlogging,110.33,20.01,,,"),
    ("unknown_category", "unknown category", "report,n,1704074400,flood,110.33,20.01,,,"),
    ("unknown_category_of_a_dry_report", "unknown category", "dry,n,1704074400,Waterlogging,110.33,20.01,,,"),
    ("no_category", "unknown category", "report,n,1704074400,,110.33,20.01,,,"),
    ("acknowledge_unknown", "no visible report", "acknowledge,,1704074400,,,,z,,"),
    ("acknowledge_nothing", "no visible report", "acknowledge,,1704074400,,,,,,"),
    ("reopen_later_report", "no visible report", "reopen,,1704074400,,,,n,,\nreport,n,1704074400,other,110,20,,,"),
    ("resolve_hidden", "no visible report", "resolve,,1704074400,,,,gone,,"),
    ("dismiss_dry", "no visible report", "dismiss,,1704074400,,,,d,,"),
    ("found_dry", "no visible report", "found,,1704074400,,,,d,,"),
    ("not_found_hidden_dry", "no visible report", "not_found,,1704074400,,,,gone_dry,,"),
    ("retract_unknown", "no visible report", "retract,,1704074400,,,,z,,"),
    ("retract_twice", "no visible report", "retract,,1704074400,,,,gone,,"),
    ("retract_dry_twice", "no visible report", "retract,,1704074400,,,,gone_dry,,"),
    ("split_unknown", "no visible report", "split,,1704074400,,,,z,,"),
    ("split_hidden", "no visible report", "split,,1704074400,,,,gone,,"),
    ("merge_with_unknown", "no visible report", "merge,z,1704074400,,,,a,,"),
    ("merge_unknown", "no visible report", "merge,a,1704074400,,,,z,,"),
    ("merge_with_hidden", "no visible report", "merge,gone,1704074400,,,,a,,"),
    ("merge_with_dry", "no visible report", "merge,d,1704074400,,,,a,,"),
    ("merge_across_categories", "merge across categories", "merge,m,1704074400,,,,a,,"),
    ("lat_91", "position", "report,n,1704074400,waterlogging,110.33,91,,,"),
    ("lat_just_out", "position", "report,n,1704074400,waterlogging,110.33,-90.00000001,,,"),
    ("lon_181", "position", "report,n,1704074400,waterlogging,181,20.01,,,"),
    ("lon_nan", "position", "report,n,1704074400,waterlogging,nan,20.01,,,"),
    ("lat_infinite", "position", "dry,n,1704074400,waterlogging,110.33,inf,,,"),
    ("no_position", "could not convert", "report,n,1704074400,waterlogging,,,,,"),
    ("position_is_text", "could not convert", "report,n,1704074400,waterlogging,110°E,20.01,,,"),
    ("time_without_offset", "time without offset", "report,n,2024-01-01T10:00:00,waterlogging,110.33,20.01,,,"),
    ("deed_without_offset", "time without offset", "acknowledge,,2024-01-01T10:00:00,,,,a,,"),
    ("note_without_offset", "time without offset", "verify,,2024-01-01T10:00:00,,,,a,,"),
    ("time_is_text", "isoformat", "report,n,yesterday,waterlogging,110.33,20.01,,,"),
    ("no_time", "isoformat", "report,n,,waterlogging,110.33,20.01,,,"),
];

const WRONG_RAIN: &[Wrong] = &[
    ("rain_overlaps", "overlap or are negative", "1704067199,3600,0"),
    ("rain_twice", "overlap or are negative", "1704060000,3600,1.0"),
    ("rain_negative", "overlap or are negative", "1704067200,3600,-0.2"),
    ("rain_nan", "NaN", "1704067200,3600,nan"),
    ("rain_seconds_are_text", "invalid literal", "1704067200,1h,0"),
    ("rain_without_offset", "time without offset", "2024-01-01T10:00:00,3600,0"),
];

const WRONG_PLACES: &[Wrong] = &[
    ("place_twice", "place ids", "x,110.34,20.02"),
    ("place_is_a_cell", "place ids", "8c411c7b1b5a3ff,110.34,20.02"),
    ("place_is_a_cell_in_capitals", "place ids", "8C411C7B1B5A3FF,110.34,20.02"),
    ("place_is_a_coarse_cell", "place ids", "8009fffffffffff,110.34,20.02"),
    ("place_lat_91", "position", "y,110.34,91"),
];

const WRONG_SETTINGS: &[Wrong] = &[
    ("setting_unknown", "no setting", "radius=5"),
    ("setting_unknown_for_a_category", "no setting", "radius.manhole=5"),
    ("setting_not_by_category", "no setting", "dry_gap.manhole=3600"),
    ("setting_is_text", "could not convert", "join_radius=wide"),
    ("setting_is_no_whole_number", "invalid literal", "lapse=1.5"),
    ("as_of_without_offset", "time without offset", "as_of=2024-01-01T10:00:00"),
];

/// The valid world that they all start from, then every refusal.
pub fn all() -> Vec<World> {
    let world = |name: &str, refused| World {
        name: format!("refused_{name}"),
        events: EVENTS.to_owned(),
        places: Some(PLACES.to_owned()),
        rain: Some(RAIN.to_owned()),
        set: vec!["lapse=3600".to_owned()],
        refused,
    };
    let mut out = vec![World { name: "valid_base_of_the_refused".to_owned(), ..world("", None) }];
    for (name, why, line) in WRONG_EVENTS {
        out.push(World { events: format!("{EVENTS}{line}\n"), ..world(name, Some(*why)) });
    }
    for (name, why, line) in WRONG_RAIN {
        out.push(World { rain: Some(format!("{RAIN}{line}\n")), ..world(name, Some(*why)) });
    }
    for (name, why, line) in WRONG_PLACES {
        out.push(World { places: Some(format!("{PLACES}{line}\n")), ..world(name, Some(*why)) });
    }
    for (name, why, pair) in WRONG_SETTINGS {
        out.push(World { set: vec![(*pair).to_owned()], ..world(name, Some(*why)) });
    }
    out
}
