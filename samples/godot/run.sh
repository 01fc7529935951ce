#!/bin/sh
# Plays the Godot sample to browsers: builds the add-on into it where it is not there yet, and starts it.
# usage: samples/godot/run.sh [--lan] [arguments of Godot]     Godot: $RENDERCAST_GODOT, or godot in PATH
set -eu
here=$(cd "$(dirname "$0")" && pwd)
godot=${RENDERCAST_GODOT:-$(command -v godot || command -v godot4 || true)}
[ -n "$godot" ] || { echo "error: no Godot: take 4.4 or newer from https://godotengine.org, and name it in RENDERCAST_GODOT" >&2; exit 1; }
own=
if [ "${1:-}" = --lan ]; then
    shift
    # Other devices may open the link, which has a token then.
    own=--rendercast-address=0.0.0.0
fi
# Built once: after a change of the library's source, build.sh does it again.
[ -d "$here/addons/rendercast/bin" ] || "$here/../../bindings/godot/build.sh" --release --into "$here"
# A machine without a screen has a virtual one.
start=
if [ "$(uname)" = Linux ] && [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    command -v xvfb-run >/dev/null || { echo "error: neither a screen nor xvfb-run" >&2; exit 1; }
    start="xvfb-run -a -s '-screen 0 1280x720x24'"
fi
eval "exec $start \"\$godot\" --path \"\$here\" \"\$@\" -- $own"
