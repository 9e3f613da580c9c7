//! What can be asked of OGC API, as OpenAPI 3.0.3: the version that the standard knows (OGC 17-069r4, 9) and that QGIS and
//! the test suite of OGC read. It is made of the constants that the handlers go by, and refers to nothing outside itself.

use axum::response::Response;
use serde_json::{Map, Value, json};

use super::super::Problem;
use super::super::base_url::BaseUrl;
use super::super::layers::GEO_JSON;
use super::super::query::{ITEMS_PAGE, LARGEST_PAGE, List};
use super::call::Call;
use super::negotiate::{Encoding, HTML};
use super::schemas::{self, SCHEMAS};
use super::{JSON, OPENAPI_3_0, SCHEMA, edit_paths, tile_paths};
use crate::export::Format;
use crate::hazard::analysis::trend::Trend;
use crate::hazard::category::Category;
use crate::hazard::cell;
use crate::hazard::cql2::{Lang, MOST_BYTES, MOST_DEPTH, MOST_NODES};
use crate::hazard::crs::Crs;
use crate::hazard::layer::{Filter, Layer, Status};

const ABOUT: &str = "Reports of street hazards, the incidents they make up, and the hotspots where incidents recur, as OGC \
API - Features, Parts 1 to 4. Positions are WGS 84 degrees, longitude first, unless another system is asked for; times are RFC 3339. Whatever is wrong is said \
as a problem document (RFC 9457).";
pub const PROBLEM_JSON: &str = "application/problem+json";

pub async fn document(call: Call) -> Result<Response, Problem> {
    call.fixed(OPENAPI_3_0, |writer| {
        let document = describe(&call.base);
        // Nobody reads references and schemas; programs do.
        if writer.is_html() { json!({"links": writer.links(), "operations": in_short(&document)}) } else { document }
    })
}

/// What can be asked, one line for each.
fn in_short(document: &Value) -> Value {
    let paths = document["paths"].as_object().into_iter().flatten();
    let parameter = |of: &Value| {
        of["$ref"].as_str().and_then(|name| name.rsplit('/').next()).or(of["name"].as_str()).map(str::to_owned)
    };
    let line = |(path, operations): (&String, &Value)| {
        let parameters = operations["get"]["parameters"].as_array().into_iter().flatten();
        let parameters: Vec<_> = parameters.filter_map(parameter).collect();
        json!({"path": path, "summary": operations["get"]["summary"], "parameters": parameters.join(", ")})
    };
    paths.map(line).collect()
}

fn describe(base: &BaseUrl) -> Value {
    let mut paths = Map::new();
    let mut path = |path: String, operation: Value| paths.insert(path, json!({"get": operation}));
    for (at, id, summary, kind, schema) in [
        ("/", "getLandingPage", "Where a client begins", JSON, "LandingPage"),
        ("/conformance", "getConformance", "What this service conforms to", JSON, "Conformance"),
        ("/api", "getApi", "This document", OPENAPI_3_0, "OpenApi"),
        ("/collections", "getCollections", "The collections", JSON, "Collections"),
    ] {
        path(at.into(), operation(id, summary, "service", kind, named(schema), &[]));
    }
    for layer in Layer::ALL {
        let name = layer.name();
        let id = |what: &str| format!("{what}.{name}");
        let at = format!("/collections/{name}");
        let about = operation(&id("getCollection"), layer.title(), name, JSON, named("Collection"), &["404"]);
        path(at.clone(), about);
        for (what, below, summary) in [
            ("getQueryables", "queryables", "What a filter can ask for"),
            ("getSortables", "sortables", "What its features can be sorted by"),
        ] {
            path(format!("{at}/{below}"), operation(&id(what), summary, name, SCHEMA, named("Schema"), &["404"]));
        }
        let page = schemas::of("FeatureCollection", layer);
        let mut items = operation(&id("getFeatures"), "Its features, page after page", name, GEO_JSON, page, &["404"]);
        let parameters: Vec<_> = List::Items.parameters(layer).into_iter().map(|name| parameter(layer, name)).collect();
        items["parameters"] = parameters.into();
        for format in Format::ALL.iter().filter(|format| !matches!(format, Format::GeoJson | Format::PmTiles)) {
            let file = json!({"schema": {"type": "string", "format": "binary"}});
            items["responses"]["200"]["content"][format.media_type()] = file;
        }
        let one = schemas::of("Feature", layer);
        let mut item = operation(&id("getFeature"), "One feature", name, GEO_JSON, one, &["308", "404"]);
        item["parameters"] =
            ["featureId", "crs", "f"].map(|name| json!({"$ref": format!("#/components/parameters/{name}")})).into();
        for operation in [&mut items, &mut item] {
            operation["responses"]["200"]["headers"] =
                json!({"Content-Crs": {"$ref": "#/components/headers/Content-Crs"}});
        }
        path(format!("{at}/items"), items);
        path(format!("{at}/items/{{featureId}}"), item);
    }
    edit_paths::add(&mut paths);
    paths.extend(tile_paths::all());
    json!({
        "openapi": "3.0.3",
        "info": {"title": "waterlog", "description": ABOUT, "version": env!("CARGO_PKG_VERSION")},
        "servers": [{"url": base.link("/ogc")}],
        "tags": tags(),
        "paths": paths,
        "components": {"headers": headers(), "parameters": with(parameters(), edit_paths::parameters()),
            "responses": with(responses(), edit_paths::problems()), "schemas": all_schemas(),
            "securitySchemes": edit_paths::security_schemes()},
    })
}

/// An object with further members.
fn with(mut object: Value, more: Map<String, Value>) -> Value {
    if let Some(members) = object.as_object_mut() {
        members.extend(more);
    }
    object
}

fn tags() -> Value {
    let service = json!({"name": "service", "description": "The service itself"});
    let layers = Layer::ALL.iter().map(|layer| json!({"name": layer.name(), "description": layer.title()}));
    std::iter::once(service).chain(layers).collect()
}

pub fn named(schema: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{schema}")})
}

pub fn operation(id: &str, summary: &str, tag: &str, kind: &str, schema: Value, further: &[&str]) -> Value {
    let content = json!({kind: {"schema": schema}, HTML: {"schema": {"type": "string"}}});
    let mut responses = json!({"200": {"description": summary, "content": content}});
    for status in ["304", "400", "406", "503"].iter().chain(further) {
        responses[status] = json!({"$ref": format!("#/components/responses/{status}")});
    }
    let encoding = json!([{"$ref": "#/components/parameters/f"}]);
    json!({"operationId": id, "summary": summary, "tags": [tag], "parameters": encoding, "responses": responses})
}

fn responses() -> Value {
    let problem = |description: &str| json!({"description": description, "content": {PROBLEM_JSON: {"schema": named("Problem")}}});
    json!({
        "304": {"description": "Nothing has changed since the ETag that If-None-Match names"},
        "308": {"description": "It has become part of the feature at Location",
            "headers": {"Location": {"schema": {"type": "string", "format": "uri"}}}},
        "400": problem("An unknown parameter, or one that cannot be read"),
        "406": problem("Accept, or f, names nothing that this is written as"),
        "404": problem("There is no such collection or feature"),
        "503": problem("The log is still being read, or there is too much to do: come back in a moment"),
    })
}

fn headers() -> Value {
    json!({"Content-Crs": {"description": "The URI of the system that the coordinates are in, in angle brackets",
        "schema": {"type": "string"}}})
}

/// The names of what something is written as: those that are known, and any other, which 406 answers.
fn written_as(known: &[&str]) -> Value {
    json!({"type": "string", "anyOf": [{"enum": known}, {"minLength": 1}]})
}

/// A parameter of a list, by reference; statuses and weathers are the layer's own.
pub fn parameter(layer: Layer, name: &str) -> Value {
    if name == "f" {
        return json!({"$ref": "#/components/parameters/format"});
    }
    if name == "status" {
        let known: Vec<_> = Status::of(layer).into_iter().map(Status::name).collect();
        return query(name, "With any of these statuses, with commas between", any_of(&known));
    }
    if name == "weather" {
        let text = match layer {
            Layer::Hotspots => {
                "Occasions in any of these weathers, with commas between: one or more of them, mostly_ more than half, \
                 only_ all, never_ none; neither only nor never where the weather of one is unknown"
            }
            _ => "With any of these weathers, with commas between",
        };
        return query(name, text, any_of(&layer.weathers()));
    }
    if name == "sortby" {
        let each = layer.sorts().iter().flat_map(|by| ["", "-", "+"].map(|sign| format!("{sign}{by}")));
        let each: Vec<String> = each.collect();
        let text = "In order of these, the first before all others: + upwards, as without a sign, - downwards. What has no \
                    value comes last; of what is alike, what was opened first, or has the smaller id";
        return query(name, text, any_of(&each.iter().map(String::as_str).collect::<Vec<_>>()));
    }
    if name == "properties" {
        return query(
            name,
            "With these properties alone; id and geometry are always given",
            any_of(&layer.published()),
        );
    }
    json!({"$ref": format!("#/components/parameters/{name}")})
}

fn parameters() -> Value {
    let files = Format::ALL.into_iter().filter(|format| *format != Format::PmTiles).map(Format::name);
    let formats: Vec<_> = Encoding::ALL.map(Encoding::name).into_iter().chain(files).collect();
    let categories: Vec<_> = Category::all().filter(|c| !c.is_alone()).map(Category::name).collect();
    let bbox = "What lies in this box: west, south, east, north in WGS 84 degrees, sides included; with heights, which do \
                not restrict, west, south, low, east, north, high. West is greater than east across 180 degrees. What has \
                no geometry is not restricted";
    let datetime = "What lasted into this time: RFC 3339, or an interval a/b, a/.. or ../b, both ends included. What has \
                    no time is not restricted";
    let limit = format!("Features on a page; more than {LARGEST_PAGE} is taken for {LARGEST_PAGE}");
    let number = |least: usize, most: usize| json!({"type": "integer", "minimum": least, "maximum": most});
    let mut page = number(1, LARGEST_PAGE);
    page["default"] = ITEMS_PAGE.into();
    let mut resolution = number(u8::from(cell::COARSEST).into(), u8::from(cell::FINEST).into());
    resolution["default"] = u8::from(cell::DEFAULT).into();
    let cursor = "Where the page begins: from the next link of the page before. Good while the map changes";
    let mut offset = number(0, Filter::LARGEST_OFFSET);
    offset["default"] = 0.into();
    json!({
        "bbox": query("bbox", bbox,
            json!({"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}})),
        "bbox-crs": query("bbox-crs", "The system that bbox is given in, of those of the collection, its axes in the order \
            of that system", crs()),
        "crs": query("crs", "The system to write coordinates in, of those of the collection, its axes in the order of that \
            system", crs()),
        "datetime": query("datetime", datetime, json!({"type": "string"})),
        "category": query("category", "Of any of these categories, with commas between", any_of(&categories)),
        "gauge": query("gauge", "Measured at any of these gauges, by id, with commas between; city: without a gauge",
            json!({"type": "array", "minItems": 1, "items": {"type": "string"}})),
        "trend": query("trend", "With any of these trends, with commas between", any_of(&Trend::ALL.map(Trend::name))),
        "resolution": query("resolution", "H3 resolution of the cells", resolution),
        "limit": query("limit", &limit, page),
        "cursor": query("cursor", cursor, json!({"type": "string"})),
        "offset": query("offset", "So many features are passed over first; the next link is better", offset),
        "filter": query("filter", &filter_text(), json!({"type": "string"})),
        "filter-lang": query("filter-lang", "How the filter is written",
            json!({"type": "string", "enum": Lang::ALL.map(Lang::name), "default": Lang::default().name()})),
        "filter-crs": query("filter-crs", "The system that the geometries of the filter are in, of those of the collection, their axes \
            in the order of that system",
            crs()),
        "f": query("f", "What the answer is written as; without it, what Accept prefers",
            written_as(&Encoding::ALL.map(Encoding::name))),
        "format": query("f", "What the page is written as; without it, what Accept prefers",
            written_as(&formats)),
        "bom": query("bom", "Of csv: begin with a byte order mark, by which Excel knows UTF-8", json!({"type": "boolean"})),
        "tileMatrix": tile_paths::parameter("tileMatrix", "The zoom"),
        "tileRow": tile_paths::parameter("tileRow", "The row, from the north"),
        "tileCol": tile_paths::parameter("tileCol", "The column, from 180 degrees west"),
        "featureId": {"name": "featureId", "in": "path", "required": true, "description": "The feature's id",
            "schema": {"type": "string"}},
    })
}

fn filter_text() -> String {
    format!(
        "Features of which this is true, in CQL2 (OGC 21-065r2), of the properties at `queryables`. At most {MOST_BYTES} \
         bytes, {MOST_NODES} values, properties and operators, and parentheses {MOST_DEPTH} deep. A date is its day in \
         UTC; a number divided by nought is null; what is compared with null is null. What \
         would take too long is refused. What crosses 180° is cut there, \
         but for a BBOX whose west is greater than its east"
    )
}

fn crs() -> Value {
    json!({"type": "string", "format": "uri", "default": Crs::Crs84.to_string()})
}

fn any_of(words: &[&str]) -> Value {
    json!({"type": "array", "minItems": 1, "items": {"type": "string", "enum": words}})
}

fn query(name: &str, description: &str, schema: Value) -> Value {
    json!({"name": name, "in": "query", "required": false, "style": "form", "explode": false,
        "description": description, "schema": schema})
}

fn all_schemas() -> Value {
    let links = json!({"type": "array", "items": named("Link")});
    let text = json!({"type": "string"});
    let list = |of: Value| json!({"type": "array", "items": of});
    let mut all = json!({
        "LandingPage": object(&["title", "description", "links"],
            json!({"title": text, "description": text, "links": links})),
        "Conformance": object(&["title", "conformsTo", "links"], json!({"title": text, "conformsTo": list(text.clone()), "links": links})),
        "OpenApi": {"type": "object"},
        "Schema": object(&["$schema", "$id", "type", "properties"], json!({
            "$schema": text, "$id": text, "title": text, "type": text,
            "properties": {"type": "object", "additionalProperties": object(&["title"], json!({
                "type": text, "title": text, "format": text, "enum": list(text.clone()),
                "x-ogc-role": text, "x-ogc-unit": text,
            }))},
            "additionalProperties": {"type": "boolean"},
        })),
        "Collections": object(&["links", "crs", "collections"],
            json!({"links": links, "crs": list(text.clone()), "collections": list(named("Collection"))})),
        "Collection": object(&["id", "title", "description", "itemType", "crs", "storageCrs", "links"], json!({
            "id": text, "title": text, "description": text, "extent": named("Extent"),
            "itemType": {"type": "string", "enum": ["feature"]}, "crs": list(text.clone()), "storageCrs": text, "links": links,
        })),
        "Extent": object(&[], json!({
            "spatial": object(&["bbox", "crs"], json!({
                "bbox": {"type": "array", "minItems": 1,
                    "items": {"type": "array", "minItems": 4, "maxItems": 4, "items": {"type": "number"}}},
                "crs": text,
            })),
            "temporal": object(&["interval", "trs"], json!({
                "interval": {"type": "array", "minItems": 1, "items": {"type": "array", "minItems": 2, "maxItems": 2,
                    "items": {"type": "string", "format": "date-time"}}},
                "trs": text,
            })),
        })),
    });
    if let (Some(all), Value::Object(features)) = (all.as_object_mut(), &*SCHEMAS) {
        all.extend(features.clone());
        all.extend(tile_paths::schemas());
        all.extend(edit_paths::schemas());
    }
    all
}

pub fn object(required: &[&str], properties: Value) -> Value {
    let mut object = json!({"type": "object", "properties": properties});
    // An empty list is not allowed.
    if !required.is_empty() {
        object["required"] = json!(required);
    }
    object
}
