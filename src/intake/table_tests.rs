use super::reject::Reject;
use super::table::Table;
use crate::error::Result;

type Outcome = Result<Vec<String>, (u64, u64, String)>;

fn table(bytes: &[u8]) -> Result<Table> {
    Table::from_reader("in.csv", std::io::Cursor::new(bytes.to_vec()))
}

fn rows(bytes: &[u8]) -> Vec<Outcome> {
    let mut table = table(bytes).unwrap();
    let mut out = Vec::new();
    while let Some(row) = table.next_row().unwrap() {
        let n = table.headers().len();
        out.push(match row {
            Ok(row) => Ok((0..n).map(|i| row.field(i).to_owned()).collect()),
            Err(Reject { line, column, reason, .. }) => Err((line, column, reason)),
        });
    }
    out
}

fn ok(fields: &[&str]) -> Outcome {
    Ok(fields.iter().map(|f| (*f).to_owned()).collect())
}

fn header_error(bytes: &[u8]) -> String {
    table(bytes).err().expect("the header is bad").to_string()
}

#[test]
fn bom_crlf_quotes_newlines_in_quotes_and_empty_lines_are_read() {
    let read = rows(b"\xEF\xBB\xBFa,b\r\n1,\"x, \"\"y\"\"\"\r\n\r\n2,\"two\nlines\"\n\"\",5\" pipe");
    assert_eq!(read, [ok(&["1", "x, \"y\""]), ok(&["2", "two\nlines"]), ok(&["", "5\" pipe"])]);
}

#[test]
fn every_field_knows_its_line_and_its_column_in_characters() {
    let mut table = table("a,b,c\n路口,\"x\ny\",z\n".as_bytes()).unwrap();
    let row = table.next().unwrap().unwrap();
    assert_eq!((row.line, row.place(0), row.place(1), row.place(2)), (2, (2, 1), (2, 4), (3, 4)));
    assert_eq!((row.get("c"), row.get("d"), row.column_of("b")), (Some("z"), None, 4));
}

#[test]
fn broken_utf8_and_a_wrong_number_of_fields_reject_their_row_only() {
    let read = rows(b"a,b\n1,\xFF\n1\n1,2,3\n4,5\n");
    assert!(matches!(&read[0], Err((2, 3, reason)) if reason.contains("UTF-8")), "{read:?}");
    assert!(matches!(&read[1], Err((3, 1, reason)) if reason == "the row has 1 fields, the header has 2"), "{read:?}");
    assert!(matches!(&read[2], Err((4, 5, reason)) if reason.contains("3 fields")), "{read:?}");
    assert_eq!(read[3], ok(&["4", "5"]));
}

#[test]
fn a_quote_that_is_never_closed_costs_its_own_line_only() {
    let read = rows(b"a,b\n1,\"open\n2,3\n4,5\n");
    assert!(matches!(&read[0], Err((2, 3, reason)) if reason.contains("never closed")), "{read:?}");
    assert_eq!(read[1..], [ok(&["2", "3"]), ok(&["4", "5"])]);
    let read = rows(b"a,b\n1,\"open\n2,3\n4,\"5\"\n6,7\n");
    assert!(matches!(&read[0], Err((2, 3, reason)) if reason.contains("closing quote")), "{read:?}");
    assert_eq!(read[1..], [ok(&["2", "3"]), ok(&["4", "5"]), ok(&["6", "7"])]);
}

#[test]
fn a_line_longer_than_a_record_may_be_costs_itself_only() {
    let mut bytes = b"a,b\n".to_vec();
    bytes.extend(std::iter::repeat_n(b'x', 3 << 20));
    bytes.extend(b"\n1,2\n\"");
    bytes.extend(std::iter::repeat_n(*b"yyyyyyy\n", 1 << 18).flatten());
    bytes.extend(b"3,4\n");
    let read = rows(&bytes);
    assert!(matches!(&read[0], Err((2, 1, reason)) if reason.contains("longer than")), "{:?}", read[0]);
    assert_eq!(read[1], ok(&["1", "2"]));
    assert!(matches!(&read[2], Err((4, 1, reason)) if reason.contains("never closed")), "{:?}", read[2]);
    assert_eq!(read.last(), Some(&ok(&["3", "4"])));
}

#[test]
fn a_file_that_is_no_table_says_so() {
    assert_eq!(header_error(b""), "in.csv:1:1: file \"in.csv\": is empty: there is no header line");
    assert!(header_error(b"\n\r\n").contains("is empty"));
    assert!(header_error(b"\xFF\xFEa\0").contains("UTF-16"));
    assert!(header_error(b"a;b\n1;2\n").contains("separate columns by commas"));
    assert!(header_error(b"a,b\r1,2\r").contains("CR alone"));
    assert!(header_error(b"a,b,a\n").starts_with("in.csv:1:5: column \"a\": twice"));
    assert!(header_error(b"a,\xFF\n").contains("UTF-8"));
    assert!(header_error(b"a,\"b\n").contains("never closed"));
    assert!(rows(b"a,b\n").is_empty());
}

#[test]
fn a_missing_file_and_a_directory_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let message = |path: &std::path::Path| Table::open(path).err().unwrap().to_string();
    let missing = dir.path().join("none.csv");
    assert_eq!(message(&missing), format!("file {:?}: no such file", missing.display().to_string()));
    assert!(message(dir.path()).contains("is a directory"));
}

#[test]
fn a_missing_column_lists_those_there_are() {
    let error = table(b"a,b\n").unwrap().need("c").unwrap_err().to_string();
    assert_eq!(error, "in.csv:1:0: column \"c\": no such column; the file has a, b");
}

#[test]
fn as_an_iterator_the_first_bad_row_is_the_end() {
    let read: Vec<_> = table(b"a,b\n1,2\n3\n4,5\n").unwrap().collect();
    assert!(read.len() == 2 && read[0].is_ok());
    assert!(read[1].as_ref().unwrap_err().to_string().starts_with("in.csv:3:1: a \"3\""), "{read:?}");
}
