#version 460
// variants: none
//
// y[b, t] = x[b, first_token + t]
//
// Some neighbouring tokens of each sequence: x [B, T, C] and y [B, N, C] of whatever type, a token's channels as pieces of 16
// bytes, of which each invocation copies one.
#extension GL_GOOGLE_include_directive : require
#include "../common/types.glsl"

layout(local_size_x = 128) in;

layout(set = 0, binding = 0) readonly buffer X { uvec4 x[]; };
layout(set = 0, binding = 1) writeonly buffer Out { uvec4 y[]; };

layout(push_constant) uniform Push
{
    uint batch;
    uint tokens;
    uint first_token;
    uint taken;
    uint pieces;
};

void main()
{
    uint index = line_element(), block = taken * pieces;
    if (index < batch * block)
        y[index] = x[(index / block * tokens + first_token) * pieces + index % block];
}
