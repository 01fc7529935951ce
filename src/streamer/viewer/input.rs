//! From one viewer's data channels to the host's input queue: a decoder for each channel that has one.

use std::collections::HashMap;
use std::sync::Arc;

use crate::input::decoder::Decoder;
use crate::input::{InputEvent, InputKind};
use crate::streamer::feed::Feed;
use crate::streamer::shared::Shared;
use crate::time;
use crate::units::ViewerId;

/// Channels with a decoder, at most, for one viewer.
const CHANNELS: usize = 16;

pub struct ViewerInput {
    shared: Arc<Shared>,
    viewer: ViewerId,
    feed: Arc<Feed>,
    decoders: HashMap<String, Decoder>,
}

impl ViewerInput {
    pub fn new(shared: Arc<Shared>, viewer: ViewerId, feed: Arc<Feed>) -> Self {
        Self { shared, viewer, feed, decoders: HashMap::new() }
    }

    /// A channel opened. One whose label no decoder owns gives messages as they are.
    pub fn open(&mut self, label: &str) {
        if let Some(decoder) = Decoder::for_label(label).filter(|_| self.decoders.len() < CHANNELS) {
            self.decoders.insert(label.to_owned(), decoder);
        }
    }

    pub fn handle(&mut self, label: String, text: bool, data: &[u8]) {
        let mut events = Vec::new();
        match self.decoders.get_mut(&label).filter(|_| !text) {
            Some(decoder) => {
                // Positions are those in the picture that it is shown.
                let layer = self.feed.layer();
                let size = layer.map_or_else(|| self.shared.sources.first().size(), |layer| layer.source.size());
                if decoder.decode(data, size, &mut events).is_err() {
                    self.shared.counters.input_messages_malformed.add(1);
                }
            }
            None => events.push(InputKind::Message { channel: label, text, data: data.to_vec() }),
        }
        self.deliver(events);
    }

    /// A channel closed: whatever is held down through it is released.
    pub fn close(&mut self, label: &str) {
        if let Some(mut decoder) = self.decoders.remove(label) {
            let mut events = Vec::new();
            decoder.release_all(&mut events);
            self.deliver(events);
        }
    }

    pub fn close_all(&mut self) {
        for label in self.decoders.keys().cloned().collect::<Vec<_>>() {
            self.close(&label);
        }
    }

    fn deliver(&self, events: Vec<InputKind>) {
        let received_ns = time::now().0;
        for kind in events {
            self.shared.input.push(InputEvent { viewer: self.viewer, received_ns, kind });
        }
    }
}
