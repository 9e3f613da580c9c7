//! How often it floods in one sentence, made from the counts: a share only where there is a basis for one, else what is
//! missing. It names an intensity where enough storms are known from there on; which, does not depend on what flooded.

use super::super::category::Category;
use super::USUAL_CATEGORY;
use super::matrix::{Cell, Column};
use super::proportion::wilson_95;
use super::share::Counts;

/// A share is put in words from so many known storms.
pub const LEAST_KNOWN: u32 = 5;
/// An intensity is named where so many storms are known that reach it.
const KNOWN_FROM_INTENSITY: u32 = 10;
/// Peak intensities of an hour that can be named, in mm/h.
const INTENSITIES_MM_H: [f64; 11] = [100.0, 75.0, 50.0, 40.0, 30.0, 25.0, 20.0, 15.0, 10.0, 5.0, 2.5];

/// The same in English and Chinese.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    pub en: String,
    pub zh: String,
}

/// What it does in a storm, and what it does not; a manhole cover does not flood.
struct Words {
    does: &'static str,
    did: &'static str,
    did_not: &'static str,
    reported: &'static str,
    dry: &'static str,
    always_dry: &'static str,
    told: &'static str,
    yes_zh: &'static str,
    reported_zh: &'static str,
    no_zh: &'static str,
    told_zh: &'static str,
}

const FLOODS: Words = Words {
    does: "Floods",
    did: "Flooded",
    did_not: "Not reported flooded",
    reported: "Reported flooded",
    dry: "dry",
    always_dry: "Dry",
    told: "reported flooding or dryness",
    yes_zh: "积水",
    reported_zh: "有积水上报",
    no_zh: "未积水",
    told_zh: "既无积水上报，也无未积水的记录",
};

const IS_REPORTED: Words = Words {
    does: "Is reported",
    did: "Reported",
    did_not: "Not reported",
    reported: "Reported",
    dry: "seen without it",
    always_dry: "Seen without it",
    told: "reported this or anything else",
    yes_zh: "有上报",
    reported_zh: "有上报",
    no_zh: "无此问题",
    told_zh: "没有任何上报",
};

fn said(en: String, zh: String) -> Sentence {
    Sentence { en, zh }
}

/// Of a hotspot of a category; `measured`: does any rain count there?
pub fn of(seen: &[(&Column, Cell)], counts: Counts, category: Category, measured: bool) -> Sentence {
    let words = if category.name() == USUAL_CATEGORY { FLOODS } else { IS_REPORTED };
    let Words { did, did_not, dry: stayed, told, yes_zh, no_zh, told_zh, .. } = words;
    let Counts { flooded, dry, unknown, .. } = counts;
    let all = counts.all();
    if all == 0 {
        return no_storm(measured);
    }
    if counts.known() == 0 {
        let en = format!("Not known for any of {}: nobody there {told}.", storms(all));
        return said(en, format!("{all}场降雨中均情况不明：该处{told_zh}。"));
    }
    if flooded == 0 {
        let en = format!("{did_not} in any of {}: {stayed} in {dry}, unknown in {unknown}.", storms(all));
        return said(en, format!("{all}场降雨中均未见{yes_zh}：{dry}场{no_zh}，{unknown}场情况不明。"));
    }
    if dry == 0 {
        return never_dry(&words, flooded, unknown);
    }
    if counts.known() < LEAST_KNOWN {
        let en = format!(
            "{did} in {flooded} and {stayed} in {dry} of {}; {unknown} unknown: too few known for a share, which takes \
             {LEAST_KNOWN}.",
            storms(all)
        );
        let zh = format!(
            "{all}场降雨中{flooded}场{yes_zh}、{dry}场{no_zh}，{unknown}场情况不明：已知场次不足{LEAST_KNOWN}场，不给出比例。"
        );
        return said(en, zh);
    }
    let from = INTENSITIES_MM_H.into_iter().find_map(|mm_h| {
        let strong = counts_from(seen, mm_h);
        (strong.known() >= KNOWN_FROM_INTENSITY).then_some((mm_h, strong))
    });
    let (mm_h, counts) = from.map_or((None, counts), |(mm_h, strong)| (Some(mm_h), strong));
    known_share(&words, mm_h, counts)
}

fn counts_from(seen: &[(&Column, Cell)], mm_h: f64) -> Counts {
    Counts::of(seen.iter().copied().filter(|(c, _)| c.peak_1h_mm_h.is_some_and(|peak| peak >= mm_h)))
}

fn no_storm(measured: bool) -> Sentence {
    if measured {
        let en = "No storm is known in the time looked at: the rain measured here reached no storm's depth.";
        said(en.into(), "所查时段内没有场次降雨。".into())
    } else {
        let en = "Which rain floods it cannot be said: no rainfall is loaded for this place.";
        said(en.into(), "无法判断何种降雨致涝：该处没有雨量数据。".into())
    }
}

/// Only floods are known: who reports floods alone says nothing about how often it stays dry.
fn never_dry(words: &Words, flooded: u32, unknown: u32) -> Sentence {
    let Words { did, reported, told, yes_zh, reported_zh, told_zh, .. } = words;
    let all = flooded + unknown;
    if unknown == 0 {
        return said(format!("{did} in every one of {}.", storms(all)), format!("{all}场降雨每场都{yes_zh}。"));
    }
    let en = format!(
        "{reported} in {flooded} of {}; in the other {unknown} nobody there {told}, so how often it happens is not \
         known.",
        storms(all)
    );
    let zh = format!("{all}场降雨中{flooded}场{reported_zh}；其余{unknown}场该处{told_zh}，频率无法确定。");
    said(en, zh)
}

fn known_share(words: &Words, mm_h: Option<f64>, counts: Counts) -> Sentence {
    let Words { does, reported, always_dry, yes_zh, reported_zh, no_zh, .. } = words;
    let (flooded, known, unknown, all) = (counts.flooded, counts.known(), counts.unknown, counts.all());
    let (low, high) = wilson_95(flooded, known).expect("a share is put in words where storms are known");
    let [low, high] = [low, high].map(|p| (p * 100.0).round());
    let of = mm_h.map_or_else(String::new, |mm_h| format!(" of {mm_h} mm/h or more"));
    let strong = mm_h.map_or_else(String::new, |mm_h| format!("每小时{mm_h}毫米及以上、"));
    let (mut en, mut zh) = match flooded {
        0 => (
            format!("{always_dry} in all {known} known storms{of} (95 % interval of the contrary: {low} to {high} %)"),
            format!("{strong}情况已知的{known}场降雨均{no_zh}（{yes_zh}概率95%区间{low}%～{high}%）"),
        ),
        n if n == known => (
            format!("{does} in all {known} known storms{of} (95 % interval {low} to {high} %)"),
            format!("{strong}情况已知的{known}场降雨全部{yes_zh}（95%区间{low}%～{high}%）"),
        ),
        _ => {
            // Nine of ten is not all of them, and one is not none.
            let tenths = (f64::from(flooded) * 10.0 / f64::from(known)).round().clamp(1.0, 9.0);
            (
                format!(
                    "{does} in about {tenths} of 10 known storms{of} ({flooded} of {known}; 95 % interval {low} to {high} %)"
                ),
                format!(
                    "{strong}情况已知的降雨中约每10场有{tenths}场{yes_zh}（{known}场中{flooded}场，95%区间{low}%～{high}%）"
                ),
            )
        }
    };
    if unknown > 0 {
        let are = if unknown == 1 { "1 storm is unknown".into() } else { format!("{unknown} storms are unknown") };
        en += &format!("; {are}. {reported} in {flooded} of all {all}.");
        zh += &format!("；另有{unknown}场情况不明。全部{all}场中{flooded}场{reported_zh}。");
    } else {
        en.push('.');
        zh.push('。');
    }
    said(en, zh)
}

fn storms(n: u32) -> String {
    if n == 1 { "1 storm".into() } else { format!("{n} storms") }
}

#[cfg(test)]
mod tests {
    use super::super::super::gauge::StormAt;
    use super::super::super::storm::Storm;
    use super::*;

    fn waterlogging() -> Category {
        Category::named(USUAL_CATEGORY).unwrap()
    }

    fn column(peak: f64) -> Column {
        let storm = Storm { start: 0, end: 3_600, depth_um: 9_000 };
        Column { id: String::new(), at: StormAt { series: 0, storm: 0 }, storm, peak_1h_mm_h: Some(peak) }
    }

    fn say(storms: &[(f64, Cell, usize)]) -> Sentence {
        let all: Vec<_> =
            storms.iter().flat_map(|&(peak, cell, n)| std::iter::repeat_n((column(peak), cell), n)).collect();
        let seen: Vec<_> = all.iter().map(|(column, cell)| (column, *cell)).collect();
        of(&seen, Counts::of(seen.iter().copied()), waterlogging(), true)
    }

    #[test]
    fn a_share_names_the_intensity_from_which_ten_storms_are_known() {
        use Cell::{Dry, Flooded, NotFound, Unknown};
        let said = say(&[(26.0, Flooded, 8), (60.0, NotFound, 1), (25.0, Dry, 4), (30.0, Unknown, 3), (8.0, Dry, 20)]);
        assert_eq!(
            said.en,
            "Floods in about 7 of 10 known storms of 25 mm/h or more (9 of 13; 95 % interval 42 to 87 %); 3 storms are \
             unknown. Reported flooded in 9 of all 16."
        );
        assert_eq!(
            said.zh,
            "每小时25毫米及以上、情况已知的降雨中约每10场有7场积水（13场中9场，95%区间42%～87%）；另有3场情况不明。全部16场中9场有积水上报。"
        );
    }

    #[test]
    fn without_a_basis_it_says_what_is_missing_and_gives_no_share() {
        use Cell::{Dry, Flooded, Unknown};
        let en = |storms: &[_]| say(storms).en;
        assert!(
            en(&[(9.0, Flooded, 7), (9.0, Unknown, 65)])
                .starts_with("Reported flooded in 7 of 72 storms; in the other 65")
        );
        assert_eq!(en(&[(9.0, Flooded, 7)]), "Flooded in every one of 7 storms.");
        assert!(en(&[(9.0, Flooded, 2), (9.0, Dry, 1), (9.0, Unknown, 1)]).contains("too few known for a share"));
        assert!(en(&[(9.0, Unknown, 4)]).starts_with("Not known for any of 4 storms"));
        assert!(en(&[(9.0, Dry, 4)]).contains("dry in 4, unknown in 0"));
        assert!(of(&[], Counts::default(), waterlogging(), true).en.contains("reached no storm's depth"));
        assert!(of(&[], Counts::default(), waterlogging(), false).zh.contains("没有雨量数据"));
    }

    #[test]
    fn a_manhole_is_reported_and_does_not_flood() {
        let storms: Vec<_> = (0..8).map(|i| (column(9.0), if i < 6 { Cell::Flooded } else { Cell::Dry })).collect();
        let seen: Vec<_> = storms.iter().map(|(column, cell)| (column, *cell)).collect();
        let said = of(&seen, Counts::of(seen.iter().copied()), Category::named("manhole").unwrap(), true);
        assert!(
            said.en.starts_with("Is reported in about 8 of 10 known storms (6 of 8") && said.zh.contains("有上报"),
            "{said:?}"
        );
    }

    #[test]
    fn nearly_all_is_not_all() {
        use Cell::{Dry, Flooded};
        assert!(
            say(&[(3.0, Flooded, 99), (3.0, Dry, 1)])
                .en
                .starts_with("Floods in about 9 of 10 known storms of 2.5 mm/h")
        );
        assert!(
            say(&[(1.0, Flooded, 5), (9.0, Dry, 12)]).en.starts_with("Dry in all 12 known storms of 5 mm/h or more")
        );
        assert!(say(&[(1.0, Dry, 5), (9.0, Flooded, 12)]).en.starts_with("Floods in all 12 known storms of 5 mm/h"));
    }
}
