#version 460
// variants: fp32 fp16
//
// y[b, k, w] = flat element w * K + k of the block x[b]
//
// The legacy models reshape latents [K, W] to [W, K] where later ones transpose them. x and y ACT[B, K, W]. One element
// an invocation.
#extension GL_GOOGLE_include_directive : require
#include "../common/types.glsl"

layout(local_size_x = 128) in;

layout(set = 0, binding = 0) readonly buffer X { ACT x[]; };
layout(set = 0, binding = 1) writeonly buffer Out { ACT y[]; };

layout(push_constant) uniform Push
{
    uint batch;
    uint latents;
    uint width;
};

void main()
{
    uint index = line_element();
    uint block = latents * width;
    if (index >= batch * block)
        return;
    uint w = index % width;
    uint k = index / width % latents;
    y[index] = x[index / block * block + w * latents + k];
}
