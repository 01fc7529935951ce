//! Moves media from a viewer's queue to its peer, as fast as the peer takes it and no faster than its link carries it. A
//! slow peer fills only its own queue.

use std::sync::Arc;

use tokio::sync::Notify;

use super::feed::Feed;
use super::session::Context;
use super::shared::{Shared, record};
use super::tally::SentFrame;
use crate::fanout::{AudioFanout, LinkBudget, Media, PacketizedFrame, Subscriber, Verdict};
use crate::pacing::PacingCounters;
use crate::peer::{Departed, Peer, PeerError, SentHook};
use crate::stats::{Counters, page};
use crate::time::{self, Nanos};
use crate::units::{SenderId, ViewerId};

/// Sends the video of the layer that `feed` names, and the sound, until aborted or the peer is closed. The estimate at this
/// moment is taken for a guess.
pub async fn run(context: Arc<Context>, peer: Peer, feed: Arc<Feed>, audio: bool) {
    pump(&context.shared, &peer, &feed, SenderId::VIDEO, audio.then_some(&context.audio)).await;
}

/// The same for an added track, which has no sound beside it.
pub async fn run_track(context: Arc<Context>, peer: Peer, feed: Arc<Feed>, sender: SenderId) {
    pump(&context.shared, &peer, &feed, sender, None).await;
}

async fn pump(shared: &Shared, peer: &Peer, feed: &Feed, sender: SenderId, audio: Option<&AudioFanout>) {
    let arrived = Arc::new(Notify::new());
    let ring = Arc::clone(&arrived);
    let cut = Arc::clone(&arrived);
    peer.backlog().on_cut(sender, Box::new(move || cut.notify_one()));
    let mut subscriber = Subscriber::new(Box::new(move || ring.notify_one()));
    let mut targets = feed.targets();
    let mut watched = None;
    let (mut caused, mut resyncs) = (0, 0);
    let mut budget = LinkBudget::new(time::now(), feed.estimate());
    let mut cuts = peer.backlog().cuts();
    loop {
        let (change, layer) = targets.borrow_and_update().clone();
        if watched.replace(change) != Some(change) {
            match layer {
                Some(layer) => subscriber.watch(&layer.fanout),
                None => subscriber.unwatch(),
            }
        }
        match audio {
            Some(audio) if !feed.is_muted() => subscriber.listen(audio),
            _ => subscriber.unlisten(),
        }
        let before = std::mem::replace(&mut cuts, peer.backlog().cuts());
        if cuts != before {
            // The pacer threw away what comes next refers to.
            subscriber.resync();
        }
        while let Some(media) = subscriber.pop() {
            let (packets, bytes) = extent(&media);
            let now = time::now();
            follow(&mut budget, now, feed);
            budget.set_queued(now, peer.backlog().queued(now));
            let sent = match &media {
                Media::Video(frame) => {
                    let before = std::mem::replace(&mut cuts, peer.backlog().cuts());
                    if cuts != before && !frame.keyframe {
                        subscriber.resync();
                        continue;
                    }
                    if budget.leaves_out(now, frame.temporal_id, bytes, frame.keyframe) {
                        shared.counters.video_frames_thinned.add(1);
                        continue;
                    }
                    if budget.admit(now, bytes, frame.keyframe) == Verdict::Pause {
                        subscriber.pause();
                        continue;
                    }
                    peer.send_track(sender, &feed.renumber(frame)).await
                }
                Media::Audio(packet) => {
                    budget.charge(now, bytes);
                    peer.send_audio(packet).await
                }
            };
            let counters = &shared.counters;
            match sent {
                Ok(()) => {
                    counters.packets_sent.add(packets as u64);
                    counters.bytes_sent.add(bytes as u64);
                    if sender == SenderId::VIDEO {
                        let figures = peer.figures();
                        feed.tally.note_sent(now, figures.bytes_sent, figures.frames_sent);
                    }
                }
                Err(PeerError::Closed | PeerError::NoTrack) => return,
                Err(error) => {
                    tracing::trace!(%error, "media not sent");
                    counters.media_packets_refused.add(packets as u64);
                    if loses_picture(&error, &media) {
                        subscriber.resync();
                    }
                }
            }
        }
        if !subscriber.is_changing() {
            feed.arrived(change);
        }
        let before = std::mem::replace(&mut caused, subscriber.keyframes_caused());
        feed.add_keyframes_caused(caused - before);
        let before = std::mem::replace(&mut resyncs, subscriber.resyncs());
        feed.tally.add_resyncs(resyncs - before);
        let drained = async {
            match budget.drains_at() {
                None => std::future::pending().await,
                Some(due) => tokio::time::sleep(due.saturating_since(time::now())).await,
            }
        };
        tokio::select! {
            () = arrived.notified() => {}
            _ = targets.changed() => {}
            () = drained => {}
        }
        let now = time::now();
        follow(&mut budget, now, feed);
        budget.set_queued(now, peer.backlog().queued(now));
        if budget.has_drained(now) {
            subscriber.resume();
        }
    }
}

fn follow(budget: &mut LinkBudget, now: Nanos, feed: &Feed) {
    budget.set_estimate(now, feed.estimate());
    if feed.is_firm() {
        budget.trust();
    }
}

/// Whether what follows refers to what was not sent. A keyframe would not help a browser that takes no video now.
fn loses_picture(error: &PeerError, media: &Media) -> bool {
    matches!((error, media), (PeerError::Congested, Media::Video(_)))
}

/// Packets and payload bytes.
fn extent(media: &Media) -> (usize, usize) {
    match media {
        Media::Video(frame) => (frame.payloads.len(), frame.payloads.iter().map(bytes::Bytes::len).sum()),
        Media::Audio(packet) => (1, packet.payload.len()),
    }
}

/// Measures, for every frame that leaves, how long it was under way, and answers the page's test if it is the answer.
pub fn sent_hook(shared: &Arc<Shared>, viewer: ViewerId, feed: &Arc<Feed>) -> SentHook {
    let (shared, feed) = (Arc::clone(shared), Arc::clone(feed));
    SentHook(Arc::new(move |left: &Departed<'_>| {
        record_transit(&shared, left.frame);
        trace(&shared, viewer, left);
        if left.sender != SenderId::VIDEO {
            return;
        }
        let frame = SentFrame { pushed_at: left.frame.pushed_at, rtp_timestamp: left.rtp_timestamp };
        if let Some(marked) = feed.tally.frame_sent(frame, feed.pushed()) {
            let text = page::probe(marked.id, marked.rtp_timestamp);
            // A page that reads nothing asks again.
            let _ = shared.channels.send(marked.channel, true, text.as_bytes());
        }
    }))
}

#[cfg(feature = "trace")]
fn trace(shared: &Shared, viewer: ViewerId, left: &Departed<'_>) {
    if let Some(tracer) = &shared.tracer {
        tracer.handle_departed(viewer, left, time::now());
    }
}

#[cfg(not(feature = "trace"))]
fn trace(_: &Shared, _: ViewerId, _: &Departed<'_>) {}

/// Where a connection counts what it sends again and what it throws away.
pub fn pacing_counters(counters: &Counters) -> PacingCounters {
    PacingCounters {
        packets_retransmitted: counters.packets_retransmitted.clone(),
        retransmissions_refused: counters.retransmissions_refused.clone(),
        packets_dropped: counters.video_packets_dropped.clone(),
    }
}

/// Transit is everything but the encoding: as if that had taken no time.
fn record_transit(shared: &Shared, frame: &PacketizedFrame) {
    let encoding = frame.encode_ended.0.saturating_sub(frame.encode_started.0);
    record(&shared.transit_us, frame.pushed_at, Nanos(time::now().0.saturating_sub(encoding)));
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use crate::config::Config;
    use crate::encode::Codec;
    use crate::fanout::{AudioPacket, Fanout};
    use crate::peer::PeerSettings;
    use crate::streamer::layer::{Layer, LayerKey};
    use crate::units::{Bitrate, Size};

    fn frame(rtp_timestamp: u32, keyframe: bool, bytes: usize) -> Arc<PacketizedFrame> {
        Arc::new(PacketizedFrame {
            codec: Codec::H264,
            size: Size::new(64, 64),
            keyframe,
            temporal_id: 0,
            discardable: false,
            rtp_timestamp,
            payloads: vec![vec![0; bytes / 2].into(); 2],
            host_time: 0,
            pushed_at: Nanos(0),
            encode_started: Nanos(0),
            encode_ended: Nanos(0),
            marks: None,
        })
    }

    fn sound() -> Arc<AudioPacket> {
        Arc::new(AudioPacket { rtp_timestamp: 0, payload: vec![0; 10].into(), pushed_at: Nanos(0) })
    }

    /// A pump to a peer that nobody is connected to.
    fn layer(shared: &Shared) -> Arc<Layer> {
        let (key, source) = (LayerKey::first(Codec::H264), Arc::clone(shared.sources.first()));
        Arc::new(Layer::new(key, source, &shared.counters, Bitrate::from_kbps(1_000)))
    }

    struct Scene {
        shared: Arc<Shared>,
        video: Fanout,
        audio: AudioFanout,
        feed: Arc<Feed>,
        peer: Peer,
        pump: tokio::task::JoinHandle<()>,
    }

    impl Scene {
        async fn start() -> Self {
            let (events, _) = tokio::sync::mpsc::channel(8);
            let start_bitrate = Bitrate::from_kbps(1_000);
            let settings = PeerSettings {
                viewer: ViewerId(1),
                codecs: vec![Codec::H264],
                audio: true,
                one_stream: false,
                receivable: Default::default(),
                inlet: None,
                configured: Default::default(),
                bind_addresses: vec![Ipv4Addr::LOCALHOST.into()],
                network: Default::default(),
                start_bitrate,
                min_bitrate: start_bitrate,
                max_bitrate: start_bitrate,
                playout_delay_ms: (0, 0),
                protection: Default::default(),
                sent: None,
                events_dropped: Default::default(),
                pacing: Default::default(),
            };
            let peer = Peer::open(settings, events).await.unwrap();
            let shared = Shared::new(Config::default());
            let layer = layer(&shared);
            let video = layer.fanout.clone();
            let audio = AudioFanout::new(Default::default());
            let feed = Feed::new(start_bitrate);
            feed.watch(Some(layer));
            let pump = tokio::spawn({
                let (shared, feed, audio) = (Arc::clone(&shared), Arc::clone(&feed), audio.clone());
                let peer = peer.clone();
                async move { pump(&shared, &peer, &feed, SenderId::VIDEO, Some(&audio)).await }
            });
            let scene = Self { shared, video, audio, feed, peer, pump };
            scene.until(|scene| scene.video.subscriber_count() == 1).await;
            scene
        }

        async fn until(&self, done: impl Fn(&Self) -> bool) {
            let waiting = async {
                while !done(self) {
                    tokio::task::yield_now().await;
                }
            };
            tokio::time::timeout(std::time::Duration::from_secs(10), waiting).await.expect("it never came");
        }

        /// One frame, and that the pump has dealt with it.
        async fn publish(&self, frame: Arc<PacketizedFrame>) {
            let dealt_with = |c: &Counters| c.media_packets_refused.get() + c.viewer_resyncs.get();
            let before = dealt_with(&self.shared.counters);
            self.video.publish(frame);
            self.until(|scene| dealt_with(&scene.shared.counters) > before).await;
        }
    }

    #[tokio::test]
    async fn media_that_is_refused_is_counted_and_asks_for_no_keyframe() {
        let scene = Scene::start().await;
        let counters = &scene.shared.counters;
        let requested = counters.keyframes_requested.get();
        for n in 0..4 {
            scene.publish(frame(n * 1_500, n == 0, 100)).await;
        }
        assert_eq!(counters.media_packets_refused.get(), 8);
        assert_eq!((counters.packets_sent.get(), counters.bytes_sent.get()), (0, 0));
        assert_eq!((counters.viewer_resyncs.get(), counters.keyframes_requested.get()), (0, requested));
        assert!(!scene.video.needs_keyframe());
        scene.pump.abort();
    }

    #[tokio::test]
    async fn link_that_is_behind_pauses_the_video_and_asks_once_for_a_keyframe_when_it_has_drained() {
        let scene = Scene::start().await;
        let counters = &scene.shared.counters;
        let requested = counters.keyframes_requested.get();
        // Many seconds of the guess in a moment: no reason to pause anybody.
        for n in 0..5 {
            scene.publish(frame(n * 1_500, n == 0, 2_500_000)).await;
        }
        assert_eq!(counters.viewer_resyncs.get(), 0);
        scene.feed.set_estimate(Bitrate::from_kbps(100));
        scene.publish(frame(7_500, false, 2_500_000)).await;
        assert_eq!((counters.viewer_resyncs.get(), counters.keyframes_requested.get()), (1, requested));
        let refused = counters.media_packets_refused.get();
        scene.video.publish(frame(9_000, true, 100));
        // Sound goes on, and wakes the pump.
        scene.audio.publish(sound());
        scene.until(|scene| scene.shared.counters.media_packets_refused.get() > refused).await;
        assert_eq!(counters.media_packets_refused.get(), refused + 1, "video during a pause");
        assert!(!scene.video.needs_keyframe());
        // The link turns out to be fast after all: the backlog is nothing to it.
        scene.feed.set_estimate(Bitrate::from_kbps(1_000_000_000));
        scene.audio.publish(sound());
        scene.until(|scene| scene.video.needs_keyframe()).await;
        assert_eq!(counters.keyframes_requested.get(), requested + 1);
        scene.publish(frame(10_500, true, 100)).await;
        assert!(!scene.video.needs_keyframe());
        assert_eq!(counters.viewer_resyncs.get(), 1);
        scene.pump.abort();
    }

    #[tokio::test]
    async fn what_the_pacer_throws_away_asks_for_a_keyframe_before_there_is_another_frame() {
        let scene = Scene::start().await;
        scene.publish(frame(0, true, 100)).await;
        assert!(!scene.video.needs_keyframe());
        scene.peer.backlog().cut();
        scene.until(|scene| scene.video.needs_keyframe()).await;
        scene.publish(frame(3_000, true, 100)).await;
        assert_eq!(scene.shared.counters.viewer_resyncs.get(), 1);
        scene.pump.abort();
    }

    #[tokio::test]
    async fn a_change_of_layer_is_told_when_the_new_ones_keyframe_is_sent_and_so_is_what_a_pause_costs() {
        let scene = Scene::start().await;
        let other = layer(&scene.shared);
        scene.publish(frame(0, true, 100)).await;
        scene.until(|scene| scene.feed.has_arrived()).await;
        scene.feed.watch(Some(Arc::clone(&other)));
        scene.until(|_| other.fanout.needs_keyframe()).await;
        assert!(!scene.feed.has_arrived());
        scene.publish(frame(1_500, false, 100)).await; // the old one goes on meanwhile
        other.fanout.publish(frame(3_000, true, 100));
        scene.until(|scene| scene.feed.has_arrived() && scene.video.subscriber_count() == 0).await;
        assert_eq!(scene.feed.take_keyframes_caused(), 0);
        scene.feed.set_estimate(Bitrate::from_kbps(100));
        other.fanout.publish(frame(4_500, false, 2_500_000));
        other.fanout.publish(frame(6_000, false, 100));
        scene.until(|scene| scene.shared.counters.viewer_resyncs.get() > 0).await;
        scene.feed.set_estimate(Bitrate::from_kbps(1_000_000_000));
        scene.audio.publish(sound());
        scene.until(|scene| scene.feed.take_keyframes_caused() == 1).await;
        scene.pump.abort();
    }

    #[tokio::test]
    async fn who_rests_or_is_muted_takes_no_place_among_those_who_are_served() {
        let scene = Scene::start().await;
        scene.until(|scene| scene.audio.subscriber_count() == 1).await;
        scene.feed.watch(None);
        scene.until(|scene| scene.video.subscriber_count() == 0).await;
        assert_eq!(scene.audio.subscriber_count(), 1);
        scene.feed.set_muted(true);
        scene.until(|scene| scene.audio.subscriber_count() == 0).await;
        let layer = layer(&scene.shared);
        scene.feed.watch(Some(Arc::clone(&layer)));
        scene.until(|_| layer.fanout.subscriber_count() == 1 && layer.fanout.needs_keyframe()).await;
        scene.feed.set_muted(false);
        scene.until(|scene| scene.audio.subscriber_count() == 1).await;
        scene.pump.abort();
    }

    #[test]
    fn only_a_frame_the_network_had_no_room_for_loses_the_picture() {
        let (video, audio) = (Media::Video(frame(0, true, 2)), Media::Audio(sound()));
        assert!(loses_picture(&PeerError::Congested, &video));
        assert!(!loses_picture(&PeerError::Congested, &audio));
        let wrong = PeerError::WrongCodec { frame: Codec::Vp8, negotiated: Codec::H264 };
        for error in [PeerError::NotConnected, PeerError::NotNegotiated, wrong] {
            assert!(!loses_picture(&error, &video), "{error}");
        }
    }

    fn departed(frame: &PacketizedFrame) -> Departed<'_> {
        Departed { frame, sender: SenderId::VIDEO, rtp_timestamp: frame.rtp_timestamp, paced_at: Nanos(0) }
    }

    #[test]
    fn transit_runs_from_the_push_and_leaves_the_encoding_out() {
        let transit_us = |encoding: Nanos| {
            let shared = Shared::new(Config::default());
            let frame = PacketizedFrame { encode_ended: encoding, ..Arc::unwrap_or_clone(frame(0, true, 2)) };
            let feed = Feed::new(Bitrate::default());
            (sent_hook(&shared, ViewerId(1), &feed).0)(&departed(&frame));
            shared.transit_us.lock().unwrap().percentile(50)
        };
        // The clock begins at zero, when these frames were pushed.
        while time::now() < Nanos(2_000_000) {
            std::hint::spin_loop();
        }
        assert!(transit_us(Nanos(0)) >= 2_000);
        assert_eq!(transit_us(Nanos(3_600_000_000_000)), 0);
    }
}
