#version 460
// variants: fp32 fp16 fp16_f32 fp32_int8 fp16_int8 fp16_f32_int8
//
// y[r, n] = activation(sum over k of x[r, k] * w[n, k] + bias[n]) + residual[r, n]
//
// As linear, for CPU drivers that load uniform addresses as scalars. All is read and written by address. A workgroup of
// one subgroup of 8 makes 6 rows x 16 columns: a lane owns two columns of the panel. Rows go along x, so that a panel
// stays in the cache while all rows pass by. fp32 sums, k ascending. K is a multiple of 4 * UNROLL_QUADS. With
// WHOLE_PANELS, N is a multiple of 16, and what happens to the sums needs no bounds either.
#extension GL_GOOGLE_include_directive : require
#include "../common/types.glsl"

layout(local_size_x = 8) in;
layout(constant_id = 0) const uint ACTIVATION = 0;
layout(constant_id = 1) const uint HAS_BIAS = 0;
layout(constant_id = 2) const uint HAS_RESIDUAL = 0;
layout(constant_id = 3) const uint WHOLE_PANELS = 0;
layout(constant_id = 4) const uint UNROLL_QUADS = 1;

#include "../common/activate.glsl"
#include "../common/gemm_uniform.glsl"

layout(push_constant) uniform Push
{
    uint64_t x;
    uint64_t weight;
    uint64_t bias;
    uint64_t residual;
    uint64_t y;
    uint rows;
    uint inner;
    uint columns;
};

#include "../common/uniform_epilogue.glsl"

void main()
{
    lane = gl_SubgroupInvocationID;
    uint first_row = (gl_WorkGroupID.x + gl_WorkGroupID.z * gl_NumWorkGroups.x) * TILE_ROWS;
    uint panel = gl_WorkGroupID.y;

    // Rows past the end are the last one again: computed and written once more, with the same values.
    uint row[TILE_ROWS];
    uint64_t rows_at[TILE_ROWS];
    [[unroll]] for (uint i = 0; i < TILE_ROWS; i++)
    {
        row[i] = min(first_row + i, rows - 1);
        rows_at[i] = x + uint64_t(row[i]) * (inner * ACT_SIZE);
    }
    uint64_t panel_at = weight + uint64_t(panel) * (inner * PANEL_WIDTH * WEIGHT_SIZE);
#ifdef INT8
    vec2 scale = panel_scale(weight + int8_scale(inner, columns, panel * PANEL_WIDTH) * 4), bias_pair = panel_bias(panel, columns);
    start_sums(vec2(0.0));
#else
    start_sums(panel_bias(panel, columns));
#endif
    multiply_rows(rows_at, panel_at, inner);
#ifdef INT8
    scale_sums(scale, bias_pair);
#endif

    [[unroll]] for (uint i = 0; i < TILE_ROWS; i++)
        store_pair(row[i], panel, columns, vec2(sums[i][0], sums[i][1]));
}
