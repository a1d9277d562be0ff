#version 460
// variants: none
//
// FORMAT 0: y = red, green and blue of x = r | g << 8 | b << 16 | a << 24, each divided by 255 and rounded to nearest
// FORMAT 1: the same of x with b first
// FORMAT 2: of x = (r, g, b, a) as four fp16, clamped to 0..1; what is not a number becomes 0
// With LINEAR the channels are linear light, and get sRGB's curve.
//
// x u32[B, S, S] or for FORMAT 2 u32[B, S, S, 2], y fp32[B, 3, S, S]. One pixel an invocation.
#extension GL_GOOGLE_include_directive : require
#include "../common/to_unit.glsl"
#include "../common/types.glsl"

layout(local_size_x = 128) in;
layout(constant_id = 0) const uint FORMAT = 0;
layout(constant_id = 1) const uint LINEAR = 0;

layout(set = 0, binding = 0) readonly buffer X { uint x[]; };
layout(set = 0, binding = 1) writeonly buffer Out { float y[]; };

layout(push_constant) uniform Push
{
    uint batch;
    uint size;
};

// byte / 255 to the bit, from whole numbers: Vulkan lets drivers round a division of floats as they please, and tokens
// are to be the same whoever makes floats of the bytes. The quotient has 24 bits, and no remainder is a tie.
float from_byte(uint value)
{
    uint shift = 31 - findMSB(max(value, 1u));
    uint dividend = value << shift;
    uint quotient = dividend / 255u;
    quotient += dividend - quotient * 255u > 127u ? 1u : 0u;
    return float(quotient) * uintBitsToFloat(127 - shift << 23);
}

vec3 from_bytes(uint word)
{
    vec3 colour = vec3(from_byte(word & 255u), from_byte(word >> 8 & 255u), from_byte(word >> 16 & 255u));
    return FORMAT == 1 ? colour.bgr : colour;
}

float from_linear(float value)
{
    return value <= 0.0031308 ? value * 12.92 : 1.055 * pow(value, 1.0 / 2.4) - 0.055;
}

void main()
{
    uint index = line_element();
    uint area = size * size;
    if (index >= batch * area)
        return;
    vec3 colour;
    if (FORMAT == 2)
    {
        vec2 first = unpackHalf2x16(x[2 * index]);
        colour = vec3(to_unit(first.x), to_unit(first.y), to_unit(unpackHalf2x16(x[2 * index + 1]).x));
    }
    else
        colour = from_bytes(x[index]);
    if (LINEAR != 0)
        colour = vec3(from_linear(colour.r), from_linear(colour.g), from_linear(colour.b));
    uint first = index / area * 3 * area + index % area;
    y[first] = colour.r;
    y[first + area] = colour.g;
    y[first + 2 * area] = colour.b;
}
