//! One open encoder of libvpx's or libaom's.

use std::ffi::{c_int, c_long, c_ulong, c_void};
use std::{ptr, slice};

use bytes::Bytes;

use super::Sibling;
use super::interface::{self as abi, Context};
use super::library::Library;
use super::spec::{Control, Spec};
use crate::encode::bitstream::without_temporal_delimiter;
use crate::encode::{Codec, EncoderSettings, YuvFrame};
use crate::units::Bitrate;

pub struct Open<L: Sibling> {
    pub library: &'static Library<L>,
    context: Box<Context>,
    pub config: Box<L::Config>,
    codec: Codec,
}

// SAFETY: neither library's contexts are bound to a thread; `&mut self` sees to one caller at a time.
unsafe impl<L: Sibling> Send for Open<L> {}

impl<L: Sibling> Open<L> {
    pub fn new(
        library: &'static Library<L>,
        spec: &Spec,
        settings: EncoderSettings,
        layers: u8,
    ) -> Result<Self, String> {
        let interface = library.interface(spec.interface);
        let interface =
            interface.ok_or_else(|| format!("{} {} is built without it", L::NAME, library.version_text()))?;
        // SAFETY: numbers and pointers, for which zero is a value.
        let mut config: Box<L::Config> = Box::new(unsafe { std::mem::zeroed() });
        // SAFETY: the interface is the library's own, and the configuration has room for any version's.
        let status = unsafe { (library.config_default)(interface, &raw mut *config, L::USAGE) };
        if status != abi::OK {
            return Err(format!("no default configuration (status {status})"));
        }
        L::configure(&mut config, spec, settings, layers);
        L::write_rate(&mut config, kbps(settings.bitrate), layers);
        let mut context = Box::new(Context { reserved: [0; 512] });
        // SAFETY: zeroed, boxed, and destroyed by `drop` once it is open.
        unsafe { library.init(&raw mut *context, interface, &raw const *config)? };
        let mut open = Self { library, context, config, codec: spec.codec };
        for control in spec.controls_for(settings.size, settings.fps) {
            open.control(control)?;
        }
        L::set_layers(&mut open, layers)?;
        Ok(open)
    }

    pub fn control(&mut self, (id, value): Control) -> Result<(), String> {
        // SAFETY: the context is open, and this control takes an int: those that take more have `control_with`.
        let status = unsafe { (self.library.control)(&raw mut *self.context, id, value) };
        self.check(status).map_err(|reason| format!("control {id} = {value}: {reason}"))
    }

    /// # Safety
    /// The control must take a pointer to a `T`, of which it keeps nothing.
    pub unsafe fn control_with<T>(&mut self, id: c_int, mut value: T) -> Result<(), String> {
        // SAFETY: the context is open; the caller's promise.
        let status = unsafe { (self.library.control)(&raw mut *self.context, id, &raw mut value) };
        self.check(status).map_err(|reason| format!("control {id}: {reason}"))
    }

    pub fn set_rate(&mut self, bitrate: Bitrate, layers: u8) -> Result<(), String> {
        L::write_rate(&mut self.config, kbps(bitrate), layers);
        // SAFETY: both are ours; the configuration is copied.
        let status = unsafe { (self.library.config_set)(&raw mut *self.context, &raw const *self.config) };
        self.check(status)?;
        L::set_layers(self, layers)
    }

    /// What comes out for this picture; nothing if the rate control left it out.
    pub fn encode(&mut self, frame: &YuvFrame, pts: i64, duration: u32, flags: c_long) -> Result<Bytes, String> {
        let image = L::image_of(frame);
        // SAFETY: the image's planes hold a whole picture of the configured size (`is_complete`), and are only read.
        let status = unsafe {
            let context = &raw mut *self.context;
            L::encode(self.library.encode, context, &raw const image, pts, c_ulong::from(duration), flags)
        };
        self.check(status)?;
        let mut data = Bytes::new();
        let mut iterator: *const c_void = ptr::null();
        let next = self.library.next_packet;
        // SAFETY: a packet lives until the next picture is encoded.
        while let Some(packet) = unsafe { next(&raw mut *self.context, &raw mut iterator).as_ref() } {
            if packet.kind != abi::FRAME_PACKET || packet.frame.sz == 0 || packet.frame.buf.is_null() {
                continue;
            }
            if packet.frame.pts != pts || !data.is_empty() {
                return Err(format!("it holds frames back (frame {} came out for {pts})", packet.frame.pts));
            }
            // SAFETY: a frame packet has `sz` bytes at `buf`.
            let made = unsafe { slice::from_raw_parts(packet.frame.buf, packet.frame.sz) };
            data =
                Bytes::copy_from_slice(if self.codec == Codec::Av1 { without_temporal_delimiter(made) } else { made });
        }
        Ok(data)
    }

    fn check(&self, status: c_int) -> Result<(), String> {
        if status == abi::OK {
            return Ok(());
        }
        // SAFETY: the context is this library's.
        Err(unsafe { self.library.describe(status, &raw const *self.context) })
    }
}

impl<L: Sibling> Drop for Open<L> {
    fn drop(&mut self) {
        // SAFETY: the context is open, and never used again.
        unsafe { (self.library.destroy)(&raw mut *self.context) };
    }
}

/// Both libraries count bits a second in an int.
fn kbps(bitrate: Bitrate) -> u32 {
    let kbps = (bitrate.bps() / 1_000).clamp(1, i32::MAX as u64 / 1_000);
    u32::try_from(kbps).unwrap_or(u32::MAX)
}
