//! What viewers send: their cameras' pictures, their microphones' sound.

use super::boundary::boundary;
use super::handles;
use super::memory::{self, Versioned};
use super::status::{Failure, RENDERCAST_EMPTY, RENDERCAST_OK, rendercast_status};
use super::streamer::rendercast_streamer;
use crate::streamer::{Polled, ReceivedPicture, ReceivedSound};
use crate::units::ViewerId;

/// A picture of a viewer's camera.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct rendercast_received_video {
    /// sizeof(rendercast_received_video); set by the caller.
    pub size: u32,
    /// Who sent it.
    pub viewer: u32,
    /// In pixels. It may change from one picture to the next.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// When it was captured, less the shortest delay of the path, in ns on the library's monotonic clock. Sound of the same
    /// moment has the same time.
    pub host_time_ns: u64,
}

// SAFETY: repr(C), size first, integers only.
unsafe impl Versioned for rendercast_received_video {
    const NAME: &'static str = "rendercast_received_video";
    const SIZES: &'static [usize] = &[size_of::<Self>()];
}

/// A piece of sound of a viewer's microphone.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct rendercast_received_audio {
    /// sizeof(rendercast_received_audio); set by the caller.
    pub size: u32,
    /// Who sent it.
    pub viewer: u32,
    /// Hz: 48000.
    pub sample_rate: u32,
    /// 1 or 2. It may grow from one piece to the next.
    pub channels: u32,
    /// Samples of each channel, 120 to 5760: mostly 960, which are 20 ms.
    pub frames: u32,
    /// 0.
    pub reserved: u32,
    /// When its first sample was captured, less the shortest delay of the path, in ns on the library's monotonic clock.
    /// Pieces follow each other; where something was lost or nothing was sent, times leave a gap.
    pub host_time_ns: u64,
}

// SAFETY: repr(C), size first, integers only.
unsafe impl Versioned for rendercast_received_audio {
    const NAME: &'static str = "rendercast_received_audio";
    const SIZES: &'static [usize] = &[size_of::<Self>()];
}

/// Takes a picture of a viewer's camera. Call it until it returns RENDERCAST_EMPTY, once a picture.
///
/// `viewer` is the number that events carry, or 0 for all of them: then the picture that has waited longest is taken. Of each
/// viewer only the newest picture waits. Nothing is received unless "peer": {"receive": {"video": true}} is configured.
///
/// `buffer` gets the picture: red, green, blue, alpha (255), 8 bits each, the top row first, `width * 4` bytes a row. `out` is
/// filled (set `out->size` before the call) and `needed`, unless NULL, becomes the picture's size in bytes, when the buffer is
/// too small as well: the picture stays then, but a newer one of another size may be in its place at the next call. A NULL
/// `buffer` with `capacity` 0 asks for the size. What a viewer sends is not to be trusted to be anything but a picture.
///
/// Returns RENDERCAST_OK; RENDERCAST_EMPTY (`out` is unchanged); RENDERCAST_BUFFER_TOO_SMALL; RENDERCAST_NULL_POINTER (`out`, or
/// `buffer` though `capacity` is not 0); RENDERCAST_STRUCT_SIZE; RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED;
/// RENDERCAST_PANIC.
///
/// Any thread. Copies the picture; takes a lock for a moment. Since 0.1.0.
///
/// # Safety
/// `out` is NULL or valid as described; `buffer` is NULL or writable for `capacity` bytes; `needed` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_poll_received_video(
    streamer: rendercast_streamer,
    viewer: u32,
    out: *mut rendercast_received_video,
    buffer: *mut u8,
    capacity: u32,
    needed: *mut u32,
) -> rendercast_status {
    boundary("rendercast_poll_received_video", || {
        // SAFETY: the caller's promise about `out`.
        unsafe { memory::check(out, "out")? };
        check_buffer(buffer, capacity)?;
        handles::with(streamer, |object| {
            let (picture, length) = match object.streamer.poll_received_video(only(viewer), capacity as usize) {
                Polled::Empty => return Ok(RENDERCAST_EMPTY),
                Polled::Taken(picture) => {
                    let length = picture.pixels.len();
                    (picture, length)
                }
                Polled::TooLong(picture, length) => (picture, length),
            };
            // SAFETY: the caller's promise about `out` and `needed`.
            unsafe {
                memory::write(out, &picture_out(&picture), "out")?;
                tell(needed, length)?;
            }
            if picture.pixels.len() != length {
                return Err(Failure::BufferTooSmall { capacity, needed: length });
            }
            // SAFETY: `length` is at most `capacity`, for which the buffer is writable; it is not NULL as that is above 0.
            unsafe { std::ptr::copy_nonoverlapping(picture.pixels.as_ptr(), buffer, length) };
            object.streamer.give_back(picture);
            Ok(RENDERCAST_OK)
        })
    })
}

/// Takes a piece of sound of a viewer's microphone. Call it until it returns RENDERCAST_EMPTY, at least every 50 ms.
///
/// `viewer` is the number that events carry, or 0 for all of them: then the piece that has waited longest is taken. 60 ms of
/// each viewer wait, then the oldest goes. Nothing is received unless "peer": {"receive": {"audio": true}} is configured.
///
/// `samples` gets `frames * channels` interleaved floats, -1 to 1; it need not be aligned. `capacity` is its length in floats:
/// 11520 are always enough. `out` is filled (set `out->size` before the call) and `needed`, unless NULL, becomes the number of
/// floats, when there is too little room as well: the piece stays then.
///
/// Returns RENDERCAST_OK; RENDERCAST_EMPTY (`out` is unchanged); RENDERCAST_BUFFER_TOO_SMALL; RENDERCAST_NULL_POINTER (`out`, or
/// `samples` though `capacity` is not 0); RENDERCAST_STRUCT_SIZE; RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED;
/// RENDERCAST_PANIC.
///
/// Any thread. Takes a lock for a moment. Since 0.1.0.
///
/// # Safety
/// `out` is NULL or valid as described; `samples` is NULL or writable for `capacity` floats; `needed` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_poll_received_audio(
    streamer: rendercast_streamer,
    viewer: u32,
    out: *mut rendercast_received_audio,
    samples: *mut f32,
    capacity: u32,
    needed: *mut u32,
) -> rendercast_status {
    boundary("rendercast_poll_received_audio", || {
        // SAFETY: the caller's promise about `out`.
        unsafe { memory::check(out, "out")? };
        if samples.is_null() && capacity > 0 {
            return Err(Failure::Null("samples"));
        }
        handles::with(streamer, |object| {
            let (sound, length) = match object.streamer.poll_received_audio(only(viewer), capacity as usize) {
                Polled::Empty => return Ok(RENDERCAST_EMPTY),
                Polled::Taken(sound) => {
                    let length = sound.samples.len();
                    (sound, length)
                }
                Polled::TooLong(sound, length) => (sound, length),
            };
            // SAFETY: the caller's promise about `out` and `needed`.
            unsafe {
                memory::write(out, &sound_out(&sound, length), "out")?;
                tell(needed, length)?;
            }
            if sound.samples.len() != length {
                return Err(Failure::BufferTooSmall { capacity, needed: length });
            }
            // SAFETY: `length` is at most `capacity`, for which the buffer is writable; bytes need no alignment.
            unsafe {
                std::ptr::copy_nonoverlapping(sound.samples.as_ptr().cast::<u8>(), samples.cast::<u8>(), length * 4);
            }
            Ok(RENDERCAST_OK)
        })
    })
}

fn only(viewer: u32) -> Option<ViewerId> {
    (viewer != 0).then_some(ViewerId(viewer))
}

fn check_buffer(buffer: *const u8, capacity: u32) -> Result<(), Failure> {
    if buffer.is_null() && capacity > 0 { Err(Failure::Null("buffer")) } else { Ok(()) }
}

/// # Safety
/// `needed` is NULL or writable.
unsafe fn tell(needed: *mut u32, length: usize) -> Result<(), Failure> {
    if needed.is_null() {
        return Ok(());
    }
    // SAFETY: not NULL, so writable as the caller promises.
    unsafe { memory::write_value(needed, u32::try_from(length).unwrap_or(u32::MAX), "needed") }
}

fn picture_out(picture: &ReceivedPicture) -> rendercast_received_video {
    rendercast_received_video {
        size: size_of::<rendercast_received_video>() as u32,
        viewer: picture.viewer.0,
        width: picture.size.width,
        height: picture.size.height,
        host_time_ns: picture.host_time.0,
    }
}

fn sound_out(sound: &ReceivedSound, length: usize) -> rendercast_received_audio {
    rendercast_received_audio {
        size: size_of::<rendercast_received_audio>() as u32,
        viewer: sound.viewer.0,
        sample_rate: crate::streamer::RECEIVED_RATE,
        channels: sound.channels,
        frames: length as u32 / sound.channels.max(1),
        reserved: 0,
        host_time_ns: sound.host_time.0,
    }
}
