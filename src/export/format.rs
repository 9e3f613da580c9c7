//! The formats, in one table: the command line, the addresses, their descriptions and the README go by it.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::str::FromStr;

use super::flatgeobuf::FlatGeobuf;
use super::geopackage::GeoPackage;
use super::geoparquet::GeoParquet;
use super::kml::Kml;
use super::pmtiles::{Tiles, USUAL_ZOOM};
use super::{About, Writer, csv, geojson, unwritten};
use crate::error::{Error, Result, invalid};

/// A format that a layer can be written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    GeoJson,
    GeoJsonSeq,
    Csv,
    GeoPackage,
    FlatGeobuf,
    GeoParquet,
    Kml,
    PmTiles,
}

/// A format, and what can be chosen of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    pub format: Format,
    /// Of CSV: a byte order mark before the first line, by which Excel knows UTF-8.
    pub bom: bool,
    /// Of PMTiles: the deepest zoom.
    pub zoom: u8,
}

impl From<Format> for Options {
    fn from(format: Format) -> Options {
        Options { format, bom: false, zoom: USUAL_ZOOM }
    }
}

impl Format {
    pub const ALL: [Format; 8] = [
        Format::GeoJson,
        Format::GeoJsonSeq,
        Format::Csv,
        Format::GeoPackage,
        Format::FlatGeobuf,
        Format::GeoParquet,
        Format::Kml,
        Format::PmTiles,
    ];

    /// As in `?f=` and `--format`.
    pub fn name(self) -> &'static str {
        match self {
            Format::GeoJson => "geojson",
            Format::GeoJsonSeq => "geojsonseq",
            Format::Csv => "csv",
            Format::GeoPackage => "gpkg",
            Format::FlatGeobuf => "fgb",
            Format::GeoParquet => "parquet",
            Format::Kml => "kml",
            Format::PmTiles => "pmtiles",
        }
    }

    /// What the name of a file ends in.
    pub fn extension(self) -> &'static str {
        match self {
            Format::GeoJsonSeq => "geojsons",
            other => other.name(),
        }
    }

    /// The format of files whose names end so.
    pub fn ending(extension: &str) -> Option<Format> {
        Format::ALL.into_iter().find(|format| format.extension() == extension)
    }

    pub fn media_type(self) -> &'static str {
        match self {
            Format::GeoJson => "application/geo+json",
            Format::GeoJsonSeq => "application/geo+json-seq",
            Format::Csv => "text/csv; charset=utf-8; header=present",
            Format::GeoPackage => "application/geopackage+sqlite3",
            Format::FlatGeobuf => "application/vnd.flatgeobuf",
            Format::GeoParquet => "application/vnd.apache.parquet",
            Format::Kml => "application/vnd.google-earth.kml+xml",
            Format::PmTiles => "application/vnd.pmtiles",
        }
    }

    /// One line for people.
    pub fn title(self) -> &'static str {
        match self {
            Format::GeoJson => "GeoJSON (RFC 7946)",
            Format::GeoJsonSeq => "GeoJSON text sequence, one feature a record (RFC 8142)",
            Format::Csv => "CSV (RFC 4180) in UTF-8; points as lon and lat, others as wkt; no cell is a formula",
            Format::GeoPackage => "GeoPackage 1.3 (OGC 12-128r17) with an R-tree, and a style for QGIS",
            Format::FlatGeobuf => "FlatGeobuf 3, in Hilbert order with an index",
            Format::GeoParquet => "GeoParquet 1.1, with the box of each row",
            Format::Kml => "KML 2.2 (OGC 07-147r2), coloured by status",
            Format::PmTiles => "PMTiles 3, vector tiles; few features stand by themselves, many are counted",
        }
    }

    /// Is it text, so that it can be printed?
    pub fn is_text(self) -> bool {
        matches!(self, Format::GeoJson | Format::GeoJsonSeq | Format::Csv | Format::Kml)
    }

    /// The formats by their names, with commas between.
    pub fn names() -> String {
        Format::ALL.map(Format::name).join(", ")
    }

    pub(super) fn writer(self, about: &About, options: Options, path: &Path) -> Result<Box<dyn Writer>> {
        let file = || Ok(BufWriter::new(File::create(path).map_err(unwritten)?));
        Ok(match self {
            Format::GeoPackage => Box::new(GeoPackage::new(about, path)?),
            Format::FlatGeobuf => Box::new(FlatGeobuf::new(about, file()?)?),
            Format::GeoParquet => Box::new(GeoParquet::new(about, file()?)?),
            Format::PmTiles => Box::new(Tiles::new(about, options.zoom, path)?),
            _ => return self.text_writer(about, options, Box::new(file()?)),
        })
    }

    pub(super) fn text_writer<'w>(
        self,
        about: &About,
        options: Options,
        out: Box<dyn Write + 'w>,
    ) -> Result<Box<dyn Writer + 'w>> {
        Ok(match self {
            Format::GeoJson => Box::new(geojson::Collection::new(about, out)?),
            Format::GeoJsonSeq => Box::new(geojson::Sequence::new(about, out)),
            Format::Csv => Box::new(csv::Table::new(about, out, options.bom)?),
            Format::Kml => Box::new(Kml::new(about, out)?),
            _ => return Err(invalid("format", self.name(), "is no text")),
        })
    }
}

impl FromStr for Format {
    type Err = Error;

    fn from_str(name: &str) -> Result<Format> {
        let found = Format::ALL.into_iter().find(|format| format.name() == name);
        found.ok_or_else(|| invalid("f", name, format!("unknown; known are {}", Format::names())))
    }
}
