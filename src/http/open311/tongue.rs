//! What is said to people, in the language they ask for: English or Chinese.

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;

use crate::hazard::layer::Case;
use crate::hazard::workflow::{Reason, State};

/// A language that texts are given in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tongue {
    #[default]
    English,
    Chinese,
}

impl Tongue {
    /// Of a `locale` such as `zh-CN`, else of Accept-Language: the first of the two that it names.
    pub fn of(locale: Option<&str>, request: &HeaderMap) -> Tongue {
        let accepted = request.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let asked = locale.or(accepted).unwrap_or_default().to_ascii_lowercase();
        let known = asked.split(',').map(str::trim).find(|tag| tag.starts_with("zh") || tag.starts_with("en"));
        if known.is_some_and(|tag| tag.starts_with("zh")) { Tongue::Chinese } else { Tongue::English }
    }

    /// For Content-Language.
    pub fn tag(self) -> &'static str {
        match self {
            Tongue::English => "en",
            Tongue::Chinese => "zh",
        }
    }

    pub fn choose<'t>(self, en: &'t str, zh: &'t str) -> &'t str {
        match self {
            Tongue::English => en,
            Tongue::Chinese => zh,
        }
    }

    /// How a case stands, as a sentence. It tells nothing that anybody said.
    pub fn standing(self, case: &Case) -> &'static str {
        let Some(state) = case.state else {
            return self.choose("Reported dry: nothing has to be done.", "上报时无积水，无需处置。");
        };
        let (en, zh) = match (state, case.reason) {
            (State::Reported, _) => ("Reported.", "已上报。"),
            (State::Reopened, _) => ("Opened again.", "已重新打开。"),
            (State::Acknowledged, _) => ("Acknowledged.", "已受理。"),
            (State::Returned, _) => ("On its way to another unit.", "正在转交其他单位。"),
            (State::Suspended, _) => ("Waits for works.", "等待工程处理。"),
            (State::Dispatched, _) => ("A unit was sent.", "已派单。"),
            (State::InProgress, _) => ("Being worked on.", "处理中。"),
            (State::Resolved, _) => ("Resolved.", "已处理。"),
            (State::Verified, _) => ("Resolved, and checked.", "已处理，并已核查。"),
            (State::Dismissed, None) => ("Dismissed.", "不予处理。"),
            (State::Dismissed, Some(Reason::FalseAlarm)) => {
                ("Dismissed: there was no hazard.", "不予处理：未发现隐患。")
            }
            (State::Dismissed, Some(Reason::Duplicate)) => {
                ("Dismissed: it was reported before.", "不予处理：重复上报。")
            }
            (State::Dismissed, Some(Reason::NotOurs)) => {
                ("Dismissed: no unit of the city is responsible.", "不予处理：不属于本市职责。")
            }
            (State::Dismissed, Some(Reason::Abuse)) => ("Dismissed: it was no report.", "不予处理：不是有效上报。"),
        };
        self.choose(en, zh)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_comes_before_what_the_browser_prefers() {
        let accepting = |value: &str| HeaderMap::from_iter([(ACCEPT_LANGUAGE, value.parse().unwrap())]);
        let none = HeaderMap::new();
        assert_eq!(Tongue::of(None, &none), Tongue::English);
        assert_eq!(Tongue::of(Some("zh_CN"), &accepting("en")), Tongue::Chinese);
        assert_eq!(Tongue::of(None, &accepting("de, zh-Hans;q=0.8, en;q=0.7")), Tongue::Chinese);
        assert_eq!(Tongue::of(None, &accepting("en-GB,zh;q=0.9")), Tongue::English);
        assert_eq!(Tongue::of(Some("fr"), &accepting("zh")), Tongue::English);
    }
}
