//! Extracts of OpenStreetMap that were cut off, damaged, or made to do harm.

use crate::osm::{places, read_bytes};
use crate::pbf::{Pbf, blob, bytes, head, number, varint, zlib, zlib_blob};

fn city() -> Pbf {
    let pbf = Pbf::default().node(1, 0.0, 0.0).node(2, 0.0, 50.0).node(3, 50.0, 0.0);
    pbf.street(11, "A", &[1, 2]).street(12, "B", &[3, 1])
}

#[track_caller]
fn refused(file: &[u8], part: &str) {
    let error = read_bytes(file).unwrap_err().to_string();
    assert!(error.contains(part) && error.contains("city.osm.pbf"), "{error}");
}

#[test]
fn a_file_cut_off_anywhere_is_refused_by_blob_and_byte() {
    let file = city().bytes();
    let second = head().len();
    let third = second + zlib_blob("OSMData", &city().node_block()).len();
    for cut in 0..file.len() {
        let error = read_bytes(&file[..cut]).unwrap_err().to_string();
        let expected = match cut {
            0 => "blob 1 at byte 0: the file is empty".to_owned(),
            // Between two blobs nothing tells that there should be more, but that there are no streets.
            n if n == second || n == third => "holds no street with a name".to_owned(),
            n if n < second => "blob 1 at byte 0: the file ends within it".to_owned(),
            n if n < third => format!("blob 2 at byte {second}: the file ends within it"),
            _ => format!("blob 3 at byte {third}: the file ends within it"),
        };
        assert!(error.contains(&expected), "cut at {cut}: {error}");
    }
}

#[test]
fn damage_never_stops_the_program() {
    let pbf = city();
    let raw = |data: &[u8]| blob("OSMData", &bytes(1, data));
    let file = [head(), raw(&pbf.node_block()), raw(&pbf.plain_node_block()), raw(&pbf.way_block())].concat();
    let mut chance = fastrand::Rng::with_seed(17);
    let (mut read, mut refused) = (0, 0);
    for _ in 0..3_000 {
        let mut damaged = file.clone();
        for _ in 0..chance.usize(1..4) {
            let at = chance.usize(head().len()..damaged.len());
            damaged[at] = chance.u8(..);
        }
        match read_bytes(&damaged) {
            Ok(city) => read += usize::from(places(&city).len() < 10),
            Err(error) => refused += usize::from(error.to_string().contains("city.osm.pbf")),
        }
    }
    assert_eq!(read + refused, 3_000);
    told!("of 3,000 damaged files {refused} were refused");
    assert!(read > 20 && refused > 100);
}

#[test]
fn what_is_no_pbf_is_told_so() {
    refused(b"id,lon,lat,name\n1,110,20,Dock\n", "blob 1 at byte 0: this is no OSM PBF file");
    refused(b"\x1f\x8b\x08\x00\x00\x00\x00\x00", "this is no OSM PBF file");
    refused(b"<?xml version='1.0'?><osm></osm>", "this is no OSM PBF file");
    refused(&zlib_blob("OSMData", &city().way_block()), "this is no OSM PBF file");
    refused(&[&[0, 0, 0, 2, 0xff, 0xff], &[0; 9][..]].concat(), "this is no OSM PBF file");
    refused(&[head(), b"and then some text".to_vec()].concat(), "its header has an impossible length: damaged");
}

#[test]
fn a_blob_beyond_the_limits_of_the_format_is_refused_before_it_is_unpacked() {
    let bomb = zlib(&vec![0; 33 * 1024 * 1024]);
    assert!(bomb.len() < 40_000);
    let of = |size: u64| [head(), blob("OSMData", &[number(2, &varint(size)), bytes(3, &bomb)].concat())].concat();
    refused(&of(33 << 20), "unpacks to more than the 33554432 bytes the format allows");
    refused(&of(1_000), "unpacks to more than the 33554432 bytes the format allows");
    let header = [bytes(1, b"OSMData"), number(3, &varint(1 << 40))].concat();
    let huge = [&head()[..], &(header.len() as u32).to_be_bytes(), &header].concat();
    refused(&huge, "is 1099511627776 bytes long; the format allows 33554432");
    let texts = bytes(1, &b"\x0a\x00".repeat(1_100_000));
    refused(&[head(), zlib_blob("OSMData", &texts)].concat(), "more than a million texts");
    let mut long = city();
    long.ways.push((13, vec![1; 2_001], vec![("highway", "residential"), ("name", "Endless")]));
    let rejects = read_bytes(&long.bytes()).unwrap().streets(|_| false).rejects;
    assert_eq!((&rejects[0].field[..], &rejects[0].value[..]), ("way 13", "Endless"));
    assert!(rejects[0].reason.contains("more than 2000 nodes"), "{rejects:?}");
}

#[test]
fn a_blob_that_does_not_say_what_it_holds_is_refused() {
    let with = |data: Vec<u8>| [head(), blob("OSMData", &data)].concat();
    for (field, name) in [(4, "LZMA"), (5, "bzip2"), (6, "LZ4"), (7, "zstd")] {
        refused(&with(bytes(field, b"x")), &format!("is packed by {name}; only zlib is read"));
    }
    refused(&with(vec![]), "holds no data");
    refused(&with(bytes(3, b"no zlib")), "cannot be unpacked");
    refused(&with([number(2, &varint(7)), bytes(3, &zlib(b"six"))].concat()), "unpacks to another size than it says");
    refused(&with(bytes(1, &bytes(2, &bytes(3, &bytes(2, &varint(5)))))[..3].to_vec()), "ends too early");
    let way = [bytes(2, &varint(5)), bytes(3, &varint(6))].concat();
    refused(&with(bytes(1, &bytes(2, &bytes(3, &way)))), "names a text that is not there");
    let dense = bytes(1, &varint(2));
    refused(&with(bytes(1, &bytes(2, &bytes(2, &dense)))), "nodes in it have no position");
    let history = zlib_blob("OSMHeader", &bytes(4, b"HistoricalInformation"));
    refused(&history, "the file needs the feature \"HistoricalInformation\"");
}
