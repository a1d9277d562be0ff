#version 460
// variants: fp32 fp16
//
// y[b, t, :] = (x[b, first + t, :] - mean) / sqrt(variance + epsilon) * weight + bias
//
// As layer_norm, four channels at a time, for a row of a known length: x ACT[B, Tin, C], weight and bias fp32[C], y
// ACT[B, Tout, C]. One workgroup a row, which it reads once and keeps; of what size suits the device. The variance is that
// of the centred values. fp32 throughout. C is a multiple of 4.
#extension GL_GOOGLE_include_directive : require
#include "../common/types.glsl"
#include "../common/row_quads.glsl"

layout(local_size_x_id = 0) in;
layout(constant_id = 0) const uint INVOCATIONS = 64;
layout(constant_id = 1) const uint CHANNELS = 1024;

layout(set = 0, binding = 0) readonly buffer X { ROW_QUAD x[]; };
layout(set = 0, binding = 1) readonly buffer Weight { vec4 weight[]; };
layout(set = 0, binding = 2) readonly buffer Bias { vec4 bias[]; };
layout(set = 0, binding = 3) writeonly buffer Out { ROW_QUAD y[]; };

layout(push_constant) uniform Push
{
    uint batch;
    uint rows_in;
    uint first_row;
    uint rows_out;
    uint channels;
    float epsilon;
};

const uint QUADS = CHANNELS / 4;
#define REDUCE_SIZE INVOCATIONS
#include "../common/reduce.glsl"
#include "../common/row_statistics.glsl"

void main()
{
    uint row = line_group();
    if (row >= batch * rows_out)
        return;
    uint source = ((row / rows_out) * rows_in + first_row + row % rows_out) * QUADS;

    vec4 values[LANE_QUADS];
    [[unroll]] for (uint i = 0; i < LANE_QUADS; i++)
        values[i] = has_quad(i) ? unpack_row_quad(x[source + lane_quad(i)]) : vec4(0.0);
    vec2 statistics = statistics_of(values, epsilon);
    [[unroll]] for (uint i = 0; i < LANE_QUADS; i++)
    {
        uint quad = lane_quad(i);
        if (has_quad(i))
            y[row * QUADS + quad] = pack_row_quad((values[i] - statistics.x) * statistics.y * weight[quad] + bias[quad]);
    }
}
