#!/bin/sh
# Runs the add-on in real Godot: tests/godot/run.sh [FILE...]. RENDERCAST_GODOT names Godot's executable, otherwise `godot` is looked
# for. Without Godot this is skipped, loudly.
set -eu
cd "$(dirname "$0")/../.."
export RENDERCAST_PROFILE=${RENDERCAST_PROFILE:-dev} RENDERCAST_BUILD_ALL=1
. samples/setup.sh
godot=${RENDERCAST_GODOT:-$(command -v godot || true)}
if [ -z "$godot" ]; then
    say "SKIPPED the add-on in Godot: install Godot 4.4 or newer, or name its executable in RENDERCAST_GODOT"
    exit 0
fi
export RENDERCAST_GODOT="$godot"
command -v node >/dev/null || install_packages nodejs npm
command -v Xvfb >/dev/null || install_packages xvfb
[ -x "${RENDERCAST_CHROMIUM:-/usr/bin/chromium}" ] || install_packages chromium
(cd tests/browser && [ -d node_modules/playwright-core ] || npm install --no-package-lock --no-audit --no-fund --silent)
bindings/godot/build.sh
[ $# -gt 0 ] || set -- tests/godot/*.test.mjs
tests/node.sh "$@"
