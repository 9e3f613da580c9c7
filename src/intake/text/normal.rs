//! One spelling of a text for the rules: simplified characters, half-width, small letters; each byte knows where it came from.

use std::ops::{Range, RangeInclusive};
use std::sync::LazyLock;

/// The ideographs between which all of [`SIMPLIFIED`] lie.
const IDEOGRAPHS: RangeInclusive<char> = '\u{3400}'..='\u{9FFF}';

/// Traditional → simplified, one character for one: what each of [`IDEOGRAPHS`] is written as.
static SIMPLIFIED: LazyLock<Vec<char>> = LazyLock::new(|| {
    let mut table: Vec<char> = IDEOGRAPHS.collect();
    let rows = include_str!("../../../data/text/simplified.tsv").lines().filter(|line| !line.starts_with('#'));
    for row in rows {
        let mut cells = row.split('\t').filter_map(|cell| cell.chars().next());
        if let (Some(from), Some(to)) = (cells.next(), cells.next()) {
            table[from as usize - *IDEOGRAPHS.start() as usize] = to;
        }
    }
    table
});

/// A text in the spelling that rules are written in.
pub(super) struct Normal<'t> {
    original: &'t str,
    pub text: String,
    /// Byte of the original for each byte of the text, and its end.
    at: Vec<u32>,
}

impl<'t> Normal<'t> {
    pub fn new(original: &'t str) -> Normal<'t> {
        let mut text = String::with_capacity(original.len());
        let mut at = Vec::with_capacity(original.len() + 1);
        for (i, c) in original.char_indices() {
            if let Some(c) = normal(c) {
                text.push(c);
                at.resize(text.len(), i as u32);
            }
        }
        at.push(original.len() as u32);
        Normal { original, text, at }
    }

    /// The words as they were written.
    pub fn original(&self, span: &Range<usize>) -> &'t str {
        let start = self.at[span.start] as usize;
        // What follows the last character may be one that was dropped: the span ends with its own last character.
        let last = self.text[span.clone()].chars().next_back();
        let Some(last) = last else { return "" };
        let last = self.at[span.end - last.len_utf8()] as usize;
        let length = self.original[last..].chars().next().map_or(0, char::len_utf8);
        &self.original[start..last + length]
    }
}

/// The same text in the spelling of the rules.
pub(in crate::intake) fn normalised(text: &str) -> String {
    text.chars().filter_map(normal).collect()
}

/// `None` for what nobody sees: marks of direction, zero-width characters, variation selectors.
fn normal(c: char) -> Option<char> {
    Some(match c {
        'A'..='Z' => c.to_ascii_lowercase(),
        '*' => '×',
        ' '..='~' => c,
        '\t' | '\u{A0}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{3000}' => ' ',
        '\u{AD}'
        | '\u{200B}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{2069}'
        | '\u{FE00}'..='\u{FE0F}'
        | '\u{FEFF}' => return None,
        '‘' | '’' | '＇' => '\'',
        '–' | '－' | '―' | '─' => '-',
        '～' | '〜' => '~',
        '✕' | '╳' | '＊' => '×',
        '【' | '〔' | '［' => '(',
        '】' | '〕' | '］' => ')',
        '\u{FF01}'..='\u{FF5E}' => return normal(char::from_u32(c as u32 - 0xFEE0)?),
        c if c < '\u{3400}' => c,
        c => SIMPLIFIED.get(c as usize - *IDEOGRAPHS.start() as usize).copied().unwrap_or(c),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn width_case_script_and_hidden_marks_do_not_matter() {
        assert_eq!(normalised("龍昆南路　ＡＢ１２（積水）\u{200F}Ａ"), "龙昆南路 ab12(积水)a");
    }

    #[test]
    fn a_span_gives_back_what_was_written() {
        let normal = Normal::new("在\u{202E}龍昆\u{200B}南路！");
        let start = normal.text.find('龙').unwrap();
        let end = normal.text.find('!').unwrap();
        assert_eq!(normal.original(&(start..end)), "龍昆\u{200B}南路");
        assert_eq!(normal.original(&(0..0)), "");
    }
}
