//! The gazetteer that messages are read with: names and aliases of places from a table or GeoJSON.

use std::path::Path;

use super::aliases;
use super::places::further;
use super::source::Source;
use super::text::{Gazetteer, Named};
use crate::error::Result;

/// Reads `id,name` and perhaps `aliases`, `name:en`, `old_name` and so on (with `|` or `;` between several); other columns, as
/// of a table of places, are ignored. A place without a name is left out; an id may come again with other names.
///
/// # Errors
/// `At` a file that cannot be read, lacks a column or breaks off, and at a row without an id.
pub fn read(path: &Path) -> Result<Gazetteer> {
    from(Source::open(path, None)?)
}

fn from(mut source: Source) -> Result<Gazetteer> {
    let file = source.file().to_owned();
    let (id, name) = (source.need("id")?, source.need("name")?);
    let others = further(|name| source.index_of(name));
    let mut places = Vec::new();
    while let Some(row) = source.next_row()? {
        let row = row.map_err(|reject| reject.into_error(&file))?;
        if row.field(id).trim().is_empty() {
            return Err(row.reject(id, "missing id").into_error(&file));
        }
        let shown = Some(row.field(name).trim()).filter(|name| !name.is_empty());
        let others = aliases::of(shown, others.iter().map(|&i| row.field(i)));
        let names: Vec<_> = shown.map(str::to_owned).into_iter().chain(others).collect();
        if !names.is_empty() {
            places.push(Named { id: row.field(id).trim().to_owned(), names });
        }
    }
    source.cut().map_or_else(|| Ok(Gazetteer::new(places)), |cut| Err(cut.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::text::{Parser, Sent};

    fn gazetteer(text: &str) -> Result<Gazetteer> {
        from(Source::from_reader("p.csv", std::io::Cursor::new(text.to_owned()))?)
    }

    #[test]
    fn names_and_aliases_of_a_table_are_found_in_messages() {
        let table =
            "id,lon,lat,name,aliases\nx,110,20,南海大道与豪苑路,药谷路口|药谷\nm,110,20,和信广场,\nn,110,20,,\n";
        let parser = Parser::new(gazetteer(table).unwrap());
        let id = |text| parser.read(text, &Sent::default()).matters[0].place_id.clone();
        assert_eq!(id("豪苑路與南海大道交叉口積水"), Some("x".into()));
        assert_eq!(id("药谷路口积水"), Some("x".into()));
        assert_eq!(id("和信广场附近积水"), Some("m".into()));
        assert_eq!(id("海秀路积水"), None);
    }

    #[test]
    fn a_row_without_an_id_says_where() {
        let error = gazetteer("id,name\nx,和信广场\n,海秀路\n").err().map(|e| e.to_string());
        assert_eq!(error.as_deref(), Some("p.csv:3:1: id \"\": missing id"));
        assert!(gazetteer("id\nx\n").err().is_some_and(|e| e.to_string().contains("name")));
    }
}
