#!/usr/bin/env python3
"""OWSLib against /ogc: it finds the collections, pages through one, and filters it by box, time, property and CQL2.

    owslib_client.py http://127.0.0.1:8080/ogc reports
"""
import sys

from owslib.ogcapi.features import Features


def everything(service, collection, **asked):
    """All features of a collection, page after page, by the next links."""
    page = service.collection_items(collection, **asked)
    matched, found = page["numberMatched"], page["features"]
    while len(found) < matched:
        page = service.collection_items(collection, offset=len(found), **asked)
        assert page["numberMatched"] == matched and page["features"], page
        found += page["features"]
    assert len({feature["id"] for feature in found}) == matched == len(found)
    return found


def main(base, collection):
    service = Features(base)
    assert collection in service.feature_collections(), service.feature_collections()
    assert any(uri.endswith("ogcapi-features-1/1.0/conf/core") for uri in service.conformance()["conformsTo"])
    assert service.collection(collection)["extent"]["spatial"]["bbox"]
    queryables = service.collection_queryables(collection)["properties"]
    assert {"category", "observed_at", "depth_cm"} <= set(queryables), queryables

    features = everything(service, collection, limit=7)
    one = features[0]
    assert service.collection_item(collection, one["id"])["properties"] == one["properties"]
    lon, lat = one["geometry"]["coordinates"]
    within = everything(service, collection, bbox=[lon - 0.001, lat - 0.001, lon + 0.001, lat + 0.001], limit=100)
    assert one["id"] in {feature["id"] for feature in within} and len(within) < len(features)
    time = one["properties"]["observed_at"]
    at = everything(service, collection, datetime_=time, limit=100)
    assert {feature["properties"]["observed_at"] for feature in at} == {time}
    wanted = f"observed_at = TIMESTAMP('{time}') AND category = '{one['properties']['category']}'"
    filtered = everything(service, collection, filter=wanted, limit=100)
    assert filtered and all(feature in at for feature in filtered)
    print(f"owslib: {len(features)} {collection}, {len(within)} in a box, {len(at)} at a time, {len(filtered)} by a filter")


if __name__ == "__main__":
    main(*sys.argv[1:])
