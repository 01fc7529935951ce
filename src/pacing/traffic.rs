//! What one connection has sent, for its statistics (W3C "Identifiers for WebRTC's Statistics API", outbound-rtp): the crate
//! sees one carrier for each frame and not its packets.

use std::sync::atomic::{AtomicU64, Ordering};

/// Written by the connection's task, read by any. Of packets that were sent, again or for the first time.
#[derive(Debug, Default)]
pub struct Sending {
    packets: AtomicU64,
    payload_bytes: AtomicU64,
    header_bytes: AtomicU64,
}

impl Sending {
    pub fn add(&self, header_bytes: usize, payload_bytes: usize) {
        self.packets.fetch_add(1, Ordering::Relaxed);
        self.header_bytes.fetch_add(header_bytes as u64, Ordering::Relaxed);
        self.payload_bytes.fetch_add(payload_bytes as u64, Ordering::Relaxed);
    }

    /// Packets, bytes of payload, bytes of RTP headers.
    pub fn get(&self) -> [u64; 3] {
        [&self.packets, &self.payload_bytes, &self.header_bytes].map(|count| count.load(Ordering::Relaxed))
    }
}

#[derive(Debug, Default)]
pub struct Traffic {
    pub audio: Sending,
    pub video: Sending,
    /// Video that was asked for again.
    pub again: Sending,
    frames: AtomicU64,
}

impl Traffic {
    /// A frame's last packet has been sent.
    pub fn add_frame(&self) {
        self.frames.fetch_add(1, Ordering::Relaxed);
    }

    pub fn frames(&self) -> u64 {
        self.frames.load(Ordering::Relaxed)
    }
}
