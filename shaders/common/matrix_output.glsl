// Where the matrix kernels write: eight columns at a time where the row's length allows, one by one where it does not.
// The includer declares residual (uvec4), y16 or y32 and the scalar views of both.
void store_output(uint row, uint column, uint column_count, vec4 low, vec4 high)
{
    if (column_count % 8 == 0)
    {
        uint eight = (row * column_count + column) / 8;
        if (HAS_RESIDUAL != 0)
        {
            vec4 a, b;
            unpack_eight(residual[eight], a, b);
            low += a;
            high += b;
        }
#ifdef Y_FP32
        y[eight * 2] = low;
        y[eight * 2 + 1] = high;
#else
        y[eight] = pack_eight(low, high);
#endif
        return;
    }
    for (uint c = 0; c < min(8, column_count - column); c++)
    {
        uint at = row * column_count + column + c;
        float value = c < 4 ? low[c] : high[c - 4];
        if (HAS_RESIDUAL != 0)
            value += float(residual_scalar[at]);
        y_scalar[at] = Y(value);
    }
}
