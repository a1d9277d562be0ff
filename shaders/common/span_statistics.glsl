// Statistics of rows by spans of their columns, for layer norms: mean and sum of squared deviations from it of each of S spans of
// equal length, fp32[R, S, 2]. Whoever finishes a block of a product leaves those of its columns, and whoever norms the rows merges
// them. The includer declares INPUT_SPANS, the buffers and `rows`, `inner`, `columns` and `epsilon`.

// Merges what is known of the block's rows into row_statistics.
void merge_spans()
{
    for (uint block_at = gl_LocalInvocationID.x; block_at < BLOCK_M; block_at += INVOCATIONS)
    {
        uint row = min(block_row + block_at, rows - 1);
        vec2 spans[INPUT_SPANS];
        float mean = 0.0, squares = 0.0, span_columns = float(inner / INPUT_SPANS);
        [[unroll]] for (uint span = 0; span < INPUT_SPANS; span++)
        {
            spans[span] = input_spans[row * INPUT_SPANS + span];
            mean += spans[span].x;
        }
        mean /= float(INPUT_SPANS);
        [[unroll]] for (uint span = 0; span < INPUT_SPANS; span++)
            squares += spans[span].y + span_columns * (spans[span].x - mean) * (spans[span].x - mean);
        row_statistics[block_at] = vec2(mean, 1.0 / sqrt(squares / float(inner) + epsilon));
    }
    barrier();
}

// Leaves those of the block's columns of a row as it is stored. All invocations call it together, each with eight columns, those
// of a row side by side; the column is NO_COLUMN where there are none. The slabs are done with.
void leave_span(uint row, uint column, vec4 low, vec4 high)
{
    uint lane = gl_LocalInvocationID.x, first = lane / BLOCK_EIGHTS * BLOCK_EIGHTS;
    bool is_in = column < columns;
    barrier();
    slabs[lane].x = floatBitsToUint(is_in ? dot(low, vec4(1.0)) + dot(high, vec4(1.0)) : 0.0);
    barrier();
    float mean = 0.0, squares = 0.0;
    [[unroll]] for (uint i = 0; i < BLOCK_EIGHTS; i++)
        mean += uintBitsToFloat(slabs[first + i].x);
    mean /= float(min(BLOCK_N, columns));
    slabs[lane].y = floatBitsToUint(is_in ? dot(low - mean, low - mean) + dot(high - mean, high - mean) : 0.0);
    barrier();
    if (lane != first || !is_in || row >= rows)
        return;
    [[unroll]] for (uint i = 0; i < BLOCK_EIGHTS; i++)
        squares += uintBitsToFloat(slabs[first + i].y);
    output_spans[row * gl_NumWorkGroups.x + gl_WorkGroupID.x] = vec2(mean, squares);
}
