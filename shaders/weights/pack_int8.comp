#version 460
// variants: none
//
// scale[n] = max over k of |v[n, k]| / 127, q[n, k] = round(v[n, k] / scale[n]), v[n, k] = w[n, k] * g[k]
//
// A matrix as whole numbers in -127..127 with a scale for each output feature, laid out as int8_panels tells. w[N, K] as it
// lies in a file, K even; g fp32[K] the weight of a layer norm that is folded in, 1 where there is none. N counts to `padded`,
// a multiple of 16; past N all is zero. Rows of nothing above 1e-30 become zeros, as their scale could not be divided by.
// With a norm, behind the scales stand what a matrix kernel needs of it (linear_matrix), bias[n] + sum over k of w[n, k] * b[k]
// behind the sums over k of q[n, k] * scale[n]: of what the panels hold, so that a mean comes off as it went in.
//
// A workgroup of 64 makes two rows, the columns of a word; an invocation every 64th pair of k. fp32.
#extension GL_GOOGLE_include_directive : require
#include "../common/types.glsl"

layout(local_size_x = 64) in;

layout(set = 0, binding = 0) readonly buffer Source { uint source[]; };
layout(set = 0, binding = 1) readonly buffer Norm { float norm[]; };
layout(set = 0, binding = 2) writeonly buffer Out { uint panels[]; };
layout(set = 0, binding = 2) writeonly buffer OutTail { float tail[]; };

layout(push_constant) uniform Push
{
    uint rows;
    uint inner;
    uint padded;
    uint row_stride;
    uint source_offset;
    uint source_type;
    uint has_norm;
    uint norm_offset;
};

#include "../common/weight_source.glsl"
#define REDUCE_SIZE 64
#include "../common/reduce.glsl"

const float LARGEST = 127.0;
const float LEAST_SCALED = 1e-30;

float stored(uint n, uint k)
{
    return n < rows ? read_source(source_offset + n * row_stride + k) : 0.0;
}

float folded(uint n, uint k)
{
    return stored(n, k) * (has_norm != 0 ? norm[norm_offset + k] : 1.0);
}

// What stands behind the panels for two rows.
void write_tail(uint n, vec2 scale, vec2 scaled, vec2 shifted)
{
    uint at = padded * inner / 4 + n;
    for (uint i = 0; i < 2; i++)
    {
        tail[at + i] = scale[i];
        if (has_norm == 0)
            continue;
        tail[at + padded + i] = scale[i] * scaled[i];
        tail[at + 2 * padded + i] = n + i < rows ? norm[norm_offset + 2 * inner + n + i] + shifted[i] : 0.0;
    }
}

void main()
{
    uint n = line_group() * 2;
    if (n >= padded)
        return;
    vec2 most = vec2(0.0);
    for (uint k = gl_LocalInvocationID.x; k < inner; k += REDUCE_SIZE)
        most = max(most, abs(vec2(folded(n, k), folded(n + 1, k))));
    most = vec2(reduce_max(most.x), reduce_max(most.y));
    most = mix(most, vec2(0.0), lessThan(most, vec2(LEAST_SCALED)));
    vec2 factor = mix(LARGEST / most, vec2(0.0), equal(most, vec2(0.0)));

    vec2 scaled = vec2(0.0), shifted = vec2(0.0);
    for (uint k = 2 * gl_LocalInvocationID.x; k < inner; k += 2 * REDUCE_SIZE)
    {
        uint word = 0;
        for (uint i = 0; i < 2; i++)
        {
            vec2 q = clamp(roundEven(vec2(folded(n, k + i), folded(n + 1, k + i)) * factor), -LARGEST, LARGEST);
            scaled += q;
            word |= ((uint(int(q.x)) & 0xFFu) | (uint(int(q.y)) & 0xFFu) << 8) << 16 * i;
            if (has_norm != 0)
                shifted += vec2(stored(n, k + i), stored(n + 1, k + i)) * norm[norm_offset + inner + k + i];
        }
        panels[(n / 16 * inner + k) / 2 * 8 + n % 16 / 2] = word;
    }
    scaled = vec2(reduce_sum(scaled.x), reduce_sum(scaled.y));
    shifted = vec2(reduce_sum(shifted.x), reduce_sum(shifted.y));
    if (gl_LocalInvocationID.x == 0)
        write_tail(n, most / LARGEST, scaled, shifted);
}
