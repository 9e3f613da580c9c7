#!/usr/bin/env python3
"""Learns data/text/place_weights.tsv from tests/messages: which words of a message begin, continue or are no place.

    pip install python-crfsuite
    tools/place_weights.py               # writes the table
    tools/place_weights.py --leave-out   # each writer read by what was learnt from all others, to stdout
    tools/place_weights.py --score FILE  # what was learnt from all, on other answered messages

A linear-chain conditional random field (Lafferty, McCallum and Pereira 2001) over words; its features are those of
src/intake/text/boundary.rs, which reads the table. A word is a Chinese character, a run of Latin letters or a number.
"""
import collections
import glob
import json
import os
import re
import sys
import tempfile
import tomllib

import pycrfsuite

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
TEXT = os.path.join(ROOT, "data", "text")
WORD = re.compile(r"[a-z]+(?:'[a-z]+)?|[0-9]+(?:\.[0-9]+)?|.", re.S)
LONGEST_WORD_CHARS = 24
# Two sets of one writer are left out together.
SAME_WRITER = {"notices_3": "notices_2", "notices": "messages"}
# No weight is learnt of these: what is read of them tells what to expect of a new writer.
HELD_BACK = {"notices_22", "notices_36", "notices_40", "notices_41", "notices_60", "notices_61"}
# A weight below this says nothing.
LEAST_WEIGHT = 0.02


def simplified():
    table = {}
    for line in open(os.path.join(TEXT, "simplified.tsv")):
        cells = line.rstrip("\n").split("\t")
        if not line.startswith("#") and len(cells) > 1:
            table[cells[0][0]] = cells[1][0]
    return table


SIMPLIFIED = simplified()


def normal(c):
    """As src/intake/text/normal.rs; None for what nobody sees."""
    o = ord(c)
    if "A" <= c <= "Z":
        return c.lower()
    if c == "*":
        return "×"
    if 0x20 <= o <= 0x7E:
        return c
    if c == "\t" or o in (0xA0, 0x202F, 0x3000) or 0x2000 <= o <= 0x200A:
        return " "
    if o in (0xAD, 0xFEFF) or 0x200B <= o <= 0x200F or 0x202A <= o <= 0x202E or 0x2060 <= o <= 0x2069:
        return None
    if 0xFE00 <= o <= 0xFE0F:
        return None
    for these, one in (("‘’＇", "'"), ("–－―─", "-"), ("～〜", "~"), ("✕╳＊", "×"), ("【〔［", "("), ("】〕］", ")")):
        if c in these:
            return one
    if 0xFF01 <= o <= 0xFF5E:
        return normal(chr(o - 0xFEE0))
    return SIMPLIFIED.get(c, c)


def classes():
    """Word of the data files -> the lists that it is in."""
    found = {}

    def add(word, path):
        if 0 < len(word) <= LONGEST_WORD_CHARS:
            paths = found.setdefault(word, [])
            if path not in paths:
                paths.append(path)

    def walk(value, path):
        if isinstance(value, dict):
            if isinstance(value.get("name"), str):
                path += ":" + value["name"]
            for key, inner in value.items():
                if key != "parts":
                    walk(inner, path + ":" + key)
        elif isinstance(value, list):
            for inner in value:
                if isinstance(inner, str):
                    add(inner, path)
                else:
                    walk(inner, path)

    for name in ("places", "phrases", "categories", "times", "measures"):
        walk(tomllib.load(open(os.path.join(TEXT, name + ".toml"), "rb")), name)
    for line in open(os.path.join(TEXT, "divisions.tsv")):
        if not line.startswith("#"):
            for word in line.rstrip("\n").split("\t")[1:3]:
                add(word, "division")
    for line in open(os.path.join(TEXT, "cities_en.txt")):
        if not line.startswith("#"):
            add(line.strip().lower(), "city")
    return found


CLASSES = classes()


def kind(word, written):
    first = word[0]
    if first.isascii() and first.isdigit():
        return "digits" + str(min(len(word), 3))
    if first.isascii() and first.isalpha():
        if len(word) > 1 and all(c.isupper() for c in written if c.isascii() and c.isalpha()):
            return "capitals"
        return "capital" if written[0].isupper() else "small"
    if first in "一二三四五六七八九十两":
        return "number"
    if first in "东西南北":
        return "side"
    if first in ",;:!?。、…":
        return first
    if first.isspace():
        return "space"
    return "letter" if first.isalnum() else "point"


def shown(word):
    return {" ": "␣", "\n": "⏎", "\r": "⏎"}.get(word, word)


def read(text):
    """The words of a message, each (start, end) in it, and their features."""
    chars, at = [], []
    for i, c in enumerate(text):
        n = normal(c)
        if n is not None:
            chars.append(n)
            at.append(i)
    plain = "".join(chars)
    spans = [m.span() for m in WORD.finditer(plain)]
    words = [shown(plain[a:b]) for a, b in spans]
    kinds = [kind(plain[a:b], text[at[a] : at[b - 1] + 1]) for a, b in spans]
    n = len(spans)
    end = {b: i for i, (_, b) in enumerate(spans)}
    of_lists = [[] for _ in range(n)]
    for i, (a, _) in enumerate(spans):
        for length in range(min(LONGEST_WORD_CHARS, len(plain) - a), 0, -1):
            paths = CLASSES.get(plain[a : a + length])
            if paths and a + length in end:
                last = end[a + length]
                for path in paths:
                    of_lists[i].append("first\t" + path)
                    of_lists[last].append("last\t" + path)
                    for j in range(i + 1, last):
                        of_lists[j].append("inner\t" + path)
                break
    word = lambda i: words[i] if 0 <= i < n else "#"
    class_ = lambda i: kinds[i] if 0 <= i < n else "#"
    features = []
    for i in range(n):
        f = ["any\t\t0"]
        f += [f"word\t{word(i + d)}\t{d}" for d in range(-3, 4)]
        f += [f"pair\t{word(i + d)} {word(i + d + 1)}\t{d}" for d in range(-2, 2)]
        f.append(f"three\t{word(i - 1)} {word(i)} {word(i + 1)}\t0")
        f += [f"kind\t{class_(i + d)}\t{d}" for d in range(-2, 3)]
        f.append(f"kinds\t{class_(i - 1)} {class_(i)} {class_(i + 1)}\t0")
        for d in range(-2, 3):
            if 0 <= i + d < n:
                f += [f"{label}\t{d}" for label in of_lists[i + d]]
        features.append(f)
    original = [(at[a], at[b - 1] + 1) for a, b in spans]
    return original, features


def answers(path):
    """(text, words, features, labels, places) of each message."""
    found = []
    for line in open(path):
        message = json.loads(line)
        text = message["text"]
        places = list(dict.fromkeys(m["place_text"] for m in message["matters"] if m["place_text"]))
        words, features = read(text)
        used = []
        for place in sorted(places, key=len, reverse=True):
            i = text.find(place)
            while i >= 0 and any(i < b and a < i + len(place) for a, b in used):
                i = text.find(place, i + 1)
            if i >= 0:
                used.append((i, i + len(place)))
        labels = ["O"] * len(words)
        for a, b in used:
            inside = [i for i, (s, e) in enumerate(words) if s < b and a < e]
            for j, i in enumerate(inside):
                labels[i] = "I" if j else "B"
        found.append((text, words, features, labels, places))
    return found


def learn(messages):
    trainer = pycrfsuite.Trainer(verbose=False)
    for _, words, features, labels, _ in messages:
        if words:
            trainer.append(features, labels)
    trainer.set_params({"c1": 0.05, "c2": 0.5, "max_iterations": 100, "feature.minfreq": 2})
    with tempfile.NamedTemporaryFile() as file:
        trainer.train(file.name)
        tagger = pycrfsuite.Tagger()
        tagger.open(file.name)
        tagger.tag([["any\t\t0"]])
        return tagger, tagger.info()


def places_of(tagger, message):
    text, words, features, _, _ = message
    if not words:
        return []
    found, start = [], None
    for i, label in enumerate(tagger.tag(features) + ["O"]):
        if label != "I" and start is not None:
            found.append(text[words[start][0] : words[i - 1][1]])
            start = None
        if label != "O" and start is None:
            start = i
    return list(dict.fromkeys(found))


def scored(tagger, messages):
    right = read_ = said = 0
    for message in messages:
        found, places = set(places_of(tagger, message)), set(message[4])
        right, read_, said = right + len(found & places), read_ + len(found), said + len(places)
    return right, read_, said


def told(name, right, read_, said):
    print(f"{name:12} precision {100 * right / max(read_, 1):.1f} recall {100 * right / max(said, 1):.1f} of {said}", flush=True)


def write(info):
    rows = collections.defaultdict(lambda: [0, 0, 0])
    for (a, b), weight in info.transitions.items():
        rows[("then", a + b, "0")][0] = weight
    for (feature, label), weight in info.state_features.items():
        if abs(weight) >= LEAST_WEIGHT:
            rows[tuple(feature.split("\t"))]["BIO".index(label)] = weight
    with open(os.path.join(TEXT, "place_weights.tsv"), "w") as out:
        out.write(
            "# Learnt by tools/place_weights.py from tests/messages: what a word, two, three, their kind or a list of these files\n"
            "# that they stand in weighs for a word that many words before it: that a place begins, goes on, or is none there,\n"
            "# in hundredths. Words as the rules have them; ␣ is a space, ⏎ a new line, # what is beyond the text.\n"
        )
        for key in sorted(rows):
            weights = [round(100 * w) for w in rows[key]]
            if any(weights):
                out.write("\t".join(key) + "\t" + "\t".join(map(str, weights)) + "\n")


def main():
    names = sorted(os.path.basename(f)[:-7] for f in glob.glob(os.path.join(ROOT, "tests/messages/*.ndjson")))
    sets = {name: answers(os.path.join(ROOT, "tests/messages", name + ".ndjson")) for name in names if name not in HELD_BACK}
    writer = lambda name: SAME_WRITER.get(name, name)
    if "--leave-out" in sys.argv:
        only = sys.argv[sys.argv.index("--leave-out") + 1 :]
        total = [0, 0, 0]
        for name, messages in sets.items():
            if only and name not in only:
                continue
            tagger, _ = learn([m for other, all_ in sets.items() if writer(other) != writer(name) for m in all_])
            score = scored(tagger, messages)
            told(name, *score)
            total = [a + b for a, b in zip(total, score)]
        told("all", *total)
        return
    tagger, info = learn([m for all_ in sets.values() for m in all_])
    if "--score" in sys.argv:
        for path in sys.argv[sys.argv.index("--score") + 1 :]:
            told(os.path.basename(path), *scored(tagger, answers(path)))
        return
    write(info)


if __name__ == "__main__":
    main()
