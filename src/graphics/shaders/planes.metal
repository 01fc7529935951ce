// language: metal2.0
#include <metal_stdlib>
#include <simd/simd.h>

using metal::uint;

struct Params {
    metal::uint2 source_size;
    metal::uint2 target_size;
    uint luma_stride;
    uint chroma_stride;
    uint u_offset;
    uint v_offset;
    uint flags;
    uint transfer;
    metal::uint2 reserved;
};
struct Taps {
    uint first;
    uint last;
    float first_weight;
    float middle_weight;
    float last_weight;
};
constant uint FLIP = 1u;
constant uint SWAP_RED_BLUE = 2u;
constant uint INTERLEAVED = 4u;
constant uint LINEAR = 1u;
constant uint TONE_MAPPED = 2u;
constant metal::float3 LUMA = metal::float3(0.2126, 0.7152, 0.0722);
constant float WHITE_POINT = 4.0;

bool has(
    uint flag,
    constant Params& params
) {
    uint _e3 = params.flags;
    return (_e3 & flag) != 0u;
}

metal::uint2 source_size(
    metal::texture2d<float, metal::access::sample> source,
    constant Params& params
) {
    metal::uint2 _e2 = params.source_size;
    return metal::max(metal::min(_e2, metal::uint2(source.get_width(), source.get_height())), metal::uint2(1u, 1u));
}

metal::float3 texel(
    uint x,
    uint y,
    metal::uint2 size,
    metal::texture2d<float, metal::access::sample> source,
    constant Params& params
) {
    bool _e8 = has(FLIP, params);
    uint row_1 = _e8 ? ((size.y - 1u) - y) : y;
    metal::float4 _e15 = source.read(metal::uint2(metal::int2(static_cast<int>(x), static_cast<int>(row_1))), 0);
    metal::float3 colour_4 = _e15.xyz;
    bool _e19 = has(SWAP_RED_BLUE, params);
    return _e19 ? colour_4.zyx : colour_4;
}

metal::uint2 padded_to_even(
    metal::uint2 size_1
) {
    return size_1 + (size_1 & metal::uint2(1u, 1u));
}

uint naga_div(uint lhs, uint rhs) {
    return lhs / metal::select(rhs, 1u, rhs == 0u);
}

Taps taps(
    uint i_1,
    uint source_side,
    uint target_side
) {
    if (target_side == (source_side + (source_side & 1u))) {
        uint only = metal::min(i_1, source_side - 1u);
        return Taps {only, only, 1.0, 1.0, 1.0};
    }
    if (target_side < source_side) {
        uint left = i_1 * source_side;
        uint right = left + source_side;
        uint first = naga_div(left, target_side);
        uint last = naga_div(right - 1u, target_side);
        float unit = 1.0 / static_cast<float>(source_side);
        return Taps {first, last, static_cast<float>(((first + 1u) * target_side) - left) * unit, static_cast<float>(target_side) * unit, static_cast<float>(right - (last * target_side)) * unit};
    }
    uint unit_1 = 2u * target_side;
    uint centre = metal::min(metal::max(((2u * i_1) + 1u) * source_side, target_side) - target_side, (source_side - 1u) * unit_1);
    uint first_1 = naga_div(centre, unit_1);
    float share = static_cast<float>(centre - (first_1 * unit_1)) / static_cast<float>(unit_1);
    return Taps {first_1, metal::min(first_1 + 1u, source_side - 1u), 1.0 - share, 0.0, share};
}

float weight(
    Taps t,
    uint at
) {
    return (at == t.first) ? t.first_weight : ((at == t.last) ? t.last_weight : t.middle_weight);
}

metal::float3 resampled(
    uint x_1,
    uint y_1,
    metal::uint2 size_2,
    metal::texture2d<float, metal::access::sample> source,
    constant Params& params
) {
    metal::float3 sum_1 = metal::float3(0.0, 0.0, 0.0);
    uint row = {};
    metal::float3 line = {};
    uint column = {};
    uint _e7 = params.target_size.x;
    Taps _e8 = taps(x_1, size_2.x, _e7);
    uint _e13 = params.target_size.y;
    Taps _e14 = taps(y_1, size_2.y, _e13);
    row = _e14.first;
    bool loop_init = true;
    while(true) {
        if (!loop_init) {
            uint _e53 = row;
            row = _e53 + 1u;
        }
        loop_init = false;
        uint _e22 = row;
        if (_e22 <= _e14.last) {
        } else {
            break;
        }
        {
            line = metal::float3(0.0, 0.0, 0.0);
            column = _e8.first;
            bool loop_init_1 = true;
            while(true) {
                if (!loop_init_1) {
                    uint _e44 = column;
                    column = _e44 + 1u;
                }
                loop_init_1 = false;
                uint _e32 = column;
                if (_e32 <= _e8.last) {
                } else {
                    break;
                }
                {
                    metal::float3 _e35 = line;
                    uint _e36 = column;
                    float _e37 = weight(_e8, _e36);
                    uint _e38 = column;
                    uint _e39 = row;
                    metal::float3 _e40 = texel(_e38, _e39, size_2, source, params);
                    line = _e35 + (_e37 * _e40);
                }
            }
            metal::float3 _e46 = sum_1;
            uint _e47 = row;
            float _e48 = weight(_e14, _e47);
            metal::float3 _e49 = line;
            sum_1 = _e46 + (_e48 * _e49);
        }
    }
    metal::float3 _e55 = sum_1;
    return _e55;
}

metal::float3 srgb_encoded(
    metal::float3 linear
) {
    metal::float3 low = linear * 12.92;
    metal::float3 high = (1.055 * metal::pow(metal::max(linear, metal::float3(0.0031308)), metal::float3(0.41666666))) - metal::float3(0.055);
    return metal::select(high, low, linear <= metal::float3(0.0031308));
}

metal::float3 tone_mapped(
    metal::float3 linear_1
) {
    float luminance = metal::dot(linear_1, LUMA);
    return linear_1 * ((1.0 + (luminance / 16.0)) / (1.0 + luminance));
}

metal::float3 clipped(
    metal::float3 colour
) {
    return metal::clamp(colour, metal::float3(0.0), metal::float3(1.0));
}

float luma_code(
    metal::float3 colour_1
) {
    return 16.0 + (219.0 * metal::dot(colour_1, LUMA));
}

metal::float2 chroma_codes(
    metal::float3 colour_2
) {
    float luma_1 = metal::dot(colour_2, LUMA);
    return metal::float2(128.0) + (224.0 * metal::float2((colour_2.z - luma_1) / 1.8556, (colour_2.x - luma_1) / 1.5748));
}

uint naga_f2u32(float value) {
    return static_cast<uint>(metal::clamp(value, 0.0, 4294967000.0));
}

uint rounded(
    float code
) {
    return naga_f2u32(code + 0.5);
}

metal::float3 shown(
    uint x_2,
    uint y_2,
    metal::uint2 size_3,
    metal::texture2d<float, metal::access::sample> source,
    constant Params& params
) {
    metal::float3 colour_3 = {};
    metal::uint2 _e6 = params.target_size;
    metal::uint2 at_1 = metal::min(metal::uint2(x_2, y_2), _e6 - metal::uint2(1u));
    metal::uint2 _e14 = params.target_size;
    metal::uint2 _e15 = padded_to_even(size_3);
    if (metal::all(_e14 == _e15)) {
        metal::uint2 inside = metal::min(at_1, size_3 - metal::uint2(1u));
        metal::float3 _e24 = texel(inside.x, inside.y, size_3, source, params);
        colour_3 = _e24;
    } else {
        metal::float3 _e27 = resampled(at_1.x, at_1.y, size_3, source, params);
        colour_3 = _e27;
    }
    uint _e30 = params.transfer;
    if (_e30 == LINEAR) {
        metal::float3 _e33 = colour_3;
        metal::float3 _e34 = clipped(_e33);
        metal::float3 _e35 = srgb_encoded(_e34);
        colour_3 = _e35;
    } else {
        uint _e38 = params.transfer;
        if (_e38 == TONE_MAPPED) {
            metal::float3 _e41 = colour_3;
            metal::float3 _e45 = tone_mapped(metal::max(_e41, metal::float3(0.0)));
            metal::float3 _e46 = clipped(_e45);
            metal::float3 _e47 = srgb_encoded(_e46);
            colour_3 = _e47;
        }
    }
    metal::float3 _e48 = colour_3;
    metal::float3 _e49 = clipped(_e48);
    return _e49;
}
metal::uint2 naga_div(metal::uint2 lhs, metal::uint2 rhs) {
    return lhs / metal::select(rhs, 1u, rhs == 0u);
}


struct convert_planesInput {
};
kernel void convert_planes(
  metal::uint3 invocation [[thread_position_in_grid]]
, metal::texture2d<float, metal::access::sample> source [[texture(0)]]
, constant Params& params [[buffer(0)]]
, metal::texture2d<float, metal::access::write> luma [[texture(1)]]
, metal::texture2d<float, metal::access::write> chroma [[texture(2)]]
) {
    uint pair = 0u;
    metal::float3 sum = {};
    uint i = {};
    uint y_3 = invocation.y * 2u;
    uint _e7 = params.target_size.y;
    if (y_3 >= _e7) {
        return;
    }
    metal::uint2 _e9 = source_size(source, params);
    bool loop_init_2 = true;
    while(true) {
        if (!loop_init_2) {
            uint _e76 = pair;
            pair = _e76 + 1u;
        }
        loop_init_2 = false;
        uint _e12 = pair;
        if (_e12 < 4u) {
        } else {
            break;
        }
        {
            uint _e19 = pair;
            uint x_3 = (invocation.x * 8u) + (2u * _e19);
            uint _e25 = params.target_size.x;
            if (x_3 >= _e25) {
                return;
            }
            sum = metal::float3(0.0);
            i = 0u;
            bool loop_init_3 = true;
            while(true) {
                if (!loop_init_3) {
                    uint _e58 = i;
                    i = _e58 + 1u;
                }
                loop_init_3 = false;
                uint _e32 = i;
                if (_e32 < 4u) {
                } else {
                    break;
                }
                {
                    uint _e35 = i;
                    uint _e39 = i;
                    metal::uint2 at_2 = metal::uint2(x_3 + (_e35 & 1u), y_3 + (_e39 >> 1u));
                    metal::float3 _e46 = shown(at_2.x, at_2.y, _e9, source, params);
                    metal::float3 _e47 = sum;
                    sum = _e47 + _e46;
                    float _e50 = luma_code(_e46);
                    luma.write(metal::float4(_e50 / 255.0, 0.0, 0.0, 1.0), metal::uint2(at_2));
                }
            }
            metal::float3 _e65 = sum;
            metal::float2 _e68 = chroma_codes(0.25 * _e65);
            chroma.write(metal::float4(_e68 / metal::float2(255.0), 0.0, 1.0), metal::uint2(naga_div(metal::uint2(x_3, y_3), metal::uint2(2u))));
        }
    }
    return;
}
