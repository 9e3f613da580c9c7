use super::*;

fn epsg(code: u32) -> Crs {
    format!("{EPSG}{code}").parse().unwrap()
}

/// EPSG code, longitude, latitude, and the coordinates by cs2cs of PROJ 9.1.1 from EPSG:4326, to 0.1 mm.
const PROJ: [(u32, f64, f64, [f64; 2]); 20] = [
    (32_649, 110.3312, 20.0148, [430_045.339_9, 2_213_258.821_4]),
    (32_749, 113.9999, -20.5, [812_911.145_2, 7_730_316.486_7]),
    (32_601, -179.2, 66.5, [402_124.717_9, 7_377_366.778_3]),
    (32_660, 178.5, 67.2, [564_860.767_7, 7_454_458.571_1]),
    (32_630, -0.1, 51.5, [701_277.665_1, 5_709_417.124_8]),
    (32_631, -26.9, 60.1, [-1_122_242.876_7, 7_042_344.896_9]),
    (32_633, 45.0, -33.9, [3_319_018.238_4, -4_186_765.158_3]),
    (32_649, 171.0, 20.0, [7_764_249.106_0, 4_009_837.340_9]),
    (32_649, 51.0, 70.0, [-1_452_527.271_2, 8_846_892.145_3]),
    (4_525, 121.47, 31.23, [3_504_182.194_5, 38_500_100.707_1]),
    (4_549, 121.47, 31.23, [3_457_406.435_5, 640_060.337_7]),
    (4_546, 110.3312, 20.0148, [2_214_144.479_1, 430_017.346_9]),
    (4_547, 110.3312, 20.0148, [2_218_217.634_1, 115_904.299_0]),
    (4_523, 104.5, 39.9, [4_418_545.341_5, 35_457_240.756_0]),
    (4_513, 75.9, 39.5, [4_374_400.865_2, 25_577_412.692_1]),
    (4_554, 134.7, 48.3, [5_351_829.074_0, 477_742.510_0]),
    (3_857, 110.3312, 20.0148, [12_282_013.002_6, 2_274_784.272_6]),
    (3_857, -179.9, -85.05, [-20_026_376.393_7, -20_036_051.919_3]),
    (4_490, 110.3312, 20.0148, [20.0148, 110.3312]),
    (4_326, 110.3312, 20.0148, [20.0148, 110.3312]),
];

#[test]
fn coordinates_are_those_of_proj_to_a_millimetre_in_the_order_of_epsg() {
    for (code, lon, lat, expected) in PROJ {
        let at = Position::new(lon, lat).unwrap();
        let given = epsg(code).coordinates(at);
        let off = (given[0] - expected[0]).abs().max((given[1] - expected[1]).abs());
        assert!(off <= 0.001, "{code}: {given:?} instead of {expected:?}");
    }
}

#[test]
fn degrees_of_coordinates_are_the_position_again() {
    for (code, lon, lat, coordinates) in PROJ {
        let zone = epsg(code).zone();
        if zone.is_some_and(|zone| from_meridian(lon, zone.meridian).abs() > REACH) {
            assert_eq!(epsg(code).degrees(coordinates), None, "{code}");
            continue;
        }
        let [back_lon, back_lat] = epsg(code).degrees(coordinates).unwrap();
        assert!((back_lon - lon).abs() < 1e-8 && (back_lat - lat).abs() < 1e-8, "{code}: {back_lon} {back_lat}");
    }
    assert_eq!(epsg(32_649).degrees([500_000.0, 12_000_000.0]), None);
    assert_eq!(epsg(4_326).degrees([110.0, 20.0]), None);
}

#[test]
fn a_system_is_named_by_its_uri_alone() {
    let all = [4_326, 3_857, 4_490].into_iter().chain(4_513..=4_554).chain(32_601..=32_660).chain(32_701..=32_760);
    for code in all {
        assert_eq!(epsg(code).to_string(), format!("{EPSG}{code}"));
    }
    assert_eq!(CRS84.parse::<Crs>().unwrap(), Crs::Crs84);
    for text in ["", "EPSG:4326", "4326", &format!("{EPSG}04326"), &format!("{EPSG}+4326"), &format!("{EPSG}4555")] {
        assert!(text.parse::<Crs>().unwrap_err().to_string().contains("not the URI"), "{text}");
    }
}

#[test]
fn a_city_has_the_zones_it_lies_in_and_the_world_has_none() {
    let codes = |west, south, east, north| -> Vec<u32> {
        Crs::local(&Bbox::new(west, south, east, north)).into_iter().filter_map(Crs::code).collect()
    };
    assert_eq!(codes(110.1, 19.5, 110.7, 20.1), [32_649, 4_490, 4_525, 4_546]);
    assert_eq!(codes(119.0, 31.0, 121.9, 31.9), [32_650, 32_651, 4_490, 4_528, 4_549, 4_529, 4_550]);
    assert_eq!(codes(-74.3, 40.5, -73.7, 40.9), [32_618]);
    assert_eq!(codes(-78.6, -0.4, -78.4, 0.1), [32_617, 32_717]);
    assert_eq!(codes(-179.9, 20.0, 179.9, 66.0), Vec::<u32>::new());
    assert_eq!(codes(10.0, 85.0, 11.0, 86.0), Vec::<u32>::new());
    assert_eq!(codes(180.0, 1.0, 180.0, 1.0), [32_660]);
}

#[test]
fn the_poles_lie_on_the_square_map_too() {
    let pole = Position::new(0.0, 90.0).unwrap();
    assert!(Crs::WebMercator.coordinates(pole)[1].is_finite());
}
