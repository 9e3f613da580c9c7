//! XML 1.0 as we write it: elements with text, whatever the text is.

use std::borrow::Cow;
use std::io::{Result, Write};

use quick_xml::Writer;
use quick_xml::events::BytesText;

/// An element with a text in it.
///
/// # Errors
/// Those of what is written to.
pub fn text(out: &mut Writer<impl Write>, name: &str, text: &str) -> Result<()> {
    out.create_element(name).write_text_content(BytesText::new(&allowed(text)))?;
    Ok(())
}

/// A text without what no XML can hold, not even escaped (XML 1.0, 2.2).
pub fn allowed(text: &str) -> Cow<'_, str> {
    let fits = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..);
    if text.chars().all(fits) { text.into() } else { text.chars().filter(|&c| fits(c)).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_becomes_an_element_that_can_be_read() {
        let mut out = Writer::new(Vec::new());
        text(&mut out, "name", "a<b> & \u{1}\u{FFFF}积水").unwrap();
        assert_eq!(String::from_utf8(out.into_inner()).unwrap(), "<name>a&lt;b&gt; &amp; 积水</name>");
    }
}
