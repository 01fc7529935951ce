#!/bin/bash
# Installs what C and C++ hosts need into a folder, for CMake (find_package(rendercast)) and pkg-config (rendercast, rendercast-cpp).
set -euo pipefail
cd "$(dirname "$0")/../.."

usage() {
    cat <<'EOT'
usage: bindings/cpp/install.sh PREFIX [--profile NAME] [--c-only]

  PREFIX           gets include/, lib/, lib/pkgconfig/ and lib/cmake/; the folder may be moved afterwards
  --profile NAME   Cargo's profile: release (default, or RENDERCAST_PROFILE), quick, dev
  --c-only         the shared library and its C header, without what C++ needs
EOT
}

prefix='' c_only=''
while [ $# -gt 0 ]; do
    case $1 in
        --help|-h) usage; exit 0 ;;
        --profile) [ $# -ge 2 ] || { usage >&2; exit 2; }; export RENDERCAST_PROFILE=$2; shift 2 ;;
        --c-only) c_only=1; shift ;;
        -*) echo "error: unknown option $1" >&2; usage >&2; exit 2 ;;
        *) [ -z "$prefix" ] || { usage >&2; exit 2; }; prefix=$1; shift ;;
    esac
done
[ -n "$prefix" ] || { usage >&2; exit 2; }
. samples/setup.sh
setup_build

mkdir -p "$prefix/include" "$prefix/lib/pkgconfig" "$prefix/lib/cmake/rendercast"
prefix=$(cd "$prefix" && pwd)
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# built FILE...: where cargo has put the files of that name, from its messages.
built() {
    tr ',[]' '\n\n\n' <"$scratch/messages" | sed -n "s|^\"filenames\":||; s|^\"\(.*[/\\\\]$1\)\"\$|\1|p" | tail -1
}

# build COMMAND OF CARGO...: leaves its messages and what it says in the scratch folder.
build() {
    local command=$1
    shift
    cargo "$command" --profile "$profile" --locked --lib --message-format=json-render-diagnostics "$@" 2>&1 >"$scratch/messages" |
        tee "$scratch/log" >&2
}

# fill TEMPLATE TO: what stands between @ in a template.
fill() {
    sed -e "s|@VERSION@|$version|g" -e "s|@NATIVE@|${native:-}|g" -e "s|@NATIVE_LIST@|${native_list:-}|g" "$1" >"$2"
}

# For tests as `build_all` of samples/setup.sh has it; what it says is of the Godot library too.
if [ -n "${RENDERCAST_BUILD_ALL:-}" ]; then build build --workspace --examples; else build rustc --crate-type cdylib; fi
shared=
for name in librendercast.so librendercast.dylib rendercast.dll; do
    shared=$(built "$name")
    [ -z "$shared" ] || break
done
[ -n "$shared" ] || die "cargo has not said where it put the shared library"
install -m 755 "$shared" "$prefix/lib/"
[ ! -f "$shared.lib" ] || install -m 644 "$shared.lib" "$prefix/lib/rendercast.lib"
install -m 644 include/rendercast.h "$prefix/include/"
fill bindings/cpp/rendercast.pc.in "$prefix/lib/pkgconfig/rendercast.pc"
for file in rendercast-config rendercast-config-version; do
    fill "bindings/cpp/cmake/$file.cmake" "$prefix/lib/cmake/rendercast/$file.cmake"
done

if [ -z "$c_only" ]; then
    # The C++ side is compiled into a static library: the shared one exports the C ABI and nothing else.
    build rustc --features cxx --crate-type staticlib -- --print native-static-libs
    archive=$(built librendercast.a)
    to=librendercast_cpp.a
    [ -n "$archive" ] || { archive=$(built rendercast.lib); to=rendercast_cpp.lib; }
    [ -n "$archive" ] || die "cargo has not said where it put the static library"
    native=$(sed -n 's/^.*native-static-libs: //p' "$scratch/log" | tail -1)
    [ -n "$native" ] || die "rustc has not said which libraries the static one needs"
    # A framework is one item of CMake's lists.
    native_list=$(printf %s "$native" | sed 's/-framework /-framework%/g; s/ /;/g; s/%/ /g')
    install -m 644 "$archive" "$prefix/lib/$to"
    # Only debug information: the rest is needed to link.
    [ "$profile" = dev ] || ! command -v strip >/dev/null || strip -S "$prefix/lib/$to"
    # The header of `cxx` itself, from the crate that was built.
    cxx=
    for out in $(tr ',{}' '\n\n\n' <"$scratch/messages" | sed -n 's/^"out_dir":"\(.*\)"$/\1/p'); do
        [ ! -f "$out/include/rust/cxx.h" ] || cxx=$out/include/rust/cxx.h
    done
    [ -n "$cxx" ] || die "cargo has not said where the header of cxx is"
    mkdir -p "$prefix/include/rendercast" "$prefix/include/rust"
    install -m 644 include/rendercast.hpp "$prefix/include/"
    install -m 644 include/rendercast/*.hpp include/rendercast/bridge.h "$prefix/include/rendercast/"
    install -m 644 "$cxx" "$prefix/include/rust/cxx.h"
    fill bindings/cpp/rendercast-cpp.pc.in "$prefix/lib/pkgconfig/rendercast-cpp.pc"
    fill bindings/cpp/cmake/rendercast-cpp.cmake "$prefix/lib/cmake/rendercast/rendercast-cpp.cmake"
fi
say "installed into $prefix"
