#!/bin/sh
# Checks that the core compiles for a Mac, Metal included: types and lifetimes, nothing is linked or run. Without FFmpeg and
# without the network, whose C and C++ want a compiler for that system.
# RENDERCAST_WINDOWS_RUST names a folder with a Rust that has the standard library's source; its file `env` sets it up.
set -eu
cd "$(dirname "$0")/.."
. samples/setup.sh

if [ -z "${RENDERCAST_WINDOWS_RUST:-}" ] || [ ! -f "$RENDERCAST_WINDOWS_RUST/env" ]; then
    say "SKIPPED the check for macOS: RENDERCAST_WINDOWS_RUST names no folder with a Rust for it"
    exit 0
fi
. "$RENDERCAST_WINDOWS_RUST/env"
CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}/apple
export CARGO_TARGET_DIR
say "checking for aarch64-apple-darwin"
"$XCARGO" check --locked --target aarch64-apple-darwin -Zbuild-std=std,panic_abort --no-default-features --features graphics
