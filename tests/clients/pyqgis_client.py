#!/usr/bin/env python3
"""QGIS without a screen against /ogc, as docs/guides/qgis.md has it: the layer opens, counts all features, filters them on the
service, and asks for what lies in a view page after page.

    QT_QPA_PLATFORM=offscreen pyqgis_client.py http://127.0.0.1:8080/ogc reports
"""
import json
import sys
from urllib.parse import urlencode
from urllib.request import urlopen

from qgis.core import Qgis, QgsApplication, QgsFeatureRequest, QgsRectangle, QgsVectorLayer


def matched(base, collection, **asked):
    """How many features match, as the service says."""
    return json.load(urlopen(f"{base}/collections/{collection}/items?{urlencode({**asked, 'limit': 1})}"))["numberMatched"]


def layer(base, collection, **more):
    source = {"url": base, "typename": collection, "restrictToRequestBBOX": "1", **more}
    opened = QgsVectorLayer(" ".join(f"{name}='{value}'" for name, value in source.items()), collection, "OAPIF")
    assert opened.isValid(), opened.error().message()
    return opened


def look(base, collection):
    """What QGIS finds; its layers are gone when it returns, as they must be before QGIS ends."""
    opened = layer(base, collection)
    names = {field.name() for field in opened.fields()}
    assert {"category", "observed_at", "depth_cm"} <= names, names
    everything = sum(1 for _ in opened.getFeatures())
    assert everything == matched(base, collection), everything

    first = next(opened.getFeatures()).geometry().asPoint()
    view = QgsRectangle(first.x() - 0.02, first.y() - 0.02, first.x() + 0.02, first.y() + 0.02)
    within = sum(1 for _ in layer(base, collection).getFeatures(QgsFeatureRequest(view)))
    sides = ",".join(map(str, [view.xMinimum(), view.yMinimum(), view.xMaximum(), view.yMaximum()]))
    assert 0 < within == matched(base, collection, bbox=sides) < everything, within

    filtered = layer(base, collection)
    assert filtered.setSubsetString("\"category\" = 'waterlogging'")
    found = sum(1 for _ in filtered.getFeatures())
    assert 0 < found == matched(base, collection, filter="category = 'waterlogging'") < everything, found
    return f"{everything} {collection} of {everything}, {within} in a view, {found} by a filter"


def main(base, collection):
    application = QgsApplication([], False)
    application.initQgis()
    found = look(base, collection)
    application.exitQgis()
    print(f"QGIS {Qgis.QGIS_VERSION}: {found}")


if __name__ == "__main__":
    main(*sys.argv[1:])
