//! The states of a connection's transports as W3C has them, and the order in which they are told: ICE's first (W3C WebRTC,
//! section 4.4.3). The crate tells the connection's first. Pure.

use super::signaling_state::SignalingState;

/// W3C `RTCIceConnectionState`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IceConnectionState {
    #[default]
    New,
    Checking,
    Connected,
    Completed,
    Disconnected,
    Failed,
    Closed,
}

/// W3C `RTCPeerConnectionState`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ConnectionState {
    #[default]
    New,
    Connecting,
    Connected,
    Disconnected,
    Failed,
    Closed,
}

/// W3C `RTCIceGatheringState`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GatheringState {
    #[default]
    New,
    Gathering,
    Complete,
}

/// A state that is another one now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateChange {
    Gathering(GatheringState),
    Ice(IceConnectionState),
    Connection(ConnectionState),
}

/// All of a connection's states at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PeerStates {
    pub signaling: SignalingState,
    pub gathering: GatheringState,
    pub ice: IceConnectionState,
    pub connection: ConnectionState,
    /// W3C `canTrickleIceCandidates`; None before the other side has described itself.
    pub can_trickle: Option<bool>,
}

impl PeerStates {
    /// Hears of ICE's state. What it was already is no change.
    pub fn hear_ice(&mut self, state: IceConnectionState) -> Option<StateChange> {
        (std::mem::replace(&mut self.ice, state) != state).then_some(StateChange::Ice(state))
    }

    /// Hears of the connection's state, and concludes what ICE's must have become.
    pub fn hear_connection(&mut self, state: ConnectionState) -> [Option<StateChange>; 2] {
        use IceConnectionState as Ice;
        let implied = match (state, self.ice) {
            (ConnectionState::Connecting, Ice::New | Ice::Failed) => Some(Ice::Checking),
            (ConnectionState::Connected, Ice::Disconnected | Ice::Failed | Ice::Checking | Ice::New) => {
                Some(Ice::Connected)
            }
            (ConnectionState::Disconnected, _) => Some(Ice::Disconnected),
            // Where ICE was well it is DTLS that has failed.
            (ConnectionState::Failed, Ice::Checking | Ice::Disconnected) => Some(Ice::Failed),
            _ => None,
        };
        let ice = implied.and_then(|ice| self.hear_ice(ice));
        let changed = std::mem::replace(&mut self.connection, state) != state;
        [ice, changed.then_some(StateChange::Connection(state))]
    }

    /// Candidates are being gathered, or all of them were.
    pub fn hear_gathering(&mut self, state: GatheringState) -> Option<StateChange> {
        (std::mem::replace(&mut self.gathering, state) != state).then_some(StateChange::Gathering(state))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use IceConnectionState as Ice;

    enum Heard {
        Ice(IceConnectionState),
        Connection(ConnectionState),
    }

    fn tell(heard: &[Heard]) -> Vec<StateChange> {
        let mut states = PeerStates::default();
        let mut told = Vec::new();
        for heard in heard {
            match heard {
                Heard::Ice(state) => told.extend(states.hear_ice(*state)),
                Heard::Connection(state) => told.extend(states.hear_connection(*state).into_iter().flatten()),
            }
        }
        told
    }

    #[test]
    fn the_state_of_ice_is_told_before_the_connections_and_once() {
        let crate_order = [
            Heard::Connection(ConnectionState::Connecting),
            Heard::Ice(Ice::Checking),
            Heard::Ice(Ice::Connected),
            Heard::Connection(ConnectionState::Connected),
            Heard::Connection(ConnectionState::Disconnected),
            Heard::Ice(Ice::Disconnected),
            Heard::Connection(ConnectionState::Connected),
            Heard::Ice(Ice::Connected),
            Heard::Connection(ConnectionState::Disconnected),
            Heard::Ice(Ice::Disconnected),
            Heard::Connection(ConnectionState::Failed),
            Heard::Ice(Ice::Failed),
        ];
        use StateChange::{Connection, Ice as I};
        let wanted = [
            I(Ice::Checking),
            Connection(ConnectionState::Connecting),
            I(Ice::Connected),
            Connection(ConnectionState::Connected),
            I(Ice::Disconnected),
            Connection(ConnectionState::Disconnected),
            I(Ice::Connected),
            Connection(ConnectionState::Connected),
            I(Ice::Disconnected),
            Connection(ConnectionState::Disconnected),
            I(Ice::Failed),
            Connection(ConnectionState::Failed),
        ];
        assert_eq!(tell(&crate_order), wanted);
    }

    #[test]
    fn a_handshake_that_fails_says_nothing_of_ice() {
        let told = tell(&[
            Heard::Connection(ConnectionState::Connecting),
            Heard::Ice(Ice::Connected),
            Heard::Connection(ConnectionState::Failed),
        ]);
        assert_eq!(told.last(), Some(&StateChange::Connection(ConnectionState::Failed)));
        assert!(!told.contains(&StateChange::Ice(Ice::Failed)));
    }

    #[test]
    fn gathering_that_goes_on_is_no_change() {
        let mut states = PeerStates::default();
        assert!(states.hear_gathering(GatheringState::Gathering).is_some());
        assert!(states.hear_gathering(GatheringState::Gathering).is_none());
        assert!(states.hear_gathering(GatheringState::Complete).is_some());
    }
}
