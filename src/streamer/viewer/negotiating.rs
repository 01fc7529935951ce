//! Carries out what the negotiation decides, on the viewer's own peer.

use std::collections::VecDeque;
use std::sync::Arc;

use super::trickle::Gathering;
use super::{CONNECT_TIMEOUT, Viewer};
use crate::config::{MediaStreams, ReceiveConfig};
use crate::decode::select;
use crate::peer::{Peer, PeerSettings, Receivable};
use crate::receive::inlet::Inlet;
use crate::signaling::negotiation::{Action, Input};
use crate::signaling::sdp;
use crate::streamer::media_pump;
use crate::time;

fn receivable(wanted: ReceiveConfig) -> Receivable {
    let video = if wanted.video { select::working() } else { Vec::new() };
    Receivable { audio: wanted.audio, video, closed: Vec::new() }
}

impl Viewer {
    /// Feeds the state machine, and what its actions lead to, until it is quiet.
    pub(super) async fn negotiate(&mut self, input: Input) {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            let agreed = matches!(input, Input::Answered { .. } | Input::AnswerAccepted);
            for action in self.negotiation.handle(time::now(), input) {
                if let Some(next) = self.perform(action).await {
                    inputs.push_back(next);
                }
            }
            if agreed && (self.lacks_channel_section().await || self.has_untold_tracks().await) {
                inputs.push_back(Input::Renegotiate);
            }
        }
    }

    async fn perform(&mut self, action: Action) -> Option<Input> {
        let video = &self.context.shared.config.video;
        let (start, max) = (video.start_bitrate_kbps, video.max_bitrate_kbps);
        match action {
            Action::Answer { offer_sdp, with_media } => {
                let peer = self.peer().await?;
                match peer.answer(&sdp::boost(&offer_sdp, start, max), with_media).await {
                    Ok(sdp) => {
                        self.described = true;
                        Some(Input::Answered { sdp: sdp::boost(&sdp, start, max) })
                    }
                    Err(error) => Some(Input::Failed { reason: error.to_string() }),
                }
            }
            Action::Offer => match self.peer().await?.offer().await {
                Ok(sdp) => Some(Input::Offered { sdp: sdp::boost(&sdp, start, max) }),
                Err(error) => Some(Input::Failed { reason: error.to_string() }),
            },
            Action::RestartIce => match self.peer().await?.offer_restart().await {
                Ok(sdp) => Some(Input::Offered { sdp: sdp::boost(&sdp, start, max) }),
                Err(error) => Some(Input::Failed { reason: error.to_string() }),
            },
            Action::AcceptAnswer { sdp } => {
                let peer = self.peer().await?;
                match peer.accept_answer(&sdp).await {
                    Ok(()) => {
                        self.described = true;
                        // Our offer may have waited long for somebody; whoever came has its time to connect from now on.
                        if !self.connected {
                            self.deadline = Some(time::now() + CONNECT_TIMEOUT);
                        }
                        Some(Input::AnswerAccepted)
                    }
                    Err(error) => Some(Input::Failed { reason: error.to_string() }),
                }
            }
            // Nothing is agreed on yet: a fresh connection has no tracks of an offer that never was.
            Action::Rollback if !self.described => {
                if let Some(peer) = self.peer.take() {
                    self.abandoned += 1;
                    // The next one gathers anew; what was to be told of this one is void.
                    self.gathering = Gathering::default();
                    peer.close().await;
                }
                None
            }
            Action::Rollback => {
                if let Err(error) = self.peer().await?.rollback().await {
                    return Some(Input::Failed { reason: error.to_string() });
                }
                None
            }
            Action::AddCandidate(candidate) => {
                if let Err(error) = self.peer().await?.add_candidate(candidate).await {
                    // One bad candidate is not worth a connection.
                    self.context.shared.counters.signaling_messages_malformed.add(1);
                    tracing::debug!(viewer = self.id.0, %error, "candidate");
                }
                None
            }
            Action::Send(command) => {
                self.say(command).await;
                None
            }
            Action::Close { reason } => {
                self.ended = Some(reason);
                None
            }
        }
    }

    /// Where what the page sends goes, if any of it is wanted.
    fn inlet(&mut self) -> Option<Inlet> {
        let (receive, counters) = (self.context.shared.config.peer.receive, &self.context.shared.counters);
        let wanted = receive.audio || receive.video;
        self.inlet =
            wanted.then(|| Inlet::new(counters.received_packets.clone(), counters.received_packets_dropped.clone()));
        self.inlet.clone()
    }

    /// The peer, opened when it is first needed.
    pub(super) async fn peer(&mut self) -> Option<Peer> {
        if let Some(peer) = &self.peer {
            return Some(peer.clone());
        }
        let inlet = self.inlet();
        let config = &self.context.shared.config;
        let settings = PeerSettings {
            viewer: self.id,
            codecs: self.ordered_codecs(),
            audio: config.audio.enabled,
            one_stream: match config.peer.media_streams {
                MediaStreams::Auto => self.one_stream,
                MediaStreams::One => true,
                MediaStreams::Separate => false,
            },
            receivable: receivable(config.peer.receive),
            inlet,
            configured: self.configured.clone(),
            bind_addresses: config.peer.bind_addresses.clone(),
            network: self.context.network.clone(),
            start_bitrate: config.video.start_bitrate(),
            min_bitrate: config.video.min_bitrate(),
            max_bitrate: config.video.max_bitrate(),
            playout_delay_ms: (config.peer.playout_delay_ms.min, config.peer.playout_delay_ms.max),
            protection: config.peer.protection,
            sent: Some(media_pump::sent_hook(&self.context.shared, self.id, &self.feed)),
            events_dropped: self.context.shared.counters.peer_events_dropped.clone(),
            pacing: media_pump::pacing_counters(&self.context.shared.counters),
        };
        match Peer::open(settings, self.peer_tx.clone()).await {
            Ok(peer) => {
                self.context.shared.reports.enter(self.id, peer.clone(), Arc::clone(&self.feed));
                self.peer = Some(peer.clone());
                self.bring_preference().await;
                self.channels.open_waiting(&peer).await;
                self.bring_tracks_to(&peer).await;
                Some(peer)
            }
            Err(error) => {
                self.ended = Some(error.to_string());
                None
            }
        }
    }
}
