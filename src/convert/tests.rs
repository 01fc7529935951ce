use proptest::prelude::*;

use super::oracle::{Noise, expected, noise_frame, shrunk, worst};
use super::*;
use crate::frame::FramePool;
use crate::time::Nanos;

/// Levels out of 255 that fixed-point arithmetic may be off.
const TOLERANCE: f64 = 2.0;

fn check(converter: &mut Converter, format: PixelFormat, size: Size, flipped: bool, seed: u64) {
    let frame = noise_frame(format, size, flipped, seed);
    let converted = converter.convert(&frame, size).unwrap();
    assert_eq!(converted.size, size.padded_to_even());
    assert_eq!((converted.host_time, converted.pushed_at), (42, Nanos(43)));
    let (difference, place) = worst(&converted, &expected(&frame));
    // What is copied, not computed, is exact.
    let tolerance = if matches!(format, PixelFormat::Nv12 | PixelFormat::I420) { 0.0 } else { TOLERANCE };
    assert!(difference <= tolerance, "{format:?} {size:?} flipped {flipped}: {place}");
}

#[test]
fn every_format_matches_the_standard_both_ways_up() {
    let mut converter = Converter::new();
    for (seed, format) in PixelFormat::ALL.into_iter().enumerate() {
        for flipped in [false, true] {
            check(&mut converter, format, Size::new(192, 66), flipped, seed as u64);
        }
    }
}

#[test]
fn odd_and_tiny_pictures_are_padded_by_their_edge() {
    let mut converter = Converter::new();
    for (w, h) in [(1, 1), (1, 2), (2, 1), (1, 7), (7, 1), (3, 3), (33, 17), (63, 5), (65, 31), (127, 9), (129, 3)] {
        for format in PixelFormat::ALL {
            for flipped in [false, true] {
                check(&mut converter, format, Size::new(w, h), flipped, u64::from(w * h));
            }
        }
    }
}

#[test]
fn primaries_give_the_values_of_the_standard() {
    let colours = [
        ([0, 0, 0], [16, 128, 128]),
        ([255, 255, 255], [235, 128, 128]),
        ([255, 0, 0], [63, 102, 240]),
        ([0, 255, 0], [173, 42, 26]),
        ([0, 0, 255], [32, 240, 118]),
    ];
    let mut converter = Converter::new();
    for (rgb, yuv) in colours {
        let mut frame = noise_frame(PixelFormat::Bgra8, Size::new(64, 64), false, 1);
        for pixel in frame.buffer.plane_mut(0).chunks_exact_mut(4) {
            pixel[..3].copy_from_slice(&[rgb[2], rgb[1], rgb[0]]);
        }
        let converted = converter.convert(&frame, Size::new(64, 64)).unwrap();
        for (plane, level) in yuv.into_iter().enumerate() {
            for got in converted.rows(plane).flatten() {
                assert!(got.abs_diff(level) <= 1, "{rgb:?} plane {plane}: {got}, not {level}");
            }
        }
    }
}

#[test]
fn a_source_with_its_own_stride_converts_the_same() {
    let size = Size::new(31, 6);
    let source: Vec<u8> = (0..200 * 6).map(|i| (i * 7 % 251) as u8).collect();
    let mut buffer = FramePool::new(1).acquire(PixelFormat::Rgba8, size).unwrap();
    buffer.copy_plane_from(0, &source, 200).unwrap();
    for y in 0..6 {
        let stride = buffer.stride(0);
        assert_eq!(buffer.plane(0)[y * stride..y * stride + 124], source[y * 200..y * 200 + 124]);
    }
    let frame = VideoFrame { buffer, host_time: 0, pushed_at: Nanos(0), flipped: false };
    let converted = Converter::new().convert(&frame, size).unwrap();
    assert!(worst(&converted, &expected(&frame)).0 <= TOLERANCE);
}

#[test]
fn a_smaller_layer_is_the_area_average() {
    let mut converter = Converter::new();
    for (from, to) in [((96, 54), (48, 28)), ((96, 54), (64, 36)), ((97, 53), (32, 18)), ((60, 80), (14, 16))] {
        let (from, to) = (Size::new(from.0, from.1), Size::new(to.0, to.1));
        let frame = noise_frame(PixelFormat::Rgba8, from, true, 9);
        let scaled = converter.convert(&frame, to).unwrap();
        assert_eq!((scaled.size, scaled.host_time), (to, 42));
        let (difference, place) = worst(&scaled, &shrunk(&expected(&frame), to));
        // Two more roundings, and weights of 8 bits.
        assert!(difference <= TOLERANCE + 1.5, "{from:?} to {to:?}: {place}");
    }
}

#[test]
fn a_layer_made_from_a_converted_picture_is_the_same_as_one_made_from_the_source() {
    let mut converter = Converter::new();
    let frame = noise_frame(PixelFormat::Nv12, Size::new(120, 68), false, 3);
    let full = converter.convert(&frame, Size::new(120, 68)).unwrap();
    let a = converter.scale(&full, Size::new(60, 34)).unwrap();
    let b = converter.convert(&frame, Size::new(60, 34)).unwrap();
    assert_eq!((&a.planes, a.strides, a.host_time), (&b.planes, b.strides, b.host_time));
}

#[test]
fn flat_colour_stays_flat_at_every_size() {
    let mut converter = Converter::new();
    let full = converter.pool.fill(Size::new(50, 38), |f| {
        (0..3).for_each(|p| f.planes[p].fill([255, 0, 77][p]));
        Ok::<(), ()>(())
    });
    let full = full.unwrap();
    for (w, h) in [(2, 2), (16, 38), (48, 36), (50, 20), (26, 20), (100, 76), (300, 40)] {
        let scaled = converter.scale(&full, Size::new(w, h)).unwrap();
        for (plane, level) in [255, 0, 77].into_iter().enumerate() {
            assert!(scaled.rows(plane).flatten().all(|v| *v == level), "{w}x{h} plane {plane}");
        }
    }
}

#[test]
fn growing_interpolates_between_neighbours() {
    let mut converter = Converter::new();
    let small = converter.pool.fill(Size::new(4, 2), |f| {
        f.rows_mut(0).for_each(|row| row.copy_from_slice(&[0, 80, 160, 240]));
        Ok::<(), ()>(())
    });
    let grown = converter.scale(&small.unwrap(), Size::new(8, 4)).unwrap();
    for row in grown.rows(0) {
        assert_eq!(row, [0, 20, 60, 100, 140, 180, 220, 240]);
    }
}

#[test]
fn more_size_pairs_than_are_remembered_still_scale() {
    let mut converter = Converter::new();
    let frame = noise_frame(PixelFormat::I420, Size::new(64, 64), false, 5);
    for side in (2..=64).step_by(2) {
        let target = Size::new(side, 66 - side);
        let scaled = converter.convert(&frame, target).unwrap();
        assert!(worst(&scaled, &shrunk(&expected(&frame), target)).0 <= 3.0, "{target:?}");
    }
}

#[test]
fn sizes_out_of_range_are_errors() {
    let mut converter = Converter::new();
    let frame = noise_frame(PixelFormat::I420, Size::new(4, 4), false, 1);
    assert_eq!(converter.convert(&frame, Size::new(0, 4)).unwrap_err(), ConvertError::Size(0, 4));
    assert_eq!(converter.convert(&frame, Size::new(4, 20_000)).unwrap_err(), ConvertError::Size(4, 20_000));
    assert_eq!(converter.convert(&frame, Size::new(3, 1)).unwrap().size, Size::new(4, 2));
}

#[test]
fn a_buffer_that_was_tampered_with_is_an_error() {
    let mut frame = noise_frame(PixelFormat::Rgba8, Size::new(4, 4), false, 1);
    frame.buffer.size = Size::new(400, 400);
    let error = Converter::new().convert(&frame, Size::new(4, 4)).unwrap_err();
    assert_eq!(error, ConvertError::Shape { format: PixelFormat::Rgba8, width: 400, height: 400 });
    frame.buffer.size = Size::new(4, 4);
    frame.buffer.format = PixelFormat::I420;
    assert!(Converter::new().convert(&frame, Size::new(4, 4)).is_err());
}

#[test]
fn buffers_are_reused_once_every_reader_has_dropped_them() {
    let mut converter = Converter::new();
    let mut noise = Noise(7);
    let (full, half) = (Size::new(64, 48), Size::new(32, 24));
    let mut seen = std::collections::HashSet::new();
    for i in 0..50 {
        let frame = noise_frame(PixelFormat::Rgba8, full, noise.byte() & 1 == 0, i + 1);
        let a = converter.convert(&frame, full).unwrap();
        let b = converter.scale(&a, half).unwrap();
        seen.extend([Arc::as_ptr(&a), Arc::as_ptr(&b)]);
    }
    assert_eq!(seen.len(), 2);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_size_matches_the_standard(
        w in 1u32..150, h in 1u32..24, format in 0usize..7, flipped: bool, seed: u64,
    ) {
        check(&mut Converter::new(), PixelFormat::ALL[format], Size::new(w, h), flipped, seed);
    }

    #[test]
    fn any_target_is_reached_and_stays_within_the_sources_levels(
        w in 1u32..80, h in 1u32..40, tw in 1u32..120, th in 1u32..120, seed: u64,
    ) {
        let mut converter = Converter::new();
        let frame = noise_frame(PixelFormat::I420, Size::new(w, h), false, seed);
        let full = converter.convert(&frame, Size::new(w, h)).unwrap();
        let scaled = converter.scale(&full, Size::new(tw, th)).unwrap();
        prop_assert_eq!(scaled.size, Size::new(tw, th).padded_to_even());
        for plane in 0..3 {
            let range = |f: &YuvFrame| (f.rows(plane).flatten().copied().min(), f.rows(plane).flatten().copied().max());
            let ((min, max), (got_min, got_max)) = (range(&full), range(&scaled));
            prop_assert!(got_min >= min && got_max <= max);
        }
    }
}
