# Sourced by samples/demo.sh and tests/run.sh: finds out what is missing on a Debian or Ubuntu machine and installs it.

say() { printf '\033[1m%s\033[0m\n' "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

# install PACKAGE...: those that are not installed yet.
install_packages() {
    missing=
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    command -v apt-get >/dev/null || die "please install these, or what your system calls them:$missing"
    sudo=
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || die "not root, and there is no sudo; please install:$missing"
        sudo=sudo
    fi
    say "installing$missing"
    $sudo apt-get update -qq
    # shellcheck disable=SC2086
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >&2
}

# What building the library and the C host needs. nasm: OpenH264 is three times slower without it.
setup_build() {
    if [ -f "$HOME/.cargo/env" ]; then . "$HOME/.cargo/env"; fi
    command -v cargo >/dev/null || die "Rust is missing: see https://rustup.rs (1.95 or newer)"
    command -v dpkg-query >/dev/null || { say "not a Debian or Ubuntu machine: taking it that the build's needs are there"; return 0; }
    install_packages gcc g++ make cmake pkg-config nasm clang libclang-dev \
        libavcodec-dev libavformat-dev libavutil-dev libswresample-dev
}

# Cargo's profile: `release`, `quick` (not optimized at link time), or `dev`, which the tests take; and its folder.
profile=${RENDERCAST_PROFILE:-release}
built=target/$profile
[ "$profile" != dev ] || built=target/debug

# The library for other programs, alone: where Cargo makes the one for Rust beside it, it does not optimize at link time.
build_library() {
    if [ -z "${RENDERCAST_BUILD_ALL:-}" ]; then cargo rustc --profile "$profile" --locked --lib --crate-type cdylib; else build_all; fi
}

# For tests, which set RENDERCAST_BUILD_ALL: all that any of them takes, in one build. Several would undo each other.
build_all() {
    cargo build --profile "$profile" --locked --workspace --lib --examples
}

# build_host: the C sample against the library, beside it.
build_host() {
    cc -std=c99 -O2 -Wall -Wextra -Iinclude samples/c-host/*.c -o "$built/c-host" \
        -L"$built" -lrendercast -Wl,-rpath,'$ORIGIN' -lm -lpthread
}
