//! From one viewer's data channels to the host's input queue: a decoder for each channel whose label names one.

use std::collections::HashMap;
use std::sync::Arc;

use crate::input::decoder::Decoder;
use crate::input::{InputEvent, InputKind};
use crate::streamer::shared::Shared;
use crate::time;
use crate::units::ViewerId;

/// Channels with a decoder, at most, for one viewer.
const CHANNELS: usize = 16;

pub struct ViewerInput {
    shared: Arc<Shared>,
    viewer: ViewerId,
    /// Every open channel by its number: its label, and its decoder if it has one.
    channels: HashMap<u32, (String, Option<Decoder>)>,
}

impl ViewerInput {
    pub fn new(shared: Arc<Shared>, viewer: ViewerId) -> Self {
        Self { shared, viewer, channels: HashMap::new() }
    }

    /// A channel opened. One whose label no decoder owns gives messages as they are.
    pub fn open(&mut self, number: u32, label: &str) {
        let decoding = self.channels.values().filter(|(_, decoder)| decoder.is_some()).count();
        let decoder = Decoder::for_label(label).filter(|_| decoding < CHANNELS);
        self.channels.insert(number, (label.to_owned(), decoder));
    }

    pub fn handle(&mut self, number: u32, text: bool, data: &[u8]) {
        let Some((label, decoder)) = self.channels.get_mut(&number) else { return };
        let mut events = Vec::new();
        match decoder.as_mut().filter(|_| !text) {
            Some(decoder) => {
                if decoder.decode(data, self.shared.source_size(), &mut events).is_err() {
                    self.shared.counters.input_messages_malformed.add(1);
                }
            }
            None => {
                let (channel, data) = (label.clone(), data.to_vec());
                events.push(InputKind::Message { channel, number, text, data });
            }
        }
        self.deliver(events);
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

    fn deliver(&self, events: Vec<InputKind>) {
        let received_ns = time::now().0;
        for kind in events {
            self.shared.input.push(InputEvent { viewer: self.viewer, received_ns, kind });
        }
    }
}
