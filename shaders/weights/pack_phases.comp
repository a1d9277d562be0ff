#version 460
// variants: fp32 fp16
//
// y[phase, panel, (dy, dx, c), n] = sum over ky in S(py, dy), kx in S(px, dx) of w[16 * panel + n, c, ky, kx]
//
// The weight of a 3x3 convolution behind a doubling by nearest neighbour, as four of 2x2 taps (conv_taps): w[N, C, 3, 3]
// as it lies in a file, y ACT in panels of 16, zero past N. S(0, 0) = {0}, S(0, 1) = {1, 2}, S(1, 0) = {0, 1},
// S(1, 1) = {2}. An invocation makes a panel's row of 16. Sums in fp32.
#extension GL_GOOGLE_include_directive : require
#include "../common/types.glsl"

layout(local_size_x = 128) in;

layout(set = 0, binding = 0) readonly buffer Source { uint source[]; };
layout(set = 0, binding = 1) writeonly buffer Out { ACT y[]; };

layout(push_constant) uniform Push
{
    uint rows;
    uint channels;
    uint panels;
    uint source_offset;
    uint source_type;
};

#include "../common/weight_source.glsl"

void main()
{
    uint index = line_element();
    if (index >= 4 * panels * 4 * channels)
        return;
    uint c = index % channels;
    uint tap = index / channels % 4;
    uint panel = index / (4 * channels) % panels;
    uint phase = index / (4 * channels * panels);
    uint first_y = phase / 2 + tap / 2, first_x = phase % 2 + tap % 2;
    // ky and kx are the first of the ny and nx kernel rows and columns that fall on the same source row and column.
    uint ky = phase / 2 == 0 ? tap / 2 : 2 * (tap / 2), kx = phase % 2 == 0 ? tap % 2 : 2 * (tap % 2);
    uint ny = first_y == 1 ? 2 : 1, nx = first_x == 1 ? 2 : 1;
    for (uint i = 0; i < 16; i++)
    {
        uint n = panel * 16 + i;
        float sum = 0.0;
        for (uint dy = 0; dy < ny && n < rows; dy++)
            for (uint dx = 0; dx < nx; dx++)
                sum += read_source(source_offset + (n * channels + c) * 9 + (ky + dy) * 3 + kx + dx);
        y[index * 16 + i] = ACT(sum);
    }
}
