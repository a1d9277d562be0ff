#version 460
// variants: fp32 fp16
//
// y = (x - factors[b, 0, c]) * factors[b, 1, c] + bias[c], then y * sigmoid(y) with SILU
//
// x and y ACT[B, P, C], factors fp32[B, 2, C] as group_norm_statistics leaves them, bias fp32[C]. One element an invocation.
#extension GL_GOOGLE_include_directive : require
#include "../common/types.glsl"
#include "../common/activation.glsl"

layout(local_size_x = 128) in;
layout(constant_id = 0) const uint SILU = 0;

layout(set = 0, binding = 0) readonly buffer X { ACT x[]; };
layout(set = 0, binding = 1) readonly buffer Factors { float factors[]; };
layout(set = 0, binding = 2) readonly buffer Bias { float bias[]; };
layout(set = 0, binding = 3) writeonly buffer Out { ACT y[]; };

layout(push_constant) uniform Push
{
    uint batch;
    uint pixels;
    uint channels;
};

void main()
{
    uint index = line_element();
    if (index >= batch * pixels * channels)
        return;
    uint c = index % channels;
    uint mean = 2 * (index / (pixels * channels)) * channels + c;
    float value = (float(x[index]) - factors[mean]) * factors[mean + channels] + bias[c];
    if (SILU != 0)
        value = silu(value);
    y[index] = ACT(value);
}
