#!/bin/sh
# Feeds the decoders of everything that comes from a network with what nobody would send, one after the other.
# tests/fuzz.sh [SECONDS] [TARGET...]: each for SECONDS, 60 unless told; without targets all of them (tests/fuzz/Cargo.toml).
# Stable Rust and a C++ compiler are enough: libFuzzer comes with its crate, the compiler counts what is reached.
# What is learnt stays in target/fuzz/corpus, what fails in target/fuzz/artifacts.
set -eu
cd "$(dirname "$0")/.."
seconds=60
case ${1:-} in
    '' | *[!0-9]*) ;;
    *) seconds=$1; shift ;;
esac
[ $# -gt 0 ] || set -- $(sed -n 's/^name = "\([a-z_]*\)"$/\1/p' tests/fuzz/Cargo.toml)
triple=$(rustc -vV | sed -n 's/^host: //p')
work=$PWD/target/fuzz
# The same versions as the library's own.
cp Cargo.lock tests/fuzz/Cargo.lock
# For the target only: what runs at build time is built without. One unit of code each, else counters are lost.
RUSTFLAGS="--cfg fuzzing -Cpasses=sancov-module -Ccodegen-units=1 -Cllvm-args=-sanitizer-coverage-level=4
    -Cllvm-args=-sanitizer-coverage-trace-compares -Cllvm-args=-sanitizer-coverage-inline-8bit-counters
    -Cllvm-args=-sanitizer-coverage-pc-table" \
    cargo build --release --manifest-path tests/fuzz/Cargo.toml --target "$triple" --target-dir "$work"
vectors=tests/vectors

# seed TARGET: what real programs have said, one file each.
seed() {
    into=$work/seeds/$1
    rm -rf "$into"
    mkdir -p "$into"
    case $1 in
        urs_websocket)
            for file in "$vectors"/urs-ws-*.txt; do
                sed -n 's/^unity <- //p' "$file" > "$into/$(basename "$file")"
            done ;;
        urs_http) sed -n '/^# response body:$/{n;p;}' "$vectors"/urs-http-*.txt | split -l 1 - "$into/" ;;
        sdp) cp "$vectors"/*.sdp "$vectors/urs-sdp-boost-example.txt" "$into" ;;
        input)
            # Hex dumps, with and without offsets, one message after each title.
            cat "$vectors"/urs-input-*.txt | awk -v into="$into" '
                /^## / { n++ }
                /^[0-9]+  ([0-9a-f][0-9a-f] ?)+$/ { sub(/^[0-9]+  /, "") }
                /^([0-9a-f][0-9a-f] ?)+$/ && n { gsub(/ /, ""); gsub(/../, "\\x&"); print > (into "/" n ".hex") }'
            for file in "$into"/*.hex; do
                [ -e "$file" ] || continue
                # shellcheck disable=SC2059
                env printf "$(tr -d '\n' < "$file")" > "${file%.hex}"
                rm "$file"
            done ;;
        input_compact)
            # Behind a byte of their length and channel, as one session.
            sed -n 's/.*"hex": "\([0-9a-f]*\)".*/\1/p' "$vectors/input-compact.json" | while read -r hex; do
                [ ${#hex} -lt 256 ] || continue
                # shellcheck disable=SC2059
                env printf "$(printf '\\x%02x' "${#hex}"; printf '%s' "$hex" | sed 's/../\\x&/g')"
            done > "$into/session" ;;
        multiplay) printf '{"type":0,"argument":"Ann"}' > "$into/label" ;;
        relay | description | call | negotiation)
            printf '%s\n' 'v=0\r\no=- 7 2 IN IP4 127.0.0.1\r\na=ice-ufrag:theirs\r\nm=video 9 x\r\na=mid:0\r\n' > "$work/sdp"
            awk -v kind="$1" '
                function candidate() { return "{\\\"candidate\\\":\\\"candidate:1 1 udp 1 127.0.0.1 9 typ host ufrag theirs\\\",\\\"sdpMid\\\":\\\"0\\\",\\\"sdpMLineIndex\\\":0}" }
                function say(type, data) { print "{\"type\":\"" type "\",\"username\":\"ann\",\"target\":\"rendercast\"" data "}" }
                kind == "relay" {
                    print "{\"type\":\"offer\",\"sdp\":\"" $0 "\"}"; print "{\"type\":\"ice\",\"ice\":\"" candidate() "\"}"
                    print "{\"type\":\"answer\",\"sdp\":\"" $0 "\"}"; print "closed"; print "opened"
                }
                kind == "description" {
                    print "{\"desc\":{\"type\":\"offer\",\"sdp\":\"" $0 "\"}}"; c = candidate(); gsub(/\\"/, "\"", c)
                    print "{\"candidate\":" c "}"; print "{\"desc\":{\"type\":\"answer\",\"sdp\":\"" $0 "\"}}"; print "{\"candidate\":null}"
                }
                kind == "call" {
                    say("StartStreaming", ""); say("Offer", ",\"data\":\"" $0 "\""); say("IceCandidates", ",\"data\":\"" candidate() "\"")
                    say("Answer", ",\"data\":\"" $0 "\""); say("EndCall", "")
                }
                kind == "negotiation" { print "o" $0; print "ccandidate:1"; print "r"; print "a" $0; print "O" $0; print ""; print "x" }
            ' "$work/sdp" > "$into/session" ;;
    esac
}

failed=
for target in "$@"; do
    seed "$target"
    mkdir -p "$work/corpus/$target" "$work/artifacts/$target"
    printf '== %s\n' "$target"
    "$work/$triple/release/$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=16384 \
        -print_final_stats=1 -artifact_prefix="$work/artifacts/$target/" \
        "$work/corpus/$target" "$work/seeds/$target" > "$work/$target.log" 2>&1 || failed="$failed $target"
    tail -n 8 "$work/$target.log"
done
[ -z "$failed" ] || { printf 'failed:%s (target/fuzz/*.log)\n' "$failed"; exit 1; }
