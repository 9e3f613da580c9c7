#!/usr/bin/env python3
"""The schema of CAP 1.2 as OASIS publishes it (CAP-v1.2.xsd) against messages in files: each must be valid.

    cap_schema.py CAP-v1.2.xsd MESSAGE…
"""
import sys

from lxml import etree


def main(schema, *messages):
    schema = etree.XMLSchema(etree.parse(schema))
    for message in messages:
        schema.assertValid(etree.parse(message))
    # What is not valid has to be told: a message without its sender.
    broken = etree.parse(messages[0])
    broken.getroot().remove(broken.find("{*}sender"))
    assert not schema.validate(broken)
    print(f"{len(messages)} messages are valid")


main(*sys.argv[1:])
