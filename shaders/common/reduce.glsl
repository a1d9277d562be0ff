// Sums and maxima over a workgroup of REDUCE_SIZE invocations (a power of two), in an order that never changes.
shared float reduce_values[REDUCE_SIZE];

float reduce_sum(float value)
{
    uint lane = gl_LocalInvocationID.x;
    barrier();
    reduce_values[lane] = value;
    barrier();
    for (uint half_size = REDUCE_SIZE / 2; half_size > 0; half_size /= 2)
    {
        if (lane < half_size)
            reduce_values[lane] += reduce_values[lane + half_size];
        barrier();
    }
    return reduce_values[0];
}

float reduce_max(float value)
{
    uint lane = gl_LocalInvocationID.x;
    barrier();
    reduce_values[lane] = value;
    barrier();
    for (uint half_size = REDUCE_SIZE / 2; half_size > 0; half_size /= 2)
    {
        if (lane < half_size)
            reduce_values[lane] = max(reduce_values[lane], reduce_values[lane + half_size]);
        barrier();
    }
    return reduce_values[0];
}
