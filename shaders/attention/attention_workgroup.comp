#version 460
// variants: fp16
// target: vulkan1.3
//
// y[b, t, h] = sum over s of softmax over s of (q[b, t, h] . k[b, s, h] / sqrt(D)) * v[b, s, h]
//
// As attention, by cooperative matrices that a whole workgroup holds (VK_NV_cooperative_matrix2). qkv fp16[B, T, 3C], y
// fp16[B, T, C]. A workgroup answers QUERIES queries of one head and passes once over the keys, KEYS at a time: largest score,
// sum and answer are carried along and scaled down when a larger score turns up. Scores, softmax and sums in fp32; weights of
// the values, at most 1, in fp16. Tokens past the end are read as zeros and not written. QUERIES is a multiple of 32, KEYS
// and D are of 16.
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_cooperative_matrix : require
#extension GL_NV_cooperative_matrix2 : require
#extension GL_KHR_memory_scope_semantics : require
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#include "../common/types.glsl"
#include "../common/softmax.glsl"

layout(local_size_x_id = 1) in;
layout(constant_id = 0) const uint HEAD_DIM = 64;
layout(constant_id = 2) const uint QUERIES = 64;
layout(constant_id = 3) const uint KEYS = 64;

layout(set = 0, binding = 0) readonly buffer Qkv { float16_t qkv[]; };
layout(set = 0, binding = 1) writeonly buffer Out { float16_t y[]; };

layout(push_constant) uniform Push
{
    uint tokens;
    uint heads;
};

#define CLAMPED gl_CooperativeMatrixClampModeConstantNV
#define SCORES coopmat<float, gl_ScopeWorkgroup, QUERIES, KEYS, gl_MatrixUseAccumulator>
#define ANSWER coopmat<float, gl_ScopeWorkgroup, QUERIES, HEAD_DIM, gl_MatrixUseAccumulator>

// What is done to matrices, element by element or along their rows.
float largest_of(const in float a, const in float b)
{
    return max(a, b);
}

float sum_of(const in float a, const in float b)
{
    return a + b;
}

// Scores of keys past the end are LOWEST, which weighs nothing beside any other.
float scale_score(const in uint row, const in uint key, const in float score, const in uint first_key)
{
    return first_key + key < tokens ? score * inversesqrt(float(HEAD_DIM)) : LOWEST;
}

float larger(const in uint row, const in uint key, const in float a, const in float b)
{
    return max(a, b);
}

float weigh(const in uint row, const in uint key, const in float score, const in float largest)
{
    return exp(score - largest);
}

float invert(const in uint row, const in uint key, const in float value)
{
    return 1.0 / value;
}

void main()
{
    uint channels = heads * HEAD_DIM, row_length = 3 * channels;
    int first_query = int(gl_WorkGroupID.x * QUERIES);
    uint head = gl_WorkGroupID.z * tokens * row_length + gl_WorkGroupID.y * HEAD_DIM;
    tensorLayoutNV<2, CLAMPED> head_layout = createTensorLayoutNV(2, CLAMPED);
    head_layout = setTensorLayoutDimensionNV(head_layout, tokens, HEAD_DIM);
    head_layout = setTensorLayoutStrideNV(head_layout, row_length, 1);
    tensorViewNV<2, false, 1, 0> transpose = createTensorViewNV(2, false, 1, 0);

    coopmat<float16_t, gl_ScopeWorkgroup, QUERIES, HEAD_DIM, gl_MatrixUseA> query;
    coopMatLoadTensorNV(query, qkv, head, sliceTensorLayoutNV(head_layout, first_query, QUERIES, 0, HEAD_DIM));
    ANSWER answer = ANSWER(0.0);
    SCORES largest = SCORES(LOWEST), sum = SCORES(0.0);
    [[dont_unroll]] for (uint first_key = 0; first_key < tokens; first_key += KEYS)
    {
        coopmat<float16_t, gl_ScopeWorkgroup, HEAD_DIM, KEYS, gl_MatrixUseB> key;
        coopMatLoadTensorNV(key, qkv, head + channels, sliceTensorLayoutNV(head_layout, int(first_key), KEYS, 0, HEAD_DIM), transpose);
        SCORES score = coopMatMulAdd(query, key, SCORES(0.0));
        coopMatPerElementNV(score, score, scale_score, first_key);
        SCORES now, decay, row;
        coopMatReduceNV(row, score, gl_CooperativeMatrixReduceRowNV, largest_of);
        coopMatPerElementNV(now, row, larger, largest);
        coopMatPerElementNV(score, score, weigh, now);
        coopMatPerElementNV(decay, largest, weigh, now);
        coopMatReduceNV(row, score, gl_CooperativeMatrixReduceRowNV, sum_of);
        sum = decay * sum + row;
        largest = now;
        // All columns of `decay` are the same; the largest of them is a matrix as wide as the answer.
        ANSWER answer_decay;
        coopMatReduceNV(answer_decay, decay, gl_CooperativeMatrixReduceRowNV, largest_of);
        answer = answer * answer_decay;
        coopmat<float16_t, gl_ScopeWorkgroup, KEYS, HEAD_DIM, gl_MatrixUseB> value;
        coopMatLoadTensorNV(value, qkv, head + 2 * channels, sliceTensorLayoutNV(head_layout, int(first_key), KEYS, 0, HEAD_DIM));
        coopmat<float16_t, gl_ScopeWorkgroup, QUERIES, KEYS, gl_MatrixUseA> weights =
            coopmat<float16_t, gl_ScopeWorkgroup, QUERIES, KEYS, gl_MatrixUseA>(score);
        answer = coopMatMulAdd(weights, value, answer);
    }
    ANSWER scale;
    coopMatReduceNV(scale, sum, gl_CooperativeMatrixReduceRowNV, largest_of);
    coopMatPerElementNV(scale, scale, invert);
    answer = answer * scale;
    tensorLayoutNV<2, CLAMPED> y_layout = createTensorLayoutNV(2, CLAMPED);
    y_layout = setTensorLayoutDimensionNV(y_layout, tokens, HEAD_DIM);
    y_layout = setTensorLayoutStrideNV(y_layout, channels, 1);
    coopmat<float16_t, gl_ScopeWorkgroup, QUERIES, HEAD_DIM, gl_MatrixUseAccumulator> halves =
        coopmat<float16_t, gl_ScopeWorkgroup, QUERIES, HEAD_DIM, gl_MatrixUseAccumulator>(answer);
    coopMatStoreTensorNV(
        halves, y, gl_WorkGroupID.z * tokens * channels + gl_WorkGroupID.y * HEAD_DIM, sliceTensorLayoutNV(y_layout, first_query, QUERIES, 0, HEAD_DIM));
}
