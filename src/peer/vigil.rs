//! Listens for a viewer that falls silent, or whose packets come from elsewhere.

use std::sync::Arc;
use std::time::Duration;

use super::handler::Shared;
use super::net::PeerNetwork;
use super::settings::PeerEvent;
use super::silence::{Change, Signs, Silence};
use crate::pacing::Desk;
use crate::time;

const INTERVAL: Duration = Duration::from_millis(100);
/// Looks that come later than this find what the machine has not let us read yet.
const LATE: Duration = Duration::from_millis(300);

/// Never ends by itself.
pub async fn listen(network: Arc<PeerNetwork>, desk: Desk, shared: Arc<Shared>) {
    let mut tick = tokio::time::interval(INTERVAL);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let pulse = network.pulse();
    let mut silence = Silence::new(time::now());
    let (mut moves, mut looked) = (pulse.moves(), time::now());
    loop {
        tick.tick().await;
        let before = std::mem::replace(&mut looked, time::now());
        if !shared.is_connected() {
            silence = Silence::new(looked);
            continue;
        }
        if moves != pulse.moves() {
            moves = pulse.moves();
            shared.mailbox.push(PeerEvent::Moved);
        }
        if looked.saturating_since(before) > LATE {
            continue;
        }
        let rtt = desk.path.rtt().unwrap_or_default();
        let elsewhere = network.has_left_a_way().then(|| desk.path.heard());
        let signs = Signs { unanswered: pulse.unanswered(), elsewhere, pause: pulse.take_gap(), rtt };
        match silence.look(looked, signs) {
            Some(Change::Silent) => shared.mailbox.push(PeerEvent::Silent),
            Some(Change::Heard { after }) => shared.mailbox.push(PeerEvent::Heard { after }),
            None => {}
        }
    }
}
