// What happens to a sum of a linear layer before it is stored: bias, activation, residual.
void store(uint row, uint column, float value)
{
    if (HAS_BIAS != 0)
        value += bias[column];
    if (ACTIVATION == 1)
        value = gelu(value);
    else if (ACTIVATION == 2)
        value = tanh_accurate(value);
    uint index = row * columns + column;
    if (HAS_RESIDUAL != 0)
        value += float(residual[index]);
    y[index] = Y(value);
}
