#version 460
// variants: none
//
// y[tail + n] = sum over k of fp16(w[n, k] * g[k]); y[tail + padded + n] = bias[n] + sum over k of w[n, k] * b[k]
//
// What a matrix kernel needs to multiply the layer norm of its input (linear_matrix): w[N, K] as it lies in a file, norm
// fp32 g[K], b[K], bias[N], y the fp32 behind the packed panels. N counts to `padded`, a multiple of 16; past N both are
// zero. The first sum is of the rounded products, as the panels hold them. One workgroup of 64 a row.
#extension GL_GOOGLE_include_directive : require
#include "../common/types.glsl"

layout(local_size_x = 64) in;

layout(set = 0, binding = 0) readonly buffer Source { uint source[]; };
layout(set = 0, binding = 1) readonly buffer Norm { float norm[]; };
layout(set = 0, binding = 2) writeonly buffer Out { float y[]; };

layout(push_constant) uniform Push
{
    uint rows;
    uint inner;
    uint padded;
    uint tail;
    uint source_offset;
    uint source_type;
    uint norm_offset;
};

#include "../common/weight_source.glsl"
#define REDUCE_SIZE 64
#include "../common/reduce.glsl"

void main()
{
    uint n = line_group();
    if (n >= padded)
        return;
    float scaled = 0.0, shifted = 0.0;
    for (uint k = gl_LocalInvocationID.x; n < rows && k < inner; k += REDUCE_SIZE)
    {
        float w = read_source(source_offset + n * inner + k);
        scaled += unpackHalf2x16(packHalf2x16(vec2(w * norm[norm_offset + k], 0.0))).x;
        shifted += w * norm[norm_offset + inner + k];
    }
    scaled = reduce_sum(scaled);
    shifted = reduce_sum(shifted);
    if (gl_LocalInvocationID.x == 0)
    {
        y[tail + n] = scaled;
        y[tail + padded + n] = n < rows ? norm[norm_offset + 2 * inner + n] + shifted : 0.0;
    }
}
