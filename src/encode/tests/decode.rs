//! FFmpeg's decoders, to see what a browser would.

#![allow(unsafe_code, clippy::disallowed_methods)]

use std::ptr::{null, null_mut};
use std::slice;

use ffmpeg_next::ffi;

use crate::encode::{Codec, EncodedFrame};
use crate::units::Size;

pub struct Picture {
    pub size: Size,
    pub planes: [Vec<u8>; 3],
    pub bt709_limited: bool,
}

pub struct Decoder {
    codec: *mut ffi::AVCodecContext,
    frame: *mut ffi::AVFrame,
    packet: *mut ffi::AVPacket,
}

impl Decoder {
    pub fn new(codec: Codec) -> Self {
        let id = match codec {
            Codec::H264 => ffi::AVCodecID::AV_CODEC_ID_H264,
            Codec::Vp8 => ffi::AVCodecID::AV_CODEC_ID_VP8,
            Codec::Vp9 => ffi::AVCodecID::AV_CODEC_ID_VP9,
            Codec::Av1 => ffi::AVCodecID::AV_CODEC_ID_AV1,
        };
        // SAFETY: allocations and an opening by the library's defaults, each checked.
        unsafe {
            let decoder = ffi::avcodec_find_decoder(id);
            assert!(!decoder.is_null(), "this FFmpeg does not decode {codec:?}");
            let codec = ffi::avcodec_alloc_context3(decoder);
            (*codec).thread_count = 1;
            assert_eq!(ffi::avcodec_open2(codec, null(), null_mut()), 0);
            Self { codec, frame: ffi::av_frame_alloc(), packet: ffi::av_packet_alloc() }
        }
    }

    /// Pictures that come out at once.
    pub fn decode(&mut self, data: &[u8]) -> Vec<Picture> {
        // SAFETY: the packet gets a padded copy of the data.
        unsafe {
            assert_eq!(ffi::av_new_packet(self.packet, data.len() as i32), 0);
            slice::from_raw_parts_mut((*self.packet).data, data.len()).copy_from_slice(data);
            let status = ffi::avcodec_send_packet(self.codec, self.packet);
            ffi::av_packet_unref(self.packet);
            assert_eq!(status, 0, "the decoder refuses a packet");
        }
        self.receive()
    }

    fn flush(&mut self) -> Vec<Picture> {
        // SAFETY: a null packet ends the stream.
        unsafe { ffi::avcodec_send_packet(self.codec, null()) };
        self.receive()
    }

    fn receive(&mut self) -> Vec<Picture> {
        let mut pictures = Vec::new();
        // SAFETY: context and frame are ours.
        while unsafe { ffi::avcodec_receive_frame(self.codec, self.frame) } == 0 {
            // SAFETY: a decoded 8-bit 4:2:0 picture, as asserted, has rows of `linesize` bytes.
            pictures.push(unsafe { read(&*self.frame) });
        }
        pictures
    }

    pub fn reordered_frames(&self) -> i32 {
        // SAFETY: the context is ours.
        unsafe { (*self.codec).has_b_frames }
    }
}

/// # Safety
/// `frame` must be a decoded picture.
unsafe fn read(frame: &ffi::AVFrame) -> Picture {
    assert_eq!(frame.format, ffi::AVPixelFormat::AV_PIX_FMT_YUV420P as i32);
    let (width, height) = (frame.width as usize, frame.height as usize);
    let plane = |i: usize, width: usize, height: usize| -> Vec<u8> {
        let row = |y: usize| unsafe { slice::from_raw_parts(frame.data[i].add(y * frame.linesize[i] as usize), width) };
        (0..height).flat_map(|y| row(y).to_vec()).collect()
    };
    Picture {
        size: Size::new(frame.width as u32, frame.height as u32),
        planes: [plane(0, width, height), plane(1, width / 2, height / 2), plane(2, width / 2, height / 2)],
        bt709_limited: frame.colorspace == ffi::AVColorSpace::AVCOL_SPC_BT709
            && frame.color_range == ffi::AVColorRange::AVCOL_RANGE_MPEG,
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        // SAFETY: all ours, freed once.
        unsafe {
            ffi::avcodec_free_context(&raw mut self.codec);
            ffi::av_frame_free(&raw mut self.frame);
            ffi::av_packet_free(&raw mut self.packet);
        }
    }
}

/// Everything a decoder makes of these frames, the delayed ones included.
pub fn decode_all(codec: Codec, frames: &[EncodedFrame]) -> Vec<Picture> {
    let mut decoder = Decoder::new(codec);
    let mut pictures: Vec<_> = frames.iter().flat_map(|frame| decoder.decode(&frame.data)).collect();
    pictures.extend(decoder.flush());
    pictures
}
