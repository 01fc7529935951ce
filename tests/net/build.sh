# Sourced by tests/net.sh and tests/bench.sh, after samples/setup.sh: the library, the link, and the host of these tests.
setup_build
cargo build --release --locked
cargo build --locked --example link
cc -std=c99 -O2 -Wall -Wextra -Iinclude -Isamples/c-host tests/net/host.c samples/c-host/scene.c samples/c-host/canvas.c \
    samples/c-host/tone.c -o target/release/net-host -Ltarget/release -lrendercast -Wl,-rpath,'$ORIGIN' -lm -lpthread
