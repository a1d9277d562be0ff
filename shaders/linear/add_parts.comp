#version 460
// variants: fp16 fp16_f32
//
// y[r, n] = activation(sum over p of parts[p, r, n] + bias[n]) + residual[r, n]
//
// The end of a product whose k was split among workgroups (PARTS in linear_matrix and conv3x3_matrix): parts fp32[P, R, N],
// bias fp32[N], residual fp16[R, N], y Y[R, N]. A workgroup makes a row, four columns an invocation at a time. With
// NORM_RESIDUAL the residual is the layer norm of what is bound (see linear_matrix). With STATISTICS, mean and 1 / deviation
// of the row as it is stored go to statistics fp32[R, 2], for a product that norms it. All sums in fp32. N is a multiple of 4.
#extension GL_GOOGLE_include_directive : require
#include "../common/types.glsl"
#include "../common/row_quads.glsl"

layout(local_size_x_id = 0) in;
layout(constant_id = 0) const uint INVOCATIONS = 64;
layout(constant_id = 1) const uint COLUMNS = 768;
layout(constant_id = 2) const uint PARTS = 2;
layout(constant_id = 3) const uint ACTIVATION = 0;
layout(constant_id = 4) const uint HAS_BIAS = 0;
layout(constant_id = 5) const uint HAS_RESIDUAL = 0;
layout(constant_id = 6) const uint NORM_RESIDUAL = 0;
layout(constant_id = 7) const uint STATISTICS = 0;

layout(set = 0, binding = 0) readonly buffer Parts { vec4 parts[]; };
layout(set = 0, binding = 1) readonly buffer Bias { vec4 bias[]; };
layout(set = 0, binding = 2) readonly buffer Residual { ROW_QUAD residual[]; };
#ifdef Y_FP32
layout(set = 0, binding = 3) writeonly buffer Out { vec4 y[]; };
#else
layout(set = 0, binding = 3) writeonly buffer Out { ROW_QUAD y[]; };
#endif
layout(set = 0, binding = 4) writeonly buffer StatisticsOut { vec2 statistics[]; };
layout(set = 0, binding = 5) readonly buffer ResidualStatistics { vec2 residual_statistics[]; };
layout(set = 0, binding = 6) readonly buffer ResidualNorm { vec4 residual_norm[]; };

layout(push_constant) uniform Push
{
    uint rows;
    float epsilon;
};

const uint QUADS = COLUMNS / 4;
#define REDUCE_SIZE INVOCATIONS
#include "../common/activate.glsl"
#include "../common/reduce.glsl"
#include "../common/row_statistics.glsl"

vec4 added(uint row, uint quad)
{
    vec4 value = unpack_row_quad(residual[row * QUADS + quad]);
    if (NORM_RESIDUAL == 0)
        return value;
    vec2 statistic = residual_statistics[row];
    return (value - statistic.x) * statistic.y * residual_norm[quad] + residual_norm[QUADS + quad];
}

void main()
{
    uint row = line_group();
    if (row >= rows)
        return;
    vec4 values[LANE_QUADS];
    [[unroll]] for (uint i = 0; i < LANE_QUADS; i++)
    {
        uint quad = lane_quad(i);
        values[i] = vec4(0.0);
        if (!has_quad(i))
            continue;
        [[unroll]] for (uint part = 0; part < PARTS; part++)
            values[i] += parts[(part * rows + row) * QUADS + quad];
        if (HAS_BIAS != 0)
            values[i] += bias[quad];
        values[i] = activate(values[i]);
        if (HAS_RESIDUAL != 0)
            values[i] += added(row, quad);
#ifdef Y_FP32
        y[row * QUADS + quad] = values[i];
#else
        y[row * QUADS + quad] = pack_row_quad(values[i]);
        if (STATISTICS != 0)
            values[i] = unpack_row_quad(pack_row_quad(values[i]));
#endif
    }
    if (STATISTICS == 0)
        return;
    vec2 found = statistics_of(values, epsilon);
    if (gl_LocalInvocationID.x == 0)
        statistics[row] = found;
}
