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

uniform highp sampler2D _group_0_binding_0_fs;

layout(std140) uniform Params_block_0Fragment { Params _group_0_binding_2_fs; };

layout(location = 0) out vec4 _fs2p_location0;

bool has(uint flag) {
    uint _e3 = _group_0_binding_2_fs.flags;
    return ((_e3 & flag) != 0u);
}

uvec2 source_size() {
    uvec2 _e2 = _group_0_binding_2_fs.source_size;
    return max(min(_e2, uvec2(textureSize(_group_0_binding_0_fs, 0).xy)), uvec2(1u, 1u));
}

vec3 texel(uint x, uint y, uvec2 size) {
    bool _e8 = has(FLIP);
    uint row_1 = (_e8 ? ((size.y - 1u) - y) : y);
    vec4 _e15 = texelFetch(_group_0_binding_0_fs, ivec2(int(x), int(row_1)), 0);
    vec3 colour_3 = _e15.xyz;
    bool _e19 = has(SWAP_RED_BLUE);
    return (_e19 ? colour_3.zyx : colour_3);
}

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

vec3 resampled(uint x_1, uint y_1, uvec2 size_2) {
    vec3 sum = vec3(0.0, 0.0, 0.0);
    uint row = 0u;
    vec3 line = vec3(0.0);
    uint column = 0u;
    uint _e7 = _group_0_binding_2_fs.target_size.x;
    Taps _e8 = taps(x_1, size_2.x, _e7);
    uint _e13 = _group_0_binding_2_fs.target_size.y;
    Taps _e14 = taps(y_1, size_2.y, _e13);
    row = _e14.first;
    bool loop_init = true;
    while(true) {
        if (!loop_init) {
            uint _e53 = row;
            row = (_e53 + 1u);
        }
        loop_init = false;
        uint _e22 = row;
        if ((_e22 <= _e14.last)) {
        } else {
            break;
        }
        {
            line = vec3(0.0, 0.0, 0.0);
            column = _e8.first;
            bool loop_init_1 = true;
            while(true) {
                if (!loop_init_1) {
                    uint _e44 = column;
                    column = (_e44 + 1u);
                }
                loop_init_1 = false;
                uint _e32 = column;
                if ((_e32 <= _e8.last)) {
                } else {
                    break;
                }
                {
                    vec3 _e35 = line;
                    uint _e36 = column;
                    float _e37 = weight(_e8, _e36);
                    uint _e38 = column;
                    uint _e39 = row;
                    vec3 _e40 = texel(_e38, _e39, size_2);
                    line = (_e35 + (_e37 * _e40));
                }
            }
            vec3 _e46 = sum;
            uint _e47 = row;
            float _e48 = weight(_e14, _e47);
            vec3 _e49 = line;
            sum = (_e46 + (_e48 * _e49));
        }
    }
    vec3 _e55 = sum;
    return _e55;
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

vec3 shown(uint x_2, uint y_2, uvec2 size_3) {
    uvec2 _e6 = _group_0_binding_2_fs.target_size;
    uvec2 at_1 = min(min(uvec2(x_2, y_2), (_e6 - uvec2(1u))), (size_3 - uvec2(1u)));
    vec3 _e17 = texel(at_1.x, at_1.y, size_3);
    vec3 _e18 = clipped(_e17);
    return _e18;
}

vec3 average(uint x_3, uint y_3, uint pixels, uvec2 size_4) {
    vec3 sum_1 = vec3(0.0);
    uint i_1 = 0u;
    bool loop_init_2 = true;
    while(true) {
        if (!loop_init_2) {
            uint _e23 = i_1;
            i_1 = (_e23 + 1u);
        }
        loop_init_2 = false;
        uint _e9 = i_1;
        if ((_e9 < pixels)) {
        } else {
            break;
        }
        {
            vec3 _e11 = sum_1;
            uint _e12 = i_1;
            uint _e16 = i_1;
            vec3 _e20 = shown((x_3 + (_e12 & 1u)), (y_3 + (_e16 >> 1u)), size_4);
            sum_1 = (_e11 + _e20);
        }
    }
    vec3 _e25 = sum_1;
    return (_e25 * ((pixels == 1u) ? 1.0 : 0.25));
}

void main() {
    vec4 position = gl_FragCoord;
    bool local = false;
    uvec2 _e1 = source_size();
    uint _e6 = _group_0_binding_2_fs.luma_stride;
    uint byte = ((uint(position.y) * _e6) + (4u * uint(position.x)));
    uint _e15 = _group_0_binding_2_fs.u_offset;
    bool is_luma = (byte < _e15);
    uint _e19 = _group_0_binding_2_fs.v_offset;
    bool is_v = (byte >= _e19);
    if (!(is_luma)) {
        bool _e25 = has(INTERLEAVED);
        local = _e25;
    } else {
        local = false;
    }
    bool is_pairs = local;
    uint _e30 = _group_0_binding_2_fs.u_offset;
    uint _e33 = _group_0_binding_2_fs.v_offset;
    uint inside = (byte - (is_luma ? 0u : (is_v ? _e33 : _e30)));
    uint _e40 = _group_0_binding_2_fs.chroma_stride;
    uint _e43 = _group_0_binding_2_fs.luma_stride;
    uint stride = (is_luma ? _e43 : _e40);
    uint row_2 = (inside / stride);
    uint column_1 = (inside - (row_2 * stride));
    uint side = (is_luma ? 1u : 2u);
    uint x_4 = ((is_pairs ? (column_1 / 2u) : column_1) * side);
    uint y_4 = (row_2 * side);
    uint pixels_1 = (side * side);
    uint more = (is_pairs ? 0u : pixels_1);
    vec3 _e59 = average(x_4, y_4, pixels_1, _e1);
    vec3 _e61 = average((x_4 + side), y_4, pixels_1, _e1);
    vec3 _e65 = average((x_4 + (2u * side)), y_4, more, _e1);
    vec3 _e69 = average((x_4 + (3u * side)), y_4, more, _e1);
    float _e70 = luma_code(_e59);
    float _e71 = luma_code(_e61);
    float _e72 = luma_code(_e65);
    float _e73 = luma_code(_e69);
    vec4 luma_1 = vec4(_e70, _e71, _e72, _e73);
    vec2 _e75 = chroma_codes(_e59);
    vec2 _e76 = chroma_codes(_e61);
    vec4 left_1 = vec4(_e75, _e76);
    vec2 _e78 = chroma_codes(_e65);
    vec2 _e79 = chroma_codes(_e69);
    vec4 right_1 = vec4(_e78, _e79);
    vec4 plane = (is_v ? vec4(left_1.yw, right_1.yw) : vec4(left_1.xz, right_1.xz));
    vec4 codes = (is_luma ? luma_1 : (is_pairs ? left_1 : plane));
    _fs2p_location0 = (floor((codes + vec4(0.5))) / vec4(255.0));
    return;
}

