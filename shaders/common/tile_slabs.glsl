// How slabs of a product's rows, and of its weight where that lies in panels, come from memory through registers into shared
// memory; part of matrix_tile and fma_tile, of which the former tells what the includer declares. The sizes of a tile, too.
const uint BLOCK_M = MAT_M * ROW_FRAGMENTS * SUBGROUPS_M;
const uint BLOCK_N = MAT_N * COLUMN_FRAGMENTS * SUBGROUPS_N;
const uint BLOCK_K = MAT_K * SLAB_FRAGMENTS;
const uint SUBGROUP_M = MAT_M * ROW_FRAGMENTS;
const uint SUBGROUP_N = MAT_N * COLUMN_FRAGMENTS;
const uint LANES = INVOCATIONS / (SUBGROUPS_M * SUBGROUPS_N * SUBGROUPS_K);

// k of eight columns that 16 bytes of the weight hold.
#ifdef INT8
#include "int8_panels.glsl"
const uint WEIGHT_K = 2;
#else
const uint WEIGHT_K = 1;
#endif

// In pieces of 16 bytes; a row is one longer than its data, so that fragments' rows lie in different banks.
const uint X_STRIDE = BLOCK_K / 8 + 1;
const uint W_STRIDE = BLOCK_N / 8 + 1;
const uint X_SIZE = BLOCK_M * X_STRIDE;
const uint STAGE_SIZE = X_SIZE + (WEIGHT_FRAGMENTS != 0 ? 0 : BLOCK_K * W_STRIDE);
const uint X_PIECES = BLOCK_M * (BLOCK_K / 8);
const uint W_PIECES = BLOCK_K * (BLOCK_N / (8 * WEIGHT_K));
const uint X_LOADS = (X_PIECES + INVOCATIONS - 1) / INVOCATIONS;
const uint W_LOADS = (W_PIECES + INVOCATIONS - 1) / INVOCATIONS;

// A strip of sums: the rows of one fragment over a subgroup's columns, fp32, rows padded as above.
const uint STRIP_STRIDE = SUBGROUP_N / 4 + 1;
const uint STRIP_SIZE = MAT_M * STRIP_STRIDE;
const uint STRIPS_SIZE = SUBGROUPS_M * SUBGROUPS_N * SUBGROUPS_K * STRIP_SIZE;
const uint SLABS_SIZE = STAGES * STAGE_SIZE;

// What an invocation loads of a slab: always the same eight k of rows that lie ROW_STEP apart; of the weight, where a
// panel's slab is shorter than a pass of the workgroup, the same k of panels, and else ever further k of each panel.
const uint ROW_STEP = INVOCATIONS / (BLOCK_K / 8);
const uint PANEL_PIECES = 2 / WEIGHT_K * BLOCK_K;
const bool MANY_PANELS = INVOCATIONS >= PANEL_PIECES;
const uint PANEL_STEP = MANY_PANELS ? INVOCATIONS / PANEL_PIECES : 1;
const uint PANEL_PASSES = MANY_PANELS ? 1 : PANEL_PIECES / INVOCATIONS;

shared uvec4 slabs[SLABS_SIZE > STRIPS_SIZE ? SLABS_SIZE : STRIPS_SIZE];

uvec4 next_x[X_LOADS];
uvec4 next_w[W_LOADS];

// Where in the weight an invocation's pieces of the first slab are, or its pieces of the first blocks.
const uint WEIGHTS_AT = WEIGHT_FRAGMENTS != 0 ? COLUMN_FRAGMENTS : W_LOADS;
uint weight_at[WEIGHTS_AT];

// With NORM_INPUT 1: sum and sum of squares of what the invocation loads of its rows. With 1 or 3: mean and 1 / deviation of each.
vec2 row_sums[X_LOADS];
shared vec2 row_statistics[NORM_INPUT % 2 == 1 ? BLOCK_M : 1];

uvec4 load_x(uint i, uint slab);

// Row of the block of which this invocation loads a piece as its i-th.
uint loaded_row(uint i)
{
    return gl_LocalInvocationID.x / (BLOCK_K / 8) + i * ROW_STEP;
}

// Which piece of its rows' slabs this invocation loads.
uint loaded_piece()
{
    return gl_LocalInvocationID.x % (BLOCK_K / 8);
}

uint loaded_panel(uint i)
{
    return MANY_PANELS ? gl_LocalInvocationID.x / PANEL_PIECES + i * PANEL_STEP : i / PANEL_PASSES;
}

// The first of the WEIGHT_K k that this invocation loads as its i-th piece of the weight.
uint loaded_k(uint i)
{
    return MANY_PANELS
        ? gl_LocalInvocationID.x / 2 * WEIGHT_K % BLOCK_K
        : gl_LocalInvocationID.x / 2 * WEIGHT_K + i % PANEL_PASSES * (INVOCATIONS / 2) * WEIGHT_K;
}

bool loads_x(uint i)
{
    return X_PIECES % INVOCATIONS == 0 || loaded_row(i) < BLOCK_M;
}

bool loads_w(uint i)
{
    return W_PIECES % INVOCATIONS == 0 || (loaded_panel(i) < BLOCK_N / 16 && loaded_k(i) < BLOCK_K);
}

// What lies past the end of k is memory of something else, and may be NaN.
bool is_in(uint k, uint inner_size)
{
    return WHOLE_SLABS || k < inner_size;
}

void fetch_slab(uint slab, uint inner_size)
{
    [[unroll]] for (uint i = 0; i < X_LOADS; i++)
    {
        next_x[i] = uvec4(0);
        if (loads_x(i) && is_in(slab * BLOCK_K + loaded_piece() * 8, inner_size))
            next_x[i] = load_x(i, slab);
    }
    if (WEIGHT_FRAGMENTS == 0)
    {
        [[unroll]] for (uint i = 0; i < W_LOADS; i++)
        {
            next_w[i] = uvec4(0);
            if (loads_w(i) && is_in(slab * BLOCK_K + loaded_k(i), inner_size))
                next_w[i] = weight[weight_at[i] + slab * PANEL_PIECES];
        }
    }
}

// Eight columns of WEIGHT_K k, as fp16, a row of the slab each.
void store_weight(uint at, uvec4 piece)
{
#ifdef INT8
    vec4 a = int8_four(piece.x), b = int8_four(piece.y), c = int8_four(piece.z), d = int8_four(piece.w);
    slabs[at] = uvec4(packHalf2x16(a.xy), packHalf2x16(b.xy), packHalf2x16(c.xy), packHalf2x16(d.xy));
    slabs[at + W_STRIDE] = uvec4(packHalf2x16(a.zw), packHalf2x16(b.zw), packHalf2x16(c.zw), packHalf2x16(d.zw));
#else
    slabs[at] = piece;
#endif
}

// Statistics are gathered here, where the loads have to be waited for anyway, of slabs that are counted.
void store_slab(uint stage, bool is_counted)
{
    [[unroll]] for (uint i = 0; i < X_LOADS; i++)
    {
        if (loads_x(i))
            slabs[stage * STAGE_SIZE + loaded_row(i) * X_STRIDE + loaded_piece()] = next_x[i];
        if (NORM_INPUT == 1 && is_counted)
        {
            vec4 low, high;
            unpack_eight(next_x[i], low, high);
            row_sums[i] += vec2(dot(low, vec4(1.0)) + dot(high, vec4(1.0)), dot(low, low) + dot(high, high));
        }
    }
    if (WEIGHT_FRAGMENTS == 0)
    {
        [[unroll]] for (uint i = 0; i < W_LOADS; i++)
        {
            if (loads_w(i))
                store_weight(stage * STAGE_SIZE + X_SIZE + loaded_k(i) * W_STRIDE + loaded_panel(i) * 2 + gl_LocalInvocationID.x % 2, next_w[i]);
        }
    }
}

// Puts together what the invocations have seen of each row. The slabs are done with.
void finish_statistics(uint inner_size, float epsilon)
{
    [[unroll]] for (uint i = 0; i < X_LOADS; i++)
    {
        if (loads_x(i))
            slabs[loaded_row(i) * (BLOCK_K / 8) + loaded_piece()] = uvec4(floatBitsToUint(row_sums[i]), 0, 0);
    }
    barrier();
    for (uint row = gl_LocalInvocationID.x; row < BLOCK_M; row += INVOCATIONS)
    {
        vec2 sums_of_row = vec2(0.0);
        for (uint piece = 0; piece < BLOCK_K / 8; piece++)
            sums_of_row += uintBitsToFloat(slabs[row * (BLOCK_K / 8) + piece].xy);
        float mean = sums_of_row.x / float(inner_size);
        float variance = max(sums_of_row.y / float(inner_size) - mean * mean, 0.0);
        row_statistics[row] = vec2(mean, 1.0 / sqrt(variance + epsilon));
    }
    barrier();
}
