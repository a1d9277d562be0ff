#version 460
// variants: fp32 fp16
//
// y = x, taken from fp32 to the storage type of activations. One element an invocation.
#extension GL_GOOGLE_include_directive : require
#include "../common/types.glsl"

layout(local_size_x = 128) in;

layout(set = 0, binding = 0) readonly buffer X { float x[]; };
layout(set = 0, binding = 1) writeonly buffer Out { ACT y[]; };

layout(push_constant) uniform Push
{
    uint count;
};

void main()
{
    uint index = line_element();
    if (index < count)
        y[index] = ACT(x[index]);
}
