//! XML from JSON, by the Spark convention that Open311 names: a list is an element that holds one element for each of its
//! items. So an answer is written once, and its members stand in the same order in both formats.

use std::borrow::Cow;
use std::fmt;
use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::error::{Error, Result};

/// What a list's items are called.
const ITEMS: [(&str, &str); 8] = [
    ("endpoints", "endpoint"),
    ("formats", "format"),
    ("services", "service"),
    ("attributes", "attribute"),
    ("values", "value"),
    ("service_requests", "request"),
    ("errors", "error"),
    ("media_urls", "media_url"),
];

/// A value of JSON, its members in their order.
enum Node {
    Empty,
    Text(String),
    List(Vec<Node>),
    Members(Vec<(String, Node)>),
}

/// The document of an answer in JSON, under a root of this name.
///
/// # Errors
/// `Store` when it cannot be written.
pub fn document(root: &str, json: &[u8]) -> Result<Vec<u8>> {
    let failed = |e: &dyn fmt::Display| Error::Store(format!("an answer cannot be written as XML: {e}"));
    let node: Node = serde_json::from_slice(json).map_err(|e| failed(&e))?;
    let mut out = Writer::new(Vec::with_capacity(2 * json.len()));
    let declared = out.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)));
    declared.and_then(|()| element(&mut out, root, &node)).map_err(|e| failed(&e))?;
    Ok(out.into_inner())
}

fn element(out: &mut Writer<Vec<u8>>, name: &str, node: &Node) -> io::Result<()> {
    let start = BytesStart::new(name);
    if matches!(node, Node::Empty) {
        return out.write_event(Event::Empty(start));
    }
    out.write_event(Event::Start(start))?;
    match node {
        Node::Empty => {}
        Node::Text(text) => out.write_event(Event::Text(BytesText::new(&written(text))))?,
        Node::List(items) => {
            let item = ITEMS.iter().find(|(list, _)| *list == name).map_or("item", |(_, item)| item);
            items.iter().try_for_each(|node| element(out, item, node))?;
        }
        Node::Members(members) => members.iter().try_for_each(|(name, node)| element(out, name, node))?,
    }
    out.write_event(Event::End(BytesEnd::new(name)))
}

/// A text without the characters that no XML document can have, however they are written (XML 1.0, 2.2).
fn written(text: &str) -> Cow<'_, str> {
    let allowed = |c: char| matches!(c, '\t' | '\n' | '\r') || (c >= ' ' && !matches!(c, '\u{fffe}' | '\u{ffff}'));
    if text.chars().all(allowed) { text.into() } else { text.chars().filter(|c| allowed(*c)).collect() }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Node, D::Error> {
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = Node;

            fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
                out.write_str("a JSON value")
            }

            fn visit_unit<E>(self) -> Result<Node, E> {
                Ok(Node::Empty)
            }

            fn visit_bool<E>(self, flag: bool) -> Result<Node, E> {
                Ok(Node::Text(flag.to_string()))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Node, E> {
                Ok(Node::Text(number.to_string()))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Node, E> {
                Ok(Node::Text(number.to_string()))
            }

            fn visit_f64<E>(self, number: f64) -> Result<Node, E> {
                Ok(Node::Text(number.to_string()))
            }

            fn visit_str<E>(self, text: &str) -> Result<Node, E> {
                Ok(if text.is_empty() { Node::Empty } else { Node::Text(text.to_owned()) })
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Node, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = list.next_element()? {
                    items.push(item);
                }
                Ok(Node::List(items))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Node, A::Error> {
                let mut all = Vec::new();
                while let Some(member) = members.next_entry()? {
                    all.push(member);
                }
                Ok(Node::Members(all))
            }
        }

        reader.deserialize_any(Any)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn xml(root: &str, json: &str) -> String {
        String::from_utf8(document(root, json.as_bytes()).unwrap()).unwrap()
    }

    #[test]
    fn members_keep_their_order_and_a_list_names_its_items() {
        let json = r#"[{"service_code": "b", "metadata": true, "a": null, "lat": 20.0148, "empty": ""}, {}]"#;
        let told = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><services><service><service_code>b</service_code><metadata>true</metadata><a/><lat>20.0148</lat><empty/></service><service></service></services>";
        assert_eq!(xml("services", json), told);
        assert!(xml("services", "[]").ends_with("<services></services>"));
    }

    #[test]
    fn no_text_gets_out_of_its_element_and_what_no_document_can_have_is_left_out() {
        let json = r#"{"t": "</t><x a=\"1\">&amp;'\u0000\u0008\u000b\uffff积水\n"}"#;
        let told = "<r><t>&lt;/t&gt;&lt;x a=&quot;1&quot;&gt;&amp;amp;&apos;积水\n</t></r>";
        assert_eq!(xml("r", json).split_once("?>").unwrap().1, told);
    }
}
