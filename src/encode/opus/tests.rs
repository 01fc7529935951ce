use std::f64::consts::TAU;

use super::*;

/// libopus's own decoder, as a browser has it.
struct Decoder(NonNull<sys::OpusDecoder>);

impl Decoder {
    fn new() -> Self {
        let mut code = 0;
        // SAFETY: plain numbers in, and `code` outlives the call.
        let state = unsafe { sys::opus_decoder_create(48_000, 2, &mut code) };
        Self(NonNull::new(state).unwrap())
    }

    /// Decodes a packet, or with `fec` what it carries of the one before it, or without a packet conceals the loss.
    fn decode(&mut self, packet: Option<&[u8]>, fec: bool) -> Vec<f32> {
        let mut pcm = vec![0.0f32; 960];
        let (data, len) = packet.map_or((std::ptr::null(), 0), |p| (p.as_ptr(), p.len()));
        // SAFETY: the packet is `len` bytes long and there is room for 480 stereo frames.
        let frames =
            unsafe { sys::opus_decode_float(self.0.as_ptr(), data, len as i32, pcm.as_mut_ptr(), 480, i32::from(fec)) };
        assert_eq!(frames, 480);
        pcm
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        // SAFETY: created by opus_decoder_create and not used again.
        unsafe { sys::opus_decoder_destroy(self.0.as_ptr()) }
    }
}

fn has_fec(packet: &[u8]) -> bool {
    // SAFETY: the packet is as long as it says.
    unsafe { sys::opus_packet_has_lbrr(packet.as_ptr(), packet.len() as i32) == 1 }
}

/// 10 ms of half-scale tone, left `hz`, right 1.5 times that.
fn tone(chunk: usize, hz: f64) -> Vec<f32> {
    (chunk * 480..(chunk + 1) * 480)
        .flat_map(|i| [hz, 1.5 * hz].map(|hz| (0.5 * (TAU * hz * i as f64 / 48_000.0).sin()) as f32))
        .collect()
}

/// 10 ms of a tone that comes and goes five times a second, as syllables do: to libopus a steady one is background, and
/// background gets no FEC.
fn syllables(chunk: usize) -> Vec<f32> {
    if chunk % 20 < 12 { tone(chunk, 440.0) } else { vec![0.0; 960] }
}

/// Amplitude of one frequency in every other sample from `first` on.
fn amplitude(samples: &[f32], first: usize, hz: f64) -> f64 {
    let channel: Vec<f64> = samples.iter().skip(first).step_by(2).map(|s| f64::from(*s)).collect();
    let part = |f: fn(f64) -> f64| -> f64 {
        channel.iter().enumerate().map(|(i, s)| s * f(TAU * hz * i as f64 / 48_000.0)).sum()
    };
    2.0 * part(f64::sin).hypot(part(f64::cos)) / channel.len() as f64
}

fn energy(samples: &[f32]) -> f64 {
    samples.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>() / samples.len() as f64
}

fn settings(kbps: u64, fec: bool, loss_percent: u8) -> OpusSettings {
    OpusSettings { bitrate: Bitrate::from_kbps(kbps), fec, loss_percent }
}

#[test]
fn a_tone_keeps_its_frequency_and_energy_on_each_side() {
    for settings in [settings(128, false, 0), settings(64, false, 10), settings(128, true, 0), settings(510, false, 0)]
    {
        let mut encoder = OpusEncoder::new(settings).unwrap();
        let mut decoder = Decoder::new();
        let mut decoded = Vec::new();
        for chunk in 0..100 {
            let packet = encoder.encode(&tone(chunk, 440.0)).unwrap();
            decoded.extend(decoder.decode(Some(&packet), false));
        }
        // The first tenth of a second is the codec's own warm-up.
        let decoded = &decoded[10 * 960..];
        assert!((amplitude(decoded, 0, 440.0) - 0.5).abs() < 0.02, "{settings:?}");
        assert!((amplitude(decoded, 1, 660.0) - 0.5).abs() < 0.02, "{settings:?}");
        assert!(amplitude(decoded, 0, 660.0) < 0.02 && amplitude(decoded, 1, 440.0) < 0.02, "{settings:?}");
        assert!((energy(decoded) - 0.125).abs() < 0.01, "{settings:?}: {}", energy(decoded));
    }
}

#[test]
fn without_fec_only_two_and_a_half_milliseconds_are_looked_ahead() {
    assert_eq!(OpusEncoder::new(settings(128, false, 0)).unwrap().lookahead().unwrap(), 120);
    assert_eq!(OpusEncoder::new(settings(128, true, 10)).unwrap().lookahead().unwrap(), 312);
}

#[test]
fn each_packet_is_ten_milliseconds_of_stereo() {
    let mut encoder = OpusEncoder::new(OpusSettings::default()).unwrap();
    for chunk in 0..20 {
        let packet = encoder.encode(&tone(chunk, 440.0)).unwrap();
        // SAFETY: the packet is as long as it says.
        let samples = unsafe { sys::opus_packet_get_nb_samples(packet.as_ptr(), packet.len() as i32, 48_000) };
        assert_eq!(samples, 480);
        // RFC 6716, section 3.1: bit 2 of the first byte is stereo.
        assert_eq!(packet[0] & 4, 4);
    }
}

#[test]
fn silence_is_sent_too() {
    let mut encoder = OpusEncoder::new(OpusSettings::default()).unwrap();
    for _ in 0..100 {
        assert!(!encoder.encode(&[0.0; 960]).unwrap().is_empty());
    }
}

#[test]
fn the_bitrate_is_kept_and_may_change_between_packets() {
    let mut encoder = OpusEncoder::new(settings(128, false, 0)).unwrap();
    // Noise: what needs every bit it is given.
    let mut state = 1u32;
    let mut second = |encoder: &mut OpusEncoder| -> usize {
        (0..100)
            .map(|_| {
                let noise: Vec<f32> = (0..960)
                    .map(|_| {
                        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                        (state >> 8) as f32 / (1 << 24) as f32 - 0.5
                    })
                    .collect();
                encoder.encode(&noise).unwrap().len() * 8
            })
            .sum()
    };
    for kbps in [128, 32, 256, 64] {
        encoder.set(settings(kbps, false, 0)).unwrap();
        let bits = second(&mut encoder) as u64;
        assert!((kbps * 850..=kbps * 1_100).contains(&bits), "{kbps} kbit/s: {bits}");
    }
}

#[test]
fn fec_restores_a_lost_packet() {
    let mut encoder = OpusEncoder::new(settings(64, true, 20)).unwrap();
    let packets: Vec<Bytes> = (0..200).map(|chunk| encoder.encode(&syllables(chunk)).unwrap()).collect();
    let (mut complete, mut with_fec, mut concealing) = (Decoder::new(), Decoder::new(), Decoder::new());
    let off = |got: &[f32], truth: &[f32]| energy(&got.iter().zip(truth).map(|(g, t)| g - t).collect::<Vec<_>>());
    for (chunk, packet) in packets.iter().enumerate() {
        let truth = complete.decode(Some(packet), false);
        // The packet that a syllable begins with is lost: concealment knows nothing of it, the next packet does.
        if chunk % 20 == 1 && chunk > 40 {
            assert!(has_fec(&packets[chunk + 1]), "packet {chunk}");
            let restored = off(&with_fec.decode(Some(&packets[chunk + 1]), true), &truth);
            let concealed = off(&concealing.decode(None, false), &truth);
            assert!(restored < 0.02 * energy(&truth), "packet {chunk}: {restored} of {}", energy(&truth));
            assert!(concealed > 10.0 * restored, "packet {chunk}: {concealed}, {restored}");
        } else {
            with_fec.decode(Some(packet), false);
            concealing.decode(Some(packet), false);
        }
    }
}

#[test]
fn fec_may_be_turned_on_and_off_while_encoding() {
    let mut encoder = OpusEncoder::new(settings(96, false, 0)).unwrap();
    let mut decoder = Decoder::new();
    for fec in [false, true, false, true] {
        encoder.set(settings(96, fec, 20)).unwrap();
        assert_eq!(encoder.settings(), settings(96, fec, 20));
        let (mut copies, mut heard) = (0, 0.0);
        for chunk in 0..100 {
            let packet = encoder.encode(&syllables(chunk)).unwrap();
            copies += usize::from(has_fec(&packet));
            heard += energy(&decoder.decode(Some(&packet), false)) / 100.0;
        }
        assert_eq!(copies > 30, fec, "{copies} of 100 packets");
        assert!((heard - 0.125 * 0.6).abs() < 0.01, "{heard}");
    }
}

#[test]
fn wrong_arguments_are_errors_and_leave_the_encoder_as_it_was() {
    assert_eq!(OpusEncoder::new(settings(5, false, 0)).unwrap_err(), OpusError::Bitrate(5_000));
    assert_eq!(OpusEncoder::new(settings(511, false, 0)).unwrap_err(), OpusError::Bitrate(511_000));
    assert_eq!(OpusEncoder::new(settings(128, true, 101)).unwrap_err(), OpusError::Loss(101));
    let mut encoder = OpusEncoder::new(OpusSettings::default()).unwrap();
    assert_eq!(encoder.set(settings(0, true, 0)).unwrap_err(), OpusError::Bitrate(0));
    assert_eq!(encoder.settings(), OpusSettings::default());
    for wrong in [0, 480, 959, 961, 1_920] {
        assert_eq!(encoder.encode(&vec![0.0; wrong]).unwrap_err(), OpusError::Samples(wrong));
    }
    let refused = encoder.control("complexity", sys::OPUS_SET_COMPLEXITY_REQUEST, 11).unwrap_err();
    assert_eq!(refused.to_string(), "libopus: complexity failed: invalid argument (-1)");
    assert!(encoder.encode(&[0.0; 960]).is_ok());
}

#[test]
fn the_encoder_may_move_to_another_thread() {
    let mut encoder = OpusEncoder::new(OpusSettings::default()).unwrap();
    encoder.encode(&tone(0, 440.0)).unwrap();
    std::thread::spawn(move || encoder.encode(&tone(1, 440.0)).unwrap()).join().unwrap();
}
