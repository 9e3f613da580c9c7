#!/usr/bin/env python3
"""Answers many worlds with one start of the referee.

usage: referee_driver.py REFEREE.py
A line in: the referee's arguments as a JSON list. A line out: its answer as JSON, or {"refused": why}.
"""
import contextlib, importlib.util, io, json, sys

spec = importlib.util.spec_from_file_location("referee", sys.argv[1])
referee = importlib.util.module_from_spec(spec)
spec.loader.exec_module(referee)
for line in sys.stdin:
    sys.argv[1:], out = json.loads(line), io.StringIO()
    try:
        with contextlib.redirect_stdout(out):
            referee.main()
        answer = json.loads(out.getvalue())
    except SystemExit as e:
        answer = {"refused": str(e)}
    except Exception as e:  # a value it could not read: on its own command line this ends in a traceback
        answer = {"refused": f"{type(e).__name__}: {e}"}
    print(json.dumps(answer, separators=(",", ":")), flush=True)
