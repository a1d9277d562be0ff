// A row that a workgroup keeps in registers, four channels at a time, and its mean and variance. The includer declares
// INVOCATIONS and QUADS, and includes reduce with as many invocations.
const uint LANE_QUADS = (QUADS + INVOCATIONS - 1) / INVOCATIONS;

// Which four channels of the row are this invocation's i-th.
uint lane_quad(uint i)
{
    return i * INVOCATIONS + gl_LocalInvocationID.x;
}

// Whether the row is that long; where it is not, the values are zeros.
bool has_quad(uint i)
{
    return QUADS % INVOCATIONS == 0 || lane_quad(i) < QUADS;
}

// (mean, 1 / sqrt(variance + epsilon)); the variance is that of the centred values.
vec2 statistics_of(vec4 values[LANE_QUADS], float epsilon)
{
    vec4 sum = vec4(0.0), squares = vec4(0.0);
    [[unroll]] for (uint i = 0; i < LANE_QUADS; i++)
        sum += values[i];
    float mean = reduce_sum(sum.x + sum.y + sum.z + sum.w) / float(4 * QUADS);
    [[unroll]] for (uint i = 0; i < LANE_QUADS; i++)
    {
        if (has_quad(i))
            squares += (values[i] - mean) * (values[i] - mean);
    }
    float variance = reduce_sum(squares.x + squares.y + squares.z + squares.w) / float(4 * QUADS);
    return vec2(mean, 1.0 / sqrt(variance + epsilon));
}
