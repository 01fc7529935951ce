//! Chroma samples taken apart.

/// A row in which U and V take turns (NV12), as one of each. In blocks of a known size, which compile to vector instructions.
pub fn deinterleave(uv: &[u8], u: &mut [u8], v: &mut [u8]) {
    const BLOCK: usize = 32;
    let width = u.len().min(v.len()).min(uv.len() / 2);
    let (uv, u, v) = (&uv[..2 * width], &mut u[..width], &mut v[..width]);
    let ((uv, uv_rest), (u, u_rest), (v, v_rest)) =
        (uv.as_chunks::<{ 2 * BLOCK }>(), u.as_chunks_mut::<BLOCK>(), v.as_chunks_mut::<BLOCK>());
    for ((uv, u), v) in uv.iter().zip(u).zip(v) {
        *u = std::array::from_fn(|i| uv[2 * i]);
        *v = std::array::from_fn(|i| uv[2 * i + 1]);
    }
    for ((pair, u), v) in uv_rest.as_chunks::<2>().0.iter().zip(u_rest).zip(v_rest) {
        [*u, *v] = *pair;
    }
}
