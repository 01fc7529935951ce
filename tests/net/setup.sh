# Sourced by tests/net.sh and tests/bench.sh, after samples/setup.sh.

# The library, the link, and the host of these tests.
build_net() {
    setup_build
    # The link is an example; where everything is built, it is.
    [ -n "${RENDERCAST_BUILD_ALL:-}" ] || cargo build --locked --example link
    build_library
    cc -std=c99 -O2 -Wall -Wextra -Iinclude -Isamples/c-host tests/net/host.c samples/c-host/scene.c samples/c-host/canvas.c \
        samples/c-host/tone.c -o "$built/net-host" -L"$built" -lrendercast -Wl,-rpath,'$ORIGIN' -lm -lpthread
}

# run_first COMMAND...: before other work on this machine, where we may: what waits for a CPU measures the machine. In a session
# of its own, since Linux shares CPUs out between sessions first (sched(7), autogroup). Sets `first_pid` for a trap.
run_first() {
    if [ "$(id -u)" = 0 ] && command -v setsid >/dev/null; then
        setsid sh -c '{ echo -15 > /proc/self/autogroup; } 2>/dev/null; exec nice -n -10 "$@"' first "$@" &
    else
        "$@" &
    fi
    first_pid=$!
    wait "$first_pid" && first_status=0 || first_status=$?
    first_pid=
    return "$first_status"
}
