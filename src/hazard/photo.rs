//! What is known of a photo beside its pixels.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::position::Position;

/// A photo as it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Photo {
    /// Of the file as it was sent: the same file has the same id.
    pub id: String,
    /// Of the picture as it is kept, upright.
    pub width_px: u32,
    pub height_px: u32,
    /// Nothing where the camera noted nothing of these, or it could not be read.
    pub exif: Option<Exif>,
    /// What could not be read, or is to be doubted: a sentence each.
    pub notes: Vec<String>,
    /// What of it is to be doubted, each once: for a page that says it in its reader's language.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<Doubt>,
}

/// What of a photo is to be doubted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = DoubtOfPhoto)]
pub enum Doubt {
    /// It says where it was taken, and that is no position: it counts for none.
    Position,
    /// By its clock it was taken long before or after now, or its clocks disagree.
    Clock,
    /// It was taken far from every place that is known here.
    Far,
}

/// What a camera noted beside the picture.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Exif {
    pub position: Option<Position>,
    /// Where the camera looked, clockwise from north, true or magnetic as the camera has it.
    pub direction_deg: Option<f64>,
    /// Unix seconds.
    pub taken_at: Option<i64>,
}
