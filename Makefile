# `make` alone lists what there is. Needs Rust, a C compiler and make; everything made lies in target/.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo web test soak bench growth bench-peers cite clients place-weights tools

# The referee and the common load, beside the clone; tests that need them say so when they are not there.
export WATERLOG_SHARED ?= $(abspath ../shared)
VENV := target/referee-venv
CLIENTS := target/clients-venv
SOAK := docs/soak.md
MACHINE = $$(nproc) cores, $$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1), $$(uname -sm)

# Where this processor has fused multiply-add (Intel and AMD from 2013 on), so may what make builds for speed; a plain
# `cargo build --release` runs on every processor.
HERE := $(if $(shell grep -wom1 avx2 /proc/cpuinfo 2>/dev/null),$(if $(filter x86_64,$(shell uname -m)),-C target-cpu=x86-64-v3))
RELEASE = RUSTFLAGS="$(strip $(RUSTFLAGS) $(HERE))"

help: ## lists these lines
	@sed -n 's/^\([a-z-]*\):.*## /make \1\t/p' $(MAKEFILE_LIST) | expand -t 18

# What the pages are built from.
PAGES := $(shell find web -type f -not -path 'web/node_modules/*' -not -path 'web/dist/*' -not -path 'web/tests/*')
NODE_AT_LEAST := 20.19
# Distributions have older ones: then one comes from npm, into target/, for the pages and their tests.
NODE_IS_NEW := $(shell node -e 'const [a, b] = process.versions.node.split("."), [c, d] = "$(NODE_AT_LEAST)".split("."); if (+a > +c || (+a == +c && +b >= +d)) console.log("yes")' 2>/dev/null)
NODE := $(if $(NODE_IS_NEW),,target/node/ready)
export PATH := $(if $(NODE_IS_NEW),,$(abspath target/node/node_modules/.bin):)$(PATH)

# Without Node everything works but the page at /, which then says how to build it.
demo: $(if $(shell command -v npm),web) ## imports a real city, or a synthetic one (CITY=town), prints its worst hotspots and serves the map on 127.0.0.1:8080
	$(RELEASE) cargo build --release --locked
	target/release/waterlog demo $(if $(CITY),--city $(CITY))

web: web/dist/index.html ## builds the pages, which the program then carries (needs npm, and fetches a newer Node where it has to)

web/dist/index.html: $(PAGES) web/node_modules/ready
	cd web && npm run build

target/node/ready:
	npm install --no-audit --no-fund --prefix target/node node@22 npm@11
	@touch $@

web/node_modules/ready: web/package.json web/package-lock.json | $(NODE)
	cd web && npm ci --no-audit --no-fund
	@touch $@

test: tools $(VENV)/ready $(CLIENTS)/ready web ## format, lints, documentation, every test, the referee, clients, and the pages in a browser
	cd web && npm run check
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	RUSTDOCFLAGS='-D warnings' cargo doc --locked --no-deps
	cargo test --locked
	cd web && npm test

soak: tools $(VENV)/ready $(CLIENTS)/ready ## many more random worlds and histories; appends the outcome to docs/soak.md
	@mkdir -p $(dir $(SOAK))
	export WATERLOG_WORLDS=$${WATERLOG_WORLDS:-20000} WATERLOG_SEED=$${WATERLOG_SEED:-$$(date +%s)}; \
	export WATERLOG_CITIES=$${WATERLOG_CITIES:-200} WATERLOG_RANDOM_CITIES=$${WATERLOG_RANDOM_CITIES:-2000}; \
	export WATERLOG_HISTORIES=$${WATERLOG_HISTORIES:-2000} WATERLOG_STEPS=$${WATERLOG_STEPS:-2000} WATERLOG_URLS=$${WATERLOG_URLS:-30000}; \
	settings="WATERLOG_WORLDS=$$WATERLOG_WORLDS WATERLOG_SEED=$$WATERLOG_SEED WATERLOG_HISTORIES=$$WATERLOG_HISTORIES WATERLOG_STEPS=$$WATERLOG_STEPS WATERLOG_CITIES=$$WATERLOG_CITIES WATERLOG_RANDOM_CITIES=$$WATERLOG_RANDOM_CITIES WATERLOG_URLS=$$WATERLOG_URLS"; \
	$(RELEASE) cargo test --locked --release --test it -- --nocapture 2>&1 | tee target/soak.log; \
	{ echo "## $$(date -u +%F) at $$(git describe --always --dirty)"; echo "$(MACHINE)"; \
	  echo "\`$$settings make soak\`"; echo '```'; grep -E '^(referee|histories|planted|chance|fuzzed|test result)' target/soak.log; echo '```'; } >> $(SOAK)

bench: target/load/ready ## speed on the common load of 1 M reports, with 200 live readers, at the desk and with too many callers; fails where a figure is over twice its committed ratio
	@echo '$(MACHINE); $(RELEASE) WATERLOG_LOAD=target/load cargo bench'
	$(RELEASE) WATERLOG_LOAD=$(abspath target/load) cargo bench --locked --no-fail-fast

growth: target/load/ready ## how cost grows from ten thousand to ten million reports (12 GB of memory); draws docs/growth.svg
	target/load-venv/bin/pip install --quiet matplotlib
	[ -f target/load/pts_10000000.t.i64 ] || target/load-venv/bin/python $(WATERLOG_SHARED)/peers/cluster/gen.py target/load 10000 10000000
	$(RELEASE) WATERLOG_LOAD=$(abspath target/load) WATERLOG_SIZES=10000,100000,1000000,10000000 \
		cargo bench --locked --bench fold | tee target/growth.log
	target/load-venv/bin/python tools/growth.py target/growth.log docs/growth.svg

bench-peers: ## sets rival programs up in target/peers and measures both in one run of an hour; writes docs/peers.md (Debian 12, root)
	@[ -d "$(WATERLOG_SHARED)/peers" ] || { echo 'WATERLOG_SHARED has no peers/: the loads, and the scripts that set the peers up' >&2; exit 2; }
	$(RELEASE) cargo build --release --locked
	$(RELEASE) cargo bench --no-run --quiet --locked --bench fold
	$(RELEASE) tools/bench_peers.py

cite: ## runs OGC's own test suites; CITE_RUN names the program that does; writes docs/cite-features.md and cite-tiles.md
	$(RELEASE) cargo build --release --locked
	tools/cite.sh

clients: ## QGIS without a screen, installed by apt where it is missing (about 1 GB), asks the demo city; writes docs/clients.md
	@/usr/bin/python3 -c 'import qgis.core' 2>/dev/null || { run=(); ((EUID == 0)) || run=(sudo); \
	"$${run[@]}" apt-get update -q && "$${run[@]}" apt-get install -qy --no-install-recommends python3-qgis qgis-providers; }
	$(RELEASE) cargo build --release --locked
	tools/clients.sh

place-weights: ## learns data/text/place_weights.tsv from tests/messages, a minute; with LEAVE_OUT=--leave-out it tells how each writer is read by all others instead, a quarter of an hour
	[ -x target/words-venv/bin/python ] || python3 -m venv target/words-venv
	target/words-venv/bin/pip install --quiet python-crfsuite
	target/words-venv/bin/python tools/place_weights.py $(LEAVE_OUT)

# What a bare machine lacks, by apt; nothing is touched where everything is there.
tools:
	@need=(); \
	command -v cc >/dev/null || need+=(build-essential); \
	python3 -c 'import ensurepip, venv' 2>/dev/null || need+=(python3-venv); \
	command -v npm >/dev/null || need+=(nodejs npm); \
	command -v curl >/dev/null || need+=(curl); \
	command -v ogr2ogr >/dev/null || need+=(gdal-bin); \
	/usr/bin/python3 -c 'import osgeo_utils' 2>/dev/null || need+=(python3-gdal); \
	command -v chromium >/dev/null || [[ -n "$${CHROMIUM:-}" ]] || need+=(chromium); \
	[[ -n "$$(fc-list :lang=zh 2>/dev/null)" ]] || need+=(fontconfig fonts-noto-cjk); \
	if ((!$${#need[@]})); then exit 0; fi; \
	run=(); ((EUID == 0)) || run=(sudo); \
	"$${run[@]}" apt-get update -q && "$${run[@]}" apt-get install -qy "$${need[@]}"

# A Python for the referee and the references of the analyses; made anew when they need something else.
$(VENV)/ready: tests/reference/requirements.txt
	python3 -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet -r $<
	@touch $@

# Another for programs that ask the service as others would.
$(CLIENTS)/ready: tests/clients/requirements.txt
	python3 -m venv $(CLIENTS)
	$(CLIENTS)/bin/python -m pip install --quiet -r $<
	@touch $@

target/load/ready: $(WATERLOG_SHARED)/peers/cluster/gen.py
	python3 -m venv target/load-venv
	target/load-venv/bin/pip install --quiet numpy
	@mkdir -p target/load
	target/load-venv/bin/python $< target/load 100000 1000000
	@touch $@
