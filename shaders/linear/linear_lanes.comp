#version 460
// variants: fp32 fp16 fp16_f32 fp32_int8 fp16_int8 fp16_f32_int8
//
// y[r, n] = activation(sum over k of x[r, k] * w[n, k] + bias[n]) + residual[r, n]
//
// As linear, for CPU drivers that load for every lane apart. A workgroup of one subgroup of 8 makes 8 rows x 32
// columns: a lane owns four columns. Rows go along x. fp32 sums, k ascending. K is a multiple of 4.
#extension GL_GOOGLE_include_directive : require
#include "../common/types.glsl"
#include "../common/quads.glsl"

layout(local_size_x = 8) in;
layout(constant_id = 0) const uint ACTIVATION = 0;
layout(constant_id = 1) const uint HAS_BIAS = 0;
layout(constant_id = 2) const uint HAS_RESIDUAL = 0;

layout(set = 0, binding = 0) readonly buffer X { QUAD x[]; };
#ifdef INT8
layout(set = 0, binding = 1) readonly buffer Weight { uint64_t weight[]; };
layout(set = 0, binding = 1) readonly buffer WeightTail { float weight_tail[]; };
#else
layout(set = 0, binding = 1) readonly buffer Weight { QUAD weight[]; };
#endif
layout(set = 0, binding = 2) readonly buffer Bias { float bias[]; };
layout(set = 0, binding = 3) readonly buffer Residual { ACT residual[]; };
layout(set = 0, binding = 4) writeonly buffer Out { Y y[]; };

layout(push_constant) uniform Push
{
    uint rows;
    uint inner;
    uint columns;
};

#include "../common/gemm_lanes.glsl"
#include "../common/linear_epilogue.glsl"

void main()
{
    uint first_row = (gl_WorkGroupID.x + gl_WorkGroupID.z * gl_NumWorkGroups.x) * TILE_ROWS;
    uint quads = inner / 4;
    uint x_quad = min(first_row + gl_SubgroupInvocationID, rows - 1) * quads;
    uint panel_quad = lane_panel_quad(gl_WorkGroupID.y, inner, columns);
    clear_sums();
    for (uint quad = 0; quad < quads; quad++)
        multiply_quad(unpack_quad(x[x_quad + quad]), panel_quad + quad * 4 * K_QUADS);

    uint first_column = gl_WorkGroupID.y * TILE_COLUMNS + gl_SubgroupInvocationID * 4;
    [[unroll]] for (uint i = 0; i < TILE_ROWS; i++)
    {
        [[unroll]] for (uint j = 0; j < 4; j++)
        {
            if (first_row + i < rows && first_column + j < columns)
                store(first_row + i, first_column + j, sums[i][j]);
        }
    }
}
