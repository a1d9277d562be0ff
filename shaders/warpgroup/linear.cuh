// Linear layers by Hopper's warpgroup instructions: what linear_matrix is, on that generation of NVIDIA's GPUs. See products.cuh for how
// a block is multiplied.
//
// Weights fp16 in fragments; K a multiple of 32, N of a block's columns, rows any number. A kernel takes one struct: the addresses of
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
    static constexpr bool ARE_READ_AGAIN = false;

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

// Mean and 1 / deviation of the block's rows, of their spans, for keep(row, both). Four lanes have a row. All that they read at first,
// which is mostly all there is, they ask for before they wait for any.
template<typename Block, typename Keep>
DEVICE void merge_spans(const Linear& p, u32 first_row, const Keep& keep)
{
    constexpr u32 LANES = 4, ROWS_AT_ONCE = Block::THREADS / LANES, TURNS = (Block::ROWS + ROWS_AT_ONCE - 1) / ROWS_AT_ONCE, SPANS = 4;
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
        float shift = sum / (float)count, variance = (inner_squares + (float)length * (squares - sum * shift)) / (float)p.inner;
        f32x2 statistic = {origin + shift, reciprocal_root((variance > 0.0f ? variance : 0.0f) + p.epsilon)};
        u32 block_row = turn * ROWS_AT_ONCE + thread() / LANES;
        if (lane == 0 && block_row < Block::ROWS)
        {
            keep(block_row, statistic);
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
    block.multiply_slabs(p.inner / SLAB, rows);
    if (p.norm_input == 3)
    {
        // What is there is done with.
        barrier();
        merge_spans<Block>(p, first_row, [&](u32 row, f32x2 statistic) INLINED { block.keep_pair(row, statistic); });
        barrier();
    }

    // What the folded norm needs stands behind the panels: sums, then biases.
    u32 column = first_column + Block::stored_column();
    u64 tail = p.weight + (u64)p.columns * p.inner * 2;
    float norm_sums[8] = {}, bias[8] = {};
    if (p.norm_input != 0)
    {
        load_eight(tail + column * 4, norm_sums);
        load_eight(tail + (p.columns + column) * 4, bias);
    }
    else if (p.has_bias != 0)
        load_eight(p.bias + column * 4, bias);
    auto early = [&](u32 block_row) INLINED {
        u32 row = first_row + block_row;
        u32x4 nothing = {};
        return p.has_residual != 0 && row < p.rows ? load_constant(p.residual + (u64)(row * p.columns + column) * 2) : nothing;
    };
    // From sums to what is stored, of rows that are not there as well.
    auto finish = [&](u32 block_row, float (&v)[8], u32x4 residual) INLINED {
        u32 row = least(first_row + block_row, p.rows - 1);
        if (p.norm_input != 0)
        {
            f32x2 statistic = p.norm_input == 3 ? block.kept_pair(least(block_row, Block::ROWS - 1)) : load_pair(p.statistics + (u64)row * 8);
#pragma unroll
            for (u32 c = 0; c < 8; c++)
                v[c] = (v[c] - statistic.x * norm_sums[c]) * statistic.y;
        }
#pragma unroll
        for (u32 c = 0; c < 8; c++)
            v[c] += bias[c];
        if (p.activation == 1)
        {
#pragma unroll
            for (u32 c = 0; c < 8; c++)
                v[c] = gelu(v[c]);
        }
        if (p.has_residual != 0)
        {
            float r[8];
            unpack_eight(residual, r);
            if (p.norm_residual != 0)
            {
                f32x2 statistic = load_pair(p.residual_statistics + (u64)row * 8);
                float g[8];
                load_eight(p.residual_norm + column * 4, g);
#pragma unroll
                for (u32 c = 0; c < 8; c++)
                    r[c] = (r[c] - statistic.x) * statistic.y * g[c];
                add_eight(p.residual_norm + (p.columns + column) * 4, r);
            }
#pragma unroll
            for (u32 c = 0; c < 8; c++)
                v[c] += r[c];
        }
        bool is_there = block_row < Block::ROWS && first_row + block_row < p.rows;
        u32 at = row * p.columns + column;
        u32x4 bits = pack_eight(v);
        if (is_there && p.is_f32 != 0)
        {
            store_floats(p.y + (u64)at * 4, v);
            store_floats(p.y + (u64)at * 4 + 16, v + 4);
        }
        else if (is_there)
            store_bits(p.y + (u64)at * 2, bits);
        if (p.leaves_spans != 0)
        {
            // Of y as it is stored.
            if (p.is_f32 == 0)
                unpack_eight(bits, v);
            float sum = 0, squares = 0;
#pragma unroll
            for (u32 c = 0; c < 8; c++)
                sum += v[c];
            float mean = Block::sum_over_row(sum) / (float)Block::COLUMNS;
#pragma unroll
            for (u32 c = 0; c < 8; c++)
                squares += (v[c] - mean) * (v[c] - mean);
            f32x2 span = {mean, Block::sum_over_row(squares)};
            if (is_there && Block::stored_column() == 0)
                store_pair(p.output_spans + (u64)(row * blocks_x() + block_x()) * 8, span);
        }
    };
    block.store_sums(early, finish);
}
