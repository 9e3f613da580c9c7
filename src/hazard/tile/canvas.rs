//! The bytes of a tile: Mapbox Vector Tile 2.1 with one layer.

use fast_mvt::{MvtCoord, MvtFeatureBuilder, MvtGeomType, MvtLayerBuilder, MvtResult, MvtValueRef};

use super::super::position::Position;
use super::mercator::Edges;
use super::outline::Drawn;

/// Takes features and becomes the bytes of a tile. Its grid has the usual 4,096 steps a side.
#[derive(Debug)]
pub struct Canvas {
    layer: MvtLayerBuilder,
}

/// The tags of one feature. What is unknown is left out: a vector tile has no null.
#[derive(Debug)]
pub struct Tags(MvtFeatureBuilder);

impl Canvas {
    pub fn new(layer: &str) -> MvtResult<Canvas> {
        Ok(Canvas { layer: MvtLayerBuilder::new(layer)? })
    }

    /// Draws a point with an id, if it has a number for one, and tags.
    pub fn point(
        self,
        edges: &Edges,
        at: Position,
        id: Option<u64>,
        tag: impl FnOnce(&mut Tags) -> MvtResult<()>,
    ) -> MvtResult<Canvas> {
        let mut feature = self.layer.feature_of(MvtGeomType::Point);
        feature.points([corner(edges.on_grid(at))])?;
        feature.id(id);
        Canvas::tagged(feature, tag)
    }

    /// Draws a line or an area with tags; `drawn` is not empty.
    pub fn outline(self, drawn: &Drawn, tag: impl FnOnce(&mut Tags) -> MvtResult<()>) -> MvtResult<Canvas> {
        let mut feature = self.layer.feature_of(match drawn {
            Drawn::Lines(_) => MvtGeomType::LineString,
            Drawn::Areas(_) => MvtGeomType::Polygon,
        });
        match drawn {
            Drawn::Lines(lines) => {
                for line in lines {
                    feature.line(line.iter().copied().map(corner))?;
                }
            }
            Drawn::Areas(areas) => {
                for (n, ring) in areas.iter().flat_map(|rings| rings.iter().enumerate()) {
                    feature.ring(ring.iter().copied().map(corner), n == 0)?;
                }
            }
        }
        Canvas::tagged(feature, tag)
    }

    fn tagged(feature: MvtFeatureBuilder, tag: impl FnOnce(&mut Tags) -> MvtResult<()>) -> MvtResult<Canvas> {
        let mut tags = Tags(feature);
        tag(&mut tags)?;
        Ok(Canvas { layer: tags.0.end() })
    }

    /// The tile; of a layer without features nothing is written, and no bytes are a tile without layers.
    pub fn bytes(self) -> Vec<u8> {
        if self.layer.num_features() == 0 { Vec::new() } else { self.layer.encode() }
    }
}

fn corner([x, y]: [i32; 2]) -> MvtCoord {
    MvtCoord { x, y }
}

impl Tags {
    pub fn text<'t>(&mut self, key: &str, text: impl Into<Option<&'t str>>) -> MvtResult<&mut Tags> {
        self.tag(key, text.into().map(MvtValueRef::String))
    }

    pub fn number(&mut self, key: &str, number: impl Into<Option<u32>>) -> MvtResult<&mut Tags> {
        self.tag(key, number.into().map(|n| MvtValueRef::UInt(n.into())))
    }

    pub fn integer(&mut self, key: &str, n: i64) -> MvtResult<&mut Tags> {
        // As other numbers, where it is none below zero.
        self.tag(key, Some(u64::try_from(n).map_or(MvtValueRef::SInt(n), MvtValueRef::UInt)))
    }

    pub fn real(&mut self, key: &str, v: f64) -> MvtResult<&mut Tags> {
        self.tag(key, Some(MvtValueRef::Double(v)))
    }

    pub fn flag(&mut self, key: &str, flag: bool) -> MvtResult<&mut Tags> {
        self.tag(key, Some(MvtValueRef::Bool(flag)))
    }

    fn tag(&mut self, key: &str, value: Option<MvtValueRef>) -> MvtResult<&mut Tags> {
        if let Some(value) = value {
            self.0.tag_ref(key, value)?;
        }
        Ok(self)
    }
}
