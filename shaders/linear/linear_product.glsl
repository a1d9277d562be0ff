// What linear_matrix and linear_fma have in common: what a product's block reads and writes. The includer says by
// MULTIPLY_ADDS which of the two tiles computes it.
//
// With NORM_INPUT the input is the layer norm of x, (x - mean) / deviation * g + b. As that is linear but for each row's
// statistics, w holds g * w, and behind its panels fp32[N] sums over k of that and fp32[N] bias + sum over k of b * w:
// y = (sum over k of x * w - mean * sums) / deviation + bias. Statistics, fp32[R, 2] (mean, 1 / deviation), are there already
// with NORM_INPUT 2. With 1 they are gathered while x is loaded, and with 3 merged from INPUT_SPANS spans of each row
// (span_statistics); both leave them for others. With NORM_RESIDUAL the residual is likewise the layer norm of what is bound, by
// the statistics that an earlier product left and the norm's weight and bias, one behind the other.
//
// With PARTS above 1, k is split among that many workgroups, of which the last one finishes (join_parts). NORM_INPUT is not 1
// then, and with LEAVES_SPANS the statistics of y are left by spans, of BLOCK_N columns or all of them.
//
// With INT8, w lies in panels of bytes and scales (int8_panels), which multiply the sums before all else; what NORM_INPUT
// needs stands behind the scales.
#include "../common/types.glsl"
#include "../common/eights.glsl"

layout(constant_id = 0) const uint ACTIVATION = 0;
layout(constant_id = 1) const uint HAS_BIAS = 0;
layout(constant_id = 2) const uint HAS_RESIDUAL = 0;
#include "../common/tile_constants.glsl"
layout(constant_id = 17) const uint NORM_INPUT = 0;
layout(constant_id = 18) const uint NORM_RESIDUAL = 0;
layout(constant_id = 19) const uint PARTS = 1;
layout(constant_id = 20) const bool WHOLE_SLABS = false;
layout(constant_id = 21) const bool WHOLE_EIGHTS = false;
layout(constant_id = 22) const uint INPUT_SPANS = 1;
layout(constant_id = 23) const uint LEAVES_SPANS = 0;

layout(set = 0, binding = 0) readonly buffer X { uvec4 x[]; };
layout(set = 0, binding = 1) readonly buffer Weight { uvec4 weight[]; };
layout(set = 0, binding = 1) readonly buffer WeightTail { vec4 weight_tail[]; };
layout(set = 0, binding = 5) buffer StatisticsOut { vec2 statistics[]; };
layout(set = 0, binding = 6) readonly buffer ResidualStatistics { vec2 residual_statistics[]; };
layout(set = 0, binding = 7) readonly buffer ResidualNorm { vec4 residual_norm[]; };
layout(set = 0, binding = 8) readonly buffer InputSpans { vec2 input_spans[]; };
layout(set = 0, binding = 9) writeonly buffer OutputSpans { vec2 output_spans[]; };

layout(push_constant) uniform Push
{
    uint rows;
    uint inner;
    uint columns;
    float epsilon;
};

#include "../common/activate.glsl"
#ifdef MULTIPLY_ADDS
#include "../common/fma_tile.glsl"
#else
#include "../common/matrix_tile.glsl"
#endif
#include "../common/tile_output.glsl"
#define PARTS_BINDING 10
#include "../common/join_parts.glsl"
#include "../common/span_statistics.glsl"

uint x_at[X_LOADS];

uvec4 load_x(uint i, uint slab)
{
    return x[x_at[i] + slab * (BLOCK_K / 8)];
}

// The norm of the input, applied to eight columns of a row of the product with the raw input.
void apply_norm(uint row, uint column, inout vec4 low, inout vec4 high)
{
    uint padded = (columns + 15) / 16 * 16, sums_at = padded * inner / (8 * WEIGHT_K) + column / 4;
#ifdef INT8
    sums_at += padded / 4; // the scales
#endif
    uint bias_at = sums_at + padded / 4;
    vec2 statistic = NORM_INPUT == 2 ? statistics[row] : row_statistics[row - block_row];
    low = (low - statistic.x * weight_tail[sums_at]) * statistic.y + weight_tail[bias_at];
    high = (high - statistic.x * weight_tail[sums_at + 1]) * statistic.y + weight_tail[bias_at + 1];
    if (NORM_INPUT != 2 && column == 0)
        statistics[row] = statistic;
}

void prepare_rows()
{
    if (NORM_INPUT == 1)
        finish_statistics(inner, epsilon);
    else if (NORM_INPUT == 3 && PARTS == 1)
        merge_spans();
}

uvec4 load_added(uint row, uint column)
{
    return HAS_RESIDUAL != 0 && row < rows && column < columns ? load_residual(row, column, columns) : uvec4(0);
}

uvec4 load_early(uint row, uint column)
{
    return PARTS == 1 ? load_added(row, column) : uvec4(0);
}

void add_residual(uint row, uint column, uvec4 added, inout vec4 low, inout vec4 high)
{
    vec4 a, b;
    unpack_eight(added, a, b);
    if (NORM_RESIDUAL != 0)
    {
        vec2 statistic = residual_statistics[row];
        a = (a - statistic.x) * statistic.y;
        b = (b - statistic.x) * statistic.y;
        // The statistics are from a layer with this norm as its input, and tiles take inputs of whole eights alone.
        uint at = column / 4, bias_at = columns / 4 + at;
        a = a * residual_norm[at] + residual_norm[bias_at];
        b = b * residual_norm[at + 1] + residual_norm[bias_at + 1];
    }
    low += a;
    high += b;
}

// From the sums to what is stored.
void finish_eight(uint row, uint column, inout vec4 low, inout vec4 high, uvec4 added)
{
    if (row < rows && column < columns)
    {
#ifdef INT8
        uint scales = int8_scale(inner, columns, column) / 4;
        low *= weight_tail[scales];
        high *= weight_tail[scales + 1];
#endif
        if (NORM_INPUT != 0)
            apply_norm(row, column, low, high);
        else if (HAS_BIAS != 0)
            add_bias(column, columns, low, high);
        low = activate(low);
        high = activate(high);
        if (HAS_RESIDUAL != 0)
            add_residual(row, column, added, low, high);
        store_output(row, column, columns, low, high);
    }
}

void store_eight(uint row, uint column, vec4 low, vec4 high, uvec4 early)
{
    if (PARTS == 1)
        finish_eight(row, column, low, high, early);
    else
        leave_part(row, column, low, high);
}

void finish_joined(uint row, uint column, vec4 low, vec4 high, uvec4 added)
{
    finish_eight(row, column, low, high, added);
    if (LEAVES_SPANS != 0)
    {
#ifndef Y_FP32
        unpack_eight(pack_eight(low, high), low, high);
#endif
        leave_span(row, column, low, high);
    }
}

void main()
{
    // Parts of k stand along z, where rows are too few to be folded over it.
    uint part = PARTS > 1 ? gl_WorkGroupID.z : 0;
    block_row = (gl_WorkGroupID.y + (PARTS > 1 ? 0 : gl_WorkGroupID.z * gl_NumWorkGroups.y)) * BLOCK_M;
    block_column = gl_WorkGroupID.x * BLOCK_N;
    // Rows past the last one are it once more.
    [[unroll]] for (uint i = 0; i < X_LOADS; i++)
        x_at[i] = min(block_row + loaded_row(i), rows - 1) * (inner / 8) + loaded_piece();
    uint slabs_in_all = (inner + BLOCK_K - 1) / BLOCK_K, part_slabs = (slabs_in_all + PARTS - 1) / PARTS;
    multiply_block(block_row, block_column, 0, inner, columns, part * part_slabs, min((part + 1) * part_slabs, slabs_in_all));
    if (PARTS > 1 && is_last_part())
    {
        if (NORM_INPUT == 3)
            merge_spans();
        join_parts();
    }
}
