// What linear layers do beside multiplying, by whatever blocks: norms and statistics of rows, and what becomes of sums.
#pragma once
#include "eights.cuh"

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
// fp32[R, S, 2] (mean, sum of squared deviations) of spans of x and y, y fp16[R, N] or fp32; parts and counters as in join_parts.glsl; awaited
// and counted: where the blocks of the launch before are counted, and this one's (chain.cuh), of layers of few rows.
// norm_input is 0, 2 or 3. Members that are not read keep the others in their places.
struct Linear
{
    u64 x, weight, bias, residual, y, statistics, residual_statistics, residual_norm, input_spans, output_spans, parts, counters, awaited, counted;
    u32 rows, inner, columns;
    float epsilon;
    u32 activation, has_bias, has_residual, norm_input, norm_residual, part_count, whole_slabs, whole_eights, input_span_count, leaves_spans, is_f32, awaited_blocks,
        is_counted;
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
            // For others. Every part of k has the same to store.
            if (block_x() == 0 && first_row + block_row < p.rows)
                store_pair(p.statistics + (u64)(first_row + block_row) * 8, statistic);
        }
    }
}

// What the end wants of a column: what the folded norm needs, which stands behind the panels (sums, then biases), or a bias; and weight and
// bias of the residual's norm. 0 where there is none.
struct ColumnNumbers
{
    float norm_sum, bias, norm_weight, norm_bias;
};

DEVICE ColumnNumbers load_column_numbers(const Linear& p, u32 column)
{
    u64 tail = p.weight + (u64)p.columns * p.inner * 2;
    ColumnNumbers numbers = {};
    if (p.norm_input != 0)
        numbers.norm_sum = load_float(tail + column * 4);
    if (p.norm_input != 0 || p.has_bias != 0)
        numbers.bias = load_float((p.norm_input != 0 ? tail + p.columns * 4 : p.bias) + column * 4);
    if (p.norm_residual != 0)
    {
        numbers.norm_weight = load_float(p.residual_norm + column * 4);
        numbers.norm_bias = load_float(p.residual_norm + (p.columns + column) * 4);
    }
    return numbers;
}

// Stores eight columns, from one on, of rows that lie Block::PASS_ROWS apart, if they are there, and leaves the statistics of the block's
// columns of them, as they are stored. All threads of a row, Block::EIGHTS side by side, do it together.
template<typename Block, u32 COUNT>
DEVICE void store_rows(const Linear& p, u32 first_row, u32 column, Eights (&rows)[COUNT], const bool (&is_there)[COUNT])
{
#pragma unroll
    for (u32 i = 0; i < COUNT; i++)
    {
        u64 at = (first_row + i * Block::PASS_ROWS) * p.columns + column;
        if (is_there[i] && p.is_f32 != 0)
        {
            store_floats(p.y + at * 4, rows[i].v);
            store_floats(p.y + at * 4 + 16, rows[i].v + 4);
        }
        else if (is_there[i])
            store_bits(p.y + at * 2, rows[i].bits);
    }
    if (p.leaves_spans == 0)
        return;
    float means[COUNT], squares[COUNT];
#pragma unroll
    for (u32 i = 0; i < COUNT; i++)
    {
        if (p.is_f32 == 0)
            unpack_eight(rows[i].bits, rows[i].v);
        means[i] = sum_of_eight(rows[i].v);
    }
    sum_over_lanes<Block::EIGHTS>(means);
#pragma unroll
    for (u32 i = 0; i < COUNT; i++)
    {
        means[i] *= 1.0f / Block::COLUMNS;
        squares[i] = 0;
#pragma unroll
        for (u32 c = 0; c < 8; c++)
            squares[i] += (rows[i].v[c] - means[i]) * (rows[i].v[c] - means[i]);
    }
    sum_over_lanes<Block::EIGHTS>(squares);
#pragma unroll
    for (u32 i = 0; i < COUNT; i++)
    {
        f32x2 span = {means[i], squares[i]};
        if (is_there[i] && Block::stored_column() == 0)
            store_pair(p.output_spans + (u64)((first_row + i * Block::PASS_ROWS) * blocks_x() + block_x()) * 8, span);
    }
}
