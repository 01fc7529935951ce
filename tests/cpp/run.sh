#!/bin/bash
# The C++ API and what bindings/cpp/install.sh installs: both samples are built against it with CMake and with pkg-config, the tests of
# the API run under AddressSanitizer, and cpp-host plays to a real viewer.
set -euo pipefail
cd "$(dirname "$0")/../.."
say() { printf '%s\n' "$*" >&2; }
for tool in cmake pkg-config c++; do
    command -v $tool >/dev/null || { say "SKIPPED the C++ API: no $tool here"; exit 0; }
done
out=$PWD/target/cpp-test
installed=$out/prefix prefix=$out/moved
viewer=$PWD/target/debug/examples/viewer
[ -x "$viewer" ] || { say "error: $viewer is missing: cargo build --example viewer"; exit 1; }
mkdir -p "$out"

rm -rf "$installed" "$prefix"
RENDERCAST_BUILD_ALL=1 bindings/cpp/install.sh "$installed" --profile "${RENDERCAST_PROFILE:-dev}"
# Nothing in it says where it was.
mv "$installed" "$prefix"
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
warnings=(-Wall -Wextra -Werror -pedantic)

say "the samples with CMake"
for sample in c-host cpp-host; do
    cmake -S samples/$sample -B "$out/$sample" -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_BUILD_TYPE=Release \
        -DCMAKE_C_FLAGS="${warnings[*]}" -DCMAKE_CXX_FLAGS="${warnings[*]}" >"$out/$sample.log" || { cat "$out/$sample.log" >&2; exit 1; }
    cmake --build "$out/$sample" --parallel
done
if cmake -S samples/c-host -B "$out/newer" -DCMAKE_PREFIX_PATH="$prefix" \
    -DCMAKE_PROJECT_INCLUDE="$PWD/tests/cpp/newer.cmake" >"$out/newer.log" 2>&1; then
    say "error: CMake took this version for 99.0"
    exit 1
fi

say "the samples with pkg-config"
[ "$(pkg-config --modversion rendercast)" = "$(pkg-config --modversion rendercast-cpp)" ]
# shellcheck disable=SC2046
cc -std=c99 "${warnings[@]}" samples/c-host/*.c -o "$out/c-host-pc" $(pkg-config --cflags --libs rendercast) -Wl,-rpath,"$prefix/lib" -lm -lpthread
# shellcheck disable=SC2046
c++ "${warnings[@]}" samples/cpp-host/*.cpp -o "$out/cpp-host-pc" $(pkg-config --cflags --libs rendercast-cpp)
for host in "$out/c-host/c-host" "$out/c-host-pc"; do
    "$host" --frames 3 --fps 240 --size 320x180 --port 0 >/dev/null 2>"$out/host.log" || { cat "$out/host.log" >&2; exit 1; }
done
"$out/cpp-host-pc" --seconds 1 --port 0 >/dev/null 2>"$out/host.log" || { cat "$out/host.log" >&2; exit 1; }

say "the API, under AddressSanitizer"
# shellcheck disable=SC2046
c++ "${warnings[@]}" -g -O1 -fsanitize=address tests/cpp/*.cpp -o "$out/tests" $(pkg-config --cflags --libs rendercast-cpp)
"$out/tests"

say "cpp-host and a viewer"
rm -f "$out/link" "$out/stay" "$out/said"
mkfifo "$out/link" "$out/stay" "$out/said"
"$out/cpp-host/cpp-host" --port 0 --seconds 120 >"$out/link" 2>"$out/host.log" &
host=$!
trap 'kill $host 2>/dev/null || true' EXIT
exec 4<"$out/link"
read -r _ link <&4 || { cat "$out/host.log" >&2; exit 1; }
# It stays until its input ends, which is when both echoes have come.
"$viewer" "$link" <"$out/stay" >"$out/said" 2>"$out/viewer.err" &
watching=$!
exec 3>"$out/stay" 5<"$out/said"
: >"$out/viewer.log"
while read -r -t 100 line <&5; do
    printf '%s\n' "$line" >>"$out/viewer.log"
    case $line in bytes*) break ;; esac
done
exec 3>&-
cat <&5 >>"$out/viewer.log"
wait $watching || { cat "$out/viewer.log" "$out/viewer.err" "$out/host.log" >&2; exit 1; }
kill -TERM $host
wait $host || { cat "$out/host.log" >&2; exit 1; }
trap - EXIT
for line in connected picture sound acted 'text grüße' left; do
    grep -qx "$line" "$out/viewer.log" || { say "error: the viewer did not say: $line"; cat "$out/viewer.log" "$out/host.log" >&2; exit 1; }
done
grep -q 'pictures, [1-9][0-9]* of them encoded, [1-9][0-9]* inputs' "$out/host.log" || { cat "$out/host.log" >&2; exit 1; }
say "the C++ API: passed"
