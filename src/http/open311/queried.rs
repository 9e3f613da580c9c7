//! Which service requests are asked for.

use super::super::query;
use super::asked::Asked;
use crate::error::{Result, invalid};
use crate::hazard::layer::{Cursor, Paging, ReportedFilter, Sort};
use crate::hazard::time;
use crate::intake::open311::{Form, service, time_meant};

/// Requests in an answer, where no other size is asked for and at most (GeoReport v2, Response Volume).
pub const MOST: usize = 1_000;
/// The longest time from start_date to end_date, and what is given without them: the last of these.
const SPAN_S: i64 = 90 * 86_400;
/// A page further on is no page of anything.
const LAST_PAGE: usize = 1_000_000;
/// What requests can be sorted by, beside the names that these times have inside.
const SORTS: [(&str, &str); 2] =
    [("requested_datetime", ReportedFilter::SORTS[0]), ("updated_datetime", ReportedFilter::SORTS[1])];
/// Newest first, as other servers have it.
const USUAL_SORT: &str = "-requested_datetime";

/// What is asked for.
#[derive(Debug, PartialEq)]
pub enum Wanted {
    /// These, whatever else is said.
    Ids(Vec<String>),
    Matching(Box<ReportedFilter>),
}

impl Wanted {
    /// At a time; unix seconds.
    ///
    /// # Errors
    /// `Invalid` for a value that cannot be read; `NotFound` for a service that there is not.
    pub fn of(form: &Form, now: i64) -> Result<Wanted> {
        let ids = form.list("service_request_id");
        if ids.len() > MOST {
            let reason = format!("{} are asked for; at most {MOST} are answered", ids.len());
            return Err(invalid("service_request_id", ids.len(), reason));
        }
        if !ids.is_empty() {
            return Ok(Wanted::Ids(ids.into_iter().map(str::to_owned).collect()));
        }
        let updated = range(form, "updated_after", "updated_before")?;
        let filter = ReportedFilter {
            category: form.list("service_code").into_iter().map(service).collect::<Result<_>>()?,
            bbox: form.one("bbox")?.map(str::parse).transpose()?,
            received: requested(form, updated.is_some(), now)?,
            updated,
            open: status(form)?,
            paging: paging(form)?,
        };
        Ok(Wanted::Matching(Box::new(filter)))
    }
}

/// The address of the next page: that of a cursor stays good while requests come in.
pub fn next_page(asked: &Asked, cursor: &Cursor) -> String {
    let pages = |pair: &&str| !matches!(pair.split('=').next().map(str::to_ascii_lowercase).as_deref(), Some("page"));
    let kept: Vec<&str> = asked.uri.query().unwrap_or_default().split('&').filter(pages).collect();
    let uri = format!("{}?{}", asked.uri.path(), kept.join("&"));
    // It was parsed before, and less of it is parsed again.
    uri.parse().map_or(uri, |uri| query::next_page(&uri, &cursor.to_string()))
}

fn at(form: &Form, name: &str) -> Result<Option<i64>> {
    let read = |text| time::rfc3339(&time_meant(text)).map_err(|reason| invalid(name, text, reason));
    form.one(name)?.map(read).transpose()
}

fn range(form: &Form, after: &str, before: &str) -> Result<Option<[i64; 2]>> {
    match (at(form, after)?, at(form, before)?) {
        (None, None) => Ok(None),
        (Some(from), Some(to)) if from > to => Err(invalid(before, time::format(to), format!("lies before {after}"))),
        (from, to) => Ok(Some([from.unwrap_or(i64::MIN), to.unwrap_or(i64::MAX)])),
    }
}

/// When what is given was requested: within 90 days, the last where nothing is said; at any time where it is asked when they
/// were updated.
fn requested(form: &Form, by_update: bool, now: i64) -> Result<Option<[i64; 2]>> {
    match (at(form, "start_date")?, at(form, "end_date")?) {
        (None, None) if by_update => Ok(None),
        (None, None) => Ok(Some([now - SPAN_S, i64::MAX])),
        (Some(start), None) => Ok(Some([start, start.saturating_add(SPAN_S)])),
        (None, Some(end)) => Ok(Some([end.saturating_sub(SPAN_S), end])),
        (Some(start), Some(end)) if start > end => {
            Err(invalid("end_date", time::format(end), "lies before start_date"))
        }
        (Some(start), Some(end)) if end - start > SPAN_S => {
            Err(invalid("end_date", time::format(end), "more than 90 days after start_date"))
        }
        (Some(start), Some(end)) => Ok(Some([start, end])),
    }
}

fn status(form: &Form) -> Result<Option<bool>> {
    let mut wanted = [false; 2];
    for status in form.list("status") {
        match status.to_ascii_lowercase().as_str() {
            "open" => wanted[0] = true,
            "closed" => wanted[1] = true,
            _ => return Err(invalid("status", status, "neither open nor closed")),
        }
    }
    Ok(match wanted {
        [true, false] => Some(true),
        [false, true] => Some(false),
        _ => None,
    })
}

fn paging(form: &Form) -> Result<Paging> {
    let whole = |name: &str, most: usize| -> Result<Option<usize>> {
        let read = |text: &str| {
            let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
            // However large, it asks for as much as there is.
            let number = if digits { text.parse().unwrap_or(most).min(most) } else { 0 };
            if number == 0 { Err(invalid(name, text, "not a whole number from 1")) } else { Ok(number) }
        };
        form.one(name)?.map(read).transpose()
    };
    let size = whole("page_size", MOST)?.unwrap_or(MOST);
    let page = whole("page", LAST_PAGE)?.unwrap_or(1);
    let cursor = form.one("cursor")?.map(str::parse).transpose()?;
    let offset = if cursor.is_some() { 0 } else { (page - 1) * size };
    Paging { limit: Some(size), sort: vec![sort(form)?], cursor, offset }.checked()
}

fn sort(form: &Form) -> Result<Sort> {
    let asked = form.one("sort")?.unwrap_or(USUAL_SORT);
    let named = Sort::parse(asked, &SORTS.map(|(name, _)| name))?;
    let inside = SORTS.iter().find(|(name, _)| *name == named.by).map_or(named.by, |(_, inside)| inside);
    Ok(Sort { by: inside, descending: named.descending })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::open311::pairs;

    const NOW: i64 = 1_767_225_600;

    fn wanted(query: &str) -> Result<Wanted> {
        Wanted::of(&Form::new(pairs(query.as_bytes()).unwrap()).unwrap(), NOW)
    }

    fn filter(query: &str) -> ReportedFilter {
        let Wanted::Matching(filter) = wanted(query).unwrap() else { panic!("{query}: ids") };
        *filter
    }

    #[test]
    fn without_dates_the_last_90_days_are_meant_and_one_date_is_an_end_of_90() {
        let day = 86_400;
        assert_eq!(filter("").received, Some([NOW - 90 * day, i64::MAX]));
        let (start, end) = ("2025-01-01T00:00:00Z", "2025-04-01T00:00:00Z");
        let from = time::rfc3339(start).unwrap();
        assert_eq!(filter(&format!("start_date={start}")).received, Some([from, from + 90 * day]));
        assert_eq!(filter("start_date=2025-01-01T08:00:00+08:00").received, Some([from, from + 90 * day]));
        assert_eq!(filter(&format!("end_date={end}")).received, Some([from, from + 90 * day]));
        assert_eq!(filter(&format!("start_date={start}&end_date={end}")).received, Some([from, from + 90 * day]));
        let by_update = filter(&format!("updated_after={start}&page=3&page_size=20"));
        assert_eq!((by_update.received, by_update.updated), (None, Some([from, i64::MAX])));
        assert_eq!((by_update.paging.offset, by_update.paging.limit), (40, Some(20)));
    }

    #[test]
    fn ids_come_before_all_else_and_lists_may_be_declared_twice() {
        let ids = ["a", "b", "c"].map(str::to_owned).to_vec();
        assert_eq!(wanted("service_request_id=a,b&service_request_id=c&status=odd").unwrap(), Wanted::Ids(ids));
        let both = filter("service_code=manhole,waterlogging&service_code=other&status=open,closed&no_such=1");
        assert_eq!((both.category.len(), both.open), (3, None));
        assert_eq!(filter("status=OPEN&page_size=5000&page=").paging.limit, Some(MOST));
    }

    #[test]
    fn what_cannot_be_read_is_refused_by_name() {
        for (query, part) in [
            ("start_date=2025-01-01", "a date without a time of day"),
            ("start_date=2025-01-01T00:00:00", "offset"),
            ("start_date=2025-01-01T00:00:00Z&end_date=2025-04-02T00:00:00Z", "more than 90 days"),
            ("start_date=2025-01-02T00:00:00Z&end_date=2025-01-01T00:00:00Z", "before start_date"),
            ("updated_after=2025-01-02T00:00:00Z&updated_before=2025-01-01T00:00:00Z", "before updated_after"),
            ("status=pending", "neither open nor closed"),
            ("service_code=flood", "no service_code"),
            ("page=0", "from 1"),
            ("page_size=-1", "from 1"),
            ("bbox=1,2,3", "found 3"),
            ("sort=depth", "known are requested_datetime"),
            ("cursor=x", "next link"),
            (&format!("service_request_id={}", vec!["x"; 1_001].join(",")), "at most 1000"),
        ] {
            let error = wanted(query).unwrap_err().to_string();
            assert!(error.contains(part), "{query}: {error}");
        }
    }
}
