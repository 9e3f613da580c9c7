//! The requirements of OGC API, each with a test of its own that names it: what fails, says which one. What several
//! standards ask in the same words is checked by the same function, for each of them.

mod checks;
mod common;
mod crs;
mod document;
mod edit;
mod edit_changes;
mod encodings;
mod features;
mod items;
mod links;
mod tiles;

use serde_json::Value;

use crate::ogc::{collections, path, world};
use crate::server::{Answer, Server};

/// Two corners on both sides of 180° and one elsewhere.
fn service() -> Server {
    Server::seeded(&world())
}

fn collection_at(id: &str) -> String {
    format!("/ogc/collections/{id}")
}

fn items_at(id: &str) -> String {
    format!("/ogc/collections/{id}/items")
}

/// An id as it stands in an address.
fn escaped(id: &Value) -> String {
    id.as_str().unwrap().bytes().map(|b| format!("%{b:02X}")).collect()
}

/// All features of a collection.
fn all(server: &Server, id: &str) -> Vec<Value> {
    server.features(&format!("{}?limit=10000", items_at(id)))
}

/// The addresses of all features, of every collection that has any.
fn features(server: &Server) -> Vec<String> {
    let of = |id| all(server, id).into_iter().map(move |f| format!("{}/{}", items_at(id), escaped(&f["id"])));
    let found: Vec<_> = collections().flat_map(of).collect();
    assert!(found.len() > 20, "{found:?}");
    found
}

/// The links of an answer with a relation.
fn related<'a>(answer: &'a Value, rel: &str) -> Vec<&'a Value> {
    answer["links"].as_array().unwrap().iter().filter(|link| link["rel"] == rel).collect()
}

/// What a link leads to: it is there, and of the type that the link promises.
fn followed(server: &Server, link: &Value) -> Answer {
    let answer = server.get(path(server, &link["href"]));
    let kind = answer.header("content-type").trim_end_matches("; charset=utf-8");
    assert_eq!((answer.status, kind), (200, link["type"].as_str().unwrap()), "{link}");
    answer
}
