#version 460
// variants: fp16
//
// statistics[r] = (mean of x[r, :], 1 / sqrt(variance of x[r, :] + epsilon))
//
// For products that norm their rows (NORM_INPUT 2 in linear_matrix), where the rows are so many that gathering them there
// would be done by too many workgroups: x fp16[R, C], statistics fp32[R, 2]. One workgroup a row, which it reads once and
// keeps. fp32 throughout. C is a multiple of 4.
#extension GL_GOOGLE_include_directive : require
#include "../common/types.glsl"
#include "../common/row_quads.glsl"

layout(local_size_x_id = 0) in;
layout(constant_id = 0) const uint INVOCATIONS = 64;
layout(constant_id = 1) const uint CHANNELS = 1024;

layout(set = 0, binding = 0) readonly buffer X { ROW_QUAD x[]; };
layout(set = 0, binding = 1) writeonly buffer StatisticsOut { vec2 statistics[]; };

layout(push_constant) uniform Push
{
    uint rows;
    float epsilon;
};

const uint QUADS = CHANNELS / 4;
#define REDUCE_SIZE INVOCATIONS
#include "../common/reduce.glsl"
#include "../common/row_statistics.glsl"

void main()
{
    uint row = line_group();
    if (row >= rows)
        return;
    vec4 values[LANE_QUADS];
    [[unroll]] for (uint i = 0; i < LANE_QUADS; i++)
        values[i] = has_quad(i) ? unpack_row_quad(x[row * QUADS + lane_quad(i)]) : vec4(0.0);
    vec2 found = statistics_of(values, epsilon);
    if (gl_LocalInvocationID.x == 0)
        statistics[row] = found;
}
