#!/bin/sh
# Measures. tests/bench.sh [NAME...] [--json FILE]; names: push convert encode viewers leaks browser. None: all of them.
set -eu
cd "$(dirname "$0")/.."
. samples/setup.sh
setup_build
cargo build --release --locked
build_host release
export RENDERCAST_C_HOST="$PWD/target/release/c-host"
names= json=
while [ $# -gt 0 ]; do
    case $1 in
        --json) json=$2; shift 2 ;;
        --help) sed -n 2p "$0"; exit 0 ;;
        *) names="$names $1"; shift ;;
    esac
done
rust= browser=
for name in ${names:-push convert encode viewers leaks browser}; do
    if [ "$name" = browser ]; then browser=1; else rust="$rust $name"; fi
done
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
# shellcheck disable=SC2086
[ -z "$rust" ] || cargo bench --locked --bench bench -- $rust --json "$tmp/rust.json"
if [ -n "$browser" ]; then
    command -v node >/dev/null || install_packages nodejs npm
    [ -x "${RENDERCAST_CHROMIUM:-/usr/bin/chromium}" ] || install_packages chromium
    cargo build --locked --release --example urs-server
    (cd tests/browser && [ -d node_modules/puppeteer-core ] || npm install --no-package-lock --no-audit --no-fund --silent)
    RENDERCAST_URS_SERVER=target/release/examples/urs-server node tests/bench/browser.mjs --json "$tmp/browser.json"
fi
if [ -n "$json" ]; then
    node -e 'const fs=require("fs");console.log(JSON.stringify(process.argv.slice(1).filter(f=>fs.existsSync(f)).flatMap(f=>JSON.parse(fs.readFileSync(f))),null,1))' \
        "$tmp/rust.json" "$tmp/browser.json" > "$json"
fi
