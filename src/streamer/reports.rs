//! Figures of single viewers, for whoever asks.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;

use super::feed::Feed;
use super::source::SourceFigures;
use crate::peer::{Encoding, Figures, Peer, Pictures, Sending, Sent};
use crate::stats::page::PageFigures;
use crate::time::{self, Nanos};
use crate::units::{Bitrate, SenderId, SourceId, ViewerId};

/// A connection's driver that is busy for longer has no figures to give.
const LONGEST: Duration = Duration::from_millis(250);

/// Why there are no figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReportError {
    #[error("{0} is not here")]
    NoViewer(ViewerId),
    #[error("the connection of {0} did not answer within 250 ms")]
    Busy(ViewerId),
    #[error("mid: {0} has no media section of this name")]
    NoSection(ViewerId),
}

/// What a host shows of a viewer.
#[derive(Clone, Debug, PartialEq)]
pub struct ViewerFigures {
    pub peer: Figures,
    /// What its link carries.
    pub estimate: Bitrate,
    /// The codec's name and what its picture is encoded like; None while it watches nothing.
    pub encoding: Option<(&'static str, Encoding)>,
    /// Whose picture it is shown, or is about to be.
    pub source: SourceId,
    /// Its layer's place in the codec's ladder; None while it watches nothing.
    pub rung: Option<usize>,
    /// What it was sent in the last second: of payload, and pictures.
    pub sent: Bitrate,
    pub sent_fps: u32,
    pub resyncs: u64,
    /// How long what waits in its pacer takes to leave.
    pub pacer_queue: Duration,
    /// What its page says of itself, and how long ago it did.
    pub page: Option<(Duration, PageFigures)>,
}

/// A connection, and what is sent on it; the first one's and those of the added tracks.
#[derive(Clone, Debug)]
struct Entry {
    peer: Peer,
    feed: Arc<Feed>,
    added: Vec<(SenderId, Arc<Feed>)>,
}

/// Viewers with a connection.
#[derive(Debug, Default)]
pub struct Reports(Mutex<HashMap<ViewerId, Entry>>);

impl Reports {
    pub fn enter(&self, viewer: ViewerId, peer: Peer, feed: Arc<Feed>) {
        self.viewers().insert(viewer, Entry { peer, feed, added: Vec::new() });
    }

    /// The tracks beside the first are these from now on.
    pub fn set_added(&self, viewer: ViewerId, added: Vec<(SenderId, Arc<Feed>)>) {
        if let Some(entry) = self.viewers().get_mut(&viewer) {
            entry.added = added;
        }
    }

    pub fn leave(&self, viewer: ViewerId) {
        // Dropped without the lock: it may be the peer's last share.
        let gone = self.viewers().remove(&viewer);
        drop(gone);
    }

    /// The viewer's connection, if it has one by now.
    pub fn peer(&self, viewer: ViewerId) -> Option<Peer> {
        self.viewers().get(&viewer).map(|entry| entry.peer.clone())
    }

    /// Waits for nothing.
    pub fn figures(&self, viewer: ViewerId) -> Result<ViewerFigures, ReportError> {
        let Entry { peer, feed, .. } = self.find(viewer)?;
        Ok(figures(&peer, &feed, time::now()))
    }

    /// The host has polled the test that a viewer's page began.
    pub fn probe_polled(&self, viewer: ViewerId) {
        if let Ok(Entry { feed, .. }) = self.find(viewer) {
            feed.tally.probe_polled(time::now(), feed.pushed());
        }
    }

    /// The whole report, or that of one section (`a=mid`), as JSON. Waits for the connection's driver.
    pub fn report(&self, viewer: ViewerId, section: Option<&str>) -> Result<String, ReportError> {
        let Entry { peer, feed, added } = self.find(viewer)?;
        let (tell, told) = crossbeam_channel::bounded(1);
        let first = sent(SenderId::VIDEO, &feed);
        let sent: Vec<Sent> =
            std::iter::once(first).chain(added.iter().map(|(sender, feed)| sent(*sender, feed))).collect();
        let section = section.map(str::to_owned);
        peer.clone().spawn(async move {
            let report = match &section {
                Some(mid) => peer.section_report(mid, feed.link(), &sent).await,
                None => Some(peer.report(feed.link(), &sent).await),
            };
            let _ = tell.try_send(report.map(|report| Value::Object(report).to_string()));
        });
        let report = told.recv_timeout(LONGEST).map_err(|_| ReportError::Busy(viewer))?;
        report.ok_or(ReportError::NoSection(viewer))
    }

    fn find(&self, viewer: ViewerId) -> Result<Entry, ReportError> {
        self.viewers().get(&viewer).cloned().ok_or(ReportError::NoViewer(viewer))
    }

    fn viewers(&self) -> MutexGuard<'_, HashMap<ViewerId, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn figures(peer: &Peer, feed: &Feed, now: Nanos) -> ViewerFigures {
    let key = feed.layer().map(|layer| layer.key);
    let sent = peer.figures();
    // The pump has not seen the last ones leave.
    feed.tally.note_sent(now, sent.bytes_sent, sent.frames_sent);
    let [bytes, frames] = feed.tally.sent_per_second(now);
    ViewerFigures {
        peer: sent,
        estimate: feed.link(),
        encoding: encoding(feed),
        source: key.map_or(SourceId(0), |key| key.source),
        rung: key.map(|key| key.rung),
        sent: Bitrate::from_bps(bytes.saturating_mul(8)),
        sent_fps: u32::try_from(frames).unwrap_or(u32::MAX),
        resyncs: feed.tally.resyncs(),
        pacer_queue: peer.backlog().queued(now),
        page: feed.tally.page().map(|(told, page)| (now.saturating_since(told), page)),
    }
}

fn sent(sender: SenderId, feed: &Feed) -> Sent {
    let encoding = encoding(feed).map(|(_, encoding)| encoding);
    Sent { sender, encoding, sending: sending(feed) }
}

fn sending(feed: &Feed) -> Sending {
    let degraded = feed.layer().is_some_and(|layer| layer.is_degraded());
    Sending { video: !feed.is_resting(), audio: !feed.is_muted(), limited: degraded || feed.is_limited() }
}

fn encoding(feed: &Feed) -> Option<(&'static str, Encoding)> {
    let layer = feed.layer()?;
    let status = layer.status();
    let SourceFigures { id, size, fps, frames } = layer.source.figures();
    let encoding = Encoding {
        encoder: status.encoder,
        target: status.target,
        size: status.size,
        fps: status.fps,
        source: Pictures { source: id, size, fps, frames },
    };
    Some((layer.key.codec.rtpmap_name(), encoding)).filter(|_| !status.encoder.is_empty())
}
