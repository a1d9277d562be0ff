#version 460
// variants: fp32
//
// v[p, t, h + 1, c] = sum over i < 6 of BT[p, i] * norm(x[h, 4t - 1 + i, c])
//
// The input of a 3x3 convolution, transformed along its rows (winograd). With NORM, it is x's group norm as
// group_norm_quads makes it, with SILU or without. x fp32[B, H, W, C], of which one image, v fp32[6, W/4, H + 2, C],
// factors fp32[B, 2, C], bias fp32[C], all by address; what lies outside the picture is zero. A subgroup of 8 makes 8
// channels of a tile. C is a multiple of 8, W of 4.
#extension GL_GOOGLE_include_directive : require
#include "../common/types.glsl"
#include "../common/winograd.glsl"
#include "../common/activation.glsl"

layout(local_size_x = 128) in;
layout(constant_id = 0) const uint NORM = 0;
layout(constant_id = 1) const uint SILU = 0;

layout(push_constant) uniform Push
{
    uint64_t x;
    uint64_t factors;
    uint64_t bias;
    uint64_t v;
    uint image;
    uint height;
    uint width;
    uint channels;
};

void main()
{
    lane = gl_SubgroupInvocationID;
    uint eights = channels / 8, rows = height + 2, tiles = width / TILE_WIDTH;
    uint unit = line_group() * gl_NumSubgroups + gl_SubgroupID;
    uint c = unit % eights * 8, row = unit / eights % rows, tile = unit / eights / rows;
    if (tile >= tiles)
        return;
    bool outside = row == 0 || row > height;
    uint y = min(max(row, 1) - 1, height - 1);
    float mean = 0.0, factor = 1.0, shift = 0.0;
    if (NORM != 0)
    {
        mean = load_eight(factors + (2 * image * channels + c) * 4);
        factor = load_eight(factors + ((2 * image + 1) * channels + c) * 4);
        shift = load_eight(bias + c * 4);
    }
    float d[POINTS];
    [[unroll]] for (uint i = 0; i < POINTS; i++)
    {
        int column = int(tile * TILE_WIDTH + i) - 1;
        bool inside = !outside && column >= 0 && column < int(width);
        uint pixel = (image * height + y) * width + uint(clamp(column, 0, int(width) - 1));
        float value = load_eight(x + (uint64_t(pixel) * channels + c) * 4);
        if (NORM != 0)
            value = (value - mean) * factor + shift;
        if (SILU != 0)
            value = silu(value);
        d[i] = inside ? value : 0.0;
    }
    float even = fma(-4.0, d[2], d[4]), odd = fma(-4.0, d[1], d[3]), far = d[4] - d[2], twice = 2.0 * (d[3] - d[1]);
    float points[POINTS] = float[](
        fma(4.0, d[0], fma(-5.0, d[2], d[4])), even + odd, even - odd, far + twice, far - twice, fma(4.0, d[1], fma(-5.0, d[3], d[5])));
    uint64_t at = v + (uint64_t(tile * rows + row) * channels + c) * 4;
    uint64_t step = uint64_t(tiles * rows) * channels * 4;
    [[unroll]] for (uint p = 0; p < POINTS; p++)
        store_eight(at + p * step, points[p]);
}
