//! Links that nobody can guess, by which a reporter follows what becomes of his report.
//!
//! A token is the report's id and a keyed hash of it (BLAKE3, 128 bits) under a key that is derived from the secret of the
//! private file. So nothing has to be stored or kept in step with the log: a retry of a post gets the same link, a database
//! of an earlier program has links at once, and the public file alone makes none. What is kept is only which links were
//! revoked ([`super::Accounts::revoke_link`]); all of them end together with the secret.

use super::{Digest, first_half};

/// Sets this use of the secret apart from every other.
const CONTEXT: &str = "waterlog 2026-11 links to follow a report";

/// Makes and opens tokens.
#[derive(Clone)]
pub struct Links {
    key: [u8; 32],
}

impl Links {
    pub(super) fn of(secret: &[u8; 32]) -> Links {
        Links { key: blake3::derive_key(CONTEXT, secret) }
    }

    /// The token of a report.
    pub fn token(&self, report: &str) -> String {
        format!("{report}-{:032x}", u128::from_be_bytes(self.digest(report)))
    }

    /// The report that a token is of, if it is one of ours.
    pub fn report<'t>(&self, token: &'t str) -> Option<&'t str> {
        let (report, digits) = token.rsplit_once('-')?;
        let own = digits.len() == 32 && digits.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        let number = u128::from_str_radix(digits, 16).ok().filter(|_| own)?;
        same(number.to_be_bytes(), self.digest(report)).then_some(report)
    }

    /// Stands for a sender: the same for the same, and nobody can be told from it.
    pub fn alias(&self, sender: &str) -> String {
        // No report's id has a space in it.
        self.digest(&format!("sender {sender}")).iter().take(4).map(|byte| format!("{byte:02x}")).collect()
    }

    /// Stands for a phone, by the number it has drawn: the same for the same, and it leads to none.
    pub fn device(&self, number: &str) -> String {
        format!("{:032x}", u128::from_be_bytes(self.digest(&format!("device {number}"))))
    }

    fn digest(&self, report: &str) -> Digest {
        first_half(blake3::keyed_hash(&self.key, report.as_bytes()))
    }
}

/// In a time that does not tell how much of it is right.
fn same(a: Digest, b: Digest) -> bool {
    let whole = |half: Digest| {
        let mut bytes = [0; 32];
        bytes[..16].copy_from_slice(&half);
        blake3::Hash::from_bytes(bytes)
    };
    whole(a) == whole(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_opens_its_report_under_its_secret_and_no_other() {
        let links = Links::of(&[7; 32]);
        let token = links.token("0a1b2c3d4e5f6");
        assert_eq!((links.report(&token), links.token("0a1b2c3d4e5f6")), (Some("0a1b2c3d4e5f6"), token.clone()));
        assert_eq!(token.len(), 13 + 1 + 32);
        assert_eq!(Links::of(&[8; 32]).report(&token), None);
        let other = format!("0a1b2c3d4e5f7{}", &token[13..]);
        let mut changed = token.clone().into_bytes();
        let last = changed.last_mut().unwrap();
        *last = if *last == b'0' { b'1' } else { b'0' };
        for wrong in [&other, &token[..45], &token[14..], "", "-", &token.to_uppercase(), "积水"] {
            assert_eq!(links.report(wrong), None, "{wrong}");
        }
        assert_eq!(links.report(std::str::from_utf8(&changed).unwrap()), None);
    }
}
