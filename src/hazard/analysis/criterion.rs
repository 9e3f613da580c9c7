//! What somebody calls a flooding spot: an official definition, as data, and whether one occasion meets it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::{Result, invalid};

/// The definitions that come with the program.
const BUILT_IN: [(&str, &str); 18] = [
    ("england_derby", include_str!("../../../data/criteria/england_derby.toml")),
    ("england_surrey", include_str!("../../../data/criteria/england_surrey.toml")),
    ("england_harrow_1", include_str!("../../../data/criteria/england_harrow_1.toml")),
    ("england_harrow_2_3a", include_str!("../../../data/criteria/england_harrow_2_3a.toml")),
    ("england_harrow_3b_4a", include_str!("../../../data/criteria/england_harrow_3b_4a.toml")),
    ("england_harrow_4b", include_str!("../../../data/criteria/england_harrow_4b.toml")),
    ("hong_kong_small", include_str!("../../../data/criteria/hong_kong_small.toml")),
    ("hong_kong_medium", include_str!("../../../data/criteria/hong_kong_medium.toml")),
    ("hong_kong_large", include_str!("../../../data/criteria/hong_kong_large.toml")),
    ("usa_fema_repetitive_loss", include_str!("../../../data/criteria/usa_fema_repetitive_loss.toml")),
    ("ho_chi_minh_city", include_str!("../../../data/criteria/ho_chi_minh_city.toml")),
    ("shanghai_underpass", include_str!("../../../data/criteria/shanghai_underpass.toml")),
    ("beijing_underpass", include_str!("../../../data/criteria/beijing_underpass.toml")),
    ("new_taipei_underpass", include_str!("../../../data/criteria/new_taipei_underpass.toml")),
    ("wuhan", include_str!("../../../data/criteria/wuhan.toml")),
    ("indonesia_settlement", include_str!("../../../data/criteria/indonesia_settlement.toml")),
    ("malaysia_nadma", include_str!("../../../data/criteria/malaysia_nadma.toml")),
    ("china_common", include_str!("../../../data/criteria/china_common.toml")),
];

/// How far its text can be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Firmness {
    /// An official text was read.
    Official,
    /// A named newspaper gives it.
    NamedPress,
    /// Somebody else's copy of it was read.
    SecondaryCopy,
    /// A city says so of itself.
    OwnText,
}

/// One definition; `data/criteria/england_derby.toml` explains the keys.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    /// As in queries: letters, digits and `_`.
    #[serde(default)]
    pub id: String,
    pub en: String,
    pub zh: String,
    /// Who says so, and where it stands.
    pub source: String,
    pub firmness: Firmness,
    /// It is not judged by until a city confirms it as its own.
    #[serde(default)]
    pub disabled: bool,
    /// What it leaves to us, or to the city.
    #[serde(default)]
    pub note: Option<String>,
    /// The same in Chinese.
    #[serde(default)]
    pub note_zh: Option<String>,
    /// At least so many occasions …
    pub occasions: u32,
    /// … within some stretch of so many years; without it, ever.
    #[serde(default)]
    pub within_years: Option<f64>,
    /// Each of them deeper than this.
    #[serde(default)]
    pub deeper_than_cm: Option<u16>,
    /// Each of them at least this deep.
    #[serde(default)]
    pub depth_from_cm: Option<u16>,
    /// The depth is asked for at least so long after the end of the rain.
    #[serde(default)]
    pub after_rain_s: Option<i64>,
    /// Each of them lasting longer than this.
    #[serde(default)]
    pub longer_than_s: Option<i64>,
    /// Each of them over more than so many square metres.
    #[serde(default)]
    pub larger_than_m2: Option<f64>,
    /// Each of them along more than so many metres.
    #[serde(default)]
    pub wider_than_m: Option<f64>,
    /// Each of them with a claim of more than so many US dollars.
    #[serde(default)]
    pub claim_over_usd: Option<f64>,
    /// Each of them with nobody able to pass for at least so long.
    #[serde(default)]
    pub impassable_from_s: Option<i64>,
    /// It speaks of roads of this category alone.
    #[serde(default)]
    pub road_category: Option<String>,
    /// It speaks of underpasses alone.
    #[serde(default)]
    pub underpass: bool,
    /// Which of these numbers the city itself chooses.
    #[serde(default)]
    pub chosen: Vec<String>,
}

/// What one occasion says: nothing where nobody measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    pub start: i64,
    /// The deepest that was reported.
    pub depth_cm: Option<u16>,
    /// The deepest that was reported so long after the end of its rain as the criterion asks.
    pub depth_after_rain_cm: Option<u16>,
    /// The longest time between two wet reports of one incident: it lasted no less.
    pub at_least_s: i64,
    /// The longest time between two reports of one incident that nobody could pass: it was closed no less.
    pub impassable_at_least_s: i64,
    /// The longest time from a first report to when it was seen dry, where every incident was: it lasted no longer.
    pub at_most_s: Option<i64>,
}

impl Criterion {
    /// Those that come with the program.
    pub fn built_in() -> Vec<Criterion> {
        let read = |(id, text): &(&str, &str)| Criterion::parse(id, text).expect("every preset is tested to parse");
        BUILT_IN.iter().map(read).collect()
    }

    /// Reads a definition; its id is the name of its file.
    ///
    /// # Errors
    /// `Invalid` for what is not TOML, an unknown key, or a number that makes no sense.
    pub fn parse(id: &str, text: &str) -> Result<Criterion> {
        let bad = |reason: String| invalid("criterion", id, reason);
        if id.is_empty() || !id.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            return Err(bad("its name may hold letters, digits and _ alone".into()));
        }
        let mut read: Criterion = toml::from_str(text).map_err(|e| bad(e.to_string().trim_end().to_owned()))?;
        read.id = id.to_owned();
        if read.occasions == 0 {
            return Err(bad("occasions: at least 1".into()));
        }
        if read.within_years.is_some_and(|years| !(years > 0.0 && years <= 1_000.0)) {
            return Err(bad("within_years: not in (0, 1000]".into()));
        }
        Ok(read)
    }

    /// What of it an occasion does not meet, and what nobody can say.
    pub fn judge(&self, seen: &Seen) -> (Vec<&'static str>, Vec<&'static str>) {
        let (mut fails, mut unknown) = (Vec::new(), Vec::new());
        let depth = if self.after_rain_s.is_some() { seen.depth_after_rain_cm } else { seen.depth_cm };
        let limits = self.deeper_than_cm.map(|cm| cm.saturating_add(1)).max(self.depth_from_cm);
        match (limits, depth) {
            (Some(least), Some(depth)) if depth < least => fails.push("depth"),
            (Some(_), None) => unknown.push("depth"),
            _ => {}
        }
        match self.longer_than_s {
            Some(limit) if seen.at_least_s > limit => {}
            Some(limit) if seen.at_most_s.is_some_and(|most| most <= limit) => fails.push("duration"),
            Some(_) => unknown.push("duration"),
            None => {}
        }
        match self.impassable_from_s {
            Some(limit) if seen.impassable_at_least_s >= limit => {}
            // Nobody is kept from passing where it is dry.
            Some(limit) if seen.at_most_s.is_some_and(|most| most < limit) => fails.push("impassable"),
            Some(_) => unknown.push("impassable"),
            None => {}
        }
        // No event tells of these yet.
        let untold = [
            ("area", self.larger_than_m2.is_some()),
            ("length", self.wider_than_m.is_some()),
            ("claims", self.claim_over_usd.is_some()),
            ("underpass", self.underpass),
            ("road_category", self.road_category.is_some()),
        ];
        unknown.extend(untold.into_iter().filter(|(_, asked)| *asked).map(|(what, _)| what));
        (fails, unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_parses_and_says_where_it_comes_from() {
        let all = Criterion::built_in();
        assert!(all.len() == BUILT_IN.len() && all.iter().all(|c| !c.source.is_empty() && !c.zh.is_empty()));
        assert!(all.iter().all(|c| c.note.is_some() == c.note_zh.is_some()), "a note is there in both languages");
        let disabled: Vec<_> = all.iter().filter(|c| c.disabled).map(|c| c.id.as_str()).collect();
        assert_eq!(disabled, ["china_common"]);
    }

    #[test]
    fn every_official_definition_found_has_its_preset() {
        let all = Criterion::built_in();
        let ids: Vec<_> = all.iter().map(|c| c.id.as_str()).collect();
        let found = [
            "england_derby",
            "england_surrey",
            "england_harrow_1",
            "england_harrow_2_3a",
            "england_harrow_3b_4a",
            "england_harrow_4b",
            "hong_kong_small",
            "hong_kong_medium",
            "hong_kong_large",
            "usa_fema_repetitive_loss",
            "ho_chi_minh_city",
            "shanghai_underpass",
            "beijing_underpass",
            "new_taipei_underpass",
            "wuhan",
            "indonesia_settlement",
            "malaysia_nadma",
            "china_common",
        ];
        assert_eq!(ids, found);
        // A file that is there and not built in would be seen by nobody.
        let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/data/criteria")).unwrap();
        assert_eq!(folder.count(), found.len());
        let of = |id: &str| all.iter().find(|c| c.id == id).unwrap();
        let hours = ["1", "2_3a", "3b_4a", "4b"].map(|c| of(&format!("england_harrow_{c}")).impassable_from_s.unwrap());
        assert_eq!(hours.map(|s| s / 3_600), [2, 4, 10, 24]);
        let areas = ["small", "medium", "large"].map(|size| of(&format!("hong_kong_{size}")).larger_than_m2.unwrap());
        assert_eq!(areas.map(|m2| m2 / 10_000.0), [0.25, 10.0, 100.0]);
    }

    #[test]
    fn a_definition_that_makes_no_sense_says_why() {
        let least = "en = \"x\"\nzh = \"x\"\nsource = \"x\"\nfirmness = \"own_text\"\n";
        let says = |id: &str, text: &str| Criterion::parse(id, &format!("{least}{text}")).unwrap_err().to_string();
        assert!(says("ours", "occasions = 0").contains("at least 1"));
        assert!(says("ours", "occasions = 2\nwithin_years = -1").contains("(0, 1000]"));
        assert!(says("ours", "occasions = 2\ndepth = 5").contains("unknown field"));
        assert!(says("our own", "occasions = 2").contains("letters, digits"));
        assert!(Criterion::parse("ours", &format!("{least}occasions = 2")).is_ok());
    }

    #[test]
    fn an_occasion_meets_fails_or_cannot_be_judged() {
        let by = |text: &str| {
            let least = "en = \"x\"\nzh = \"x\"\nsource = \"x\"\nfirmness = \"own_text\"\noccasions = 1\n";
            Criterion::parse("ours", &format!("{least}{text}")).unwrap()
        };
        let seen = |depth_cm, depth_after_rain_cm| Seen { depth_cm, depth_after_rain_cm, ..Seen::default() };
        let over = by("deeper_than_cm = 15");
        assert_eq!(over.judge(&seen(Some(15), None)), (vec!["depth"], vec![]));
        assert_eq!(over.judge(&seen(Some(16), None)), (vec![], vec![]));
        assert_eq!(over.judge(&seen(None, None)), (vec![], vec!["depth"]));
        let still = by("depth_from_cm = 10\nafter_rain_s = 1800\nlonger_than_s = 7200");
        assert_eq!(still.judge(&seen(Some(30), Some(9))), (vec!["depth"], vec!["duration"]));
        assert_eq!(still.judge(&seen(Some(30), None)), (vec![], vec!["depth", "duration"]));
        let long = by("longer_than_s = 7200");
        let lasted = |at_least_s, at_most_s| long.judge(&Seen { at_least_s, at_most_s, ..Seen::default() });
        assert_eq!(lasted(7_201, None), (vec![], vec![]), "it was seen wet for longer");
        assert_eq!(lasted(0, Some(7_200)), (vec!["duration"], vec![]), "it was seen dry by then");
        assert_eq!(lasted(7_200, Some(9_000)), (vec![], vec!["duration"]), "it may have drained in between");
        assert_eq!(lasted(7_200, None), (vec![], vec!["duration"]));
        let closed = by("impassable_from_s = 7200");
        let was = |impassable_at_least_s, at_most_s| {
            closed.judge(&Seen { impassable_at_least_s, at_most_s, ..Seen::default() })
        };
        assert_eq!(was(7_200, None), (vec![], vec![]));
        assert_eq!(was(0, Some(7_199)), (vec!["impassable"], vec![]), "it was seen dry before");
        assert_eq!(was(7_199, Some(7_200)), (vec![], vec!["impassable"]));
        let of_a_road = by("road_category = \"1\"");
        assert_eq!(of_a_road.judge(&Seen::default()), (vec![], vec!["road_category"]));
    }
}
