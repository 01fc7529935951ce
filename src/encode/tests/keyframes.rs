//! What keyframes cost with real encoders.

use std::sync::LazyLock;

use super::picture::moving_noise;
use super::*;

const SIZE: Size = Size::new(480, 272);
const FPS: usize = 30;
const KBPS: u64 = 1_800;
/// What one frame may have on average, in bytes.
const SHARE: usize = KBPS as usize * 1_000 / 8 / FPS;

/// Drawn once: drawing takes longer than encoding.
static PICTURES: LazyLock<Vec<Arc<YuvFrame>>> =
    LazyLock::new(|| (0..105).map(|n| Arc::new(moving_noise(SIZE, n))).collect());

/// What bounds it: x264's VBV of three frames, libvpx's limit on intra frames, in the others rate control's own target.
#[test]
fn a_keyframe_on_request_takes_no_more_than_a_few_frames_of_the_link() {
    for_each(settings(SIZE, KBPS), |name, mut encoder| {
        let mut tenths = |n: usize, keyframe| encode(&mut *encoder, &PICTURES[n], keyframe).data.len() * 10 / SHARE;
        let first = tenths(0, false);
        (1..30).for_each(|n| _ = tenths(n, false));
        let moving = tenths(30, true);
        // Where nothing moves, rate control has all its buffer to spend.
        (0..30).for_each(|_| _ = tenths(30, false));
        let sizes = [first, moving, tenths(30, true)];
        eprintln!("{name}: keyframes of {sizes:?} tenths of a frame's share");
        let most = match name {
            "libx264" => 30,
            _ if name.starts_with("vpx_") => 50,
            _ => 70,
        };
        assert!(sizes.iter().all(|size| *size <= most), "{name}: {sizes:?}");
    });
}
