#version 460
// variants: fp32 fp16 fp16_f32
//
// y[r, n] = activation(sum over k of x[r, k] * w[n, k] + bias[n]) + residual[r, n]
//
// As linear, for CPU drivers that load uniform addresses as scalars. x and weight are read by address. A workgroup of
// one subgroup of 8 makes 6 rows x 16 columns: a lane owns two columns of the panel. Rows go along x, so that a panel
// stays in the cache while all rows pass by. fp32 sums, k ascending. K is a
// multiple of 4 * UNROLL_QUADS.
#extension GL_GOOGLE_include_directive : require
#include "../common/types.glsl"
#include "../common/activation.glsl"

layout(local_size_x = 8) in;
layout(constant_id = 0) const uint ACTIVATION = 0;
layout(constant_id = 1) const uint HAS_BIAS = 0;
layout(constant_id = 2) const uint HAS_RESIDUAL = 0;
layout(constant_id = 3) const uint UNROLL_QUADS = 1;

#include "../common/gemm_uniform.glsl"

layout(set = 0, binding = 2) readonly buffer Bias { float bias[]; };
layout(set = 0, binding = 3) readonly buffer Residual { ACT residual[]; };
layout(set = 0, binding = 4) writeonly buffer Out { Y y[]; };

layout(push_constant) uniform Push
{
    uint64_t x;
    uint64_t weight;
    uint rows;
    uint inner;
    uint columns;
};

#include "../common/linear_epilogue.glsl"

void main()
{
    uint first_row = (gl_WorkGroupID.x + gl_WorkGroupID.z * gl_NumWorkGroups.x) * TILE_ROWS;
    uint panel = gl_WorkGroupID.y;

    uint64_t rows_at[TILE_ROWS];
    // Rows past the end repeat the last one, and are not stored.
    [[unroll]] for (uint i = 0; i < TILE_ROWS; i++)
        rows_at[i] = x + uint64_t(min(first_row + i, rows - 1)) * (inner * ELEMENT_SIZE);
    uint64_t panel_at = weight + uint64_t(panel) * (inner * PANEL_WIDTH * ELEMENT_SIZE);
    clear_sums();
    multiply_rows(rows_at, panel_at, inner);

    [[unroll]] for (uint i = 0; i < TILE_ROWS; i++)
    {
        [[unroll]] for (uint j = 0; j < 2; j++)
        {
            uint column = panel * PANEL_WIDTH + panel_column(j);
            if (first_row + i < rows && column < columns)
                store(first_row + i, column, sums[i][j]);
        }
    }
}
