#version 460
// variants: fp32
//
// m[p, t * H + h, n] = sum over ky, c of v[p, t, h + ky, c] * u[p, n, ky, c]
//
// The products of a 3x3 convolution at the six points of its transform (winograd). v fp32[6, W/4, H + 2, C], whose
// three rows of taps lie one behind the other, u fp32 in panels of 16, m fp32[6, padded rows, N], all by address.
#extension GL_GOOGLE_include_directive : require
#include "../common/types.glsl"

layout(local_size_x = 8) in;
layout(constant_id = 0) const uint UNROLL_QUADS = 1;

#include "../common/gemm_uniform.glsl"

layout(buffer_reference, std430, buffer_reference_align = 4) writeonly buffer Lanes { float at[]; };

layout(push_constant) uniform Push
{
    uint64_t v;
    uint64_t u;
    uint64_t m;
    uint rows;
    uint padded_rows;
    uint height;
    uint channels;
    uint columns;
    uint blocks;
};

void main()
{
    lane = gl_SubgroupInvocationID;
    uint point = gl_WorkGroupID.z / blocks, block = gl_WorkGroupID.z % blocks;
    uint first_row = (block * gl_NumWorkGroups.x + gl_WorkGroupID.x) * TILE_ROWS;
    uint panel = gl_WorkGroupID.y, panels = gl_NumWorkGroups.y;
    uint inner = 3 * channels;

    uint64_t v_at = v + uint64_t(point * (rows / height) * (height + 2)) * (channels * ACT_SIZE);
    uint64_t rows_at[TILE_ROWS];
    // Rows past the end repeat the last one, and are stored where nobody reads them. Behind each column of tiles stand two
    // rows more.
    [[unroll]] for (uint i = 0; i < TILE_ROWS; i++)
    {
        uint row = min(first_row + i, rows - 1);
        rows_at[i] = v_at + uint64_t(row + row / height * 2) * (channels * ACT_SIZE);
    }
    uint64_t panel_at = u + uint64_t(point * panels + panel) * (inner * PANEL_WIDTH * ACT_SIZE);
    start_sums(vec2(0.0));
    multiply_rows(rows_at, panel_at, inner);

    uint64_t m_at = m + (uint64_t(point * padded_rows + first_row) * columns + panel * PANEL_WIDTH) * 4;
    [[unroll]] for (uint i = 0; i < TILE_ROWS; i++)
    {
        [[unroll]] for (uint j = 0; j < 2; j++)
            Lanes(m_at + i * columns * 4).at[panel_column(j)] = sums[i][j];
    }
}
