#version 460
// variants: fp32 fp16
//
// y[b, t, h] = sum over s of softmax over s of (q[b, t, h] . k[b, s, h] / sqrt(D)) * v[b, s, h]
//
// As attention, for CPU drivers that load uniform addresses as scalars. qkv ACT[B, T, 3C], read by address, y ACT[B, T, C].
// A workgroup of one subgroup of 8 answers 8 queries of one head, a lane one of them; keys and values are the same for
// all lanes, so that each of their numbers is one scalar load for eight products. Four keys at a time, streamed softmax,
// fp32 throughout. D is a multiple of 4, at most 128.
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_buffer_reference : require
#extension GL_EXT_shader_explicit_arithmetic_types_int64 : require
#extension GL_KHR_shader_subgroup_basic : require
#include "../common/types.glsl"
#include "../common/row_quads.glsl"
#include "../common/extremes.glsl"

layout(local_size_x = 8) in;
layout(constant_id = 0) const uint HEAD_DIM = 64;

layout(buffer_reference, std430, buffer_reference_align = 8) readonly buffer Quads { ROW_QUAD at[]; };

layout(set = 0, binding = 0) readonly buffer Qkv { ROW_QUAD qkv_quads[]; };
layout(set = 0, binding = 1) writeonly buffer Out { ROW_QUAD y[]; };

layout(push_constant) uniform Push
{
    uint64_t qkv;
    uint tokens;
    uint heads;
};

const uint KEYS = 4;
const uint HEAD_QUADS = HEAD_DIM / 4;

void main()
{
    uint channels = heads * HEAD_DIM;
    uint row_quads = 3 * channels / 4;
    uint query = gl_WorkGroupID.x * 8 + gl_SubgroupInvocationID;
    uint head_quad = gl_WorkGroupID.z * tokens * row_quads + gl_WorkGroupID.y * HEAD_QUADS;
    uint query_quad = head_quad + min(query, tokens - 1) * row_quads;
    float scale = 1.0 / sqrt(float(HEAD_DIM));

    vec4 q[HEAD_QUADS], answer[HEAD_QUADS];
    [[unroll]] for (uint d = 0; d < HEAD_QUADS; d++)
    {
        q[d] = unpack_row_quad(qkv_quads[query_quad + d]) * scale;
        answer[d] = vec4(0.0);
    }

    float largest = LOWEST, sum = 0.0;
    uint64_t key_at = qkv + (uint64_t(head_quad) * 4 + channels) * ACT_SIZE;
    uint row_size = 3 * channels * ACT_SIZE;
    // Tested at its end: such a driver runs on to the end of a loop that it leaves in its middle.
    uint first_key = 0;
    do
    {
        // Keys past the end repeat the last one and weigh nothing.
        uint64_t keys_at[KEYS];
        float score[KEYS];
        [[unroll]] for (uint k = 0; k < KEYS; k++)
        {
            keys_at[k] = key_at + uint64_t(min(first_key + k, tokens - 1)) * row_size;
            score[k] = 0.0;
        }
        [[unroll]] for (uint d = 0; d < HEAD_QUADS; d++)
        {
            [[unroll]] for (uint k = 0; k < KEYS; k++)
            {
                vec4 key = unpack_row_quad(Quads(keys_at[k]).at[d]);
                [[unroll]] for (uint e = 0; e < 4; e++)
                    score[k] = fma(q[d][e], key[e], score[k]);
            }
        }
        float now = largest;
        [[unroll]] for (uint k = 0; k < KEYS; k++)
        {
            score[k] = mix(LOWEST, score[k], first_key + k < tokens);
            now = max(now, score[k]);
        }
        float shrink = exp(largest - now);
        largest = now;
        sum *= shrink;
        [[unroll]] for (uint k = 0; k < KEYS; k++)
        {
            score[k] = mix(0.0, exp(score[k] - now), first_key + k < tokens);
            sum += score[k];
        }
        [[unroll]] for (uint d = 0; d < HEAD_QUADS; d++)
        {
            vec4 total = answer[d] * shrink;
            [[unroll]] for (uint k = 0; k < KEYS; k++)
            {
                vec4 value = unpack_row_quad(Quads(keys_at[k] + channels * ACT_SIZE).at[d]);
                total = fma(vec4(score[k]), value, total);
            }
            answer[d] = total;
        }
        first_key += KEYS;
    } while (first_key < tokens);

    if (query < tokens)
    {
        uint target = ((gl_WorkGroupID.z * tokens + query) * channels) / 4 + gl_WorkGroupID.y * HEAD_QUADS;
        [[unroll]] for (uint d = 0; d < HEAD_QUADS; d++)
            y[target + d] = pack_row_quad(answer[d] / sum);
    }
}
