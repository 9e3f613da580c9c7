//! Where a file has the columns that a mapping names.

use toml::Spanned;

use super::mapping::{Column, Mapping};
use super::source::Source;
use crate::error::{Error, Result, invalid};

/// Columns by number.
#[derive(Debug)]
pub(super) struct Layout {
    index: [Vec<usize>; Column::COUNT],
    pub street: Option<usize>,
    pub cross: Vec<usize>,
    pub corner: Vec<usize>,
    pub address: Option<usize>,
}

impl Layout {
    /// Finds the mapping's columns in a file.
    ///
    /// # Errors
    /// `At` the mapping, for a column a table lacks; lists those it has.
    pub fn new(mapping: &Mapping, source: &mut Source) -> Result<Layout> {
        source.centroid = mapping.centroid;
        let mut index = [const { Vec::new() }; Column::COUNT];
        for (column, names) in &mapping.columns {
            let found: Vec<usize> = names.names.iter().filter_map(|name| source.index_of(name)).collect();
            if found.is_empty() && !mapping.optional.contains(column) {
                return Err(missing(mapping, source, &names.names.join(", "), names.start));
            }
            index[*column as usize] = found;
        }
        let mut find = |name: &Spanned<String>| {
            let found = source.index_of(name.get_ref());
            found.ok_or_else(|| missing(mapping, source, name.get_ref(), name.span().start))
        };
        let street = mapping.names.street.as_ref().map(&mut find).transpose()?;
        let cross = mapping.names.cross.iter().map(&mut find).collect::<Result<_>>()?;
        let address = mapping.names.address.as_ref().map(&mut find).transpose()?;
        let corner = mapping.names.corner.iter().filter_map(|name| source.index_of(name)).collect();
        Ok(Layout { index, street, cross, corner, address })
    }

    /// The numbers of the columns that may hold this, in the order they are asked.
    pub fn all(&self, column: Column) -> &[usize] {
        &self.index[column as usize]
    }

    /// The number of a column that every mapping names.
    pub fn needed(&self, column: Column) -> usize {
        *self.all(column).first().expect("a mapping without its needed columns is refused when read")
    }

    /// What to say of a JSON file when nothing of it was taken: a needed name that no record has.
    pub fn never_found(&self, mapping: &Mapping, source: &Source) -> Option<Error> {
        let needed = Column::NEEDED.iter().map(|(column, _)| *column);
        let column = needed.into_iter().find(|c| !self.all(*c).iter().any(|&i| source.had(i)))?;
        let names = &mapping.columns[&column];
        let reason = format!("no record of {} has it; waterlog import --suggest shows what they have", source.file());
        let error = invalid("column", names.names.join(", "), reason);
        Some(error.at_byte(&mapping.file, &mapping.source, names.start))
    }
}

fn missing(mapping: &Mapping, source: &Source, name: &str, start: usize) -> Error {
    let has = source.columns().unwrap_or_default().join(", ");
    let reason = format!(
        "{} has no such column; it has {has}; waterlog import --suggest writes a mapping for it",
        source.file()
    );
    invalid("column", name, reason).at_byte(&mapping.file, &mapping.source, start)
}
