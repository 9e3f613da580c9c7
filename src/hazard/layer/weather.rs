//! The weather that a query asks for: how many of a hotspot's occasions were in it.

use std::str::FromStr;

use super::super::storm::Weather;
use crate::error::{Error, Result, invalid};

/// How many of the occasions of a hotspot were in a weather.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InWeather {
    share: Share,
    weather: Weather,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Share {
    /// One or more.
    Some,
    /// More than half.
    Mostly,
    Only,
    Never,
}

impl InWeather {
    /// Those that can be asked for, by their names in a query.
    pub const ALL: [(&str, InWeather); 12] = [
        ("storm", InWeather { share: Share::Some, weather: Weather::Storm }),
        ("mostly_storm", InWeather { share: Share::Mostly, weather: Weather::Storm }),
        ("only_storm", InWeather { share: Share::Only, weather: Weather::Storm }),
        ("never_storm", InWeather { share: Share::Never, weather: Weather::Storm }),
        ("small_rain", InWeather { share: Share::Some, weather: Weather::SmallRain }),
        ("mostly_small_rain", InWeather { share: Share::Mostly, weather: Weather::SmallRain }),
        ("only_small_rain", InWeather { share: Share::Only, weather: Weather::SmallRain }),
        ("never_small_rain", InWeather { share: Share::Never, weather: Weather::SmallRain }),
        ("dry", InWeather { share: Share::Some, weather: Weather::None }),
        ("mostly_dry", InWeather { share: Share::Mostly, weather: Weather::None }),
        ("only_dry", InWeather { share: Share::Only, weather: Weather::None }),
        ("never_dry", InWeather { share: Share::Never, weather: Weather::None }),
    ];

    /// The share of all occasions, in the order of [`Weather::ALL`]. Weather that is unknown may have been this one: a
    /// hotspot of which any is unknown was never "never" in it, nor "only".
    pub fn holds(self, occasions: [u32; 4]) -> bool {
        let [this, unknown] = [self.weather, Weather::Unknown].map(|weather| occasions[weather as usize]);
        let all: u32 = occasions.iter().sum();
        match self.share {
            Share::Some => this > 0,
            Share::Mostly => 2 * u64::from(this) > u64::from(all),
            Share::Only => this == all,
            Share::Never => this == 0 && unknown == 0,
        }
    }
}

impl FromStr for InWeather {
    type Err = Error;

    fn from_str(name: &str) -> Result<InWeather> {
        let found = InWeather::ALL.into_iter().find(|(known, _)| *known == name);
        found.map(|(_, wanted)| wanted).ok_or_else(|| {
            let known = InWeather::ALL.map(|(known, _)| known).join(", ");
            invalid("weather", name, format!("unknown; known are {known}"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(name: &str, occasions: [u32; 4]) -> bool {
        name.parse::<InWeather>().unwrap().holds(occasions)
    }

    #[test]
    fn half_is_not_most_and_all_is() {
        assert!(!takes("mostly_storm", [2, 1, 1, 0]) && takes("mostly_storm", [3, 1, 1, 0]));
        assert!(!takes("only_storm", [3, 1, 0, 0]) && takes("only_storm", [3, 0, 0, 0]));
        assert!(takes("mostly_dry", [0, 0, 2, 1]) && !takes("mostly_dry", [0, 0, 2, 2]));
        assert!(takes("storm", [1, 9, 9, 9]) && takes("mostly_storm", [3, 0, 0, 0]));
    }

    #[test]
    fn unknown_weather_is_no_proof_of_never_or_only() {
        assert!(takes("never_storm", [0, 1, 1, 0]) && !takes("never_storm", [0, 1, 1, 1]));
        assert!(!takes("only_dry", [0, 0, 5, 1]) && takes("dry", [0, 0, 5, 1]));
    }

    #[test]
    fn only_is_mostly_and_mostly_is_some_and_never_is_none_of_these() {
        for case in 0..256_u32 {
            let occasions = [0, 2, 4, 6].map(|shift| (case >> shift) & 3);
            if occasions == [0; 4] {
                continue;
            }
            for weather in ["storm", "small_rain", "dry"] {
                let [only, mostly, never] =
                    ["only", "mostly", "never"].map(|s| takes(&format!("{s}_{weather}"), occasions));
                let some = takes(weather, occasions);
                assert!(only <= mostly && mostly <= some && !(never && some), "{weather} {occasions:?}");
            }
        }
    }

    #[test]
    fn an_unknown_name_lists_the_known() {
        let says = "sunny".parse::<InWeather>().unwrap_err().to_string();
        assert!(says.contains("known are storm, mostly_storm, only_storm, never_storm, small_rain"), "{says}");
    }
}
