# Everything a person runs. `make help` lists it; the work itself is in Cargo and in .ci/.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help demo build test test-unit test-e2e sim sim-mutants cargo-mutants nth kill-test fleet lab lab-quick \
	lint fmt tree deny advisories notices schemathesis python console-shot fixtures odd-pictures fuzz asan \
	bench-core bench-photo tools clean-tools

# One profile and one set of features for tests and demo, so that nothing compiles twice.
WHOLE := --workspace --all-features --locked

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z][a-z0-9-]*:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## two phones, bad networks, a kill: three tracking ids (PHOTOS=folder, KEEP=1)
	@PHOTOS="$(PHOTOS)" KEEP="$(KEEP)" .ci/demo.sh

build: ## build the command line, the sandbox and every test once
	cargo build $(WHOLE) --all-targets

test: ## install what tests need, run everything, end with one line a suite
	@.ci/test.sh

test-unit: ## every Rust test but the stories over real processes
	cargo test $(WHOLE) --exclude lapor-e2e

test-e2e: build ## stories over real processes: kills, cuts, portals, full disks
	LAPOR_BIN_DIR="$${CARGO_TARGET_DIR:-$(CURDIR)/target}/debug" cargo test -p lapor-e2e --all-features --locked

lint: ## formatting and clippy, warnings are errors
	cargo fmt --all --check
	cargo clippy $(WHOLE) --all-targets -- -D warnings

fmt: ## format the code
	cargo fmt --all

tree: ## what must not be in the repository: large files, machine paths, secrets, GPL
	@.ci/tree.sh

deny: ## dependency policy: licences, duplicate versions, bans, sources
	@.ci/deny.sh

advisories: ## known weaknesses of dependencies (fetches the RustSec database)
	@.ci/deny.sh --advisories

notices: ## target/notices.txt: the licences of what ships in an app
	@.ci/notices.py

lab: ## lines of all kinds in network namespaces, as root, 15 minutes (ONLY=N0,N4 LONG=1 STRICT=1 SEED=x)
	@cargo build --release -q -p lapor-cli -p lapor-sandbox -p lapor-lab --features lapor-cli/qa --locked
	@LAPOR_BIN_DIR="$${CARGO_TARGET_DIR:-$(CURDIR)/target}/release" .ci/lab.sh $(if $(ONLY),--only $(ONLY)) $(if $(LONG),--long) $(if $(STRICT),--strict) $(if $(SEED),--seed $(SEED))

lab-quick: build ## N0, N2, certificates and cuts, about a minute
	@.ci/lab.sh quick

.PHONY: lab lab-quick

sim: ## nothing lost, nothing twice: worlds by dice (SEEDS=n; SEED=x replays one; STEPS=n)
	MIMALLOC_PURGE_DELAY=-1 cargo run -q --profile sim -p lapor-sim --locked -- --steps $(or $(STEPS),200) \
		$(if $(SEED),--seed $(SEED) $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(SKIP),--skip $(SKIP)) $(if $(SPARE),--spare $(SPARE)),--seeds $(or $(SEEDS),1000))

sim-mutants: ## does the simulator find bugs? faults on purpose, one by one (NAMES=..; SEEDS=n)
	MIMALLOC_PURGE_DELAY=-1 cargo run -q --profile sim -p lapor-mutants --locked -- $(NAMES) $(if $(SEEDS),--seeds $(SEEDS))

cargo-mutants: ## changes made by a program in the rules: which does no test notice? (PACKAGE=lapor-engine; JOBS=2)
	@JOBS="$(JOBS)" .ci/cargo-mutants.sh $(PACKAGE)

.PHONY: kill-test
kill-test: ## SIGKILL of real processes at random moments, nothing lost or twice (N=10000; SEED=x)
	cargo build -q --profile sim -p lapor-cli -p lapor-sandbox -p lapor-e2e --all-features --locked
	"$${CARGO_TARGET_DIR:-$(CURDIR)/target}/sim/lapor-kill-test" --kills $(or $(N),10000) $(if $(SEED),--seed $(SEED))

.PHONY: fleet
fleet: ## 10,000 and 100,000 phones after an outage, against two peers; plots in target/fleet (SEED=x)
	cargo run -q --profile sim -p lapor-fleet --locked -- $(if $(SEED),--seed $(SEED)) --plots "$${CARGO_TARGET_DIR:-$(CURDIR)/target}/fleet"

nth: ## every disk operation fails, or is the last (STORY=sync; POINT=freeze:12:3 SEED=n replays one)
	cargo run -q -p lapor-sim-nth --locked --profile sim -- $(if $(STORY),--story $(STORY)) \
		$(if $(POINT),--point $(POINT)) $(if $(PAGE),--page $(PAGE)) $(if $(SEED),--seed $(SEED))

schemathesis: build ## generated requests against the sandbox, judged by the contract
	@.ci/schemathesis.sh

python: build ## the bindings' stories and suite: Python over the real core and sandbox
	@bindings/python/run_story.sh

console-shot: build ## target/console.png: the sandbox's console in headless Chromium
	@.ci/console-shot.sh

odd-pictures: ## the odd JPEG and PNG files of Pillow's own tests, by the whole way (fetches them)
	@.ci/odd-pictures.sh

fuzz: ## pictures against made-up bytes, under AddressSanitizer (SECONDS=60 for each target, TARGETS="jpeg png")
	@FUZZ_SECONDS="$(or $(SECONDS),60)" .ci/fuzz.sh run $(TARGETS)

asan: ## bad pictures through the C of the JPEG library under AddressSanitizer, which must see a planted fault
	@.ci/fuzz.sh asan

fixtures: ## camera-sized photos with EXIF, place and thumbnail into target/fixtures
	@.ci/fixtures.sh

bench-core: ## figures of the core in the shipped profile, a line each (needs strace)
	@.ci/bench-core.sh

bench-photo: ## photos beside sharp, libvips and image: time, look, memory (PHOTOS=folder, BENCH_CHECK=1; needs node)
	@PHOTOS="$(PHOTOS)" .ci/bench-photo.sh

tools: ## install what tests need (as root), or say what is missing
	@.ci/install.sh system

clean-tools: ## remove the cached tools (cargo-deny, Python environments)
	rm -rf "$${XDG_CACHE_HOME:-$$HOME/.cache}/lapor-tools"
