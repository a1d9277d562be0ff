#version 460
// variants: fp32 fp16
//
// y[b, t, h] = sum over s of softmax over s of (q[b, t, h] . k[b, s, h] / sqrt(D)) * v[b, s, h]
//
// qkv ACT[B, T, 3C]: q, k, v, each [C] with channel h * D + d; y ACT[B, T, C]. A workgroup of 32 answers 32 queries of
// one head, one an invocation, with the running maximum and sum of a streamed softmax; keys and values are the same for
// all of them, a query and its sums stay in registers. fp32 throughout.
#extension GL_GOOGLE_include_directive : require
#include "../common/types.glsl"
#include "../common/extremes.glsl"

layout(local_size_x = 32) in;
layout(constant_id = 0) const uint HEAD_DIM = 64;

layout(set = 0, binding = 0) readonly buffer Qkv { ACT qkv[]; };
layout(set = 0, binding = 1) writeonly buffer Out { ACT y[]; };

layout(push_constant) uniform Push
{
    uint tokens;
    uint heads;
};

void main()
{
    uint t = gl_WorkGroupID.x * 32 + gl_LocalInvocationID.x;
    uint channels = heads * HEAD_DIM;
    uint row = 3 * channels;
    uint first = gl_WorkGroupID.z * tokens * row + gl_WorkGroupID.y * HEAD_DIM;
    if (t >= tokens)
        return;

    float scale = 1.0 / sqrt(float(HEAD_DIM));
    float q[HEAD_DIM];
    float sum_v[HEAD_DIM];
    [[unroll]] for (uint d = 0; d < HEAD_DIM; d++)
    {
        q[d] = float(qkv[first + t * row + d]) * scale;
        sum_v[d] = 0.0;
    }

    float largest = LOWEST;
    float sum = 0.0;
    for (uint s = 0; s < tokens; s++)
    {
        uint key = first + s * row + channels;
        float score = 0.0;
        [[unroll]] for (uint d = 0; d < HEAD_DIM; d++)
            score += q[d] * float(qkv[key + d]);
        float now = max(largest, score);
        float shrink = exp(largest - now);
        float weight = exp(score - now);
        sum = sum * shrink + weight;
        [[unroll]] for (uint d = 0; d < HEAD_DIM; d++)
            sum_v[d] = sum_v[d] * shrink + weight * float(qkv[key + channels + d]);
        largest = now;
    }

    uint target = (gl_WorkGroupID.z * tokens + t) * channels + gl_WorkGroupID.y * HEAD_DIM;
    [[unroll]] for (uint d = 0; d < HEAD_DIM; d++)
        y[target + d] = ACT(sum_v[d] / sum);
}
