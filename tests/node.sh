#!/bin/sh
# Runs Node's tests file by file: tests/node.sh FILE... Real browsers and engines on a shared machine: a file that fails is run
# once more, loudly, and what fails twice is broken.
set -u
run() { node --test --test-concurrency=1 "$1"; }
failed=
for file in "$@"; do run "$file" || failed="$failed $file"; done
[ -n "$failed" ] || exit 0
printf '\033[1mFAILED ONCE, and run again:%s\033[0m\n' "$failed" >&2
broken=
for file in $failed; do run "$file" || broken="$broken $file"; done
[ -n "$broken" ] || exit 0
printf 'error: failed twice:%s\n' "$broken" >&2
exit 1
