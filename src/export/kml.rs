//! KML 2.2 (OGC 07-147r2): placemarks with their properties, coloured by status.

use std::io::{Result as Put, Write};

use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, Event};

use super::xml::text;
use super::{About, Tell, Writer, colour, unwritten};
use crate::error::Result;
use crate::hazard::layer::{Column, Kind, Layer, Rings, Row, Shape, Status, Value};
use crate::hazard::position::Position;

const NAMESPACE: &str = "http://www.opengis.net/kml/2.2";
/// The style of what has no status.
const PLAIN: &str = "plain";

type Xml<'w> = quick_xml::Writer<Box<dyn Write + 'w>>;

/// A document that is being written.
pub struct Kml<'w> {
    out: Xml<'w>,
    layer: Layer,
    columns: Vec<Column>,
}

impl<'w> Kml<'w> {
    pub fn new(about: &About, out: Box<dyn Write + 'w>) -> Result<Kml<'w>> {
        let (layer, columns) = (about.layer, about.columns.clone());
        let mut kml = Kml { out: quick_xml::Writer::new(out), layer, columns };
        kml.begin(about).map_err(unwritten)?;
        Ok(kml)
    }

    /// What stands before the placemarks: the styles, and the types of the properties.
    fn begin(&mut self, about: &About) -> Put<()> {
        let Kml { out, layer, columns } = self;
        out.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        out.write_event(Event::Start(BytesStart::new("kml").with_attributes([("xmlns", NAMESPACE)])))?;
        out.write_event(Event::Start(BytesStart::new("Document")))?;
        text(out, "name", layer.name())?;
        text(out, "description", &format!("{}; as of {}", layer.title(), about.as_of))?;
        style(out, PLAIN, colour::PLAIN)?;
        Status::of(*layer).into_iter().try_for_each(|status| style(out, status.name(), colour::of(status)))?;
        let schema = out.create_element("Schema").with_attributes([("name", layer.name()), ("id", layer.name())]);
        schema.write_inner_content(|out| {
            field(out, "id", Kind::Text)?;
            columns.iter().try_for_each(|column| field(out, column.name, column.kind))
        })?;
        Ok(())
    }

    fn placemark(&mut self, row: &Row) -> Put<()> {
        let Kml { out, layer, columns } = self;
        let value = |name: &str| columns.iter().zip(&row.values).find(|(c, _)| c.name == name).map(|(_, value)| value);
        let named = |name: &str| match value(name) {
            Some(Value::Text(text)) => Some(&**text),
            _ => None,
        };
        out.create_element("Placemark").write_inner_content(|out| {
            text(out, "name", named("name").or(named("place")).unwrap_or(row.id))?;
            text(out, "styleUrl", &format!("#{}", named("status").unwrap_or(PLAIN)))?;
            out.create_element("ExtendedData").write_inner_content(|out| {
                let data =
                    out.create_element("SchemaData").with_attribute(("schemaUrl", &*format!("#{}", layer.name())));
                data.write_inner_content(|out| {
                    simple(out, "id", row.id)?;
                    columns.iter().zip(&row.values).try_for_each(|(column, value)| match value {
                        Value::Missing => Ok(()),
                        Value::Text(text) => simple(out, column.name, text),
                        Value::Integer(n) => simple(out, column.name, &n.to_string()),
                        Value::Real(v) => simple(out, column.name, &v.to_string()),
                        Value::Boolean(flag) => simple(out, column.name, &u8::from(*flag).to_string()),
                        Value::DateTime(at) => simple(out, column.name, &at.to_string()),
                    })
                })?;
                Ok(())
            })?;
            row.shape.map_or(Ok(()), |shape| geometry(out, shape))
        })?;
        self.out.get_mut().write_all(b"\n")
    }
}

impl Writer for Kml<'_> {
    fn row(&mut self, row: &Row) -> Result<()> {
        self.placemark(row).map_err(unwritten)
    }

    fn finish(mut self: Box<Self>, _: &mut Tell) -> Result<()> {
        let mut end = || {
            self.out.write_event(Event::End(BytesEnd::new("Document")))?;
            self.out.write_event(Event::End(BytesEnd::new("kml")))?;
            self.out.get_mut().flush()
        };
        end().map_err(unwritten)
    }
}

/// Colours are alpha, blue, green, red (12.3).
fn style(out: &mut Xml, name: &str, [red, green, blue]: colour::Colour) -> Put<()> {
    let [solid, faint] = ["ff", "60"].map(|alpha| format!("{alpha}{blue:02x}{green:02x}{red:02x}"));
    out.create_element("Style").with_attribute(("id", name)).write_inner_content(|out| {
        out.create_element("IconStyle").write_inner_content(|out| text(out, "color", &solid))?;
        out.create_element("LineStyle").write_inner_content(|out| {
            text(out, "color", &solid)?;
            text(out, "width", "3")
        })?;
        out.create_element("PolyStyle").write_inner_content(|out| text(out, "color", &faint))?;
        Ok(())
    })?;
    Ok(())
}

fn field(out: &mut Xml, name: &str, kind: Kind) -> Put<()> {
    let kind = match kind {
        // The format has no type for times (14.6).
        Kind::Text | Kind::DateTime => "string",
        Kind::Integer => "int",
        Kind::Real => "double",
        Kind::Boolean => "bool",
    };
    out.create_element("SimpleField").with_attributes([("type", kind), ("name", name)]).write_empty()?;
    Ok(())
}

fn simple(out: &mut Xml, name: &str, value: &str) -> Put<()> {
    let allowed = super::xml::allowed(value);
    let text = quick_xml::events::BytesText::new(&allowed);
    out.create_element("SimpleData").with_attribute(("name", name)).write_text_content(text)?;
    Ok(())
}

fn geometry(out: &mut Xml, shape: &Shape) -> Put<()> {
    match shape {
        Shape::Point(at) => positions(out, "Point", std::slice::from_ref(at)),
        Shape::In(_, shape) => geometry(out, shape),
        Shape::Line(line) => positions(out, "LineString", line),
        Shape::Areas(areas) if areas.len() == 1 => polygon(out, &areas[0]),
        Shape::Areas(areas) => {
            let several = out.create_element("MultiGeometry");
            several.write_inner_content(|out| areas.iter().try_for_each(|rings| polygon(out, rings)))?;
            Ok(())
        }
    }
}

fn polygon(out: &mut Xml, rings: &Rings) -> Put<()> {
    out.create_element("Polygon").write_inner_content(|out| {
        rings.iter().enumerate().try_for_each(|(n, ring)| {
            let border = if n == 0 { "outerBoundaryIs" } else { "innerBoundaryIs" };
            out.create_element(border).write_inner_content(|out| positions(out, "LinearRing", ring))?;
            Ok(())
        })
    })?;
    Ok(())
}

/// Longitude first.
fn positions(out: &mut Xml, name: &str, all: &[Position]) -> Put<()> {
    let pairs: Vec<_> = all.iter().map(|at| format!("{},{}", at.lon(), at.lat())).collect();
    out.create_element(name).write_inner_content(|out| text(out, "coordinates", &pairs.join(" ")))?;
    Ok(())
}
