#version 460
// variants: fp32 fp16
//
// y = (x - mean) * scale * weight + bias, then y * sigmoid(y) with SILU
//
// x and y ACT[B, P, C], statistics fp32[B, G, 2] as group_norm_statistics leaves them, weight and bias fp32[C]. One
// element an invocation.
#extension GL_GOOGLE_include_directive : require
#include "../common/types.glsl"

layout(local_size_x = 128) in;
layout(constant_id = 0) const uint SILU = 0;

layout(set = 0, binding = 0) readonly buffer X { ACT x[]; };
layout(set = 0, binding = 1) readonly buffer Statistics { float statistics[]; };
layout(set = 0, binding = 2) readonly buffer Weight { float weight[]; };
layout(set = 0, binding = 3) readonly buffer Bias { float bias[]; };
layout(set = 0, binding = 4) writeonly buffer Out { ACT y[]; };

layout(push_constant) uniform Push
{
    uint batch;
    uint pixels;
    uint channels;
    uint groups;
};

void main()
{
    uint index = line_element();
    if (index >= batch * pixels * channels)
        return;
    uint c = index % channels;
    uint image = index / (pixels * channels);
    uint group = 2 * (image * groups + c / (channels / groups));
    float value = (float(x[index]) - statistics[group]) * statistics[group + 1] * weight[c] + bias[c];
    if (SILU != 0)
        value = value / (1.0 + exp(-value));
    y[index] = ACT(value);
}
