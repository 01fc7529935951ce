//! Our log for people who load the library: `RENDERCAST_LOG` = error, warn, info, debug or trace writes it to standard error.

use std::sync::Once;

use tracing_subscriber::filter::LevelFilter;

/// Looks at `RENDERCAST_LOG` once in a process. A Rust host that has a `tracing` subscriber of its own keeps it.
pub fn init() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let Ok(wanted) = std::env::var("RENDERCAST_LOG") else { return };
        let Ok(level) = wanted.parse::<LevelFilter>() else {
            eprintln!("rendercast: RENDERCAST_LOG = {wanted:?} is none of: off, error, warn, info, debug, trace");
            return;
        };
        let subscriber = tracing_subscriber::fmt().with_max_level(level).with_writer(std::io::stderr).with_ansi(false);
        // Fails when the host has set its own, which is then the one to use.
        let _ = subscriber.try_init();
    });
}
