//! BT.709 to BT.601, for VP8: its bitstream knows no other matrix (RFC 6386, section 9.2), and browsers show it by that one.

/// What U and V, as distances from grey, add to each plane, in fractions of 512: red, green and blue solved from Rec. ITU-R
/// BT.709-6 and put into BT.601-7, both in limited range. All of it fits 16 bits.
const BITS: u32 = 9;
const TO_Y: [i16; 2] = [51, 98];
const TO_U: [i16; 2] = [-5, -57];
const TO_V: [i16; 2] = [-37, -8];

/// Samples of chroma worked on at a time: plain loops over arrays that stay in the cache, for the compiler to vectorize.
const BLOCK: usize = 64;

/// Changes the matrix of a picture in place. `planes` are Y, U and V, each with its stride; `width` and `rows` are those of the
/// chroma planes, half of luma's.
pub fn to_bt601(planes: [&mut [u8]; 3], strides: [usize; 3], width: usize, rows: usize) {
    let [y, u, v] = planes;
    let [y_stride, u_stride, v_stride] = strides;
    if width > u_stride || width > v_stride || 2 * width > y_stride {
        return; // rows that overlap are no picture
    }
    let luma = y.chunks_exact_mut((2 * y_stride).max(1));
    let chroma = u.chunks_exact_mut(u_stride.max(1)).zip(v.chunks_exact_mut(v_stride.max(1)));
    for (luma, (u, v)) in luma.zip(chroma).take(rows) {
        let (top, bottom) = luma.split_at_mut(y_stride);
        let luma = top[..2 * width].chunks_mut(2 * BLOCK).zip(bottom[..2 * width].chunks_mut(2 * BLOCK));
        let chroma = u[..width].chunks_mut(BLOCK).zip(v[..width].chunks_mut(BLOCK));
        luma.zip(chroma).for_each(|((top, bottom), (u, v))| block(top, bottom, u, v));
    }
}

fn block(top: &mut [u8], bottom: &mut [u8], u: &mut [u8], v: &mut [u8]) {
    let (du, dv) = (from_grey(u), from_grey(v));
    let mix = |to: [i16; 2]| -> [i16; BLOCK] {
        std::array::from_fn(|i| (du[i] * to[0] + dv[i] * to[1] + (1 << (BITS - 1))) >> BITS)
    };
    let of_pairs = mix(TO_Y);
    let to_y: [i16; 2 * BLOCK] = std::array::from_fn(|i| of_pairs[i / 2]);
    add(top, &to_y);
    add(bottom, &to_y);
    add(u, &mix(TO_U));
    add(v, &mix(TO_V));
}

/// Beyond the end of a shorter block: anything.
fn from_grey(levels: &[u8]) -> [i16; BLOCK] {
    let mut distances = [0; BLOCK];
    distances.iter_mut().zip(levels).for_each(|(to, level)| *to = i16::from(*level) - 128);
    distances
}

fn add(levels: &mut [u8], more: &[i16]) {
    levels.iter_mut().zip(more).for_each(|(level, more)| *level = (i16::from(*level) + more).clamp(0, 255) as u8);
}
