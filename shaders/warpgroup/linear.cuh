// Linear layers by Hopper's warpgroup instructions: what linear_matrix is, on that generation of NVIDIA's GPUs. See products.cuh for how
// a block is multiplied.
//
// Weights fp16 in fragments; K a multiple of 128, N of a block's columns, rows any number. A kernel takes one struct: the addresses of
// its buffers, its push constants, then what specialization constants are for a shader.
#pragma once
#include "eights.cuh"
#include "products.cuh"

// As in activation.glsl, without a branch.
DEVICE float gelu(float x)
{
    float a = absolute(x) * 0.7071067811865476f;
    float t = reciprocal(1.0f + 0.3275911f * a);
    float erfc = t * (0.254829592f + t * (-0.284496736f + t * (1.421413741f + t * (-1.453152027f + t * 1.061405429f)))) * exponential(-a * a);
    return (x > 0.0f ? x : 0.0f) - 0.5f * absolute(x) * erfc;
}

// y[r, n] = activation(sum over k of x[r, k] * w[n, k] + bias[n]) + residual[r, n], as in linear_product.glsl: x and residual
// fp16[R, K] and [R, N], bias fp32[N], statistics fp32[R, 2] (mean, 1 / deviation) and residual_norm fp32[2, N] (weight, bias), spans
// fp32[R, S, 2] (mean, sum of squared deviations) of spans of x and y, y fp16[R, N] or fp32; parts and counters as in join_parts.glsl.
// norm_input is 0, 2 or 3. Members that are not read keep the others in their places.
struct Linear
{
    u64 x, weight, bias, residual, y, statistics, residual_statistics, residual_norm, input_spans, output_spans, parts, counters;
    u32 rows, inner, columns;
    float epsilon;
    u32 activation, has_bias, has_residual, norm_input, norm_residual, part_count, whole_slabs, whole_eights, input_span_count, leaves_spans, is_f32;
};

// Rows as they lie in memory.
template<typename Block>
struct Rows
{
    static constexpr bool ARE_READ_AGAIN = false, ENDS_ITSELF = false;

    u64 x;
    u32 at[Block::COPIES];

    // Rows past the last one are it once more. It begins a slab in front of the first.
    DEVICE Rows(const Linear& p, u32 first_row) : x(p.x)
    {
#pragma unroll
        for (u32 i = 0; i < Block::COPIES; i++)
            at[i] = least(first_row + Block::copied_row(i), p.rows - 1) * (p.inner / 8) + Block::copied_piece() - PIECES;
    }

    DEVICE void begin_slab()
    {
#pragma unroll
        for (u32 i = 0; i < Block::COPIES; i++)
            at[i] += PIECES;
    }

    DEVICE u64 piece(u32 i, u32& bytes) const
    {
        bytes = 16;
        return x + (u64)at[i] * 16;
    }
};

// Lanes that merge a row's spans, and how many rows each of them has.
constexpr u32 SPAN_LANES = 4;
template<typename Block>
constexpr u32 MERGE_TURNS = (Block::ROWS * SPAN_LANES + Block::THREADS - 1) / Block::THREADS;

// Mean and 1 / deviation of the block's rows, of their spans, for keep(turn, row, both). Four lanes have a row. All that they read at first,
// which is mostly all there is, they ask for before they wait for any.
template<typename Block, typename Keep>
DEVICE void merge_spans(const Linear& p, u32 first_row, const Keep& keep)
{
    constexpr u32 LANES = SPAN_LANES, ROWS_AT_ONCE = Block::THREADS / LANES, TURNS = MERGE_TURNS<Block>, SPANS = 4;
    u32 lane = thread() % LANES, count = p.input_span_count, length = p.inner / count;
    u64 spans[TURNS];
    f32x2 some[TURNS][SPANS];
#pragma unroll
    for (u32 turn = 0; turn < TURNS; turn++)
    {
        u32 row = least(first_row + turn * ROWS_AT_ONCE + thread() / LANES, p.rows - 1);
        spans[turn] = p.input_spans + (u64)row * count * 8;
#pragma unroll
        for (u32 i = 0; i < SPANS; i++)
            some[turn][i] = load_pair(spans[turn] + (u64)least(lane + i * LANES, count - 1) * 8);
    }
#pragma unroll
    for (u32 turn = 0; turn < TURNS; turn++)
    {
        // Sums of squares around the first span's mean, as all may be far from 0.
        float origin = from_first_lane<LANES>(some[turn][0].x), sum = 0, squares = 0, inner_squares = 0;
        for (u32 first = 0; first < count; first += LANES * SPANS)
        {
#pragma unroll
            for (u32 i = 0; i < SPANS; i++)
            {
                u32 at = first + lane + i * LANES;
                f32x2 span = first == 0 ? some[turn][i] : load_pair(spans[turn] + (u64)least(at, count - 1) * 8);
                float difference = span.x - origin, is_in = at < count ? 1.0f : 0.0f;
                sum += is_in * difference;
                squares += is_in * difference * difference;
                inner_squares += is_in * span.y;
            }
        }
#pragma unroll
        for (u32 mask = 1; mask < LANES; mask *= 2)
        {
            sum += from_other_lane(sum, mask);
            squares += from_other_lane(squares, mask);
            inner_squares += from_other_lane(inner_squares, mask);
        }
        // Not by a division, which is a call, and none may be made while a warpgroup multiplies.
        float shift = sum * reciprocal((float)count), variance = (inner_squares + (float)length * (squares - sum * shift)) * reciprocal((float)p.inner);
        f32x2 statistic = {origin + shift, reciprocal_root((variance > 0.0f ? variance : 0.0f) + p.epsilon)};
        u32 block_row = turn * ROWS_AT_ONCE + thread() / LANES;
        if (lane == 0 && block_row < Block::ROWS)
        {
            keep(turn, block_row, statistic);
            // For others, once.
            if (block_x() == 0 && first_row + block_row < p.rows)
                store_pair(p.statistics + (u64)(first_row + block_row) * 8, statistic);
        }
    }
}

template<typename Block>
DEVICE void make_linear(const Linear& p)
{
    // Blocks of rows that are more than a grid has along y go on along z.
    u32 first_row = (block_y() + block_z() * blocks_y()) * Block::ROWS, first_column = block_x() * Block::COLUMNS;
    if (first_row >= p.rows)
        return;
    Block block(p.weight, first_column, p.inner);
    Rows<Block> rows(p, first_row);

    // What the end wants of this thread's two columns of a tile, and of the block's rows, by a thread each or a few of its lanes; what the
    // folded norm needs stands behind the panels: sums, then biases.
    constexpr u32 TILES = Block::TILES;
    u64 tail = p.weight + (u64)p.columns * p.inner * 2;
    float norm_sums[TILES][2] = {}, bias[TILES][2] = {}, norm_weight[TILES][2] = {}, norm_bias[TILES][2] = {};
    f32x2 statistic = {}, merged[MERGE_TURNS<Block>] = {}, residual_statistic = {};
    auto last = [&]() INLINED {
        u64 row = least(first_row + thread(), p.rows - 1);
        if (p.norm_input == 2)
            statistic = load_pair(p.statistics + row * 8);
        if (p.norm_residual != 0)
            residual_statistic = load_pair(p.residual_statistics + row * 8);
#pragma unroll
        for (u32 i = 0; i < 2 * TILES; i++)
        {
            u32 tile = i / 2, column = first_column + Block::summed_column(tile) + i % 2 * 8;
            if (p.norm_input != 0)
                norm_sums[tile][i % 2] = load_float(tail + column * 4);
            if (p.norm_input != 0 || p.has_bias != 0)
                bias[tile][i % 2] = load_float((p.norm_input != 0 ? tail + p.columns * 4 : p.bias) + column * 4);
            if (p.norm_residual != 0)
            {
                norm_weight[tile][i % 2] = load_float(p.residual_norm + column * 4);
                norm_bias[tile][i % 2] = load_float(p.residual_norm + (p.columns + column) * 4);
            }
        }
        if (p.norm_input == 3)
            merge_spans<Block>(p, first_row, [&](u32 turn, u32, f32x2 both) INLINED { merged[turn] = both; });
    };
    block.multiply_slabs(p.inner / SLAB, rows, last);
    if (p.norm_input == 2 && thread() < Block::ROWS)
        block.keep_pair(0, thread(), statistic);
#pragma unroll
    for (u32 turn = 0; turn < MERGE_TURNS<Block>; turn++)
    {
        u32 row = (turn * Block::THREADS + thread()) / SPAN_LANES;
        if (p.norm_input == 3 && thread() % SPAN_LANES == 0 && row < Block::ROWS)
            block.keep_pair(0, row, merged[turn]);
    }
    if (p.norm_residual != 0 && thread() < Block::ROWS)
        block.keep_pair(1, thread(), residual_statistic);

    auto residual = [&](u32 block_row, u32& bytes) INLINED {
        u32 row = first_row + block_row;
        bytes = row < p.rows ? 16 : 0;
        return p.residual + (u64)(least(row, p.rows - 1) * p.columns + first_column + Block::stored_column()) * 2;
    };
    // Also of rows that are not there.
    auto finish = [&](u32 block_row, u32 tile, float (&v)[4], float (&r)[4]) INLINED {
        if (p.norm_input != 0)
        {
            f32x4 pairs = block.kept_pairs(0, block_row);
#pragma unroll
            for (u32 c = 0; c < 4; c++)
                v[c] = (v[c] - pairs[c % 2 * 2] * norm_sums[tile][c / 2]) * pairs[c % 2 * 2 + 1];
        }
#pragma unroll
        for (u32 c = 0; c < 4; c++)
            v[c] += bias[tile][c / 2];
        if (p.activation == 1)
        {
#pragma unroll
            for (u32 c = 0; c < 4; c++)
                v[c] = gelu(v[c]);
        }
        if (p.norm_residual != 0)
        {
            f32x4 pairs = block.kept_pairs(1, block_row);
#pragma unroll
            for (u32 c = 0; c < 4; c++)
                r[c] = (r[c] - pairs[c % 2 * 2]) * pairs[c % 2 * 2 + 1] * norm_weight[tile][c / 2] + norm_bias[tile][c / 2];
        }
#pragma unroll
        for (u32 c = 0; c < 4; c++)
            v[c] += r[c];
    };
    auto store = [&](u32 block_row, Eights (&rows)[Block::PASSES]) INLINED {
        constexpr u32 PASSES = Block::PASSES;
        bool is_there[PASSES];
#pragma unroll
        for (u32 i = 0; i < PASSES; i++)
        {
            u32 row = first_row + block_row + i * Block::PASS_ROWS, at = row * p.columns + first_column + Block::stored_column();
            is_there[i] = row < p.rows;
            if (is_there[i] && p.is_f32 != 0)
            {
                store_floats(p.y + (u64)at * 4, rows[i].v);
                store_floats(p.y + (u64)at * 4 + 16, rows[i].v + 4);
            }
            else if (is_there[i])
                store_bits(p.y + (u64)at * 2, rows[i].bits);
        }
        if (p.leaves_spans == 0)
            return;
        // Of y as it is stored.
        float means[PASSES], squares[PASSES];
#pragma unroll
        for (u32 i = 0; i < PASSES; i++)
        {
            float (&v)[8] = rows[i].v;
            if (p.is_f32 == 0)
                unpack_eight(rows[i].bits, v);
            means[i] = (v[0] + v[1] + (v[2] + v[3])) + (v[4] + v[5] + (v[6] + v[7]));
        }
        Block::sum_over_rows(means);
#pragma unroll
        for (u32 i = 0; i < PASSES; i++)
        {
            means[i] *= 1.0f / Block::COLUMNS;
            squares[i] = 0;
#pragma unroll
            for (u32 c = 0; c < 8; c++)
                squares[i] += (rows[i].v[c] - means[i]) * (rows[i].v[c] - means[i]);
        }
        Block::sum_over_rows(squares);
#pragma unroll
        for (u32 i = 0; i < PASSES; i++)
        {
            u32 row = first_row + block_row + i * Block::PASS_ROWS;
            f32x2 span = {means[i], squares[i]};
            if (is_there[i] && Block::stored_column() == 0)
                store_pair(p.output_spans + (u64)(row * blocks_x() + block_x()) * 8, span);
        }
    };
    block.template store_sums<true>(p.has_residual != 0, p.is_f32 != 0, residual, finish, store);
}
