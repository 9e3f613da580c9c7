//! Texts compared as they are, or whatever the case of their letters.

use std::cmp::Ordering;

/// A text, and whether it is folded while it is read.
#[derive(Clone, Copy)]
pub struct Folding<'t> {
    pub text: &'t str,
    pub folded: bool,
}

impl<'t> Folding<'t> {
    /// Its characters; nothing is copied for it.
    pub fn chars(self) -> impl Iterator<Item = char> + Clone + 't {
        let folded = self.folded;
        self.text.chars().flat_map(move |c| {
            let plain = (!folded).then_some(c);
            let small = folded.then(|| fold_char(c));
            plain.into_iter().chain(small.into_iter().flatten())
        })
    }

    pub fn compare(self, other: Folding) -> Ordering {
        // UTF-8 sorts as its characters do.
        if self.folded || other.folded { self.chars().cmp(other.chars()) } else { self.text.cmp(other.text) }
    }
}

/// Full case folding (Unicode 15.0, 3.13). Small, large and small again brings together all that fold to the same: ẞ, ß
/// and SS; only the Turkish ı has a large form that is another letter's.
fn fold_char(c: char) -> impl Iterator<Item = char> + Clone {
    let dotless = (c == 'ı').then_some(c);
    let others = dotless.is_none().then(|| c.to_lowercase().flat_map(char::to_uppercase).flat_map(char::to_lowercase));
    dotless.into_iter().chain(others.into_iter().flatten())
}

/// The whole of a text folded.
pub fn fold(text: &str) -> String {
    Folding { text, folded: true }.chars().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_folded_fully() {
        for (a, b) in [("Straße", "STRASSE"), ("STRAẞE", "strasse"), ("Οδος", "ΟΔΟΣ"), ("İ", "i̇"), ("ﬂood", "FLOOD")]
        {
            assert_eq!(fold(a), fold(b));
            assert_eq!(
                Folding { text: a, folded: true }.compare(Folding { text: &fold(b), folded: false }),
                Ordering::Equal
            );
        }
        assert_ne!(fold("ı"), fold("i"));
        assert_eq!(fold("积水 Depth"), "积水 depth");
    }
}
