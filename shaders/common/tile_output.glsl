// What the kernels that multiply in blocks add and write, bindings 2 to 4: eight columns at a time where rows come in eights
// (WHOLE_EIGHTS, declared by the includer), one by one where they do not.
layout(set = 0, binding = 2) readonly buffer Bias { float bias[]; };
layout(set = 0, binding = 2) readonly buffer BiasFours { vec4 bias_fours[]; };
layout(set = 0, binding = 3) readonly buffer Residual { uvec4 residual[]; };
layout(set = 0, binding = 3) readonly buffer ResidualScalar { ACT residual_scalar[]; };
#ifdef Y_FP32
layout(set = 0, binding = 4) writeonly buffer Out { vec4 y[]; };
#else
layout(set = 0, binding = 4) writeonly buffer Out { uvec4 y[]; };
#endif
layout(set = 0, binding = 4) writeonly buffer OutScalar { Y y_scalar[]; };

void add_bias(uint column, uint column_count, inout vec4 low, inout vec4 high)
{
    if (WHOLE_EIGHTS)
    {
        low += bias_fours[column / 4];
        high += bias_fours[column / 4 + 1];
    }
    else
    {
        // Columns past the last one read its bias again; they are not stored.
        [[unroll]] for (uint c = 0; c < 4; c++)
        {
            low[c] += bias[min(column + c, column_count - 1)];
            high[c] += bias[min(column + 4 + c, column_count - 1)];
        }
    }
}

// Eight of the residual, as they lie in memory.
uvec4 load_residual(uint row, uint column, uint column_count)
{
    uint at = row * column_count + column;
    uvec4 eight;
    if (WHOLE_EIGHTS)
        eight = residual[at / 8];
    else
    {
        vec4 low = vec4(0.0), high = vec4(0.0);
        for (uint c = 0; c < min(8, column_count - column); c++)
        {
            if (c < 4)
                low[c] = float(residual_scalar[at + c]);
            else
                high[c - 4] = float(residual_scalar[at + c]);
        }
        eight = pack_eight(low, high);
    }
    return eight;
}

void store_output(uint row, uint column, uint column_count, vec4 low, vec4 high)
{
    uint at = row * column_count + column;
    if (WHOLE_EIGHTS)
    {
#ifdef Y_FP32
        y[at / 4] = low;
        y[at / 4 + 1] = high;
#else
        y[at / 8] = pack_eight(low, high);
#endif
    }
    else
    {
        for (uint c = 0; c < min(8, column_count - column); c++)
            y_scalar[at + c] = Y(c < 4 ? low[c] : high[c - 4]);
    }
}
