#!/bin/sh
# Builds all that a release has, into a folder: bindings/package.sh OUT [LIBRARY...]
# LIBRARY: rendercast.dll or librendercast.dylib built elsewhere, for the Unity package.
#   rendercast-VERSION-TARGET.tar.gz    the library, headers, what CMake and pkg-config read
#   com.rendercast.streaming-VERSION.tgz, rendercast-godot-VERSION.zip, rendercast-web-VERSION.tgz
#   rendercast-VERSION.cdx.json (bill of materials), THIRD-PARTY.txt (licences), SHA256SUMS
# RENDERCAST_FEATURES   cargo's features in place of the default ones; server,graphics is a library that needs no FFmpeg
# RENDERCAST_PROFILE    release; the tests take another one
# SOURCE_DATE_EPOCH     the time in the archives and the bill; that of the last commit
set -eu
cd "$(dirname "$0")/.."
. samples/setup.sh
[ $# -ge 1 ] || { sed -n 2,10p "$0"; exit 2; }
mkdir -p "$1"
out=$(cd "$1" && pwd)
shift
setup_build
for tool in python3 npm nm readelf sha256sum awk; do
    command -v $tool >/dev/null || die "$tool is missing (Debian: apt install python3 npm binutils coreutils)"
done
: "${SOURCE_DATE_EPOCH:=$(git log -1 --format=%ct 2>/dev/null || echo 0)}"
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
target=$(rustc -vV | sed -n 's/^host: //p')
features=${RENDERCAST_FEATURES:-}
crates=rendercast

if [ "$profile" = release ]; then
    # Messages of panics and of C's assertions name source files: not by the folders of this machine.
    for folder in "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*; do
        RUSTFLAGS="${RUSTFLAGS:-} --remap-path-prefix=$folder=crates"
        CFLAGS="${CFLAGS:-} -ffile-prefix-map=$folder=crates"
        CXXFLAGS="${CXXFLAGS:-} -ffile-prefix-map=$folder=crates"
    done
    export RUSTFLAGS="$RUSTFLAGS --remap-path-prefix=$PWD=rendercast" CFLAGS CXXFLAGS SOURCE_DATE_EPOCH
    # Other flags are other builds: this one leaves the ordinary one alone.
    export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/target}/package"
fi
[ -z "${CARGO_TARGET_DIR:-}" ] || built=$CARGO_TARGET_DIR/${built#target/}
machine=$(uname -m | sed 's/aarch64/arm64/')
# check_exports LIBRARY [NAME...]: it shows hosts the C ABI, NAME, and nothing else.
check_exports() {
    checked=$1
    shift
    { printf '%s\n' "$@"; grep -rhA 9 'unsafe(no_mangle)' src --include='*.rs' | awk '
        /unsafe\(no_mangle\)/ { wanted = 1 }
        wanted && match($0, /fn [A-Za-z0-9_]+/) { print substr($0, RSTART + 3, RLENGTH - 3); wanted = 0 }'; } |
        grep . | sort -u > "$work/named"
    nm -D --defined-only --format=posix "$checked" | awk '{ print $1 }' | sort -u > "$work/exported"
    diff "$work/named" "$work/exported" >&2 || die "$checked: above, < is named and not exported, > exported and not named"
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
rm -f "$out"/*rendercast* "$out/THIRD-PARTY.txt" "$out/SHA256SUMS"

say "the library ($profile)"
if [ -n "$features" ]; then
    cargo rustc --profile "$profile" --locked --lib --crate-type cdylib --no-default-features --features "$features"
else
    build_library
fi
mkdir "$work/libraries"
library=$work/libraries/librendercast.so
# A copy: what else is built here builds another one, which is not optimized at link time.
cp "$built/librendercast.so" "$library"
check_exports "$library"

if [ -f bindings/godot/Cargo.toml ] && [ -n "$features" ]; then
    say "SKIPPED the add-on for Godot: it has the default features"
elif [ -f bindings/godot/Cargo.toml ]; then
    say "the add-on for Godot"
    crates=$crates,rendercast-godot
    [ -n "${RENDERCAST_BUILD_ALL:-}" ] || cargo build --profile "$profile" --locked --package rendercast-godot
    addon=$work/rendercast-godot-$version
    mkdir -p "$addon/addons"
    cp -R bindings/godot/addons/rendercast "$addon/addons/"
    rm -rf "$addon/addons/rendercast/bin"
    mkdir -p "$addon/addons/rendercast/bin/linux.$machine"
    cp "$built/librendercast_godot.so" "$addon/addons/rendercast/bin/linux.$machine/"
    cp "$built/librendercast_godot.so" "$work/libraries/"
    # The second is how godot-rust keeps destructors of threads from outliving a reload (godot-ffi, linux_reload_workaround).
    check_exports "$work/libraries/librendercast_godot.so" gdext_rust_init __cxa_thread_atexit_impl
fi
if [ "$profile" = release ] && cat "$work"/libraries/* | grep -aF "$HOME/" > /dev/null; then
    die "a library names folders of this machine"
fi

native=$work/rendercast-$version-$target
if [ -x bindings/cpp/install.sh ] && [ -z "$features" ]; then
    # The static library that C++ needs is built and tested on its own: it takes a while.
    if [ "$profile" = release ]; then bindings/cpp/install.sh "$native"; else bindings/cpp/install.sh "$native" --c-only; fi
fi

# Not sooner: build scripts of C code run again whenever it changes, and the tests' build is everybody's.
export SOURCE_DATE_EPOCH
say "licences and the bill of materials"
# shellcheck disable=SC2086
python3 bindings/package/licences.py "$crates" ${features:+"$features"} > "$out/THIRD-PARTY.txt"
# shellcheck disable=SC2086
python3 bindings/package/sbom.py "$crates" "$work/libraries" ${features:+"$features"} > "$out/rendercast-$version.cdx.json"
# notices FOLDER: what goes with every copy of the library.
notices() { cp LICENSE-MIT LICENSE-APACHE "$out/THIRD-PARTY.txt" bindings/package/FFMPEG.md "$1/"; }

say "the archives"
mkdir -p "$native/lib" "$native/include"
cp "$library" "$native/lib/"
cp include/rendercast.h "$native/include/"
notices "$native"
python3 bindings/package/archive.py "$out/${native##*/}.tar.gz" "$native"

if [ -d "${addon:-}" ]; then
    # One folder at its top, which Godot's installer takes away.
    notices "$addon/addons/rendercast"
    python3 bindings/package/archive.py "$out/${addon##*/}.zip" "$addon"
fi

RENDERCAST_UNITY_OUT=$work/unity RENDERCAST_NOTICES=$out/THIRD-PARTY.txt bindings/unity/build-package.sh "$library" "$@" > "$work/said"
cp "$(tail -n 1 "$work/said")" "$out/"

mkdir "$work/web"
cp -R bindings/web "$work/web/rendercast-web"
cp LICENSE-MIT LICENSE-APACHE "$work/web/rendercast-web/"
(cd "$work/web" && npm pack --silent ./rendercast-web > /dev/null)
cp "$work/web/rendercast-$version.tgz" "$out/rendercast-web-$version.tgz"

(cd "$out" && sha256sum -- *rendercast* THIRD-PARTY.txt > SHA256SUMS)
(cd "$out" && ls -l)
