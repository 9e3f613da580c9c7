//! What can be asked for: a service is a category, its definition what a report may say beyond its text.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::Problem;
use super::asked::Asked;
use super::errors::Told;
use super::tongue::Tongue;
use crate::hazard::category::Category;
use crate::intake::open311::service;

/// One service.
#[derive(Serialize, ToSchema)]
#[schema(as = Open311Service)]
pub struct Service {
    service_code: &'static str,
    service_name: &'static str,
    description: &'static str,
    /// It has a definition.
    metadata: bool,
    /// `realtime`: the answer to a post has its id; `blackbox`: it is not published, and has none.
    r#type: &'static str,
    /// Words with commas between.
    keywords: String,
    /// Who is responsible for it, unless an area says otherwise.
    group: &'static str,
}

/// What a request for a service may say.
#[derive(Serialize, ToSchema)]
#[schema(as = Open311ServiceDefinition)]
pub struct Definition {
    service_code: &'static str,
    attributes: Vec<Attribute>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Open311Attribute)]
struct Attribute {
    /// It is asked for.
    variable: bool,
    code: &'static str,
    datatype: &'static str,
    required: bool,
    datatype_description: Option<&'static str>,
    order: usize,
    description: &'static str,
    values: Vec<Choice>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Open311Value)]
struct Choice {
    key: &'static str,
    name: &'static str,
}

/// One attribute, in English and Chinese.
struct Row {
    code: &'static str,
    datatype: &'static str,
    /// How it is written.
    how: Option<[&'static str; 2]>,
    what: [&'static str; 2],
    values: &'static [(&'static str, [&'static str; 2])],
    /// Only where the depth of water can be told.
    water: bool,
}

const ATTRIBUTES: [Row; 4] = [
    Row {
        code: "depth_cm",
        datatype: "number",
        how: Some(["Centimetres, whole, at most 1,000", "厘米，整数，不超过 1000"]),
        what: ["How deep is the water?", "积水有多深？"],
        values: &[],
        water: true,
    },
    Row {
        code: "passability",
        datatype: "singlevaluelist",
        how: None,
        what: ["Who gets through?", "能否通行？"],
        values: &[
            ("clear", ["Everybody", "可以通行"]),
            ("slow", ["Everybody, slowly", "缓慢通行"]),
            ("impassable_small", ["No small cars", "小车无法通行"]),
            ("impassable", ["Nobody: it is closed", "无法通行"]),
        ],
        water: false,
    },
    Row {
        code: "dry",
        datatype: "singlevaluelist",
        how: None,
        what: ["Did you pass, and there was no water?", "是否路过且没有积水？"],
        values: &[("false", ["No", "否"]), ("true", ["Yes, it was dry", "是，没有积水"])],
        water: true,
    },
    Row {
        code: "observed_at",
        datatype: "datetime",
        how: Some([
            "With offset, such as 2023-10-21T09:10:00+08:00; at most 30 days ago",
            "须含时区，如 2023-10-21T09:10:00+08:00；不早于 30 天前",
        ]),
        what: ["When was it seen, if not now?", "何时看到（如非现在）？"],
        values: &[],
        water: false,
    },
];

impl Service {
    fn of(category: Category, tongue: Tongue) -> Service {
        let info = category.info();
        let other = tongue.choose(&info.zh, &info.en);
        let words = std::iter::once(other).chain(info.words.iter().map(String::as_str));
        Service {
            service_code: &info.open311,
            service_name: tongue.choose(&info.en, &info.zh),
            description: tongue.choose(&info.about_en, &info.about_zh),
            metadata: !category.is_alone(),
            r#type: if category.is_alone() { "blackbox" } else { "realtime" },
            keywords: words.collect::<Vec<_>>().join(", "),
            group: &info.department,
        }
    }
}

impl Definition {
    fn of(category: Category, tongue: Tongue) -> Definition {
        let info = category.info();
        let told = |[en, zh]: [&'static str; 2]| tongue.choose(en, zh);
        let rows = ATTRIBUTES.iter().filter(|row| !category.is_alone() && (info.water || !row.water));
        let attribute = |(n, row): (usize, &Row)| Attribute {
            variable: true,
            code: row.code,
            datatype: row.datatype,
            required: false,
            datatype_description: row.how.map(told),
            order: n + 1,
            description: told(row.what),
            values: row.values.iter().map(|&(key, name)| Choice { key, name: told(name) }).collect(),
        };
        Definition { service_code: &info.open311, attributes: rows.enumerate().map(attribute).collect() }
    }
}

/// What can be asked for: every category, as an Open311 service. In English or Chinese, by `locale` or Accept-Language.
#[utoipa::path(get, path = "/open311/v2/services.json", tag = "open311",
    params(("locale" = Option<String>, Query, example = "zh")),
    responses((status = 200, body = Vec<Service>, content_type = "application/json; charset=utf-8"),
        (status = 403, body = Vec<Told>, content_type = "application/json; charset=utf-8"),
        (status = 404, body = Vec<Told>, content_type = "application/json; charset=utf-8")))]
pub async fn in_json(asked: Asked) -> Result<Response, Problem> {
    services(&asked)
}

/// The same in XML.
#[utoipa::path(get, path = "/open311/v2/services.xml", tag = "open311",
    params(("locale" = Option<String>, Query, example = "zh")),
    responses((status = 200, body = Vec<Service>, content_type = "text/xml; charset=utf-8"),
        (status = 403, body = Vec<Told>, content_type = "text/xml; charset=utf-8"),
        (status = 404, body = Vec<Told>, content_type = "text/xml; charset=utf-8")))]
pub async fn in_xml(asked: Asked) -> Result<Response, Problem> {
    services(&asked)
}

fn services(asked: &Asked) -> Result<Response, Problem> {
    let services: Vec<_> = Category::all().map(|category| Service::of(category, asked.manner.tongue)).collect();
    asked.manner.answer(StatusCode::OK, "services", &services)
}

/// What a request for a service may say beyond its text; the address ends in .json or .xml.
#[utoipa::path(get, path = "/open311/v2/services/{file}", tag = "open311",
    params(("file" = String, Path, description = "service_code.json, or .xml", example = "waterlogging.json"),
        ("locale" = Option<String>, Query, example = "zh")),
    responses(
        (status = 200, content((Definition = "application/json; charset=utf-8"), (Definition = "text/xml; charset=utf-8"))),
        (status = 403,
            content((Vec<Told> = "application/json; charset=utf-8"), (Vec<Told> = "text/xml; charset=utf-8"))),
        (status = 404,
            content((Vec<Told> = "application/json; charset=utf-8"), (Vec<Told> = "text/xml; charset=utf-8")))))]
pub async fn definition(asked: Asked, Path(file): Path<String>) -> Result<Response, Problem> {
    let category = service(asked.name(&file))?;
    asked.manner.answer(StatusCode::OK, "service_definition", &Definition::of(category, asked.manner.tongue))
}
