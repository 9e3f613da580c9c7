//! Geometries in well-known text (the rule `spatialInstance`), and boxes.

use super::Fault;
use super::shape::{Builder, Region};
use super::text::{Parsed, Parser};
use super::words::Word;

impl Parser<'_> {
    /// A geometry in well-known text, or a box, where the name is that of one.
    pub(super) fn geometry(&mut self, at: usize, name: &str) -> Parsed<Option<Region>> {
        let upper = name.to_ascii_uppercase();
        if !Builder::KINDS.contains(&upper.as_str()) {
            return Ok(None);
        }
        let mut builder = Builder::new(self.to_degrees);
        let shape = self.shape(&mut builder, &upper)?;
        builder.region(shape).map(Some).map_err(|reason| Fault::new(at, reason))
    }

    fn shape(&mut self, builder: &mut Builder, kind: &str) -> Parsed<geo::Geometry> {
        self.advance();
        self.takes_word("Z");
        self.sign("(", "(")?;
        Ok(match kind {
            "BBOX" => {
                let at = self.at();
                let numbers = self.list(Parser::number)?;
                builder.bbox(&numbers).map_err(|reason| Fault::new(at, reason))?
            }
            "POINT" => {
                let point = self.coord(builder)?;
                self.sign(")", ")")?;
                geo::Geometry::Point(point.into())
            }
            "LINESTRING" => geo::Geometry::LineString(self.line(builder)?),
            "POLYGON" => geo::Geometry::Polygon(self.polygon(builder)?),
            "MULTIPOINT" => {
                let points = self.list(|parser| {
                    // The older form has no parentheses about each point.
                    let inner = parser.takes_sign("(");
                    let point = parser.coord(builder)?;
                    if inner {
                        parser.sign(")", ")")?
                    }
                    Ok(geo::Point::from(point))
                });
                geo::Geometry::MultiPoint(geo::MultiPoint(points?))
            }
            "MULTILINESTRING" => geo::Geometry::MultiLineString(geo::MultiLineString(self.inner(builder, Self::line)?)),
            "MULTIPOLYGON" => geo::Geometry::MultiPolygon(geo::MultiPolygon(self.inner(builder, Self::polygon)?)),
            _ => {
                let mut all = Vec::new();
                loop {
                    let Word::Name(name) = *self.peek() else { return Err(self.expected("a geometry")) };
                    let upper = name.to_ascii_uppercase();
                    if !Builder::KINDS.contains(&upper.as_str())
                        || matches!(upper.as_str(), "BBOX" | "GEOMETRYCOLLECTION")
                    {
                        return Err(self.expected("POINT, LINESTRING, POLYGON or one of these with MULTI before"));
                    }
                    all.push(self.shape(builder, &upper)?);
                    if !self.takes_sign(",") {
                        break;
                    }
                }
                self.sign(")", "a comma or )")?;
                geo::Geometry::GeometryCollection(geo::GeometryCollection(all))
            }
        })
    }

    /// Parts in parentheses, with commas between, up to the closing parenthesis.
    fn inner<T>(&mut self, builder: &mut Builder, part: fn(&mut Self, &mut Builder) -> Parsed<T>) -> Parsed<Vec<T>> {
        let mut all = Vec::new();
        loop {
            self.sign("(", "(")?;
            all.push(part(self, builder)?);
            if !self.takes_sign(",") {
                break;
            }
        }
        self.sign(")", "a comma or )")?;
        Ok(all)
    }

    fn polygon(&mut self, builder: &mut Builder) -> Parsed<geo::Polygon> {
        let at = self.at();
        let rings = self.inner(builder, Self::line)?;
        Builder::polygon(rings).map_err(|reason| Fault::new(at, reason))
    }

    fn line(&mut self, builder: &mut Builder) -> Parsed<geo::LineString> {
        let mut coords = vec![self.coord(builder)?];
        while self.takes_sign(",") {
            coords.push(self.coord(builder)?);
        }
        self.sign(")", "a comma or )")?;
        Ok(geo::LineString(coords))
    }

    fn coord(&mut self, builder: &mut Builder) -> Parsed<geo::Coord> {
        let at = self.at();
        let mut numbers = vec![self.number()?];
        while !matches!(self.peek(), Word::Sign("," | ")") | Word::End) {
            numbers.push(self.number()?);
        }
        builder.coord(&numbers).map_err(|reason| Fault::new(at, reason))
    }

    fn number(&mut self) -> Parsed<f64> {
        let minus = self.takes_sign("-");
        if !minus {
            self.takes_sign("+");
        }
        let Word::Number(number) = *self.peek() else { return Err(self.expected("a number")) };
        self.advance();
        Ok(if minus { -number } else { number })
    }
}
