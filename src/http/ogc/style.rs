//! A style by which MapLibre, and what reads its styles, draws the tiles as the Map does. It writes no names: a style that
//! does needs a server of glyphs.

use axum::response::Response;
use serde_json::{Value, json};

use super::super::Problem;
use super::super::base_url::BaseUrl;
use super::STYLE_JSON;
use super::call::Call;

pub const PATH: &str = "/ogc/styles/map";
const SOURCE: &str = "waterlog";

pub async fn map(call: Call) -> Result<Response, Problem> {
    call.as_json(STYLE_JSON, || style(&call.base))
}

fn style(base: &BaseUrl) -> Value {
    json!({
        "version": 8,
        "name": "waterlog",
        "sources": {SOURCE: {"type": "vector", "url": base.link("/tiles/all.json")}},
        "layers": [
            {"id": "ground", "type": "background", "paint": {"background-color": "#f7f7f4"}},
            reports(),
            ring(),
            hotspots(),
        ],
    })
}

fn reports() -> Value {
    let count = json!(["sqrt", ["get", "count"]]);
    json!({
        "id": "reports", "type": "circle", "source": SOURCE, "source-layer": "reports", "minzoom": 12.5,
        "paint": {
            "circle-color": ["case", ["==", ["get", "dry"], true], "#f7f7f4", "#6d7f90"],
            "circle-radius": ["interpolate", ["linear"], ["zoom"],
                12, ["min", 6, ["+", 1, count]], 17, ["min", 12, ["+", 2.5, count]]],
            "circle-opacity": ["interpolate", ["linear"], ["zoom"], 12.5, 0, 13.2, 0.55],
            "circle-stroke-color": "#6d7f90",
            "circle-stroke-width": 0.8,
            "circle-stroke-opacity": ["interpolate", ["linear"], ["zoom"], 12.5, 0, 13.2, 0.8],
        },
    })
}

/// The area of a circle grows with the occasions; of a cluster with the most that one of its hotspots has.
fn radius(more: f64) -> Value {
    let occasions = json!(["coalesce", ["get", "occasions"], ["get", "occasions_max"], 1]);
    let px = json!(["*", 3.1, ["sqrt", ["min", occasions, 100]]]);
    json!([
        "interpolate",
        ["linear"],
        ["zoom"],
        9,
        ["+", ["*", px, 0.8], more],
        12,
        ["+", px, more],
        16,
        ["+", ["*", px, 1.7], more]
    ])
}

fn ring() -> Value {
    json!({
        "id": "hotspot-ring", "type": "circle", "source": SOURCE, "source-layer": "hotspots",
        "filter": ["==", ["get", "status"], "confirmed"],
        "paint": {
            "circle-radius": radius(3.0),
            "circle-color": "#f7f7f4",
            "circle-opacity": 0.85,
            "circle-stroke-color": "#1d2733",
            "circle-stroke-width": 1.5,
        },
    })
}

fn hotspots() -> Value {
    let of = |weather: &str| json!(["coalesce", ["get", format!("occasions_{weather}")], 0]);
    let known = json!(["+", of("storm"), of("small_rain"), of("dry_weather")]);
    // Viridis (van der Walt and Smith 2015), darker the more of the floods came with storms; grey where none is known.
    let colour = json!([
        "case",
        ["==", known, 0],
        "#8a929b",
        [
            "interpolate",
            ["linear"],
            ["/", of("storm"), known],
            0,
            "#addc30",
            0.2,
            "#28ae80",
            0.4,
            "#21918c",
            0.6,
            "#2c728e",
            0.8,
            "#3b528b",
            1,
            "#440154"
        ]
    ]);
    let candidate = json!(["==", ["get", "status"], "candidate"]);
    json!({
        "id": "hotspots", "type": "circle", "source": SOURCE, "source-layer": "hotspots",
        "layout": {"circle-sort-key": ["coalesce", ["get", "occasions"], 0]},
        "paint": {
            "circle-radius": radius(0.0),
            "circle-color": ["case", candidate, "#f7f7f4", colour],
            "circle-opacity": ["case", candidate, 0.7, 0.92],
            "circle-stroke-color": ["case", candidate, colour, "#1d2733"],
            "circle-stroke-width": ["case", candidate, 1.8, 0.7],
        },
    })
}
