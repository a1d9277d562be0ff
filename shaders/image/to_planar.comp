#version 460
// variants: none
//
// y[b, c, h, w] = x[b, h, w, c]
//
// x fp32[B, S, S, 3], y fp32[B, 3, S, S]. One element an invocation.
#extension GL_GOOGLE_include_directive : require
#include "../common/types.glsl"

layout(local_size_x = 128) in;

layout(set = 0, binding = 0) readonly buffer X { float x[]; };
layout(set = 0, binding = 1) writeonly buffer Out { float y[]; };

layout(push_constant) uniform Push
{
    uint batch;
    uint size;
};

void main()
{
    uint index = line_element();
    uint area = size * size;
    if (index >= batch * 3 * area)
        return;
    uint c = index / area % 3;
    uint b = index / (3 * area);
    y[index] = x[(b * area + index % area) * 3 + c];
}
