//! What an API key may be used for; never more than its account may.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, invalid};

/// One thing that a key is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// To read what is not public.
    Read,
    /// To file reports in the account's name.
    Report,
    /// To take steps on incidents.
    Act,
    /// To see and change accounts.
    Admin,
}

impl Scope {
    pub const ALL: [Scope; 4] = [Scope::Read, Scope::Report, Scope::Act, Scope::Admin];

    pub fn name(self) -> &'static str {
        match self {
            Scope::Read => "read",
            Scope::Report => "report",
            Scope::Act => "act",
            Scope::Admin => "admin",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Scope {
    type Err = Error;

    fn from_str(text: &str) -> Result<Scope, Error> {
        let known = || Scope::ALL.map(Scope::name).join(", ");
        let found = Scope::ALL.into_iter().find(|scope| scope.name() == text);
        found.ok_or_else(|| invalid("--scope", text, format!("unknown; known are {}", known())))
    }
}

/// Scopes as they are kept: words with a space between.
pub(super) fn written(scopes: &[Scope]) -> String {
    Scope::ALL.into_iter().filter(|scope| scopes.contains(scope)).map(Scope::name).collect::<Vec<_>>().join(" ")
}

/// Scopes as they were kept; a word of a later program gives no right.
pub(super) fn read(text: &str) -> Vec<Scope> {
    text.split(' ').filter_map(|word| word.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_kept_as_words_and_an_unknown_word_gives_no_right() {
        assert_eq!(written(&[Scope::Act, Scope::Read, Scope::Act]), "read act");
        assert_eq!(read("read everything act"), [Scope::Read, Scope::Act]);
        assert_eq!(read(""), []);
        assert!("king".parse::<Scope>().unwrap_err().to_string().contains("known are read, report, act, admin"));
    }
}
