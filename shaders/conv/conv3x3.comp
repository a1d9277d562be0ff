#version 460
// variants: fp32 fp16 fp16_f32
//
// y[b, h, w, n] = sum over ky, kx, c of x[b, h + ky - 1, w + kx - 1, c] * weight[n, c, ky, kx] + bias[n] + residual
//
// x ACT[B, H, W, C], or [B, H/2, W/2, C] doubled by nearest neighbour with UPSAMPLE; zero outside the picture. weight
// ACT in panels [N/16, (ky, kx, c), 16], bias fp32[N], residual ACT and y Y [B, H, W, N]. An implicit GEMM: rows are
// pixels, k is (ky, kx, c); tiles as in linear. Accumulates in fp32.
#extension GL_GOOGLE_include_directive : require
#include "../common/types.glsl"

layout(local_size_x = 128) in;
layout(constant_id = 0) const uint UPSAMPLE = 0;
layout(constant_id = 1) const uint HAS_BIAS = 0;
layout(constant_id = 2) const uint HAS_RESIDUAL = 0;

layout(set = 0, binding = 0) readonly buffer X { ACT x[]; };
layout(set = 0, binding = 1) readonly buffer Weight { ACT weight[]; };
layout(set = 0, binding = 2) readonly buffer Bias { float bias[]; };
layout(set = 0, binding = 3) readonly buffer Residual { ACT residual[]; };
layout(set = 0, binding = 4) writeonly buffer Out { Y y[]; };

layout(push_constant) uniform Push
{
    uint batch;
    uint height;
    uint width;
    uint in_channels;
    uint out_channels;
};

const uint TILE = 64;
const uint SLAB = 16;

#include "../common/gemm_tile.glsl"
#include "../common/conv_epilogue.glsl"

float load_x(uint pixel, uint k)
{
    uint tap = k / in_channels;
    int column = int(pixel % width) + int(tap % 3) - 1;
    int row = int(pixel / width % height) + int(tap / 3) - 1;
    if (pixel >= batch * height * width || tap >= 9 || column < 0 || column >= int(width) || row < 0 || row >= int(height))
        return 0.0;
    uint image = pixel / (width * height);
    uint scale = UPSAMPLE != 0 ? 2 : 1;
    uint source = (image * (height / scale) + uint(row) / scale) * (width / scale) + uint(column) / scale;
    return float(x[source * in_channels + k % in_channels]);
}

void main()
{
    // Tiles of pixels are folded over y and z: a batch of large pictures has more than an axis allows.
    uint tile = gl_WorkGroupID.y + gl_WorkGroupID.z * gl_NumWorkGroups.y;
    multiply_tile(tile * TILE, gl_WorkGroupID.x * TILE, 9 * in_channels, out_channels);
    for (uint i = 0; i < 8; i++)
    {
        uint pixel = tile * TILE + tile_row(i);
        for (uint j = 0; j < 4; j++)
        {
            uint n = gl_WorkGroupID.x * TILE + tile_column(j);
            if (pixel < batch * height * width && n < out_channels)
                store(pixel, n, accumulators[i][j]);
        }
    }
}
