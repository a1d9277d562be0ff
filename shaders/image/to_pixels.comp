#version 460
// variants: none
//
// FORMAT 0: y = r | g << 8 | b << 16 | 255 << 24, each channel clamped to 0..1 (NaN becomes 0), times 255, truncated
// FORMAT 1: the same with b first
// FORMAT 2: y = (r, g, b, 1) as four fp16, not clamped
// With LINEAR the channels are made linear light by the inverse of sRGB's curve first.
//
// x fp32[B, 3, S, S], y u32[B, S, S] or for FORMAT 2 u32[B, S, S, 2]. One pixel an invocation.
#extension GL_GOOGLE_include_directive : require
#include "../common/to_unit.glsl"
#include "../common/types.glsl"

layout(local_size_x = 128) in;
layout(constant_id = 0) const uint FORMAT = 0;
layout(constant_id = 1) const uint LINEAR = 0;

layout(set = 0, binding = 0) readonly buffer X { float x[]; };
layout(set = 0, binding = 1) writeonly buffer Out { uint y[]; };

layout(push_constant) uniform Push
{
    uint batch;
    uint size;
};

uint to_byte(float value)
{
    return uint(to_unit(value) * 255.0);
}

float to_linear(float value)
{
    return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4);
}

void main()
{
    uint index = line_element();
    uint area = size * size;
    if (index >= batch * area)
        return;
    uint first = index / area * 3 * area + index % area;
    vec3 colour = vec3(x[first], x[first + area], x[first + 2 * area]);
    if (LINEAR != 0)
        colour = vec3(to_linear(colour.r), to_linear(colour.g), to_linear(colour.b));
    if (FORMAT == 2)
    {
        y[2 * index] = packHalf2x16(colour.rg);
        y[2 * index + 1] = packHalf2x16(vec2(colour.b, 1.0));
        return;
    }
    if (FORMAT == 1)
        colour = colour.bgr;
    y[index] = to_byte(colour.r) | to_byte(colour.g) << 8 | to_byte(colour.b) << 16 | 255u << 24;
}
