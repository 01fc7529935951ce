#!/bin/sh
# Windows without Windows: the crate checked for it, and Direct3D run in wine on software drivers.
# One argument runs one part:
#   check     the crate with its server compiles for Windows
#   run       the tests of Direct3D 11 and 12, in wine
#   bench     measures taking pictures, in wine: Direct3D 11 against reading back, and 12 (not part of all)
#   bytecode  makes src/graphics/shaders/compute.dxbc.rs with the d3dcompiler_47.dll that RENDERCAST_D3DCOMPILER names
#             (Microsoft's, part of Windows and of many programs for it; wine's own knows no compute shaders)
# RENDERCAST_WINDOWS_RUST is the folder of a Rust that brings its standard library's source, with a file `env` that names
# its cargo in XCARGO. Everything is skipped without it.
set -eu
cd "$(dirname "$0")/.."
. samples/setup.sh
part=${1:-all}
wants() { [ "$part" = all ] || [ "$part" = "$1" ]; }
triple=x86_64-pc-windows-gnu

if [ ! -f "${RENDERCAST_WINDOWS_RUST:-}/env" ]; then
    say "SKIPPED Windows: RENDERCAST_WINDOWS_RUST names no Rust that can compile for it"
    exit 0
fi
. "$RENDERCAST_WINDOWS_RUST/env"
# Apart from the ordinary one: another compiler.
export CARGO_TARGET_DIR="${RENDERCAST_WINDOWS_TARGET:-$RENDERCAST_WINDOWS_RUST/target}"

# unoptimized PACKAGE...: for cargo, of those that Cargo.toml has optimized.
unoptimized() {
    for package in "$@"; do printf ' --config profile.dev.package.%s.opt-level=0' "$package"; done
}

check_windows() {
    say "the crate compiles for Windows (without FFmpeg, which is not there for it)"
    # shellcheck disable=SC2046
    "$XCARGO" check --locked --target $triple -Zbuild-std=std,panic_abort $(unoptimized openh264-sys2 opusic-sys ring) \
        --no-default-features --features server,graphics
}

# Sets `test_exe`: the graphics tests as a program for Windows. Dependencies are not optimized: it runs for seconds.
# The arguments are more of cargo's.
build_tests() {
    # shellcheck disable=SC2046
    messages=$("$XCARGO" test --no-run --locked --target $triple -Zbuild-std=std,panic_unwind $(unoptimized yuv wide rubato tokio ring) --config profile.dev.opt-level=0 \
        --no-default-features --features graphics --test graphics --message-format=json-render-diagnostics "$@")
    test_exe=$(printf '%s\n' "$messages" | sed -n 's/.*"executable":"\([^"]*graphics[^"]*\.exe\)".*/\1/p' | tail -1)
}

# Wine 8 lacks a library that Rust's standard library loads.
build_shim() {
    shim="$(dirname "$test_exe")/bcryptprimitives.dll"
    [ -f "$shim" ] || printf '%s\n' \
        '#include <windows.h>' \
        '#define RtlGenRandom SystemFunction036' \
        'BOOLEAN NTAPI RtlGenRandom(PVOID, ULONG);' \
        '__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE to, SIZE_T bytes) { return RtlGenRandom(to, (ULONG)bytes); }' |
        x86_64-w64-mingw32-gcc -shared -O1 -x c - -o "$shim" -ladvapi32
}

# Runs the tests whose names contain the arguments. One at a time: each has a device, and the drivers are not Windows's.
run_tests() {
    WINEPREFIX="${WINEPREFIX:-$CARGO_TARGET_DIR/wine}" WINEARCH=win64 WINEDEBUG="${WINEDEBUG:--all}" \
        timeout 900 xvfb-run -a wine "$test_exe" --test-threads=1 --nocapture "$@"
}

missing=
for tool in wine xvfb-run x86_64-w64-mingw32-gcc; do command -v $tool >/dev/null || missing="$missing $tool"; done

if wants check; then check_windows; fi
if wants run; then
    if [ -n "$missing" ]; then
        say "SKIPPED Direct3D in wine: there is no$missing"
    else
        say "Direct3D 11 and 12, in wine"
        build_tests
        build_shim
        run_tests d3d
    fi
fi
if [ "$part" = bench ]; then
    [ -z "$missing" ] || { say "SKIPPED Direct3D in wine: there is no$missing"; exit 0; }
    say "pictures taken from Direct3D, in $(wine --version 2>/dev/null), optimized but no release build"
    build_tests --config profile.dev.opt-level=3 --config profile.dev.package.yuv.opt-level=3
    build_shim
    run_tests --ignored taking_pictures
fi
if [ "$part" = bytecode ]; then
    [ -z "$missing" ] || { say "there is no$missing"; exit 1; }
    build_tests
    build_shim
    cp "${RENDERCAST_D3DCOMPILER:?the path of a d3dcompiler_47.dll}" "$(dirname "$test_exe")/d3dcompiler_47.dll"
    trap 'rm -f "$(dirname "$test_exe")/d3dcompiler_47.dll"' EXIT
    WINEDLLOVERRIDES=d3dcompiler_47=n RENDERCAST_BLESS=1 run_tests the_systems_compiler_takes_the_hlsl
fi
