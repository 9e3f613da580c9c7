//! Where the weather of a place is taken from, and what is missing where it is not known.

use serde::Serialize;
use utoipa::ToSchema;

use super::super::gauge::{CITY, Series};
use super::super::map::HazardMap;
use super::super::position::Ecef;
use super::super::storm::Weather;
use super::feature::rounded;

/// The rain that counts at a place.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct Measured {
    /// The gauge; `city` for rain without a gauge, which stands for the whole city; null where no rain counts.
    #[schema(example = "city")]
    pub gauge: Option<String>,
    pub gauge_name: Option<String>,
    pub gauge_distance_m: Option<f64>,
    /// Why the weather is not known, where it is not.
    pub weather_missing: Option<String>,
}

impl Measured {
    /// At a place, whatever the time.
    pub fn at(map: &HazardMap, at: Ecef) -> Measured {
        let series = series(map, at);
        match &series.gauge {
            Some(gauge) => Measured {
                gauge: Some(gauge.id.clone()),
                gauge_name: gauge.name.clone(),
                gauge_distance_m: Some(rounded(gauge.position.ecef().distance_m(at), 10.0)),
                weather_missing: None,
            },
            None if series.rain.in_force() > 0 => Measured { gauge: Some(CITY.to_owned()), ..Measured::default() },
            None => Measured { weather_missing: Some(too_far(map, at)), ..Measured::default() },
        }
    }

    /// At a place and a time, in unix seconds.
    pub fn when(map: &HazardMap, at: Ecef, t: i64) -> Measured {
        let mut here = Measured::at(map, at);
        let series = series(map, at);
        if here.weather_missing.is_none() && series.rain.weather(t).1 == Weather::Unknown {
            let rule = map.settings().rain_rule();
            let hours = |s: i64| rounded(s as f64 / 3_600.0, 10.0);
            here.weather_missing = Some(format!(
                "{} measured {} of the {} h before; dry weather needs {} h (rain_cover)",
                series
                    .gauge
                    .as_ref()
                    .map_or_else(|| "the city's rain".to_owned(), |gauge| format!("gauge {}", gauge.id)),
                hours(series.rain.covered_s(t)),
                hours(rule.small_rain_lag_s),
                hours(rule.rain_cover_s),
            ));
        }
        here
    }
}

fn series(map: &HazardMap, at: Ecef) -> &Series {
    &map.gauges().all()[map.gauges().of(at) as usize]
}

fn too_far(map: &HazardMap, at: Ecef) -> String {
    let Some((_, nearest)) = map.gauges().nearest(at) else { return "no rain is loaded".to_owned() };
    let gauge = map.gauges().all()[nearest as usize].gauge.as_ref();
    let km = |m: f64| rounded(m / 1_000.0, 10.0);
    let distance_m = gauge.map_or(0.0, |gauge| gauge.position.ecef().distance_m(at));
    format!(
        "the nearest gauge, {}, is {} km away; gauges count up to {} km (gauge_reach)",
        gauge.map_or(CITY, |gauge| &gauge.id),
        km(distance_m),
        km(map.settings().rain_rule().gauge_reach_m)
    )
}
