//! Events on their way to the host: in order, bounded in number and bytes, and honest about who the host has heard of.

use std::collections::{HashMap, HashSet, VecDeque};

use crate::signaling::{ConnectionId, SignalEvent};

/// Events that may wait for the host.
pub const MAX_EVENTS: usize = 1024;
/// Text that may wait for the host, in bytes.
pub const MAX_BYTES: usize = 4 * 1024 * 1024;
/// Events of one connection that may wait: its candidates and a few descriptions.
pub const MAX_EVENTS_PER_CONNECTION: usize = 300;

/// The host takes events more slowly than browsers make them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

#[derive(Debug, Default)]
pub struct HostQueue {
    events: VecDeque<SignalEvent>,
    bytes: usize,
    waiting: HashMap<ConnectionId, usize>,
    /// Connections of which the host has taken an event: it must hear of their end.
    told: HashSet<ConnectionId>,
}

impl HostQueue {
    pub fn push(&mut self, event: SignalEvent) -> Result<(), Full> {
        let bytes = event_bytes(&event);
        if self.events.len() >= MAX_EVENTS || self.bytes + bytes > MAX_BYTES {
            return Err(Full);
        }
        if let Some(connection) = connection_of(&event) {
            let waiting = self.waiting.entry(connection.clone()).or_default();
            if *waiting >= MAX_EVENTS_PER_CONNECTION {
                return Err(Full);
            }
            *waiting += 1;
        }
        self.bytes += bytes;
        self.events.push_back(event);
        Ok(())
    }

    pub fn pop(&mut self) -> Option<SignalEvent> {
        let event = self.events.pop_front()?;
        self.bytes = self.bytes.saturating_sub(event_bytes(&event));
        if let Some(connection) = connection_of(&event) {
            self.told.insert(connection.clone());
            if let Some(waiting) = self.waiting.get_mut(connection) {
                *waiting = waiting.saturating_sub(1);
                if *waiting == 0 {
                    self.waiting.remove(connection);
                }
            }
        }
        Some(event)
    }

    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    #[cfg(test)]
    pub fn remembers_nobody(&self) -> bool {
        self.waiting.is_empty() && self.told.is_empty() && self.bytes == 0
    }

    /// The browser left: what still waits of this connection is void, and the host hears of the end if it heard of the
    /// beginning. Never refused, and bounded all the same: one for each connection that the host has taken up.
    pub fn end(&mut self, connection: &ConnectionId) {
        if self.forget(connection) {
            self.events.push_back(SignalEvent::Disconnect { connection: connection.clone() });
        }
    }

    /// A user has left: that it came is of no interest any more.
    pub fn forget_user(&mut self, name: &str) {
        self.events.retain(|event| !matches!(event, SignalEvent::UserSignedIn { user } if *user.0 == *name));
    }

    /// A request of the call protocol came to nothing. One that the host has not heard of is taken out, so that whoever
    /// asks and takes it back has one event here at most.
    pub fn end_call(&mut self, user: ConnectionId) {
        let before = self.events.len();
        self.events.retain(|event| !matches!(event, SignalEvent::CallRequested { user: asking } if *asking == user));
        let ended = SignalEvent::CallEnded { user };
        if self.events.len() == before && self.events.len() < MAX_EVENTS && !self.events.contains(&ended) {
            self.events.push_back(ended);
        }
    }

    /// The host left. Gives whether it had heard of the connection.
    pub fn forget(&mut self, connection: &ConnectionId) -> bool {
        if self.waiting.remove(connection).is_some() {
            self.events.retain(|event| connection_of(event) != Some(connection));
            self.bytes = self.events.iter().map(event_bytes).sum();
        }
        self.told.remove(connection)
    }
}

/// The connection whose share an event takes. `Disconnect` takes none: it outlives the connection.
fn connection_of(event: &SignalEvent) -> Option<&ConnectionId> {
    match event {
        SignalEvent::Offer { connection, .. }
        | SignalEvent::Invite { connection, .. }
        | SignalEvent::Answer { connection, .. }
        | SignalEvent::Candidate { connection, .. }
        | SignalEvent::Resumed { connection } => Some(connection),
        SignalEvent::Ready { .. }
        | SignalEvent::Trouble { .. }
        | SignalEvent::Disconnect { .. }
        | SignalEvent::UserSignedIn { .. }
        | SignalEvent::CallRequested { .. }
        | SignalEvent::CallEnded { .. } => None,
    }
}

fn event_bytes(event: &SignalEvent) -> usize {
    match event {
        SignalEvent::Offer { sdp, .. } | SignalEvent::Answer { sdp, .. } => sdp.len(),
        SignalEvent::Candidate { candidate, .. } => {
            candidate.candidate.len() + candidate.sdp_mid.as_ref().map_or(0, String::len)
        }
        SignalEvent::Ready { .. }
        | SignalEvent::Trouble { .. }
        | SignalEvent::Invite { .. }
        | SignalEvent::UserSignedIn { .. }
        | SignalEvent::Resumed { .. }
        | SignalEvent::CallRequested { .. }
        | SignalEvent::CallEnded { .. }
        | SignalEvent::Disconnect { .. } => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn id(text: &str) -> ConnectionId {
        ConnectionId(Arc::from(text))
    }

    fn answer(connection: &str, bytes: usize) -> SignalEvent {
        SignalEvent::Answer { connection: id(connection), sdp: "x".repeat(bytes) }
    }

    #[test]
    fn a_flood_of_one_connection_leaves_room_for_others() {
        let mut queue = HostQueue::default();
        for _ in 0..MAX_EVENTS_PER_CONNECTION {
            queue.push(answer("flood", 1)).unwrap();
        }
        assert_eq!(queue.push(answer("flood", 1)), Err(Full));
        queue.push(answer("calm", 1)).unwrap();
        queue.pop().unwrap();
        queue.push(answer("flood", 1)).unwrap();
    }

    #[test]
    fn bytes_are_bounded_and_given_back() {
        let mut queue = HostQueue::default();
        queue.push(answer("a", MAX_BYTES)).unwrap();
        assert_eq!(queue.push(answer("b", 1)), Err(Full));
        queue.pop().unwrap();
        queue.push(answer("b", MAX_BYTES)).unwrap();
        queue.end(&id("b"));
        assert!(queue.is_empty());
        queue.push(answer("c", MAX_BYTES)).unwrap();
    }

    #[test]
    fn the_host_hears_of_an_end_only_if_it_heard_of_a_beginning() {
        let mut queue = HostQueue::default();
        queue.push(answer("never seen", 1)).unwrap();
        queue.end(&id("never seen"));
        assert_eq!(queue.pop(), None);
        queue.push(answer("seen", 1)).unwrap();
        queue.pop().unwrap();
        queue.push(answer("seen", 1)).unwrap();
        queue.end(&id("seen"));
        queue.end(&id("seen"));
        assert_eq!(queue.pop(), Some(SignalEvent::Disconnect { connection: id("seen") }));
        assert_eq!(queue.pop(), None);
    }
}
