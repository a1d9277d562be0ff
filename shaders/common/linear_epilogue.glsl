// What happens to a sum of a linear layer before it is stored: scale of the weight's row, bias, activation, residual.
#include "activate.glsl"

void store(uint row, uint column, float value)
{
#ifdef INT8
    value *= weight_tail[int8_scale(inner, columns, column)];
#endif
    if (HAS_BIAS != 0)
        value += bias[column];
    value = activate(value);
    uint index = row * columns + column;
    if (HAS_RESIDUAL != 0)
        value += float(residual[index]);
    y[index] = Y(value);
}
