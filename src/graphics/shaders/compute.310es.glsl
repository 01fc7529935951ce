#version 310 es

precision highp float;
precision highp int;

layout(local_size_x = 8, local_size_y = 8, local_size_z = 1) in;

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

layout(binding = 0) uniform highp sampler2D _group_0_binding_0_cs;

layout(std140, binding = 2) uniform Params_block_0Compute { Params _group_0_binding_2_cs; };

layout(std430, binding = 1) buffer type_8_block_1Compute { uint _group_0_binding_1_cs[]; };


bool has(uint flag) {
    uint _e3 = _group_0_binding_2_cs.flags;
    return ((_e3 & flag) != 0u);
}

uvec2 source_size() {
    uvec2 _e2 = _group_0_binding_2_cs.source_size;
    return max(min(_e2, uvec2(textureSize(_group_0_binding_0_cs, 0).xy)), uvec2(1u, 1u));
}

vec3 texel(uint x, uint y, uvec2 size) {
    bool _e8 = has(FLIP);
    uint row_1 = (_e8 ? ((size.y - 1u) - y) : y);
    vec4 _e15 = texelFetch(_group_0_binding_0_cs, ivec2(int(x), int(row_1)), 0);
    vec3 colour_4 = _e15.xyz;
    bool _e19 = has(SWAP_RED_BLUE);
    return (_e19 ? colour_4.zyx : colour_4);
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
    vec3 sum_1 = vec3(0.0, 0.0, 0.0);
    uint row = 0u;
    vec3 line = vec3(0.0);
    uint column_1 = 0u;
    uint _e7 = _group_0_binding_2_cs.target_size.x;
    Taps _e8 = taps(x_1, size_2.x, _e7);
    uint _e13 = _group_0_binding_2_cs.target_size.y;
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
            column_1 = _e8.first;
            bool loop_init_1 = true;
            while(true) {
                if (!loop_init_1) {
                    uint _e44 = column_1;
                    column_1 = (_e44 + 1u);
                }
                loop_init_1 = false;
                uint _e32 = column_1;
                if ((_e32 <= _e8.last)) {
                } else {
                    break;
                }
                {
                    vec3 _e35 = line;
                    uint _e36 = column_1;
                    float _e37 = weight(_e8, _e36);
                    uint _e38 = column_1;
                    uint _e39 = row;
                    vec3 _e40 = texel(_e38, _e39, size_2);
                    line = (_e35 + (_e37 * _e40));
                }
            }
            vec3 _e46 = sum_1;
            uint _e47 = row;
            float _e48 = weight(_e14, _e47);
            vec3 _e49 = line;
            sum_1 = (_e46 + (_e48 * _e49));
        }
    }
    vec3 _e55 = sum_1;
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
    float luma_1 = dot(colour_2, LUMA);
    return (vec2(128.0) + (224.0 * vec2(((colour_2.z - luma_1) / 1.8556), ((colour_2.x - luma_1) / 1.5748))));
}

uint rounded(float code) {
    return uint((code + 0.5));
}

vec3 shown(uint x_2, uint y_2, uvec2 size_3) {
    vec3 colour_3 = vec3(0.0);
    uvec2 _e6 = _group_0_binding_2_cs.target_size;
    uvec2 at_1 = min(uvec2(x_2, y_2), (_e6 - uvec2(1u)));
    uvec2 _e14 = _group_0_binding_2_cs.target_size;
    uvec2 _e15 = padded_to_even(size_3);
    if (all(equal(_e14, _e15))) {
        uvec2 inside = min(at_1, (size_3 - uvec2(1u)));
        vec3 _e24 = texel(inside.x, inside.y, size_3);
        colour_3 = _e24;
    } else {
        vec3 _e27 = resampled(at_1.x, at_1.y, size_3);
        colour_3 = _e27;
    }
    uint _e30 = _group_0_binding_2_cs.transfer;
    if ((_e30 == LINEAR)) {
        vec3 _e33 = colour_3;
        vec3 _e34 = clipped(_e33);
        vec3 _e35 = srgb_encoded(_e34);
        colour_3 = _e35;
    } else {
        uint _e38 = _group_0_binding_2_cs.transfer;
        if ((_e38 == TONE_MAPPED)) {
            vec3 _e41 = colour_3;
            vec3 _e45 = tone_mapped(max(_e41, vec3(0.0)));
            vec3 _e46 = clipped(_e45);
            vec3 _e47 = srgb_encoded(_e46);
            colour_3 = _e47;
        }
    }
    vec3 _e48 = colour_3;
    vec3 _e49 = clipped(_e48);
    return _e49;
}

void main() {
    uvec3 invocation = gl_GlobalInvocationID;
    bool local = false;
    uint u = 0u;
    uint v = 0u;
    uint half_ = 0u;
    uvec2 luma = uvec2(0u);
    uint chroma = 0u;
    uint pair = 0u;
    vec3 sum = vec3(0.0);
    uint column = 0u;
    uint x_3 = (invocation.x * 8u);
    uint y_3 = (invocation.y * 2u);
    uint _e10 = _group_0_binding_2_cs.target_size.x;
    if (!((x_3 >= _e10))) {
        uint _e18 = _group_0_binding_2_cs.target_size.y;
        local = (y_3 >= _e18);
    } else {
        local = true;
    }
    bool _e21 = local;
    if (_e21) {
        return;
    }
    uvec2 _e22 = source_size();
    uint _e25 = _group_0_binding_2_cs.luma_stride;
    uint upper = (((y_3 * _e25) + x_3) / 4u);
    uint _e32 = _group_0_binding_2_cs.luma_stride;
    uint lower = (upper + (_e32 / 4u));
    uint _e40 = _group_0_binding_2_cs.chroma_stride;
    uint chroma_row = ((y_3 / 2u) * _e40);
    bool loop_init_2 = true;
    while(true) {
        if (!loop_init_2) {
            uint _e173 = half_;
            half_ = (_e173 + 1u);
        }
        loop_init_2 = false;
        uint _e48 = half_;
        if ((_e48 < 2u)) {
        } else {
            break;
        }
        {
            luma = uvec2(0u, 0u);
            chroma = 0u;
            pair = 0u;
            bool loop_init_3 = true;
            while(true) {
                if (!loop_init_3) {
                    uint _e144 = pair;
                    pair = (_e144 + 1u);
                }
                loop_init_3 = false;
                uint _e59 = pair;
                if ((_e59 < 2u)) {
                } else {
                    break;
                }
                {
                    sum = vec3(0.0);
                    column = 0u;
                    bool loop_init_4 = true;
                    while(true) {
                        if (!loop_init_4) {
                            uint _e104 = column;
                            column = (_e104 + 1u);
                        }
                        loop_init_4 = false;
                        uint _e67 = column;
                        if ((_e67 < 2u)) {
                        } else {
                            break;
                        }
                        {
                            uint _e71 = pair;
                            uint _e73 = column;
                            uint dx = ((2u * _e71) + _e73);
                            uint _e76 = half_;
                            vec3 _e80 = shown(((x_3 + (4u * _e76)) + dx), y_3, _e22);
                            uint _e82 = half_;
                            vec3 _e88 = shown(((x_3 + (4u * _e82)) + dx), (y_3 + 1u), _e22);
                            uvec2 _e89 = luma;
                            float _e90 = luma_code(_e80);
                            uint _e91 = rounded(_e90);
                            float _e92 = luma_code(_e88);
                            uint _e93 = rounded(_e92);
                            luma = (_e89 | (uvec2(_e91, _e93) << uvec2((8u * dx))));
                            vec3 _e100 = sum;
                            sum = (_e100 + (_e80 + _e88));
                        }
                    }
                    vec3 _e106 = sum;
                    vec2 _e109 = chroma_codes((0.25 * _e106));
                    uint _e111 = rounded(_e109.x);
                    uint _e113 = rounded(_e109.y);
                    uint _e114 = chroma;
                    uint _e119 = pair;
                    chroma = (_e114 | ((_e111 | (_e113 << 8u)) << (16u * _e119)));
                    uint _e123 = u;
                    uint _e125 = half_;
                    uint _e128 = pair;
                    u = (_e123 | (_e111 << ((16u * _e125) + (8u * _e128))));
                    uint _e133 = v;
                    uint _e135 = half_;
                    uint _e138 = pair;
                    v = (_e133 | (_e113 << ((16u * _e135) + (8u * _e138))));
                }
            }
            uint _e147 = half_;
            uint _e151 = luma.x;
            _group_0_binding_1_cs[(upper + _e147)] = _e151;
            uint _e153 = half_;
            uint _e157 = luma.y;
            _group_0_binding_1_cs[(lower + _e153)] = _e157;
            bool _e159 = has(INTERLEAVED);
            if (_e159) {
                uint _e163 = _group_0_binding_2_cs.u_offset;
                uint _e168 = half_;
                uint _e171 = chroma;
                _group_0_binding_1_cs[((((_e163 + chroma_row) + x_3) / 4u) + _e168)] = _e171;
            }
        }
    }
    bool _e176 = has(INTERLEAVED);
    if (!(_e176)) {
        uint _e181 = _group_0_binding_2_cs.u_offset;
        uint _e189 = u;
        _group_0_binding_1_cs[(((_e181 + chroma_row) + (x_3 / 2u)) / 4u)] = _e189;
        uint _e193 = _group_0_binding_2_cs.v_offset;
        uint _e201 = v;
        _group_0_binding_1_cs[(((_e193 + chroma_row) + (x_3 / 2u)) / 4u)] = _e201;
        return;
    } else {
        return;
    }
}

