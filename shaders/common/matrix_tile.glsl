// A tile of a matrix product by cooperative matrices. Slabs of rows go from memory through registers into shared memory
// while the slab before them is multiplied, and fragments of a slab into registers while those before them are. All accesses
// outside fragments are of 16 bytes. The loop has no branches but its own, so that the driver can move loads up in it.
//
// The tile's size is a matter of specialization: fragments of MAT_M x MAT_N x MAT_K as the device has them, ROW_FRAGMENTS
// x COLUMN_FRAGMENTS of them a subgroup, WARPS_M x WARPS_N subgroups side by side, and WARPS_K subgroups that share the k
// of a slab among them, for products of few rows.
//
// With WEIGHT_FRAGMENTS the weight's blocks of MAT_K x 16 lie as the subgroup's invocations hold them (weight_fragments),
// which read theirs from memory, so that those of that many steps are in registers or on the way; with 0 it lies in panels,
// of which slabs go through shared memory as those of the rows do. It is 0, 2 or 4.
//
// The includer declares the constants, `weight` (fp16 panels [N/16, K, 16], or with INT8 those of int8_panels, as uvec4),
// WHOLE_SLABS, whether k ends with a slab, uvec4 load_x(i, slab), which is the piece loaded_piece() of a slab of row
// loaded_row(i), uvec4 load_early(row, column), which is what store_eight wants of memory, and store_eight(row, column,
// sums, early). Rows past the end may be loaded as any others. With NORM_INPUT 1 the layer norm of the rows is multiplied
// instead: their statistics are gathered on the way, and applied to the sums by store_eight.
#extension GL_KHR_cooperative_matrix : require
#extension GL_KHR_memory_scope_semantics : require
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#extension GL_KHR_shader_subgroup_basic : require

const uint BLOCK_M = MAT_M * ROW_FRAGMENTS * WARPS_M;
const uint BLOCK_N = MAT_N * COLUMN_FRAGMENTS * WARPS_N;
const uint BLOCK_K = MAT_K * SLAB_FRAGMENTS;
const uint WARP_M = MAT_M * ROW_FRAGMENTS;
const uint WARP_N = MAT_N * COLUMN_FRAGMENTS;
const uint LANES = INVOCATIONS / (WARPS_M * WARPS_N * WARPS_K);

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
const uint STRIP_STRIDE = WARP_N / 4 + 1;
const uint STRIP_SIZE = MAT_M * STRIP_STRIDE;
const uint STRIPS_SIZE = WARPS_M * WARPS_N * WARPS_K * STRIP_SIZE;
const uint SLABS_SIZE = STAGES * STAGE_SIZE;

// What an invocation loads of a slab: always the same eight k of rows that lie ROW_STEP apart; of the weight, where a
// panel's slab is shorter than a pass of the workgroup, the same k of panels, and else ever further k of each panel.
const uint ROW_STEP = INVOCATIONS / (BLOCK_K / 8);
const uint PANEL_PIECES = 2 / WEIGHT_K * BLOCK_K;
const bool MANY_PANELS = INVOCATIONS >= PANEL_PIECES;
const uint PANEL_STEP = MANY_PANELS ? INVOCATIONS / PANEL_PIECES : 1;
const uint PANEL_PASSES = MANY_PANELS ? 1 : PANEL_PIECES / INVOCATIONS;

shared uvec4 slabs[SLABS_SIZE > STRIPS_SIZE ? SLABS_SIZE : STRIPS_SIZE];

// Steps that a subgroup takes through a slab, a fragment of k each.
const uint STEPS = SLAB_FRAGMENTS / WARPS_K;
// Sides of registers for fragments, which take turns; and slabs a round of the loop, in which all come back to their turns.
const uint X_SIDES = 2;
const uint W_SIDES = WEIGHT_FRAGMENTS != 0 ? WEIGHT_FRAGMENTS : 2;
const uint ROUND_SLABS = STEPS % W_SIDES == 0 ? 1 : STEPS % 2 == 0 ? W_SIDES / 2 : W_SIDES;

uvec4 next_x[X_LOADS];
uvec4 next_w[W_LOADS];
coopmat<float16_t, gl_ScopeSubgroup, MAT_M, MAT_K, gl_MatrixUseA> x_fragments[X_SIDES * ROW_FRAGMENTS];
coopmat<float16_t, gl_ScopeSubgroup, MAT_K, MAT_N, gl_MatrixUseB> w_fragments[W_SIDES * COLUMN_FRAGMENTS];
coopmat<float, gl_ScopeSubgroup, MAT_M, MAT_N, gl_MatrixUseAccumulator> sums[ROW_FRAGMENTS * COLUMN_FRAGMENTS];

// Of the subgroup: which of those side by side it is.
uint warp_m, warp_n, warp_k;

// Where in the weight an invocation's pieces of the first slab are, or its pieces of the first blocks.
const uint WEIGHTS_AT = WEIGHT_FRAGMENTS != 0 ? COLUMN_FRAGMENTS : W_LOADS;
uint weight_at[WEIGHTS_AT];

// With NORM_INPUT: sum and sum of squares of what the invocation loads of its rows, then mean and 1 / deviation of each.
vec2 row_sums[X_LOADS];
shared vec2 row_statistics[NORM_INPUT == 1 ? BLOCK_M : 1];

uvec4 load_x(uint i, uint slab);
uvec4 load_early(uint row, uint column);
void store_eight(uint row, uint column, vec4 low, vec4 high, uvec4 early);

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

// What lies past the end of k is no number to count on.
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

// Fragments of a step of the slab that is in a stage, to one side of their registers.
void load_rows(uint stage, uint step, uint side)
{
    uint k = (warp_k * STEPS + step) * MAT_K;
    [[unroll]] for (uint i = 0; i < ROW_FRAGMENTS; i++)
        coopMatLoad(
            x_fragments[side * ROW_FRAGMENTS + i], slabs, stage * STAGE_SIZE + (warp_m * WARP_M + i * MAT_M) * X_STRIDE + k / 8, X_STRIDE,
            gl_CooperativeMatrixLayoutRowMajor);
}

void load_stored_weights(uint stage, uint step, uint side)
{
    uint k = (warp_k * STEPS + step) * MAT_K;
    [[unroll]] for (uint j = 0; j < COLUMN_FRAGMENTS; j++)
        coopMatLoad(
            w_fragments[side * COLUMN_FRAGMENTS + j], slabs, stage * STAGE_SIZE + X_SIZE + k * W_STRIDE + (warp_n * WARP_N + j * MAT_N) / 8, W_STRIDE,
            gl_CooperativeMatrixLayoutRowMajor);
}

// Fragments of the blocks that have the k of a step from the slab's first on, straight from memory. Past the end of k its
// last is taken, which meets zeros.
void load_weights(uint slab, uint step, uint side, uint inner_size)
{
    uint block = min((slab + step / STEPS) * SLAB_FRAGMENTS + warp_k * STEPS + step % STEPS, inner_size / MAT_K - 1);
    [[unroll]] for (uint j = 0; j < COLUMN_FRAGMENTS; j++)
    {
        uvec4 piece = weight[weight_at[j] + block * (2 * MAT_K)];
        [[unroll]] for (uint c = 0; c < 4; c++)
        {
            f16vec2 pair = unpackFloat2x16(piece[c]);
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

// Multiplies a step's fragments, and gets those of the next one, or of the weight of a later one, to another side: of the
// next slab, if it is a slab's last.
void take_step(uint slab, uint turn, inout uint stage, uint inner_size, uint end_slab)
{
    uint step = turn % STEPS, x_side = (turn + 1) % X_SIDES;
    bool is_last = step + 1 == STEPS, is_counted = slab + 1 < end_slab;
    uint next = is_last ? 0 : step + 1, next_fetched = min(slab + 2, end_slab - 1);
    if (STAGES > 1 && is_last)
    {
        store_slab(stage ^ 1, is_counted);
        fetch_slab(next_fetched, inner_size);
    }
    if (WEIGHT_FRAGMENTS != 0)
        load_weights(slab, step + W_SIDES - 1, (turn + W_SIDES - 1) % W_SIDES, inner_size);
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
    multiply_fragments(turn % X_SIDES, turn % W_SIDES);
}

// Sums over k of slabs [first_slab, end_slab), of which there may be none. Past the last slab it is loaded again, and not
// multiplied.
void multiply_slabs(uint inner_size, uint first_slab, uint end_slab)
{
    fetch_slab(min(first_slab, end_slab - 1), inner_size);
    if (WEIGHT_FRAGMENTS != 0)
    {
        [[unroll]] for (uint step = 0; step + 1 < W_SIDES; step++)
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

// Adds up the WARPS_K parts of eight sums in the strip of a subgroup tile.
void read_strip(uint tile, uint row, uint eight, out vec4 low, out vec4 high)
{
    low = high = vec4(0.0);
    [[unroll]] for (uint part = 0; part < WARPS_K; part++)
    {
        uint at = (part * WARPS_M * WARPS_N + tile) * STRIP_SIZE + row * STRIP_STRIDE + eight * 2;
        low += uintBitsToFloat(slabs[at]);
        high += uintBitsToFloat(slabs[at + 1]);
    }
}

// Hands the sums out, by strips in shared memory. A subgroup that has all of its sums reads its own strip and waits for
// nobody. What else the includer wants of memory is asked for before all of it.
void store_block(uint first_row, uint first_column, uint inner_size, float epsilon)
{
    const uint EIGHTS = WARP_N / 8;
    const uint STRIP_PIECES = MAT_M * EIGHTS;
    const uint READERS = WARPS_K == 1 ? LANES : INVOCATIONS;
    const uint READ_PIECES = WARPS_K == 1 ? STRIP_PIECES : WARPS_M * WARPS_N * STRIP_PIECES;
    const uint PASSES = (READ_PIECES + READERS - 1) / READERS;
    uint first_tile = WARPS_K == 1 ? gl_SubgroupID : 0, reader = WARPS_K == 1 ? gl_SubgroupInvocationID : gl_LocalInvocationID.x;

    uvec4 early[ROW_FRAGMENTS * PASSES];
    [[unroll]] for (uint i = 0; i < ROW_FRAGMENTS * PASSES; i++)
    {
        uint e = reader + i % PASSES * READERS, tile = first_tile + e / STRIP_PIECES;
        early[i] = load_early(
            first_row + tile / WARPS_N * WARP_M + i / PASSES * MAT_M + e / EIGHTS % MAT_M, first_column + tile % WARPS_N * WARP_N + e % EIGHTS * 8);
    }
    if (NORM_INPUT == 1)
        finish_statistics(inner_size, epsilon);

    [[unroll]] for (uint i = 0; i < ROW_FRAGMENTS; i++)
    {
        [[unroll]] for (uint j = 0; j < COLUMN_FRAGMENTS; j++)
            coopMatStore(
                sums[i * COLUMN_FRAGMENTS + j], slabs, gl_SubgroupID * STRIP_SIZE + j * (MAT_N / 4), STRIP_STRIDE,
                gl_CooperativeMatrixLayoutRowMajor);
        if (WARPS_K == 1)
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
                    first_row + tile / WARPS_N * WARP_M + i * MAT_M + e / EIGHTS % MAT_M, first_column + tile % WARPS_N * WARP_N + e % EIGHTS * 8,
                    low, high, early[i * PASSES + pass]);
            }
        }
        if (WARPS_K == 1)
            subgroupBarrier();
        else
            barrier();
    }
}

// The block's product over k of slabs [first_slab, end_slab), handed to store_eight eight columns at a time. The panels
// begin at first_weight.
void multiply_block(
    uint first_row, uint first_column, uint first_weight, uint inner_size, uint column_count, uint first_slab, uint end_slab, float epsilon)
{
    uint tile = gl_SubgroupID % (WARPS_M * WARPS_N);
    warp_k = gl_SubgroupID / (WARPS_M * WARPS_N);
    warp_m = tile / WARPS_N;
    warp_n = tile % WARPS_N;
    uint last_panel = (column_count - 1) / 16;

    [[unroll]] for (uint i = 0; i < ROW_FRAGMENTS * COLUMN_FRAGMENTS; i++)
        sums[i] = coopmat<float, gl_ScopeSubgroup, MAT_M, MAT_N, gl_MatrixUseAccumulator>(0.0);
    [[unroll]] for (uint i = 0; i < X_LOADS; i++)
        row_sums[i] = vec2(0.0);
    // Past the last panel it is taken again; what it gives is not stored.
    [[unroll]] for (uint i = 0; i < WEIGHTS_AT; i++)
    {
        uint column = first_column + warp_n * WARP_N + i * MAT_N;
        weight_at[i] = first_weight + (WEIGHT_FRAGMENTS != 0
            ? min(column / 16, last_panel) * inner_size * 2 + column % 16 / MAT_N * LANES + gl_SubgroupInvocationID
            : (min(first_column / 16 + loaded_panel(i), last_panel) * inner_size + loaded_k(i)) / WEIGHT_K * 2 + gl_LocalInvocationID.x % 2);
    }
    multiply_slabs(inner_size, first_slab, end_slab);
    store_block(first_row, first_column, inner_size, epsilon);
}
