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
use crate::hazard::workflow::limits::Limits;

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
    name: String,
    /// The last day whose holidays are known.
    last_day: String,
    /// What that means for limits, in its last year and after.
    remark: Option<String>,
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
    /// How long its incidents may wait; null: as long as they like, but for what `limits_by_area` says.
    limits: Option<Limits>,
    /// How long they may wait in single areas.
    limits_by_area: Vec<Limits>,
}

/// The categories there are, each with the rule in force, or that of the view asked for. What a view's position and time
/// change is no rule, so these change nothing here.
#[utoipa::path(get, path = "/api/v1/categories", tag = "rule", params(ViewOf),
    responses((status = 200, body = Categories, content_type = "application/json"),
        (status = 400, body = Wire, content_type = "application/problem+json")))]
pub async fn categories(State(app): State<App>, request: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    let asked = query::view(&uri, app.rule())?;
    let settings = asked.settings.as_ref().unwrap_or_else(|| app.rule());
    let now = app.minute(&asked);
    // What is said of the calendar changes with the year.
    let tag = etag::with(
        &format!("W/\"{}\"", etag::rule_tag(settings)),
        &format!("{:?}", settings.limits.calendar.ending(now)),
    );
    if let Some(same) = etag::not_modified(&request, &tag) {
        return Ok(same);
    }
    let answer = layers::json(&Categories::of(settings, now))?;
    Ok((etag::headers(tag), [("content-type", "application/json")], answer).into_response())
}

impl Categories {
    /// `now`: by which the calendar ends soon; unix seconds.
    fn of(settings: &Settings, now: i64) -> Categories {
        let one = |category: Category| {
            let info = category.info();
            let parameters = settings.rule(category);
            CategoryRule {
                category,
                en: &info.en,
                zh: &info.zh,
                alone: info.alone,
                parameters,
                limits: settings.limits.of(category, std::iter::empty()).cloned(),
                limits_by_area: settings.limits.rows(category).filter(|row| row.has_area()).cloned().collect(),
            }
        };
        let calendar = &settings.limits.calendar;
        let (name, last_day) = (calendar.name.clone(), calendar.last_day.to_string());
        let calendar = CalendarEnd { name, last_day, remark: calendar.ending(now) };
        Categories { categories: Category::all().map(one).collect(), rain: settings.rain_rule(), calendar }
    }
}
