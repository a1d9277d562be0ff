#version 460
// variants: fp32 fp16
//
// y[r, :] = exp(x[r, :] - max) / sum(exp(x[r, :] - max))
//
// x fp32[R, N], y ACT[R, N]. One workgroup of 128 a row.
#extension GL_GOOGLE_include_directive : require
#include "../common/types.glsl"

layout(local_size_x = 128) in;

layout(set = 0, binding = 0) readonly buffer X { float x[]; };
layout(set = 0, binding = 1) writeonly buffer Out { ACT y[]; };

layout(push_constant) uniform Push
{
    uint rows;
    uint columns;
};

#define REDUCE_SIZE 128
#include "../common/reduce.glsl"

void main()
{
    uint row = line_group();
    if (row >= rows)
        return;
    uint first = row * columns;
    uint lane = gl_LocalInvocationID.x;

    float largest = x[first];
    for (uint n = lane; n < columns; n += REDUCE_SIZE)
        largest = max(largest, x[first + n]);
    largest = reduce_max(largest);

    float sum = 0.0;
    for (uint n = lane; n < columns; n += REDUCE_SIZE)
        sum += exp(x[first + n] - largest);
    float scale = 1.0 / reduce_sum(sum);

    for (uint n = lane; n < columns; n += REDUCE_SIZE)
        y[first + n] = ACT(exp(x[first + n] - largest) * scale);
}
