//! What the host sets for one viewer's sound and video (W3C `RTCRtpSender.setParameters`, `setCodecPreferences`): checked and
//! kept here at once, carried out by the viewer's own task.

use super::Streamer;
use super::directory::{PresentViewer, Wishes};
use super::orders::OrderError;
use crate::config::DegradationPreference;
use crate::encode::Codec;
use crate::layers::Shape;
use crate::units::{Bitrate, ViewerId};

/// Of `scaleResolutionDownBy`. No picture has more to give.
pub const MOST_DOWN_BY: f64 = 1_000.0;
/// Pictures a second.
pub const MOST_FRAMERATE: u32 = 240;

/// Which of a viewer's senders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaKind {
    Video,
    Audio,
}

/// What one sender may do (W3C `RTCRtpEncodingParameters`, and `degradationPreference` of `RTCRtpSendParameters`).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SenderParameters {
    /// Whether anything is sent. Default true.
    pub active: bool,
    /// Video only: bits of encoded picture a second at most. Default none.
    pub max_bitrate: Option<Bitrate>,
    /// Video only: pictures a second at most, 1 to 240. Default none.
    pub max_framerate: Option<u32>,
    /// Video only: width and height are divided by this, 1 to 1000. Default 1.
    pub scale_resolution_down_by: f64,
    /// Video only: what gives way when a link does not carry the picture. Default `video.degradation`.
    pub degradation_preference: Option<DegradationPreference>,
}

impl Default for SenderParameters {
    fn default() -> Self {
        Self {
            active: true,
            max_bitrate: None,
            max_framerate: None,
            scale_resolution_down_by: 1.0,
            degradation_preference: None,
        }
    }
}

impl SenderParameters {
    /// The part of the picture it asks for.
    pub fn shape(&self) -> Shape {
        Shape::new(self.scale_resolution_down_by, self.max_framerate.unwrap_or(0))
    }

    pub(super) fn check(&self, kind: MediaKind) -> Result<(), SenderError> {
        let out_of_range = |name, value: String, range| Err(SenderError::OutOfRange { name, value, range });
        if kind == MediaKind::Audio && *self != (Self { active: self.active, ..Self::default() }) {
            // It is encoded once for everybody.
            return Err(SenderError::OnlyActive);
        }
        let down_by = self.scale_resolution_down_by;
        if !(1.0..=MOST_DOWN_BY).contains(&down_by) {
            return out_of_range("scale_resolution_down_by", down_by.to_string(), "1 to 1000");
        }
        match self.max_framerate {
            Some(fps) if !(1..=MOST_FRAMERATE).contains(&fps) => {
                out_of_range("max_framerate", fps.to_string(), "1 to 240, or 0 for none")
            }
            _ => Ok(()),
        }
    }
}

/// Why something was not set.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SenderError {
    #[error("{0} is not here")]
    NoViewer(ViewerId),
    #[error("64 orders wait for {0} already")]
    Busy(ViewerId),
    #[error("{name} = {value} is outside {range}")]
    OutOfRange { name: &'static str, value: String, range: &'static str },
    #[error("of audio only active can be set: sound is encoded once for everybody")]
    OnlyActive,
    #[error("codecs: {0:?} is none of h264, vp8, vp9, av1")]
    UnknownCodec(String),
    #[error("codecs: {0} is named twice")]
    RepeatedCodec(&'static str),
    #[error("codecs: {0} is not among the configuration's video.codecs")]
    NotConfigured(&'static str),
    #[error("codecs: none of them has an encoder that works on this machine")]
    NoneWorks,
}

impl From<OrderError> for SenderError {
    fn from(error: OrderError) -> Self {
        match error {
            OrderError::NoViewer(viewer) => Self::NoViewer(viewer),
            OrderError::Full(viewer) => Self::Busy(viewer),
        }
    }
}

/// Reads a list such as `vp8,h264`. An empty text is an empty list.
fn read_codecs(list: &str, configured: &[Codec]) -> Result<Vec<Codec>, SenderError> {
    let mut codecs = Vec::new();
    for name in list.split(',').map(str::trim).filter(|_| !list.trim().is_empty()) {
        let known = Codec::ALL.into_iter().find(|codec| codec.rtpmap_name().eq_ignore_ascii_case(name));
        let codec = known.ok_or_else(|| SenderError::UnknownCodec(name.chars().take(32).collect()))?;
        if codecs.contains(&codec) {
            return Err(SenderError::RepeatedCodec(codec.rtpmap_name()));
        }
        if !configured.contains(&codec) {
            return Err(SenderError::NotConfigured(codec.rtpmap_name()));
        }
        codecs.push(codec);
    }
    Ok(codecs)
}

impl Streamer {
    /// Everybody who is here, connected or on the way.
    pub fn viewers(&self) -> Vec<PresentViewer> {
        let mut viewers = self.shared.directory.list();
        viewers.iter_mut().for_each(|present| present.role = self.shared.roles.role(present.viewer));
        viewers
    }

    /// Sets what may be sent to a viewer, connected or not. Waits for nothing.
    pub fn set_sender_parameters(
        &self,
        viewer: ViewerId,
        kind: MediaKind,
        parameters: SenderParameters,
    ) -> Result<(), SenderError> {
        parameters.check(kind)?;
        self.wish(viewer, |wishes| match kind {
            MediaKind::Video => wishes.video = parameters,
            MediaKind::Audio => wishes.audio = parameters,
        })
    }

    /// What was last set for a viewer.
    pub fn sender_parameters(&self, viewer: ViewerId, kind: MediaKind) -> Result<SenderParameters, SenderError> {
        let wishes = self.shared.directory.wishes_of(&self.shared.orders, viewer)?;
        Ok(match kind {
            MediaKind::Video => wishes.video,
            MediaKind::Audio => wishes.audio,
        })
    }

    /// Sets the codecs that a viewer is sent, best first, as in `vp8,h264`; an empty text is the configuration's. None: for
    /// viewers to come. Waits for nothing.
    pub fn set_codec_preferences(&self, viewer: Option<ViewerId>, codecs: &str) -> Result<(), SenderError> {
        let codecs = read_codecs(codecs, &self.shared.config.video.codecs)?;
        let directory = &self.shared.directory;
        if !codecs.is_empty() && !directory.any_works(&codecs) {
            return Err(SenderError::NoneWorks);
        }
        match viewer {
            Some(viewer) => self.wish(viewer, |wishes| wishes.codecs = codecs),
            None => {
                directory.set_usual(codecs);
                Ok(())
            }
        }
    }

    fn wish(&self, viewer: ViewerId, set: impl FnOnce(&mut Wishes)) -> Result<(), SenderError> {
        self.shared.directory.set(&self.shared.orders, viewer, set)?;
        self.shared.orders.post(viewer, |viewer| Box::pin(viewer.grant())).map_err(SenderError::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_codecs_is_read_and_what_is_none_is_named() {
        let read = |list| read_codecs(list, &[Codec::H264, Codec::Vp8, Codec::Av1]).map_err(|error| error.to_string());
        assert_eq!(read(" VP8, h264"), Ok(vec![Codec::Vp8, Codec::H264]));
        assert_eq!(read(" "), Ok(vec![]));
        for (list, wrong) in [
            ("vp8,h265", r#"codecs: "h265" is none of h264, vp8, vp9, av1"#),
            ("vp8,", r#"codecs: "" is none of h264, vp8, vp9, av1"#),
            ("av1,AV1", "codecs: AV1 is named twice"),
            ("vp9", "codecs: VP9 is not among the configuration's video.codecs"),
        ] {
            assert_eq!(read(list), Err(wrong.into()));
        }
    }

    #[test]
    fn parameters_outside_their_range_are_named() {
        let usual = SenderParameters::default;
        let check = |parameters: SenderParameters, kind| parameters.check(kind).map_err(|error| error.to_string());
        assert_eq!(check(usual(), MediaKind::Video), Ok(()));
        assert_eq!(check(SenderParameters { active: false, ..usual() }, MediaKind::Audio), Ok(()));
        for down_by in [0.99, -2.0, 1_000.1, f64::NAN, f64::INFINITY] {
            let wrong = check(SenderParameters { scale_resolution_down_by: down_by, ..usual() }, MediaKind::Video);
            assert_eq!(wrong, Err(format!("scale_resolution_down_by = {down_by} is outside 1 to 1000")));
        }
        let wrong = check(SenderParameters { max_framerate: Some(241), ..usual() }, MediaKind::Video);
        assert_eq!(wrong, Err("max_framerate = 241 is outside 1 to 240, or 0 for none".into()));
        let slow = SenderParameters { max_bitrate: Some(Bitrate::from_kbps(9)), ..usual() };
        assert!(check(slow, MediaKind::Audio).unwrap_err().contains("only active"));
        assert_eq!(check(slow, MediaKind::Video), Ok(()));
    }
}
