//! What is received, by what both sides have agreed to, and what has come of it: the negotiation says the one, the station that
//! takes it counts the other, reports read both.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::peer::choice::SectionDirection;
use crate::peer::sdp::Kind;
use crate::receive::formats::Formats;
use crate::receive::inlet::Inlet;
use crate::receive::{Arrival, Encoding, Medium};
use crate::time::Nanos;

/// Clones are the same one.
#[derive(Clone, Debug, Default)]
pub struct Agreed {
    inlet: Option<Inlet>,
    terms: Arc<Mutex<Terms>>,
}

#[derive(Debug, Default)]
pub struct Terms {
    pub formats: Formats,
    /// What has come of each medium's stream, while there is one.
    pub inbound: [Option<Inbound>; 2],
    /// Sections in which they come (`a=mid`).
    mids: [Option<String>; 2],
    /// Media whose stream has ended since the station last looked.
    ended: [bool; 2],
}

/// What has come of a stream (W3C `RTCInboundRtpStreamStats`).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Inbound {
    pub ssrc: u32,
    pub encoding: Encoding,
    pub payload_type: u8,
    /// Those sent again among them.
    pub packets: u64,
    /// Of their payload.
    pub bytes: u64,
    pub packets_again: u64,
    pub bytes_again: u64,
    pub lost: u64,
    /// In seconds.
    pub jitter: f64,
    /// Messages, not packets that were asked for.
    pub nacks: u32,
    pub plis: u32,
    /// When the last packet came.
    pub last: Nanos,
}

impl Inbound {
    pub fn new(ssrc: u32, encoding: Encoding, payload_type: u8, now: Nanos) -> Self {
        let ([packets, bytes, packets_again, bytes_again, lost], [nacks, plis]) = ([0; 5], [0; 2]);
        Self {
            ssrc,
            encoding,
            payload_type,
            packets,
            bytes,
            packets_again,
            bytes_again,
            lost,
            jitter: 0.0,
            nacks,
            plis,
            last: now,
        }
    }
}

/// What comes in a section, and what was made of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Incoming {
    pub mid: String,
    pub stream: Inbound,
    /// Pictures decoded, and the size of the last one.
    pub frames: u64,
    pub size: (u32, u32),
}

impl Agreed {
    /// The worker behind this inlet is told what ends.
    pub fn new(inlet: Option<Inlet>) -> Self {
        Self { inlet, terms: Arc::default() }
    }

    /// These alone are received from now on. Nothing of a medium that has none any more comes after its end is told.
    pub fn set(&self, formats: &Formats, sections: &[SectionDirection]) {
        let mut terms = self.lock();
        for (medium, kind) in [(Medium::Audio, Kind::Audio), (Medium::Video, Kind::Video)] {
            if terms.formats.has(medium) && !formats.has(medium) {
                terms.ended[medium as usize] = true;
                terms.inbound[medium as usize] = None;
                if let Some(inlet) = &self.inlet {
                    inlet.push(Arrival::Ended { medium });
                }
            }
            let section = sections.iter().find(|section| section.receive && section.kind == kind);
            terms.mids[medium as usize] = section.map(|section| section.mid.clone());
        }
        terms.formats.clone_from(formats);
    }

    /// Media whose stream has ended by agreement since this was last asked.
    pub fn take_ended(&self) -> [bool; 2] {
        std::mem::take(&mut self.lock().ended)
    }

    pub fn incoming(&self) -> Vec<Incoming> {
        let terms = self.lock();
        let (frames, size) = self.inlet.as_ref().map(Inlet::decoded).unwrap_or_default();
        let each = Medium::ALL.into_iter().filter_map(|medium| {
            let (stream, mid) = (terms.inbound[medium as usize]?, terms.mids[medium as usize].clone()?);
            let (frames, size) = if medium == Medium::Video { (frames, size) } else { Default::default() };
            Some(Incoming { mid, stream, frames, size })
        });
        each.collect()
    }

    pub fn lock(&self) -> MutexGuard<'_, Terms> {
        self.terms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::Codec;
    use crate::receive::formats::Format;
    use crate::stats::Counter;

    #[test]
    fn what_comes_is_told_with_its_section_until_it_is_no_longer_agreed_on() {
        let inlet = Inlet::new(Counter::default(), Counter::default());
        let agreed = Agreed::new(Some(inlet.clone()));
        let encoding = Encoding::Video(Codec::Vp8);
        let mut formats = Formats::default();
        formats.set(96, Format::Media(encoding));
        let section = |mid: &str, receive| SectionDirection { mid: mid.into(), kind: Kind::Video, send: true, receive };
        agreed.set(&formats, &[section("a", false), section("b", true)]);
        assert!(agreed.incoming().is_empty(), "nothing came yet");
        let stream = Inbound::new(7, encoding, 96, Nanos(5));
        agreed.lock().inbound[Medium::Video as usize] = Some(stream);
        inlet.note_decoded(320, 180);
        let told = Incoming { mid: "b".into(), stream, frames: 1, size: (320, 180) };
        assert_eq!(agreed.incoming(), [told]);
        agreed.set(&Formats::default(), &[section("b", false)]);
        assert!(agreed.incoming().is_empty());
        assert_eq!(inlet.pop(), Some(Arrival::Ended { medium: Medium::Video }));
        assert_eq!((agreed.take_ended(), agreed.take_ended()), ([false, true], [false; 2]));
    }
}
