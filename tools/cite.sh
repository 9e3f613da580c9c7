#!/bin/bash
# Runs OGC's own test suites of OGC API - Features and of OGC API - Tiles against a small made-up database, and writes
# docs/cite-features.md and docs/cite-tiles.md.
# usage: tools/cite.sh [PROGRAM]     (default: target/release/waterlog)
# environment: CITE_RUN, a program that runs a suite: it takes `features LANDING_PAGE OUT_DIR`, or `tiles`, leaves the
# suite's testng-results.xml in OUT_DIR and its revision in WORK/ets-ogcapi-features10/.built, or -tiles10.
# exit: 0 where no test failed.
set -euo pipefail
cd "$(dirname "$0")/.."
program=${1:-target/release/waterlog}
[ -x "${CITE_RUN:-}" ] || { echo "set CITE_RUN to the program that runs the suite" >&2; exit 2; }
export WORK=${WORK:-$PWD/target/cite}
data=$(mktemp -d)

"$program" --data "$data" import --places data/cite/places.csv --works data/cite/works.csv --areas data/cite/areas.geojson \
  --rain data/cite/rain.csv data/cite/reports.csv data/cite/closures.csv
"$program" --data "$data" import --places data/cite/streets.osm.pbf
# At a time when there are closures: what is closed is closed for a day at most.
"$program" --data "$data" serve --clock 2024-12-25T00:00:00Z --listen 127.0.0.1:0 2> "$data/log" &
server=$!
trap 'kill $server; wait $server 2> /dev/null || true; rm -rf "$data"' EXIT
address=
for _ in $(seq 100); do
  address=$(sed -n 's/^waterlog listens on //p' "$data/log" 2> /dev/null || true)
  if [ -n "$address" ] && python3 -c 'import sys, urllib.request as u; u.urlopen(sys.argv[1] + "/readyz")' "$address" 2> /dev/null
  then break; fi
  sleep 0.1
done

asked=$(git describe --always --dirty --exclude '*')
for suite in features tiles; do
out=$WORK/out-waterlog-$suite
rm -rf "$out" && mkdir -p "$out"
"$CITE_RUN" $suite "$address/ogc" "$out" || [ $? -eq 1 ]
python3 - "$out/testng-results.xml" "$(cat "$WORK/ets-ogcapi-${suite}10/.built")" "$address" $suite \
  "$asked" > docs/cite-$suite.md <<'P'
import collections, datetime, re, sys
import xml.etree.ElementTree as ET

results, revision, address, suite, program = sys.argv[1:]
root = ET.parse(results).getroot()
total, passed, failed, skipped = (int(root.get(k)) for k in ('total', 'passed', 'failed', 'skipped'))


def reason(method):
    exception = method.find('exception')
    text = (exception.findtext('message') or exception.get('class')) if exception is not None else ''
    if 'depends on not successfully finished' in text:
        return 'it depends on a test that did not pass'
    return ' '.join(text.replace(address, '').split())[:300]


def subject(method):
    """the collection, path or box a test was run with"""
    found = []
    for value in method.iter('value'):
        text = ' '.join((value.text or '').split())
        known = re.match(r'\{.*?\bid=([^,}]+)', text) or re.match(r'BBox \[(.*)\]', text)
        found += [known.group(1)] if known else []
        found += [text] if re.fullmatch(r'-?[0-9.,-]+', text) else []
    return ' '.join(found)


told, classes = collections.defaultdict(list), collections.Counter()
for test in root.iter('test'):
    for group in test.iter('class'):
        for method in group.iter('test-method'):
            if method.get('is-config') and method.get('status') != 'FAIL':
                continue
            name = f"{test.get('name')}: {group.get('name').split('.')[-1]}.{method.get('name')}"
            if method.get('status') == 'PASS':
                classes[test.get('name')] += 1
            else:
                told[method.get('status')].append((name, subject(method), reason(method)))

print(f'# OGC API - {suite.capitalize()}: the result of the test suite of OGC\n')
print(f'{datetime.date.today()}, program at {program}, suite ets-ogcapi-{suite}10 at {revision[:7]}, data of `data/cite` (`make cite`).\n')
print('| total | passed | failed | skipped |\n|---|---|---|---|')
print(f'| {total} | {passed} | {failed} | {skipped} |\n')
print('Passed by class: ' + ', '.join(f'{name} {n}' for name, n in sorted(classes.items())) + '.')
if suite == 'features':
    print('Coordinate Reference Systems by Reference is Part 2. The suite sends no request with `datetime`: it looks for the')
    print('interval of a collection where the standard does not put it. `tests/it/ogc.rs` sends them.')
for status, title in (('FAIL', 'Failed'), ('SKIP', 'Skipped')):
    print(f'\n## {title}\n')
    if not told[status]:
        print('None.')
    by = collections.Counter((name, why) for name, _, why in told[status])
    for (name, why), n in sorted(by.items()):
        subjects = [s for m, s, w in told[status] if (m, w) == (name, why) and s]
        times = f' ({n} times)' if n > 1 else ''
        print(f"- {name}{times}: {why or 'no reason given'}" + (f" [{'; '.join(subjects)}]" if subjects else ''))
P
sed -n 1,8p docs/cite-$suite.md
done
for suite in features tiles; do grep -q '^| [0-9]* | [1-9][0-9]* | 0 |' docs/cite-$suite.md; done
