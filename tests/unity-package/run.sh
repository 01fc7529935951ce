#!/bin/bash
# Compiles the Unity package against stand-ins for Unity's assemblies and runs it in Mono with the debug build of the library and
# real viewers: just in time, with textures, and compiled ahead of time. Arguments choose tests by parts of their names.
set -euo pipefail
cd "$(dirname "$0")/../.."
say() { printf '%s\n' "$*" >&2; }
for tool in mcs mono cc; do
    command -v $tool >/dev/null || { say "SKIPPED the Unity package: no $tool here (Debian: apt install mono-devel gcc)"; exit 0; }
done
built=$PWD/target/debug
for file in "$built/librendercast.so" "$built/examples/viewer"; do
    [ -e "$file" ] || { say "error: $file is missing: cargo build --lib --example viewer"; exit 1; }
done
out=$PWD/target/unity-test
export RENDERCAST_VIEWER=$built/examples/viewer

tests/unity-package/package.sh
say "compiling"
tests/unity-package/compile.sh "$out"

# run DIR LIBRARY_DIR [mono options]: the suite as it lies in DIR, chosen tests only.
run() {
    local dir=$1 library=$2
    shift 2
    (cd "$dir" && LD_LIBRARY_PATH=$library timeout 600 mono "$@" Suite.exe "${chosen[@]}")
}
chosen=("$@")

say "in Mono, just in time"
# A small nursery: the tests count its collections to see whether anything was allocated.
MONO_GC_PARAMS=nursery-size=1m run "$out" "$built" --debug

say "in Mono, with a host that takes textures"
mkdir -p "$out/textures"
cc -std=c99 -Wall -Wextra -shared -fPIC -Iinclude -o "$out/textures/librendercast.so" tests/unity-package/texture_host.c \
    "$built/librendercast.so"
RENDERCAST_TEXTURE_HOST=1 MONO_GC_PARAMS=nursery-size=1m run "$out" "$out/textures" --debug

# Rules of IL2CPP that Mono's own ahead-of-time compiler enforces too: nothing may need code that is made at run time.
framework=$(dirname "$(command -v mono)")/../lib/mono/4.5
if ! command -v as >/dev/null || [ ! -e "$framework/mscorlib.dll" ]; then
    say "SKIPPED ahead of time: no assembler or no $framework/mscorlib.dll"
    exit 0
fi
say "in Mono, compiled ahead of time (the framework takes a minute the first time)"
aot=$out/aot
mkdir -p "$aot"
export MONO_PATH=$aot
compile_ahead() {
    (cd "$aot" && mono --aot=full "$1" >"$1.log" 2>&1) || { cat "$aot/$1.log" >&2; return 1; }
}
libraries="mscorlib System System.Core Mono.Security System.Configuration System.Security System.Xml System.Numerics"
for library in $libraries; do cp -u "$framework/$library.dll" "$aot/"; done
for library in $libraries; do
    if [ ! "$aot/$library.dll.so" -nt "$aot/$library.dll" ]; then compile_ahead "$library.dll"; fi
done
cp "$out"/*.dll "$out/Suite.exe" "$aot/"
for assembly in "$out"/*.dll "$out/Suite.exe"; do compile_ahead "$(basename "$assembly")"; done
RENDERCAST_AHEAD_OF_TIME=1 run "$aot" "$built" --full-aot
