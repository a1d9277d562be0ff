#version 460
// variants: none
//
// Fragments of a weight as the invocations of a subgroup hold them, from panels
//
// A matrix kernel that loads a fragment (matrix_tile, WEIGHT_FRAGMENTS) need not know which elements of it an invocation
// holds, only that they are the same ones that it held here: which those are is the driver's business. Panels fp16
// [N/16, K, 16], K a multiple of MAT_K; every block of MAT_K x 16 becomes 16 / MAT_N fragments side by side, each
// [invocation, 8]. The two may be the same buffer. A workgroup of one subgroup a block.
//
// Only for fragments of which every invocation holds eight elements: MAT_K * MAT_N is eight times the subgroup's size, and no
// element is held twice. Where it is, this loses some of them, which a test of the products shows.
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_cooperative_matrix : require
#extension GL_KHR_memory_scope_semantics : require
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#extension GL_KHR_shader_subgroup_basic : require
#include "../common/types.glsl"

layout(local_size_x_id = 0) in;
layout(constant_id = 0) const uint INVOCATIONS = 32;
layout(constant_id = 1) const uint MAT_N = 16;
layout(constant_id = 2) const uint MAT_K = 16;
// Whether the middle two of an invocation's four pairs are exchanged, as the warpgroup kernels take them (warpgroup/multiply.cuh).
layout(constant_id = 3) const bool WARPGROUP_ORDER = false;

layout(set = 0, binding = 0) readonly buffer Panels { uvec4 panels[]; };
layout(set = 0, binding = 1) writeonly buffer Fragments { uvec4 fragments[]; };

layout(push_constant) uniform Push
{
    uint blocks;
};

const uint PIECES = 2 * MAT_K;
shared uvec4 block[PIECES];

void main()
{
    uint first = line_group() * PIECES;
    if (first >= blocks * PIECES)
        return;
    for (uint i = gl_LocalInvocationID.x; i < PIECES; i += INVOCATIONS)
        block[i] = panels[first + i];
    barrier();
    [[unroll]] for (uint j = 0; j < 16 / MAT_N; j++)
    {
        coopmat<float16_t, gl_ScopeSubgroup, MAT_K, MAT_N, gl_MatrixUseB> fragment;
        coopMatLoad(fragment, block, j * MAT_N / 8, 2, gl_CooperativeMatrixLayoutRowMajor);
        uvec4 piece;
        [[unroll]] for (uint c = 0; c < 4; c++)
        {
            uint pair = WARPGROUP_ORDER && (c == 1 || c == 2) ? 3 - c : c;
            piece[c] = packFloat2x16(f16vec2(fragment[2 * pair], fragment[2 * pair + 1]));
        }
        fragments[first + j * INVOCATIONS + gl_SubgroupInvocationID] = piece;
    }
}
