#version 460
// variants: fp16
//
// y[b, t, h] = sum over s of softmax over s of (q[b, t, h] . k[b, s, h] / sqrt(D)) * v[b, s, h]
//
// As attention, by multiply-adds from shared memory, in which queries, keys and values stay fp16. qkv fp16[B, T, 3C], y fp16[B, T, C]. D
// is a multiple of 8. A workgroup answers 8 * OWN_QUERIES queries of one head, with 8 * OWN_KEYS keys at a time, in one pass with
// the running maximum and sum of a streamed softmax. Its 64 invocations are eight by eight: an invocation's queries are every eighth;
// of their scores it makes every eighth, of their answers every eighth run of eight channels. So what scales an answer down is
// where the answer is, and the sums of weights are only put together at the end. Scores, softmax and sums in fp32.
#extension GL_GOOGLE_include_directive : require
#include "../common/types.glsl"
#include "../common/eights.glsl"
#include "../common/extremes.glsl"

layout(local_size_x = 64) in;
layout(constant_id = 0) const uint HEAD_DIM = 64;
layout(constant_id = 1) const uint OWN_QUERIES = 4;
layout(constant_id = 2) const uint OWN_KEYS = 4;

layout(set = 0, binding = 0) readonly buffer Qkv { uvec4 qkv[]; };
layout(set = 0, binding = 1) writeonly buffer Out { uvec4 y[]; };

layout(push_constant) uniform Push
{
    uint tokens;
    uint heads;
};

const uint SIDE = 8;
const uint QUERIES = SIDE * OWN_QUERIES;
const uint KEYS = SIDE * OWN_KEYS;
const uint EIGHTS = HEAD_DIM / 8;
const uint OWN_EIGHTS = (EIGHTS + SIDE - 1) / SIDE;
// An odd number of pieces, so that eight rows lie in different banks.
const uint HEAD_STRIDE = EIGHTS | 1;
const uint WEIGHT_STRIDE = KEYS + 4;

shared uvec4 queries[QUERIES * HEAD_STRIDE];
shared uvec4 keys[KEYS * HEAD_STRIDE];
shared uvec4 values[KEYS * HEAD_STRIDE];
// Single numbers, as several invocations write those of one vector, whose other components a driver might write along.
shared float weights[QUERIES * WEIGHT_STRIDE];
// Of each query, what the eight invocations that share it have: largest scores, in the end sums.
shared float partial[QUERIES * SIDE];

#include "../common/head_eights.glsl"

// Which of the eight that share queries the invocation is, and which queries they are.
uint lane, first_own;

uint own_query(uint i)
{
    return first_own + i * SIDE;
}

void load_keys(uint first_key)
{
    for (uint e = gl_LocalInvocationID.x; e < KEYS * EIGHTS; e += SIDE * SIDE)
    {
        uint at = e / EIGHTS * HEAD_STRIDE + e % EIGHTS;
        keys[at] = load(first_key + e / EIGHTS, 1, e % EIGHTS);
        values[at] = load(first_key + e / EIGHTS, 2, e % EIGHTS);
    }
}

void main()
{
    choose_head();
    lane = gl_LocalInvocationID.x % SIDE;
    first_own = gl_LocalInvocationID.x / SIDE;
    uint first_query = gl_WorkGroupID.x * QUERIES;
    float scale = 1.0 / sqrt(float(HEAD_DIM));

    for (uint e = gl_LocalInvocationID.x; e < QUERIES * EIGHTS; e += SIDE * SIDE)
        queries[e / EIGHTS * HEAD_STRIDE + e % EIGHTS] = load(first_query + e / EIGHTS, 0, e % EIGHTS);

    float largest[OWN_QUERIES], sum[OWN_QUERIES];
    vec4 low[OWN_QUERIES * OWN_EIGHTS], high[OWN_QUERIES * OWN_EIGHTS];
    [[unroll]] for (uint i = 0; i < OWN_QUERIES; i++)
    {
        largest[i] = LOWEST;
        sum[i] = 0.0;
    }
    [[unroll]] for (uint i = 0; i < OWN_QUERIES * OWN_EIGHTS; i++)
        low[i] = high[i] = vec4(0.0);

    for (uint first_key = 0; first_key < tokens; first_key += KEYS)
    {
        load_keys(first_key);
        barrier();

        float score[OWN_QUERIES * OWN_KEYS];
        [[unroll]] for (uint i = 0; i < OWN_QUERIES * OWN_KEYS; i++)
            score[i] = 0.0;
        for (uint eight = 0; eight < EIGHTS; eight++)
        {
            vec4 query_low[OWN_QUERIES], query_high[OWN_QUERIES];
            [[unroll]] for (uint i = 0; i < OWN_QUERIES; i++)
                unpack_eight(queries[own_query(i) * HEAD_STRIDE + eight], query_low[i], query_high[i]);
            [[unroll]] for (uint j = 0; j < OWN_KEYS; j++)
            {
                vec4 key_low, key_high;
                unpack_eight(keys[(lane + j * SIDE) * HEAD_STRIDE + eight], key_low, key_high);
                [[unroll]] for (uint i = 0; i < OWN_QUERIES; i++)
                {
                    [[unroll]] for (uint c = 0; c < 4; c++)
                        score[i * OWN_KEYS + j] = fma(query_high[i][c], key_high[c], fma(query_low[i][c], key_low[c], score[i * OWN_KEYS + j]));
                }
            }
        }

        [[unroll]] for (uint i = 0; i < OWN_QUERIES; i++)
        {
            float most = LOWEST;
            [[unroll]] for (uint j = 0; j < OWN_KEYS; j++)
            {
                uint at = i * OWN_KEYS + j;
                score[at] = first_key + lane + j * SIDE < tokens ? score[at] * scale : LOWEST;
                most = max(most, score[at]);
            }
            partial[own_query(i) * SIDE + lane] = most;
        }
        barrier();
        [[unroll]] for (uint i = 0; i < OWN_QUERIES; i++)
        {
            float now = largest[i];
            [[unroll]] for (uint l = 0; l < SIDE; l++)
                now = max(now, partial[own_query(i) * SIDE + l]);
            float shrink = exp(largest[i] - now);
            largest[i] = now;
            sum[i] *= shrink;
            [[unroll]] for (uint e = 0; e < OWN_EIGHTS; e++)
            {
                low[i * OWN_EIGHTS + e] *= shrink;
                high[i * OWN_EIGHTS + e] *= shrink;
            }
            [[unroll]] for (uint j = 0; j < OWN_KEYS; j++)
            {
                float weight = exp(score[i * OWN_KEYS + j] - now);
                sum[i] += weight;
                weights[own_query(i) * WEIGHT_STRIDE + lane + j * SIDE] = weight;
            }
        }
        barrier();

        for (uint four = 0; four < KEYS / 4; four++)
        {
            vec4 own_weights[OWN_QUERIES];
            [[unroll]] for (uint i = 0; i < OWN_QUERIES; i++)
            {
                uint at = own_query(i) * WEIGHT_STRIDE + four * 4;
                own_weights[i] = vec4(weights[at], weights[at + 1], weights[at + 2], weights[at + 3]);
            }
            [[unroll]] for (uint c = 0; c < 4; c++)
            {
                [[unroll]] for (uint e = 0; e < OWN_EIGHTS; e++)
                {
                    // Past the head's end its last eight is taken again, and not stored.
                    vec4 value_low, value_high;
                    unpack_eight(values[(four * 4 + c) * HEAD_STRIDE + min(lane + e * SIDE, EIGHTS - 1)], value_low, value_high);
                    [[unroll]] for (uint i = 0; i < OWN_QUERIES; i++)
                    {
                        low[i * OWN_EIGHTS + e] = fma(vec4(own_weights[i][c]), value_low, low[i * OWN_EIGHTS + e]);
                        high[i * OWN_EIGHTS + e] = fma(vec4(own_weights[i][c]), value_high, high[i * OWN_EIGHTS + e]);
                    }
                }
            }
        }
        barrier();
    }

    [[unroll]] for (uint i = 0; i < OWN_QUERIES; i++)
        partial[own_query(i) * SIDE + lane] = sum[i];
    barrier();
    [[unroll]] for (uint i = 0; i < OWN_QUERIES; i++)
    {
        uint t = first_query + own_query(i);
        float whole = 0.0;
        [[unroll]] for (uint l = 0; l < SIDE; l++)
            whole += partial[own_query(i) * SIDE + l];
        [[unroll]] for (uint e = 0; e < OWN_EIGHTS; e++)
        {
            uint eight = lane + e * SIDE;
            if (t < tokens && eight < EIGHTS)
                y[((gl_WorkGroupID.z * tokens + t) * heads + gl_WorkGroupID.y) * EIGHTS + eight] =
                    pack_eight(low[i * OWN_EIGHTS + e] / whole, high[i * OWN_EIGHTS + e] / whole);
        }
    }
}
