// The colour of a target pixel as it is shown: sRGB-encoded, 0 to 1.
fn shown(x: u32, y: u32, size: vec2<u32>) -> vec3<f32> {
    let at = min(vec2<u32>(x, y), params.target_size - 1u);
    var colour: vec3<f32>;
    if all(params.target_size == padded_to_even(size)) {
        let inside = min(at, size - 1u);
        colour = texel(inside.x, inside.y, size);
    } else {
        colour = resampled(at.x, at.y, size);
    }
    if params.transfer == LINEAR {
        colour = srgb_encoded(clipped(colour));
    } else if params.transfer == TONE_MAPPED {
        colour = srgb_encoded(clipped(tone_mapped(max(colour, vec3<f32>(0.0)))));
    }
    return clipped(colour);
}
