//! H.264 and VP8 through FFmpeg's own decoders.

#![allow(unsafe_code)] // FFmpeg's C interface
#![allow(clippy::disallowed_methods, reason = "slices over FFmpeg's memory, each with its SAFETY comment")]

use std::ffi::c_int;
use std::ptr::null_mut;
use std::slice;

use ffmpeg_next::ffi;

use super::{DecodeError, MAX_PIXELS, Planes, VideoDecoder, lent};
use crate::encode::{Codec, Matrix};
use crate::units::Size;

pub struct FfmpegDecoder {
    codec: Codec,
    context: *mut ffi::AVCodecContext,
    packet: *mut ffi::AVPacket,
    frame: *mut ffi::AVFrame,
}

// SAFETY: a decoder without threads of its own may move to another one, and `&mut self` keeps two from using it at once.
unsafe impl Send for FfmpegDecoder {}

fn name(codec: Codec) -> &'static str {
    if codec == Codec::Vp8 { "ffmpeg_vp8" } else { "ffmpeg_h264" }
}

impl FfmpegDecoder {
    pub fn open(codec: Codec) -> Result<Self, DecodeError> {
        let unavailable = |reason: &str| DecodeError::Unavailable { decoder: name(codec), reason: reason.into() };
        let id = match codec {
            Codec::H264 => ffi::AVCodecID::AV_CODEC_ID_H264,
            Codec::Vp8 => ffi::AVCodecID::AV_CODEC_ID_VP8,
            Codec::Vp9 | Codec::Av1 => return Err(unavailable("it is not received")),
        };
        // SAFETY: allocations by the library's defaults, each checked and freed by `drop`; `decoder` is a table that is never freed.
        unsafe {
            let decoder = ffi::avcodec_find_decoder(id);
            if decoder.is_null() {
                return Err(unavailable("not in this FFmpeg"));
            }
            let opened = Self {
                codec,
                context: ffi::avcodec_alloc_context3(decoder),
                packet: ffi::av_packet_alloc(),
                frame: ffi::av_frame_alloc(),
            };
            if opened.context.is_null() || opened.packet.is_null() || opened.frame.is_null() {
                return Err(unavailable("out of memory"));
            }
            // Frames of several threads come out one by one later.
            (*opened.context).thread_count = 1;
            (*opened.context).max_pixels = MAX_PIXELS as i64;
            (*opened.context).flags |= ffi::AV_CODEC_FLAG_LOW_DELAY as c_int;
            if ffi::avcodec_open2(opened.context, decoder, null_mut()) < 0 {
                return Err(unavailable("it does not open"));
            }
            Ok(opened)
        }
    }

    fn refused(&self, reason: impl Into<String>) -> DecodeError {
        DecodeError::Refused { decoder: name(self.codec), reason: reason.into() }
    }

    fn send(&mut self, data: &[u8]) -> Result<(), DecodeError> {
        let length = c_int::try_from(data.len()).map_err(|_| self.refused("it is too long"))?;
        // SAFETY: the packet gets a padded buffer of `length` bytes, which is written whole and freed after the call.
        let status = unsafe {
            if ffi::av_new_packet(self.packet, length) < 0 {
                return Err(self.refused("out of memory"));
            }
            slice::from_raw_parts_mut((*self.packet).data, data.len()).copy_from_slice(data);
            let status = ffi::avcodec_send_packet(self.context, self.packet);
            ffi::av_packet_unref(self.packet);
            status
        };
        if status < 0 { Err(self.refused(format!("status {status}"))) } else { Ok(()) }
    }
}

impl VideoDecoder for FfmpegDecoder {
    fn name(&self) -> &'static str {
        name(self.codec)
    }
    fn codec(&self) -> Codec {
        self.codec
    }

    fn decode(&mut self, data: &[u8], show: &mut dyn FnMut(&Planes<'_>)) -> Result<(), DecodeError> {
        self.send(data)?;
        let mut shown = false;
        // SAFETY: context and frame are ours; a status of 0 means that the frame holds a picture.
        while unsafe { ffi::avcodec_receive_frame(self.context, self.frame) } == 0 {
            // SAFETY: the picture lives until the frame is received into again, after `planes` is gone.
            let frame = unsafe { &*self.frame };
            if frame.decode_error_flags != 0 || frame.flags & ffi::AV_FRAME_FLAG_CORRUPT as c_int != 0 {
                return Err(self.refused("it has errors"));
            }
            let planes = planes(frame, self.codec).filter(Planes::is_complete);
            let planes = planes.ok_or_else(|| self.refused("its picture is not 4:2:0 of 8 bits"))?;
            if !shown {
                show(&planes);
            }
            shown = true;
        }
        if shown || self.codec == Codec::Vp8 { Ok(()) } else { Err(self.refused("no picture came of it")) }
    }
}

fn planes(frame: &ffi::AVFrame, codec: Codec) -> Option<Planes<'_>> {
    let full = frame.format == ffi::AVPixelFormat::AV_PIX_FMT_YUVJ420P as c_int;
    if !full && frame.format != ffi::AVPixelFormat::AV_PIX_FMT_YUV420P as c_int {
        return None;
    }
    let size = Size::new(u32::try_from(frame.width).ok()?, u32::try_from(frame.height).ok()?);
    let data = [0, 1, 2].map(|plane| frame.data[plane].cast_const());
    let strides = [0, 1, 2].map(|plane| frame.linesize[plane]);
    // SAFETY: a frame of this format has these planes, which live as long as it.
    let (planes, strides) = unsafe { lent::planes(size, data, strides)? };
    let bt709 = codec != Codec::Vp8 && frame.colorspace == ffi::AVColorSpace::AVCOL_SPC_BT709;
    Some(Planes {
        size,
        planes,
        strides,
        matrix: if bt709 { Matrix::Bt709 } else { Matrix::Bt601 },
        full_range: full || frame.color_range == ffi::AVColorRange::AVCOL_RANGE_JPEG,
    })
}

impl Drop for FfmpegDecoder {
    fn drop(&mut self) {
        // SAFETY: all ours or null, freed once.
        unsafe {
            ffi::avcodec_free_context(&raw mut self.context);
            ffi::av_packet_free(&raw mut self.packet);
            ffi::av_frame_free(&raw mut self.frame);
        }
    }
}
