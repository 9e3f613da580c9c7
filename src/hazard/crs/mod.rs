//! The coordinate reference systems that positions can be written in and boxes be given in: what a city's own maps use,
//! in China and elsewhere. Axes go in the order that EPSG gives them, degrees or metres.
//!
//! WGS 84 and CGCS2000 are taken for the same: they differ by less than a reported position is worth (EPSG gives 1 m).

mod transverse_mercator;

use std::fmt;
use std::str::FromStr;

use super::layer::Bbox;
use super::position::Position;
use crate::error::{Error, Result, invalid};
use transverse_mercator::{CGCS_2000, TransverseMercator, WGS_84, from_meridian};

/// A coordinate reference system.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Crs {
    /// WGS 84, longitude first.
    #[default]
    Crs84,
    /// EPSG:4326: WGS 84, latitude first.
    Wgs84,
    /// EPSG:3857: the square map of the web, in metres at the equator.
    WebMercator,
    /// EPSG:4490: CGCS2000, latitude first.
    Cgcs2000,
    /// EPSG:32601–32660 and 32701–32760: a zone of 6°, easting first.
    Utm { zone: u8, south: bool },
    /// CGCS2000 in a zone of 3°, 25 to 45, northing first. EPSG:4513–4533 have the zone's number before the easting,
    /// EPSG:4534–4554 have not.
    GaussKruger { zone: u8, numbered: bool },
}

const CRS84: &str = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";
const EPSG: &str = "http://www.opengis.net/def/crs/EPSG/0/";
/// Radius in metres of the sphere of EPSG:3857.
const WEB_RADIUS_M: f64 = 6_378_137.0;
/// The poles lie infinitely far on the square map: they are drawn one step of positions before.
const LAST_WEB_LAT: f64 = 89.999_999_9;
const FIRST_GK: u8 = 25;
const LAST_GK: u8 = 45;
/// West, south, east, north of where CGCS2000 is used (EPSG:4490).
const CHINA: [f64; 4] = [73.62, 16.7, 134.77, 53.56];
/// South and north of where UTM is used.
const UTM_LATS: [f64; 2] = [-80.0, 84.0];
/// How far from its central meridian a zone is good to a fraction of a millimetre, in degrees.
const REACH: f64 = 30.0;

impl Crs {
    /// Those that every layer has.
    pub const EVERYWHERE: [Crs; 3] = [Crs::Crs84, Crs::Wgs84, Crs::WebMercator];

    /// Those of a layer with this extent, beside [`Crs::EVERYWHERE`]: the zones that it lies in, if all of it lies near
    /// enough to their meridians to be drawn in them. So every feature has coordinates in every system of its layer.
    pub fn local(extent: &Bbox) -> Vec<Crs> {
        let Bbox { west, south, east, north, .. } = *extent;
        let near = |zone: &Crs| {
            let meridian = zone.zone().map_or(0.0, |zone| zone.meridian);
            west >= meridian - REACH && east <= meridian + REACH
        };
        let mut found = Vec::new();
        if south >= UTM_LATS[0] && north <= UTM_LATS[1] {
            let zone = |lon: f64| ((lon + 180.0) / 6.0).floor().clamp(0.0, 59.0) as u8 + 1;
            let sides = [(north >= 0.0, false), (south < 0.0, true)].into_iter().filter(|(lies, _)| *lies);
            let zones =
                sides.flat_map(|(_, south)| (zone(west)..=zone(east)).map(move |zone| Crs::Utm { zone, south }));
            found.extend(zones.filter(near));
        }
        let [first, low, last, high] = CHINA;
        if west <= last && east >= first && south <= high && north >= low {
            let zone = |lon: f64| (lon / 3.0).round().clamp(FIRST_GK.into(), LAST_GK.into()) as u8;
            let zones = (zone(west)..=zone(east))
                .flat_map(|zone| [true, false].map(|numbered| Crs::GaussKruger { zone, numbered }));
            let mut zones = zones.filter(near).peekable();
            // In degrees, it is as much a system of its country as in zones.
            found.extend(zones.peek().map(|_| Crs::Cgcs2000));
            found.extend(zones);
        }
        found
    }

    /// What positions are worked out by, where that is a zone.
    fn zone(self) -> Option<TransverseMercator> {
        match self {
            Crs::Utm { zone, south } => Some(TransverseMercator {
                ellipsoid: &WGS_84,
                meridian: f64::from(zone) * 6.0 - 183.0,
                scale: 0.9996,
                false_easting_m: 500_000.0,
                false_northing_m: if south { 10_000_000.0 } else { 0.0 },
            }),
            Crs::GaussKruger { zone, numbered } => Some(TransverseMercator {
                ellipsoid: &CGCS_2000,
                meridian: f64::from(zone) * 3.0,
                scale: 1.0,
                false_easting_m: 500_000.0 + if numbered { f64::from(zone) * 1e6 } else { 0.0 },
                false_northing_m: 0.0,
            }),
            Crs::Crs84 | Crs::Wgs84 | Crs::WebMercator | Crs::Cgcs2000 => None,
        }
    }

    /// In metres on a plane?
    pub fn is_plane(self) -> bool {
        !matches!(self, Crs::Crs84 | Crs::Wgs84 | Crs::Cgcs2000)
    }

    /// Is the first axis the one that goes north?
    pub fn north_first(self) -> bool {
        matches!(self, Crs::Wgs84 | Crs::Cgcs2000 | Crs::GaussKruger { .. })
    }

    /// A position as it is published: degrees as they are kept, metres to the millimetre.
    pub fn coordinates(self, at: Position) -> [f64; 2] {
        let [east, north] =
            if self.is_plane() { self.on_plane(at).map(|v| (v * 1e3).round() / 1e3) } else { [at.lon(), at.lat()] };
        if self.north_first() { [north, east] } else { [east, north] }
    }

    fn on_plane(self, at: Position) -> [f64; 2] {
        match self.zone() {
            Some(zone) => zone.forward(at.lon(), at.lat()),
            None => {
                let lat = at.lat().clamp(-LAST_WEB_LAT, LAST_WEB_LAT).to_radians();
                [at.lon().to_radians(), lat.tan().asinh()].map(|v| v * WEB_RADIUS_M)
            }
        }
    }

    /// Longitude and latitude in degrees of coordinates in the order of its axes; nothing beyond its reach.
    pub fn degrees(self, [first, second]: [f64; 2]) -> Option<[f64; 2]> {
        let [east, north] = if self.north_first() { [second, first] } else { [first, second] };
        let [lon, lat] = match self.zone() {
            Some(zone) => {
                let [east_of, lat] = zone.inverse(east, north);
                // Beyond a quarter of a meridian the same coordinates would come back as another place.
                let near =
                    east_of.abs() <= REACH + 1.0 && (zone.forward(zone.meridian + east_of, lat)[1] - north).abs() < 1.0;
                if !near {
                    return None;
                }
                [from_meridian(zone.meridian + east_of, 0.0), lat]
            }
            None if self == Crs::WebMercator => {
                [(east / WEB_RADIUS_M).to_degrees(), (north / WEB_RADIUS_M).sinh().atan().to_degrees()]
            }
            None => [east, north],
        };
        let inside = (-180.0..=180.0).contains(&lon) && (-90.0..=90.0).contains(&lat);
        inside.then_some([lon, lat])
    }

    /// Its number with EPSG.
    fn code(self) -> Option<u32> {
        match self {
            Crs::Crs84 => None,
            Crs::Wgs84 => Some(4_326),
            Crs::WebMercator => Some(3_857),
            Crs::Cgcs2000 => Some(4_490),
            Crs::Utm { zone, south } => Some(32_600 + if south { 100 } else { 0 } + u32::from(zone)),
            Crs::GaussKruger { zone, numbered: true } => Some(4_513 + u32::from(zone - FIRST_GK)),
            Crs::GaussKruger { zone, numbered: false } => Some(4_534 + u32::from(zone - FIRST_GK)),
        }
    }

    fn numbered(code: u32) -> Option<Crs> {
        let after = |first: u32| (code - first) as u8;
        match code {
            4_326 => Some(Crs::Wgs84),
            3_857 => Some(Crs::WebMercator),
            4_490 => Some(Crs::Cgcs2000),
            4_513..=4_533 => Some(Crs::GaussKruger { zone: after(4_513) + FIRST_GK, numbered: true }),
            4_534..=4_554 => Some(Crs::GaussKruger { zone: after(4_534) + FIRST_GK, numbered: false }),
            32_601..=32_660 => Some(Crs::Utm { zone: after(32_600), south: false }),
            32_701..=32_760 => Some(Crs::Utm { zone: after(32_700), south: true }),
            _ => None,
        }
    }
}

impl fmt::Display for Crs {
    /// Its URI (OGC 18-058r1, /req/crs/crs-uri).
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self.code() {
            Some(code) => write!(f, "{EPSG}{code}"),
            None => f.write_str(CRS84),
        }
    }
}

impl FromStr for Crs {
    type Err = Error;

    /// Reads the URI of one that is known at all, whether or not a layer has it.
    fn from_str(text: &str) -> Result<Crs> {
        let number = || text.strip_prefix(EPSG)?.parse().ok();
        let known = if text == CRS84 { Some(Crs::Crs84) } else { number().and_then(Crs::numbered) };
        // A sign or a zero before it would be a second name of the same.
        known.filter(|crs| crs.to_string() == text).ok_or_else(|| {
            invalid("crs", text, format!("not the URI of a system of coordinates that is known, such as {EPSG}4326"))
        })
    }
}

#[cfg(test)]
mod tests;
