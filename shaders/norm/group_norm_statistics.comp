#version 460
// variants: fp32 fp16
//
// factors[b, 0, c] = mean of the channel's group, factors[b, 1, c] = weight[c] / sqrt(variance of it + epsilon)
//
// x ACT[B, P, C], weight fp32[C], factors fp32[B, 2, C]. One workgroup of 128 a group of an image; two passes, so that the
// variance is that of the centred values. Invocations sum apart before the tree, which keeps fp32 accurate over 10^6 elements.
#extension GL_GOOGLE_include_directive : require
#include "../common/types.glsl"

layout(local_size_x = 128) in;

layout(set = 0, binding = 0) readonly buffer X { ACT x[]; };
layout(set = 0, binding = 1) readonly buffer Weight { float weight[]; };
layout(set = 0, binding = 2) writeonly buffer Factors { float factors[]; };

layout(push_constant) uniform Push
{
    uint batch;
    uint pixels;
    uint channels;
    uint groups;
    float epsilon;
};

#define REDUCE_SIZE 128
#include "../common/reduce.glsl"

void main()
{
    uint index = line_group();
    if (index >= batch * groups)
        return;
    uint width = channels / groups;
    uint first = (index / groups) * pixels * channels + (index % groups) * width;
    uint lane = gl_LocalInvocationID.x;

    float sum = 0.0;
    for (uint p = lane; p < pixels; p += REDUCE_SIZE)
    {
        float row = 0.0;
        for (uint c = 0; c < width; c++)
            row += float(x[first + p * channels + c]);
        sum += row;
    }
    float count = float(pixels) * float(width);
    float mean = reduce_sum(sum) / count;

    float squares = 0.0;
    for (uint p = lane; p < pixels; p += REDUCE_SIZE)
    {
        float row = 0.0;
        for (uint c = 0; c < width; c++)
        {
            float centred = float(x[first + p * channels + c]) - mean;
            row += centred * centred;
        }
        squares += row;
    }
    float scale = 1.0 / sqrt(reduce_sum(squares) / count + epsilon);
    for (uint i = lane; i < width; i += REDUCE_SIZE)
    {
        uint c = index % groups * width + i;
        factors[2 * (index / groups) * channels + c] = mean;
        factors[(2 * (index / groups) + 1) * channels + c] = scale * weight[c];
    }
}
