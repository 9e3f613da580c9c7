//! What an answer about storms lacks, in words: what is missing, and what can be said all the same.

use serde::Serialize;
use utoipa::ToSchema;

use super::super::category::Category;
use super::super::layer::Time;
use super::super::map::HazardMap;
use super::matrix::{Cell, Matrix};
use super::storms::StormFigures;

/// What is missing, in English and Chinese.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Missing {
    pub en: String,
    pub zh: String,
}

impl Missing {
    pub fn new(en: impl Into<String>, zh: impl Into<String>) -> Missing {
        Missing { en: en.into(), zh: zh.into() }
    }
}

/// What the matrix lacks.
pub fn of(matrix: &Matrix, storms: &[StormFigures], map: &HazardMap, category: Category) -> Vec<Missing> {
    let mut all = Vec::new();
    if matrix.rows.is_empty() {
        all.push(Missing::new("no such hotspot is known: floods have not recurred anywhere", "没有符合条件的易涝点"));
        return all;
    }
    if matrix.rain_intervals == 0 {
        all.push(Missing::new(
            "no rainfall has been loaded up to this time: no storm is known, and so no share",
            "该时刻之前没有雨量数据：没有场次，不给出比例",
        ));
        return all;
    }
    if storms.is_empty() {
        let since = map.since().unwrap_or(map.as_of()).max(map.as_of() - map.rule(category).window_s);
        let mm = map.settings().rain_rule().storm_depth_um as f64 / 1_000.0;
        all.push(Missing::new(
            format!("no storm of {mm} mm or more since {}, when the time looked at begins", Time(since)),
            format!("自{}以来没有达到{mm}毫米的降雨场次", Time(since)),
        ));
        return all;
    }
    let silent: Vec<&StormFigures> = storms.iter().filter(|storm| storm.reports == 0).collect();
    if let (Some(first), Some(last)) = (silent.first(), silent.last()) {
        all.push(Missing::new(
            format!(
                "in {} of {} storms, from {} to {}, nobody in the whole city reported anything: unknown everywhere, which is \
                 not dry",
                silent.len(),
                storms.len(),
                first.start,
                last.start
            ),
            format!("{}场降雨中有{}场全市无任何上报：一律记为不明，并非未积水", storms.len(), silent.len()),
        ));
    }
    let coarse = storms.iter().filter(|storm| storm.peak_1h_mm_h.is_none()).count();
    if coarse > 0 {
        all.push(Missing::new(
            format!("of {coarse} storms the rain was measured more coarsely than by the hour: they have no intensity"),
            format!("{coarse}场降雨的雨量时段长于1小时，没有小时雨强"),
        ));
    }
    if !matrix.rows.iter().flat_map(|row| &row.cells).any(|&cell| cell == Cell::Dry) {
        all.push(Missing::new(
            "nobody reported at any hotspot that it was dry in a storm, or another matter: it is known only in \
             how many storms each was reported; dry reports would tell",
            "各易涝点在降雨期间没有任何未积水的记录：只知道上报的场次数；收集“未积水”上报后才能给出比例",
        ));
    }
    all
}
