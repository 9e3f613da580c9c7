//! Reads both formats of Open311, and that they say the same.

use quick_xml::Reader;
use quick_xml::events::Event as Xml;
use serde_json::Value;

use crate::server::{Answer, Server};

pub const BASE: &str = "/open311/v2";

/// An element of XML.
#[derive(Debug, Default)]
pub struct Element {
    pub name: String,
    pub text: String,
    pub kids: Vec<Element>,
}

impl Element {
    pub fn names(&self) -> Vec<&str> {
        self.kids.iter().map(|kid| kid.name.as_str()).collect()
    }

    pub fn at(&self, path: &str) -> &Element {
        path.split('/').fold(self, |at, name| {
            at.kids.iter().find(|kid| kid.name == name).unwrap_or_else(|| panic!("no {name} in {at:?}"))
        })
    }
}

/// Reads a document, and that it says of itself what it has to.
pub fn xml(answer: &Answer) -> Element {
    assert_eq!(answer.header("content-type"), "text/xml; charset=utf-8");
    let text = answer.text();
    assert!(text.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>"), "{text}");
    let mut reader = Reader::from_str(&text);
    let mut open = vec![Element::default()];
    loop {
        let last = open.last_mut().unwrap();
        match reader.read_event().unwrap_or_else(|e| panic!("{e}: {text}")) {
            Xml::Start(start) => open.push(Element { name: name(start.name().as_ref()), ..Element::default() }),
            Xml::Empty(start) => last.kids.push(Element { name: name(start.name().as_ref()), ..Element::default() }),
            Xml::Text(part) => last.text += &part.decode().unwrap(),
            Xml::GeneralRef(reference) => last.text.push(match reference.decode().unwrap().as_ref() {
                "lt" => '<',
                "gt" => '>',
                "amp" => '&',
                "quot" => '"',
                "apos" => '\'',
                other => panic!("&{other}; in {text}"),
            }),
            Xml::End(_) => {
                let done = open.pop().unwrap();
                open.last_mut().unwrap().kids.push(done);
            }
            Xml::Eof => break,
            _ => {}
        }
    }
    let mut root = open.pop().unwrap();
    assert_eq!((open.len(), root.kids.len()), (0, 1), "{text}");
    root.kids.pop().unwrap()
}

fn name(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Does an element say the same as a value of JSON, by the Spark convention?
pub fn same(element: &Element, value: &Value) {
    match value {
        Value::Null => assert!(element.text.is_empty() && element.kids.is_empty(), "{element:?}"),
        Value::Array(items) => {
            assert_eq!(element.kids.len(), items.len(), "{}", element.name);
            element.kids.iter().zip(items).for_each(|(kid, item)| same(kid, item));
        }
        Value::Object(members) => {
            assert_eq!(element.kids.len(), members.len(), "{element:?} {value}");
            element.kids.iter().for_each(|kid| same(kid, &members[&kid.name]));
        }
        Value::String(text) => assert_eq!(&element.text, text, "{}", element.name),
        Value::Number(number) => assert_eq!(element.text.parse().ok(), number.as_f64(), "{}", element.name),
        other => assert_eq!(element.text, other.to_string(), "{}", element.name),
    }
}

/// Both answers of an address, which are checked to say the same.
pub fn both(server: &Server, path: &str, headers: &[(&str, &str)]) -> (Value, Element) {
    let (path, query) = path.split_once('?').map_or((path, String::new()), |(path, query)| (path, format!("?{query}")));
    let get = |format: &str| {
        let answer = server.get_with(&format!("{BASE}/{path}.{format}{query}"), headers);
        assert_eq!(answer.status, 200, "{path}.{format}{query}: {}", answer.text());
        answer
    };
    let (json, xml) = (get("json"), xml(&get("xml")));
    assert_eq!(json.header("content-type"), "application/json; charset=utf-8");
    let value = json.json();
    same(&xml, &value);
    (value, xml)
}
