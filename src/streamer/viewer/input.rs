//! From one viewer's data channels to the host's input queue.

use std::sync::Arc;

use super::gate::Gate;
use crate::input::hold_timeout::HoldTimeout;
use crate::input::{Events, InputChannels, InputEvent, Outcome};
use crate::streamer::feed::Feed;
use crate::streamer::shared::Shared;
use crate::time::{self, Nanos};
use crate::units::{Size, ViewerId};

pub struct ViewerInput {
    pub(super) shared: Arc<Shared>,
    viewer: ViewerId,
    feed: Arc<Feed>,
    pub(super) gate: Gate,
    channels: InputChannels,
    timeout: HoldTimeout,
    /// What positions are in: the picture that it was shown when its last message came.
    video: Size,
    /// What the last message said; kept for its room.
    pub(super) events: Events,
}

impl ViewerInput {
    pub fn new(shared: Arc<Shared>, viewer: ViewerId, feed: Arc<Feed>) -> Self {
        let (channels, timeout, events) = (InputChannels::default(), HoldTimeout::default(), Events::default());
        let gate = Gate::new(&shared, viewer);
        Self { shared, viewer, feed, gate, channels, timeout, video: Size::new(0, 0), events }
    }

    /// A channel opened. One whose label no decoder owns gives messages as they are.
    pub fn open(&mut self, number: u32, label: &str) {
        self.channels.open(number, label);
    }

    pub fn handle(&mut self, number: u32, text: bool, data: &[u8]) {
        self.timeout.handle_sign();
        let layer = self.feed.layer();
        self.video = layer.map_or_else(|| self.shared.sources.first().size(), |layer| layer.source.size());
        match self.channels.decode(number, text, data, self.video, &mut self.events) {
            Ok(Outcome::Understood) => {}
            Ok(Outcome::Stale) => self.shared.counters.input_moves_stale.add(1),
            Err(error) => {
                tracing::debug!(viewer = self.viewer.0, channel = number, %error, "input");
                self.shared.counters.input_messages_malformed.add(1);
            }
        }
        self.pass_decoded();
    }

    /// A channel closed: whatever is held down through it is released.
    pub fn close(&mut self, number: u32) {
        self.channels.close(number, &mut self.events);
        self.deliver();
    }

    /// The viewer is gone: whatever it holds down is released, and its gamepads are gone too.
    pub fn close_all(&mut self) {
        self.channels.close_all(&mut self.events);
        self.deliver();
    }

    /// It may not play any more, or cannot say what it does: whatever it holds down is released. Its channels stay open.
    pub fn release_all(&mut self) {
        self.channels.release_all(&mut self.events);
        self.deliver();
    }

    /// Nothing is heard of the viewer. What it holds down is released unless it is heard again soon.
    pub fn handle_silence(&mut self, now: Nanos) {
        self.timeout.handle_silence(now);
    }

    /// ICE says that the connection is interrupted, after seconds of silence.
    pub fn handle_interruption(&mut self, now: Nanos) {
        self.timeout.handle_interruption(now);
        self.release_if_silent(now);
    }

    /// It is heard again.
    pub fn handle_sign(&mut self) {
        self.timeout.handle_sign();
    }

    /// When to [`look`](Self::release_if_silent) again.
    pub fn deadline(&self) -> Option<Nanos> {
        self.timeout.deadline().filter(|_| self.channels.holds_anything())
    }

    pub fn release_if_silent(&mut self, now: Nanos) {
        if self.timeout.is_due(now) && self.channels.holds_anything() {
            self.shared.counters.input_releases_of_silent_viewers.add(1);
            self.release_all();
        }
    }

    /// Nothing is held any more, and nobody is told.
    pub(super) fn forget_held(&mut self) {
        self.channels.release_all(&mut self.events);
        drop(self.events.drain());
    }

    pub(super) fn deliver(&mut self) {
        let (viewer, received_ns, video) = (self.viewer, time::now().0, self.video);
        for (page_time_us, kind) in self.events.drain() {
            self.shared.input.push(InputEvent { viewer, received_ns, page_time_us, video, kind });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::config::Config;
    use crate::input::InputKind;
    use crate::units::Bitrate;

    fn input() -> (Arc<Shared>, ViewerInput) {
        let shared = Shared::new(Config::default());
        let mut input = ViewerInput::new(Arc::clone(&shared), ViewerId(7), Feed::new(Bitrate::from_kbps(1_000)));
        input.open(1, "rendercast");
        input.open(2, "rendercast-moves");
        shared.roles.enter(ViewerId(7));
        input.follow_role();
        (shared, input)
    }

    fn key(sequence: u32, down: bool) -> Vec<u8> {
        let header = [&[1][..], &sequence.to_le_bytes(), &2.5f64.to_le_bytes()].concat();
        [&header[..], &[1, u8::from(down), 37, 0, 0, 0, 0, 0]].concat()
    }

    fn polled(shared: &Shared) -> Vec<bool> {
        let events = std::iter::from_fn(|| shared.input.poll());
        events
            .filter_map(|event| if let InputKind::Key { down, .. } = event.kind { Some(down) } else { None })
            .collect()
    }

    #[test]
    fn an_event_says_who_when_and_in_which_picture() {
        let (shared, mut input) = input();
        shared.sources.first().set_size(Size::new(320, 180));
        let before = time::now();
        input.handle(1, false, &key(1, true));
        let event = shared.input.poll().unwrap();
        assert_eq!((event.viewer, event.page_time_us, event.video), (ViewerId(7), Some(2_500), Size::new(320, 180)));
        assert!(event.received_ns >= before.0);
    }

    #[test]
    fn what_a_silent_viewer_holds_is_released_and_what_one_that_is_heard_again_holds_is_not() {
        let (shared, mut input) = input();
        let (start, soon, later) = (Nanos(1), Nanos(1_400_000_000), Nanos(1_600_000_000));
        input.handle_silence(start);
        assert_eq!(input.deadline(), None, "it holds nothing");
        input.handle(1, false, &key(1, true));
        assert_eq!(input.deadline(), None, "a message is a sign");
        input.handle_silence(start);
        input.release_if_silent(soon);
        input.handle_sign();
        input.release_if_silent(later);
        assert_eq!(polled(&shared), [true]);

        input.handle_silence(start);
        let deadline = input.deadline().unwrap();
        assert_eq!(deadline, start + Duration::from_millis(1_500));
        input.release_if_silent(deadline);
        assert_eq!((polled(&shared), input.deadline()), (vec![false], None));
        assert_eq!(shared.counters.input_releases_of_silent_viewers.get(), 1);

        // It goes on playing where it is heard again.
        input.handle(1, false, &key(2, true));
        input.handle_interruption(start);
        assert_eq!(polled(&shared), [true, false]);
    }

    #[test]
    fn a_viewer_that_may_not_play_any_more_lets_go_and_its_channels_stay() {
        let (shared, mut input) = input();
        input.handle(1, false, &key(1, true));
        input.release_all();
        input.release_all();
        input.handle(1, false, &key(2, true));
        input.close_all();
        input.handle(1, false, &key(3, true));
        assert_eq!(polled(&shared), [true, false, true, false]);
    }

    #[test]
    fn what_is_stale_and_what_is_nonsense_is_counted() {
        let (shared, mut input) = input();
        input.handle(1, false, &key(9, true));
        input.handle(2, false, &[&[1, 8, 0, 0, 0][..], &[0; 8]].concat());
        input.handle(2, false, &key(10, true));
        input.handle(1, false, b"?");
        let counters = &shared.counters;
        assert_eq!((counters.input_moves_stale.get(), counters.input_messages_malformed.get()), (1, 2));
        assert_eq!(polled(&shared), [true]);
    }
}
