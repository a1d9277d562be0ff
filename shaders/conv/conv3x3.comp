#version 460
// variants: fp32 fp16 fp16_f32
//
// y[b, h, w, n] = sum over ky, kx, c of x[b, h + ky - 1, w + kx - 1, c] * weight[n, c, ky, kx] + bias[n] + residual
//
// x ACT[B, H, W, C], or [B, H/2, W/2, C] doubled by nearest neighbour with UPSAMPLE; zero outside the picture. weight
// ACT in panels [N/16, (ky, kx, c), 16], with UPSAMPLE those of four phases one behind the other (conv_taps); bias
// fp32[N], residual ACT and y Y [B, H, W, N]. An implicit GEMM: rows are pixels, k is (ky, kx, c); tiles as in linear.
// Accumulates in fp32.
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
#include "../common/conv_taps.glsl"
#include "../common/conv_epilogue.glsl"

uint phase;

float load_x(uint pixel, uint k)
{
    uint tap = k / in_channels;
    if (pixel >= source_pixels() || tap >= TAPS * TAPS)
        return 0.0;
    ivec2 at = ivec2(pixel / source_width() % source_height(), pixel % source_width()) + tap_offset(tap, phase);
    if (!is_inside(at))
        return 0.0;
    uint source = source_pixel(pixel / (source_width() * source_height()), at);
    return float(x[source * in_channels + k % in_channels]);
}

void main()
{
    // Tiles of pixels are folded over y and z: a batch of large pictures has more than an axis allows. Phases stand side
    // by side along x, as their panels do in the weight.
    uint tile = gl_WorkGroupID.y + gl_WorkGroupID.z * gl_NumWorkGroups.y;
    uint column_tiles = gl_NumWorkGroups.x / PHASES, panels = (out_channels + 15) / 16;
    uint first_n = gl_WorkGroupID.x % column_tiles * TILE;
    phase = gl_WorkGroupID.x / column_tiles;
    uint inner = TAPS * TAPS * in_channels;
    multiply_tile(tile * TILE, first_n, inner, out_channels, phase * panels * inner * 16);
    [[unroll]] for (uint i = 0; i < 8; i++)
    {
        uint pixel = tile * TILE + tile_row(i);
        [[unroll]] for (uint j = 0; j < 4; j++)
        {
            uint n = first_n + tile_column(j);
            if (pixel < source_pixels() && n < out_channels)
                store(output_pixel(pixel, phase), n, accumulators[i][j]);
        }
    }
}
