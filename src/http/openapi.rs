//! The description of our own API (OpenAPI 3.1), made from the handlers themselves; a test runs every example in it.

use serde_json::{Value, json};
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ArrayBuilder, KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::openapi::{RefOr, Required};
use utoipa::{IntoParams, OpenApi};

use super::query::{LARGEST_PAGE, PAGE};
use crate::hazard::analysis::trend::Trend;
use crate::hazard::analysis::{Analysis, Kind, Takes, USUAL_CATEGORY, forecast};
use crate::hazard::category::Category;
use crate::hazard::cell;
use crate::hazard::layer::{Layer, Status, Step};
use crate::hazard::settings::Settings;
use crate::hazard::workflow::State;

const ABOUT: &str = "Reports of street hazards, the incidents they make up, and the hotspots where incidents recur.

Every answer is taken from one map: the live one, or a **view** of the log up to a `position`, at a time `as_of`, under \
other settings. An answer says which (`position`, `as_of`); asked for the same again it is the same. Times are RFC 3339, \
positions WGS 84 degrees, longitude first. Whatever is wrong is said as a problem document (RFC 9457).";

/// What is not said at a handler.
#[derive(OpenApi)]
#[openapi(
    info(title = "waterlog", description = ABOUT),
    tags(
        (name = "hotspots", description = "Places where incidents recur"),
        (name = "incidents", description = "One hazard, at one place, on one occasion"),
        (name = "reports", description = "Single observations"),
        (name = "inbox", description = "What was sent and is no report yet, for the desk"),
        (name = "rule", description = "What is told apart, and by which limits"),
        (name = "rain", description = "Gauges, storms and water levels"),
        (name = "places", description = "Named places, streets, works, areas and units"),
        (name = "analysis", description = "Figures about the whole city, each with what it rests on"),
        (name = "coverage", description = "Where reports of any kind came from"),
        (name = "open311", description = "Open311 GeoReport v2: a service request is a report"),
        (name = "live", description = "What changes, as it changes"),
        (name = "people", description = "Logging in, and accounts"),
    )
)]
pub struct Api;

/// The parameters of a list of one layer; of no use but in the description.
macro_rules! lists {
    ($($name:ident = $layer:ident),*) => {$(
        pub struct $name;

        impl IntoParams for $name {
            fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
                list(Layer::$layer)
            }
        }
    )*};
}

lists!(
    ReportList = Reports,
    IncidentList = Incidents,
    HotspotList = Hotspots,
    StormList = Storms,
    PlaceList = Places,
    StreetList = Streets,
    WorksList = Works,
    AreaList = Areas,
    CoverageList = Coverage,
    ClosureList = Closures
);

/// The parameters of a view.
pub struct ViewOf;

impl IntoParams for ViewOf {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        view()
    }
}

/// The parameters of a list that has one order and takes no conditions.
pub struct PagesOf;

impl IntoParams for PagesOf {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        pages().into_iter().chain(view()).collect()
    }
}

/// The parameters of the timeline.
pub struct TimelineOf;

impl IntoParams for TimelineOf {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let text = "From the first to the last step, both ends included; default: from the oldest event to `as_of`";
        let steps: Vec<_> = Step::ALL.into_iter().map(Step::name).collect();
        let mut params = vec![
            query("datetime", text, text_schema(), json!("2024-03-01T00:00:00Z/2024-03-31T23:59:59Z")),
            query("step", "Length of a step; default: day", words(&steps), json!("hour")),
            category(),
            gauge("Rain of this gauge only; default: the mean over all that measured"),
            ParameterBuilder::from(query("level", "Adds the water levels of this station", text_schema(), Value::Null))
                .example(None)
                .build(),
        ];
        params.extend(view());
        params
    }
}

/// The parameters of an analysis.
pub struct AnalysisOf<A>(std::marker::PhantomData<A>);

impl<A: Analysis> IntoParams for AnalysisOf<A> {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        analysis(A::TAKES, A::BY_CATEGORY, true)
    }
}

/// The parameters of a forecast, besides the rain.
pub struct ForecastOf;

impl IntoParams for ForecastOf {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        analysis(&forecast::TAKES, true, false)
    }
}

fn analysis(takes: &[Takes], by_category: bool, by_format: bool) -> Vec<Parameter> {
    let text = format!("Of this category; default: {USUAL_CATEGORY}");
    let by_category = by_category.then(|| query("category", &text, words(&categories()), json!("blocked_drain")));
    let mut params: Vec<Parameter> = by_category.into_iter().collect();
    params.extend(takes.iter().map(|takes| {
        let (schema, example) = match takes.kind {
            Kind::Text => (text_schema(), json!(takes.example)),
            Kind::Whole => (whole(0, None).into(), plain_number(takes.example)),
            Kind::Number => (number().into(), plain_number(takes.example)),
        };
        let required = if takes.required { Required::True } else { Required::False };
        ParameterBuilder::from(query(takes.name, takes.meaning, schema, example)).required(required).build()
    }));
    if by_format {
        let text = "`csv`, or Accept: text/csv: the rows as a table; default: json";
        params.push(query("format", text, words(&["json", "csv"]), json!("json")));
    }
    params.extend(view());
    params
}

fn plain_number(text: &str) -> Value {
    text.parse().unwrap_or_default()
}

/// The parameters of the occasions in a time.
pub struct OccasionsOf;

impl IntoParams for OccasionsOf {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let text = "Occasions that meet this time: RFC 3339, or an interval a/b, a/.. or ../b, both ends included; default: all";
        let mut params = vec![
            query("datetime", text, text_schema(), json!("2024-03-01T00:00:00Z/2024-03-31T23:59:59Z")),
            category(),
            weather("Hotspots whose occasions in the time"),
        ];
        params.extend(view());
        params
    }
}

/// `of`: what was in the weather.
fn weather(of: &str) -> Parameter {
    let text = format!(
        "{of} were in a storm, in small rain or in dry weather, any of these with commas between: one or more of them, `mostly_` more than half, `only_` all, \
         `never_` none. Where the weather of one is unknown, neither only nor never can be said"
    );
    any_of("weather", &text, &Layer::Hotspots.weathers())
}

fn category() -> Parameter {
    any_of("category", "Of any of these categories, with commas between", &categories())
}

fn categories() -> Vec<&'static str> {
    Category::all().filter(|c| !c.is_alone()).map(Category::name).collect()
}

/// A parameter that takes several of some words; the example is the first two.
fn any_of(name: &str, text: &str, known: &[&str]) -> Parameter {
    let list = ArrayBuilder::new().items(RefOr::T(words(known))).min_items(Some(1)).into();
    let example = known[..2].join(",");
    ParameterBuilder::from(query(name, text, list, json!(example))).explode(Some(false)).build()
}

fn gauge(text: &str) -> Parameter {
    query("gauge", text, text_schema(), json!("city"))
}

fn list(layer: Layer) -> Vec<Parameter> {
    let mut params = Vec::new();
    if layer.has_gauge() {
        params.push(gauge("Measured at any of these gauges, with commas between; city: without a gauge"));
    }
    if layer == Layer::Places {
        let text =
            "A search: the beginning of a name or of a part of it, initials, a part, or a name with a slip in it";
        params.push(query("q", text, text_schema(), json!("broadway")));
        let text =
            "A search: the nearest to this longitude and latitude, or of what is found as well the nearest first";
        params.push(query("near", text, text_schema(), json!("-73.98,40.76")));
    }
    let text = "West, south, east, north in WGS 84 degrees; west may be greater than east, across 180°";
    let numbers = ArrayBuilder::new().items(number()).min_items(Some(4)).max_items(Some(6)).into();
    let bbox = query("bbox", text, numbers, json!("-73.95,40.75,-73.85,40.80"));
    params.push(ParameterBuilder::from(bbox).explode(Some(false)).build());
    if !matches!(layer, Layer::Places | Layer::Streets | Layer::Areas) {
        let text = "What lasted into this time: RFC 3339, or an interval a/b, a/.. or ../b, both ends included";
        params.push(query("datetime", text, text_schema(), json!("2024-03-01T00:00:00Z/..")));
    }
    if layer.has_category() {
        params.push(category());
    }
    let known: Vec<_> = Status::of(layer).into_iter().map(Status::name).collect();
    if !known.is_empty() {
        params.push(any_of("status", "With any of these statuses, with commas between", &known));
    }
    match layer {
        Layer::Hotspots => {
            params.push(weather("Whose occasions"));
            params.push(any_of("trend", "With any of these trends, with commas between", &Trend::ALL.map(Trend::name)));
        }
        Layer::Incidents => {
            params.push(any_of("weather", "With any of these weathers, with commas between", &layer.weathers()));
        }
        _ => {}
    }
    if layer == Layer::Incidents {
        let states: Vec<_> = State::ALL.iter().map(|state| state.name()).collect();
        params.push(any_of("state", "In any of these states of the workflow, with commas between", &states));
        let flag = ObjectBuilder::new().schema_type(Type::Boolean).into();
        params.push(query("overdue", "Whose deadline has passed, or has not", flag, json!(true)));
        let text = "In any of these areas, or in parts of them, by their ids with commas between";
        params.push(query("area", text, text_schema(), json!("d1")));
    }
    if layer == Layer::Coverage {
        let (least, most) = (u8::from(cell::COARSEST).into(), u8::from(cell::FINEST).into());
        let usual = whole(least, Some(most)).default(Some(json!(u8::from(cell::DEFAULT)))).into();
        params.push(query("resolution", "H3 resolution of the cells; 9 has edges of 201 m", usual, json!(8)));
    }
    let [limit, cursor] = pages();
    params.push(limit);
    if !layer.sorts().is_empty() {
        let both = layer.sorts().iter().flat_map(|by| [(*by).to_owned(), format!("-{by}")]);
        let sorts: Vec<_> = both.collect();
        let text = "Smallest first; with - before it, largest first. What has no value comes last";
        params.push(query("sort", text, words(&sorts), json!(format!("-{}", layer.sorts()[0]))));
    }
    params.push(cursor);
    params.extend(view());
    params
}

/// Limit and cursor.
fn pages() -> [Parameter; 2] {
    let limit = whole(1, Some(LARGEST_PAGE)).default(Some(json!(PAGE))).into();
    let text = "Where the page begins: from the `next` link of the page before. Good while the map changes";
    let cursor = ParameterBuilder::from(query("cursor", text, text_schema(), Value::Null)).example(None).build();
    [query("limit", "Features on a page", limit, json!(20)), cursor]
}

fn view() -> Vec<Parameter> {
    let position = whole(0, None).into();
    let mut params = vec![
        query("position", "The log up to this entry; default: all of it", position, json!(10_000)),
        query(
            "as_of",
            "The time the map stands for: what is dated later is left out; default: the newest time of any event",
            ObjectBuilder::new()
                .schema_type(Type::String)
                .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
                .into(),
            json!("2024-04-01T00:00:00Z"),
        ),
    ];
    for (name, unit, meaning) in Settings::table() {
        let unit = if unit.is_empty() { String::new() } else { format!(" ({unit})") };
        // As it is written in an address: a number all the same.
        let default: Value = Settings::default_of(name).and_then(|v| v.parse().ok()).unwrap_or_default();
        let text = format!("Setting{unit}: {meaning}; {name}.CATEGORY for one category. Default: the rule in force");
        params.push(query(name, &text, number().into(), default));
    }
    params
}

fn query(name: &str, text: &str, schema: Schema, example: Value) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(text))
        .schema(Some(RefOr::T(schema)))
        .example(Some(example))
        .build()
}

fn number() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Number)
}

fn whole(least: usize, most: Option<usize>) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(least as f64)).maximum(most.map(|most| most as f64))
}

fn text_schema() -> Schema {
    ObjectBuilder::new().schema_type(Type::String).into()
}

fn words(words: &[impl ToString]) -> Schema {
    let words: Vec<_> = words.iter().map(ToString::to_string).collect();
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).into()
}
