//! Unity Render Streaming's WebSocket protocol, generation 5d: the hub's own. Pure.

use super::FaceError;
use crate::server::hub::{Hub, SessionId};
use crate::server::wire::{Request, parse_frame};

pub fn handle<W: Clone>(hub: &mut Hub<W>, id: &SessionId, bytes: &[u8], now: u64) -> Result<(), FaceError> {
    match parse_frame(bytes).map_err(|_| FaceError::Malformed)? {
        Request::Connect(connection) => hub.connect(id, &connection, now).map(|_| ())?,
        Request::Disconnect(connection) => hub.disconnect(id, &connection, now)?,
        Request::Offer(connection, sdp) => hub.offer(id, &connection, sdp, now)?,
        Request::Answer(connection, sdp) => hub.answer(id, &connection, sdp, now)?,
        Request::Candidate(connection, candidate) => hub.candidate(id, &connection, candidate, now)?,
        Request::Unknown => {}
    }
    Ok(())
}
