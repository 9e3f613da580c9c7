//! How strong the rain has to be: a hotspot's probability of a flood by the peak intensity of the storm.

use serde::Serialize;
use utoipa::ToSchema;

use super::super::category::Category;
use super::super::layer::{Found, hotspot_peak};
use super::super::map::HazardMap;
use super::super::slot::Slot;
use super::matrix::{Cell, Column, Matrix};
use super::missing::Missing;
use super::model::{CurvePoint, KnownStorm, LEAST_FOR_DEPTH, LEAST_OF_EACH, Trigger, known};
use super::share::Share;
use super::storms::{self, DRY_EVIDENCE, label};
use super::{Analysis, Basis, Constant, Kind, Method, Takes};
use crate::error::{Error, Result};

const METHOD: Method = Method {
    name: "logistic regression with Firth's penalty; intervals by the profile of the penalised likelihood",
    reference: "Firth (1993), Biometrika 80:27; Heinze & Schemper (2002), Statistics in Medicine 21:2409",
};

const CONSTANTS: [Constant; 3] = [
    Constant { name: "least_of_each", value: LEAST_OF_EACH as f64, meaning: "floods, and dry storms, for any fit" },
    Constant { name: "least_for_depth", value: LEAST_FOR_DEPTH as f64, meaning: "of each, for depth as a predictor" },
    Constant { name: "confidence", value: 0.95, meaning: "of every interval" },
];

/// Which hotspot, and by which evidence.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    hotspot: Option<String>,
    of: storms::Asked,
}

/// A hotspot's trigger, or what is missing for one.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HotspotTrigger {
    #[serde(flatten)]
    pub basis: Basis,
    pub hotspot_id: String,
    pub name: Option<String>,
    /// Which reports say that it was dry.
    pub dry_evidence: &'static str,
    /// How often it floods, whatever the intensity.
    pub share: Share,
    /// Null where too little is known.
    pub trigger: Option<Trigger>,
    /// Why there is no trigger, or no intensity of even odds.
    pub missing: Option<Missing>,
    /// What the trigger says, or what is missing.
    pub trigger_en: String,
    pub trigger_zh: String,
    /// The storms it is fitted to: those known whose intensity was measured.
    pub known: Vec<KnownStorm>,
    /// Of these, the storms whose flood there is evidence of: staff found it, a photo shows it, or two people reported it.
    pub evident: Vec<String>,
    /// Of these, the storm of the least depth that was reported to flood it. Null where none was.
    pub least_reported: Option<FloodStorm>,
    /// The same of those whose flood there is evidence of. Null where there is evidence of none.
    pub least_evident: Option<FloodStorm>,
    /// The curve: the probability of a flood by the peak intensity of an hour.
    pub rows: Vec<CurvePoint>,
}

/// A storm reported to flood it, and how sure that is.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct FloodStorm {
    pub storm: String,
    pub peak_1h_mm_h: f64,
    pub depth_mm: f64,
    /// Staff found it, a photo shows it, or two people reported it.
    pub evidence: bool,
    /// Staff looked at every case of it and found nothing.
    pub not_found: bool,
}

impl Analysis for HotspotTrigger {
    const NAME: &'static str = "trigger";
    const TITLE: &'static str = "How strong the rain has to be: probability of a flood by intensity";
    const TAKES: &'static [Takes] = &[
        Takes {
            name: "hotspot",
            meaning: "The hotspot's id, or that of any of its sites, as category:site, whose category counts; default: the one \
                      with the most occasions",
            kind: Kind::Text,
            example: "waterlogging:8c2a1077128d1ff",
            required: false,
        },
        DRY_EVIDENCE,
    ];
    type Asked = Asked;

    fn set(asked: &mut Asked, name: &str, value: &str) -> Result<()> {
        match name {
            "hotspot" => asked.hotspot = Some(value.to_owned()),
            _ => asked.of.set(name, value)?,
        }
        Ok(())
    }

    fn answer(map: &HazardMap, category: Category, asked: &Asked) -> Result<HotspotTrigger> {
        HotspotTrigger::source(map, category, asked).map(Source::fitted)
    }
}

/// What a trigger is fitted to, and all that is said beside it: the fit itself needs the map no more.
#[derive(Debug)]
pub struct Source {
    basis: Basis,
    hotspot_id: String,
    name: Option<String>,
    dry_evidence: &'static str,
    share: Share,
    known: Vec<KnownStorm>,
    evident: Vec<String>,
    least_reported: Option<FloodStorm>,
    least_evident: Option<FloodStorm>,
}

impl HotspotTrigger {
    /// What the map knows of the hotspot.
    ///
    /// # Errors
    /// `NotFound` where there is none.
    pub fn source(map: &HazardMap, category: Category, asked: &Asked) -> Result<Source> {
        let peak = match &asked.hotspot {
            Some(id) => peak(map, id),
            None => Matrix::of(map, asked.of.scope(category)).rows.first().map(|row| row.peak),
        };
        let id = || asked.hotspot.clone().unwrap_or_else(|| category.name().to_owned());
        let peak = peak.ok_or_else(|| Error::NotFound { what: "hotspot", id: id() })?;
        let category = map.sites().get(peak).category;
        let matrix = Matrix::of_peaks(map, asked.of.scope(category), &[peak]);
        let seen: Vec<(&Column, Cell)> = matrix.rows.iter().flat_map(|row| matrix.seen(row)).collect();
        let known = known(seen.iter().copied());
        let evident: Vec<bool> = matrix.rows.iter().flat_map(|row| row.evident.iter().copied()).collect();
        let floods = floods(&seen, &evident);
        let (hotspot_id, name) = label(map, peak);
        Ok(Source {
            basis: Basis::of(map, category, METHOD, &CONSTANTS, (known.len(), "storms known")),
            hotspot_id,
            name,
            dry_evidence: asked.of.dry_evidence.name(),
            share: Share::of(&seen, category, matrix.rain_intervals > 0),
            known,
            evident: floods.iter().filter(|storm| storm.evidence).map(|storm| storm.storm.clone()).collect(),
            least_evident: least(floods.iter().filter(|storm| storm.evidence)),
            least_reported: least(floods.iter()),
        })
    }
}

impl Source {
    /// The position in the log that it was taken at.
    pub fn position(&self) -> u64 {
        self.basis.position
    }

    /// The answer.
    pub fn fitted(self) -> HotspotTrigger {
        let Source { basis, hotspot_id, name, dry_evidence, share, known, evident, least_reported, least_evident } =
            self;
        let fitted = Trigger::of(&known);
        let said = said(&fitted, &known);
        let (mut trigger, mut missing) = match fitted {
            Ok(trigger) => (Some(trigger), None),
            Err(missing) => (None, Some(missing)),
        };
        if trigger.as_ref().is_some_and(|trigger| trigger.even_odds_mm_h.is_none()) {
            missing = Some(said.clone());
        }
        let rows = trigger.as_mut().map(|trigger| std::mem::take(&mut trigger.curve)).unwrap_or_default();
        let (trigger_en, trigger_zh) = (said.en, said.zh);
        HotspotTrigger {
            basis,
            hotspot_id,
            name,
            dry_evidence,
            share,
            trigger,
            missing,
            trigger_en,
            trigger_zh,
            known,
            evident,
            least_reported,
            least_evident,
            rows,
        }
    }
}

/// The storms that were reported to flood it and whose intensity was measured.
fn floods(seen: &[(&Column, Cell)], evidence: &[bool]) -> Vec<FloodStorm> {
    let one = |(&(column, cell), &evidence): (&(&Column, Cell), &bool)| {
        cell.flooded().filter(|&flooded| flooded)?;
        Some(FloodStorm {
            storm: column.id.clone(),
            peak_1h_mm_h: column.peak_1h_mm_h?,
            depth_mm: column.storm.depth_um as f64 / 1_000.0,
            evidence,
            not_found: cell == Cell::NotFound,
        })
    };
    seen.iter().zip(evidence).filter_map(one).collect()
}

/// That of the least depth; of equals the first.
fn least<'s>(storms: impl Iterator<Item = &'s FloodStorm>) -> Option<FloodStorm> {
    storms.min_by(|a, b| a.depth_mm.total_cmp(&b.depth_mm)).cloned()
}

/// The peak of the hotspot that an id leads to.
fn peak(map: &HazardMap, id: &str) -> Option<Slot> {
    match hotspot_peak(map, id) {
        Found::Here(peak) => Some(*peak),
        Found::At(other) => match hotspot_peak(map, &other) {
            Found::Here(peak) => Some(*peak),
            Found::At(_) | Found::Nowhere => None,
        },
        Found::Nowhere => None,
    }
}

/// What a fit says, in words.
fn said(fitted: &std::result::Result<Trigger, Missing>, known: &[KnownStorm]) -> Missing {
    let trigger = match fitted {
        Ok(trigger) => trigger,
        Err(missing) => {
            return Missing::new(format!("No trigger: {}.", missing.en), format!("无法推算触发雨强：{}。", missing.zh));
        }
    };
    let flooded = known.iter().filter(|storm| storm.flooded).count();
    let dry = known.len() - flooded;
    let ends = [trigger.even_odds_mm_h, trigger.even_odds_low_mm_h, trigger.even_odds_high_mm_h];
    let [Some(at), Some(low), Some(high)] = ends else {
        return Missing::new(
            format!(
                "Stronger rain is not shown to flood it more ({flooded} floods, {dry} dry storms): no intensity can be named."
            ),
            format!("现有记录（积水{flooded}场、未积水{dry}场）不足以说明雨越强越易积水：不给出触发雨强。"),
        );
    };
    let depth = trigger.at_depth_mm.map_or_else(String::new, |mm| format!(" and {mm:.0} mm in all"));
    let depth_zh = trigger.at_depth_mm.map_or_else(String::new, |mm| format!("、总雨量{mm:.0}毫米"));
    let (beyond, beyond_zh) = if trigger.even_odds_extrapolated {
        (", which no storm known is near", "，超出已知各场雨强范围")
    } else {
        ("", "")
    };
    Missing::new(
        format!(
            "A flood is as likely as not at {at:.0} mm/h in the strongest hour{depth} (95 % interval {low:.0} to {high:.0} \
             mm/h){beyond}, from {flooded} floods and {dry} dry storms."
        ),
        format!(
            "最大小时雨强达{at:.0}毫米{depth_zh}时，积水与否各半（95%区间{low:.0}～{high:.0}毫米）{beyond_zh}；依据积水{flooded}场、未积水{dry}场。"
        ),
    )
}
