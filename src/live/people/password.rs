//! Passwords: hashed as OWASP advises (Password Storage Cheat Sheet: Argon2id, 19 MiB, two passes, one lane; RFC 9106).

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};

use crate::error::{Error, Result};

const MEMORY_KIB: u32 = 19 * 1_024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// No letter or digit that is taken for another.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
/// Of a password that is made here: 100 random bits.
const RANDOM_CHARS: usize = 20;

/// Compared with where there is no account: that takes as long as with one. Of no password that anybody could find.
const OF_NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5bm9ib2R5$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn argon2() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).expect("these are within Argon2's bounds");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// The hash of a password with a salt of its own, in the PHC string format.
///
/// # Errors
/// `Store` when the machine has no random numbers.
pub fn hash(password: &str) -> Result<String> {
    let hash: PasswordHash =
        argon2().hash_password(password.as_bytes()).map_err(|e| Error::Store(format!("no password hash: {e}")))?;
    Ok(hash.to_string())
}

/// Is it the password of this hash? Of none, no: after as long.
pub fn matches(password: &str, hash: Option<&str>) -> bool {
    let same = PasswordHash::new(hash.unwrap_or(OF_NOBODY))
        .is_ok_and(|compared| argon2().verify_password(password.as_bytes(), &compared).is_ok());
    same && hash.is_some()
}

/// A new password, to be told once.
///
/// # Errors
/// `Store` when the machine has no random numbers.
pub fn random() -> Result<String> {
    let mut random = [0; RANDOM_CHARS];
    getrandom::fill(&mut random).map_err(|e| Error::Store(format!("no random numbers: {e}")))?;
    Ok(random.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_known_by_its_hash_alone_and_each_hash_has_its_own_salt() {
        let first = hash("correct horse battery staple").unwrap();
        assert!(first.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{first}");
        assert_ne!(first, hash("correct horse battery staple").unwrap());
        assert!(matches("correct horse battery staple", Some(&first)));
        assert!(!matches("correct horse battery stable", Some(&first)));
        assert!(!matches("", Some(&first)));
        assert!(!matches("anything", Some("not a hash")));
    }

    #[test]
    fn where_there_is_no_account_as_much_is_worked_out_and_nobody_is_let_in() {
        let parameters = |hash: &str| PasswordHash::new(hash).unwrap().params;
        assert_eq!(parameters(OF_NOBODY), parameters(&hash("anything").unwrap()));
        assert_eq!(PasswordHash::new(OF_NOBODY).unwrap().hash.map(|hash| hash.as_bytes().len()), Some(32));
        assert!(!matches("anything", None));
    }

    #[test]
    fn passwords_that_are_made_here_differ_and_have_no_letter_that_is_taken_for_another() {
        let (a, b) = (random().unwrap(), random().unwrap());
        assert!(a != b && a.len() == RANDOM_CHARS);
        assert!(!(a + &b).contains(['l', 'o', '0', '1', 'O', 'I']));
    }
}
