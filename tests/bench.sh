#!/bin/sh
# Measures. tests/bench.sh [NAME...] [--json FILE]; names: machine push convert graphics unity encode viewers
# fifty leaks slow-link (root) input-cost input-load takeover sessions transport-sim browser input outage godot. None: all of them.
# Direct3D: tests/windows.sh bench.
# RENDERCAST_BENCH_ROUNDS: connections that `leaks` opens and closes, 200 unless told. RENDERCAST_BENCH_CLICKS: clicks of `browser` for
# each protocol, 8 unless told; RENDERCAST_BENCH_ONLY=protocols leaves out all else of it. RENDERCAST_BENCH_OUTAGE_SECONDS: for how long
# the signaling server of `outage` is down, 60 unless told.
set -eu
cd "$(dirname "$0")/.."
. samples/setup.sh
names= json=
while [ $# -gt 0 ]; do
    case $1 in
        --json) json=$2; shift 2 ;;
        --help) sed -n 2,7p "$0"; exit 0 ;;
        *) names="$names $1"; shift ;;
    esac
done
. tests/net/setup.sh
export RENDERCAST_C_HOST="$PWD/target/release/c-host"
rust= browser= unity= input= outage= godot=
for name in ${names:-machine push convert graphics unity encode viewers fifty leaks slow-link input-cost input-load takeover sessions transport-sim browser input outage godot}; do
    case $name in
        browser) browser=1 ;;
        input) input=1 ;;
        outage) outage=1 ;;
        godot) godot=1 ;;
        unity) unity=1 ;;
        *) rust="$rust $name" ;;
    esac
done
tmp=$(mktemp -d)
first_pid=
trap 'rm -rf "$tmp"; [ -z "$first_pid" ] || kill "$first_pid" 2>/dev/null || true' EXIT
trap 'exit 130' INT TERM
# executable CARGO...: builds, and says where the program is. Run by its path, since cargo would make it anew once the library's
# own build has replaced the other one.
executable() {
    path=$(cargo "$@" --locked --no-run 2>&1 | tee /dev/stderr | sed -n 's/^ *Executable .*(\(.*\))$/\1/p')
    [ -n "$path" ] && echo "$path"
}
[ -z "$rust" ] || harness=$(executable bench --bench bench)
[ -z "$unity" ] || unity_host=$(executable test --release --test unity)
[ -z "$browser$outage" ] || cargo build --locked --release --example urs-server
# Last: those have made a library too, which is not optimized at link time.
build_net
build_host
if [ -n "$rust" ]; then
    # shellcheck disable=SC2086
    run_first "$harness" $rust --json "$tmp/rust.json"
fi
if [ -n "$unity" ]; then
    RENDERCAST_BENCH_JSON="$tmp/unity.json" "$unity_host" --ignored --nocapture render_thread
fi
if [ -n "$browser$input$outage$godot" ]; then
    command -v node >/dev/null || install_packages nodejs npm
    [ -x "${RENDERCAST_CHROMIUM:-/usr/bin/chromium}" ] || install_packages chromium
    (cd tests/browser && [ -d node_modules/puppeteer-core ] || npm install --no-package-lock --no-audit --no-fund --silent)
    cc -std=c99 -O2 -Wall -Wextra -Iinclude tests/bench/input_host.c -o "$built/input-host" \
        -L"$built" -lrendercast -Wl,-rpath,'$ORIGIN'
    export RENDERCAST_INPUT_HOST="$built/input-host"
    export RENDERCAST_URS_SERVER=target/release/examples/urs-server
    [ -z "$browser" ] || node tests/bench/browser.mjs --json "$tmp/browser.json"
    [ -z "$input" ] || node tests/bench/input.mjs --json "$tmp/input.json"
    [ -z "$outage" ] || node tests/bench/outage.mjs --json "$tmp/outage.json"
    if [ -n "$godot" ]; then
        RENDERCAST_GODOT=${RENDERCAST_GODOT:-$(command -v godot || true)}
        export RENDERCAST_GODOT
        [ -z "$RENDERCAST_GODOT" ] || bindings/godot/build.sh --release
        node tests/bench/godot.mjs --json "$tmp/godot.json"
    fi
fi
if [ -n "$json" ]; then
    node -e 'const fs=require("fs");console.log(JSON.stringify(process.argv.slice(1).filter(f=>fs.existsSync(f)).flatMap(f=>JSON.parse(fs.readFileSync(f))),null,1))' \
        "$tmp/rust.json" "$tmp/unity.json" "$tmp/browser.json" "$tmp/input.json" "$tmp/outage.json" "$tmp/godot.json" > "$json"
fi
