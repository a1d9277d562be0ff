#version 460
// variants: none
//
// y = r | g << 8 | b << 16 | 255 << 24, each channel clamped to 0..1, times 255, truncated
//
// x fp32[N, 3], y u32[N]. One pixel an invocation.
#extension GL_GOOGLE_include_directive : require
#include "../common/types.glsl"

layout(local_size_x = 128) in;

layout(set = 0, binding = 0) readonly buffer X { float x[]; };
layout(set = 0, binding = 1) writeonly buffer Out { uint y[]; };

layout(push_constant) uniform Push
{
    uint count;
};

uint to_byte(float value)
{
    return uint(clamp(value, 0.0, 1.0) * 255.0);
}

void main()
{
    uint index = line_element();
    if (index >= count)
        return;
    y[index] = to_byte(x[3 * index]) | to_byte(x[3 * index + 1]) << 8 | to_byte(x[3 * index + 2]) << 16 | 255u << 24;
}
