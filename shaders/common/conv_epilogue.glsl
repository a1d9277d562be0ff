// What happens to a sum of a convolution before it is stored: bias, residual.
void store(uint pixel, uint n, float value)
{
    uint index = pixel * out_channels + n;
    if (HAS_BIAS != 0)
        value += bias[n];
    if (HAS_RESIDUAL != 0)
        value += float(residual[index]);
    y[index] = Y(value);
}
