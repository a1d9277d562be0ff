#version 460
// variants: fp16
// target: vulkan1.3
//
// y[b, t, h] = sum over s of softmax over s of (q[b, t, h] . k[b, s, h] / sqrt(D)) * v[b, s, h]
//
// As attention, by cooperative matrices of subgroups whose rows can be reduced (VK_NV_cooperative_matrix2). qkv
// fp16[B, T, 3C], y fp16[B, T, C]. A subgroup answers MAT_M queries of one head; a workgroup's subgroups share blocks of KEYS
// keys and values, which pass by once. Scores stay in registers, as do the largest of each row, the sums and the answer; sums
// and answer are scaled down when a larger score turns up. Rows are reduced over a block's fragments first, element by element,
// and only then across lanes; of the sums only at the end. Scores, softmax and sums in fp32; weights of the values, at most 1,
// in fp16. MAT_N is also what a fragment adds up; D is a multiple of it and of 8, KEYS of it.
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_cooperative_matrix : require
#extension GL_NV_cooperative_matrix2 : require
#extension GL_KHR_memory_scope_semantics : require
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#extension GL_KHR_shader_subgroup_basic : require
#include "../common/types.glsl"
#include "../common/extremes.glsl"

layout(local_size_x_id = 1) in;
layout(constant_id = 0) const uint HEAD_DIM = 64;
layout(constant_id = 1) const uint INVOCATIONS = 128;
layout(constant_id = 2) const uint LANES = 32;
layout(constant_id = 3) const uint MAT_M = 16;
layout(constant_id = 4) const uint MAT_N = 16;
layout(constant_id = 5) const uint KEYS = 64;
// Whether the next block of keys is loaded during this one: for registers, which are scarce with many workgroups a processor.
layout(constant_id = 6) const bool IS_AHEAD = false;

layout(set = 0, binding = 0) readonly buffer Qkv { uvec4 qkv[]; };
layout(set = 0, binding = 1) writeonly buffer Out { uvec4 y[]; };

layout(push_constant) uniform Push
{
    uint tokens;
    uint heads;
};

const uint QUERIES = INVOCATIONS / LANES * MAT_M;
const uint EIGHTS = HEAD_DIM / 8;
// Rows are one piece longer than their data, so that fragments' rows lie in different banks.
const uint HEAD_STRIDE = EIGHTS + 1;
const uint KEY_FRAGMENTS = KEYS / MAT_N;
const uint HEAD_FRAGMENTS = HEAD_DIM / MAT_N;
// Eights of a block of keys that an invocation brings.
const uint BROUGHT = (KEYS * EIGHTS + INVOCATIONS - 1) / INVOCATIONS;

#define FRAGMENT coopmat<float, gl_ScopeSubgroup, MAT_M, MAT_N, gl_MatrixUseAccumulator>
#define LEFT coopmat<float16_t, gl_ScopeSubgroup, MAT_M, MAT_N, gl_MatrixUseA>
#define RIGHT coopmat<float16_t, gl_ScopeSubgroup, MAT_N, MAT_N, gl_MatrixUseB>
#define HALVES coopmat<float16_t, gl_ScopeSubgroup, MAT_M, MAT_N, gl_MatrixUseAccumulator>

// Queries, and at the end what answers them.
shared uvec4 queries[QUERIES * HEAD_STRIDE];
shared uvec4 keys[KEYS * HEAD_STRIDE];
shared uvec4 values[KEYS * HEAD_STRIDE];

#include "../common/head_eights.glsl"

// A block of keys and values on its way to shared memory.
uvec4 coming_keys[BROUGHT], coming_values[BROUGHT];

void bring(uint first_key)
{
    [[unroll]] for (uint i = 0; i < BROUGHT; i++)
    {
        uint e = i * INVOCATIONS + gl_LocalInvocationID.x;
        coming_keys[i] = load(first_key + e / EIGHTS, 1, e % EIGHTS);
        coming_values[i] = load(first_key + e / EIGHTS, 2, e % EIGHTS);
    }
}

void put_down()
{
    [[unroll]] for (uint i = 0; i < BROUGHT; i++)
    {
        uint e = i * INVOCATIONS + gl_LocalInvocationID.x;
        if (e < KEYS * EIGHTS)
        {
            keys[e / EIGHTS * HEAD_STRIDE + e % EIGHTS] = coming_keys[i];
            values[e / EIGHTS * HEAD_STRIDE + e % EIGHTS] = coming_values[i];
        }
    }
}

// What is done to matrices, along their rows or element by element.
float largest_of(const in float a, const in float b)
{
    return max(a, b);
}

float sum_of(const in float a, const in float b)
{
    return a + b;
}

// Scores of keys past the end are LOWEST, which weighs nothing beside any other.
float leave_out(const in uint row, const in uint key, const in float score, const in uint first_key)
{
    return first_key + key < tokens ? score : LOWEST;
}

float larger(const in uint row, const in uint key, const in float a, const in float b)
{
    return max(a, b);
}

float weigh(const in uint row, const in uint key, const in float score, const in float largest, const in float scale)
{
    return exp2((score - largest) * scale);
}

float invert(const in uint row, const in uint key, const in float value)
{
    return 1.0 / value;
}

void main()
{
    uint channels = heads * HEAD_DIM;
    choose_head();
    uint first_query = gl_WorkGroupID.x * QUERIES;
    uint own_rows = gl_SubgroupID * MAT_M;
    // Of the scores' differences, for exp2.
    float scale = 1.44269504 * inversesqrt(float(HEAD_DIM));

    if (IS_AHEAD)
        bring(0);
    for (uint e = gl_LocalInvocationID.x; e < QUERIES * EIGHTS; e += INVOCATIONS)
        queries[e / EIGHTS * HEAD_STRIDE + e % EIGHTS] = load(first_query + e / EIGHTS, 0, e % EIGHTS);
    barrier();
    LEFT query[HEAD_FRAGMENTS];
    [[unroll]] for (uint k = 0; k < HEAD_FRAGMENTS; k++)
        coopMatLoad(query[k], queries, own_rows * HEAD_STRIDE + k * (MAT_N / 8), HEAD_STRIDE, gl_CooperativeMatrixLayoutRowMajor);

    FRAGMENT largest = FRAGMENT(LOWEST), sum = FRAGMENT(0.0), answer[HEAD_FRAGMENTS];
    [[unroll]] for (uint d = 0; d < HEAD_FRAGMENTS; d++)
        answer[d] = FRAGMENT(0.0);
    for (uint first_key = 0; first_key < tokens; first_key += KEYS)
    {
        if (first_key > 0)
            barrier();
        if (!IS_AHEAD)
            bring(first_key);
        put_down();
        barrier();
        if (IS_AHEAD && first_key + KEYS < tokens)
            bring(first_key + KEYS);

        FRAGMENT score[KEY_FRAGMENTS], now = largest;
        [[unroll]] for (uint n = 0; n < KEY_FRAGMENTS; n++)
        {
            score[n] = FRAGMENT(0.0);
            [[unroll]] for (uint k = 0; k < HEAD_FRAGMENTS; k++)
            {
                RIGHT key;
                coopMatLoad(key, keys, n * MAT_N * HEAD_STRIDE + k * (MAT_N / 8), HEAD_STRIDE, gl_CooperativeMatrixLayoutColumnMajor);
                score[n] = coopMatMulAdd(query[k], key, score[n]);
            }
            if (first_key + KEYS > tokens)
                coopMatPerElementNV(score[n], score[n], leave_out, first_key + n * MAT_N);
            coopMatPerElementNV(now, now, larger, score[n]);
        }
        FRAGMENT row;
        coopMatReduceNV(row, now, gl_CooperativeMatrixReduceRowNV, largest_of);

        if (first_key > 0)
        {
            FRAGMENT decay;
            coopMatPerElementNV(decay, largest, weigh, row, scale);
            sum = sum * decay;
            [[unroll]] for (uint d = 0; d < HEAD_FRAGMENTS; d++)
                answer[d] = answer[d] * decay;
        }
        largest = row;

        [[unroll]] for (uint n = 0; n < KEY_FRAGMENTS; n++)
        {
            coopMatPerElementNV(score[n], score[n], weigh, row, scale);
            sum = sum + score[n];
            LEFT weights = LEFT(score[n]);
            [[unroll]] for (uint d = 0; d < HEAD_FRAGMENTS; d++)
            {
                RIGHT value;
                coopMatLoad(value, values, n * MAT_N * HEAD_STRIDE + d * (MAT_N / 8), HEAD_STRIDE, gl_CooperativeMatrixLayoutRowMajor);
                answer[d] = coopMatMulAdd(weights, value, answer[d]);
            }
        }
    }

    FRAGMENT total;
    coopMatReduceNV(total, sum, gl_CooperativeMatrixReduceRowNV, sum_of);
    coopMatPerElementNV(total, total, invert);
    [[unroll]] for (uint d = 0; d < HEAD_FRAGMENTS; d++)
        coopMatStore(
            HALVES(answer[d] * total), queries, own_rows * HEAD_STRIDE + d * (MAT_N / 8), HEAD_STRIDE, gl_CooperativeMatrixLayoutRowMajor);
    subgroupBarrier();
    // Each subgroup copies its own rows.
    for (uint e = gl_SubgroupInvocationID; e < MAT_M * EIGHTS; e += LANES)
    {
        uint row = own_rows + e / EIGHTS, eight = e % EIGHTS;
        if (first_query + row < tokens)
            y[((gl_WorkGroupID.z * tokens + first_query + row) * channels + gl_WorkGroupID.y * HEAD_DIM) / 8 + eight] = queries[row * HEAD_STRIDE + eight];
    }
}
