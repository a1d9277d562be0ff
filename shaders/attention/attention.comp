#version 460
// variants: fp32 fp16
//
// y[b, t, h] = sum over s of softmax over s of (q[b, t, h] . k[b, s, h] / sqrt(D)) * v[b, s, h]
//
// qkv ACT[B, T, 3C]: q, k, v, each [C] with channel h * D + d; y ACT[B, T, C]. A workgroup of 32 answers 32 queries of
// one head, one an invocation, with the running maximum and sum of a streamed softmax, two keys at a time; keys and
// values are the same for all of them, a query and its sums stay in registers. fp32 throughout.
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

// So many channels are unrolled in SPIR-V. A driver that keeps in memory what a counter indexes loops over the rest.
const uint RUN = 4;

bool has_channel(uint d)
{
    return HEAD_DIM % RUN == 0 || d < HEAD_DIM;
}

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
    for (uint first_key = 0; first_key < tokens; first_key += 2)
    {
        // Past the last key it is taken again, without weight.
        uvec2 key = first + min(uvec2(first_key, first_key + 1), tokens - 1) * row + channels;
        vec2 score = vec2(0.0);
        [[unroll]] for (uint begin = 0; begin < HEAD_DIM; begin += RUN)
        {
            [[unroll]] for (uint i = 0; i < RUN; i++)
            {
                uint d = begin + i;
                if (has_channel(d))
                    score += q[d] * vec2(qkv[key.x + d], qkv[key.y + d]);
            }
        }

        score.y = first_key + 1 < tokens ? score.y : LOWEST;
        float now = max(largest, max(score.x, score.y));
        float shrink = exp(largest - now);
        vec2 weight = exp(score - now);
        sum = sum * shrink + weight.x + weight.y;
        [[unroll]] for (uint begin = 0; begin < HEAD_DIM; begin += RUN)
        {
            [[unroll]] for (uint i = 0; i < RUN; i++)
            {
                uint d = begin + i;
                if (has_channel(d))
                {
                    vec2 values = vec2(qkv[key.x + channels + d], qkv[key.y + channels + d]);
                    sum_v[d] = sum_v[d] * shrink + weight.x * values.x + weight.y * values.y;
                }
            }
        }
        largest = now;
    }

    uint target = (gl_WorkGroupID.z * tokens + t) * channels + gl_WorkGroupID.y * HEAD_DIM;
    [[unroll]] for (uint d = 0; d < HEAD_DIM; d++)
        y[target + d] = ACT(sum_v[d] / sum);
}
