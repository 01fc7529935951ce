//! Which encoders work on this machine, found out beside everything else. Both block.

use super::event::{EventKind, Severity};
use super::session::Context;
use crate::encode::Codec;
use crate::units::ViewerId;

/// Finds out which of the configured codecs have an encoder that works, until `stopped`.
pub fn prove_encoders(context: &Context, stopped: impl Fn() -> bool) -> Vec<Codec> {
    if context.shared.config.peer.receive.video {
        crate::decode::select::working();
    }
    let mut codecs = context.shared.config.video.codecs.clone();
    codecs.retain(|codec| !stopped() && context.selector.working(*codec).is_some());
    if codecs.is_empty() && !stopped() {
        let message = "no video encoder works on this machine";
        context.shared.events.push(EventKind::EncoderMissing, Severity::Error, ViewerId(0), message);
    }
    codecs
}

/// Proves, for each of `codecs`, the encoder that takes over when the first one fails, until `stopped`.
pub fn prove_spares(context: &Context, codecs: &[Codec], stopped: impl Fn() -> bool) {
    for codec in codecs {
        if !stopped() {
            context.selector.prove_spare(*codec);
        }
    }
}
