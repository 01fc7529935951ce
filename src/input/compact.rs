//! Our own page's format, version 1, little-endian, on two channels: what must arrive on a reliable one, moves on one that
//! may lose and reorder. A message is a header (version, u32 sequence number over both channels, f64 page time in ms) and
//! records until its end, each with its type in the first byte. Positions are parts of the picture: 0, 0 is its top left
//! corner, 1, 1 the bottom right one.

use super::error::InputError;
use super::event::{CompositionPhase, InputKind, TouchPhase};
use super::events::Events;
use super::held::{Finger, Held, Movement, Pad, PenState, Plug};
use super::wire::{Reader, page_time_us};
use crate::units::Size;

/// The reliable channel's label. Its text messages are JSON and not for this decoder.
pub const RELIABLE_LABEL: &str = "rendercast";
/// The label of the channel of moves.
pub const MOVES_LABEL: &str = "rendercast-moves";
/// Bytes of a message: the longest text, and what is around it.
pub const LONGEST_MESSAGE: usize = 65_600;

const VERSION: u8 = 1;
const KEY: u8 = 1;
const TEXT: u8 = 2;
const COMPOSITION: u8 = 3;
const MOUSE: u8 = 4;
const WHEEL: u8 = 5;
const TOUCH: u8 = 6;
const PEN: u8 = 7;
const GAMEPAD: u8 = 8;
const PLUG: u8 = 9;
const RELEASE: u8 = 10;

/// W3C `MouseEvent.buttons` that exist.
const MOUSE_BUTTONS: u16 = 0x1F;
/// W3C `PointerEvent.buttons` that exist: those and the eraser.
const PEN_BUTTONS: u16 = 0x3F;

/// Which of the two channels a message came on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    Reliable,
    Moves,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Understood,
    /// Moves that were overtaken: newer ones count already.
    Stale,
}

/// One viewer's two channels.
#[derive(Clone, Debug, Default)]
pub struct Compact {
    pub(super) held: Held,
    /// Sequence number of the newest message of either channel.
    newest: Option<u32>,
}

impl Compact {
    /// The lane of a channel with this label.
    pub fn lane(label: &str) -> Option<Lane> {
        match label {
            RELIABLE_LABEL => Some(Lane::Reliable),
            MOVES_LABEL => Some(Lane::Moves),
            _ => None,
        }
    }

    /// A page begins to count anew: its reliable channel has opened.
    pub fn begin(&mut self) {
        self.newest = None;
    }

    /// See [`Decoder::decode`](super::Decoder::decode).
    pub fn decode(&mut self, lane: Lane, message: &[u8], video: Size, out: &mut Events) -> Result<Outcome, InputError> {
        if message.len() > LONGEST_MESSAGE {
            return Err(InputError::TooLong(message.len()));
        }
        let mut r = Reader(message);
        let version = r.u8()?;
        if version != VERSION {
            return Err(InputError::Version(version));
        }
        let (sequence, time) = (r.u32()?, r.f64()?);
        // Serial number arithmetic (RFC 1982).
        let is_older = self.newest.is_some_and(|newest| sequence.wrapping_sub(newest).cast_signed() < 0);
        if is_older && lane == Lane::Moves {
            return Ok(Outcome::Stale);
        }
        if !is_older {
            self.newest = Some(sequence);
        }
        out.set_page_time(Some(page_time_us(time / 1e3)));
        self.held.set_video(video);
        while !r.0.is_empty() {
            let kind = r.u8()?;
            if lane == Lane::Moves && !matches!(kind, MOUSE | TOUCH | PEN | GAMEPAD) {
                return Err(InputError::Unreliable(kind));
            }
            self.record(kind, lane, &mut r, video, out)?;
        }
        Ok(Outcome::Understood)
    }

    fn record(
        &mut self,
        kind: u8,
        lane: Lane,
        r: &mut Reader,
        video: Size,
        out: &mut Events,
    ) -> Result<(), InputError> {
        match kind {
            KEY => {
                let (flags, key, character) = (r.u8()?, r.u16()?, r.u32()?);
                let character = char::from_u32(character).filter(|character| !character.is_control());
                self.held.key(key, (flags & 1 != 0, flags & 2 != 0), character, out)?;
            }
            TEXT => {
                let length = r.u16()?;
                let text = r.text(length.into())?;
                if !text.is_empty() {
                    out.push(InputKind::Text { text });
                }
            }
            COMPOSITION => {
                let (phase, caret, length) = (composition_phase(r.u8()?)?, r.u16()?, r.u16()?);
                let text = r.text(length.into())?;
                self.held.composition(phase, caret, text, out);
            }
            MOUSE => {
                let (position, movement) = (position(r, video)?, Movement::Told(r.f32()?, r.f32()?));
                self.held.mouse(position, movement, r.u16()? & MOUSE_BUTTONS, out);
            }
            WHEEL => {
                let (position, turned) = (position(r, video)?, (r.f32()?, r.f32()?));
                self.held.mouse_at(position);
                self.held.wheel(turned, out);
            }
            TOUCH => {
                let (id, phase) = (r.i32()?, contact_phase(r.u8()?, lane, TOUCH)?);
                let ((x, y), force) = (position(r, video)?, part(r)?);
                let (radius_x, radius_y) = (r.f32()?.max(0.0), r.f32()?.max(0.0));
                self.held.touches().change(Finger { id, x, y, force, radius_x, radius_y }, phase, out)?;
            }
            PEN => self.pen(lane, r, video, out)?,
            GAMEPAD => {
                let index = r.u8()?.into();
                let pad = gamepad(r)?;
                self.held.pads().change(index, pad, out)?;
            }
            PLUG => {
                let (index, connected, flags, length) = (r.u8()?.into(), r.u8()? != 0, r.u8()?, r.u8()?);
                let [dual_rumble, trigger_rumble, standard_mapping] = [1, 2, 4].map(|flag| flags & flag != 0);
                let plug = Plug { dual_rumble, trigger_rumble, standard_mapping, id: r.text(length.into())? };
                let pads = self.held.pads();
                if connected { pads.plug(index, plug, out)? } else { pads.unplug(index, out)? }
            }
            RELEASE => self.held.release_all(out),
            other => return Err(InputError::RecordType(other)),
        }
        Ok(())
    }

    fn pen(&mut self, lane: Lane, r: &mut Reader, video: Size, out: &mut Events) -> Result<(), InputError> {
        let phase = match r.u8()? {
            0 => TouchPhase::Hovering,
            phase => contact_phase(phase, lane, PEN)?,
        };
        let buttons = r.u16()? & PEN_BUTTONS;
        let ((x, y), pressure) = (position(r, video)?, part(r)?);
        let (tilt_x, tilt_y) = (r.i16()?.clamp(-90, 90), r.i16()?.clamp(-90, 90));
        let twist = r.u16()?.min(359);
        self.held.pen().change(PenState { x, y, pressure, tilt_x, tilt_y, twist, buttons }, phase, out);
        Ok(())
    }
}

/// A position on the picture, in its pixels.
fn position(r: &mut Reader, video: Size) -> Result<(f32, f32), InputError> {
    let (x, y) = (part(r)?, part(r)?);
    Ok((x * video.width as f32, y * video.height as f32))
}

fn part(r: &mut Reader) -> Result<f32, InputError> {
    Ok(r.f32()?.clamp(0.0, 1.0))
}

/// The phase of what touches; only moves may be lost.
fn contact_phase(number: u8, lane: Lane, kind: u8) -> Result<TouchPhase, InputError> {
    match number {
        2 => Ok(TouchPhase::Moved),
        1 | 3 | 4 if lane == Lane::Moves => Err(InputError::Unreliable(kind)),
        1 => Ok(TouchPhase::Began),
        3 => Ok(TouchPhase::Ended),
        4 => Ok(TouchPhase::Canceled),
        _ => Err(InputError::TouchPhase(number)),
    }
}

fn composition_phase(number: u8) -> Result<CompositionPhase, InputError> {
    Ok(match number {
        1 => CompositionPhase::Started,
        2 => CompositionPhase::Updated,
        3 => CompositionPhase::Ended,
        4 => CompositionPhase::Canceled,
        _ => return Err(InputError::CompositionPhase(number)),
    })
}

fn gamepad(r: &mut Reader) -> Result<Pad, InputError> {
    let buttons = r.u32()?;
    let mut axes = [0.0; 6];
    let (sticks, triggers) = axes.split_at_mut(4);
    for stick in sticks {
        *stick = (f32::from(r.i16()?) / f32::from(i16::MAX)).max(-1.0);
    }
    for trigger in triggers {
        *trigger = f32::from(r.u8()?) / f32::from(u8::MAX);
    }
    Ok(Pad { buttons, axes })
}
