// What happens to a row's sums of a panel before they are stored: bias, activation, residual, all by address. The includer
// declares the addresses bias, residual and y, activate(), HAS_BIAS, HAS_RESIDUAL and WHOLE_PANELS: whether the columns
// fill their panels, so that a row of a panel is loaded as a whole and stored without a bound.
#ifdef Y_FP32
#define Y_SIZE 4
#else
#define Y_SIZE ACT_SIZE
#endif
layout(buffer_reference, std430, buffer_reference_align = 4) readonly buffer Floats { float at[]; };
layout(buffer_reference, std430, buffer_reference_align = ACT_SIZE) readonly buffer Residuals { ACT at[]; };
layout(buffer_reference, std430, buffer_reference_align = Y_SIZE) writeonly buffer Outputs { Y at[]; };
layout(buffer_reference, std430, buffer_reference_align = 4) writeonly buffer OutputWords { uint at[]; };

// The lane's two of a panel's biases, for the sums to begin with. Before the loop, as panel_pair behind it would make
// variables of the loop of the lane's comparisons.
vec2 panel_bias(uint panel, uint columns)
{
    if (HAS_BIAS == 0)
        return vec2(0.0);
    uint first = panel * PANEL_WIDTH;
#if !defined(FP16) && !defined(INT8)
    if (WHOLE_PANELS != 0)
        return panel_pair(PanelRows(bias + first * 4), 0);
#endif
    // Past the last column the last one is read again, and not stored.
    return vec2(
        Floats(bias).at[min(first + panel_column(0), columns - 1)], Floats(bias).at[min(first + panel_column(1), columns - 1)]);
}

void store_pair(uint row, uint panel, uint columns, vec2 value)
{
    value = vec2(activate(value.x), activate(value.y));
    uint64_t first = uint64_t(row) * columns + panel * PANEL_WIDTH;
    if (WHOLE_PANELS != 0)
    {
        if (HAS_RESIDUAL != 0)
        {
            Residuals row_at = Residuals(residual + first * ACT_SIZE);
            value += vec2(row_at.at[panel_column(0)], row_at.at[panel_column(1)]);
        }
#if Y_SIZE == 2
        OutputWords(y + first * 2).at[lane] = packHalf2x16(value);
#else
        Outputs target = Outputs(y + first * 4);
        target.at[panel_column(0)] = value.x;
        target.at[panel_column(1)] = value.y;
#endif
        return;
    }
    [[unroll]] for (uint j = 0; j < 2; j++)
    {
        uint column = panel * PANEL_WIDTH + panel_column(j);
        uint index = row * columns + column;
        if (column < columns)
            Outputs(y).at[index] = Y(HAS_RESIDUAL != 0 ? value[j] + float(Residuals(residual).at[index]) : value[j]);
    }
}
