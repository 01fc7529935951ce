#!/bin/sh
# Installs what the tests need and runs them all. One argument runs one part: lint, generated, core, rust, windows, apple, unity,
# browser, godot, cpp, package.
set -eu
cd "$(dirname "$0")/.."
# What is not in Rust tests one build of the library as it is by default and of the add-on for Godot: `build_all` of samples/setup.sh,
# of cargo's profile `dev`, whose dependencies are there by then.
export RENDERCAST_PROFILE=dev RENDERCAST_BUILD_ALL=1
. samples/setup.sh
setup_build
part=${1:-all}
wants() { [ "$part" = all ] || [ "$part" = "$1" ]; }
began=$(date +%s)
# begin WHAT: a part, and how long after the start it begins.
begin() { say "$1 ($(($(date +%s) - began)) s)"; }

# What the tests in Rust have on: traces are off until a host asks for them, and what C++ stands on is beside the rest.
tested="--workspace --features trace,cxx"

# The same tests either way; nextest, where it is installed, runs them in parallel processes: one more than there are cores, as many
# wait for each other's packets.
run_tests() {
    if command -v cargo-nextest >/dev/null; then cargo nextest run --locked --no-fail-fast -j $(($(getconf _NPROCESSORS_ONLN) + 1)) "$@"; else cargo test --locked --no-fail-fast "$@"; fi
}

if wants lint; then
    begin "format and lints"
    cargo fmt --all --check
    cargo fmt --manifest-path tests/generated/Cargo.toml --check
    # shellcheck disable=SC2086
    cargo clippy --locked --all-targets $tested -- -D warnings
    cargo clippy --locked --no-default-features --features webrtc -- -D warnings
    if command -v cargo-deny >/dev/null; then
        cargo deny check licenses bans sources
    else
        say "SKIPPED licences and sources: cargo-deny is not installed"
    fi
fi
if { wants core || wants rust; } && command -v dpkg-query >/dev/null; then
    # A TURN server, for the tests only: not the service that the package would start.
    if ! command -v turnserver >/dev/null; then
        install_packages coturn
        systemctl disable --now coturn 2>/dev/null || true
    fi
    # Vulkan and OpenGL on the CPU, headers for the Unity of the tests, and the layer that finds wrong use of Vulkan.
    install_packages mesa-vulkan-drivers vulkan-validationlayers libvulkan-dev libegl1 libegl-dev libgl1-mesa-dri libgl-dev libgles2
fi
if wants generated; then
    begin "what is generated is what its source says"
    run_tests --manifest-path tests/generated/Cargo.toml --target-dir target/generated
fi
if wants core; then
    begin "the pure core, without default features"
    run_tests --no-default-features
fi
if wants rust; then
    begin "everything, in Rust and through the C ABI"
    # shellcheck disable=SC2086
    run_tests $tested
fi
if wants windows; then
    # In a shell of its own: it uses another Rust.
    [ -z "${RENDERCAST_WINDOWS_RUST:-}" ] || install_packages mingw-w64 wine wine64 xvfb xauth
    tests/windows.sh
fi
if wants apple; then
    tests/apple.sh
fi
if wants unity; then
    begin "the Unity package in Mono"
    command -v dpkg-query >/dev/null && install_packages mono-devel
    build_all
    tests/unity-package/run.sh
fi
if wants browser; then
    begin "the library in a real browser"
    command -v node >/dev/null || install_packages nodejs npm
    [ -x "${RENDERCAST_CHROMIUM:-/usr/bin/chromium}" ] || install_packages chromium
    # Debian's; where it cannot be had, its tests say themselves that they are skipped.
    if [ -z "${RENDERCAST_FIREFOX:-}" ] && ! command -v firefox-esr >/dev/null && command -v dpkg-query >/dev/null; then
        apt-cache show firefox-esr >/dev/null 2>&1 && install_packages firefox-esr || say "SKIPPED Firefox: there is no package firefox-esr here"
    fi
    build_all
    build_host
    cc -std=c99 -O2 -Wall -Wextra -Iinclude -Isamples/c-host tests/browser/peer-host.c \
        samples/c-host/scene.c samples/c-host/canvas.c samples/c-host/tone.c samples/c-host/views.c -o "$built/peer-host" \
        -L"$built" -lrendercast -Wl,-rpath,'$ORIGIN' -lm -lpthread
    (cd tests/browser && [ -d node_modules/puppeteer-core ] || npm install --no-package-lock --no-audit --no-fund --silent)
    # A host that carries signaling itself.
    cc -std=c99 -O2 -Wall -Wextra -Iinclude -Isamples/c-host tests/browser/signal-host.c samples/c-host/scene.c \
        samples/c-host/canvas.c -o "$built/signal-host" -L"$built" -lrendercast -Wl,-rpath,'$ORIGIN' -lm -lpthread
    # The Python sample's tests say themselves that they are skipped where there is no pygame-ce.
    if [ -z "${RENDERCAST_PYTHON:-}" ] && { [ -x target/python/bin/python ] || python3 -m venv target/python; }; then
        target/python/bin/python -c 'import pygame' 2>/dev/null || target/python/bin/pip install --quiet pygame-ce || true
        export RENDERCAST_PYTHON="$PWD/target/python/bin/python"
    fi
    RENDERCAST_C_HOST=$built/c-host RENDERCAST_SIGNAL_HOST=$built/signal-host RENDERCAST_PEER_HOST=$built/peer-host RENDERCAST_URS_SERVER=$built/examples/urs-server \
        tests/node.sh tests/browser/*.test.mjs
    say "screenshots: target/test-artifacts/"
    begin "Chromium over a bad network: does it play, and is it measured"
    node --test tests/net/*.test.mjs
    tests/net.sh smoke
    begin "Chromium whose network changes"
    RENDERCAST_NET_BUILT=1 tests/net.sh moves
fi
if wants godot; then
    begin "the add-on in real Godot"
    tests/godot/run.sh
fi
if wants package; then
    begin "the release's artefacts"
    command -v npm >/dev/null || install_packages nodejs npm
    tests/package.sh
fi
if wants cpp; then
    begin "the C++ API, and what is installed for C and C++"
    command -v dpkg-query >/dev/null && install_packages cmake pkg-config
    build_all
    tests/cpp/run.sh
fi
begin "all passed"
