//! Unity Render Streaming 3.1, channel `input`: messages of Unity's Input System, little-endian, each event the whole
//! state of one device. Devices are known by the format of their state, so that events count even if the message that
//! introduces the device was lost or is late.

use serde::Deserialize;

use super::decoder::{from_bottom, touch_phase};
use super::error::InputError;
use super::event::InputKind;
use super::events::Events;
use super::held::{Finger, Held, MAX_PADS, Movement, Pad};
use super::wire::{Reader, page_time_us};
use crate::units::Size;

const DISCONNECT: i32 = 1;
const NEW_DEVICE: i32 = 3;
const NEW_EVENTS: i32 = 4;
const REMOVE_DEVICE: i32 = 5;
/// `StopSending`, the last type there is.
const LAST_TYPE: i32 = 9;

const STATE: u32 = u32::from_be_bytes(*b"STAT");
const TEXT: u32 = u32::from_be_bytes(*b"TEXT");
const MOUSE: u32 = u32::from_be_bytes(*b"MOUS");
const KEYS: u32 = u32::from_be_bytes(*b"KEYS");
const GAMEPAD: u32 = u32::from_be_bytes(*b"GPAD");
const TOUCH: u32 = u32::from_be_bytes(*b"TOUC");

/// Bytes of an event before its payload.
const EVENT_HEADER: usize = 20;
/// A trigger pressed this far counts as a button too, 0 to 1 (as Unity's default press point).
const PRESS_POINT: f32 = 0.5;

/// W3C button of each bit of Unity's gamepad: directions, Y, B, A, X, sticks, shoulders, start, select.
const PAD_BUTTONS: [u8; 14] = [12, 13, 14, 15, 3, 1, 0, 2, 10, 11, 4, 5, 9, 8];
/// W3C button bit of each bit of Unity's mouse: left, right, middle, forward, back.
const MOUSE_BUTTONS: [u16; 5] = [1, 2, 4, 16, 8];

/// One viewer's `input` channel.
#[derive(Clone, Debug, Default)]
pub struct UrsNew {
    pub(super) held: Held,
    devices: Devices,
}

/// Ids of the devices that sent a state.
#[derive(Clone, Debug, Default)]
struct Devices {
    mouse: Option<u16>,
    keyboard: Option<u16>,
    touchscreen: Option<u16>,
    /// Place by place; the place is the number of the gamepad.
    pads: [Option<u16>; MAX_PADS],
}

/// What of a device's description is worth a check.
#[derive(Deserialize)]
struct Description {
    #[serde(rename = "layout")]
    _layout: String,
    #[serde(rename = "deviceId")]
    _device_id: i32,
}

impl UrsNew {
    /// See [`Decoder::decode`](super::Decoder::decode).
    pub fn decode(&mut self, message: &[u8], video: Size, out: &mut Events) -> Result<(), InputError> {
        let mut r = Reader(message);
        let (_participant, kind, length) = (r.i32()?, r.i32()?, r.u32()?);
        let data = r.bytes(usize::try_from(length).unwrap_or(usize::MAX))?;
        match kind {
            NEW_EVENTS => self.events(data, video, out),
            NEW_DEVICE => check_description(data),
            REMOVE_DEVICE => {
                self.remove(Reader(data).i32()?, out);
                Ok(())
            }
            DISCONNECT => {
                self.held.release_all(out);
                Ok(())
            }
            // Layouts, usages, start and stop: nothing that a host without Unity's Input System could use.
            0..=LAST_TYPE => Ok(()),
            other => Err(InputError::MessageType(other)),
        }
    }

    /// One event from a browser, several from Unity, each then on a multiple of 4 bytes.
    fn events(&mut self, data: &[u8], video: Size, out: &mut Events) -> Result<(), InputError> {
        let mut rest = data;
        while !rest.is_empty() {
            let mut r = Reader(rest);
            let (kind, size, device) = (r.u32()?, r.u16()?, r.u16()?);
            // Since the page's sender started.
            let time = f64::from_le_bytes(r.array()?);
            out.set_page_time(time.is_finite().then(|| page_time_us(time)));
            // An event id that the page fills with the size.
            r.bytes(4)?;
            let payload = usize::from(size).checked_sub(EVENT_HEADER).ok_or(InputError::EventSize(size))?;
            let payload = Reader(r.bytes(payload)?);
            match kind {
                STATE => self.state(device, payload, video, out)?,
                TEXT => text(payload, out)?,
                other => return Err(InputError::EventType(other)),
            }
            rest = rest.get(usize::from(size).next_multiple_of(4)..).unwrap_or_default();
        }
        Ok(())
    }

    fn state(&mut self, device: u16, mut r: Reader, video: Size, out: &mut Events) -> Result<(), InputError> {
        match r.u32()? {
            MOUSE => {
                self.devices.mouse = Some(device);
                self.mouse(r, video, out)
            }
            KEYS => {
                self.devices.keyboard = Some(device);
                let mut keys = [0; 16];
                keys[..14].copy_from_slice(&r.array::<14>()?);
                self.held.unity_keys(u128::from_le_bytes(keys), out);
                Ok(())
            }
            GAMEPAD => {
                let pad = gamepad(r)?;
                let index = self.devices.pad(device).ok_or(InputError::Gamepads)?;
                self.held.pads().change(index, pad, out)
            }
            TOUCH => {
                self.devices.touchscreen = Some(device);
                self.touch(r, video, out)
            }
            other => Err(InputError::StateFormat(other)),
        }
    }

    fn mouse(&mut self, mut r: Reader, video: Size, out: &mut Events) -> Result<(), InputError> {
        let (x, y, dx, dy) = (r.f32()?, r.f32()?, r.f32()?, r.f32()?);
        let (delta_x, delta_y) = (r.f32()?, r.f32()?);
        let bits = r.u16()?;
        let buttons = MOUSE_BUTTONS.iter().enumerate().filter(|(i, _)| bits & 1 << i != 0).map(|(_, b)| b).sum();
        if delta_x == 0.0 && delta_y == 0.0 {
            // Movement is in the page's own pixels: it counts where a position does not say more.
            self.held.mouse((x, from_bottom(y, video)), Movement::FromPosition(dx, 0.0 - dy), buttons, out);
        } else {
            // With the wheel, the page sends the position in its own coordinates: the last good one stays.
            self.held.mouse_buttons(buttons, out);
            self.held.wheel((delta_x, delta_y), out);
        }
        Ok(())
    }

    fn touch(&mut self, mut r: Reader, video: Size, out: &mut Events) -> Result<(), InputError> {
        let (id, x, y) = (r.i32()?, r.f32()?, from_bottom(r.f32()?, video));
        // The way since the last state: in the page's pixels and upside down, so of no use.
        r.bytes(8)?;
        let force = r.f32()?;
        // Radii, in the page's pixels too.
        r.bytes(8)?;
        let phase = touch_phase(r.u8()?)?;
        self.held.touches().change(Finger { id, x, y, force, ..Finger::default() }, phase, out)
    }

    fn remove(&mut self, device: i32, out: &mut Events) {
        let Ok(device) = u16::try_from(device) else { return };
        let is_device = |id: &mut Option<u16>| id.take_if(|id| *id == device).is_some();
        if is_device(&mut self.devices.mouse) {
            self.held.release_mouse(out);
        }
        if is_device(&mut self.devices.keyboard) {
            self.held.release_keys(out);
        }
        if is_device(&mut self.devices.touchscreen) {
            self.held.touches().release(out);
        }
        for (index, pad) in self.devices.pads.iter_mut().enumerate() {
            if is_device(pad) {
                self.held.pads().release(index, out);
            }
        }
    }
}

impl Devices {
    /// The place of a gamepad: its own, or the first free one.
    fn pad(&mut self, device: u16) -> Option<usize> {
        let own = self.pads.iter().position(|&id| id == Some(device));
        let index = own.or_else(|| self.pads.iter().position(Option::is_none))?;
        *self.pads.get_mut(index)? = Some(device);
        Some(index)
    }
}

/// A JSON object, followed by as many zeros as it has characters. Nothing in it is needed, so only nonsense is refused.
fn check_description(data: &[u8]) -> Result<(), InputError> {
    let end = data.iter().rposition(|&b| b != 0).map_or(0, |last| last + 1);
    let json = data.get(..end).unwrap_or_default();
    let checked: Result<Description, _> = serde_json::from_slice(json);
    checked.map(drop).map_err(|error| InputError::Device(error.to_string()))
}

/// A character, sent with every key-down that the page has a number for. That includes keys which type nothing (Shift is
/// 16) and 0 for everything outside ASCII.
fn text(mut r: Reader, out: &mut Events) -> Result<(), InputError> {
    let typed = char::from_u32(r.u32()?).filter(|&c| {
        // The controls that a text field acts on: backspace, tab, line feed, return, escape, delete.
        !c.is_control() || matches!(c, '\u{8}' | '\t' | '\n' | '\r' | '\u{1B}' | '\u{7F}')
    });
    if let Some(character) = typed {
        out.push(InputKind::Text { text: character.into() });
    }
    Ok(())
}

fn gamepad(mut r: Reader) -> Result<Pad, InputError> {
    let bits = r.u32()?;
    let mut axes = [0.0; 6];
    for (i, axis) in axes.iter_mut().enumerate() {
        let lowest = if i < 4 { -1.0 } else { 0.0 };
        *axis = r.f32()?.clamp(lowest, 1.0);
    }
    let pressed = PAD_BUTTONS.iter().enumerate().filter(|(i, _)| bits & 1 << i != 0);
    let mut buttons = pressed.fold(0, |all, (_, button)| all | 1 << button);
    // The page's bits for the triggers do not fit its field.
    for (axis, button) in [(axes[4], 6), (axes[5], 7)] {
        if axis >= PRESS_POINT {
            buttons |= 1 << button;
        }
    }
    Ok(Pad { buttons, axes })
}
