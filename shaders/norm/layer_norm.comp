#version 460
// variants: fp32 fp16
//
// y[b, t, :] = (x[b, first + t, :] - mean) / sqrt(variance + epsilon) * weight + bias
//
// x ACT[B, Tin, C], weight and bias fp32[C], y ACT[B, Tout, C]. One workgroup of 64 a row; the row is read three times
// so that the variance is that of the centred values. fp32 throughout.
#extension GL_GOOGLE_include_directive : require
#include "../common/types.glsl"

layout(local_size_x = 64) in;

layout(set = 0, binding = 0) readonly buffer X { ACT x[]; };
layout(set = 0, binding = 1) readonly buffer Weight { float weight[]; };
layout(set = 0, binding = 2) readonly buffer Bias { float bias[]; };
layout(set = 0, binding = 3) writeonly buffer Out { ACT y[]; };

layout(push_constant) uniform Push
{
    uint batch;
    uint rows_in;
    uint first_row;
    uint rows_out;
    uint channels;
    float epsilon;
};

#define REDUCE_SIZE 64
#include "../common/reduce.glsl"

void main()
{
    uint row = line_group();
    if (row >= batch * rows_out)
        return;
    uint source = ((row / rows_out) * rows_in + first_row + row % rows_out) * channels;

    float sum = 0.0;
    for (uint c = gl_LocalInvocationID.x; c < channels; c += REDUCE_SIZE)
        sum += float(x[source + c]);
    float mean = reduce_sum(sum) / float(channels);

    float squares = 0.0;
    for (uint c = gl_LocalInvocationID.x; c < channels; c += REDUCE_SIZE)
    {
        float centred = float(x[source + c]) - mean;
        squares += centred * centred;
    }
    float scale = 1.0 / sqrt(reduce_sum(squares) / float(channels) + epsilon);

    for (uint c = gl_LocalInvocationID.x; c < channels; c += REDUCE_SIZE)
        y[row * channels + c] = ACT((float(x[source + c]) - mean) * scale * weight[c] + bias[c]);
}
