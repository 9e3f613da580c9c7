#!/bin/bash
# Serves the demo city, asks it with QGIS without a screen (apt: python3-qgis qgis-providers), and writes what QGIS says to
# docs/clients.md.
set -euo pipefail
cd "$(dirname "$0")/.."
waterlog=${WATERLOG_BIN:-target/release/waterlog}
data=$(mktemp -d)
"$waterlog" --data "$data" demo --no-serve > "$data/demo.log"
"$waterlog" --data "$data" serve --clock 2024-07-01T03:20:00Z --listen 127.0.0.1:0 2> "$data/serve.log" &
serving=$!
trap 'kill $serving; rm -rf "$data"' EXIT
until address=$(sed -n 's/^waterlog listens on //p' "$data/serve.log") && [[ -n $address ]] &&
    curl -sf -o /dev/null "$address/readyz"; do sleep 0.2; done
said=$(for layer in reports; do
    HOME=$data QT_QPA_PLATFORM=offscreen /usr/bin/python3 tests/clients/pyqgis_client.py "$address/ogc" "$layer"
done)
{
    echo "# QGIS against /ogc"
    echo
    echo "Written by \`make clients\`, which opens the demo city with PyQGIS ([what it does](../tests/clients/pyqgis_client.py));"
    echo "nothing here is told to QGIS but the address."
    echo
    echo "\`$(git describe --always)\`, $(date -u +%F): $said"
} > docs/clients.md
cat docs/clients.md
