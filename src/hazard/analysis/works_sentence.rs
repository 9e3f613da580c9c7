//! Before and after works in a few sentences, made from the counts: a comparison only where there is a basis for one, else
//! what is missing, and what can be said all the same.

use super::exposure::Exposure;
use super::sentence::Sentence;
use super::works_judged::{Changed, Lack, WorksTerms};

/// What is said of one spot.
pub fn said(terms: &WorksTerms) -> Sentence {
    let mut said = Sentence { en: String::new(), zh: String::new() };
    let mut add = |en: String, zh: String| {
        if !said.en.is_empty() {
            said.en.push(' ');
        }
        said.en += &en;
        said.zh += &zh;
    };
    let (en, zh) = verdict(terms);
    add(en.into(), zh.into());
    let (en, zh) = counts(terms);
    add(en, zh);
    if let Some((en, zh)) = ratio(terms) {
        add(en, zh);
    }
    if let Some((en, zh)) = regression(terms) {
        add(en, zh);
    }
    if let Some(storms) = terms.storms_needed {
        add(
            format!("If no occasion more comes, {storms} storms after the works would tell."),
            format!("若此后不再积水，需整治后满{storms}场降雨方可判断。"),
        );
    }
    said
}

fn verdict(terms: &WorksTerms) -> (&'static str, &'static str) {
    match (terms.verdict, terms.reason) {
        (Changed::Fewer, _) => ("Fewer after the works.", "整治后减少。"),
        (Changed::More, _) => ("More after the works.", "整治后增多。"),
        (_, None) => ("No clear change after the works.", "整治前后无明显变化。"),
        (_, Some(Lack::NotBegun)) => {
            ("The works have not begun: nothing can be compared yet.", "整治尚未开始：暂无法比较。")
        }
        (_, Some(Lack::EndUnknown)) => (
            "It is not known when the works ended: without that nothing can be compared.",
            "整治完成时间不明：无法比较。",
        ),
        (_, Some(Lack::NotEnded)) => {
            ("The works have not ended: nothing can be compared yet.", "整治尚未完成：暂无法比较。")
        }
        (_, Some(Lack::NothingBefore)) => (
            "Nothing was observed before the works, or it is too long ago: there is nothing to compare with.",
            "整治前没有观测，或已超出统计时段：无从比较。",
        ),
        (_, Some(Lack::ShortBefore)) => (
            "Less than 90 days before the works were observed: too little to compare with.",
            "整治前观测不足90天：不足以比较。",
        ),
        (_, Some(Lack::ShortAfter)) => {
            ("The works ended less than 90 days ago: too early to compare.", "整治完成不足90天：为时尚早，暂不比较。")
        }
        (_, Some(Lack::FewOccasions)) => (
            "Fewer than 5 occasions before and after the works: too few to compare.",
            "整治前后合计不足5次：次数太少，不作比较。",
        ),
        (_, Some(Lack::NoReports)) => (
            "Nobody in the whole city reported anything before the works, or after: silence is not dryness.",
            "整治前或整治后全市无任何上报：无上报不等于未积水。",
        ),
        (_, Some(Lack::NoStorm)) => (
            "No storm before the works, or none after: they have not been put to the test.",
            "整治前或整治后没有达到标准的降雨：尚未经受检验。",
        ),
        (_, Some(Lack::Reporting)) => (
            "No clear change after the works: it may be one of how many people report.",
            "整治前后无明显变化：差异可能源于上报人数的变化。",
        ),
        (_, Some(Lack::Regression)) => (
            "No clear change after the works: so few may follow a bad time by chance alone.",
            "整治前后无明显变化：此前正值高发，之后偶然也会这样少。",
        ),
    }
}

fn counts(terms: &WorksTerms) -> (String, String) {
    let WorksTerms { occasions_before: before, occasions_meanwhile: meanwhile, occasions_after: after, .. } = *terms;
    let exposure = terms.exposure.zip(terms.exposure_before.zip(terms.exposure_after));
    let compared = !matches!(terms.reason, Some(Lack::NotBegun | Lack::EndUnknown | Lack::NotEnded));
    let (mut en, mut zh) = match exposure {
        Some((Exposure::Storms, (storms_before, storms_after))) => (
            format!("{after} in {storms_after} storms after them, {before} in {storms_before} before"),
            format!("整治后{storms_after}场降雨中{after}次，整治前{storms_before}场中{before}次"),
        ),
        Some((_, (reports_before, reports_after))) => (
            format!(
                "{after} after them, {before} before, while the city sent {reports_after} and {reports_before} reports of any kind"
            ),
            format!("整治后{after}次，整治前{before}次（同期全市上报分别为{reports_after}条和{reports_before}条）"),
        ),
        None if compared => {
            (format!("{after} after them, {before} before"), format!("整治后{after}次，整治前{before}次"))
        }
        None => (format!("{before} before them"), format!("整治前{before}次")),
    };
    if meanwhile > 0 {
        let (when, when_zh) =
            if compared { ("meanwhile", "施工期间") } else { ("since they began", "开工以来") };
        en += &format!("; {meanwhile} {when}, which count as neither");
        zh += &format!("；{when_zh}另有{meanwhile}次，不计入前后");
    }
    (format!("{en}."), format!("{zh}。"))
}

fn ratio(terms: &WorksTerms) -> Option<(String, String)> {
    if terms.verdict == Changed::NotJudged {
        return None;
    }
    let (low, ratio) = (terms.ratio_low?, terms.ratio?);
    let high = terms.ratio_high.map_or_else(|| "∞".into(), |high| format!("{high:.2}"));
    let (per, per_zh) = match terms.exposure? {
        Exposure::Storms => ("Per storm", "按每场降雨计"),
        _ => ("Per report in the city", "按全市每条上报计"),
    };
    Some((
        format!("{per} {ratio:.2} times as many as before (95 % interval {low:.2} to {high})."),
        format!("{per_zh}为整治前的{ratio:.2}倍（95%区间{low:.2}～{high}）。"),
    ))
}

/// One plain sentence about regression to the mean.
fn regression(terms: &WorksTerms) -> Option<(String, String)> {
    if terms.verdict == Changed::NotJudged {
        return None;
    }
    let (same, expected) = (terms.after_at_rate_before?, terms.after_without_works?);
    let mut en = format!(
        "A place chosen because it was worst gets better by itself: without works about {expected:.1} would follow, not the \
         {same:.1} of the rate before"
    );
    let mut zh =
        format!("因最严重而被选中的点位会自行好转：若不整治，预计之后约{expected:.1}次，而非按此前频率的{same:.1}次");
    if let Some(p) = terms.p_so_few.filter(|_| terms.occasions_before > 0) {
        let (percent, percent_zh) = match p * 100.0 {
            p if p < 1.0 => ("less than 1".to_owned(), "不足1%".to_owned()),
            p => (format!("{p:.0}"), format!("约{p:.0}%")),
        };
        en += &format!("; so few as there were would in {percent} of 100 such places");
        zh += &format!("；偶然不多于实际次数的可能性{percent_zh}");
    }
    Some((en + ".", zh + "。"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERMS: WorksTerms = WorksTerms {
        verdict: Changed::Fewer,
        reason: None,
        occasions_before: 12,
        occasions_meanwhile: 0,
        occasions_after: 1,
        exposure: Some(Exposure::Storms),
        exposure_before: Some(40.0),
        exposure_after: Some(20.0),
        ratio: Some(1.0 / 6.0),
        ratio_low: Some(0.004),
        ratio_high: Some(1.121),
        p: Some(0.08),
        other_exposure: None,
        other_exposure_before: None,
        other_exposure_after: None,
        other_ratio: None,
        other_p: None,
        after_at_rate_before: Some(6.0),
        after_without_works: Some(5.25),
        p_so_few: Some(0.034),
        storms_needed: None,
    };

    #[test]
    fn fewer_are_said_with_counts_interval_and_what_would_have_come_by_itself() {
        let said = said(&TERMS);
        assert_eq!(
            said.en,
            "Fewer after the works. 1 in 20 storms after them, 12 in 40 before. Per storm 0.17 times as many as before (95 % \
             interval 0.00 to 1.12). A place chosen because it was worst gets better by itself: without works about 5.2 would \
             follow, not the 6.0 of the rate before; so few as there were would in 3 of 100 such places."
        );
        assert_eq!(
            said.zh,
            "整治后减少。整治后20场降雨中1次，整治前40场中12次。按每场降雨计为整治前的0.17倍（95%区间0.00～1.12）。因最严重而被选中的\
             点位会自行好转：若不整治，预计之后约5.2次，而非按此前频率的6.0次；偶然不多于实际次数的可能性约3%。"
        );
    }

    #[test]
    fn works_that_have_not_begun_have_what_came_before_and_how_long_to_wait() {
        let planned = WorksTerms {
            verdict: Changed::NotJudged,
            reason: Some(Lack::NotBegun),
            occasions_after: 0,
            exposure: None,
            ratio: None,
            after_without_works: None,
            storms_needed: Some(12),
            ..TERMS
        };
        assert_eq!(
            said(&planned).en,
            "The works have not begun: nothing can be compared yet. 12 before them. If no occasion more comes, 12 storms after \
             the works would tell."
        );
        let running = WorksTerms { reason: Some(Lack::NotEnded), occasions_meanwhile: 2, ..planned };
        assert!(said(&running).zh.contains("开工以来另有2次"), "{}", said(&running).zh);
    }

    #[test]
    fn without_rain_the_reports_of_the_city_stand_in_and_what_is_not_judged_has_no_ratio() {
        let reports = WorksTerms {
            exposure: Some(Exposure::Reports),
            exposure_before: Some(4_100.0),
            exposure_after: Some(2_000.0),
            occasions_meanwhile: 1,
            ..TERMS
        };
        let en = said(&reports).en;
        assert!(
            en.contains("1 after them, 12 before, while the city sent 2000 and 4100 reports of any kind; 1 meanwhile"),
            "{en}"
        );
        assert!(en.contains("Per report in the city 0.17"), "{en}");
        let few = WorksTerms { verdict: Changed::NotJudged, reason: Some(Lack::FewOccasions), ..TERMS };
        assert_eq!(
            said(&few).en,
            "Fewer than 5 occasions before and after the works: too few to compare. 1 in 20 storms after them, 12 in 40 before."
        );
    }
}
