//! All that one viewer's data channels say, and what it holds down through them. Pure.

use std::collections::HashMap;

use super::compact::{Compact, Lane, Outcome};
use super::decoder::Decoder;
use super::error::InputError;
use super::event::InputKind;
use super::events::Events;
use super::multiplay;
use crate::units::Size;

/// Channels with a decoder of their own, at most.
const MOST_DECODERS: usize = 16;

/// One viewer's input.
#[derive(Debug, Default)]
pub struct InputChannels {
    /// Every open channel by its number.
    channels: HashMap<u32, Channel>,
    /// Of both channels of our own page.
    compact: Compact,
}

#[derive(Debug)]
struct Channel {
    label: String,
    format: Format,
}

#[derive(Debug)]
enum Format {
    /// The host reads them.
    Raw,
    Own(Box<Decoder>),
    Compact(Lane),
    Multiplay,
}

impl InputChannels {
    /// A channel opened. One whose label no decoder owns gives messages as they are.
    pub fn open(&mut self, number: u32, label: &str) {
        let decoders = self.channels.values().filter(|channel| matches!(channel.format, Format::Own(_))).count();
        let own = || {
            Decoder::for_label(label).filter(|_| decoders < MOST_DECODERS).map(|decoder| Format::Own(Box::new(decoder)))
        };
        let format = match Compact::lane(label) {
            Some(lane) => {
                if lane == Lane::Reliable && !self.has_lane(Lane::Reliable) {
                    self.compact.begin();
                }
                Format::Compact(lane)
            }
            None if label == multiplay::LABEL => Format::Multiplay,
            None => own().unwrap_or(Format::Raw),
        };
        self.channels.insert(number, Channel { label: label.to_owned(), format });
    }

    /// Appends what one message says to `out`. `video`: size of the picture that the viewer sees now. What no decoder reads
    /// is an event as it is.
    pub fn decode(
        &mut self,
        number: u32,
        text: bool,
        data: &[u8],
        video: Size,
        out: &mut Events,
    ) -> Result<Outcome, InputError> {
        let Some(Channel { label, format }) = self.channels.get_mut(&number) else { return Ok(Outcome::Understood) };
        match format {
            Format::Own(decoder) if !text => {
                decoder.decode(data, video, out)?;
                return Ok(Outcome::Understood);
            }
            Format::Compact(lane) if !text => return self.compact.decode(*lane, data, video, out),
            Format::Multiplay => {
                if let Some(event) = multiplay::decode(data) {
                    out.push(event);
                    return Ok(Outcome::Understood);
                }
            }
            Format::Raw | Format::Own(_) | Format::Compact(_) => {}
        }
        out.push(InputKind::Message { channel: label.clone(), number, text, data: data.to_vec() });
        Ok(Outcome::Understood)
    }

    /// A channel closed: whatever is held down through it is released.
    pub fn close(&mut self, number: u32, out: &mut Events) {
        match self.channels.remove(&number).map(|channel| channel.format) {
            Some(Format::Own(mut decoder)) => decoder.release_all(out),
            // A page without it can let go of nothing any more; moves alone keep nothing held.
            Some(Format::Compact(_)) if !self.has_lane(Lane::Reliable) => self.compact.held.leave(out),
            Some(Format::Raw | Format::Compact(_) | Format::Multiplay) | None => {}
        }
    }

    /// The viewer is gone, or has another connection.
    pub fn close_all(&mut self, out: &mut Events) {
        for number in self.channels.keys().copied().collect::<Vec<_>>() {
            self.close(number, out);
        }
    }

    /// Lets go of everything that is held down; the channels stay.
    pub fn release_all(&mut self, out: &mut Events) {
        self.compact.held.release_all(out);
        for channel in self.channels.values_mut() {
            if let Format::Own(decoder) = &mut channel.format {
                decoder.release_all(out);
            }
        }
    }

    /// Whether the host believes something to be pressed, touched or composed.
    pub fn holds_anything(&self) -> bool {
        let own = |channel: &Channel| matches!(&channel.format, Format::Own(decoder) if decoder.holds_anything());
        self.compact.held.is_anything() || self.channels.values().any(own)
    }

    fn has_lane(&self, wanted: Lane) -> bool {
        self.channels.values().any(|channel| matches!(channel.format, Format::Compact(lane) if lane == wanted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VIDEO: Size = Size::new(100, 100);

    fn kinds(events: &mut Events) -> Vec<InputKind> {
        events.drain().map(|(_, kind)| kind).collect()
    }

    fn decode(channels: &mut InputChannels, number: u32, text: bool, data: &[u8]) -> Vec<InputKind> {
        let mut out = Events::default();
        channels.decode(number, text, data, VIDEO, &mut out).unwrap();
        kinds(&mut out)
    }

    fn close(channels: &mut InputChannels, number: u32) -> Vec<InputKind> {
        let mut out = Events::default();
        channels.close(number, &mut out);
        kinds(&mut out)
    }

    fn compact(sequence: u32, record: &[u8]) -> Vec<u8> {
        [&[1][..], &sequence.to_le_bytes(), &0f64.to_le_bytes(), record].concat()
    }

    fn key(key: u16, down: bool) -> InputKind {
        InputKind::Key { key, down, repeat: false, character: None }
    }

    const W_DOWN: [u8; 8] = [1, 1, 37, 0, 0, 0, 0, 0];

    #[test]
    fn what_no_decoder_reads_goes_to_the_host_as_it_is() {
        let mut channels = InputChannels::default();
        channels.open(1, "game");
        channels.open(2, "rendercast");
        channels.open(3, "data");
        channels.open(4, "multiplay");
        let message = |channel: &str, number, text, data: &[u8]| InputKind::Message {
            channel: channel.into(),
            number,
            text,
            data: data.into(),
        };
        for (number, label, text) in [(1, "game", false), (1, "game", true), (2, "rendercast", true), (3, "data", true)]
        {
            assert_eq!(decode(&mut channels, number, text, b"{}"), [message(label, number, text, b"{}")]);
        }
        for text in [true, false] {
            let named = br#"{"type":0,"argument":"Ann"}"#;
            assert_eq!(decode(&mut channels, 4, text, named), [InputKind::Label { label: "Ann".into() }]);
            assert_eq!(decode(&mut channels, 4, text, b"Ann"), [message("multiplay", 4, text, b"Ann")]);
        }
        assert_eq!(decode(&mut channels, 9, false, b"never opened"), []);
    }

    #[test]
    fn a_key_that_went_down_on_one_channel_of_our_page_stays_down_while_the_reliable_one_is_open() {
        let mut channels = InputChannels::default();
        channels.open(1, "rendercast");
        channels.open(2, "rendercast-moves");
        assert_eq!(decode(&mut channels, 1, false, &compact(1, &W_DOWN)), [key(37, true)]);
        assert!(channels.holds_anything());
        assert_eq!(close(&mut channels, 2), []);
        assert_eq!(close(&mut channels, 1), [key(37, false)]);
        assert!(!channels.holds_anything());
    }

    #[test]
    fn a_page_that_opens_its_channel_anew_counts_anew() {
        let mut channels = InputChannels::default();
        channels.open(1, "rendercast");
        channels.open(2, "rendercast-moves");
        decode(&mut channels, 1, false, &compact(5_000, &W_DOWN));
        let mouse = [&[4][..], &[0; 16], &[1, 0]].concat();
        let mut out = Events::default();
        assert_eq!(channels.decode(2, false, &compact(1, &mouse), VIDEO, &mut out), Ok(Outcome::Stale));
        close(&mut channels, 1);
        channels.open(3, "rendercast");
        assert_eq!(channels.decode(2, false, &compact(1, &mouse), VIDEO, &mut out), Ok(Outcome::Understood));
        assert_eq!(out.len(), 1);
    }

    #[test]
    fn everything_is_let_go_on_every_channel_and_the_channels_go_on() {
        let mut channels = InputChannels::default();
        channels.open(1, "rendercast");
        channels.open(2, "data");
        decode(&mut channels, 1, false, &compact(1, &W_DOWN));
        decode(&mut channels, 2, false, &[0, 1, 0, 15, 0]);
        let mut out = Events::default();
        channels.release_all(&mut out);
        assert_eq!(kinds(&mut out), [key(37, false), key(15, false)]);
        channels.release_all(&mut out);
        assert!(out.is_empty() && !channels.holds_anything());
        assert_eq!(decode(&mut channels, 1, false, &compact(2, &W_DOWN)), [key(37, true)]);
        channels.close_all(&mut out);
        assert_eq!(kinds(&mut out), [key(37, false)]);
        assert_eq!(decode(&mut channels, 1, false, &compact(3, &W_DOWN)), []);
    }

    #[test]
    fn decoders_of_one_viewer_are_bounded() {
        let mut channels = InputChannels::default();
        for number in 0..40 {
            channels.open(number, "data");
        }
        let decoded =
            (0..40).filter(|number| decode(&mut channels, *number, false, &[0, 1, 0, 15, 0]).contains(&key(15, true)));
        assert_eq!(decoded.count(), MOST_DECODERS);
    }
}
