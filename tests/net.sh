#!/bin/sh
# Measures against a real Chromium over a real, bad network. tests/net.sh [SCENARIO...]; without any: all of
# tests/net/scenarios but `smoke`. Prints a series per second, then the goals; plots and records go to target/net/.
# RENDERCAST_NET_BUILT=1 takes what an earlier run has built; RENDERCAST_NET_VERBOSE=1 shows what the host says.
# tests/net.sh moves: what a viewer sees whose address or interface changes, instead (tests/net/moves.mjs).
# Needs root, /dev/net/tun, iproute2 and Chromium; where one is missing it says so and ends well.
set -eu
cd "$(dirname "$0")/.."
. samples/setup.sh
. tests/net/setup.sh
first_pid=
skip() { say "SKIPPED network scenarios: $*"; exit 0; }
[ "$(id -u)" = 0 ] || skip "not root"
[ -c /dev/net/tun ] || skip "no /dev/net/tun"
command -v ip >/dev/null || skip "no iproute2"
chromium=${RENDERCAST_CHROMIUM:-/usr/bin/chromium}
[ -x "$chromium" ] || skip "no Chromium (RENDERCAST_CHROMIUM names another)"
command -v node >/dev/null || skip "no Node.js"
above=rc-above-$$ below=rc-below-$$
work=$(mktemp -d)
clean() {
    [ -z "$first_pid" ] || kill "$first_pid" 2>/dev/null || true
    ip netns del "$above" 2>/dev/null || true
    ip netns del "$below" 2>/dev/null || true
    rm -rf "$work"
}
trap clean EXIT
trap 'exit 130' INT TERM
{ ip netns add "$above" && ip netns add "$below"; } 2>/dev/null || skip "no network namespaces"

if [ -z "${RENDERCAST_NET_BUILT:-}" ]; then
    build_net
    (cd tests/browser && [ -d node_modules/playwright-core ] || npm install --no-package-lock --no-audit --no-fund --silent)
fi
if [ $# = 0 ]; then
    # shellcheck disable=SC2046
    set -- $(cd tests/net/scenarios && ls | sed -n 's/\.json$//p' | grep -vx smoke)
fi
# Playwright gives it a session of its own.
printf '#!/bin/sh\n{ echo -15 > /proc/self/autogroup; } 2>/dev/null\nexec ip netns exec %s %s "$@"\n' "$below" "$chromium" > "$work/chromium"
chmod +x "$work/chromium"
export RENDERCAST_CHROMIUM="$work/chromium" RENDERCAST_NET_HOST="$built/net-host"
if [ "$1" = moves ]; then play=moves.mjs; else play=run.mjs; fi
run_first ip netns exec "$above" node "tests/net/$play" --host-namespace "$above" --viewer-namespace "$below" "$@"
