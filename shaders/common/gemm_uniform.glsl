// A tile of 6 rows x 16 columns of a matrix product by one subgroup of 8, for drivers that run on the CPU and turn a
// load whose address is the same for all lanes into one scalar load. Every load here is such a one, by buffer address:
// no bounds to check, no lanes to gather. A lane takes its columns out of a panel's row by compile-time selects, which
// such a driver folds into one vector load. K is unrolled by UNROLL_QUADS fours, a specialization constant of the
// includer.
#include "lane_loads.glsl"
#include "row_quads.glsl"

const uint TILE_ROWS = 6;
const uint PANEL_WIDTH = 16;
#ifdef FP16
#define PANEL_BITS uvec4
const uint PANEL_ROW_WORDS = 2;
#else
#define PANEL_BITS vec4
const uint PANEL_ROW_WORDS = 4;
#endif
#ifdef INT8
#include "int8_panels.glsl"
const uint WEIGHT_SIZE = 1;
layout(buffer_reference, std430, buffer_reference_align = 16) readonly buffer PanelWords { uvec4 at[]; };
layout(buffer_reference, std430, buffer_reference_align = 4) readonly buffer Scales { float at[]; };
#else
const uint WEIGHT_SIZE = ACT_SIZE;
#endif
layout(buffer_reference, std430, buffer_reference_align = 8) readonly buffer RowQuads { ROW_QUAD at[]; };
layout(buffer_reference, std430, buffer_reference_align = 16) readonly buffer PanelRows { PANEL_BITS at[]; };

float sums[TILE_ROWS][2];

// The columns of the panel that this lane owns.
uint panel_column(uint j)
{
#if defined(FP16) || defined(INT8)
    return 2 * lane + j;
#else
    return lane + 8 * j;
#endif
}

vec2 panel_pair(PanelRows panel, uint row)
{
#ifdef FP16
    uvec4 low = panel.at[row * PANEL_ROW_WORDS], high = panel.at[row * PANEL_ROW_WORDS + 1];
    return unpackHalf2x16(PICK(low, high));
#else
    vec4 a = panel.at[row * PANEL_ROW_WORDS], b = panel.at[row * PANEL_ROW_WORDS + 1];
    vec4 c = panel.at[row * PANEL_ROW_WORDS + 2], d = panel.at[row * PANEL_ROW_WORDS + 3];
    return vec2(PICK(a, b), PICK(c, d));
#endif
}

#ifdef INT8
// The lane's columns of two k, as int8_four.
vec4 panel_four(PanelWords panel, uint pair)
{
    uvec4 low = panel.at[pair * 2], high = panel.at[pair * 2 + 1];
    return int8_four(PICK(low, high));
}

// The scales of the lane's columns; those of a panel's columns begin at the address.
vec2 panel_scale(uint64_t scales_at)
{
    return vec2(Scales(scales_at).at[panel_column(0)], Scales(scales_at).at[panel_column(1)]);
}
#endif

void start_sums(vec2 first)
{
    [[unroll]] for (uint i = 0; i < TILE_ROWS; i++)
    {
        sums[i][0] = first.x;
        sums[i][1] = first.y;
    }
}

#ifdef INT8
void scale_sums(vec2 scale, vec2 added)
{
    [[unroll]] for (uint i = 0; i < TILE_ROWS; i++)
    {
        sums[i][0] = fma(sums[i][0], scale.x, added.x);
        sums[i][1] = fma(sums[i][1], scale.y, added.y);
    }
}
#endif

// Adds the products of `count` k of the rows at these addresses and of the panel. count is a multiple of
// 4 * UNROLL_QUADS, and not 0. The loop is tested at its end, because such a driver does not leave one in its middle, but
// runs on to the end with all lanes masked.
void multiply_rows(uint64_t rows_at[TILE_ROWS], uint64_t panel_at, uint count)
{
    const uint K = 4 * UNROLL_QUADS;
    uint left = count;
    do
    {
        [[unroll]] for (uint quad = 0; quad < UNROLL_QUADS; quad++)
        {
            vec4 x_quad[TILE_ROWS];
            [[unroll]] for (uint i = 0; i < TILE_ROWS; i++)
                x_quad[i] = unpack_row_quad(RowQuads(rows_at[i]).at[quad]);
#ifdef INT8
            [[unroll]] for (uint e = 0; e < 4; e += 2)
            {
                vec4 w = panel_four(PanelWords(panel_at), quad * 2 + e / 2);
                [[unroll]] for (uint i = 0; i < TILE_ROWS; i++)
                {
                    sums[i][0] = fma(x_quad[i][e + 1], w.z, fma(x_quad[i][e], w.x, sums[i][0]));
                    sums[i][1] = fma(x_quad[i][e + 1], w.w, fma(x_quad[i][e], w.y, sums[i][1]));
                }
            }
#else
            [[unroll]] for (uint e = 0; e < 4; e++)
            {
                vec2 w = panel_pair(PanelRows(panel_at), quad * 4 + e);
                [[unroll]] for (uint i = 0; i < TILE_ROWS; i++)
                {
                    sums[i][0] = fma(x_quad[i][e], w.x, sums[i][0]);
                    sums[i][1] = fma(x_quad[i][e], w.y, sums[i][1]);
                }
            }
#endif
        }
        [[unroll]] for (uint i = 0; i < TILE_ROWS; i++)
            rows_at[i] += K * ACT_SIZE;
        panel_at += K * PANEL_WIDTH * WEIGHT_SIZE;
        left -= K;
    } while (left > 0);
}
