//! How a layer looks in QGIS: a style in QML, as QGIS keeps it.

use std::fmt::Write;

use super::super::About;
use super::super::colour::{self, Colour};
use crate::hazard::layer::{Geometry, Layer, Status};

/// The style of a layer: by status where it has one, and the file has it. Points and lines in one layer have no symbol in
/// common: there is a rule for each.
pub fn qml(about: &About) -> String {
    let layer = about.layer;
    let mut statuses = Status::of(layer);
    statuses.retain(|_| about.columns.iter().any(|column| column.name == "status"));
    let mut out = String::from(
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n<qgis styleCategories=\"Symbology\">\n",
    );
    let shapes = layer.geometry();
    if shapes == Geometry::Mixed {
        out.push_str("<renderer-v2 type=\"RuleRenderer\"><rules key=\"shapes\">\n");
        for (n, (shape, corners)) in [("points", "= 1"), ("lines", "&gt; 1")].into_iter().enumerate() {
            let filter = format!("num_points($geometry) {corners}");
            let _ = writeln!(out, r#"<rule key="{shape}" label="{shape}" filter="{filter}" symbol="{n}"/>"#);
        }
        out.push_str("</rules><symbols>\n");
        symbol(&mut out, 0, layer, Geometry::Points, colour::PLAIN);
        symbol(&mut out, 1, layer, Geometry::Lines, colour::PLAIN);
    } else if statuses.is_empty() {
        out.push_str("<renderer-v2 type=\"singleSymbol\"><symbols>\n");
        symbol(&mut out, 0, layer, shapes, colour::PLAIN);
    } else {
        out.push_str("<renderer-v2 type=\"categorizedSymbol\" attr=\"status\"><categories>\n");
        for (n, status) in statuses.iter().enumerate() {
            let name = status.name();
            let _ = writeln!(out, r#"<category value="{name}" label="{name}" symbol="{n}" render="true"/>"#);
        }
        out.push_str("</categories><symbols>\n");
        statuses.iter().enumerate().for_each(|(n, status)| symbol(&mut out, n, layer, shapes, colour::of(*status)));
    }
    out + "</symbols></renderer-v2>\n</qgis>\n"
}

fn symbol(out: &mut String, number: usize, layer: Layer, shapes: Geometry, [red, green, blue]: Colour) {
    let solid = format!("{red},{green},{blue},255");
    let (kind, class, options) = match shapes {
        Geometry::Points => {
            let size = if layer == Layer::Hotspots { "4" } else { "2" };
            let options = [("name", "circle"), ("color", &solid), ("outline_color", "255,255,255,255"), ("size", size)];
            ("marker", "SimpleMarker", options.map(|(k, v)| (k, v.to_owned())).to_vec())
        }
        Geometry::Lines | Geometry::Mixed => {
            let options = [("line_color", &*solid), ("line_width", "0.5")];
            ("line", "SimpleLine", options.map(|(k, v)| (k, v.to_owned())).to_vec())
        }
        Geometry::Areas => {
            let faint = format!("{red},{green},{blue},60");
            let options = [("color", &*faint), ("outline_color", &solid), ("outline_width", "0.4"), ("style", "solid")];
            ("fill", "SimpleFill", options.map(|(k, v)| (k, v.to_owned())).to_vec())
        }
    };
    let _ = write!(
        out,
        r#"<symbol name="{number}" type="{kind}" alpha="1"><layer class="{class}" enabled="1"><Option type="Map">"#
    );
    for (name, value) in options {
        let _ = write!(out, r#"<Option name="{name}" type="QString" value="{value}"/>"#);
    }
    out.push_str("</Option></layer></symbol>\n");
}
