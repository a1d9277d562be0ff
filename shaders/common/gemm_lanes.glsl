// A tile of 8 rows x 32 columns of a matrix product by one subgroup of 8, for drivers that run on the CPU and load for
// every lane apart: lane i loads four k of row i and hands them to the others, and four columns of two panels for
// itself. Two vector loads then feed 32 multiplications.
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_ballot : require

const uint TILE_ROWS = 8;
const uint TILE_COLUMNS = 32;
const uint PANEL_QUADS = 4;
#ifdef INT8
#include "int8_panels.glsl"
// Words of a panel's k: one of 64 bits has four columns of two.
const uint K_QUADS = PANEL_QUADS / 2;
#else
const uint K_QUADS = PANEL_QUADS;
#endif

vec4 sums[TILE_ROWS];

void clear_sums()
{
    [[unroll]] for (uint i = 0; i < TILE_ROWS; i++)
        sums[i] = vec4(0.0);
}

// First quad of the lane's columns in the panels of a weight [N, K]. Where N has no second panel, the first is read again.
uint lane_panel_quad(uint tile, uint inner_size, uint column_count)
{
    uint panel = min(tile * 2 + gl_SubgroupInvocationID / PANEL_QUADS, (column_count - 1) / 16);
    return panel * inner_size * K_QUADS + gl_SubgroupInvocationID % PANEL_QUADS;
}

#ifdef INT8
void multiply_quad(vec4 x_quad, uint panel_quad)
{
    [[unroll]] for (uint e = 0; e < 4; e += 2)
    {
        uvec2 words = unpack32(weight[panel_quad + e * K_QUADS]);
        vec4 left = int8_four(words.x), right = int8_four(words.y);
        [[unroll]] for (uint i = 0; i < TILE_ROWS; i++)
        {
            sums[i] = fma(vec4(subgroupBroadcast(x_quad[e], i)), vec4(left.xy, right.xy), sums[i]);
            sums[i] = fma(vec4(subgroupBroadcast(x_quad[e + 1], i)), vec4(left.zw, right.zw), sums[i]);
        }
    }
}
#else
void multiply_quad(vec4 x_quad, uint panel_quad)
{
    [[unroll]] for (uint e = 0; e < 4; e++)
    {
        vec4 w = unpack_quad(weight[panel_quad + e * K_QUADS]);
        [[unroll]] for (uint i = 0; i < TILE_ROWS; i++)
            sums[i] = fma(vec4(subgroupBroadcast(x_quad[e], i)), w, sums[i]);
    }
}
#endif
