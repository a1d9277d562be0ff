#version 460
// variants: fp32 fp16
//
// y[b, p, (c, ky, kx)] = image[b, c, py * patch + ky, px * patch + kx]
//
// image fp32[B, 3, S, S], y ACT[B, P, 3 * patch * patch], patches in row-major order. One element an invocation.
#extension GL_GOOGLE_include_directive : require
#include "../common/types.glsl"

layout(local_size_x = 128) in;

layout(set = 0, binding = 0) readonly buffer Image { float image[]; };
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
    uint kx = index % patch_size;
    uint ky = index / patch_size % patch_size;
    uint c = index / (patch_size * patch_size) % 3;
    uint p = index / (3 * patch_size * patch_size);
    uint row = (p / side) % side * patch_size + ky;
    uint column = p % side * patch_size + kx;
    uint b = p / (side * side);
    y[index] = ACT(image[((b * 3 + c) * size + row) * size + column]);
}
