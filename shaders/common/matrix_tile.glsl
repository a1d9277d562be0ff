// A tile of a matrix product by cooperative matrices. Slabs of rows go from memory through registers into shared memory
// while the slab before them is multiplied, and fragments of a slab into registers while those before them are. All accesses
// outside fragments are of 16 bytes. The loop has no branches but its own, so that the driver can move loads up in it.
//
// The tile's size is a matter of specialization: fragments of MAT_M x MAT_N x MAT_K as the device has them, ROW_FRAGMENTS
// x COLUMN_FRAGMENTS of them a subgroup, SUBGROUPS_M x SUBGROUPS_N subgroups side by side, and SUBGROUPS_K subgroups
// that share the k of a slab among them, for products of few rows.
//
// With WEIGHT_FRAGMENTS the weight's blocks of MAT_K x 16 lie as the subgroup's invocations hold them (weight_fragments), and are
// read straight from memory, those of so many steps into registers; with 0 it lies in panels, of which slabs go through shared
// memory as those of the rows do. It is 0, 1, 2 or 4.
//
// FRAGMENT_SIDES is 2 where a subgroup has registers for the fragments that are multiplied and those of the next step as well;
// with 1, as on devices that hold an element more than once or have few registers, the next ones are loaded after these are done
// with. WEIGHT_FRAGMENTS is only 1 where it is.
//
// The includer declares the constants, `weight` (fp16 panels [N/16, K, 16], or with INT8 those of int8_panels, as uvec4),
// WHOLE_SLABS, whether k ends with a slab, uvec4 load_x(i, slab), which is the piece loaded_piece() of a slab of row
// loaded_row(i), uvec4 load_early(row, column), which is what store_eight wants of memory, prepare_rows(), which all call before,
// and store_eight(row, column, sums, early). Rows past the end may be loaded as any others. With NORM_INPUT 1 statistics of the rows
// are gathered on the way.
#extension GL_KHR_cooperative_matrix : require
#extension GL_KHR_memory_scope_semantics : require
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#extension GL_KHR_shader_subgroup_basic : require

#include "tile_slabs.glsl"

// Steps that a subgroup takes through a slab, a fragment of k each.
const uint STEPS = SLAB_FRAGMENTS / SUBGROUPS_K;
// Sides of registers for the weight's fragments, which take turns as those of the rows do; how many steps ahead of their use they are
// loaded; and slabs a round of the loop, in which all come back to their turns.
const uint W_SIDES = WEIGHT_FRAGMENTS != 0 ? WEIGHT_FRAGMENTS : FRAGMENT_SIDES;
const uint W_AHEAD = W_SIDES > 1 ? W_SIDES - 1 : 1;
const uint ROUND_SLABS = STEPS % W_SIDES == 0 ? 1 : STEPS % 2 == 0 ? W_SIDES / 2 : W_SIDES;

coopmat<float16_t, gl_ScopeSubgroup, MAT_M, MAT_K, gl_MatrixUseA> x_fragments[FRAGMENT_SIDES * ROW_FRAGMENTS];
coopmat<float16_t, gl_ScopeSubgroup, MAT_K, MAT_N, gl_MatrixUseB> w_fragments[W_SIDES * COLUMN_FRAGMENTS];
coopmat<float, gl_ScopeSubgroup, MAT_M, MAT_N, gl_MatrixUseAccumulator> sums[ROW_FRAGMENTS * COLUMN_FRAGMENTS];

// Of the subgroup: which of those side by side it is.
uint subgroup_m, subgroup_n, subgroup_k;

uvec4 load_early(uint row, uint column);
void prepare_rows();
void store_eight(uint row, uint column, vec4 low, vec4 high, uvec4 early);

// Fragments of a step of the slab that is in a stage, to one side of their registers.
void load_rows(uint stage, uint step, uint side)
{
    uint k = (subgroup_k * STEPS + step) * MAT_K;
    [[unroll]] for (uint i = 0; i < ROW_FRAGMENTS; i++)
        coopMatLoad(
            x_fragments[side * ROW_FRAGMENTS + i], slabs, stage * STAGE_SIZE + (subgroup_m * SUBGROUP_M + i * MAT_M) * X_STRIDE + k / 8, X_STRIDE,
            gl_CooperativeMatrixLayoutRowMajor);
}

void load_stored_weights(uint stage, uint step, uint side)
{
    uint k = (subgroup_k * STEPS + step) * MAT_K;
    [[unroll]] for (uint j = 0; j < COLUMN_FRAGMENTS; j++)
        coopMatLoad(
            w_fragments[side * COLUMN_FRAGMENTS + j], slabs, stage * STAGE_SIZE + X_SIZE + k * W_STRIDE + (subgroup_n * SUBGROUP_N + j * MAT_N) / 8, W_STRIDE,
            gl_CooperativeMatrixLayoutRowMajor);
}

// Fragments of the blocks that have the k of a step from the slab's first on, straight from memory. Past the end of k its
// last is taken, which meets zeros.
void load_weights(uint slab, uint step, uint side, uint inner_size)
{
    uint block = min((slab + step / STEPS) * SLAB_FRAGMENTS + subgroup_k * STEPS + step % STEPS, inner_size / MAT_K - 1);
    [[unroll]] for (uint j = 0; j < COLUMN_FRAGMENTS; j++)
    {
        uvec4 piece = weight[weight_at[j] + block * (2 * MAT_K)];
        [[unroll]] for (uint c = 0; c < 4; c++)
        {
            f16vec2 pair = unpackFloat2x16(piece[WARPGROUP_ORDER && (c == 1 || c == 2) ? 3 - c : c]);
            w_fragments[side * COLUMN_FRAGMENTS + j][2 * c] = pair.x;
            w_fragments[side * COLUMN_FRAGMENTS + j][2 * c + 1] = pair.y;
        }
    }
}

void multiply_fragments(uint x_side, uint w_side)
{
    [[unroll]] for (uint i = 0; i < ROW_FRAGMENTS; i++)
    {
        [[unroll]] for (uint j = 0; j < COLUMN_FRAGMENTS; j++)
            sums[i * COLUMN_FRAGMENTS + j] = coopMatMulAdd(
                x_fragments[x_side * ROW_FRAGMENTS + i], w_fragments[w_side * COLUMN_FRAGMENTS + j], sums[i * COLUMN_FRAGMENTS + j]);
    }
}

// Multiplies a step's fragments, and gets those of the next one, or of the weight of a later one, to another side, if there is
// one: of the next slab, if it is a slab's last.
void take_step(uint slab, uint turn, inout uint stage, uint inner_size, uint end_slab)
{
    uint step = turn % STEPS, x_side = (turn + 1) % FRAGMENT_SIDES;
    bool is_last = step + 1 == STEPS, is_counted = slab + 1 < end_slab;
    if (FRAGMENT_SIDES == 1)
        multiply_fragments(0, turn % W_SIDES);
    uint next = is_last ? 0 : step + 1, next_fetched = min(slab + 2, end_slab - 1);
    if (STAGES > 1 && is_last)
    {
        store_slab(stage ^ 1, is_counted);
        fetch_slab(next_fetched, inner_size);
    }
    if (WEIGHT_FRAGMENTS != 0)
        load_weights(slab, step + W_AHEAD, (turn + W_AHEAD) % W_SIDES, inner_size);
    if (is_last)
        barrier();
    if (STAGES > 1 && is_last)
        stage ^= 1;
    if (STAGES == 1 && is_last)
    {
        store_slab(0, is_counted);
        fetch_slab(next_fetched, inner_size);
        barrier();
    }
    load_rows(stage, next, x_side);
    if (WEIGHT_FRAGMENTS == 0)
        load_stored_weights(stage, next, x_side);
    if (FRAGMENT_SIDES != 1)
        multiply_fragments(turn % FRAGMENT_SIDES, turn % W_SIDES);
}

// Sums over k of slabs [first_slab, end_slab), of which there may be none. Past the last slab it is loaded again, and not
// multiplied.
void multiply_slabs(uint inner_size, uint first_slab, uint end_slab)
{
    fetch_slab(min(first_slab, end_slab - 1), inner_size);
    if (WEIGHT_FRAGMENTS != 0)
    {
        [[unroll]] for (uint step = 0; step < W_AHEAD; step++)
            load_weights(first_slab, step, step, inner_size);
    }
    store_slab(0, first_slab < end_slab);
    barrier();
    fetch_slab(min(first_slab + 1, end_slab - 1), inner_size);
    load_rows(0, 0, 0);
    if (WEIGHT_FRAGMENTS == 0)
        load_stored_weights(0, 0, 0);
    uint stage = 0;
    for (uint round = first_slab; round < end_slab; round += ROUND_SLABS)
    {
        [[unroll]] for (uint turn = 0; turn < ROUND_SLABS * STEPS; turn++)
        {
            uint slab = round + turn / STEPS;
            if (turn < STEPS || slab < end_slab)
                take_step(slab, turn, stage, inner_size, end_slab);
        }
    }
    barrier();
}

// Adds up the SUBGROUPS_K parts of eight sums in the strip of a subgroup tile.
void read_strip(uint tile, uint row, uint eight, out vec4 low, out vec4 high)
{
    low = high = vec4(0.0);
    [[unroll]] for (uint part = 0; part < SUBGROUPS_K; part++)
    {
        uint at = (part * SUBGROUPS_M * SUBGROUPS_N + tile) * STRIP_SIZE + row * STRIP_STRIDE + eight * 2;
        low += uintBitsToFloat(slabs[at]);
        high += uintBitsToFloat(slabs[at + 1]);
    }
}

// Hands the sums out, by strips in shared memory. A subgroup that has all of its sums reads its own strip and waits for
// nobody. What else the includer wants of memory is asked for before all of it.
void store_block(uint first_row, uint first_column)
{
    const uint EIGHTS = SUBGROUP_N / 8;
    const uint STRIP_PIECES = MAT_M * EIGHTS;
    const uint READERS = SUBGROUPS_K == 1 ? LANES : INVOCATIONS;
    const uint READ_PIECES = SUBGROUPS_K == 1 ? STRIP_PIECES : SUBGROUPS_M * SUBGROUPS_N * STRIP_PIECES;
    const uint PASSES = (READ_PIECES + READERS - 1) / READERS;
    uint first_tile = SUBGROUPS_K == 1 ? gl_SubgroupID : 0, reader = SUBGROUPS_K == 1 ? gl_SubgroupInvocationID : gl_LocalInvocationID.x;

    uvec4 early[ROW_FRAGMENTS * PASSES];
    [[unroll]] for (uint i = 0; i < ROW_FRAGMENTS * PASSES; i++)
    {
        uint e = reader + i % PASSES * READERS, tile = first_tile + e / STRIP_PIECES;
        early[i] = load_early(
            first_row + tile / SUBGROUPS_N * SUBGROUP_M + i / PASSES * MAT_M + e / EIGHTS % MAT_M, first_column + tile % SUBGROUPS_N * SUBGROUP_N + e % EIGHTS * 8);
    }
    prepare_rows();

    [[unroll]] for (uint i = 0; i < ROW_FRAGMENTS; i++)
    {
        [[unroll]] for (uint j = 0; j < COLUMN_FRAGMENTS; j++)
            coopMatStore(
                sums[i * COLUMN_FRAGMENTS + j], slabs, gl_SubgroupID * STRIP_SIZE + j * (MAT_N / 4), STRIP_STRIDE,
                gl_CooperativeMatrixLayoutRowMajor);
        if (SUBGROUPS_K == 1)
            subgroupBarrier();
        else
            barrier();
        [[unroll]] for (uint pass = 0; pass < PASSES; pass++)
        {
            uint e = reader + pass * READERS, tile = first_tile + e / STRIP_PIECES;
            if (READ_PIECES % READERS == 0 || e < READ_PIECES)
            {
                vec4 low, high;
                read_strip(tile, e / EIGHTS % MAT_M, e % EIGHTS, low, high);
                store_eight(
                    first_row + tile / SUBGROUPS_N * SUBGROUP_M + i * MAT_M + e / EIGHTS % MAT_M, first_column + tile % SUBGROUPS_N * SUBGROUP_N + e % EIGHTS * 8,
                    low, high, early[i * PASSES + pass]);
            }
        }
        if (SUBGROUPS_K == 1)
            subgroupBarrier();
        else
            barrier();
    }
}

// The block's product over k of slabs [first_slab, end_slab), handed to store_eight eight columns at a time. The panels
// begin at first_weight.
void multiply_block(
    uint first_row, uint first_column, uint first_weight, uint inner_size, uint column_count, uint first_slab, uint end_slab)
{
    uint tile = gl_SubgroupID % (SUBGROUPS_M * SUBGROUPS_N);
    subgroup_k = gl_SubgroupID / (SUBGROUPS_M * SUBGROUPS_N);
    subgroup_m = tile / SUBGROUPS_N;
    subgroup_n = tile % SUBGROUPS_N;
    uint last_panel = (column_count - 1) / 16;

    [[unroll]] for (uint i = 0; i < ROW_FRAGMENTS * COLUMN_FRAGMENTS; i++)
        sums[i] = coopmat<float, gl_ScopeSubgroup, MAT_M, MAT_N, gl_MatrixUseAccumulator>(0.0);
    [[unroll]] for (uint i = 0; i < X_LOADS; i++)
        row_sums[i] = vec2(0.0);
    // Past the last panel it is taken again; what it gives is not stored.
    [[unroll]] for (uint i = 0; i < WEIGHTS_AT; i++)
    {
        uint column = first_column + subgroup_n * SUBGROUP_N + i * MAT_N;
        weight_at[i] = first_weight + (WEIGHT_FRAGMENTS != 0
            ? min(column / 16, last_panel) * inner_size * 2 + column % 16 / MAT_N * LANES + gl_SubgroupInvocationID
            : (min(first_column / 16 + loaded_panel(i), last_panel) * inner_size + loaded_k(i)) / WEIGHT_K * 2 + gl_LocalInvocationID.x % 2);
    }
    multiply_slabs(inner_size, first_slab, end_slab);
    store_block(first_row, first_column);
}
