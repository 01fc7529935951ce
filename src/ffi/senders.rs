//! What the host lets one viewer have: whether anything is sent, how much of the picture, and in which codec.

use std::ffi::c_char;

use super::boundary::boundary;
use super::config::{RENDERCAST_OFF, RENDERCAST_ON};
use super::handles;
use super::memory::{self, Versioned};
use super::status::{Failure, RENDERCAST_OK, rendercast_status};
use super::streamer::rendercast_streamer;
use super::text::text_in;
use crate::config::DegradationPreference;
use crate::streamer::{MediaKind, SenderParameters};
use crate::units::{Bitrate, SenderId, ViewerId};

/// A viewer's video.
pub const RENDERCAST_SENDER_VIDEO: u32 = 1;
/// A viewer's sound.
pub const RENDERCAST_SENDER_AUDIO: u32 = 2;

/// First a smaller picture, then every second one, then smaller still (W3C "balanced").
pub const RENDERCAST_DEGRADATION_BALANCED: u32 = 1;
/// Smaller pictures (W3C "maintain-framerate").
pub const RENDERCAST_DEGRADATION_MAINTAIN_FRAMERATE: u32 = 2;
/// Fewer pictures (W3C "maintain-resolution").
pub const RENDERCAST_DEGRADATION_MAINTAIN_RESOLUTION: u32 = 3;

/// What may be sent to one viewer (W3C RTCRtpEncodingParameters, and RTCRtpSendParameters.degradationPreference). Zero in any
/// field but `size` means its default. Of sound, which is encoded once for everybody, only `active` can be set.
///
/// Viewers share encodings. One with bounds of its own is served as one with a slow link is: by a smaller rung of
/// `video.layers`, or, where its size or frame rate is none that the others have, by an encoder that it shares with those who
/// have the same bounds. Where `video.max_encoders` allows none, it gets the others' nearest smaller picture, at their frame
/// rate.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct rendercast_sender_parameters {
    /// sizeof(rendercast_sender_parameters).
    pub size: u32,
    /// Switch, RENDERCAST_ON or RENDERCAST_OFF: whether anything is sent. Default on. What is off leaves the link to the rest,
    /// and an encoder that nobody else watches ends; switched on again, video begins with a keyframe.
    pub active: u32,
    /// Encoded video at most, in bit/s, what repairs loss not counted. At least `video.min_bitrate_kbps` counts. Default none.
    /// Viewers who share its encoding may be slowed down to it, but never below half of what they could have.
    pub max_bitrate: u64,
    /// Width and height are divided by this, 1 to 1000; the result is rounded to even sides. Default 1.
    pub scale_resolution_down_by: f64,
    /// Pictures a second at most, 1 to 240. Default as many as the host pushes.
    pub max_framerate: u32,
    /// One of RENDERCAST_DEGRADATION_*: what gives way when the link does not carry the picture. It counts while everybody who
    /// shares the viewer's encoding has the same. Default `video.degradation`.
    pub degradation_preference: u32,
}

// SAFETY: repr(C), size first, integers and floats only.
unsafe impl Versioned for rendercast_sender_parameters {
    const NAME: &'static str = "rendercast_sender_parameters";
    const SIZES: &'static [usize] = &[size_of::<Self>()];
}

/// Sets what may be sent to a viewer, connected or not, until it leaves. It counts at once; a larger picture or rate is reached
/// within seconds, as its link is found to carry it.
///
/// `viewer` is the number that events, input and rendercast_list_viewers tell; `kind` is RENDERCAST_SENDER_VIDEO,
/// RENDERCAST_SENDER_AUDIO, or a sender's number from rendercast_peer_add_track. `parameters` may be freed after the call; all of them are set, what is 0 to its default.
///
/// Returns RENDERCAST_OK (taken, not yet done); RENDERCAST_NO_VIEWER; RENDERCAST_NO_SENDER; RENDERCAST_WOULD_BLOCK (64 orders wait for this viewer: they
/// are done in a moment, and this one with them); RENDERCAST_INVALID_ARGUMENT (`kind`, or a field outside its range, which
/// rendercast_last_error names; nothing is changed); RENDERCAST_NULL_POINTER; RENDERCAST_STRUCT_SIZE; RENDERCAST_INVALID_HANDLE;
/// RENDERCAST_POISONED; RENDERCAST_PANIC.
///
/// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
///
/// # Safety
/// `parameters` is NULL or valid as described.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_set_sender_parameters(
    streamer: rendercast_streamer,
    viewer: u32,
    kind: u32,
    parameters: *const rendercast_sender_parameters,
) -> rendercast_status {
    boundary("rendercast_set_sender_parameters", || {
        // SAFETY: the caller's promise about `parameters`.
        let parameters = unsafe { memory::read(parameters, "parameters")? }.to_parameters()?;
        let which = which(kind)?;
        handles::with(streamer, |object| {
            match which {
                Which::First(kind) => object.streamer.set_sender_parameters(ViewerId(viewer), kind, parameters)?,
                Which::Added(sender) => object.streamer.set_track_parameters(ViewerId(viewer), sender, parameters)?,
            }
            Ok(RENDERCAST_OK)
        })
    })
}

/// Reads what was last set for a viewer; the defaults, before anything was: `active` is RENDERCAST_ON or RENDERCAST_OFF,
/// `scale_resolution_down_by` at least 1, and what is 0 is unbounded or the configuration's. Set `out->size` before the call.
///
/// `viewer` and `kind` are as with rendercast_set_sender_parameters.
///
/// Returns RENDERCAST_OK; RENDERCAST_NO_VIEWER, RENDERCAST_NO_SENDER (`out` is unchanged); RENDERCAST_INVALID_ARGUMENT (`kind`);
/// RENDERCAST_NULL_POINTER; RENDERCAST_STRUCT_SIZE; RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
///
/// Any thread but the render and the audio thread: it takes a lock for a moment. Since 0.1.0.
///
/// # Safety
/// `out` is NULL or valid as described.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_get_sender_parameters(
    streamer: rendercast_streamer,
    viewer: u32,
    kind: u32,
    out: *mut rendercast_sender_parameters,
) -> rendercast_status {
    boundary("rendercast_get_sender_parameters", || {
        // SAFETY: the caller's promise about `out`.
        unsafe { memory::check(out, "out")? };
        let which = which(kind)?;
        handles::with(streamer, |object| {
            let parameters = match which {
                Which::First(kind) => object.streamer.sender_parameters(ViewerId(viewer), kind)?,
                Which::Added(sender) => object.streamer.track_parameters(ViewerId(viewer), sender)?,
            };
            // SAFETY: as above.
            unsafe { memory::write(out, &parameters_out(&parameters), "out")? };
            Ok(RENDERCAST_OK)
        })
    })
}

/// Sets the codecs of a viewer's video, best first (W3C setCodecPreferences). What the library and the page have agreed on stays
/// agreed on, whatever is set here, so that a change needs no negotiation and can be taken back: the first of `codecs` among it
/// is sent, from the first picture on, or from its next keyframe on while another one plays. Until then the old one goes on, and
/// the connection stays as it is. Where none of them was agreed on, RENDERCAST_EVENT_CODEC_NOT_AGREED tells so.
///
/// `viewer` is the number that events, input and rendercast_list_viewers tell; 0 sets the default of viewers to come, before
/// rendercast_start too. `kind` is RENDERCAST_SENDER_VIDEO: sound has one codec. `codecs` has names with commas between, "vp8,h264", of those in the configuration's `video.codecs`; NULL
/// or an empty text is the configuration's order. A page that sends its camera on the same section has agreed on one codec only.
///
/// Returns RENDERCAST_OK (taken, not yet done); RENDERCAST_NO_VIEWER; RENDERCAST_NO_CODEC (none of them has an encoder that works
/// here); RENDERCAST_INVALID_ARGUMENT (`kind`, or a name in `codecs` that is none, is there twice, or is not in `video.codecs`);
/// RENDERCAST_INVALID_TEXT; RENDERCAST_WOULD_BLOCK (64 orders wait for this viewer: they are done in a moment, and this one with
/// them); RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
///
/// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
///
/// # Safety
/// `codecs` is NULL or ends with a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_set_codec_preferences(
    streamer: rendercast_streamer,
    viewer: u32,
    kind: u32,
    codecs: *const c_char,
) -> rendercast_status {
    boundary("rendercast_set_codec_preferences", || {
        if media_kind(kind)? == MediaKind::Audio {
            return Err(Failure::Argument { name: "kind", value: kind.into(), range: "1: sound has one codec" });
        }
        handles::with(streamer, |object| {
            // SAFETY: the caller's promise about `codecs`.
            let codecs = unsafe { text_in(codecs, "codecs")? }.unwrap_or_default();
            let viewer = (viewer != 0).then_some(ViewerId(viewer));
            object.streamer.set_codec_preferences(viewer, codecs)?;
            Ok(RENDERCAST_OK)
        })
    })
}

/// The first ones have their kinds' numbers.
enum Which {
    First(MediaKind),
    Added(SenderId),
}

fn which(kind: u32) -> Result<Which, Failure> {
    if kind >= SenderId::ADDED.0 { Ok(Which::Added(SenderId(kind))) } else { media_kind(kind).map(Which::First) }
}

fn media_kind(kind: u32) -> Result<MediaKind, Failure> {
    match kind {
        RENDERCAST_SENDER_VIDEO => Ok(MediaKind::Video),
        RENDERCAST_SENDER_AUDIO => Ok(MediaKind::Audio),
        _ => Err(Failure::Argument { name: "kind", value: kind.into(), range: "1 to 2" }),
    }
}

impl rendercast_sender_parameters {
    fn to_parameters(self) -> Result<SenderParameters, Failure> {
        let wrong = |name, value: u32, range| Failure::Argument { name, value: value.into(), range };
        Ok(SenderParameters {
            active: match self.active {
                0 | RENDERCAST_ON => true,
                RENDERCAST_OFF => false,
                other => return Err(wrong("active", other, "0 to 2")),
            },
            max_bitrate: (self.max_bitrate > 0).then(|| Bitrate::from_bps(self.max_bitrate)),
            max_framerate: (self.max_framerate > 0).then_some(self.max_framerate),
            scale_resolution_down_by: if self.scale_resolution_down_by == 0.0 {
                1.0
            } else {
                self.scale_resolution_down_by
            },
            degradation_preference: match self.degradation_preference {
                0 => None,
                RENDERCAST_DEGRADATION_BALANCED => Some(DegradationPreference::Balanced),
                RENDERCAST_DEGRADATION_MAINTAIN_FRAMERATE => Some(DegradationPreference::MaintainFramerate),
                RENDERCAST_DEGRADATION_MAINTAIN_RESOLUTION => Some(DegradationPreference::MaintainResolution),
                other => return Err(wrong("degradation_preference", other, "0 to 3")),
            },
        })
    }
}

fn parameters_out(parameters: &SenderParameters) -> rendercast_sender_parameters {
    rendercast_sender_parameters {
        size: size_of::<rendercast_sender_parameters>() as u32,
        active: if parameters.active { RENDERCAST_ON } else { RENDERCAST_OFF },
        max_bitrate: parameters.max_bitrate.map_or(0, Bitrate::bps),
        scale_resolution_down_by: parameters.scale_resolution_down_by,
        max_framerate: parameters.max_framerate.unwrap_or(0),
        degradation_preference: match parameters.degradation_preference {
            None => 0,
            Some(DegradationPreference::Balanced) => RENDERCAST_DEGRADATION_BALANCED,
            Some(DegradationPreference::MaintainFramerate) => RENDERCAST_DEGRADATION_MAINTAIN_FRAMERATE,
            Some(DegradationPreference::MaintainResolution) => RENDERCAST_DEGRADATION_MAINTAIN_RESOLUTION,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zeroed() -> rendercast_sender_parameters {
        parameters_out(&SenderParameters { active: true, scale_resolution_down_by: 0.0, ..Default::default() })
    }

    #[test]
    fn zero_means_default_and_what_is_read_can_be_set_again() {
        let defaults = rendercast_sender_parameters { active: 0, ..zeroed() }.to_parameters().unwrap();
        assert_eq!(defaults, SenderParameters::default());
        for preference in [
            None,
            Some(DegradationPreference::Balanced),
            Some(DegradationPreference::MaintainFramerate),
            Some(DegradationPreference::MaintainResolution),
        ] {
            let parameters = SenderParameters {
                active: false,
                max_bitrate: Some(Bitrate::from_bps(500_000)),
                max_framerate: Some(15),
                scale_resolution_down_by: 1.5,
                degradation_preference: preference,
            };
            assert_eq!(parameters_out(&parameters).to_parameters().unwrap(), parameters);
        }
    }

    #[test]
    fn unknown_numbers_are_named() {
        for (wrong, part) in [
            (rendercast_sender_parameters { active: 3, ..zeroed() }, "active = 3 is outside 0 to 2"),
            (
                rendercast_sender_parameters { degradation_preference: 4, ..zeroed() },
                "degradation_preference = 4 is outside 0 to 3",
            ),
        ] {
            assert_eq!(wrong.to_parameters().unwrap_err().to_string(), part);
        }
        assert_eq!(media_kind(0).unwrap_err().to_string(), "kind = 0 is outside 1 to 2");
    }
}
