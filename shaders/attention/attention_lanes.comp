#version 460
// variants: fp32 fp16
//
// y[b, t, h] = sum over s of softmax over s of (q[b, t, h] . k[b, s, h] / sqrt(D)) * v[b, s, h]
//
// As attention, for CPU drivers. qkv ACT[B, T, 3C], y ACT[B, T, C]. A workgroup of one subgroup of 8 answers 8 queries
// of one head against 8 keys at a time: lane i loads query i and key i, and holds the scores of all queries with key i;
// of the answers it owns every eighth quad of channels. Streamed softmax, fp32 throughout. D is a multiple of 4, at
// most 128.
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_ballot : require
#extension GL_KHR_shader_subgroup_arithmetic : require
#include "../common/types.glsl"
#include "../common/quads.glsl"
#include "../common/extremes.glsl"

layout(local_size_x = 8) in;
layout(constant_id = 0) const uint HEAD_DIM = 64;

layout(set = 0, binding = 0) readonly buffer Qkv { QUAD qkv[]; };
layout(set = 0, binding = 1) writeonly buffer Out { ACT y[]; };

layout(push_constant) uniform Push
{
    uint tokens;
    uint heads;
};

const uint TILE = 8;
const uint HEAD_QUADS = HEAD_DIM / 4;
const uint LANE_QUADS = (HEAD_QUADS + 7) / 8;

void main()
{
    uint lane = gl_SubgroupInvocationID;
    uint channels = heads * HEAD_DIM;
    uint row_quads = 3 * channels / 4;
    uint first_query = gl_WorkGroupID.x * TILE;
    uint head_quad = gl_WorkGroupID.z * tokens * row_quads + gl_WorkGroupID.y * HEAD_QUADS;
    uint query_quad = head_quad + min(first_query + lane, tokens - 1) * row_quads;
    float scale = 1.0 / sqrt(float(HEAD_DIM));

    // The lane of a query keeps its running maximum and sum.
    float largest[TILE], sum[TILE];
    vec4 answer[TILE][LANE_QUADS];
    [[unroll]] for (uint i = 0; i < TILE; i++)
    {
        largest[i] = LOWEST;
        sum[i] = 0.0;
        [[unroll]] for (uint q = 0; q < LANE_QUADS; q++)
            answer[i][q] = vec4(0.0);
    }

    // Tested at its end: such a driver runs on to the end of a loop that it leaves in its middle.
    uint first_key = 0;
    do
    {
        uint key_quad = head_quad + channels / 4 + min(first_key + lane, tokens - 1) * row_quads;
        float score[TILE];
        [[unroll]] for (uint i = 0; i < TILE; i++)
            score[i] = 0.0;
        for (uint quad = 0; quad < HEAD_QUADS; quad++)
        {
            vec4 query = unpack_quad(qkv[query_quad + quad]);
            vec4 key = unpack_quad(qkv[key_quad + quad]);
            [[unroll]] for (uint i = 0; i < TILE; i++)
                [[unroll]] for (uint e = 0; e < 4; e++)
                    score[i] = fma(subgroupBroadcast(query[e], i), key[e], score[i]);
        }
        [[unroll]] for (uint i = 0; i < TILE; i++)
        {
            float value = mix(LOWEST, score[i] * scale, first_key + lane < tokens);
            float now = max(largest[i], subgroupMax(value));
            float shrink = exp(largest[i] - now);
            float weight = mix(0.0, exp(value - now), first_key + lane < tokens);
            largest[i] = now;
            sum[i] = sum[i] * shrink + subgroupAdd(weight);
            score[i] = weight;
            [[unroll]] for (uint q = 0; q < LANE_QUADS; q++)
                answer[i][q] *= shrink;
        }
        [[unroll]] for (uint key = 0; key < TILE; key++)
        {
            uint value_quad = head_quad + channels / 2 + min(first_key + key, tokens - 1) * row_quads;
            [[unroll]] for (uint q = 0; q < LANE_QUADS; q++)
            {
                vec4 value = unpack_quad(qkv[value_quad + min(q * 8 + lane, HEAD_QUADS - 1)]);
                [[unroll]] for (uint i = 0; i < TILE; i++)
                    answer[i][q] = fma(vec4(subgroupBroadcast(score[i], key)), value, answer[i][q]);
            }
        }
        first_key += TILE;
    } while (first_key < tokens);

    [[unroll]] for (uint i = 0; i < TILE; i++)
    {
        if (first_query + i >= tokens)
            continue;
        uint target = (gl_WorkGroupID.z * tokens + first_query + i) * channels + gl_WorkGroupID.y * HEAD_DIM;
        [[unroll]] for (uint q = 0; q < LANE_QUADS; q++)
        {
            if (q * 8 + lane < HEAD_QUADS)
            {
                [[unroll]] for (uint e = 0; e < 4; e++)
                    y[target + (q * 8 + lane) * 4 + e] = ACT(answer[i][q][e] / sum[i]);
            }
        }
    }
}
