//! From one viewer's data channels to the host's input queue: a decoder for each channel whose label names one.

use std::collections::HashMap;
use std::sync::Arc;

use super::gate::Gate;
use crate::input::decoder::Decoder;
use crate::input::{InputEvent, InputKind};
use crate::streamer::feed::Feed;
use crate::streamer::shared::Shared;
use crate::time;
use crate::units::ViewerId;

/// Channels with a decoder, at most, for one viewer.
const CHANNELS: usize = 16;

pub struct ViewerInput {
    pub(super) shared: Arc<Shared>,
    viewer: ViewerId,
    feed: Arc<Feed>,
    pub(super) gate: Gate,
    /// Every open channel by its number: its label, and its decoder if it has one.
    channels: HashMap<u32, (String, Option<Decoder>)>,
}

impl ViewerInput {
    pub fn new(shared: Arc<Shared>, viewer: ViewerId, feed: Arc<Feed>) -> Self {
        Self { gate: Gate::new(&shared, viewer), shared, viewer, feed, channels: HashMap::new() }
    }

    /// A channel opened. One whose label no decoder owns gives messages as they are.
    pub fn open(&mut self, number: u32, label: &str) {
        let decoding = self.channels.values().filter(|(_, decoder)| decoder.is_some()).count();
        let decoder = Decoder::for_label(label).filter(|_| decoding < CHANNELS);
        self.channels.insert(number, (label.to_owned(), decoder));
    }

    pub fn handle(&mut self, number: u32, text: bool, data: &[u8]) {
        let mut events = Vec::new();
        match self.channels.get_mut(&number) {
            Some((_, Some(decoder))) if !text => {
                // Positions are those in the picture that it is shown.
                let layer = self.feed.layer();
                let size = layer.map_or_else(|| self.shared.sources.first().size(), |layer| layer.source.size());
                if decoder.decode(data, size, &mut events).is_err() {
                    self.shared.counters.input_messages_malformed.add(1);
                }
            }
            Some((label, _)) => {
                let (channel, data) = (label.clone(), data.to_vec());
                events.push(InputKind::Message { channel, number, text, data });
            }
            None => {}
        }
        self.pass(events);
    }

    /// Whatever is held down is released.
    pub fn release_all(&mut self) {
        let events = self.take_held();
        self.deliver(events);
    }

    /// What releases whatever is held down; nothing is held afterwards.
    pub(super) fn take_held(&mut self) -> Vec<InputKind> {
        let mut events = Vec::new();
        for decoder in self.channels.values_mut().filter_map(|(_, decoder)| decoder.as_mut()) {
            decoder.release_all(&mut events);
        }
        events
    }

    /// A channel closed: whatever is held down through it is released.
    pub fn close(&mut self, number: u32) {
        if let Some((_, Some(mut decoder))) = self.channels.remove(&number) {
            let mut events = Vec::new();
            decoder.release_all(&mut events);
            self.deliver(events);
        }
    }

    pub fn close_all(&mut self) {
        for number in self.channels.keys().copied().collect::<Vec<_>>() {
            self.close(number);
        }
    }

    pub(super) fn deliver(&self, events: Vec<InputKind>) {
        let received_ns = time::now().0;
        for kind in events {
            self.shared.input.push(InputEvent { viewer: self.viewer, received_ns, kind });
        }
    }
}
