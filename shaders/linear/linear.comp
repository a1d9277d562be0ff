#version 460
// variants: fp32 fp16 fp16_f32 fp32_int8 fp16_int8 fp16_f32_int8
//
// y[r, n] = activation(sum over k of x[r, k] * w[n, k] + bias[n]) + residual[r, n]
//
// x ACT[R, K], w ACT in panels [N/16, K, 16] padded with zeros, bias fp32[N], residual ACT[R, N], y Y[R, N]. A workgroup
// of 128 makes a tile of 64 x 64 from slabs of 16 k in shared memory; invocation (i, j) owns 8 rows and 4 columns.
// Accumulates in fp32, k ascending, whatever the batch. Any R, K, N; with INT8 panels (common/int8_panels) an even K.
#extension GL_GOOGLE_include_directive : require
#include "../common/types.glsl"

layout(local_size_x = 128) in;
layout(constant_id = 0) const uint ACTIVATION = 0;
layout(constant_id = 1) const uint HAS_BIAS = 0;
layout(constant_id = 2) const uint HAS_RESIDUAL = 0;

layout(set = 0, binding = 0) readonly buffer X { ACT x[]; };
#ifdef INT8
layout(set = 0, binding = 1) readonly buffer Weight { uint weight[]; };
layout(set = 0, binding = 1) readonly buffer WeightTail { float weight_tail[]; };
#else
layout(set = 0, binding = 1) readonly buffer Weight { ACT weight[]; };
#endif
layout(set = 0, binding = 2) readonly buffer Bias { float bias[]; };
layout(set = 0, binding = 3) readonly buffer Residual { ACT residual[]; };
layout(set = 0, binding = 4) writeonly buffer Out { Y y[]; };

layout(push_constant) uniform Push
{
    uint rows;
    uint inner;
    uint columns;
};

const uint TILE = 64;
const uint SLAB = 16;

#include "../common/gemm_tile.glsl"
#include "../common/linear_epilogue.glsl"

float load_x(uint row, uint k)
{
    return row < rows && k < inner ? float(x[row * inner + k]) : 0.0;
}

void main()
{
    uint tile = gl_WorkGroupID.y + gl_WorkGroupID.z * gl_NumWorkGroups.y;
    multiply_tile(tile * TILE, gl_WorkGroupID.x * TILE, inner, columns, 0);
    [[unroll]] for (uint i = 0; i < 8; i++)
    {
        uint row = tile * TILE + tile_row(i);
        [[unroll]] for (uint j = 0; j < 4; j++)
        {
            uint column = gl_WorkGroupID.x * TILE + tile_column(j);
            if (row < rows && column < columns)
                store(row, column, accumulators[i][j]);
        }
    }
}
