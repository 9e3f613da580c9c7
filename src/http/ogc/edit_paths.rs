//! What OpenAPI 3.0 says of filing, correcting and retracting reports (OGC 20-002).

use serde_json::{Map, Value, json};

use super::super::body::MERGE_PATCH;
use super::super::layers::GEO_JSON;
use super::super::rights::{REPORT, REPORTS, Right, find};
use super::super::security;
use super::api::{PROBLEM_JSON, named, object};
use super::{JSON, schemas};
use crate::hazard::category::Category;
use crate::hazard::event::Passability;
use crate::hazard::layer::Layer;

/// What is said to whoever changes a report.
const ABOUT: &str =
    "Whoever may take steps in the area of the report. If-Match is the ETag that the feature came with.";
/// Statuses of every operation that has a body, and of those that change a report.
const OF_BODY: [&str; 8] = ["400", "401", "403", "408", "413", "415", "422", "503"];
const OF_CHANGE: [&str; 3] = ["404", "412", "428"];

/// Who may, as the table of rights has it.
fn rights(method: &str, path: &str) -> Value {
    let any = |right: &Right| security::requirements(right).into_iter().map(|one| json!(one)).collect();
    find(method, path).map_or(Value::Null, any)
}

pub fn security_schemes() -> Value {
    security::schemes().into_iter().map(|(name, scheme)| (name.to_owned(), json!(scheme))).collect::<Map<_, _>>().into()
}

/// Adds the operations to the paths of the layer.
pub fn add(paths: &mut Map<String, Value>) {
    let about = |id: &str, summary: &str, description: &str, method: &str, path: &str| {
        json!({"operationId": format!("{id}.reports"), "summary": summary, "description": description, "tags": ["reports"],
            "security": rights(method, path)})
    };
    let in_openapi = |path: &str| path.trim_start_matches("/ogc").replace("{feature}", "{featureId}");
    let feature = json!({"description": "The report that stands now: of its own id, unless nothing was changed",
        "headers": {"ETag": header("Its state"), "Content-Location": header("Where it is"),
            "Content-Crs": {"$ref": "#/components/headers/Content-Crs"}},
        "content": {GEO_JSON: {"schema": schemas::of("Feature", Layer::Reports)}}});

    let text = "Files a report, as POST /api/v1/reports does. An Idempotency-Key makes a retry harmless.";
    let mut create = about("createFeature", "Files a report", text, "POST", REPORTS);
    create["parameters"] = json!([reference("Content-Crs"), reference("Idempotency-Key"), reference("Device-Id")]);
    create["requestBody"] = body(GEO_JSON, "NewFeature");
    create["responses"] = responses(&[&OF_BODY[..], &["409", "429"]].concat());
    create["responses"]["201"] = json!({"description": "It is on disk, and on every layer that is read next",
        "headers": {"Location": header("The report")}, "content": {JSON: {"schema": named("Accepted")}}});
    create["responses"]["202"] = json!({"description": "Its sender sends too much: it waits in the inbox of the desk",
        "content": {JSON: {"schema": {"type": "object"}}}});
    operation(paths, &in_openapi(REPORTS), "post", create);

    let text = format!(
        "{ABOUT} The corrected report is one of its own (Content-Location): the old address leads to it, and takes the \
         next change with the ETag of this answer."
    );
    let changed = [&OF_BODY[..], &OF_CHANGE].concat();
    for (method, id, summary, kind, schema) in [
        ("PUT", "replaceFeature", "Replaces a report", GEO_JSON, "NewFeature"),
        ("PATCH", "updateFeature", "Corrects a report", MERGE_PATCH, "FeaturePatch"),
    ] {
        let mut change = about(id, summary, &text, method, REPORT);
        change["parameters"] = json!([reference("featureId"), reference("If-Match"), reference("Content-Crs")]);
        change["requestBody"] = body(kind, schema);
        change["responses"] = responses(&changed);
        change["responses"]["200"] = feature.clone();
        operation(paths, &in_openapi(REPORT), &method.to_lowercase(), change);
    }
    let text = format!("{ABOUT} At the address of a report that was corrected: what stands in its place.");
    let mut delete = about("deleteFeature", "Retracts a report", &text, "DELETE", REPORT);
    delete["parameters"] = json!([reference("featureId"), reference("If-Match")]);
    delete["responses"] = responses(&[&["400", "401", "403", "503"][..], &OF_CHANGE].concat());
    delete["responses"]["204"] = json!({"description": "It counts nowhere any more; the log keeps it"});
    operation(paths, &in_openapi(REPORT), "delete", delete);
}

fn operation(paths: &mut Map<String, Value>, path: &str, method: &str, operation: Value) {
    if let Some(Value::Object(operations)) = paths.get_mut(path) {
        operations.insert(method.to_owned(), operation);
    }
}

fn reference(parameter: &str) -> Value {
    json!({"$ref": format!("#/components/parameters/{parameter}")})
}

fn header(description: &str) -> Value {
    json!({"description": description, "schema": {"type": "string"}})
}

fn body(kind: &str, schema: &str) -> Value {
    json!({"required": true, "content": {kind: {"schema": named(schema)}}})
}

fn responses(statuses: &[&str]) -> Value {
    let problem = |status: &&str| ((*status).to_owned(), json!({"$ref": format!("#/components/responses/{status}")}));
    statuses.iter().map(problem).collect::<Map<_, _>>().into()
}

/// Answers by their status that only these operations give.
pub fn problems() -> Map<String, Value> {
    let each = [
        ("401", "Nobody known, or what should prove it proves nothing"),
        ("403", "Not with this role, scope, area or page"),
        ("408", "The body did not come in time"),
        ("409", "The same key was used before for something else"),
        ("412", "It has changed since, or was retracted, or If-Match names the ETag of what was corrected since"),
        ("413", "The body is too large"),
        ("415", "The body is of another media type"),
        ("422", "A photo is not here"),
        ("428", "If-Match is missing"),
        ("429", "Too many from one sender"),
    ];
    let problem = |(status, description): (&str, &str)| {
        let content = json!({PROBLEM_JSON: {"schema": named("Problem")}});
        (status.to_owned(), json!({"description": description, "content": content}))
    };
    each.into_iter().map(problem).collect()
}

/// Parameters that only these operations take.
pub fn parameters() -> Map<String, Value> {
    let header = |name: &str, description: &str, required: bool| {
        let about = json!({"name": name, "in": "header", "required": required, "description": description,
            "schema": {"type": "string"}});
        (name.to_owned(), about)
    };
    Map::from_iter([
        header("If-Match", "The ETag that the feature came with", true),
        header("Content-Crs", "The URI of the system that the coordinates are in, in angle brackets", false),
        header("Idempotency-Key", "At most 200 characters, new for each report", false),
        header("Device-Id", "16 to 64 letters, digits, - and _ that a phone has drawn at random", false),
    ])
}

/// What is sent.
pub fn schemas() -> Map<String, Value> {
    let words = |words: Vec<&str>| json!({"type": "string", "enum": words});
    let categories: Vec<_> = Category::all().filter(|c| !c.is_alone()).map(Category::name).collect();
    let nullable = |mut schema: Value| {
        schema["nullable"] = true.into();
        if let Some(values) = schema.get_mut("enum").and_then(Value::as_array_mut) {
            values.push(Value::Null);
        }
        schema
    };
    let number = |most: u32| json!({"type": "integer", "minimum": 0, "maximum": most, "nullable": true});
    let text = |most: u32| json!({"type": "string", "maxLength": most, "nullable": true});
    let properties = json!({
        "category": words(categories),
        "observed_at": {"type": "string", "format": "date-time"},
        "depth_cm": number(1_000),
        "passability": nullable(words(Passability::ALL.map(Passability::name).into())),
        "dry": {"type": "boolean", "nullable": true},
        "accuracy_m": number(10_000),
        "channel": {"type": "string", "pattern": "^[a-z0-9_.-]{1,100}$", "nullable": true},
        "place": text(200),
        "text": text(4_000),
        "photos": {"type": "array", "maxItems": 8, "items": {"type": "string"}, "nullable": true},
    });
    let coordinates = json!({"type": "array", "minItems": 2, "maxItems": 3, "items": {"type": "number"}});
    let point = object(
        &["type", "coordinates"],
        json!({"type": {"type": "string", "enum": ["Point"]}, "coordinates": coordinates}),
    );
    let feature = |required: &[&str], of_properties: Value| {
        object(required, json!({"type": words(vec!["Feature"]), "geometry": point, "properties": of_properties}))
    };
    let mut new =
        feature(&["type", "geometry", "properties"], object(&["category", "observed_at"], properties.clone()));
    new["example"] = json!({"type": "Feature", "geometry": {"type": "Point", "coordinates": [-73.894, 40.774]},
        "properties": {"category": "waterlogging", "observed_at": "2024-06-30T20:00:00-04:00", "depth_cm": 35}});
    let mut patch = feature(&[], object(&[], properties));
    patch["example"] = json!({"properties": {"depth_cm": 40}});
    let accepted = object(
        &["id", "seq", "merged", "follow"],
        json!({"id": {"type": "string"}, "seq": {"type": "integer"}, "merged": {"type": "boolean"},
            "incident_id": {"type": "string", "nullable": true}, "hotspot_id": {"type": "string", "nullable": true},
            "follow": {"type": "string"}}),
    );
    Map::from_iter([("NewFeature".into(), new), ("FeaturePatch".into(), patch), ("Accepted".into(), accepted)])
}
