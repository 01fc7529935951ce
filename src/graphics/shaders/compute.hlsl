struct Params {
    uint2 source_size;
    uint2 target_size;
    uint luma_stride;
    uint chroma_stride;
    uint u_offset;
    uint v_offset;
    uint flags;
    uint transfer;
    uint2 reserved;
};

struct Taps {
    uint first;
    uint last;
    float first_weight;
    float middle_weight;
    float last_weight;
};

static const uint FLIP = 1u;
static const uint SWAP_RED_BLUE = 2u;
static const uint INTERLEAVED = 4u;
static const uint LINEAR = 1u;
static const uint TONE_MAPPED = 2u;
static const float3 LUMA = float3(0.2126, 0.7152, 0.0722);
static const float WHITE_POINT = 4.0;

Texture2D<float4> source : register(t0);
cbuffer params : register(b0) { Params params; }
RWByteAddressBuffer picture : register(u0);

bool has(uint flag)
{
    uint _e3 = params.flags;
    return ((_e3 & flag) != 0u);
}

uint2 NagaDimensions2D(Texture2D<float4> tex)
{
    uint4 ret;
    tex.GetDimensions(0, ret.x, ret.y, ret.z);
    return ret.xy;
}

uint2 source_size()
{
    uint2 _e2 = params.source_size;
    return max(min(_e2, NagaDimensions2D(source)), uint2(1u, 1u));
}

float3 texel(uint x, uint y, uint2 size)
{
    const bool _e8 = has(FLIP);
    uint row_1 = (_e8 ? ((size.y - 1u) - y) : y);
    float4 _e15 = source.Load(int3(int2(int(x), int(row_1)), int(0)));
    float3 colour_4 = _e15.xyz;
    const bool _e19 = has(SWAP_RED_BLUE);
    return (_e19 ? colour_4.zyx : colour_4);
}

uint2 padded_to_even(uint2 size_1)
{
    return (size_1 + (size_1 & uint2(1u, 1u)));
}

uint naga_div(uint lhs, uint rhs) {
    return lhs / (rhs == 0u ? 1u : rhs);
}

Taps ConstructTaps(uint arg0, uint arg1, float arg2, float arg3, float arg4) {
    Taps ret = (Taps)0;
    ret.first = arg0;
    ret.last = arg1;
    ret.first_weight = arg2;
    ret.middle_weight = arg3;
    ret.last_weight = arg4;
    return ret;
}

Taps taps(uint i, uint source_side, uint target_side)
{
    if ((target_side == (source_side + (source_side & 1u)))) {
        uint only = min(i, (source_side - 1u));
        const Taps taps_1 = ConstructTaps(only, only, 1.0, 1.0, 1.0);
        return taps_1;
    }
    if ((target_side < source_side)) {
        uint left = (i * source_side);
        uint right = (left + source_side);
        uint first = naga_div(left, target_side);
        uint last = naga_div((right - 1u), target_side);
        float unit = (1.0 / float(source_side));
        const Taps taps_2 = ConstructTaps(first, last, (float((((first + 1u) * target_side) - left)) * unit), (float(target_side) * unit), (float((right - (last * target_side))) * unit));
        return taps_2;
    }
    uint unit_1 = (2u * target_side);
    uint centre = min((max((((2u * i) + 1u) * source_side), target_side) - target_side), ((source_side - 1u) * unit_1));
    uint first_1 = naga_div(centre, unit_1);
    float share = (float((centre - (first_1 * unit_1))) / float(unit_1));
    const Taps taps_3 = ConstructTaps(first_1, min((first_1 + 1u), (source_side - 1u)), (1.0 - share), 0.0, share);
    return taps_3;
}

float weight(Taps t, uint at)
{
    return ((at == t.first) ? t.first_weight : ((at == t.last) ? t.last_weight : t.middle_weight));
}

float3 resampled(uint x_1, uint y_1, uint2 size_2)
{
    float3 sum_1 = float3(0.0, 0.0, 0.0);
    uint row = (uint)0;
    float3 line_ = (float3)0;
    uint column_1 = (uint)0;

    uint _e7 = params.target_size.x;
    const Taps _e8 = taps(x_1, size_2.x, _e7);
    uint _e13 = params.target_size.y;
    const Taps _e14 = taps(y_1, size_2.y, _e13);
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
            line_ = float3(0.0, 0.0, 0.0);
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
                    float3 _e35 = line_;
                    uint _e36 = column_1;
                    const float _e37 = weight(_e8, _e36);
                    uint _e38 = column_1;
                    uint _e39 = row;
                    const float3 _e40 = texel(_e38, _e39, size_2);
                    line_ = (_e35 + (_e37 * _e40));
                }
            }
            float3 _e46 = sum_1;
            uint _e47 = row;
            const float _e48 = weight(_e14, _e47);
            float3 _e49 = line_;
            sum_1 = (_e46 + (_e48 * _e49));
        }
    }
    float3 _e55 = sum_1;
    return _e55;
}

float3 srgb_encoded(float3 linear_)
{
    float3 low = (linear_ * 12.92);
    float3 high = ((1.055 * pow(max(linear_, (0.0031308).xxx), (0.41666666).xxx)) - (0.055).xxx);
    return ((linear_ <= (0.0031308).xxx) ? low : high);
}

float3 tone_mapped(float3 linear_1)
{
    float luminance = dot(linear_1, LUMA);
    return (linear_1 * ((1.0 + (luminance / 16.0)) / (1.0 + luminance)));
}

float3 clipped(float3 colour)
{
    return clamp(colour, (0.0).xxx, (1.0).xxx);
}

float luma_code(float3 colour_1)
{
    return (16.0 + (219.0 * dot(colour_1, LUMA)));
}

float2 chroma_codes(float3 colour_2)
{
    float luma_1 = dot(colour_2, LUMA);
    return ((128.0).xx + (224.0 * float2(((colour_2.z - luma_1) / 1.8556), ((colour_2.x - luma_1) / 1.5748))));
}

uint naga_f2u32(float value) {
    return uint(clamp(value, 0.0, 4294967000.0));
}

uint rounded(float code)
{
    return naga_f2u32((code + 0.5));
}

float3 shown(uint x_2, uint y_2, uint2 size_3)
{
    float3 colour_3 = (float3)0;

    uint2 _e6 = params.target_size;
    uint2 at_1 = min(uint2(x_2, y_2), (_e6 - (1u).xx));
    uint2 _e14 = params.target_size;
    const uint2 _e15 = padded_to_even(size_3);
    if (all((_e14 == _e15))) {
        uint2 inside = min(at_1, (size_3 - (1u).xx));
        const float3 _e24 = texel(inside.x, inside.y, size_3);
        colour_3 = _e24;
    } else {
        const float3 _e27 = resampled(at_1.x, at_1.y, size_3);
        colour_3 = _e27;
    }
    uint _e30 = params.transfer;
    if ((_e30 == LINEAR)) {
        float3 _e33 = colour_3;
        const float3 _e34 = clipped(_e33);
        const float3 _e35 = srgb_encoded(_e34);
        colour_3 = _e35;
    } else {
        uint _e38 = params.transfer;
        if ((_e38 == TONE_MAPPED)) {
            float3 _e41 = colour_3;
            const float3 _e45 = tone_mapped(max(_e41, (0.0).xxx));
            const float3 _e46 = clipped(_e45);
            const float3 _e47 = srgb_encoded(_e46);
            colour_3 = _e47;
        }
    }
    float3 _e48 = colour_3;
    const float3 _e49 = clipped(_e48);
    return _e49;
}

[numthreads(8, 8, 1)]
void convert(uint3 invocation : SV_DispatchThreadID)
{
    bool local = (bool)0;
    uint u = 0u;
    uint v = 0u;
    uint half_ = 0u;
    uint2 luma = (uint2)0;
    uint chroma = (uint)0;
    uint pair = (uint)0;
    float3 sum = (float3)0;
    uint column = (uint)0;

    uint x_3 = (invocation.x * 8u);
    uint y_3 = (invocation.y * 2u);
    uint _e10 = params.target_size.x;
    if (!((x_3 >= _e10))) {
        uint _e18 = params.target_size.y;
        local = (y_3 >= _e18);
    } else {
        local = true;
    }
    bool _e21 = local;
    if (_e21) {
        return;
    }
    const uint2 _e22 = source_size();
    uint _e25 = params.luma_stride;
    uint upper = naga_div(((y_3 * _e25) + x_3), 4u);
    uint _e32 = params.luma_stride;
    uint lower = (upper + naga_div(_e32, 4u));
    uint _e40 = params.chroma_stride;
    uint chroma_row = (naga_div(y_3, 2u) * _e40);
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
            luma = uint2(0u, 0u);
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
                    sum = (0.0).xxx;
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
                            const float3 _e80 = shown(((x_3 + (4u * _e76)) + dx), y_3, _e22);
                            uint _e82 = half_;
                            const float3 _e88 = shown(((x_3 + (4u * _e82)) + dx), (y_3 + 1u), _e22);
                            uint2 _e89 = luma;
                            const float _e90 = luma_code(_e80);
                            const uint _e91 = rounded(_e90);
                            const float _e92 = luma_code(_e88);
                            const uint _e93 = rounded(_e92);
                            luma = (_e89 | (uint2(_e91, _e93) << ((8u * dx)).xx));
                            float3 _e100 = sum;
                            sum = (_e100 + (_e80 + _e88));
                        }
                    }
                    float3 _e106 = sum;
                    const float2 _e109 = chroma_codes((0.25 * _e106));
                    const uint _e111 = rounded(_e109.x);
                    const uint _e113 = rounded(_e109.y);
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
            picture.Store((upper + _e147)*4, asuint(_e151));
            uint _e153 = half_;
            uint _e157 = luma.y;
            picture.Store((lower + _e153)*4, asuint(_e157));
            const bool _e159 = has(INTERLEAVED);
            if (_e159) {
                uint _e163 = params.u_offset;
                uint _e168 = half_;
                uint _e171 = chroma;
                picture.Store((naga_div(((_e163 + chroma_row) + x_3), 4u) + _e168)*4, asuint(_e171));
            }
        }
    }
    const bool _e176 = has(INTERLEAVED);
    if (!(_e176)) {
        uint _e181 = params.u_offset;
        uint _e189 = u;
        picture.Store(naga_div(((_e181 + chroma_row) + naga_div(x_3, 2u)), 4u)*4, asuint(_e189));
        uint _e193 = params.v_offset;
        uint _e201 = v;
        picture.Store(naga_div(((_e193 + chroma_row) + naga_div(x_3, 2u)), 4u)*4, asuint(_e201));
        return;
    } else {
        return;
    }
}
