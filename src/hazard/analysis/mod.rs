//! Analyses: figures about the whole city, worked out from the map when somebody asks. One file each.
//!
//! Every answer says what it rests on ([`Basis`]) and holds its figures as `rows`, one flat record each: the same record
//! is a row of the table and of the CSV. Whoever asks over HTTP or on the command line gets it from the same function.

pub mod apart;
pub mod binomial;
pub mod chance;
mod city;
pub mod coming;
pub mod criteria;
pub mod criterion;
pub mod dbscan;
pub mod density;
mod draw;
pub mod exposure;
pub mod fdr;
pub mod firth;
pub mod forecast;
mod gamma;
mod ground;
pub mod land;
mod linear;
pub mod local_g;
pub mod matrix;
#[cfg(test)]
mod matrix_tests;
pub mod missing;
pub mod model;
mod named;
pub mod proportion;
pub mod rank;
mod regression;
pub mod risk;
pub mod sensitivity;
mod sentence;
pub mod service;
pub mod share;
pub mod significance;
pub mod silence;
#[cfg(test)]
mod silence_tests;
pub mod smoothing;
mod standing;
pub mod storms;
pub mod table;
pub mod trend;
pub mod trigger;
pub mod works;
pub mod works_judged;
mod works_sentence;

pub use city::City;
pub(super) use gamma::gamma_quantile;
pub use ground::{Count, Ground};

use serde::Serialize;
use utoipa::ToSchema;

use super::category::Category;
use super::layer::{Parameters, Time};
use super::map::HazardMap;
use crate::error::{Result, invalid};

/// The category that is meant where none is named.
pub const USUAL_CATEGORY: &str = "waterlogging";

/// An analysis of one category on one map; the type is its answer.
pub trait Analysis: Serialize + Sized + Send + 'static {
    /// As in addresses and on the command line.
    const NAME: &'static str;
    /// One line for people.
    const TITLE: &'static str;
    /// Is it asked of a category?
    const BY_CATEGORY: bool = true;
    /// What it takes besides the category and what concerns the view.
    const TAKES: &'static [Takes] = &[];
    /// What was asked, besides the category.
    type Asked: Clone + Default + Send + 'static;

    /// Sets one of [`Analysis::TAKES`] from text, as in a query.
    ///
    /// # Errors
    /// `Invalid` for a value that cannot be read.
    fn set(_: &mut Self::Asked, name: &str, value: &str) -> Result<()> {
        Err(invalid(name, value, "this analysis takes no such parameter"))
    }

    /// The answer.
    ///
    /// # Errors
    /// `Invalid` or `NotFound` for something that this map cannot answer.
    fn answer(map: &HazardMap, category: Category, asked: &Self::Asked) -> Result<Self>;
}

/// One parameter of an analysis.
#[derive(Clone, Copy, Debug)]
pub struct Takes {
    pub name: &'static str,
    pub meaning: &'static str,
    pub kind: Kind,
    /// There is no answer without it.
    pub required: bool,
    /// One that the demo city can answer.
    pub example: &'static str,
}

/// What a parameter is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    Whole,
    Number,
}

/// What an answer rests on; every answer holds it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Basis {
    pub method: Method,
    pub category: Category,
    /// The rule in force for the category.
    pub parameters: Parameters,
    /// The constants of the method.
    pub constants: Vec<Constant>,
    /// How many things were looked at.
    pub n: usize,
    /// What they are.
    pub n_of: &'static str,
    /// Where its random numbers begin; null for a method that draws none.
    pub seed: Option<u64>,
    /// The time the map stands for.
    pub as_of: Time,
    /// Position in the log.
    pub position: u64,
}

/// A method and where it comes from.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Method {
    pub name: &'static str,
    pub reference: &'static str,
}

/// A number that a method goes by.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Constant {
    pub name: &'static str,
    pub value: f64,
    pub meaning: &'static str,
}

impl Basis {
    /// Of a method that looked at `n` things and draws no random numbers.
    pub fn of(
        map: &HazardMap,
        category: Category,
        method: Method,
        constants: &[Constant],
        (n, n_of): (usize, &'static str),
    ) -> Basis {
        Basis {
            method,
            category,
            parameters: Parameters::of(map, category),
            constants: constants.to_vec(),
            n,
            n_of,
            seed: None,
            as_of: Time(map.as_of()),
            position: map.position(),
        }
    }
}

/// The category of this name, if its incidents are analysed.
///
/// # Errors
/// `Invalid` for one that is unknown or never mapped.
pub fn category(name: &str) -> Result<Category> {
    let category = Category::named(name)?;
    if category.is_alone() {
        return Err(invalid("category", name, "not published"));
    }
    Ok(category)
}
