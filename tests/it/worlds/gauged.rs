//! Worlds whose rain is measured at gauges: the one series of a world at one gauge, or others at several.

use fastrand::Rng;

use super::{World, sky};

/// Forms of ids that sort in unlike ways, with commas and quotes to be written.
const IDS: &[&str] = &["b", "a", "Z", "站", "8c2a", "a,b", "\"q\""];
/// In units of 1e-7 degree, about 1.1 cm: on the spot, beside it, far, and out of reach.
const ASIDE_E7: &[i64] = &[0, 0, 4_497, -4_497, 9_000, -18_000, 300_000, 50_000_000];
const REACH_M: &[&str] = &["", "", "60", "120", "500", "25000"];

impl World {
    /// The same world with its series at one gauge, which counts everywhere: every answer must stay the same.
    pub fn at_one_gauge(&self) -> Option<World> {
        let (rain, (lon, lat)) = (self.rain.as_ref()?, *self.spots().first()?);
        let mut lines = rain.lines();
        let header = format!("gauge,lon,lat,{}\n", lines.next()?);
        let rows = lines.map(|line| format!("only,{},{},{line}\n", degrees(lon), degrees(lat)));
        let rain = Some(header + &rows.collect::<String>());
        let set = self.set.iter().cloned().chain(["gauge_reach=1000000".to_owned()]).collect();
        Some(World { name: format!("one_gauge_{}", self.name), rain, set, ..self.copy() })
    }

    /// The same events with rain of its own at each of several gauges.
    pub fn at_several_gauges(&self, seed: u64) -> Option<World> {
        let rng = &mut Rng::with_seed(seed);
        let (from, to) = self.time_of_rain()?;
        let spots = self.spots();
        let mut rows = vec![];
        for id in IDS.iter().take(rng.usize(2..=IDS.len())) {
            let (lon, lat) = *spots.get(rng.usize(0..spots.len().max(1)))?;
            let mut aside = |at: i64, most: i64| (at + ASIDE_E7[rng.usize(0..ASIDE_E7.len())]).clamp(-most, most);
            let (lon, lat) = (aside(lon, 1_800_000_000), aside(lat, 900_000_000));
            let id =
                if id.contains([',', '"']) { format!("\"{}\"", id.replace('"', "\"\"")) } else { (*id).to_owned() };
            // Some begin in the middle of the time.
            let from = if rng.u8(0..4) == 0 { from + (to - from) / 2 } else { from };
            for r in sky::rain(rng, from, to) {
                rows.push(format!("{id},{},{},{},{},{}\n", degrees(lon), degrees(lat), r.start, r.seconds, r.mm));
            }
        }
        rng.shuffle(&mut rows);
        let rain = Some("gauge,lon,lat,start,seconds,mm\n".to_owned() + &rows.concat());
        let reach = REACH_M[rng.usize(0..REACH_M.len())];
        let reach = Some(format!("gauge_reach={reach}")).filter(|_| !reach.is_empty());
        let set = self.set.iter().cloned().chain(reach).collect();
        Some(World { name: format!("gauges_{}", self.name), rain, set, ..self.copy() })
    }

    fn copy(&self) -> World {
        World { events: self.events.clone(), places: self.places.clone(), ..World::default() }
    }

    /// Where its reports are, in units of 1e-7 degree.
    fn spots(&self) -> Vec<(i64, i64)> {
        let text = self.events.trim_start_matches('\u{feff}');
        let mut table = csv::Reader::from_reader(text.as_bytes());
        let headers = table.headers().expect("worlds have headers").clone();
        let column = |name| headers.iter().position(|h| h == name).expect("events have positions");
        let (lon, lat) = (column("lon"), column("lat"));
        let e7 = |text: &str| text.parse::<f64>().ok().map(|degrees| (degrees * 1e7) as i64);
        table.records().filter_map(|row| row.ok().and_then(|row| Some((e7(&row[lon])?, e7(&row[lat])?)))).collect()
    }

    fn time_of_rain(&self) -> Option<(i64, i64)> {
        let mut table = csv::Reader::from_reader(self.rain.as_ref()?.as_bytes());
        let times: Vec<(i64, i64)> = table
            .records()
            .filter_map(|row| row.ok().and_then(|row| Some((row[0].parse().ok()?, row[1].parse().ok()?))))
            .collect();
        Some((times.iter().map(|t| t.0).min()?, times.iter().map(|t| t.0 + t.1).max()?))
    }
}

fn degrees(e7: i64) -> String {
    let (sign, v) = (if e7 < 0 { "-" } else { "" }, e7.abs());
    format!("{sign}{}.{:07}", v / 10_000_000, v % 10_000_000)
}
