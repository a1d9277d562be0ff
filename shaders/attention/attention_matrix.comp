#version 460
// variants: fp16
//
// y[b, t, h] = sum over s of softmax over s of (q[b, t, h] . k[b, s, h] / sqrt(D)) * v[b, s, h]
//
// As attention, by cooperative matrices. qkv fp16[B, T, 3C], y fp16[B, T, C]. A subgroup answers MAT_M queries of one
// head; a workgroup's subgroups share blocks of 32 keys and values. Keys pass by twice: once for each query's largest
// score and sum, and once for the answer, whose fragments then never have to be scaled again (which cooperative matrices
// cannot do by row). Scores, softmax and sums in fp32; weights of the values, at most 1, in fp16. D is a multiple of
// MAT_N, MAT_K and 8.
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_cooperative_matrix : require
#extension GL_KHR_memory_scope_semantics : require
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#extension GL_KHR_shader_subgroup_basic : require
#include "../common/types.glsl"
#include "../common/eights.glsl"
#include "../common/extremes.glsl"

layout(local_size_x_id = 1) in;
layout(constant_id = 0) const uint HEAD_DIM = 64;
layout(constant_id = 1) const uint INVOCATIONS = 128;
layout(constant_id = 2) const uint LANES = 32;
layout(constant_id = 3) const uint MAT_M = 16;
layout(constant_id = 4) const uint MAT_N = 16;
layout(constant_id = 5) const uint MAT_K = 16;

layout(set = 0, binding = 0) readonly buffer Qkv { uvec4 qkv[]; };
layout(set = 0, binding = 1) writeonly buffer Out { uvec4 y[]; };

layout(push_constant) uniform Push
{
    uint tokens;
    uint heads;
};

const uint SUBGROUPS = INVOCATIONS / LANES;
const uint QUERIES = SUBGROUPS * MAT_M;
const uint KEYS = 32;
const uint EIGHTS = HEAD_DIM / 8;
// Rows are one piece longer than their data, so that fragments' rows lie in different banks.
const uint HEAD_STRIDE = EIGHTS + 1;
const uint WEIGHT_STRIDE = KEYS / 8 + 1;
const uint SCORE_STRIDE = KEYS / 4 + 1;
const uint SCORE_FRAGMENTS = KEYS / MAT_N;
const uint HEAD_FRAGMENTS = HEAD_DIM / MAT_N;
// Lanes that share a query's row of scores, and rows that a lane has.
const uint ROW_LANES = LANES >= MAT_M ? LANES / MAT_M : 1;
const uint LANE_ROWS = LANES >= MAT_M ? 1 : MAT_M / LANES;

shared uvec4 queries[QUERIES * HEAD_STRIDE];
shared uvec4 keys[KEYS * HEAD_STRIDE];
shared uvec4 values[KEYS * HEAD_STRIDE];
shared uvec4 scores[QUERIES * SCORE_STRIDE];
shared uvec4 weights[QUERIES * WEIGHT_STRIDE];
shared vec2 partial[INVOCATIONS * LANE_ROWS];

#include "../common/head_eights.glsl"

coopmat<float16_t, gl_ScopeSubgroup, MAT_M, MAT_K, gl_MatrixUseA> query[HEAD_DIM / MAT_K];

uint lane_row(uint i)
{
    return gl_SubgroupInvocationID / ROW_LANES + i * LANES;
}

void load_keys(uint first_key, bool with_values)
{
    for (uint e = gl_LocalInvocationID.x; e < KEYS * EIGHTS; e += INVOCATIONS)
    {
        uint at = e / EIGHTS * HEAD_STRIDE + e % EIGHTS;
        keys[at] = load(first_key + e / EIGHTS, 1, e % EIGHTS);
        if (with_values)
            values[at] = load(first_key + e / EIGHTS, 2, e % EIGHTS);
    }
}

// Scores of the subgroup's queries with the keys in shared memory.
void make_scores()
{
    [[unroll]] for (uint n = 0; n < SCORE_FRAGMENTS; n++)
    {
        coopmat<float, gl_ScopeSubgroup, MAT_M, MAT_N, gl_MatrixUseAccumulator> score =
            coopmat<float, gl_ScopeSubgroup, MAT_M, MAT_N, gl_MatrixUseAccumulator>(0.0);
        [[unroll]] for (uint k = 0; k < HEAD_DIM / MAT_K; k++)
        {
            coopmat<float16_t, gl_ScopeSubgroup, MAT_K, MAT_N, gl_MatrixUseB> key;
            coopMatLoad(key, keys, n * MAT_N * HEAD_STRIDE + k * (MAT_K / 8), HEAD_STRIDE, gl_CooperativeMatrixLayoutColumnMajor);
            score = coopMatMulAdd(query[k], key, score);
        }
        coopMatStore(
            score, scores, gl_SubgroupID * MAT_M * SCORE_STRIDE + n * (MAT_N / 4), SCORE_STRIDE, gl_CooperativeMatrixLayoutRowMajor);
    }
}

// Eight scores of a row; those of keys past the end are LOWEST.
void read_scores(uint row, uint eight, uint first_key, out float score[8])
{
    float scale = 1.0 / sqrt(float(HEAD_DIM));
    uint at = (gl_SubgroupID * MAT_M + row) * SCORE_STRIDE + eight * 2;
    vec4 low = uintBitsToFloat(scores[at]), high = uintBitsToFloat(scores[at + 1]);
    [[unroll]] for (uint c = 0; c < 8; c++)
        score[c] = first_key + eight * 8 + c < tokens ? (c < 4 ? low[c] : high[c - 4]) * scale : LOWEST;
}

void main()
{
    uint channels = heads * HEAD_DIM;
    choose_head();
    uint first_query = gl_WorkGroupID.x * QUERIES;
    uint lane_part = gl_SubgroupInvocationID % ROW_LANES;

    for (uint e = gl_LocalInvocationID.x; e < QUERIES * EIGHTS; e += INVOCATIONS)
        queries[e / EIGHTS * HEAD_STRIDE + e % EIGHTS] = load(first_query + e / EIGHTS, 0, e % EIGHTS);
    barrier();
    [[unroll]] for (uint k = 0; k < HEAD_DIM / MAT_K; k++)
        coopMatLoad(
            query[k], queries, gl_SubgroupID * MAT_M * HEAD_STRIDE + k * (MAT_K / 8), HEAD_STRIDE, gl_CooperativeMatrixLayoutRowMajor);

    float largest[LANE_ROWS], sum[LANE_ROWS];
    [[unroll]] for (uint i = 0; i < LANE_ROWS; i++)
    {
        largest[i] = LOWEST;
        sum[i] = 0.0;
    }
    for (uint first_key = 0; first_key < tokens; first_key += KEYS)
    {
        load_keys(first_key, false);
        barrier();
        make_scores();
        barrier();
        [[unroll]] for (uint i = 0; i < LANE_ROWS; i++)
        {
            for (uint eight = lane_part; eight < KEYS / 8; eight += ROW_LANES)
            {
                float score[8];
                read_scores(lane_row(i), eight, first_key, score);
                float now = largest[i];
                [[unroll]] for (uint c = 0; c < 8; c++)
                    now = max(now, score[c]);
                sum[i] *= exp(largest[i] - now);
                [[unroll]] for (uint c = 0; c < 8; c++)
                    sum[i] += score[c] > LOWEST ? exp(score[c] - now) : 0.0;
                largest[i] = now;
            }
        }
    }

    // The lanes of a row put theirs together.
    [[unroll]] for (uint i = 0; i < LANE_ROWS; i++)
        partial[i * INVOCATIONS + gl_LocalInvocationID.x] = vec2(largest[i], sum[i]);
    barrier();
    [[unroll]] for (uint i = 0; i < LANE_ROWS; i++)
    {
        uint first = i * INVOCATIONS + gl_LocalInvocationID.x - lane_part;
        largest[i] = LOWEST;
        sum[i] = 0.0;
        [[unroll]] for (uint l = 0; l < ROW_LANES; l++)
            largest[i] = max(largest[i], partial[first + l].x);
        [[unroll]] for (uint l = 0; l < ROW_LANES; l++)
            sum[i] += partial[first + l].y * exp(partial[first + l].x - largest[i]);
    }

    coopmat<float, gl_ScopeSubgroup, MAT_M, MAT_N, gl_MatrixUseAccumulator> answer[HEAD_FRAGMENTS];
    [[unroll]] for (uint n = 0; n < HEAD_FRAGMENTS; n++)
        answer[n] = coopmat<float, gl_ScopeSubgroup, MAT_M, MAT_N, gl_MatrixUseAccumulator>(0.0);
    for (uint first_key = 0; first_key < tokens; first_key += KEYS)
    {
        load_keys(first_key, true);
        barrier();
        make_scores();
        barrier();
        [[unroll]] for (uint i = 0; i < LANE_ROWS; i++)
        {
            for (uint eight = lane_part; eight < KEYS / 8; eight += ROW_LANES)
            {
                float score[8];
                read_scores(lane_row(i), eight, first_key, score);
                [[unroll]] for (uint c = 0; c < 8; c++)
                    score[c] = score[c] > LOWEST ? exp(score[c] - largest[i]) : 0.0;
                weights[(gl_SubgroupID * MAT_M + lane_row(i)) * WEIGHT_STRIDE + eight] =
                    pack_eight(vec4(score[0], score[1], score[2], score[3]), vec4(score[4], score[5], score[6], score[7]));
            }
        }
        barrier();
        [[unroll]] for (uint k = 0; k < KEYS / MAT_K; k++)
        {
            coopmat<float16_t, gl_ScopeSubgroup, MAT_M, MAT_K, gl_MatrixUseA> weight;
            coopMatLoad(
                weight, weights, gl_SubgroupID * MAT_M * WEIGHT_STRIDE + k * (MAT_K / 8), WEIGHT_STRIDE,
                gl_CooperativeMatrixLayoutRowMajor);
            [[unroll]] for (uint n = 0; n < HEAD_FRAGMENTS; n++)
            {
                coopmat<float16_t, gl_ScopeSubgroup, MAT_K, MAT_N, gl_MatrixUseB> value;
                coopMatLoad(value, values, k * MAT_K * HEAD_STRIDE + n * (MAT_N / 8), HEAD_STRIDE, gl_CooperativeMatrixLayoutRowMajor);
                answer[n] = coopMatMulAdd(weight, value, answer[n]);
            }
        }
        barrier();
    }

    // As many fragments at a time as a row of scores has room for.
    [[unroll]] for (uint i = 0; i < LANE_ROWS; i++)
        partial[(gl_SubgroupID * MAT_M + lane_row(i))] = vec2(1.0 / sum[i], 0.0);
    [[unroll]] for (uint first = 0; first < HEAD_FRAGMENTS; first += SCORE_FRAGMENTS)
    {
        const uint COUNT = min(SCORE_FRAGMENTS, HEAD_FRAGMENTS - first);
        [[unroll]] for (uint n = 0; n < SCORE_FRAGMENTS; n++)
        {
            if (n < COUNT)
                coopMatStore(
                    answer[first + n], scores, gl_SubgroupID * MAT_M * SCORE_STRIDE + n * (MAT_N / 4), SCORE_STRIDE,
                    gl_CooperativeMatrixLayoutRowMajor);
        }
        barrier();
        uint eights = COUNT * MAT_N / 8;
        for (uint e = gl_LocalInvocationID.x; e < QUERIES * eights; e += INVOCATIONS)
        {
            uint row = e / eights, eight = e % eights;
            if (first_query + row < tokens)
            {
                uint at = row * SCORE_STRIDE + eight * 2;
                float scale = partial[row].x;
                y[((gl_WorkGroupID.z * tokens + first_query + row) * channels + gl_WorkGroupID.y * HEAD_DIM + first * MAT_N) / 8 + eight] =
                    pack_eight(uintBitsToFloat(scores[at]) * scale, uintBitsToFloat(scores[at + 1]) * scale);
            }
        }
        barrier();
    }
}
