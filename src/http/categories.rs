//! What can be reported, and the rule that each of it is counted by.

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::openapi::ViewOf;
use super::problem::Wire;
use super::{App, Problem, etag, layers, query};
use crate::hazard::category::Category;
use crate::hazard::settings::{RainRule, Rule, Settings};
use crate::hazard::workflow::limits::{Limits, calendar};

/// Every category with the rule in force.
#[derive(Serialize, ToSchema)]
pub struct Categories {
    /// As people look for them: the first is what the map is about.
    categories: Vec<CategoryRule>,
    /// The rule for rain, the same for every category.
    rain: RainRule,
    /// The calendar by which limits in working hours run.
    calendar: CalendarEnd,
}

/// A calendar, and how far it goes.
#[derive(Serialize, ToSchema)]
struct CalendarEnd {
    name: &'static str,
    /// The last day whose holidays are known.
    last_day: String,
}

/// One category by its names, and its rule.
#[derive(Serialize, ToSchema)]
struct CategoryRule {
    category: Category,
    /// English.
    en: &'static str,
    /// Chinese.
    zh: &'static str,
    /// Each report is a case of its own: it is neither grouped nor on the map.
    alone: bool,
    parameters: Rule,
    /// How long its incidents may wait; null: as long as they like.
    limits: Option<&'static Limits>,
}

/// The categories there are, each with the rule in force, or that of the view asked for. What a view's position and time
/// change is no rule, so these change nothing here.
#[utoipa::path(get, path = "/api/v1/categories", tag = "rule", params(ViewOf),
    responses((status = 200, body = Categories, content_type = "application/json"),
        (status = 400, body = Wire, content_type = "application/problem+json")))]
pub async fn categories(State(app): State<App>, request: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    let asked = query::view(&uri, app.rule())?;
    let settings = asked.settings.as_ref().unwrap_or_else(|| app.rule());
    let tag = format!("W/\"{}\"", etag::rule_tag(settings));
    if let Some(same) = etag::not_modified(&request, &tag) {
        return Ok(same);
    }
    let answer = layers::json(&Categories::of(settings))?;
    Ok((etag::headers(tag), [("content-type", "application/json")], answer).into_response())
}

impl Categories {
    fn of(settings: &Settings) -> Categories {
        let one = |category: Category| {
            let info = category.info();
            let parameters = settings.rule(category);
            CategoryRule {
                category,
                en: &info.en,
                zh: &info.zh,
                alone: info.alone,
                parameters,
                limits: Limits::of(category),
            }
        };
        let calendar = CalendarEnd { name: &calendar().name, last_day: calendar().last_day.to_string() };
        Categories { categories: Category::all().map(one).collect(), rain: settings.rain_rule(), calendar }
    }
}
