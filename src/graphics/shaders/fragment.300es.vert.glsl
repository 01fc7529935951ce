#version 300 es

precision highp float;
precision highp int;

struct Params {
    uvec2 source_size;
    uvec2 target_size;
    uint luma_stride;
    uint chroma_stride;
    uint u_offset;
    uint v_offset;
    uint flags;
    uint transfer;
    uvec2 reserved;
};
struct Taps {
    uint first;
    uint last;
    float first_weight;
    float middle_weight;
    float last_weight;
};
const uint FLIP = 1u;
const uint SWAP_RED_BLUE = 2u;
const uint INTERLEAVED = 4u;
const uint LINEAR = 1u;
const uint TONE_MAPPED = 2u;
const vec3 LUMA = vec3(0.2126, 0.7152, 0.0722);
const float WHITE_POINT = 4.0;


uvec2 padded_to_even(uvec2 size_1) {
    return (size_1 + (size_1 & uvec2(1u, 1u)));
}

Taps taps(uint i, uint source_side, uint target_side) {
    if ((target_side == (source_side + (source_side & 1u)))) {
        uint only = min(i, (source_side - 1u));
        return Taps(only, only, 1.0, 1.0, 1.0);
    }
    if ((target_side < source_side)) {
        uint left = (i * source_side);
        uint right = (left + source_side);
        uint first = (left / target_side);
        uint last = ((right - 1u) / target_side);
        float unit = (1.0 / float(source_side));
        return Taps(first, last, (float((((first + 1u) * target_side) - left)) * unit), (float(target_side) * unit), (float((right - (last * target_side))) * unit));
    }
    uint unit_1 = (2u * target_side);
    uint centre = min((max((((2u * i) + 1u) * source_side), target_side) - target_side), ((source_side - 1u) * unit_1));
    uint first_1 = (centre / unit_1);
    float share = (float((centre - (first_1 * unit_1))) / float(unit_1));
    return Taps(first_1, min((first_1 + 1u), (source_side - 1u)), (1.0 - share), 0.0, share);
}

float weight(Taps t, uint at) {
    return ((at == t.first) ? t.first_weight : ((at == t.last) ? t.last_weight : t.middle_weight));
}

vec3 srgb_encoded(vec3 linear) {
    vec3 low = (linear * 12.92);
    vec3 high = ((1.055 * pow(max(linear, vec3(0.0031308)), vec3(0.41666666))) - vec3(0.055));
    return mix(high, low, lessThanEqual(linear, vec3(0.0031308)));
}

vec3 tone_mapped(vec3 linear_1) {
    float luminance = dot(linear_1, LUMA);
    return (linear_1 * ((1.0 + (luminance / 16.0)) / (1.0 + luminance)));
}

vec3 clipped(vec3 colour) {
    return clamp(colour, vec3(0.0), vec3(1.0));
}

float luma_code(vec3 colour_1) {
    return (16.0 + (219.0 * dot(colour_1, LUMA)));
}

vec2 chroma_codes(vec3 colour_2) {
    float luma = dot(colour_2, LUMA);
    return (vec2(128.0) + (224.0 * vec2(((colour_2.z - luma) / 1.8556), ((colour_2.x - luma) / 1.5748))));
}

uint rounded(float code) {
    return uint((code + 0.5));
}

void main() {
    uint index = uint(gl_VertexID);
    vec2 corner = vec2(float((index & 1u)), float((index >> 1u)));
    gl_Position = vec4(((4.0 * corner) - vec2(1.0)), 0.0, 1.0);
    return;
}

