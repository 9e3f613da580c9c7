//! Text that stays text in HTML.

use std::fmt::Write;

/// Text for the content of an element or of an attribute in quotes.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    escape_into(&mut out, text);
    out
}

pub fn escape_into(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // Writing to a string cannot fail.
            c if c.is_control() && c != '\n' => {
                let _ = write!(out, "&#xfffd;");
            }
            c => out.push(c),
        }
    }
}
