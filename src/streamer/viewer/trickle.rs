//! Signaling without trickling: a description is told once every candidate of ours is in it (RFC 8838, "half trickle").

use std::time::Duration;

use super::Viewer;
use crate::signaling::{SignalCommand, sdp};
use crate::time::{self, Nanos};

/// A STUN or TURN server that does not answer holds a description up for no longer than this.
const LONGEST: Duration = Duration::from_secs(1);

/// A description that waits for its candidates.
#[derive(Debug, Default)]
pub struct Gathering {
    complete: bool,
    held: Option<(SignalCommand, Nanos)>,
}

impl Gathering {
    /// When what is held has to go.
    pub fn deadline(&self) -> Option<Nanos> {
        self.held.as_ref().map(|(_, until)| *until)
    }
}

impl Viewer {
    /// Says it now, or when it is complete.
    pub(super) async fn say(&mut self, command: SignalCommand) {
        if self.context.shared.config.signaling.trickle {
            return self.send(command).await;
        }
        match command {
            // They are in the description.
            SignalCommand::Candidate { .. } => {}
            SignalCommand::Offer { .. } | SignalCommand::Answer { .. } => {
                // A later description of the same side is the one that counts.
                self.gathering.held = Some((command, time::now() + LONGEST));
                if self.gathering.complete {
                    self.say_held().await;
                }
            }
            SignalCommand::Disconnect { .. } | SignalCommand::Call { .. } => self.send(command).await,
        }
    }

    pub(super) async fn on_gathered(&mut self) {
        self.gathering.complete = true;
        self.say_held().await;
    }

    /// Once `deadline` has come, or before.
    pub(super) async fn say_held(&mut self) {
        let Some((mut command, _)) = self.gathering.held.take() else { return };
        let video = &self.context.shared.config.video;
        let (start, max) = (video.start_bitrate_kbps, video.max_bitrate_kbps);
        let description = match &self.peer {
            Some(peer) => peer.local_description().await,
            None => None,
        };
        if let (SignalCommand::Offer { sdp, .. } | SignalCommand::Answer { sdp, .. }, Some(description)) =
            (&mut command, description)
        {
            *sdp = sdp::boost(&description, start, max);
        }
        self.send(command).await;
    }

    async fn send(&mut self, command: SignalCommand) {
        self.said_goodbye |= matches!(command, SignalCommand::Disconnect { .. });
        if self.commands.send(command).await.is_err() {
            self.ended = Some("signaling has ended".into());
        }
    }
}
