//! Tokens: 256 random bits that prove a session or an API key. Only a hash is kept; being random, they need no slow one.

use std::num::NonZeroU64;

use crate::error::{Error, Result};
use crate::store::TokenHash;

/// Tells a key from anything else, also to those who search for keys that were published by mistake.
pub const KEY_PREFIX: &str = "wl_";
/// Numbers of persons are whole in every program that reads JSON (RFC 8259, 6).
const PERSON_BITS: u32 = 53;
const CSRF: &str = "waterlog 2026-11 token against cross-site requests";

/// A new token: 64 hexadecimal digits.
///
/// # Errors
/// `Store` when the machine has no random numbers.
pub fn random() -> Result<String> {
    let mut random = [0; 32];
    fill(&mut random)?;
    Ok(blake3::Hash::from_bytes(random).to_hex().to_string())
}

/// What is kept of a token.
pub fn hash(token: &str) -> TokenHash {
    *blake3::hash(token.as_bytes()).as_bytes()
}

/// What a page has to send beside its cookie with whatever changes something: it follows from the session's token, which
/// another site cannot read.
pub fn csrf_token(token: &str) -> String {
    csrf(token).to_hex().to_string()
}

/// Is it the token against cross-site requests of this session? Takes as long for any that is as long.
pub fn is_csrf_token(given: &str, token: &str) -> bool {
    // Compared in constant time.
    blake3::Hash::from_hex(given).is_ok_and(|given| given == csrf(token))
}

fn csrf(token: &str) -> blake3::Hash {
    blake3::Hash::from_bytes(blake3::derive_key(CSRF, token.as_bytes()))
}

/// A number for a person who is new to the log.
///
/// # Errors
/// `Store` when the machine has no random numbers.
pub fn person() -> Result<NonZeroU64> {
    let mut random = [0; 8];
    fill(&mut random)?;
    Ok(NonZeroU64::new(u64::from_le_bytes(random) >> (u64::BITS - PERSON_BITS)).unwrap_or(NonZeroU64::MIN))
}

fn fill(random: &mut [u8]) -> Result<()> {
    getrandom::fill(random).map_err(|e| Error::Store(format!("no random numbers: {e}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_long_and_random_and_what_is_kept_of_it_does_not_give_it_away() {
        let (a, b) = (random().unwrap(), random().unwrap());
        assert!(a != b && a.len() == 64 && hash(&a) != hash(&b));
        assert!(!a.contains(&blake3::Hash::from_bytes(hash(&a)).to_hex()[..8]));
    }

    #[test]
    fn each_session_has_its_own_token_against_cross_site_requests() {
        let (a, b) = (random().unwrap(), random().unwrap());
        assert!(is_csrf_token(&csrf_token(&a), &a));
        for wrong in [csrf_token(&b), a.clone(), String::new(), csrf_token(&a)[1..].to_owned()] {
            assert!(!is_csrf_token(&wrong, &a), "{wrong}");
        }
    }

    #[test]
    fn a_person_s_number_is_whole_everywhere() {
        assert!((0..1_000).all(|_| person().unwrap().get() < 1 << 53));
    }
}
