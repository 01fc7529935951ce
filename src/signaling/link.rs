//! What waits for a socket: frames of protocols whose server keeps nothing, while the server is away. Bounded.

use std::collections::VecDeque;

use super::ConnectionId;
use super::dialect::Output;

/// Frames that may wait. The oldest goes: what it began has no end any more.
const MAX_FRAMES: usize = 256;
/// Their bytes.
const MAX_BYTES: usize = 1 << 20;

#[derive(Debug, Default)]
pub struct Link {
    open: bool,
    waiting: VecDeque<(ConnectionId, String)>,
    bytes: usize,
}

impl Link {
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// A socket is there: `first`, then what has waited.
    pub fn open(&mut self, first: Option<String>, out: &mut Output) {
        self.open = true;
        self.bytes = 0;
        out.frames.extend(first);
        out.frames.extend(self.waiting.drain(..).map(|(_, frame)| frame));
    }

    pub fn close(&mut self) {
        self.open = false;
    }

    /// Sends, now or with the next socket. What waits already is not sent twice.
    pub fn send(&mut self, connection: &ConnectionId, frame: String, out: &mut Output) {
        if self.open {
            out.frames.push_back(frame);
            return;
        }
        if frame.len() > MAX_BYTES || self.waiting.iter().any(|(to, other)| to == connection && *other == frame) {
            return;
        }
        self.bytes += frame.len();
        self.waiting.push_back((connection.clone(), frame));
        while self.waiting.len() > MAX_FRAMES || self.bytes > MAX_BYTES {
            let Some((_, oldest)) = self.waiting.pop_front() else { break };
            self.bytes -= oldest.len();
        }
    }

    /// Nothing that waits for this connection is worth sending any more.
    pub fn forget(&mut self, connection: &ConnectionId) {
        self.waiting.retain(|(to, _)| to != connection);
        self.bytes = self.waiting.iter().map(|(_, frame)| frame.len()).sum();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(name: &str) -> ConnectionId {
        ConnectionId(name.into())
    }

    #[test]
    fn frames_wait_for_a_socket_once_each_and_in_order() {
        let (mut link, mut out) = (Link::default(), Output::default());
        for (to, frame) in [("a", "1"), ("b", "2"), ("a", "3"), ("a", "1"), ("b", "4")] {
            link.send(&id(to), frame.into(), &mut out);
        }
        link.forget(&id("b"));
        assert!(out.frames.is_empty());
        link.open(Some("hello".into()), &mut out);
        link.send(&id("a"), "5".into(), &mut out);
        assert_eq!(out.frames, ["hello", "1", "3", "5"]);
    }

    #[test]
    fn what_waits_is_bounded_in_number_and_in_bytes() {
        let (mut link, mut out) = (Link::default(), Output::default());
        (0..1_000).for_each(|n| link.send(&id("a"), n.to_string(), &mut out));
        assert_eq!(link.waiting.len(), MAX_FRAMES);
        (0..9).for_each(|n| link.send(&id("a"), n.to_string().repeat(MAX_BYTES / 4), &mut out));
        assert!(link.bytes <= MAX_BYTES && link.waiting.len() == 4, "{}", link.waiting.len());
        link.send(&id("a"), "x".repeat(MAX_BYTES + 1), &mut out);
        link.open(None, &mut out);
        assert_eq!((out.frames.len(), link.bytes), (4, 0));
    }
}
