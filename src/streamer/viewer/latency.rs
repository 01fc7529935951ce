//! Latency and statistics, between one viewer's page and us: answers its pings, hands its tests to the host, keeps what it
//! measures, and tells it once a second what is known of it, where it wants that.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::input::{InputEvent, InputKind};
use crate::stats::page::{self, PageMessage, Told};
use crate::streamer::feed::Feed;
use crate::streamer::layers::OpenLayer;
use crate::streamer::shared::Shared;
use crate::streamer::snapshot;
use crate::time::{self, Nanos};
use crate::units::ViewerId;

/// How often a page is told the statistics.
const PERIOD: Duration = Duration::from_secs(1);

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Handled {
    /// It is of no type that is known here.
    NotOurs,
    Done,
    /// To be sent on the channel that it came on.
    Answer(String),
}

pub struct Latency {
    shared: Arc<Shared>,
    viewer: ViewerId,
    feed: Arc<Feed>,
    /// The channel that the statistics are wanted on, and when they are due.
    telling: Option<(u32, Nanos)>,
    /// When they were told last.
    told: Option<Nanos>,
}

impl Latency {
    pub fn new(shared: Arc<Shared>, viewer: ViewerId, feed: Arc<Feed>) -> Self {
        Self { shared, viewer, feed, telling: None, told: None }
    }

    pub fn close(&mut self, number: u32) {
        self.telling = self.telling.filter(|(own, _)| *own != number);
    }

    /// A message that came on the channel of that number, at `received`.
    pub fn handle(&mut self, number: u32, message: &Value, received: Nanos) -> Handled {
        let message = match PageMessage::parse(message) {
            None => return Handled::NotOurs,
            Some(Ok(message)) => message,
            Some(Err(error)) => {
                tracing::debug!(viewer = self.viewer.0, %error, "a page's message");
                self.shared.counters.input_messages_malformed.add(1);
                return Handled::Done;
            }
        };
        match message {
            PageMessage::Latency(figures) => self.feed.tally.set_page(received, figures),
            PageMessage::Ping { id, time } => {
                return Handled::Answer(page::pong(id, time, micros(received), micros(time::now())));
            }
            PageMessage::Probe { id } => {
                if self.feed.tally.begin_probe(id, number) {
                    let (viewer, received_ns) = (self.viewer, received.0);
                    let (page_time_us, video, kind) = (None, self.shared.sources.first().size(), InputKind::Probe);
                    self.shared.input.push(InputEvent { viewer, received_ns, page_time_us, video, kind });
                }
            }
            PageMessage::Stats { on } => {
                // However often it asks.
                let due = self.told.map_or(received, |told| (told + PERIOD).max(received));
                self.telling = on.then_some((number, due));
            }
        }
        Handled::Done
    }

    /// When the page is to be told something.
    pub fn next_tell(&self) -> Option<Nanos> {
        self.telling.map(|(_, due)| due)
    }

    /// Tells the page what is known of it, if that is due.
    pub fn tell(&mut self, now: Nanos) {
        let Some((channel, _)) = self.telling.filter(|(_, due)| *due <= now) else { return };
        (self.telling, self.told) = (Some((channel, now + PERIOD)), Some(now));
        let Ok(figures) = self.shared.reports.figures(self.viewer) else { return };
        let layer = self.feed.layer().map(|layer| {
            let (status, figures) = (layer.status(), layer.tally.figures(now));
            snapshot::of_layer(&OpenLayer { key: layer.key, status, viewers: layer.fanout.subscriber_count(), figures })
        });
        let text = page::stats(&Told {
            viewer: snapshot::viewer_snapshot(self.viewer, &figures),
            layer,
            convert_p50_us: snapshot::quantiles(&self.shared.convert_us).0,
            transit_p50_us: snapshot::quantiles(&self.shared.transit_us).0,
            clock: self.feed.tally.last_sent().map(|frame| (frame.rtp_timestamp, micros(frame.pushed_at))),
        });
        // A page that reads nothing misses one.
        let _ = self.shared.channels.send(channel, true, text.as_bytes());
    }
}

/// Of our clock, as pages are told it.
fn micros(at: Nanos) -> u64 {
    at.0 / 1_000
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::config::Config;
    use crate::stats::page::PageFigures;
    use crate::units::Bitrate;

    const AT: Nanos = Nanos(5_000_000);

    fn latency() -> Latency {
        Latency::new(Shared::new(Config::default()), ViewerId(7), Feed::new(Bitrate::default()))
    }

    #[test]
    fn a_ping_is_answered_at_once_with_our_clock() {
        let Handled::Answer(text) = latency().handle(1, &json!({"type": "ping", "id": 3, "time": 9.5}), AT) else {
            panic!()
        };
        let pong: Value = serde_json::from_str(&text).unwrap();
        assert_eq!((&pong["type"], &pong["id"], &pong["time"]), (&json!("pong"), &json!(3), &json!(9.5)));
        assert_eq!(pong["received_us"], 5_000);
        assert!(pong["sent_us"].is_u64());
    }

    #[test]
    fn a_probe_is_an_event_for_the_host_and_one_at_a_time() {
        let mut latency = latency();
        for id in [1, 2] {
            assert_eq!(latency.handle(4, &json!({"type": "probe", "id": id}), AT), Handled::Done);
        }
        let event = latency.shared.input.poll().unwrap();
        assert_eq!((event.viewer, event.received_ns, event.kind), (ViewerId(7), AT.0, InputKind::Probe));
        assert_eq!(latency.shared.input.poll(), None);
    }

    #[test]
    fn what_the_page_measures_is_kept_and_what_makes_no_sense_is_counted() {
        let mut latency = latency();
        latency.handle(1, &json!({"type": "latency", "fps": 60}), AT);
        assert_eq!(latency.feed.tally.page(), Some((AT, PageFigures { fps: Some(60.0), ..Default::default() })));
        assert_eq!(latency.handle(1, &json!({"type": "probe"}), AT), Handled::Done);
        assert_eq!(latency.shared.counters.input_messages_malformed.get(), 1);
        assert_eq!(latency.handle(1, &json!({"type": "hello"}), AT), Handled::NotOurs);
    }

    #[test]
    fn statistics_are_due_once_a_second_until_they_are_not_wanted_or_their_channel_closes() {
        let mut latency = latency();
        assert_eq!(latency.next_tell(), None);
        latency.handle(3, &json!({"type": "stats", "on": true}), AT);
        assert_eq!(latency.next_tell(), Some(AT));
        latency.tell(AT);
        assert_eq!(latency.next_tell(), Some(AT + PERIOD));
        latency.tell(AT); // not due
        assert_eq!(latency.next_tell(), Some(AT + PERIOD));
        latency.close(9);
        assert!(latency.next_tell().is_some());
        latency.close(3);
        assert_eq!(latency.next_tell(), None);
        latency.handle(4, &json!({"type": "stats", "on": true}), AT);
        assert_eq!(latency.next_tell(), Some(AT + PERIOD), "asking again is no way to be told more often");
        latency.handle(4, &json!({"type": "stats", "on": false}), AT);
        assert_eq!(latency.next_tell(), None);
    }
}
