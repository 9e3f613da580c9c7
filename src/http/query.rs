//! Query parameters: each known, each given once.

use std::borrow::Cow;

use axum::extract::Query;
use axum::http::Uri;

use super::files;
use crate::error::{Error, Result, invalid};
use crate::hazard::crs::Crs;
use crate::hazard::layer::{Bbox, Filter, Filtering, Layer, Status};
use crate::hazard::settings::Settings;

/// Features on a page of the API where no limit is given, and at most.
pub const PAGE: usize = 100;
pub const LARGEST_PAGE: usize = 10_000;
/// Features on a page of OGC API where no limit is given: QGIS takes it for its own pages.
pub const ITEMS_PAGE: usize = 1_000;

/// Parameters that take several values with commas between.
const LISTS: [&str; 5] = ["category", "status", "weather", "gauge", "trend"];

/// Which map an answer is taken from; by default the live one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Asked {
    /// The log up to here.
    pub position: Option<u64>,
    /// Settings other than those in force, and `as_of`.
    pub settings: Option<Settings>,
}

impl Asked {
    /// Sets what a parameter says of the view; false: it says nothing of it. `rule`: what is in force.
    fn take(&mut self, rule: &Settings, name: &str, value: &str) -> Result<bool> {
        if name == "position" {
            let position = value.parse().map_err(|_| invalid(name, value, "not a position in the log, from 0"))?;
            self.position = Some(position);
            return Ok(true);
        }
        if !Settings::names(name) {
            return Ok(false);
        }
        self.settings.get_or_insert_with(|| rule.clone()).set(&format!("{name}={value}"))?;
        Ok(true)
    }

    /// What says the same as nothing is the live map.
    fn checked(mut self, rule: &Settings) -> Asked {
        self.settings = self.settings.filter(|settings| settings != rule);
        self
    }
}

/// What a list takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    /// A layer as one file: everything that matches, unless a limit is given.
    File,
    /// Page after page.
    Pages,
    /// Page after page, as OGC API has it: of the live map, and a limit beyond the largest page asks for that.
    Items,
}

impl List {
    fn paging(self) -> &'static [&'static str] {
        match self {
            List::File => &["filter", "filter-lang", "filter-crs", "sortby", "properties", "limit", "f", "bom"],
            List::Pages => &["limit", "sort", "cursor"],
            // Some clients page by offset whatever the next link says.
            List::Items => &[
                "bbox-crs",
                "crs",
                "filter",
                "filter-lang",
                "filter-crs",
                "sortby",
                "properties",
                "limit",
                "cursor",
                "offset",
                "f",
                "bom",
            ],
        }
    }

    /// Features where no limit is given; nothing: all.
    fn page(self) -> Option<usize> {
        match self {
            List::File => None,
            List::Pages => Some(PAGE),
            List::Items => Some(ITEMS_PAGE),
        }
    }

    /// The parameters of a list of a layer, without those of a view.
    pub fn parameters(self, layer: Layer) -> Vec<&'static str> {
        let has = |name: &str| match name {
            "category" => layer.has_category(),
            "status" => !Status::of(layer).is_empty(),
            "weather" => layer.has_weather(),
            "gauge" => layer.has_gauge(),
            "sortby" => !layer.sorts().is_empty(),
            _ => true,
        };
        // The older ones are taken by every list, and refused by name where the layer has none.
        let old = |name: &str| self != List::Items && !matches!(name, "weather" | "gauge");
        let conditions = Filter::CONDITIONS.into_iter().filter(|name| old(name) || has(name));
        let own = match layer {
            Layer::Hotspots => Some("trend"),
            Layer::Coverage => Some("resolution"),
            _ => None,
        };
        let workflow = Filter::WORKFLOW.into_iter().filter(|_| layer == Layer::Incidents && self == List::Pages);
        conditions.chain(workflow).chain(own).chain(self.paging().iter().copied().filter(|name| has(name))).collect()
    }
}

/// The filter and the view that a request for a list asks for.
///
/// # Errors
/// `Invalid` for an unknown parameter, one given twice, or a value that cannot be read or is out of bounds.
pub fn list(uri: &Uri, list: List, layer: Layer, rule: &Settings) -> Result<(Filter, Asked)> {
    let (mut filter, mut asked) = (Filter::default(), Asked::default());
    let (known, mut filtering) = (list.parameters(layer), Filtering::default());
    let bbox_crs = if list == List::Items { crs(uri, "bbox-crs")? } else { Crs::default() };
    for (name, value) in pairs(uri)? {
        if list == List::Items && matches!(name.as_str(), "bbox-crs" | "crs") {
            continue;
        }
        // An empty list restricts nothing (OGC 19-072, /req/core/query-param-list-empty).
        if list == List::Items && value.is_empty() && LISTS.contains(&name.as_str()) && known.contains(&name.as_str()) {
            continue;
        }
        if list == List::Items && name == "bbox" {
            filter.bbox = Some(Bbox::read(&value, bbox_crs)?);
        } else if list != List::Pages && files::NAMES.contains(&name.as_str()) {
            // How it is written; [`files::asked`] reads it.
        } else if list == List::Items && name == "limit" {
            filter.paging.limit = Some(limit(&clamped(&value))?);
        } else if list != List::Pages && Filtering::PARAMETERS.contains(&name.as_str()) {
            filtering.take(&name, value)?;
        } else if list.page().is_some() && name == "limit" {
            filter.paging.limit = Some(limit(&value)?);
        } else if known.contains(&name.as_str()) {
            filter.set(layer, &name, &value)?;
        } else if list == List::Items {
            return Err(invalid(name, value, format!("unknown query parameter; known are {}", known.join(", "))));
        } else if !asked.take(rule, &name, &value)? {
            let known = known.join(", ");
            let reason = format!("unknown query parameter; known are {known}, and of the view {}", view_names());
            return Err(invalid(name, value, reason));
        }
    }
    if let Some(page) = list.page() {
        filter.paging.limit.get_or_insert(page);
    }
    filter.condition = filtering.condition(layer)?;
    filter.paging = filter.paging.checked()?;
    // A list that changes its order while it is read is read as it stood at its first page.
    asked.position = asked.position.or(filter.paging.cursor.as_ref().and_then(|cursor| cursor.position));
    Ok((filter, asked.checked(rule)))
}

/// The system of coordinates that a parameter names; without it WGS 84, longitude first (OGC 18-058r1).
///
/// # Errors
/// `Invalid` for the URI of none that is known.
pub fn crs(uri: &Uri, name: &str) -> Result<Crs> {
    let given = pairs(uri)?.into_iter().find(|(given, _)| given == name);
    let read = |value: String| {
        value.parse().map_err(|e| match e {
            Error::Invalid { value, reason, .. } => invalid(name, value, reason),
            other => other,
        })
    };
    given.map_or(Ok(Crs::default()), |(_, value)| read(value))
}

/// Features on a page.
///
/// # Errors
/// `Invalid` for a number that no page has.
pub fn limit(value: &str) -> Result<usize> {
    let limit = value.parse().ok().filter(|limit| (1..=LARGEST_PAGE).contains(limit));
    limit.ok_or_else(|| invalid("limit", value, format!("not a whole number in [1, {LARGEST_PAGE}]")))
}

/// A limit, however large, as one that is not too large (OGC 17-069r4, /per/core/fc-limit-response-2).
fn clamped(limit: &str) -> Cow<'_, str> {
    let whole = !limit.is_empty() && limit.bytes().all(|b| b.is_ascii_digit());
    let small = limit.parse().is_ok_and(|n: usize| n <= LARGEST_PAGE);
    if whole && !small { LARGEST_PAGE.to_string().into() } else { limit.into() }
}

/// The view that a request asks for, which takes nothing else.
///
/// # Errors
/// As [`list`].
pub fn view(uri: &Uri, rule: &Settings) -> Result<Asked> {
    view_and(uri, rule, &[], |_, _| Ok(()))
}

/// The view that a request asks for; what else it takes by name goes to `take`.
///
/// # Errors
/// As [`list`], and what `take` says.
pub fn view_and(
    uri: &Uri,
    rule: &Settings,
    others: &[&str],
    mut take: impl FnMut(&str, &str) -> Result<()>,
) -> Result<Asked> {
    let mut asked = Asked::default();
    for (name, value) in pairs(uri)? {
        if others.contains(&name.as_str()) {
            take(&name, &value)?;
        } else if !asked.take(rule, &name, &value)? {
            let known: Vec<String> = others.iter().map(|&n| n.to_owned()).chain([view_names()]).collect();
            return Err(invalid(name, value, format!("unknown query parameter; known are {}", known.join(", "))));
        }
    }
    Ok(asked.checked(rule))
}

fn view_names() -> String {
    let settings: Vec<_> = Settings::table().map(|(name, ..)| name).collect();
    format!("position, as_of, {}", settings.join(", "))
}

/// For addresses that take no parameters.
///
/// # Errors
/// `Invalid` naming the first there is.
pub fn none(uri: &Uri) -> Result<()> {
    match pairs(uri)?.into_iter().next() {
        Some((name, value)) => Err(invalid(name, value, "unknown query parameter; this address takes none")),
        None => Ok(()),
    }
}

/// For addresses that take these and nothing else.
///
/// # Errors
/// `Invalid` naming the first other one.
pub fn only(uri: &Uri, known: &[&str]) -> Result<()> {
    match pairs(uri)?.into_iter().find(|(name, _)| !known.contains(&name.as_str())) {
        Some((name, value)) => {
            Err(invalid(name, value, format!("unknown query parameter; known are {}", known.join(", "))))
        }
        None => Ok(()),
    }
}

/// Names and values in their order, decoded.
///
/// # Errors
/// `Invalid` for a query that cannot be decoded, or a name given twice.
pub fn pairs(uri: &Uri) -> Result<Vec<(String, String)>> {
    let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(uri)
        .map_err(|e| invalid("query", uri.query().unwrap_or_default(), e.to_string()))?;
    for (i, (name, value)) in pairs.iter().enumerate() {
        if pairs[..i].iter().any(|(earlier, _)| earlier == name) {
            return Err(invalid(name, value, "given twice"));
        }
    }
    Ok(pairs)
}

/// The address of the same list from a cursor on: what was passed over before the first page is not passed over again.
pub fn next_page(uri: &Uri, cursor: &str) -> String {
    let kept = uri.query().unwrap_or_default().split('&');
    let kept = kept.filter(|pair| !matches!(pair.split('=').next(), None | Some("" | "cursor" | "offset")));
    let query: Vec<_> = kept.map(str::to_owned).chain([format!("cursor={}", encoded(cursor))]).collect();
    format!("{}?{}", uri.path(), query.join("&"))
}

/// Part of an address: everything but letters, digits and `-._~:` is percent-encoded (RFC 3986, 2.1).
pub fn encoded(part: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~:".contains(&b);
    part.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_of_any_name_fits_an_address() {
        assert_eq!(encoded("waterlogging:8c2a"), "waterlogging:8c2a");
        assert_eq!(encoded("other:a/b 路?"), "other:a%2Fb%20%E8%B7%AF%3F");
    }

    #[test]
    fn the_next_page_keeps_what_was_asked_and_takes_the_new_cursor() {
        let next = |uri: &str| next_page(&uri.parse().unwrap(), "-3.0.nother:a b");
        assert_eq!(next("/api/v1/hotspots"), "/api/v1/hotspots?cursor=-3.0.nother:a%20b");
        assert_eq!(next("/x?limit=5&cursor=1.2.i3&bbox=1,2,3,4"), "/x?limit=5&bbox=1,2,3,4&cursor=-3.0.nother:a%20b");
        assert_eq!(next("/x?offset=5&&limit=2"), "/x?limit=2&cursor=-3.0.nother:a%20b");
    }

    #[test]
    fn a_limit_beyond_the_largest_page_is_taken_for_it_and_what_is_no_limit_stays_wrong() {
        assert_eq!(["10000", "10001", "99999999999999999999999"].map(clamped), ["10000"; 3]);
        assert_eq!(["7", "0", "-1", "", "x", "1e9"].map(clamped), ["7", "0", "-1", "", "x", "1e9"]);
    }

    #[test]
    fn a_view_that_says_what_is_in_force_is_the_live_map() {
        let rule = Settings::default();
        let view = |query: &str| view(&format!("/x?{query}").parse().unwrap(), &rule);
        assert_eq!(view("window=94694400&spacing=100").unwrap(), Asked::default());
        assert!(view("spacing=101").unwrap().settings.is_some());
        assert_eq!(view("position=7").unwrap(), Asked { position: Some(7), settings: None });
        for (query, part) in [
            ("spacing=100001", "[0, 10000] metres"),
            ("spacing=1&spacing=2", "given twice"),
            ("radius=5", "known are position, as_of, join_radius"),
            ("position=-1", "position in the log"),
            ("as_of=2024-01-01", "offset"),
            ("lapse.flood=5", "known are waterlogging"),
        ] {
            let error = view(query).unwrap_err().to_string();
            assert!(error.contains(part), "{query}: {error}");
        }
    }
}
