#version 460
// variants: fp32 fp16
//
// y[b, py * patch + ky, px * patch + kx, c] = x[b, p, (ky, kx, c)]
//
// x ACT[B, P, patch * patch * 3], y ACT[B, S, S, 3]. One element an invocation.
#extension GL_GOOGLE_include_directive : require
#include "../common/types.glsl"

layout(local_size_x = 128) in;

layout(set = 0, binding = 0) readonly buffer X { ACT x[]; };
layout(set = 0, binding = 1) writeonly buffer Out { ACT y[]; };

layout(push_constant) uniform Push
{
    uint batch;
    uint size;
    uint patch_size;
};

void main()
{
    uint index = line_element();
    if (index >= batch * 3 * size * size)
        return;
    uint side = size / patch_size;
    uint c = index % 3;
    uint column = index / 3 % size;
    uint row = index / (3 * size) % size;
    uint b = index / (3 * size * size);
    uint p = (b * side + row / patch_size) * side + column / patch_size;
    y[index] = x[(p * patch_size * patch_size + row % patch_size * patch_size + column % patch_size) * 3 + c];
}
