//! A drawn world as the text of its files.

use fastrand::Rng;
use jiff::Timestamp;
use jiff::tz::Offset;

use super::World;
use super::draw::{Draw, Row};

const COLUMNS: [&str; 9] = ["event", "id", "at", "category", "lon", "lat", "ref", "person", "photo"];

impl Draw {
    pub fn into_world(mut self, name: String, set: Vec<String>) -> World {
        let places = self.places.take().map(|places| {
            let mut out = csv::Writer::from_writer(vec![]);
            line(&mut out, ["id", "lon", "lat"]);
            for (id, (lon, lat)) in places {
                line(&mut out, [id, degrees(&mut self.rng, lon), degrees(&mut self.rng, lat)]);
            }
            text(out)
        });
        let rain = self.rain.take().map(|mut rain| {
            // Order in the file means nothing.
            if self.rng.bool() {
                self.rng.shuffle(&mut rain);
            }
            let mut out = csv::Writer::from_writer(vec![]);
            line(&mut out, ["start", "seconds", "mm"]);
            for r in rain {
                line(&mut out, [r.start.to_string(), r.seconds.to_string(), r.mm.to_owned()]);
            }
            text(out)
        });
        World { events: self.events(), name, places, rain, set, refused: None }
    }

    fn events(&mut self) -> String {
        let odd = self.kind.odd_text;
        let mut columns: Vec<&str> = COLUMNS.to_vec();
        if self.kind.people == 0 {
            columns.truncate(7);
        }
        if odd {
            columns.push("text");
            self.rng.shuffle(&mut columns);
        }
        let end = if odd && self.rng.bool() { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
        let mut out = csv::WriterBuilder::new().terminator(end).from_writer(vec![]);
        line(&mut out, &columns);
        for row in std::mem::take(&mut self.rows) {
            line(&mut out, columns.iter().map(|c| self.cell(&row, c)));
        }
        // Spreadsheets write a byte order mark.
        let mark = if odd && self.rng.bool() { "\u{feff}" } else { "" };
        mark.to_owned() + &text(out)
    }

    fn cell(&mut self, row: &Row, column: &str) -> String {
        let odd = self.kind.odd_text;
        match column {
            // An empty event is a report.
            "event" if odd && row.event == "report" && self.rng.bool() => String::new(),
            "event" => row.event.to_owned(),
            "id" => row.id.clone(),
            "at" if odd && self.rng.bool() => {
                let hours = *self.pick(&[0, 8, -5]);
                rfc3339(row.at, hours)
            }
            "at" => row.at.to_string(),
            "category" => row.category.to_owned(),
            "lon" => row.lon.clone(),
            "lat" => row.lat.clone(),
            "ref" => row.reference.clone(),
            "person" => row.person.clone(),
            "photo" if odd && !row.photo => (*self.pick(&["", "0", "no", "true"])).to_owned(),
            "photo" => (if row.photo { "1" } else { "" }).to_owned(),
            _ => (*self.pick(&["", "积水", "\"so deep\", they say\nand rising"])).to_owned(),
        }
    }
}

/// With an offset of some hours; Z for none.
pub fn rfc3339(at: i64, offset_hours: i8) -> String {
    let time = Timestamp::from_second(at).expect("worlds lie in this century or about 1970");
    if offset_hours == 0 {
        time.to_string()
    } else {
        time.display_with_offset(Offset::constant(offset_hours)).to_string()
    }
}

/// Decimal degrees of 1e-7 degrees, to seven places; sometimes to eight, half a unit further.
pub fn degrees(rng: &mut Rng, e7: i64) -> String {
    let (sign, v) = (if e7 < 0 { "-" } else { "" }, e7.abs());
    let half = if rng.u8(0..50) == 0 && v != 1_800_000_000 && v != 900_000_000 { "5" } else { "" };
    format!("{sign}{}.{:07}{half}", v / 10_000_000, v % 10_000_000)
}

fn line<I: IntoIterator<Item = T>, T: AsRef<[u8]>>(out: &mut csv::Writer<Vec<u8>>, cells: I) {
    out.write_record(cells).expect("writing to memory cannot fail");
}

fn text(out: csv::Writer<Vec<u8>>) -> String {
    String::from_utf8(out.into_inner().expect("writing to memory cannot fail")).expect("built from str")
}
