#version 460
// variants: fp32 fp16
//
// y[b, t, h] = sum over s of softmax over s of (q[b, t, h] . k[b, s, h] / sqrt(D)) * v[b, s, h]
//
// qkv ACT[B, T, 3C]: q, k, v, each [C] with channel h * D + d; y ACT[B, T, C]. A workgroup of 32 answers 32 queries of
// one head, one an invocation, with the running maximum and sum of a streamed softmax; keys and values are the same for
// all of them. fp32 throughout. D <= 128.
#extension GL_GOOGLE_include_directive : require
#include "../common/types.glsl"

layout(local_size_x = 32) in;

layout(set = 0, binding = 0) readonly buffer Qkv { ACT qkv[]; };
layout(set = 0, binding = 1) writeonly buffer Out { ACT y[]; };

layout(push_constant) uniform Push
{
    uint batch;
    uint tokens;
    uint heads;
    uint head_dim;
};

const uint MAX_HEAD_DIM = 128;

void main()
{
    uint t = gl_WorkGroupID.x * 32 + gl_LocalInvocationID.x;
    uint channels = heads * head_dim;
    uint row = 3 * channels;
    uint first = gl_WorkGroupID.z * tokens * row + gl_WorkGroupID.y * head_dim;
    if (t >= tokens)
        return;

    float scale = 1.0 / sqrt(float(head_dim));
    float q[MAX_HEAD_DIM];
    float sum_v[MAX_HEAD_DIM];
    for (uint d = 0; d < head_dim; d++)
    {
        q[d] = float(qkv[first + t * row + d]) * scale;
        sum_v[d] = 0.0;
    }

    float largest = uintBitsToFloat(0xFF800000u);
    float sum = 0.0;
    for (uint s = 0; s < tokens; s++)
    {
        uint key = first + s * row + channels;
        float score = 0.0;
        for (uint d = 0; d < head_dim; d++)
            score += q[d] * float(qkv[key + d]);
        float now = max(largest, score);
        float shrink = exp(largest - now);
        float weight = exp(score - now);
        sum = sum * shrink + weight;
        for (uint d = 0; d < head_dim; d++)
            sum_v[d] = sum_v[d] * shrink + weight * float(qkv[key + channels + d]);
        largest = now;
    }

    uint target = (gl_WorkGroupID.z * tokens + t) * channels + gl_WorkGroupID.y * head_dim;
    for (uint d = 0; d < head_dim; d++)
        y[target + d] = ACT(sum_v[d] / sum);
}
