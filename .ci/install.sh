#!/usr/bin/env bash
# Installs what the tests need, through Debian's packages when root; else says exactly what to do.
#   install.sh system            compilers, Python, Chromium
#   install.sh cargo-deny        builds it into the cache folder, prints its path
#   install.sh cargo-mutants     the same for cargo-mutants
#   install.sh cargo-fuzz        builds it into the cache folder, prints its path
#   install.sh clang             for the fuzzer
#   install.sh venv NAME FILE    a Python environment with the pinned packages of FILE, prints its path
#   install.sh npm NAME VERSION  one package of npm with what it needs, prints the folder
#   install.sh lab               what the network lab needs besides: ip, tc, ss, nft, curl
source "$(dirname "$0")/lib.sh"

DENY_VERSION=0.20.2
MUTANTS_VERSION=27.1.0
FUZZ_VERSION=0.13.2

# What is missing, as Debian packages. Needed: nothing builds without. Wanted: a suite is skipped.
needed=()
wanted=()
look() {
    have cc || needed+=(build-essential)
    have nasm || needed+=(nasm) # without it libjpeg-turbo would silently be slow C
    have git || needed+=(git)
    have python3 || needed+=(python3)
    python3 -c 'import ensurepip, venv' 2>/dev/null || needed+=(python3-venv)
    have strace || wanted+=(strace)
    have curl || wanted+=(curl)
    have chromium || have chromium-browser || have google-chrome || wanted+=(chromium)
}

# The lab's own needs, asked for only where it can run.
look_for_lab() {
    have ip && have tc && have ss || needed+=(iproute2)
    have nft || needed+=(nftables)
    have curl || needed+=(curl)
}

lab() {
    look_for_lab
    [ ${#needed[@]} -eq 0 ] && return
    have apt-get || fail "missing: ${needed[*]}"
    say "installing: ${needed[*]}"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q
    apt-get install -y -q --no-install-recommends "${needed[@]}"
    needed=()
    look_for_lab
    [ ${#needed[@]} -eq 0 ] || fail "still missing after apt-get: ${needed[*]}"
}

system() {
    if ! have cargo; then
        fail "no cargo. Install rustup (a Rust toolchain manager), open a new shell, run again:" \
            "rust-toolchain.toml then brings the right toolchain by itself."
    fi
    # The first call installs the toolchain of rust-toolchain.toml, with clippy and rustfmt.
    cargo --version
    cargo clippy --version
    cargo fmt --version

    look
    local all=("${needed[@]}" "${wanted[@]}")
    if [ ${#all[@]} -eq 0 ]; then
        say "everything that the tests need is here"
        return
    fi
    if [ "$(id -u)" -eq 0 ] && have apt-get; then
        say "installing: ${all[*]}"
        export DEBIAN_FRONTEND=noninteractive
        apt-get update -q
        apt-get install -y -q --no-install-recommends "${all[@]}"
        needed=() wanted=()
        look
        all=("${needed[@]}" "${wanted[@]}")
        [ ${#all[@]} -eq 0 ] || fail "still missing after apt-get: ${all[*]}"
        return
    fi
    say "missing, install with: sudo apt-get install ${all[*]}"
    if [ ${#needed[@]} -gt 0 ]; then
        fail "cannot build without: ${needed[*]}"
    fi
    skip "suites that need ${wanted[*]} will be skipped"
}

# One builder at a time for two runs on one machine.
locked() {
    mkdir -p "$TOOLS"
    exec 9>"$TOOLS/.lock"
    flock 9
}

# A tool of cargo's, by name and version.
cargo_tool() {
    local name=$1 version=$2 home=$TOOLS/$1-$2
    if [ ! -x "$home/$name" ]; then
        locked
    fi
    if [ ! -x "$home/$name" ]; then
        local part=$TOOLS/.part-$name
        rm -rf "$part"
        say "building $name $version, about two minutes, once" >&2
        # Unoptimised: it is quick enough, and builds several times faster.
        CARGO_PROFILE_DEV_DEBUG=0 CARGO_TARGET_DIR=$part/target \
            cargo install --quiet --locked --profile dev --root "$part" --no-track \
            --version "=$version" "$name" >&2
        mkdir -p "$home"
        mv "$part/bin/$name" "$home/$name"
        rm -rf "$part"
    fi
    say "$home/$name"
}

# For `make fuzz` and `make asan`: it shows the fuzzer which lines of C were reached.
clang() {
    have clang++ && return
    if [ "$(id -u)" -eq 0 ] && have apt-get; then
        export DEBIAN_FRONTEND=noninteractive
        apt-get update -q >&2
        apt-get install -y -q --no-install-recommends clang >&2
    else
        say "missing, install with: sudo apt-get install clang" >&2
    fi
}

# The name carries a hash of the pins, so that a changed pin is another environment.
venv() {
    local name=$1 pins=$2 home
    home=$TOOLS/$name-$(sha256sum "$pins" | cut -c1-12)
    if [ ! -e "$home/complete" ]; then
        locked
    fi
    if [ ! -e "$home/complete" ]; then
        rm -rf "$home"
        say "making the Python environment '$name', once" >&2
        python3 -m venv "$home" >&2
        "$home/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: -r "$pins" >&2
        touch "$home/complete"
    fi
    say "$home"
}

npm_package() {
    local name=$1 version=$2 home=$TOOLS/npm-$1-$2
    if [ ! -e "$home/complete" ]; then
        locked
    fi
    if [ ! -e "$home/complete" ]; then
        rm -rf "$home"
        mkdir -p "$home"
        say "fetching $name $version from npm, once" >&2
        # No scripts of strangers: what is taken is plain JavaScript.
        npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$home" "$name@$version" >&2
        touch "$home/complete"
    fi
    say "$home"
}

case "${1:-system}" in
system) system ;;
cargo-deny) cargo_tool cargo-deny "$DENY_VERSION" ;;
cargo-mutants) cargo_tool cargo-mutants "$MUTANTS_VERSION" ;;
venv) venv "$2" "$3" ;;
npm) npm_package "$2" "$3" ;;
lab) lab ;;
cargo-fuzz) cargo_tool cargo-fuzz "$FUZZ_VERSION" ;;
clang) clang ;;
*) fail "usage: install.sh [system | cargo-deny | cargo-mutants | cargo-fuzz | clang | venv NAME FILE | npm NAME VERSION | lab]" ;;
esac
