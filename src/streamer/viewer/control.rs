//! One viewer's control channel (the page's data channel `rendercast`): what its page says beside input, and what it is told.

use std::time::Duration;

use serde_json::Value;
use tokio::sync::watch;

use super::Viewer;
use super::latency::Handled;
use super::quality::Asked;
use super::told::{Told, Wanted};
use crate::guard::Bucket;
use crate::input::InputKind;
use crate::peer::ChannelKey;
use crate::streamer::channels::ChannelError;
use crate::streamer::control_json::{HostMessage, LABEL, PageMessage, WantedRole};
use crate::streamer::presentation::Presentation;
use crate::streamer::roles::Standing;
use crate::time::{self, Nanos};
use crate::units::ViewerId;

/// Messages of a page in the long run, per second, and at once.
const RATE: u32 = 100;
const BURST: u32 = 200;
/// What found no room on the channel is tried again.
const RETRY: Duration = Duration::from_millis(100);
/// A page that is sent away is given so long to take the reason; how often it is looked whether it has.
const FAREWELL: Duration = Duration::from_secs(2);
const LOOK: Duration = Duration::from_millis(20);

pub struct Control {
    standing: watch::Receiver<Standing>,
    presentation: watch::Receiver<Presentation>,
    /// The page's channel, the newest one.
    channel: Option<u32>,
    /// The page has said hello on it.
    greeted: bool,
    told: Told,
    bucket: Bucket,
    retry_at: Option<Nanos>,
    farewell: Option<Farewell>,
    /// The quality that its viewer chooses.
    pub(super) asked: Asked,
}

/// The host sends the viewer away.
struct Farewell {
    reason: String,
    look_at: Nanos,
    until: Nanos,
}

impl Farewell {
    fn text(&self) -> String {
        format!("sent away: {}", self.reason)
    }
}

impl Control {
    pub fn new(standing: watch::Receiver<Standing>, presentation: watch::Receiver<Presentation>) -> Self {
        Self {
            standing,
            presentation,
            channel: None,
            greeted: false,
            told: Told::default(),
            bucket: Bucket::per_second(BURST, RATE),
            retry_at: None,
            farewell: None,
            asked: Asked::default(),
        }
    }

    /// Until the page is to be told something.
    pub async fn news(&mut self) {
        tokio::select! {
            Ok(()) = self.standing.changed() => {}
            Ok(()) = self.presentation.changed() => {}
            else => std::future::pending().await,
        }
    }

    pub fn close(&mut self, number: u32) {
        if self.channel == Some(number) {
            self.channel = None;
        }
    }

    /// Why the host has sent the viewer away, if it has.
    pub fn parting(&self) -> Option<String> {
        self.farewell.as_ref().map(Farewell::text)
    }

    pub fn deadline(&self) -> Option<Nanos> {
        let look = self.farewell.as_ref().map(|farewell| farewell.look_at);
        [self.retry_at, self.standing.borrow().ask_deadline, look, self.asked.due()].into_iter().flatten().min()
    }
}

impl Viewer {
    /// A channel opened, perhaps before it is told that the connection is up.
    pub(super) fn on_control_open(&mut self, number: u32, label: &str, ours: bool) {
        self.context.shared.roles.enter(self.id);
        if label == LABEL && !ours {
            let control = &mut self.control;
            (control.channel, control.greeted, control.told) = (Some(number), false, Told::default());
        }
    }

    pub(super) fn on_message(&mut self, key: ChannelKey, text: bool, data: &[u8]) {
        let Some(number) = self.channels.number(key) else { return };
        self.input.follow_role();
        if !text || self.control.channel != Some(number) {
            return self.input.handle(number, text, data);
        }
        if !self.control.bucket.take(time::now()) {
            return self.context.shared.counters.input_messages_limited.add(1);
        }
        match PageMessage::decode(data) {
            Ok(message) => self.on_control(number, message, data),
            Err(error) => {
                tracing::debug!(viewer = self.id.0, %error, "a message of the page");
                self.context.shared.counters.input_messages_malformed.add(1);
            }
        }
    }

    fn on_control(&mut self, number: u32, message: PageMessage, data: &[u8]) {
        let roles = &self.context.shared.roles;
        match message {
            PageMessage::Hello(hello) => {
                tracing::debug!(viewer = self.id.0, version = hello.version, "the page says hello");
                if let Some(token) = hello.player_token.filter(|token| !token.is_empty()) {
                    roles.present_token(self.id, &token);
                }
                (self.control.greeted, self.control.told) = (true, Told::default());
                self.tell_page();
            }
            PageMessage::Role { want } => roles.want(self.id, want == WantedRole::Player),
            PageMessage::Give { viewer } => roles.give(self.id, ViewerId(viewer)),
            PageMessage::Clipboard { text } => self.on_clipboard(text),
            PageMessage::Field(field) => {
                let (selection_start, selection_end) = field.selection();
                let (text, done) = (field.text, field.done);
                self.input.pass(InputKind::TextField { text, selection_start, selection_end, done });
            }
            PageMessage::Quality(_) if !self.context.shared.config.input.choose_quality => {
                self.pass_message(number, data.to_vec());
            }
            PageMessage::Quality(quality) => self.control.asked.set(quality),
            PageMessage::Message { text } => self.pass_message(number, text.into_bytes()),
            PageMessage::Other(json) => self.other(number, &json, data),
        }
    }

    /// Messages of other types than roles and feedback have: of latency and statistics, or the host's, as they are.
    fn other(&mut self, number: u32, json: &Value, data: &[u8]) {
        match self.latency.handle(number, json, time::now()) {
            Handled::NotOurs => self.pass_message(number, data.to_vec()),
            Handled::Done => {}
            // Who reads no answers gets none.
            Handled::Answer(answer) => {
                let _ = self.context.shared.channels.send(number, true, answer.as_bytes());
            }
        }
    }

    fn pass_message(&mut self, number: u32, data: Vec<u8>) {
        self.input.pass(InputKind::Message { channel: LABEL.into(), number, text: true, data });
    }

    fn on_clipboard(&mut self, text: String) {
        let shared = &self.context.shared;
        let config = &shared.config.input;
        if !config.clipboard || text.len() > config.clipboard_max_bytes as usize {
            return shared.counters.clipboard_texts_refused.add(1);
        }
        self.input.pass(InputKind::Clipboard { text });
    }

    /// What has changed is carried out, and the page told.
    pub(in crate::streamer) fn tell_page(&mut self) {
        self.input.follow_role();
        self.control.retry_at = None;
        let (standing, shown) =
            (self.control.standing.borrow_and_update().clone(), self.control.presentation.borrow_and_update().clone());
        let Some(channel) = self.control.channel.filter(|_| self.control.greeted) else { return };
        let (layers, codecs) = (self.offered_rungs(), self.offered_codecs());
        let wanted = Wanted {
            viewer: self.id,
            standing,
            shown,
            clipboard: self.context.shared.config.input.clipboard,
            quality: self.quality(&layers, &codecs),
            layers,
            codecs: codecs.into_iter().map(|codec| codec.rtpmap_name()).collect(),
        };
        while let Some((text, told)) = self.control.told.next(&wanted) {
            match self.context.shared.channels.send(channel, true, text.as_bytes()) {
                Ok(()) => self.control.told = told,
                Err(ChannelError::Full(_)) => {
                    self.control.retry_at = Some(time::now() + RETRY);
                    return;
                }
                // It closes, or the message is longer than the page takes: the next change is tried again.
                Err(error) => return tracing::debug!(viewer = self.id.0, %error, "the page is not told"),
            }
        }
    }

    /// What is due on the control channel.
    pub(super) fn tend_page(&mut self) {
        let now = time::now();
        let ask_deadline = self.control.standing.borrow().ask_deadline;
        if ask_deadline.is_some_and(|deadline| deadline <= now) {
            self.context.shared.roles.tick(now);
        }
        self.tell_page();
        self.look_whether_gone(now);
    }

    /// The host sends it away: it plays no more, is told why, and the connection ends once its page has taken that.
    pub(in crate::streamer) fn kick(&mut self, reason: String) {
        self.context.shared.roles.leave(self.id);
        self.input.follow_role();
        let text = HostMessage::Kick { reason: &reason }.encode();
        let channels = &self.context.shared.channels;
        let told = self.control.channel.is_some_and(|channel| channels.send(channel, true, text.as_bytes()).is_ok());
        let now = time::now();
        if self.control.farewell.is_none() {
            let until = if told { now + FAREWELL } else { now };
            self.control.farewell = Some(Farewell { reason, look_at: now, until });
        }
        self.look_whether_gone(now);
    }

    fn look_whether_gone(&mut self, now: Nanos) {
        let Some(farewell) = self.control.farewell.as_mut() else { return };
        let info = self.control.channel.map(|channel| self.context.shared.channels.info(channel));
        let waits = info.is_some_and(|info| info.is_ok_and(|info| info.buffered_amount > 0));
        if waits && now < farewell.until {
            farewell.look_at = now + LOOK;
            return;
        }
        self.ended = Some(farewell.text());
    }
}
