//! A network path between two namespaces, as a program: a TUN device at each end, and [`link::Link`] between them in both
//! directions. Root and /dev/net/tun needed; the devices are gone when it ends.
//!
//!     link NAMESPACE NAMESPACE [SEED]      the second one receives what goes down; "-" is the caller's own
//!
//! Prints `READY DEVICE`, the device's name in both, and from then on one line of JSON each 20 ms: the time (Unix, ms), what
//! happened in each direction, and how late the line itself was at worst (us): more than a few ms means a busy machine.
//! Reads lines of JSON: `{"down": PATH, "up": PATH}`, each of them optional. Ends when these end.

#[cfg(target_os = "linux")]
mod link;
#[cfg(target_os = "linux")]
mod relay;

#[cfg(target_os = "linux")]
fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [above, below, rest @ ..] = &arguments[..] else {
        eprintln!("usage: link NAMESPACE NAMESPACE [SEED]");
        std::process::exit(2);
    };
    let seed = rest.first().and_then(|text| text.parse().ok()).unwrap_or(1);
    if let Err(error) = relay::run([above, below], seed) {
        eprintln!("link: {error}");
        std::process::exit(1);
    }
}

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("link: Linux only");
    std::process::exit(1);
}
