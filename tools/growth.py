#!/usr/bin/env python3
"""Draws how the cost of the fold grows with the number of reports, from what benches/fold.rs prints.

usage: tools/growth.py LOG SVG
"""
import re
import sys

import matplotlib

matplotlib.use('svg')
matplotlib.rcParams['svg.hashsalt'] = 'growth'
import matplotlib.pyplot as plt

FOLD = re.compile(r'^fold (\d+) reports: .* runs ([\d.]+) CPU s .*; map (\d+) MB')
TOP = re.compile(r'^ *time of the processor: p50 ([\d.]+) µs, p99 ([\d.]+) µs')


def read(path):
    """Of each size: reports, seconds of the fold, MB, and µs (median, p99) of one more report."""
    rows = []
    for line in open(path, encoding='utf-8'):
        if found := FOLD.match(line):
            rows.append([int(found[1]), float(found[2]), float(found[3])])
        elif found := TOP.match(line):
            rows[-1] += [float(found[1]), float(found[2])]
    return rows


def main():
    log, svg = sys.argv[1:]
    n, seconds, megabytes, median, p99 = zip(*read(log))
    figure, panels = plt.subplots(1, 3, figsize=(10, 3.2), layout='constrained')
    each = [s / k * 1e6 for s, k in zip(seconds, n)]
    curves = [
        ('all at once, µs of the processor per report', [('', each)]),
        ('one more report, µs of the processor', [('p99', p99), ('median', median)]),
        ('memory of the map, bytes per report', [('', [1e6 * m / k for m, k in zip(megabytes, n)])]),
    ]
    for panel, (title, lines) in zip(panels, curves):
        for name, values in lines:
            panel.plot(n, values, marker='o', label=name)
        panel.set(xscale='log', xlabel='reports', ylim=(0, None), title=title)
        panel.title.set_fontsize(9)
        panel.grid(alpha=0.3)
        if len(lines) > 1:
            panel.legend()
    figure.savefig(svg, metadata={'Date': None})


if __name__ == '__main__':
    main()
