// A tile of a matrix product by multiply-adds: what matrix_tile is on matrix units, with the same constants, declared by the
// includer as there, and the same block, but that an invocation owns sums of its own and nothing goes by hardware subgroups.
//
// A group of LANES invocations takes the place of a subgroup. An invocation owns eight columns side by side, and of the rows of
// its group every LANE_ROWS-th: so those that read x together read different rows, which lie in different banks, and those that
// read the weight together read one row of it. x and weight stay fp16 in shared memory, 16 bytes a read, eight k of a row of x and
// eight columns of a k of the weight.
#include "tile_slabs.glsl"

const uint LANE_COLUMNS = SUBGROUP_N / 8;
const uint LANE_ROWS = LANES / LANE_COLUMNS;
const uint OWN_ROWS = SUBGROUP_M / LANE_ROWS;
// Pieces of eight k that a group takes of a slab.
const uint K_PIECES = BLOCK_K / 8 / SUBGROUPS_K;

vec4 low_sums[OWN_ROWS], high_sums[OWN_ROWS];

// Which of the groups side by side, and which row and eight columns of it, are this invocation's.
uint subgroup_m, subgroup_n, subgroup_k, lane_row, lane_eight;

uvec4 load_early(uint row, uint column);
void prepare_rows();
void store_eight(uint row, uint column, vec4 low, vec4 high, uvec4 early);

uint own_row(uint i)
{
    return subgroup_m * SUBGROUP_M + i * LANE_ROWS + lane_row;
}

void multiply_slab(uint stage)
{
    uint x_from = stage * STAGE_SIZE + subgroup_k * K_PIECES;
    uint w_from = stage * STAGE_SIZE + X_SIZE + subgroup_k * K_PIECES * 8 * W_STRIDE + subgroup_n * (SUBGROUP_N / 8) + lane_eight;
    for (uint piece = 0; piece < K_PIECES; piece++)
    {
        uvec4 x_eights[OWN_ROWS];
        [[unroll]] for (uint i = 0; i < OWN_ROWS; i++)
            x_eights[i] = slabs[x_from + own_row(i) * X_STRIDE + piece];
        [[unroll]] for (uint pair = 0; pair < 4; pair++)
        {
            vec4 low, high, next_low, next_high;
            unpack_eight(slabs[w_from + (piece * 8 + pair * 2) * W_STRIDE], low, high);
            unpack_eight(slabs[w_from + (piece * 8 + pair * 2 + 1) * W_STRIDE], next_low, next_high);
            [[unroll]] for (uint i = 0; i < OWN_ROWS; i++)
            {
                vec2 two = unpackHalf2x16(x_eights[i][pair]);
                low_sums[i] = fma(vec4(two.y), next_low, fma(vec4(two.x), low, low_sums[i]));
                high_sums[i] = fma(vec4(two.y), next_high, fma(vec4(two.x), high, high_sums[i]));
            }
        }
    }
}

// Sums over k of slabs [first_slab, end_slab), of which there may be none. Past the last slab it is loaded again, and not
// multiplied.
void multiply_slabs(uint inner_size, uint first_slab, uint end_slab)
{
    fetch_slab(min(first_slab, end_slab - 1), inner_size);
    store_slab(0, first_slab < end_slab);
    barrier();
    uint stage = 0;
    for (uint slab = first_slab; slab < end_slab; slab++)
    {
        bool is_counted = slab + 1 < end_slab;
        fetch_slab(min(slab + 1, end_slab - 1), inner_size);
        multiply_slab(stage);
        if (STAGES > 1)
            stage ^= 1;
        else
            barrier();
        store_slab(stage, is_counted);
        barrier();
    }
}

// Hands the sums out. Where groups share k, one row of each invocation's after the other goes through shared memory to the group
// whose turn it is. That takes no more room than the strips of tile_slabs.
void store_block(uint first_row, uint first_column)
{
    const uint TURNS = (OWN_ROWS + SUBGROUPS_K - 1) / SUBGROUPS_K;
    uint column = first_column + subgroup_n * SUBGROUP_N + lane_eight * 8;
    uvec4 early[TURNS];
    [[unroll]] for (uint turn = 0; turn < TURNS; turn++)
    {
        uint i = turn * SUBGROUPS_K + subgroup_k;
        early[turn] = i < OWN_ROWS ? load_early(first_row + own_row(i), column) : uvec4(0);
    }
    prepare_rows();

    [[unroll]] for (uint i = 0; i < OWN_ROWS; i++)
    {
        vec4 low = low_sums[i], high = high_sums[i];
        if (SUBGROUPS_K > 1)
        {
            if (i > 0)
                barrier();
            slabs[gl_LocalInvocationID.x] = floatBitsToUint(low);
            slabs[INVOCATIONS + gl_LocalInvocationID.x] = floatBitsToUint(high);
            barrier();
            if (subgroup_k == i % SUBGROUPS_K)
            {
                low = high = vec4(0.0);
                [[unroll]] for (uint part = 0; part < SUBGROUPS_K; part++)
                {
                    uint at = part * (INVOCATIONS / SUBGROUPS_K) + gl_LocalInvocationID.x % (INVOCATIONS / SUBGROUPS_K);
                    low += uintBitsToFloat(slabs[at]);
                    high += uintBitsToFloat(slabs[at + INVOCATIONS]);
                }
            }
        }
        if (SUBGROUPS_K == 1 || subgroup_k == i % SUBGROUPS_K)
            store_eight(first_row + own_row(i), column, low, high, early[i / SUBGROUPS_K]);
    }
}

// The block's product over k of slabs [first_slab, end_slab), handed to store_eight eight columns at a time. The panels
// begin at first_weight.
void multiply_block(
    uint first_row, uint first_column, uint first_weight, uint inner_size, uint column_count, uint first_slab, uint end_slab)
{
    uint group = gl_LocalInvocationID.x / LANES, tile = group % (SUBGROUPS_M * SUBGROUPS_N);
    subgroup_k = group / (SUBGROUPS_M * SUBGROUPS_N);
    subgroup_m = tile / SUBGROUPS_N;
    subgroup_n = tile % SUBGROUPS_N;
    lane_row = gl_LocalInvocationID.x % LANES / LANE_COLUMNS;
    lane_eight = gl_LocalInvocationID.x % LANE_COLUMNS;
    uint last_panel = (column_count - 1) / 16;

    [[unroll]] for (uint i = 0; i < OWN_ROWS; i++)
        low_sums[i] = high_sums[i] = vec4(0.0);
    [[unroll]] for (uint i = 0; i < X_LOADS; i++)
        row_sums[i] = vec2(0.0);
    // Past the last panel it is taken again; what it gives is not stored.
    [[unroll]] for (uint i = 0; i < WEIGHTS_AT; i++)
        weight_at[i] = first_weight
            + (min(first_column / 16 + loaded_panel(i), last_panel) * inner_size + loaded_k(i)) / WEIGHT_K * 2 + gl_LocalInvocationID.x % 2;
    multiply_slabs(inner_size, first_slab, end_slab);
    store_block(first_row, first_column);
}
