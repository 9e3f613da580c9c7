//! The tables of a GeoPackage, as annex C of the standard has them, and that of QGIS for styles.

use std::fmt::Write;

use rusqlite::{Connection, params};

use super::super::About;
use super::super::wkb::Extent;
use super::{SRS_ID, rtree, stamp, style};
use crate::hazard::layer::{Geometry, Kind, Layer};

/// The column of the geometry.
pub const GEOMETRY: &str = "geom";

/// "GPKG", and version 1.3.0 (requirement 2).
const BEGIN: &str = "
PRAGMA page_size = 4096;
PRAGMA application_id = 0x47504B47;
PRAGMA user_version = 10300;
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA locking_mode = EXCLUSIVE;
BEGIN;
CREATE TABLE gpkg_spatial_ref_sys (
  srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY KEY, organization TEXT NOT NULL,
  organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (
  table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE, description TEXT DEFAULT '',
  last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')), min_x DOUBLE, min_y DOUBLE,
  max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
  CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_geometry_columns (
  table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL,
  z TINYINT NOT NULL, m TINYINT NOT NULL, CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
  CONSTRAINT uk_gc_table_name UNIQUE (table_name),
  CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
  CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id));
CREATE TABLE gpkg_extensions (
  table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL, scope TEXT NOT NULL,
  CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256),
  f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
  useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
  update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));
INSERT INTO gpkg_spatial_ref_sys VALUES
  ('Undefined Cartesian SRS', -1, 'NONE', -1, 'undefined', 'undefined Cartesian coordinate reference system'),
  ('Undefined geographic SRS', 0, 'NONE', 0, 'undefined', 'undefined geographic coordinate reference system');
";

/// WGS 84 as well-known text (OGC 01-009).
const WGS_84: &str = r#"GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AUTHORITY["EPSG","4326"]]"#;

/// Keep the R-tree in step with whoever edits the file (annex F.3); `{T}` stands for the table.
const TRIGGERS: &str = "
CREATE TRIGGER rtree_{T}_geom_insert AFTER INSERT ON {T} WHEN (NEW.geom NOT NULL AND NOT ST_IsEmpty(NEW.geom)) BEGIN
  INSERT OR REPLACE INTO rtree_{T}_geom
  VALUES (NEW.fid, ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom)); END;
CREATE TRIGGER rtree_{T}_geom_update1 AFTER UPDATE OF geom ON {T}
  WHEN OLD.fid = NEW.fid AND (NEW.geom NOT NULL AND NOT ST_IsEmpty(NEW.geom)) BEGIN
  INSERT OR REPLACE INTO rtree_{T}_geom
  VALUES (NEW.fid, ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom)); END;
CREATE TRIGGER rtree_{T}_geom_update2 AFTER UPDATE OF geom ON {T}
  WHEN OLD.fid = NEW.fid AND (NEW.geom IS NULL OR ST_IsEmpty(NEW.geom)) BEGIN
  DELETE FROM rtree_{T}_geom WHERE id = OLD.fid; END;
CREATE TRIGGER rtree_{T}_geom_update3 AFTER UPDATE ON {T}
  WHEN OLD.fid != NEW.fid AND (NEW.geom NOT NULL AND NOT ST_IsEmpty(NEW.geom)) BEGIN
  DELETE FROM rtree_{T}_geom WHERE id = OLD.fid;
  INSERT OR REPLACE INTO rtree_{T}_geom
  VALUES (NEW.fid, ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom)); END;
CREATE TRIGGER rtree_{T}_geom_update4 AFTER UPDATE ON {T}
  WHEN OLD.fid != NEW.fid AND (NEW.geom IS NULL OR ST_IsEmpty(NEW.geom)) BEGIN
  DELETE FROM rtree_{T}_geom WHERE id IN (OLD.fid, NEW.fid); END;
CREATE TRIGGER rtree_{T}_geom_delete AFTER DELETE ON {T} WHEN OLD.geom NOT NULL BEGIN
  DELETE FROM rtree_{T}_geom WHERE id = OLD.fid; END;
";

/// Makes every table but the R-tree, and leaves the transaction open.
pub fn begin(file: &Connection, about: &About) -> rusqlite::Result<()> {
    file.execute_batch(BEGIN)?;
    file.execute(
        "INSERT INTO gpkg_spatial_ref_sys VALUES ('WGS 84 geodetic', ?, 'EPSG', ?, ?, 'longitude and latitude in degrees')",
        params![SRS_ID, SRS_ID, WGS_84],
    )?;
    let mut columns = String::new();
    for column in &about.columns {
        let kind = match column.kind {
            Kind::Text => "TEXT",
            Kind::Integer => "INTEGER",
            Kind::Real => "DOUBLE",
            Kind::Boolean => "BOOLEAN",
            Kind::DateTime => "DATETIME",
        };
        // A string cannot fail to be written to.
        let _ = write!(columns, r#", "{}" {kind}"#, column.name);
    }
    let (table, of) = (about.layer.name(), geometry(about.layer));
    file.execute_batch(&format!(
        r#"CREATE TABLE "{table}" (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, {GEOMETRY} {of}, id TEXT{columns});"#
    ))
}

/// The statement that adds a row: number, geometry, id, then the columns.
pub fn insert(about: &About) -> String {
    let marks = vec!["?"; about.columns.len() + 3].join(", ");
    format!(r#"INSERT INTO "{}" VALUES ({marks})"#, about.layer.name())
}

fn geometry(layer: Layer) -> &'static str {
    match layer.geometry() {
        Geometry::Points => "POINT",
        Geometry::Lines => "LINESTRING",
        Geometry::Areas => "MULTIPOLYGON",
        Geometry::Mixed => "GEOMETRY",
    }
}

/// Says what there is, packs the R-tree, and ends the transaction.
pub fn finish(file: &Connection, about: &About, extent: Extent, boxes: Vec<rtree::Entry>) -> rusqlite::Result<()> {
    let (table, title, changed) = (about.layer.name(), about.layer.title(), stamp(about.as_of));
    let [west, east, south, north] = extent.0.map(|side| (!extent.is_empty()).then_some(side));
    let description = format!("{title}; as of {}, log position {}", about.as_of, about.position);
    file.execute(
        "INSERT INTO gpkg_contents VALUES (?, 'features', ?, ?, ?, ?, ?, ?, ?, ?)",
        params![table, table, description, changed, west, south, east, north, SRS_ID],
    )?;
    file.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, last_change)
         VALUES ('layer_styles', 'attributes', 'layer_styles', ?)",
        [&changed],
    )?;
    file.execute(
        "INSERT INTO gpkg_geometry_columns VALUES (?, ?, ?, ?, 0, 0)",
        params![table, GEOMETRY, geometry(about.layer), SRS_ID],
    )?;
    file.execute(
        "INSERT INTO gpkg_extensions VALUES (?, ?, 'gpkg_rtree_index',
         'http://www.geopackage.org/spec120/#extension_rtree', 'write-only')",
        [table, GEOMETRY],
    )?;
    file.execute(
        "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, styleQML,
         useAsDefault, description, update_time) VALUES ('', '', ?, ?, ?, ?, 1, ?, ?)",
        params![table, GEOMETRY, table, style::qml(about), title, changed],
    )?;
    rtree::pack(file, &format!("rtree_{table}_{GEOMETRY}"), boxes)?;
    file.execute_batch(&TRIGGERS.replace("{T}", table))?;
    file.execute_batch("COMMIT")
}
