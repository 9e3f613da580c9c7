//! Holds the rule of this folder: what words a rule asks for is in the data files, and the code has the grammar alone.

use std::fs;
use std::path::Path;

/// Letters that may stand in the code: digits, and what hours, dates and tenths of a metre are written with.
const LETTERS: &str = "零〇一壹二两俩三四五六七八九十百千半年月日号时点分米尺";
/// Others that may, in one file.
const ALSO: [(&str, &str); 2] = [
    // What is asked of whoever sent a message: no rule of reading.
    ("assemble.rs", "那里发生了什么？在哪里？请说出路名、路口或附近的地标。是其中哪一处？"),
    // A kind of word of the learnt boundaries, as `place_weights.tsv` was made with.
    ("weights.rs", "东西南北"),
];

/// The literals of a source, without its comments and its tests.
fn literals(source: &str) -> Vec<&str> {
    let mut rest = source.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let mut found = Vec::new();
    while let Some(at) = rest.find(['/', '"', '\'']) {
        rest = &rest[at..];
        let mut escaped = false;
        let ends = |c: char| {
            let ends = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        };
        let literal = if let Some(inner) = rest.strip_prefix('"') {
            inner.find(ends).map(|end| end + 2)
        } else if rest.starts_with("'\\") {
            rest[3..].find('\'').map(|end| end + 4)
        } else if rest.starts_with('\'') {
            // 't' is a character, and 't a lifetime.
            rest.char_indices().nth(2).filter(|(_, c)| *c == '\'').map(|(end, _)| end + 1)
        } else {
            None
        };
        found.extend(literal.map(|length| &rest[..length]));
        let comment = || if rest.starts_with("//") { rest.find('\n').unwrap_or(rest.len()) } else { 1 };
        rest = &rest[literal.unwrap_or_else(comment)..];
    }
    found
}

fn check(folder: &Path, checked: &mut usize) {
    for entry in fs::read_dir(folder).expect("the sources are there") {
        let path = entry.expect("the sources are there").path();
        if path.is_dir() {
            check(&path, checked);
            continue;
        }
        let source = fs::read_to_string(&path).expect("a source is UTF-8");
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name == "literals.rs" {
            continue;
        }
        let may = |c: char| {
            !('\u{3400}'..='\u{9FFF}').contains(&c)
                || LETTERS.contains(c)
                || ALSO.iter().any(|(file, letters)| *file == name && letters.contains(c))
        };
        for literal in literals(&source) {
            assert!(
                literal.chars().all(may),
                "{}: {literal} is a word of a rule: write it into data/text",
                path.display()
            );
        }
        *checked += 1;
    }
}

#[test]
fn no_source_has_a_word_that_a_rule_asks_for() {
    let source =
        "fn f<'t>(t: &'t str) { t.contains('水') || t == \"a\\\"积\" } // '沙' \n let n = 1 / 2; '\\'' '\\u{3400}'";
    assert_eq!(literals(source), ["'水'", "\"a\\\"积\"", "'\\''", "'\\u{3400}'"]);
    let mut checked = 0;
    check(Path::new(file!()).parent().and_then(Path::parent).expect("this file is in a folder"), &mut checked);
    assert!(checked > 30);
}
