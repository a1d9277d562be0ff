// A tile of a matrix product by cooperative matrices. Slabs of rows and weights go from memory through registers into
// shared memory while the slab before them is multiplied; the last invocation's work of a slab hides the next one's
// loads. All accesses outside fragments are of 16 bytes.
//
// The tile's size is a matter of specialization: fragments of MAT_M x MAT_N x MAT_K as the device has them, ROW_FRAGMENTS
// x COLUMN_FRAGMENTS of them a subgroup, WARPS_M x WARPS_N subgroups side by side, and WARPS_K subgroups that share the k
// of a slab among them, for products of few rows.
//
// The includer declares the constants, `weight` (fp16 panels [N/16, K, 16], as uvec4), uvec4 load_x(i, row, k_quad),
// which is a piece of eight k of one of its rows (i counts the rows that an invocation loads, so that what belongs to a
// row can be kept), and store_eight(row, column, sums). With NORM_INPUT the layer norm of the rows is multiplied instead:
// their statistics are gathered on the way, and applied to the sums by store_eight.
#extension GL_KHR_cooperative_matrix : require
#extension GL_KHR_memory_scope_semantics : require
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#extension GL_KHR_shader_subgroup_basic : require

const uint BLOCK_M = MAT_M * ROW_FRAGMENTS * WARPS_M;
const uint BLOCK_N = MAT_N * COLUMN_FRAGMENTS * WARPS_N;
const uint BLOCK_K = MAT_K * SLAB_FRAGMENTS;
const uint WARP_M = MAT_M * ROW_FRAGMENTS;
const uint WARP_N = MAT_N * COLUMN_FRAGMENTS;

// In pieces of 16 bytes; a row is one longer than its data, so that fragments' rows lie in different banks.
const uint X_STRIDE = BLOCK_K / 8 + 1;
const uint W_STRIDE = BLOCK_N / 8 + 1;
const uint X_SIZE = BLOCK_M * X_STRIDE;
const uint STAGE_SIZE = X_SIZE + BLOCK_K * W_STRIDE;
const uint X_PIECES = BLOCK_M * (BLOCK_K / 8);
const uint W_PIECES = BLOCK_K * (BLOCK_N / 8);
const uint X_LOADS = (X_PIECES + INVOCATIONS - 1) / INVOCATIONS;
const uint W_LOADS = (W_PIECES + INVOCATIONS - 1) / INVOCATIONS;

// A strip of sums: the rows of one fragment over a subgroup's columns, fp32, rows padded as above.
const uint STRIP_STRIDE = WARP_N / 4 + 1;
const uint STRIP_SIZE = MAT_M * STRIP_STRIDE;
const uint STRIPS_SIZE = WARPS_M * WARPS_N * WARPS_K * STRIP_SIZE;
const uint SLABS_SIZE = STAGES * STAGE_SIZE;

shared uvec4 slabs[SLABS_SIZE > STRIPS_SIZE ? SLABS_SIZE : STRIPS_SIZE];

uvec4 next_x[X_LOADS];
uvec4 next_w[W_LOADS];
coopmat<float, gl_ScopeSubgroup, MAT_M, MAT_N, gl_MatrixUseAccumulator> sums[ROW_FRAGMENTS * COLUMN_FRAGMENTS];

// With NORM_INPUT: sum and sum of squares of what the invocation loads of its rows, then mean and 1 / deviation of each.
vec2 row_sums[X_LOADS];
shared vec2 row_statistics[NORM_INPUT != 0 ? BLOCK_M : 1];

// Where the panels begin in the weight.
uint first_weight = 0;

uvec4 load_x(uint i, uint row, uint k_quad);
void store_eight(uint row, uint column, vec4 low, vec4 high);

// Row of the block whose piece this invocation loads i-th.
uint loaded_row(uint i)
{
    return (i * INVOCATIONS + gl_LocalInvocationID.x) / (BLOCK_K / 8);
}

void fetch_slab(uint slab, uint first_panel, uint panels, uint inner_size)
{
    [[unroll]] for (uint i = 0; i < X_LOADS; i++)
    {
        uint e = i * INVOCATIONS + gl_LocalInvocationID.x;
        uint k_quad = slab * (BLOCK_K / 8) + e % (BLOCK_K / 8);
        next_x[i] = uvec4(0);
        if ((X_PIECES % INVOCATIONS == 0 || e < X_PIECES) && k_quad * 8 < inner_size)
            next_x[i] = load_x(i, e / (BLOCK_K / 8), k_quad);
        if (NORM_INPUT != 0)
        {
            vec4 low, high;
            unpack_eight(next_x[i], low, high);
            row_sums[i] += vec2(dot(low, vec4(1.0)) + dot(high, vec4(1.0)), dot(low, low) + dot(high, high));
        }
    }
    [[unroll]] for (uint i = 0; i < W_LOADS; i++)
    {
        // Two pieces are a panel's row; neighbouring invocations go down the panel, whose rows lie side by side.
        uint e = i * INVOCATIONS + gl_LocalInvocationID.x;
        uint panel = first_panel + e / (2 * BLOCK_K);
        uint k = slab * BLOCK_K + e / 2 % BLOCK_K;
        next_w[i] = uvec4(0);
        if ((W_PIECES % INVOCATIONS == 0 || e < W_PIECES) && panel < panels && k < inner_size)
            next_w[i] = weight[first_weight + (panel * inner_size + k) * 2 + e % 2];
    }
}

void store_slab(uint stage)
{
    [[unroll]] for (uint i = 0; i < X_LOADS; i++)
    {
        uint e = i * INVOCATIONS + gl_LocalInvocationID.x;
        if (X_PIECES % INVOCATIONS == 0 || e < X_PIECES)
            slabs[stage * STAGE_SIZE + e / (BLOCK_K / 8) * X_STRIDE + e % (BLOCK_K / 8)] = next_x[i];
    }
    [[unroll]] for (uint i = 0; i < W_LOADS; i++)
    {
        uint e = i * INVOCATIONS + gl_LocalInvocationID.x;
        if (W_PIECES % INVOCATIONS == 0 || e < W_PIECES)
            slabs[stage * STAGE_SIZE + X_SIZE + e / 2 % BLOCK_K * W_STRIDE + e / (2 * BLOCK_K) * 2 + e % 2] = next_w[i];
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
        uint e = i * INVOCATIONS + gl_LocalInvocationID.x;
        if (X_PIECES % INVOCATIONS == 0 || e < X_PIECES)
            slabs[e] = uvec4(floatBitsToUint(row_sums[i]), 0, 0);
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

// The block's product, handed to store_eight eight columns at a time.
void multiply_block(uint first_row, uint first_column, uint inner_size, uint column_count, float epsilon)
{
    uint tile = gl_SubgroupID % (WARPS_M * WARPS_N), warp_k = gl_SubgroupID / (WARPS_M * WARPS_N);
    uint warp_m = tile / WARPS_N, warp_n = tile % WARPS_N;
    uint first_panel = first_column / 16, panels = (column_count + 15) / 16;
    uint slab_count = (inner_size + BLOCK_K - 1) / BLOCK_K;

    [[unroll]] for (uint i = 0; i < ROW_FRAGMENTS * COLUMN_FRAGMENTS; i++)
        sums[i] = coopmat<float, gl_ScopeSubgroup, MAT_M, MAT_N, gl_MatrixUseAccumulator>(0.0);
    [[unroll]] for (uint i = 0; i < X_LOADS; i++)
        row_sums[i] = vec2(0.0);
    fetch_slab(0, first_panel, panels, inner_size);
    store_slab(0);
    barrier();
    for (uint slab = 0; slab < slab_count; slab++)
    {
        bool more = slab + 1 < slab_count;
        if (more)
            fetch_slab(slab + 1, first_panel, panels, inner_size);
        multiply_slab(STAGES == 2 ? slab % 2 : 0, warp_m, warp_n, warp_k);
        if (STAGES == 1)
            barrier();
        if (more)
            store_slab(STAGES == 2 ? (slab + 1) % 2 : 0);
        barrier();
    }

    if (NORM_INPUT != 0)
        finish_statistics(inner_size, epsilon);

    const uint EIGHTS = WARP_N / 8;
    const uint STRIP_PIECES = WARPS_M * WARPS_N * MAT_M * EIGHTS;
    [[unroll]] for (uint i = 0; i < ROW_FRAGMENTS; i++)
    {
        [[unroll]] for (uint j = 0; j < COLUMN_FRAGMENTS; j++)
            coopMatStore(
                sums[i * COLUMN_FRAGMENTS + j], slabs, gl_SubgroupID * STRIP_SIZE + j * (MAT_N / 4), STRIP_STRIDE,
                gl_CooperativeMatrixLayoutRowMajor);
        barrier();
        for (uint e = gl_LocalInvocationID.x; e < STRIP_PIECES; e += INVOCATIONS)
        {
            uint strip = e / (MAT_M * EIGHTS), row = e / EIGHTS % MAT_M, eight = e % EIGHTS;
            vec4 low, high;
            read_strip(strip, row, eight, low, high);
            store_eight(
                first_row + strip / WARPS_N * WARP_M + i * MAT_M + row, first_column + strip % WARPS_N * WARP_N + eight * 8,
                low, high);
        }
        barrier();
    }
}
