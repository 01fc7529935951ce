// What the conversion is, whatever writes its result. After this text stands `shown.wgsl` (for every job) or `plain.wgsl`
// (for most), then `compute.wgsl`, `fragment.wgsl` or `planes.wgsl`. `tests/generated/shaders.rs` translates them; the
// translations lie beside them.

// `graphics::Params`: 48 bytes in the layout std140.
struct Params {
    source_size: vec2<u32>,
    target_size: vec2<u32>,
    luma_stride: u32,
    chroma_stride: u32,
    u_offset: u32,
    v_offset: u32,
    flags: u32,
    transfer: u32,
    reserved: vec2<u32>,
}

const FLIP: u32 = 1u;
const SWAP_RED_BLUE: u32 = 2u;
const INTERLEAVED: u32 = 4u;

const LINEAR: u32 = 1u;
const TONE_MAPPED: u32 = 2u;

// Rec. ITU-R BT.709-6, item 3.2.
const LUMA: vec3<f32> = vec3<f32>(0.2126, 0.7152, 0.0722);
// Linear light that the tone map turns into white.
const WHITE_POINT: f32 = 4.0;

@group(0) @binding(0) var source: texture_2d<f32>;
@group(0) @binding(2) var<uniform> params: Params;

fn has(flag: u32) -> bool {
    return (params.flags & flag) != 0u;
}

// The texels that exist, should the host have claimed more: reading outside of a texture is undefined in some APIs.
fn source_size() -> vec2<u32> {
    return max(min(params.source_size, textureDimensions(source)), vec2<u32>(1u, 1u));
}

// A texel, (0, 0) at the upper left of the picture shown.
fn texel(x: u32, y: u32, size: vec2<u32>) -> vec3<f32> {
    let row = select(y, size.y - 1u - y, has(FLIP));
    let colour = textureLoad(source, vec2<i32>(i32(x), i32(row)), 0).rgb;
    return select(colour, colour.bgr, has(SWAP_RED_BLUE));
}

fn padded_to_even(size: vec2<u32>) -> vec2<u32> {
    return size + (size & vec2<u32>(1u, 1u));
}

// Texels `first` to `last` that one target pixel is made of along one axis. Their weights sum to 1.
struct Taps {
    first: u32,
    last: u32,
    first_weight: f32,
    middle_weight: f32,
    last_weight: f32,
}

// Integers throughout: a side is at most 16384, so every product fits, and no rounding moves an edge.
fn taps(i: u32, source_side: u32, target_side: u32) -> Taps {
    if target_side == source_side + (source_side & 1u) {
        let only = min(i, source_side - 1u);
        return Taps(only, only, 1.0, 1.0, 1.0);
    }
    if target_side < source_side {
        // The area under the pixel, in units of 1/target_side of a texel.
        let left = i * source_side;
        let right = left + source_side;
        let first = left / target_side;
        let last = (right - 1u) / target_side;
        let unit = 1.0 / f32(source_side);
        return Taps(
            first,
            last,
            f32((first + 1u) * target_side - left) * unit,
            f32(target_side) * unit,
            f32(right - last * target_side) * unit,
        );
    }
    // Between the two nearest centres, in units of 1/(2 target_side) of a texel.
    let unit = 2u * target_side;
    let centre = min(max((2u * i + 1u) * source_side, target_side) - target_side, (source_side - 1u) * unit);
    let first = centre / unit;
    let share = f32(centre - first * unit) / f32(unit);
    return Taps(first, min(first + 1u, source_side - 1u), 1.0 - share, 0.0, share);
}

fn weight(t: Taps, at: u32) -> f32 {
    return select(select(t.middle_weight, t.last_weight, at == t.last), t.first_weight, at == t.first);
}

// The texture at a target pixel: as it is, averaged, or between texels.
fn resampled(x: u32, y: u32, size: vec2<u32>) -> vec3<f32> {
    let across = taps(x, size.x, params.target_size.x);
    let down = taps(y, size.y, params.target_size.y);
    var sum = vec3<f32>(0.0, 0.0, 0.0);
    for (var row = down.first; row <= down.last; row++) {
        var line = vec3<f32>(0.0, 0.0, 0.0);
        for (var column = across.first; column <= across.last; column++) {
            line += weight(across, column) * texel(column, row, size);
        }
        sum += weight(down, row) * line;
    }
    return sum;
}

// IEC 61966-2-1.
fn srgb_encoded(linear: vec3<f32>) -> vec3<f32> {
    let low = linear * 12.92;
    let high = 1.055 * pow(max(linear, vec3<f32>(0.0031308)), vec3<f32>(1.0 / 2.4)) - 0.055;
    return select(high, low, linear <= vec3<f32>(0.0031308));
}

// Extended Reinhard by luminance: nothing up to white changes its hue.
fn tone_mapped(linear: vec3<f32>) -> vec3<f32> {
    let luminance = dot(linear, LUMA);
    return linear * ((1.0 + luminance / (WHITE_POINT * WHITE_POINT)) / (1.0 + luminance));
}

fn clipped(colour: vec3<f32>) -> vec3<f32> {
    return clamp(colour, vec3<f32>(0.0), vec3<f32>(1.0));
}

// Rec. ITU-R BT.709-6, items 3.2 to 3.5, limited range, in steps of an 8-bit code.
fn luma_code(colour: vec3<f32>) -> f32 {
    return 16.0 + 219.0 * dot(colour, LUMA);
}

fn chroma_codes(colour: vec3<f32>) -> vec2<f32> {
    let luma = dot(colour, LUMA);
    return 128.0 + 224.0 * vec2<f32>((colour.b - luma) / 1.8556, (colour.r - luma) / 1.5748);
}

// A code as a byte: between 16 and 240 as it comes from above, so that it needs no clamping.
fn rounded(code: f32) -> u32 {
    return u32(code + 0.5);
}
