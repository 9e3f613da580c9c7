#!/usr/bin/env python3
"""A small client of Open311 GeoReport v2, written from the specification alone (wiki.open311.org/GeoReport_v2).

Goes from service discovery to a request of its own, once in each format, and checks every answer against the fields that
the specification lists, in its order. Needs nothing but Python's library, and no network but the service.

    open311_client.py http://127.0.0.1:8080/open311/v2
"""
import json
import sys
import urllib.error
import urllib.parse
import urllib.request
import xml.etree.ElementTree as ET

SERVICE = "service_code service_name description metadata type keywords group".split()
ATTRIBUTE = "variable code datatype required datatype_description order description values".split()
REQUEST = ("service_request_id status status_notes service_name service_code description agency_responsible "
           "service_notice requested_datetime updated_datetime expected_datetime address address_id zipcode lat long "
           "media_url").split()
LISTS = {"services", "attributes", "values", "service_requests", "errors", "endpoints", "formats"}


def spark(element):
    """An element as JSON by the Spark convention; every value is text, and an empty one is None."""
    if element.tag in LISTS:
        return [spark(child) for child in element]
    if len(element):
        return {child.tag: spark(child) for child in element}
    return element.text


class Client:
    def __init__(self, base, suffix):
        self.base, self.suffix, self.answered = base, suffix, 0

    def ask(self, path, form=None, expect=200, **query):
        url = f"{self.base}/{path}.{self.suffix}?" + urllib.parse.urlencode(query)
        data = urllib.parse.urlencode(form, doseq=True).encode() if form else None
        try:
            with urllib.request.urlopen(urllib.request.Request(url, data)) as answer:
                status, kind, body = answer.status, answer.headers["Content-Type"], answer.read()
        except urllib.error.HTTPError as error:
            status, kind, body = error.code, error.headers["Content-Type"], error.read()
        assert status == expect, (url, status, body)
        self.answered += 1
        if self.suffix == "json":
            assert kind == "application/json; charset=utf-8", kind
            return json.loads(body.decode("utf-8"))
        assert kind == "text/xml; charset=utf-8", kind
        assert body.startswith(b'<?xml version="1.0" encoding="UTF-8"?>'), body[:60]
        return spark(ET.fromstring(body))


def walk(base, suffix):
    client = Client(base, suffix)
    discovery = client.ask("discovery")
    assert list(discovery) == ["changeset", "contact", "key_service", "endpoints"], discovery
    endpoint = discovery["endpoints"][0]
    assert endpoint["specification"] == "http://wiki.open311.org/GeoReport_v2" and endpoint["url"] == base, endpoint

    services = client.ask("services")
    assert all(list(service) == SERVICE for service in services), services
    code = services[0]["service_code"]
    definition = client.ask(f"services/{code}")
    assert all(list(attribute) == ATTRIBUTE for attribute in definition["attributes"]), definition
    orders = [int(attribute["order"]) for attribute in definition["attributes"]]
    assert orders == sorted(set(orders)), orders

    said = {"service_code": code, "lat": "20.0148", "long": "110.3312", "description": "水深 <40 cm> & \"rising\"",
            "email": "li@example.org", "first_name": "Secret", "media_url": ["https://a.example/1", "https://a.example/2"],
            "attribute[depth_cm]": "40", "attribute[passability]": "slow"}
    taken = client.ask("requests", form=said, expect=201)
    assert len(taken) == 1 and list(taken[0]) == ["service_request_id", "service_notice", "account_id"], taken
    own = taken[0]["service_request_id"]

    one = client.ask(f"requests/{own}")
    assert len(one) == 1 and list(one[0]) == REQUEST, one
    assert one[0]["service_request_id"] == own and one[0]["status"] == "open", one
    assert (float(one[0]["lat"]), float(one[0]["long"])) == (20.0148, 110.3312), one
    listed = client.ask("requests", service_code=code, status="open")
    assert own in [request["service_request_id"] for request in listed], listed
    assert all(list(request) == REQUEST for request in listed), listed
    assert client.ask("requests", service_request_id=f"{own},none") == one
    extended = client.ask(f"requests/{own}", extensions="true")[0]["extended_attributes"]
    assert float(extended["depth_cm"]) == 40, extended
    assert "Secret" not in str([listed, extended]) and "li@" not in str([listed, extended])

    for path, form, status in [
        (f"services/{code}x", None, 404),
        ("requests/none", None, 404),
        ("tokens/none", None, 404),
        ("requests", {"service_code": "none", "lat": 1, "long": 2}, 404),
        ("requests", {"service_code": code}, 400),
    ]:
        errors = client.ask(path, form=form, expect=status)
        assert list(errors[0]) == ["code", "description"] and int(errors[0]["code"]) == status, errors
        assert errors[0]["description"], errors
    print(f"{suffix}: {client.answered} requests answered")


for suffix in ("xml", "json"):
    walk(sys.argv[1], suffix)
