//! What a message says, as it is printed.

use serde::Serialize;
use utoipa::ToSchema;

use crate::hazard::event::Passability;

/// Every matter of a message, and what it leaves open.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct Reading {
    pub matters: Vec<Matter>,
    pub questions: Vec<Question>,
}

/// One thing at one place. Empty: the message does not say.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct Matter {
    pub category: Option<String>,
    /// The place as it was written.
    pub place_text: Option<String>,
    /// Of the gazetteer, when only one place fits.
    pub place_id: Option<String>,
    pub depth_cm: Option<f64>,
    pub depth_cm_low: Option<f64>,
    pub depth_cm_high: Option<f64>,
    pub length_m: Option<f64>,
    pub width_m: Option<f64>,
    #[schema(value_type = Option<Passability>)]
    pub passability: Option<&'static str>,
    /// True: there is no water (any more).
    pub dry: Option<bool>,
    /// True: somebody has dealt with it already.
    pub resolved: Option<bool>,
    /// RFC 3339 with the writer's offset.
    pub observed_at: Option<String>,
    /// The words that each value came from.
    pub words: Fields<String>,
    /// How sure each value is, from 0 to 1.
    pub confidence: Fields<f64>,
}

/// Something for each value of a matter.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct Fields<T> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place_text: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place_id: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub depth_cm: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub length_m: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width_m: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passability: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dry: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolved: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed_at: Option<T>,
}

/// What to ask back.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Question {
    /// The number of the matter, from 0.
    pub matter: usize,
    /// The value that the answer gives.
    #[schema(value_type = String)]
    pub field: &'static str,
    pub zh: String,
    pub en: String,
    /// Places to choose among.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<Choice>,
}

/// A place that may be meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Choice {
    pub place_id: String,
    pub name: String,
}
