#version 460
// variants: fp16 fp16_f32
//
// y[r, n] = activation(sum over k of x[r, k] * w[n, k] + bias[n]) + residual[r, n]
//
// As linear, by cooperative matrices: fp16 x fp16, added up in fp32. x fp16[R, K], w fp16 in panels [N/16, K, 16], bias
// fp32[N], residual fp16[R, N], y Y[R, N]. Who owns what is told in matrix_tile. K is a multiple of 8.
#extension GL_GOOGLE_include_directive : require
#include "../common/types.glsl"
#include "../common/eights.glsl"
#include "../common/activation.glsl"

layout(constant_id = 0) const uint ACTIVATION = 0;
layout(constant_id = 1) const uint HAS_BIAS = 0;
layout(constant_id = 2) const uint HAS_RESIDUAL = 0;
#include "../common/matrix_constants.glsl"

layout(set = 0, binding = 0) readonly buffer X { uvec4 x[]; };
layout(set = 0, binding = 1) readonly buffer Weight { uvec4 weight[]; };
layout(set = 0, binding = 2) readonly buffer Bias { float bias[]; };
layout(set = 0, binding = 3) readonly buffer Residual { uvec4 residual[]; };
layout(set = 0, binding = 3) readonly buffer ResidualScalar { ACT residual_scalar[]; };
#ifdef Y_FP32
layout(set = 0, binding = 4) writeonly buffer Out { vec4 y[]; };
#else
layout(set = 0, binding = 4) writeonly buffer Out { uvec4 y[]; };
#endif
layout(set = 0, binding = 4) writeonly buffer OutScalar { Y y_scalar[]; };

layout(push_constant) uniform Push
{
    uint rows;
    uint inner;
    uint columns;
};

#include "../common/matrix_tile.glsl"
#include "../common/matrix_output.glsl"

uint block_row;

uvec4 load_x(uint i, uint row, uint k_quad)
{
    return block_row + row < rows ? x[(block_row + row) * (inner / 8) + k_quad] : uvec4(0);
}

vec4 activate(vec4 value)
{
    [[unroll]] for (uint c = 0; c < 4; c++)
    {
        if (ACTIVATION == 1)
            value[c] = gelu(value[c]);
        else if (ACTIVATION == 2)
            value[c] = tanh_accurate(value[c]);
    }
    return value;
}

void store_eight(uint row, uint column, vec4 low, vec4 high)
{
    if (row >= rows || column >= columns)
        return;
    if (HAS_BIAS != 0)
    {
        // Rows past the last column read its bias again; they are not stored.
        [[unroll]] for (uint c = 0; c < 4; c++)
        {
            low[c] += bias[min(column + c, columns - 1)];
            high[c] += bias[min(column + 4 + c, columns - 1)];
        }
    }
    store_output(row, column, columns, activate(low), activate(high));
}

void main()
{
    block_row = (gl_WorkGroupID.y + gl_WorkGroupID.z * gl_NumWorkGroups.y) * BLOCK_M;
    multiply_block(block_row, gl_WorkGroupID.x * BLOCK_N, inner, columns);
}
