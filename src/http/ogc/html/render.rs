//! JSON as HTML: an object is a table of its members, a list of objects a table with a row for each, links are links.

use serde_json::{Map, Value};

use super::super::super::query::encoded;
use super::escape::{escape_into, escaped};

/// The parts of an answer that people look for first, in this order; then whatever else there is.
const FIRST: [&str; 3] = ["description", "links", "features"];
/// Said in the heading, or for programs alone.
const LEFT_OUT: [&str; 1] = ["title"];

/// What stands below the heading. `here`: the address of the page, below which its features are; `order`: of their columns,
/// for JSON has none.
pub fn answer(answer: &Value, here: &str, order: &[&str]) -> String {
    let mut out = String::new();
    let Value::Object(members) = answer else {
        value(&mut out, answer);
        return out;
    };
    if let Some(text) = members.get("description").and_then(Value::as_str) {
        paragraph(&mut out, text);
    }
    if let Some(links) = members.get("links") {
        list_of_links(&mut out, links);
    }
    if let Some(features) = members.get("features").and_then(Value::as_array) {
        rows(&mut out, &features.iter().map(|feature| flat(feature, here)).collect::<Vec<_>>(), order);
    }
    let others =
        members.iter().filter(|(name, _)| !FIRST.contains(&name.as_str()) && !LEFT_OUT.contains(&name.as_str()));
    let (lists, plain): (Vec<_>, Vec<_>) = others.partition(|(_, member)| is_rows(member));
    table_of(&mut out, plain.into_iter());
    for (name, list) in lists {
        out.push_str("<h2>");
        escape_into(&mut out, name);
        out.push_str("</h2>\n");
        let list: Vec<_> = list.as_array().into_iter().flatten().filter_map(Value::as_object).cloned().collect();
        rows(&mut out, &list, &["id"]);
    }
    out
}

fn paragraph(out: &mut String, text: &str) {
    out.push_str("<p>");
    escape_into(out, text);
    out.push_str("</p>\n");
}

/// A list of objects, which is a table of its own?
fn is_rows(value: &Value) -> bool {
    value.as_array().is_some_and(|list| !list.is_empty() && list.iter().all(Value::is_object))
}

/// A feature as one row: its id, which leads to it, its properties, and where it is.
fn flat(feature: &Value, here: &str) -> Map<String, Value> {
    let mut row = Map::new();
    let id = feature["id"].as_str().unwrap_or_default();
    let own = serde_json::json!([{"href": format!("{here}/{}", encoded(id)), "title": id}]);
    row.insert("id".into(), serde_json::json!({"links": own}));
    row.extend(feature["properties"].as_object().cloned().unwrap_or_default());
    row.insert("geometry".into(), feature["geometry"].clone());
    row
}

/// A table of rows; columns beyond those that have an order come after them.
fn rows(out: &mut String, rows: &[Map<String, Value>], order: &[&str]) {
    let mut columns: Vec<&str> = Vec::new();
    for name in rows.iter().flat_map(Map::keys) {
        if !columns.contains(&name.as_str()) {
            columns.push(name);
        }
    }
    columns.sort_by_key(|name| order.iter().position(|known| known == name).unwrap_or(order.len()));
    if columns.is_empty() {
        return;
    }
    out.push_str("<div class=\"wide\"><table>\n<thead><tr>");
    for column in &columns {
        out.push_str("<th scope=\"col\">");
        escape_into(out, column);
        out.push_str("</th>");
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for row in rows {
        out.push_str("<tr>");
        for column in &columns {
            out.push_str("<td>");
            member(out, column, row.get(*column).unwrap_or(&Value::Null));
            out.push_str("</td>");
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table></div>\n");
}

fn table_of<'v>(out: &mut String, members: impl Iterator<Item = (&'v String, &'v Value)>) {
    let mut members = members.peekable();
    if members.peek().is_none() {
        return;
    }
    out.push_str("<table class=\"members\">\n");
    for (name, of) in members {
        out.push_str("<tr><th scope=\"row\">");
        escape_into(out, name);
        out.push_str("</th><td>");
        member(out, name, of);
        out.push_str("</td></tr>\n");
    }
    out.push_str("</table>\n");
}

fn member(out: &mut String, name: &str, of: &Value) {
    match (name, of) {
        ("links", links) => list_of_links(out, links),
        ("geometry", geometry) => place(out, geometry),
        (_, of) => value(out, of),
    }
}

fn value(out: &mut String, of: &Value) {
    match of {
        Value::Null => out.push('–'),
        Value::Bool(flag) => out.push_str(if *flag { "yes" } else { "no" }),
        Value::Number(number) => out.push_str(&number.to_string()),
        Value::String(text) => text_or_link(out, text),
        Value::Array(_) if is_rows(of) => {
            let list: Vec<_> = of.as_array().into_iter().flatten().filter_map(Value::as_object).cloned().collect();
            rows(out, &list, &["id"]);
        }
        Value::Array(list) => {
            for (n, item) in list.iter().enumerate() {
                out.push_str(if n == 0 {
                    ""
                } else if item.is_number() {
                    ", "
                } else {
                    "<br>"
                });
                value(out, item);
            }
        }
        Value::Object(members) if members.len() == 1 && members.contains_key("links") => {
            list_of_links(out, &members["links"]);
        }
        Value::Object(members) => table_of(out, members.iter()),
    }
}

/// A point with its coordinates; of what has more of them its type, and the coordinates when they are wanted.
fn place(out: &mut String, geometry: &Value) {
    let Some(kind) = geometry["type"].as_str() else { return value(out, geometry) };
    if kind == "Point" {
        out.push_str("Point ");
        return value(out, &geometry["coordinates"]);
    }
    out.push_str("<details><summary>");
    escape_into(out, kind);
    out.push_str("</summary>");
    escape_into(out, &geometry["coordinates"].to_string());
    out.push_str("</details>");
}

fn text_or_link(out: &mut String, text: &str) {
    match is_address(text) {
        true => anchor(out, text, "", text),
        false => escape_into(out, text),
    }
}

/// Links of any other scheme are shown, and lead nowhere.
fn is_address(text: &str) -> bool {
    text.starts_with("http://") || text.starts_with("https://")
}

fn anchor(out: &mut String, href: &str, rel: &str, text: &str) {
    out.push_str("<a href=\"");
    escape_into(out, href);
    out.push('"');
    if !rel.is_empty() {
        out.push_str(" rel=\"");
        escape_into(out, rel);
        out.push('"');
    }
    out.push('>');
    escape_into(out, text);
    out.push_str("</a>");
}

fn list_of_links(out: &mut String, links: &Value) {
    let links = links.as_array().into_iter().flatten();
    let mut items = String::new();
    for link in links {
        let text = |name: &str| link[name].as_str().unwrap_or_default();
        let (href, rel, kind) = (text("href"), text("rel"), text("type"));
        let title = if text("title").is_empty() { href } else { text("title") };
        items.push_str("<li>");
        match is_address(href) {
            // What has to be filled in first leads nowhere yet.
            true if link["templated"] == true => {
                items.push_str(&format!("{} <code>{}</code>", escaped(title), escaped(href)))
            }
            true => anchor(&mut items, href, rel, title),
            false => escape_into(&mut items, title),
        }
        if !kind.is_empty() {
            items.push_str(&format!(" <small>{} {}</small>", escaped(rel), escaped(kind)));
        }
        items.push_str("</li>\n");
    }
    if !items.is_empty() {
        out.push_str("<ul>\n");
        out.push_str(&items);
        out.push_str("</ul>\n");
    }
}
