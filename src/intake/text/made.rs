//! Phrases of passability that are put together: 车辆 with 无法 and 通行, 缓慢 before or after 行驶.

use std::collections::HashMap;

use serde::Deserialize;

use super::grammar::Grammar;
use crate::hazard::event::Passability;

/// Phrases that are put together of classes of words, one of each in turn: `["way", "undone"]` is 过不去 and 走不了.
#[derive(Deserialize)]
pub(super) struct Compound {
    pub says: Passability,
    parts: Vec<Vec<String>>,
}

impl Compound {
    /// Every phrase; a part that names no class stands for itself.
    pub fn phrases(&self, classes: &HashMap<String, Vec<String>>) -> Vec<String> {
        let one = |part: &String| classes.get(part).cloned().unwrap_or_else(|| vec![part.clone()]);
        let join = |begun: Vec<String>, part: &String| {
            let words = one(part);
            begun.iter().flat_map(|first| words.iter().map(move |word| format!("{first}{word}"))).collect()
        };
        self.parts.iter().flat_map(|parts| parts.iter().fold(vec![String::new()], join)).collect()
    }
}

/// What phrases of passability are made of.
#[derive(Deserialize)]
pub(super) struct Made {
    verbs: Vec<String>,
    not: Vec<String>,
    who: Vec<String>,
    small: Vec<String>,
    only: Vec<String>,
    large: Vec<String>,
    slow: Vec<String>,
    clear: Vec<String>,
    can: Vec<String>,
    small_not: Vec<String>,
    avoid: Vec<String>,
    short: Vec<String>,
    all: Vec<String>,
    manner: Vec<String>,
    may: Vec<String>,
    go: Vec<String>,
    lift: Vec<String>,
    ban: Vec<String>,
    passing: Vec<String>,
    lifted: Vec<String>,
}

impl Made {
    /// "不断行", "没封路": nothing is closed.
    pub fn none(&self) -> Vec<String> {
        let not = Grammar::embedded().made.not.iter();
        not.flat_map(|not| self.ban.iter().map(move |ban| format!("{not}{ban}"))).collect()
    }

    /// Every phrase with what it says; nobody is let "enter slowly".
    pub fn phrases(&self) -> Vec<(Passability, String)> {
        let (mut found, words) = (Vec::new(), &Grammar::embedded().made);
        for verb in &self.verbs {
            let enters = verb.ends_with(words.enters);
            let mut add = |passability, first: &[String], second: &[String]| {
                for (a, b) in first.iter().flat_map(|a| second.iter().map(move |b| (a, b))) {
                    found.push((passability, format!("{a}{b}{verb}")));
                }
            };
            add(Passability::Impassable, &self.not, &self.who);
            add(Passability::ImpassableSmall, &self.not, &self.small);
            add(Passability::ImpassableSmall, &self.only, &self.large);
            for can in &words.can {
                let large: Vec<String> = self.large.iter().map(|large| format!("{large}{can}")).collect();
                add(Passability::ImpassableSmall, &self.only, &large);
            }
            for (passability, manners) in [(Passability::Slow, &self.slow), (Passability::Clear, &self.clear)] {
                for manner in manners.iter().filter(|_| !enters) {
                    found.push((passability, format!("{manner}{verb}")));
                    found.push((passability, format!("{verb}{manner}")));
                }
            }
            found.extend(self.can.iter().filter(|_| !enters).map(|can| (Passability::Clear, format!("{can}{verb}"))));
        }
        let cannot = self.small.iter().flat_map(|small| self.small_not.iter().map(move |not| format!("{small}{not}")));
        found.extend(cannot.map(|phrase| (Passability::ImpassableSmall, phrase)));
        // "慢点能过"
        for (manner, may) in self.manner.iter().flat_map(|m| self.may.iter().map(move |may| (m, may))) {
            found.extend(self.go.iter().map(|go| (Passability::Slow, format!("{manner}{may}{go}"))));
        }
        // "解除临时封闭", "交通管制已解除"
        for (ban, passing) in self.ban.iter().flat_map(|b| self.passing.iter().map(move |p| (b, p))) {
            found.extend(self.lift.iter().map(|lift| (Passability::Clear, format!("{lift}{passing}{ban}"))));
            found.extend(self.lifted.iter().map(|lifted| (Passability::Clear, format!("{passing}{ban}{lifted}"))));
        }
        // "小车不要走" is said of small cars, and "不要走" is advice.
        for (passability, whose) in [(Passability::ImpassableSmall, &self.small), (Passability::Impassable, &self.all)]
        {
            for (who, avoid) in whose.iter().flat_map(|w| self.avoid.iter().map(move |a| (w, a))) {
                let verbs = self.verbs.iter().chain(&self.short);
                found.extend(verbs.map(|verb| (passability, format!("{who}{avoid}{verb}"))));
            }
        }
        found
    }
}
