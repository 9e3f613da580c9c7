//! The words of CQL2 text, and how deep its parentheses lie: nothing is parsed that is too deep or too long.

use super::{Fault, MOST_DEPTH};

/// A word and the byte it begins at.
#[derive(Clone, Debug, PartialEq)]
pub struct Token<'t> {
    pub at: usize,
    pub word: Word<'t>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Word<'t> {
    /// A keyword, or the name of a property or function.
    Name(&'t str),
    /// The name of a property, for it is in double quotes.
    Quoted(&'t str),
    Number(f64),
    Text {
        value: String,
        /// With its backslashes, but those before quotation marks and for control characters.
        pattern: String,
    },
    /// An operator, a parenthesis or a comma.
    Sign(&'t str),
    End,
}

const SIGNS: [&str; 14] = ["<>", "<=", ">=", "<", ">", "=", "+", "-", "*", "/", "%", "^", "(", ")"];

/// Cuts a text into words; the last is [`Word::End`].
///
/// # Errors
/// The first character that begins no word, a text or a name without end, a number that is none, or the parenthesis that
/// lies too deep.
pub fn cut(text: &str) -> Result<Vec<Token<'_>>, Fault> {
    let mut tokens = Vec::new();
    let (mut at, mut depth) = (0, 0_usize);
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let (word, length) = match first {
            '\'' => quoted_text(rest).ok_or_else(|| Fault::new(at, "a text without its closing quotation mark '"))?,
            '"' => {
                let end = rest[1..].find('"').ok_or_else(|| Fault::new(at, "a name without its closing \""))?;
                (Word::Quoted(&rest[1..=end]), end + 2)
            }
            c if c.is_ascii_digit() || c == '.' => {
                let length = number_length(rest);
                let number = rest[..length].parse().ok().filter(|n: &f64| n.is_finite());
                let number = number.ok_or_else(|| Fault::new(at, format!("{:?} is not a number", &rest[..length])))?;
                (Word::Number(number), length)
            }
            c if begins_name(c) => {
                let length = rest.find(|c| !continues_name(c)).unwrap_or(rest.len());
                (Word::Name(&rest[..length]), length)
            }
            ',' => (Word::Sign(&rest[..1]), 1),
            _ => {
                let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign));
                let sign = sign.ok_or_else(|| Fault::new(at, format!("{first:?} begins nothing of CQL2")))?;
                (Word::Sign(&rest[..sign.len()]), sign.len())
            }
        };
        match word {
            Word::Sign("(") => depth += 1,
            Word::Sign(")") => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MOST_DEPTH {
            return Err(Fault::new(at, format!("more than {MOST_DEPTH} parentheses lie in each other here")));
        }
        tokens.push(Token { at, word });
        at += length;
    }
    tokens.push(Token { at, word: Word::End });
    Ok(tokens)
}

/// As the rule `identifier` has it: letters of any script; Rust's letters are those of its ranges.
fn begins_name(c: char) -> bool {
    c.is_alphabetic() || c == '_' || c == ':'
}

fn continues_name(c: char) -> bool {
    begins_name(c) || c.is_alphanumeric() || matches!(c, '.' | '\u{300}'..='\u{36F}' | '\u{203F}' | '\u{2040}')
}

/// Digits, a point, and an exponent with its sign; letters right behind belong to it, so that they are not overlooked.
fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let belongs = |i: usize| {
        let sign = matches!(bytes[i], b'+' | b'-') && matches!(bytes[i - 1], b'e' | b'E');
        bytes[i].is_ascii_alphanumeric() || matches!(bytes[i], b'.' | b'_') || sign
    };
    (1..bytes.len()).find(|&i| !belongs(i)).unwrap_or(bytes.len())
}

/// A text in quotation marks, which stand in it doubled or behind a backslash (/req/cql2-text/escaping), and its length.
fn quoted_text(text: &str) -> Option<(Word<'static>, usize)> {
    let (mut value, mut pattern) = (String::new(), String::new());
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((i, c)) = chars.next() {
        let next = chars.peek().map(|(_, c)| *c);
        let plain = match (c, next) {
            ('\'', Some('\'')) => Some('\''),
            ('\'', _) => return Some((Word::Text { value, pattern }, i + 1)),
            ('\\', Some(escaped)) => match control(escaped) {
                Some(control) => Some(control),
                // A backslash itself, or one that only a pattern gives a meaning.
                None => {
                    chars.next();
                    if escaped != '\\' {
                        value.push('\\');
                    }
                    value.push(escaped);
                    pattern.extend(['\\', escaped]);
                    continue;
                }
            },
            _ => {
                value.push(c);
                pattern.push(c);
                continue;
            }
        };
        chars.next();
        value.extend(plain);
        pattern.extend(plain);
    }
    None
}

fn control(escaped: char) -> Option<char> {
    Some(match escaped {
        '\'' => '\'',
        'a' => '\u{7}',
        'b' => '\u{8}',
        't' => '\t',
        'n' => '\n',
        'v' => '\u{B}',
        'f' => '\u{C}',
        'r' => '\r',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<Word<'_>> {
        cut(text).unwrap().into_iter().map(|token| token.word).collect()
    }

    #[test]
    fn names_numbers_texts_and_signs_are_told_apart() {
        assert_eq!(
            words("eo:cloud_cover<=.5e-1"),
            [Word::Name("eo:cloud_cover"), Word::Sign("<="), Word::Number(0.05), Word::End]
        );
        assert_eq!(words("\"水 深\" 路.1"), [Word::Quoted("水 深"), Word::Name("路.1"), Word::End]);
        assert_eq!(words("1-2"), [Word::Number(1.0), Word::Sign("-"), Word::Number(2.0), Word::End]);
    }

    #[test]
    fn a_text_has_its_escapes_and_a_pattern_keeps_those_that_are_its_own() {
        let text = |text: &str| match words(text).swap_remove(0) {
            Word::Text { value, pattern } => (value, pattern),
            other => panic!("{other:?}"),
        };
        let both = |value: &str, pattern: &str| (value.to_owned(), pattern.to_owned());
        assert_eq!(text("'dell''Avvento'"), both("dell'Avvento", "dell'Avvento"));
        assert_eq!(text(r"'dell\'Avvento\t'"), both("dell'Avvento\t", "dell'Avvento\t"));
        assert_eq!(text(r"'50\%\\'"), both(r"50\%\", r"50\%\\"));
        assert_eq!(text("''"), both("", ""));
    }

    #[test]
    fn what_begins_nothing_or_does_not_end_is_refused_where_it_stands() {
        let deep = "(".repeat(MOST_DEPTH + 1);
        for (text, at, part) in [
            ("a = 'b", 4, "closing quotation mark"),
            (r"a = 'b\'", 4, "closing quotation mark"),
            ("\"a", 0, "closing \""),
            ("a = 1e999", 4, "\"1e999\" is not a number"),
            ("a = 1x", 4, "\"1x\" is not a number"),
            ("a = 1.2.3", 4, "not a number"),
            ("a # b", 2, "'#' begins nothing"),
            ("水 ; b", 4, "';' begins nothing"),
            (&deep, MOST_DEPTH, "more than 32"),
        ] {
            let fault = cut(text).unwrap_err();
            assert!(fault.at == at && fault.reason.contains(part), "{text}: {fault:?}");
        }
        assert!(cut(&"(".repeat(MOST_DEPTH)).is_ok());
    }
}
