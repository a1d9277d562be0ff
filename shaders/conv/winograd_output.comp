#version 460
// variants: fp32
//
// y[h, 4t + i, n] = sum over p < 6 of AT[i, p] * m[p, t * H + h, n] + bias[n] + residual[h, 4t + i, n]
//
// The output of a 3x3 convolution from its products (winograd). m fp32[6, padded rows, N], y and residual fp32[H, W, N],
// one image, bias fp32[N], all by address. A subgroup of 8 makes 8 channels of a tile. N is a multiple of 8.
#extension GL_GOOGLE_include_directive : require
#include "../common/types.glsl"
#include "../common/winograd.glsl"

layout(local_size_x = 128) in;
layout(constant_id = 0) const uint HAS_BIAS = 0;
layout(constant_id = 1) const uint HAS_RESIDUAL = 0;

layout(push_constant) uniform Push
{
    uint64_t m;
    uint64_t bias;
    uint64_t residual;
    uint64_t y;
    uint image;
    uint height;
    uint width;
    uint channels;
    uint padded_rows;
};

void main()
{
    lane = gl_SubgroupInvocationID;
    uint eights = channels / 8, tiles = width / TILE_WIDTH;
    uint unit = (gl_WorkGroupID.x + gl_WorkGroupID.y * gl_NumWorkGroups.x) * gl_NumSubgroups + gl_SubgroupID;
    uint c = unit % eights * 8, number = unit / eights;
    if (number >= tiles * height)
        return;
    uint64_t m_at = m + (uint64_t(number) * channels + c) * 4;
    uint64_t step = uint64_t(padded_rows) * channels * 4;
    float d[POINTS];
    [[unroll]] for (uint p = 0; p < POINTS; p++)
        d[p] = load_eight(m_at + p * step);
    float near = d[1] + d[2], near_odd = d[1] - d[2], far = d[3] + d[4], far_odd = d[3] - d[4];
    float sums[TILE_WIDTH] = float[](d[0] + near + far, fma(2.0, far_odd, near_odd), fma(4.0, far, near), fma(8.0, far_odd, near_odd) + d[5]);
    float b = HAS_BIAS != 0 ? load_eight(bias + c * 4) : 0.0;
    uint first = (image * height + number % height) * width + number / height * TILE_WIDTH;
    uint64_t offset = (uint64_t(first) * channels + c) * 4;
    [[unroll]] for (uint i = 0; i < TILE_WIDTH; i++)
    {
        float value = sums[i] + b;
        if (HAS_RESIDUAL != 0)
            value += load_eight(residual + offset + i * channels * 4);
        store_eight(y + offset + i * channels * 4, value);
    }
}
