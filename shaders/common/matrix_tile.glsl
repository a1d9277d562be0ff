// A tile of a matrix product by cooperative matrices. Slabs of rows and weights go from memory through registers into
// shared memory while the slab before them is multiplied. All accesses outside fragments are of 16 bytes.
//
// The tile's size is a matter of specialization: fragments of MAT_M x MAT_N x MAT_K as the device has them, ROW_FRAGMENTS
// x COLUMN_FRAGMENTS of them a subgroup, WARPS_M x WARPS_N subgroups side by side, and WARPS_K subgroups that share the k
// of a slab among them, for products of few rows.
//
// The includer declares the constants, `weight` (fp16 panels [N/16, K, 16], or with INT8 those of int8_panels, as uvec4), uvec4 load_x(i, slab), which is the
// piece loaded_piece() of a slab of row loaded_row(i), and store_eight(row, column, sums). Rows past the end may be
// loaded as any others. With NORM_INPUT 1 the layer norm of the rows is multiplied instead: their statistics are gathered
// on the way, and applied to the sums by store_eight.
#extension GL_KHR_cooperative_matrix : require
#extension GL_KHR_memory_scope_semantics : require
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#extension GL_KHR_shader_subgroup_basic : require

const uint BLOCK_M = MAT_M * ROW_FRAGMENTS * WARPS_M;
const uint BLOCK_N = MAT_N * COLUMN_FRAGMENTS * WARPS_N;
const uint BLOCK_K = MAT_K * SLAB_FRAGMENTS;
const uint WARP_M = MAT_M * ROW_FRAGMENTS;
const uint WARP_N = MAT_N * COLUMN_FRAGMENTS;

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
const uint STAGE_SIZE = X_SIZE + BLOCK_K * W_STRIDE;
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

uvec4 next_x[X_LOADS];
uvec4 next_w[W_LOADS];
coopmat<float, gl_ScopeSubgroup, MAT_M, MAT_N, gl_MatrixUseAccumulator> sums[ROW_FRAGMENTS * COLUMN_FRAGMENTS];

// Where in the weight an invocation's pieces of the first slab are.
uint weight_at[W_LOADS];

// With NORM_INPUT: sum and sum of squares of what the invocation loads of its rows, then mean and 1 / deviation of each.
vec2 row_sums[X_LOADS];
shared vec2 row_statistics[NORM_INPUT == 1 ? BLOCK_M : 1];

uvec4 load_x(uint i, uint slab);
void store_eight(uint row, uint column, vec4 low, vec4 high);

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

void fetch_slab(uint slab, uint inner_size)
{
    // Only the last slab can go past the end of k. What lies there is no number to count on.
    bool cut = (slab + 1) * BLOCK_K > inner_size;
    [[unroll]] for (uint i = 0; i < X_LOADS; i++)
    {
        next_x[i] = uvec4(0);
        if (loads_x(i) && !(cut && slab * BLOCK_K + loaded_piece() * 8 >= inner_size))
            next_x[i] = load_x(i, slab);
        if (NORM_INPUT == 1)
        {
            vec4 low, high;
            unpack_eight(next_x[i], low, high);
            row_sums[i] += vec2(dot(low, vec4(1.0)) + dot(high, vec4(1.0)), dot(low, low) + dot(high, high));
        }
    }
    [[unroll]] for (uint i = 0; i < W_LOADS; i++)
    {
        next_w[i] = uvec4(0);
        if (loads_w(i) && !(cut && slab * BLOCK_K + loaded_k(i) >= inner_size))
            next_w[i] = weight[weight_at[i] + slab * PANEL_PIECES];
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

void store_slab(uint stage)
{
    [[unroll]] for (uint i = 0; i < X_LOADS; i++)
    {
        if (loads_x(i))
            slabs[stage * STAGE_SIZE + loaded_row(i) * X_STRIDE + loaded_piece()] = next_x[i];
    }
    [[unroll]] for (uint i = 0; i < W_LOADS; i++)
    {
        if (loads_w(i))
            store_weight(stage * STAGE_SIZE + X_SIZE + loaded_k(i) * W_STRIDE + loaded_panel(i) * 2 + gl_LocalInvocationID.x % 2, next_w[i]);
    }
}

void multiply_slab(uint stage, uint warp_m, uint warp_n, uint warp_k)
{
    [[unroll]] for (uint step = 0; step < SLAB_FRAGMENTS / WARPS_K; step++)
    {
        uint k = (warp_k * (SLAB_FRAGMENTS / WARPS_K) + step) * MAT_K;
        coopmat<float16_t, gl_ScopeSubgroup, MAT_K, MAT_N, gl_MatrixUseB> w[COLUMN_FRAGMENTS];
        [[unroll]] for (uint j = 0; j < COLUMN_FRAGMENTS; j++)
            coopMatLoad(
                w[j], slabs, stage * STAGE_SIZE + X_SIZE + k * W_STRIDE + (warp_n * WARP_N + j * MAT_N) / 8, W_STRIDE,
                gl_CooperativeMatrixLayoutRowMajor);
        [[unroll]] for (uint i = 0; i < ROW_FRAGMENTS; i++)
        {
            coopmat<float16_t, gl_ScopeSubgroup, MAT_M, MAT_K, gl_MatrixUseA> x;
            coopMatLoad(
                x, slabs, stage * STAGE_SIZE + (warp_m * WARP_M + i * MAT_M) * X_STRIDE + k / 8, X_STRIDE,
                gl_CooperativeMatrixLayoutRowMajor);
            [[unroll]] for (uint j = 0; j < COLUMN_FRAGMENTS; j++)
                sums[i * COLUMN_FRAGMENTS + j] = coopMatMulAdd(x, w[j], sums[i * COLUMN_FRAGMENTS + j]);
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

// The block's product over k of slabs [first_slab, end_slab), handed to store_eight eight columns at a time. The panels
// begin at first_weight.
void multiply_block(
    uint first_row, uint first_column, uint first_weight, uint inner_size, uint column_count, uint first_slab, uint end_slab, float epsilon)
{
    uint tile = gl_SubgroupID % (WARPS_M * WARPS_N), warp_k = gl_SubgroupID / (WARPS_M * WARPS_N);
    uint warp_m = tile / WARPS_N, warp_n = tile % WARPS_N;
    uint last_panel = (column_count - 1) / 16;

    [[unroll]] for (uint i = 0; i < ROW_FRAGMENTS * COLUMN_FRAGMENTS; i++)
        sums[i] = coopmat<float, gl_ScopeSubgroup, MAT_M, MAT_N, gl_MatrixUseAccumulator>(0.0);
    [[unroll]] for (uint i = 0; i < X_LOADS; i++)
        row_sums[i] = vec2(0.0);
    // Past the last panel it is taken again; what it gives is not stored.
    [[unroll]] for (uint i = 0; i < W_LOADS; i++)
        weight_at[i] = first_weight
            + (min(first_column / 16 + loaded_panel(i), last_panel) * inner_size + loaded_k(i)) / WEIGHT_K * 2 + gl_LocalInvocationID.x % 2;
    fetch_slab(first_slab, inner_size);
    store_slab(0);
    barrier();
    uint stage = 0;
    for (uint slab = first_slab; slab < end_slab; slab++)
    {
        bool more = slab + 1 < end_slab;
        if (more)
            fetch_slab(slab + 1, inner_size);
        multiply_slab(stage, warp_m, warp_n, warp_k);
        if (STAGES == 1)
            barrier();
        else
            stage ^= 1;
        if (more)
            store_slab(stage);
        barrier();
    }

    if (NORM_INPUT == 1)
        finish_statistics(inner_size, epsilon);

    const uint EIGHTS = WARP_N / 8;
    const uint STRIP_PIECES = MAT_M * EIGHTS;
    const uint LANES = INVOCATIONS / (WARPS_M * WARPS_N * WARPS_K);
    [[unroll]] for (uint i = 0; i < ROW_FRAGMENTS; i++)
    {
        [[unroll]] for (uint j = 0; j < COLUMN_FRAGMENTS; j++)
            coopMatStore(
                sums[i * COLUMN_FRAGMENTS + j], slabs, gl_SubgroupID * STRIP_SIZE + j * (MAT_N / 4), STRIP_STRIDE,
                gl_CooperativeMatrixLayoutRowMajor);
        // A subgroup that has all of its sums reads its own strip and waits for nobody.
        if (WARPS_K == 1)
            subgroupBarrier();
        else
            barrier();
        uint first = WARPS_K == 1 ? tile * STRIP_PIECES + gl_SubgroupInvocationID : gl_LocalInvocationID.x;
        uint end = WARPS_K == 1 ? (tile + 1) * STRIP_PIECES : WARPS_M * WARPS_N * STRIP_PIECES;
        for (uint e = first; e < end; e += WARPS_K == 1 ? LANES : INVOCATIONS)
        {
            uint strip = e / STRIP_PIECES, row = e / EIGHTS % MAT_M, eight = e % EIGHTS;
            vec4 low, high;
            read_strip(strip, row, eight, low, high);
            store_eight(
                first_row + strip / WARPS_N * WARP_M + i * MAT_M + row, first_column + strip % WARPS_N * WARP_N + eight * 8,
                low, high);
        }
        if (WARPS_K == 1)
            subgroupBarrier();
        else
            barrier();
    }
}
