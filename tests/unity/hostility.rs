//! Batches that make no sense take nothing down, and the next good one is taken.

use std::ffi::{CStr, c_char, c_void};
use std::ptr;

use rendercast::ffi::stats::rendercast_stats_json;
use rendercast::ffi::unity::*;
use rendercast::frame::Chroma;

use crate::host::{Host, Options};
use crate::watched::{Expected, Watched};
use crate::{GL, VULKAN, started, whole};

fn frame(streamer: u32) -> rendercast_unity_frame {
    rendercast_unity_frame {
        size: size_of::<rendercast_unity_frame>() as u32,
        streamer,
        texture: ptr::null_mut(),
        width: 320,
        height: 180,
        target_width: 0,
        target_height: 0,
        flags: 0,
        format: 0,
        host_time_ns: 1,
        source: 0,
        reserved: 0,
    }
}

fn batch(frames: &[rendercast_unity_frame]) -> rendercast_unity_batch {
    rendercast_unity_batch {
        size: size_of::<rendercast_unity_batch>() as u32,
        count: frames.len() as u32,
        frames: frames.as_ptr(),
    }
}

fn send(host: &Host, mut batch: rendercast_unity_batch) {
    host.raw_event((&raw mut batch).cast::<c_void>());
}

fn refused_by(streamer: u32) -> u64 {
    let mut text = [0 as c_char; 16384];
    // SAFETY: room as told.
    let status = unsafe { rendercast_stats_json(streamer, text.as_mut_ptr(), 16384, ptr::null_mut()) };
    assert_eq!(status, 0);
    // SAFETY: the text ends with a NUL.
    let json = unsafe { CStr::from_ptr(text.as_ptr()) }.to_str().unwrap();
    let json: serde_json::Value = serde_json::from_str(json).unwrap();
    json["counters"]["video_frames_refused"].as_u64().unwrap()
}

async fn endures(options: Options) {
    let Some(host) = started(options) else { return };
    let watched = Watched::new(Chroma::Planar, Expected::default()).await;
    let number = watched.stream(&host, 0, 3, &whole(watched.handle));
    let before = watched.stats();
    let logs = host.figures().logs;
    let good = frame(watched.handle);

    host.raw_event(ptr::null_mut());
    send(&host, rendercast_unity_batch { frames: ptr::null(), ..batch(&[good]) });
    send(&host, rendercast_unity_batch { size: 0, ..batch(&[good]) });
    send(&host, rendercast_unity_batch { size: 17, ..batch(&[good]) });
    send(&host, rendercast_unity_batch { count: 65, ..batch(&[good]) });
    send(&host, rendercast_unity_batch { count: u32::MAX, ..batch(&[good]) });
    send(&host, rendercast_unity_batch { count: 0, frames: ptr::null(), ..batch(&[]) });
    send(&host, batch(&[rendercast_unity_frame { size: 3, ..good }, good]));
    let nobody = watched.stats();
    assert_eq!(nobody.video_frames_pushed, before.video_frames_pushed, "none of them was a picture");
    assert_eq!(host.figures().logs, logs + 1, "Unity's console is told once");

    for streamer in [0, u32::MAX, watched.handle + 256] {
        send(&host, batch(&[frame(streamer)]));
    }
    let wrong = [
        rendercast_unity_frame { flags: 1 << 30, ..good },
        rendercast_unity_frame { width: 0, ..good },
        rendercast_unity_frame { height: 16_385, ..good },
        rendercast_unity_frame { target_width: u32::MAX, ..good },
        rendercast_unity_frame { source: 1, ..good },
        good,
    ];
    send(&host, batch(&wrong));
    // A texture of nobody's, which the host or the API does not know.
    send(&host, batch(&[rendercast_unity_frame { texture: ptr::without_provenance_mut(0xd_eadb_eef0), ..good }]));
    // Bytes at an odd place, and as many frames as there may be.
    let many = vec![rendercast_unity_frame { streamer: 0, ..good }; 64];
    let bytes = size_of_val(&many[..]);
    let mut odd = vec![0_u8; bytes + 1];
    // SAFETY: plain bytes, with room.
    unsafe { ptr::copy_nonoverlapping(many.as_ptr().cast::<u8>(), odd.as_mut_ptr().add(1), bytes) };
    let frames = odd.as_ptr().wrapping_add(1).cast();
    send(&host, rendercast_unity_batch { count: 64, frames, ..batch(&[]) });

    // Frames of an older header, which knew no sources: each lies where its own size says. They name no texture.
    let refused = refused_by(watched.handle);
    let old = std::mem::offset_of!(rendercast_unity_frame, source);
    let unknown = rendercast_unity_frame { size: old as u32, flags: 1 << 30, source: 99, ..good };
    let mut bytes = vec![0_u8; 3 * old];
    for chunk in bytes.chunks_exact_mut(old) {
        // SAFETY: plain bytes, no more than there are.
        unsafe { ptr::copy_nonoverlapping((&raw const unknown).cast::<u8>(), chunk.as_mut_ptr(), old) };
    }
    send(&host, rendercast_unity_batch { count: 3, frames: bytes.as_ptr().cast(), ..batch(&[]) });
    assert_eq!(refused_by(watched.handle), refused + 3);

    watched.stream(&host, number, 5, &whole(watched.handle));
    watched.assert_right();
    watched.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn vulkan_batches_that_make_no_sense_are_left_out() {
    endures(VULKAN).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gl_batches_that_make_no_sense_are_left_out() {
    endures(GL).await;
}
